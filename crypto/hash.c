/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/crypto.h"
#include "crypto/gcry.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "base/base.h"

static gcry_md_hd_t open_md(int algo, unsigned flags)
{
	gcry_md_hd_t md;

	sev_gcry_check(gcry_md_open(&md, algo, flags), "hash");
	return md;
}

static void finish(
	gcry_md_hd_t md, const struct sev_part *parts, size_t count, uint8_t *out, size_t size)
{
	for (size_t i = 0; i < count; i++)
		gcry_md_write(md, parts[i].data, parts[i].size);
	memcpy(out, gcry_md_read(md, 0), size);
	gcry_md_close(md);
}

void sev_sha256(const struct sev_part *parts, size_t count, uint8_t out[SEV_SHA256])
{
	finish(open_md(GCRY_MD_SHA256, 0), parts, count, out, SEV_SHA256);
}

void sev_sha384(const struct sev_part *parts, size_t count, uint8_t out[SEV_SHA384])
{
	finish(open_md(GCRY_MD_SHA384, 0), parts, count, out, SEV_SHA384);
}

void sev_hmac_sha256(const void *key, size_t key_size, const struct sev_part *parts, size_t count,
	uint8_t out[SEV_SHA256])
{
	gcry_md_hd_t md = open_md(GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC);

	sev_gcry_check(gcry_md_setkey(md, key, key_size), "HMAC key");
	finish(md, parts, count, out, SEV_SHA256);
}

/* --- running SHA-256 ----------------------------------------------------------------------- */

struct sev_sha256_ctx {
	struct sha256_ctx hash;
};

struct sev_sha256_ctx *sev_sha256_new(void)
{
	struct sev_sha256_ctx *ctx = calloc(1, sizeof(*ctx));

	if (!ctx)
		abort();
	sha256_init(&ctx->hash);
	return ctx;
}

void sev_sha256_free(struct sev_sha256_ctx *ctx)
{
	if (!ctx)
		return;
	sev_wipe(ctx, sizeof(*ctx));
	free(ctx);
}

void sev_sha256_update(struct sev_sha256_ctx *ctx, const void *data, size_t size)
{
	if (size > 0)
		sha256_update(&ctx->hash, size, data);
}

void sev_sha256_read(const struct sev_sha256_ctx *ctx, uint8_t out[SEV_SHA256])
{
	struct sha256_ctx copy = ctx->hash; /* reading ends a hash */

	sha256_digest(&copy, SEV_SHA256, out);
	sev_wipe(&copy, sizeof(copy));
}

/* The exported state. */
enum { WORDS = 8, AT_COUNT = 4 * WORDS, AT_PENDING = AT_COUNT + 8, BLOCK = SHA256_BLOCK_SIZE };

_Static_assert(AT_PENDING + BLOCK == SEV_SHA256_STATE, "words, count, block");

#define MOST_BYTES ((UINT64_C(1) << 61) - 1) /* FIPS 180-4: fewer than 2^64 bits */

void sev_sha256_export(const struct sev_sha256_ctx *ctx, uint8_t state[SEV_SHA256_STATE])
{
	const struct sha256_ctx *hash = &ctx->hash;

	memset(state, 0, SEV_SHA256_STATE);
	for (unsigned i = 0; i < WORDS; i++)
		sev_put32(state + 4 * i, hash->state[i]);
	sev_put64(state + AT_COUNT, hash->count * BLOCK + hash->index);
	memcpy(state + AT_PENDING, hash->block, hash->index);
}

static bool all_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i])
			return false;
	}
	return true;
}

struct sev_sha256_ctx *sev_sha256_import(const uint8_t state[SEV_SHA256_STATE])
{
	uint64_t count = sev_le64(state + AT_COUNT);
	unsigned pending = count % BLOCK;
	struct sev_sha256_ctx *ctx;

	if (count > MOST_BYTES || !all_zero(state + AT_PENDING + pending, BLOCK - pending))
		return NULL;
	ctx = sev_sha256_new();
	for (unsigned i = 0; i < WORDS; i++) {
		uint32_t word = sev_le32(state + 4 * i);

		if (count < BLOCK && word != ctx->hash.state[i]) {
			sev_sha256_free(ctx);
			return NULL;
		}
		ctx->hash.state[i] = word;
	}
	ctx->hash.count = count / BLOCK;
	sev_sha256_update(ctx, state + AT_PENDING, pending);
	return ctx;
}
