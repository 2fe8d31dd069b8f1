/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * query-qmp-schema (QEMU qapi/introspect.json): the table of commands, the events and all types
 * that these use. As in QEMU, types that are not built in have a number for a name.
 */
#include <stdio.h>
#include <string.h>

#include "monitor/qmp_commands.h"

#define MAX_TYPES 256

struct schema {
	struct json_object *list;
	const struct qmp_type *types[MAX_TYPES]; /* by number */
	size_t count;
};

static const struct builtin {
	const char *name, *json_type;
} builtins[] = {
	[QMP_STR] = { "str", "string" },
	[QMP_INT64] = { "int", "int" },
	[QMP_UINT64] = { "int", "int" },
	[QMP_UINT32] = { "int", "int" },
	[QMP_BOOL] = { "bool", "boolean" },
	[QMP_ANY] = { "any", "value" },
	[QMP_OBJECT] = { NULL, NULL }, /* the last one */
};

static struct json_object *add_entity(struct schema *schema, const char *name, const char *meta)
{
	struct json_object *entity = json_object_new_object();

	qmp_add_string(entity, "name", name);
	qmp_add_string(entity, "meta-type", meta);
	json_object_array_add(schema->list, entity);
	return entity;
}

/* --- names ----------------------------------------------------------------------------------- */

/* The number of a type; from then on it has to be described. */
static size_t number_of(struct schema *schema, const struct qmp_type *type)
{
	size_t n = 0;

	if (type->kind == QMP_OBJECT && !type->members)
		type = &qmp_type_nothing;
	while (n < schema->count && schema->types[n] != type)
		n++;
	if (n == schema->count && n < MAX_TYPES)
		schema->types[schema->count++] = type;
	return n;
}

static void name_of(struct schema *schema, const struct qmp_type *type, char *name, size_t size)
{
	const struct qmp_type *element = type->kind == QMP_ARRAY ? type->element : type;

	if (type->kind == QMP_ARRAY)
		number_of(schema, type);
	if (builtins[element->kind].name)
		snprintf(name, size, type == element ? "%s" : "[%s]", builtins[element->kind].name);
	else
		snprintf(name, size, type == element ? "%zu" : "[%zu]", number_of(schema, element));
}

static void add_type(struct schema *schema, struct json_object *object, const char *member,
	const struct qmp_type *type)
{
	char name[32];

	name_of(schema, type, name, sizeof(name));
	qmp_add_string(object, member, name);
}

/* --- descriptions ---------------------------------------------------------------------------- */

static void describe_enum(struct json_object *entity, const struct qmp_type *type)
{
	struct json_object *members = json_object_new_array(), *values = json_object_new_array();

	for (const char *const *value = type->values; *value; value++) {
		struct json_object *member = json_object_new_object();

		qmp_add_string(member, "name", *value);
		json_object_array_add(members, member);
		json_object_array_add(values, json_object_new_string(*value));
	}
	qmp_add(entity, "members", members);
	qmp_add(entity, "values", values); /* for clients from before 6.2 */
}

static struct json_object *members_of(struct schema *schema, const struct qmp_type *type)
{
	struct json_object *members = json_object_new_array();

	for (const struct qmp_member *each = type->members; each && each->name; each++) {
		struct json_object *member = json_object_new_object();

		qmp_add_string(member, "name", each->name);
		add_type(schema, member, "type", each->type);
		if (each->optional)
			qmp_add(member, "default", NULL);
		json_object_array_add(members, member);
	}
	return members;
}

static void describe_object(
	struct schema *schema, struct json_object *entity, const struct qmp_type *type)
{
	struct json_object *variants;

	qmp_add(entity, "members", members_of(schema, type));
	if (!type->tag)
		return;
	qmp_add_string(entity, "tag", type->tag);
	variants = json_object_new_array();
	for (const struct qmp_variant *each = type->variants; each->value; each++) {
		struct json_object *variant = json_object_new_object();

		qmp_add_string(variant, "case", each->value);
		add_type(schema, variant, "type", each->type);
		json_object_array_add(variants, variant);
	}
	qmp_add(entity, "variants", variants);
}

static void describe_type(struct schema *schema, const struct qmp_type *type)
{
	static const char *const meta[] = {
		[QMP_ENUM] = "enum", [QMP_ARRAY] = "array", [QMP_OBJECT] = "object"
	};
	struct json_object *entity;
	char name[32];

	name_of(schema, type, name, sizeof(name));
	entity = add_entity(schema, name, meta[type->kind]);
	if (type->kind == QMP_ENUM)
		describe_enum(entity, type);
	else if (type->kind == QMP_ARRAY)
		add_type(schema, entity, "element-type", type->element);
	else
		describe_object(schema, entity, type);
}

/* The numbers have one name; they differ in what is checked. */
static void describe_builtins(struct schema *schema)
{
	const struct builtin *last = NULL;

	for (const struct builtin *each = builtins; each < builtins + QMP_OBJECT; each++) {
		if (!each->name || (last && !strcmp(each->name, last->name)))
			continue;
		qmp_add_string(
			add_entity(schema, each->name, "builtin"), "json-type", each->json_type);
		last = each;
	}
}

static void describe_all(struct schema *schema)
{
	struct json_object *entity;

	for (const struct qmp_command *each = qmp_commands; each->name; each++) {
		entity = add_entity(schema, each->name, "command");
		add_type(schema, entity, "arg-type", &each->arguments);
		add_type(schema, entity, "ret-type", each->returns);
	}
	for (const struct qmp_event_type *each = qmp_events; each->name; each++) {
		entity = add_entity(schema, each->name, "event");
		add_type(schema, entity, "arg-type", each->data);
	}
	for (size_t n = 0; n < schema->count; n++)
		describe_type(schema, schema->types[n]);
	describe_builtins(schema);
}

struct json_object *qmp_query_qmp_schema(struct qmp_call *call)
{
	struct schema schema = { .list = json_object_new_array() };

	(void)call;
	describe_all(&schema);
	return schema.list;
}
