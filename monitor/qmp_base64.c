/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor/qmp_base64.h"

#include <stdlib.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int qmp_unbase64(const char *text, struct sev_blob *out)
{
	uint32_t bits = 0;
	unsigned count = 0; /* of the bits that wait for a byte to be complete */

	out->size = 0;
	out->data = malloc(strlen(text) * 3 / 4 + 1);
	if (!out->data)
		return -1;
	for (; *text; text++) {
		const char *digit = strchr(alphabet, *text);

		if (*text == '=') /* ends a group: what is left of it is padding */
			count = 0;
		if (!digit)
			continue;
		bits = bits << 6 | (uint32_t)(digit - alphabet);
		count += 6;
		if (count >= 8) {
			count -= 8;
			out->data[out->size++] = (uint8_t)(bits >> count);
		}
	}
	return 0;
}
