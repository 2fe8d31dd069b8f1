/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The vCPUs of a SEV-ES guest, whose initial state is measured too. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tools/sev-owner.h"

bool owner_vcpus_set(struct owner_vcpu_options *o, int option, const char *value)
{
	const struct owner_text texts[] = {
		{ OWNER_VCPUS, &o->count },
		{ OWNER_CPU_FAMILY, &o->family },
		{ OWNER_CPU_MODEL, &o->model },
		{ OWNER_CPU_STEPPING, &o->stepping },
		{ OWNER_VMSA_TYPE, &o->type },
		{ OWNER_VMSA_CPU0, &o->page[0] },
		{ OWNER_VMSA_CPU1, &o->page[1] },
		{ 0, NULL },
	};

	return owner_text_set(texts, option, value);
}

/* --- the processor --------------------------------------------------------------------------- */

/* "25/1/1": family, model, stepping. */
static bool parse_triple(const char *text, unsigned triple[3])
{
	char end;

	return sscanf(text, "%3u/%3u/%3u%c", &triple[0], &triple[1], &triple[2], &end) == 3;
}

static int parse_numbers(
	const struct owner_vcpu_options *o, unsigned triple[3], struct sev_error *err)
{
	const char *const texts[3] = { o->family, o->model, o->stepping };
	static const char *const names[3] = { "--cpu-family", "--cpu-model", "--cpu-stepping" };
	static const uint64_t max[3] = { 0xf + 0xff, 0xff, 0xf };
	uint64_t value;

	for (int i = 0; i < 3; i++) {
		if (!texts[i])
			return sev_fail(
				err, "%s is missing, legal: 0 to %u", names[i], (unsigned)max[i]);
		if (owner_number(names[i], texts[i], max[i], &value, err))
			return -1;
		triple[i] = (unsigned)value;
	}
	return 0;
}

static int no_such_model(const char *given, struct sev_error *err)
{
	char legal[256] = "";
	size_t used = 0;

	for (const struct vmsa_cpu *cpu = vmsa_cpus; cpu->name && used < sizeof(legal); cpu++)
		used += (size_t)snprintf(legal + used, sizeof(legal) - used, "%s, ", cpu->name);
	return given ? sev_fail(err,
			       "--cpu-model=%s: unknown, legal: %sFAMILY/MODEL/STEPPING, or a "
			       "number with --cpu-family and --cpu-stepping",
			       given, legal)
		     : sev_fail(err,
			       "--cpu-model is missing, legal: %sFAMILY/MODEL/STEPPING, or a "
			       "number "
			       "with --cpu-family and --cpu-stepping",
			       legal);
}

static int parse_model(
	const struct owner_vcpu_options *o, unsigned triple[3], struct sev_error *err)
{
	const char *lonely = o->family ? "family" : o->stepping ? "stepping" : NULL;
	const struct vmsa_cpu *cpu;

	if (!o->model && !lonely)
		return no_such_model(NULL, err);
	if (!o->model || (isdigit((unsigned char)*o->model) && !strchr(o->model, '/')))
		return parse_numbers(o, triple, err);
	if (lonely)
		return sev_fail(err, "--cpu-%s=%s: beside --cpu-model=%s, which says it all",
			lonely, o->family ? o->family : o->stepping, o->model);
	if (parse_triple(o->model, triple))
		return 0;
	cpu = vmsa_cpu_find(o->model);
	if (!cpu)
		return no_such_model(o->model, err);
	triple[0] = cpu->family;
	triple[1] = cpu->model;
	triple[2] = cpu->stepping;
	return 0;
}

static int read_signature(
	const struct owner_vcpu_options *o, uint32_t *signature, struct sev_error *err)
{
	unsigned triple[3];

	if (parse_model(o, triple, err))
		return -1;
	if (vmsa_signature(triple[0], triple[1], triple[2], signature))
		return sev_fail(err,
			"CPU family %u, model %u, stepping %u: not legal, legal: up to 270, 255, "
			"15; below family 15, models up to 15",
			triple[0], triple[1], triple[2]);
	return 0;
}

static int read_type(const char *text, enum vmsa_type *type, struct sev_error *err)
{
	for (*type = 0; *type < VMSA_TYPES; (*type)++)
		if (!strcmp(text, vmsa_type_name(*type)))
			return 0;
	return sev_fail(err, "--vmsa-type=%s: not legal, legal: legacy, init2", text);
}

/* --- pages ----------------------------------------------------------------------------------- */

static int read_page(
	const char *option, const char *path, uint8_t page[VMSA_SIZE], struct sev_error *err)
{
	struct sev_blob file = { 0 };
	int result = 0;

	if (sev_file_read(path, VMSA_SIZE, &file, err))
		return -1;
	if (file.size == VMSA_SIZE)
		memcpy(page, file.data, VMSA_SIZE);
	else
		result = sev_fail(
			err, "%s=%s: %zu bytes, legal: %d", option, path, file.size, VMSA_SIZE);
	sev_blob_free(&file);
	return result;
}

/* What is built needs to know the processor, and for all but the first where they begin. */
static int read_config(const struct owner_vcpu_options *o, const struct ovmf *fw,
	struct owner_vcpus *vcpus, struct sev_error *err)
{
	struct sev_error why;

	if ((o->type && read_type(o->type, &vcpus->config.type, err)) ||
		read_signature(o, &vcpus->config.signature, err))
		return -1;
	if (vcpus->built[1] && ovmf_reset_vector(fw, &vcpus->config.ap_reset, &why))
		return sev_fail(err, "--firmware: %s", why.text);
	return 0;
}

static int fill_pages(const struct owner_vcpu_options *o, const struct ovmf *fw,
	struct owner_vcpus *vcpus, struct sev_error *err)
{
	static const char *const names[2] = { "--vmsa-cpu0", "--vmsa-cpu1" };
	const char *vain = o->model ? o->model : o->family ? o->family : o->stepping;

	vcpus->built[0] = !o->page[0];
	vcpus->built[1] = !o->page[1] && vcpus->count > 1;
	if (vcpus->built[0] || vcpus->built[1]) {
		if (read_config(o, fw, vcpus, err))
			return -1;
	} else if (vain || o->type) {
		return sev_fail(err,
			"--%s=%s: beside --vmsa-cpu0=%s, which leaves nothing to build",
			vain ? "cpu-model" : "vmsa-type", vain ? vain : o->type, o->page[0]);
	}
	for (int i = 0; i < 2; i++) {
		if (o->page[i] && read_page(names[i], o->page[i], vcpus->page[i], err))
			return -1;
		if (vcpus->built[i])
			vmsa_initial(&vcpus->config, i == 0, vcpus->page[i]);
	}
	return 0;
}

/* What was given and means nothing without --vcpus. */
static int check_lonely(const struct owner_vcpu_options *o, struct sev_error *err)
{
	const struct {
		const char *name, *value;
	} given[] = {
		{ "cpu-model", o->model },
		{ "cpu-family", o->family },
		{ "cpu-stepping", o->stepping },
		{ "vmsa-type", o->type },
		{ "vmsa-cpu0", o->page[0] },
		{ "vmsa-cpu1", o->page[1] },
	};

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		if (given[i].value)
			return sev_fail(err,
				"--%s=%s: without --vcpus, legal: with --vcpus=N, of a SEV-ES "
				"guest",
				given[i].name, given[i].value);
	return 0;
}

int owner_vcpus_read(const struct owner_vcpu_options *o, const struct ovmf *fw,
	struct owner_vcpus *vcpus, struct sev_error *err)
{
	uint64_t count;

	memset(vcpus, 0, sizeof(*vcpus));
	if (!o->count)
		return check_lonely(o, err);
	if (owner_number("--vcpus", o->count, UINT64_MAX, &count, NULL) || !count ||
		count > REPORT_VCPUS)
		return sev_fail(err, "--vcpus=%s: not a legal number, legal: 1 to %d", o->count,
			REPORT_VCPUS);
	vcpus->count = (unsigned)count;
	if (o->page[1] && count == 1)
		return sev_fail(
			err, "--vmsa-cpu1=%s: with --vcpus=1 there is no such vCPU", o->page[1]);
	return fill_pages(o, fw, vcpus, err);
}
