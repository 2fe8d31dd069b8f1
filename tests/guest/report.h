/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between the files of the runtime. */
#ifndef REPORT_H
#define REPORT_H

#include "guest.h"

void put(const char *text);
void put_hex(uint64_t value);
void put_decimal(unsigned value);

/* Ends the run without an END line. */
void report_unexpected(const char *what, uint64_t vector, uint64_t error, uint64_t ip);

/* Loads an IDT into this processor. */
void trap_init(void);

_Noreturn void guest_main(void);

#endif
