/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands about the server itself; and the list of all tables. */
#include <string.h>

#include "monitor/qmp_commands.h"
#include "monitor/qmp_version.h"

static const struct qmp_command *const tables[] = {
	qmp_general_commands,
	qmp_run_commands,
	qmp_sev_commands,
	qmp_memory_commands,
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* The first row of table n or a later one; none of them is empty. */
static const struct qmp_command *first_of(size_t n)
{
	return n < TABLES ? tables[n] : NULL;
}

static size_t table_of(const struct qmp_command *command)
{
	for (size_t n = 0; n < TABLES; n++)
		for (const struct qmp_command *row = tables[n]; row->name; row++)
			if (row == command)
				return n;
	return TABLES;
}

const struct qmp_command *qmp_next_command(const struct qmp_command *command)
{
	if (!command)
		return first_of(0);
	return command[1].name ? command + 1 : first_of(table_of(command) + 1);
}

struct json_object *qmp_version(void)
{
	struct json_object *version = json_object_new_object();
	struct json_object *qemu = json_object_new_object();

	qmp_add_int(qemu, "micro", QMP_VERSION_MICRO);
	qmp_add_int(qemu, "minor", QMP_VERSION_MINOR);
	qmp_add_int(qemu, "major", QMP_VERSION_MAJOR);
	qmp_add(version, "qemu", qemu);
	qmp_add_string(version, "package", QMP_PACKAGE);
	return version;
}

/* --- one function per command ---------------------------------------------------------------- */

/* The greeting offers no capability, so none can be enabled. */
static int check_capability(struct json_object *capability, size_t n, struct sev_error *err)
{
	const char *name = json_object_get_string(capability);

	if (!json_object_is_type(capability, json_type_string))
		return sev_fail(
			err, "Invalid parameter type for 'enable[%zu]', expected: string", n);
	if (strcmp(name, "oob"))
		return sev_fail(err, "Parameter 'null' does not accept value '%s'", name);
	return sev_fail(err, "Capability 'oob' is not available");
}

static struct json_object *qmp_capabilities(struct qmp_call *call)
{
	struct json_object *enable;

	if (json_object_object_get_ex(call->arguments, "enable", &enable))
		for (size_t n = 0; n < json_object_array_length(enable); n++)
			if (check_capability(json_object_array_get_idx(enable, n), n, &call->err))
				return NULL;
	call->qmp->negotiated = true;
	return qmp_nothing();
}

static struct json_object *query_version(struct qmp_call *call)
{
	(void)call;
	return qmp_version();
}

static struct json_object *query_commands(struct qmp_call *call)
{
	struct json_object *list = json_object_new_array();
	const struct qmp_command *command = NULL;

	(void)call;
	while ((command = qmp_next_command(command))) {
		struct json_object *info = json_object_new_object();

		qmp_add_string(info, "name", command->name);
		json_object_array_add(list, info);
	}
	return list;
}

/* The machine has no name; QEMU's answer without -name. */
static struct json_object *query_name(struct qmp_call *call)
{
	(void)call;
	return qmp_nothing();
}

const struct qmp_command qmp_general_commands[] = {
	{ "qmp_capabilities", qmp_capabilities, { { "enable", QMP_ARRAY, true } } },
	{ "query-version", query_version, {} },
	{ "query-commands", query_commands, {} },
	{ "query-name", query_name, {} },
	{},
};
