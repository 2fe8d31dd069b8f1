/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Page walks and instruction fetches of a SEV guest are private whatever the C-bits say; only data
 * follows the C-bit of its leaf (APM volume 2, 15.34.5).
 */
#include "guest.h"

/* The same linear page holds one thing as code and another as data. */
static void fetch_ignores_c(void)
{
	uint8_t *page = page_new(), *same = map_private(page);
	volatile uint8_t *noise = map_shared(page);

	put_function(page, 0x12345678);
	expect_equal(blocks_differ(page, (void *)noise, BLOCK), 1);
	expect_equal(blocks_differ(page, same, BLOCK), 0);
	expect_equal(call(page), 0x12345678);
	expect_equal(call(same), 0x12345678);
	expect_equal(call(noise), 0x12345678);
}

static void fetch_and_data_in_turn(void)
{
	uint8_t *page = page_new();
	volatile uint64_t *data = map_shared(page);
	unsigned wrong = 0;
	uint64_t raw;

	put_function(page, 0);
	raw = data[0];
	for (uint32_t i = 0; i < 2000; i++) {
		data[100] = i;
		wrong += call(data) != 0;
		wrong += data[100] != i || data[0] != raw;
	}
	expect_equal(wrong, 0);
}

/* A page that code calls in a loop while data accesses turn it over underneath. */
static void fetch_page_turned_while_executing(void)
{
	uint8_t *page = page_new();
	volatile uint64_t *data = shared(page);
	/* 1: mov [rdi], rsi; dec ecx; jnz 1b; mov eax, ecx; ret */
	static const uint8_t loop[] = { 0x48, 0x89, 0x37, 0xff, 0xc9, 0x75, 0xf9, 0x89, 0xc8,
		0xc3 };
	uint32_t left = 2000;

	memcpy(page, loop, sizeof(loop));
	asm volatile("call *%2"
		     : "+c"(left)
		     : "D"(&data[256]), "r"(page), "S"(0x1122334455667788)
		     : "rax", "memory", "cc");
	expect_equal(left, 0);
	expect_equal(data[256], 0x1122334455667788);
}

/* Steps of 16 bytes, each executed once: it turns over its own page and jumps to the next. */
static void fetch_page_turned_by_itself(void)
{
	/* mov rax, [rdi]; inc ecx; jmp to the next step */
	static const uint8_t step[BLOCK] = { 0x48, 0x8b, 0x07, 0xff, 0xc1, 0xeb, 0x09 };
	uint8_t *page = page_new();
	uint32_t steps = 0;

	for (unsigned i = 0; i < BLOCKS - 1; i++)
		memcpy(page + i * BLOCK, step, BLOCK);
	page[PAGE - BLOCK] = 0xc3; /* ret */
	asm volatile("call *%1"
		     : "+c"(steps)
		     : "r"(page), "D"(shared(page))
		     : "rax", "memory", "cc");
	expect_equal(steps, BLOCKS - 1);
}

/* All combinations of C-bits in CR3, the upper levels and the leaf. */
static void only_the_leaf_matters(void)
{
	uint8_t *page = page_new();
	uintptr_t cr3 = READ_CR(3);
	unsigned wrong = 0;

	put_function(page, 7);
	for (unsigned bits = 0; bits < 32; bits++) {
		uintptr_t linear = (uintptr_t)map_shared(page);

		for (unsigned level = 1; level <= 4; level++)
			*table_entry(linear, level) |= bits >> (level - 1) & 1 ? c_bit : 0;
		WRITE_CR(3, bits & 16 ? cr3 | c_bit : cr3);
		expect_equal(READ_CR(3), bits & 16 ? cr3 | c_bit : cr3);
		wrong += call((void *)linear) != 7;
		wrong += blocks_differ((void *)linear, page, BLOCK) != !(bits & 1);
		WRITE_CR(3, cr3);
		for (unsigned level = 2; level <= 4; level++)
			*table_entry(linear, level) &= ~c_bit;
	}
	expect_equal(wrong, 0);
}

/* Entries written through C=0 are noise to the walk. */
static void tables_are_private(void)
{
	uint64_t *page = page_new();
	uintptr_t linear = (uintptr_t)map_private(page);
	uint64_t *entry = table_entry(linear, 1), leaf = *entry;

	page[0] = 0x0123456789abcdef;
	*(uint64_t *)shared(entry) = leaf;
	invlpg((void *)linear);
	if (try_read((void *)linear).vector == NO_FAULT)
		expect(*(volatile uint64_t *)linear != page[0]);
	*entry = leaf;
	invlpg((void *)linear);
	expect_equal(*(volatile uint64_t *)linear, page[0]);
	*entry = 0;
}

/* The tables may lie in DRAM's form when the walk needs them. */
static void walk_after_raw_access(void)
{
	uint8_t *page = page_new();
	volatile uint8_t *linear = map_private(page);
	unsigned wrong = 0;

	page[0] = 42;
	for (unsigned level = 1; level <= 4; level++) {
		volatile uint64_t *raw = shared(table_entry((uintptr_t)linear, level));

		for (unsigned i = 0; i < 100; i++) {
			*raw = *raw;
			flush_tlb();
			wrong += linear[0] != 42;
		}
	}
	expect_equal(wrong, 0);
}

static uint64_t flags(const volatile void *linear, unsigned level)
{
	return *table_entry((uintptr_t)linear, level) & (P_ACCESSED | P_DIRTY);
}

static void accessed_and_dirty_through_c(void)
{
	uint8_t *page = page_new();
	volatile uint8_t *linear = map_private(page);
	uint64_t *entry = table_entry((uintptr_t)linear, 1), leaf = *entry;

	expect_equal(flags(linear, 1), 0);
	(void)linear[0];
	expect_equal(flags(linear, 1), P_ACCESSED);
	for (unsigned level = 2; level <= 4; level++)
		expect_equal(flags(linear, level) & P_ACCESSED, P_ACCESSED);
	linear[0] = 1;
	expect_equal(flags(linear, 1), P_ACCESSED | P_DIRTY);
	/* The update is a private write too: the whole block changed in DRAM. */
	*entry = leaf;
	invlpg((void *)linear);
	uint64_t before[2], after[2];
	uint64_t *block = (uint64_t *)((uintptr_t)entry & ~(uintptr_t)15);
	memcpy(before, shared(block), BLOCK);
	(void)linear[0];
	memcpy(after, shared(block), BLOCK);
	expect(before[0] != after[0] && before[1] != after[1]);
	expect_equal(flags(linear, 1), P_ACCESSED);
}

TESTS(TEST(fetch_ignores_c), TEST(fetch_and_data_in_turn), TEST(fetch_page_turned_while_executing),
	TEST(fetch_page_turned_by_itself), TEST(only_the_leaf_matters), TEST(tables_are_private),
	TEST(walk_after_raw_access), TEST(accessed_and_dirty_through_c));
