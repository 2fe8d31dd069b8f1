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
		return owner_vcpus_set(&parts->vcpus, option, value);
	}
}

bool owner_parts_given(const struct owner_parts *parts)
{
	static const struct owner_parts none;

	return memcmp(parts, &none, sizeof(none)) != 0;
}

static int check(const struct owner_parts *parts, struct sev_error *err)
{
	const char *lonely = parts->initrd	   ? "--initrd"
			     : parts->cmdline	   ? "--cmdline"
			     : parts->cmdline_file ? "--cmdline-file"
						   : NULL;

	if (!parts->firmware)
		return sev_fail(err, "--firmware is missing, legal: --firmware=FILE");
	if (lonely && !parts->kernel)
		return sev_fail(err, "%s without --kernel, legal: with --kernel=FILE", lonely);
	if (parts->cmdline && parts->cmdline_file)
		return sev_fail(err, "--cmdline-file=%s: beside --cmdline, legal: one of the two",
			parts->cmdline_file);
	return 0;
}

static struct report_region *add_region(
	struct report *expected, const char *what, const void *data, size_t size)
{
	struct report_region *region = &expected->region[expected->regions++];
	struct sev_part part = { data, size };

	strcpy(region->what, what);
	region->length = size;
	sev_sha256(&part, 1, region->sha256);
	return region;
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
	const struct owner_parts *parts, struct owner_image *image, struct sev_error *err)
{
	struct sev_blob kernel = { 0 }, initrd = { 0 };
	int result = -1;

	if (!sev_file_read(parts->kernel, MAX_BOOT_FILE, &kernel, err) &&
		(!parts->initrd || !sev_file_read(parts->initrd, MAX_BOOT_FILE, &initrd, err)) &&
		!read_cmdline(parts, &image->cmdline, err)) {
		hashes_compute(&kernel, &initrd, image->cmdline, &image->hashes);
		image->has_hashes = true;
		result = 0;
	}
	sev_blob_free(&kernel);
	sev_blob_free(&initrd);
	return result;
}

/* Where the firmware wants the hashes: without a place there is no measured boot. */
static int find_table(const struct owner_parts *parts, const struct sev_blob *firmware,
	struct ovmf *fw, struct ovmf_area *area, struct sev_error *err)
{
	struct sev_error why;

	if (ovmf_parse(firmware->data, firmware->size, fw, &why) == OVMF_BROKEN ||
		(parts->kernel && ovmf_hash_area(fw, FOUR_GIB, area, &why)))
		return sev_fail(err, "--firmware=%s: %s", parts->firmware, why.text);
	return 0;
}

/* --- the digest ------------------------------------------------------------------------------ */

static void hash_firmware(const struct sev_blob *firmware, struct owner_image *image)
{
	struct sev_sha256_ctx *ctx = sev_sha256_new();

	sev_sha256_update(ctx, firmware->data, firmware->size);
	sev_sha256_export(ctx, image->firmware);
	sev_sha256_free(ctx);
}

/* Firmware, table of hashes, then the vCPUs in their order. */
void owner_image_digest(const struct owner_image *image, uint8_t digest[SEV_SHA256])
{
	struct sev_sha256_ctx *ctx = sev_sha256_import(image->firmware);
	uint8_t table[HASHES_TABLE_SIZE];

	hashes_table(&image->hashes, table);
	if (image->has_hashes)
		sev_sha256_update(ctx, table, sizeof(table));
	for (unsigned i = 0; i < image->vcpus.count; i++)
		sev_sha256_update(ctx, image->vcpus.page[i > 0], VMSA_SIZE);
	sev_sha256_read(ctx, digest);
	sev_sha256_free(ctx);
}

void owner_image_free(struct owner_image *image)
{
	free(image->cmdline);
	memset(image, 0, sizeof(*image));
}

static void list_regions(const struct owner_image *image, const struct sev_blob *firmware,
	const struct ovmf_area *area, struct report *expected)
{
	uint8_t table[HASHES_TABLE_SIZE];

	add_region(expected, "firmware", firmware->data, firmware->size)->gpa =
		FOUR_GIB - firmware->size;
	if (image->has_hashes) {
		hashes_table(&image->hashes, table);
		add_region(expected, "kernel-hashes", table, sizeof(table))->gpa = area->base;
	}
	for (unsigned i = 0; i < image->vcpus.count; i++)
		add_region(expected, "vmsa", image->vcpus.page[i > 0], VMSA_SIZE)->vcpu = i;
	expected->has_hashes = image->has_hashes;
	expected->hashes = image->hashes;
	strcpy(expected->type, image->vcpus.count ? "sev-es" : "sev");
}

static int measure(const struct owner_parts *parts, const struct sev_blob *firmware,
	struct report *expected, struct owner_image *image, struct sev_error *err)
{
	struct ovmf_area area = { 0, 0 };
	struct ovmf fw;

	if (find_table(parts, firmware, &fw, &area, err) ||
		(parts->kernel && read_hashes(parts, image, err)) ||
		owner_vcpus_read(&parts->vcpus, &fw, &image->vcpus, err))
		return -1;
	hash_firmware(firmware, image);
	list_regions(image, firmware, &area, expected);
	owner_image_digest(image, expected->launch_digest);
	return 0;
}

int owner_parts_measure(const struct owner_parts *parts, struct report *expected,
	struct owner_image *image, struct sev_error *err)
{
	struct sev_blob firmware = { 0 };
	struct owner_image own = { 0 };
	int result;

	memset(expected, 0, sizeof(*expected));
	if (check(parts, err) || sev_file_read(parts->firmware, OVMF_MAX_SIZE, &firmware, err))
		return -1;
	result = measure(parts, &firmware, expected, &own, err);
	sev_blob_free(&firmware);
	if (image && !result)
		*image = own;
	else
		owner_image_free(&own);
	return result;
}
