/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where each ACPI table lies, which points to which, and the script that makes it true. */
#include "iodev/fw_cfg/acpi.h"

#include <stdlib.h>

#include "iodev/fw_cfg/acpi_loader.h"
#include "iodev/fw_cfg/acpi_tables.h"

#define TABLES "etc/acpi/tables"
#define RSDP   "etc/acpi/rsdp"

#define RAM_MAX 0xF0000000ull /* leaves a PCI window of 236 MiB */

/* Offsets in etc/acpi/tables. hpet 0: there is none (the FACS is what lies at 0). */
struct layout {
	uint32_t facs, dsdt, fadt, madt, hpet, xsdt, end;
	unsigned entries; /* tables that the XSDT lists */
};

static uint32_t place(struct layout *layout, size_t size)
{
	uint32_t at = layout->end;

	layout->end += (uint32_t)((size + 7) & ~(size_t)7);
	return at;
}

static struct layout lay_out(const struct acpi_machine *machine)
{
	struct layout layout = { .entries = machine->hpet ? 3 : 2 };

	layout.facs = place(&layout, ACPI_FACS_SIZE);
	layout.dsdt = place(&layout, acpi_dsdt_size());
	layout.fadt = place(&layout, ACPI_FADT_SIZE);
	layout.madt = place(&layout, acpi_madt_size(machine));
	if (machine->hpet)
		layout.hpet = place(&layout, ACPI_HPET_SIZE);
	layout.xsdt = place(&layout, acpi_xsdt_size(layout.entries));
	return layout;
}

/* In the blob a pointer is the offset of its target; the script adds the blob's address. */
static void point(struct acpi_loader *script, struct acpi_set *set, uint32_t at, uint8_t size,
	uint32_t target)
{
	sev_put32(set->tables.data + at, target);
	acpi_loader_pointer(script, TABLES, at, size, TABLES);
}

static void checksum(struct acpi_loader *script, uint32_t table, size_t size)
{
	acpi_loader_checksum(script, TABLES, table + ACPI_CHECKSUM, table, (uint32_t)size);
}

static int fill_tables(const struct acpi_machine *machine, const struct layout *layout,
	uint8_t *tables, struct sev_error *err)
{
	acpi_facs(tables + layout->facs);
	acpi_fadt(tables + layout->fadt);
	acpi_madt(tables + layout->madt, machine);
	if (machine->hpet)
		acpi_hpet(tables + layout->hpet);
	acpi_xsdt(tables + layout->xsdt, layout->entries);
	if (acpi_dsdt(tables + layout->dsdt, machine))
		return sev_fail(err, "acpi: the compiled DSDT has not exactly one PCI window");
	return 0;
}

static void link_fadt(struct acpi_loader *script, struct acpi_set *set, const struct layout *layout)
{
	uint32_t fadt = layout->fadt;

	point(script, set, fadt + ACPI_FADT_FACS, 4, layout->facs);
	point(script, set, fadt + ACPI_FADT_DSDT, 4, layout->dsdt);
	point(script, set, fadt + ACPI_FADT_X_DSDT, 8, layout->dsdt);
	checksum(script, fadt, ACPI_FADT_SIZE);
}

/* OVMF installs the tables that a pointer of the script leads to, and no other. */
static void link_xsdt(struct acpi_loader *script, struct acpi_set *set, const struct layout *layout)
{
	uint32_t targets[] = { layout->fadt, layout->madt, layout->hpet };
	uint32_t entry = layout->xsdt + ACPI_XSDT_ENTRIES;

	for (unsigned i = 0; i < layout->entries; i++, entry += 8)
		point(script, set, entry, 8, targets[i]);
	checksum(script, layout->xsdt, acpi_xsdt_size(layout->entries));
}

static void link_rsdp(struct acpi_loader *script, struct acpi_set *set, const struct layout *layout)
{
	acpi_rsdp(set->rsdp.data);
	sev_put32(set->rsdp.data + ACPI_RSDP_XSDT, layout->xsdt);
	acpi_loader_pointer(script, RSDP, ACPI_RSDP_XSDT, 8, TABLES);
	acpi_loader_checksum(script, RSDP, ACPI_RSDP_SUM, 0, ACPI_RSDP_FIRST);
	acpi_loader_checksum(script, RSDP, ACPI_RSDP_SUM2, 0, ACPI_RSDP_SIZE);
}

/* allocate 2, FADT 3 + 1, XSDT 2..3 + 1, RSDP 1 + 2 */
static unsigned script_records(const struct layout *layout)
{
	return 2 + 3 + 1 + layout->entries + 1 + 1 + 2;
}

static void write_script(struct acpi_set *set, const struct layout *layout)
{
	struct acpi_loader script = { set->loader.data, 0, script_records(layout) };

	acpi_loader_allocate(&script, RSDP, 16, ACPI_ZONE_FSEG);
	acpi_loader_allocate(&script, TABLES, 64, ACPI_ZONE_HIGH);
	link_fadt(&script, set, layout);
	link_xsdt(&script, set, layout);
	link_rsdp(&script, set, layout);
}

static int allocate(struct sev_blob *blob, size_t size)
{
	blob->data = calloc(1, size);
	blob->size = blob->data ? size : 0;
	return blob->data ? 0 : -1;
}

int acpi_build(const struct acpi_machine *machine, struct acpi_set *set, struct sev_error *err)
{
	struct layout layout = lay_out(machine);

	*set = (struct acpi_set) { 0 };
	if (machine->ram > RAM_MAX)
		return sev_fail(err, "acpi: %llu bytes of RAM leave no PCI window below 4 GiB",
			(unsigned long long)machine->ram);
	if (allocate(&set->tables, layout.end) || allocate(&set->rsdp, ACPI_RSDP_SIZE) ||
		allocate(&set->loader, (size_t)script_records(&layout) * ACPI_LOADER_RECORD)) {
		acpi_set_free(set);
		return sev_fail(err, "acpi: no memory for %u bytes of tables", layout.end);
	}
	if (fill_tables(machine, &layout, set->tables.data, err)) {
		acpi_set_free(set);
		return -1;
	}
	write_script(set, &layout);
	return 0;
}

void acpi_set_free(struct acpi_set *set)
{
	sev_blob_free(&set->tables);
	sev_blob_free(&set->rsdp);
	sev_blob_free(&set->loader);
}
