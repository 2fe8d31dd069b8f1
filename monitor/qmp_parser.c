/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor/qmp_parser.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	const char *text;
	const struct qmp_token *token, *end;
	struct sev_error *err;
};

#define ERROR "JSON parse error, "

/* --- characters ------------------------------------------------------------------------------ */

static bool is_character(uint32_t code)
{
	return code && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) &&
	       (code & 0xfffe) != 0xfffe && (code < 0xfdd0 || code > 0xfdef);
}

size_t qmp_character(const char *text, size_t size)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)*text;
	size_t length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	uint32_t code = length == 1 ? lead : lead & (0x7fu >> length);

	if (!length || lead >= 0xf8 || length > size)
		return 0;
	for (size_t n = 1; n < length; n++) {
		if (((unsigned char)text[n] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | ((unsigned char)text[n] & 0x3f);
	}
	return code >= least[length] && is_character(code) ? length : 0;
}

static size_t put_character(uint32_t code, char *out)
{
	size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t n = length - 1; n; n--, code >>= 6)
		out[n] = (char)(0x80 | (code & 0x3f));
	out[0] = (char)(lead[length] | code);
	return length;
}

/* --- strings --------------------------------------------------------------------------------- */

/* The code unit of XXXX behind a \u; -1 if that is none. */
static int32_t code_unit(const char *text, size_t size)
{
	int32_t unit = 0;

	if (size < 4)
		return -1;
	for (int n = 0; n < 4; n++) {
		const char *digits = "0123456789abcdef";
		const char *digit = strchr(digits, text[n] | 0x20);

		if (!digit || !*digit)
			return -1;
		unit = unit << 4 | (int32_t)(digit - digits);
	}
	return unit;
}

/*
 * A character as \uXXXX, or beyond 0xFFFF as a pair of them; text is behind the first \u. Returns
 * how much of text that was, 0 if it is none. U+0000 is none: a string of C would end there.
 */
static size_t unicode_escape(const char *text, size_t size, uint32_t *code)
{
	int32_t first = code_unit(text, size), second;

	if (first < 0)
		return 0;
	*code = (uint32_t)first;
	if (first < 0xd800 || first > 0xdbff)
		return is_character(*code) ? 4 : 0;
	if (size < 10 || text[4] != '\\' || text[5] != 'u')
		return 0;
	second = code_unit(text + 6, size - 6);
	if (second < 0xdc00 || second > 0xdfff)
		return 0;
	*code = 0x10000 + (((uint32_t)first & 0x3ff) << 10 | ((uint32_t)second & 0x3ff));
	return is_character(*code) ? 10 : 0;
}

/* text begins with a backslash. Returns how much of it was the escape sequence, 0: error. */
static size_t escape(const char *text, size_t size, char *out, size_t *used, struct sev_error *err)
{
	static const char from[] = "\"'\\/bfnrt", to[] = "\"'\\/\b\f\n\r\t";
	const char *which = text[1] ? strchr(from, text[1]) : NULL;
	uint32_t code;
	size_t length;

	if (which) {
		out[(*used)++] = to[which - from];
		return 2;
	}
	if (text[1] != 'u') {
		sev_fail(err, ERROR "invalid escape sequence in string");
		return 0;
	}
	length = unicode_escape(text + 2, size - 2, &code);
	if (!length) {
		sev_fail(err, ERROR "%.*s is not a valid Unicode character",
			(int)(size < 6 ? size + 1 : 6), text); /* the quote is behind it */
		return 0;
	}
	*used += put_character(code, out + *used);
	return 2 + length;
}

/* What stands between the quotes, which never becomes longer; the caller's to free. */
static char *unquote(struct parser *p, const struct qmp_token *token, size_t *used)
{
	const char *text = p->text + token->at + 1;
	size_t size = token->size - 2, at = 0, length;
	char *out = malloc(size + 1);

	*used = 0;
	if (!out)
		sev_fail(p->err, ERROR "out of memory");
	while (out && at < size) {
		if (text[at] == '\\') {
			length = escape(text + at, size - at, out, used, p->err);
		} else {
			length = qmp_character(text + at, size - at);
			memcpy(out + *used, text + at, length);
			*used += length;
			if (!length)
				sev_fail(p->err, ERROR "invalid UTF-8 sequence in string");
		}
		if (!length) {
			free(out);
			return NULL;
		}
		at += length;
	}
	if (out)
		out[*used] = 0;
	return out;
}

static int parse_string(struct parser *p, const struct qmp_token *token, struct json_object **value)
{
	size_t size;
	char *text = unquote(p, token, &size);

	if (!text)
		return -1;
	*value = json_object_new_string_len(text, (int)size);
	free(text);
	return 0;
}

/* --- numbers, keywords ----------------------------------------------------------------------- */

/*
 * What fits in no integer is a float, as in QEMU. The text of a float is kept: as an id it goes
 * back to the client.
 */
static int parse_number(struct parser *p, const struct qmp_token *token, struct json_object **value)
{
	char *text = strndup(p->text + token->at, token->size);
	long long number;

	if (!text)
		return sev_fail(p->err, ERROR "out of memory");
	errno = token->kind == QMP_TOKEN_FLOAT ? ERANGE : 0;
	if (!errno) {
		number = strtoll(text, NULL, 10);
		if (!errno)
			*value = json_object_new_int64(number);
	}
	if (errno && token->kind == QMP_TOKEN_INTEGER && *text != '-') {
		unsigned long long big;

		errno = 0;
		big = strtoull(text, NULL, 10);
		if (!errno)
			*value = json_object_new_uint64(big);
	}
	if (errno)
		*value = json_object_new_double_s(strtod(text, NULL), text);
	free(text);
	return 0;
}

static int parse_keyword(
	struct parser *p, const struct qmp_token *token, struct json_object **value)
{
	const char *text = p->text + token->at;
	int size = (int)token->size;

	*value = NULL;
	if (size == 4 && !memcmp(text, "null", 4))
		return 0;
	if (size == 4 && !memcmp(text, "true", 4))
		*value = json_object_new_boolean(true);
	else if (size == 5 && !memcmp(text, "false", 5))
		*value = json_object_new_boolean(false);
	else
		return sev_fail(p->err, ERROR "invalid keyword '%.*s'", size, text);
	return 0;
}

/* --- values ---------------------------------------------------------------------------------- */

static int parse_value(struct parser *p, struct json_object **value);

/* Takes the next token if it is this one. */
static bool take(struct parser *p, char punctuation)
{
	if (p->token == p->end || p->token->kind != QMP_TOKEN_PUNCTUATION ||
		p->text[p->token->at] != punctuation)
		return false;
	p->token++;
	return true;
}

static int parse_member(struct parser *p, struct json_object *object)
{
	struct json_object *key, *value;
	int result = -1;

	if (parse_value(p, &key))
		return -1;
	if (!json_object_is_type(key, json_type_string))
		sev_fail(p->err, ERROR "key is not a string in object");
	else if (!take(p, ':'))
		sev_fail(p->err, ERROR "missing : in object pair");
	else
		result = parse_value(p, &value);
	if (result == 0 && json_object_object_get_ex(object, json_object_get_string(key), NULL)) {
		json_object_put(value);
		result = sev_fail(p->err, ERROR "duplicate key");
	}
	if (result == 0)
		json_object_object_add(object, json_object_get_string(key), value);
	json_object_put(key);
	return result;
}

static int parse_members(struct parser *p, struct json_object *object)
{
	if (take(p, '}'))
		return 0;
	do {
		if (parse_member(p, object))
			return -1;
	} while (take(p, ','));
	return take(p, '}') ? 0 : sev_fail(p->err, ERROR "expected separator in dict");
}

static int parse_elements(struct parser *p, struct json_object *array)
{
	struct json_object *element;

	if (take(p, ']'))
		return 0;
	do {
		if (parse_value(p, &element))
			return -1;
		json_object_array_add(array, element);
	} while (take(p, ','));
	return take(p, ']') ? 0 : sev_fail(p->err, ERROR "expected separator in list");
}

static int parse_compound(struct parser *p, struct json_object **value)
{
	bool is_object = take(p, '{');
	int result;

	if (!is_object && !take(p, '['))
		return sev_fail(p->err, ERROR "expecting value");
	*value = is_object ? json_object_new_object() : json_object_new_array();
	result = is_object ? parse_members(p, *value) : parse_elements(p, *value);
	if (result)
		json_object_put(*value);
	return result;
}

/* On failure there is no value. */
static int parse_value(struct parser *p, struct json_object **value)
{
	if (p->token == p->end)
		return sev_fail(p->err, ERROR "premature EOI");
	switch (p->token->kind) {
	case QMP_TOKEN_STRING:
		return parse_string(p, p->token++, value);
	case QMP_TOKEN_INTEGER:
	case QMP_TOKEN_FLOAT:
		return parse_number(p, p->token++, value);
	case QMP_TOKEN_KEYWORD:
		return parse_keyword(p, p->token++, value);
	default:
		return parse_compound(p, value);
	}
}

int qmp_parse(const char *text, const struct qmp_token *tokens, size_t count,
	struct json_object **value, struct sev_error *err)
{
	struct parser p = { text, tokens, tokens + count, err };

	return parse_value(&p, value);
}
