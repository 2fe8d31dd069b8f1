/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a machine's fw_cfg offers: numbered items, files, what is refused, and how far a boot got.
 */
#include "tests/unit/boot_machine.h"

/* --- numbers and files ----------------------------------------------------------------------- */

static void numbered_items(void **state)
{
	(void)state;
	fill();
	assert_memory_equal(item(FW_CFG_SIGNATURE, 4), "QEMU", 4);
	assert_int_equal(number(FW_CFG_RAM_SIZE, 8), 512 * MIB);
	assert_int_equal(number(FW_CFG_NOGRAPHIC, 2), 0);
	assert_int_equal(number(FW_CFG_NB_CPUS, 2), 2);
	assert_int_equal(number(FW_CFG_MAX_CPUS, 2), 2);
	assert_int_equal(number(FW_CFG_BOOT_DEVICE, 2), 0);
	assert_int_equal(number(FW_CFG_BOOT_MENU, 2), 0);
	assert_int_equal(number(FW_CFG_IRQ0_OVERRIDE, 4), 1);
	assert_int_equal(number(FW_CFG_ACPI_TABLES, 2), 0);
	assert_int_equal(number(FW_CFG_E820_TABLE, 4), 0);
	assert_bytes(item(FW_CFG_HPET, 16), 16, "0101a286800000d0fe00000000640000");
}

static void no_hpet(void **state)
{
	(void)state;
	m.hpet = false;
	fill();
	assert_int_equal(fw_cfg_size(fw, FW_CFG_HPET), 0);
	assert_int_equal(fw_cfg_size(fw, FW_CFG_NOGRAPHIC), 2); /* 4 is not 0x8004 */
}

static void files(void **state)
{
	static const struct fw_cfg_bytes mine[] = {
		{ "opt/org.example/x", (const uint8_t *)"text", 4 },
		{ "a", NULL, 0 },
	};
	static const char order[] = "/pci@i0cf8/ide@1,1/drive@0/disk@0\nHALT";

	(void)state;
	m.files = mine;
	m.file_count = 2;
	m.bootorder = order;
	fill();
	assert_memory_equal(item(FW_CFG_FILE_DIR, 4 + 7 * 64), "\0\0\0\7", 4);
	assert_memory_equal(file("opt/org.example/x", 4), "text", 4);
	file("a", 0);
	assert_memory_equal(file("bootorder", sizeof(order)), order, sizeof(order));
	assert_bytes(file("etc/e820", 20), 20, "0000000000000000000000200000000001000000");
	assert_memory_equal(file("etc/acpi/rsdp", 36), "RSD PTR ", 8);
	assert_int_equal(fw_cfg_size(fw, fw_cfg_file_key(fw, "etc/table-loader")) % 128, 0);
	/* Sleep states would let firmware and guest try to suspend; nobody asked for the others. */
	assert_int_equal(fw_cfg_file_key(fw, "etc/system-states"), 0);
	assert_int_equal(fw_cfg_file_key(fw, "etc/boot/kernel"), 0);
}

static void files_of_ours_cannot_be_replaced(void **state)
{
	static const struct fw_cfg_bytes mine = { "etc/e820", (const uint8_t *)"", 0 };

	(void)state;
	m.files = &mine;
	m.file_count = 1;
	refused("fw_cfg: there is a file 'etc/e820' already");
}

static void limits(void **state)
{
	(void)state;
	m.cpus = 0;
	refused("fw_cfg: 0 processors: 1..254 are legal");
	m.cpus = 255;
	refused("fw_cfg: 255 processors: 1..254 are legal");
	m.cpus = 1;
	m.ram = 8 * MIB;
	refused("fw_cfg: 8 MiB of memory: 16..3072 MiB are legal");
	m.ram = 3073 * MIB;
	refused("fw_cfg: 3073 MiB of memory: 16..3072 MiB are legal");
	m.ram = 3072 * MIB;
	m.cpus = 254;
	fill();
}

/* --- progress -------------------------------------------------------------------------------- */

static void progress_of_a_boot(void **state)
{
	struct fw_cfg_progress p;

	(void)state;
	fill();
	fw_cfg_machine_progress(fw, &p);
	assert_false(p.kernel || p.initrd || p.cmdline);
	assert_null(p.last);
	item(FW_CFG_SETUP_DATA, SETUP_SIZE);
	fw_cfg_machine_progress(fw, &p);
	assert_false(p.kernel);
	assert_string_equal(p.last, "kernel");
	item(FW_CFG_KERNEL_DATA, KERNEL_SIZE - SETUP_SIZE);
	fw_cfg_machine_progress(fw, &p);
	assert_true(p.kernel && !p.initrd);
	number(FW_CFG_INITRD_SIZE, 4);
	fw_cfg_machine_progress(fw, &p);
	assert_string_equal(p.last, "initrd");
	assert_false(p.initrd);
	item(FW_CFG_INITRD_DATA, sizeof(initrd));
	item(FW_CFG_CMDLINE_DATA, CMDLINE_SIZE);
	fw_cfg_machine_progress(fw, &p);
	assert_true(p.kernel && p.initrd && p.cmdline);
	assert_string_equal(p.last, "cmdline");
	item(FW_CFG_SIGNATURE, 4);
	fw_cfg_machine_progress(fw, &p);
	assert_null(p.last);
	fw_cfg_reset(fw);
	fw_cfg_machine_progress(fw, &p);
	assert_false(p.kernel || p.initrd || p.cmdline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbered_items),
		TEST(no_hpet),
		TEST(files),
		TEST(files_of_ours_cannot_be_replaced),
		TEST(limits),
		TEST(progress_of_a_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
