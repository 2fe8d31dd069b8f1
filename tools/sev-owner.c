/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sev-owner: the guest owner's side of a SEV launch. */
#include "tools/sev-owner.h"

#include <stdio.h>
#include <string.h>

static const struct owner_verb *const verbs[] = {
	&owner_session,
	&owner_digest,
	&owner_verify,
	&owner_secret,
	&owner_chain,
	&owner_attest,
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(void)
{
	puts("Usage: sev-owner VERB [OPTION]...\n"
	     "The guest owner's side of an AMD SEV launch.\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  %-9s %s\n", verbs[i]->name, verbs[i]->summary);
	puts("\n`sev-owner VERB --help` lists the options of one.\n"
	     "Exit status: 0 done, 1 does not verify, 2 wrong use (or the platform does not "
	     "answer).");
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

/* Known before the verb has read its options, so that an error in one is told so too. */
static bool wants_json(char **argv)
{
	for (; *argv && strcmp(*argv, "--"); argv++)
		if (!strcmp(*argv, "--json"))
			return true;
	return false;
}

static enum owner_status run(int argc, char **argv)
{
	if (argc < 2 || !strcmp(argv[1], "--json"))
		return no_such_verb(NULL);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help();
		return OWNER_OK;
	}
	sev_crypto_init();
	for (size_t i = 0; i < VERBS; i++)
		if (!strcmp(argv[1], verbs[i]->name))
			return verbs[i]->run(argc - 1, argv + 1);
	return no_such_verb(argv[1]);
}

int main(int argc, char **argv)
{
	enum owner_status status = run(argc, argv);

	owner_end_json(status, wants_json(argv));
	if (fflush(stdout) || ferror(stdout))
		status = owner_fail(OWNER_WRONG_USE, "standard output: cannot be written");
	return (int)status & OWNER_EXIT_STATUS;
}
