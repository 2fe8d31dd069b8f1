/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What else than a wrong signature keeps an ASK, an ARK or a CEK from being verified: certificates
 * of our own making, every one of them properly signed.
 */
#include "tests/unit/unit.h"

#include <gcrypt.h>

#include "iodev/psp/cert.h"

#define EXPONENT 3u /* bytes of 65537 */

struct key {
	uint8_t p[256], q[256];
	size_t size; /* of a prime */
};

static struct key key2048, key4096;

/* From a number of a seeded generator on, so that every run has the same keys. */
static void make_prime(unsigned bits, const char *name, uint8_t *out)
{
	struct sev_rng *rng = sev_rng_new("test", 4, name);
	gcry_mpi_t prime;
	size_t n;

	sev_rng_bytes(rng, out, bits / 8);
	sev_rng_free(rng);
	out[0] |= 0xc0;
	out[bits / 8 - 1] |= 1;
	assert_int_equal(gcry_mpi_scan(&prime, GCRYMPI_FMT_USG, out, bits / 8, NULL), 0);
	while (gcry_prime_check(prime, 0) != 0)
		gcry_mpi_add_ui(prime, prime, 2);
	assert_int_equal(gcry_mpi_print(GCRYMPI_FMT_USG, out, bits / 8, &n, prime), 0);
	assert_int_equal(n, bits / 8);
	gcry_mpi_release(prime);
}

static void make_key(unsigned bits, struct key *key)
{
	key->size = bits / 16;
	make_prime(bits / 2, "p", key->p);
	make_prime(bits / 2, "q", key->q);
}

static int setup(void **state)
{
	(void)state;
	sev_crypto_init();
	make_key(2048, &key2048);
	make_key(4096, &key4096);
	return 0;
}

static void reverse(const uint8_t *from, size_t size, uint8_t *to)
{
	for (size_t i = 0; i < size; i++)
		to[i] = from[size - 1 - i];
}

static struct sev_rsa_primes primes(const struct key *key)
{
	return (struct sev_rsa_primes) { key->p, key->q, key->size };
}

/* Little-endian signature with the hash that goes with the key's size. */
static void sign(const struct key *key, const void *data, size_t size, uint8_t *out)
{
	const struct sev_rsa_primes pair = primes(key);
	const struct sev_part part = { data, size };
	struct sev_rng *rng = sev_rng_new("test", 4, "salt");
	uint8_t digest[SEV_SHA384], signature[512];
	size_t hash = key->size == 256 ? SEV_SHA384 : SEV_SHA256;

	if (hash == SEV_SHA384)
		sev_sha384(&part, 1, digest);
	else
		sev_sha256(&part, 1, digest);
	sev_rsa_pss_sign(&pair, digest, hash, rng, signature);
	reverse(signature, 2 * key->size, out);
	sev_rng_free(rng);
}

struct made {
	uint8_t *bytes; /* of exactly the size, so that a sanitizer sees who reads on */
	struct psp_amd_key key;
};

static struct made make(const struct key *own, const struct key *signer, uint32_t usage,
	const char id[16], const char by[16])
{
	const struct sev_rsa_primes pair = primes(own);
	size_t n = 2 * own->size, body = sizeof(struct psp_amd_cert) + EXPONENT + n;
	struct psp_amd_cert head = { .version = 1, .key_usage = usage };
	uint8_t modulus[512], *at;
	struct made made;

	memcpy(head.key_id, id, 16);
	memcpy(head.certifying_id, by, 16);
	head.exponent_bits = 8 * EXPONENT;
	head.modulus_bits = (uint32_t)(8 * n);
	made.bytes = at = calloc(1, body + n);
	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), "\x01\x00\x01", EXPONENT);
	sev_rsa_modulus(&pair, modulus);
	reverse(modulus, n, at + sizeof(head) + EXPONENT);
	/* The field has the size of the certificate's own key: a longer signature has no room. */
	if (signer->size <= own->size)
		sign(signer, at, body, at + body);
	assert_int_equal(psp_amd_cert_parse(at, body + n, false, &made.key, NULL), 0);
	return made;
}

#define ASK_ID "an ASK of a test"
#define ARK_ID "an ARK of a test"

static void expect_refused(const struct made *cert, const struct made *signer, const char *reason)
{
	struct sev_error err;

	assert_int_equal(psp_amd_cert_verify(&cert->key, &signer->key, &err), -1);
	assert_non_null(strstr(err.text, reason));
}

static void test_pair(const struct key *key)
{
	struct made ark = make(key, key, PSP_USAGE_ARK, ARK_ID, ARK_ID);
	struct made ask = make(key, key, PSP_USAGE_ASK, ASK_ID, ARK_ID);
	struct made stray = make(key, key, PSP_USAGE_ASK, ASK_ID, "another ARK, not");
	struct made posing = make(key, key, PSP_USAGE_ASK, ARK_ID, ARK_ID);

	assert_int_equal(psp_amd_cert_verify(&ark.key, &ark.key, NULL), 0);
	assert_int_equal(psp_amd_cert_verify(&ask.key, &ark.key, NULL), 0);
	expect_refused(&stray, &ark, "names another signer");
	expect_refused(&ask, &posing, "the signer's usage is 0013h");
	free(ark.bytes);
	free(ask.bytes);
	free(stray.bytes);
	free(posing.bytes);
}

static void test_2048(void **state)
{
	(void)state;
	test_pair(&key2048);
}

static void test_4096(void **state)
{
	(void)state;
	test_pair(&key4096);
}

/* A key of one size cannot have signed a certificate whose signature has another. */
static void test_sizes_mixed(void **state)
{
	struct made big = make(&key4096, &key4096, PSP_USAGE_ARK, ARK_ID, ARK_ID);
	struct made small = make(&key2048, &key2048, PSP_USAGE_ARK, ARK_ID, ARK_ID);
	struct made small_ask = make(&key2048, &key4096, PSP_USAGE_ASK, ASK_ID, ARK_ID);
	struct made big_ask = make(&key4096, &key2048, PSP_USAGE_ASK, ASK_ID, ARK_ID);

	(void)state;
	expect_refused(&small_ask, &big, "does not verify");
	expect_refused(&big_ask, &small, "does not verify");
	free(big.bytes);
	free(small.bytes);
	free(small_ask.bytes);
	free(big_ask.bytes);
}

/* An ARK signs ASKs, not chips. */
static void test_cek_under_ark(void **state)
{
	struct made ark = make(&key4096, &key4096, PSP_USAGE_ARK, ARK_ID, ARK_ID);
	struct made ask = make(&key4096, &key4096, PSP_USAGE_ASK, ASK_ID, ARK_ID);
	struct sev_rng *rng = sev_rng_new("test", 4, "CEK");
	struct sev_p384_key key;
	struct psp_cert cek;
	struct sev_error err;

	(void)state;
	sev_p384_generate(rng, &key);
	sev_rng_free(rng);
	psp_cert_make(&cek, PSP_USAGE_CEK, 1, 55, &key.pub);
	cek.sig[0].usage = PSP_USAGE_ASK;
	cek.sig[0].algo = PSP_ALGO_RSA_SHA384;
	sign(&key4096, &cek, PSP_CERT_SIGNED, cek.sig[0].bytes);
	assert_int_equal(psp_cert_verify_rsa(&cek, &ask.key, &err), 0);
	assert_int_equal(psp_cert_verify_rsa(&cek, &ark.key, &err), -1);
	assert_non_null(strstr(err.text, "not ASK"));
	free(ark.bytes);
	free(ask.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_2048),
		cmocka_unit_test(test_4096),
		cmocka_unit_test(test_sizes_mixed),
		cmocka_unit_test(test_cek_under_ark),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
