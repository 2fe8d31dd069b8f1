/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bochs-sev-import: configurations of QEMU, libvirt and Proxmox as bochsrc lines. Exit status 0:
 * done; 1: the configuration is fine, but nothing in it has a counterpart, or what protects its
 * guest is not there yet; 2: wrong use, or a mistake in the configuration. Nothing is written then.
 */
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/import.h"

enum status { DONE = 0, NOT_TAKEN_OVER = 1, WRONG_USE = 2 };

static const char help[] =
	"Usage: bochs-sev-import [OPTION]... FILE\n"
	"       bochs-sev-import [OPTION]... -- QEMU-COMMAND-LINE...\n"
	"Print the bochsrc for a guest of QEMU, libvirt or Proxmox.\n\n"
	"  --from FORMAT        what FILE is: qemu (a command line, as for a shell), libvirt (XML "
	"of\n"
	"                       a domain) or proxmox (ID.conf); default: as it looks\n"
	"  --output FILE        write FILE, and beside it what has no place in it\n"
	"  --firmware FILE      boot this firmware image, whatever the configuration names\n"
	"  --disk FILE          a raw image as the next ATA disk; may be given up to four times\n"
	"  --partial            take over what can be, although what protects the guest cannot\n"
	"  --help               print this\n\n"
	"Exit status: 0 done, 1 not taken over (nothing in it, or a protection that is not there "
	"yet),\n"
	"2 wrong use.\n";

struct use {
	const char *from, *output, *firmware;
	const char *disk[IMPORT_DISKS];
	unsigned disks;
	bool partial;
	const char *file; /* or NULL: the words */
	char **words;
	int count;
};

static enum status fail(enum status status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static enum status fail(enum status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("bochs-sev-import: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return status;
}

/* --- reading ---------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*read)(struct import *im, const char *source, const char *text, size_t size);
} formats[] = {
	{ "qemu", import_qemu },
	{ "libvirt", import_libvirt },
	{ "proxmox", import_proxmox },
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static bool is_format(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i].name, name))
			return true;
	return false;
}

static int read_file(struct import *im, const struct use *use)
{
	struct sev_blob text = { 0 };
	const char *format = use->from;
	int ret = -1;

	if (sev_file_read(use->file, IMPORT_LARGEST, &text, &im->err))
		return -1;
	if (!format)
		format = import_format((const char *)text.data);
	for (size_t i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i].name, format))
			ret = formats[i].read(im, use->file, (const char *)text.data, text.size);
	sev_blob_free(&text);
	return ret;
}

static int read_words(struct import *im, const struct use *use)
{
	struct import_words words = { calloc((size_t)use->count, sizeof(*words.word)), 0 };
	int ret = -1;

	if (words.word) {
		for (int i = 0; i < use->count; i++)
			words.word[words.count++] = (struct import_word) { use->words[i],
				{ "command line", 0, (unsigned)i + 1 } };
		ret = import_qemu_words(im, &words);
	}
	free(words.word);
	return ret;
}

/* What the user says counts more than the configuration. */
static int read_use(struct import *im, const struct use *use)
{
	if (use->firmware) {
		im->has_vars = false;
		if (import_path(im, NULL, "--firmware", &im->firmware, use->firmware))
			return -1;
	}
	for (unsigned i = 0; i < use->disks; i++)
		if (import_disk(im, NULL, "--disk", 0, use->disk[i], false))
			return -1;
	return 0;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* What was written is taken back, if nothing was there before. */
static int write_files(struct import *im, const char *output, const char *text)
{
	bool *was_there = calloc(im->file_count + 1, sizeof(*was_there));
	size_t written = 0;
	int ret = was_there ? 0 : import_fail(im, NULL, "out of memory");

	while (!ret && written < im->file_count) {
		const struct import_file *file = &im->files[written];

		was_there[written] = access(file->path, F_OK) == 0;
		ret = sev_file_write(file->path, file->data, file->size, file->mode, &im->err);
		written += !ret;
	}
	if (!ret)
		ret = sev_file_write(output, text, strlen(text), 0644, &im->err);
	while (ret && written--)
		if (!was_there[written])
			unlink(im->files[written].path);
	free(was_there);
	return ret;
}

static enum status write_text(struct import *im, const struct use *use, const char *text)
{
	if (use->output)
		return write_files(im, use->output, text) ? fail(WRONG_USE, "%s", im->err.text)
							  : DONE;
	fputs(text, stdout);
	for (size_t i = 0; i < im->file_count; i++)
		fail(DONE, "%s: written with --output FILE alone, and needed beside it",
			im->files[i].path);
	if (fflush(stdout) || ferror(stdout))
		return fail(WRONG_USE, "standard output: cannot be written");
	return DONE;
}

static enum status write_import(struct import *im, const struct use *use)
{
	enum status status;
	char *text;

	if (im->missing && !use->partial)
		return fail(NOT_TAKEN_OVER,
			"%s: not there yet; --partial takes over the rest, without protection",
			im->missing);
	if (!im->taken)
		return fail(NOT_TAKEN_OVER, "%s: nothing in it has a counterpart",
			use->file ? use->file : "command line");
	if (read_use(im, use))
		return fail(WRONG_USE, "%s", im->err.text);
	text = import_text(im, use->file ? use->file : "a command line");
	if (!text)
		return fail(WRONG_USE, "%s", im->err.text);
	status = write_text(im, use, text);
	free(text);
	return status;
}

/* --- options ---------------------------------------------------------------------------------- */

enum option_code { FROM = 256, OUTPUT, FIRMWARE, DISK, PARTIAL, HELP };

static const struct option options[] = {
	{ "from", required_argument, NULL, FROM },
	{ "output", required_argument, NULL, OUTPUT },
	{ "firmware", required_argument, NULL, FIRMWARE },
	{ "disk", required_argument, NULL, DISK },
	{ "partial", no_argument, NULL, PARTIAL },
	{ "help", no_argument, NULL, HELP },
	{ NULL, 0, NULL, 0 },
};

static enum status wrong_option(int code, const char *given)
{
	if (code == ':')
		return fail(WRONG_USE, "%s: needs a value", given);
	return fail(WRONG_USE,
		"%s: not an option, legal: --from, --output, --firmware, --disk, --partial, --help",
		given);
}

static int set_option(struct use *use, int code, char *value)
{
	switch (code) {
	case FROM:
		use->from = value;
		if (!is_format(value))
			return fail(WRONG_USE, "--from=%s: legal: qemu, libvirt, proxmox", value);
		return 0;
	case OUTPUT:
		use->output = value;
		return *value ? 0 : (int)fail(WRONG_USE, "--output=: names no file");
	case FIRMWARE:
		use->firmware = value;
		return 0;
	case DISK:
		if (use->disks == IMPORT_DISKS)
			return fail(WRONG_USE, "--disk=%s: one too many, legal: four", value);
		use->disk[use->disks++] = value;
		return 0;
	case PARTIAL:
		use->partial = true;
		return 0;
	}
	return -1;
}

/* DONE with neither file nor words: help was asked for. */
static enum status parse(int argc, char **argv, struct use *use)
{
	int code;

	opterr = 0;
	while ((code = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (code == HELP) {
			fputs(help, stdout);
			return DONE;
		}
		if (code == '?' || code == ':')
			return wrong_option(code, argv[optind - 1]);
		if (set_option(use, code, optarg))
			return WRONG_USE;
	}
	if (optind > 1 && !strcmp(argv[optind - 1], "--") && optind < argc) {
		if (use->from && strcmp(use->from, "qemu"))
			return fail(WRONG_USE, "--from=%s: with a command line, legal: qemu",
				use->from);
		use->words = argv + optind;
		use->count = argc - optind;
		return DONE;
	}
	if (argc - optind != 1)
		return fail(WRONG_USE, "%d files, legal: one, or -- and a command line of QEMU",
			argc - optind);
	use->file = argv[optind];
	return DONE;
}

int main(int argc, char **argv)
{
	struct use use = { 0 };
	struct import im;
	enum status status = parse(argc, argv, &use);

	if (status != DONE || (!use.file && !use.words))
		return (int)status;
	import_init(&im, use.output ? use.output : "bochsrc-sev");
	if (use.file ? read_file(&im, &use) : read_words(&im, &use))
		status = fail(WRONG_USE, "%s", im.err.text);
	else
		status = write_import(&im, &use);
	import_free(&im);
	return (int)status;
}
