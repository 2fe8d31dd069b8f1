/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine as the monitor sees it: what the commands of QMP need done, as a table of functions
 * that the emulator's glue (or a test) fills in. The monitor itself keeps the run state.
 *
 * Functions that can fail return 0, or -1 with err set; err becomes the text of a GenericError, so
 * it is QEMU's where QEMU has one.
 */
#ifndef MONITOR_MACHINE_H
#define MONITOR_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* query-sev */
struct monitor_sev_info {
	bool enabled; /* false: everything else is zero, state "uninit" */
	uint8_t api_major, api_minor, build_id;
	uint32_t policy;
	uint32_t handle;   /* of the firmware */
	const char *state; /* SevState: "launch-secret", ... */
};

/* query-sev-capabilities; the blobs are the caller's to free. */
struct monitor_sev_capabilities {
	struct sev_blob pdh;	    /* one certificate */
	struct sev_blob cert_chain; /* PEK, OCA, CEK */
	struct sev_blob cpu0_id;
	unsigned cbitpos;
	unsigned reduced_phys_bits;
};

/* The `sev:` directive, with QEMU's names of its properties. */
struct monitor_sev_object {
	uint32_t cbitpos, reduced_phys_bits, policy, handle;
	const char *dh_cert_file, *session_file; /* NULL: none */
	bool kernel_hashes;
};

/* What a machine is and stays. */
struct monitor_about {
	unsigned cpus;
	unsigned cores, threads; /* of a socket, of a core */
	const char *cpu_model;
	uint64_t ram_size;
	const struct monitor_sev_object *sev; /* NULL: no SEV guest */
};

/* A processor as the host sees it: of plain SEV, everything. */
struct monitor_segment {
	uint16_t selector;
	uint64_t base;
	uint32_t limit;
	uint32_t flags; /* the descriptor's second doubleword, address bits clear */
};

struct monitor_registers {
	bool long_mode;	  /* 64-bit names and sizes */
	uint64_t gpr[16]; /* RAX RCX RDX RBX RSP RBP RSI RDI R8..R15 */
	uint64_t rip, rflags;
	struct monitor_segment segment[6]; /* ES CS SS DS FS GS */
	struct monitor_segment ldt, tr, gdt, idt;
	uint64_t cr0, cr2, cr3, cr4, efer;
	unsigned cpl;
	bool smm, halted;
};

#define MONITOR_MEASURE_SIZE 48 /* HMAC, MNONCE */

struct monitor_machine {
	void *ctx;

	/* The guest is about to run, for the first time or again. */
	int (*cont)(void *ctx, struct sev_error *err);
	/* Hardware reset, at once. The monitor reports it. */
	void (*reset)(void *ctx);
	/* Presses the power button. NULL: the machine has none. */
	int (*powerdown)(void *ctx, struct sev_error *err);

	int (*sev_info)(void *ctx, struct monitor_sev_info *info, struct sev_error *err);
	int (*sev_capabilities)(
		void *ctx, struct monitor_sev_capabilities *capabilities, struct sev_error *err);
	int (*sev_measure)(void *ctx, uint8_t data[MONITOR_MEASURE_SIZE], struct sev_error *err);
	/* gpa NULL: into the area that the firmware announces. Blobs are of any size, even 0. */
	int (*sev_inject)(void *ctx, const struct sev_blob *header, const struct sev_blob *secret,
		const uint64_t *gpa, struct sev_error *err);
	/* report is the caller's to free. */
	int (*sev_attestation)(void *ctx, const struct sev_blob *mnonce, struct sev_blob *report,
		struct sev_error *err);

	/*
	 * Physical memory without disturbing it. raw: what the host sees, never across a 4 KiB
	 * boundary; -1 where there is no memory. guest: through the guest's key, in pieces of up to
	 * 1 MiB; -1 with err set also if the guest's policy forbids it.
	 */
	int (*read_raw)(void *ctx, uint64_t gpa, void *buf, size_t size);
	int (*read_guest)(void *ctx, uint64_t gpa, void *buf, size_t size, struct sev_error *err);

	const struct monitor_about *about;
	/* cpu: below about->cpus. The physical address without C-bit; -1: nothing is mapped there.
	 */
	int (*translate)(void *ctx, unsigned cpu, uint64_t linear, uint64_t *gpa);
	void (*registers)(void *ctx, unsigned cpu, struct monitor_registers *registers);
};

#ifdef __cplusplus
}
#endif
#endif
