/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fw_cfg device as a guest meets it: through its ports, over a small memory. Each rule of
 * QEMU's docs/specs/fw_cfg.rst and of its device's behaviour once allowed and once denied.
 */
#include "tests/unit/fw_cfg_machine.h"

/* --- selector and data port ------------------------------------------------------------------ */

static void signature_and_id(void **state)
{
	(void)state;
	new_device();
	assert_next("QEMU\0\0", 6); /* selected after reset; zeros past the end */
	select_key(FW_CFG_ID);
	assert_next("\3\0\0\0\0", 5);
}

static void id_without_dma(void **state)
{
	static const struct fw_cfg_config no_dma = { NULL, NULL, NULL };

	(void)state;
	memset(&machine, 0, sizeof(machine));
	machine.fw = fw_cfg_new(&no_dma);
	select_key(FW_CFG_ID);
	assert_next("\1\0\0\0", 4);
	assert_int_equal(fw_cfg_io_read(machine.fw, FW_CFG_PORT_DMA_HIGH, 4), 0xFFFFFFFF);
	assert_int_equal(fw_cfg_io_read(machine.fw, FW_CFG_PORT_DMA_LOW, 2), 0xFFFF);
	assert_int_equal(fw_cfg_io_read(machine.fw, FW_CFG_PORT_LAST, 1), 0xFF);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_LOW, 4, 0); /* no callback to call */
}

static void selecting_rewinds(void **state)
{
	(void)state;
	new_device();
	select_key(KEY);
	assert_next("abc", 3);
	assert_next("def", 3); /* the offset persists */
	select_key(KEY);
	assert_next("abcdefgh\0\0", 10);
	assert_next("\0", 1); /* and does not wrap */
}

static void selector_takes_only_words(void **state)
{
	(void)state;
	new_device();
	select_key(KEY);
	assert_next("a", 1);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_SELECTOR, 1, FW_CFG_SIGNATURE);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_SELECTOR, 4, FW_CFG_SIGNATURE);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DATA, 2, FW_CFG_SIGNATURE);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DATA, 1, 'Z'); /* writes are ignored */
	assert_next("b", 1);
	assert_int_equal(fw_cfg_io_read(machine.fw, FW_CFG_PORT_SELECTOR, 1), 0);
	assert_int_equal(fw_cfg_io_read(machine.fw, FW_CFG_PORT_SELECTOR, 2), 0);
	assert_int_equal(fw_cfg_io_read(machine.fw, FW_CFG_PORT_DATA, 2), 0);
	assert_int_equal(fw_cfg_io_read(machine.fw, 0x512, 1), 0);
	assert_next("c", 1); /* none of these moved the offset */
	select_key(KEY);
	assert_next("abcdefgh", 8); /* nor did the write change the item */
}

static void invalid_keys_read_zero(void **state)
{
	static const uint16_t keys[] = { 0x06, 0x19, 0x20, 0x3F, 0x40, 0x3FFF, 0x8000, 0xBFFF,
		0xFFFF };

	(void)state;
	new_device();
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		select_key(keys[i]);
		assert_next("\0\0\0\0", 4);
	}
	select_key(KEY);
	assert_next("a", 1); /* and the device still works */
}

static void write_channel_bit_is_ignored(void **state)
{
	(void)state;
	new_device();
	select_key(0x4000 | KEY);
	assert_next("abc", 3);
	assert_int_equal(fw_cfg_last_key(machine.fw), KEY);
}

static void architecture_keys_are_other_items(void **state)
{
	(void)state;
	new_device();
	assert_int_equal(fw_cfg_add_u32(machine.fw, 0x8005, 0x44332211, NULL), 0);
	select_key(0x8005);
	assert_next("\x11\x22\x33\x44\0", 5);
	select_key(KEY);
	assert_next("abcdefgh", 8);
	select_key(0xC005); /* with bit 14 */
	assert_next("\x11", 1);
}

static void string_input_equals_single_bytes(void **state)
{
	uint8_t buf[12];

	(void)state;
	new_device();
	select_key(KEY);
	assert_next("ab", 2);
	memset(buf, 0xEE, sizeof(buf));
	fw_cfg_data_read(machine.fw, buf, 10);
	assert_memory_equal(buf, "cdefgh\0\0\0\0\xEE\xEE", 12);
}

/* --- items and files ------------------------------------------------------------------------- */

static void integers_are_little_endian(void **state)
{
	(void)state;
	new_device();
	assert_int_equal(fw_cfg_add_u16(machine.fw, 0x0F, 0x1234, NULL), 0);
	assert_int_equal(fw_cfg_add_u32(machine.fw, 0x07, 0x12345678, NULL), 0);
	assert_int_equal(fw_cfg_add_u64(machine.fw, 0x03, 0x123456789ABCDEF0, NULL), 0);
	select_key(0x0F);
	assert_next("\x34\x12\0", 3);
	select_key(0x07);
	assert_next("\x78\x56\x34\x12\0", 5);
	select_key(0x03);
	assert_next("\xF0\xDE\xBC\x9A\x78\x56\x34\x12\0", 9);
}

static void items_are_referenced_or_copied(void **state)
{
	char bytes[] = "one";

	(void)state;
	new_device();
	assert_int_equal(fw_cfg_add(machine.fw, 0x11, bytes, 3, NULL), 0);
	assert_int_equal(fw_cfg_add_copy(machine.fw, 0x12, bytes, 3, NULL), 0);
	memcpy(bytes, "two", 3);
	select_key(0x11);
	assert_next("two", 3);
	select_key(0x12);
	assert_next("one", 3);
}

static void illegal_items_are_refused(void **state)
{
	struct sev_error err;

	(void)state;
	new_device();
	assert_int_equal(fw_cfg_add(machine.fw, KEY, "x", 1, &err), -1);
	assert_string_equal(err.text, "fw_cfg: there is an item 0x0005 already");
	assert_int_equal(fw_cfg_add(machine.fw, FW_CFG_FILE_DIR, "x", 1, &err), -1);
	assert_non_null(strstr(err.text, "key 0x0019 is not legal"));
	assert_int_equal(fw_cfg_add(machine.fw, 0x20, "x", 1, &err), -1);
	assert_int_equal(fw_cfg_add(machine.fw, 0x4006, "x", 1, &err), -1);
	assert_int_equal(fw_cfg_add(machine.fw, 0x8020, "x", 1, &err), -1);
	assert_int_equal(fw_cfg_add(machine.fw, 0x06, "x", (size_t)UINT32_MAX + 1, &err), -1);
	assert_int_equal(fw_cfg_add(machine.fw, 0x8019, "x", 1, &err), 0);
	assert_int_equal(fw_cfg_add(machine.fw, 0x1F, "x", 1, &err), 0);
	assert_int_equal(fw_cfg_add(machine.fw, 0x06, "x", UINT32_MAX, &err), 0);
	select_key(KEY);
	assert_next("abcdefgh\0", 9);
}

static void directory_is_sorted_and_big_endian(void **state)
{
	uint8_t directory[4 + 3 * 64 + 1];

	(void)state;
	new_device();
	assert_int_equal(fw_cfg_add_file(machine.fw, "opt/z", "zz", 2, NULL), 0);
	assert_int_equal(fw_cfg_add_file_copy(machine.fw, "etc/e820", "eee", 3, NULL), 0);
	assert_int_equal(fw_cfg_add_file(machine.fw, "opt/Z", NULL, 0, NULL), 0);
	select_key(FW_CFG_FILE_DIR);
	assert_next("\0\0\0\0", 4); /* not before it is sealed */
	assert_int_equal(fw_cfg_file_key(machine.fw, "opt/z"), 0);
	assert_int_equal(fw_cfg_seal(machine.fw, NULL), 0);

	assert_int_equal(fw_cfg_size(machine.fw, FW_CFG_FILE_DIR), 4 + 3 * 64);
	select_key(FW_CFG_FILE_DIR);
	fw_cfg_data_read(machine.fw, directory, sizeof(directory));
	assert_memory_equal(directory, "\0\0\0\3", 4);
	assert_memory_equal(directory + 4, "\0\0\0\3\0\x20\0\0etc/e820\0", 17);
	assert_memory_equal(directory + 68, "\0\0\0\0\0\x21\0\0opt/Z\0", 14);
	assert_memory_equal(directory + 132, "\0\0\0\2\0\x22\0\0opt/z\0", 14);
	select_key(0x20);
	assert_next("eee\0", 4);
	select_key(0x21);
	assert_next("\0", 1);
	select_key(0x22);
	assert_next("zz\0", 3);
	assert_int_equal(fw_cfg_file_key(machine.fw, "opt/z"), 0x22);
	assert_int_equal(fw_cfg_file_key(machine.fw, "opt/y"), 0);
}

static void file_names(void **state)
{
	char longest[FW_CFG_FILE_NAME], longer[FW_CFG_FILE_NAME + 1];
	struct sev_error err;

	(void)state;
	new_device();
	memset(longest, 'n', sizeof(longest));
	longest[sizeof(longest) - 1] = 0;
	memset(longer, 'n', sizeof(longer));
	longer[sizeof(longer) - 1] = 0;
	assert_int_equal(fw_cfg_add_file(machine.fw, longest, "x", 1, NULL), 0);
	assert_int_equal(fw_cfg_add_file(machine.fw, " ~", "x", 1, NULL), 0);
	assert_int_equal(fw_cfg_add_file(machine.fw, longer, "x", 1, &err), -1);
	assert_non_null(strstr(err.text, "1 to 55 printable ASCII characters"));
	assert_int_equal(fw_cfg_add_file(machine.fw, "", "x", 1, &err), -1);
	assert_int_equal(fw_cfg_add_file(machine.fw, "opt/\n", "x", 1, &err), -1);
	assert_int_equal(fw_cfg_add_file(machine.fw, "opt/\x7F", "x", 1, &err), -1);
	assert_int_equal(fw_cfg_add_file_copy(machine.fw, "opt/\xC3\xA4", "x", 1, &err), -1);
	assert_int_equal(fw_cfg_add_file_copy(machine.fw, longest, "x", 1, &err), -1);
	assert_non_null(strstr(err.text, "already"));
	assert_int_equal(fw_cfg_add_file(machine.fw, "big", "x", (size_t)UINT32_MAX + 1, &err), -1);
	assert_int_equal(fw_cfg_seal(machine.fw, NULL), 0);
	select_key(FW_CFG_FILE_DIR);
	assert_next("\0\0\0\2", 4); /* nothing of what was refused is left */
}

static void files_have_a_limit(void **state)
{
	struct sev_error err;
	char name[8];

	(void)state;
	new_device();
	for (unsigned i = 0; i < FW_CFG_FILE_SLOTS; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		assert_int_equal(fw_cfg_add_file_copy(machine.fw, name, name, 1, NULL), 0);
	}
	assert_int_equal(fw_cfg_add_file(machine.fw, "more", "x", 1, &err), -1);
	assert_string_equal(err.text, "fw_cfg: no room for file 'more': 32 files are legal");
	assert_int_equal(fw_cfg_seal(machine.fw, NULL), 0);
	select_key(0x3F);
	assert_next("f", 1); /* the last key */
}

static void sealing_is_final(void **state)
{
	struct sev_error err;

	(void)state;
	new_device();
	assert_int_equal(fw_cfg_seal(machine.fw, NULL), 0);
	assert_int_equal(fw_cfg_seal(machine.fw, &err), -1);
	assert_int_equal(fw_cfg_add(machine.fw, 0x06, "x", 1, &err), -1);
	assert_int_equal(fw_cfg_add_file(machine.fw, "f", "x", 1, &err), -1);
	select_key(FW_CFG_FILE_DIR);
	assert_next("\0\0\0\0", 4); /* no files: a count of zero */
	assert_true(fw_cfg_was_read(machine.fw, FW_CFG_FILE_DIR));
}

static void flipped_byte(void **state)
{
	static const char bytes[] = "abcdefgh";
	uint8_t buf[8];

	(void)state;
	new_device();
	assert_int_equal(fw_cfg_add(machine.fw, 0x11, bytes, 8, NULL), 0);
	assert_int_equal(fw_cfg_flip(machine.fw, 0x11, 2, NULL), 0);
	assert_int_equal(fw_cfg_flip(machine.fw, 0x11, 8, NULL), -1);
	assert_int_equal(fw_cfg_flip(machine.fw, 0x12, 0, NULL), -1);
	select_key(0x11);
	assert_next("abbdefgh", 8);
	select_key(0x11);
	fw_cfg_data_read(machine.fw, buf, 2);
	assert_memory_equal(buf, "ab", 2);
	fw_cfg_data_read(machine.fw, buf, 1);
	assert_memory_equal(buf, "b", 1);
	fw_cfg_data_read(machine.fw, buf, 5);
	assert_memory_equal(buf, "defgh", 5);
	assert_string_equal(bytes, "abcdefgh"); /* what was measured is untouched */
}

/* --- reset and record ------------------------------------------------------------------------ */

static void reset(void **state)
{
	(void)state;
	new_device();
	select_key(KEY);
	assert_next("abcdefgh", 8);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_HIGH, 4, 0xFFFFFFFF);
	assert_true(fw_cfg_was_read(machine.fw, KEY));
	fw_cfg_reset(machine.fw);
	assert_int_equal(fw_cfg_last_key(machine.fw), FW_CFG_SIGNATURE);
	assert_false(fw_cfg_was_read(machine.fw, KEY));
	assert_next("QEMU", 4);
	put_descriptor(0x1000, (uint32_t)KEY << 16 | DMA_SELECT | DMA_READ, 1, BUFFER);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_LOW, 4, __builtin_bswap32(0x1000));
	assert_memory_equal(ram(BUFFER), "a", 1); /* the half address is forgotten */
}

static void reading_is_recorded(void **state)
{
	(void)state;
	new_device();
	assert_int_equal(fw_cfg_add(machine.fw, 0x12, NULL, 0, NULL), 0);
	assert_int_equal(fw_cfg_size(machine.fw, KEY), 8);
	assert_int_equal(fw_cfg_size(machine.fw, 0x06), 0);
	assert_false(fw_cfg_was_read(machine.fw, 0x06)); /* no such item */
	assert_true(fw_cfg_was_read(machine.fw, 0x12));	 /* nothing to read */
	select_key(KEY);
	assert_next("abcdefg", 7);
	assert_int_equal(fw_cfg_last_key(machine.fw), KEY);
	assert_false(fw_cfg_was_read(machine.fw, KEY));
	assert_int_equal(dma(DMA_SKIP, 1, 0), 0);
	assert_false(fw_cfg_was_read(machine.fw, KEY)); /* skipping is not reading */
	assert_int_equal(dma((uint32_t)KEY << 16 | DMA_SELECT | DMA_READ, 8, BUFFER), 0);
	assert_true(fw_cfg_was_read(machine.fw, KEY));
	select_key(0x1234);
	assert_int_equal(fw_cfg_last_key(machine.fw), 0x1234);
	assert_true(fw_cfg_was_read(machine.fw, KEY)); /* once is enough */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(signature_and_id),
		TEST(id_without_dma),
		TEST(selecting_rewinds),
		TEST(selector_takes_only_words),
		TEST(invalid_keys_read_zero),
		TEST(write_channel_bit_is_ignored),
		TEST(architecture_keys_are_other_items),
		TEST(string_input_equals_single_bytes),
		TEST(integers_are_little_endian),
		TEST(items_are_referenced_or_copied),
		TEST(illegal_items_are_refused),
		TEST(directory_is_sorted_and_big_endian),
		TEST(file_names),
		TEST(files_have_a_limit),
		TEST(sealing_is_final),
		TEST(flipped_byte),
		TEST(reset),
		TEST(reading_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
