/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arguments in, values out: the small things that every command needs. */
#include <stdlib.h>
#include <string.h>

#include "monitor/qmp_commands.h"

/* --- arguments ------------------------------------------------------------------------------- */

/* Integers may be signed: -1 is 2^64 - 1 then. */
static int check_uint64(const char *name, struct json_object *value, struct sev_error *err)
{
	if (json_object_is_type(value, json_type_int))
		return 0;
	if (json_object_is_type(value, json_type_double))
		return sev_fail(err, "Parameter '%s' expects uint64", name);
	return sev_fail(err, "Invalid parameter type for '%s', expected: integer", name);
}

static int check_type(const struct qmp_arg *arg, struct json_object *value, struct sev_error *err)
{
	static const struct {
		enum json_type type;
		const char *name;
	} types[] = {
		[QMP_STRING] = { json_type_string, "string" },
		[QMP_ARRAY] = { json_type_array, "array" },
	};

	if (arg->kind == QMP_UINT64)
		return check_uint64(arg->name, value, err);
	if (json_object_is_type(value, types[arg->kind].type))
		return 0;
	return sev_fail(err, "Invalid parameter type for '%s', expected: %s", arg->name,
		types[arg->kind].name);
}

static bool is_arg(const struct qmp_command *command, const char *name)
{
	for (const struct qmp_arg *arg = command->args; arg->name; arg++)
		if (!strcmp(arg->name, name))
			return true;
	return false;
}

int qmp_check_arguments(const struct qmp_command *command, struct qmp_call *call)
{
	for (const struct qmp_arg *arg = command->args; arg->name; arg++) {
		struct json_object *value;

		if (json_object_object_get_ex(call->arguments, arg->name, &value)) {
			if (check_type(arg, value, &call->err))
				return -1;
		} else if (!arg->optional) {
			return sev_fail(&call->err, "Parameter '%s' is missing", arg->name);
		}
	}
	json_object_object_foreach(call->arguments, name, unused)
	{
		(void)unused;
		if (!is_arg(command, name))
			return sev_fail(&call->err, "Parameter '%s' is unexpected", name);
	}
	return 0;
}

const char *qmp_string(const struct qmp_call *call, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(call->arguments, name, &value))
		return NULL;
	return json_object_get_string(value);
}

bool qmp_uint64(const struct qmp_call *call, const char *name, uint64_t *value)
{
	struct json_object *number;
	int64_t n;

	if (!json_object_object_get_ex(call->arguments, name, &number))
		return false;
	n = json_object_get_int64(number);
	*value = n < 0 ? (uint64_t)n : json_object_get_uint64(number);
	return true;
}

/* --- results --------------------------------------------------------------------------------- */

struct json_object *qmp_nothing(void)
{
	return json_object_new_object();
}

void qmp_add(struct json_object *object, const char *name, struct json_object *value)
{
	json_object_object_add_ex(
		object, name, value, JSON_C_OBJECT_ADD_CONSTANT_KEY | JSON_C_OBJECT_ADD_KEY_IS_NEW);
}

/* A text that was cut to fit its buffer may end within a character. */
void qmp_add_string(struct json_object *object, const char *name, const char *value)
{
	size_t size = strlen(value);

	size -= qmp_cut_character(value, size);
	qmp_add(object, name, json_object_new_string_len(value, (int)size));
}

void qmp_add_int(struct json_object *object, const char *name, int64_t value)
{
	qmp_add(object, name, json_object_new_int64(value));
}

void qmp_add_bool(struct json_object *object, const char *name, bool value)
{
	qmp_add(object, name, json_object_new_boolean(value));
}

void qmp_add_base64(struct json_object *object, const char *name, const void *data, size_t size)
{
	char *text = sev_base64(data, size);

	qmp_add_string(object, name, text ? text : "");
	free(text);
}
