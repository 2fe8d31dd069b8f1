/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* AMD certificates (ARK, ASK): RSA keys of 2048 bits with SHA-256 or 4096 bits with SHA-384. */
#include <string.h>

#include "iodev/psp/cert.h"

static int check_header(const struct psp_amd_cert *cert, const char *name, struct sev_error *err)
{
	if (cert->version != 1)
		return sev_fail(err, "%s certificate: version %u, legal is 1", name,
			(unsigned)cert->version);
	if (cert->key_usage != PSP_USAGE_ARK && cert->key_usage != PSP_USAGE_ASK)
		return sev_fail(err,
			"%s certificate: usage %04Xh, legal are 0000h (ARK) and 0013h "
			"(ASK)",
			name, (unsigned)cert->key_usage);
	if (cert->modulus_bits != 2048 && cert->modulus_bits != 4096)
		return sev_fail(err, "%s certificate: modulus of %u bits, legal are 2048 and 4096",
			name, (unsigned)cert->modulus_bits);
	if (cert->exponent_bits == 0 || cert->exponent_bits % 8 ||
		cert->exponent_bits > cert->modulus_bits)
		return sev_fail(err, "%s certificate: exponent of %u bits in a key of %u", name,
			(unsigned)cert->exponent_bits, (unsigned)cert->modulus_bits);
	return 0;
}

int psp_amd_cert_parse(const void *data, size_t size, bool unsigned_ok, struct psp_amd_key *key,
	struct sev_error *err)
{
	const struct psp_amd_cert *cert = data;
	const char *name = "AMD";
	size_t body, need;

	if (size < sizeof(*cert))
		return sev_fail(err, "AMD certificate: %zu bytes, the header alone has %zu", size,
			sizeof(*cert));
	if (cert->key_usage == PSP_USAGE_ARK || cert->key_usage == PSP_USAGE_ASK)
		name = psp_usage_name(cert->key_usage);
	if (check_header(cert, name, err) != 0)
		return -1;
	body = sizeof(*cert) + cert->exponent_bits / 8 + cert->modulus_bits / 8;
	need = body + cert->modulus_bits / 8;
	if (size < need && !(unsigned_ok && size == body))
		return sev_fail(err, "%s certificate: %zu bytes, %zu are needed", name, size, need);
	key->cert = cert;
	key->exponent = (const uint8_t *)(cert + 1);
	key->exponent_size = cert->exponent_bits / 8;
	key->modulus = key->exponent + key->exponent_size;
	key->modulus_size = cert->modulus_bits / 8;
	key->signature = key->modulus + key->modulus_size;
	key->signature_size = size < need ? 0 : key->modulus_size;
	key->size = body + key->signature_size;
	return 0;
}

static void reverse(const uint8_t *from, size_t size, uint8_t *to)
{
	for (size_t i = 0; i < size; i++)
		to[i] = from[size - 1 - i];
}

bool psp_amd_key_verify(const struct psp_amd_key *signer, const void *digest, size_t digest_size,
	const uint8_t *signature)
{
	uint8_t n[512], e[512], s[512];

	reverse(signer->modulus, signer->modulus_size, n);
	reverse(signer->exponent, signer->exponent_size, e);
	reverse(signature, signer->modulus_size, s);
	return sev_rsa_pss_verify(n, signer->modulus_size, e, signer->exponent_size, digest,
		digest_size, s, signer->modulus_size);
}

static bool signature_verifies(const struct psp_amd_key *cert, const struct psp_amd_key *signer)
{
	const struct sev_part part = { cert->cert, cert->size - cert->signature_size };
	uint8_t digest[SEV_SHA384];

	/* The signature field has the size of the certificate's own key, not of the signer's. */
	if (cert->signature_size != signer->modulus_size)
		return false;
	if (signer->modulus_size == 512) {
		sev_sha384(&part, 1, digest);
		return psp_amd_key_verify(signer, digest, SEV_SHA384, cert->signature);
	}
	sev_sha256(&part, 1, digest);
	return psp_amd_key_verify(signer, digest, SEV_SHA256, cert->signature);
}

int psp_amd_cert_verify(
	const struct psp_amd_key *cert, const struct psp_amd_key *signer, struct sev_error *err)
{
	const char *name = psp_usage_name(cert->cert->key_usage);

	if (signer->cert->key_usage != PSP_USAGE_ARK)
		return sev_fail(err,
			"%s certificate: the signer's usage is %04Xh, legal is 0000h (ARK)", name,
			(unsigned)signer->cert->key_usage);
	if (memcmp(cert->cert->certifying_id, signer->cert->key_id, 16) != 0)
		return sev_fail(
			err, "%s certificate: names another signer than the ARK given", name);
	if (cert->signature_size == 0)
		return sev_fail(err, "%s certificate: carries no signature", name);
	if (!signature_verifies(cert, signer))
		return sev_fail(
			err, "%s certificate: the signature of the ARK does not verify", name);
	return 0;
}

/* Key identifiers of the roots AMD publishes, in the order of the bytes. */
static const struct {
	const char *product;
	uint8_t key_id[16];
} amd_roots[] = {
	{ "Naples", "\x1b\xb9\x87\xc3\x59\x49\x46\x06\xb1\x74\x94\x56\x01\xc9\xea\x5b" },
	{ "Rome", "\xe6\x00\x21\x22\xfb\x58\x41\x93\x99\xd1\x5f\xee\x7b\x13\x13\x51" },
	{ "Milan", "\x94\xc3\x8e\x41\x77\xd0\x47\x92\x92\xa7\xae\x67\x1d\x08\x3f\xb6" },
	{ "Genoa", "\x9f\x9d\x4a\x8f\xe7\x61\x45\x65\x99\xf6\x94\x6c\x4c\x01\x0f\x3a" },
	{ "Turin", "\xd0\x5c\x3a\x8b\xde\x48\x49\x04\xb4\x95\x52\x42\x2c\xeb\x39\x42" },
};

const char *psp_amd_product(const uint8_t key_id[16])
{
	for (size_t i = 0; i < sizeof(amd_roots) / sizeof(amd_roots[0]); i++) {
		if (memcmp(amd_roots[i].key_id, key_id, 16) == 0)
			return amd_roots[i].product;
	}
	return NULL;
}
