/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/psp/session.h"

#include <string.h>

#include "base/base.h"

static_assert(sizeof(struct psp_transport_keys) == 32, "TEK | TIK is wrapped as one");

void psp_session_derive(
	const uint8_t z[SEV_P384], const uint8_t nonce[16], struct psp_session_keys *keys)
{
	sev_kdf(z, SEV_P384, "sev-master-secret", nonce, 16, 128, keys->ms);
	sev_kdf(keys->ms, 16, "sev-kek", NULL, 0, 128, keys->kek);
	sev_kdf(keys->ms, 16, "sev-kik", NULL, 0, 128, keys->kik);
}

/* Covers the ciphertext only, not the initialisation vector. */
static void wrap_mac(
	const struct psp_session *session, const uint8_t kik[16], uint8_t mac[SEV_SHA256])
{
	const struct sev_part part = { session->wrap_tk, sizeof(session->wrap_tk) };

	sev_hmac_sha256(kik, 16, &part, 1, mac);
}

static void policy_mac(const uint8_t tik[16], uint32_t policy, uint8_t mac[SEV_SHA256])
{
	uint8_t field[4];
	const struct sev_part part = { field, sizeof(field) };

	sev_put32(field, policy);
	sev_hmac_sha256(tik, 16, &part, 1, mac);
}

void psp_session_wrap(struct psp_session *session, const struct psp_session_keys *secrets,
	const struct psp_transport_keys *keys, uint32_t policy)
{
	sev_aes128_ctr(
		secrets->kek, session->wrap_iv, keys, session->wrap_tk, sizeof(session->wrap_tk));
	wrap_mac(session, secrets->kik, session->wrap_mac);
	policy_mac(keys->tik, policy, session->policy_mac);
}

void psp_session_make(struct psp_session *session, const uint8_t z[SEV_P384], struct sev_rng *rng,
	const struct psp_transport_keys *keys, uint32_t policy)
{
	struct psp_session_keys secrets;

	sev_rng_bytes(rng, session->nonce, sizeof(session->nonce));
	sev_rng_bytes(rng, session->wrap_iv, sizeof(session->wrap_iv));
	psp_session_derive(z, session->nonce, &secrets);
	psp_session_wrap(session, &secrets, keys, policy);
	sev_wipe(&secrets, sizeof(secrets));
}

static bool unwrap(const struct psp_session *session, const struct psp_session_keys *secrets,
	uint32_t policy, struct psp_transport_keys *keys)
{
	uint8_t mac[SEV_SHA256];

	wrap_mac(session, secrets->kik, mac);
	if (!sev_equal(mac, session->wrap_mac, sizeof(mac)))
		return false;
	sev_aes128_ctr(secrets->kek, session->wrap_iv, session->wrap_tk, keys, sizeof(*keys));
	policy_mac(keys->tik, policy, mac);
	return sev_equal(mac, session->policy_mac, sizeof(mac));
}

bool psp_session_open(const struct psp_session *session, const uint8_t z[SEV_P384], uint32_t policy,
	struct psp_transport_keys *keys)
{
	struct psp_session_keys secrets;
	struct psp_transport_keys opened;
	bool ok;

	psp_session_derive(z, session->nonce, &secrets);
	ok = unwrap(session, &secrets, policy, &opened);
	if (ok)
		*keys = opened;
	sev_wipe(&secrets, sizeof(secrets));
	sev_wipe(&opened, sizeof(opened));
	return ok;
}

#define CONTEXT_MEASURE 4

void psp_measure(const uint8_t tik[16], struct psp_version version, uint32_t policy,
	const uint8_t launch_digest[SEV_SHA256], const uint8_t mnonce[16],
	uint8_t measure[SEV_SHA256])
{
	uint8_t head[8] = { CONTEXT_MEASURE, version.api_major, version.api_minor, version.build };
	const struct sev_part parts[] = {
		{ head, sizeof(head) },
		{ launch_digest, SEV_SHA256 },
		{ mnonce, 16 },
	};

	sev_put32(head + 4, policy);
	sev_hmac_sha256(tik, 16, parts, 3, measure);
}

/* --- packets ------------------------------------------------------------------------------- */

void psp_packet_mac(const uint8_t tik[16], const struct psp_packet_header *header,
	const struct psp_packet *packet, uint8_t mac[SEV_SHA256])
{
	uint8_t context = (uint8_t)packet->context, lengths[8];
	const struct sev_part parts[] = {
		{ &context, 1 },
		{ header, offsetof(struct psp_packet_header, mac) }, /* flags, IV */
		{ lengths, sizeof(lengths) },
		{ packet->data, packet->trans_length },
		{ packet->measure, packet->measure ? SEV_SHA256 : 0 },
	};

	sev_put32(lengths, packet->guest_length);
	sev_put32(lengths + 4, packet->trans_length);
	sev_hmac_sha256(tik, 16, parts, sizeof(parts) / sizeof(parts[0]), mac);
}

void psp_packet_seal(struct psp_packet_header *header, const struct psp_transport_keys *keys,
	enum psp_packet_context context, const uint8_t *measure, const void *plain, void *data,
	uint32_t size)
{
	const struct psp_packet packet = {
		.context = context,
		.guest_length = size,
		.trans_length = size,
		.data = data,
		.measure = measure,
	};

	sev_aes128_ctr(keys->tek, header->iv, plain, data, size);
	psp_packet_mac(keys->tik, header, &packet, header->mac);
}

bool psp_packet_open(const struct psp_packet_header *header, const struct psp_transport_keys *keys,
	const struct psp_packet *packet, void *plain)
{
	uint8_t mac[SEV_SHA256];

	psp_packet_mac(keys->tik, header, packet, mac);
	if (!sev_equal(mac, header->mac, sizeof(mac)))
		return false;
	sev_aes128_ctr(keys->tek, header->iv, packet->data, plain, packet->trans_length);
	return true;
}
