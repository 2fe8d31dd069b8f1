/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest leaves the platform. */
#include "iodev/psp/cert.h"
#include "iodev/psp/model.h"

/* --- SEND_START ---------------------------------------------------------------------------- */

/* A certificate argument: absent only if the policy has no use for it. */
static bool given(uint64_t paddr, uint32_t length, bool needed)
{
	return needed || (paddr && length);
}

static bool lengths_legal(const struct psp_send_start *cmd, bool chain, bool amd)
{
	return cmd->pdh_cert_length == sizeof(struct psp_cert) &&
	       (!chain || cmd->plat_certs_length == sizeof(struct psp_cert_chain)) &&
	       (!amd || cmd->amd_certs_length == PSP_AMD_CERTS_SIZE);
}

/* Copies the certificates; session_spa: where the result goes, with no encryption bit. */
static uint16_t fetch_target(struct psp *psp, const struct psp_send_start *cmd, uint32_t policy,
	struct psp_target *target, uint64_t *session_spa)
{
	uint64_t pdh = cmd->pdh_cert_paddr, plat = cmd->plat_certs_paddr,
		 amd = cmd->amd_certs_paddr;
	bool has_plat =
		given(plat, cmd->plat_certs_length, policy & (PSP_POLICY_DOMAIN | PSP_POLICY_SEV));
	bool has_amd = given(amd, cmd->amd_certs_length, policy & PSP_POLICY_SEV);

	if (!lengths_legal(cmd, has_plat, has_amd))
		return PSP_INVALID_LENGTH;
	if (!psp_usable(psp, &pdh, sizeof(target->pdh), 1) ||
		(has_plat && !psp_usable(psp, &plat, sizeof(target->chain), 1)) ||
		(has_amd && !psp_usable(psp, &amd, sizeof(target->amd), 1)) ||
		!psp_usable(psp, session_spa, sizeof(struct psp_session), 1))
		return PSP_INVALID_ADDRESS;
	psp_fetch(psp, pdh, &target->pdh, sizeof(target->pdh));
	if (has_plat)
		psp_fetch(psp, plat, &target->chain, sizeof(target->chain));
	if (has_amd)
		psp_fetch(psp, amd, target->amd, sizeof(target->amd));
	return PSP_SUCCESS;
}

/* New transport keys, and the session that carries them to the target. After all checks. */
static void make_session(struct psp *psp, struct psp_guest *guest, const struct psp_target *target,
	struct psp_session *session)
{
	struct sev_p384_public peer;
	uint8_t z[SEV_P384];

	if (psp_cert_check(&target->pdh, PSP_USAGE_PDH, &peer, NULL) != 0 ||
		sev_p384_ecdh(&psp->identity.pdh, &peer, z) != 0)
		assert(!"certificate was checked");
	sev_rng_bytes(psp->rng, &guest->keys, sizeof(guest->keys));
	psp_session_make(session, z, psp->rng, &guest->keys, guest->policy);
	sev_wipe(z, sizeof(z));
}

uint16_t psp_do_send_start(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_send_start *cmd = buffer;
	uint64_t session_spa = cmd->session_paddr;
	struct psp_session session;
	struct psp_target target;
	uint16_t status;

	if (cmd->session_length < sizeof(session)) {
		cmd->session_length = sizeof(session);
		return PSP_INVALID_LENGTH;
	}
	if (guest->policy & PSP_POLICY_NOSEND) {
		sev_fail(&psp->detail, "the policy has NOSEND set");
		return PSP_POLICY_FAILURE;
	}
	status = fetch_target(psp, cmd, guest->policy, &target, &session_spa);
	if (status == PSP_SUCCESS)
		status = psp_check_target(psp, guest->policy, &target);
	if (status != PSP_SUCCESS)
		return status;
	make_session(psp, guest, &target, &session);
	psp_store(psp, session_spa, &session, sizeof(session));
	cmd->policy = guest->policy;
	cmd->session_length = sizeof(session);
	guest->state = PSP_GUEST_SUPDATE;
	return PSP_SUCCESS;
}

/* --- the packets --------------------------------------------------------------------------- */

uint16_t psp_do_send_update_data(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	return psp_packet_out(psp, guest, buffer, PSP_PACKET_DATA);
}

uint16_t psp_do_send_update_vmsa(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	return psp_packet_out(psp, guest, buffer, PSP_PACKET_VMSA);
}

/* --- the end ------------------------------------------------------------------------------- */

uint16_t psp_do_send_finish(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)buffer;
	psp_wipe_transport(guest);
	guest->state = PSP_GUEST_SENT;
	return PSP_SUCCESS;
}

/* The guest runs on here. */
uint16_t psp_do_send_cancel(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)buffer;
	psp_wipe_transport(guest);
	guest->state = PSP_GUEST_RUNNING;
	return PSP_SUCCESS;
}
