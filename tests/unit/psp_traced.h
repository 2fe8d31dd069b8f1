/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chip whose commands are traced, and what a trace says. */
#ifndef TESTS_UNIT_PSP_TRACED_H
#define TESTS_UNIT_PSP_TRACED_H

#include "tests/unit/unit.h"

#include "iodev/psp/trace.h"
#include "tests/unit/psp_owner.h"

struct traced {
	struct rig *rig;
	struct psp_trace *trace;
	char path[64];
	uint64_t time; /* 5 more for each command */
	unsigned warnings;
	char warning[512]; /* the last one */
};

/* An empty file of its own, in t->path. */
void new_path(struct traced *t);
/* Traces the rig, which now belongs to t. */
void trace_to(struct traced *t, struct rig *rig, const char *path, bool secrets);
/* The same to a new file. */
void start_trace(struct traced *t, struct rig *rig, bool secrets);
void stop_trace(struct traced *t);

struct sev_blob read_trace(const struct traced *t);

/*
 * A member of line n, from 1 or negative from the end, by a path with dots, as text; "" if it is
 * absent. Valid until the next call.
 */
const char *said(const struct traced *t, int n, const char *path);
void assert_said(const struct traced *t, int n, const char *path, const char *text);
void assert_said_hex(
	const struct traced *t, int n, const char *path, const void *data, size_t size);

/* The whole life of a guest, 9 commands, in which it is told traced_secret. */
void traced_launch(struct rig *rig, const struct owner *owner);
extern const char traced_secret[64];

#endif
