/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What holds for every configuration: it is refused with one line, or becomes lines that Bochs
 * reads as a whole, of which each is a comment or a directive with even quotes; twice the same.
 */
#ifndef SEV_TESTS_FUZZ_IMPORT_H
#define SEV_TESTS_FUZZ_IMPORT_H

#include <stdlib.h>
#include <string.h>

#include "tools/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef int import_reader(struct import *im, const char *source, const char *text, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static bool is_directive(const char *line)
{
	static const char *const names[] = { "config_interface:", "display_library:", "cpu:",
		"memory:", "romimage:", "vgaromimage:", "vga:", "pci:", "com1:", "clock:", "log:",
		"panic:", "error:", "info:", "debug:", "ata0", "ata1",
		"sev:", "fw_cfg:", "plugin_ctrl: fw_cfg=1", "qmp:" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(line, names[i], strlen(names[i])))
			return true;
	return false;
}

static void check_line(const char *line, size_t length)
{
	unsigned quotes = 0;

	require(length <= IMPORT_LINE);
	for (size_t i = 0; i < length; i++)
		require((unsigned char)line[i] >= ' ');
	if (!length || *line == '#')
		return;
	require(is_directive(line));
	for (size_t i = 0; i < length; i++) {
		quotes += line[i] == '"';
		require(line[i] != '$' && (line[i] != '#' || quotes % 2));
	}
	require(quotes % 2 == 0);
}

/* The text, or NULL; refused with err. */
static char *import_once(import_reader *reader, const char *text, size_t size)
{
	struct import im;
	char *result = NULL;

	import_init(&im, "out");
	if (!reader(&im, "input", text, size))
		result = import_text(&im, "input");
	if (!result)
		require(*im.err.text && !strpbrk(im.err.text, "\r\n"));
	for (size_t i = 0; i < im.file_count; i++)
		require(!strncmp(im.files[i].path, "out.", 4) && !strchr(im.files[i].path, '/'));
	import_free(&im);
	return result;
}

static void import_anything(import_reader *reader, const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *once, *twice;

	memcpy(text, data, size);
	text[size] = 0;
	import_format(text);
	once = import_once(reader, text, size);
	twice = import_once(reader, text, size);
	require(!once == !twice && (!once || !strcmp(once, twice)));
	for (const char *line = once; line && *line; line++) {
		size_t length = strcspn(line, "\n");

		check_line(line, length);
		line += length;
	}
	free(once);
	free(twice);
	free(text);
}

#endif
