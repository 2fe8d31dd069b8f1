/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other side of a session, guest owner or platform, played by a test: it knows its private key,
 * so it can make sessions for a chip and read those that a chip makes for it.
 */
#ifndef SEV_TESTS_PSP_PEER_H
#define SEV_TESTS_PSP_PEER_H

#include "iodev/psp/cert.h"
#include "iodev/psp/session.h"
#include "tests/psp_rig.h"
#include "tests/psp_test.h"

struct psp_peer {
	struct sev_p384_key key;
	struct psp_cert cert; /* a PDH, unsigned, of firmware 1.55 */
};

static inline struct psp_peer peer_make(const char *seed)
{
	struct sev_rng *rng = sev_rng_new(seed, strlen(seed), "peer");
	struct psp_peer peer;

	sev_p384_generate(rng, &peer.key);
	sev_rng_free(rng);
	psp_cert_make(&peer.cert, PSP_USAGE_PDH, 1, 55, &peer.key.pub);
	return peer;
}

static inline void peer_agree(const struct psp_peer *peer, struct rig *rig, uint8_t z[SEV_P384])
{
	if (sev_p384_ecdh(&peer->key, &rig->psp->identity.pdh.pub, z) != 0)
		abort();
}

/* A session that brings these keys to the chip. */
static inline struct psp_session peer_wrap(const struct psp_peer *peer, struct rig *rig,
	const struct psp_transport_keys *keys, uint32_t policy)
{
	struct sev_rng *rng = sev_rng_new("session", 7, "peer");
	struct psp_session session;
	uint8_t z[SEV_P384];

	peer_agree(peer, rig, z);
	psp_session_make(&session, z, rng, keys, policy);
	sev_rng_free(rng);
	return session;
}

/* The keys in a session that the chip made. */
static inline bool peer_unwrap(const struct psp_peer *peer, struct rig *rig,
	const struct psp_session *session, uint32_t policy, struct psp_transport_keys *keys)
{
	uint8_t z[SEV_P384];

	peer_agree(peer, rig, z);
	return psp_session_open(session, z, policy, keys);
}

/* A guest in state RUPDATE, which the peer sent with these keys. */
static inline uint32_t peer_send(const struct psp_peer *peer, struct rig *rig,
	const struct psp_transport_keys *keys, uint32_t policy)
{
	struct psp_session session = peer_wrap(peer, rig, keys, policy);
	uint32_t handle;

	if (rig_start(rig, PSP_CMD_RECEIVE_START, policy, &peer->cert, &session, &handle) !=
		PSP_SUCCESS)
		abort();
	return handle;
}

/*
 * SEND_START to a platform with this PDH certificate, which is put at RIG_CERT; the others, if not
 * NULL, behind it and at RIG_AMD. The session comes from RIG_BLOB.
 */
static inline uint16_t peer_send_start(struct rig *rig, uint32_t handle, const struct psp_cert *pdh,
	const struct psp_cert_chain *chain, const void *amd, uint32_t amd_size,
	struct psp_session *session)
{
	struct psp_send_start cmd = {
		.handle = handle,
		.pdh_cert_paddr = RIG_CERT,
		.pdh_cert_length = sizeof(*pdh),
		.plat_certs_paddr = chain ? RIG_CERT + sizeof(*pdh) : 0,
		.plat_certs_length = chain ? sizeof(*chain) : 0,
		.amd_certs_paddr = amd ? RIG_AMD : 0,
		.amd_certs_length = amd ? amd_size : 0,
		.session_paddr = RIG_BLOB,
		.session_length = sizeof(*session),
	};
	uint16_t status;

	rig_put(rig, RIG_CERT, pdh, sizeof(*pdh));
	if (chain)
		rig_put(rig, RIG_CERT + sizeof(*pdh), chain, sizeof(*chain));
	if (amd)
		rig_put(rig, RIG_AMD, amd, amd_size);
	status = rig_command(rig, PSP_CMD_SEND_START, &cmd, sizeof(cmd));
	rig_get(rig, RIG_BLOB, SEVMEM_RAW, session, sizeof(*session));
	return status;
}

#endif
