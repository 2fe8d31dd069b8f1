/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the guest sees of a fw_cfg device: the ports and the DMA engine. */
#include <string.h>

#include "iodev/fw_cfg/fw_cfg.h"
#include "iodev/fw_cfg/state.h"

#define PAGE 4096u

/* --- the selected item ----------------------------------------------------------------------- */

void fw_cfg_select(struct fw_cfg *fw, uint16_t key)
{
	fw->key = key & (FW_CFG_ARCH_LOCAL | FW_CFG_INDEX_MASK);
	fw->current = fw_cfg_item(fw, fw->key);
	fw->offset = 0;
}

static size_t remaining(const struct fw_cfg *fw)
{
	return fw->current ? fw->current->size - fw->offset : 0;
}

/* Past the end, and in an item that does not exist, there are zeros. */
void fw_cfg_data_read(struct fw_cfg *fw, void *buf, size_t size)
{
	struct fw_cfg_item *item = fw->current;
	size_t rest = remaining(fw);
	size_t count = size < rest ? size : rest;

	memset((uint8_t *)buf + count, 0, size - count);
	if (count == 0)
		return;
	memcpy(buf, item->data + fw->offset, count);
	if (item->flipped && item->flip_at >= fw->offset && item->flip_at - fw->offset < count)
		((uint8_t *)buf)[item->flip_at - fw->offset] ^= 1;
	fw->offset += count;
	if (item->read_end < fw->offset)
		item->read_end = fw->offset;
}

/* --- DMA ------------------------------------------------------------------------------------- */

#define DMA_ERROR  (1u << 0)
#define DMA_READ   (1u << 1)
#define DMA_SKIP   (1u << 2)
#define DMA_SELECT (1u << 3)
#define DMA_WRITE  (1u << 4)

#define DMA_DESCRIPTOR 16

/* Of `size` bytes at gpa, those that lie in its page. */
static size_t in_page(uint64_t gpa, size_t size)
{
	size_t room = PAGE - (size_t)(gpa % PAGE);

	return size < room ? size : room;
}

static int guest_read(struct fw_cfg *fw, uint64_t gpa, void *buf, size_t size)
{
	size_t first = in_page(gpa, size);

	if (fw->config.dma_read(fw->config.ctx, gpa, buf, first))
		return -1;
	if (first == size)
		return 0;
	return fw->config.dma_read(
		fw->config.ctx, gpa + first, (uint8_t *)buf + first, size - first);
}

/* One page at a time through a buffer, so that a flipped byte needs no copy of the item. */
static uint32_t dma_read(struct fw_cfg *fw, uint64_t gpa, uint32_t length)
{
	uint8_t page[PAGE];

	while (length) {
		uint32_t count = (uint32_t)in_page(gpa, length);

		fw_cfg_data_read(fw, page, count);
		if (fw->config.dma_write(fw->config.ctx, gpa, page, count))
			return DMA_ERROR;
		gpa += count;
		length -= count;
	}
	return 0;
}

static uint32_t dma_skip(struct fw_cfg *fw, uint32_t length)
{
	size_t rest = remaining(fw);

	fw->offset += length < rest ? length : rest;
	return 0;
}

/* No item is writable: any byte to be written is an error. */
static uint32_t dma_write(uint32_t length)
{
	return length ? DMA_ERROR : 0;
}

static uint32_t dma_execute(struct fw_cfg *fw, const uint8_t descriptor[DMA_DESCRIPTOR])
{
	uint32_t control = __builtin_bswap32(sev_le32(descriptor));
	uint32_t length = __builtin_bswap32(sev_le32(descriptor + 4));
	uint64_t gpa = __builtin_bswap64(sev_le64(descriptor + 8));

	if (control & DMA_SELECT)
		fw_cfg_select(fw, (uint16_t)(control >> 16));
	if (control & DMA_READ)
		return dma_read(fw, gpa, length);
	if (control & DMA_WRITE)
		return dma_write(length);
	if (control & DMA_SKIP)
		return dma_skip(fw, length);
	return 0;
}

/* Runs the descriptor and writes the outcome over its control word: 0, or the error bit alone. */
static void dma_start(struct fw_cfg *fw)
{
	uint64_t gpa = fw->dma_address;
	uint8_t descriptor[DMA_DESCRIPTOR], outcome[4];
	uint32_t result = DMA_ERROR;

	fw->dma_address = 0;
	if (guest_read(fw, gpa, descriptor, sizeof(descriptor)) == 0)
		result = dma_execute(fw, descriptor);
	sev_put32(outcome, __builtin_bswap32(result));
	for (unsigned i = 0; i < sizeof(outcome); i++) /* may lie across two pages */
		(void)fw->config.dma_write(fw->config.ctx, gpa + i, outcome + i, 1);
}

/* --- ports ----------------------------------------------------------------------------------- */

static uint32_t all_ones(unsigned size)
{
	return size < 4 ? (1u << (8 * size)) - 1 : UINT32_MAX;
}

/* The DMA register reads as a signature, its bytes in the order of their addresses. */
static uint32_t signature(uint16_t port, unsigned size)
{
	static const uint8_t text[] = "QEMU CFG";
	uint32_t value = 0;

	for (unsigned i = 0; i < size; i++)
		if (port + i <= FW_CFG_PORT_LAST)
			value |= (uint32_t)text[port + i - FW_CFG_PORT_DMA_HIGH] << (8 * i);
	return value;
}

uint32_t fw_cfg_io_read(struct fw_cfg *fw, uint16_t port, unsigned size)
{
	uint8_t byte;

	if (port >= FW_CFG_PORT_DMA_HIGH && port <= FW_CFG_PORT_LAST)
		return fw->dma ? signature(port, size) : all_ones(size);
	if (port != FW_CFG_PORT_DATA || size != 1)
		return 0;
	fw_cfg_data_read(fw, &byte, 1);
	return byte;
}

void fw_cfg_io_write(struct fw_cfg *fw, uint16_t port, unsigned size, uint32_t value)
{
	if (port == FW_CFG_PORT_SELECTOR && size == 2)
		fw_cfg_select(fw, (uint16_t)value);
	if (!fw->dma || size != 4)
		return;
	if (port == FW_CFG_PORT_DMA_HIGH) {
		fw->dma_address = (uint64_t)__builtin_bswap32(value) << 32;
	} else if (port == FW_CFG_PORT_DMA_LOW) {
		fw->dma_address |= __builtin_bswap32(value);
		dma_start(fw);
	}
}

void fw_cfg_reset(struct fw_cfg *fw)
{
	for (unsigned space = 0; space < 2; space++)
		for (unsigned index = 0; index < FW_CFG_INDICES; index++)
			fw->items[space][index].read_end = 0;
	fw_cfg_select(fw, FW_CFG_SIGNATURE);
	fw->dma_address = 0;
}
