/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/crypto.h"
#include "crypto/gcry.h"

#include <stdlib.h>
#include <string.h>

#define CURVE "NIST P-384"

static gcry_ctx_t open_curve(void)
{
	gcry_ctx_t curve;

	sev_gcry_check(gcry_mpi_ec_new(&curve, NULL, CURVE), CURVE);
	return curve;
}

static gcry_mpi_t to_mpi(const uint8_t bytes[SEV_P384])
{
	gcry_mpi_t mpi;

	sev_gcry_check(gcry_mpi_scan(&mpi, GCRYMPI_FMT_USG, bytes, SEV_P384, NULL), "integer");
	return mpi;
}

/* Fixed width: leading zeros are kept. */
static void from_mpi(gcry_mpi_t mpi, uint8_t out[SEV_P384])
{
	uint8_t bytes[SEV_P384];
	size_t n;

	sev_gcry_check(gcry_mpi_print(GCRYMPI_FMT_USG, bytes, sizeof(bytes), &n, mpi), "integer");
	memset(out, 0, SEV_P384 - n);
	memcpy(out + SEV_P384 - n, bytes, n);
	sev_wipe(bytes, sizeof(bytes));
}

static gcry_mpi_point_t to_point(const struct sev_p384_public *pub)
{
	gcry_mpi_t x = to_mpi(pub->x), y = to_mpi(pub->y), one = gcry_mpi_set_ui(NULL, 1);

	return gcry_mpi_point_snatch_set(NULL, x, y, one);
}

/* scalar * point in affine coordinates; the point at infinity cannot come up for 0 < scalar < n. */
static void multiply(gcry_ctx_t curve, const uint8_t scalar[SEV_P384], gcry_mpi_point_t point,
	struct sev_p384_public *out)
{
	gcry_mpi_t d = to_mpi(scalar), x = gcry_mpi_new(0), y = gcry_mpi_new(0);
	gcry_mpi_point_t product = gcry_mpi_point_new(0);

	gcry_mpi_ec_mul(product, d, point, curve);
	if (gcry_mpi_ec_get_affine(x, y, product, curve) != 0)
		abort();
	from_mpi(x, out->x);
	from_mpi(y, out->y);
	gcry_mpi_point_release(product);
	gcry_mpi_release(y);
	gcry_mpi_release(x);
	gcry_mpi_release(d);
}

static bool scalar_in_range(gcry_ctx_t curve, const uint8_t d[SEV_P384])
{
	gcry_mpi_t scalar = to_mpi(d), order = gcry_mpi_ec_get_mpi("n", curve, 1);
	bool ok = gcry_mpi_cmp_ui(scalar, 0) > 0 && gcry_mpi_cmp(scalar, order) < 0;

	gcry_mpi_release(order);
	gcry_mpi_release(scalar);
	return ok;
}

int sev_p384_from_scalar(const uint8_t d[SEV_P384], struct sev_p384_key *key)
{
	gcry_ctx_t curve = open_curve();
	bool ok = scalar_in_range(curve, d);

	if (ok) {
		gcry_mpi_point_t base = gcry_mpi_ec_get_point("g", curve, 1);

		multiply(curve, d, base, &key->pub);
		memmove(key->d, d, SEV_P384);
		gcry_mpi_point_release(base);
	}
	gcry_ctx_release(curve);
	return ok ? 0 : -1;
}

void sev_p384_generate(struct sev_rng *rng, struct sev_p384_key *key)
{
	uint8_t d[SEV_P384];

	/* Rejection keeps the scalar uniform (FIPS 186-5, A.2.2); a second turn is practically
	   never needed. */
	do {
		sev_rng_bytes(rng, d, sizeof(d));
	} while (sev_p384_from_scalar(d, key) != 0);
	sev_wipe(d, sizeof(d));
}

bool sev_p384_on_curve(const struct sev_p384_public *pub)
{
	gcry_ctx_t curve = open_curve();
	gcry_mpi_point_t point = to_point(pub);
	bool ok =
		gcry_mpi_ec_curve_point(point, curve); /* refuses coordinates of p and above, too */

	gcry_mpi_point_release(point);
	gcry_ctx_release(curve);
	return ok;
}

int sev_p384_ecdh(
	const struct sev_p384_key *own, const struct sev_p384_public *peer, uint8_t z[SEV_P384])
{
	struct sev_p384_public shared;
	gcry_mpi_point_t point;
	gcry_ctx_t curve;

	if (!sev_p384_on_curve(peer))
		return -1;
	curve = open_curve();
	point = to_point(peer);
	multiply(curve, own->d, point, &shared);
	memcpy(z, shared.x, SEV_P384);
	sev_wipe(&shared, sizeof(shared));
	gcry_mpi_point_release(point);
	gcry_ctx_release(curve);
	return 0;
}

/* SEC 1 uncompressed point, as libgcrypt's expressions want it. */
static void encode_point(const struct sev_p384_public *pub, uint8_t out[1 + 2 * SEV_P384])
{
	out[0] = 4;
	memcpy(out + 1, pub->x, SEV_P384);
	memcpy(out + 1 + SEV_P384, pub->y, SEV_P384);
}

static gcry_sexp_t digest_expression(const void *digest, size_t size)
{
	gcry_sexp_t data;

	sev_gcry_check(gcry_sexp_build(&data, NULL, "(data (flags rfc6979) (hash %s %b))",
			       size == SEV_SHA256 ? "sha256" : "sha384", (int)size, digest),
		"digest");
	return data;
}

static void take(gcry_sexp_t signature, const char *name, uint8_t out[SEV_P384])
{
	gcry_sexp_t token = gcry_sexp_find_token(signature, name, 0);
	gcry_mpi_t value = gcry_sexp_nth_mpi(token, 1, GCRYMPI_FMT_USG);

	from_mpi(value, out);
	gcry_mpi_release(value);
	gcry_sexp_release(token);
}

void sev_p384_sign(const struct sev_p384_key *key, const void *digest, size_t digest_size,
	struct sev_p384_signature *signature)
{
	uint8_t q[1 + 2 * SEV_P384];
	gcry_sexp_t secret, result, data = digest_expression(digest, digest_size);

	encode_point(&key->pub, q);
	sev_gcry_check(
		gcry_sexp_build(&secret, NULL, "(private-key (ecc (curve %s) (q %b) (d %b)))",
			CURVE, (int)sizeof(q), q, SEV_P384, key->d),
		"private key");
	sev_gcry_check(gcry_pk_sign(&result, data, secret), "ECDSA");
	take(result, "r", signature->r);
	take(result, "s", signature->s);
	gcry_sexp_release(result);
	gcry_sexp_release(secret);
	gcry_sexp_release(data);
}

bool sev_p384_verify(const struct sev_p384_public *pub, const void *digest, size_t digest_size,
	const struct sev_p384_signature *signature)
{
	uint8_t q[1 + 2 * SEV_P384];
	gcry_sexp_t key, value, data;
	bool ok;

	if (!sev_p384_on_curve(pub))
		return false;
	encode_point(pub, q);
	data = digest_expression(digest, digest_size);
	sev_gcry_check(gcry_sexp_build(&key, NULL, "(public-key (ecc (curve %s) (q %b)))", CURVE,
			       (int)sizeof(q), q),
		"public key");
	sev_gcry_check(gcry_sexp_build(&value, NULL, "(sig-val (ecdsa (r %b) (s %b)))", SEV_P384,
			       signature->r, SEV_P384, signature->s),
		"signature");
	ok = gcry_pk_verify(value, data, key) == 0;
	gcry_sexp_release(value);
	gcry_sexp_release(key);
	gcry_sexp_release(data);
	return ok;
}
