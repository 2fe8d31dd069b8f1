/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options that several verbs of sev-owner have, and the values they take. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sev-owner.h"

static enum owner_status unknown_option(const char *given, const struct option *options)
{
	char legal[1024] = "";
	size_t used = 0;

	for (; options->name && used < sizeof(legal); options++)
		used += (size_t)snprintf(legal + used, sizeof(legal) - used, "%s--%s",
			used ? ", " : "", options->name);
	return owner_fail(
		OWNER_WRONG_USE, "%s: not an option of this verb, legal: %s", given, legal);
}

/* What getopt refused: it knows a long option by its code, an unknown one by where it stopped. */
static void refuse(char **argv, int code, const struct option *options)
{
	for (const struct option *o = options; o->name && code == '?' && optopt; o++)
		if (o->val == optopt) {
			owner_fail(OWNER_WRONG_USE, "%s: takes no value", argv[optind - 1]);
			return;
		}
	if (code == ':')
		owner_fail(OWNER_WRONG_USE, "%s: needs a value", argv[optind - 1]);
	else
		unknown_option(argv[optind - 1], options);
}

int owner_getopt(int argc, char **argv, const struct option *options, const char *help)
{
	int code;

	opterr = 0;
	code = getopt_long(argc, argv, ":", options, NULL);
	if (code == '?' || code == ':') {
		refuse(argv, code, options);
		return OWNER_BAD;
	}
	if (code == OWNER_HELP)
		fputs(help, stdout);
	return code;
}

bool owner_text_set(const struct owner_text *texts, int option, const char *value)
{
	for (; texts->value; texts++) {
		if (texts->option == option) {
			*texts->value = value;
			return true;
		}
	}
	return false;
}

enum owner_status owner_end(int option)
{
	return option == OWNER_HELP ? OWNER_OK : OWNER_WRONG_USE;
}

/* Decimal or 0x; the whole text. strtoull alone would take a sign, leading space and octal. */
static bool number(const char *text, uint64_t *out)
{
	bool hex = !strncasecmp(text, "0x", 2);
	const char *digits = text + (hex ? 2 : 0);
	char *end;

	if (!isxdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*out = strtoull(digits, &end, hex ? 16 : 10);
	return end != digits && !*end && !errno;
}

int owner_number(
	const char *option, const char *text, uint64_t max, uint64_t *out, struct sev_error *err)
{
	if (!number(text, out) || *out > max)
		return sev_fail(err, "%s=%s: not a legal number, legal: 0 to %llu", option, text,
			(unsigned long long)max);
	return 0;
}

/* --- policy ---------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	uint32_t bit;
} policy_names[] = {
	{ "nodbg", PSP_POLICY_NODBG },
	{ "noks", PSP_POLICY_NOKS },
	{ "es", PSP_POLICY_ES },
	{ "nosend", PSP_POLICY_NOSEND },
	{ "domain", PSP_POLICY_DOMAIN },
	{ "sev", PSP_POLICY_SEV },
};

static uint32_t policy_bit(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(policy_names) / sizeof(policy_names[0]); i++)
		if (strlen(policy_names[i].name) == length &&
			!strncmp(policy_names[i].name, name, length))
			return policy_names[i].bit;
	return 0;
}

/* 0 if a name is not one. */
static uint32_t policy_list(const char *text)
{
	uint32_t policy = 0, bit;

	do {
		size_t length = strcspn(text, ",");

		bit = policy_bit(text, length);
		policy |= bit;
		text += length;
	} while (bit && *text++ == ',');
	return bit ? policy : 0;
}

int owner_policy(const char *what, const char *text, uint32_t *policy, struct sev_error *err)
{
	uint64_t value;

	if (!number(text, &value)) {
		*policy = policy_list(text);
		if (*policy)
			return 0;
	} else if (value <= UINT32_MAX && !(value & PSP_POLICY_RESERVED)) {
		*policy = (uint32_t)value;
		return 0;
	}
	return sev_fail(err,
		"%s=%s: not a policy, legal: a 32-bit number with bits 15:6 clear (23:16 and 31:24 "
		"are "
		"the least API version), or a list of nodbg,noks,es,nosend,domain,sev",
		what, text);
}

/* --- randomness ------------------------------------------------------------------------------ */

struct sev_rng *owner_rng(const char *text, const char *label, struct sev_error *err)
{
	uint8_t seed[64];
	size_t size;

	if (!text)
		return sev_rng_new(NULL, 0, label);
	size = strlen(text) / 2;
	if (!size || size > sizeof(seed) || strlen(text) % 2 || sev_unhex(text, seed, size)) {
		sev_fail(err, "--seed=%s: not legal, legal: 1 to 64 bytes in hexadecimal", text);
		return NULL;
	}
	return sev_rng_new(seed, size, label);
}

/* --- transport keys -------------------------------------------------------------------------- */

bool owner_keys_set(struct owner_keys *keys, int option, const char *value)
{
	switch (option) {
	case OWNER_TIK:
		keys->tik = value;
		return true;
	case OWNER_TEK:
		keys->tek = value;
		return true;
	case OWNER_TK:
		keys->tk = value;
		return true;
	default:
		return false;
	}
}

static int read_key(
	const char *option, const char *path, void *key, size_t size, struct sev_error *err)
{
	struct sev_blob file = { 0 };
	int result = 0;

	if (sev_file_read(path, 4096, &file, err))
		return -1;
	if (file.size == size)
		memcpy(key, file.data, size);
	else
		result = sev_fail(
			err, "%s=%s: %zu bytes, legal: %zu", option, path, file.size, size);
	sev_wipe(file.data, file.size);
	sev_blob_free(&file);
	return result;
}

int owner_keys_read(const struct owner_keys *keys, bool need_tek, struct psp_transport_keys *out,
	struct sev_error *err)
{
	memset(out, 0, sizeof(*out));
	if (keys->tk) {
		if (keys->tik || keys->tek)
			return sev_fail(err, "--tk=%s: beside --%s, legal: one of the two",
				keys->tk, keys->tik ? "tik" : "tek");
		static_assert(sizeof(*out) == 32, "TEK, TIK");
		return read_key("--tk", keys->tk, out, sizeof(*out), err);
	}
	if (!keys->tik)
		return sev_fail(err, "--tik is missing, legal: --tik=FILE of 16 bytes%s",
			need_tek ? " and --tek=FILE" : ", or --tk=FILE of 32");
	if (need_tek && !keys->tek)
		return sev_fail(err, "--tek is missing, legal: --tek=FILE of 16 bytes");
	if (read_key("--tik", keys->tik, out->tik, 16, err))
		return -1;
	return need_tek ? read_key("--tek", keys->tek, out->tek, 16, err) : 0;
}

/* --- measurement ----------------------------------------------------------------------------- */

bool owner_measurement_set(struct owner_measurement *measurement, int option, const char *value)
{
	if (option == OWNER_MEASUREMENT)
		measurement->text = value;
	else if (option == OWNER_REPORT)
		measurement->path = value;
	else
		return false;
	return true;
}

static int measurement_from_text(struct owner_measurement *measurement, struct sev_error *err)
{
	struct sev_blob data = { 0 };
	int result = 0;

	if (sev_unbase64(measurement->text, strlen(measurement->text), &data) ||
		data.size != REPORT_DATA) {
		result = sev_fail(err, "--measurement=%.80s: not legal, legal: base64 of %d bytes",
			measurement->text, REPORT_DATA);
	} else {
		memcpy(measurement->measure, data.data, 32);
		memcpy(measurement->mnonce, data.data + 32, 16);
	}
	sev_blob_free(&data);
	return result;
}

int owner_measurement_read(struct owner_measurement *m, struct sev_error *err)
{
	if (!m->text && !m->path)
		return sev_fail(err, "no measurement, legal: --measurement=BASE64 or --report=FILE "
				     "(of the launch)");
	if (m->text && measurement_from_text(m, err))
		return -1;
	if (!m->path)
		return 0;
	if (report_read(m->path, &m->report, err))
		return -1;
	if (m->text && (memcmp(m->measure, m->report.measurement, 32) ||
			       memcmp(m->mnonce, m->report.mnonce, 16)))
		return sev_fail(
			err, "--measurement=%.80s: not the one in --report=%s", m->text, m->path);
	memcpy(m->measure, m->report.measurement, 32);
	memcpy(m->mnonce, m->report.mnonce, 16);
	return 0;
}
