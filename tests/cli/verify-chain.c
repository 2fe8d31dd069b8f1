/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify-chain FILE...: a second implementation of what `sev-owner chain` does, on OpenSSL and with
 * a reader of its own: nothing of the model is included or linked here.
 *
 * Prints for each certificate "key NAME SHA-256", for each link of which both ends are there "link
 * NAME SIGNER verified", "bad" or "unsigned". Exit status 0: there are links and all verify, but
 * for an ARK that ends without a signature; 1: not so; 2: something else than certificates.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { PDH, PEK, OCA, CEK, ASK, ARK, NAMES };

static const char *const names[NAMES] = { "PDH", "PEK", "OCA", "CEK", "ASK", "ARK" };
static const uint32_t usages[NAMES] = { 0x1003, 0x1002, 0x1001, 0x1004, 0x13, 0 };

/* What is signed, and how a signer's certificate is found by its key. */
struct cert {
	const unsigned char *bytes; /* NULL: was not in any file */
	size_t size, signed_size;
	size_t width;  /* AMD's: of modulus and signature */
	EVP_PKEY *key; /* NULL: it is not a legal one */
};

static struct cert certs[NAMES];

static _Noreturn void give_up(const char *file, const char *what)
{
	fprintf(stderr, "verify-chain: %s: %s\n", file, what);
	exit(2);
}

static uint32_t word(const unsigned char *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/* --- keys ------------------------------------------------------------------------------------ */

static EVP_PKEY *make_key(const char *type, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	return key;
}

/* Curve P-384 (2), then X and Y, 72 bytes each, least byte first. */
static EVP_PKEY *ec_key(const unsigned char *field)
{
	BIGNUM *x = BN_lebin2bn(field + 4, 72, NULL), *y = BN_lebin2bn(field + 76, 72, NULL);
	unsigned char point[97] = { POINT_CONVERSION_UNCOMPRESSED };
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;

	if (word(field) == 2 && BN_bn2binpad(x, point + 1, 48) == 48 &&
		BN_bn2binpad(y, point + 49, 48) == 48) {
		OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-384", 0);
		OSSL_PARAM_BLD_push_octet_string(
			build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point));
		key = make_key("EC", build);
	} else {
		OSSL_PARAM_BLD_free(build);
	}
	BN_free(x);
	BN_free(y);
	return key;
}

static EVP_PKEY *rsa_key(
	const unsigned char *e, size_t e_size, const unsigned char *n, size_t n_size)
{
	BIGNUM *exponent = BN_lebin2bn(e, (int)e_size, NULL);
	BIGNUM *modulus = BN_lebin2bn(n, (int)n_size, NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *key;

	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent);
	key = make_key("RSA", build);
	BN_free(exponent);
	BN_free(modulus);
	return key;
}

static void print_key(int which)
{
	unsigned char *der = NULL, sha256[32];
	int size = i2d_PUBKEY(certs[which].key, &der);

	if (size <= 0)
		return;
	EVP_Digest(der, (size_t)size, sha256, NULL, EVP_sha256(), NULL);
	printf("key %s ", names[which]);
	for (size_t i = 0; i < sizeof(sha256); i++)
		printf("%02x", sha256[i]);
	putchar('\n');
	OPENSSL_free(der);
}

/* --- reading --------------------------------------------------------------------------------- */

static size_t read_sev(struct cert *cert)
{
	static const size_t size = 0x824;

	if (cert->size < size)
		return 0;
	cert->signed_size = 0x414;
	/* ECDH for a PDH, ECDSA for the others; 1xxh: with SHA-384. */
	if ((word(cert->bytes + 0xc) & ~0x100u) == (word(cert->bytes + 8) == usages[PDH] ? 3 : 2))
		cert->key = ec_key(cert->bytes + 0x10);
	return size;
}

static size_t read_amd(struct cert *cert)
{
	size_t e, n, used;

	if (cert->size < 0x40)
		return 0;
	e = word(cert->bytes + 0x38) / 8;
	n = word(cert->bytes + 0x3c) / 8;
	if ((n != 256 && n != 512) || e == 0 || e > n || cert->size < 0x40 + e + n)
		return 0;
	cert->width = n;
	cert->signed_size = 0x40 + e + n;
	cert->key = rsa_key(cert->bytes + 0x40, e, cert->bytes + 0x40 + e, n);
	used = cert->signed_size + n;
	/* The only one that may end here. */
	if (cert->size == cert->signed_size && word(cert->bytes + 0x24) == usages[ARK])
		used = cert->signed_size;
	return used > cert->size ? 0 : used;
}

static int which_is_it(const unsigned char *bytes, size_t size)
{
	if (size < 0x28 || word(bytes) != 1)
		return NAMES;
	for (int i = PDH; i <= CEK; i++)
		if (word(bytes + 8) == usages[i])
			return i;
	for (int i = ASK; i <= ARK; i++)
		if (word(bytes + 0x24) == usages[i])
			return i;
	return NAMES;
}

static void read_certs(const char *file, const unsigned char *bytes, size_t size)
{
	while (size) {
		int which = which_is_it(bytes, size);
		struct cert *cert = &certs[which];

		if (which == NAMES)
			give_up(file, "something else than a certificate");
		if (cert->bytes)
			give_up(file, "a second certificate of a kind");
		cert->bytes = bytes;
		cert->size = size;
		cert->size = which < ASK ? read_sev(cert) : read_amd(cert);
		if (!cert->size)
			give_up(file, "a certificate is cut short or not legal");
		bytes += cert->size;
		size -= cert->size;
	}
}

/* Kept until the end. */
static void read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	unsigned char *bytes = malloc(65536);
	size_t size;

	if (!file)
		give_up(path, "cannot be opened");
	size = fread(bytes, 1, 65536, file);
	fclose(file);
	if (size == 0 || size == 65536)
		give_up(path, "is empty, or too large");
	read_certs(path, bytes, size);
}

/* --- signatures ------------------------------------------------------------------------------ */

static bool digest_verifies(const struct cert *cert, EVP_PKEY *key, const EVP_MD *hash, bool rsa,
	const unsigned char *signature, size_t size)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx;
	bool good = EVP_DigestVerifyInit(ctx, &key_ctx, hash, NULL, key) == 1;

	if (good && rsa)
		good = EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, RSA_PSS_SALTLEN_DIGEST) == 1 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(key_ctx, hash) == 1;
	good = good && EVP_DigestVerify(ctx, signature, size, cert->bytes, cert->signed_size) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

static bool ecdsa_verifies(
	const struct cert *cert, EVP_PKEY *key, const EVP_MD *hash, const unsigned char *field)
{
	ECDSA_SIG *signature = ECDSA_SIG_new();
	unsigned char *der = NULL;
	bool good;
	int size;

	ECDSA_SIG_set0(signature, BN_lebin2bn(field, 72, NULL), BN_lebin2bn(field + 72, 72, NULL));
	size = i2d_ECDSA_SIG(signature, &der);
	good = size > 0 && digest_verifies(cert, key, hash, false, der, (size_t)size);
	OPENSSL_free(der);
	ECDSA_SIG_free(signature);
	return good;
}

static bool rsa_verifies(const struct cert *cert, const struct cert *signer, const EVP_MD *hash,
	const unsigned char *field)
{
	unsigned char signature[512];

	for (size_t i = 0; i < signer->width; i++)
		signature[i] = field[signer->width - 1 - i];
	return digest_verifies(cert, signer->key, hash, true, signature, signer->width);
}

static const char *sev_link(const struct cert *cert, int by)
{
	const unsigned char *slot = cert->bytes + 0x414;
	const struct cert *signer = &certs[by];
	const EVP_MD *hash;
	bool good;

	if (word(slot) != usages[by])
		slot = cert->bytes + 0x61c;
	if (word(slot) != usages[by])
		return "unsigned";
	hash = word(slot + 4) & 0x100 ? EVP_sha384() : EVP_sha256();
	if (!cert->key || !signer->key || (word(slot + 4) & ~0x100u) != (by == ASK ? 1 : 2))
		return "bad";
	good = by == ASK ? rsa_verifies(cert, signer, hash, slot + 8)
			 : ecdsa_verifies(cert, signer->key, hash, slot + 8);
	return good ? "verified" : "bad";
}

/* Under the ARK, which is to be the one that the certificate names. */
static const char *amd_link(const struct cert *cert)
{
	const struct cert *ark = &certs[ARK];
	const EVP_MD *hash = ark->width == 512 ? EVP_sha384() : EVP_sha256();

	if (cert->size == cert->signed_size)
		return "unsigned";
	if (!cert->key || !ark->key || cert->width != ark->width ||
		memcmp(cert->bytes + 0x14, ark->bytes + 4, 16) != 0)
		return "bad";
	return rsa_verifies(cert, ark, hash, cert->bytes + cert->signed_size) ? "verified" : "bad";
}

int main(int argc, char **argv)
{
	static const int links[][2] = { { PDH, PEK }, { PEK, OCA }, { OCA, OCA }, { PEK, CEK },
		{ CEK, ASK }, { ASK, ARK }, { ARK, ARK } };
	unsigned verified = 0, failed = 0;

	for (int i = 1; i < argc; i++)
		read_file(argv[i]);
	for (int i = 0; i < NAMES; i++)
		if (certs[i].bytes && certs[i].key)
			print_key(i);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		int cert = links[i][0], by = links[i][1];
		const char *state;

		if (!certs[cert].bytes || !certs[by].bytes)
			continue;
		state = cert < ASK ? sev_link(&certs[cert], by) : amd_link(&certs[cert]);
		printf("link %s %s %s\n", names[cert], names[by], state);
		verified += !strcmp(state, "verified");
		failed += !strcmp(state, "bad") || (!strcmp(state, "unsigned") && cert != ARK);
	}
	return argc < 2 ? 2 : failed || !verified;
}
