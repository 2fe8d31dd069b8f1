/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * 32-bit paging without PAE: entries hold no C-bit, so everything is private. PAE tables serve to
 * see both forms of a page.
 */
#include "guest.h"

static struct paging pae, legacy;
static uint8_t *page, *open;   /* open: C=0, in the PAE tables */
static uint8_t *small, *large; /* leaves of 4 KiB and 4 MiB in the legacy tables */

static void set_up(void)
{
	paging_new(&pae, 3);
	paging_new(&legacy, 2);
	page = page_new();
	paging = &pae;
	open = map_shared(page);
	paging = &legacy;
	small = map_somewhere(physical(page), 1);
	large = (uint8_t *)map_somewhere(physical(page) & ~0x3fffffull, 2) +
		(physical(page) & 0x3fffff);
	paging_use(&legacy);
	expect_equal(READ_CR(0) >> 31, 1);
	expect_equal(READ_CR(4) >> 5 & 1, 0);
}

static void memory_is_private(void)
{
	fill(small, PAGE, 1);
	expect(filled(large, PAGE, 1));
	paging_use(&pae);
	expect(filled(page, PAGE, 1));
	expect_equal(blocks_differ(open, page, PAGE), BLOCKS);
	fill(open, PAGE, 2);
	paging_use(&legacy);
	expect_equal(blocks_differ(small, large, PAGE), 0);
	expect(!filled(small, BLOCK, 2));
	fill(large, PAGE, 3);
	expect(filled(small, PAGE, 3));
	paging_use(NULL);
	expect(filled(page, PAGE, 3));
	paging_use(&legacy);
}

static void code_is_private(void)
{
	put_function(small, 0x27182818);
	expect_equal(call(large), 0x27182818);
	paging_use(&pae);
	(void)*(volatile uint8_t *)open;
	expect_equal(call(open), 0x27182818);
	paging_use(&legacy);
	expect_equal(call(small), 0x27182818);
}

/* The table of the small leaf, through the tables' own one-to-one mapping. */
static uint32_t *small_entry(void)
{
	uint32_t *directory = legacy.root;
	uintptr_t linear = (uintptr_t)small;

	return (uint32_t *)(directory[linear >> 22] & 0xfffff000) + (linear >> 12 & 1023);
}

static void accessed_and_dirty(void)
{
	volatile uint32_t *entry = small_entry();

	*entry &= (uint32_t) ~(P_ACCESSED | P_DIRTY);
	flush_tlb();
	(void)*(volatile uint8_t *)small;
	expect_equal(*entry & (P_ACCESSED | P_DIRTY), P_ACCESSED);
	*(volatile uint8_t *)small = 0;
	expect_equal(*entry & (P_ACCESSED | P_DIRTY), P_ACCESSED | P_DIRTY);
}

/* An entry written through C=0 is noise to the walk; a table that lies raw is no hindrance. */
static void tables_are_private(void)
{
	uint32_t *entry = small_entry(), leaf = *entry;

	*(volatile uint32_t *)page = 0x5eed;
	paging_use(&pae);
	volatile uint32_t *raw = map_shared((void *)((uintptr_t)entry & ~(PAGE - 1)));
	raw += (uintptr_t)entry % PAGE / sizeof(*entry);
	for (unsigned i = 0; i < 50; i++) {
		*raw = *raw;
		paging_use(&legacy);
		expect_equal(*(volatile uint32_t *)small, 0x5eed);
		paging_use(&pae);
	}
	*raw = leaf;
	paging_use(&legacy);
	if (try_read(small).vector == NO_FAULT)
		expect(*(volatile uint32_t *)small != 0x5eed);
	*entry = leaf;
	flush_tlb();
	expect_equal(*(volatile uint32_t *)small, 0x5eed);
}

static void local_apic(void)
{
	expect_equal(*(volatile uint32_t *)0xfee00030 & 0xf0, 0x10);
	paging_use(NULL);
}

TESTS(TEST(set_up), TEST(memory_is_private), TEST(code_is_private), TEST(accessed_and_dirty),
	TEST(tables_are_private), TEST(local_apic));
