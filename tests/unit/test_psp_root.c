/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The emulator's ARK and ASK: whose they are, how they were made, what they sign. */
#include "tests/unit/unit.h"

#include <gcrypt.h>

#include "crypto/crypto.h"
#include "iodev/psp/root.h"

static int setup(void **state)
{
	(void)state;
	sev_crypto_init();
	return 0;
}

/* --- where the keys come from -------------------------------------------------------------- */

#define LABEL "bochs-sev emulated root, not AMD"

static bool suits(gcry_mpi_t candidate, gcry_mpi_t exponent)
{
	gcry_mpi_t less = gcry_mpi_new(0), divisor = gcry_mpi_new(0);
	bool ok;

	gcry_mpi_sub_ui(less, candidate, 1);
	ok = gcry_prime_check(candidate, 0) == 0 && gcry_mpi_gcd(divisor, less, exponent);
	gcry_mpi_release(less);
	gcry_mpi_release(divisor);
	return ok;
}

/* The first prime from a number of 2048 bits on that the label gives; both top bits are set. */
static gcry_mpi_t derive_prime(const char *name)
{
	struct sev_rng *rng = sev_rng_new(LABEL, strlen(LABEL), name);
	gcry_mpi_t exponent = gcry_mpi_set_ui(NULL, SEV_RSA_EXPONENT), candidate;
	uint8_t start[256];

	sev_rng_bytes(rng, start, sizeof(start));
	sev_rng_free(rng);
	start[0] |= 0xc0;
	start[255] |= 1;
	assert_int_equal(gcry_mpi_scan(&candidate, GCRYMPI_FMT_USG, start, sizeof(start), NULL), 0);
	while (!suits(candidate, exponent))
		gcry_mpi_add_ui(candidate, candidate, 2);
	gcry_mpi_release(exponent);
	return candidate;
}

static void check_key(const struct psp_amd_key *key, const char *p_name, const char *q_name)
{
	gcry_mpi_t p = derive_prime(p_name), q = derive_prime(q_name);
	uint8_t modulus[512];

	gcry_mpi_mul(p, p, q);
	assert_int_equal(gcry_mpi_get_nbits(p), 4096);
	assert_int_equal(gcry_mpi_print(GCRYMPI_FMT_USG, modulus, sizeof(modulus), NULL, p), 0);
	assert_int_equal(key->modulus_size, sizeof(modulus));
	for (size_t i = 0; i < sizeof(modulus); i++)
		assert_int_equal(key->modulus[i], modulus[sizeof(modulus) - 1 - i]);
	gcry_mpi_release(q);
	gcry_mpi_release(p);
}

/* A modulus has one pair of factors: the private keys are those of the label too. */
static void test_derivation(void **state)
{
	struct psp_amd_key ask, ark;

	(void)state;
	psp_root_keys(&ask, &ark);
	check_key(&ark, "ARK p", "ARK q");
	check_key(&ask, "ASK p", "ASK q");
}

/* --- certificates -------------------------------------------------------------------------- */

static void test_not_amd(void **state)
{
	struct psp_amd_key ask, ark;

	(void)state;
	psp_root_keys(&ask, &ark);
	assert_memory_equal(ark.cert->key_id, "EMULATED-NOT-AMD", 16);
	assert_memory_equal(ask.cert->key_id, "EMULATED-NOT-ASK", 16);
	assert_memory_equal(ark.cert->certifying_id, "EMULATED-NOT-AMD", 16);
	assert_memory_equal(ask.cert->certifying_id, "EMULATED-NOT-AMD", 16);
	assert_null(psp_amd_product(ark.cert->key_id));
	assert_null(psp_amd_product(ask.cert->key_id));
}

static void test_certificates(void **state)
{
	struct psp_amd_key ask, ark;
	struct sev_error err = { "" };

	(void)state;
	psp_root_keys(&ask, &ark);
	assert_int_equal(ask.size, 0x640);
	assert_int_equal(ark.size, 0x640);
	assert_int_equal(ask.cert->key_usage, PSP_USAGE_ASK);
	assert_int_equal(ark.cert->key_usage, PSP_USAGE_ARK);
	if (psp_amd_cert_verify(&ark, &ark, &err) != 0 ||
		psp_amd_cert_verify(&ask, &ark, &err) != 0)
		fail_msg("%s", err.text);
	assert_ptr_equal(psp_root(), psp_root());
}

/* Whoever pinned them must find them again in every build, signatures included. */
static void test_same_bytes_for_ever(void **state)
{
	const struct sev_part part = { psp_root(), sizeof(struct psp_root_certs) };
	uint8_t digest[SEV_SHA256];

	(void)state;
	sev_sha256(&part, 1, digest);
	assert_bytes(digest, sizeof(digest), "3cc1ecae840f431d598006f9fb287f35e8998fbed2763775b3cb79dd09ec4477");
}

static bool is_root_with(size_t at, uint8_t change)
{
	struct psp_root_certs copy = *psp_root();
	struct psp_amd_key ark;

	copy.ark[at] ^= change;
	assert_int_equal(psp_amd_cert_parse(copy.ark, sizeof(copy.ark), false, &ark, NULL), 0);
	return psp_root_is(&ark);
}

static void test_recognised(void **state)
{
	struct psp_amd_key ask, ark;

	(void)state;
	psp_root_keys(&ask, &ark);
	assert_true(psp_root_is(&ark));
	assert_false(psp_root_is(&ask));
	assert_true(is_root_with(0x63f, 1));	 /* the signature is somebody else's matter */
	assert_false(is_root_with(0x04, 1));	 /* KEY_ID */
	assert_false(is_root_with(0x24, 0x13));	 /* an ASK */
	assert_false(is_root_with(0x41, 1));	 /* exponent */
	assert_false(is_root_with(0x23f, 1));	 /* top of the exponent */
	assert_false(is_root_with(0x240, 2));	 /* modulus */
	assert_false(is_root_with(0x43f, 0x40)); /* top of the modulus */
}

/* --- what they sign ------------------------------------------------------------------------ */

static struct psp_cert cek_of(const char *seed)
{
	struct sev_rng *rng = sev_rng_new(seed, strlen(seed), "CEK");
	struct sev_p384_key key;
	struct psp_cert cek;

	sev_p384_generate(rng, &key);
	sev_rng_free(rng);
	psp_cert_make(&cek, PSP_USAGE_CEK, 1, 55, &key.pub);
	return cek;
}

static void test_cek(void **state)
{
	struct psp_cert cek = cek_of("one"), again = cek, other = cek_of("two");
	struct psp_amd_key ask, ark;

	(void)state;
	psp_root_keys(&ask, &ark);
	assert_int_equal(psp_cert_verify_rsa(&cek, &ask, NULL), -1);
	psp_root_sign_cek(&cek);
	psp_root_sign_cek(&again);
	assert_memory_equal(&cek, &again, sizeof(cek));
	assert_int_equal(cek.sig[0].usage, PSP_USAGE_ASK);
	assert_int_equal(cek.sig[0].algo, PSP_ALGO_RSA_SHA384);
	assert_int_equal(cek.sig[1].usage, PSP_USAGE_NONE);
	assert_int_equal(psp_cert_verify_rsa(&cek, &ask, NULL), 0);
	other.sig[0] = cek.sig[0];
	assert_int_equal(psp_cert_verify_rsa(&other, &ask, NULL), -1);
	cek.sig[0].bytes[100] ^= 1;
	assert_int_equal(psp_cert_verify_rsa(&cek, &ask, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_derivation),
		cmocka_unit_test(test_not_amd),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_same_bytes_for_ever),
		cmocka_unit_test(test_recognised),
		cmocka_unit_test(test_cek),
	};

	return cmocka_run_group_tests_name("psp root", tests, setup, NULL);
}
