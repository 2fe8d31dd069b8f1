/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The power button of the ACPI controller of Bochs' south bridge (C++). */
#ifndef SEV_ACPI_BUTTON_H
#define SEV_ACPI_BUTTON_H

/* Whether the machine has an ACPI controller; known once devices are being initialised. */
bool acpi_has_power_button(void);

/*
 * Presses it: sets PWRBTN_STS in PM1_STS, and the SCI follows if the guest has set PWRBTN_EN (ACPI
 * 4.8.3.1). What the guest makes of that is up to it. Only if there is one.
 */
void acpi_press_power_button(void);

#endif
