/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* P-384 and RSA-PSS: published known answers, and what must not verify. */
#include "tests/unit/unit.h"

#include <gcrypt.h>

#include "crypto/crypto.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static int setup(void **state)
{
	(void)state;
	sev_crypto_init();
	return 0;
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

/* --- RSA-PSS, the signing side ------------------------------------------------------------- */

/* The first prime from start on that goes with the exponent; start has 64 bytes and both top bits.
 */
static void next_prime(uint8_t start[64])
{
	gcry_mpi_t candidate, less = gcry_mpi_new(0), divisor = gcry_mpi_new(0);
	gcry_mpi_t exponent = gcry_mpi_set_ui(NULL, SEV_RSA_EXPONENT);

	gcry_mpi_scan(&candidate, GCRYMPI_FMT_USG, start, 64, NULL);
	do {
		gcry_mpi_add_ui(candidate, candidate, 2);
		gcry_mpi_sub_ui(less, candidate, 1);
	} while (gcry_prime_check(candidate, 0) || !gcry_mpi_gcd(divisor, less, exponent));
	gcry_mpi_print(GCRYMPI_FMT_USG, start, 64, NULL, candidate);
	gcry_mpi_release(exponent);
	gcry_mpi_release(divisor);
	gcry_mpi_release(less);
	gcry_mpi_release(candidate);
}

struct rsa_test {
	uint8_t p[64], q[64], modulus[128];
	struct sev_rsa_primes primes;
};

static void make_rsa(struct rsa_test *key)
{
	memset(key->p, 0xc3, sizeof(key->p));
	memset(key->q, 0xf1, sizeof(key->q));
	next_prime(key->p);
	next_prime(key->q);
	key->primes = (struct sev_rsa_primes) { key->p, key->q, sizeof(key->p) };
	sev_rsa_modulus(&key->primes, key->modulus);
}

static void rsa_sign(const struct rsa_test *key, const uint8_t *digest, size_t hash_size,
	const char *seed, uint8_t signature[128])
{
	struct sev_rng *rng = sev_rng_new(seed, strlen(seed), "salt");

	sev_rsa_pss_sign(&key->primes, digest, hash_size, rng, signature);
	sev_rng_free(rng);
}

static bool rsa_verifies(const struct rsa_test *key, const uint8_t *digest, size_t hash_size,
	const uint8_t signature[128])
{
	static const uint8_t exponent[] = { 1, 0, 1 };

	return sev_rsa_pss_verify(
		key->modulus, 128, exponent, sizeof(exponent), digest, hash_size, signature, 128);
}

static void test_rsa_sign(void **state)
{
	uint8_t digest[SEV_SHA384], signature[128], again[128];
	struct rsa_test key, swapped;

	(void)state;
	make_rsa(&key);
	swapped = key;
	swapped.primes = (struct sev_rsa_primes) { key.q, key.p, sizeof(key.p) };
	for (size_t size = SEV_SHA256; size <= SEV_SHA384; size += SEV_SHA384 - SEV_SHA256) {
		hash_text("sample", size, digest);
		rsa_sign(&key, digest, size, "a", signature);
		assert_true(rsa_verifies(&key, digest, size, signature));
		rsa_sign(&swapped, digest, size, "a", again);
		assert_memory_equal(signature, again, sizeof(signature));
		rsa_sign(&key, digest, size, "b", again);
		assert_memory_not_equal(signature, again, sizeof(signature));
		assert_true(rsa_verifies(&key, digest, size, again));
		digest[size - 1] ^= 1;
		assert_false(rsa_verifies(&key, digest, size, signature));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalar),
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_verify_refused),
		cmocka_unit_test(test_on_curve),
		cmocka_unit_test(test_ecdh),
		cmocka_unit_test(test_ecdh_leading_zero),
		cmocka_unit_test(test_rsa),
		cmocka_unit_test(test_rsa_nonsense),
		cmocka_unit_test(test_rsa_sign),
	};

	return cmocka_run_group_tests_name("signatures", tests, setup, NULL);
}
