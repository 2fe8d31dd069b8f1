/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paging off: all memory is private, and devices answer. PAE tables serve to see both forms. */
#include "guest.h"

static struct paging pae;
static uint8_t *page, *private, *open, raw[PAGE];

static void set_up(void)
{
	paging_new(&pae, 3);
	page = page_new();
	paging_use(&pae);
	private = map_private(page);
	open = map_shared(page);
	paging_use(NULL);
	expect_equal(READ_CR(0) >> 31, 0);
}

static void writes_are_private(void)
{
	fill(page, PAGE, 1);
	paging_use(&pae);
	expect(filled(private, PAGE, 1));
	expect_equal(blocks_differ(open, private, PAGE), BLOCKS);
	paging_use(NULL);
	expect(filled(page, PAGE, 1));
}

static void reads_are_private(void)
{
	paging_use(&pae);
	fill(private, PAGE, 2);
	memcpy(raw, open, PAGE);
	paging_use(NULL);
	expect(filled(page, PAGE, 2));
	paging_use(&pae);
	fill(open, PAGE, 3);
	paging_use(NULL);
	expect(!filled(page, BLOCK, 3));
	paging_use(&pae);
	memcpy(open, raw, PAGE);
	paging_use(NULL);
	expect(filled(page, PAGE, 2));
}

/* Both forms in turn, with the code that runs and its stack private all the while. */
static void turned_by_paged_access(void)
{
	volatile uint32_t *word = (uint32_t *)page;
	unsigned wrong = 0;

	for (unsigned i = 0; i < 200; i++) {
		word[0] = i;
		paging_use(&pae);
		((volatile uint32_t *)open)[512] = i;
		wrong += ((volatile uint32_t *)private)[0] != i;
		(void)*(volatile uint8_t *)open;
		paging_use(NULL);
		wrong += word[0] != i;
		wrong += word[512] == i && word[513] == 0;
	}
	expect_equal(wrong, 0);
}

static void code_is_private(void)
{
	put_function(page, 0x31415926);
	expect_equal(call(page), 0x31415926);
	paging_use(&pae);
	expect_equal(call(open), 0x31415926);
	expect_equal(blocks_differ(open, private, BLOCK), 1);
	paging_use(NULL);
	expect_equal(call(page), 0x31415926);
}

/* What the processor reads as the ROM is plaintext, and again below 1 MiB. */
static void rom_is_private(void)
{
	expect_equal(blocks_differ((void *)0xf0000, (void *)0x100000, PAGE), 0);
	expect_equal(blocks_differ((void *)0xffff0000, (void *)0x100000, PAGE), 0);
}

static void devices_answer(void)
{
	volatile uint32_t *lapic = (uint32_t *)0xfee00000, *io_apic = (uint32_t *)0xfec00000;

	expect_equal(lapic[0x30 / 4] & 0xf0, 0x10);
	lapic[0x80 / 4] = 0x50;
	expect_equal(lapic[0x80 / 4], 0x50);
	io_apic[0] = 1;
	expect_equal(io_apic[4] >> 16 & 0xff, 23);
	paging_use(&pae);
	expect_equal(((volatile uint32_t *)map_somewhere(0xfee00000, 1))[0x80 / 4], 0x50);
	paging_use(NULL);
	lapic[0x80 / 4] = 0;
}

TESTS(TEST(set_up), TEST(writes_are_private), TEST(reads_are_private), TEST(turned_by_paged_access),
	TEST(code_is_private), TEST(rom_is_private), TEST(devices_answer));
