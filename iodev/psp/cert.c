/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SEV certificates: P-384 keys with two signature slots. */
#include "iodev/psp/cert.h"

#include <string.h>

const char *psp_usage_name(uint32_t usage)
{
	switch (usage) {
	case PSP_USAGE_ARK:
		return "ARK";
	case PSP_USAGE_ASK:
		return "ASK";
	case PSP_USAGE_NONE:
		return "none";
	case PSP_USAGE_OCA:
		return "OCA";
	case PSP_USAGE_PEK:
		return "PEK";
	case PSP_USAGE_PDH:
		return "PDH";
	case PSP_USAGE_CEK:
		return "CEK";
	}
	return "unknown";
}

/* Big-endian number of 48 bytes to the little-endian field of 72. */
static void number_to_field(const uint8_t number[SEV_P384], uint8_t field[72])
{
	memset(field, 0, 72);
	for (size_t i = 0; i < SEV_P384; i++)
		field[i] = number[SEV_P384 - 1 - i];
}

/* And back; false if the number needs more than 384 bits. */
static bool field_to_number(const uint8_t field[72], uint8_t number[SEV_P384])
{
	uint8_t rest = 0;

	for (size_t i = SEV_P384; i < 72; i++)
		rest |= field[i];
	for (size_t i = 0; i < SEV_P384; i++)
		number[SEV_P384 - 1 - i] = field[i];
	return rest == 0;
}

static void ecdsa_to_fields(
	const struct sev_p384_signature *signature, struct psp_ecdsa_signature *fields)
{
	number_to_field(signature->r, fields->r);
	number_to_field(signature->s, fields->s);
}

static bool fields_to_ecdsa(
	const struct psp_ecdsa_signature *fields, struct sev_p384_signature *signature)
{
	return field_to_number(fields->r, signature->r) && field_to_number(fields->s, signature->s);
}

static void empty_slot(struct psp_cert_signature *slot)
{
	memset(slot, 0, sizeof(*slot));
	slot->usage = PSP_USAGE_NONE;
	slot->algo = PSP_ALGO_NONE;
}

void psp_cert_make(struct psp_cert *cert, uint32_t usage, uint8_t api_major, uint8_t api_minor,
	const struct sev_p384_public *pub)
{
	memset(cert, 0, sizeof(*cert));
	cert->version = 1;
	cert->api_major = api_major;
	cert->api_minor = api_minor;
	cert->pubkey_usage = usage;
	cert->pubkey_algo = usage == PSP_USAGE_PDH ? PSP_ALGO_ECDH_SHA256 : PSP_ALGO_ECDSA_SHA256;
	cert->pubkey.curve = PSP_CURVE_P384;
	number_to_field(pub->x, cert->pubkey.qx);
	number_to_field(pub->y, cert->pubkey.qy);
	empty_slot(&cert->sig[0]);
	empty_slot(&cert->sig[1]);
}

/* Returns the size of the hash that goes with the algorithm. */
static size_t digest_signed(const struct psp_cert *cert, uint32_t algo, uint8_t out[SEV_SHA384])
{
	const struct sev_part part = { cert, PSP_CERT_SIGNED };

	if (algo == PSP_ALGO_RSA_SHA384 || algo == PSP_ALGO_ECDSA_SHA384) {
		sev_sha384(&part, 1, out);
		return SEV_SHA384;
	}
	sev_sha256(&part, 1, out);
	return SEV_SHA256;
}

void psp_cert_sign(
	struct psp_cert *cert, unsigned slot, uint32_t signer, const struct sev_p384_key *key)
{
	struct psp_cert_signature *sig = &cert->sig[slot];
	struct sev_p384_signature signature;
	uint8_t digest[SEV_SHA384];
	size_t size;

	empty_slot(sig);
	sig->usage = signer;
	sig->algo = PSP_ALGO_ECDSA_SHA256;
	size = digest_signed(cert, sig->algo, digest);
	sev_p384_sign(key, digest, size, &signature);
	ecdsa_to_fields(&signature, &sig->ecdsa);
}

static bool algo_goes_with(uint32_t usage, uint32_t algo)
{
	if (usage == PSP_USAGE_PDH)
		return algo == PSP_ALGO_ECDH_SHA256 || algo == PSP_ALGO_ECDH_SHA384;
	return algo == PSP_ALGO_ECDSA_SHA256 || algo == PSP_ALGO_ECDSA_SHA384;
}

static bool public_key(const struct psp_cert *cert, struct sev_p384_public *pub)
{
	return field_to_number(cert->pubkey.qx, pub->x) &&
	       field_to_number(cert->pubkey.qy, pub->y) && sev_p384_on_curve(pub);
}

int psp_cert_check(const struct psp_cert *cert, uint32_t usage, struct sev_p384_public *pub,
	struct sev_error *err)
{
	const char *name = psp_usage_name(usage);
	struct sev_p384_public key;

	if (cert->version != 1)
		return sev_fail(err, "%s certificate: version %u, legal is 1", name,
			(unsigned)cert->version);
	if (cert->pubkey_usage != usage)
		return sev_fail(err, "%s certificate: usage %04Xh, legal is %04Xh", name,
			(unsigned)cert->pubkey_usage, (unsigned)usage);
	if (!algo_goes_with(usage, cert->pubkey_algo))
		return sev_fail(err, "%s certificate: algorithm %03Xh, legal are %s", name,
			(unsigned)cert->pubkey_algo,
			usage == PSP_USAGE_PDH ? "003h and 103h (ECDH)" : "002h and 102h (ECDSA)");
	if (cert->pubkey.curve != PSP_CURVE_P384)
		return sev_fail(err, "%s certificate: curve %u, legal is 2 (P-384)", name,
			(unsigned)cert->pubkey.curve);
	if (!public_key(cert, &key))
		return sev_fail(
			err, "%s certificate: the public key is not a point of P-384", name);
	if (pub)
		*pub = key;
	return 0;
}

const struct psp_cert_signature *psp_cert_slot(const struct psp_cert *cert, uint32_t signer)
{
	for (unsigned i = 0; i < 2; i++) {
		if (cert->sig[i].usage == signer)
			return &cert->sig[i];
	}
	return NULL;
}

static bool slot_verifies(const struct psp_cert *cert, const struct psp_cert_signature *slot,
	const struct psp_cert *signer)
{
	struct sev_p384_signature signature;
	struct sev_p384_public pub;
	uint8_t digest[SEV_SHA384];
	size_t size;

	if (slot->algo != PSP_ALGO_ECDSA_SHA256 && slot->algo != PSP_ALGO_ECDSA_SHA384)
		return false;
	if (!fields_to_ecdsa(&slot->ecdsa, &signature) || !public_key(signer, &pub))
		return false;
	size = digest_signed(cert, slot->algo, digest);
	return sev_p384_verify(&pub, digest, size, &signature);
}

int psp_cert_verify(
	const struct psp_cert *cert, const struct psp_cert *signer, struct sev_error *err)
{
	const char *name = psp_usage_name(cert->pubkey_usage);
	const char *by = psp_usage_name(signer->pubkey_usage);
	const struct psp_cert_signature *slot = psp_cert_slot(cert, signer->pubkey_usage);

	if (!slot)
		return sev_fail(err, "%s certificate: carries no signature of the %s", name, by);
	if (!slot_verifies(cert, slot, signer))
		return sev_fail(
			err, "%s certificate: the signature of the %s does not verify", name, by);
	return 0;
}

static bool rsa_slot_verifies(const struct psp_cert *cert, const struct psp_cert_signature *slot,
	const struct psp_amd_key *signer)
{
	uint8_t digest[SEV_SHA384];
	size_t size;

	if (slot->algo != PSP_ALGO_RSA_SHA256 && slot->algo != PSP_ALGO_RSA_SHA384)
		return false;
	size = digest_signed(cert, slot->algo, digest);
	return psp_amd_key_verify(signer, digest, size, slot->bytes);
}

int psp_cert_verify_rsa(
	const struct psp_cert *cert, const struct psp_amd_key *signer, struct sev_error *err)
{
	const char *name = psp_usage_name(cert->pubkey_usage);
	const struct psp_cert_signature *slot = psp_cert_slot(cert, PSP_USAGE_ASK);

	if (signer->cert->key_usage != PSP_USAGE_ASK)
		return sev_fail(err, "%s certificate: the signer's usage is %04Xh, not ASK", name,
			(unsigned)signer->cert->key_usage);
	if (!slot)
		return sev_fail(err, "%s certificate: carries no signature of the ASK", name);
	if (!rsa_slot_verifies(cert, slot, signer))
		return sev_fail(
			err, "%s certificate: the signature of the ASK does not verify", name);
	return 0;
}

/* --- attestation report -------------------------------------------------------------------- */

static void digest_report(const struct psp_attestation_report *report, uint8_t digest[SEV_SHA256])
{
	const struct sev_part part = { report, PSP_REPORT_SIGNED };

	sev_sha256(&part, 1, digest);
}

void psp_report_sign(struct psp_attestation_report *report, const struct sev_p384_key *pek)
{
	struct sev_p384_signature signature;
	uint8_t digest[SEV_SHA256];

	digest_report(report, digest);
	sev_p384_sign(pek, digest, sizeof(digest), &signature);
	report->sig_usage = PSP_USAGE_PEK;
	report->sig_algo = PSP_ALGO_ECDSA_SHA256;
	report->reserved = 0;
	ecdsa_to_fields(&signature, &report->sig);
}

int psp_report_verify(const struct psp_attestation_report *report, const struct psp_cert *pek,
	struct sev_error *err)
{
	struct sev_p384_signature signature;
	struct sev_p384_public pub;
	uint8_t digest[SEV_SHA256];

	if (psp_cert_check(pek, PSP_USAGE_PEK, &pub, err) != 0)
		return -1;
	if (report->sig_usage != PSP_USAGE_PEK || report->sig_algo != PSP_ALGO_ECDSA_SHA256)
		return sev_fail(err,
			"attestation report: signed by usage %04Xh with algorithm %03Xh, "
			"legal are 1002h (PEK) and 002h (ECDSA)",
			(unsigned)report->sig_usage, (unsigned)report->sig_algo);
	digest_report(report, digest);
	if (!fields_to_ecdsa(&report->sig, &signature) ||
		!sev_p384_verify(&pub, digest, sizeof(digest), &signature))
		return sev_fail(
			err, "attestation report: the signature of the PEK does not verify");
	return 0;
}
