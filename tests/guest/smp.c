/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two processors and one page: whatever one of them keeps of it (data and code pointers, stack)
 * must go when the other turns the page over. To be run with short turns of the processors, too:
 * long ones hide a pointer that was not dropped.
 */
#include "pingpong.h"

static void (*volatile job)(void);
static volatile bool up;
static uint8_t *stack; /* page of the second processor's stack */

static void second_processor(void)
{
	up = true;
	for (;;) {
		while (!job)
			asm volatile("pause");
		job();
		job = NULL;
	}
}

static void wait_for_job(void)
{
	while (job)
		asm volatile("pause");
}

/* Looks at the raw form of the page until the other processor is done. */
static void turn_while_working(const uint8_t *page)
{
	while (job)
		(void)*(volatile uint64_t *)shared(page);
}

static void starts(void)
{
	stack = page_new();
	start_processor(second_processor, stack + PAGE);
	for (unsigned i = 0; i < 1000000 && !up; i++)
		asm volatile("pause");
	expect(up);
}

static struct pingpong games[2];

static void second_game(void)
{
	pingpong_play(&games[1], 40000);
}

static void both_play(void)
{
	uint8_t *memory = pages_untouched(32);

	for (unsigned i = 0; i < 2; i++)
		pingpong_init(&games[i], memory, 32, i, 2);
	job = second_game;
	pingpong_play(&games[0], 40000);
	wait_for_job();
	for (unsigned i = 0; i < 2; i++) {
		expect_equal(games[i].wrong, 0);
		expect_equal(pingpong_check(&games[i]), 0);
	}
}

static uint8_t *page;
static volatile unsigned wrong;

static void read_and_write(void)
{
	volatile uint64_t *word = (uint64_t *)page;

	for (uint64_t i = 0; i < 5000; i++) {
		word[2] = i;
		wrong += word[0] != 0x5eed || word[2] != i;
	}
}

static void data_turned_by_other(void)
{
	page = page_new();
	*(uint64_t *)page = 0x5eed;
	wrong = 0;
	job = read_and_write;
	turn_while_working(page);
	expect_equal(wrong, 0);
}

static void execute(void)
{
	for (unsigned i = 0; i < 3000; i++)
		wrong += call(page) != 77;
}

static void code_turned_by_other(void)
{
	page = page_new();
	put_function(page, 77);
	wrong = 0;
	job = execute;
	turn_while_working(page);
	expect_equal(wrong, 0);
}

/* What was pushed is popped, 5000 times, without a call in between. */
static void push_and_pop(void)
{
	uint64_t count = 5000, errors = 0;

	asm volatile("1:\tpush %0\n\t"
		     "pop %%rdx\n\t"
		     "cmp %%rdx, %0\n\t"
		     "je 2f\n\t"
		     "inc %1\n"
		     "2:\tdec %0\n\t"
		     "jnz 1b"
		     : "+r"(count), "+r"(errors)
		     :
		     : "rdx", "memory", "cc");
	wrong += (unsigned)errors;
}

static void stack_turned_by_other(void)
{
	wrong = 0;
	job = push_and_pop;
	turn_while_working(stack);
	expect_equal(wrong, 0);
}

static volatile uint8_t *mapped;

static void walk(void)
{
	for (unsigned i = 0; i < 3000; i++) {
		invlpg(mapped);
		wrong += mapped[0] != 99;
	}
}

static void tables_turned_by_other(void)
{
	page = page_new();
	page[0] = 99;
	mapped = map_private(page);
	wrong = 0;
	job = walk;
	turn_while_working((uint8_t *)table_entry((uintptr_t)mapped, 1));
	expect_equal(wrong, 0);
}

static void add_locked(void)
{
	for (unsigned i = 0; i < 5000; i++) {
		asm volatile("lock incq %0" : "+m"(*(uint64_t *)page) : : "cc");
		asm volatile("lock incq %0" : "+m"(*(uint64_t *)shared(page + 64)) : : "cc");
	}
}

static void locked_by_both(void)
{
	page = page_new();
	*(uint64_t *)shared(page + 64) = 0;
	job = add_locked;
	add_locked();
	wait_for_job();
	expect_equal(*(volatile uint64_t *)page, 10000);
	expect_equal(*(volatile uint64_t *)shared(page + 64), 10000);
}

static void write_code(void)
{
	for (uint32_t i = 1; i <= 500; i++) {
		put_function(page + 64, i); /* for itself, in another block */
		wrong += call(page + 64) != i;
	}
}

/* Both execute in the page, one modifies its own part of it. */
static void code_modified_by_other(void)
{
	page = page_new();
	put_function(page, 5);
	wrong = 0;
	job = write_code;
	while (job) {
		wrong += call(page) != 5;
		(void)*(volatile uint64_t *)shared(page);
	}
	expect_equal(wrong, 0);
}

static volatile uint64_t *line;
static volatile bool armed;

/* As firmware leaves it: RAM is write-back by a range of its own, anything else is uncached. */
static void set_memory_types(void)
{
	wrmsr(0x200, 0x00000000 | 6);
	wrmsr(0x201, 0xffff80000000 | 1 << 11); /* 2 GiB, of 48 address bits */
	wrmsr(0x2ff, 1 << 11);
}

static void wait_for_line(void)
{
	set_memory_types();
	asm volatile("monitor" : : "a"(line), "c"(0), "d"(0));
	armed = true;
	if (!*line)
		asm volatile("mwait" : : "a"(0), "c"(0));
}

static void pauses(unsigned count)
{
	while (count-- && job)
		asm volatile("pause");
}

static void woken_by(volatile uint64_t *writer)
{
	if (job)
		return; /* still asleep: failed already */
	*line = 0;
	armed = false;
	job = wait_for_line;
	while (!armed)
		asm volatile("pause");
	pauses(10000);
	expect(job); /* asleep */
	invlpg(writer);
	*writer = 1;
	pauses(100000);
	expect(!job);
}

/* Last, as a processor that nothing wakes can do no more jobs. */
static void monitor_sees_both_forms(void)
{
	line = page_new();
	expect(cpuid(1, 0).ecx >> 3 & 1);
	woken_by(line);
	woken_by(shared((void *)line));
}

TESTS(TEST(starts), TEST(both_play), TEST(data_turned_by_other), TEST(code_turned_by_other),
	TEST(stack_turned_by_other), TEST(tables_turned_by_other), TEST(locked_by_both),
	TEST(code_modified_by_other), TEST(monitor_sees_both_forms));
