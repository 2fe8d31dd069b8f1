/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sev-owner: the guest owner's side of a SEV launch. */
#include "tools/sev-owner.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct owner_verb *const verbs[] = {
	&owner_session,
	&owner_digest,
	&owner_verify,
	&owner_secret,
	&owner_chain,
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

enum owner_status owner_fail(enum owner_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("sev-owner: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return status;
}

enum owner_status owner_error(enum owner_status status, const struct sev_error *err)
{
	return owner_fail(status, "%s", err->text);
}

void owner_print_json(struct json_object *object)
{
	puts(json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static void print_help(void)
{
	puts("Usage: sev-owner VERB [OPTION]...\n"
	     "The guest owner's side of an AMD SEV launch.\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  %-9s %s\n", verbs[i]->name, verbs[i]->summary);
	puts("\n`sev-owner VERB --help` lists the options of one.\n"
	     "Exit status: 0 done, 1 does not verify, 2 wrong use.");
}

static enum owner_status no_such_verb(const char *given)
{
	char legal[128] = "";

	for (size_t i = 0; i < VERBS; i++) {
		strcat(legal, i ? ", " : "");
		strcat(legal, verbs[i]->name);
	}
	if (!given)
		return owner_fail(OWNER_WRONG_USE, "no verb, legal: %s", legal);
	return owner_fail(OWNER_WRONG_USE, "%s: unknown verb, legal: %s", given, legal);
}

int main(int argc, char **argv)
{
	enum owner_status status;

	if (argc < 2)
		return no_such_verb(NULL);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help();
		return OWNER_OK;
	}
	sev_crypto_init();
	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(argv[1], verbs[i]->name))
			continue;
		status = verbs[i]->run(argc - 1, argv + 1);
		if (fflush(stdout) || ferror(stdout))
			return owner_fail(OWNER_WRONG_USE, "standard output: cannot be written");
		return status;
	}
	return no_such_verb(argv[1]);
}
