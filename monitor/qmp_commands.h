/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the QMP server share: the table of commands, and what a command may use. */
#ifndef MONITOR_QMP_COMMANDS_H
#define MONITOR_QMP_COMMANDS_H

#include <json-c/json.h>

#include "monitor/qmp.h"

/* What of the client's bytes waits for more of them. */
struct qmp_input {
	struct json_tokener *tokener; /* NULL: none yet */
	size_t size;		      /* of the value that has begun, so far */
	bool in_bad_line;	      /* of which the rest is dropped */
	char cut[3];		      /* the begin of a character */
	size_t cut_size;
};

struct qmp {
	struct qmp_config config;
	struct qmp_input input;
	enum qmp_run_state state;
	bool negotiated;
	bool quit;
	bool shutdown_reported;
	/* What a command leaves to be done once its answer is out. */
	void (*after)(struct qmp *qmp);
};

/* One command being executed. */
struct qmp_call {
	struct qmp *qmp;
	struct json_object *arguments; /* an object whose members were checked; never NULL */
	const char *class;	       /* of the error: "GenericError" unless changed */
	struct sev_error err;
};

enum qmp_arg_kind { QMP_STRING, QMP_UINT64, QMP_ARRAY };

struct qmp_arg {
	const char *name;
	enum qmp_arg_kind kind;
	bool optional;
};

#define QMP_MAX_ARGS 8

/* Returns the value of "return", or NULL with call->err set. */
typedef struct json_object *qmp_execute(struct qmp_call *call);

struct qmp_command {
	const char *name;
	qmp_execute *execute;
	struct qmp_arg args[QMP_MAX_ARGS]; /* up to the first without a name */
};

/* All of them, up to a row without a name. */
extern const struct qmp_command qmp_commands[];

/* qmp_general.c */
qmp_execute qmp_qmp_capabilities, qmp_query_version, qmp_query_commands, qmp_query_name;
/* qmp_run.c */
qmp_execute qmp_query_status, qmp_stop, qmp_cont, qmp_system_reset, qmp_system_powerdown, qmp_quit;
/* qmp_sev.c */
qmp_execute qmp_query_sev, qmp_query_sev_launch_measure, qmp_query_sev_capabilities,
	qmp_sev_inject_launch_secret, qmp_query_sev_attestation_report;
/* qmp_memory.c */
qmp_execute qmp_pmemsave, qmp_x_sev_memsave;

/* Executes a request, which may be any value, and sends the answer. */
void qmp_answer(struct qmp *qmp, struct json_object *request);

/* A GenericError that answers no request. */
void qmp_send_error(struct qmp *qmp, const char *description);

/* Of the greeting and query-version. */
struct json_object *qmp_version(void);

/* What the client has begun is void. */
void qmp_forget_input(struct qmp *qmp);

/* How many bytes at the end of text begin a character of UTF-8 that is not complete: 0 to 3. */
size_t qmp_cut_character(const char *text, size_t size);

/* Checks the arguments as QEMU's visitors do: 0, or -1 with call->err set. */
int qmp_check_arguments(const struct qmp_command *command, struct qmp_call *call);

/* The value of an argument that was checked; false or NULL: it is optional and was not given. */
const char *qmp_string(const struct qmp_call *call, const char *name);
bool qmp_uint64(const struct qmp_call *call, const char *name, uint64_t *value);

/* {}, what a command without a result returns. */
struct json_object *qmp_nothing(void);

/* Sends an event; takes data, which may be NULL. */
void qmp_event(struct qmp *qmp, const char *name, struct json_object *data);

/* json-c's members in a row; names are literals, so they need no copy. */
void qmp_add(struct json_object *object, const char *name, struct json_object *value);
void qmp_add_string(struct json_object *object, const char *name, const char *value);
void qmp_add_int(struct json_object *object, const char *name, int64_t value);
void qmp_add_bool(struct json_object *object, const char *name, bool value);
void qmp_add_base64(struct json_object *object, const char *name, const void *data, size_t size);

#endif
