/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory that knows which of its pages were looked up, and what all of them were before. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/psp_world.h"

static void mark(uint64_t pages[WORLD_PAGES / 64], uint64_t page)
{
	pages[page / 64] |= 1ull << page % 64;
}

static uint8_t *page_of(void *ctx, uint64_t offset)
{
	struct arena *arena = ctx;

	mark(arena->touched, offset / SEVMEM_PAGE);
	return arena->bytes + offset;
}

/* What memory holds in the beginning: every page something else, but the same every time. */
static void fill(uint8_t *page, uint64_t number)
{
	for (unsigned i = 0; i < SEVMEM_PAGE; i += 8)
		sev_put64(page + i, (number << 32 | i) * 0x9e3779b97f4a7c15);
}

void arena_init(struct arena *arena)
{
	const struct sevmem_host host = { .ctx = arena, .page = page_of };

	arena->bytes = calloc(1, WORLD_SIZE);
	arena->dram = calloc(1, WORLD_SIZE);
	arena->memory = sevmem_new();
	if (!arena->bytes || !arena->dram || !arena->memory ||
		sevmem_add(arena->memory, 0, WORLD_SIZE, &host) != 0)
		abort();
	memset(arena->used, 0xff, sizeof(arena->used));
}

void arena_reset(struct arena *arena)
{
	sevmem_forget(arena->memory, 0, WORLD_SIZE);
	for (uint64_t page = 0; page < WORLD_PAGES; page++) {
		if (!(arena->used[page / 64] & 1ull << page % 64))
			continue;
		fill(arena->bytes + page * SEVMEM_PAGE, page);
		memcpy(arena->dram + page * SEVMEM_PAGE, arena->bytes + page * SEVMEM_PAGE,
			SEVMEM_PAGE);
	}
	memset(arena->used, 0, sizeof(arena->used));
	memset(arena->touched, 0, sizeof(arena->touched));
}

void arena_drop(struct arena *arena)
{
	sevmem_free(arena->memory);
	free(arena->bytes);
	free(arena->dram);
}

/* Whether two images of a page are the same, but for the ranges. */
static bool same_page(const uint8_t *a, const uint8_t *b, uint64_t spa, const struct range *ranges,
	unsigned count)
{
	uint64_t at = spa, end = spa + SEVMEM_PAGE;

	while (at < end) {
		uint64_t stop = end;
		unsigned i;

		for (i = 0; i < count; i++) {
			const struct range *r = &ranges[i];

			if (at >= r->spa && at - r->spa < r->size)
				break;
			if (r->spa > at && r->spa < stop)
				stop = r->spa;
		}
		if (i < count) {
			at = ranges[i].spa + ranges[i].size;
			continue;
		}
		if (memcmp(a + (at - spa), b + (at - spa), stop - at) != 0)
			return false;
		at = stop;
	}
	return true;
}

/* A page that was not looked up cannot have changed. */
void arena_check(struct arena *arena, const struct range *ranges, unsigned count)
{
	uint8_t raw[SEVMEM_PAGE];
	uint64_t touched[WORLD_PAGES / 64];

	memcpy(touched, arena->touched, sizeof(touched));
	for (uint64_t word = 0; word < WORLD_PAGES / 64; word++) {
		for (uint64_t left = touched[word]; left; left &= left - 1) {
			uint64_t spa = (word * 64 + (unsigned)__builtin_ctzll(left)) * SEVMEM_PAGE;

			sevmem_peek(arena->memory, spa, SEVMEM_RAW, raw, sizeof(raw));
			if (memcmp(raw, arena->dram + spa, sizeof(raw)) == 0)
				continue;
			if (!same_page(raw, arena->dram + spa, spa, ranges, count))
				world_fail(
					"page %llx was written outside of what the command names",
					(unsigned long long)spa);
			memcpy(arena->dram + spa, raw, sizeof(raw));
			mark(arena->used, spa / SEVMEM_PAGE);
		}
	}
	memset(arena->touched, 0, sizeof(arena->touched));
}
