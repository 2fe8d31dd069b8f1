/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Guest memory on its way between platforms, and from the owner: under the transport keys outside,
 * under the guest's memory encryption key inside. A packet of data has up to PSP_SECRET_MAX bytes
 * (Linux sends pages), one of a VMSA just that page.
 */
#include <string.h>

#include "iodev/psp/model.h"

static bool guest_length_legal(uint32_t length, enum psp_packet_context context)
{
	if (context == PSP_PACKET_VMSA)
		return length == PSP_VMSA_SIZE;
	return length != 0 && length % 16 == 0 && length <= PSP_SECRET_MAX;
}

static uint64_t guest_alignment(enum psp_packet_context context)
{
	return context == PSP_PACKET_VMSA ? PSP_VMSA_SIZE : 16;
}

/* Removes the encryption bits. */
static bool addresses_usable(
	struct psp *psp, struct psp_transport *cmd, enum psp_packet_context context)
{
	uint64_t hdr = cmd->hdr_paddr, at = cmd->guest_paddr, trans = cmd->trans_paddr;
	bool usable = psp_usable(psp, &hdr, sizeof(struct psp_packet_header), 1) &&
		      psp_usable(psp, &at, cmd->guest_length, guest_alignment(context)) &&
		      psp_usable(psp, &trans, cmd->guest_length, 16);

	cmd->hdr_paddr = hdr;
	cmd->guest_paddr = at;
	cmd->trans_paddr = trans;
	return usable;
}

/* --- in: LAUNCH_SECRET, RECEIVE_UPDATE_DATA, RECEIVE_UPDATE_VMSA ---------------------------- */

static uint16_t open_packet(struct psp_guest *guest, const struct psp_packet_header *header,
	const struct psp_packet *packet, uint8_t *plain)
{
	if (header->flags & ~PSP_PACKET_COMPRESSED)
		return PSP_INVALID_PARAM;
	if (header->flags & PSP_PACKET_COMPRESSED)
		return PSP_UNSUPPORTED;
	return psp_packet_open(header, &guest->keys, packet, plain) ? PSP_SUCCESS
								    : PSP_BAD_MEASUREMENT;
}

/* All of it is read before anything is written: the packet may lie where its content goes. */
uint16_t psp_packet_in(struct psp *psp, struct psp_guest *guest, const void *buffer,
	enum psp_packet_context context)
{
	struct psp_transport cmd = *(const struct psp_transport *)buffer;
	uint8_t data[PSP_SECRET_MAX], plain[PSP_SECRET_MAX];
	const struct psp_packet packet = {
		.context = context,
		.guest_length = cmd.guest_length,
		.trans_length = cmd.trans_length,
		.data = data,
		.measure = context == PSP_PACKET_SECRET ? guest->measure : NULL,
	};
	struct psp_packet_header header;
	uint16_t status;

	if (cmd.hdr_length != sizeof(header) || !guest_length_legal(cmd.guest_length, context) ||
		cmd.trans_length != cmd.guest_length)
		return PSP_INVALID_LENGTH;
	if (!addresses_usable(psp, &cmd, context))
		return PSP_INVALID_ADDRESS;
	psp_fetch(psp, cmd.hdr_paddr, &header, sizeof(header));
	psp_fetch(psp, cmd.trans_paddr, data, cmd.trans_length);
	status = open_packet(guest, &header, &packet, plain);
	if (status != PSP_SUCCESS)
		return status;
	sevmem_write(psp->config.memory, cmd.guest_paddr, guest->asid, plain, cmd.guest_length);
	sev_wipe(plain, cmd.guest_length);
	return PSP_SUCCESS;
}

/* --- out: SEND_UPDATE_DATA, SEND_UPDATE_VMSA ------------------------------------------------ */

/* What the packet takes; who asks before he knows how much to send is told the most. */
static uint32_t trans_length_needed(uint32_t guest_length, enum psp_packet_context context)
{
	if (context == PSP_PACKET_VMSA)
		return PSP_VMSA_SIZE;
	return guest_length_legal(guest_length, context) ? guest_length : PSP_SECRET_MAX;
}

static uint16_t check_out(struct psp_transport *cmd, enum psp_packet_context context)
{
	uint32_t need = trans_length_needed(cmd->guest_length, context);

	if (cmd->hdr_length < sizeof(struct psp_packet_header) || cmd->trans_length < need) {
		cmd->hdr_length = sizeof(struct psp_packet_header);
		cmd->trans_length = need;
		return PSP_INVALID_LENGTH;
	}
	return guest_length_legal(cmd->guest_length, context) ? PSP_SUCCESS : PSP_INVALID_LENGTH;
}

uint16_t psp_packet_out(
	struct psp *psp, struct psp_guest *guest, void *buffer, enum psp_packet_context context)
{
	struct psp_transport *lengths = buffer, cmd;
	struct psp_packet_header header = { 0 };
	uint8_t data[PSP_SECRET_MAX];
	uint32_t size = lengths->guest_length;
	uint16_t status = check_out(lengths, context);

	if (status != PSP_SUCCESS)
		return status;
	cmd = *lengths;
	if (!addresses_usable(psp, &cmd, context))
		return PSP_INVALID_ADDRESS;
	sevmem_read(psp->config.memory, cmd.guest_paddr, guest->asid, data, size);
	sev_rng_bytes(psp->rng, header.iv, sizeof(header.iv));
	psp_packet_seal(&header, &guest->keys, context, NULL, data, data, size);
	psp_store(psp, cmd.hdr_paddr, &header, sizeof(header));
	psp_store(psp, cmd.trans_paddr, data, size);
	lengths->hdr_length = sizeof(header);
	lengths->trans_length = size;
	return PSP_SUCCESS;
}
