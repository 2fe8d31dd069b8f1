/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor/qmp_types.h"

#include <stddef.h>
#include <string.h>

#define TYPE const struct qmp_type
#define MUST(name, type)              \
	{                             \
		(name), (type), false \
	}
#define MAY(name, type)              \
	{                            \
		(name), (type), true \
	}
#define OBJECT(...)                                                        \
	{                                                                  \
		.kind = QMP_OBJECT, .members = (const struct qmp_member[]) \
		{                                                          \
			__VA_ARGS__,                                       \
			{                                                  \
			}                                                  \
		}                                                          \
	}
#define ENUM(...)                                                 \
	{                                                         \
		.kind = QMP_ENUM, .values = (const char *const[]) \
		{                                                 \
			__VA_ARGS__, NULL                         \
		}                                                 \
	}
#define ARRAY(of)                                  \
	{                                          \
		.kind = QMP_ARRAY, .element = (of) \
	}

#define STR    &qmp_type_str
#define INT    &qmp_type_int
#define UINT32 &qmp_type_uint32
#define BOOL   &qmp_type_bool
#define ANY    &qmp_type_any

TYPE qmp_type_str = { .kind = QMP_STR };
TYPE qmp_type_int = { .kind = QMP_INT64 };
TYPE qmp_type_uint64 = { .kind = QMP_UINT64 };
TYPE qmp_type_uint32 = { .kind = QMP_UINT32 };
TYPE qmp_type_bool = { .kind = QMP_BOOL };
TYPE qmp_type_any = { .kind = QMP_ANY };
TYPE qmp_type_nothing = { .kind = QMP_OBJECT };

/* --- qapi/control.json ----------------------------------------------------------------------- */

static TYPE capability = ENUM("oob");
TYPE qmp_type_capabilities = ARRAY(&capability);

static TYPE version_triple = OBJECT(MUST("major", INT), MUST("minor", INT), MUST("micro", INT));
TYPE qmp_type_version_info = OBJECT(MUST("qemu", &version_triple), MUST("package", STR));

static TYPE command_info = OBJECT(MUST("name", STR));
TYPE qmp_type_command_infos = ARRAY(&command_info);

/* --- qapi/introspect.json -------------------------------------------------------------------- */

static TYPE meta_type = ENUM("builtin", "enum", "array", "object", "alternate", "command", "event");
static TYPE json_type =
	ENUM("string", "number", "int", "boolean", "null", "object", "array", "value");
static TYPE str_list = ARRAY(STR);

static TYPE schema_enum_member = OBJECT(MUST("name", STR));
static TYPE schema_enum_members = ARRAY(&schema_enum_member);
static TYPE schema_member = OBJECT(MUST("name", STR), MUST("type", STR), MAY("default", ANY));
static TYPE schema_members = ARRAY(&schema_member);
static TYPE schema_variant = OBJECT(MUST("case", STR), MUST("type", STR));
static TYPE schema_variants = ARRAY(&schema_variant);

static TYPE schema_builtin = OBJECT(MUST("json-type", &json_type));
static TYPE schema_enum = OBJECT(MUST("members", &schema_enum_members), MUST("values", &str_list));
static TYPE schema_array = OBJECT(MUST("element-type", STR));
static TYPE schema_object = OBJECT(
	MUST("members", &schema_members), MAY("tag", STR), MAY("variants", &schema_variants));
static TYPE schema_command =
	OBJECT(MUST("arg-type", STR), MUST("ret-type", STR), MAY("allow-oob", BOOL));
static TYPE schema_event = OBJECT(MUST("arg-type", STR));

static TYPE schema_info = {
	.kind = QMP_OBJECT,
	.members = (const struct qmp_member[]) { MUST("name", STR), MUST("meta-type", &meta_type),
		{} },
	.tag = "meta-type",
	.variants =
		(const struct qmp_variant[]) {
			{ "builtin", &schema_builtin },
			{ "enum", &schema_enum },
			{ "array", &schema_array },
			{ "object", &schema_object },
			{ "command", &schema_command },
			{ "event", &schema_event },
			{},
		},
};
TYPE qmp_type_schema = ARRAY(&schema_info);

/* --- qapi/misc.json, machine.json ------------------------------------------------------------ */

TYPE qmp_type_name_info = OBJECT(MAY("name", STR));
TYPE qmp_type_uuid_info = OBJECT(MUST("UUID", STR));
TYPE qmp_type_kvm_info = OBJECT(MUST("enabled", BOOL), MUST("present", BOOL));

static TYPE arch = ENUM("x86_64");
TYPE qmp_type_target_info = OBJECT(MUST("arch", &arch));

static TYPE cpu_properties =
	OBJECT(MAY("socket-id", INT), MAY("core-id", INT), MAY("thread-id", INT));
static TYPE cpu_info = OBJECT(MUST("cpu-index", INT), MUST("qom-path", STR), MUST("thread-id", INT),
	MAY("props", &cpu_properties), MUST("target", &arch));
TYPE qmp_type_cpu_infos = ARRAY(&cpu_info);

/* --- qapi/run-state.json --------------------------------------------------------------------- */

static TYPE run_state = ENUM("debug", "inmigrate", "internal-error", "io-error", "paused",
	"postmigrate", "prelaunch", "finish-migrate", "restore-vm", "running", "save-vm",
	"shutdown", "suspended", "watchdog", "guest-panicked", "colo");
TYPE qmp_type_status_info = OBJECT(MUST("running", BOOL), MUST("status", &run_state));

static TYPE shutdown_cause = ENUM("none", "host-error", "host-qmp-quit", "host-qmp-system-reset",
	"host-signal", "host-ui", "guest-shutdown", "guest-reset", "guest-panic", "subsystem-reset",
	"snapshot-load");
static TYPE shutdown_info = OBJECT(MUST("guest", BOOL), MUST("reason", &shutdown_cause));
static TYPE panic_action = ENUM("pause", "poweroff", "run");
static TYPE panic_info = OBJECT(MUST("action", &panic_action));

const struct qmp_event_type qmp_events[] = {
	{ "SHUTDOWN", &shutdown_info },
	{ "POWERDOWN", &qmp_type_nothing },
	{ "RESET", &shutdown_info },
	{ "STOP", &qmp_type_nothing },
	{ "RESUME", &qmp_type_nothing },
	{ "GUEST_PANICKED", &panic_info },
	{},
};

/* --- qapi/qom.json --------------------------------------------------------------------------- */

static TYPE property_info = OBJECT(MUST("name", STR), MUST("type", STR));
TYPE qmp_type_property_infos = ARRAY(&property_info);

static TYPE type_info = OBJECT(MUST("name", STR), MAY("abstract", BOOL), MAY("parent", STR));
TYPE qmp_type_type_infos = ARRAY(&type_info);

static TYPE on_off_auto = ENUM("auto", "on", "off");
TYPE qmp_type_object_type = ENUM("sev-guest");
TYPE qmp_type_sev_guest =
	OBJECT(MAY("sev-device", STR), MAY("cbitpos", UINT32), MUST("reduced-phys-bits", UINT32),
		MAY("kernel-hashes", BOOL), MAY("dh-cert-file", STR), MAY("session-file", STR),
		MAY("policy", UINT32), MAY("handle", UINT32), MAY("legacy-vm-type", &on_off_auto));

/* --- qapi/misc-i386.json --------------------------------------------------------------------- */

static TYPE sev_state = ENUM(
	"uninit", "launch-update", "launch-secret", "running", "send-update", "receive-update");
static TYPE sev_guest_type = ENUM("sev");
static TYPE sev_guest_info = OBJECT(MUST("policy", UINT32), MUST("handle", UINT32));

TYPE qmp_type_sev_info = {
	.kind = QMP_OBJECT,
	.members = (const struct qmp_member[]) { MUST("enabled", BOOL), MUST("api-major", INT),
		MUST("api-minor", INT), MUST("build-id", INT), MUST("state", &sev_state),
		MUST("sev-type", &sev_guest_type), {} },
	.tag = "sev-type",
	.variants = (const struct qmp_variant[]) { { "sev", &sev_guest_info }, {} },
};

TYPE qmp_type_sev_capability = OBJECT(MUST("pdh", STR), MUST("cert-chain", STR),
	MUST("cpu0-id", STR), MUST("cbitpos", INT), MUST("reduced-phys-bits", INT));
TYPE qmp_type_sev_data = OBJECT(MUST("data", STR));

/* --------------------------------------------------------------------------------------------- */

const struct qmp_member *qmp_member(const struct qmp_type *object, const char *name)
{
	for (const struct qmp_member *member = object->members; member && member->name; member++)
		if (!strcmp(member->name, name))
			return member;
	return NULL;
}

bool qmp_has_value(const struct qmp_type *type, const char *value)
{
	for (const char *const *each = type->values; *each; each++)
		if (!strcmp(*each, value))
			return true;
	return false;
}
