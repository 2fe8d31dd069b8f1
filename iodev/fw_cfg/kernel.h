/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A Linux kernel for direct boot: where the file divides, and what a boot loader writes into its
 * setup header. Source: Linux Documentation/arch/x86/boot.rst.
 */
#ifndef SEV_FW_CFG_KERNEL_H
#define SEV_FW_CFG_KERNEL_H

#include "iodev/fw_cfg/machine.h"

/* Load addresses of QEMU; only a firmware without EFI stub support would use them. */
#define KERNEL_SETUP_ADDR   0x10000u
#define KERNEL_CMDLINE_ADDR 0x20000u
#define KERNEL_ADDR	    0x100000u

/*
 * Size of the setup part (boot sector and real-mode code). Returns 0, or -1 with err set, naming
 * the file, if the file is shorter than that.
 */
int kernel_setup_size(const struct fw_cfg_bytes *kernel, size_t *size, struct sev_error *err);

/*
 * Address for the initrd: a page boundary, as high as kernel and RAM allow. Returns 0, or -1 with
 * err set if it does not fit.
 */
int kernel_initrd_addr(const struct fw_cfg_machine *machine, uint32_t *addr, struct sev_error *err);

/*
 * Fills in what a boot loader has to in the copied setup part (at least 0x1F2 bytes). Does nothing
 * to a file that is no bzImage of protocol 2.02 or later.
 */
void kernel_patch_setup(uint8_t *setup, size_t size, const char *cmdline, uint32_t initrd_addr,
	uint32_t initrd_size);

#endif
