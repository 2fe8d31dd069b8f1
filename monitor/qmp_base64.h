/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MONITOR_QMP_BASE64_H
#define MONITOR_QMP_BASE64_H

#include "base/base.h"

/*
 * Decodes as leniently as QEMU's decoder (GLib's): characters that are not base64 are skipped,
 * padding may be missing. So garbage is no error but nothing: out->size 0. Returns 0, or -1: out of
 * memory.
 */
int qmp_unbase64(const char *text, struct sev_blob *out);

#endif
