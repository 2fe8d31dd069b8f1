/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The launch of a SEV guest as the hypervisor does it, in QEMU's order: INIT, DF_FLUSH,
 * LAUNCH_START, ACTIVATE; LAUNCH_UPDATE_DATA of the firmware, then of the kernel-hashes table;
 * LAUNCH_MEASURE; any number of LAUNCH_SECRET (monitor/sev_host.h); LAUNCH_FINISH. The Secure
 * Processor is driven by commands alone, whose buffers lie in memory that the caller sets aside, as
 * a host's would.
 *
 * Every function returns 0 or, with err set to one line, something else: which command failed with
 * which status and why that is likely, or which property of the configuration is not legal. Guest
 * and system physical addresses are the same.
 *
 * Source: AMD publication 55766 (launch), QEMU target/i386/sev.c.
 */
#ifndef BIOS_LAUNCH_H
#define BIOS_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "bios/ovmf.h"
#include "bios/report.h"
#include "iodev/psp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LAUNCH_WINDOW_SIZE PSP_HOST_WINDOW

struct sev_sha256_ctx;

/* How a launch ends that does not succeed. */
enum launch_failure {
	LAUNCH_WRONG = -1,   /* a property or a file is not legal, the report cannot be written */
	LAUNCH_REFUSED = -2, /* by the Secure Processor */
};

/* Everything pointed to stays until the launch is finished or stopped. */
struct launch_config {
	struct psp *psp;
	struct sevmem *memory;
	uint64_t host_window_spa; /* memory that is not the guest's, at a page boundary */
	size_t host_window_size;  /* at least LAUNCH_WINDOW_SIZE */
	unsigned cores;		  /* that the Secure Processor wants to see WBINVD from */

	uint32_t policy;
	uint32_t handle; /* of the guest whose key is shared; 0: a key of its own */
	uint32_t asid;
	unsigned cbitpos; /* for the report */

	/* The image lies there already, in plaintext; gpa + size = 4 GiB. Names are paths as the
	   user wrote them, for errors; may be NULL. */
	const char *firmware_name;
	uint64_t firmware_gpa;
	size_t firmware_size;
	uint64_t ram_size;

	/* Measured direct boot. cmdline without NUL counting, NULL: empty; initrd NULL: none. */
	bool kernel_hashes;
	const struct sev_blob *kernel;
	const struct sev_blob *initrd;
	const char *cmdline;

	/* The guest owner's session, binary; or both keys in the clear, 16 bytes each; or neither:
	   keys that nobody knows. */
	const struct sev_blob *dh_cert;
	const struct sev_blob *session;
	const char *dh_cert_name, *session_name;
	const uint8_t *tik;
	const uint8_t *tek;
};

/* Set up by launch_start; the caller reads handle and report. */
struct launch {
	const struct launch_config *config;
	struct psp_host host;
	uint32_t handle;	       /* 0: no guest */
	struct report report;	       /* complete after launch_measure */
	struct ovmf_area hashes;       /* where the kernel-hashes table goes */
	struct ovmf_area secrets;      /* size 0: the firmware announces none that can be used */
	struct sev_sha256_ctx *digest; /* of what was updated so far */
};

/*
 * Checks all of the configuration and the firmware before the first command. Fails with enum
 * launch_failure.
 */
int launch_start(struct launch *launch, const struct launch_config *config, struct sev_error *err);

/* Firmware, then, if asked for, the hashes table, written to where the firmware wants it. */
int launch_measure_all(struct launch *launch, struct sev_error *err);

/* LAUNCH_MEASURE; completes launch->report. */
int launch_measure(struct launch *launch, struct sev_error *err);

/* From here on the guest may run. */
int launch_finish(struct launch *launch, struct sev_error *err);

/*
 * All of it: start, measure, write the report if report_path is not NULL, and, unless paused,
 * finish. Fails with enum launch_failure; nothing of the guest then remains in the Secure
 * Processor.
 */
int launch_run(struct launch *launch, const struct launch_config *config, const char *report_path,
	bool paused, struct sev_error *err);

/* Ends the guest in the Secure Processor (DEACTIVATE, DECOMMISSION), in any state; idempotent. */
void launch_stop(struct launch *launch);

struct launch_status {
	uint8_t api_major, api_minor, build_id;
	uint32_t handle, policy, asid;
	uint8_t state;		/* enum psp_guest_state */
	const char *state_name; /* as query-sev has it: "launch-update", "running", ... */
};

/* Legal at any time between launch_start and launch_stop. */
int launch_status(struct launch *launch, struct launch_status *status, struct sev_error *err);

#ifdef __cplusplus
}
#endif
#endif
