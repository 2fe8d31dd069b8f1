/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The secret table. What is accepted lies within the input, and what can be built again is read
 * back the same.
 */
#include <stdlib.h>
#include <string.h>

#include "bios/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct secret_entry *entries, size_t count)
{
	struct secret_entry again[SECRET_MAX_ENTRIES];
	struct sev_blob table = { 0 };
	size_t found;

	if (secret_build(entries, count, &table, NULL))
		return;
	if (secret_parse(table.data, table.size, again, &found, NULL) || found != count)
		abort();
	for (size_t i = 0; i < count; i++)
		if (memcmp(again[i].guid, entries[i].guid, 16) ||
			again[i].size != entries[i].size ||
			memcmp(again[i].data, entries[i].data, entries[i].size))
			abort();
	sev_blob_free(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secret_entry entries[SECRET_MAX_ENTRIES];
	struct sev_error err;
	size_t count;

	if (!secret_parse(data, size, entries, &count, &err)) {
		for (size_t i = 0; i < count; i++)
			if (entries[i].data < data ||
				entries[i].data + entries[i].size > data + size)
				abort();
		check_again(entries, count);
	}
	return 0;
}
