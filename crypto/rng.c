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
	uint8_t first[16];	 /* counter block of position 0 */
	uint64_t position;
};

static void set_counter(struct sev_rng *rng, const uint8_t block[16])
{
	sev_gcry_check(gcry_cipher_setctr(rng->stream, block, 16), "generator counter");
}

/* Key: first half of SHA-256(label | 0 | seed); initial counter block: second half. */
static void seed_generator(
	struct sev_rng *rng, const void *seed, size_t seed_size, const char *label)
{
	struct sev_part parts[] = { { label, strlen(label) + 1 }, { seed, seed_size } };
	uint8_t digest[SEV_SHA256];

	sev_sha256(parts, 2, digest);
	sev_gcry_check(gcry_cipher_open(&rng->stream, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_CTR, 0),
		"generator");
	sev_gcry_check(gcry_cipher_setkey(rng->stream, digest, 16), "generator key");
	memcpy(rng->first, digest + 16, sizeof(rng->first));
	set_counter(rng, rng->first);
	sev_wipe(digest, sizeof(digest));
}

struct sev_rng *sev_rng_new(const void *seed, size_t seed_size, const char *label)
{
	struct sev_rng *rng = calloc(1, sizeof(*rng));

	if (!rng)
		abort();
	if (seed)
		seed_generator(rng, seed, seed_size, label);
	return rng;
}

void sev_rng_free(struct sev_rng *rng)
{
	if (!rng)
		return;
	gcry_cipher_close(rng->stream);
	sev_wipe(rng, sizeof(*rng));
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
	rng->position += size;
}

uint64_t sev_rng_position(const struct sev_rng *rng)
{
	return rng->position;
}

/* block += n; both big-endian, 128 bits, as the cipher counts. */
static void add_blocks(uint8_t block[16], uint64_t n)
{
	unsigned carry = 0;

	for (int i = 15; i >= 0; i--) {
		carry += block[i] + (unsigned)(n & 0xff);
		block[i] = (uint8_t)carry;
		carry >>= 8;
		n >>= 8;
	}
}

int sev_rng_seek(struct sev_rng *rng, uint64_t position)
{
	uint8_t block[16];

	if (!rng->stream)
		return position == 0 ? 0 : -1;
	memcpy(block, rng->first, sizeof(block));
	add_blocks(block, position / sizeof(block));
	set_counter(rng, block);
	rng->position = position - position % sizeof(block);
	sev_rng_bytes(rng, block, position % sizeof(block));
	sev_wipe(block, sizeof(block));
	return 0;
}
