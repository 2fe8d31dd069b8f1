/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arguments in, values out: the small things that every command needs. */
#include <stdlib.h>
#include <string.h>

#include "monitor/qmp_commands.h"

/* --- arguments ------------------------------------------------------------------------------- */

static int wrong_type(const char *name, const char *expected, struct sev_error *err)
{
	return sev_fail(err, "Invalid parameter type for '%s', expected: %s", name, expected);
}

/* Of 64 bits without a sign; numbers below zero count from 2^64 downwards. */
static int check_unsigned(
	const char *name, struct json_object *value, uint64_t most, struct sev_error *err)
{
	int64_t number = json_object_get_int64(value);

	if (!json_object_is_type(value, json_type_int))
		return sev_fail(err, "Parameter '%s' expects uint64", name);
	if (number < 0 ? (uint64_t)number > most : json_object_get_uint64(value) > most)
		return sev_fail(err, "Parameter '%s' expects uint32_t", name);
	return 0;
}

static int check_int64(const char *name, struct json_object *value, struct sev_error *err)
{
	if (json_object_is_type(value, json_type_int) &&
		(json_object_get_int64(value) < 0 || json_object_get_uint64(value) <= INT64_MAX))
		return 0;
	return wrong_type(name, "integer", err);
}

static int check_enum(const struct qmp_type *type, const char *name, struct json_object *value,
	struct sev_error *err)
{
	if (!json_object_is_type(value, json_type_string))
		return wrong_type(name, "string", err);
	if (qmp_has_value(type, json_object_get_string(value)))
		return 0;
	return sev_fail(err, "Parameter '%s' does not accept value '%s'", name,
		json_object_get_string(value));
}

static int check_type(const struct qmp_type *type, const char *name, struct json_object *value,
	struct sev_error *err)
{
	static const struct {
		enum json_type type;
		const char *name;
	} types[] = {
		[QMP_STR] = { json_type_string, "string" },
		[QMP_BOOL] = { json_type_boolean, "boolean" },
		[QMP_ARRAY] = { json_type_array, "array" },
		[QMP_OBJECT] = { json_type_object, "object" },
	};

	switch (type->kind) {
	case QMP_ANY:
		return 0;
	case QMP_INT64:
		return check_int64(name, value, err);
	case QMP_UINT64:
		return check_unsigned(name, value, UINT64_MAX, err);
	case QMP_UINT32:
		return check_unsigned(name, value, UINT32_MAX, err);
	case QMP_ENUM:
		return check_enum(type, name, value, err);
	default:
		if (json_object_is_type(value, types[type->kind].type))
			return 0;
		return wrong_type(name, types[type->kind].name, err);
	}
}

static int check_members(
	const struct qmp_type *type, struct json_object *arguments, struct sev_error *err)
{
	for (const struct qmp_member *member = type->members; member && member->name; member++) {
		struct json_object *value;

		if (json_object_object_get_ex(arguments, member->name, &value)) {
			if (check_type(member->type, member->name, value, err))
				return -1;
		} else if (!member->optional) {
			return sev_fail(err, "Parameter '%s' is missing", member->name);
		}
	}
	return 0;
}

/* What the arguments must have besides, by the value of the tag, which was checked. */
static const struct qmp_type *chosen_variant(
	const struct qmp_type *type, struct json_object *arguments)
{
	struct json_object *tag;

	if (!type->tag || !json_object_object_get_ex(arguments, type->tag, &tag))
		return &qmp_type_nothing;
	for (const struct qmp_variant *variant = type->variants; variant->value; variant++)
		if (!strcmp(variant->value, json_object_get_string(tag)))
			return variant->type;
	return &qmp_type_nothing;
}

int qmp_check_arguments(const struct qmp_command *command, struct qmp_call *call)
{
	const struct qmp_type *type = &command->arguments, *variant;

	if (check_members(type, call->arguments, &call->err))
		return -1;
	variant = chosen_variant(type, call->arguments);
	if (check_members(variant, call->arguments, &call->err))
		return -1;
	json_object_object_foreach(call->arguments, name, unused)
	{
		(void)unused;
		if (!qmp_member(type, name) && !qmp_member(variant, name))
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

int qmp_cpu_index(struct qmp_call *call, unsigned *index)
{
	uint64_t value = 0;

	qmp_uint64(call, "cpu-index", &value);
	if (value >= call->qmp->config.machine->about->cpus)
		return sev_fail(&call->err, "Parameter 'cpu-index' expects a CPU number");
	*index = (unsigned)value;
	return 0;
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

/* Texts may have a client's bytes in them, and be cut within a character. */
void qmp_add_string(struct json_object *object, const char *name, const char *value)
{
	static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
	size_t size = strlen(value), used = 0, length;
	char *text = malloc(3 * size + 1);

	for (size_t at = 0; text && at < size; at += length ? length : 1) {
		length = qmp_character(value + at, size - at);
		memcpy(text + used, length ? value + at : replacement, length ? length : 3);
		used += length ? length : 3;
	}
	qmp_add(object, name, json_object_new_string_len(text ? text : "", (int)used));
	free(text);
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
