/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * query-qmp-schema: complete, without loose ends, and true: what commands return and events carry
 * is held against it, and so is what they take.
 */
#include "tests/unit/qmp_client.h"

#include <unistd.h>

static struct json_object *get(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

static const char *text(struct json_object *object, const char *name)
{
	const char *value = json_object_get_string(get(object, name));

	return value ? value : "";
}

#define EVENT "{ \"timestamp\""

/* What a command returns, or NULL for an error; valid until the next call. */
static struct json_object *ask(struct client *c, const char *request)
{
	static struct json_object *answer;
	const char *line;

	json_object_put(answer);
	answer = NULL;
	if (!request)
		return NULL;
	say(c, request);
	for (line = next_line(c); !strncmp(line, EVENT, strlen(EVENT)); line = next_line(c))
		;
	answer = parse_line(line);
	return get(answer, "return");
}

static struct json_object *schema_of(struct client *c)
{
	return json_object_get(ask(c, "{\"execute\": \"query-qmp-schema\"}"));
}

static struct json_object *entity(struct json_object *schema, const char *name)
{
	for (size_t n = 0; n < json_object_array_length(schema); n++)
		if (!strcmp(text(json_object_array_get_idx(schema, n), "name"), name))
			return json_object_array_get_idx(schema, n);
	return NULL;
}

/* --- whether a value is of a type ------------------------------------------------------------ */

static bool conforms(struct json_object *schema, const char *type, struct json_object *value);

static bool is_builtin(const char *json_type, struct json_object *value)
{
	if (!strcmp(json_type, "value"))
		return true;
	if (!strcmp(json_type, "boolean"))
		return json_object_is_type(value, json_type_boolean);
	return json_object_is_type(
		value, !strcmp(json_type, "int") ? json_type_int : json_type_string);
}

static bool is_member(struct json_object *values, struct json_object *value)
{
	for (size_t n = 0; n < json_object_array_length(values); n++)
		if (json_object_equal(json_object_array_get_idx(values, n), value))
			return true;
	return false;
}

/* Counts the members found, so that more than these are noticed. */
static bool has_members(struct json_object *schema, struct json_object *type,
	struct json_object *value, size_t *found)
{
	struct json_object *members = get(type, "members"), *variants = get(type, "variants");
	const char *tag = text(value, text(type, "tag"));

	for (size_t n = 0; n < json_object_array_length(members); n++) {
		struct json_object *member = json_object_array_get_idx(members, n), *one;
		bool optional = json_object_object_get_ex(member, "default", NULL);

		if (!json_object_object_get_ex(value, text(member, "name"), &one)) {
			if (optional)
				continue;
			return false;
		}
		++*found;
		if (!conforms(schema, text(member, "type"), one))
			return false;
	}
	for (size_t n = 0; variants && n < json_object_array_length(variants); n++) {
		struct json_object *variant = json_object_array_get_idx(variants, n);

		if (!strcmp(text(variant, "case"), tag))
			return has_members(
				schema, entity(schema, text(variant, "type")), value, found);
	}
	return true;
}

static bool conforms(struct json_object *schema, const char *name, struct json_object *value)
{
	struct json_object *type = entity(schema, name);
	const char *meta = text(type, "meta-type");
	size_t found = 0;

	if (!strcmp(meta, "builtin"))
		return is_builtin(text(type, "json-type"), value);
	if (!strcmp(meta, "enum"))
		return is_member(get(type, "values"), value);
	if (!strcmp(meta, "object"))
		return json_object_is_type(value, json_type_object) &&
		       has_members(schema, type, value, &found) &&
		       found == (size_t)json_object_object_length(value);
	if (strcmp(meta, "array") || !json_object_is_type(value, json_type_array))
		return false;
	for (size_t n = 0; n < json_object_array_length(value); n++)
		if (!conforms(schema, text(type, "element-type"),
			    json_object_array_get_idx(value, n)))
			return false;
	return true;
}

/* --- tests ----------------------------------------------------------------------------------- */

/* The schema describes itself, and so everything that it refers to. */
static void describes_itself(void **state)
{
	struct json_object *schema = schema_of(*state);

	assert_true(json_object_array_length(schema) > 60);
	assert_true(conforms(schema, text(entity(schema, "query-qmp-schema"), "ret-type"), schema));
	for (size_t n = 0; n < json_object_array_length(schema); n++) {
		static const char *const references[] = { "arg-type", "ret-type", "element-type" };
		struct json_object *one = json_object_array_get_idx(schema, n);

		assert_ptr_equal(entity(schema, text(one, "name")), one); /* once */
		for (size_t i = 0; i < 3; i++)
			if (*text(one, references[i]))
				assert_non_null(entity(schema, text(one, references[i])));
	}
	json_object_put(schema);
}

static void lists_all_commands(void **state)
{
	struct json_object *schema = schema_of(*state);
	struct json_object *list = ask(*state, "{\"execute\": \"query-commands\"}");
	size_t commands = 0, events = 0;

	for (size_t n = 0; n < json_object_array_length(list); n++) {
		const char *name = text(json_object_array_get_idx(list, n), "name");

		assert_string_equal(text(entity(schema, name), "meta-type"), "command");
	}
	for (size_t n = 0; n < json_object_array_length(schema); n++) {
		const char *meta = text(json_object_array_get_idx(schema, n), "meta-type");

		commands += !strcmp(meta, "command");
		events += !strcmp(meta, "event");
	}
	assert_int_equal(commands, json_object_array_length(list));
	assert_int_equal(events, 6);
	json_object_put(schema);
}

/* What libvirt looks for: object-add/arg-type/+sev-guest/kernel-hashes, and the like. */
static void has_sev_guest(void **state)
{
	struct json_object *schema = schema_of(*state);
	struct json_object *args = entity(schema, text(entity(schema, "object-add"), "arg-type"));
	struct json_object *variant = json_object_array_get_idx(get(args, "variants"), 0);
	struct json_object *members = get(entity(schema, text(variant, "type")), "members");
	size_t found = 0;

	assert_string_equal(text(args, "tag"), "qom-type");
	assert_string_equal(text(variant, "case"), "sev-guest");
	for (size_t n = 0; n < json_object_array_length(members); n++) {
		const char *name = text(json_object_array_get_idx(members, n), "name");

		found += !strcmp(name, "kernel-hashes") || !strcmp(name, "policy");
	}
	assert_int_equal(found, 2);
	json_object_put(schema);
}

#define NOBODY "/nonexistent/file"

/* One request of each command, with all arguments it may have. */
static const char *const requests[] = {
	"{\"execute\": \"query-version\"}",
	"{\"execute\": \"query-commands\"}",
	"{\"execute\": \"query-qmp-schema\"}",
	"{\"execute\": \"query-name\"}",
	"{\"execute\": \"query-uuid\"}",
	"{\"execute\": \"query-kvm\"}",
	"{\"execute\": \"query-target\"}",
	"{\"execute\": \"query-cpus-fast\"}",
	"{\"execute\": \"query-status\"}",
	"{\"execute\": \"stop\"}",
	"{\"execute\": \"cont\"}",
	"{\"execute\": \"system_reset\"}",
	"{\"execute\": \"system_powerdown\"}",
	"{\"execute\": \"qom-list\", \"arguments\": {\"path\": \"/\"}}",
	"{\"execute\": \"qom-get\", \"arguments\": {\"path\": \"/objects/sev0\", \"property\": "
	"\"policy\"}}",
	"{\"execute\": \"qom-list-types\", \"arguments\": {\"abstract\": true, \"implements\": "
	"\"object\"}}",
	"{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"info sev\", "
	"\"cpu-index\": 0}}",
	"{\"execute\": \"query-sev\"}",
	"{\"execute\": \"query-sev-launch-measure\"}",
	"{\"execute\": \"query-sev-capabilities\"}",
	"{\"execute\": \"sev-inject-launch-secret\", \"arguments\": {\"packet-header\": \"AA==\", "
	"\"secret\": \"AA==\", \"gpa\": 18446744073709551615}}",
	"{\"execute\": \"query-sev-attestation-report\", \"arguments\": {\"mnonce\": \"AA==\"}}",
	"{\"execute\": \"quit\"}",
};

/* Of the others the arguments are right, but they always fail. */
static const char *const failures[] = {
	"{\"execute\": \"qmp_capabilities\", \"arguments\": {\"enable\": [\"oob\"]}}",
	"{\"execute\": \"qom-set\", \"arguments\": {\"path\": \"/\", \"property\": \"\", "
	"\"value\": "
	"{}}}",
	"{\"execute\": \"object-add\", \"arguments\": {\"qom-type\": \"sev-guest\", \"id\": \"x\", "
	"\"reduced-phys-bits\": 1, \"policy\": 4294967295, \"cbitpos\": 51, \"handle\": 0, "
	"\"kernel-hashes\": true, \"dh-cert-file\": \"\", \"session-file\": \"\", \"sev-device\": "
	"\"\", \"legacy-vm-type\": \"auto\"}}",
	"{\"execute\": \"object-del\", \"arguments\": {\"id\": \"x\"}}",
	"{\"execute\": \"memsave\", \"arguments\": {\"val\": 0, \"size\": 1, \"filename\": "
	"\"" NOBODY "\", \"cpu-index\": 1}}",
	"{\"execute\": \"pmemsave\", \"arguments\": {\"val\": 0, \"size\": 1, \"filename\": "
	"\"" NOBODY "\"}}",
	"{\"execute\": \"x-sev-memsave\", \"arguments\": {\"val\": 0, \"size\": 1, \"filename\": "
	"\"" NOBODY "\"}}",
};

static void check_request(
	struct client *c, struct json_object *schema, const char *line, bool succeeds)
{
	struct json_object *request = parse_line(line), *result = ask(c, line);
	struct json_object *command = entity(schema, text(request, "execute"));
	struct json_object *arguments = get(request, "arguments");

	if (arguments && !conforms(schema, text(command, "arg-type"), arguments))
		fail_msg("arguments: %s", line);
	if (succeeds != (result != NULL))
		fail_msg("%s: %s", line, succeeds ? "failed" : "did not fail");
	if (result && !conforms(schema, text(command, "ret-type"), result))
		fail_msg("%s: %s", line, json_object_to_json_string(result));
	json_object_put(request);
}

static void answers_conform(void **state)
{
	const size_t count = sizeof(requests) / sizeof(requests[0]);
	const size_t failing = sizeof(failures) / sizeof(failures[0]);
	struct client *c = *state;
	struct json_object *schema = schema_of(c), *list;

	c->info = (struct monitor_sev_info) { true, 1, 55, 21, 0xffffffff, 3, "launch-secret" };
	list = ask(c, "{\"execute\": \"query-commands\"}");
	assert_int_equal(json_object_array_length(list), count + failing); /* none is left out */
	for (size_t n = 0; n < failing; n++)
		check_request(c, schema, failures[n], false);
	for (size_t n = 0; n < count; n++)
		check_request(c, schema, requests[n], true);
	ask(c, NULL);
	json_object_put(schema);
}

/* The test's own eyes. */
static void wrong_values_do_not_conform(void **state)
{
	struct json_object *schema = schema_of(*state);
	const char *type = text(entity(schema, "query-status"), "ret-type");
	static const char *const wrong[] = { "{}", "[]", "{\"status\": \"running\"}",
		"{\"status\": \"walking\", \"running\": true}",
		"{\"status\": \"running\", \"running\": 1}",
		"{\"status\": \"running\", \"running\": true, \"singlestep\": false}" };
	struct json_object *value;

	for (size_t n = 0; n < sizeof(wrong) / sizeof(wrong[0]); n++) {
		value = parse_line(wrong[n]);
		assert_false(conforms(schema, type, value));
		json_object_put(value);
	}
	value = parse_line("{\"status\": \"running\", \"running\": true}");
	assert_true(conforms(schema, type, value));
	json_object_put(value);
	json_object_put(schema);
	ask(NULL, NULL);
}

static void check_event(struct client *c, struct json_object *schema)
{
	struct json_object *event = parse_line(next_line(c)), *data = get(event, "data");
	const char *type = text(entity(schema, text(event, "event")), "arg-type");
	struct json_object *nothing = json_object_new_object();

	assert_true(conforms(schema, type, data ? data : nothing));
	json_object_put(nothing);
	json_object_put(event);
}

static void events_conform(void **state)
{
	struct client *c = *state;
	struct json_object *schema = schema_of(c);

	ask(NULL, NULL);
	qmp_reset_event(c->qmp, true, "guest-reset");
	check_event(c, schema);
	qmp_panic_event(c->qmp);
	for (int n = 0; n < 3; n++)
		check_event(c, schema);
	expect_nothing(c);
	json_object_put(schema);
}

#define WITH_CLIENT(test) cmocka_unit_test_setup_teardown(test, client_set_up, client_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLIENT(describes_itself),
		WITH_CLIENT(lists_all_commands),
		WITH_CLIENT(has_sev_guest),
		WITH_CLIENT(answers_conform),
		WITH_CLIENT(wrong_values_do_not_conform),
		WITH_CLIENT(events_conform),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
