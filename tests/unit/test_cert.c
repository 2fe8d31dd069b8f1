/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates and chains. AMD's RSA certificates are verified by tests/cli/psp-vectors.sh. */
#include "tests/unit/unit.h"

#include "iodev/psp/cert.h"

static struct sev_p384_key oca, pek, pdh, cek;
static struct psp_cert pdh_cert;
static struct psp_cert_chain chain;

static int setup(void **state)
{
	struct sev_rng *rng;

	(void)state;
	sev_crypto_init();
	rng = sev_rng_new("cert", 4, "test");
	sev_p384_generate(rng, &oca);
	sev_p384_generate(rng, &pek);
	sev_p384_generate(rng, &pdh);
	sev_p384_generate(rng, &cek);
	sev_rng_free(rng);
	psp_cert_make(&chain.oca, PSP_USAGE_OCA, 1, 55, &oca.pub);
	psp_cert_sign(&chain.oca, 0, PSP_USAGE_OCA, &oca);
	psp_cert_make(&chain.cek, PSP_USAGE_CEK, 0, 14, &cek.pub);
	psp_cert_make(&chain.pek, PSP_USAGE_PEK, 1, 55, &pek.pub);
	psp_cert_sign(&chain.pek, 0, PSP_USAGE_OCA, &oca);
	psp_cert_sign(&chain.pek, 1, PSP_USAGE_CEK, &cek);
	psp_cert_make(&pdh_cert, PSP_USAGE_PDH, 1, 55, &pdh.pub);
	psp_cert_sign(&pdh_cert, 0, PSP_USAGE_PEK, &pek);
	return 0;
}

static void test_layout(void **state)
{
	const uint8_t *bytes = (const uint8_t *)&chain.pek;
	char x[97], big_endian[97];
	uint8_t reversed[48];

	(void)state;
	assert_bytes(bytes, 20,
		"01000000013700000210000002000000"
		"02000000"); /* version, API, usage, algorithm, curve */
	for (unsigned i = 0; i < 48; i++)
		reversed[i] = bytes[0x14 + 47 - i];
	sev_hex(reversed, 48, x);
	sev_hex(pek.pub.x, 48, big_endian);
	assert_string_equal(x, big_endian);
	assert_bytes(bytes + 0x14 + 48, 24, "000000000000000000000000000000000000000000000000");
	assert_bytes(bytes + 0x414, 8, "0110000002000000"); /* OCA, ECDSA */
	assert_bytes(bytes + 0x61c, 8, "0410000002000000"); /* CEK, ECDSA */
	assert_bytes((const uint8_t *)&pdh_cert + 0x08, 8, "0310000003000000");
	assert_bytes((const uint8_t *)&pdh_cert + 0x61c, 8, "0010000000000000"); /* empty */
}

static void test_check(void **state)
{
	struct sev_p384_public pub;
	struct sev_error err;
	struct psp_cert bad;

	(void)state;
	assert_int_equal(psp_cert_check(&chain.oca, PSP_USAGE_OCA, &pub, &err), 0);
	assert_memory_equal(&pub, &oca.pub, sizeof(pub));
	assert_int_equal(psp_cert_check(&chain.oca, PSP_USAGE_OCA, NULL, NULL), 0);
	assert_int_equal(psp_cert_check(&chain.oca, PSP_USAGE_PEK, NULL, &err), -1);
	assert_string_equal(err.text, "PEK certificate: usage 1001h, legal is 1002h");
	bad = chain.oca;
	bad.pubkey_algo = PSP_ALGO_ECDH_SHA256;
	assert_int_equal(psp_cert_check(&bad, PSP_USAGE_OCA, NULL, &err), -1);
	assert_string_equal(
		err.text, "OCA certificate: algorithm 003h, legal are 002h and 102h (ECDSA)");
	bad.pubkey_algo = PSP_ALGO_ECDSA_SHA384;
	assert_int_equal(psp_cert_check(&bad, PSP_USAGE_OCA, NULL, &err), 0);
	bad.version = 0;
	assert_int_equal(psp_cert_check(&bad, PSP_USAGE_OCA, NULL, &err), -1);
	assert_string_equal(err.text, "OCA certificate: version 0, legal is 1");
	memset(&bad.pubkey, 0xff, sizeof(bad.pubkey));
	bad.version = 1;
	bad.pubkey.curve = PSP_CURVE_P384;
	assert_int_equal(psp_cert_check(&bad, PSP_USAGE_OCA, NULL, &err), -1);
	assert_string_equal(err.text, "OCA certificate: the public key is not a point of P-384");
}

static void test_verify(void **state)
{
	struct psp_cert swapped = chain.pek, none = chain.pek;
	struct sev_error err;

	(void)state;
	assert_int_equal(psp_cert_verify(&chain.pek, &chain.oca, NULL), 0);
	assert_int_equal(psp_cert_verify(&chain.pek, &chain.cek, NULL), 0);
	swapped.sig[0] = chain.pek.sig[1];
	swapped.sig[1] = chain.pek.sig[0];
	assert_int_equal(psp_cert_verify(&swapped, &chain.oca, NULL), 0);
	assert_int_equal(psp_cert_verify(&swapped, &chain.cek, NULL), 0);
	assert_int_equal(psp_cert_verify(&chain.pek, &pdh_cert, &err), -1);
	assert_string_equal(err.text, "PEK certificate: carries no signature of the PDH");
	none.sig[0].algo = PSP_ALGO_RSA_SHA256;
	assert_int_equal(psp_cert_verify(&none, &chain.oca, &err), -1);
	assert_string_equal(err.text, "PEK certificate: the signature of the OCA does not verify");
	none = chain.pek;
	none.sig[0].ecdsa.r[71] = 1;
	assert_int_equal(psp_cert_verify(&none, &chain.oca, &err), -1);
}

/* Every signed byte, and every byte of the signature's numbers. */
static void test_every_byte(void **state)
{
	uint8_t *bytes = (uint8_t *)&pdh_cert;

	(void)state;
	for (size_t i = 0; i < 0x424; i += i < 0x14 || i >= 0x410 ? 1 : 37) {
		bytes[i] ^= 0x20;
		if (psp_cert_verify(&pdh_cert, &chain.pek, NULL) == 0)
			fail_msg("byte %zx does not matter", i);
		bytes[i] ^= 0x20;
	}
	assert_int_equal(psp_cert_verify(&pdh_cert, &chain.pek, NULL), 0);
}

static void refuse_chain(
	const struct psp_cert *leaf, const struct psp_cert_chain *with, const char *text)
{
	struct sev_error err;

	assert_int_equal(psp_chain_verify(leaf, with, NULL, NULL, &err), -1);
	assert_string_equal(err.text, text);
}

static void test_chain(void **state)
{
	struct psp_cert_chain bad = chain;
	struct psp_cert leaf = pdh_cert;

	(void)state;
	assert_int_equal(psp_chain_verify(&pdh_cert, &chain, NULL, NULL, NULL), 0);
	leaf.api_minor ^= 1;
	refuse_chain(&leaf, &chain, "PDH certificate: the signature of the PEK does not verify");
	refuse_chain(&chain.pek, &chain, "PDH certificate: usage 1002h, legal is 1003h");
	bad.pek.sig[0] = chain.oca.sig[1];
	refuse_chain(&pdh_cert, &bad, "PEK certificate: carries no signature of the OCA");
	bad = chain;
	bad.pek.sig[1].bytes[5] ^= 1;
	refuse_chain(&pdh_cert, &bad, "PEK certificate: the signature of the CEK does not verify");
	bad = chain;
	bad.oca.sig[0].bytes[5] ^= 1;
	refuse_chain(&pdh_cert, &bad, "OCA certificate: the signature of the OCA does not verify");
	bad = chain;
	psp_cert_make(&bad.cek, PSP_USAGE_CEK, 0, 14, &oca.pub); /* another chip's */
	refuse_chain(&pdh_cert, &bad, "PEK certificate: the signature of the CEK does not verify");
}

static void test_report(void **state)
{
	struct psp_attestation_report report = { .mnonce = "nonce", .policy = 3 };
	struct sev_error err;

	(void)state;
	psp_report_sign(&report, &pek);
	assert_bytes(&report.sig_usage, 12, "021000000200000000000000");
	assert_int_equal(psp_report_verify(&report, &chain.pek, NULL), 0);
	assert_int_equal(psp_report_verify(&report, &chain.oca, &err), -1);
	assert_string_equal(err.text, "PEK certificate: usage 1001h, legal is 1002h");
	report.sig_algo = PSP_ALGO_ECDSA_SHA384;
	assert_int_equal(psp_report_verify(&report, &chain.pek, &err), -1);
	assert_string_equal(err.text, "attestation report: signed by usage 1002h with algorithm "
				      "102h, legal are 1002h (PEK) and 002h (ECDSA)");
	report.sig_algo = PSP_ALGO_ECDSA_SHA256;
	report.launch_digest[31] ^= 1;
	assert_int_equal(psp_report_verify(&report, &chain.pek, &err), -1);
	assert_string_equal(
		err.text, "attestation report: the signature of the PEK does not verify");
}

/* --- ARK and ASK --------------------------------------------------------------------------- */

static struct psp_amd_cert amd_header(uint32_t usage, uint32_t exponent, uint32_t modulus)
{
	return (struct psp_amd_cert) {
		.version = 1,
		.key_usage = usage,
		.exponent_bits = exponent,
		.modulus_bits = modulus,
	};
}

static int parse(struct psp_amd_cert header, size_t size, bool unsigned_ok, struct psp_amd_key *key,
	char text[512])
{
	static uint8_t bytes[PSP_AMD_CERT_MAX];
	struct sev_error err = { "" };
	int ret;

	memcpy(bytes, &header, sizeof(header));
	ret = psp_amd_cert_parse(bytes, size, unsigned_ok, key, &err);
	memcpy(text, err.text, sizeof(err.text));
	return ret;
}

static void test_amd_parse(void **state)
{
	struct psp_amd_cert small = amd_header(PSP_USAGE_ASK, 2048, 2048);
	struct psp_amd_key key;
	char text[512];

	(void)state;
	assert_int_equal(parse(small, 0x340, false, &key, text), 0);
	assert_int_equal(key.size, 0x340);
	assert_int_equal(key.modulus - (const uint8_t *)key.cert, 0x140);
	assert_int_equal(key.signature - (const uint8_t *)key.cert, 0x240);
	assert_int_equal(parse(small, 0x640, false, &key, text), 0); /* another one follows */
	assert_int_equal(key.size, 0x340);
	assert_int_equal(parse(small, 0x33f, false, &key, text), -1);
	assert_string_equal(text, "ASK certificate: 831 bytes, 832 are needed");
	assert_int_equal(parse(small, 0x240, false, &key, text), -1);
	assert_int_equal(parse(small, 0x240, true, &key, text), 0);
	assert_int_equal(key.signature_size, 0);
	assert_int_equal(parse(small, 0x23f, true, &key, text), -1);
	assert_int_equal(parse(small, 0x3f, false, &key, text), -1);
	assert_string_equal(text, "AMD certificate: 63 bytes, the header alone has 64");
	assert_int_equal(parse(amd_header(PSP_USAGE_ARK, 24, 4096), 0x640, false, &key, text), 0);
	assert_int_equal(key.size, 0x40 + 3 + 1024);
}

static void refuse_amd(struct psp_amd_cert header, const char *want)
{
	struct psp_amd_key key;
	char text[512];

	assert_int_equal(parse(header, PSP_AMD_CERT_MAX, false, &key, text), -1);
	assert_string_equal(text, want);
}

static void test_amd_refused(void **state)
{
	struct psp_amd_cert header = amd_header(PSP_USAGE_ARK, 2048, 2048);

	(void)state;
	header.version = 7;
	refuse_amd(header, "ARK certificate: version 7, legal is 1");
	refuse_amd(amd_header(PSP_USAGE_PEK, 2048, 2048),
		"AMD certificate: usage 1002h, legal are 0000h (ARK) and 0013h (ASK)");
	refuse_amd(amd_header(PSP_USAGE_ARK, 2048, 3072),
		"ARK certificate: modulus of 3072 bits, legal are 2048 and 4096");
	refuse_amd(amd_header(PSP_USAGE_ASK, 4096, 2048),
		"ASK certificate: exponent of 4096 bits in a key of 2048");
	refuse_amd(amd_header(PSP_USAGE_ASK, 0, 2048),
		"ASK certificate: exponent of 0 bits in a key of 2048");
	refuse_amd(amd_header(PSP_USAGE_ASK, 17, 2048),
		"ASK certificate: exponent of 17 bits in a key of 2048");
	refuse_amd(amd_header(PSP_USAGE_ASK, 0xfffffff8, 4096),
		"ASK certificate: exponent of 4294967288 bits in a key of 4096");
}

static void test_amd_product(void **state)
{
	static const uint8_t own[16] = { 0 };
	uint8_t milan[16];

	(void)state;
	bytes_of("94c38e4177d0479292a7ae671d083fb6", milan);
	assert_string_equal(psp_amd_product(milan), "Milan");
	assert_null(psp_amd_product(own));
	assert_string_equal(psp_usage_name(0x13), "ASK");
	assert_string_equal(psp_usage_name(0x14), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_amd_parse),
		cmocka_unit_test(test_amd_refused),
		cmocka_unit_test(test_amd_product),
	};

	return cmocka_run_group_tests_name("cert", tests, setup, NULL);
}
