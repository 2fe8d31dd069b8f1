/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Firmware images made by the tests: filler bytes and, at the end, a footer table of the entries
 * that were added.
 */
#ifndef TESTS_UNIT_SYNTHETIC_OVMF_H
#define TESTS_UNIT_SYNTHETIC_OVMF_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "bios/ovmf.h"

#define SYNTHETIC_SECRET_BASE 0x810000u
#define SYNTHETIC_SECRET_SIZE 0xC00u
#define SYNTHETIC_HASH_BASE   0x810C00u
#define SYNTHETIC_HASH_SIZE   0x400u

struct synthetic_ovmf {
	uint8_t *bytes;
	size_t size;
	size_t used; /* bytes of entries, below the total length */
};

static inline void synthetic_new(struct synthetic_ovmf *s, size_t size)
{
	s->size = size;
	s->used = 0;
	s->bytes = malloc(size);
	for (size_t i = 0; i < size; i++)
		s->bytes[i] = (uint8_t)(i * 7 + (i >> 8));
}

static inline void synthetic_free(struct synthetic_ovmf *s)
{
	free(s->bytes);
}

/* Puts the entry below those that are there; length as given, so that it can be wrong. */
static inline void synthetic_add_raw(struct synthetic_ovmf *s, const uint8_t guid[16],
	const void *data, size_t data_size, uint16_t length)
{
	uint8_t *end = s->bytes + s->size - 0x32 - s->used;

	memcpy(end - 16, guid, 16);
	sev_put16(end - 18, length);
	memcpy(end - 18 - data_size, data, data_size);
	s->used += 18 + data_size;
}

static inline void synthetic_add(
	struct synthetic_ovmf *s, const uint8_t guid[16], const void *data, size_t data_size)
{
	synthetic_add_raw(s, guid, data, data_size, (uint16_t)(18 + data_size));
}

static inline void synthetic_add_area(
	struct synthetic_ovmf *s, const uint8_t guid[16], uint32_t base, uint32_t size)
{
	uint8_t data[8];

	sev_put32(data, base);
	sev_put32(data + 4, size);
	synthetic_add(s, guid, data, sizeof(data));
}

static inline void synthetic_total(struct synthetic_ovmf *s, uint16_t total)
{
	memcpy(s->bytes + s->size - 0x30, ovmf_guid_footer, 16);
	sev_put16(s->bytes + s->size - 0x32, total);
}

static inline void synthetic_finish(struct synthetic_ovmf *s)
{
	synthetic_total(s, (uint16_t)(s->used + 18));
}

/* An image that announces what OVMF AmdSev does. */
static inline void synthetic_amdsev(struct synthetic_ovmf *s, size_t size)
{
	static const uint8_t reset[4] = { 0x04, 0xb0, 0x80, 0x00 };

	synthetic_new(s, size);
	synthetic_add(s, ovmf_guid_reset_block, reset, sizeof(reset));
	synthetic_add_area(s, ovmf_guid_secret_area, SYNTHETIC_SECRET_BASE, SYNTHETIC_SECRET_SIZE);
	synthetic_add_area(s, ovmf_guid_hash_area, SYNTHETIC_HASH_BASE, SYNTHETIC_HASH_SIZE);
	synthetic_finish(s);
}

#endif
