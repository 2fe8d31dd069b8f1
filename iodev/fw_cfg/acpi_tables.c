/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ACPI specification 6.5, section 5.2; HPET: IA-PC HPET specification 1.0a, section 3.2.4. */
#include "iodev/fw_cfg/acpi_tables.h"

#include <string.h>

/* A field of a table. Fields not listed are zero. */
struct field {
	unsigned offset, size;
	uint64_t value;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void put(uint8_t *table, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (unsigned byte = 0; byte < fields[i].size; byte++)
			table[fields[i].offset + byte] = (uint8_t)(fields[i].value >> (8 * byte));
}

static void header(uint8_t *table, const char *signature, size_t size, uint8_t revision)
{
	memcpy(table, signature, 4);
	sev_put32(table + 4, (uint32_t)size);
	table[8] = revision;
	memcpy(table + 10, "BOCHS BXSEV   ", 14); /* OEM id, OEM table id */
	sev_put32(table + 24, 1);
	memcpy(table + 28, "BXSV", 4); /* who made the table */
	sev_put32(table + 32, 1);
}

void acpi_sum(uint8_t *table, size_t size, size_t at)
{
	uint8_t sum = 0;

	table[at] = 0;
	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + table[i]);
	table[at] = (uint8_t)-sum;
}

/* --- FACS, FADT (5.2.10, 5.2.9) -------------------------------------------------------------- */

void acpi_facs(uint8_t *table)
{
	memcpy(table, "FACS", 4);
	sev_put32(table + 4, ACPI_FACS_SIZE);
}

/* Generic address structure of an I/O port: space 1, width in bits, offset 0, access size, port. */
#define IO_PORT(offset, bits, access, port)                                             \
	{ (offset), 1, 1 }, { (offset) + 1, 1, (bits) }, { (offset) + 3, 1, (access) }, \
	{                                                                               \
		(offset) + 4, 8, (port)                                                 \
	}
#define BYTE_ACCESS  1
#define WORD_ACCESS  2
#define DWORD_ACCESS 3

enum {
	LEGACY_DEVICES = 1 << 0, /* IAPC_BOOT_ARCH; 0 would tell Linux that there is no 8042 */
	HAS_8042 = 1 << 1,

	WBINVD = 1 << 0, /* fixed feature flags */
	PROC_C1 = 1 << 2,
	SLP_BUTTON = 1 << 5, /* set: there is none. PWR_BUTTON is clear: there is one */
	RTC_S4 = 1 << 7,
	RESET_REG_SUP = 1 << 10,
	/* TMR_VAL_EXT stays clear: the timer has 24 bits */
};

static const struct field fadt_fields[] = {
	{ 46, 2, ACPI_SCI_IRQ },
	{ 48, 4, 0xB2 },	     /* SMI_CMD and what to write there: */
	{ 52, 1, 0xF1 },	     /* ACPI_ENABLE */
	{ 53, 1, 0xF0 },	     /* ACPI_DISABLE */
	{ 56, 4, ACPI_PM_BASE },     /* PM1a_EVT_BLK */
	{ 64, 4, ACPI_PM_BASE + 4 }, /* PM1a_CNT_BLK */
	{ 76, 4, ACPI_PM_BASE + 8 }, /* PM_TMR_BLK */
	{ 88, 1, 4 },		     /* PM1_EVT_LEN */
	{ 89, 1, 2 },		     /* PM1_CNT_LEN */
	{ 91, 1, 4 },		     /* PM_TMR_LEN */
	{ 96, 2, 0x0FFF },	     /* P_LVL2_LAT: above 100 us means no C2 */
	{ 98, 2, 0x0FFF },	     /* P_LVL3_LAT: above 1000 us means no C3 */
	{ 108, 1, 0x32 },	     /* CENTURY: index in the RTC's CMOS */
	{ 109, 2, LEGACY_DEVICES | HAS_8042 },
	{ 112, 4, WBINVD | PROC_C1 | SLP_BUTTON | RTC_S4 | RESET_REG_SUP },
	IO_PORT(116, 8, BYTE_ACCESS, 0xCF9), /* RESET_REG */
	{ 128, 1, 6 },			     /* RESET_VALUE: reset the whole machine, now */
	IO_PORT(148, 32, WORD_ACCESS, ACPI_PM_BASE),
	IO_PORT(172, 16, WORD_ACCESS, ACPI_PM_BASE + 4),
	IO_PORT(208, 32, DWORD_ACCESS, ACPI_PM_BASE + 8),
};

void acpi_fadt(uint8_t *table)
{
	header(table, "FACP", ACPI_FADT_SIZE, 3);
	put(table, fadt_fields, COUNT(fadt_fields));
}

/* --- MADT (5.2.12) --------------------------------------------------------------------------- */

enum { LAPIC = 0, IOAPIC = 1, OVERRIDE = 2, LAPIC_NMI = 4 };

static const struct field madt_fields[] = {
	{ 36, 4, 0xFEE00000 }, { 40, 4, 1 }, /* PCAT_COMPAT: there are 8259s, to be masked */
};
#define MADT_FIRST 44

#define LAPIC_SIZE     8
#define IOAPIC_SIZE    12
#define OVERRIDE_SIZE  10
#define LAPIC_NMI_SIZE 6

#define LEVEL_LOW 0x000F /* MPS INTI flags */

size_t acpi_madt_size(const struct acpi_machine *machine)
{
	return MADT_FIRST + (size_t)machine->cpus * LAPIC_SIZE + IOAPIC_SIZE + 2 * OVERRIDE_SIZE +
	       LAPIC_NMI_SIZE;
}

static uint8_t *madt_cpu(uint8_t *entry, unsigned id)
{
	const struct field fields[] = {
		{ 0, 1, LAPIC }, { 1, 1, LAPIC_SIZE }, { 2, 1, id }, /* ACPI processor id */
		{ 3, 1, id },					     /* local APIC id */
		{ 4, 4, 1 },					     /* enabled */
	};

	put(entry, fields, COUNT(fields));
	return entry + LAPIC_SIZE;
}

static uint8_t *madt_ioapic(uint8_t *entry, unsigned id)
{
	const struct field fields[] = {
		{ 0, 1, IOAPIC }, { 1, 1, IOAPIC_SIZE }, { 2, 1, id }, { 4, 4, 0xFEC00000 },
		{ 8, 4, 0 }, /* its first global system interrupt */
	};

	put(entry, fields, COUNT(fields));
	return entry + IOAPIC_SIZE;
}

static uint8_t *madt_override(uint8_t *entry, unsigned irq, unsigned pin, unsigned flags)
{
	const struct field fields[] = {
		{ 0, 1, OVERRIDE },
		{ 1, 1, OVERRIDE_SIZE },
		{ 3, 1, irq },
		{ 4, 4, pin },
		{ 8, 2, flags },
	};

	put(entry, fields, COUNT(fields));
	return entry + OVERRIDE_SIZE;
}

static uint8_t *madt_nmi(uint8_t *entry)
{
	const struct field fields[] = {
		{ 0, 1, LAPIC_NMI }, { 1, 1, LAPIC_NMI_SIZE }, { 2, 1, 0xFF }, /* every processor */
		{ 5, 1, 1 },						       /* LINT1 */
	};

	put(entry, fields, COUNT(fields));
	return entry + LAPIC_NMI_SIZE;
}

void acpi_madt(uint8_t *table, const struct acpi_machine *machine)
{
	uint8_t *entry = table + MADT_FIRST;

	header(table, "APIC", acpi_madt_size(machine), 1);
	put(table, madt_fields, COUNT(madt_fields));
	for (unsigned id = 0; id < machine->cpus; id++)
		entry = madt_cpu(entry, id);
	entry = madt_ioapic(entry, machine->cpus);
	entry = madt_override(entry, 0, 2, 0); /* the timer, as the bus has it: edge, high */
	entry = madt_override(entry, ACPI_SCI_IRQ, ACPI_SCI_PIN, LEVEL_LOW);
	madt_nmi(entry);
	acpi_sum(table, acpi_madt_size(machine), ACPI_CHECKSUM);
}

/* --- HPET ------------------------------------------------------------------------------------ */

static const struct field hpet_fields[] = {
	{ 36, 4, 0x8086A201 }, /* as the device's capability register */
	{ 44, 8, 0xFED00000 }, /* address space 0: memory */
	{ 53, 2, 0x0080 },     /* minimum tick in periodic mode */
};

void acpi_hpet(uint8_t *table)
{
	header(table, "HPET", ACPI_HPET_SIZE, 1);
	put(table, hpet_fields, COUNT(hpet_fields));
	acpi_sum(table, ACPI_HPET_SIZE, ACPI_CHECKSUM);
}

/* --- XSDT, RSDP (5.2.8, 5.2.5) --------------------------------------------------------------- */

size_t acpi_xsdt_size(unsigned entries)
{
	return ACPI_XSDT_ENTRIES + 8 * (size_t)entries;
}

void acpi_xsdt(uint8_t *table, unsigned entries)
{
	header(table, "XSDT", acpi_xsdt_size(entries), 1);
}

void acpi_rsdp(uint8_t *table)
{
	memcpy(table, "RSD PTR ", 8);
	memcpy(table + 9, "BOCHS ", 6);
	table[15] = 2; /* revision: with XSDT, without RSDT */
	sev_put32(table + 20, ACPI_RSDP_SIZE);
}
