/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client of QEMU's machine protocol (QMP) on a UNIX socket, for a dialogue of a few commands.
 *
 * Whoever is at the other end is not trusted: every answer has a deadline and a limit of size;
 * events between are skipped; what is no JSON, has no or another id, or is neither event, return
 * nor error, ends the dialogue. Source: QEMU docs/interop/qmp-spec.
 */
#ifndef TOOLS_SEV_OWNER_QMP_H
#define TOOLS_SEV_OWNER_QMP_H

#include <stdbool.h>

#include "base/base.h"

struct json_object;
struct owner_qmp;

enum owner_qmp_result {
	OWNER_QMP_DONE = 0,
	OWNER_QMP_REFUSED, /* the server answers with an error */
	OWNER_QMP_BROKEN,  /* no answer, or none that can be understood: the dialogue is over */
};

#define OWNER_QMP_MAX_ANSWER (1 << 20) /* bytes */

struct owner_qmp_config {
	const char *path;
	unsigned wait_ms;   /* for the socket to be there */
	unsigned answer_ms; /* for the greeting, and for each answer */
	/* Called a few times a second while something is waited for; may be NULL. */
	void (*waiting)(void *ctx, const char *what);
	void *ctx;
};

/*
 * Connects, reads the greeting and negotiates; NULL with err set. Waits if there is no such socket
 * yet or nobody listens there.
 */
struct owner_qmp *owner_qmp_open(const struct owner_qmp_config *config, struct sev_error *err);

/* NULL is fine. */
void owner_qmp_close(struct owner_qmp *qmp);

/*
 * One command. arguments is taken, and may be NULL. With OWNER_QMP_DONE *value is what it returned
 * (release with json_object_put; value may be NULL: not wanted), else err is set, and names the
 * command.
 */
enum owner_qmp_result owner_qmp_call(struct owner_qmp *qmp, const char *command,
	struct json_object *arguments, struct json_object **value, struct sev_error *err);

/* Milliseconds of a clock that only goes forward. */
int64_t owner_now_ms(void);

#endif
