/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One page seen through C=1 and C=0: what DRAM holds is ciphertext, and a block belongs to its
 * place. */
#include "guest.h"

/* Memory that nobody wrote to holds zeros, which a guest cannot see but through C=0. */
static void untouched_ram(void)
{
	static const uint8_t zeros[PAGE];
	void *page = pages_untouched(1);

	expect_equal(blocks_differ(shared(page), zeros, PAGE), 0);
	expect_equal(blocks_differ(page, zeros, PAGE), BLOCKS);
	expect_equal(blocks_differ(shared(page), zeros, PAGE), 0);
}

static void ciphertext_in_dram(void)
{
	uint8_t *page = page_new(), *plain = page_new(), *once = page_new();

	fill(page, PAGE, 1);
	fill(plain, PAGE, 1);
	memcpy(once, shared(page), PAGE);
	expect_equal(blocks_differ(once, plain, PAGE), BLOCKS);
	expect_equal(blocks_differ(page, plain, PAGE), 0);
	expect_equal(blocks_differ(shared(page), once, PAGE), 0);
}

static void ciphertext_depends_on_place(void)
{
	uint8_t *a = page_new(), *b = page_new();
	unsigned equal = 0;

	memset(a, 0x5a, PAGE);
	memset(b, 0x5a, PAGE);
	expect_equal(blocks_differ(shared(a), shared(b), PAGE), BLOCKS);
	for (unsigned i = 0; i < BLOCKS; i++)
		for (unsigned j = 0; j < i; j++)
			equal += !memcmp((uint8_t *)shared(a) + i * BLOCK,
				(uint8_t *)shared(a) + j * BLOCK, BLOCK);
	expect_equal(equal, 0);
}

static void ciphertext_moved_is_noise(void)
{
	uint8_t *page = page_new(), *other = page_new(), *copy = page_new();

	fill(page, PAGE, 2);
	memcpy(shared(other), shared(page), PAGE);
	expect_equal(blocks_differ(other, page, PAGE), BLOCKS);
	/* Within the page, too: block 0 becomes block 1. */
	memcpy(copy, page, PAGE);
	memcpy((uint8_t *)shared(page) + BLOCK, shared(page), BLOCK);
	expect_equal(blocks_differ(page + BLOCK, copy, BLOCK), 1);
	expect_equal(blocks_differ(page, copy, PAGE), 1);
}

static void ciphertext_put_back(void)
{
	uint8_t *page = page_new(), *kept = page_new();

	fill(page, PAGE, 3);
	memcpy(kept, shared(page), PAGE);
	memset(page, 0, PAGE);
	expect_equal(blocks_differ(shared(page), kept, PAGE), BLOCKS);
	memcpy(shared(page), kept, PAGE);
	expect(filled(page, PAGE, 3));
}

static void plaintext_in_dram_is_noise(void)
{
	uint8_t *page = page_new(), *plain = page_new();

	fill(plain, PAGE, 4);
	fill(shared(page), PAGE, 4);
	expect_equal(blocks_differ(page, plain, PAGE), BLOCKS);
	expect(filled(shared(page), PAGE, 4));
}

/* Any single bit, anywhere in the page. */
static void flipped_bit_spoils_its_block(void)
{
	uint8_t *page = page_new(), *plain = page_new();
	volatile uint8_t *raw = shared(page);

	fill(page, PAGE, 5);
	fill(plain, PAGE, 5);
	for (unsigned at = 0; at < PAGE; at += 61) {
		uint8_t bit = (uint8_t)(1 << at % 8);

		raw[at] ^= bit;
		expect_equal(blocks_differ(page, plain, PAGE), 1);
		expect_equal(
			blocks_differ(page + at / BLOCK * BLOCK, plain + at / BLOCK * BLOCK, BLOCK),
			1);
		raw[at] ^= bit;
		expect_equal(blocks_differ(page, plain, PAGE), 0);
	}
}

static void written_byte_changes_its_block(void)
{
	uint8_t *page = page_new(), *before = page_new();

	for (unsigned at = 0; at < PAGE; at += 67) {
		memcpy(before, shared(page), PAGE);
		page[at]++;
		expect_equal(blocks_differ(shared(page), before, PAGE), 1);
		expect_equal(blocks_differ((uint8_t *)shared(page) + at / BLOCK * BLOCK,
				     before + at / BLOCK * BLOCK, BLOCK),
			1);
	}
}

/* The image was encrypted before the first instruction; below 1 MiB it shows again. */
static void rom(void)
{
	uint8_t *top = (uint8_t *)0xffff0000, *alias = (uint8_t *)0xf0000;
	uint8_t *image = (uint8_t *)0x100000; /* what was copied from there, with its constants */

	expect_equal(blocks_differ(top, image, PAGE), 0);
	expect_equal(blocks_differ(shared(top), image, PAGE), BLOCKS);
	expect_equal(blocks_differ(alias, top, 0x10000), 0);
	expect_equal(blocks_differ(shared(alias), shared(top), 0x10000), 0);
	expect_equal(blocks_differ(top, image, PAGE), 0);
	top[0]++;
	((volatile uint8_t *)shared(top))[1]++;
	expect_equal(blocks_differ(top, image, PAGE), 0);
}

TESTS(TEST(untouched_ram), TEST(ciphertext_in_dram), TEST(ciphertext_depends_on_place),
	TEST(ciphertext_moved_is_noise), TEST(ciphertext_put_back),
	TEST(plaintext_in_dram_is_noise), TEST(flipped_bit_spoils_its_block),
	TEST(written_byte_changes_its_block), TEST(rom));
