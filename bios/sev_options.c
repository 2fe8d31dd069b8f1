/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bios/sev_options.h"

#include <string.h>

#include "base/options.h"

static const char *const tampers[] = { "none", "firmware", NULL };
static const char *const types[] = { "none", "sev", NULL };

void sev_options_init(struct sev_options *options)
{
	memset(options, 0, sizeof(*options));
	options->cbitpos = 51;
	options->reduced_phys_bits = 1;
	options->policy = 0x1;
	options->coherent = true;
}

bool sev_options_offer(const char *type)
{
	for (const char *const *each = types; *each; each++) {
		if (!strcmp(*each, type))
			return true;
	}
	return false;
}

int sev_options_set(struct sev_options *options, const char *parameter, struct sev_error *err)
{
	struct sev_options *o = options;
	const struct sev_option table[] = {
		{ .name = "type", .kind = SEV_OPTION_CHOICE, .value = &o->type, .choices = types },
		{ .name = "cbitpos",
			.kind = SEV_OPTION_NUMBER,
			.value = &o->cbitpos,
			.min = SEV_CBITPOS_MIN,
			.max = SEV_CBITPOS_MAX,
			.why = "page-table entries hold address bits up to 51, and Bochs itself "
			       "uses "
			       "the 40 below" },
		{ .name = "reduced_phys_bits",
			.kind = SEV_OPTION_NUMBER,
			.value = &o->reduced_phys_bits,
			.min = SEV_REDUCED_PHYS_BITS_MIN,
			.max = SEV_REDUCED_PHYS_BITS_MAX },
		{ .name = "policy",
			.kind = SEV_OPTION_NUMBER,
			.value = &o->policy,
			.max = UINT32_MAX },
		{ .name = "handle",
			.kind = SEV_OPTION_NUMBER,
			.value = &o->handle,
			.max = UINT32_MAX },
		{ .name = "kernel_hashes", .kind = SEV_OPTION_FLAG, .value = &o->kernel_hashes },
		{ .name = "dh_cert_file", .kind = SEV_OPTION_TEXT, .value = &o->dh_cert_file },
		{ .name = "session_file", .kind = SEV_OPTION_TEXT, .value = &o->session_file },
		{ .name = "tik", .kind = SEV_OPTION_TEXT, .value = &o->tik },
		{ .name = "tek", .kind = SEV_OPTION_TEXT, .value = &o->tek },
		{ .name = "report", .kind = SEV_OPTION_TEXT, .value = &o->report },
		{ .name = "coherent", .kind = SEV_OPTION_FLAG, .value = &o->coherent },
		{ .name = "debug_override", .kind = SEV_OPTION_FLAG, .value = &o->debug_override },
		{ .name = "tamper",
			.kind = SEV_OPTION_CHOICE,
			.value = &o->tamper,
			.choices = tampers },
		{ .name = NULL },
	};

	return sev_option_set("sev", table, parameter, err);
}

/* Policy bits of AMD 55766, chapter 2 ("Guest policy"). */
#define POLICY_ES	0x4u
#define POLICY_RESERVED 0xffc0u

static int check_policy(const struct sev_options *o, struct sev_error *err)
{
	if (o->policy & POLICY_RESERVED)
		return sev_fail(err,
			"sev: policy=0x%llx: bits 15:6 are reserved; legal are bits 0 NODBG, 1 "
			"NOKS, 2 ES, 3 NOSEND, 4 DOMAIN, 5 SEV, 23:16 and 31:24 API version",
			(unsigned long long)o->policy);
	if (o->type == SEV_TYPE_SEV && (o->policy & POLICY_ES))
		return sev_fail(err,
			"sev: policy=0x%llx: bit 2 demands SEV-ES, but type=sev; legal is a policy "
			"without bit 2",
			(unsigned long long)o->policy);
	return 0;
}

static int check_pair(
	const char *one, const char *a, const char *other, const char *b, struct sev_error *err)
{
	if (!a == !b)
		return 0;
	return sev_fail(err, "sev: %s=%s: given without %s; legal is both or neither",
		a ? one : other, a ? a : b, a ? other : one);
}

int sev_options_check(const struct sev_options *o, struct sev_error *err)
{
	if (o->type == SEV_TYPE_NONE)
		return 0;
	if (check_pair("dh_cert_file", o->dh_cert_file, "session_file", o->session_file, err) < 0 ||
		check_pair("tik", o->tik, "tek", o->tek, err) < 0)
		return -1;
	if (o->tik && o->session_file)
		return sev_fail(err,
			"sev: tik=%s: the session file %s carries a TIK already; legal is one of "
			"the two",
			o->tik, o->session_file);
	return check_policy(o, err);
}

struct sev_cpu sev_options_cpu(const struct sev_options *o)
{
	return (struct sev_cpu) {
		.type = o->type,
		.cbitpos = (unsigned)o->cbitpos,
		.reduced_phys_bits = (unsigned)o->reduced_phys_bits,
		.coherent = o->coherent,
	};
}
