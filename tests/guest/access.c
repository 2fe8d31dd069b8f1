/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ways in which a processor reaches memory besides plain loads and stores, each while the page
 * changes its form underneath: stack, strings, accesses across pages, locked and wide accesses,
 * descriptor tables.
 */
#include "guest.h"

/* push, a look at the page's other form, pop: 1000 times, with the stack in that page. */
static void stack_page_turned(void)
{
	uint8_t *page = page_new();
	volatile uint64_t *raw = shared(page);
	uint64_t wrong = 0, count = 1000;

	asm volatile("xchg %%rsp, %[top]\n"
		     "1:\tpush %[count]\n\t"
		     "mov (%[raw]), %%rax\n\t"
		     "mov %%rax, (%[raw])\n\t"
		     "pop %%rdx\n\t"
		     "cmp %%rdx, %[count]\n\t"
		     "je 2f\n\t"
		     "inc %[wrong]\n"
		     "2:\tdec %[count]\n\t"
		     "jnz 1b\n\t"
		     "xchg %%rsp, %[top]"
		     : [wrong] "+r"(wrong), [count] "+r"(count)
		     : [top] "r"(page + PAGE), [raw] "r"(raw)
		     : "rax", "rdx", "memory", "cc");
	expect_equal(wrong, 0);
}

/* The same with the write last, so that the stack's own cached pointer would hit raw bytes. */
static void push_after_turn(void)
{
	uint8_t *page = page_new();
	volatile uint64_t *raw = shared(page);
	uint64_t *top = (uint64_t *)(page + PAGE);
	unsigned wrong = 0;

	for (uint64_t i = 1; i < 1000; i++) {
		uint64_t *stack = top;

		asm volatile("xchg %%rsp, %0\n\t"
			     "push %1\n\t"
			     "mov (%2), %%rax\n\t"
			     "push %1\n\t"
			     "xchg %%rsp, %0"
			     : "+r"(stack)
			     : "r"(i), "r"(raw)
			     : "rax", "memory");
		wrong += top[-1] != i || top[-2] != i;
		wrong += ((volatile uint64_t *)shared(top - 2))[0] == i;
	}
	expect_equal(wrong, 0);
}

enum { MOVSB = 1, MOVSQ = 8 };

static void copy_forward(void *to, const void *from, size_t size, unsigned width)
{
	if (width == MOVSQ)
		asm volatile("shr $3, %2; rep movsq"
			     : "+D"(to), "+S"(from), "+c"(size)
			     :
			     : "memory", "cc");
	else
		asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

static void copy_one_by_one(
	volatile void *to, const volatile void *from, size_t size, unsigned width)
{
	for (size_t i = 0; i < size; i += width)
		if (width == MOVSQ)
			*(volatile uint64_t *)((uintptr_t)to + i) =
				*(const volatile uint64_t *)((uintptr_t)from + i);
		else
			*(volatile uint8_t *)((uintptr_t)to + i) =
				*(const volatile uint8_t *)((uintptr_t)from + i);
}

/* Within one page, from one form to the other: as a loop of single moves would do it. */
static void string_copy_in_place(void)
{
	static uint8_t expected[PAGE];
	uint8_t *page = page_new();

	for (unsigned turn = 0; turn < 8; turn++) {
		unsigned width = turn & 1 ? MOVSQ : MOVSB, gap = turn & 4 ? 256 : 0;
		uint8_t *to = turn & 2 ? page : shared(page),
			*from = turn & 2 ? shared(page) : page;

		fill(page, PAGE, turn);
		copy_one_by_one(to, from + gap, PAGE - 256, width);
		memcpy(expected, shared(page), PAGE);
		fill(page, PAGE, turn);
		copy_forward(to, from + gap, PAGE - 256, width);
		expect_equal(blocks_differ(shared(page), expected, PAGE), 0);
	}
}

/* How a guest turns memory over: copy to a private buffer, back through the other mapping. */
static void string_copy_through_buffer(void)
{
	uint8_t *pages = pages_untouched(4), *buffer = page_new();

	memset(pages, 0, 4 * PAGE);
	fill(pages, 4 * PAGE, 9);
	for (unsigned i = 0; i < 4; i++) {
		copy_forward(buffer, pages + i * PAGE, PAGE, MOVSQ);
		copy_forward(shared(pages + i * PAGE), buffer, PAGE, MOVSQ);
	}
	expect(filled(shared(pages), 4 * PAGE, 9));
	expect_equal(blocks_differ(pages, shared(pages), PAGE), BLOCKS);
}

/* Long copies between pages in both forms, at odd places and across page borders. */
static void string_copy_across(void)
{
	uint8_t *from = pages_untouched(4), *to = pages_untouched(4);

	memset(from, 0, 4 * PAGE);
	for (unsigned turn = 0; turn < 4; turn++) {
		uint8_t *source = turn & 1 ? shared(from) : from,
			*target = turn & 2 ? shared(to) : to;

		fill(source, 4 * PAGE, turn);
		copy_forward(target + 5, source + 3, 3 * PAGE, MOVSB);
		expect_equal(memcmp(target + 5, source + 3, 3 * PAGE), 0);
	}
}

static void string_store_scan_compare(void)
{
	uint8_t *page = page_new(), *open = shared(page), *found = open;
	uint64_t count = PAGE / 8, value = 0x1111111111111111;
	void *to = open;
	bool equal;

	asm volatile("rep stosq" : "+D"(to), "+c"(count) : "a"(value) : "memory");
	expect_equal(open[PAGE - 1], 0x11);
	expect_equal(blocks_differ(page, open, PAGE), BLOCKS);
	open[3000] = 0x22;
	count = PAGE;
	asm volatile("repne scasb" : "+D"(found), "+c"(count) : "a"(0x22) : "memory", "cc");
	expect_equal(found - open, 3001);
	uint8_t *a = open, *b = page;
	count = PAGE;
	asm volatile("repe cmpsb" : "+S"(a), "+D"(b), "+c"(count), "=@ccz"(equal) : : "memory");
	expect(!equal);
	expect(count > PAGE - 2 * BLOCK);
}

/* Every way in which 8 bytes can lie across two pages of different forms. */
static void across_pages(void)
{
	uint8_t *low = page_new(), *high = page_new();

	for (unsigned forms = 0; forms < 4; forms++) {
		uint8_t *pair = map_somewhere(physical(low) | (forms & 1 ? c_bit : 0), 1);
		uint8_t *next = map_somewhere(physical(high) | (forms & 2 ? c_bit : 0), 1);
		uint8_t *left = forms & 1 ? low : shared(low),
			*right = forms & 2 ? high : shared(high);

		expect_equal(next - pair, PAGE);
		for (unsigned before = 1; before < 8; before++) {
			volatile uint64_t *at = (uint64_t *)(pair + PAGE - before);
			uint64_t value = 0x0102030405060708ull * before, split = 0;

			*at = value;
			memcpy(&split, left + PAGE - before, before);
			memcpy((uint8_t *)&split + before, right, 8 - before);
			expect_equal(split, value);
			expect_equal(*at, value);
			asm volatile("lock addq %1, %0" : "+m"(*at) : "r"(value) : "cc");
			expect_equal(*at, 2 * value);
		}
	}
}

/* The same physical page on both sides of the border, in both forms. */
static void across_forms_of_one_page(void)
{
	uint8_t *page = page_new();
	uint8_t *pair = map_private(page), *next = map_shared(page);
	volatile uint64_t *at = (uint64_t *)(pair + PAGE - 4);

	expect_equal(next - pair, PAGE);
	for (uint64_t i = 0; i < 500; i++) {
		uint64_t value = i << 32 | ~i >> 32;

		*at = value;
		expect_equal(*at, value);
		expect_equal(*(volatile uint32_t *)(page + PAGE - 4), (uint32_t)value);
		expect_equal(*(volatile uint32_t *)shared(page), value >> 32);
	}
}

/* Counters in two blocks of a page, one per form. */
static void locked_in_turn(void)
{
	uint8_t *page = page_new();
	volatile uint64_t *private = (uint64_t *)page, *open = shared(page + 1024);
	uint64_t one, pair[2] = { 0, 0 };
	unsigned wrong = 0;

	*open = 0;
	for (uint64_t i = 0; i < 2000; i++) {
		asm volatile("lock incq %0" : "+m"(*private) : : "cc");
		one = 1;
		asm volatile("lock xaddq %0, %1" : "+r"(one), "+m"(*open) : : "cc");
		wrong += one != i;
		asm volatile("lock cmpxchg16b %0"
			     : "+m"(*(__int128 *)(page + 2048)), "+a"(pair[0]), "+d"(pair[1])
			     : "b"(i + 1), "c"(~i)
			     : "cc");
		wrong += pair[0] != i;
		pair[0] = i + 1;
		pair[1] = ~i;
	}
	expect_equal(wrong, 0);
	expect_equal(*private, 2000);
	expect_equal(*open, 2000);
}

struct vector {
	uint64_t part[4];
};

#define LOAD_XMM0(v)  asm volatile("movdqu %0, %%xmm0" : : "m"(v))
#define STORE_XMM0(v) asm volatile("movdqu %%xmm0, %0" : "=m"(v))

/* The area of FXSAVE, inside a page and across two, turned over between saving and restoring. */
static void fxsave_area(void)
{
	uint8_t *pages = pages_untouched(2);

	for (unsigned forms = 0; forms < 4; forms++) {
		uint8_t *base = forms & 1 ? pages : shared(pages);
		uint8_t *area = base + (forms & 2 ? PAGE - 256 : 512);
		volatile uint8_t *other = forms & 1 ? shared(pages) : pages;
		struct vector in = { { 0xfeed0000 + forms, 0xbeef, 0, 0 } }, out = { { 0 } };

		LOAD_XMM0(in);
		asm volatile("fxsave (%0)" : : "r"(area) : "memory");
		expect_equal(memcmp(area + 160, &in, BLOCK), 0);
		(void)other[8];
		(void)other[PAGE + 8];
		LOAD_XMM0(out);
		asm volatile("fxrstor (%0)" : : "r"(area) : "memory");
		STORE_XMM0(out);
		expect_equal(memcmp(&out, &in, BLOCK), 0);
		expect(memcmp((uint8_t *)other + (area - base) + 160, &in, BLOCK) != 0);
	}
}

#define LOAD_YMM0(v)  asm volatile("vmovdqu %0, %%ymm0" : : "m"(v))
#define STORE_YMM0(v) asm volatile("vmovdqu %%ymm0, %0" : "=m"(v))

static void xsave_area(void)
{
	uint8_t *page = page_new();
	volatile uint8_t *raw = shared(page);
	struct vector in = { { 1, 2, 3, 0x123456789abcdef0 } }, out = { { 0 } };

	WRITE_CR(4, READ_CR(4) | 1 << 18); /* OSXSAVE */
	asm volatile("xsetbv" : : "a"(7), "d"(0), "c"(0));
	LOAD_YMM0(in);
	asm volatile("xsave (%0)" : : "r"(page), "a"(7), "d"(0) : "memory");
	expect_equal(*(volatile uint64_t *)(page + 512) & 7,
		6 | (*(volatile uint64_t *)(page + 512) & 1));
	(void)raw[0];
	(void)raw[576];
	LOAD_YMM0(out);
	asm volatile("xrstor (%0)" : : "r"(page), "a"(7), "d"(0) : "memory");
	STORE_YMM0(out);
	expect_equal(memcmp(&out, &in, sizeof(in)), 0);
	expect(memcmp((uint8_t *)raw + 160, &in, BLOCK) != 0);
}

/* 32-byte accesses at all offsets, also across pages. */
static void wide_unaligned(void)
{
	uint8_t *pages = pages_untouched(2), *open = shared(pages);
	struct vector in = { { 5, 6, 7, 8 } }, out;
	unsigned wrong = 0;

	memset(pages, 0, 2 * PAGE);
	for (unsigned at = PAGE - 40; at < PAGE + 8; at++) {
		struct vector *place = (struct vector *)(pages + at);

		in.part[0] += at;
		LOAD_YMM0(in);
		asm volatile("vmovdqu %%ymm0, %0" : "=m"(*place));
		(void)*(volatile uint8_t *)open;
		(void)*(volatile uint8_t *)(open + PAGE);
		asm volatile("vmovdqu %0, %%ymm0" : : "m"(*place));
		STORE_YMM0(out);
		wrong += memcmp(&in, &out, sizeof(in)) != 0;
	}
	expect_equal(wrong, 0);
}

/* Flushing a line through either mapping, as guests do around a change of form, changes nothing. */
static void cache_flush(void)
{
	static uint8_t raw[PAGE];
	uint8_t *page = page_new();
	unsigned wrong = 0;

	fill(page, PAGE, 1);
	memcpy(raw, shared(page), PAGE);
	for (unsigned at = 0; at < PAGE; at += 64) {
		uint8_t *line = page + at, *open = shared(line);

		asm volatile("clflush (%0)" : : "r"(at & 64 ? line : open) : "memory");
		wrong += !filled(page, 64, 1);
		asm volatile("clflushopt (%0)" : : "r"(at & 64 ? open : line) : "memory");
		wrong += memcmp(open, raw + at, 64) != 0;
		asm volatile("clflush (%0)" : : "r"(line) : "memory");
		asm volatile("clflush (%0)" : : "r"(open) : "memory");
		open[0] ^= 1;
		line[16] ^= 1;
		open[0] ^= 1;
		line[16] ^= 1;
	}
	asm volatile("wbinvd" : : : "memory");
	expect_equal(wrong, 0);
	expect(filled(page, PAGE, 1));
	expect_equal(blocks_differ(shared(page), raw, PAGE), 0);
}

/*
 * A flush of an address whose tables are stored raw: the walk reads them nevertheless. All in one
 * line of 64 bytes, so that no fetch walks between the look at a table and the flush.
 */
#define TRY_FLUSH_AFTER_RAW(flush)                                                         \
	TRY(".p2align 6\n\tmov %1, %%cr3\n\tmovb (%2), %0\n\t" flush " (%3)", "=&q"(byte), \
		"r"(READ_CR(3)), "r"(raw), "r"(line))

static void cache_flush_walks(void)
{
	uint8_t *page = page_new(), *line, byte;

	page[0] = 42;
	for (unsigned i = 0; i < 8; i++) {
		line = i & 4 ? map_shared(page) : map_private(page);
		uint64_t *entry = table_entry((uintptr_t)line, 1), leaf = *entry;
		uint8_t *raw = shared(table_entry((uintptr_t)line, i % 4 + 1));

		expect_no_fault(TRY_FLUSH_AFTER_RAW("clflush"));
		*entry = leaf;
		expect_no_fault(TRY_FLUSH_AFTER_RAW("clflushopt"));
		*entry = leaf;
		expect_no_fault(TRY_FLUSH_AFTER_RAW("clwb"));
		expect_equal(*entry & P_ACCESSED, P_ACCESSED);
		expect_equal(page[0], 42);
		expect_equal(line[0] == 42, !(i & 4));
	}
}

/* A flush that faults: what the exception needs may be stored raw, too. */
static void cache_flush_faults(void)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} idt, gdt;
	uint8_t *line = map_private(page_new()), *raw, byte;

	asm volatile("sidt %0" : "=m"(idt));
	asm volatile("sgdt %0" : "=m"(gdt));
	*table_entry((uintptr_t)line, 1) = 0;
	const uintptr_t needed[] = { idt.base, gdt.base, READ_CR(3) & P_ADDRESS,
		(uintptr_t)table_entry((uintptr_t)line, 1), (uintptr_t)&needed };

	for (unsigned i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		raw = shared((void *)needed[i]);
		expect_fault(TRY_FLUSH_AFTER_RAW("clflush"), PF, 0);
		expect_fault(TRY_FLUSH_AFTER_RAW("clflushopt"), PF, 0);
		expect_fault(TRY_FLUSH_AFTER_RAW("clwb"), PF, 0);
	}
}

/* References that no operand names: the GDT at a segment load, the IDT and the stack at a trap. */
static void descriptor_tables(void)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} old, new;
	uint64_t *gdt = page_new();
	volatile uint64_t *raw = shared(gdt);
	uint16_t selector = 0x10;
	unsigned wrong = 0;

	asm volatile("sgdt %0" : "=m"(old));
	memcpy(gdt, (void *)old.base, old.limit + 1u);
	new.limit = old.limit;
	new.base = (uintptr_t)gdt;
	asm volatile("lgdt %0" : : "m"(new));
	for (unsigned i = 0; i < 200; i++) {
		raw[64] = i;
		asm volatile("mov %0, %%fs" : : "r"(selector));
		raw[64] = i;
		wrong += TRY("int3", , "i"(0)).vector != 3;
	}
	asm volatile("lgdt %0" : : "m"(old));
	expect_equal(wrong, 0);
}

/* The IDT itself seen raw between two traps. */
static void interrupt_table(void)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} idt;
	unsigned wrong = 0;

	asm volatile("sidt %0" : "=m"(idt));
	for (unsigned i = 0; i < 200; i++) {
		(void)*(volatile uint64_t *)shared((void *)idt.base);
		wrong += TRY("ud2", , "i"(0)).vector != 6;
	}
	expect_equal(wrong, 0);
}

TESTS(TEST(stack_page_turned), TEST(push_after_turn), TEST(string_copy_in_place),
	TEST(string_copy_through_buffer), TEST(string_copy_across), TEST(string_store_scan_compare),
	TEST(across_pages), TEST(across_forms_of_one_page), TEST(locked_in_turn), TEST(fxsave_area),
	TEST(xsave_area), TEST(wide_unaligned), TEST(cache_flush), TEST(cache_flush_walks),
	TEST(cache_flush_faults), TEST(descriptor_tables), TEST(interrupt_table));
