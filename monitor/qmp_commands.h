/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the QMP server share: the table of commands, and what a command may use. */
#ifndef MONITOR_QMP_COMMANDS_H
#define MONITOR_QMP_COMMANDS_H

#include <json-c/json.h>

#include "monitor/qmp.h"
#include "monitor/qmp_parser.h"
#include "monitor/qmp_types.h"

/* What of the client's bytes waits for more of them. */
struct qmp_input {
	struct qmp_lexer lexer;
	char *text; /* of the value that has begun, without white space between tokens */
	size_t size, room;
	size_t token_at; /* begin of the token that is not complete */
	struct qmp_token *tokens;
	size_t token_count, token_room;
	int braces, brackets; /* open ones */
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

/* Returns the value of "return", or NULL with call->err set. */
typedef struct json_object *qmp_execute(struct qmp_call *call);

struct qmp_command {
	const char *name;
	qmp_execute *execute;
	struct qmp_type arguments; /* an object */
	const struct qmp_type *returns;
};

/* All of them, up to a row without a name. */
extern const struct qmp_command qmp_commands[];

/* qmp_general.c */
qmp_execute qmp_qmp_capabilities, qmp_query_version, qmp_query_commands, qmp_query_name,
	qmp_query_uuid, qmp_query_kvm, qmp_query_target, qmp_query_cpus_fast;
/* qmp_schema.c */
qmp_execute qmp_query_qmp_schema;
/* qmp_run.c */
qmp_execute qmp_query_status, qmp_stop, qmp_cont, qmp_system_reset, qmp_system_powerdown, qmp_quit;
/* qmp_qom.c */
qmp_execute qmp_qom_list, qmp_qom_get, qmp_qom_set, qmp_qom_list_types, qmp_object_add,
	qmp_object_del;
/* qmp_human.c */
qmp_execute qmp_human_monitor_command;
/* qmp_sev.c */
qmp_execute qmp_query_sev, qmp_query_sev_launch_measure, qmp_query_sev_capabilities,
	qmp_sev_inject_launch_secret, qmp_query_sev_attestation_report;
/* qmp_memory.c */
qmp_execute qmp_memsave, qmp_pmemsave, qmp_x_sev_memsave;

/* Executes a request, which may be any value, and sends the answer. */
void qmp_answer(struct qmp *qmp, struct json_object *request);

/* A GenericError that answers no request. */
void qmp_send_error(struct qmp *qmp, const char *description);

/* Of the greeting and query-version. */
struct json_object *qmp_version(void);

/* What the client has begun is void. */
void qmp_forget_input(struct qmp *qmp);

/* Checks the arguments as QEMU's visitors do: 0, or -1 with call->err set. */
int qmp_check_arguments(const struct qmp_command *command, struct qmp_call *call);

/* The value of an argument that was checked; false or NULL: it is optional and was not given. */
const char *qmp_string(const struct qmp_call *call, const char *name);
bool qmp_uint64(const struct qmp_call *call, const char *name, uint64_t *value);

/* The argument cpu-index, 0 if it was not given; -1 with the error set: there is no such CPU. */
int qmp_cpu_index(struct qmp_call *call, unsigned *index);

/* "running" */
const char *qmp_state_name(const struct qmp *qmp);

/* The path of a CPU in QEMU's tree of objects. */
#define QMP_CPU_PATH "/machine/unattached/device[%u]"

/*
 * What the server says it is. The number is that of the QEMU whose interface it offers (sev-type
 * in query-sev came with 9.1, singlestep left query-status with 9.0); the package tells that nobody
 * talks to QEMU or to AMD's hardware.
 */
#define QMP_VERSION_MAJOR 10
#define QMP_VERSION_MINOR 0
#define QMP_VERSION_MICRO 0
#define QMP_PACKAGE	  "bochs-sev: Bochs with an emulated AMD SEV. EMULATED - NOT AMD"
#define QMP_UUID	  "00000000-0000-0000-0000-000000000000"

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
