/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One complete JSON text into an object of json-c: recursive descent. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/json_stream.h"
#include "monitor/utf8.h"

struct parser {
	const char *at, *end;
	unsigned depth;
	struct sev_error *err;
};

/* Each function below returns 0 with *out, or -1 with the error set and *out as it was. */
static int parse_value(struct parser *p, struct json_object **out);

static int fail(struct parser *p, const char *what)
{
	return sev_fail(p->err, "JSON parse error, %s", what);
}

static int fail_at(struct parser *p, const char *what, const char *text, size_t size)
{
	return sev_fail(p->err, "JSON parse error, %s '%.*s'", what,
		(int)(size < 64 ? utf8_valid(text, size) : utf8_valid(text, 64)), text);
}

/* The next character that is no white space, 0 at the end. */
static char peek(struct parser *p)
{
	while (p->at < p->end &&
		(*p->at == ' ' || *p->at == '\t' || *p->at == '\r' || *p->at == '\n'))
		p->at++;
	return p->at < p->end ? *p->at : 0;
}

static bool take(struct parser *p, char c)
{
	if (peek(p) != c)
		return false;
	p->at++;
	return true;
}

/* --- strings --------------------------------------------------------------------------------- */

static int hex4(struct parser *p, uint32_t *code)
{
	uint8_t bytes[2];

	/* sev_unhex wants the digits terminated */
	char digits[5] = { 0 };

	if (p->end - p->at < 4)
		return fail(p, "invalid \\u escape in string");
	memcpy(digits, p->at, 4);
	if (strlen(digits) != 4 || sev_unhex(digits, bytes, 2))
		return fail(p, "invalid \\u escape in string");
	p->at += 4;
	*code = (uint32_t)bytes[0] << 8 | bytes[1];
	return 0;
}

/* Behind "\u". Pairs of surrogates are one character, halves of them none, nor is U+0000. */
static int unicode_escape(struct parser *p, char **to)
{
	const char *begin = p->at;
	uint32_t code, low;

	if (hex4(p, &code))
		return -1;
	if (code >= 0xd800 && code < 0xdc00 && p->end - p->at >= 6 && p->at[0] == '\\' &&
		p->at[1] == 'u') {
		p->at += 2;
		if (hex4(p, &low))
			return -1;
		code = low >= 0xdc00 && low < 0xe000
			       ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
			       : 0;
	}
	if (!code || (code >= 0xd800 && code < 0xe000))
		return fail_at(p, "invalid \\u escape in string", begin, (size_t)(p->at - begin));
	*to = utf8_put(*to, code);
	return 0;
}

/* Behind a backslash. */
static int escape(struct parser *p, char **to)
{
	static const char from[] = "\"'\\/bfnrt", into[] = "\"'\\/\b\f\n\r\t";
	const char *known;
	char c;

	if (p->at == p->end)
		return fail(p, "premature EOI");
	c = *p->at++;
	if (c == 'u')
		return unicode_escape(p, to);
	known = c ? strchr(from, c) : NULL;
	if (!known)
		return fail_at(p, "invalid escape in string", p->at - 2, 2);
	*(*to)++ = into[known - from];
	return 0;
}

/* Into text, which has room for what is left. */
static int string_body(struct parser *p, char quote, char *text)
{
	const char *begin = text;

	while (p->at < p->end && *p->at != quote) {
		if (*p->at == '\\') {
			p->at++;
			if (escape(p, &text))
				return -1;
		} else if (!*p->at) {
			return fail(p, "stray '\\0'");
		} else {
			*text++ = *p->at++;
		}
	}
	if (p->at++ == p->end)
		return fail(p, "premature EOI");
	*text = 0;
	if (utf8_valid(begin, (size_t)(text - begin)) != (size_t)(text - begin))
		return fail(p, "invalid UTF-8 sequence in string");
	return 0;
}

/* NULL: error. An escape is never shorter than what it stands for. */
static char *parse_text(struct parser *p)
{
	char quote = *p->at++;
	char *text = malloc((size_t)(p->end - p->at) + 1);

	if (!text) {
		fail(p, "out of memory");
	} else if (string_body(p, quote, text)) {
		free(text);
		text = NULL;
	}
	return text;
}

static int parse_string(struct parser *p, struct json_object **out)
{
	char *text = parse_text(p);

	if (!text)
		return -1;
	*out = json_object_new_string(text);
	free(text);
	return 0;
}

/* --- words and numbers ----------------------------------------------------------------------- */

static size_t span(const struct parser *p, const char *accept)
{
	size_t size = 0;

	while (p->at + size < p->end && p->at[size] && strchr(accept, p->at[size]))
		size++;
	return size;
}

static int parse_word(struct parser *p, struct json_object **out)
{
	const char *word = p->at;
	size_t size = span(p, "abcdefghijklmnopqrstuvwxyz0123456789");

	p->at += size;
	if (size == 4 && !memcmp(word, "true", 4))
		*out = json_object_new_boolean(true);
	else if (size == 5 && !memcmp(word, "false", 5))
		*out = json_object_new_boolean(false);
	else if (size == 4 && !memcmp(word, "null", 4))
		*out = NULL;
	else
		return fail_at(p, "invalid keyword", word, size);
	return 0;
}

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* The grammar of RFC 8259, which strtod() is wider than. */
static bool is_number(const char *text, bool *integer)
{
	text += *text == '-';
	if (!digits(text) || (*text == '0' && digits(text) > 1))
		return false;
	text += digits(text);
	*integer = !*text;
	if (*text == '.') {
		if (!digits(++text))
			return false;
		text += digits(text);
	}
	if (*text == 'e' || *text == 'E') {
		text++;
		text += *text == '+' || *text == '-';
		if (!digits(text))
			return false;
		text += digits(text);
	}
	return !*text;
}

/* Integers of 64 bits, signed or not, are exact; others are kept as written. */
static struct json_object *number(const char *text, bool integer)
{
	errno = 0;
	if (integer && *text == '-') {
		int64_t value = strtoll(text, NULL, 10);

		if (!errno)
			return json_object_new_int64(value);
	} else if (integer) {
		uint64_t value = strtoull(text, NULL, 10);

		if (!errno)
			return value > INT64_MAX ? json_object_new_uint64(value)
						 : json_object_new_int64((int64_t)value);
	}
	return json_object_new_double_s(strtod(text, NULL), text);
}

static int parse_number(struct parser *p, struct json_object **out)
{
	size_t size = span(p, "+-.eE0123456789");
	char *text = strndup(p->at, size);
	bool integer = false;
	int result = 0;

	if (!text)
		return fail(p, "out of memory");
	if (is_number(text, &integer))
		*out = number(text, integer);
	else
		result = fail_at(p, "stray", text, size);
	p->at += size;
	free(text);
	return result;
}

/* --- arrays and objects ---------------------------------------------------------------------- */

static int parse_pair(struct parser *p, struct json_object *object)
{
	struct json_object *value = NULL;
	char c = peek(p), *key;
	int result = -1;

	if (c != '"' && c != '\'')
		return fail(p, "key is not a string in object");
	key = parse_text(p);
	if (!key)
		return -1;
	if (!take(p, ':')) {
		fail(p, "missing : in object pair");
	} else if (parse_value(p, &value)) {
		;
	} else if (json_object_object_get_ex(object, key, NULL)) {
		fail(p, "duplicate key");
	} else {
		json_object_object_add(object, key, value);
		value = NULL;
		result = 0;
	}
	json_object_put(value);
	free(key);
	return result;
}

static int parse_pairs(struct parser *p, struct json_object *object)
{
	if (take(p, '}'))
		return 0;
	do {
		if (parse_pair(p, object))
			return -1;
	} while (take(p, ','));
	return take(p, '}') ? 0 : fail(p, "expected separator in dict");
}

static int parse_elements(struct parser *p, struct json_object *array)
{
	if (take(p, ']'))
		return 0;
	do {
		struct json_object *value;

		if (parse_value(p, &value))
			return -1;
		json_object_array_add(array, value);
	} while (take(p, ','));
	return take(p, ']') ? 0 : fail(p, "expected separator in list");
}

static int parse_compound(struct parser *p, struct json_object **out)
{
	bool object = *p->at++ == '{';
	struct json_object *value;
	int result;

	if (++p->depth > JSON_STREAM_MAX_DEPTH)
		return sev_fail(p->err, "JSON nesting depth limit exceeded");
	value = object ? json_object_new_object() : json_object_new_array();
	result = object ? parse_pairs(p, value) : parse_elements(p, value);
	p->depth--;
	if (result)
		json_object_put(value);
	else
		*out = value;
	return result;
}

static int parse_value(struct parser *p, struct json_object **out)
{
	char c = peek(p);

	if (p->at == p->end)
		return fail(p, "premature EOI");
	if (c == '{' || c == '[')
		return parse_compound(p, out);
	if (c == '"' || c == '\'')
		return parse_string(p, out);
	if (c == '-' || (c >= '0' && c <= '9'))
		return parse_number(p, out);
	if (c >= 'a' && c <= 'z')
		return parse_word(p, out);
	return fail(p, "expecting value");
}

int json_stream_parse(
	const char *text, size_t size, struct json_object **value, struct sev_error *err)
{
	struct parser p = { .at = text, .end = text + size, .err = err };

	if (parse_value(&p, value))
		return -1;
	peek(&p);
	if (p.at == p.end)
		return 0;
	json_object_put(*value);
	return fail(&p, "expecting value");
}
