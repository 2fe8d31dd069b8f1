/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the tool tells what came out: one line for an error, one object with --json. */
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sev-owner.h"

static struct json_object *told; /* what a verb has printed, until owner_end_json */
static char *failure;		 /* the line that owner_fail printed first */

/* The host's own words may be among it: they are no lines of ours, and move no cursor. */
static void one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

enum owner_status owner_fail(enum owner_status status, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text)
		one_line(text);
	fprintf(stderr, "sev-owner: %s\n", text ? text : "out of memory");
	if (failure)
		free(text);
	else
		failure = text;
	return status;
}

enum owner_status owner_error(enum owner_status status, const struct sev_error *err)
{
	return owner_fail(status, "%s", err->text);
}

void owner_print_json(struct json_object *object)
{
	json_object_put(told);
	told = object;
}

static const char *class_of(enum owner_status status)
{
	switch (status) {
	case OWNER_REFUSED:
		return "DoesNotVerify";
	case OWNER_NO_DIALOGUE:
		return "NoDialogue";
	default:
		return "WrongUse";
	}
}

/* As QMP has them. */
static struct json_object *error_json(enum owner_status status)
{
	struct json_object *object = json_object_new_object();

	owner_add_text(object, "class", class_of(status));
	owner_add_text(object, "desc", failure ? failure : "out of memory");
	return object;
}

void owner_end_json(enum owner_status status, bool json)
{
	if (json && status != OWNER_OK) {
		if (!told)
			told = json_object_new_object();
		json_object_object_add(told, "error", error_json(status));
	}
	if (told)
		puts(json_object_to_json_string_ext(
			told, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(told);
	free(failure);
	told = NULL;
	failure = NULL;
}

/* --- what several verbs tell ----------------------------------------------------------------- */

void owner_add_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, json_object_new_string(text));
}

void owner_add_number(struct json_object *object, const char *name, uint64_t number)
{
	json_object_object_add(object, name, json_object_new_int64((int64_t)number));
}

void owner_add_flag(struct json_object *object, const char *name, bool flag)
{
	json_object_object_add(object, name, json_object_new_boolean(flag));
}

void owner_add_launch(struct json_object *object, const struct report *launch)
{
	char digest[65];

	sev_hex(launch->launch_digest, 32, digest);
	owner_add_number(object, "api-major", launch->api_major);
	owner_add_number(object, "api-minor", launch->api_minor);
	owner_add_number(object, "build-id", launch->build_id);
	owner_add_number(object, "policy", launch->policy);
	owner_add_text(object, "launch-digest", digest);
}

void owner_launch_text(const struct report *launch, char text[OWNER_LAUNCH_TEXT])
{
	char digest[65];

	sev_hex(launch->launch_digest, 32, digest);
	snprintf(text, OWNER_LAUNCH_TEXT, "policy 0x%x, API %u.%u build %u, launch digest %s",
		launch->policy, launch->api_major, launch->api_minor, launch->build_id, digest);
}
