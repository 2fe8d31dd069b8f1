/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which guests are dead, and, as important, which are not. */
#include "tests/unit/unit.h"

#include "bios/watch.h"

#define BUFFER 56

/* The loop stands in the middle of code that means nothing. */
static enum watch_loop loop(const char *hex, size_t at, bool halts)
{
	uint8_t code[BUFFER];

	memset(code, 0xcc, sizeof(code));
	bytes_of(hex, code + 20);
	return watch_loop(code, sizeof(code), 20 + at, halts);
}

static void test_dead_loops(void **state)
{
	(void)state;
	assert_int_equal(loop("ebfe", 0, false), WATCH_DEAD);
	assert_int_equal(loop("f390ebfc", 0, false), WATCH_DEAD);
	assert_int_equal(loop("f390ebfc", 2, false), WATCH_DEAD);
	assert_int_equal(loop("faf4ebfc", 1, true), WATCH_DEAD);
}

/* EDK II 2026: mov rax, [rip + d]; cmp [rbp - 8], rax; jne out; pause; jmp back */
static const char poll_loop[] = "488b0528420000483945f87504f390ebef";

static void test_polling_loop(void **state)
{
	(void)state;
	/* CpuDeadLoop: mov rax, [rsp + 8]; test rax, rax; jz back */
	assert_int_equal(loop("488b4424084885c074f6", 0, false), WATCH_POLL);
	assert_int_equal(loop("488b4424084885c074f6", 5, false), WATCH_POLL);
	assert_int_equal(loop("488b4424084885c074f6", 8, false), WATCH_POLL);
	assert_int_equal(loop("48837c24080074f8", 0, false), WATCH_POLL);
	assert_int_equal(loop("8b45fc85c074f9", 3, false), WATCH_POLL);
	assert_int_equal(loop(poll_loop, 0, false), WATCH_POLL);
	assert_int_equal(loop(poll_loop, 13, false), WATCH_POLL);
	/* With the way out inside the loop it is something else. */
	assert_int_equal(loop("488b0528420000483945f87502f390ebef", 0, false), WATCH_NO_LOOP);
}

static void test_living_loops(void **state)
{
	(void)state;
	assert_int_equal(
		loop("f4ebfd", 0, false), WATCH_NO_LOOP); /* hlt; jmp: an interrupt ends it */
	assert_int_equal(loop("ec84c074fb", 0, false), WATCH_NO_LOOP); /* polls a port */
	assert_int_equal(
		loop("8b0785c074fa", 0, false), WATCH_NO_LOOP); /* polls memory by a pointer */
	assert_int_equal(loop("48ffc8ebfb", 0, false), WATCH_NO_LOOP); /* counts */
	assert_int_equal(
		loop("488b4424084885c075f6", 0, false), WATCH_NO_LOOP); /* leaves when zero */
	assert_int_equal(loop("ebfd", 0, false), WATCH_NO_LOOP);	/* jumps elsewhere */
	assert_int_equal(loop("90ebfe", 0, false), WATCH_NO_LOOP);	/* the loop is behind */
	assert_int_equal(loop("", 0, false), WATCH_NO_LOOP);
}

struct guest {
	const char *code;
	bool readable;
};

static bool read_code(void *ctx, uint64_t rip, void *buf, size_t size)
{
	const struct guest *guest = ctx;

	(void)rip;
	memset(buf, 0xcc, size);
	bytes_of(guest->code, (uint8_t *)buf + WATCH_CODE);
	return guest->readable;
}

static enum watch_verdict run(
	struct watch *watch, struct watch_cpu cpu, unsigned samples, struct guest *guest)
{
	enum watch_verdict verdict = WATCH_ALIVE;

	for (unsigned i = 0; i < samples && verdict == WATCH_ALIVE; i++)
		verdict = watch_sample(watch, &cpu, 1, read_code, guest);
	return verdict;
}

static void test_loop_is_found(void **state)
{
	struct watch watch = { 0 };
	struct guest guest = { "ebfe", true };
	struct watch_cpu cpu = { WATCH_RUNNING, true, 0x1000, 0x8000 };

	(void)state;
	assert_int_equal(run(&watch, cpu, WATCH_HITS - 1, &guest), WATCH_ALIVE);
	assert_int_equal(run(&watch, cpu, 1, &guest), WATCH_LOOPS);
	guest.readable = false;
	assert_int_equal(run(&watch, cpu, 3 * WATCH_HITS, &guest), WATCH_ALIVE);
	guest = (struct guest) { "48ffc8ebfb", true };
	assert_int_equal(run(&watch, cpu, 3 * WATCH_HITS, &guest), WATCH_ALIVE);
}

/* A variable may be written by somebody: patience, and none who could. */
static void test_polling_needs_more(void **state)
{
	struct watch watch = { 0 };
	struct guest guest = { poll_loop, true };
	struct watch_cpu cpus[2] = { { WATCH_RUNNING, true, 0x1000, 0x8000 },
		{ WATCH_RUNNING, true, 5, 5 } };

	(void)state;
	assert_int_equal(run(&watch, cpus[0], WATCH_POLL_HITS - 1, &guest), WATCH_ALIVE);
	assert_int_equal(run(&watch, cpus[0], 1, &guest), WATCH_LOOPS);
	watch = (struct watch) { 0 };
	for (unsigned i = 0; i < 3 * WATCH_POLL_HITS; i++)
		assert_int_equal(watch_sample(&watch, cpus, 2, read_code, &guest), WATCH_ALIVE);
}

static void test_interrupts_in_between(void **state)
{
	struct watch watch = { 0 };
	struct guest guest = { "ebfe", true };
	struct watch_cpu loop = { WATCH_RUNNING, true, 0x1000, 0x8000 };
	struct watch_cpu handler = { WATCH_RUNNING, false, 0x9000, 0x7f00 };
	enum watch_verdict verdict = WATCH_ALIVE;

	(void)state;
	for (unsigned i = 0; i < 2 * WATCH_HITS && verdict == WATCH_ALIVE; i++)
		verdict = watch_sample(&watch, i % 10 ? &loop : &handler, 1, read_code, &guest);
	assert_int_equal(verdict, WATCH_LOOPS);
}

static void test_moving_guest_lives(void **state)
{
	struct watch watch = { 0 };
	struct guest guest = { "ebfe", true };
	struct watch_cpu cpu = { WATCH_RUNNING, true, 0x1000, 0x8000 };

	(void)state;
	for (unsigned i = 0; i < 10 * WATCH_HITS; i++) {
		cpu.rip = 0x1000 + i % 7 * 0x100;
		assert_int_equal(watch_sample(&watch, &cpu, 1, read_code, &guest), WATCH_ALIVE);
	}
}

static void test_halted(void **state)
{
	struct watch watch = { 0 };
	struct watch_cpu cpus[2] = { { WATCH_HALTED, false, 1, 1 }, { WATCH_ABSENT, false, 0, 0 } };

	(void)state;
	assert_int_equal(watch_sample(&watch, cpus, 2, read_code, NULL), WATCH_ALIVE);
	assert_int_equal(watch_sample(&watch, cpus, 2, read_code, NULL), WATCH_ALIVE);
	assert_int_equal(watch_sample(&watch, cpus, 2, read_code, NULL), WATCH_ALL_HALTED);
	cpus[0].interrupts = true; /* sti; hlt waits, and may wait for long */
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(watch_sample(&watch, cpus, 2, read_code, NULL), WATCH_ALIVE);
	cpus[0].interrupts = false;
	cpus[1] = (struct watch_cpu) { WATCH_RUNNING, true, 5,
		5 }; /* another processor can wake it */
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(watch_sample(&watch, cpus, 2, read_code, NULL), WATCH_ALIVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dead_loops),
		cmocka_unit_test(test_living_loops),
		cmocka_unit_test(test_polling_loop),
		cmocka_unit_test(test_polling_needs_more),
		cmocka_unit_test(test_loop_is_found),
		cmocka_unit_test(test_interrupts_in_between),
		cmocka_unit_test(test_moving_guest_lives),
		cmocka_unit_test(test_halted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
