/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The single tables, each written into memory of its size; pointers and loader are acpi.c's. */
#ifndef SEV_FW_CFG_ACPI_TABLES_H
#define SEV_FW_CFG_ACPI_TABLES_H

#include "iodev/fw_cfg/acpi.h"

#define ACPI_HEADER	36
#define ACPI_CHECKSUM	9 /* offset in the header */
#define ACPI_FACS_SIZE	64
#define ACPI_FADT_SIZE	244 /* revision 3 */
#define ACPI_HPET_SIZE	56
#define ACPI_RSDP_SIZE	36 /* revision 2 */
#define ACPI_RSDP_FIRST 20 /* the part that revision 0 had has a checksum of its own */

/* Offsets of pointers to other tables. */
#define ACPI_FADT_FACS	  36  /* 4 bytes */
#define ACPI_FADT_DSDT	  40  /* 4 bytes */
#define ACPI_FADT_X_DSDT  140 /* 8 bytes */
#define ACPI_XSDT_ENTRIES 36  /* 8 bytes each */
#define ACPI_RSDP_SUM	  8
#define ACPI_RSDP_XSDT	  24 /* 8 bytes */
#define ACPI_RSDP_SUM2	  32

size_t acpi_madt_size(const struct acpi_machine *machine);
size_t acpi_dsdt_size(void);
size_t acpi_xsdt_size(unsigned entries);

/*
 * The memory must be zero before. Complete tables (MADT, HPET, DSDT) get their checksum here; in
 * the others it stays 0 for the loader to compute after it has added the pointers.
 */
void acpi_facs(uint8_t *table);
void acpi_fadt(uint8_t *table);
void acpi_madt(uint8_t *table, const struct acpi_machine *machine);
void acpi_hpet(uint8_t *table);
void acpi_xsdt(uint8_t *table, unsigned entries);
void acpi_rsdp(uint8_t *table);

/* Returns -1 if the compiled DSDT does not have exactly one PCI memory window to be adjusted. */
int acpi_dsdt(uint8_t *table, const struct acpi_machine *machine);

/* Sets the byte at `at` so that the size bytes sum to 0. */
void acpi_sum(uint8_t *table, size_t size, size_t at);

#endif
