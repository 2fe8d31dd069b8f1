/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machine's control socket as other glue sees it (C++). */
#ifndef SEV_QMP_DEVICE_H
#define SEV_QMP_DEVICE_H

/*
 * Whether the control socket decides when the guest runs for the first time (`qmp: paused=1`): then
 * nobody else finishes its launch.
 */
bool qmp_will_wait(void);

/* Why a run ends. */
enum qmp_end {
	QMP_END_POWER_OFF, /* by the guest's own will */
	QMP_END_PANIC,	   /* the guest crashed, or can never go on */
	QMP_END_EMULATOR,  /* a device met what it does not know: the machine is not what it should
			      be */
	QMP_END_REFUSED,   /* before the guest's first instruction */
};

/*
 * The run is about to end: tells the client, and gives it a moment to read that. Only the first
 * call says something. Does nothing without a socket.
 */
void qmp_event_end(enum qmp_end end);

#endif
