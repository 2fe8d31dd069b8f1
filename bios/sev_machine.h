/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The confidential machine as its other glue sees it (C++, single host thread). The launch happens
 * in the first hardware reset, before the first instruction.
 */
#ifndef SEV_SEV_MACHINE_H
#define SEV_SEV_MACHINE_H

#include "base/base.h"
#include "bios/sev_options.h"
#include "iodev/psp/psp.h"

struct launch;

/* The machine's Secure Processor; made at the first call (then with an error: exit status 2). */
struct psp *sev_chip(void);

/* The guest's launch, or NULL with type=none or before the first reset. */
struct launch *sev_launch(void);

/* The `sev:` directive; defaults if there is none. */
const struct sev_options *sev_machine_options(void);

/*
 * LAUNCH_START .. LAUNCH_MEASURE and the report; does it once, later calls do nothing. A refused
 * launch ends the emulator with status 3 and one line.
 */
void sev_machine_launch(void);

/* LAUNCH_FINISH: the guest may run. Once; to be called before the first instruction. */
void sev_machine_start(void);

/*
 * A second LAUNCH_SECRET etc. by the monitor goes through sev_launch(). Looking at private memory
 * through the guest's key: legal if the policy allows debugging or `sev: debug_override=1`; its use
 * is logged. 0, or -1 with err.
 */
int sev_machine_look(uint64_t gpa, void *buf, size_t size, struct sev_error *err);

/* Whether the firmware, seen through the guest's key, still is what was measured. */
bool sev_firmware_intact(void);

/* What the run will end with: 0 powered off, 3 launch refused, 4 guest crashed (docs/sev.txt). */
enum sev_end { SEV_END_POWER_OFF = 0, SEV_END_REFUSED = 3, SEV_END_CRASHED = 4 };

/* The CPU model with SEV becomes the default; what the user chose stays. While parsing only. */
void sev_prefer_model(void);
/*
 * Whether CPU model and memory are what SEV needs, and the machine is not being restored; if not,
 * one line and exit status 2. who: the property that asks for it, "sev: type=sev".
 */
void sev_check_machine(const char *who);

/* Called by Bochs before it saves (hook H41): true, with a line on standard error, if it must not.
 */
bool sev_refuse_save(void);

/* Ends the run with this status after one line on standard error. Does not return. */
void sev_machine_end(enum sev_end status, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

#endif
