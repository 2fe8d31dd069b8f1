/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The root of trust of all emulated chips: an ARK and an ASK in AMD's format (RSA-4096, SHA-384),
 * the same for every chip and every build, so that chips trust each other. Not AMD's, and their key
 * identifiers say so.
 *
 * Everybody knows the private keys: they stand in root.c. Whoever accepts this ARK accepts any chip
 * that anybody cares to make up, which is right for tests and for nothing else.
 *
 * Source: AMD publication 55766, appendix B.
 */
#ifndef SEV_PSP_ROOT_H
#define SEV_PSP_ROOT_H

#include <stdbool.h>
#include <stdint.h>

#include "iodev/psp/cert.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PSP_ROOT_ARK_ID	   "EMULATED-NOT-AMD" /* KEY_ID: 16 characters, no NUL */
#define PSP_ROOT_ASK_ID	   "EMULATED-NOT-ASK"
#define PSP_ROOT_CERT_SIZE PSP_AMD_CERT_MAX

/* As AMD publishes the two of a product. */
struct psp_root_certs {
	uint8_t ask[PSP_ROOT_CERT_SIZE];
	uint8_t ark[PSP_ROOT_CERT_SIZE];
};

/*
 * The certificates, the same bytes always; signed at first use (some 60 ms). Valid until the end of
 * the program, for all threads. sev_crypto_init must have been called.
 */
const struct psp_root_certs *psp_root(void);

/* The two parsed, ready for psp_chain_verify. Either may be NULL. */
void psp_root_keys(struct psp_amd_key *ask, struct psp_amd_key *ark);

/* Whether this is the emulator's ARK: same identifier and same key. Signatures are not looked at.
 */
bool psp_root_is(const struct psp_amd_key *ark);

/* Puts the ASK's signature (RSA-PSS, SHA-384) in slot 0 of a CEK; some 30 ms. */
void psp_root_sign_cek(struct psp_cert *cek);

#ifdef __cplusplus
}
#endif
#endif
