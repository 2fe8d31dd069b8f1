/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Leaves of 4 KiB, 2 MiB and 1 GiB, with and without C, show the same two forms of a page. */
#include "guest.h"

#define SIZES 3

/* The page as a leaf of this size at its place in physical memory shows it. */
static uint8_t *through_leaf(const void *page, unsigned level, uint64_t c)
{
	uint64_t size = 1ull << (3 + 9 * level);
	uint64_t base = physical(page) & ~(size - 1);

	return (uint8_t *)map_somewhere(base | c, level) + (physical(page) - base);
}

static void read_and_write(void)
{
	static uint8_t raw[PAGE];
	uint8_t *page = page_new();

	for (unsigned level = 1; level <= SIZES; level++) {
		uint8_t *private = through_leaf(page, level, c_bit);
		uint8_t *open = through_leaf(page, level, 0);

		fill(private, PAGE, level);
		expect(filled(page, PAGE, level));
		memcpy(raw, shared(page), PAGE);
		expect_equal(blocks_differ(open, raw, PAGE), 0);
		expect_equal(blocks_differ(open, page, PAGE), BLOCKS);
		fill(open, PAGE, level);
		expect(filled(shared(page), PAGE, level));
		expect_equal(blocks_differ(private, open, PAGE), BLOCKS);
		expect(filled(open, PAGE, level));
	}
}

/* Mappings of all sizes used in turn, for pages in various places of one large leaf. */
static void all_sizes_in_turn(void)
{
	uint64_t *page[4], *map_of[4][2 * SIZES];
	unsigned wrong = 0;

	for (unsigned p = 0; p < 4; p++) {
		page[p] = page_new();
		pages_untouched(37);
		for (unsigned m = 0; m < 2 * SIZES; m++)
			map_of[p][m] =
				(uint64_t *)through_leaf(page[p], m / 2 + 1, m % 2 ? c_bit : 0);
	}
	for (uint64_t i = 0; i < 3000; i++) {
		unsigned p = i % 4, from = i % 6, to = (i / 6) % 6, slot = from % 2 ? 64 : 128;

		((volatile uint64_t *)map_of[p][from])[slot] = i;
		if (from % 2 == to % 2)
			wrong += ((volatile uint64_t *)map_of[p][to])[slot] != i;
		else
			wrong += ((volatile uint64_t *)map_of[p][to])[slot] == i;
	}
	expect_equal(wrong, 0);
}

/* A change of a leaf's C-bit is another mapping once the TLB has forgotten the old one. */
static void leaf_changes_its_c_bit(void)
{
	uint64_t *page = page_new();
	unsigned wrong = 0;

	page[0] = 0x5eed;
	for (unsigned level = 1; level <= SIZES; level++) {
		volatile uint64_t *linear = (void *)through_leaf(page, level, c_bit);
		uint64_t *entry = table_entry((uintptr_t)linear, level);

		for (unsigned i = 0; i < 200; i++) {
			wrong += (linear[0] == 0x5eed) != !(i & 1);
			*entry ^= c_bit;
			invlpg(linear);
		}
	}
	expect_equal(wrong, 0);
}

TESTS(TEST(read_and_write), TEST(all_sizes_in_turn), TEST(leaf_changes_its_c_bit));
