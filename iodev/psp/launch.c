/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is put into a guest before its first instruction, and what vouches for it. */
#include <string.h>

#include "iodev/psp/cert.h"
#include "iodev/psp/model.h"

/* --- LAUNCH_UPDATE_DATA, LAUNCH_UPDATE_VMSA ------------------------------------------------ */

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

static void launch_update(struct psp *psp, struct psp_guest *guest, uint64_t spa, uint32_t size)
{
	digest_memory(psp, guest, spa, size);
	sevmem_encrypt(psp->config.memory, spa, size, guest->asid);
	guest->updated = true;
}

uint16_t psp_do_launch_update_data(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_launch_update *cmd = buffer;
	uint64_t spa = cmd->paddr;

	if (cmd->length == 0 || cmd->length % 16)
		return PSP_INVALID_LENGTH;
	if (!psp_usable(psp, &spa, cmd->length, 16))
		return PSP_INVALID_ADDRESS;
	launch_update(psp, guest, spa, cmd->length);
	return PSP_SUCCESS;
}

/* All of the page counts in the launch digest. */
uint16_t psp_do_launch_update_vmsa(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_launch_update *cmd = buffer;
	uint64_t spa = cmd->paddr;

	if (cmd->length != PSP_VMSA_SIZE)
		return PSP_INVALID_LENGTH;
	if (!psp_usable(psp, &spa, PSP_VMSA_SIZE, PSP_VMSA_SIZE))
		return PSP_INVALID_ADDRESS;
	launch_update(psp, guest, spa, PSP_VMSA_SIZE);
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

/* --- LAUNCH_SECRET, LAUNCH_FINISH ---------------------------------------------------------- */

uint16_t psp_do_launch_secret(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	return psp_packet_in(psp, guest, buffer, PSP_PACKET_SECRET);
}

/* The launch digest stays: reports are asked for later. */
uint16_t psp_do_launch_finish(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)buffer;
	psp_wipe_transport(guest);
	guest->state = PSP_GUEST_RUNNING;
	return PSP_SUCCESS;
}

/* --- ATTESTATION --------------------------------------------------------------------------- */

/*
 * The digest does not travel with a guest that migrates: of one that was received the platform
 * knows nothing, and the digest of nothing at all, all zeros, is no launch's.
 */
static void reported_digest(const struct psp_guest *guest, uint8_t digest[SEV_SHA256])
{
	if (guest->received)
		memset(digest, 0, SEV_SHA256);
	else
		sev_sha256_read(guest->ld, digest);
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
	reported_digest(guest, report.launch_digest);
	report.policy = guest->policy;
	psp_report_sign(&report, &psp->identity.pek);
	psp_store(psp, spa, &report, sizeof(report));
	return PSP_SUCCESS;
}
