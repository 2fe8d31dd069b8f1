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

/* --- P-384: RFC 6979, A.2.6 ---------------------------------------------------------------- */

static const char rfc_d[] = "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
			    "96d5724e4c70a825f872c9ea60d2edf5";
static const char rfc_x[] = "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
			    "def8f0ea9055866064a254515480bc13";
static const char rfc_y[] = "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
			    "288b231c3ae0d4fe7344fd2533264720";

static const struct {
	const char *message;
	size_t hash;
	const char *r, *s;
} rfc_signatures[] = {
	{ "sample", SEV_SHA256,
		"21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33"
		"bde1e888e63355d92fa2b3c36d8fb2cd",
		"f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feeb"
		"efdc63eccd1ac42ec0cb8668a4fa0ab0" },
	{ "sample", SEV_SHA384,
		"94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
		"81a648152e44acf96e36dd1e80fabe46",
		"99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
		"a329c145786e679e7b82c71a38628ac8" },
};

static struct sev_p384_key rfc_key(void)
{
	struct sev_p384_key key;
	uint8_t d[SEV_P384];

	bytes_of(rfc_d, d);
	assert_int_equal(sev_p384_from_scalar(d, &key), 0);
	return key;
}

static void hash_text(const char *text, size_t size, uint8_t *out)
{
	struct sev_part part = { text, strlen(text) };

	if (size == SEV_SHA256)
		sev_sha256(&part, 1, out);
	else
		sev_sha384(&part, 1, out);
}

static void test_scalar(void **state)
{
	static const char order[] = "ffffffffffffffffffffffffffffffffffffffffffffffff"
				    "c7634d81f4372ddf581a0db248b0a77aecec196accc52973";
	struct sev_p384_key key = rfc_key();
	uint8_t d[SEV_P384];

	(void)state;
	assert_bytes(key.pub.x, SEV_P384, rfc_x);
	assert_bytes(key.pub.y, SEV_P384, rfc_y);
	memset(d, 0, sizeof(d));
	assert_int_equal(sev_p384_from_scalar(d, &key), -1);
	bytes_of(order, d);
	assert_int_equal(sev_p384_from_scalar(d, &key), -1);
	d[SEV_P384 - 1]--;
	assert_int_equal(sev_p384_from_scalar(d, &key), 0);
	assert_true(sev_p384_on_curve(&key.pub));
}

static void test_sign(void **state)
{
	struct sev_p384_key key = rfc_key();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rfc_signatures); i++) {
		struct sev_p384_signature signature;
		uint8_t digest[SEV_SHA384];

		hash_text(rfc_signatures[i].message, rfc_signatures[i].hash, digest);
		sev_p384_sign(&key, digest, rfc_signatures[i].hash, &signature);
		assert_bytes(signature.r, SEV_P384, rfc_signatures[i].r);
		assert_bytes(signature.s, SEV_P384, rfc_signatures[i].s);
		assert_true(sev_p384_verify(&key.pub, digest, rfc_signatures[i].hash, &signature));
	}
}

static void test_verify_refused(void **state)
{
	struct sev_p384_key key = rfc_key(), other;
	struct sev_p384_signature good, bad;
	uint8_t digest[SEV_SHA256], d[SEV_P384] = { 0 };

	(void)state;
	d[SEV_P384 - 1] = 2;
	assert_int_equal(sev_p384_from_scalar(d, &other), 0);
	hash_text("sample", SEV_SHA256, digest);
	sev_p384_sign(&key, digest, SEV_SHA256, &good);
	assert_false(sev_p384_verify(&other.pub, digest, SEV_SHA256, &good));
	bad = good;
	bad.r[20] ^= 1;
	assert_false(sev_p384_verify(&key.pub, digest, SEV_SHA256, &bad));
	bad = good;
	bad.s[47] ^= 1;
	assert_false(sev_p384_verify(&key.pub, digest, SEV_SHA256, &bad));
	memset(&bad, 0, sizeof(bad));
	assert_false(sev_p384_verify(&key.pub, digest, SEV_SHA256, &bad));
	memset(&bad, 0xff, sizeof(bad));
	assert_false(sev_p384_verify(&key.pub, digest, SEV_SHA256, &bad));
	digest[0] ^= 1;
	assert_false(sev_p384_verify(&key.pub, digest, SEV_SHA256, &good));
	digest[0] ^= 1;
	key.pub.y[0] ^= 1; /* off the curve */
	assert_false(sev_p384_verify(&key.pub, digest, SEV_SHA256, &good));
}

static void test_on_curve(void **state)
{
	static const char field[] =
		"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
		"ffffffff0000000000000000ffffffff";
	struct sev_p384_key key = rfc_key();
	struct sev_p384_public pub = key.pub;

	(void)state;
	assert_true(sev_p384_on_curve(&pub));
	pub.x[47] ^= 1;
	assert_false(sev_p384_on_curve(&pub));
	memset(&pub, 0, sizeof(pub));
	assert_false(sev_p384_on_curve(&pub));
	/* X = 0 is a coordinate; p, which is congruent to it, is not. */
	bytes_of("c306610fb0ae5a159cf45c06069f22a6c5eb3641c602d42dea2c4b4f75550793"
		 "406d80d2b91ad54f9048bd487af1ade1",
		pub.y);
	assert_true(sev_p384_on_curve(&pub));
	bytes_of(field, pub.x);
	assert_false(sev_p384_on_curve(&pub));
	memset(&pub, 0xff, sizeof(pub));
	assert_false(sev_p384_on_curve(&pub));
}

/* NIST CAVS 14.1, ECC CDH primitive, P-384, count 0. */
static void test_ecdh(void **state)
{
	struct sev_p384_public peer;
	struct sev_p384_key own;
	uint8_t d[SEV_P384], z[SEV_P384];

	(void)state;
	bytes_of("a7c76b970c3b5fe8b05d2838ae04ab47697b9eaf52e764592efda27fe7513272"
		 "734466b400091adbf2d68c58e0c50066",
		peer.x);
	bytes_of("ac68f19f2e1cb879aed43a9969b91a0839c4c38a49749b661efedf243451915e"
		 "d0905a32b060992b468c64766fc8437a",
		peer.y);
	bytes_of("3cc3122a68f0d95027ad38c067916ba0eb8c38894d22e1b15618b6818a661774"
		 "ad463b205da88cf699ab4d43c9cf98a1",
		d);
	assert_int_equal(sev_p384_from_scalar(d, &own), 0);
	assert_int_equal(sev_p384_ecdh(&own, &peer, z), 0);
	assert_bytes(z, SEV_P384,
		"5f9d29dc5e31a163060356213669c8ce132e22f57c9a04f40ba7fcead493b457"
		"e5621e766c40a2e3d4d6a04b25e533f1");
	peer.y[0] ^= 1;
	assert_int_equal(sev_p384_ecdh(&own, &peer, z), -1);
}

/* One shared X coordinate in 256 starts with a zero byte: it must be kept. */
static void test_ecdh_leading_zero(void **state)
{
	struct sev_p384_key one, key;
	uint8_t d[SEV_P384] = { 0 }, z[SEV_P384];
	bool seen = false;

	(void)state;
	d[SEV_P384 - 1] = 1;
	assert_int_equal(sev_p384_from_scalar(d, &one), 0);
	for (unsigned i = 2; i < 4096 && !seen; i++) {
		d[SEV_P384 - 2] = (uint8_t)(i >> 8);
		d[SEV_P384 - 1] = (uint8_t)i;
		assert_int_equal(sev_p384_from_scalar(d, &key), 0);
		if (key.pub.x[0] != 0)
			continue;
		assert_int_equal(sev_p384_ecdh(&key, &one.pub, z), 0);
		assert_memory_equal(z, key.pub.x, SEV_P384);
		seen = true;
	}
	assert_true(seen);
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

/* --- RSA-PSS: made with python3-cryptography, message "sample", exponent 65537 ------------- */

static const char modulus256[] =
	"bf50b5d1da0f4d7992f7258fe69447a9515f20bcbcee4a2b03389a192105d68bfae528634cc6"
	"e390f7d38cbcdb68c55eb167dff99e134fe0f1f68e5ddb587a03ed0286d4cf177b829cf27006"
	"b5b50277ce69591a2a1ba0bc4c66acd3431ae1608db5072a4dd8b45fcf843653831731c430d7"
	"ffc34682dfcd239a8c080e6c881e6ac7fb0aee71d2a72ccaae469479bc8e05b14cb89e80c490"
	"43c182cee908ab253c9a3a720135f9868f18dd22dac8b58fe545ebf8f623a16a6a8bb968ac24"
	"935573105e4c2b5d172bef5e0d24ec53d419869ff284a5fa528d170252dd12d0cccb9b80fbc4"
	"5eb53c577261d3f8bd62b78347614e2f5a0449d73f15cec89b00e8af";
static const char pss256[] =
	"54bf5ac1e2f376ad5645f175037ba259c43cd9ee4e193996a1fd5db91a5e5959bed330117a70"
	"ba8573d62f6cdb582d3c2331a4fa2702984a67c580808e5a9ee6f539e9294fbe7e2a4fb595e8"
	"6b6a3ce4f2655afd94d84264f81508dbd79b499ccaa8437c7903d81e2e71ac5bd7061041aecf"
	"3fd5d04ff1ee77e40c114c082c5fe97c703103c4a66ba6801739651e8a07d079a75467ca68d6"
	"53a035609a434241fdc48b3a51f9991d5257d7829ee2cd1be9bc0d108840a74e61ccbb328035"
	"6d2b627f5f0ce5e6a7823c6ff24f1dd952471a6577f6a22254314e0a59c9f13c1b9a1cb418e5"
	"be616586c5a97c3f586b3ee2ca20a3599356e6c4acb2e0f9bb3877d0";
static const char pss256_salt20[] =
	"94ed04d35ee1a9ce5794b4f9d148adc69ddd03996858ef1b7151d42e9bfd8c1e6eaa168e56f5"
	"b6446540e90c9c467ba6c58062b148d8653ee958029d70d53a1f7b5c59a1354e7ab39eb8e7d8"
	"01ee03d1afc84e21783fc554344d060ee6f5c1e6c6d9e7475c271ae124a1672ff5ba274f231f"
	"1570e51a9c13eb5a8b2a53456df8889c61a6905d4ca5ddbd0293187e1a69fb5a11579da76ba5"
	"23a4168d61ff53196f78c49c55ec3cfdb3415d39cb182179a06cf96bc169006ccf7647f3c611"
	"1a42b11a2bfd6ed835cd850824a06ceb567b33ec83cd572f8c5312b6ce50b8689e81d51b87fb"
	"ce07006fe273c4dbb54edae1aea21c68d99c5354d92f648d83202b48";
static const char modulus384[] =
	"9b0f52839e9adbc20588184b37085c1670f4227997bc6ecc52226fa8ec8394c7914932caed66"
	"ecb175e3bbbb2f51c35bf6290d18cf7d69224085a8a6c755d47501cd6f3dec7f507611a6bdce"
	"b62b5b726e719c57f5e674757ebc8e609382a84a3df41109ff23bf2860ca63d998f53baefa7c"
	"0dc16060eae82469d5c21a92ef19103f670c9bc71411ee25d7e54da871dc0064dcb4d48a8892"
	"1c548e4fc326699228ccbbc64ce1aef324a127881e51f2cba99699b8fcf795aa2ca8a9cccea3"
	"d835ba481f47eeb306a47bdcd79d2b32d13c8d04d09f8729afa1a0ddd706d976b4c6878c2c7f"
	"458566fac8a33d651fca5a7941c1e4c56b54840f4f2aa5e4b4d472d7";
static const char pss384[] =
	"8dfa5edf6e7223bb80a1ccb8190a3d63537fb87dd39649d9494b015fba7da62ab68165826e76"
	"28dcd233d16eba83d87e23b1a6afbdaf504296d59ac3c641685f7cb34c1eaf25eacae76442f6"
	"37ffc550c4c8ec2b70ef8aaac4e573da7d29f248e855057b77f997cce37f4c032caa2aec5d9b"
	"1596c359a4879e90620452d1b5d12360f22ebf143d89694a7528afa0c0c2929c01fe5956d3d6"
	"f9f25b050c99022d4d925f9c84cf8d6b065457fe423465544b0258a3deb4b97402dfeb844240"
	"82f619c6db1bb47662a7792a446af73ee64c52250c247c3372967b2c4e44493bcab852ab4ab1"
	"31427c1b88feb815a5574cff1dc7c997feedbdaf235114cd9333b49b";

static bool pss(const char *modulus, const char *signature, size_t hash_size, const char *message)
{
	static const uint8_t exponent[] = { 0, 0, 0, 1, 0, 1 };
	uint8_t n[256], s[256], digest[SEV_SHA384];

	bytes_of(modulus, n);
	bytes_of(signature, s);
	hash_text(message, hash_size, digest);
	return sev_rsa_pss_verify(n, 256, exponent, sizeof(exponent), digest, hash_size, s, 256);
}

static void test_rsa(void **state)
{
	(void)state;
	assert_true(pss(modulus256, pss256, SEV_SHA256, "sample"));
	assert_true(pss(modulus384, pss384, SEV_SHA384, "sample"));
	assert_false(pss(modulus256, pss256, SEV_SHA256, "simple"));
	assert_false(pss(modulus384, pss256, SEV_SHA256, "sample"));
	assert_false(pss(modulus256, pss256, SEV_SHA384, "sample"));
	assert_false(pss(modulus256, pss256_salt20, SEV_SHA256, "sample"));
}

/* What a parser of foreign certificates may pass on. */
static void test_rsa_nonsense(void **state)
{
	uint8_t zero[256] = { 0 }, ones[513], digest[32] = { 0 };

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	assert_false(sev_rsa_pss_verify(zero, 256, ones, 1, digest, 32, ones, 256));
	assert_false(sev_rsa_pss_verify(ones, 256, zero, 256, digest, 32, ones, 256));
	assert_false(sev_rsa_pss_verify(ones, 256, ones, 1, digest, 32, zero, 256));
	assert_false(sev_rsa_pss_verify(ones, 513, ones, 1, digest, 32, ones, 256));
	assert_false(sev_rsa_pss_verify(ones, 16, ones, 1, digest, 32, ones, 16));
	assert_false(sev_rsa_pss_verify(ones, 256, ones, 3, digest, 32, ones, 257));
	assert_false(sev_rsa_pss_verify(ones, 256, ones, 3, digest, 32, ones, 256));
	assert_false(sev_rsa_pss_verify(ones, 0, ones, 0, digest, 32, ones, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_running_hash),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_ctr),
		cmocka_unit_test(test_ctr_wraps),
		cmocka_unit_test(test_xts),
		cmocka_unit_test(test_xts_page),
		cmocka_unit_test(test_kdf),
		cmocka_unit_test(test_scalar),
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_verify_refused),
		cmocka_unit_test(test_on_curve),
		cmocka_unit_test(test_ecdh),
		cmocka_unit_test(test_ecdh_leading_zero),
		cmocka_unit_test(test_rng_seeded),
		cmocka_unit_test(test_rng_system),
		cmocka_unit_test(test_generate),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_rsa),
		cmocka_unit_test(test_rsa_nonsense),
	};

	return cmocka_run_group_tests_name("crypto", tests, setup, NULL);
}
