/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor/json_text.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

static void write_value(FILE *out, struct json_object *value);

static void write_string(FILE *out, const char *text)
{
	struct json_object *string = json_object_new_string(text);

	fputs(json_object_to_json_string_ext(string, JSON_C_TO_STRING_NOSLASHESCAPE), out);
	json_object_put(string);
}

static void write_object(FILE *out, struct json_object *object)
{
	const char *separator = "";

	putc('{', out);
	json_object_object_foreach(object, name, value)
	{
		fputs(separator, out);
		write_string(out, name);
		fputs(": ", out);
		write_value(out, value);
		separator = ", ";
	}
	putc('}', out);
}

static void write_array(FILE *out, struct json_object *array)
{
	putc('[', out);
	for (size_t n = 0; n < json_object_array_length(array); n++) {
		fputs(n ? ", " : "", out);
		write_value(out, json_object_array_get_idx(array, n));
	}
	putc(']', out);
}

static void write_value(FILE *out, struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		write_object(out, value);
		break;
	case json_type_array:
		write_array(out, value);
		break;
	default:
		fputs(json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE), out);
		break;
	}
}

char *json_text(struct json_object *value, const char *end, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	if (!out)
		return NULL;
	write_value(out, value);
	fputs(end, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
