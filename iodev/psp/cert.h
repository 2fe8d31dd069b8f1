/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates in AMD's formats: making, checking and verifying them. For the firmware model and
 * for guest owners alike; knows nothing of a chip.
 *
 * Source: AMD publication 55766, appendices B (AMD signing key, ARK and ASK) and C (SEV
 * certificates).
 */
#ifndef SEV_PSP_CERT_H
#define SEV_PSP_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "crypto/crypto.h"
#include "iodev/psp/psp_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "PDH", "PEK", ...; "unknown" for any other number. */
const char *psp_usage_name(uint32_t usage);

/* --- SEV certificates (PDH, PEK, OCA, CEK and the guest owner's ECDH key) ------------------ */

/*
 * An unsigned certificate: both slots empty. The algorithm follows from the usage: ECDH with
 * SHA-256 for a PDH (which is also what a guest owner presents), ECDSA with SHA-256 for all others.
 */
void psp_cert_make(struct psp_cert *cert, uint32_t usage, uint8_t api_major, uint8_t api_minor,
	const struct sev_p384_public *pub);

/* Puts a signature by `key`, whose own certificate has usage `signer`, in slot 0 or 1. */
void psp_cert_sign(
	struct psp_cert *cert, unsigned slot, uint32_t signer, const struct sev_p384_key *key);

/*
 * Whether the certificate is well formed and has this usage: version 1, an algorithm that goes with
 * the usage, curve P-384, the point on the curve. pub (may be NULL) receives the key. Signatures
 * are not looked at. Returns 0, or -1 with err naming what is wrong.
 */
int psp_cert_check(const struct psp_cert *cert, uint32_t usage, struct sev_p384_public *pub,
	struct sev_error *err);

/* The first slot with a signature of this usage; NULL: there is none. */
const struct psp_cert_signature *psp_cert_slot(const struct psp_cert *cert, uint32_t signer);

/*
 * Whether a slot of cert has the usage of `signer` and verifies under its key; slots may be in
 * either order. Both certificates must pass psp_cert_check. Returns 0, or -1 with err.
 */
int psp_cert_verify(
	const struct psp_cert *cert, const struct psp_cert *signer, struct sev_error *err);

/* --- AMD certificates (ARK, ASK) ----------------------------------------------------------- */

#define PSP_AMD_CERT_MAX 0x640 /* RSA-4096; RSA-2048: 340h */

/* Pointers into the bytes that were parsed; numbers little-endian. */
struct psp_amd_key {
	const struct psp_amd_cert *cert;
	const uint8_t *exponent, *modulus, *signature;
	size_t exponent_size, modulus_size;
	size_t signature_size; /* modulus_size, or 0: the certificate ends without a signature */
	size_t size;	       /* of the whole certificate */
};

/*
 * Parses the certificate at the start of data. Accepts RSA-2048 and RSA-4096. unsigned_ok: the data
 * may end before the signature (the ARK of EPYC 7001 is published so). Returns 0, or -1 with err.
 */
int psp_amd_cert_parse(const void *data, size_t size, bool unsigned_ok, struct psp_amd_key *key,
	struct sev_error *err);

/* ASK under ARK, or ARK under itself: identifiers and signature. Returns 0, or -1 with err. */
int psp_amd_cert_verify(
	const struct psp_amd_key *cert, const struct psp_amd_key *signer, struct sev_error *err);

/*
 * A signature (little-endian, as long as the modulus) over a digest of 32 or 48 bytes, under this
 * key.
 */
bool psp_amd_key_verify(const struct psp_amd_key *signer, const void *digest, size_t digest_size,
	const uint8_t *signature);

/* CEK under ASK. Returns 0, or -1 with err. */
int psp_cert_verify_rsa(
	const struct psp_cert *cert, const struct psp_amd_key *signer, struct sev_error *err);

/* The processor family whose published root has this key identifier ("Milan"), or NULL. */
const char *psp_amd_product(const uint8_t key_id[16]);

/* --- fingerprints -------------------------------------------------------------------------- */

/*
 * SHA-256 of the public key in the form SubjectPublicKeyInfo, DER (RFC 5280), as other tools have
 * it. False if the certificate is not well formed.
 */
bool psp_cert_fingerprint(const struct psp_cert *cert, uint8_t sha256[SEV_SHA256]);
void psp_amd_key_fingerprint(const struct psp_amd_key *key, uint8_t sha256[SEV_SHA256]);

/* --- chain and report ---------------------------------------------------------------------- */

/*
 * Verifies PDH <- PEK <- OCA <- OCA and PEK <- CEK; if ask is not NULL also CEK <- ASK <- ARK <-
 * ARK (an ARK without signature ends the chain). Returns 0, or -1 with err naming the broken link.
 */
int psp_chain_verify(const struct psp_cert *pdh, const struct psp_cert_chain *chain,
	const struct psp_amd_key *ask, const struct psp_amd_key *ark, struct sev_error *err);

/* Fills usage, algorithm and signature of a report whose other fields are set. */
void psp_report_sign(struct psp_attestation_report *report, const struct sev_p384_key *pek);
/* Returns 0, or -1 with err. */
int psp_report_verify(const struct psp_attestation_report *report, const struct psp_cert *pek,
	struct sev_error *err);

#ifdef __cplusplus
}
#endif
#endif
