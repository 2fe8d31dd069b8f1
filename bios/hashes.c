/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bios/hashes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"

#define HEADER_SIZE 18 /* GUID, u16 length of header and entries */
#define ENTRY_SIZE  50 /* GUID, u16 length, SHA-256 */

/* 9438d606-4f22-4cc9-b479-a793d411fd21 */
static const uint8_t table_guid[16] = { 0x06, 0xd6, 0x38, 0x94, 0x22, 0x4f, 0xc9, 0x4c, 0xb4, 0x79,
	0xa7, 0x93, 0xd4, 0x11, 0xfd, 0x21 };

static const struct {
	const char *name;
	uint8_t guid[16];
} parts[HASHES_PARTS] = {
	/* 97d02dd8-bd20-4c94-aa78-e7714d36ab2a */
	[HASHES_CMDLINE] = { "cmdline", { 0xd8, 0x2d, 0xd0, 0x97, 0x20, 0xbd, 0x94, 0x4c, 0xaa,
						0x78, 0xe7, 0x71, 0x4d, 0x36, 0xab, 0x2a } },
	/* 44baf731-3a2f-4bd7-9af1-41e29169781d */
	[HASHES_INITRD] = { "initrd", { 0x31, 0xf7, 0xba, 0x44, 0x2f, 0x3a, 0xd7, 0x4b, 0x9a, 0xf1,
					      0x41, 0xe2, 0x91, 0x69, 0x78, 0x1d } },
	/* 4de79437-abd2-427f-b835-d5b172d2045b */
	[HASHES_KERNEL] = { "kernel", { 0x37, 0x94, 0xe7, 0x4d, 0xd2, 0xab, 0x7f, 0x42, 0xb8, 0x35,
					      0xd5, 0xb1, 0x72, 0xd2, 0x04, 0x5b } },
};

const char *hashes_name(enum hashes_part part)
{
	return parts[part].name;
}

static void hash(const void *data, size_t size, uint8_t out[32])
{
	struct sev_part part = { data, size };

	sev_sha256(&part, 1, out);
}

void hashes_compute(const struct sev_blob *kernel, const struct sev_blob *initrd,
	const char *cmdline, struct hashes *out)
{
	if (!cmdline)
		cmdline = "";
	hash(cmdline, strlen(cmdline) + 1, out->sha256[HASHES_CMDLINE]);
	hash(initrd->data, initrd->size, out->sha256[HASHES_INITRD]);
	hash(kernel->data, kernel->size, out->sha256[HASHES_KERNEL]);
}

char *hashes_cmdline_text(const char *name, const struct sev_blob *file, struct sev_error *err)
{
	size_t size = file->size;
	char *text;

	while (size && (file->data[size - 1] == '\n' || file->data[size - 1] == '\r'))
		size--;
	for (size_t i = 0; i < size; i++) {
		if (file->data[i] == 0 || file->data[i] == '\n') {
			sev_fail(err, "%s: byte %zu is a %s, legal: one line of text", name, i,
				file->data[i] ? "line end" : "NUL");
			return NULL;
		}
	}
	text = calloc(1, size + 1);
	if (!text)
		sev_fail(err, "%s: out of memory", name);
	else if (size)
		memcpy(text, file->data, size);
	return text;
}

void hashes_table(const struct hashes *hashes, uint8_t table[HASHES_TABLE_SIZE])
{
	memset(table, 0, HASHES_TABLE_SIZE);
	memcpy(table, table_guid, 16);
	sev_put16(table + 16, HEADER_SIZE + HASHES_PARTS * ENTRY_SIZE);
	for (int part = 0; part < HASHES_PARTS; part++) {
		uint8_t *entry = table + HEADER_SIZE + part * ENTRY_SIZE;

		memcpy(entry, parts[part].guid, 16);
		sev_put16(entry + 16, ENTRY_SIZE);
		memcpy(entry + 18, hashes->sha256[part], 32);
	}
}

unsigned hashes_compare(const struct hashes *a, const char *what_a, const struct hashes *b,
	const char *what_b, struct sev_error *err)
{
	char text[sizeof(err->text)] = "", hex_a[65], hex_b[65];
	unsigned differ = 0;
	size_t used = 0;

	for (int part = HASHES_PARTS - 1; part >= 0; part--) {
		if (!memcmp(a->sha256[part], b->sha256[part], 32))
			continue;
		sev_hex(a->sha256[part], 32, hex_a);
		sev_hex(b->sha256[part], 32, hex_b);
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"%s%s differs: %s %.64s, %s %.64s", differ ? "; " : "", parts[part].name,
			what_a, hex_a, what_b, hex_b);
		if (used >= sizeof(text))
			used = sizeof(text) - 1;
		differ |= 1U << part;
	}
	if (differ)
		sev_fail(err, "%s", text);
	return differ;
}
