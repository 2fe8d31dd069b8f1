/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A device sees DRAM as it is: what it shall read must be shared, what it writes is read with C=0.
 */
#include "ide.h"

#define SECTORS (PAGE / SECTOR) /* of one page */

static uint8_t *page, *raw;

static void disk_through_shared_page(void)
{
	ide_init();
	page = page_new();
	raw = shared(page);
	fill(raw, PAGE, 1);
	expect(ide_write_dma(0, SECTORS, page));
	memset(raw, 0, PAGE);
	expect(ide_read_dma(0, SECTORS, page));
	expect(filled(raw, PAGE, 1));
}

/* By port the processor itself moves the data, in the view of the mapping that it uses. */
static void disk_by_port(void)
{
	uint8_t *buffer = page_new();

	expect(ide_read_pio(0, SECTORS, buffer));
	expect(filled(buffer, PAGE, 1));
	expect_equal(blocks_differ(shared(buffer), buffer, PAGE), BLOCKS);
	memset(buffer, 0, PAGE);
	expect(ide_read_pio(0, SECTORS, shared(buffer)));
	expect(filled(shared(buffer), PAGE, 1));
}

static void device_spoils_private_page(void)
{
	uint8_t *plain = page_new();

	fill(page, PAGE, 2);
	expect(ide_read_dma(0, SECTORS, page));
	fill(plain, PAGE, 1);
	expect_equal(blocks_differ(page, plain, PAGE), BLOCKS);
	fill(plain, PAGE, 2);
	expect_equal(blocks_differ(page, plain, PAGE), BLOCKS);
	expect(filled(raw, PAGE, 1));
}

/* One sector: the other seven stay readable. */
static void device_spoils_what_it_writes(void)
{
	uint8_t *plain = page_new();

	fill(page, PAGE, 3);
	fill(plain, PAGE, 3);
	expect(ide_read_dma(0, 1, page + 2 * SECTOR));
	expect_equal(blocks_differ(page, plain, PAGE), SECTOR / BLOCK);
	expect_equal(blocks_differ(page + 2 * SECTOR, plain + 2 * SECTOR, SECTOR), SECTOR / BLOCK);
}

static void device_reads_ciphertext(void)
{
	static uint8_t ciphertext[PAGE];
	uint8_t *buffer = page_new();

	fill(page, PAGE, 4);
	memcpy(ciphertext, raw, PAGE);
	expect(filled(page, PAGE, 4));
	expect(ide_write_dma(8, SECTORS, page));
	expect(filled(page, PAGE, 4));
	expect(ide_read_pio(8, SECTORS, buffer));
	expect_equal(blocks_differ(buffer, ciphertext, PAGE), 0);
}

/* Ciphertext that comes back to its own place is the page again; elsewhere it is noise. */
static void ciphertext_from_disk(void)
{
	uint8_t *plain = page_new(), *elsewhere = page_new();

	fill(plain, PAGE, 4);
	memset(page, 0, PAGE);
	expect(ide_read_dma(8, SECTORS, page));
	expect(filled(page, PAGE, 4));
	expect(ide_read_dma(8, SECTORS, elsewhere));
	expect_equal(blocks_differ(elsewhere, plain, PAGE), BLOCKS);
}

/* Two versions of a function, exchanged by the device as ciphertext. */
static void device_modifies_code(void)
{
	unsigned wrong = 0;

	memset(page, 0, PAGE);
	for (uint32_t i = 0; i < 2; i++) {
		put_function(page, 100 + i);
		expect(ide_write_dma(16 + i, 1, page));
	}
	for (uint32_t i = 0; i < 20; i++) {
		expect(ide_read_dma(16 + (i & 1), 1, page));
		wrong += call(page) != 100 + (i & 1);
	}
	expect_equal(wrong, 0);
}

/* Guest and device in turn, each in its own form. */
static void turned_between_transfers(void)
{
	unsigned wrong = 0;

	for (uint32_t i = 0; i < 20; i++) {
		fill(raw, PAGE, i);
		wrong += !ide_write_dma(24, SECTORS, page);
		fill(page, PAGE, ~i);
		wrong += !ide_read_dma(24, SECTORS, page);
		wrong += !filled(raw, PAGE, i);
		wrong += filled(page, BLOCK, ~i);
	}
	expect_equal(wrong, 0);
}

TESTS(TEST(disk_through_shared_page), TEST(disk_by_port), TEST(device_spoils_private_page),
	TEST(device_spoils_what_it_writes), TEST(device_reads_ciphertext),
	TEST(ciphertext_from_disk), TEST(device_modifies_code), TEST(turned_between_transfers));
