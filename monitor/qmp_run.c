/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Run state: who moves from where to where, and which events say so in which order (QEMU
 * qapi/run-state.json and what QEMU 7.2 does).
 */
#include "monitor/qmp_commands.h"

static const char *const state_names[] = {
	[QMP_PRELAUNCH] = "prelaunch",
	[QMP_PAUSED] = "paused",
	[QMP_RUNNING] = "running",
	[QMP_SHUTDOWN] = "shutdown",
	[QMP_GUEST_PANICKED] = "guest-panicked",
	[QMP_INTERNAL_ERROR] = "internal-error",
};

const char *qmp_state_name(const struct qmp *qmp)
{
	return state_names[qmp->state];
}

struct json_object *qmp_query_status(struct qmp_call *call)
{
	struct json_object *info = json_object_new_object();

	qmp_add_string(info, "status", qmp_state_name(call->qmp));
	qmp_add_bool(info, "running", call->qmp->state == QMP_RUNNING);
	return info;
}

struct json_object *qmp_stop(struct qmp_call *call)
{
	if (call->qmp->state == QMP_RUNNING) {
		call->qmp->state = QMP_PAUSED;
		qmp_event(call->qmp, "STOP", NULL);
	}
	return qmp_nothing();
}

struct json_object *qmp_cont(struct qmp_call *call)
{
	const struct monitor_machine *machine = call->qmp->config.machine;

	if (call->qmp->state >= QMP_SHUTDOWN) {
		sev_fail(&call->err, "Resetting the Virtual Machine is required");
		return NULL;
	}
	if (call->qmp->state != QMP_RUNNING) {
		if (machine->cont(machine->ctx, &call->err))
			return NULL;
		call->qmp->state = QMP_RUNNING;
		qmp_event(call->qmp, "RESUME", NULL);
	}
	return qmp_nothing();
}

/* A machine that is reset while it is paused waits before its first instruction again. */
static void reset_now(struct qmp *qmp)
{
	const struct monitor_machine *machine = qmp->config.machine;

	machine->reset(machine->ctx);
	if (qmp->state == QMP_PAUSED)
		qmp->state = QMP_PRELAUNCH;
	qmp_reset_event(qmp, false, "host-qmp-system-reset");
}

struct json_object *qmp_system_reset(struct qmp_call *call)
{
	call->qmp->after = reset_now;
	return qmp_nothing();
}

struct json_object *qmp_system_powerdown(struct qmp_call *call)
{
	const struct monitor_machine *machine = call->qmp->config.machine;

	if (!machine->powerdown) {
		sev_fail(&call->err, "This machine has no power button");
		return NULL;
	}
	if (machine->powerdown(machine->ctx, &call->err))
		return NULL;
	qmp_event(call->qmp, "POWERDOWN", NULL);
	return qmp_nothing();
}

static void quit_now(struct qmp *qmp)
{
	qmp->quit = true;
	qmp_shutdown_event(qmp, false, "host-qmp-quit");
}

struct json_object *qmp_quit(struct qmp_call *call)
{
	call->qmp->after = quit_now;
	return qmp_nothing();
}
