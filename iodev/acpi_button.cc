/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev.h"
#include "pci.h"
#include "acpi.h"

#include "iodev/acpi_button.h"

extern bx_acpi_ctrl_c *theACPIController;

static const Bit16u pwrbtn_sts = 1 << 8;

/* A friend of the controller (hook H43). */
struct sev_acpi_controller {
	static void press()
	{
		theACPIController->s.pmsts |= pwrbtn_sts;
		theACPIController->pm_update_sci();
	}
};

bool acpi_has_power_button(void)
{
	return theACPIController != NULL;
}

void acpi_press_power_button(void)
{
	sev_acpi_controller::press();
}
