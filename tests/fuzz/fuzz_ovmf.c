/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The footer table. The input is the end of an image of 4 KiB; whatever the parser accepts, every
 * entry lies within the image and no accessor says yes to an area that is not in RAM.
 */
#include <stdlib.h>
#include <string.h>

#include "bios/ovmf.h"

#define IMAGE 4096
#define RAM   (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_area(int found, const struct ovmf_area *area)
{
	if (!found && (!area->base || area->base % 16 || (uint64_t)area->base + area->size > RAM))
		abort();
}

static void check_entries(const struct ovmf *fw)
{
	struct ovmf_entry entry;
	size_t cursor = 0, before = 0;

	while (ovmf_next(fw, &cursor, &entry)) {
		if (cursor <= before || entry.data < fw->image ||
			entry.data + entry.size > fw->image + fw->size)
			abort();
		before = cursor;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* On the heap, exactly as large as it is said to be: the sanitizer sees one byte too far.
	 */
	uint8_t *image = calloc(1, IMAGE);
	struct ovmf_area area;
	struct sev_error err;
	struct ovmf fw;

	if (size > IMAGE)
		size = IMAGE;
	if (size)
		memcpy(image + IMAGE - size, data, size);
	if (ovmf_parse(image, IMAGE, &fw, &err) != OVMF_BROKEN) {
		check_entries(&fw);
		check_area(ovmf_hash_area(&fw, RAM, &area, &err), &area);
		check_area(ovmf_secret_area(&fw, RAM, &area, &err), &area);
	}
	free(image);
	return 0;
}
