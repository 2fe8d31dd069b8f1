/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The script in etc/table-loader: records of 128 bytes, little-endian; firmware executes them in
 * order. A script whose size is no multiple of 128 makes OVMF drop all tables.
 */
#ifndef SEV_FW_CFG_ACPI_LOADER_H
#define SEV_FW_CFG_ACPI_LOADER_H

#include "base/base.h"

#define ACPI_LOADER_RECORD 128
#define ACPI_LOADER_NAME   56

enum acpi_loader_zone { ACPI_ZONE_HIGH = 1, ACPI_ZONE_FSEG = 2 };

/* A script being written; max is the room in data, in records. */
struct acpi_loader {
	uint8_t *data;
	unsigned count, max;
};

/* Load a fw_cfg file into memory of the zone; align is a power of two, at most 4096. */
void acpi_loader_allocate(
	struct acpi_loader *loader, const char *file, uint32_t align, enum acpi_loader_zone zone);
/* Add the address of `source` to the integer of `size` bytes at `offset` in `file`. */
void acpi_loader_pointer(struct acpi_loader *loader, const char *file, uint32_t offset,
	uint8_t size, const char *source);
/* Make the bytes start..start+length of `file` sum to 0 by the byte at `at`, which must be 0. */
void acpi_loader_checksum(
	struct acpi_loader *loader, const char *file, uint32_t at, uint32_t start, uint32_t length);

#endif
