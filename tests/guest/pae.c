/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PAE in 32-bit mode: data follows the C-bit of a leaf of 4 KiB or 2 MiB, all else is private. */
#include "guest.h"

static struct paging pae;
static uint8_t *page;

static void set_up(void)
{
	paging_new(&pae, 3);
	page = page_new();
	paging_use(&pae);
	expect_equal(READ_CR(4) >> 5 & 1, 1);
	wrmsr(0xc0000080, 0x800); /* NXE, so that fetches are told from reads */
}

static uint8_t *large(uint64_t c)
{
	return (uint8_t *)map_somewhere((physical(page) & ~0x1fffffull) | c, 2) +
	       (physical(page) & 0x1fffff);
}

static void data_follows_the_leaf(void)
{
	uint8_t *private[] = { page, map_private(page), large(c_bit) };
	uint8_t *open[] = { map_shared(page), large(0) };

	for (unsigned p = 0; p < 3; p++)
		for (unsigned o = 0; o < 2; o++) {
			fill(private[p], PAGE, p);
			expect(filled(private[(p + 1) % 3], PAGE, p));
			expect_equal(blocks_differ(open[o], private[p], PAGE), BLOCKS);
			fill(open[o], PAGE, 3 + o);
			expect(filled(open[!o], PAGE, 3 + o));
			expect_equal(blocks_differ(private[p], open[o], PAGE), BLOCKS);
		}
}

static void fetch_ignores_c(void)
{
	uint8_t *open = map_shared(page), *open_large = large(0);

	put_function(page, 0x12345678);
	expect_equal(blocks_differ(open, page, BLOCK), 1);
	expect_equal(call(open), 0x12345678);
	expect_equal(call(open_large), 0x12345678);
	expect_equal(call(page), 0x12345678);
}

/* The entry of a level, and CR3 written so that a changed PDPTE counts. */
static void set_entry(uintptr_t linear, unsigned level, uint64_t value)
{
	*table_entry(linear, level) = value;
	flush_tlb();
}

/* All combinations of C-bits in PDPTE, PDE and leaf. */
static void only_the_leaf_matters(void)
{
	unsigned wrong = 0;

	put_function(page, 7);
	for (unsigned bits = 0; bits < 8; bits++) {
		uintptr_t linear = (uintptr_t)map_shared(page);

		for (unsigned level = 3; level; level--)
			if (bits >> (level - 1) & 1)
				set_entry(linear, level, *table_entry(linear, level) | c_bit);
		flush_tlb();
		wrong += call((void *)linear) != 7;
		wrong += blocks_differ((void *)linear, page, BLOCK) != !(bits & 1);
		for (unsigned level = 3; level > 1; level--)
			set_entry(linear, level, *table_entry(linear, level) & ~c_bit);
	}
	expect_equal(wrong, 0);
}

/* PDPTEs are read when CR3 is written, PDEs and PTEs by the walk: in whatever form they lie. */
static void walk_after_raw_access(void)
{
	uint8_t *linear = map_private(page);
	unsigned wrong = 0;

	*(volatile uint32_t *)page = 0x5eed;
	for (unsigned level = 1; level <= 3; level++) {
		uint64_t *entry = table_entry((uintptr_t)linear, level);
		volatile uint32_t *raw = map_shared((void *)((uintptr_t)entry & ~(PAGE - 1)));

		for (unsigned i = 0; i < 100; i++) {
			*raw = *raw;
			flush_tlb();
			wrong += *(volatile uint32_t *)linear != 0x5eed;
		}
	}
	expect_equal(wrong, 0);
}

static void accessed_and_dirty(void)
{
	volatile uint8_t *linear = map_private(page);
	uint64_t *entry = table_entry((uintptr_t)linear, 1);

	expect_equal(*entry & (P_ACCESSED | P_DIRTY), 0);
	(void)linear[0];
	expect_equal(*entry & (P_ACCESSED | P_DIRTY), P_ACCESSED);
	linear[0] = 1;
	expect_equal(*entry & (P_ACCESSED | P_DIRTY), P_ACCESSED | P_DIRTY);
}

/* Bits 40 to 51 of PTE and PDE fault, but for the C-bit. */
static void reserved_in_walk(void)
{
	for (unsigned level = 1; level <= 2; level++)
		for (unsigned bit = 40; bit < 52; bit++) {
			uint8_t *linear = map_private(page);
			uint64_t *entry = table_entry((uintptr_t)linear, level), old = *entry;

			*(volatile uint8_t *)linear = 0xc3;
			set_entry((uintptr_t)linear, level, old | 1ull << bit);
			if (c_bit == 1ull << bit) {
				expect_no_fault(try_read(linear));
				expect_no_fault(try_call(linear));
			} else {
				expect_fault(try_read(linear), PF, PF_P | PF_RSVD);
				expect_fault(try_write(linear), PF, PF_P | PF_RSVD | PF_W);
				expect_fault(try_call(linear), PF, PF_P | PF_RSVD | PF_I);
			}
			set_entry((uintptr_t)linear, level, old);
		}
}

/* In a PDPTE they make the load of CR3 fault. */
static void reserved_in_pdpte(void)
{
	uintptr_t linear = 0x40000000; /* entry 1, used by nobody */
	uint64_t *entry = (uint64_t *)pae.root + 1;

	for (unsigned bit = 40; bit < 52; bit++) {
		*entry = physical(page) | P_PRESENT | 1ull << bit;
		if (c_bit == 1ull << bit)
			expect_no_fault(try_write_cr3(READ_CR(3)));
		else
			expect_fault(try_write_cr3(READ_CR(3)), GP, 0);
	}
	*entry = 0;
	flush_tlb();
	expect_equal(try_read((void *)linear).vector, PF);
}

static void turned_in_a_row(void)
{
	volatile uint32_t *private = (uint32_t *)page, *open = map_shared(page);
	unsigned wrong = 0;

	for (unsigned i = 0; i < 5000; i++) {
		private[0] = i;
		open[512] = ~i;
		wrong += private[0] != i || open[512] != ~i;
	}
	expect_equal(wrong, 0);
}

static void local_apic(void)
{
	volatile uint32_t *open = map_somewhere(0xfee00000, 1);

	expect_equal(*(volatile uint32_t *)0xfee00030, open[0x30 / 4]);
	expect_equal(open[0x30 / 4] & 0xf0, 0x10);
	paging_use(NULL);
}

TESTS(TEST(set_up), TEST(data_follows_the_leaf), TEST(fetch_ignores_c), TEST(only_the_leaf_matters),
	TEST(walk_after_raw_access), TEST(accessed_and_dirty), TEST(reserved_in_walk),
	TEST(reserved_in_pdpte), TEST(turned_in_a_row), TEST(local_apic));
