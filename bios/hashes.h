/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel-hashes table of measured direct boot.
 *
 * The hypervisor puts SHA-256 of command line, initrd and kernel into a table that is measured with
 * the firmware; OVMF AmdSev compares with it what it fetches through fw_cfg. Source: QEMU
 * target/i386/sev.c, EDK II OvmfPkg/AmdSev/BlobVerifierLibSevHashes.
 */
#ifndef BIOS_HASHES_H
#define BIOS_HASHES_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HASHES_TABLE_SIZE                                                       \
	176 /* header 18, three entries of 50, 8 of padding: all of it measured \
	     */

/* In the order in which QEMU writes them, so part of the digest. */
enum hashes_part { HASHES_CMDLINE, HASHES_INITRD, HASHES_KERNEL, HASHES_PARTS };

struct hashes {
	uint8_t sha256[HASHES_PARTS][32];
};

/* "cmdline", "initrd", "kernel". */
const char *hashes_name(enum hashes_part part);

/*
 * kernel: the whole file, unpatched. initrd: the file; size 0 if there is none. cmdline: without
 * its NUL, which is hashed too; NULL is the empty line. Cannot fail.
 */
void hashes_compute(const struct sev_blob *kernel, const struct sev_blob *initrd,
	const char *cmdline, struct hashes *out);

/*
 * The command line in a file, malloc'ed: its text without the line breaks at its end, by the rule
 * of the fw_cfg directive's append_file. NULL with err set if what remains holds a NUL or a line
 * end; name is what the error calls the file.
 */
char *hashes_cmdline_text(const char *name, const struct sev_blob *file, struct sev_error *err);

/* The table as it is measured. */
void hashes_table(const struct hashes *hashes, uint8_t table[HASHES_TABLE_SIZE]);

/*
 * Which parts differ, a bit 1 << part each; err then names them, with both hashes. what: who is on
 * either side ("expected", "launched").
 */
unsigned hashes_compare(const struct hashes *a, const char *what_a, const struct hashes *b,
	const char *what_b, struct sev_error *err);

#ifdef __cplusplus
}
#endif
#endif
