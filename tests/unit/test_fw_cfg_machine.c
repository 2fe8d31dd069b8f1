/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a machine's fw_cfg offers: numbered items, files, the parts of a direct boot with and
 * without a confidential guest, tampering, and what is refused.
 */
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
static int setup(void **state)
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

static int teardown(void **state)
{
	(void)state;
	fw_cfg_free(fw);
	fw = NULL;
	return 0;
}

/* A device that was refused, or filled, takes nothing more. */
static void fresh(void)
{
	static const struct fw_cfg_config config;

	fw_cfg_free(fw);
	fw = fw_cfg_new(&config);
}

static void fill(void)
{
	fresh();
	assert_int_equal(fw_cfg_machine_fill(fw, &m, &err), 0);
}

static void refused(const char *text)
{
	fresh();
	assert_int_equal(fw_cfg_machine_fill(fw, &m, &err), -1);
	assert_string_equal(err.text, text);
}

/* The whole item; size is what it must have. */
static const uint8_t *item(uint16_t key, size_t size)
{
	static uint8_t buf[70000];

	assert_int_equal(fw_cfg_size(fw, key), size);
	fw_cfg_io_write(fw, FW_CFG_PORT_SELECTOR, 2, key);
	fw_cfg_data_read(fw, buf, size + 1);
	assert_int_equal(buf[size], 0);
	return buf;
}

static const uint8_t *file(const char *name, size_t size)
{
	assert_int_not_equal(fw_cfg_file_key(fw, name), 0);
	return item(fw_cfg_file_key(fw, name), size);
}

static uint64_t number(uint16_t key, size_t size)
{
	const uint8_t *bytes = item(key, size);

	return size == 2 ? sev_le16(bytes) : size == 4 ? sev_le32(bytes) : sev_le64(bytes);
}

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

/* --- direct boot ----------------------------------------------------------------------------- */

static void no_direct_boot(void **state)
{
	(void)state;
	m.blobs = (struct fw_cfg_blobs) { .cmdline = { "append", (const uint8_t *)"", 1 } };
	fill();
	for (uint16_t key = FW_CFG_KERNEL_ADDR; key <= FW_CFG_SETUP_DATA; key++)
		if (key < FW_CFG_BOOT_DEVICE || key > FW_CFG_MAX_CPUS)
			assert_int_equal(fw_cfg_size(fw, key), 0);
}

static void parts_without_kernel_are_refused(void **state)
{
	(void)state;
	m.blobs.kernel.data = NULL;
	refused("fw_cfg: initrd=initrd.img: legal only together with kernel=");
	m.blobs.initrd = (struct fw_cfg_bytes) { 0 };
	refused("fw_cfg: append=" CMDLINE ": legal only together with kernel=");
}

static void confidential_kernel_is_not_patched(void **state)
{
	(void)state;
	m.confidential = true;
	fill();
	assert_int_equal(number(FW_CFG_SETUP_SIZE, 4), SETUP_SIZE);
	assert_int_equal(number(FW_CFG_KERNEL_SIZE, 4), KERNEL_SIZE - SETUP_SIZE);
	assert_memory_equal(item(FW_CFG_SETUP_DATA, SETUP_SIZE), kernel, SETUP_SIZE);
	assert_memory_equal(item(FW_CFG_KERNEL_DATA, KERNEL_SIZE - SETUP_SIZE), kernel + SETUP_SIZE,
		KERNEL_SIZE - SETUP_SIZE);
	assert_int_equal(number(FW_CFG_INITRD_SIZE, 4), sizeof(initrd));
	assert_memory_equal(item(FW_CFG_INITRD_DATA, sizeof(initrd)), initrd, sizeof(initrd));
	assert_int_equal(number(FW_CFG_CMDLINE_SIZE, 4), strlen(CMDLINE) + 1); /* with the NUL */
	assert_memory_equal(item(FW_CFG_CMDLINE_DATA, CMDLINE_SIZE), CMDLINE, CMDLINE_SIZE);
}

static void header_is_patched_as_qemu_does(void **state)
{
	uint8_t expected[SETUP_SIZE];
	uint32_t addr;

	(void)state;
	memcpy(expected, kernel, SETUP_SIZE);
	fill();
	addr = (uint32_t)number(FW_CFG_INITRD_ADDR, 4);
	assert_int_equal(addr % 4096, 0);
	assert_true(addr >= 1 * MIB + KERNEL_SIZE && addr + sizeof(initrd) <= 512 * MIB);
	sev_put16(expected + 0x1FA, 0x318); /* vga= */
	expected[0x210] = 0xB0;
	expected[0x211] = 0x81;
	sev_put32(expected + 0x218, addr);
	sev_put32(expected + 0x21C, sizeof(initrd));
	sev_put16(expected + 0x224, 0xFE00);
	sev_put32(expected + 0x228, 0x20000);
	assert_memory_equal(item(FW_CFG_SETUP_DATA, SETUP_SIZE), expected, SETUP_SIZE);
	assert_int_equal(kernel[0x211], 0x01); /* the file itself is not touched */
	assert_int_equal(number(FW_CFG_SETUP_ADDR, 4), 0x10000);
	assert_int_equal(number(FW_CFG_CMDLINE_ADDR, 4), 0x20000);
	assert_int_equal(number(FW_CFG_KERNEL_ADDR, 4), 0x100000);
}

static void what_is_no_bzimage_is_not_patched(void **state)
{
	(void)state;
	memcpy(kernel + 0x202, "HdrX", 4); /* say, another program for EFI */
	fill();
	assert_memory_equal(item(FW_CFG_SETUP_DATA, SETUP_SIZE), kernel, SETUP_SIZE);
	assert_true(number(FW_CFG_INITRD_ADDR, 4) <= 0x37FFFFFF);
}

static void old_protocol_is_not_patched(void **state)
{
	(void)state;
	kernel[0x206] = 0x01; /* 2.01 */
	fill();
	assert_memory_equal(item(FW_CFG_SETUP_DATA, SETUP_SIZE), kernel, SETUP_SIZE);
}

static void video_modes(void **state)
{
	static const struct {
		const char *cmdline;
		int mode; /* -1: the kernel's own */
	} cases[] = {
		{ "vga=normal", 0xFFFF },
		{ "a vga=ext b", 0xFFFE },
		{ "vga=ask", 0xFFFD },
		{ "vga=791", 791 },
		{ "vga=0x10000", -1 },
		{ "vga=", -1 },
		{ "novga=5", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned expected =
			cases[i].mode < 0 ? sev_le16(kernel + 0x1FA) : (unsigned)cases[i].mode;

		m.blobs.cmdline.data = (const uint8_t *)cases[i].cmdline;
		m.blobs.cmdline.size = strlen(cases[i].cmdline) + 1;
		fill();
		assert_int_equal(sev_le16(item(FW_CFG_SETUP_DATA, SETUP_SIZE) + 0x1FA), expected);
	}
}

static void setup_size_zero_means_four(void **state)
{
	(void)state;
	kernel[0x1F1] = 0;
	fill();
	assert_int_equal(number(FW_CFG_SETUP_SIZE, 4), 5 * 512);
	assert_int_equal(number(FW_CFG_KERNEL_SIZE, 4), KERNEL_SIZE - 5 * 512);
}

static void short_kernels_are_refused(void **state)
{
	(void)state;
	m.blobs.kernel.size = SETUP_SIZE - 1;
	refused("fw_cfg: kernel=vmlinuz: 2047 bytes, but its setup part alone should have 2048: "
		"not a bzImage, or cut off");
	m.blobs.kernel.size = 11;
	refused("fw_cfg: kernel=vmlinuz: 11 bytes are no bzImage");
	m.blobs.kernel.size = 0;
	refused("fw_cfg: kernel=vmlinuz: 0 bytes are no bzImage");
}

static void shortest_kernel(void **state)
{
	(void)state;
	m.blobs.kernel.size = SETUP_SIZE;
	fill();
	assert_int_equal(number(FW_CFG_KERNEL_SIZE, 4), 0);
}

static void no_initrd(void **state)
{
	(void)state;
	m.blobs.initrd = (struct fw_cfg_bytes) { 0 };
	sev_put32(kernel + 0x218, 0);
	fill();
	assert_int_equal(number(FW_CFG_INITRD_SIZE, 4), 0);
	assert_int_equal(fw_cfg_size(fw, FW_CFG_INITRD_DATA), 0);
	assert_int_equal(sev_le32(item(FW_CFG_SETUP_DATA, SETUP_SIZE) + 0x218), 0);
}

static void initrd_must_fit(void **state)
{
	(void)state;
	m.ram = 16 * MIB;
	m.blobs.initrd.size = 15 * MIB; /* not read: refused before */
	refused("fw_cfg: initrd=initrd.img: 15728640 bytes do not fit beside the kernel into 16 "
		"MiB of memory");
}

static void initrd_address_obeys_the_kernel(void **state)
{
	(void)state;
	sev_put32(kernel + 0x22C, 0x00FFFFFF);
	fill();
	assert_int_equal(number(FW_CFG_INITRD_ADDR, 4), 0x1000000 - 8192);
}

static void initrd_address_above_the_old_limit(void **state)
{
	(void)state;
	sev_put32(kernel + 0x22C, 0x00FFFFFF);
	kernel[0x236] = 0x02; /* can be loaded above 4 GiB */
	fill();
	assert_int_equal(number(FW_CFG_INITRD_ADDR, 4), 512 * MIB - 0x20000 - 8192);
}

static void command_line_must_end(void **state)
{
	(void)state;
	m.blobs.cmdline.size--;
	refused("fw_cfg: the command line does not end in NUL");
	m.blobs.cmdline.size = 0;
	refused("fw_cfg: the command line does not end in NUL");
}

/* --- tampering ------------------------------------------------------------------------------- */

/* Where the item differs from the original: exactly one bit of one byte. */
static size_t difference(uint16_t key, const void *original, size_t size)
{
	const uint8_t *served = item(key, size);
	size_t at = size;

	for (size_t i = 0; i < size; i++) {
		uint8_t changed = served[i] ^ ((const uint8_t *)original)[i];

		if (!changed)
			continue;
		assert_int_equal(at, size);
		assert_int_equal(__builtin_popcount(changed), 1);
		at = i;
	}
	return at;
}

static void expect_tampering(unsigned which)
{
	size_t rest = KERNEL_SIZE - SETUP_SIZE;
	size_t at_kernel, at_initrd, at_cmdline;

	m.confidential = true;
	m.tamper = which;
	fill();
	at_kernel = difference(FW_CFG_KERNEL_DATA, kernel + SETUP_SIZE, rest);
	at_initrd = difference(FW_CFG_INITRD_DATA, initrd, sizeof(initrd));
	at_cmdline = difference(FW_CFG_CMDLINE_DATA, CMDLINE, CMDLINE_SIZE);
	assert_int_equal(at_kernel < rest, !!(which & FW_CFG_TAMPER_KERNEL));
	assert_int_equal(at_initrd < sizeof(initrd), !!(which & FW_CFG_TAMPER_INITRD));
	assert_int_equal(at_cmdline < CMDLINE_SIZE, !!(which & FW_CFG_TAMPER_CMDLINE));
	assert_int_not_equal(at_cmdline, CMDLINE_SIZE - 1); /* the NUL stays */
	assert_memory_equal(item(FW_CFG_SETUP_DATA, SETUP_SIZE), kernel, SETUP_SIZE);
	assert_int_equal(number(FW_CFG_CMDLINE_SIZE, 4), CMDLINE_SIZE);
}

static void tamper_nothing(void **state)
{
	(void)state;
	expect_tampering(0);
}

static void tamper_kernel(void **state)
{
	(void)state;
	expect_tampering(FW_CFG_TAMPER_KERNEL);
}

static void tamper_initrd(void **state)
{
	(void)state;
	expect_tampering(FW_CFG_TAMPER_INITRD);
}

static void tamper_cmdline(void **state)
{
	(void)state;
	expect_tampering(FW_CFG_TAMPER_CMDLINE);
}

static void tamper_all(void **state)
{
	(void)state;
	expect_tampering(FW_CFG_TAMPER_KERNEL | FW_CFG_TAMPER_INITRD | FW_CFG_TAMPER_CMDLINE);
}

static void tampering_needs_something(void **state)
{
	(void)state;
	m.blobs.initrd = (struct fw_cfg_bytes) { 0 };
	m.tamper = FW_CFG_TAMPER_INITRD;
	refused("fw_cfg: tamper=initrd: there is no initrd to tamper with");
}

static void tampering_spares_an_empty_command_line(void **state)
{
	(void)state;
	m.blobs.cmdline = (struct fw_cfg_bytes) { "append", (const uint8_t *)"", 1 };
	m.tamper = FW_CFG_TAMPER_CMDLINE;
	refused("fw_cfg: tamper=cmdline: there is no cmdline to tamper with");
}

static void tampering_without_kernel(void **state)
{
	(void)state;
	m.blobs = (struct fw_cfg_blobs) { .cmdline = { "append", (const uint8_t *)"", 1 } };
	m.tamper = FW_CFG_TAMPER_KERNEL;
	refused("fw_cfg: tamper=kernel: there is no kernel to tamper with");
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbered_items),
		TEST(no_hpet),
		TEST(files),
		TEST(files_of_ours_cannot_be_replaced),
		TEST(limits),
		TEST(no_direct_boot),
		TEST(parts_without_kernel_are_refused),
		TEST(confidential_kernel_is_not_patched),
		TEST(header_is_patched_as_qemu_does),
		TEST(what_is_no_bzimage_is_not_patched),
		TEST(old_protocol_is_not_patched),
		TEST(video_modes),
		TEST(setup_size_zero_means_four),
		TEST(short_kernels_are_refused),
		TEST(shortest_kernel),
		TEST(no_initrd),
		TEST(initrd_must_fit),
		TEST(initrd_address_obeys_the_kernel),
		TEST(initrd_address_above_the_old_limit),
		TEST(command_line_must_end),
		TEST(tamper_nothing),
		TEST(tamper_kernel),
		TEST(tamper_initrd),
		TEST(tamper_cmdline),
		TEST(tamper_all),
		TEST(tampering_needs_something),
		TEST(tampering_spares_an_empty_command_line),
		TEST(tampering_without_kernel),
		TEST(progress_of_a_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
