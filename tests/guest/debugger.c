/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What tests/cli/debugger.sh looks at with Bochs' debugger: pages at known places, of which COM1
 * tells what they hold, and a stop (magic breakpoint) at each step. Without a debugger it is a
 * guest like others.
 */
#include "report.h"

/* Written through C=1; through C=0; through C=1 and then seen raw. The others: see below. */
enum { PRIVATE, OPEN, TURNED, WRITTEN_PRIVATE, WRITTEN_OPEN, WATCHED, PAGES };
static uint8_t *const pages = (uint8_t *)0x2000000;

/* Here PRIVATE, OPEN, TURNED and OPEN once more lie side by side, each with its own C-bit. */
#define WINDOW 0x18000000000u

#define STOP() asm volatile("xchg %%bx, %%bx" : : : "memory")

static uint8_t *page(unsigned n)
{
	return pages + n * PAGE;
}

static void tell(const char *what, uint64_t word)
{
	put("# ");
	put(what);
	put(" ");
	put_hex(word);
	put("\n");
}

static uint64_t at(const volatile void *address)
{
	return *(const volatile uint64_t *)address;
}

/*
 * Page tables and the page TURNED end up in DRAM's form. If a look between two calls turns them
 * over, the second one turns them back, and the conversions are more.
 */
static void turn_tables(void)
{
	(void)*(volatile uint8_t *)shared(page(TURNED));
	for (unsigned level = 1; level <= 4; level++)
		(void)*(volatile uint64_t *)shared(table_entry(WINDOW, level));
}

static void looked_at(void)
{
	for (unsigned n = 0; n < PAGES; n++)
		fill(n == OPEN || n == WRITTEN_OPEN ? shared(page(n)) : page(n), PAGE, n);
	for (unsigned n = 0; n < 4; n++)
		map(WINDOW + n * PAGE, physical(page(n == 3 ? OPEN : n)) | (n & 1 ? 0 : c_bit), 1);
	tell("private plain", at(page(PRIVATE)));
	tell("open raw", at(shared(page(OPEN))));
	tell("turned plain", at(page(TURNED)));
	turn_tables();
	STOP();
	turn_tables();
	expect(filled(page(PRIVATE), PAGE, PRIVATE));
	expect(filled(shared(page(OPEN)), PAGE, OPEN));
	expect(filled(page(TURNED), PAGE, TURNED));
	tell("private raw", at(shared(page(PRIVATE))));
	tell("open decrypted", at(page(OPEN)));
	tell("turned raw", at(shared(page(TURNED))));
	tell("private raw, byte 15", at(shared(page(PRIVATE) + 8)) >> 56);
	tell("private, open, raw", at(shared(page(OPEN) - 4)));
	tell("private, open", at((void *)(WINDOW + PAGE - 4)));
	tell("open, turned", at((void *)(WINDOW + 2 * PAGE - 4)));
	tell("turned, open", at((void *)(WINDOW + 3 * PAGE - 4)));
}

/* The debugger writes to two neighbours, one stored private and one stored raw. */
static void written_to(void)
{
	static uint8_t before[2][PAGE];
	uint8_t *private = page(WRITTEN_PRIVATE), *open = shared(page(WRITTEN_OPEN));

	memcpy(before[0], private, PAGE);
	memcpy(before[1], open, PAGE);
	STOP();
	tell("private 0x10", at(private + 0x10));
	tell("private 0x20", at(private + 0x20));
	tell("open 0x10", at(open + 0x10));
	tell("open 0x20", at(open + 0x20));
	expect_equal(blocks_differ(before[0] + 0x40, private + 0x40, PAGE - 0x40 - BLOCK), 0);
	expect_equal(blocks_differ(before[1] + 0x40, open + 0x40, PAGE - 0x40), 0);
}

static void watched(void)
{
	volatile uint64_t *private = (uint64_t *)page(WATCHED), *open = shared(page(WATCHED));

	tell("watched", (uintptr_t)watched);
	STOP();
	private[2] = 1;
	open[2] = 2;
	(void)private[4];
	(void)open[4];
	private[8] = 3; /* is not watched */
	STOP();
}

TESTS(TEST(looked_at), TEST(written_to), TEST(watched));
