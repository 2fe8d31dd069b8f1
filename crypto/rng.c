/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/crypto.h"
#include "crypto/gcry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct sev_rng {
	gcry_cipher_hd_t stream; /* NULL: the operating system's generator */
};

/* Key: first half of SHA-256(label | 0 | seed); initial counter block: second half. */
static gcry_cipher_hd_t seeded(const void *seed, size_t seed_size, const char *label)
{
	struct sev_part parts[] = { { label, strlen(label) + 1 }, { seed, seed_size } };
	uint8_t digest[SEV_SHA256];
	gcry_cipher_hd_t stream;

	sev_sha256(parts, 2, digest);
	sev_gcry_check(gcry_cipher_open(&stream, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_CTR, 0),
		"generator");
	sev_gcry_check(gcry_cipher_setkey(stream, digest, 16), "generator key");
	sev_gcry_check(gcry_cipher_setctr(stream, digest + 16, 16), "generator counter");
	sev_wipe(digest, sizeof(digest));
	return stream;
}

struct sev_rng *sev_rng_new(const void *seed, size_t seed_size, const char *label)
{
	struct sev_rng *rng = calloc(1, sizeof(*rng));

	if (!rng)
		abort();
	if (seed)
		rng->stream = seeded(seed, seed_size, label);
	return rng;
}

void sev_rng_free(struct sev_rng *rng)
{
	if (!rng)
		return;
	gcry_cipher_close(rng->stream);
	free(rng);
}

static void from_system(uint8_t *out, size_t size)
{
	while (size > 0) {
		ssize_t n = getrandom(out, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			perror("getrandom");
			abort();
		}
		out += n;
		size -= (size_t)n;
	}
}

void sev_rng_bytes(struct sev_rng *rng, void *out, size_t size)
{
	if (size == 0)
		return;
	if (!rng->stream) {
		from_system(out, size);
		return;
	}
	memset(out, 0, size);
	sev_gcry_check(gcry_cipher_encrypt(rng->stream, out, size, NULL, 0), "generator");
}
