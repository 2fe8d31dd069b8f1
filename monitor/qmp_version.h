/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the server says it is. The number is that of the QEMU whose interface it offers (sev-type
 * in query-sev came with 9.1, singlestep left query-status with 9.0); the package tells that nobody
 * talks to QEMU or to AMD's hardware.
 */
#ifndef MONITOR_QMP_VERSION_H
#define MONITOR_QMP_VERSION_H

#define QMP_VERSION_MAJOR 10
#define QMP_VERSION_MINOR 0
#define QMP_VERSION_MICRO 0
#define QMP_PACKAGE	  "bochs-sev: Bochs with an emulated AMD SEV. EMULATED - NOT AMD"

struct json_object;

/* Greeting and query-version. */
struct json_object *qmp_version(void);

#endif
