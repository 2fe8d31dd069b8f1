/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates gathered from files: told apart, the doubles settled, links and verdict. Every
 * signature with one bit wrong: tests/cli/chain.sh.
 */
#include "tests/unit/unit.h"

#include "iodev/psp/cert_set.h"
#include "iodev/psp/root.h"

/* A platform with all of its certificates, in the order of a full chain. */
static struct {
	struct psp_cert pdh, pek, oca, cek;
	struct psp_root_certs root;
} six;
static struct psp_cert bare_cek; /* as a chip exports it */

static void make_cert(struct psp_cert *cert, uint32_t usage, struct sev_p384_key *key)
{
	struct sev_rng *rng = sev_rng_new(&usage, sizeof(usage), "test");

	sev_p384_generate(rng, key);
	sev_rng_free(rng);
	psp_cert_make(cert, usage, 1, 55, &key->pub);
}

static int setup(void **state)
{
	struct sev_p384_key pdh, pek, oca, cek;

	(void)state;
	sev_crypto_init();
	make_cert(&six.pdh, PSP_USAGE_PDH, &pdh);
	make_cert(&six.pek, PSP_USAGE_PEK, &pek);
	make_cert(&six.oca, PSP_USAGE_OCA, &oca);
	make_cert(&six.cek, PSP_USAGE_CEK, &cek);
	psp_cert_sign(&six.pdh, 0, PSP_USAGE_PEK, &pek);
	psp_cert_sign(&six.pek, 0, PSP_USAGE_OCA, &oca);
	psp_cert_sign(&six.pek, 1, PSP_USAGE_CEK, &cek);
	psp_cert_sign(&six.oca, 0, PSP_USAGE_OCA, &oca);
	bare_cek = six.cek;
	psp_root_sign_cek(&six.cek);
	six.root = *psp_root();
	return 0;
}

static void add(struct psp_cert_set *set, const char *name, const void *data, size_t size)
{
	struct sev_error err = { "" };

	if (psp_cert_set_add(set, name, data, size, &err) != 0)
		fail_msg("%s", err.text);
}

static void refuse(struct psp_cert_set *set, const void *data, size_t size, const char *text)
{
	struct sev_error err = { "" };

	assert_int_equal(psp_cert_set_add(set, "file", data, size, &err), -1);
	assert_string_equal(err.text, text);
}

/* The states of all links as a word: V, B, U(nsigned), N(o signer), - (absent). */
static const char *links_of(const struct psp_cert_set *set)
{
	static char word[PSP_LINKS + 1];
	struct psp_link links[PSP_LINKS];

	psp_cert_set_verify(set, links);
	for (size_t i = 0; i < PSP_LINKS; i++)
		word[i] = "-VBUN"[links[i].state];
	return word;
}

static void verdict(const struct psp_cert_set *set, const char *text)
{
	struct psp_link links[PSP_LINKS];
	struct sev_error err = { "" };
	int result;

	psp_cert_set_verify(set, links);
	result = psp_cert_set_judge(set, links, &err);
	assert_string_equal(err.text, text);
	assert_int_equal(result, *text ? -1 : 0);
}

static void test_all(void **state)
{
	struct psp_cert_set set = { 0 };

	(void)state;
	add(&set, "six", &six, sizeof(six));
	assert_string_equal(links_of(&set), "VVVVVVV");
	verdict(&set, "");
	assert_int_equal(psp_cert_set_root(&set), PSP_ROOT_OURS);
	assert_int_equal(set.member[PSP_KIND_CEK].offset, 3 * sizeof(struct psp_cert));
	assert_int_equal(set.member[PSP_KIND_ARK].offset, 4 * sizeof(struct psp_cert) + 0x640);
	for (enum psp_cert_kind kind = 0; kind < PSP_KINDS; kind++)
		assert_string_equal(set.member[kind].problem.text, "");
}

static void test_base64(void **state)
{
	struct psp_cert_set set = { 0 };
	char *text = sev_base64(&six.pdh, 2 * sizeof(six.pdh));
	struct sev_error err;

	(void)state;
	add(&set, "text", text, strlen(text));
	assert_int_equal(set.member[PSP_KIND_PEK].offset, sizeof(six.pdh));
	assert_string_equal(links_of(&set), "VN-N---");
	assert_int_equal(psp_cert_set_add(&set, "text", text, strlen(text) - 1, &err), -1);
	assert_string_equal(err.text, "text: offset 0x0: not legal base64");
	free(text);
}

static void test_doubles(void **state)
{
	struct psp_cert_set set = { 0 };
	struct psp_cert other = six.cek;

	(void)state;
	add(&set, "first", &six, sizeof(six));
	add(&set, "again", &six, sizeof(six));
	assert_string_equal(set.member[PSP_KIND_PDH].file, "first");
	add(&set, "bare", &bare_cek, sizeof(bare_cek));
	assert_string_equal(set.member[PSP_KIND_CEK].file, "first");
	assert_string_equal(set.member[PSP_KIND_CEK].unsigned_file, "bare");
	verdict(&set, "");

	/* Signed, but otherwise: which of the two counts is not ours to say. */
	other.sig[0].bytes[0] ^= 1;
	refuse(&set, &other, sizeof(other),
		"file: offset 0x0: another CEK than that of first, offset 0x186c, legal: one of a "
		"kind");
	/* Unsigned, but for another key. */
	other = bare_cek;
	other.api_minor ^= 1;
	refuse(&set, &other, sizeof(other),
		"file: offset 0x0: another CEK than that of first, offset 0x186c, legal: one of a "
		"kind");
	six.root.ark[0x28] ^= 1;
	refuse(&set, six.root.ark, sizeof(six.root.ark),
		"file: offset 0x0: another ARK than that of first, offset 0x26d0, legal: one of a "
		"kind");
	six.root.ark[0x28] ^= 1;
}

static void test_signed_copy_comes_later(void **state)
{
	struct psp_cert_set set = { 0 };

	(void)state;
	add(&set, "bare", &bare_cek, sizeof(bare_cek));
	add(&set, "root", &six.root, sizeof(six.root));
	assert_string_equal(links_of(&set), "----UVV");
	verdict(&set, "CEK <- ASK: CEK certificate: carries no signature of the ASK, as chips "
		      "export it: the maker publishes a signed copy under the chip's id");
	add(&set, "signed", &six.cek, sizeof(six.cek));
	assert_string_equal(set.member[PSP_KIND_CEK].file, "signed");
	assert_string_equal(set.member[PSP_KIND_CEK].unsigned_file, "bare");
	verdict(&set, "");
}

/* As the ARK of EPYC 7001 is published. */
static void test_ark_without_signature(void **state)
{
	struct psp_cert_set set = { 0 };
	struct psp_amd_key ark;
	uint8_t file[sizeof(six.root)];
	size_t body;

	(void)state;
	psp_root_keys(NULL, &ark);
	body = ark.size - ark.signature_size;
	memcpy(file, six.root.ark, body);
	memcpy(file + body, six.root.ask, sizeof(six.root.ask));
	add(&set, "alone", file, body);
	assert_string_equal(links_of(&set), "------U");
	verdict(&set, "no signature could be verified: its signer is missing");
	memset(&set, 0, sizeof(set));
	add(&set, "both", file, body + sizeof(six.root.ask));
	assert_int_equal(set.member[PSP_KIND_ARK].size, body);
	assert_int_equal(set.member[PSP_KIND_ASK].offset, body);
	assert_string_equal(links_of(&set), "-----VU");
	verdict(&set, "");
	assert_int_equal(psp_cert_set_root(&set), PSP_ROOT_OURS);
	/* An ASK must be signed. */
	memset(&set, 0, sizeof(set));
	refuse(&set, six.root.ask, body,
		"file: offset 0x0: ASK certificate: 1088 bytes, 1600 are needed");
}

static void test_garbage(void **state)
{
	static const char no_certificate[] =
		"file: offset 0x824: no certificate, but %zu bytes, legal: version 1 with usage "
		"1001h to 1004h (OCA, PEK, PDH, CEK), 0013h (ASK) or 0000h (ARK)";
	struct psp_cert two[2] = { six.pdh, six.pek };
	char text[200];

	(void)state;
	for (size_t cut = 1; cut < sizeof(two[1]); cut += cut < 0x42 ? 1 : 331) {
		struct psp_cert_set set = { 0 };

		if (cut < sizeof(struct psp_amd_cert))
			snprintf(text, sizeof(text), no_certificate, cut);
		else
			snprintf(text, sizeof(text),
				"file: offset 0x824: PEK certificate: %zu bytes, 2084 are needed",
				cut);
		refuse(&set, two, sizeof(two[0]) + cut, text);
	}
	for (uint32_t usage = 0; usage < 0x2000; usage++) {
		struct psp_cert_set set = { 0 };
		bool known =
			usage == PSP_USAGE_OCA || usage == PSP_USAGE_PEK || usage == PSP_USAGE_CEK;

		two[1].pubkey_usage = usage;
		if (usage == PSP_USAGE_PDH)
			continue; /* the second one */
		assert_int_equal(
			psp_cert_set_add(&set, "file", two, sizeof(two), NULL), known ? 0 : -1);
	}
	two[1] = six.pek;
	two[1].version = 2;
	snprintf(text, sizeof(text), no_certificate, sizeof(two[1]));
	refuse(&(struct psp_cert_set) { 0 }, two, sizeof(two), text);
	refuse(&(struct psp_cert_set) { 0 }, "", 0,
		"file: offset 0x0: no certificate, but 0 bytes, legal: version 1 with usage 1001h "
		"to 1004h (OCA, PEK, PDH, CEK), 0013h (ASK) or 0000h (ARK)");
}

/* Known by its usage, but not well formed: told, and no link with it holds. */
static void test_malformed(void **state)
{
	struct psp_cert_set set = { 0 };
	struct psp_cert bad = six.pek;
	uint8_t sha256[SEV_SHA256];

	(void)state;
	bad.pubkey.qx[0] ^= 1;
	add(&set, "bad", &bad, sizeof(bad));
	assert_string_equal(set.member[PSP_KIND_PEK].problem.text,
		"PEK certificate: the public key is not a point of P-384");
	assert_false(psp_set_fingerprint(&set, PSP_KIND_PEK, sha256));
	assert_string_equal(links_of(&set), "-N-N---");
	verdict(&set, "PEK certificate: the public key is not a point of P-384");
	add(&set, "pdh", &six.pdh, sizeof(six.pdh));
	add(&set, "rest", &six.oca, sizeof(six) - offsetof(typeof(six), oca));
	assert_string_equal(links_of(&set), "BBVBVVV");
	verdict(&set, "PDH <- PEK: PEK certificate: the public key is not a point of P-384");
}

/* Every subset of the six: verified if the certificates hang together, and nothing else. */
static void test_subsets(void **state)
{
	static const struct {
		size_t at, size;
	} parts[PSP_KINDS] = {
		{ offsetof(typeof(six), pdh), sizeof(struct psp_cert) },
		{ offsetof(typeof(six), pek), sizeof(struct psp_cert) },
		{ offsetof(typeof(six), oca), sizeof(struct psp_cert) },
		{ offsetof(typeof(six), cek), sizeof(struct psp_cert) },
		{ offsetof(typeof(six), root.ask), PSP_ROOT_CERT_SIZE },
		{ offsetof(typeof(six), root.ark), PSP_ROOT_CERT_SIZE },
	};
	enum { P = 1, K = 2, O = 4, C = 8, S = 16, R = 32 };
	static const unsigned whole[] = { O, R, P | K, K | O, P | K | O, K | C, P | K | C,
		K | O | C, P | K | O | C, C | S, K | C | S, P | K | C | S, K | O | C | S,
		P | K | O | C | S, S | R, C | S | R, K | C | S | R, P | K | C | S | R,
		K | O | C | S | R, P | K | O | C | S | R };
	unsigned found = 0;

	(void)state;
	for (unsigned subset = 1; subset < 1u << PSP_KINDS; subset++) {
		struct psp_cert_set set = { 0 };
		struct psp_link links[PSP_LINKS];
		bool expected = false;

		for (unsigned i = 0; i < PSP_KINDS; i++)
			if (subset & 1u << i)
				add(&set, "part", (uint8_t *)&six + parts[i].at, parts[i].size);
		for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
			expected |= whole[i] == subset;
		psp_cert_set_verify(&set, links);
		assert_int_equal(psp_cert_set_judge(&set, links, NULL), expected ? 0 : -1);
		found += expected;
	}
	assert_int_equal(found, sizeof(whole) / sizeof(whole[0]));
	verdict(&(struct psp_cert_set) { 0 }, "there is no certificate");
}

static void test_roots(void **state)
{
	static const struct {
		char id[17];
		enum psp_root_kind kind;
	} ids[] = {
		{ "EMULATED-NOT-AMD", PSP_ROOT_EMULATED }, /* with another key */
		{ "EMULATED-BY-SOME", PSP_ROOT_EMULATED },
		{ "emulated-not-amd", PSP_ROOT_UNKNOWN },
		{ "\x94\xc3\x8e\x41\x77\xd0\x47\x92\x92\xa7\xae\x67\x1d\x08\x3f\xb6",
			PSP_ROOT_AMD_KEY_ID },
		{ "\x94\xc3\x8e\x41\x77\xd0\x47\x92\x92\xa7\xae\x67\x1d\x08\x3f\xb7",
			PSP_ROOT_UNKNOWN },
	};
	uint8_t ark[PSP_ROOT_CERT_SIZE];

	(void)state;
	assert_int_equal(psp_cert_set_root(&(struct psp_cert_set) { 0 }), PSP_ROOT_NONE);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct psp_cert_set set = { 0 };

		memcpy(ark, six.root.ark, sizeof(ark));
		memcpy(ark + 4, ids[i].id, 16);
		ark[sizeof(ark) - 700] ^= 1; /* of the modulus */
		add(&set, "ark", ark, sizeof(ark));
		assert_int_equal(psp_cert_set_root(&set), ids[i].kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_signed_copy_comes_later),
		cmocka_unit_test(test_ark_without_signature),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_subsets),
		cmocka_unit_test(test_roots),
	};

	return cmocka_run_group_tests_name("certificate sets", tests, setup, NULL);
}
