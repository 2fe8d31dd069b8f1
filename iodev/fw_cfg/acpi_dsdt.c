/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The DSDT: dsdt.asl as the ASL compiler made it, with the PCI window of this machine. */
#include <string.h>

#include "dsdt.h" /* dsdt_aml_code[], made from dsdt.asl by iasl -tc */
#include "iodev/fw_cfg/acpi_tables.h"

#define WINDOW_MIN 0x80000000u /* OVMF's window starts no lower */
#define WINDOW_MAX 0xFEBFFFFFu /* the I/O APIC is next */

/*
 * The window as it is in the compiled table: from _MIN to the end of a DWordMemory descriptor (ACPI
 * specification 6.4.3.5.2), sixteen bytes that nothing else in the table has.
 */
static uint8_t *find_window(uint8_t *table, size_t size)
{
	static const uint32_t window[] = { WINDOW_MIN, WINDOW_MAX, 0, WINDOW_MAX - WINDOW_MIN + 1 };
	uint8_t image[sizeof(window)], *first;

	for (size_t i = 0; i < 4; i++)
		sev_put32(image + 4 * i, window[i]);
	first = memmem(table, size, image, sizeof(image));
	if (!first || memmem(first + 1, (size_t)(table + size - first - 1), image, sizeof(image)))
		return NULL;
	return first;
}

size_t acpi_dsdt_size(void)
{
	return sizeof(dsdt_aml_code);
}

int acpi_dsdt(uint8_t *table, const struct acpi_machine *machine)
{
	uint32_t min = machine->ram > WINDOW_MIN ? (uint32_t)machine->ram : WINDOW_MIN;
	uint8_t *window;

	memcpy(table, dsdt_aml_code, sizeof(dsdt_aml_code));
	window = find_window(table, sizeof(dsdt_aml_code));
	if (!window)
		return -1;
	sev_put32(window, min);
	sev_put32(window + 12, WINDOW_MAX - min + 1);
	acpi_sum(table, sizeof(dsdt_aml_code), ACPI_CHECKSUM);
	return 0;
}
