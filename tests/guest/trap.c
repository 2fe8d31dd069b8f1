/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exceptions: those that a test expects are recorded, any other ends the run. */
#include "report.h"

struct trap_frame {
	uintptr_t vector, error, ip, cs, flags;
};

volatile uintptr_t trap_resume;
static struct fault taken = { .vector = NO_FAULT };

struct gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_high;
#ifdef __x86_64__
	uint32_t offset_top, reserved;
#endif
};

static struct gate idt[32];
extern const char trap_stubs[];

void trap(struct trap_frame *frame);

void trap(struct trap_frame *frame)
{
	if (!trap_resume) {
		report_unexpected("exception", frame->vector, frame->error, frame->ip);
		return;
	}
	taken = (struct fault) { (int)frame->vector, (uint32_t)frame->error, READ_CR(2) };
	frame->ip = trap_resume;
}

struct fault trap_taken(void)
{
	struct fault fault = taken;

	trap_resume = 0;
	taken = (struct fault) { .vector = NO_FAULT };
	return fault;
}

void trap_init(void)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uintptr_t base;
	} idtr = { sizeof(idt) - 1, (uintptr_t)idt };
	uint16_t cs;

	asm("mov %%cs, %0" : "=r"(cs));
	for (unsigned i = 0; i < 32; i++) {
		uintptr_t stub = (uintptr_t)trap_stubs + 16 * i;

		idt[i].offset_low = (uint16_t)stub;
		idt[i].selector = cs;
		idt[i].type = 0x8e; /* present interrupt gate */
		idt[i].offset_high = (uint16_t)(stub >> 16);
	}
	asm volatile("lidt %0" : : "m"(idtr));
}

struct fault try_read(const volatile void *linear)
{
	uint8_t byte;

	return TRY("movb (%1), %0", "=&q"(byte), "r"(linear));
}

struct fault try_write(volatile void *linear)
{
	return TRY("movb $0, (%0)", , "r"(linear));
}

#ifdef __x86_64__
#define SP "%%rsp"
#else
#define SP "%%esp"
#endif

struct fault try_call(const volatile void *linear)
{
	uintptr_t saved;

	asm volatile("mov" WORD " $1f, trap_resume\n\t"
		     "mov " SP ", %0\n\t"
		     "call *%1\n"
		     "1:\tmov %0, " SP
		     : "=&b"(saved)
		     : "r"(linear)
		     : "memory", "cc");
	return trap_taken();
}

struct fault try_wrmsr(uint32_t index, uint64_t value)
{
	return TRY("wrmsr", , "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(index));
}

struct fault try_write_cr3(uint64_t value)
{
	return TRY("mov %0, %%cr3", , "r"((uintptr_t)value));
}
