/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The launch of a guest, from its context to its first instruction. */
#include <stdlib.h>
#include <string.h>

#include "iodev/psp/cert.h"
#include "iodev/psp/model.h"

/* --- LAUNCH_START -------------------------------------------------------------------------- */

/* Minimum firmware version that the policy asks for: major first. */
static bool api_too_old(struct psp *psp, uint32_t policy)
{
	unsigned major = policy >> PSP_POLICY_API_MAJOR & 0xff;
	unsigned minor = policy >> PSP_POLICY_API_MINOR & 0xff;

	if (major < psp->version.api_major ||
		(major == psp->version.api_major && minor <= psp->version.api_minor))
		return false;
	sev_fail(&psp->detail, "the policy asks for firmware API %u.%u, this is %u.%u", major,
		minor, psp->version.api_major, psp->version.api_minor);
	return true;
}

/* source: guest whose VEK is to be shared, or NULL. */
static uint16_t check_policy(struct psp *psp, uint32_t policy, const struct psp_guest *source)
{
	if (api_too_old(psp, policy))
		return PSP_POLICY_FAILURE;
	if ((policy & PSP_POLICY_ES) && !psp->es)
		return PSP_UNSUPPORTED;
	if (source && (source->policy != policy || (policy & PSP_POLICY_NOKS)))
		return PSP_POLICY_FAILURE;
	return PSP_SUCCESS;
}

/* The owner's certificate is checked for form only: trust runs from owner to platform. */
static uint16_t open_session(
	struct psp *psp, const struct psp_launch_start *cmd, struct psp_transport_keys *keys)
{
	uint64_t cert_spa = cmd->dh_cert_paddr, session_spa = cmd->session_paddr;
	struct psp_session session;
	struct sev_p384_public owner;
	struct psp_cert cert;
	uint8_t z[SEV_P384];
	bool ok;

	if (cmd->dh_cert_length != sizeof(cert) || cmd->session_length != sizeof(session))
		return PSP_INVALID_LENGTH;
	if (!psp_usable(psp, &cert_spa, sizeof(cert), 1) ||
		!psp_usable(psp, &session_spa, sizeof(session), 1))
		return PSP_INVALID_ADDRESS;
	psp_fetch(psp, cert_spa, &cert, sizeof(cert));
	psp_fetch(psp, session_spa, &session, sizeof(session));
	if (psp_cert_check(&cert, PSP_USAGE_PDH, &owner, &psp->detail) != 0 ||
		sev_p384_ecdh(&psp->identity.pdh, &owner, z) != 0)
		return PSP_INVALID_CERTIFICATE;
	ok = psp_session_open(&session, z, cmd->policy, keys);
	sev_wipe(z, sizeof(z));
	return ok ? PSP_SUCCESS : PSP_BAD_MEASUREMENT;
}

static struct psp_vek *new_vek(struct psp *psp)
{
	struct psp_vek *vek = calloc(1, sizeof(*vek));

	if (!vek)
		abort();
	sev_rng_bytes(psp->rng, vek->key, sizeof(vek->key));
	return vek;
}

static uint16_t obtain_keys(
	struct psp *psp, const struct psp_launch_start *cmd, struct psp_transport_keys *keys)
{
	if (cmd->dh_cert_paddr)
		return open_session(psp, cmd, keys);
	sev_rng_bytes(psp->rng, keys, sizeof(*keys)); /* nobody will ever know them */
	return PSP_SUCCESS;
}

uint16_t psp_do_launch_start(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_launch_start *cmd = buffer;
	struct psp_guest *source = psp_find_guest(psp, cmd->handle);
	struct psp_transport_keys keys;
	uint16_t status;

	if (cmd->policy & PSP_POLICY_RESERVED)
		return PSP_INVALID_PARAM;
	if (cmd->handle && !source)
		return PSP_INVALID_GUEST;
	status = check_policy(psp, cmd->policy, source);
	if (status != PSP_SUCCESS)
		return status;
	if (psp->guest_count == psp->config.max_asid)
		return PSP_RESOURCE_LIMIT;
	status = obtain_keys(psp, cmd, &keys);
	if (status != PSP_SUCCESS)
		return status;

	guest = psp_new_guest(psp);
	guest->policy = cmd->policy;
	guest->keys = keys;
	guest->session = cmd->dh_cert_paddr != 0;
	guest->vek = source ? source->vek : new_vek(psp);
	guest->vek->references++;
	guest->state = PSP_GUEST_LUPDATE;
	psp->state = PSP_PLATFORM_WORKING;
	cmd->handle = guest->handle;
	sev_wipe(&keys, sizeof(keys));
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

/* --- LAUNCH_UPDATE_DATA -------------------------------------------------------------------- */

/* Page by page, so that any length costs no memory. */
static void digest_memory(struct psp *psp, struct psp_guest *guest, uint64_t spa, uint64_t size)
{
	while (size > 0) {
		uint64_t room = SEVMEM_PAGE - spa % SEVMEM_PAGE;
		size_t n = (size_t)(size < room ? size : room);

		sev_sha256_update(
			guest->ld, sevmem_want(psp->config.memory, spa, SEVMEM_RAW, false), n);
		spa += n;
		size -= n;
	}
}

uint16_t psp_do_launch_update_data(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_launch_update *cmd = buffer;
	uint64_t spa = cmd->paddr;

	if (cmd->length == 0 || cmd->length % 16)
		return PSP_INVALID_LENGTH;
	if (!psp_usable(psp, &spa, cmd->length, 16))
		return PSP_INVALID_ADDRESS;
	digest_memory(psp, guest, spa, cmd->length);
	sevmem_encrypt(psp->config.memory, spa, cmd->length, guest->asid);
	guest->updated = true;
	return PSP_SUCCESS;
}

/* --- LAUNCH_MEASURE ------------------------------------------------------------------------ */

static void draw_mnonce(struct psp *psp, uint8_t mnonce[16])
{
	sev_rng_bytes(psp->rng, mnonce, 16);
	if (psp->test_mnonce)
		memcpy(mnonce, psp->test_mnonce, 16);
}

uint16_t psp_do_launch_measure(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_launch_measure *cmd = buffer;
	struct psp_measurement out;
	uint8_t digest[SEV_SHA256];
	uint64_t spa = cmd->paddr;

	if (cmd->length < sizeof(out)) {
		cmd->length = sizeof(out);
		return PSP_INVALID_LENGTH;
	}
	if (!psp_usable(psp, &spa, sizeof(out), 1))
		return PSP_INVALID_ADDRESS;
	cmd->length = sizeof(out);
	draw_mnonce(psp, out.mnonce);
	sev_sha256_read(guest->ld, digest);
	psp_measure(guest->keys.tik, psp->version, guest->policy, digest, out.mnonce, out.measure);
	memcpy(guest->measure, out.measure, sizeof(guest->measure));
	psp_store(psp, spa, &out, sizeof(out));
	guest->state = PSP_GUEST_LSECRET;
	return PSP_SUCCESS;
}

/* --- LAUNCH_SECRET ------------------------------------------------------------------------- */

static bool secret_lengths_legal(const struct psp_transport *cmd)
{
	return cmd->hdr_length == sizeof(struct psp_packet_header) && cmd->guest_length != 0 &&
	       cmd->guest_length % 16 == 0 && cmd->guest_length <= PSP_SECRET_MAX &&
	       cmd->trans_length == cmd->guest_length;
}

/* Everything is read before anything is written: the packet may lie where the secret goes. */
static uint16_t receive_secret(struct psp *psp, struct psp_guest *guest,
	const struct psp_packet_header *header, uint64_t guest_spa, const uint8_t *data,
	uint32_t size)
{
	const struct psp_packet packet = {
		.context = PSP_PACKET_SECRET,
		.guest_length = size,
		.trans_length = size,
		.data = data,
		.measure = guest->measure,
	};
	uint8_t plain[PSP_SECRET_MAX];

	if (header->flags & ~PSP_PACKET_COMPRESSED)
		return PSP_INVALID_PARAM;
	if (header->flags & PSP_PACKET_COMPRESSED)
		return PSP_UNSUPPORTED;
	if (!psp_packet_open(header, &guest->keys, &packet, plain))
		return PSP_BAD_MEASUREMENT;
	sevmem_write(psp->config.memory, guest_spa, guest->asid, plain, size);
	sev_wipe(plain, size);
	return PSP_SUCCESS;
}

uint16_t psp_do_launch_secret(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_transport *cmd = buffer;
	uint64_t hdr = cmd->hdr_paddr, to = cmd->guest_paddr, from = cmd->trans_paddr;
	struct psp_packet_header header;
	uint8_t data[PSP_SECRET_MAX];

	if (!secret_lengths_legal(cmd))
		return PSP_INVALID_LENGTH;
	if (!psp_usable(psp, &hdr, sizeof(header), 1) ||
		!psp_usable(psp, &to, cmd->guest_length, 16) ||
		!psp_usable(psp, &from, cmd->trans_length, 16))
		return PSP_INVALID_ADDRESS;
	psp_fetch(psp, hdr, &header, sizeof(header));
	psp_fetch(psp, from, data, cmd->trans_length);
	return receive_secret(psp, guest, &header, to, data, cmd->trans_length);
}

/* --- LAUNCH_FINISH, ATTESTATION ------------------------------------------------------------ */

/* The launch digest stays: reports are asked for later. */
uint16_t psp_do_launch_finish(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)buffer;
	psp_wipe_transport(guest);
	guest->state = PSP_GUEST_RUNNING;
	return PSP_SUCCESS;
}

uint16_t psp_do_attestation(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_attestation *cmd = buffer;
	struct psp_attestation_report report;
	uint64_t spa = cmd->paddr;

	if (cmd->length < sizeof(report)) {
		cmd->length = sizeof(report);
		return PSP_INVALID_LENGTH;
	}
	if (!psp_usable(psp, &spa, sizeof(report), 1))
		return PSP_INVALID_ADDRESS;
	cmd->length = sizeof(report);
	memcpy(report.mnonce, cmd->mnonce, sizeof(report.mnonce));
	sev_sha256_read(guest->ld, report.launch_digest);
	report.policy = guest->policy;
	psp_report_sign(&report, &psp->identity.pek);
	psp_store(psp, spa, &report, sizeof(report));
	return PSP_SUCCESS;
}

uint16_t psp_do_launch_update_vmsa(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}
