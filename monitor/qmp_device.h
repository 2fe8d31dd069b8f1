/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machine's control socket as other glue sees it (C++). */
#ifndef SEV_QMP_DEVICE_H
#define SEV_QMP_DEVICE_H

/*
 * Whether the control socket decides when the guest runs for the first time (`qmp: paused=1`): then
 * nobody else finishes its launch.
 */
bool qmp_will_wait(void);

/*
 * The run is about to end: tells the client, and gives it a moment to read that. guest: by the
 * guest's own will. Only the first call says something. Does nothing without a socket.
 */
void qmp_event_shutdown(bool guest);

#endif
