/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Published known answers; where none exists, answers made with another library. */
#include "crypto/crypto.h"
#include "tests/unit/unit.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static int setup(void **state)
{
	(void)state;
	sev_crypto_init();
	sev_crypto_init();
	return 0;
}

/* FIPS 180-4 examples: "abc", here in two parts. */
static void test_hashes(void **state)
{
	struct sev_part parts[] = { { "a", 1 }, { "", 0 }, { "bc", 2 } };
	uint8_t out[SEV_SHA384];

	(void)state;
	sev_sha256(parts, 3, out);
	assert_bytes(out, SEV_SHA256,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sev_sha384(parts, 3, out);
	assert_bytes(out, SEV_SHA384,
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		"8086072ba1e7cc2358baeca134c825a7");
	sev_sha256(NULL, 0, out);
	assert_bytes(out, SEV_SHA256,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_running_hash(void **state)
{
	struct sev_sha256_ctx *ctx = sev_sha256_new();
	uint8_t out[SEV_SHA256];

	(void)state;
	sev_sha256_update(ctx, "ab", 2);
	sev_sha256_read(ctx, out);
	assert_bytes(out, SEV_SHA256,
		"fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603");
	sev_sha256_update(ctx, "c", 1);
	sev_sha256_read(ctx, out);
	assert_bytes(out, SEV_SHA256,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sev_sha256_free(ctx);
}

/* However it is cut, and in the middle of every block: export, import, go on. */
static void test_running_hash_moves(void **state)
{
	uint8_t data[200], saved[SEV_SHA256_STATE], again[SEV_SHA256_STATE];
	uint8_t whole[SEV_SHA256], out[SEV_SHA256];
	const struct sev_part part = { data, sizeof(data) };

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 11 + 3);
	sev_sha256(&part, 1, whole);
	for (size_t cut = 0; cut <= sizeof(data); cut++) {
		struct sev_sha256_ctx *ctx = sev_sha256_new(), *moved;
		const struct sev_part head = { data, cut };

		sev_sha256_update(ctx, data, cut);
		sev_sha256_export(ctx, saved);
		sev_sha256_free(ctx);
		moved = sev_sha256_import(saved);
		assert_non_null(moved);
		sev_sha256_export(moved, again);
		assert_memory_equal(again, saved, sizeof(saved));
		sev_sha256(&head, 1, out);
		sev_sha256_read(moved, again);
		assert_memory_equal(again, out, sizeof(out));
		sev_sha256_update(moved, data + cut, sizeof(data) - cut);
		sev_sha256_read(moved, out);
		assert_memory_equal(out, whole, sizeof(out));
		sev_sha256_free(moved);
	}
}

/* The layout is ours, so it is written down: FIPS 180-4's initial words, count, pending bytes. */
static void test_running_hash_state(void **state)
{
	static const char words[] = "67e6096a85ae67bb72f36e3c3af54fa5"
				    "7f520e518c68059babd9831f19cde05b";
	struct sev_sha256_ctx *ctx = sev_sha256_new();
	uint8_t saved[SEV_SHA256_STATE], zeros[61] = { 0 };

	(void)state;
	sev_sha256_update(ctx, "abc", 3);
	sev_sha256_export(ctx, saved);
	sev_sha256_free(ctx);
	assert_bytes(saved, 32, words);
	assert_bytes(saved + 32, 11, "0300000000000000616263");
	assert_memory_equal(saved + 43, zeros, sizeof(zeros));
}

static void test_running_hash_refuses(void **state)
{
	struct sev_sha256_ctx *ctx = sev_sha256_new();
	uint8_t good[SEV_SHA256_STATE], bad[SEV_SHA256_STATE];

	(void)state;
	sev_sha256_update(ctx, "abc", 3);
	sev_sha256_export(ctx, good);
	sev_sha256_free(ctx);
	for (size_t at = 0; at < sizeof(bad); at++) {
		memcpy(bad, good, sizeof(bad));
		bad[at] ^= 0x40;
		if (at == 32 || (at > 32 && at < 39) || (at >= 40 && at < 43))
			continue; /* another count of whole blocks, other bytes: also states */
		assert_null(sev_sha256_import(bad));
	}
	memcpy(bad, good, sizeof(bad));
	bad[39] = 0x20; /* 2^61 bytes are 2^64 bits */
	assert_null(sev_sha256_import(bad));
	bad[39] = 0x1f;
	ctx = sev_sha256_import(bad);
	assert_non_null(ctx);
	sev_sha256_free(ctx);
}

/* RFC 4231, test cases 2 and 6. */
static void test_hmac(void **state)
{
	struct sev_part two[] = { { "what do ya want ", 16 }, { "for nothing?", 12 } };
	const char *text = "Test Using Larger Than Block-Size Key - Hash Key First";
	struct sev_part six = { text, strlen(text) };
	uint8_t out[SEV_SHA256], key[131];

	(void)state;
	sev_hmac_sha256("Jefe", 4, two, 2, out);
	assert_bytes(out, SEV_SHA256,
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	sev_hmac_sha256(key, sizeof(key), &six, 1, out);
	assert_bytes(out, SEV_SHA256,
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* NIST SP 800-38A, F.5.1 and F.5.2. */
static void test_ctr(void **state)
{
	static const char cipher[] =
		"874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
		"5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee";
	static const char plain[] =
		"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
		"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
	uint8_t key[16], iv[16], data[64], out[64];

	(void)state;
	bytes_of("2b7e151628aed2a6abf7158809cf4f3c", key);
	bytes_of("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", iv);
	bytes_of(plain, data);
	sev_aes128_ctr(key, iv, data, out, 64);
	assert_bytes(out, 64, cipher);
	sev_aes128_ctr(key, iv, out, out, 64);
	assert_bytes(out, 64, plain);
	sev_aes128_ctr(key, iv, data, out, 5);
	assert_bytes(out, 5, "874d6191b6");
}

/* The counter is all 128 bits: block 2 of IV ff..ff is the first block of IV 0. */
static void test_ctr_wraps(void **state)
{
	uint8_t key[16] = { 1 }, iv[16], zero[32] = { 0 }, a[32], b[32];

	(void)state;
	memset(iv, 0xff, sizeof(iv));
	sev_aes128_ctr(key, iv, zero, a, 32);
	memset(iv, 0, sizeof(iv));
	sev_aes128_ctr(key, iv, zero, b, 32);
	assert_memory_equal(a + 16, b, 16);
	assert_memory_not_equal(a, b, 16);
}

/* IEEE 1619-2007, annex B, vectors 1 to 3: keys, data unit, plaintext byte, ciphertext. */
static const struct {
	const char *key;
	uint64_t unit;
	uint8_t plain;
	const char *cipher;
} xts_vectors[] = {
	{ "0000000000000000000000000000000000000000000000000000000000000000", 0, 0,
		"917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e" },
	{ "1111111111111111111111111111111122222222222222222222222222222222", 0x3333333333, 0x44,
		"c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0" },
	{ "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f022222222222222222222222222222222", 0x3333333333, 0x44,
		"af85336b597afc1a900b2eb21ec949d292df4c047e0b21532186a5971a227a89" },
};

static void test_xts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(xts_vectors); i++) {
		uint8_t key[SEV_XTS], data[32], plain[32];
		struct sev_xts *xts;

		bytes_of(xts_vectors[i].key, key);
		memset(data, xts_vectors[i].plain, 32);
		memset(plain, xts_vectors[i].plain, 32);
		xts = sev_xts_new(key);
		sev_xts_encrypt(xts, xts_vectors[i].unit, data, 32);
		assert_bytes(data, 32, xts_vectors[i].cipher);
		sev_xts_decrypt(xts, xts_vectors[i].unit, data, 32);
		assert_memory_equal(data, plain, 32);
		sev_xts_free(xts);
	}
}

static void test_xts_page(void **state)
{
	uint8_t key[SEV_XTS] = { 1, 2, 3 }, page[4096], copy[4096], moved[4096];
	struct sev_xts *xts = sev_xts_new(key);

	(void)state;
	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(i * 7);
	memcpy(copy, page, sizeof(page));
	memcpy(moved, page, sizeof(page));
	sev_xts_encrypt(xts, 5, page, sizeof(page));
	sev_xts_encrypt(xts, 6, moved, sizeof(page));
	assert_memory_not_equal(page, copy, 16);
	assert_memory_not_equal(page, moved, 16); /* the address is in the tweak */
	sev_xts_decrypt(xts, 5, page, sizeof(page));
	assert_memory_equal(page, copy, sizeof(page));
	sev_xts_free(xts);
}

/* Published in virtee/sev: Z = 16 zero bytes, NONCE = 0; and a multi-block derivation. */
static void test_kdf(void **state)
{
	uint8_t z[16] = { 0 }, nonce[16] = { 0 }, out[64], key[32], context[7];

	(void)state;
	sev_kdf(z, 16, "sev-master-secret", nonce, 16, 128, out);
	assert_bytes(out, 16, "ab4d269fcc62bedb4511d56c386ce706");

	/* Made with Python's hmac module from SP 800-108, counter and length little-endian. */
	bytes_of("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", key);
	bytes_of("a0a1a2a3a4a5a6", context);
	sev_kdf(key, 32, "label", context, 7, 384, out);
	assert_bytes(out, 48,
		"5c7b2ec5735c18012bd79357548bd8e0a64194fb97853de9e2eeacaea947c40e734f697692e62e85a8"
		"128df28b726fcc");
}

/* --- random -------------------------------------------------------------------------------- */

static void test_rng_seeded(void **state)
{
	struct sev_rng *a = sev_rng_new("seed", 4, "label"), *b = sev_rng_new("seed", 4, "label");
	struct sev_rng *c = sev_rng_new("seed", 4, "other"), *d = sev_rng_new("sead", 4, "label");
	uint8_t x[40], y[40], z[40];

	(void)state;
	sev_rng_bytes(a, x, 40);
	sev_rng_bytes(b, y, 7); /* how it is cut does not matter */
	sev_rng_bytes(b, y + 7, 0);
	sev_rng_bytes(b, y + 7, 33);
	assert_memory_equal(x, y, 40);
	/* openssl enc -aes-128-ctr with the two halves of SHA-256("label" 00 "seed"), on zeros */
	assert_bytes(x, 16, "21c7f567f53ef5e91db9a85264d0c21a");
	sev_rng_bytes(c, z, 40);
	assert_memory_not_equal(x, z, 40);
	sev_rng_bytes(d, z, 40);
	assert_memory_not_equal(x, z, 40);
	sev_rng_free(a);
	sev_rng_free(b);
	sev_rng_free(c);
	sev_rng_free(d);
}

static void test_rng_seek(void **state)
{
	struct sev_rng *a = sev_rng_new("seed", 4, "label"), *b = sev_rng_new("seed", 4, "label");
	struct sev_rng *os = sev_rng_new(NULL, 0, "label");
	uint8_t all[600], x[40];

	(void)state;
	sev_rng_bytes(a, all, sizeof(all));
	assert_int_equal(sev_rng_position(a), sizeof(all));
	for (size_t at = 0; at + sizeof(x) <= sizeof(all); at += 7) {
		assert_int_equal(sev_rng_seek(b, at), 0);
		assert_int_equal(sev_rng_position(b), at);
		sev_rng_bytes(b, x, 3);
		sev_rng_bytes(b, x + 3, sizeof(x) - 3);
		assert_memory_equal(x, all + at, sizeof(x));
	}
	assert_int_equal(sev_rng_seek(a, 0), 0);
	sev_rng_bytes(a, x, sizeof(x));
	assert_memory_equal(x, all, sizeof(x));

	sev_rng_bytes(os, x, sizeof(x));
	assert_int_equal(sev_rng_position(os), 0);
	assert_int_equal(sev_rng_seek(os, 0), 0);
	assert_int_equal(sev_rng_seek(os, 1), -1);
	sev_rng_free(a);
	sev_rng_free(b);
	sev_rng_free(os);
}

/* The counter block is one 128-bit number, also where its low half overflows. */
static void test_rng_seek_far(void **state)
{
	const uint64_t far[] = { UINT64_C(1) << 36, UINT64_MAX / 2, UINT64_MAX - 100 };
	struct sev_rng *a = sev_rng_new("seed", 4, "label"), *b = sev_rng_new("seed", 4, "label");
	uint8_t x[64], y[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(far); i++) {
		assert_int_equal(sev_rng_seek(a, far[i] - 64), 0);
		sev_rng_bytes(a, x, 64);
		sev_rng_bytes(a, x, 64);
		assert_int_equal(sev_rng_seek(b, far[i]), 0);
		sev_rng_bytes(b, y, 64);
		assert_memory_equal(x, y, 64);
	}
	sev_rng_free(a);
	sev_rng_free(b);
}

static void test_rng_system(void **state)
{
	struct sev_rng *a = sev_rng_new(NULL, 0, "label"), *b = sev_rng_new(NULL, 0, "label");
	uint8_t x[16], y[16];

	(void)state;
	sev_rng_bytes(a, x, 16);
	sev_rng_bytes(b, y, 16);
	assert_memory_not_equal(x, y, 16);
	sev_rng_bytes(a, y, 16);
	assert_memory_not_equal(x, y, 16);
	sev_rng_free(a);
	sev_rng_free(b);
}

static void test_generate(void **state)
{
	struct sev_rng *rng = sev_rng_new("x", 1, "key"), *again = sev_rng_new("x", 1, "key");
	struct sev_p384_key a, b;

	(void)state;
	sev_p384_generate(rng, &a);
	sev_p384_generate(again, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(sev_p384_on_curve(&a.pub));
	sev_p384_generate(rng, &b);
	assert_memory_not_equal(&a, &b, sizeof(a));
	sev_rng_free(rng);
	sev_rng_free(again);
}

static void test_equal(void **state)
{
	uint8_t secret[4] = { 1, 2, 3, 4 };

	(void)state;
	assert_true(sev_equal("abcd", "abcd", 4));
	assert_false(sev_equal("abcd", "abce", 4));
	assert_false(sev_equal("abcd", "bbcd", 4));
	assert_true(sev_equal("a", "b", 0));
	sev_wipe(secret, 4);
	assert_bytes(secret, 4, "00000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_running_hash),
		cmocka_unit_test(test_running_hash_moves),
		cmocka_unit_test(test_running_hash_state),
		cmocka_unit_test(test_running_hash_refuses),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_ctr),
		cmocka_unit_test(test_ctr_wraps),
		cmocka_unit_test(test_xts),
		cmocka_unit_test(test_xts_page),
		cmocka_unit_test(test_kdf),
		cmocka_unit_test(test_rng_seeded),
		cmocka_unit_test(test_rng_seek),
		cmocka_unit_test(test_rng_seek_far),
		cmocka_unit_test(test_rng_system),
		cmocka_unit_test(test_generate),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests_name("crypto", tests, setup, NULL);
}
