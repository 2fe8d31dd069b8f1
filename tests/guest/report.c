/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs the tests and prints to COM1: "ok NAME" or "not ok NAME: why" for each, at the end "END n".
 * Then the emulation is ended.
 */
#include "report.h"

#define COM1 0x3f8

static const struct test *current;

/* The first expectation of the current test that did not hold. */
static struct {
	unsigned line; /* 0: all held */
	const char *what;
	bool compared;
	uint64_t is, should;
} failure;

static void put_char(char c)
{
	while (!(in8(COM1 + 5) & 0x20))
		;
	out8(COM1, (uint8_t)c);
}

void put(const char *text)
{
	while (*text)
		put_char(*text++);
}

static void put_digits(uint64_t value, unsigned digits)
{
	while (digits--)
		put_char("0123456789abcdef"[value >> (digits * 4) & 15]);
}

void put_hex(uint64_t value)
{
	unsigned digits = 1;

	while (digits < 16 && value >> (digits * 4))
		digits++;
	put("0x");
	put_digits(value, digits);
}

void put_decimal(unsigned value)
{
	if (value >= 10)
		put_decimal(value / 10);
	put_char((char)('0' + value % 10));
}

static void fail(unsigned line, const char *what, bool compared, uint64_t is, uint64_t should)
{
	if (failure.line)
		return;
	failure.line = line;
	failure.what = what;
	failure.compared = compared;
	failure.is = is;
	failure.should = should;
}

void expect_at(unsigned line, bool holds, const char *what)
{
	if (!holds)
		fail(line, what, false, 0, 0);
}

void expect_equal_at(unsigned line, uint64_t is, uint64_t should, const char *what)
{
	if (is != should)
		fail(line, what, true, is, should);
}

static void put_failure(void)
{
	put(": line ");
	put_decimal(failure.line);
	put(": ");
	put(failure.what);
	if (failure.compared) {
		put(" is ");
		put_hex(failure.is);
		put(", not ");
		put_hex(failure.should);
	}
}

static void run(const struct test *test)
{
	current = test;
	failure.line = 0;
	test->run();
	put(failure.line ? "not ok " : "ok ");
	put(test->name);
	if (failure.line)
		put_failure();
	put("\n");
}

/* Bochs ends when this word is written to this port; what COM1 still has to send would be lost. */
static _Noreturn void end(void)
{
	while (!(in8(COM1 + 5) & 0x40))
		;
	for (const char *c = "Shutdown"; *c; c++)
		out8(0x8900, (uint8_t)*c);
	for (;;)
		asm volatile("cli; hlt");
}

void report_unexpected(const char *what, uint64_t vector, uint64_t error, uint64_t ip)
{
	put("not ok ");
	put(current ? current->name : "start");
	put(": ");
	put(what);
	put(" ");
	put_hex(vector);
	put(", error ");
	put_hex(error);
	put(", at ");
	put_hex(ip);
	put(", CR2 ");
	put_hex(READ_CR(2));
	put("\n");
	end();
}

_Noreturn void guest_main(void)
{
	trap_init();
	out8(COM1 + 3, 0x80); /* divisor 1: 115200 baud */
	out8(COM1, 1);
	out8(COM1 + 1, 0);
	out8(COM1 + 3, 0x03);
#ifdef __x86_64__
	for (uint64_t at = 0; at < 1ull << 32; at += 1 << 21)
		map(SHARED_OFFSET + at, at, 2);
#endif
	for (unsigned i = 0; i < test_count; i++)
		run(&tests[i]);
	put("END ");
	put_decimal(test_count);
	put("\n");
	end();
}
