/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tells whether a guest can ever go on. Fed with samples of its processors at a steady rate of
 * guest time; needs no emulator.
 */
#ifndef BIOS_WATCH_H
#define BIOS_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WATCH_CPUS	256  /* more than Bochs has */
#define WATCH_CODE	24   /* bytes read on either side of an instruction pointer */
#define WATCH_HITS	100  /* samples in one loop before it is looked at */
#define WATCH_POLL_HITS 1000 /* in a loop that ends if a variable changes */

enum watch_activity {
	WATCH_RUNNING,
	WATCH_HALTED, /* HLT or MWAIT */
	WATCH_ABSENT, /* waits for SIPI, or shut down: cannot act by itself */
};

struct watch_cpu {
	enum watch_activity activity;
	bool interrupts; /* an interrupt would be taken */
	uint64_t rip;	 /* linear */
	uint64_t rsp;
};

enum watch_verdict {
	WATCH_ALIVE,
	WATCH_ALL_HALTED, /* every processor halted with interrupts off */
	WATCH_LOOPS,	  /* processor 0 in a loop that nothing can end */
};

/* Reads size bytes of code at a linear address of processor 0. Returns false if it cannot. */
typedef bool (*watch_code)(void *ctx, uint64_t rip, void *buf, size_t size);

struct watch {
	uint64_t rip, rsp;
	unsigned hits, misses, halted;
};

/* One sample of all processors. */
enum watch_verdict watch_sample(struct watch *watch, const struct watch_cpu *cpus, size_t count,
	watch_code code, void *ctx);

enum watch_loop {
	WATCH_NO_LOOP,
	WATCH_DEAD, /* looks at nothing */
	WATCH_POLL, /* compares a variable, which somebody else might write */
};

/*
 * What loop code[at] lies in: `jmp $`, `pause; jmp`, `hlt; jmp`, and the loops on a variable that
 * EDK2's CpuDeadLoop compiles to. Anything that reads a device or follows a pointer is no loop
 * here. halts: HLT counts, because no interrupt can end it.
 */
enum watch_loop watch_loop(const uint8_t *code, size_t size, size_t at, bool halts);

#ifdef __cplusplus
}
#endif
#endif
