/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes: what the compiler takes for granted, patterns, and fresh pages. */
#include "guest.h"

void *memset(void *to, int byte, size_t size)
{
	void *start = to;

	asm volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(byte) : "memory");
	return start;
}

void *memcpy(void *to, const void *from, size_t size)
{
	void *start = to;

	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
	return start;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;

	for (size_t i = 0; i < size; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

/* From 8 MiB on: above the image, below the smallest memory that a run has (64 MiB). */
void *pages_untouched(unsigned count)
{
	static uintptr_t next = 0x800000;
	void *page = (void *)next;

	next += count * PAGE;
	return page;
}

void *page_new(void)
{
	return memset(pages_untouched(1), 0, PAGE);
}

static uint32_t pattern(uint32_t seed, size_t i)
{
	return (seed * 0x9e3779b1u + (uint32_t)i) * 0x85ebca6bu;
}

void fill(void *page, size_t size, uint32_t seed)
{
	volatile uint32_t *word = page;

	for (size_t i = 0; i < size / sizeof(*word); i++)
		word[i] = pattern(seed, i);
}

bool filled(const void *page, size_t size, uint32_t seed)
{
	const volatile uint32_t *word = page;

	for (size_t i = 0; i < size / sizeof(*word); i++)
		if (word[i] != pattern(seed, i))
			return false;
	return true;
}

/* mov eax, value; ret */
void put_function(void *code, uint32_t value)
{
	volatile uint8_t *byte = code;

	byte[0] = 0xb8;
	for (unsigned i = 0; i < 4; i++)
		byte[1 + i] = (uint8_t)(value >> 8 * i);
	byte[5] = 0xc3;
}

/* A xorshift generator (Marsaglia); any state but 0 will do. */
uint64_t random64(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

unsigned blocks_differ(const void *a, const void *b, size_t size)
{
	unsigned count = 0;

	for (size_t i = 0; i < size; i += BLOCK)
		count += memcmp((const char *)a + i, (const char *)b + i, BLOCK) != 0;
	return count;
}
