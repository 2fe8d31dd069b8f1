/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ACPI tables of an i440FX/PIIX3 machine and the script by which firmware places them: the
 * fw_cfg files etc/acpi/tables, etc/acpi/rsdp and etc/table-loader.
 *
 * Source: ACPI specification 6.5 chapter 5 (tables), QEMU hw/acpi/bios-linker-loader.c (the
 * script's format), Bochs iodev/acpi.cc, pci2isa.cc, ioapic.cc (what the machine does).
 */
#ifndef SEV_FW_CFG_ACPI_H
#define SEV_FW_CFG_ACPI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where OVMF puts the PIIX4 power management registers. */
#define ACPI_PM_BASE 0xB000

/*
 * The system control interrupt is PCI interrupt A of 0:1.3: with 8259s IRQ 10, where OVMF routes
 * PIRQA, with the I/O APIC pin 16. So the FADT says 10 and a source override of the MADT says
 * that ISA IRQ 10 is pin 16, level, active low, as every other PCI interrupt of that pin.
 */
#define ACPI_SCI_IRQ 10
#define ACPI_SCI_PIN 16

struct acpi_machine {
	unsigned cpus; /* local APIC ids 0..cpus-1; the I/O APIC has the next one */
	uint64_t ram;  /* bytes below 4 GiB, where the PCI window cannot be */
	bool hpet;
};

struct acpi_set {
	struct sev_blob tables; /* every table but the RSDP */
	struct sev_blob rsdp;
	struct sev_blob loader;
};

/* Returns 0, or -1 with err set (out of memory; RAM that leaves no PCI window) and *set empty. */
int acpi_build(const struct acpi_machine *machine, struct acpi_set *set, struct sev_error *err);
void acpi_set_free(struct acpi_set *set);

#ifdef __cplusplus
}
#endif
#endif
