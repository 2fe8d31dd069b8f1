/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/crypto.h"
#include "crypto/gcry.h"

#define MIN_MODULUS 128 /* bytes; AMD uses 256 and 512 */
#define MAX_MODULUS 512

struct number {
	const uint8_t *data;
	size_t size;
};

static struct number strip(const void *data, size_t size)
{
	struct number n = { data, size };

	while (n.size > 0 && n.data[0] == 0) {
		n.data++;
		n.size--;
	}
	return n;
}

/* Numbers that no RSA key has would take libgcrypt outside what it was made for. */
static bool plausible(struct number modulus, struct number exponent)
{
	if (modulus.size < MIN_MODULUS || modulus.size > MAX_MODULUS)
		return false;
	if (exponent.size == 0 || exponent.size > modulus.size)
		return false;
	if (exponent.size == 1 && exponent.data[0] < 3)
		return false;
	return (modulus.data[modulus.size - 1] & 1) && (exponent.data[exponent.size - 1] & 1);
}

bool sev_rsa_pss_verify(const void *modulus, size_t modulus_size, const void *exponent,
	size_t exponent_size, const void *digest, size_t hash_size, const void *signature,
	size_t signature_size)
{
	struct number n = strip(modulus, modulus_size), e = strip(exponent, exponent_size);
	struct number s = strip(signature, signature_size);
	gcry_sexp_t key, data, value;
	bool ok;

	if (!plausible(n, e) || s.size == 0 || s.size > n.size)
		return false;
	sev_gcry_check(gcry_sexp_build(&key, NULL, "(public-key (rsa (n %b) (e %b)))", (int)n.size,
			       n.data, (int)e.size, e.data),
		"RSA key");
	sev_gcry_check(
		gcry_sexp_build(&data, NULL, "(data (flags pss) (salt-length %d) (hash %s %b))",
			(int)hash_size, hash_size == SEV_SHA256 ? "sha256" : "sha384",
			(int)hash_size, digest),
		"RSA digest");
	sev_gcry_check(gcry_sexp_build(&value, NULL, "(sig-val (rsa (s %b)))", (int)s.size, s.data),
		"RSA signature");
	ok = gcry_pk_verify(value, data, key) == 0;
	gcry_sexp_release(value);
	gcry_sexp_release(data);
	gcry_sexp_release(key);
	return ok;
}
