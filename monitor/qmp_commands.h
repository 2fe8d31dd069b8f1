/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the QMP server share: the tables of commands, and what a command may use. */
#ifndef MONITOR_QMP_COMMANDS_H
#define MONITOR_QMP_COMMANDS_H

#include <json-c/json.h>

#include "monitor/qmp.h"

struct json_stream;

struct qmp {
	struct qmp_config config;
	enum qmp_run_state state;
	bool connected;
	bool negotiated;
	bool quit;
	bool shutdown_reported;
	struct json_stream *stream;
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

/* execute returns the value of "return", or NULL with call->err set. */
struct qmp_command {
	const char *name;
	struct json_object *(*execute)(struct qmp_call *call);
	struct qmp_arg args[QMP_MAX_ARGS]; /* up to the first without a name */
};

/* Each ends with a row without a name. */
extern const struct qmp_command qmp_general_commands[];
extern const struct qmp_command qmp_run_commands[];
extern const struct qmp_command qmp_sev_commands[];
extern const struct qmp_command qmp_memory_commands[];

/* All of these, in turn: start with NULL; NULL at the end. */
const struct qmp_command *qmp_next_command(const struct qmp_command *command);

/* Checks the arguments as QEMU's visitors do: 0, or -1 with call->err set. */
int qmp_check_arguments(const struct qmp_command *command, struct qmp_call *call);

/* The value of an argument that was checked; false or NULL: it is optional and was not given. */
const char *qmp_string(const struct qmp_call *call, const char *name);
bool qmp_uint64(const struct qmp_call *call, const char *name, uint64_t *value);

/* Formats into call->err; always NULL. */
struct json_object *qmp_fail(struct qmp_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

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
