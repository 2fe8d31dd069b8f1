/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server of the QEMU Machine Protocol: takes a client's bytes, drives a machine, gives bytes
 * back. It knows neither sockets nor the emulator.
 *
 * Types, names, error classes and texts are QEMU's (docs/interop/qmp-spec.rst, qapi/). One client
 * at a time; the run state outlives clients. To add a command: a function, its declaration in
 * qmp_commands.h and a row of the table in qmp.c.
 */
#ifndef MONITOR_QMP_H
#define MONITOR_QMP_H

#include <stdbool.h>
#include <stddef.h>

#include "monitor/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qmp;

/* What a client may send as one value: bytes, and values within each other. */
#define QMP_MAX_SIZE  0x100000
#define QMP_MAX_DEPTH 128

struct qmp_config {
	const struct monitor_machine *machine; /* stays */
	bool paused; /* the machine waits for `cont` before its first instruction */
	/* Bytes for the client: whole lines, ended by CR LF. */
	void (*output)(void *ctx, const char *bytes, size_t size);
	void *ctx;
};

/* NULL: out of memory. */
struct qmp *qmp_new(const struct qmp_config *config);
void qmp_free(struct qmp *qmp);

/* A client is there: greeting, negotiation starts over. */
void qmp_connected(struct qmp *qmp);
/* It is gone; what it had begun is forgotten. */
void qmp_disconnected(struct qmp *qmp);

/*
 * Bytes from the client. Commands are executed and answered in order. What is no JSON is answered
 * by an error; where reading goes on then stands in qmp_lexer.h. Returns 0, or -1 if the connection
 * must be closed: the client exceeded a limit (the last output says which).
 */
int qmp_input(struct qmp *qmp, const void *bytes, size_t size);

/* Of QEMU's RunState those that this machine knows. */
enum qmp_run_state {
	QMP_PRELAUNCH,
	QMP_PAUSED,
	QMP_RUNNING,
	QMP_SHUTDOWN,
	QMP_GUEST_PANICKED,
	QMP_INTERNAL_ERROR,
};

enum qmp_run_state qmp_run_state(const struct qmp *qmp);

/* `quit` was received: further input is ignored, and the caller ends the machine. */
bool qmp_quit_requested(const struct qmp *qmp);

/*
 * Events, for what the machine did by itself. reason: one of QEMU's ShutdownCause. The last three
 * are the end, of which only the first is reported: as asked for by the guest or host; because the
 * guest can never go on; because the emulator cannot.
 */
void qmp_reset_event(struct qmp *qmp, bool guest, const char *reason);
void qmp_shutdown_event(struct qmp *qmp, bool guest, const char *reason);
void qmp_panic_event(struct qmp *qmp);
void qmp_internal_error_event(struct qmp *qmp);

#ifdef __cplusplus
}
#endif
#endif
