/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/crypto.h"
#include "crypto/gcry.h"

#include <stdlib.h>
#include <string.h>

struct sev_sha256_ctx {
	gcry_md_hd_t md;
};

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

struct sev_sha256_ctx *sev_sha256_new(void)
{
	struct sev_sha256_ctx *ctx = calloc(1, sizeof(*ctx));

	if (!ctx)
		abort();
	ctx->md = open_md(GCRY_MD_SHA256, 0);
	return ctx;
}

void sev_sha256_free(struct sev_sha256_ctx *ctx)
{
	if (!ctx)
		return;
	gcry_md_close(ctx->md);
	free(ctx);
}

void sev_sha256_update(struct sev_sha256_ctx *ctx, const void *data, size_t size)
{
	gcry_md_write(ctx->md, data, size);
}

void sev_sha256_read(const struct sev_sha256_ctx *ctx, uint8_t out[SEV_SHA256])
{
	gcry_md_hd_t copy;

	/* Reading a libgcrypt hash ends it, so read a copy. */
	sev_gcry_check(gcry_md_copy(&copy, ctx->md), "hash copy");
	finish(copy, NULL, 0, out, SEV_SHA256);
}
