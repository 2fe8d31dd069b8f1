/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bios/secret.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_SIZE 20 /* GUID, u32 length: the table's header and an entry's alike */

/* 1e74f542-71dd-4d66-963e-ef4287ff173b */
static const uint8_t table_guid[16] = { 0x42, 0xf5, 0x74, 0x1e, 0xdd, 0x71, 0x66, 0x4d, 0x96, 0x3e,
	0xef, 0x42, 0x87, 0xff, 0x17, 0x3b };
/* 736869e5-84f0-4973-92ec-06879ce3da0b */
const uint8_t secret_guid_luks[16] = { 0xe5, 0x69, 0x68, 0x73, 0xf0, 0x84, 0x73, 0x49, 0x92, 0xec,
	0x06, 0x87, 0x9c, 0xe3, 0xda, 0x0b };

static const uint8_t null_guid[16];

/* The entry at index i and those before it; adds its size to *total. */
static int check_entry(
	const struct secret_entry *entries, size_t i, size_t *total, struct sev_error *err)
{
	char guid[SEV_GUID_TEXT];

	sev_guid_format(entries[i].guid, guid);
	if (!memcmp(entries[i].guid, null_guid, 16))
		return sev_fail(err, "secret: GUID %s marks a deleted entry", guid);
	if (!entries[i].size)
		return sev_fail(err, "secret: entry %s is empty", guid);
	for (size_t k = 0; k < i; k++)
		if (!memcmp(entries[i].guid, entries[k].guid, 16))
			return sev_fail(err, "secret: GUID %s is given twice", guid);
	if (entries[i].size > SECRET_MAX_TABLE ||
		*total + HEADER_SIZE + entries[i].size > SECRET_MAX_TABLE)
		return sev_fail(err, "secret: table with entry %s is longer than %d bytes", guid,
			SECRET_MAX_TABLE);
	*total += HEADER_SIZE + entries[i].size;
	return 0;
}

static uint8_t *put_header(uint8_t *p, const uint8_t guid[16], size_t length)
{
	memcpy(p, guid, 16);
	sev_put32(p + 16, (uint32_t)length);
	return p + HEADER_SIZE;
}

int secret_build(const struct secret_entry *entries, size_t count, struct sev_blob *out,
	struct sev_error *err)
{
	size_t total = HEADER_SIZE, padded;
	uint8_t *p;

	if (!count || count > SECRET_MAX_ENTRIES)
		return sev_fail(
			err, "secret: %zu entries, legal: 1 to %d", count, SECRET_MAX_ENTRIES);
	for (size_t i = 0; i < count; i++)
		if (check_entry(entries, i, &total, err))
			return -1;
	padded = total + 16 - total % 16;
	if (padded > SECRET_MAX_TABLE)
		return sev_fail(err, "secret: table of %zu bytes, legal: up to %d", padded,
			SECRET_MAX_TABLE);
	out->data = calloc(1, padded);
	if (!out->data)
		return sev_fail(err, "secret: out of memory");
	out->size = padded;
	p = put_header(out->data, table_guid, total);
	for (size_t i = 0; i < count; i++) {
		p = put_header(p, entries[i].guid, HEADER_SIZE + entries[i].size);
		memcpy(p, entries[i].data, entries[i].size);
		p += entries[i].size;
	}
	return 0;
}

int secret_parse(const uint8_t *table, size_t size, struct secret_entry entries[SECRET_MAX_ENTRIES],
	size_t *count, struct sev_error *err)
{
	size_t used = HEADER_SIZE, total;

	*count = 0;
	if (size < HEADER_SIZE || memcmp(table, table_guid, 16))
		return sev_fail(err, "secret: no table (its GUID is missing)");
	total = sev_le32(table + 16);
	if (total < HEADER_SIZE || total > size)
		return sev_fail(err, "secret: table length %zu, legal: %d to %zu", total,
			HEADER_SIZE, size);
	while (used < total) {
		size_t left = total - used;
		size_t length = left >= HEADER_SIZE ? sev_le32(table + used + 16) : 0;

		if (length < HEADER_SIZE || length > left)
			return sev_fail(err,
				"secret: entry at %zu has length %zu, legal: %d to %zu", used,
				length, HEADER_SIZE, left);
		if (memcmp(table + used, null_guid, 16)) {
			if (*count == SECRET_MAX_ENTRIES)
				return sev_fail(
					err, "secret: more than %d entries", SECRET_MAX_ENTRIES);
			memcpy(entries[*count].guid, table + used, 16);
			entries[*count].data = table + used + HEADER_SIZE;
			entries[*count].size = length - HEADER_SIZE;
			++*count;
		}
		used += length;
	}
	return 0;
}
