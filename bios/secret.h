/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The secret table: what the guest owner encrypts and the guest finds in the secret area.
 *
 * GUID, u32 length of header and entries, then entries of GUID, u32 length (its own 20 bytes
 * counted) and data; zero bytes up to a multiple of 16. Source: QEMU docs amd-memory-encryption,
 * Linux drivers/virt/coco/efi_secret, libvirt's virt-qemu-sev-validate (whose padding of 1 to 16
 * bytes is used here).
 */
#ifndef BIOS_SECRET_H
#define BIOS_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SECRET_MAX_TABLE   16384 /* what one LAUNCH_SECRET carries */
#define SECRET_MAX_ENTRIES 64	 /* more than the guest kernel looks at */

/* LUKS passphrase, 736869e5-84f0-4973-92ec-06879ce3da0b: the one well-known entry. */
extern const uint8_t secret_guid_luks[16];

struct secret_entry {
	uint8_t guid[16];
	const uint8_t *data;
	size_t size;
};

/*
 * Builds the padded table into out (free with sev_blob_free after wiping it). Returns 0, or -1 with
 * err set: no entry, too many, a null GUID, one GUID twice, an empty entry, longer than
 * SECRET_MAX_TABLE.
 */
int secret_build(const struct secret_entry *entries, size_t count, struct sev_blob *out,
	struct sev_error *err);

/*
 * Reads a table by the guest kernel's rules; entries point into table, those with a null GUID
 * (deleted) are skipped. Returns 0, or -1 with err set: no table, or lengths that do not add up.
 */
int secret_parse(const uint8_t *table, size_t size, struct secret_entry entries[SECRET_MAX_ENTRIES],
	size_t *count, struct sev_error *err);

#ifdef __cplusplus
}
#endif
#endif
