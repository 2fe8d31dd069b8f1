/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/psp/root.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#define BITS  4096
#define PRIME (BITS / 16) /* bytes */
#define SIZE  (BITS / 8)

/*
 * Public knowledge, both private keys: each prime is the next one from where a generator seeded
 * with a readable label starts. tests/unit/test_psp_root.c finds them again, so nothing is hidden
 * in them. They protect nothing; they only make the chain of an emulated chip as long as AMD's.
 */
static const struct {
	const char *p, *q;
} ark_primes = {
	.p = "e88ec66e0e392d45fa4c08cc19cfa72778dc32e24b97f5e0c7bb8b9738971564"
		  "3c975e8078c035c634c74238b59fb4b8dd63625ed2e7ef5d95944bdb5493c490"
		  "cf5528b6912a06c8dadc30233b41495431fa6f37845d1209a19e4a74c23fa5f8"
		  "e55db476a6cbc8dfd30f7fea6172280bcc7b731e34004a43db35360577250c53"
		  "a05d5bee679336a018741b8ae4230fe372c0ee469fc60e7e881ad52651e7f7e0"
		  "ff03122b0d6c59334ccbdb92409dcea0f7d94825b4f7981c20fb871536bfd301"
		  "118779906bfb214a0fc2c69d9b22486e30511ad99b94e4b52eff6fa914699942"
		  "881d3379e2f15d1c6f7da3839809eb8bc1b84a5ca9f6e126ad81df2bfc202705",
	.q = "f4bffd62821df2c59488fbea8b8be1fea0233c340d9c145e93aecce367120a05"
		  "0a4948dbabe249c49a14259d38779138a674f633597dc91e3f7003ab6835159b"
		  "bfc69ff3f1a1c96440ac98b391297d59cda9020642cd35b63c6f34a554a83a1d"
		  "d992f89f498f2847043191df05265a3f63351aa7daf378e7a8f53c20a13a6c88"
		  "a307eb10d1b8a0cf94e1ca795ec5bb84487b47ef59d330b6c6cda0d696de63d5"
		  "4d6c27b9416505541948b4325e58a260bfa905aac50e9538d3cc8f63a582f359"
		  "875dc6123f8266c76eb47242b86cde93be70e36a2d31e1d560679ef7a2c6352d"
		  "5304f906584047d3eadb44ac5d30865455340bb78f633837cb0f57f78e1d651f",
}, ask_primes = {
	.p = "cd06221e811d6d7c2496ca0bb88947cc3729d6af84113fecaf9bf96d42990285"
		  "3cce8a126abca9643390b1c80c64a3227dfa62849a4f39d7f01bfb13f9274171"
		  "4370e0be9bbb477f59f4869479acca36c29569ee8e61f1ccb60fd44ebecb459b"
		  "8580a73e46c6b48e3f016d226122e1e0501fa7115955f087019395a21409ad81"
		  "1f283d080e2f7c7a56ee9cbed2fe9ac7adc21cf1f9dc28d6e53150b9fe5ff9e1"
		  "13d0191acf11417b3a1b47ca6bbc64fde20e19849f785a826fa261691c141773"
		  "e03445659b30fa6e08e526ea49f9cc7f96a3b35e155f365de141510138d151a0"
		  "297f5c59552b1f8ac9888ac0ec93586eb8e82d9418655d059e366b193c01525d",
	.q = "c4df30b2ceef3475737d986f7d8fbab82af17b9ae4fa98038045908277ccbdc6"
		  "c09ff88a6b34b37ba1b6dfccfd410d90b02996272a2d15e7fcf985eec71d3890"
		  "d211b061a1ecca81fa74ba98faae1fd5c39f3be5397ce9175231c6b63ab2907d"
		  "d549f2fac967f1ac908083c8b5e8c04c2b4d9508e2d9dfa1ade1dab95906a7e7"
		  "ef97a62d239946870cd3ac35be64d3865012b261102d41e0ab0b190d6027ea40"
		  "96a7498439a8ea831d0fa5007512270cabcdb8f89e8e2796605ae2405380998c"
		  "1714747177807856ca0d2430c3b02ec2c7e09e0e5abb278c272243872a8ec66b"
		  "fce6d50a5aa4ec6702c28aab69bdb44d0015fe08cb4fcd4a4122bb6c7f4867f1",
};

struct root_key {
	uint8_t p[PRIME], q[PRIME];
};

static void load_key(const char *p, const char *q, struct root_key *key)
{
	if (sev_unhex(p, key->p, PRIME) != 0 || sev_unhex(q, key->q, PRIME) != 0)
		assert(!"a prime of 2048 bits in hexadecimal");
}

static struct sev_rsa_primes primes(const struct root_key *key)
{
	return (struct sev_rsa_primes) { key->p, key->q, PRIME };
}

static void reverse(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size / 2; i++) {
		uint8_t byte = bytes[i];

		bytes[i] = bytes[size - 1 - i];
		bytes[size - 1 - i] = byte;
	}
}

/* Little-endian signature over data. The same data always gets the same signature. */
static void sign(const struct root_key *key, const void *data, size_t size, uint8_t out[SIZE])
{
	const struct sev_rsa_primes pair = primes(key);
	const struct sev_part part = { data, size };
	uint8_t digest[SEV_SHA384];
	struct sev_rng *rng;

	sev_sha384(&part, 1, digest);
	rng = sev_rng_new(digest, sizeof(digest), "emulated root: salt");
	sev_rsa_pss_sign(&pair, digest, sizeof(digest), rng, out);
	sev_rng_free(rng);
	reverse(out, SIZE);
}

/* A certificate as it lies in AMD's files: the exponent has as many bits as the modulus. */
struct root_cert {
	struct psp_amd_cert head;
	uint8_t exponent[SIZE], modulus[SIZE], signature[SIZE];
};

static_assert(sizeof(struct root_cert) == PSP_ROOT_CERT_SIZE, "RSA-4096");
static_assert(sizeof(PSP_ROOT_ARK_ID) == 17 && sizeof(PSP_ROOT_ASK_ID) == 17, "key identifiers");

static void make(uint32_t usage, const char *id, const struct root_key *key,
	const struct root_key *ark, uint8_t out[PSP_ROOT_CERT_SIZE])
{
	const struct sev_rsa_primes pair = primes(key);
	struct root_cert cert = { .head = {
					  .version = 1,
					  .key_usage = usage,
					  .exponent_bits = BITS,
					  .modulus_bits = BITS,
				  } };

	memcpy(cert.head.key_id, id, 16);
	memcpy(cert.head.certifying_id, PSP_ROOT_ARK_ID, 16);
	sev_put32(cert.exponent, SEV_RSA_EXPONENT);
	sev_rsa_modulus(&pair, cert.modulus);
	reverse(cert.modulus, SIZE);
	sign(ark, &cert, offsetof(struct root_cert, signature), cert.signature);
	memcpy(out, &cert, sizeof(cert));
}

static struct psp_root_certs certs;
static struct root_key ark_key, ask_key;

static void make_root(void)
{
	load_key(ark_primes.p, ark_primes.q, &ark_key);
	load_key(ask_primes.p, ask_primes.q, &ask_key);
	make(PSP_USAGE_ARK, PSP_ROOT_ARK_ID, &ark_key, &ark_key, certs.ark);
	make(PSP_USAGE_ASK, PSP_ROOT_ASK_ID, &ask_key, &ark_key, certs.ask);
}

const struct psp_root_certs *psp_root(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_root);
	return &certs;
}

void psp_root_keys(struct psp_amd_key *ask, struct psp_amd_key *ark)
{
	const struct psp_root_certs *root = psp_root();

	if ((ask && psp_amd_cert_parse(root->ask, sizeof(root->ask), false, ask, NULL) != 0) ||
		(ark && psp_amd_cert_parse(root->ark, sizeof(root->ark), false, ark, NULL) != 0))
		assert(!"well formed");
}

/* Exponents may have leading zeros. */
static bool same_number(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	while (a_size > 0 && a[a_size - 1] == 0)
		a_size--;
	while (b_size > 0 && b[b_size - 1] == 0)
		b_size--;
	return a_size == b_size && memcmp(a, b, a_size) == 0;
}

bool psp_root_is(const struct psp_amd_key *key)
{
	struct psp_amd_key ark;

	psp_root_keys(NULL, &ark);
	return key->cert->key_usage == PSP_USAGE_ARK &&
	       memcmp(key->cert->key_id, ark.cert->key_id, sizeof(ark.cert->key_id)) == 0 &&
	       same_number(key->exponent, key->exponent_size, ark.exponent, ark.exponent_size) &&
	       same_number(key->modulus, key->modulus_size, ark.modulus, ark.modulus_size);
}

void psp_root_sign_cek(struct psp_cert *cek)
{
	struct psp_cert_signature *slot = &cek->sig[0];

	psp_root();
	slot->usage = PSP_USAGE_ASK;
	slot->algo = PSP_ALGO_RSA_SHA384;
	sign(&ask_key, cek, PSP_CERT_SIGNED, slot->bytes);
}
