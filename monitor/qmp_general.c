/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands about the server itself. */
#include <string.h>

#include "monitor/qmp_commands.h"

/*
 * What the server says it is. The number is that of the QEMU whose interface it offers (sev-type
 * in query-sev came with 9.1, singlestep left query-status with 9.0); the package tells that nobody
 * talks to QEMU or to AMD's hardware.
 */
#define VERSION_MAJOR 10
#define VERSION_MINOR 0
#define VERSION_MICRO 0
#define PACKAGE	      "bochs-sev: Bochs with an emulated AMD SEV. EMULATED - NOT AMD"

struct json_object *qmp_version(void)
{
	struct json_object *version = json_object_new_object();
	struct json_object *qemu = json_object_new_object();

	qmp_add_int(qemu, "micro", VERSION_MICRO);
	qmp_add_int(qemu, "minor", VERSION_MINOR);
	qmp_add_int(qemu, "major", VERSION_MAJOR);
	qmp_add(version, "qemu", qemu);
	qmp_add_string(version, "package", PACKAGE);
	return version;
}

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

struct json_object *qmp_qmp_capabilities(struct qmp_call *call)
{
	struct json_object *enable;

	if (json_object_object_get_ex(call->arguments, "enable", &enable))
		for (size_t n = 0; n < json_object_array_length(enable); n++)
			if (check_capability(json_object_array_get_idx(enable, n), n, &call->err))
				return NULL;
	call->qmp->negotiated = true;
	return qmp_nothing();
}

struct json_object *qmp_query_version(struct qmp_call *call)
{
	(void)call;
	return qmp_version();
}

struct json_object *qmp_query_commands(struct qmp_call *call)
{
	struct json_object *list = json_object_new_array();

	(void)call;
	for (const struct qmp_command *command = qmp_commands; command->name; command++) {
		struct json_object *info = json_object_new_object();

		qmp_add_string(info, "name", command->name);
		json_object_array_add(list, info);
	}
	return list;
}

/* The machine has no name; QEMU's answer without -name. */
struct json_object *qmp_query_name(struct qmp_call *call)
{
	(void)call;
	return qmp_nothing();
}
