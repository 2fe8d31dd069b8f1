/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON written as QEMU writes it, `{"a": 1, "b": [1, 2]}`: scripts look for such text. */
#ifndef MONITOR_JSON_TEXT_H
#define MONITOR_JSON_TEXT_H

#include <stddef.h>

struct json_object;

/* malloc'ed, followed by end (a string); NULL: out of memory. */
char *json_text(struct json_object *value, const char *end, size_t *size);

#endif
