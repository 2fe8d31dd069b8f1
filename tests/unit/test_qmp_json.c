/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QMP's dialect of JSON: what is a value, what is said about what is none, and where reading goes
 * on then. The answers are those that QEMU 7.2 was seen to give to the same bytes.
 */
#include "tests/unit/qmp_client.h"

#define NAME	    "{\"execute\": \"query-name\"}"
#define PARSE(what) "JSON parse error, " what
#define NO_OBJECT   "QMP input must be a JSON object"

/* What each value or error is answered by, "" that all is well; the last request is NAME. */
struct exchange {
	const char *bytes;
	const char *answers[8];
};

static void expect_all(struct client *c, const struct exchange *e)
{
	for (const char *const *answer = e->answers; *answer; answer++) {
		if (**answer)
			expect_error(c, "GenericError", *answer);
		else
			expect(c, "{\"return\": {}}");
	}
	expect_nothing(c);
}

/* At once, and byte by byte. */
static void exchange_all(struct client *c, const struct exchange *list)
{
	for (const struct exchange *e = list; e->bytes; e++) {
		size_t size = strlen(e->bytes);

		print_message("%s\n", e->bytes);
		say(c, e->bytes);
		expect_all(c, e);
		for (size_t n = 0; n < size; n++)
			assert_int_equal(qmp_input(c->qmp, e->bytes + n, 1), 0);
		expect_all(c, e);
	}
}

/* --- grammar --------------------------------------------------------------------------------- */

static void other_values(void **state)
{
	static const struct exchange cases[] = {
		{ "12\n" NAME, { NO_OBJECT, "" } },
		{ "12" NAME, { NO_OBJECT, "" } },
		{ "-0.5e+3 null true false \"x\" 'x'" NAME,
			{ NO_OBJECT, NO_OBJECT, NO_OBJECT, NO_OBJECT, NO_OBJECT, NO_OBJECT, "" } },
		{ "[]" NAME, { NO_OBJECT, "" } },
		{ "[0e1, 0.0E-1]" NAME, { NO_OBJECT, "" } }, /* QEMU does not take the first */
		{ "[1, [2, {\"a\": []}]]" NAME, { NO_OBJECT, "" } },
		{ "1{}" NAME, { NO_OBJECT, "QMP input lacks member 'execute'", "" } },
		{ "\"a\"{}" NAME, { NO_OBJECT, "QMP input lacks member 'execute'", "" } },
		{ "{\"a\":1}}" NAME,
			{ "QMP input member 'a' is unexpected", PARSE("expecting value"), "" } },
		{},
	};

	exchange_all(*state, cases);
}

static void wrong_grammar(void **state)
{
	static const struct exchange cases[] = {
		{ "}" NAME, { PARSE("expecting value"), "" } },
		{ "]" NAME, { PARSE("expecting value"), "" } },
		{ "," NAME, { PARSE("expecting value"), "" } },
		{ ":" NAME, { PARSE("expecting value"), "" } },
		{ "[}" NAME, { PARSE("expecting value"), "" } },
		{ "[{]}" NAME, { PARSE("expecting value"), "" } },
		{ "{[}]" NAME, { PARSE("expecting value"), "" } },
		{ "{\"execute\": }" NAME, { PARSE("expecting value"), "" } },
		{ "[1,]" NAME, { PARSE("expecting value"), "" } },
		{ "[,]" NAME, { PARSE("expecting value"), "" } },
		{ "{,}" NAME, { PARSE("expecting value"), "" } },
		{ "{\"a\": 1,}" NAME, { PARSE("expecting value"), "" } },
		{ "{1: 2}" NAME, { PARSE("key is not a string in object"), "" } },
		{ "{null: 2}" NAME, { PARSE("key is not a string in object"), "" } },
		{ "{\"a\" \"b\"}" NAME, { PARSE("missing : in object pair"), "" } },
		{ "{\"a\"]" NAME, { PARSE("missing : in object pair"), "" } },
		{ "{\"a\": 1 2}" NAME, { PARSE("expected separator in dict"), "" } },
		{ "[1 2]" NAME, { PARSE("expected separator in list"), "" } },
		{ "[1-2]" NAME, { PARSE("expected separator in list"), "" } },
		{ "[\"a\"\"b\"]" NAME, { PARSE("expected separator in list"), "" } },
		{ "[1, 2}" NAME, { PARSE("expected separator in list"), "" } },
		{ "1,2," NAME, { NO_OBJECT, PARSE("expecting value"), NO_OBJECT,
				       PARSE("expecting value"), "" } },
		{},
	};

	exchange_all(*state, cases);
}

static void duplicate_keys(void **state)
{
	static const struct exchange cases[] = {
		{ "{\"execute\": \"quit\", \"execute\": \"query-name\"}" NAME,
			{ PARSE("duplicate key"), "" } },
		{ "{\"execute\": \"query-name\", \"id\": [{\"a\": 1, \"a\": 2}]}" NAME,
			{ PARSE("duplicate key"), "" } },
		{ "{\"execute\": \"quit\", \"\\u0065xecute\": \"query-name\"}" NAME,
			{ PARSE("duplicate key"), "" } },
		{ "{\"\": 1, \"\": 1}" NAME, { PARSE("duplicate key"), "" } },
		{},
	};
	struct client *c = *state;

	exchange_all(c, cases);
	assert_false(qmp_quit_requested(c->qmp));
	dialogue(c, "{\"execute\": \"query-name\", \"id\": {\"a\": {\"a\": 1}, \"b\": {\"a\": 1}}}",
		"{\"return\": {}, \"id\": {\"a\": {\"a\": 1}, \"b\": {\"a\": 1}}}");
}

static void keywords(void **state)
{
	static const struct exchange cases[] = {
		{ "bad " NAME, { PARSE("invalid keyword 'bad'"), "" } },
		{ "bad\n" NAME, { PARSE("invalid keyword 'bad'"), "" } },
		{ "{bad}" NAME, { PARSE("invalid keyword 'bad'"), "" } },
		{ "{\"execute\": bad}" NAME, { PARSE("invalid keyword 'bad'"), "" } },
		{ "{\"execute\": nil}" NAME, { PARSE("invalid keyword 'nil'"), "" } },
		{ "{\"execute\": tru}" NAME, { PARSE("invalid keyword 'tru'"), "" } },
		{ "{\"execute\": nulll}" NAME, { PARSE("invalid keyword 'nulll'"), "" } },
		{ "tru{}" NAME, { PARSE("invalid keyword 'tru'"),
					"QMP input lacks member 'execute'", "" } },
		{ "abc\"def\" " NAME, { PARSE("invalid keyword 'abc'"), NO_OBJECT, "" } },
		{ "1a " NAME, { NO_OBJECT, PARSE("invalid keyword 'a'"), "" } },
		{},
	};

	exchange_all(*state, cases);
}

/* --- tokens, and the way back from what is none ---------------------------------------------- */

static void stray_tokens(void **state)
{
	static const struct exchange cases[] = {
		{ "#" NAME, { PARSE("stray '#'"), "" } },
		{ "#\nfoo " NAME, { PARSE("stray '#'"), PARSE("invalid keyword 'foo'"), "" } },
		{ "# 1\n2\n" NAME, { PARSE("stray '#'"), NO_OBJECT, "" } },
		{ "# \t1\r2 " NAME, { PARSE("stray '#'"), NO_OBJECT, "" } },
		{ "# x\0041 " NAME, { PARSE("stray '#'"), PARSE("stray '\\u0004'"), "" } },
		{ "#," NAME, { PARSE("stray '#'"), PARSE("expecting value"), "" } },
		{ "#x:1," NAME, { PARSE("stray '#'"), PARSE("expecting value"), NO_OBJECT,
					PARSE("expecting value"), "" } },
		{ "True\n" NAME, { PARSE("stray 'T'"), "" } },
		{ "NaN\n" NAME, { PARSE("stray 'N'"), "" } },
		{ "[%d]" NAME, { PARSE("stray '%'"), PARSE("expecting value"), "" } },
		{ "/* x */\n" NAME, { PARSE("stray '/'"), "" } },
		{ "// x\n" NAME, { PARSE("stray '/'"), "" } },
		{ "asdf jkl ; " NAME " }" NAME,
			{ PARSE("invalid keyword 'asdf'"), PARSE("invalid keyword 'jkl'"),
				PARSE("stray ';'"), "", PARSE("expecting value"), "" } },
		{ "[\"\001\"]" NAME,
			{ PARSE("stray '\\\"\\u0001'"), PARSE("expecting value"), "" } },
		{ "[\"a\nb\"]" NAME, { PARSE("stray '\\\"a\\n'"), PARSE("expecting value"), "" } },
		{ "\"abc\n" NAME, { PARSE("stray '\\\"abc\\n'"), "" } },
		{ "\"\\\n" NAME, { PARSE("stray '\\\"\\\\\\n'"), "" } },
		{ "\xc3\xa9\n" NAME, { PARSE("stray '\\ufffd'"), "" } },
		{ "[\xc3\xa9]" NAME, { PARSE("stray '\\ufffd'"), PARSE("expecting value"), "" } },
		{},
	};

	exchange_all(*state, cases);
}

static void wrong_numbers(void **state)
{
	static const struct exchange cases[] = {
		{ "[01]" NAME, { PARSE("stray '01'"), PARSE("expecting value"), "" } },
		{ "[1.]" NAME, { PARSE("stray '1.]'"), "" } },
		{ "[+1]" NAME, { PARSE("stray '+'"), PARSE("expecting value"), "" } },
		{ "[.5]" NAME, { PARSE("stray '.'"), PARSE("expecting value"), "" } },
		{ "[1e]" NAME, { PARSE("stray '1e]'"), "" } },
		{ "[-]" NAME, { PARSE("stray '-]'"), "" } },
		{ "-\n" NAME, { PARSE("stray '-\\n'"), "" } },
		{ "-a\n" NAME, { PARSE("stray '-a'"), "" } },
		{ "1.e\n" NAME, { PARSE("stray '1.e'"), "" } },
		{},
	};

	exchange_all(*state, cases);
}

/* 0xFF ends whatever was begun: what a client sends that has lost its place. */
static void resynchronisation(void **state)
{
	static const struct exchange cases[] = {
		{ "\xff" NAME, { PARSE("stray '\\ufffd'"), "" } },
		{ "\xff\xff" NAME, { PARSE("stray '\\ufffd'"), PARSE("stray '\\ufffd'"), "" } },
		{ "# \"a\xff" NAME, { PARSE("stray '#'"), PARSE("stray '\\ufffd'"), "" } },
		{ "\xfe" NAME, { PARSE("stray '\\ufffd'"), "" } },
		{ "{\"execute\":\"quit\",\xff\n" NAME, { PARSE("stray '\\ufffd'"), "" } },
		{ "{\"execute\":\"quit\",\xff" NAME, { PARSE("stray '\\ufffd'"), "" } },
		{ "{\"execute\": \"quit\xff" NAME, { PARSE("stray '\\\"quit\\ufffd'"), "" } },
		{ "[[[{\xff" NAME, { PARSE("stray '\\ufffd'"), "" } },
		{ "{\"a\":[}" NAME "\xff" NAME, { PARSE("stray '\\ufffd'"), "" } },
		{},
	};

	exchange_all(*state, cases);
}

static void nul(void **state)
{
	struct client *c = *state;

	assert_int_equal(qmp_input(c->qmp, "\0{}\n", 4), 0);
	expect_error(c, "GenericError", "JSON parse error, stray ''");
	expect_error(c, "GenericError", "QMP input lacks member 'execute'");
	assert_int_equal(qmp_input(c->qmp, "{\"execute\": \"\0\n", 15), 0);
	expect_error(c, "GenericError", "JSON parse error, stray '\\\"'");
	expect_nothing(c);
	dialogue(c, NAME, "{\"return\": {}}");
}

/* --- strings, numbers ------------------------------------------------------------------------ */

/* id: as sent; echoed: what it must be when it comes back. */
static void echo(struct client *c, const char *id, const char *echoed)
{
	char request[300], answer[300];

	snprintf(request, sizeof(request), "{'execute': 'query-name', 'id': %s}", id);
	snprintf(answer, sizeof(answer), "{\"return\": {}, \"id\": %s}", echoed);
	dialogue(c, request, answer);
}

static void strings(void **state)
{
	struct client *c = *state;

	echo(c, "'a\\'b\"'", "\"a'b\\\"\"");
	echo(c, "\"a\\'b\\\"\"", "\"a'b\\\"\"");
	echo(c, "\"\\b\\f\\n\\r\\t\\\\\\/\\u0001\\u00E9\\uffFd\"",
		"\"\\b\\f\\n\\r\\t\\\\/\\u0001\xc3\xa9\xef\xbf\xbd\"");
	echo(c, "\"\\ud83d\\ude00\xf0\x9f\x98\x80\x7f\"",
		"\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\x7f\"");
	echo(c, "\"\\ud800\\udc00\\udbff\\udffd\"", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbd\"");
	echo(c, "''", "\"\"");
}

static void wrong_strings(void **state)
{
	static const struct exchange cases[] = {
		{ "[\"\\x\"]" NAME, { PARSE("invalid escape sequence in string"), "" } },
		{ "[\"\\ud800\\u00zz\"]" NAME,
			{ PARSE("\\\\ud800 is not a valid Unicode character"), "" } },
		{ "[\"\\ud800\"]" NAME,
			{ PARSE("\\\\ud800 is not a valid Unicode character"), "" } },
		{ "[\"\\ud800x\"]" NAME,
			{ PARSE("\\\\ud800 is not a valid Unicode character"), "" } },
		{ "[\"\\ud800\\ud800\"]" NAME,
			{ PARSE("\\\\ud800 is not a valid Unicode character"), "" } },
		{ "[\"\\u00e\"]" NAME,
			{ PARSE("\\\\u00e\\\" is not a valid Unicode character"), "" } },
		{ "[\"\\udc00\"]" NAME,
			{ PARSE("\\\\udc00 is not a valid Unicode character"), "" } },
		{ "[\"\\uffff\"]" NAME,
			{ PARSE("\\\\uffff is not a valid Unicode character"), "" } },
		/* of which QEMU makes two bytes; in ours a string would end there */
		{ "[\"\\u0000\"]" NAME,
			{ PARSE("\\\\u0000 is not a valid Unicode character"), "" } },
		{ "[\"\xc3(\"]" NAME, { PARSE("invalid UTF-8 sequence in string"), "" } },
		{ "[\"\xa9\"]" NAME, { PARSE("invalid UTF-8 sequence in string"), "" } },
		{ "[\"\xed\xa0\x80\"]" NAME, { PARSE("invalid UTF-8 sequence in string"), "" } },
		{ "[\"\xc1\x81\"]" NAME, { PARSE("invalid UTF-8 sequence in string"), "" } },
		{ "[\"\xf4\x90\x80\x80\"]" NAME,
			{ PARSE("invalid UTF-8 sequence in string"), "" } },
		{ "[\"\xef\xbf\xbf\"]" NAME, { PARSE("invalid UTF-8 sequence in string"), "" } },
		{ "[\"\xe2\x82\"]" NAME, { PARSE("invalid UTF-8 sequence in string"), "" } },
		{},
	};

	exchange_all(*state, cases);
}

static void numbers(void **state)
{
	struct client *c = *state;

	echo(c, "-0", "0");
	echo(c, "9223372036854775807", "9223372036854775807");
	echo(c, "9223372036854775808", "9223372036854775808");
	echo(c, "18446744073709551615", "18446744073709551615");
	echo(c, "-9223372036854775808", "-9223372036854775808");
	say(c, "{\"execute\": \"query-name\", \"id\": [18446744073709551616, 1.10, 1E400]}");
	assert_string_equal(
		next_line(c), "{ \"return\": { }, \"id\": [ 18446744073709551616, 1.10, 1E400 ] }");
}

#define WITH_CLIENT(test) cmocka_unit_test_setup_teardown(test, client_set_up, client_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLIENT(other_values),
		WITH_CLIENT(wrong_grammar),
		WITH_CLIENT(duplicate_keys),
		WITH_CLIENT(keywords),
		WITH_CLIENT(stray_tokens),
		WITH_CLIENT(wrong_numbers),
		WITH_CLIENT(resynchronisation),
		WITH_CLIENT(nul),
		WITH_CLIENT(strings),
		WITH_CLIENT(wrong_strings),
		WITH_CLIENT(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
