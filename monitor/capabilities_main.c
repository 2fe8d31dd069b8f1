/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `bochs --sev-capabilities` from its arguments to its exit status. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/capabilities.h"

#define LEGAL "legal are --format json, libvirt or proxmox, and --state DIR"

enum { DONE = 0, WRONG_USE = 2 };

struct form {
	const char *name;
	char *(*text)(const struct capabilities *cap);
	bool of_chip; /* tells something of the chip itself */
};

static const struct form forms[] = {
	{ "json", capabilities_json, true },
	{ "libvirt", capabilities_libvirt, true },
	{ "proxmox", capabilities_proxmox, false },
	{ NULL, NULL, false },
};

struct wish {
	const struct form *form;
	const char *state;
};

static int set_form(struct wish *wish, const char *name, struct sev_error *err)
{
	for (const struct form *form = forms; form->name; form++) {
		if (!strcmp(form->name, name)) {
			wish->form = form;
			return 0;
		}
	}
	return sev_fail(err, "%s: --format %s: " LEGAL, CAPABILITIES_OPTION, name);
}

static int set_state(struct wish *wish, const char *dir, struct sev_error *err)
{
	if (!*dir)
		return sev_fail(
			err, "%s: --state: legal is anything but nothing", CAPABILITIES_OPTION);
	wish->state = dir;
	return 0;
}

/* word: the argument that getopt found this in. */
static int set_option(struct wish *wish, int code, const char *word, struct sev_error *err)
{
	switch (code) {
	case 'f':
		return set_form(wish, optarg, err);
	case 's':
		return set_state(wish, optarg, err);
	case ':':
		return sev_fail(err, "%s: %s: needs a value; " LEGAL, CAPABILITIES_OPTION, word);
	}
	return sev_fail(err, "%s: %s: not an option here; " LEGAL, CAPABILITIES_OPTION, word);
}

/* argv[0] is the option itself. */
static int parse(struct wish *wish, int argc, char **argv, struct sev_error *err)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "state", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	const char *word = argv[1];
	int code;

	optind = 0; /* GNU: from the beginning, whoever has used getopt before */
	opterr = 0;
	while ((code = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
		if (set_option(wish, code, word, err) < 0)
			return -1;
		word = argv[optind];
	}
	if (optind < argc)
		return set_option(wish, '?', argv[optind], err);
	if (wish->state && !wish->form->of_chip)
		return sev_fail(err,
			"%s: --state %s: the format %s tells nothing of a chip; legal with json "
			"and libvirt",
			CAPABILITIES_OPTION, wish->state, wish->form->name);
	return 0;
}

static int print(const char *text, struct sev_error *err)
{
	if (!text)
		return sev_fail(err, "%s: out of memory", CAPABILITIES_OPTION);
	if (fputs(text, stdout) < 0 || fflush(stdout))
		return sev_fail(
			err, "%s: standard output: %s", CAPABILITIES_OPTION, strerror(errno));
	return 0;
}

static int run(const struct wish *wish, struct sev_error *err)
{
	struct capabilities cap;
	char *text;
	int result;

	if (capabilities_get(&cap, wish->state, err) < 0)
		return -1;
	text = wish->form->text(&cap);
	result = print(text, err);
	free(text);
	capabilities_free(&cap);
	return result;
}

bool capabilities_wanted(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], CAPABILITIES_OPTION))
			return true;
	}
	return false;
}

int capabilities_main(int argc, char **argv)
{
	struct wish wish = { .form = forms };
	struct sev_error err;
	int result;

	if (argc < 2 || strcmp(argv[1], CAPABILITIES_OPTION) != 0)
		result = sev_fail(&err, "%s: legal is the first place, but %s stands there",
			CAPABILITIES_OPTION, argc < 2 ? "nothing" : argv[1]);
	else
		result = parse(&wish, argc - 1, argv + 1, &err);
	if (!result)
		result = run(&wish, &err);
	if (result)
		fprintf(stderr, "bochs: %s\n", err.text);
	return result ? WRONG_USE : DONE;
}
