/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of a direct boot, with and without a confidential guest, and tampering with them. */
#include "tests/unit/boot_machine.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
