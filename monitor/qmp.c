/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor/qmp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "monitor/qmp_commands.h"

#define GENERIC	  "GenericError"
#define NOT_FOUND "CommandNotFound"

#define ARGS(...)                                                          \
	{                                                                  \
		.kind = QMP_OBJECT, .members = (const struct qmp_member[]) \
		{                                                          \
			__VA_ARGS__,                                       \
			{                                                  \
			}                                                  \
		}                                                          \
	}
#define NO_ARGS                    \
	{                          \
		.kind = QMP_OBJECT \
	}
#define STR	&qmp_type_str
#define INT	&qmp_type_int
#define UINT64	&qmp_type_uint64
#define BOOL	&qmp_type_bool
#define ANY	&qmp_type_any
#define NOTHING &qmp_type_nothing

/* object-add: what else it takes depends on the type. */
#define OBJECT_OPTIONS                                                        \
	{                                                                     \
		.kind = QMP_OBJECT,                                           \
		.members =                                                    \
			(const struct qmp_member[]) {                         \
				{ "qom-type", &qmp_type_object_type, false }, \
				{ "id", STR, false },                         \
				{},                                           \
			},                                                    \
		.tag = "qom-type",                                            \
		.variants = (const struct qmp_variant[]) {                    \
			{ "sev-guest", &qmp_type_sev_guest },                 \
			{},                                                   \
		},                                                            \
	}

const struct qmp_command qmp_commands[] = {
	{ "qmp_capabilities", qmp_qmp_capabilities,
		ARGS({ "enable", &qmp_type_capabilities, true }), NOTHING },
	{ "query-version", qmp_query_version, NO_ARGS, &qmp_type_version_info },
	{ "query-commands", qmp_query_commands, NO_ARGS, &qmp_type_command_infos },
	{ "query-qmp-schema", qmp_query_qmp_schema, NO_ARGS, &qmp_type_schema },

	{ "query-name", qmp_query_name, NO_ARGS, &qmp_type_name_info },
	{ "query-uuid", qmp_query_uuid, NO_ARGS, &qmp_type_uuid_info },
	{ "query-kvm", qmp_query_kvm, NO_ARGS, &qmp_type_kvm_info },
	{ "query-target", qmp_query_target, NO_ARGS, &qmp_type_target_info },
	{ "query-cpus-fast", qmp_query_cpus_fast, NO_ARGS, &qmp_type_cpu_infos },

	{ "query-status", qmp_query_status, NO_ARGS, &qmp_type_status_info },
	{ "stop", qmp_stop, NO_ARGS, NOTHING },
	{ "cont", qmp_cont, NO_ARGS, NOTHING },
	{ "system_reset", qmp_system_reset, NO_ARGS, NOTHING },
	{ "system_powerdown", qmp_system_powerdown, NO_ARGS, NOTHING },
	{ "quit", qmp_quit, NO_ARGS, NOTHING },

	{ "qom-list", qmp_qom_list, ARGS({ "path", STR, false }), &qmp_type_property_infos },
	{ "qom-get", qmp_qom_get, ARGS({ "path", STR, false }, { "property", STR, false }), ANY },
	{ "qom-set", qmp_qom_set,
		ARGS({ "path", STR, false }, { "property", STR, false }, { "value", ANY, false }),
		NOTHING },
	{ "qom-list-types", qmp_qom_list_types,
		ARGS({ "implements", STR, true }, { "abstract", BOOL, true }),
		&qmp_type_type_infos },
	{ "object-add", qmp_object_add, OBJECT_OPTIONS, NOTHING },
	{ "object-del", qmp_object_del, ARGS({ "id", STR, false }), NOTHING },

	{ "human-monitor-command", qmp_human_monitor_command,
		ARGS({ "command-line", STR, false }, { "cpu-index", INT, true }), STR },

	{ "query-sev", qmp_query_sev, NO_ARGS, &qmp_type_sev_info },
	{ "query-sev-launch-measure", qmp_query_sev_launch_measure, NO_ARGS, &qmp_type_sev_data },
	{ "query-sev-capabilities", qmp_query_sev_capabilities, NO_ARGS, &qmp_type_sev_capability },
	{ "sev-inject-launch-secret", qmp_sev_inject_launch_secret,
		ARGS({ "packet-header", STR, false }, { "secret", STR, false },
			{ "gpa", UINT64, true }),
		NOTHING },
	{ "query-sev-attestation-report", qmp_query_sev_attestation_report,
		ARGS({ "mnonce", STR, false }), &qmp_type_sev_data },

	{ "memsave", qmp_memsave,
		ARGS({ "val", INT, false }, { "size", INT, false }, { "filename", STR, false },
			{ "cpu-index", INT, true }),
		NOTHING },
	{ "pmemsave", qmp_pmemsave,
		ARGS({ "val", INT, false }, { "size", INT, false }, { "filename", STR, false }),
		NOTHING },
	{ "x-sev-memsave", qmp_x_sev_memsave,
		ARGS({ "val", INT, false }, { "size", INT, false }, { "filename", STR, false }),
		NOTHING },
	{},
};

/* --- output ---------------------------------------------------------------------------------- */

/* Takes message. Spaced: scripts look for `"status": "running"`, as QEMU writes it. */
static void send(struct qmp *qmp, struct json_object *message)
{
	const char *text = json_object_to_json_string_ext(
		message, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
	char *line;
	int size = asprintf(&line, "%s\r\n", text);

	if (size >= 0) {
		qmp->config.output(qmp->config.ctx, line, (size_t)size);
		free(line);
	}
	json_object_put(message);
}

static void send_greeting(struct qmp *qmp)
{
	struct json_object *message = json_object_new_object();
	struct json_object *server = json_object_new_object();

	qmp_add(server, "version", qmp_version());
	qmp_add(server, "capabilities", json_object_new_array());
	qmp_add(message, "QMP", server);
	send(qmp, message);
}

/* id: of the request, may be NULL. It is echoed if the request had one, even null. */
static void add_id(struct json_object *message, struct json_object *request)
{
	struct json_object *id;

	if (json_object_is_type(request, json_type_object) &&
		json_object_object_get_ex(request, "id", &id))
		json_object_object_add(message, "id", json_object_get(id));
}

static void send_return(struct qmp *qmp, struct json_object *request, struct json_object *value)
{
	struct json_object *message = json_object_new_object();

	qmp_add(message, "return", value);
	add_id(message, request);
	send(qmp, message);
}

static void send_error(
	struct qmp *qmp, struct json_object *request, const char *class, const char *description)
{
	struct json_object *message = json_object_new_object();
	struct json_object *error = json_object_new_object();

	add_id(message, request);
	qmp_add_string(error, "class", class);
	qmp_add_string(error, "desc", description);
	qmp_add(message, "error", error);
	send(qmp, message);
}

void qmp_send_error(struct qmp *qmp, const char *description)
{
	send_error(qmp, NULL, GENERIC, description);
}

void qmp_event(struct qmp *qmp, const char *name, struct json_object *data)
{
	struct json_object *message, *timestamp;
	struct timeval now;

	if (!qmp->negotiated) {
		json_object_put(data);
		return;
	}
	gettimeofday(&now, NULL);
	timestamp = json_object_new_object();
	qmp_add_int(timestamp, "seconds", now.tv_sec);
	qmp_add_int(timestamp, "microseconds", now.tv_usec);
	message = json_object_new_object();
	qmp_add(message, "timestamp", timestamp);
	qmp_add_string(message, "event", name);
	if (data)
		qmp_add(message, "data", data);
	send(qmp, message);
}

static struct json_object *cause(bool guest, const char *reason)
{
	struct json_object *data = json_object_new_object();

	qmp_add_bool(data, "guest", guest);
	qmp_add_string(data, "reason", reason);
	return data;
}

void qmp_reset_event(struct qmp *qmp, bool guest, const char *reason)
{
	qmp_event(qmp, "RESET", cause(guest, reason));
}

static void report_shutdown(struct qmp *qmp, bool guest, const char *reason)
{
	qmp_event(qmp, "SHUTDOWN", cause(guest, reason));
	qmp->shutdown_reported = true;
}

void qmp_shutdown_event(struct qmp *qmp, bool guest, const char *reason)
{
	if (qmp->shutdown_reported)
		return;
	report_shutdown(qmp, guest, reason);
	qmp->state = QMP_SHUTDOWN;
}

static void stop_machine(struct qmp *qmp, enum qmp_run_state state)
{
	if (qmp->state == QMP_RUNNING)
		qmp_event(qmp, "STOP", NULL);
	qmp->state = state;
}

void qmp_panic_event(struct qmp *qmp)
{
	struct json_object *data;

	if (qmp->shutdown_reported)
		return;
	data = json_object_new_object();
	qmp_add_string(data, "action", "poweroff");
	qmp_event(qmp, "GUEST_PANICKED", data);
	stop_machine(qmp, QMP_GUEST_PANICKED);
	report_shutdown(qmp, true, "guest-panic");
}

void qmp_internal_error_event(struct qmp *qmp)
{
	if (qmp->shutdown_reported)
		return;
	stop_machine(qmp, QMP_INTERNAL_ERROR);
	report_shutdown(qmp, false, "host-error");
}

/* --- dispatch -------------------------------------------------------------------------------- */

static const struct qmp_command *find(const char *name)
{
	for (const struct qmp_command *command = qmp_commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

/* The members that a request may have; 0, or -1 with err set. */
static int check_request(struct json_object *request, struct sev_error *err)
{
	if (!json_object_is_type(request, json_type_object))
		return sev_fail(err, "QMP input must be a JSON object");
	json_object_object_foreach(request, name, value)
	{
		if (!strcmp(name, "execute")) {
			if (!json_object_is_type(value, json_type_string))
				return sev_fail(err, "QMP input member 'execute' must be a string");
		} else if (!strcmp(name, "arguments")) {
			if (!json_object_is_type(value, json_type_object))
				return sev_fail(
					err, "QMP input member 'arguments' must be an object");
		} else if (strcmp(name, "id")) {
			return sev_fail(err, "QMP input member '%s' is unexpected", name);
		}
	}
	if (!json_object_object_get_ex(request, "execute", NULL))
		return sev_fail(err, "QMP input lacks member 'execute'");
	return 0;
}

/* Before negotiation there is one command, afterwards all others. */
static const struct qmp_command *choose(struct qmp_call *call, const char *name)
{
	bool negotiates = !strcmp(name, "qmp_capabilities");
	const struct qmp_command *command = find(name);

	if (command && negotiates == !call->qmp->negotiated)
		return command;
	call->class = NOT_FOUND;
	if (!call->qmp->negotiated)
		sev_fail(&call->err, "Expecting capabilities negotiation with 'qmp_capabilities'");
	else if (negotiates)
		sev_fail(&call->err,
			"Capabilities negotiation is already complete, command ignored");
	else
		sev_fail(&call->err, "The command %s has not been found", name);
	return NULL;
}

/* The result, or NULL with call's error set. */
static struct json_object *execute(struct qmp_call *call, struct json_object *request)
{
	struct json_object *name, *result = NULL;
	const struct qmp_command *command;

	if (check_request(request, &call->err))
		return NULL;
	json_object_object_get_ex(request, "execute", &name);
	command = choose(call, json_object_get_string(name));
	if (!command)
		return NULL;
	if (json_object_object_get_ex(request, "arguments", &call->arguments))
		json_object_get(call->arguments);
	else
		call->arguments = json_object_new_object();
	if (qmp_check_arguments(command, call) == 0)
		result = command->execute(call);
	json_object_put(call->arguments);
	return result;
}

void qmp_answer(struct qmp *qmp, struct json_object *request)
{
	struct qmp_call call = { .qmp = qmp, .class = GENERIC };
	struct json_object *result = execute(&call, request);
	void (*after)(struct qmp *) = qmp->after;

	qmp->after = NULL;
	if (result)
		send_return(qmp, request, result);
	else
		send_error(qmp, request, call.class, call.err.text);
	if (after)
		after(qmp);
}

/* --- life ------------------------------------------------------------------------------------ */

struct qmp *qmp_new(const struct qmp_config *config)
{
	struct qmp *qmp = calloc(1, sizeof(*qmp));

	if (qmp) {
		qmp->config = *config;
		qmp->state = config->paused ? QMP_PRELAUNCH : QMP_RUNNING;
	}
	return qmp;
}

void qmp_free(struct qmp *qmp)
{
	if (qmp)
		qmp_forget_input(qmp);
	free(qmp);
}

void qmp_connected(struct qmp *qmp)
{
	send_greeting(qmp);
}

void qmp_disconnected(struct qmp *qmp)
{
	qmp_forget_input(qmp);
	qmp->negotiated = false;
}

enum qmp_run_state qmp_run_state(const struct qmp *qmp)
{
	return qmp->state;
}

bool qmp_quit_requested(const struct qmp *qmp)
{
	return qmp->quit;
}
