/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The trace of a Secure Processor: one line of JSON for each command, for people and for jq. It
 * watches the chip from outside; no command depends on it.
 *
 *   time      microseconds, from the clock given
 *   n         number of the command, from 1
 *   who       gave it (psp_set_caller)
 *   command   its name; id: its number
 *   guest     the handle the command is about; asid: which the guest has, or had before
 *   buffer    address of the command buffer
 *   state     of platform and guest, after the command
 *   in        the fields of the buffer that the firmware reads, by name, and what lies behind its
 *             addresses, under the name without "_paddr"
 *   out       what it has written
 *   digest    launch digest so far
 *   secrets   only if asked for: vek, tek and tik of a guest when they are made or first used,
 *             the platform's private keys (pdh, pek, oca) when they may be new
 *   status    by name; cause: in one line, if the command failed
 *
 * What has no meaning for a command is left out, as are reserved fields. A member that is absent
 * although its address is there could not be read. Byte strings are in lower-case hexadecimal.
 */
#ifndef SEV_PSP_TRACE_H
#define SEV_PSP_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct psp;
struct psp_trace;

struct psp_trace_config {
	const char *path; /* replaced if it exists; a FIFO needs a reader. Copied. */
	bool secrets;	  /* show keys too; the file is then its owner's alone */

	/* Microseconds of the machine's own time: same run, same trace. NULL: always 0. */
	uint64_t (*time_usec)(void *ctx);
	/* One line, once, when nothing more can be written; the machine goes on. May be NULL. */
	void (*warn)(void *ctx, const char *line);
	void *ctx;
};

/* Starts to watch the chip. NULL with err set if the file cannot be opened for writing. */
struct psp_trace *psp_trace_new(
	struct psp *psp, const struct psp_trace_config *config, struct sev_error *err);

/* Watches no longer. Before the chip is freed. trace may be NULL. */
void psp_trace_free(struct psp_trace *trace);

#ifdef __cplusplus
}
#endif
#endif
