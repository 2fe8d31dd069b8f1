/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/options.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One value being set, and how to complain about it. */
struct setting {
	const char *directive;
	const struct sev_option *option;
	const char *text;
	struct sev_error *err;
};

static int illegal(const struct setting *s, const char *legal)
{
	return sev_fail(s->err, "%s: %s=%s: legal is %s%s%s", s->directive, s->option->name,
		s->text, legal, s->option->why ? ": " : "", s->option->why ? s->option->why : "");
}

static int set_number(const struct setting *s)
{
	const struct sev_option *o = s->option;
	bool hex = !strncmp(s->text, "0x", 2) || !strncmp(s->text, "0X", 2);
	char range[96], *end;

	errno = 0;
	uint64_t v = strtoull(s->text, &end, hex ? 16 : 10);

	if (!isdigit((unsigned char)s->text[0]) || *end || errno || v < o->min || v > o->max) {
		snprintf(range, sizeof(range),
			hex ? "0x%" PRIx64 "..0x%" PRIx64 : "%" PRIu64 "..%" PRIu64, o->min,
			o->max);
		return illegal(s, range);
	}
	*(uint64_t *)o->value = v;
	return 0;
}

static int set_flag(const struct setting *s)
{
	if (strcmp(s->text, "0") && strcmp(s->text, "1"))
		return illegal(s, "0 or 1");
	*(bool *)s->option->value = s->text[0] == '1';
	return 0;
}

static int set_choice(const struct setting *s)
{
	char legal[160] = "";

	for (unsigned i = 0; s->option->choices[i]; i++) {
		if (!strcmp(s->text, s->option->choices[i])) {
			*(unsigned *)s->option->value = i;
			return 0;
		}
		snprintf(legal + strlen(legal), sizeof(legal) - strlen(legal), "%s%s",
			i ? ", " : "", s->option->choices[i]);
	}
	return illegal(s, legal);
}

static int set_text(const struct setting *s)
{
	char **value = s->option->value;

	if (!*s->text)
		return illegal(s, "anything but nothing");
	char *copy = strdup(s->text);

	if (!copy)
		return sev_fail(s->err, "%s: %s: out of memory", s->directive, s->option->name);
	free(*value);
	*value = copy;
	return 0;
}

static int unknown(const char *directive, const struct sev_option *table, const char *parameter,
	struct sev_error *err)
{
	char names[320] = "";

	for (const struct sev_option *o = table; o->name; o++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			o == table ? "" : ", ", o->name);
	return sev_fail(err, "%s: %s: not a property; legal are %s (name=value)", directive,
		parameter, names);
}

int sev_option_set(const char *directive, const struct sev_option *table, const char *parameter,
	struct sev_error *err)
{
	static int (*const set[])(const struct setting *) = {
		[SEV_OPTION_NUMBER] = set_number,
		[SEV_OPTION_FLAG] = set_flag,
		[SEV_OPTION_CHOICE] = set_choice,
		[SEV_OPTION_TEXT] = set_text,
	};
	size_t length = strcspn(parameter, "=");

	for (const struct sev_option *o = table; o->name && parameter[length]; o++) {
		struct setting s = { directive, o, parameter + length + 1, err };

		if (strlen(o->name) == length && !strncmp(o->name, parameter, length))
			return set[o->kind](&s);
	}
	return unknown(directive, table, parameter, err);
}
