/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/crypto.h"
#include "crypto/gcry.h"

#include <stdlib.h>
#include <string.h>

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

/* --- signing ------------------------------------------------------------------------------- */

static gcry_mpi_t scan(const void *data, size_t size)
{
	gcry_mpi_t mpi;

	sev_gcry_check(gcry_mpi_scan(&mpi, GCRYMPI_FMT_USG, data, size, NULL), "integer");
	return mpi;
}

static void print(gcry_mpi_t mpi, uint8_t *out, size_t size)
{
	size_t n;

	sev_gcry_check(gcry_mpi_print(GCRYMPI_FMT_USG, out, size, &n, mpi), "integer");
	memmove(out + size - n, out, n);
	memset(out, 0, size - n);
}

void sev_rsa_modulus(const struct sev_rsa_primes *key, void *modulus)
{
	gcry_mpi_t p = scan(key->p, key->size), q = scan(key->q, key->size);

	gcry_mpi_mul(p, p, q);
	print(p, modulus, 2 * key->size);
	gcry_mpi_release(q);
	gcry_mpi_release(p);
}

/* d with e * d = 1 modulo (p - 1) * (q - 1) */
static gcry_mpi_t private_exponent(gcry_mpi_t e, gcry_mpi_t p, gcry_mpi_t q)
{
	gcry_mpi_t d = gcry_mpi_new(0), phi = gcry_mpi_new(0), less = gcry_mpi_new(0);

	gcry_mpi_sub_ui(phi, p, 1);
	gcry_mpi_sub_ui(less, q, 1);
	gcry_mpi_mul(phi, phi, less);
	if (!gcry_mpi_invm(d, e, phi))
		abort(); /* not the primes of a key with this exponent */
	gcry_mpi_release(less);
	gcry_mpi_release(phi);
	return d;
}

static gcry_sexp_t private_key(const struct sev_rsa_primes *key)
{
	gcry_mpi_t p = scan(key->p, key->size), q = scan(key->q, key->size);
	gcry_mpi_t n = gcry_mpi_new(0), u = gcry_mpi_new(0), d;
	gcry_mpi_t e = gcry_mpi_set_ui(NULL, SEV_RSA_EXPONENT);
	gcry_sexp_t secret;

	if (gcry_mpi_cmp(p, q) > 0) /* libgcrypt wants the smaller one first */
		gcry_mpi_swap(p, q);
	gcry_mpi_mul(n, p, q);
	gcry_mpi_invm(u, p, q);
	d = private_exponent(e, p, q);
	sev_gcry_check(gcry_sexp_build(&secret, NULL,
			       "(private-key (rsa (n %m) (e %m) (d %m) (p %m) (q %m) (u %m)))", n,
			       e, d, p, q, u),
		"RSA key");
	gcry_mpi_release(e);
	gcry_mpi_release(d);
	gcry_mpi_release(u);
	gcry_mpi_release(n);
	gcry_mpi_release(q);
	gcry_mpi_release(p);
	return secret;
}

void sev_rsa_pss_sign(const struct sev_rsa_primes *key, const void *digest, size_t hash_size,
	struct sev_rng *rng, void *signature)
{
	gcry_sexp_t secret = private_key(key), data, value, token;
	uint8_t salt[SEV_SHA384];
	gcry_mpi_t s;

	sev_rng_bytes(rng, salt, hash_size);
	sev_gcry_check(gcry_sexp_build(&data, NULL,
			       "(data (flags pss) (salt-length %d) (hash %s %b) "
			       "(random-override %b))",
			       (int)hash_size, hash_size == SEV_SHA256 ? "sha256" : "sha384",
			       (int)hash_size, digest, (int)hash_size, salt),
		"RSA digest");
	sev_gcry_check(gcry_pk_sign(&value, data, secret), "RSA");
	token = gcry_sexp_find_token(value, "s", 0);
	s = gcry_sexp_nth_mpi(token, 1, GCRYMPI_FMT_USG);
	print(s, signature, 2 * key->size);
	gcry_mpi_release(s);
	gcry_sexp_release(token);
	gcry_sexp_release(value);
	gcry_sexp_release(data);
	gcry_sexp_release(secret);
}
