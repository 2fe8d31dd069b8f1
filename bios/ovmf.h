/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * OVMF's footer table: what a firmware image announces to the hypervisor.
 *
 * The last 0x30 bytes of an image that carries a table begin with the footer GUID; right before it
 * lies the table's total length (u16, counting itself and the footer GUID), and before that the
 * entries, each `data | u16 length | GUID`, walked from the highest address downwards. Source: EDK
 * II OvmfPkg/ResetVector, QEMU hw/i386/pc_sysfw_ovmf.c.
 *
 * QEMU ignores a malformed table in silence; here it is an error, because the guest would hang
 * later without a word. An image with no table at all is legal as long as nothing is needed from
 * it.
 */
#ifndef BIOS_OVMF_H
#define BIOS_OVMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OVMF_FLASH_UNIT 0x1000	  /* a flash image is a multiple of this */
#define OVMF_ROM_UNIT	0x10000	  /* an image loaded as ROM (QEMU's -bios) of this */
#define OVMF_MAX_SIZE	0x1000000 /* 16 MiB: the space below 4 GiB that is decoded as ROM */

/* The footer, and the entries that matter to SEV. */
extern const uint8_t ovmf_guid_footer[16];
extern const uint8_t ovmf_guid_secret_area[16];
extern const uint8_t ovmf_guid_hash_area[16];
extern const uint8_t ovmf_guid_reset_block[16];

enum ovmf_result {
	OVMF_BROKEN = -1,  /* there is a footer GUID, but what precedes it is no table */
	OVMF_NO_TABLE = 0, /* no footer GUID */
	OVMF_TABLE = 1,
};

/* A view of an image; the image must stay. */
struct ovmf {
	const uint8_t *image;
	size_t size;
	const uint8_t *entries; /* lowest byte of the entries */
	size_t entries_size;	/* 0 without a table */
	enum ovmf_result result;
};

struct ovmf_entry {
	uint8_t guid[16];
	const uint8_t *data;
	size_t size; /* of data alone */
};

struct ovmf_area {
	uint32_t base; /* guest physical address, multiple of 16 */
	uint32_t size; /* bytes */
};

/* Whether size is a legal image size: 0, or -1 with err set. unit: one of the two above. */
int ovmf_check_size(size_t size, size_t unit, struct sev_error *err);

/*
 * Looks for the table and checks all of it. OVMF_BROKEN sets err; so does an image that is smaller
 * than 4 KiB or not a multiple of it.
 */
enum ovmf_result ovmf_parse(
	const uint8_t *image, size_t size, struct ovmf *fw, struct sev_error *err);

/*
 * Entries in walk order: start with *cursor = 0 and call until it returns false.
 */
bool ovmf_next(const struct ovmf *fw, size_t *cursor, struct ovmf_entry *entry);

/* The first entry with that GUID; false: none (or no table). */
bool ovmf_find(const struct ovmf *fw, const uint8_t guid[16], struct ovmf_entry *entry);

/*
 * The area announced for the kernel-hashes table, for the launch secret. 0, or -1 with err set: no
 * table, no such entry, entry too short, base or size 0, unaligned, too small, not in RAM
 * ([0, ram_size) without the legacy hole at 640 KiB), overlapping the other area.
 */
int ovmf_hash_area(
	const struct ovmf *fw, uint64_t ram_size, struct ovmf_area *area, struct sev_error *err);
int ovmf_secret_area(
	const struct ovmf *fw, uint64_t ram_size, struct ovmf_area *area, struct sev_error *err);

/*
 * Where the vCPUs of a SEV-ES guest other than the first begin: CS.base in the upper half, IP in
 * the lower one. Images without a table may announce it alone, right below the last 32 bytes. 0, or
 * -1 with err set: announced nowhere, in too short an entry, or as 0.
 */
int ovmf_reset_vector(const struct ovmf *fw, uint32_t *vector, struct sev_error *err);

#ifdef __cplusplus
}
#endif
#endif
