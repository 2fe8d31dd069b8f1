/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bios/watch.h"

#include <string.h>

/*
 * Length of an instruction that can stand in a loop without a way out, 0 if it is another one: it
 * writes nothing but flags and one register, and reads nothing that another party would change.
 */
static size_t harmless(const uint8_t *p, size_t room, bool halts)
{
	static const struct {
		uint8_t length, fixed;
		uint8_t bytes[4];
	} known[] = {
		{ 1, 1, { 0x90 } },		      /* nop */
		{ 1, 1, { 0xfa } },		      /* cli */
		{ 2, 2, { 0xf3, 0x90 } },	      /* pause */
		{ 2, 2, { 0x85, 0xc0 } },	      /* test eax, eax */
		{ 3, 3, { 0x48, 0x85, 0xc0 } },	      /* test rax, rax */
		{ 4, 4, { 0x48, 0x8b, 0x04, 0x24 } }, /* mov rax, [rsp] */
		{ 5, 4, { 0x48, 0x8b, 0x44, 0x24 } }, /* mov rax, [rsp + d] */
		{ 4, 3, { 0x48, 0x8b, 0x45 } },	      /* mov rax, [rbp + d] */
		{ 4, 3, { 0x8b, 0x44, 0x24 } },	      /* mov eax, [esp + d] */
		{ 3, 2, { 0x8b, 0x45 } },	      /* mov eax, [ebp + d] */
		{ 6, 4, { 0x48, 0x83, 0x7c, 0x24 } }, /* cmp qword [rsp + d], n */
		{ 5, 3, { 0x48, 0x83, 0x7d } },	      /* cmp qword [rbp + d], n */
		{ 5, 3, { 0x83, 0x7c, 0x24 } },	      /* cmp dword [esp + d], n */
		{ 4, 2, { 0x83, 0x7d } },	      /* cmp dword [ebp + d], n */
	};

	if (halts && room && p[0] == 0xf4)
		return 1;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (room >= known[i].length && !memcmp(p, known[i].bytes, known[i].fixed))
			return known[i].length;
	return 0;
}

/* Whether from `start` only harmless instructions lead to a short jump back to `start`, around at.
 */
static bool loops_from(const uint8_t *code, size_t size, size_t start, size_t at, bool halts)
{
	size_t p = start;

	for (;;) {
		size_t room = size - p;

		if (room >= 2 && (code[p] == 0xeb || code[p] == 0x74)) {
			size_t target = p + 2 + (size_t)(int8_t)code[p + 1];

			return target == start && at >= start && at <= p;
		}
		size_t length = harmless(code + p, room, halts);

		if (!length)
			return false;
		p += length;
	}
}

bool watch_is_dead_loop(const uint8_t *code, size_t size, size_t at, bool halts)
{
	for (size_t start = at > 16 ? at - 16 : 0; start <= at; start++)
		if (loops_from(code, size, start, at, halts))
			return true;
	return false;
}

static bool all_halted(const struct watch_cpu *cpus, size_t count)
{
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		if (cpus[i].activity == WATCH_RUNNING ||
			(cpus[i].activity == WATCH_HALTED && cpus[i].interrupts))
			return false;
		any |= cpus[i].activity == WATCH_HALTED;
	}
	return any;
}

static bool near(uint64_t a, uint64_t b)
{
	return a - b + 16 <= 32;
}

/* Interrupts take the processor away from its loop now and then: those samples are misses. */
static void follow(struct watch *watch, const struct watch_cpu *cpu)
{
	if (watch->hits && near(cpu->rip, watch->rip) && cpu->rsp == watch->rsp) {
		watch->hits++;
		return;
	}
	if (watch->hits && ++watch->misses <= 4 + watch->hits / 4)
		return;
	*watch = (struct watch) { .rip = cpu->rip, .rsp = cpu->rsp, .hits = 1 };
}

enum watch_verdict watch_sample(
	struct watch *watch, const struct watch_cpu *cpus, size_t count, watch_code code, void *ctx)
{
	uint8_t bytes[2 * WATCH_CODE];
	bool off = !cpus[0].interrupts;

	watch->halted = all_halted(cpus, count) ? watch->halted + 1 : 0;
	if (watch->halted >= 3)
		return WATCH_ALL_HALTED;
	if (cpus[0].activity != WATCH_RUNNING) {
		watch->hits = watch->misses = 0;
		return WATCH_ALIVE;
	}
	follow(watch, cpus);
	if (watch->hits < WATCH_HITS)
		return WATCH_ALIVE;
	uint64_t rip = watch->rip;

	watch->hits = watch->misses = 0;
	if (code(ctx, rip - WATCH_CODE, bytes, sizeof(bytes)) &&
		watch_is_dead_loop(bytes, sizeof(bytes), WATCH_CODE, off))
		return WATCH_LOOPS;
	return WATCH_ALIVE;
}
