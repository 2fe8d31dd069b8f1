/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Thin names over libgcrypt for exactly what SEV uses (the running SHA-256 over nettle, because
 * libgcrypt cannot hand out the state of a hash). Integers are big-endian byte strings here;
 * the little-endian fields of AMD's certificates are turned by whoever parses those.
 *
 * Call sev_crypto_init once before anything else. Functions that cannot fail for valid arguments
 * abort the process if libgcrypt reports an internal error: there is nothing a caller could do.
 */
#ifndef SEV_CRYPTO_H
#define SEV_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SEV_SHA256 32
#define SEV_SHA384 48
#define SEV_AES128 16
#define SEV_XTS	   32 /* two AES-128 keys: data, tweak */
#define SEV_P384   48 /* one coordinate or scalar, big-endian */

/* Initialises libgcrypt (minimum version checked, secure memory off). Idempotent. */
void sev_crypto_init(void);

/* --- random ---------------------------------------------------------------------------------- */

/*
 * A generator: seeded ones give the same bytes for the same seed and label, forever (AES-128 in
 * counter mode under SHA-256(label | 0 | seed)); unseeded ones draw from the operating system.
 */
struct sev_rng;
struct sev_rng *sev_rng_new(
	const void *seed, size_t seed_size, const char *label); /* seed NULL: OS */
void sev_rng_free(struct sev_rng *rng);
void sev_rng_bytes(struct sev_rng *rng, void *out, size_t size);

/* Bytes that a seeded generator has given so far; 0 for the operating system's. */
uint64_t sev_rng_position(const struct sev_rng *rng);
/*
 * Makes a seeded generator go on from there, forwards or back. Returns 0, or -1 if the generator is
 * the operating system's, which can only be at 0.
 */
int sev_rng_seek(struct sev_rng *rng, uint64_t position);

/* --- hashes ---------------------------------------------------------------------------------- */

struct sev_part {
	const void *data;
	size_t size;
};

/* One-shot over the concatenation of parts. */
void sev_sha256(const struct sev_part *parts, size_t count, uint8_t out[SEV_SHA256]);
void sev_sha384(const struct sev_part *parts, size_t count, uint8_t out[SEV_SHA384]);
void sev_hmac_sha256(const void *key, size_t key_size, const struct sev_part *parts, size_t count,
	uint8_t out[SEV_SHA256]);

/* Running SHA-256 (the launch digest). Reading does not end it. */
struct sev_sha256_ctx;
struct sev_sha256_ctx *sev_sha256_new(void);
void sev_sha256_free(struct sev_sha256_ctx *ctx);
void sev_sha256_update(struct sev_sha256_ctx *ctx, const void *data, size_t size);
void sev_sha256_read(const struct sev_sha256_ctx *ctx, uint8_t out[SEV_SHA256]);

/*
 * Its state as bytes, the same in every version and on every machine, all little-endian: 8 words of
 * 4 bytes, the number of bytes hashed (8 bytes), those of them that do not fill a block yet and
 * zeros up to 64 bytes.
 */
#define SEV_SHA256_STATE 104
void sev_sha256_export(const struct sev_sha256_ctx *ctx, uint8_t state[SEV_SHA256_STATE]);
/*
 * Returns a hash that goes on from there, or NULL if no hash is ever in such a state: more bytes
 * than SHA-256 allows, something after the pending bytes, or other than the first words before the
 * first block.
 */
struct sev_sha256_ctx *sev_sha256_import(const uint8_t state[SEV_SHA256_STATE]);

/* Same time whatever differs. */
bool sev_equal(const void *a, const void *b, size_t size);

/* Overwrites in a way that the compiler keeps. */
void sev_wipe(void *data, size_t size);

/* --- ciphers --------------------------------------------------------------------------------- */

/* AES-128-CTR, the 16-byte iv being one big-endian counter. in may equal out. */
void sev_aes128_ctr(const uint8_t key[SEV_AES128], const uint8_t iv[16], const void *in, void *out,
	size_t size);

/* AES-128-XTS with one data unit per page: tweak = page number (memory/). size: multiple of 16. */
struct sev_xts;
struct sev_xts *sev_xts_new(const uint8_t key[SEV_XTS]);
void sev_xts_free(struct sev_xts *xts);
void sev_xts_encrypt(struct sev_xts *xts, uint64_t unit, void *data, size_t size); /* in place */
void sev_xts_decrypt(struct sev_xts *xts, uint64_t unit, void *data, size_t size); /* in place */

/* --- key derivation (spec/psp.md 9.2: SP 800-108 counter mode, little-endian counter and length)
 */

void sev_kdf(const void *key, size_t key_size, const char *label, const void *context,
	size_t context_size, unsigned bits, void *out);

/* --- P-384 ----------------------------------------------------------------------------------- */

struct sev_p384_public {
	uint8_t x[SEV_P384], y[SEV_P384];
};

struct sev_p384_key {
	uint8_t d[SEV_P384];
	struct sev_p384_public pub;
};

struct sev_p384_signature {
	uint8_t r[SEV_P384], s[SEV_P384];
};

/* A fresh key; every random bit comes from rng. */
void sev_p384_generate(struct sev_rng *rng, struct sev_p384_key *key);
/* Fills key from the scalar d (1 <= d < n). Returns 0, or -1 if d is out of range. */
int sev_p384_from_scalar(const uint8_t d[SEV_P384], struct sev_p384_key *key);
bool sev_p384_on_curve(const struct sev_p384_public *pub);
/* z = X coordinate of d * peer, fixed width. Returns 0, or -1 if peer is not on the curve. */
int sev_p384_ecdh(
	const struct sev_p384_key *own, const struct sev_p384_public *peer, uint8_t z[SEV_P384]);
/* ECDSA over a digest of 32 or 48 bytes. Deterministic nonce (RFC 6979), so runs can be replayed.
 */
void sev_p384_sign(const struct sev_p384_key *key, const void *digest, size_t digest_size,
	struct sev_p384_signature *signature);
bool sev_p384_verify(const struct sev_p384_public *pub, const void *digest, size_t digest_size,
	const struct sev_p384_signature *signature);

/* --- RSA-PSS (AMD's root and intermediate certificates) --------------------------------------- */

/*
 * Verifies RSASSA-PSS (MGF1 with the same hash, salt length = hash length; spec/psp.md 8.1).
 * modulus, exponent, signature: big-endian; hash_size 32 or 48 selects SHA-256 or SHA-384.
 */
bool sev_rsa_pss_verify(const void *modulus, size_t modulus_size, const void *exponent,
	size_t exponent_size, const void *digest, size_t hash_size, const void *signature,
	size_t signature_size);

#define SEV_RSA_EXPONENT 65537

/* A key pair with this exponent, given by its two primes: big-endian, `size` bytes each. */
struct sev_rsa_primes {
	const void *p, *q;
	size_t size;
};

/* Writes 2 * size bytes. */
void sev_rsa_modulus(const struct sev_rsa_primes *key, void *modulus);
/*
 * The counterpart of sev_rsa_pss_verify. The salt comes from rng and is the only random input.
 * signature: 2 * size bytes, big-endian.
 */
void sev_rsa_pss_sign(const struct sev_rsa_primes *key, const void *digest, size_t hash_size,
	struct sev_rng *rng, void *signature);

#ifdef __cplusplus
}
#endif
#endif
