/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What fw_cfg says about one machine: the numbered items, the memory map, the ACPI tables and the
 * kernel of a direct boot, for OVMF on an i440FX with PIIX3 (host bridge 8086:1237, PM at 0:1.3).
 *
 * Source: QEMU docs/specs/fw_cfg.rst, Linux Documentation/arch/x86/boot.rst (setup header).
 */
#ifndef SEV_FW_CFG_MACHINE_H
#define SEV_FW_CFG_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "iodev/fw_cfg/fw_cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes owned by the caller, which must outlive the device. name (a path) is for messages. */
struct fw_cfg_bytes {
	const char *name;
	const uint8_t *data;
	size_t size;
};

/*
 * The three blobs of a direct boot exactly as they are hashed: the kernel is the unmodified file,
 * the initrd likewise (size 0: none), the command line has its NUL (no command line: just the NUL).
 * kernel.data NULL: no direct boot.
 */
struct fw_cfg_blobs {
	struct fw_cfg_bytes kernel, initrd, cmdline;
};

enum fw_cfg_tamper {
	FW_CFG_TAMPER_KERNEL = 1 << 0,
	FW_CFG_TAMPER_INITRD = 1 << 1,
	FW_CFG_TAMPER_CMDLINE = 1 << 2,
};

#define FW_CFG_MACHINE_CPUS 254		  /* local APIC ids 0..253, then the I/O APIC's */
#define FW_CFG_MACHINE_RAM  0xC0000000ull /* above this RAM would hide the PCI window */

struct fw_cfg_machine {
	unsigned cpus;	   /* 1..FW_CFG_MACHINE_CPUS */
	uint64_t ram;	   /* bytes from address 0; at least 16 MiB, at most FW_CFG_MACHINE_RAM */
	bool hpet;	   /* at 0xFED00000 */
	bool confidential; /* the kernel's setup header is served as it is in the file */
	unsigned tamper;   /* enum fw_cfg_tamper: served with one bit of one byte inverted */
	struct fw_cfg_blobs blobs;
	const char *bootorder;		  /* lines of OpenFirmware paths; NULL: no such file */
	const struct fw_cfg_bytes *files; /* further files by their fw_cfg name */
	size_t file_count;
};

/*
 * Adds everything and seals the device. Returns 0, or -1 with err set; fw is then only good for
 * fw_cfg_free. The blobs and files are referenced, everything else is copied.
 */
int fw_cfg_machine_fill(
	struct fw_cfg *fw, const struct fw_cfg_machine *machine, struct sev_error *err);

/* Which parts of a direct boot the guest has read completely since reset. */
struct fw_cfg_progress {
	bool kernel, initrd, cmdline;
	/* "kernel", "initrd" or "cmdline" if the last selection belongs to it, otherwise NULL. */
	const char *last;
};
void fw_cfg_machine_progress(const struct fw_cfg *fw, struct fw_cfg_progress *progress);

#ifdef __cplusplus
}
#endif
#endif
