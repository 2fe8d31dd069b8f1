/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The launch digest that an owner expects, from the files that are to be launched. */
#include <stdlib.h>
#include <string.h>

#include "bios/hashes.h"
#include "bios/ovmf.h"
#include "tools/sev-owner.h"

#define FOUR_GIB      0x100000000u
#define MAX_BOOT_FILE (1u << 30)
#define MAX_CMDLINE   65536

static bool set_es(struct owner_parts *parts, int option, const char *value)
{
	static const char *const names[] = { "num-cpus", "vmsa-cpu0", "vmsa-cpu1", "cpu-family",
		"cpu-model", "cpu-stepping" };

	if (option < OWNER_NUM_CPUS || option > OWNER_CPU_STEPPING)
		return false;
	parts->es_option = names[option - OWNER_NUM_CPUS];
	parts->es_value = value;
	return true;
}

bool owner_parts_set(struct owner_parts *parts, int option, const char *value)
{
	switch (option) {
	case OWNER_FIRMWARE:
		parts->firmware = value;
		return true;
	case OWNER_KERNEL:
		parts->kernel = value;
		return true;
	case OWNER_INITRD:
		parts->initrd = value;
		return true;
	case OWNER_CMDLINE:
		parts->cmdline = value;
		return true;
	case OWNER_CMDLINE_FILE:
		parts->cmdline_file = value;
		return true;
	default:
		return set_es(parts, option, value);
	}
}

bool owner_parts_given(const struct owner_parts *parts)
{
	return parts->firmware || parts->kernel || parts->initrd || parts->cmdline ||
	       parts->cmdline_file;
}

static int check(const struct owner_parts *parts, struct sev_error *err)
{
	const char *lonely = parts->initrd	   ? "--initrd"
			     : parts->cmdline	   ? "--cmdline"
			     : parts->cmdline_file ? "--cmdline-file"
						   : NULL;

	if (parts->es_option)
		return sev_fail(err,
			"--%s=%s: number and state of the CPUs count for SEV-ES alone, whose "
			"digests "
			"this version does not compute",
			parts->es_option, parts->es_value);
	if (!parts->firmware)
		return sev_fail(err, "--firmware is missing, legal: --firmware=FILE");
	if (lonely && !parts->kernel)
		return sev_fail(err, "%s without --kernel, legal: with --kernel=FILE", lonely);
	if (parts->cmdline && parts->cmdline_file)
		return sev_fail(err, "--cmdline-file=%s: beside --cmdline, legal: one of the two",
			parts->cmdline_file);
	return 0;
}

static void add_region(
	struct report *expected, const char *what, uint64_t gpa, const void *data, size_t size)
{
	struct report_region *region = &expected->region[expected->regions++];
	struct sev_part part = { data, size };

	strcpy(region->what, what);
	region->gpa = gpa;
	region->length = size;
	sev_sha256(&part, 1, region->sha256);
}

static int read_cmdline(const struct owner_parts *parts, char **out, struct sev_error *err)
{
	struct sev_blob file = { 0 };

	if (!parts->cmdline_file) {
		*out = strdup(parts->cmdline ? parts->cmdline : "");
		return *out ? 0 : sev_fail(err, "--cmdline: out of memory");
	}
	if (sev_file_read(parts->cmdline_file, MAX_CMDLINE, &file, err))
		return -1;
	*out = hashes_cmdline_text(parts->cmdline_file, &file, err);
	sev_blob_free(&file);
	return *out ? 0 : -1;
}

static int read_hashes(
	const struct owner_parts *parts, struct report *expected, struct sev_error *err)
{
	struct sev_blob kernel = { 0 }, initrd = { 0 };
	char *cmdline = NULL;
	int result = -1;

	if (!sev_file_read(parts->kernel, MAX_BOOT_FILE, &kernel, err) &&
		(!parts->initrd || !sev_file_read(parts->initrd, MAX_BOOT_FILE, &initrd, err)) &&
		!read_cmdline(parts, &cmdline, err)) {
		hashes_compute(&kernel, &initrd, cmdline, &expected->hashes);
		expected->has_hashes = true;
		result = 0;
	}
	sev_blob_free(&kernel);
	sev_blob_free(&initrd);
	free(cmdline);
	return result;
}

/* Where the firmware wants the hashes: without a place there is no measured boot. */
static int find_table(const struct owner_parts *parts, const struct sev_blob *firmware,
	struct ovmf_area *area, struct sev_error *err)
{
	struct sev_error why;
	struct ovmf fw;

	if (ovmf_parse(firmware->data, firmware->size, &fw, &why) == OVMF_BROKEN ||
		(parts->kernel && ovmf_hash_area(&fw, FOUR_GIB, area, &why)))
		return sev_fail(err, "--firmware=%s: %s", parts->firmware, why.text);
	return 0;
}

static int measure(const struct owner_parts *parts, const struct sev_blob *firmware,
	struct report *expected, struct sev_error *err)
{
	uint8_t table[HASHES_TABLE_SIZE];
	struct sev_part digest[2] = { { firmware->data, firmware->size },
		{ table, sizeof(table) } };
	struct ovmf_area area;

	if (find_table(parts, firmware, &area, err))
		return -1;
	add_region(expected, "firmware", FOUR_GIB - firmware->size, firmware->data, firmware->size);
	if (parts->kernel) {
		if (read_hashes(parts, expected, err))
			return -1;
		hashes_table(&expected->hashes, table);
		add_region(expected, "kernel-hashes", area.base, table, sizeof(table));
	}
	sev_sha256(digest, expected->regions, expected->launch_digest);
	return 0;
}

int owner_parts_measure(
	const struct owner_parts *parts, struct report *expected, struct sev_error *err)
{
	struct sev_blob firmware = { 0 };
	int result;

	memset(expected, 0, sizeof(*expected));
	if (check(parts, err) || sev_file_read(parts->firmware, OVMF_MAX_SIZE, &firmware, err))
		return -1;
	result = measure(parts, &firmware, expected, err);
	sev_blob_free(&firmware);
	return result;
}
