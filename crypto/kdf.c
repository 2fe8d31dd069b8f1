/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/base.h"
#include "crypto/crypto.h"

#include <string.h>

void sev_kdf(const void *key, size_t key_size, const char *label, const void *context,
	size_t context_size, unsigned bits, void *out)
{
	uint8_t counter[4], length[4], block[SEV_SHA256];
	struct sev_part parts[] = {
		{ counter, 4 },
		{ label, strlen(label) + 1 }, /* its NUL is the separator byte */
		{ context, context_size },
		{ length, 4 },
	};
	uint8_t *next = out;
	size_t left = bits / 8;

	sev_put32(length, bits);
	for (uint32_t i = 1; left > 0; i++) {
		size_t n = left < sizeof(block) ? left : sizeof(block);

		sev_put32(counter, i);
		sev_hmac_sha256(key, key_size, parts, 4, block);
		memcpy(next, block, n);
		next += n;
		left -= n;
	}
	sev_wipe(block, sizeof(block));
}
