/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Shadow RAM below 1 MiB: what the host bridge (i440FX, PAM registers) turns from ROM into RAM has
 * both forms like any RAM, and ROM is ROM again afterwards.
 */
#include "guest.h"

#define PAM0 0x59 /* F0000-FFFFF in its high half */
#define PAM1 0x5a /* C0000-C3FFF in its low half */

enum { ROM_ONLY, READ_RAM, WRITE_RAM, ALL_RAM };

static void set_pam(unsigned reg, unsigned shift, unsigned mode)
{
	uint16_t data = (uint16_t)(0xcfc + reg % 4);

	out32(0xcf8, 0x80000000 | (reg & ~3u)); /* bus 0, device 0, function 0 */
	out8(data, (uint8_t)((in8(data) & ~(3u << shift)) | mode << shift));
}

static void ram_has_both_forms(void)
{
	uint8_t *page = (uint8_t *)0xc0000, *plain = page_new();

	set_pam(PAM1, 0, ALL_RAM);
	fill(page, PAGE, 1);
	fill(plain, PAGE, 1);
	expect(filled(page, PAGE, 1));
	expect_equal(blocks_differ(shared(page), plain, PAGE), BLOCKS);
	fill(shared(page), PAGE, 2);
	expect(filled(shared(page), PAGE, 2));
	expect_equal(blocks_differ(page, shared(page), PAGE), BLOCKS);
	fill(page, PAGE, 1);
}

/* Reads come from RAM, writes go nowhere. */
static void read_only(void)
{
	uint8_t *page = (uint8_t *)0xc0000, *plain = page_new();

	fill(plain, PAGE, 3);
	fill(page, PAGE, 3);
	set_pam(PAM1, 0, READ_RAM);
	fill(page, PAGE, 4);
	expect(filled(page, PAGE, 3));
	fill(shared(page), PAGE, 5);
	expect_equal(blocks_differ(shared(page), plain, PAGE), BLOCKS);
	expect(!filled(shared(page), BLOCK, 5));
	expect(filled(page, PAGE, 3));
}

/* Writes go to the RAM behind the ROM, in the form of the access that wrote them. */
static void write_only(void)
{
	uint8_t *page = (uint8_t *)0xc0000;

	/* Before, each page is in the other form. */
	set_pam(PAM1, 0, ALL_RAM);
	fill(shared(page), PAGE, 8);
	fill(page + PAGE, PAGE, 8);
	set_pam(PAM1, 0, WRITE_RAM);
	fill(page, PAGE, 6);
	fill(shared(page + PAGE), PAGE, 7);
	set_pam(PAM1, 0, ALL_RAM);
	expect(filled(page, PAGE, 6));
	expect(!filled(shared(page), BLOCK, 6));
	expect(filled(shared(page + PAGE), PAGE, 7));
	expect(!filled(page + PAGE, BLOCK, 7));
}

/* The end of the ROM, copied from where it is mapped at 4 GiB, and executed from RAM. */
static void firmware_in_shadow(void)
{
	uint8_t *low = (uint8_t *)0xf0000, *high = (uint8_t *)0xffff0000;

	expect_equal(blocks_differ(low, high, PAGE), 0);
	set_pam(PAM0, 4, ALL_RAM);
	memset(low, 0, PAGE);
	expect_equal(blocks_differ(shared(low), low, PAGE), BLOCKS);
	put_function(low, 123);
	expect_equal(call(low), 123);
	expect_equal(call(shared(low)), 123);
	memcpy(low, high, 0x10000);
	expect_equal(blocks_differ(low, high, 0x10000), 0);
	low[0]++;
	expect_equal(blocks_differ(low, high, PAGE), 1);
	set_pam(PAM0, 4, ROM_ONLY);
	expect_equal(blocks_differ(low, high, PAGE), 0);
}

TESTS(TEST(ram_has_both_forms), TEST(read_only), TEST(write_only), TEST(firmware_in_shadow));
