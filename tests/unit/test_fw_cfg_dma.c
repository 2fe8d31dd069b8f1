/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The DMA interface of fw_cfg: each rule once allowed and once denied. */
#include "tests/unit/fw_cfg_machine.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
