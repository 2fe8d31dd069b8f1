/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a run ends, and what it says then. */
#include "iodev.h"

#include "bios/sev_machine.h"
#include "bios/sev_watch.h"
#include "monitor/qmp_device.h"

#include <stdarg.h>

/* Whether any of our directives is in use; otherwise Bochs ends as it always did. */
static bool is_ours()
{
	return PLUG_device_present("sev") || PLUG_device_present("fw_cfg") ||
	       PLUG_device_present("qmp");
}

void sev_machine_end(enum sev_end status, const char *format, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	fprintf(stderr, "bochs: %s\n", text);
	qmp_event_end(status == SEV_END_CRASHED ? QMP_END_PANIC : QMP_END_REFUSED);
	bx_exit(status);
	exit(status);
}

/* Bochs has said what happened to the processor; this is what measured boot knows of it. */
static void explain_crash()
{
	char why[400];

	if (!sev_launch())
		return;
	sev_explain(why, sizeof(why));
	fprintf(stderr, "bochs: the guest crashed%s%s\n", *why ? ": " : "", why);
}

/* Processors panic about what the guest does, devices about what they cannot do. */
static enum qmp_end kind_of_end(const char *who)
{
	if (bx_user_quit)
		return QMP_END_POWER_OFF;
	if (!bx_pc_system.time_ticks())
		return QMP_END_REFUSED;
	return strstr(who, "CPU") ? QMP_END_PANIC : QMP_END_EMULATOR;
}

/* Called for every end that Bochs itself decides on, with the status it would have. */
int sev_exit_status(int proposed, const char *who)
{
	if (!is_ours())
		return proposed;
	qmp_event_end(kind_of_end(who));
	if (bx_user_quit)
		return SEV_END_POWER_OFF;
	if (!bx_pc_system.time_ticks())
		return proposed;
	explain_crash();
	return SEV_END_CRASHED;
}

bool sev_refuse_save(void)
{
	if (sev_machine_options()->type != SEV_TYPE_NONE)
		fprintf(stderr,
			"bochs: sev: type=sev: a confidential machine cannot be saved or restored; "
			"legal only with type=none\n");
	else if (sev_cpu.host)
		fprintf(stderr,
			"bochs: psp: device=1: a machine with a Secure Processor cannot be saved "
			"or restored; legal only with device=0\n");
	else
		return false;
	return true;
}
