/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Code that changes: through its own mapping, through another view, and as ciphertext. */
#include "guest.h"

static void modified_in_place(void)
{
	uint8_t *page = page_new();
	unsigned wrong = 0;

	for (uint32_t i = 0; i < 500; i++) {
		put_function(page, i);
		wrong += call(page) != i;
	}
	expect_equal(wrong, 0);
}

/* Written through one mapping, executed through two others, whose C-bits do not matter. */
static void modified_through_alias(void)
{
	uint8_t *page = page_new();
	volatile uint8_t *private = map_private(page), *open = map_shared(page);
	unsigned wrong = 0;

	for (uint32_t i = 0; i < 500; i++) {
		put_function(page, i);
		serialize();
		if (i & 1)
			(void)open[100];
		wrong += call(i & 2 ? private : open) != i;
		wrong += call(i & 2 ? open : private) != i;
		(void)open[100];
		wrong += call(private) != i;
	}
	expect_equal(wrong, 0);
}

/* Two versions of a function, exchanged as the ciphertext that DRAM holds. */
static void modified_as_ciphertext(void)
{
	uint8_t *page = page_new(), version[2][BLOCK];
	unsigned wrong = 0;

	for (unsigned i = 0; i < 2; i++) {
		put_function(page, 100 + i);
		memcpy(version[i], shared(page), BLOCK);
	}
	for (unsigned i = 0; i < 500; i++) {
		memcpy(shared(page), version[i & 1], BLOCK);
		serialize();
		wrong += call(page) != 100 + (i & 1);
	}
	expect_equal(wrong, 0);
}

/* Plaintext written through C=0 is not what is executed. */
static void plaintext_is_not_code(void)
{
	uint8_t *page = page_new(), *raw = shared(page);

	put_function(page, 1);
	memset(raw, 0xc3, BLOCK);
	expect_equal(blocks_differ(page, raw, BLOCK), 1);
	put_function(page, 2);
	expect_equal(call(page), 2);
}

/*
 * A block that overwrites an instruction ahead of itself, after which it jumps there: the stored
 * byte is the immediate operand. rdi may be the operand's own address or an alias of it.
 */
static const uint8_t self_modifying[] = {
	0x40, 0x88, 0x37,	      /* mov [rdi], sil */
	0xeb, 0x00,		      /* jmp to the next instruction */
	0xb8, 0x00, 0x00, 0x00, 0x00, /* mov eax, 0: the operand is at 6 */
	0xc3,			      /* ret */
};
#define OPERAND 6

static uint32_t run_self_modifying(const void *code, volatile uint8_t *operand, uint8_t value)
{
	uint32_t result;

	asm volatile("call *%1"
		     : "=a"(result)
		     : "r"(code), "D"(operand), "S"((uint32_t)value)
		     : "memory", "cc");
	return result;
}

static void modifies_itself(void)
{
	uint8_t *page = page_new(), *other = map_private(page);
	volatile uint8_t *open = map_shared(page);
	unsigned wrong = 0;

	memcpy(page, self_modifying, sizeof(self_modifying));
	for (unsigned i = 0; i < 400; i++) {
		uint8_t *code = i & 1 ? page : other;

		wrong += run_self_modifying(code, code + OPERAND, (uint8_t)i) != (uint8_t)i;
		wrong += run_self_modifying((void *)open, page + OPERAND, (uint8_t)~i) !=
			 (uint8_t)~i;
		wrong += !memcmp((void *)open, self_modifying, OPERAND);
	}
	expect_equal(wrong, 0);
}

/* Instructions that lie across the border of two pages, one of which is turned over. */
static void code_across_pages(void)
{
	uint8_t *pages = pages_untouched(2), *at = pages + PAGE - 3;
	volatile uint8_t *second = shared(pages + PAGE), *first = shared(pages);
	unsigned wrong = 0;

	memset(pages, 0, 2 * PAGE);
	for (uint32_t i = 0; i < 300; i++) {
		put_function(at, i << 8);
		(void)(i & 1 ? second : first)[64];
		wrong += call(at) != i << 8;
		(void)(i & 1 ? first : second)[64];
		wrong += call(at) != i << 8;
	}
	expect_equal(wrong, 0);
}

/*
 * Code that turns its own page over and, some instructions later, comes to the page's end. Fetching
 * there turns the page back, and must nevertheless stop at the border: the next page is stored raw.
 */
static void fetch_ends_with_its_page(void)
{
	static const uint8_t turn[2][2] = {
		{ 0x8a, 0x07 }, /* mov al, [rdi] */
		{ 0x88, 0x07 }, /* mov [rdi], al */
	};
	uint8_t *pages = pages_untouched(2), *border = pages + PAGE;
	volatile uint8_t *first = shared(pages), *second = shared(border);
	unsigned wrong = 0;

	memset(pages, 0, 2 * PAGE);
	for (uint32_t i = 0; i < 700; i++) {
		uint8_t *last = border - 1 - i % 5, *start = last - 2 - i / 10;
		uint32_t result, value = i << 8 | 0x55;

		memset(start, 0x90, (size_t)(last - start)); /* nop */
		memcpy(start, turn[i / 5 % 2], 2);
		put_function(last, value);
		(void)second[64];
		asm volatile("call *%1" : "=a"(result) : "r"(start), "D"(first) : "memory", "cc");
		wrong += result != value;
	}
	expect_equal(wrong, 0);
}

TESTS(TEST(modified_in_place), TEST(modified_through_alias), TEST(modified_as_ciphertext),
	TEST(plaintext_is_not_code), TEST(modifies_itself), TEST(code_across_pages),
	TEST(fetch_ends_with_its_page));
