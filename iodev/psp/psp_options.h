/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The `psp:` directive: which chip the machine has. */
#ifndef SEV_PSP_OPTIONS_H
#define SEV_PSP_OPTIONS_H

#include <stdbool.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PSP_SEED_MAX 64 /* bytes */

struct psp_options {
	char *state; /* directory of the chip's identity, or NULL: a chip for this run */
	char *chain; /* file of the certificates, or NULL: none is written */
	uint8_t seed[PSP_SEED_MAX];
	size_t seed_size;   /* 0: randomness of the operating system */
	bool device;	    /* a PCI function that host software drives */
	char *trace;	    /* file that gets a line for each command, or NULL */
	bool trace_secrets; /* keys too */
};

/* One property of a `psp:` line. Returns 0, or -1 with err. */
int psp_options_set(struct psp_options *options, const char *parameter, struct sev_error *err);

/* What no property alone can tell. Returns 0, or -1 with err. */
int psp_options_check(const struct psp_options *options, struct sev_error *err);

/* Wipes the seed, once it has been used. */
void psp_options_forget(struct psp_options *options);

#ifdef __cplusplus
}
#endif
#endif
