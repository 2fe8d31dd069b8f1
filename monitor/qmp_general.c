/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands about the server itself. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "monitor/qmp_commands.h"

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

struct json_object *qmp_query_uuid(struct qmp_call *call)
{
	struct json_object *info = json_object_new_object();

	(void)call;
	qmp_add_string(info, "UUID", QMP_UUID);
	return info;
}

/* Nothing here is KVM's. */
struct json_object *qmp_query_kvm(struct qmp_call *call)
{
	struct json_object *info = json_object_new_object();

	(void)call;
	qmp_add_bool(info, "enabled", false);
	qmp_add_bool(info, "present", false);
	return info;
}

struct json_object *qmp_query_target(struct qmp_call *call)
{
	struct json_object *info = json_object_new_object();

	(void)call;
	qmp_add_string(info, "arch", "x86_64");
	return info;
}

static struct json_object *cpu_properties(const struct monitor_about *about, unsigned cpu)
{
	struct json_object *props = json_object_new_object();

	qmp_add_int(props, "socket-id", cpu / about->threads / about->cores);
	qmp_add_int(props, "core-id", cpu / about->threads % about->cores);
	qmp_add_int(props, "thread-id", cpu % about->threads);
	return props;
}

/* One thread of the host runs them all. */
struct json_object *qmp_query_cpus_fast(struct qmp_call *call)
{
	const struct monitor_about *about = call->qmp->config.machine->about;
	struct json_object *list = json_object_new_array();
	char path[64];

	for (unsigned cpu = 0; cpu < about->cpus; cpu++) {
		struct json_object *info = json_object_new_object();

		snprintf(path, sizeof(path), QMP_CPU_PATH, cpu);
		qmp_add_int(info, "cpu-index", cpu);
		qmp_add_string(info, "qom-path", path);
		qmp_add_int(info, "thread-id", gettid());
		qmp_add(info, "props", cpu_properties(about, cpu));
		qmp_add_string(info, "target", "x86_64");
		json_object_array_add(list, info);
	}
	return list;
}
