/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cache lines flushed through both forms of pages, in every encoding and place of the instruction.
 * The runner has this done twice, the second time with instructions that do nothing, of the same
 * length: a flush may not convert one page more than they do.
 */
#include "guest.h"

/* Flushes of the line at rdi: prefixes, 0F, an opcode, ModRM. */
#define OPCODE_FLUSH   0xae
#define OPCODE_NOTHING 0x1f
static const struct {
	uint8_t length, byte[8], opcode_at;
} forms[] = {
	{ 3, { 0x0f, 0, 0x3f }, 1 },			     /* clflush */
	{ 4, { 0x66, 0x0f, 0, 0x3f }, 2 },		     /* clflushopt */
	{ 4, { 0x66, 0x0f, 0, 0x37 }, 2 },		     /* clwb */
	{ 4, { 0x40, 0x0f, 0, 0x3f }, 2 },		     /* REX */
	{ 5, { 0x66, 0x48, 0x0f, 0, 0x3f }, 3 },	     /* REX.W */
	{ 4, { 0x67, 0x0f, 0, 0x3f }, 2 },		     /* 32-bit address */
	{ 4, { 0x3e, 0x0f, 0, 0x3f }, 2 },		     /* DS */
	{ 4, { 0x64, 0x0f, 0, 0x3f }, 2 },		     /* FS */
	{ 7, { 0x2e, 0x66, 0x67, 0x48, 0x0f, 0, 0x37 }, 5 }, /* four prefixes */
	{ 7, { 0x0f, 0, 0xbf, 0x40, 0x00, 0x00, 0x00 }, 1 }, /* a displacement */
	{ 5, { 0x0f, 0, 0x7c, 0x27, 0x40 }, 1 },	     /* SIB */
};
#define FORMS (sizeof(forms) / sizeof(*forms))

static uint8_t *put_flush(uint8_t *code, unsigned form)
{
	memcpy(code, forms[form].byte, forms[form].length);
	code[forms[form].opcode_at] = configured->variant ? OPCODE_NOTHING : OPCODE_FLUSH;
	code[forms[form].length] = 0xc3; /* ret */
	return code;
}

/* The TLBs are empty, so that the flush has to translate. */
static void run_flush(const void *code, const volatile void *line)
{
	flush_tlb();
	asm volatile("call *%0" : : "r"(code), "D"(line), "a"(0) : "memory", "cc");
}

/* A mapping below 4 GiB, for instructions with 32-bit addresses, in the place of a large leaf. */
static uint8_t *map_low(const void *page, uint64_t bits)
{
	static uintptr_t next = 0xc0000000;

	if (*table_entry(next, 2) & P_LARGE)
		*table_entry(next, 2) = 0;
	map(next, physical(page) | bits, 1);
	next += PAGE;
	return (uint8_t *)next - PAGE;
}

static void each_form(void)
{
	uint8_t *private = page_new(), *open = page_new(), *code = page_new();
	uint8_t *private_raw = map_low(private, 0), *open_decrypted = map_low(open, c_bit);

	fill(private, PAGE, 1);
	fill(shared(open), PAGE, 2);
	for (unsigned form = 0; form < FORMS; form++)
		for (unsigned at = 0; at < PAGE - 64; at += 1000) {
			put_flush(code + 100 * form, form);
			run_flush(code + 100 * form, private_raw + at);
			run_flush(code + 100 * form, open_decrypted + at);
		}
	expect(filled(private, PAGE, 1));
	expect(filled(shared(open), PAGE, 2));
}

static void each_place_in_the_page(void)
{
	uint8_t *page = page_new(), *code = pages_untouched(2);

	memset(code, 0, 2 * PAGE);
	fill(page, PAGE, 3);
	for (unsigned at = PAGE - 32; at < PAGE + 16; at++)
		run_flush(put_flush(code + at, at % 3), shared(page));
	expect(filled(page, PAGE, 3));
}

TESTS(TEST(each_form), TEST(each_place_in_the_page));
