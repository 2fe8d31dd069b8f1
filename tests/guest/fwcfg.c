/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fw_cfg device: ports answer the processor, its DMA sees DRAM (QEMU docs/specs/fw_cfg). */
#include "guest.h"

#define SELECTOR  0x510
#define DATA	  0x511
#define DMA_HIGH  0x514
#define DMA_LOW	  0x518
#define SIGNATURE 0
#define FEATURES  1

#define DMA_READ   2u
#define DMA_SELECT 8u

/* All big endian; in memory that the device can read. */
struct access {
	uint32_t control, length;
	uint64_t address;
};
static volatile struct access *access;

static const char signature[] = "QEMU";

/* Reads from the start of an item to where physical memory is seen at page. */
static uint32_t read_by_dma(uint16_t item, uint32_t length, const void *page)
{
	uint64_t at = (uintptr_t)access - SHARED_OFFSET;

	access->control = __builtin_bswap32((uint32_t)item << 16 | DMA_SELECT | DMA_READ);
	access->length = __builtin_bswap32(length);
	access->address = __builtin_bswap64(physical(page));
	out32(DMA_HIGH, __builtin_bswap32((uint32_t)(at >> 32)));
	out32(DMA_LOW, __builtin_bswap32((uint32_t)at));
	return __builtin_bswap32(access->control);
}

static void by_port(void)
{
	asm volatile("outw %0, %1" : : "a"((uint16_t)SIGNATURE), "Nd"((uint16_t)SELECTOR));
	for (unsigned i = 0; i < 4; i++)
		expect_equal(in8(DATA), (uint8_t)signature[i]);
	asm volatile("outw %0, %1" : : "a"((uint16_t)FEATURES), "Nd"((uint16_t)SELECTOR));
	expect_equal(in8(DATA) & 2, 2); /* DMA */
}

static void dma_into_shared_page(void)
{
	uint8_t *page = page_new();

	access = shared(page_new());
	memset(shared(page), 0, PAGE);
	expect_equal(read_by_dma(SIGNATURE, 4, page + 64), 0);
	expect_equal(memcmp((uint8_t *)shared(page) + 64, signature, 4), 0);
}

static void dma_into_private_page(void)
{
	uint8_t *page = page_new(), *plain = page_new();

	fill(page, PAGE, 1);
	fill(plain, PAGE, 1);
	expect_equal(read_by_dma(SIGNATURE, 4, page + 64), 0);
	expect_equal(blocks_differ(page, plain, PAGE), 1);
	expect_equal(blocks_differ(page + 64, plain + 64, BLOCK), 1);
	expect_equal(memcmp((uint8_t *)shared(page) + 64, signature, 4), 0);
}

/* Into the page from which the processor executes, across the border to the next. */
static void dma_across_pages(void)
{
	uint8_t *pages = pages_untouched(2);
	unsigned wrong = 0;

	memset(pages, 0, 2 * PAGE);
	put_function(pages, 3);
	put_function(pages + PAGE + 64, 4);
	for (unsigned i = 0; i < 100; i++) {
		wrong += read_by_dma(SIGNATURE, 4, pages + PAGE - 2) != 0;
		wrong += call(pages) != 3 || call(pages + PAGE + 64) != 4;
		wrong += memcmp((uint8_t *)shared(pages) + PAGE - 2, signature, 4) != 0;
	}
	expect_equal(wrong, 0);
}

TESTS(TEST(by_port), TEST(dma_into_shared_page), TEST(dma_into_private_page),
	TEST(dma_across_pages));
