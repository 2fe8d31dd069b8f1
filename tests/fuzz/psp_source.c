/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/fuzz/psp_source.h"

#include <stdlib.h>

static uint8_t next_byte(struct source *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

/* The output function and step of SplitMix64. */
static uint64_t next_number(struct source *in)
{
	uint64_t z = in->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void keep(struct sev_blob *record, uint8_t byte)
{
	record->data = realloc(record->data, record->size + 1);
	if (!record->data)
		abort();
	record->data[record->size++] = byte;
}

uint32_t source_draw(struct source *in, uint32_t n)
{
	uint32_t value;

	if (in->data) {
		value = next_byte(in);
		if (n > 256)
			value |= (uint32_t)next_byte(in) << 8;
		return value % n;
	}
	value = (uint32_t)(next_number(in) >> 32) % n;
	if (in->record) {
		keep(in->record, (uint8_t)value);
		if (n > 256)
			keep(in->record, (uint8_t)(value >> 8));
	}
	return value;
}

bool source_once_in(struct source *in, uint32_t n)
{
	return source_draw(in, n) == n - 1;
}
