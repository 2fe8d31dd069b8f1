/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A configuration in a test, what was read from it, and what a mistake in it is told. */
#ifndef SEV_TESTS_IMPORT_TEST_H
#define SEV_TESTS_IMPORT_TEST_H

#include "tests/unit/unit.h"

#include "tools/import.h"

typedef int import_reader(struct import *im, const char *source, const char *text, size_t size);

static struct import im;

static int setup(void **state)
{
	(void)state;
	import_init(&im, "out");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	import_free(&im);
	return 0;
}

/* Once more from the beginning. */
static inline void again(void)
{
	import_free(&im);
	import_init(&im, "out");
}

static inline void reads_with(import_reader *reader, const char *text)
{
	again();
	if (reader(&im, "vm", text, strlen(text)))
		fail_msg("%s: %s", text, im.err.text);
}

static inline void refuses_with(import_reader *reader, const char *text, const char *why)
{
	again();
	if (!reader(&im, "vm", text, strlen(text)))
		fail_msg("%s: accepted", text);
	if (!strstr(im.err.text, why))
		fail_msg("%s: \"%s\" instead of \"%s\"", text, im.err.text, why);
	assert_null(strchr(im.err.text, '\n'));
}

static inline bool noted(const char *part)
{
	for (size_t i = 0; i < im.note_count; i++)
		if (strstr(im.notes[i], part))
			return true;
	return false;
}

/* What has been put beside the bochsrc, or NULL. */
static inline const struct import_file *beside(const char *path)
{
	for (size_t i = 0; i < im.file_count; i++)
		if (!strcmp(im.files[i].path, path))
			return &im.files[i];
	return NULL;
}

static inline void assert_beside(const char *path, const char *text)
{
	const struct import_file *file = beside(path);

	assert_non_null(file);
	assert_int_equal(file->size, strlen(text));
	assert_memory_equal(file->data, text, file->size);
}

/* Whether a line of the result begins so. */
static inline bool prints(const char *begin)
{
	char *text = import_text(&im, "vm"), *line = text;
	bool found = false;

	assert_non_null(text);
	while (*line && !found) {
		found = !strncmp(line, begin, strlen(begin));
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	free(text);
	return found;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
