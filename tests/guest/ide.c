/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PIIX3 IDE bus master (Intel 82371SB data sheet, 2.7) and ATA commands. */
#include "ide.h"

#define BUS_MASTER 0xc000 /* where we put its ports */
#define BM_COMMAND (BUS_MASTER + 0)
#define BM_STATUS  (BUS_MASTER + 2)
#define BM_TABLE   (BUS_MASTER + 4)
#define BM_START   0x01
#define BM_TO_RAM  0x08
#define BM_ACTIVE  0x01
#define BM_ERROR   0x02

#define ATA_DATA   0x1f0
#define ATA_COUNT  0x1f2
#define ATA_LBA	   0x1f3
#define ATA_DRIVE  0x1f6
#define ATA_STATUS 0x1f7
#define ATA_BUSY   0x80
#define ATA_DRQ	   0x08
#define ATA_ERROR  0x01

#define READ_SECTORS 0x20
#define READ_DMA     0xc8
#define WRITE_DMA    0xca

/* Physical region descriptor; the device reads it from memory, so it lies in a shared page. */
struct region {
	uint32_t address, size_and_end;
};
static volatile struct region *region;

static void config(unsigned reg, uint32_t value)
{
	out32(0xcf8, 0x80000000 | 1 << 11 | 1 << 8 | reg); /* bus 0, device 1, function 1 */
	out32(0xcfc, value);
}

void ide_init(void)
{
	config(0x20, BUS_MASTER | 1);
	config(0x04, 5); /* I/O ports, bus master */
	region = shared(page_new());
	out32(BM_TABLE, (uint32_t)((uintptr_t)region - SHARED_OFFSET));
}

static void command(uint8_t code, uint32_t sector, unsigned count)
{
	for (unsigned i = 0; i < 1000000 && in8(ATA_STATUS) & ATA_BUSY; i++)
		;
	out8(ATA_DRIVE, 0xe0 | (sector >> 24 & 15));
	out8(ATA_COUNT, (uint8_t)count);
	for (unsigned i = 0; i < 3; i++)
		out8((uint16_t)(ATA_LBA + i), (uint8_t)(sector >> 8 * i));
	out8(ATA_STATUS, code);
}

static bool dma(uint8_t code, uint8_t direction, uint32_t sector, unsigned count, const void *page)
{
	region->address = (uint32_t)physical(page);
	region->size_and_end = count * SECTOR | 1u << 31;
	out8(BM_COMMAND, direction);
	out8(BM_STATUS, 0x06);
	command(code, sector, count);
	out8(BM_COMMAND, direction | BM_START);
	for (unsigned i = 0; i < 1000000 && in8(BM_STATUS) & BM_ACTIVE; i++)
		;
	bool stuck = in8(BM_STATUS) & BM_ACTIVE;
	out8(BM_COMMAND, direction);
	return !stuck && !(in8(BM_STATUS) & BM_ERROR) && !(in8(ATA_STATUS) & ATA_ERROR);
}

bool ide_read_dma(uint32_t sector, unsigned count, const void *page)
{
	return dma(READ_DMA, BM_TO_RAM, sector, count, page);
}

bool ide_write_dma(uint32_t sector, unsigned count, const void *page)
{
	return dma(WRITE_DMA, 0, sector, count, page);
}

bool ide_read_pio(uint32_t sector, unsigned count, void *linear)
{
	command(READ_SECTORS, sector, count);
	for (unsigned i = 0; i < count; i++) {
		uint64_t words = SECTOR / 2;
		uint8_t status = 0;

		for (unsigned n = 0; n < 1000000 && !(status & (ATA_DRQ | ATA_ERROR)); n++)
			status = in8(ATA_STATUS);
		if (!(status & ATA_DRQ))
			return false;
		asm volatile("rep insw" : "+D"(linear), "+c"(words) : "d"(ATA_DATA) : "memory");
	}
	return true;
}
