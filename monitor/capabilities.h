/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What this emulator offers to whoever configures confidential guests, told without starting a
 * machine: `bochs --sev-capabilities`.
 *
 * Forms: JSON with QMP's names (query-sev, query-sev-capabilities) where QMP has them; the <sev>
 * element of libvirt's domain capabilities (formatdomaincaps); Proxmox VE's hw-params.json.
 */
#ifndef MONITOR_CAPABILITIES_H
#define MONITOR_CAPABILITIES_H

#include "monitor/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CAPABILITIES_OPTION "--sev-capabilities"

struct capabilities {
	uint8_t api_major, api_minor, build_id;
	bool has_chip; /* the blobs are there */
	struct monitor_sev_capabilities sev;
};

/*
 * Asks a Secure Processor. state: directory of a chip, as in `psp: state=DIR` (and, as there, made
 * if it does not exist). NULL: a chip that nobody meets again, so its certificates are left out.
 * Returns 0, or -1 with err: the directory cannot be used, or another emulator uses the chip.
 */
int capabilities_get(struct capabilities *cap, const char *state, struct sev_error *err);
void capabilities_free(struct capabilities *cap);

/* Each returns text that ends with a newline, malloc'ed; NULL: out of memory. */
char *capabilities_json(const struct capabilities *cap);
char *capabilities_libvirt(const struct capabilities *cap);
char *capabilities_proxmox(const struct capabilities *cap);

/* Whether a command line (that of main) asks for capabilities, rightly or not. */
bool capabilities_wanted(int argc, char **argv);

/*
 * Then: prints them to standard output, or one line to standard error that says what is wrong.
 * Returns the program's exit status: 0, or 2.
 */
int capabilities_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
