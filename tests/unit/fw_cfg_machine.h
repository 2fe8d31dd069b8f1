/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A fw_cfg device over a small memory, and a guest that reads its ports. */
#ifndef TESTS_UNIT_FW_CFG_MACHINE_H
#define TESTS_UNIT_FW_CFG_MACHINE_H

#include "tests/unit/unit.h"

#include "iodev/fw_cfg/fw_cfg.h"

/* Memory of two pages at 0x1000; everything else is none. */
#define RAM_BASE 0x1000u
#define RAM_SIZE 0x2000u

#define DMA_ERROR  1u
#define DMA_READ   2u
#define DMA_SKIP   4u
#define DMA_SELECT 8u
#define DMA_WRITE  16u

#define BUFFER 0x1100u /* where a guest reads to */

#define KEY 0x05 /* an item of eight bytes, 'a'..'h' */

struct machine {
	struct fw_cfg *fw;
	uint8_t ram[RAM_SIZE];
	unsigned accesses;
};

static inline int ram_access(struct machine *m, uint64_t gpa, size_t size)
{
	m->accesses++;
	assert_in_range(size, 1, 4096);
	assert_int_equal(gpa / 4096, (gpa + size - 1) / 4096); /* the contract: within a page */
	return gpa >= RAM_BASE && gpa + size <= RAM_BASE + RAM_SIZE ? 0 : -1;
}

static inline int ram_read(void *ctx, uint64_t gpa, void *buf, size_t size)
{
	struct machine *m = ctx;

	if (ram_access(m, gpa, size))
		return -1;
	memcpy(buf, m->ram + gpa - RAM_BASE, size);
	return 0;
}

static inline int ram_write(void *ctx, uint64_t gpa, const void *buf, size_t size)
{
	struct machine *m = ctx;

	if (ram_access(m, gpa, size))
		return -1;
	memcpy(m->ram + gpa - RAM_BASE, buf, size);
	return 0;
}

static struct machine machine;

static inline struct fw_cfg *new_device(void)
{
	static const struct fw_cfg_config config = { &machine, ram_read, ram_write };

	memset(&machine, 0, sizeof(machine));
	machine.fw = fw_cfg_new(&config);
	assert_non_null(machine.fw);
	assert_int_equal(fw_cfg_add(machine.fw, KEY, "abcdefgh", 8, NULL), 0);
	return machine.fw;
}

static inline int free_device(void **state)
{
	(void)state;
	fw_cfg_free(machine.fw);
	machine.fw = NULL;
	return 0;
}

static inline void select_key(uint16_t key)
{
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_SELECTOR, 2, key);
}

static inline uint8_t next(void)
{
	return (uint8_t)fw_cfg_io_read(machine.fw, FW_CFG_PORT_DATA, 1);
}

static inline void assert_next(const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		assert_int_equal(next(), ((const uint8_t *)bytes)[i]);
}

static inline void put_be(uint8_t *p, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		p[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

static inline uint8_t *ram(uint64_t gpa)
{
	return machine.ram + gpa - RAM_BASE;
}

static inline void put_descriptor(uint64_t gpa, uint32_t control, uint32_t length, uint64_t data)
{
	uint8_t descriptor[16];

	put_be(descriptor, control, 4);
	put_be(descriptor + 4, length, 4);
	put_be(descriptor + 8, data, 8);
	for (unsigned i = 0; i < 16; i++)
		*ram(gpa + i) = descriptor[i];
}

/* Both halves, as a driver on x86 writes them: byte-swapped. */
static inline void start(uint64_t gpa)
{
	fw_cfg_io_write(
		machine.fw, FW_CFG_PORT_DMA_HIGH, 4, __builtin_bswap32((uint32_t)(gpa >> 32)));
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_LOW, 4, __builtin_bswap32((uint32_t)gpa));
}

/* Runs a descriptor at 0x1000; returns the control word afterwards, and checks the rest of it. */
static inline uint32_t dma(uint32_t control, uint32_t length, uint64_t data)
{
	uint8_t rest[12];

	put_descriptor(0x1000, control, length, data);
	memcpy(rest, ram(0x1004), 12);
	start(0x1000);
	assert_memory_equal(ram(0x1004), rest, 12); /* length and address are not updated */
	return __builtin_bswap32(sev_le32(ram(0x1000)));
}

#define TEST(name) cmocka_unit_test_teardown(name, free_device)

#endif
