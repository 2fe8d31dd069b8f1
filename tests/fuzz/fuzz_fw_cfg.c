/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A guest that does anything: port accesses of any width and DMA descriptors of any content on a
 * memory of three pages. Input: one byte of size in units of 16 and that much content of memory,
 * then accesses of six bytes each: port and width, kind, value.
 *
 * What must hold, whatever the guest does: no access of the device leaves a page or is empty, the
 * items stay what they are, and a started transfer leaves 0 or the error bit alone.
 */
#include <stdlib.h>
#include <string.h>

#include "iodev/fw_cfg/machine.h"

#define RAM_BASE 0x1000u
#define RAM_SIZE 0x3000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t ram[RAM_SIZE];

static void must(bool condition)
{
	if (!condition)
		abort();
}

static uint8_t *ram_at(uint64_t gpa, size_t size)
{
	must(size > 0 && size <= 4096 && gpa / 4096 == (gpa + size - 1) / 4096);
	return gpa >= RAM_BASE && gpa < RAM_BASE + RAM_SIZE ? ram + (gpa - RAM_BASE) : NULL;
}

static int ram_read(void *ctx, uint64_t gpa, void *buf, size_t size)
{
	const uint8_t *at = ram_at(gpa, size);

	(void)ctx;
	if (!at)
		return -1;
	memcpy(buf, at, size);
	return 0;
}

static int ram_write(void *ctx, uint64_t gpa, const void *buf, size_t size)
{
	uint8_t *at = ram_at(gpa, size);

	(void)ctx;
	if (!at)
		return -1;
	memcpy(at, buf, size);
	return 0;
}

static struct fw_cfg *new_machine(void)
{
	static const struct fw_cfg_config config = { NULL, ram_read, ram_write };
	static uint8_t kernel[9000] = { [0x1F1] = 4 };
	static const struct fw_cfg_machine machine = {
		.cpus = 2,
		.ram = 0x10000000,
		.hpet = true,
		.confidential = true,
		.tamper = FW_CFG_TAMPER_KERNEL,
		.blobs = { .kernel = { "k", kernel, sizeof(kernel) },
			.cmdline = { "append", (const uint8_t *)"quiet", 6 } },
	};
	struct fw_cfg *fw = fw_cfg_new(&config);

	must(fw && fw_cfg_machine_fill(fw, &machine, NULL) == 0);
	return fw;
}

/* Everything that any key can give, in one number. */
static uint64_t digest(struct fw_cfg *fw)
{
	static uint8_t bytes[16384];
	uint64_t sum = 0;

	for (unsigned n = 0; n < 128; n++) {
		uint16_t key = (uint16_t)(n < 64 ? n : 0x8000 + n - 64);
		size_t size = fw_cfg_size(fw, key) + 1;

		must(size <= sizeof(bytes));
		fw_cfg_io_write(fw, FW_CFG_PORT_SELECTOR, 2, key);
		fw_cfg_data_read(fw, bytes, size);
		for (size_t i = 0; i < size; i++)
			sum = sum * 31 + bytes[i];
	}
	return sum;
}

/* The outcome stands where the descriptor was, if that is memory. */
static void check_outcome(uint64_t gpa)
{
	uint8_t control[4];

	for (unsigned i = 0; i < 4; i++)
		if (ram_read(NULL, gpa + i, control + i, 1))
			return;
	must(control[0] == 0 && control[1] == 0 && control[2] == 0 && control[3] <= 1);
}

static void access_port(struct fw_cfg *fw, const uint8_t op[6], uint64_t *high)
{
	static const unsigned widths[] = { 1, 2, 4, 4 };
	uint16_t port = (uint16_t)(FW_CFG_PORT_SELECTOR + (op[0] & 0x0F));
	unsigned width = widths[op[0] >> 4 & 3];
	uint32_t value = sev_le32(op + 2);

	if (op[1] & 1) {
		fw_cfg_io_read(fw, port, width);
		return;
	}
	/* Most addresses that could be drawn are no memory: aim some. */
	if (port == FW_CFG_PORT_DMA_LOW && (op[1] & 2))
		value = __builtin_bswap32(RAM_BASE + value % RAM_SIZE);
	fw_cfg_io_write(fw, port, width, value);
	if (width != 4)
		return;
	if (port == FW_CFG_PORT_DMA_HIGH) {
		*high = (uint64_t)__builtin_bswap32(value) << 32;
	} else if (port == FW_CFG_PORT_DMA_LOW) {
		check_outcome(*high | __builtin_bswap32(value));
		*high = 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fw_cfg *fw;
	static uint64_t expected;
	uint64_t high = 0;
	size_t content = size ? data[0] * 16u : 0;

	if (!fw) {
		fw = new_machine();
		expected = digest(fw);
	}
	if (size < 1 + content)
		return 0;
	memset(ram, 0, sizeof(ram));
	memcpy(ram, data + 1, content);
	fw_cfg_reset(fw);
	for (size_t at = 1 + content; at + 6 <= size; at += 6)
		access_port(fw, data + at, &high);
	must(digest(fw) == expected);
	return 0;
}
