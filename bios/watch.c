/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bios/watch.h"

#include <string.h>

/*
 * Instructions that can stand in a loop without a way out: they write nothing but flags and one
 * register, and read nothing, or only a variable at a fixed place.
 */
static const struct {
	uint8_t length, fixed;
	bool reads; /* memory, which somebody else might write */
	uint8_t bytes[4];
} known[] = {
	{ 1, 1, false, { 0x90 } },		    /* nop */
	{ 1, 1, false, { 0xfa } },		    /* cli */
	{ 2, 2, false, { 0xf3, 0x90 } },	    /* pause */
	{ 2, 2, false, { 0x85, 0xc0 } },	    /* test eax, eax */
	{ 3, 3, false, { 0x48, 0x85, 0xc0 } },	    /* test rax, rax */
	{ 4, 4, true, { 0x48, 0x8b, 0x04, 0x24 } }, /* mov rax, [rsp] */
	{ 5, 4, true, { 0x48, 0x8b, 0x44, 0x24 } }, /* mov rax, [rsp + d] */
	{ 4, 3, true, { 0x48, 0x8b, 0x45 } },	    /* mov rax, [rbp + d] */
	{ 4, 3, true, { 0x8b, 0x44, 0x24 } },	    /* mov eax, [esp + d] */
	{ 3, 2, true, { 0x8b, 0x45 } },		    /* mov eax, [ebp + d] */
	{ 6, 4, true, { 0x48, 0x83, 0x7c, 0x24 } }, /* cmp qword [rsp + d], n */
	{ 5, 3, true, { 0x48, 0x83, 0x7d } },	    /* cmp qword [rbp + d], n */
	{ 5, 3, true, { 0x83, 0x7c, 0x24 } },	    /* cmp dword [esp + d], n */
	{ 4, 2, true, { 0x83, 0x7d } },		    /* cmp dword [ebp + d], n */
	{ 4, 3, true, { 0x48, 0x39, 0x45 } },	    /* cmp [rbp + d], rax */
	{ 5, 4, true, { 0x48, 0x39, 0x44, 0x24 } }, /* cmp [rsp + d], rax */
	{ 7, 3, true, { 0x48, 0x8b, 0x05 } },	    /* mov rax, [rip + d] */
	{ 7, 3, true, { 0x48, 0x3b, 0x05 } },	    /* cmp rax, [rip + d] */
};

/* Length of such an instruction, 0 if it is another one. */
static size_t harmless(const uint8_t *p, size_t room, bool halts, bool *reads)
{
	if (halts && room && p[0] == 0xf4)
		return 1;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (room < known[i].length || memcmp(p, known[i].bytes, known[i].fixed))
			continue;
		*reads |= known[i].reads;
		return known[i].length;
	}
	return 0;
}

/* Where a short jump at code[p] goes. */
static size_t target(const uint8_t *code, size_t p)
{
	return p + 2 + (size_t)(int8_t)code[p + 1];
}

/* Whether from `start` only harmless instructions lead to a short jump back to `start`, around at.
 */
static enum watch_loop loop_from(
	const uint8_t *code, size_t size, size_t start, size_t at, bool halts)
{
	bool reads = false;
	size_t length, out = 0;

	for (size_t p = start; p < size; p += length) {
		size_t room = size - p;

		length = 2;
		if (room >= 2 && (code[p] == 0xeb || code[p] == 0x74) && target(code, p) == start) {
			if (at < start || at > p || (out && out <= p))
				return WATCH_NO_LOOP;
			return reads ? WATCH_POLL : WATCH_DEAD;
		}
		if (room >= 2 && code[p] == 0x75 && target(code, p) > p)
			out = target(code, p); /* the way out, beyond the jump back */
		else
			length = harmless(code + p, room, halts, &reads);
		if (!length)
			break;
	}
	return WATCH_NO_LOOP;
}

enum watch_loop watch_loop(const uint8_t *code, size_t size, size_t at, bool halts)
{
	for (size_t start = at > 24 ? at - 24 : 0; start <= at; start++) {
		enum watch_loop loop = loop_from(code, size, start, at, halts);

		if (loop != WATCH_NO_LOOP)
			return loop;
	}
	return WATCH_NO_LOOP;
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

static bool others_quiet(const struct watch_cpu *cpus, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (cpus[i].activity == WATCH_RUNNING)
			return false;
	return true;
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

/* The loop has lasted for WATCH_HITS or WATCH_POLL_HITS samples. */
static enum watch_verdict judge(
	struct watch *watch, const struct watch_cpu *cpus, size_t count, watch_code code, void *ctx)
{
	uint8_t bytes[2 * WATCH_CODE];
	enum watch_loop loop = WATCH_NO_LOOP;

	if (code(ctx, watch->rip - WATCH_CODE, bytes, sizeof(bytes)))
		loop = watch_loop(bytes, sizeof(bytes), WATCH_CODE, !cpus[0].interrupts);
	if (loop == WATCH_DEAD)
		return WATCH_LOOPS;
	if (loop == WATCH_POLL && watch->hits < WATCH_POLL_HITS)
		return WATCH_ALIVE;
	if (loop == WATCH_POLL && others_quiet(cpus, count))
		return WATCH_LOOPS;
	watch->hits = watch->misses = 0;
	return WATCH_ALIVE;
}

enum watch_verdict watch_sample(
	struct watch *watch, const struct watch_cpu *cpus, size_t count, watch_code code, void *ctx)
{
	watch->halted = all_halted(cpus, count) ? watch->halted + 1 : 0;
	if (watch->halted >= 3)
		return WATCH_ALL_HALTED;
	if (cpus[0].activity != WATCH_RUNNING) {
		watch->hits = watch->misses = 0;
		return WATCH_ALIVE;
	}
	follow(watch, cpus);
	if (watch->hits != WATCH_HITS && watch->hits < WATCH_POLL_HITS)
		return WATCH_ALIVE;
	return judge(watch, cpus, count, code, ctx);
}
