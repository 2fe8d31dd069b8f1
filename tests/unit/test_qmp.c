/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The protocol: greeting, negotiation, requests, ids, what is no request, limits, events. */
#include "tests/unit/qmp_client.h"

#include <unistd.h>

#define GREETING                                                                            \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 0, \"major\": 10}, "  \
	"\"package\": \"bochs-sev: Bochs with an emulated AMD SEV. EMULATED - NOT AMD\"}, " \
	"\"capabilities\": []}}"
#define STATUS "{\"execute\": \"query-status\"}"
#define RUNS   "{\"return\": {\"status\": \"running\", \"running\": true}}"

/* --- negotiation ----------------------------------------------------------------------------- */

static void greeting(void **state)
{
	struct client c;

	(void)state;
	client_start(&c, false);
	expect_nothing(&c);
	qmp_connected(c.qmp);
	expect(&c, GREETING);
	expect_nothing(&c);
	client_stop(&c);
}

/* Everything but qmp_capabilities is unknown, and what is no request is told as ever. */
static void before_negotiation(void **state)
{
	static const char *const commands[] = { "query-status", "query-version", "quit",
		"nonsense" };
	struct client c;
	char request[80];

	(void)state;
	client_start(&c, true);
	qmp_connected(c.qmp);
	next_line(&c);
	for (size_t n = 0; n < sizeof(commands) / sizeof(commands[0]); n++) {
		snprintf(request, sizeof(request), "{\"execute\": \"%s\"}", commands[n]);
		say(&c, request);
		expect_error(&c, "CommandNotFound",
			"Expecting capabilities negotiation with 'qmp_capabilities'");
	}
	fails(&c, "[]", "QMP input must be a JSON object");
	assert_false(qmp_quit_requested(c.qmp));
	qmp_reset_event(c.qmp, true, "guest-reset");
	expect_nothing(&c);
	client_stop(&c);
}

static void negotiation(void **state)
{
	struct client c;

	(void)state;
	client_start(&c, false);
	qmp_connected(c.qmp);
	next_line(&c);
	fails(&c, "{\"execute\": \"qmp_capabilities\", \"arguments\": {\"enable\": [\"foo\"]}}",
		"Parameter 'null' does not accept value 'foo'");
	fails(&c, "{\"execute\": \"qmp_capabilities\", \"arguments\": {\"enable\": [\"oob\"]}}",
		"Capability 'oob' is not available");
	fails(&c, "{\"execute\": \"qmp_capabilities\", \"arguments\": {\"enable\": [1]}}",
		"Invalid parameter type for 'enable[0]', expected: string");
	fails(&c, "{\"execute\": \"qmp_capabilities\", \"arguments\": {\"enable\": \"oob\"}}",
		"Invalid parameter type for 'enable', expected: array");
	fails(&c, "{\"execute\": \"qmp_capabilities\", \"arguments\": {\"x\": 1}}",
		"Parameter 'x' is unexpected");
	say(&c, STATUS);
	expect_error(&c, "CommandNotFound",
		"Expecting capabilities negotiation with 'qmp_capabilities'");
	dialogue(&c, "{\"execute\": \"qmp_capabilities\", \"arguments\": {\"enable\": []}}",
		"{\"return\": {}}");
	dialogue(&c, STATUS, RUNS);
	say(&c, "{\"execute\": \"qmp_capabilities\", \"arguments\": {}}");
	expect_error(&c, "CommandNotFound",
		"Capabilities negotiation is already complete, command ignored");
	client_stop(&c);
}

/* A new client negotiates anew; what the last one had begun is gone. */
static void reconnect(void **state)
{
	struct client *c = *state;

	say(c, "{\"execute\": \"\\ud83d\xe2\x82");
	qmp_disconnected(c->qmp);
	qmp_reset_event(c->qmp, true, "guest-reset");
	expect_nothing(c);
	qmp_connected(c->qmp);
	expect(c, GREETING);
	say(c, STATUS);
	expect_error(
		c, "CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'");
	dialogue(c, "{\"execute\": \"qmp_capabilities\", \"id\": \"\\u00e9\"}",
		"{\"return\": {}, \"id\": \"\xc3\xa9\"}");
	dialogue(c, STATUS, RUNS);
}

/* --- requests -------------------------------------------------------------------------------- */

static void ids(void **state)
{
	static const char *const values[] = { "1", "-7", "18446744073709551615", "\"a \\\"b\\\"\"",
		"null", "true", "{\"x\": [1, null, {}], \"y\": \"\"}", "[]", "1.50", "1e400",
		"\"\xc3\xa9/\"" };
	char request[160], answer[160];

	for (size_t n = 0; n < sizeof(values) / sizeof(values[0]); n++) {
		snprintf(request, sizeof(request), "{\"id\": %s, \"execute\": \"query-name\"}",
			values[n]);
		snprintf(answer, sizeof(answer), "{\"return\": {}, \"id\": %s}", values[n]);
		dialogue(*state, request, answer);
		snprintf(request, sizeof(request),
			"{\"execute\": \"query-name\", \"id\": %s, \"arguments\": {\"x\": 1}}",
			values[n]);
		snprintf(answer, sizeof(answer),
			"{\"id\": %s, \"error\": {\"class\": \"GenericError\", \"desc\": "
			"\"Parameter 'x' is unexpected\"}}",
			values[n]);
		dialogue(*state, request, answer);
	}
}

static void no_requests(void **state)
{
	static const char *const cases[][2] = {
		{ "[]", "QMP input must be a JSON object" },
		{ "null ", "QMP input must be a JSON object" },
		{ "12 ", "QMP input must be a JSON object" },
		{ "\"quit\"", "QMP input must be a JSON object" },
		{ "{}", "QMP input lacks member 'execute'" },
		{ "{\"arguments\": {}}", "QMP input lacks member 'execute'" },
		{ "{\"execute\": 1}", "QMP input member 'execute' must be a string" },
		{ "{\"execute\": null}", "QMP input member 'execute' must be a string" },
		{ "{\"execute\": \"quit\", \"arguments\": []}",
			"QMP input member 'arguments' must be an object" },
		{ "{\"execute\": \"quit\", \"arguments\": null}",
			"QMP input member 'arguments' must be an object" },
		{ "{\"execute\": \"quit\", \"bogus\": 1}",
			"QMP input member 'bogus' is unexpected" },
		{ "{\"exec-oob\": \"quit\"}", "QMP input member 'exec-oob' is unexpected" },
		{ "{\"execute\": \"quit\", \"arguments\": {\"x\": 1}}",
			"Parameter 'x' is unexpected" },
	};

	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++)
		fails(*state, cases[n][0], cases[n][1]);
}

static void unknown_command(void **state)
{
	say(*state, "{\"execute\": \"frobnicate\"}");
	expect_error(*state, "CommandNotFound", "The command frobnicate has not been found");
	say(*state, "{\"execute\": \"\"}");
	expect_error(*state, "CommandNotFound", "The command  has not been found");
}

/* An error text is cut, but never within a character: the answer stays JSON. */
static void long_names(void **state)
{
	struct client *c = *state;

	for (size_t shift = 0; shift < 3; shift++) {
		char request[3000] = "{\"execute\": \"";

		strcat(request, &"xx"[2 - shift]);
		for (int n = 0; n < 600; n++)
			strcat(request, "\xe2\x82\xac");
		strcat(request, "\"}");
		say(c, request);
		json_object_put(parse_line(next_line(c)));
		expect_nothing(c);
	}
}

/* --- bytes ----------------------------------------------------------------------------------- */

static void several_per_write(void **state)
{
	struct client *c = *state;

	say(c, " \r\n" STATUS STATUS "\n\n\t" STATUS "[]{\"execute\": \"query-name\"");
	expect(c, RUNS);
	expect(c, RUNS);
	expect(c, RUNS);
	expect_error(c, "GenericError", "QMP input must be a JSON object");
	expect_nothing(c);
	say(c, "}");
	expect(c, "{\"return\": {}}");
}

/* Characters, escapes and pairs of escapes are cut, too. */
static void one_over_many_writes(void **state)
{
	static const char request[] = "{'execute': 'query-\\u0073tatus', \"id\": "
				      "\"\\ud83d\\ude00}\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}";
	struct client *c = *state;

	for (size_t n = 0; n + 1 < sizeof(request); n++) {
		expect_nothing(c);
		assert_int_equal(qmp_input(c->qmp, request + n, 1), 0);
	}
	expect(c, "{\"return\": {\"status\": \"running\", \"running\": true}, \"id\": "
		  "\"\xf0\x9f\x98\x80}\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}");
	expect_nothing(c);
}

static void endless_input(void **state)
{
	static const struct {
		const char *begin;
		char fill;
	} cases[] = { { "", '7' }, { "{\"execute\": \"", 'x' }, { "[", '7' } };
	char block[65536];

	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		struct client c;
		size_t fed = 0;

		client_start(&c, false);
		negotiate(&c);
		say(&c, cases[n].begin);
		memset(block, cases[n].fill, sizeof(block));
		while (fed < 100u << 20 && qmp_input(c.qmp, block, sizeof(block)) == 0)
			fed += sizeof(block);
		assert_in_range(
			fed, QMP_MAX_SIZE - 2 * sizeof(block), QMP_MAX_SIZE + sizeof(block));
		expect_error(&c, "GenericError", "JSON token size limit exceeded");
		expect_nothing(&c);
		qmp_disconnected(c.qmp);
		negotiate(&c);
		dialogue(&c, STATUS, RUNS);
		client_stop(&c);
	}
	(void)state;
}

/* Nothing is kept of white space and of what is skipped. */
static void endless_nothing(void **state)
{
	struct client *c = *state;
	char block[65536];

	memset(block, ' ', sizeof(block));
	for (int n = 0; n < 1600; n++)
		assert_int_equal(qmp_input(c->qmp, block, sizeof(block)), 0);
	dialogue(c, STATUS, RUNS);
	memset(block, '#', sizeof(block));
	for (int n = 0; n < 1600; n++)
		assert_int_equal(qmp_input(c->qmp, block, sizeof(block)), 0);
	expect_error(c, "GenericError", "JSON parse error, stray '#'");
	dialogue(c, "\n" STATUS, RUNS);
	say(c, "[");
	memset(block, ' ', sizeof(block));
	for (int n = 0; n < 1600; n++)
		assert_int_equal(qmp_input(c->qmp, block, sizeof(block)), 0);
	fails(c, "]", "QMP input must be a JSON object");
}

#define LONG_ID "{\"execute\":\"query-name\",\"id\":\""

/* As large as a value may be. */
static void largest(void **state)
{
	struct client *c = *state;
	char *text = malloc(QMP_MAX_SIZE + 1);

	/* a request whose id is a long string */
	memset(text, 'x', QMP_MAX_SIZE);
	text[QMP_MAX_SIZE] = 0;
	memcpy(text, LONG_ID, strlen(LONG_ID));
	memcpy(text + QMP_MAX_SIZE - 2, "\"}", 2);
	say(c, text);
	assert_int_equal(c->size, strlen("{ \"return\": { }, \"id\": \"\" }\r\n") + QMP_MAX_SIZE -
					  strlen(LONG_ID) - 2);
	c->size = 0;
	*c->output = 0;
	memcpy(text + QMP_MAX_SIZE - 2, "x\"", 2);
	assert_int_equal(qmp_input(c->qmp, text, QMP_MAX_SIZE), 0);
	assert_int_equal(qmp_input(c->qmp, "}", 1), -1);
	expect_error(c, "GenericError", "JSON token size limit exceeded");
	expect_nothing(c);
	free(text);
}

static void nesting(void **state)
{
	struct client *c = *state;
	char deep[2 * QMP_MAX_DEPTH + 1];

	memset(deep, '[', QMP_MAX_DEPTH);
	memset(deep + QMP_MAX_DEPTH, ']', QMP_MAX_DEPTH);
	deep[2 * QMP_MAX_DEPTH] = 0;
	fails(c, deep, "QMP input must be a JSON object");
	memset(deep, '[', sizeof(deep));
	assert_int_equal(qmp_input(c->qmp, deep, QMP_MAX_DEPTH + 1), -1);
	expect_error(c, "GenericError", "JSON nesting depth limit exceeded");
	expect_nothing(c);
}

static void token_count(void **state)
{
	struct client *c = *state;
	static const char block[] = "1,1,1,1,1,1,1,1,";
	size_t fed = 0;

	say(c, "[");
	while (fed < QMP_MAX_SIZE && qmp_input(c->qmp, block, sizeof(block) - 1) == 0)
		fed += sizeof(block) - 1;
	assert_in_range(fed, QMP_MAX_SIZE / 4 - 16, QMP_MAX_SIZE / 4);
	expect_error(c, "GenericError", "JSON token count limit exceeded");
}

/* --- the list of commands -------------------------------------------------------------------- */

static struct json_object *commands_of(struct client *c)
{
	struct json_object *answer, *list;

	say(c, "{\"execute\": \"query-commands\"}");
	answer = parse_line(next_line(c));
	assert_true(json_object_object_get_ex(answer, "return", &list));
	json_object_get(list);
	json_object_put(answer);
	return list;
}

/* No more and no less, each once. */
static void listed_commands(void **state)
{
	static const char *const expected[] = { "qmp_capabilities", "query-version",
		"query-commands", "query-qmp-schema", "query-name", "query-uuid", "query-kvm",
		"query-target", "query-cpus-fast", "query-status", "stop", "cont", "system_reset",
		"system_powerdown", "quit", "qom-list", "qom-get", "qom-set", "qom-list-types",
		"object-add", "object-del", "human-monitor-command", "query-sev",
		"query-sev-launch-measure", "query-sev-capabilities", "sev-inject-launch-secret",
		"query-sev-attestation-report", "memsave", "pmemsave", "x-sev-memsave" };
	const size_t count = sizeof(expected) / sizeof(expected[0]);
	struct json_object *list = commands_of(*state);

	assert_int_equal(json_object_array_length(list), count);
	for (size_t n = 0; n < count; n++) {
		size_t found = 0;

		for (size_t i = 0; i < json_object_array_length(list); i++) {
			struct json_object *name;

			json_object_object_get_ex(
				json_object_array_get_idx(list, i), "name", &name);
			found += !strcmp(json_object_get_string(name), expected[n]);
		}
		if (found != 1)
			fail_msg("%s is listed %zu times", expected[n], found);
	}
	json_object_put(list);
}

/* No command takes an argument it does not know. */
static void unknown_arguments(void **state)
{
	struct json_object *list = commands_of(*state);
	char request[512];

	for (size_t n = 0; n < json_object_array_length(list); n++) {
		struct json_object *name;

		json_object_object_get_ex(json_object_array_get_idx(list, n), "name", &name);
		if (!strcmp(json_object_get_string(name), "qmp_capabilities"))
			continue;
		snprintf(request, sizeof(request),
			"{\"execute\": \"%s\", \"arguments\": {\"bogus\": 1, \"packet-header\": "
			"\"\", \"secret\": \"\", \"mnonce\": \"\", \"val\": 0, \"size\": 0, "
			"\"filename\": \"\", \"path\": \"\", \"property\": \"\", \"value\": 0, "
			"\"id\": \"\", \"qom-type\": \"sev-guest\", \"reduced-phys-bits\": 1, "
			"\"command-line\": \"\"}}",
			json_object_get_string(name));
		fails(*state, request, "Parameter 'bogus' is unexpected");
	}
	json_object_put(list);
}

static void version(void **state)
{
	dialogue(*state, "{\"execute\": \"query-version\"}",
		"{\"return\": {\"qemu\": {\"micro\": 0, \"minor\": 0, \"major\": 10}, \"package\": "
		"\"bochs-sev: Bochs with an emulated AMD SEV. EMULATED - NOT AMD\"}}");
}

#define WITH_CLIENT(test) cmocka_unit_test_setup_teardown(test, client_set_up, client_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(greeting),
		cmocka_unit_test(before_negotiation),
		cmocka_unit_test(negotiation),
		WITH_CLIENT(reconnect),
		WITH_CLIENT(ids),
		WITH_CLIENT(no_requests),
		WITH_CLIENT(unknown_command),
		WITH_CLIENT(long_names),
		WITH_CLIENT(several_per_write),
		WITH_CLIENT(one_over_many_writes),
		cmocka_unit_test(endless_input),
		WITH_CLIENT(endless_nothing),
		WITH_CLIENT(largest),
		WITH_CLIENT(nesting),
		WITH_CLIENT(token_count),
		WITH_CLIENT(listed_commands),
		WITH_CLIENT(unknown_arguments),
		WITH_CLIENT(version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
