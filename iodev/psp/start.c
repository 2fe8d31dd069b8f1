/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a guest comes into being: launched here, or received from another platform. */
#include <stdlib.h>
#include <string.h>

#include "iodev/psp/cert.h"
#include "iodev/psp/model.h"

/* --- policy -------------------------------------------------------------------------------- */

bool psp_api_meets(uint32_t policy, uint8_t api_major, uint8_t api_minor)
{
	unsigned major = policy >> PSP_POLICY_API_MAJOR & 0xff;
	unsigned minor = policy >> PSP_POLICY_API_MINOR & 0xff;

	return major < api_major || (major == api_major && minor <= api_minor);
}

static uint16_t check_api(struct psp *psp, uint32_t policy)
{
	if (psp_api_meets(policy, psp->version.api_major, psp->version.api_minor))
		return PSP_SUCCESS;
	sev_fail(&psp->detail, "the policy asks for firmware API %u.%u, this is %u.%u",
		(unsigned)(policy >> PSP_POLICY_API_MAJOR & 0xff),
		(unsigned)(policy >> PSP_POLICY_API_MINOR & 0xff), psp->version.api_major,
		psp->version.api_minor);
	return PSP_POLICY_FAILURE;
}

static uint16_t check_sharing(struct psp *psp, uint32_t policy, const struct psp_guest *source)
{
	if (source->policy != policy)
		sev_fail(&psp->detail, "the guest whose key is to be shared has another policy");
	else if (policy & PSP_POLICY_NOKS)
		sev_fail(&psp->detail, "the policy has NOKS set");
	else
		return PSP_SUCCESS;
	return PSP_POLICY_FAILURE;
}

/* source: guest whose VEK is to be shared, or NULL. */
static uint16_t check_policy(struct psp *psp, uint32_t policy, const struct psp_guest *source)
{
	uint16_t status = check_api(psp, policy);

	if (status != PSP_SUCCESS)
		return status;
	if ((policy & PSP_POLICY_ES) && !psp->es)
		return PSP_UNSUPPORTED;
	return source ? check_sharing(psp, policy, source) : PSP_SUCCESS;
}

static uint16_t check_start(
	struct psp *psp, const struct psp_launch_start *cmd, const struct psp_guest *source)
{
	uint16_t status;

	if (cmd->policy & PSP_POLICY_RESERVED)
		return PSP_INVALID_PARAM;
	if (cmd->handle && !source)
		return PSP_INVALID_GUEST;
	status = check_policy(psp, cmd->policy, source);
	if (status != PSP_SUCCESS)
		return status;
	return psp->guest_count == psp->config.max_asid ? PSP_RESOURCE_LIMIT : PSP_SUCCESS;
}

/* --- session ------------------------------------------------------------------------------- */

/* The other side's certificate is checked for form only: trust runs from it to the platform. */
static uint16_t open_session(
	struct psp *psp, const struct psp_launch_start *cmd, struct psp_transport_keys *keys)
{
	uint64_t cert_spa = cmd->dh_cert_paddr, session_spa = cmd->session_paddr;
	struct psp_session session;
	struct sev_p384_public peer;
	struct psp_cert cert;
	uint8_t z[SEV_P384];
	bool ok;

	if (cmd->dh_cert_length != sizeof(cert) || cmd->session_length != sizeof(session))
		return PSP_INVALID_LENGTH;
	if (!cert_spa || !psp_usable(psp, &cert_spa, sizeof(cert), 1) ||
		!psp_usable(psp, &session_spa, sizeof(session), 1))
		return PSP_INVALID_ADDRESS;
	psp_fetch(psp, cert_spa, &cert, sizeof(cert));
	psp_fetch(psp, session_spa, &session, sizeof(session));
	if (psp_cert_check(&cert, PSP_USAGE_PDH, &peer, &psp->detail) != 0 ||
		sev_p384_ecdh(&psp->identity.pdh, &peer, z) != 0)
		return PSP_INVALID_CERTIFICATE;
	ok = psp_session_open(&session, z, cmd->policy, keys);
	sev_wipe(z, sizeof(z));
	return ok ? PSP_SUCCESS : PSP_BAD_MEASUREMENT;
}

static uint16_t launch_keys(
	struct psp *psp, const struct psp_launch_start *cmd, struct psp_transport_keys *keys)
{
	if (cmd->dh_cert_paddr)
		return open_session(psp, cmd, keys);
	sev_rng_bytes(psp->rng, keys, sizeof(*keys)); /* nobody will ever know them */
	return PSP_SUCCESS;
}

/* --- the context --------------------------------------------------------------------------- */

static struct psp_vek *new_vek(struct psp *psp)
{
	struct psp_vek *vek = calloc(1, sizeof(*vek));

	if (!vek)
		abort();
	sev_rng_bytes(psp->rng, vek->key, sizeof(vek->key));
	return vek;
}

/* After all checks. The caller sets what launched and received guests do not have in common. */
static struct psp_guest *start(struct psp *psp, struct psp_launch_start *cmd,
	struct psp_guest *source, struct psp_transport_keys *keys)
{
	struct psp_guest *guest = psp_new_guest(psp);

	guest->policy = cmd->policy;
	guest->keys = *keys;
	guest->vek = source ? source->vek : new_vek(psp);
	guest->vek->references++;
	psp->state = PSP_PLATFORM_WORKING;
	cmd->handle = guest->handle;
	sev_wipe(keys, sizeof(*keys));
	return guest;
}

uint16_t psp_do_launch_start(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_launch_start *cmd = buffer;
	struct psp_guest *source = psp_find_guest(psp, cmd->handle);
	struct psp_transport_keys keys;
	uint16_t status = check_start(psp, cmd, source);

	if (status == PSP_SUCCESS)
		status = launch_keys(psp, cmd, &keys);
	if (status != PSP_SUCCESS)
		return status;
	guest = start(psp, cmd, source, &keys);
	guest->session = cmd->dh_cert_paddr != 0;
	guest->state = PSP_GUEST_LUPDATE;
	return PSP_SUCCESS;
}

/* The certificate is the PDH of the platform that sends, which made the session. */
uint16_t psp_do_receive_start(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_launch_start *cmd = buffer;
	struct psp_guest *source = psp_find_guest(psp, cmd->handle);
	struct psp_transport_keys keys;
	uint16_t status = check_start(psp, cmd, source);

	if (status == PSP_SUCCESS)
		status = open_session(psp, cmd, &keys);
	if (status != PSP_SUCCESS)
		return status;
	guest = start(psp, cmd, source, &keys);
	guest->session = true;
	guest->received = true;
	guest->state = PSP_GUEST_RUPDATE;
	return PSP_SUCCESS;
}

uint16_t psp_launch_clear_keys(
	struct psp *psp, uint32_t handle, const uint8_t tik[16], const uint8_t tek[16])
{
	struct psp_guest *guest = psp_find_guest(psp, handle);

	if (!guest)
		return PSP_INVALID_GUEST;
	if (guest->state != PSP_GUEST_LUPDATE || guest->updated || guest->session)
		return PSP_INVALID_GUEST_STATE;
	memcpy(guest->keys.tik, tik, sizeof(guest->keys.tik));
	memcpy(guest->keys.tek, tek, sizeof(guest->keys.tek));
	return PSP_SUCCESS;
}
