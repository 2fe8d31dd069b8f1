/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fw_cfg device as a guest meets it: through its ports, over a small memory. Each rule of
 * QEMU's docs/specs/fw_cfg.rst and of its device's behaviour once allowed and once denied.
 */
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

#define KEY 0x05 /* an item of eight bytes, 'a'..'h' */

struct machine {
	struct fw_cfg *fw;
	uint8_t ram[RAM_SIZE];
	unsigned accesses;
};

static int ram_access(struct machine *m, uint64_t gpa, size_t size)
{
	m->accesses++;
	assert_in_range(size, 1, 4096);
	assert_int_equal(gpa / 4096, (gpa + size - 1) / 4096); /* the contract: within a page */
	return gpa >= RAM_BASE && gpa + size <= RAM_BASE + RAM_SIZE ? 0 : -1;
}

static int ram_read(void *ctx, uint64_t gpa, void *buf, size_t size)
{
	struct machine *m = ctx;

	if (ram_access(m, gpa, size))
		return -1;
	memcpy(buf, m->ram + gpa - RAM_BASE, size);
	return 0;
}

static int ram_write(void *ctx, uint64_t gpa, const void *buf, size_t size)
{
	struct machine *m = ctx;

	if (ram_access(m, gpa, size))
		return -1;
	memcpy(m->ram + gpa - RAM_BASE, buf, size);
	return 0;
}

static struct machine machine;

static struct fw_cfg *new_device(void)
{
	static const struct fw_cfg_config config = { &machine, ram_read, ram_write };

	memset(&machine, 0, sizeof(machine));
	machine.fw = fw_cfg_new(&config);
	assert_non_null(machine.fw);
	assert_int_equal(fw_cfg_add(machine.fw, KEY, "abcdefgh", 8, NULL), 0);
	return machine.fw;
}

static int free_device(void **state)
{
	(void)state;
	fw_cfg_free(machine.fw);
	machine.fw = NULL;
	return 0;
}

static void select_key(uint16_t key)
{
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_SELECTOR, 2, key);
}

static uint8_t next(void)
{
	return (uint8_t)fw_cfg_io_read(machine.fw, FW_CFG_PORT_DATA, 1);
}

static void assert_next(const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		assert_int_equal(next(), ((const uint8_t *)bytes)[i]);
}

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

/* --- DMA ------------------------------------------------------------------------------------- */

static void put_be(uint8_t *p, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		p[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

static uint8_t *ram(uint64_t gpa)
{
	return machine.ram + gpa - RAM_BASE;
}

static void put_descriptor(uint64_t gpa, uint32_t control, uint32_t length, uint64_t data)
{
	uint8_t descriptor[16];

	put_be(descriptor, control, 4);
	put_be(descriptor + 4, length, 4);
	put_be(descriptor + 8, data, 8);
	for (unsigned i = 0; i < 16; i++)
		*ram(gpa + i) = descriptor[i];
}

/* Both halves, as a driver on x86 writes them: byte-swapped. */
static void start(uint64_t gpa)
{
	fw_cfg_io_write(
		machine.fw, FW_CFG_PORT_DMA_HIGH, 4, __builtin_bswap32((uint32_t)(gpa >> 32)));
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_LOW, 4, __builtin_bswap32((uint32_t)gpa));
}

/* Runs a descriptor at 0x1000; returns the control word afterwards, and checks the rest of it. */
static uint32_t dma(uint32_t control, uint32_t length, uint64_t data)
{
	uint8_t rest[12];

	put_descriptor(0x1000, control, length, data);
	memcpy(rest, ram(0x1004), 12);
	start(0x1000);
	assert_memory_equal(ram(0x1004), rest, 12); /* length and address are not updated */
	return __builtin_bswap32(sev_le32(ram(0x1000)));
}

#define BUFFER 0x1100u

static void dma_selects_and_reads(void **state)
{
	(void)state;
	new_device();
	memset(ram(BUFFER), 0xEE, 16);
	assert_int_equal(dma((uint32_t)KEY << 16 | DMA_SELECT | DMA_READ, 4, BUFFER), 0);
	assert_memory_equal(ram(BUFFER), "abcd\xEE", 5);
	assert_int_equal(dma(DMA_READ, 3, BUFFER), 0); /* goes on, no key needed */
	assert_memory_equal(ram(BUFFER), "efgd\xEE", 5);
	assert_next("h", 1); /* ports and DMA share the offset */
}

static void dma_select_alone(void **state)
{
	(void)state;
	new_device();
	assert_int_equal(dma((uint32_t)KEY << 16 | DMA_SELECT, 100, BUFFER), 0);
	assert_next("a", 1);
	assert_int_equal(dma((uint32_t)KEY << 16 | DMA_SELECT, 0, 0), 0);
	assert_next("a", 1);			  /* rewound */
	assert_int_equal(dma(1u << 16, 0, 0), 0); /* a key without the select bit is none */
	assert_next("b", 1);
}

static void dma_fills_with_zeros(void **state)
{
	(void)state;
	new_device();
	memset(ram(BUFFER), 0xEE, 32);
	assert_int_equal(dma((uint32_t)KEY << 16 | DMA_SELECT | DMA_READ, 12, BUFFER), 0);
	assert_memory_equal(ram(BUFFER), "abcdefgh\0\0\0\0\xEE", 13);
	memset(ram(BUFFER), 0xEE, 32);
	assert_int_equal(dma(DMA_READ, 4, BUFFER), 0); /* past the end */
	assert_memory_equal(ram(BUFFER), "\0\0\0\0\xEE", 5);
	memset(ram(BUFFER), 0xEE, 32);
	assert_int_equal(dma(0x3FFFu << 16 | DMA_SELECT | DMA_READ, 4, BUFFER), 0);
	assert_memory_equal(ram(BUFFER), "\0\0\0\0\xEE", 5); /* no such key: no error */
}

static void dma_skips(void **state)
{
	(void)state;
	new_device();
	assert_int_equal(dma((uint32_t)KEY << 16 | DMA_SELECT | DMA_SKIP, 3, 0), 0);
	assert_next("d", 1);
	assert_int_equal(dma(DMA_SKIP, 0xFFFFFFFF, 0), 0); /* past the end is no error */
	assert_next("\0", 1);
	assert_int_equal(dma(DMA_SKIP, 0xFFFFFFFF, 0), 0); /* nor does the offset overflow */
	assert_next("\0", 1);
	assert_int_equal(dma(0x3FFFu << 16 | DMA_SELECT | DMA_SKIP, 5, 0), 0);
}

static void dma_read_goes_before_skip(void **state)
{
	(void)state;
	new_device();
	assert_int_equal(
		dma((uint32_t)KEY << 16 | DMA_SELECT | DMA_READ | DMA_WRITE | DMA_SKIP, 2, BUFFER),
		0);
	assert_memory_equal(ram(BUFFER), "ab", 2);
	assert_next("c", 1); /* not skipped once more */
}

static void dma_write_is_refused(void **state)
{
	(void)state;
	new_device();
	memset(ram(BUFFER), 'Z', 8);
	assert_int_equal(dma((uint32_t)KEY << 16 | DMA_SELECT | DMA_WRITE, 8, BUFFER), DMA_ERROR);
	assert_int_equal(dma(DMA_WRITE | DMA_SKIP, 8, BUFFER), DMA_ERROR);
	assert_int_equal(dma(0x3FFFu << 16 | DMA_SELECT | DMA_WRITE, 8, BUFFER), DMA_ERROR);
	assert_int_equal(dma(DMA_WRITE, 0, BUFFER), 0);
	select_key(KEY);
	assert_next("abcdefgh", 8);
}

static void dma_error_bit_does_not_stay(void **state)
{
	(void)state;
	new_device();
	assert_int_equal(
		dma((uint32_t)KEY << 16 | DMA_SELECT | DMA_READ | DMA_ERROR, 1, BUFFER), 0);
	assert_memory_equal(ram(BUFFER), "a", 1);
	assert_int_equal(dma(DMA_ERROR | 0xFFE0, 1, BUFFER), 0); /* nothing asked, nothing done */
	assert_next("b", 1);
}

static void dma_buffer_outside_memory(void **state)
{
	(void)state;
	new_device();
	select_key(KEY);
	assert_int_equal(dma(DMA_READ, 4, 0x100000), DMA_ERROR);
	assert_int_equal(dma(DMA_READ, 4, RAM_BASE + RAM_SIZE - 2), DMA_ERROR);
	assert_int_equal(dma(DMA_READ, 4, UINT64_MAX - 1), DMA_ERROR);
	assert_int_equal(dma(0x3FFFu << 16 | DMA_SELECT | DMA_READ, 4, 0x100000), DMA_ERROR);
	assert_int_equal(dma((uint32_t)KEY << 16 | DMA_SELECT | DMA_READ, 0, 0x100000), 0);
	assert_next("a", 1);
}

/* A length of 4 GiB must end at the first page that is no memory. */
static void dma_length_is_bounded_by_memory(void **state)
{
	(void)state;
	new_device();
	assert_int_equal(dma(DMA_READ, UINT32_MAX, 0x2000), DMA_ERROR);
	assert_true(machine.accesses < 32);
}

static void dma_crosses_pages(void **state)
{
	static uint8_t bytes[5000];

	(void)state;
	new_device();
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	assert_int_equal(fw_cfg_add(machine.fw, 0x11, bytes, sizeof(bytes), NULL), 0);
	assert_int_equal(dma(0x11u << 16 | DMA_SELECT | DMA_READ, sizeof(bytes), 0x1123), 0);
	assert_memory_equal(ram(0x1123), bytes, sizeof(bytes));
}

static void dma_of_a_flipped_byte(void **state)
{
	static uint8_t bytes[5000], expected[5000];

	(void)state;
	new_device();
	assert_int_equal(fw_cfg_add(machine.fw, 0x11, bytes, sizeof(bytes), NULL), 0);
	for (size_t at = 0; at < sizeof(bytes); at += 833) {
		assert_int_equal(fw_cfg_flip(machine.fw, 0x11, at, NULL), 0);
		memset(expected, 0, sizeof(expected));
		expected[at] = 1;
		assert_int_equal(
			dma(0x11u << 16 | DMA_SELECT | DMA_READ, sizeof(bytes), 0x1123), 0);
		assert_memory_equal(ram(0x1123), expected, sizeof(bytes));
	}
}

static void dma_descriptor_crosses_pages(void **state)
{
	(void)state;
	new_device();
	for (uint64_t gpa = 0x1FF0; gpa <= 0x2000; gpa++) {
		put_descriptor(gpa, (uint32_t)KEY << 16 | DMA_SELECT | DMA_READ, 2, BUFFER);
		memset(ram(BUFFER), 0, 2);
		start(gpa);
		assert_memory_equal(ram(BUFFER), "ab", 2);
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(*ram(gpa + i), 0);
	}
}

static void dma_descriptor_outside_memory(void **state)
{
	(void)state;
	new_device();
	select_key(KEY);
	start(0x100000);
	start(0xFFFFFFFFFFFFFFF8);
	start(RAM_BASE - 8); /* control word outside, rest inside */
	assert_next("a", 1); /* nothing happened, and the device works */
	memset(ram(0x2FF4), 0xEE, 12);
	start(0x2FF4); /* control word inside, rest outside: it can be told */
	assert_memory_equal(ram(0x2FF4), "\0\0\0\1\xEE", 5);
}

static void dma_address_halves(void **state)
{
	(void)state;
	new_device();
	/* The low half starts the transfer; the high one is zero after a reset ... */
	put_descriptor(0x1000, (uint32_t)KEY << 16 | DMA_SELECT | DMA_READ, 1, BUFFER);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_LOW, 4, __builtin_bswap32(0x1000));
	assert_memory_equal(ram(0x1000), "\0\0\0\0", 4);
	/* ... and after a transfer, also one that failed. */
	start(0x100000000 + 0x1000);
	put_descriptor(0x1000, DMA_READ, 1, BUFFER);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_LOW, 4, __builtin_bswap32(0x1000));
	assert_memory_equal(ram(0x1000), "\0\0\0\0", 4);
	assert_memory_equal(ram(BUFFER), "b", 1);
	/* A high half that is not zero leads elsewhere. */
	put_descriptor(0x1000, DMA_READ, 1, BUFFER);
	start(0x100000000 + 0x1000);
	assert_memory_equal(ram(0x1000), "\0\0\0\2", 4);
	/* The halves are not what an unswapped write would give. */
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_HIGH, 4, 0);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_LOW, 4, 0x1000);
	assert_memory_equal(ram(0x1000), "\0\0\0\2", 4);
}

static void dma_register_takes_only_doublewords(void **state)
{
	(void)state;
	new_device();
	put_descriptor(0x1000, DMA_READ, 1, BUFFER);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_LOW, 2, 0x0010);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_LOW, 1, 0);
	fw_cfg_io_write(machine.fw, FW_CFG_PORT_DMA_LOW + 2, 4, __builtin_bswap32(0x1000));
	assert_memory_equal(ram(0x1000), "\0\0\0\2", 4);
	assert_int_equal(machine.accesses, 0);
}

static void dma_register_reads_as_signature(void **state)
{
	static const char text[] = "QEMU CFG";

	(void)state;
	new_device();
	assert_int_equal(fw_cfg_io_read(machine.fw, 0x514, 4), 0x554D4551);
	assert_int_equal(fw_cfg_io_read(machine.fw, 0x518, 4), 0x47464320);
	assert_int_equal(fw_cfg_io_read(machine.fw, 0x514, 2), 0x4551);
	assert_int_equal(fw_cfg_io_read(machine.fw, 0x51A, 2), 0x4746);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(fw_cfg_io_read(machine.fw, (uint16_t)(0x514 + i), 1), text[i]);
	assert_int_equal(fw_cfg_io_read(machine.fw, 0x51B, 4), 'G'); /* nothing behind */
	assert_int_equal(fw_cfg_io_read(machine.fw, 0x51C, 1), 0);
	start(0x100000); /* and shows the signature whatever was written */
	assert_int_equal(fw_cfg_io_read(machine.fw, 0x518, 4), 0x47464320);
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

#define TEST(name) cmocka_unit_test_teardown(name, free_device)

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
		TEST(dma_selects_and_reads),
		TEST(dma_select_alone),
		TEST(dma_fills_with_zeros),
		TEST(dma_skips),
		TEST(dma_read_goes_before_skip),
		TEST(dma_write_is_refused),
		TEST(dma_error_bit_does_not_stay),
		TEST(dma_buffer_outside_memory),
		TEST(dma_length_is_bounded_by_memory),
		TEST(dma_crosses_pages),
		TEST(dma_of_a_flipped_byte),
		TEST(dma_descriptor_crosses_pages),
		TEST(dma_descriptor_outside_memory),
		TEST(dma_address_halves),
		TEST(dma_register_takes_only_doublewords),
		TEST(dma_register_reads_as_signature),
		TEST(reset),
		TEST(reading_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
