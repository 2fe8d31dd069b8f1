/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/base.h"
#include "crypto/crypto.h"
#include "crypto/gcry.h"

#include <stdlib.h>
#include <string.h>

void sev_aes128_ctr(
	const uint8_t key[SEV_AES128], const uint8_t iv[16], const void *in, void *out, size_t size)
{
	gcry_cipher_hd_t cipher;

	sev_gcry_check(
		gcry_cipher_open(&cipher, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_CTR, 0), "AES-CTR");
	sev_gcry_check(gcry_cipher_setkey(cipher, key, SEV_AES128), "AES-CTR key");
	sev_gcry_check(gcry_cipher_setctr(cipher, iv, 16), "AES-CTR counter");
	if (size > 0)
		sev_gcry_check(gcry_cipher_encrypt(cipher, out, size, in, size), "AES-CTR");
	gcry_cipher_close(cipher);
}

/* One handle for the life of a key: per page only the tweak is set. */
struct sev_xts {
	gcry_cipher_hd_t cipher;
};

struct sev_xts *sev_xts_new(const uint8_t key[SEV_XTS])
{
	struct sev_xts *xts = calloc(1, sizeof(*xts));

	if (!xts)
		abort();
	sev_gcry_check(gcry_cipher_open(&xts->cipher, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_XTS, 0),
		"AES-XTS");
	sev_gcry_check(gcry_cipher_setkey(xts->cipher, key, SEV_XTS), "AES-XTS key");
	return xts;
}

void sev_xts_free(struct sev_xts *xts)
{
	if (!xts)
		return;
	gcry_cipher_close(xts->cipher); /* wipes the key schedule */
	free(xts);
}

/* The data unit's number as a little-endian 128-bit integer (IEEE 1619). */
static void set_unit(struct sev_xts *xts, uint64_t unit)
{
	uint8_t tweak[16] = { 0 };

	sev_put64(tweak, unit);
	sev_gcry_check(gcry_cipher_setiv(xts->cipher, tweak, sizeof(tweak)), "AES-XTS tweak");
}

void sev_xts_encrypt(struct sev_xts *xts, uint64_t unit, void *data, size_t size)
{
	if (size == 0)
		return;
	set_unit(xts, unit);
	sev_gcry_check(gcry_cipher_encrypt(xts->cipher, data, size, NULL, 0), "AES-XTS");
}

void sev_xts_decrypt(struct sev_xts *xts, uint64_t unit, void *data, size_t size)
{
	if (size == 0)
		return;
	set_unit(xts, unit);
	sev_gcry_check(gcry_cipher_decrypt(xts->cipher, data, size, NULL, 0), "AES-XTS");
}
