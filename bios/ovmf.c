/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bios/ovmf.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bios/hashes.h"

#define FOOTER_FROM_END 0x30 /* the footer GUID starts here, counted from the end */
#define ENTRY_HEADER	18   /* u16 length and GUID, both counted in the length */
#define LEGACY_HOLE	0xA0000
#define HIGH_MEMORY	0x100000

/* 96b582de-1fb2-45f7-baea-a366c55a082d */
const uint8_t ovmf_guid_footer[16] = { 0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45, 0xba, 0xea,
	0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d };
/* 4c2eb361-7d9b-4cc3-8081-127c90d3d294 */
const uint8_t ovmf_guid_secret_area[16] = { 0x61, 0xb3, 0x2e, 0x4c, 0x9b, 0x7d, 0xc3, 0x4c, 0x80,
	0x81, 0x12, 0x7c, 0x90, 0xd3, 0xd2, 0x94 };
/* 7255371f-3a3b-4b04-927b-1da6efa8d454 */
const uint8_t ovmf_guid_hash_area[16] = { 0x1f, 0x37, 0x55, 0x72, 0x3b, 0x3a, 0x04, 0x4b, 0x92,
	0x7b, 0x1d, 0xa6, 0xef, 0xa8, 0xd4, 0x54 };
/* 00f771de-1a7e-4fcb-890e-68c77e2fb44e */
const uint8_t ovmf_guid_reset_block[16] = { 0xde, 0x71, 0xf7, 0x00, 0x7e, 0x1a, 0xcb, 0x4f, 0x89,
	0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e };

/* One kind of area, so that both are checked by the same rules. */
struct area_kind {
	const char *name;
	const uint8_t *guid;
	const char *needed_by;
	uint32_t least;
};

static const struct area_kind hash_area = { "hashes table area", ovmf_guid_hash_area,
	"kernel hashes need", HASHES_TABLE_SIZE };
static const struct area_kind secret_area = { "secret area", ovmf_guid_secret_area,
	"a secret without an address needs", 16 };

int ovmf_check_size(size_t size, size_t unit, struct sev_error *err)
{
	if (size == 0 || size < unit)
		return sev_fail(err,
			"firmware: %zu bytes is too small, legal: a multiple of %zu KiB", size,
			unit / 1024);
	if (size % unit)
		return sev_fail(
			err, "firmware: %zu bytes is not a multiple of %zu KiB", size, unit / 1024);
	if (size > OVMF_MAX_SIZE)
		return sev_fail(err, "firmware: %zu bytes is too large, legal: up to %d MiB", size,
			OVMF_MAX_SIZE >> 20);
	return 0;
}

/* The entry whose last byte lies `used` bytes below the table's upper end; false: it does not fit.
 */
static bool entry_at(const struct ovmf *fw, size_t used, struct ovmf_entry *entry, size_t *length)
{
	size_t left = fw->entries_size - used;
	const uint8_t *end = fw->entries + left;

	*length = left >= ENTRY_HEADER ? sev_le16(end - ENTRY_HEADER) : 0;
	if (*length < ENTRY_HEADER || *length > left)
		return false;
	memcpy(entry->guid, end - 16, 16);
	entry->size = *length - ENTRY_HEADER;
	entry->data = end - *length;
	return true;
}

static int check_entries(const struct ovmf *fw, struct sev_error *err)
{
	struct ovmf_entry entry;
	size_t used = 0, length;

	while (used < fw->entries_size) {
		size_t left = fw->entries_size - used;

		if (left < ENTRY_HEADER)
			return sev_fail(
				err, "firmware: footer table: %zu stray bytes at its start", left);
		if (!entry_at(fw, used, &entry, &length))
			return sev_fail(err,
				"firmware: footer table: entry length %zu, legal: %d to %zu",
				length, ENTRY_HEADER, left);
		used += length;
	}
	return 0;
}

/* Sets the extent of the entries from the table's length field right below the footer GUID. */
static int find_entries(struct ovmf *fw, const uint8_t *footer, struct sev_error *err)
{
	size_t room = fw->size - FOOTER_FROM_END + 16;
	size_t total = sev_le16(footer - 2);

	if (total < ENTRY_HEADER || total > room)
		return sev_fail(err, "firmware: footer table: total length %zu, legal: %d to %zu",
			total, ENTRY_HEADER, room);
	fw->entries_size = total - ENTRY_HEADER;
	fw->entries = footer - 2 - fw->entries_size;
	return 0;
}

enum ovmf_result ovmf_parse(
	const uint8_t *image, size_t size, struct ovmf *fw, struct sev_error *err)
{
	const uint8_t *footer;

	*fw = (struct ovmf) { .image = image, .size = size, .result = OVMF_BROKEN };
	if (ovmf_check_size(size, OVMF_FLASH_UNIT, err))
		return OVMF_BROKEN;
	footer = image + size - FOOTER_FROM_END;
	if (memcmp(footer, ovmf_guid_footer, 16))
		return fw->result = OVMF_NO_TABLE;
	if (find_entries(fw, footer, err) || check_entries(fw, err)) {
		fw->entries_size = 0;
		return OVMF_BROKEN;
	}
	return fw->result = OVMF_TABLE;
}

bool ovmf_next(const struct ovmf *fw, size_t *cursor, struct ovmf_entry *entry)
{
	size_t length;

	if (*cursor >= fw->entries_size || !entry_at(fw, *cursor, entry, &length))
		return false;
	*cursor += length;
	return true;
}

bool ovmf_find(const struct ovmf *fw, const uint8_t guid[16], struct ovmf_entry *entry)
{
	size_t cursor = 0;

	while (ovmf_next(fw, &cursor, entry))
		if (!memcmp(entry->guid, guid, 16))
			return true;
	return false;
}

static bool overlap(const struct ovmf_area *a, const struct ovmf_area *b)
{
	return (uint64_t)a->base < (uint64_t)b->base + b->size &&
	       (uint64_t)b->base < (uint64_t)a->base + a->size;
}

static bool in_ram(const struct ovmf_area *area, uint64_t ram_size)
{
	uint64_t end = (uint64_t)area->base + area->size;

	return end <= ram_size && (end <= LEGACY_HOLE || area->base >= HIGH_MEMORY);
}

static int check_area(const struct ovmf_area *area, const struct area_kind *kind, uint64_t ram_size,
	struct sev_error *err)
{
	const char *wrong = NULL;

	if (!area->base || !area->size)
		wrong = "the firmware announces it as absent";
	else if (area->base % 16)
		wrong = "its base is not a multiple of 16";
	else if (area->size < kind->least)
		wrong = "it is too small";
	else if (!in_ram(area, ram_size))
		wrong = "it does not lie in RAM";
	if (!wrong)
		return 0;
	return sev_fail(err,
		"firmware: %s base=0x%x size=0x%x: %s (%s 0x%x bytes in %llu MiB of RAM)",
		kind->name, area->base, area->size, wrong, kind->needed_by, kind->least,
		(unsigned long long)(ram_size >> 20));
}

/* Base and size as announced; -1: no such entry, or too short to hold both. */
static int read_area(const struct ovmf *fw, const struct area_kind *kind, struct ovmf_area *area)
{
	struct ovmf_entry entry;

	if (!ovmf_find(fw, kind->guid, &entry) || entry.size < 8)
		return -1;
	area->base = sev_le32(entry.data);
	area->size = sev_le32(entry.data + 4);
	return 0;
}

static int find_area(const struct ovmf *fw, const struct area_kind *kind, uint64_t ram_size,
	struct ovmf_area *area, struct sev_error *err)
{
	const struct area_kind *other_kind = kind == &hash_area ? &secret_area : &hash_area;
	struct ovmf_area other;
	struct ovmf_entry entry;

	if (fw->result != OVMF_TABLE)
		return sev_fail(err, "firmware: no footer table: %s a firmware that announces a %s",
			kind->needed_by, kind->name);
	if (!ovmf_find(fw, kind->guid, &entry))
		return sev_fail(err, "firmware: footer table has no %s: %s one (OVMF AmdSev has)",
			kind->name, kind->needed_by);
	if (read_area(fw, kind, area))
		return sev_fail(err, "firmware: %s: entry of %zu bytes, legal: 8 or more",
			kind->name, entry.size);
	if (check_area(area, kind, ram_size, err))
		return -1;
	if (!read_area(fw, other_kind, &other) && other.size && overlap(area, &other))
		return sev_fail(err,
			"firmware: %s base=0x%x size=0x%x overlaps %s base=0x%x size=0x%x",
			kind->name, area->base, area->size, other_kind->name, other.base,
			other.size);
	return 0;
}

int ovmf_hash_area(
	const struct ovmf *fw, uint64_t ram_size, struct ovmf_area *area, struct sev_error *err)
{
	return find_area(fw, &hash_area, ram_size, area, err);
}

int ovmf_secret_area(
	const struct ovmf *fw, uint64_t ram_size, struct ovmf_area *area, struct sev_error *err)
{
	return find_area(fw, &secret_area, ram_size, area, err);
}

/* What images had before there was a footer table: one entry, whose GUID ends 32 bytes below the
   end. */
static bool find_lone_reset_block(const struct ovmf *fw, struct ovmf_entry *entry)
{
	const uint8_t *end = fw->image + fw->size - 0x20;
	size_t length = sev_le16(end - ENTRY_HEADER);

	if (memcmp(end - 16, ovmf_guid_reset_block, 16) || length < ENTRY_HEADER ||
		length > fw->size - 0x20)
		return false;
	entry->data = end - length;
	entry->size = length - ENTRY_HEADER;
	return true;
}

int ovmf_reset_vector(const struct ovmf *fw, uint32_t *vector, struct sev_error *err)
{
	struct ovmf_entry entry;

	if (!ovmf_find(fw, ovmf_guid_reset_block, &entry) &&
		(fw->result != OVMF_NO_TABLE || !find_lone_reset_block(fw, &entry)))
		return sev_fail(err, "firmware: announces no SEV-ES reset vector, which vCPUs "
				     "other than the first need");
	if (entry.size < 4)
		return sev_fail(err, "firmware: SEV-ES reset block: %zu bytes, legal: 4 or more",
			entry.size);
	*vector = sev_le32(entry.data);
	if (!*vector)
		return sev_fail(err, "firmware: SEV-ES reset vector is 0");
	return 0;
}
