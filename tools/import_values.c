/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers, sizes and lists of properties, as QEMU writes them. */
#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import.h"

int import_number_in(const char *text, int base, uint64_t *out)
{
	char *end;

	if (base == 16 ? !isxdigit((unsigned char)*text) : !isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	*out = strtoull(text, &end, base);
	return *end || errno ? -1 : 0;
}

int import_number(const char *text, uint64_t *out)
{
	return import_number_in(text, 0, out);
}

/* Of B, K, M, G, T, P, E the power of 1024; -1 for another character. */
static int unit_of(char c)
{
	static const char units[] = "BKMGTPE";
	const char *found = c ? strchr(units, toupper((unsigned char)c)) : NULL;

	return found ? (int)(found - units) : -1;
}

/* What follows the point, in digits: its part of unit, rounded down. */
static uint64_t fraction(const char **text, uint64_t unit)
{
	uint64_t part = 0, divisor = 1;

	for (; isdigit((unsigned char)**text); (*text)++) {
		if (divisor >= 1000000000)
			continue;
		part = part * 10 + (uint64_t)(**text - '0');
		divisor *= 10;
	}
	return (uint64_t)((unsigned __int128)part * unit / divisor);
}

int import_size(const char *text, uint64_t default_unit, uint64_t *bytes)
{
	bool hex = !strncasecmp(text, "0x", 2);
	const char *point, *end;
	uint64_t whole, unit = default_unit, rest = 0;
	int power;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	whole = strtoull(text, (char **)&end, hex ? 16 : 10);
	if (errno)
		return -1;
	point = *end == '.' && !hex ? end : NULL;
	if (point)
		for (end++; isdigit((unsigned char)*end);)
			end++;
	power = unit_of(*end);
	if (power >= 0) {
		unit = 1ull << 10 * power;
		end++;
	}
	if (*end)
		return -1;
	if (point) {
		point++;
		rest = fraction(&point, unit);
	}
	if (__builtin_mul_overflow(whole, unit, bytes) ||
		__builtin_add_overflow(*bytes, rest, bytes))
		return -1;
	return 0;
}

/* --- properties ------------------------------------------------------------------------------- */

/* Takes name and value over; NULL of either is that memory has run out. */
static int add(struct import *im, struct import_properties *out, char *name, char *value)
{
	struct import_property *all = NULL;

	if (name && value)
		all = reallocarray(out->property, out->count + 1, sizeof(*all));
	if (!all) {
		free(name);
		free(value);
		return import_fail(im, NULL, "out of memory");
	}
	out->property = all;
	all[out->count++] = (struct import_property) { name, value };
	return 0;
}

/* Up to a comma that does not stand for itself; *text is after it then. */
static char *next_value(const char **text)
{
	char *value = malloc(strlen(*text) + 1), *to = value;
	const char *from = *text;

	if (!value)
		return NULL;
	for (; *from; from++) {
		if (*from == ',' && *++from != ',')
			break;
		*to++ = *from;
	}
	*to = 0;
	*text = from;
	return value;
}

static int next_property(struct import *im, const struct import_place *at, const char *option,
	const char **text, const char *implied, struct import_properties *out)
{
	size_t length = strcspn(*text, "=,");
	char *name;

	if ((*text)[length] == '=') {
		if (!length)
			return import_fail(
				im, at, "%s: =%.100s: legal is name=value", option, *text + 1);
		name = strndup(*text, length);
		*text += length + 1;
		return add(im, out, name, next_value(text));
	}
	name = next_value(text);
	if (implied)
		return add(im, out, strdup(implied), name);
	if (name && !*name) {
		free(name);
		return import_fail(
			im, at, "%s: nothing between two commas; legal is name=value", option);
	}
	return add(im, out, name, strdup("on"));
}

static int add_json(struct import *im, const char *prefix, struct json_object *object,
	struct import_properties *out);

static int add_member(struct import *im, const char *prefix, const char *key,
	struct json_object *value, struct import_properties *out)
{
	static const char *const truth[] = { "off", "on" };
	const char *text;
	char *name;
	int ret;

	if (asprintf(&name, "%s%s%s", prefix, *prefix ? "." : "", key) < 0)
		return import_fail(im, NULL, "out of memory");
	if (json_object_is_type(value, json_type_object)) {
		ret = add_json(im, name, value, out);
		free(name);
		return ret;
	}
	if (json_object_is_type(value, json_type_boolean))
		text = truth[json_object_get_boolean(value)];
	else
		text = value ? json_object_get_string(value) : "";
	return add(im, out, name, strdup(text));
}

static int add_json(struct import *im, const char *prefix, struct json_object *object,
	struct import_properties *out)
{
	json_object_object_foreach(object, key, value)
	{
		if (add_member(im, prefix, key, value, out))
			return -1;
	}
	return 0;
}

#define JSON_DEPTH 16

/* Not strict: QEMU takes 'text' for "text" too. */
static int parse_json(struct import *im, const struct import_place *at, const char *option,
	const char *text, struct import_properties *out)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
	struct json_object *object;
	size_t length = strlen(text), end;
	enum json_tokener_error error;
	int ret;

	if (!tokener)
		return import_fail(im, NULL, "out of memory");
	object = json_tokener_parse_ex(tokener, text, (int)length);
	error = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	end += strspn(text + end, " \t\r\n");
	if (object && end == length)
		ret = add_json(im, "", object, out);
	else
		ret = import_fail(im, at, "%s: JSON, character %zu: %s", option, end + 1,
			error == json_tokener_success ? "more than one object"
						      : json_tokener_error_desc(error));
	json_object_put(object);
	json_tokener_free(tokener);
	return ret;
}

int import_properties_parse(struct import *im, const struct import_place *at, const char *option,
	const char *text, const char *implied, struct import_properties *out)
{
	int ret = 0;

	memset(out, 0, sizeof(*out));
	if (*text == '{') {
		ret = parse_json(im, at, option, text, out);
		text = "";
	}
	while (*text && !ret) {
		ret = next_property(im, at, option, &text, implied, out);
		implied = NULL;
	}
	if (ret)
		import_properties_free(out);
	return ret;
}

void import_properties_free(struct import_properties *properties)
{
	for (size_t i = 0; i < properties->count; i++) {
		free(properties->property[i].name);
		free(properties->property[i].value);
	}
	free(properties->property);
	memset(properties, 0, sizeof(*properties));
}

const char *import_get(const struct import_properties *properties, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < properties->count; i++)
		if (!strcmp(properties->property[i].name, name))
			value = properties->property[i].value;
	return value;
}
