/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A machine with a kernel, an initrd and a command line, and its fw_cfg device. */
#ifndef TESTS_UNIT_BOOT_MACHINE_H
#define TESTS_UNIT_BOOT_MACHINE_H

#include "tests/unit/unit.h"

#include "iodev/fw_cfg/machine.h"

#define MIB 0x100000ull

#define SETUP_SECTS  3
#define SETUP_SIZE   ((SETUP_SECTS + 1) * 512)
#define KERNEL_SIZE  (SETUP_SIZE + 6000)
#define CMDLINE	     "console=ttyS0 vga=0x318"
#define CMDLINE_SIZE sizeof(CMDLINE)

static uint8_t kernel[KERNEL_SIZE];
static uint8_t initrd[5000];
static struct fw_cfg *fw;
static struct fw_cfg_machine m;
static struct sev_error err;

/* A bzImage as far as anyone looks: protocol 2.15, filled with noise. */
static inline int setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kernel); i++)
		kernel[i] = (uint8_t)(i * 31 + i / 256);
	for (size_t i = 0; i < sizeof(initrd); i++)
		initrd[i] = (uint8_t)(i * 17 + 3);
	kernel[0x1F1] = SETUP_SECTS;
	memcpy(kernel + 0x202, "HdrS\x0F\x02", 6);
	kernel[0x211] = 0x01;		       /* loaded high */
	sev_put32(kernel + 0x22C, 0x7FFFFFFF); /* highest address of an initrd */
	sev_put16(kernel + 0x236, 0);
	m = (struct fw_cfg_machine) {
		.cpus = 2,
		.ram = 512 * MIB,
		.hpet = true,
		.blobs = { { "vmlinuz", kernel, sizeof(kernel) },
			{ "initrd.img", initrd, sizeof(initrd) },
			{ "append", (const uint8_t *)CMDLINE, CMDLINE_SIZE } },
	};
	strcpy(err.text, "");
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	fw_cfg_free(fw);
	fw = NULL;
	return 0;
}

/* A device that was refused, or filled, takes nothing more. */
static inline void fresh(void)
{
	static const struct fw_cfg_config config;

	fw_cfg_free(fw);
	fw = fw_cfg_new(&config);
}

static inline void fill(void)
{
	fresh();
	assert_int_equal(fw_cfg_machine_fill(fw, &m, &err), 0);
}

static inline void refused(const char *text)
{
	fresh();
	assert_int_equal(fw_cfg_machine_fill(fw, &m, &err), -1);
	assert_string_equal(err.text, text);
}

/* The whole item; size is what it must have. */
static inline const uint8_t *item(uint16_t key, size_t size)
{
	static uint8_t buf[70000];

	assert_int_equal(fw_cfg_size(fw, key), size);
	fw_cfg_io_write(fw, FW_CFG_PORT_SELECTOR, 2, key);
	fw_cfg_data_read(fw, buf, size + 1);
	assert_int_equal(buf[size], 0);
	return buf;
}

static inline const uint8_t *file(const char *name, size_t size)
{
	assert_int_not_equal(fw_cfg_file_key(fw, name), 0);
	return item(fw_cfg_file_key(fw, name), size);
}

static inline uint64_t number(uint16_t key, size_t size)
{
	const uint8_t *bytes = item(key, size);

	return size == 2 ? sev_le16(bytes) : size == 4 ? sev_le32(bytes) : sev_le64(bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
