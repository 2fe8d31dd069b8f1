/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting the second processor. */
#include "report.h"

/* Segment 0 must hold it at this offset (start.S); the start-up vector is its page number. */
#define BOOT_PAGE_COPY 0xf000

#define ICR_LOW	       (*(volatile uint32_t *)0xfee00300)
#define INIT_OTHERS    0x000c4500
#define STARTUP_OTHERS 0x000c4600

extern const char boot_page[];
extern void *next_stack;
extern void (*next_entry)(void);

static void (*entry)(void);

static void started(void)
{
	trap_init();
	entry();
	for (;;)
		asm volatile("cli; hlt");
}

void start_processor(void (*function)(void), void *stack_top)
{
	memcpy((void *)BOOT_PAGE_COPY, boot_page, PAGE);
	entry = function;
	next_entry = started;
	next_stack = stack_top;
	serialize();
	ICR_LOW = INIT_OTHERS;
	ICR_LOW = STARTUP_OTHERS | BOOT_PAGE_COPY >> 12;
}
