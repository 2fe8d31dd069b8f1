/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform's owner. */
#include "tests/driver/oca.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gcrypt.h>

#define P384	   48 /* bytes of a coordinate or scalar */
#define CURVE_P384 2

struct oca {
	gcry_sexp_t key;
};

static void must(gcry_error_t error, const char *what)
{
	if (!error)
		return;
	fprintf(stderr, "sev-ioctl: libgcrypt: %s: %s\n", what, gcry_strerror(error));
	exit(2);
}

struct oca *oca_new(void)
{
	struct oca *oca = calloc(1, sizeof(*oca));
	gcry_sexp_t parameters;

	if (!oca)
		abort();
	gcry_check_version(NULL);
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	must(gcry_sexp_build(&parameters, NULL, "(genkey (ecc (curve \"NIST P-384\")))"),
		"parameters");
	must(gcry_pk_genkey(&oca->key, parameters), "key");
	gcry_sexp_release(parameters);
	return oca;
}

void oca_free(struct oca *oca)
{
	gcry_sexp_release(oca->key);
	free(oca);
}

/* Big-endian and of any length, as libgcrypt gives it, into AMD's little-endian field of 72. */
static void reverse(uint8_t out[72], const uint8_t *in, size_t size)
{
	while (size > P384 && *in == 0) {
		in++;
		size--;
	}
	memset(out, 0, 72);
	for (size_t i = 0; i < size && i < 72; i++)
		out[i] = in[size - 1 - i];
}

/* The value of (name value) somewhere in an S-expression. */
static const uint8_t *value(gcry_sexp_t sexp, const char *name, gcry_sexp_t *found, size_t *size)
{
	*found = gcry_sexp_find_token(sexp, name, 0);
	return (const uint8_t *)gcry_sexp_nth_data(*found, 1, size);
}

struct psp_cert oca_certificate(const struct oca *oca)
{
	struct psp_cert cert = {
		.version = 1,
		.pubkey_usage = PSP_USAGE_OCA,
		.pubkey_algo = PSP_ALGO_ECDSA_SHA256,
		.pubkey.curve = CURVE_P384,
		.sig = { { .usage = PSP_USAGE_NONE }, { .usage = PSP_USAGE_NONE } },
	};
	gcry_sexp_t found;
	size_t size;
	const uint8_t *point = value(oca->key, "q", &found, &size);

	if (!point || size != 1 + 2 * P384 || point[0] != 4)
		must(GPG_ERR_BAD_PUBKEY, "public key");
	reverse(cert.pubkey.qx, point + 1, P384);
	reverse(cert.pubkey.qy, point + 1 + P384, P384);
	gcry_sexp_release(found);
	oca_sign(oca, &cert);
	return cert;
}

void oca_sign(const struct oca *oca, struct psp_cert *cert)
{
	struct psp_cert_signature *slot = &cert->sig[0];
	gcry_sexp_t digest, signature, found;
	uint8_t hash[32];
	size_t size;
	const uint8_t *number;

	gcry_md_hash_buffer(GCRY_MD_SHA256, hash, cert, PSP_CERT_SIGNED);
	must(gcry_sexp_build(&digest, NULL, "(data (flags raw) (value %b))", 32, hash), "digest");
	must(gcry_pk_sign(&signature, digest, oca->key), "signature");
	memset(slot, 0, sizeof(*slot));
	slot->usage = PSP_USAGE_OCA;
	slot->algo = PSP_ALGO_ECDSA_SHA256;
	number = value(signature, "r", &found, &size);
	reverse(slot->ecdsa.r, number, size);
	gcry_sexp_release(found);
	number = value(signature, "s", &found, &size);
	reverse(slot->ecdsa.s, number, size);
	gcry_sexp_release(found);
	gcry_sexp_release(signature);
	gcry_sexp_release(digest);
}
