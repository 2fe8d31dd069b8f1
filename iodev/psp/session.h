/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What guest owner and firmware compute alike: the session that carries the transport keys, the
 * launch measurement, the packets that carry secrets. Each formula is here once; knows nothing of a
 * chip.
 *
 * Source: AMD publication 55766, chapters 2 (keys, key derivation), 4 (session, packets) and the
 * command LAUNCH_MEASURE.
 */
#ifndef SEV_PSP_SESSION_H
#define SEV_PSP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"
#include "iodev/psp/psp_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Transport keys: encryption and integrity. */
struct psp_transport_keys {
	uint8_t tek[16];
	uint8_t tik[16];
};

/* The keys between the ECDH secret and the session: master secret, key encryption, key integrity.
 */
struct psp_session_keys {
	uint8_t ms[16];
	uint8_t kek[16];
	uint8_t kik[16];
};

/* z: shared X coordinate (sev_p384_ecdh). */
void psp_session_derive(
	const uint8_t z[SEV_P384], const uint8_t nonce[16], struct psp_session_keys *keys);

/* Wraps keys for a guest with this policy; session->nonce and session->wrap_iv are set before. */
void psp_session_wrap(struct psp_session *session, const struct psp_session_keys *secrets,
	const struct psp_transport_keys *keys, uint32_t policy);

/* The whole of the owner's side: random nonce and IV, z from ECDH with the platform's PDH. */
void psp_session_make(struct psp_session *session, const uint8_t z[SEV_P384], struct sev_rng *rng,
	const struct psp_transport_keys *keys, uint32_t policy);

/* Unwraps: true and keys set, or false (keys untouched) if one of the two MACs does not match. */
bool psp_session_open(const struct psp_session *session, const uint8_t z[SEV_P384], uint32_t policy,
	struct psp_transport_keys *keys);

/* Launch measurement over firmware version, policy, launch digest and nonce. */
struct psp_version {
	uint8_t api_major, api_minor, build;
};
void psp_measure(const uint8_t tik[16], struct psp_version version, uint32_t policy,
	const uint8_t launch_digest[SEV_SHA256], const uint8_t mnonce[16],
	uint8_t measure[SEV_SHA256]);

/* --- packets ------------------------------------------------------------------------------- */

enum psp_packet_context {
	PSP_PACKET_SECRET = 1, /* LAUNCH_SECRET: the MAC covers the launch measurement too */
	PSP_PACKET_DATA = 2,   /* SEND_UPDATE_DATA, RECEIVE_UPDATE_DATA */
	PSP_PACKET_VMSA = 3,   /* SEND_UPDATE_VMSA, RECEIVE_UPDATE_VMSA */
};

/* A packet beside its header. measure: 32 bytes for PSP_PACKET_SECRET, else NULL. */
struct psp_packet {
	enum psp_packet_context context;
	uint32_t guest_length;
	uint32_t trans_length;
	const void *data; /* trans_length bytes of ciphertext */
	const uint8_t *measure;
};

void psp_packet_mac(const uint8_t tik[16], const struct psp_packet_header *header,
	const struct psp_packet *packet, uint8_t mac[SEV_SHA256]);

/*
 * Encrypts size bytes of plaintext to data (may be the same) under header->iv, with header->flags,
 * both set before, and fills header->mac.
 */
void psp_packet_seal(struct psp_packet_header *header, const struct psp_transport_keys *keys,
	enum psp_packet_context context, const uint8_t *measure, const void *plain, void *data,
	uint32_t size);

/* Checks the MAC, then decrypts packet->data to plain. false: no match, plain untouched. */
bool psp_packet_open(const struct psp_packet_header *header, const struct psp_transport_keys *keys,
	const struct psp_packet *packet, void *plain);

#ifdef __cplusplus
}
#endif
#endif
