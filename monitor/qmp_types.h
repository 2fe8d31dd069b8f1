/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types of what goes over the wire (QEMU qapi/): arguments are checked against them, and
 * query-qmp-schema shows them, so that what it says is what holds.
 */
#ifndef MONITOR_QMP_TYPES_H
#define MONITOR_QMP_TYPES_H

#include <stdbool.h>

enum qmp_kind {
	QMP_STR,
	QMP_INT64,
	QMP_UINT64,
	QMP_UINT32,
	QMP_BOOL,
	QMP_ANY,
	QMP_ENUM,
	QMP_ARRAY,
	QMP_OBJECT
};

struct qmp_type;

struct qmp_member {
	const char *name; /* NULL: behind the last one */
	const struct qmp_type *type;
	bool optional;
};

/* What else an object has if its tag, a member that is an enum, has this value. */
struct qmp_variant {
	const char *value; /* NULL: behind the last one */
	const struct qmp_type *type;
};

struct qmp_type {
	enum qmp_kind kind;
	const char *const *values;	    /* of an ENUM, up to NULL */
	const struct qmp_type *element;	    /* of an ARRAY */
	const struct qmp_member *members;   /* of an OBJECT; NULL: none */
	const char *tag;		    /* of an OBJECT; NULL: no variants */
	const struct qmp_variant *variants; /* every other value of the tag adds nothing */
};

extern const struct qmp_type qmp_type_str, qmp_type_int, qmp_type_uint64, qmp_type_uint32,
	qmp_type_bool, qmp_type_any, qmp_type_nothing;

/* What commands take or return, by QEMU's names of it. */
extern const struct qmp_type qmp_type_capabilities, qmp_type_version_info, qmp_type_command_infos,
	qmp_type_schema, qmp_type_name_info, qmp_type_uuid_info, qmp_type_kvm_info,
	qmp_type_target_info, qmp_type_cpu_infos, qmp_type_status_info, qmp_type_property_infos,
	qmp_type_type_infos, qmp_type_object_type, qmp_type_sev_guest, qmp_type_sev_info,
	qmp_type_sev_capability, qmp_type_sev_data;

struct qmp_event_type {
	const char *name; /* NULL: behind the last one */
	const struct qmp_type *data;
};

extern const struct qmp_event_type qmp_events[];

/* NULL: there is no such one. */
const struct qmp_member *qmp_member(const struct qmp_type *object, const char *name);
bool qmp_has_value(const struct qmp_type *type, const char *value);

#endif
