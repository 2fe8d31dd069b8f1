/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A main for fuzz targets that are built without libFuzzer: runs every file that is named, or that
 * lies in a directory that is named, once. Exit status 0, 2 if there is nothing to run.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"

#define LARGEST_INPUT (1u << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned runs;

static void run_file(const char *path)
{
	struct sev_blob blob = { 0 };
	struct sev_error err;
	uint8_t *exact;

	if (sev_file_read(path, LARGEST_INPUT, &blob, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	/* Without the NUL that sev_file_read adds, so that a sanitizer sees the first byte beyond.
	 */
	exact = malloc(blob.size ? blob.size : 1);
	if (blob.size)
		memcpy(exact, blob.data, blob.size);
	LLVMFuzzerTestOneInput(exact, blob.size);
	free(exact);
	sev_blob_free(&blob);
	runs++;
}

static void run_directory(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, alphasort);
	char file[4096];

	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.') {
			snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
			run_file(file);
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

int main(int argc, char **argv)
{
	struct stat st;

	for (int i = 1; i < argc; i++) {
		if (!stat(argv[i], &st) && S_ISDIR(st.st_mode))
			run_directory(argv[i]);
		else
			run_file(argv[i]);
	}
	printf("%u inputs\n", runs);
	return runs ? 0 : 2;
}
