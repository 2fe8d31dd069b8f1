/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guest memory on its way: from the owner, and between platforms. */
#include <string.h>

#include "tests/fuzz/psp_generator.h"

/* What was taken was sealed with the guest's keys: whatever was bent, that was not. */
static void must_be_sealed(struct generator *g, enum psp_packet_context context)
{
	const struct psp_transport *cmd = (const struct psp_transport *)g->buffer;
	const struct psp_guest *guest = psp_find_guest(g->side->psp, cmd->handle);
	uint64_t hdr = cmd->hdr_paddr & ~WORLD_C_BIT, trans = cmd->trans_paddr & ~WORLD_C_BIT,
		 to = cmd->guest_paddr & ~WORLD_C_BIT;
	uint8_t data[PACKET_MAX];
	const struct psp_packet packet = {
		.context = context,
		.guest_length = cmd->guest_length,
		.trans_length = cmd->trans_length,
		.data = data,
		.measure = context == PSP_PACKET_SECRET ? guest->measure : NULL,
	};
	struct psp_packet_header header;
	uint8_t mac[SEV_SHA256];

	/* Written over by its own content. */
	if ((to < hdr + sizeof(header) && hdr < to + cmd->guest_length) ||
		(to < trans + cmd->trans_length && trans < to + cmd->guest_length))
		return;
	world_look(g->side, hdr, SEVMEM_RAW, &header, sizeof(header));
	world_look(g->side, trans, SEVMEM_RAW, data, cmd->trans_length);
	psp_packet_mac(guest->keys.tik, &header, &packet, mac);
	if (memcmp(mac, header.mac, sizeof(mac)) != 0)
		world_fail("a packet was taken whose MAC does not match");
}

/* Command buffer and inputs for a packet that comes in: from where its content goes. */
static void packet_in(
	struct generator *g, uint8_t id, const struct psp_guest *guest, const struct packet *packet)
{
	uint64_t to = generator_place(g, packet->size, packet->context == PSP_PACKET_VMSA);
	uint16_t status;

	world_put(g->side, AT_HEADER, &packet->header, sizeof(packet->header));
	world_put(g->side, AT_TRANS, packet->data, packet->size);
	*BUFFER(struct psp_transport, g) = (struct psp_transport) {
		.handle = guest->handle,
		.hdr_paddr = generator_address(g, AT_HEADER),
		.hdr_length = sizeof(packet->header),
		.guest_paddr = generator_address(g, to),
		.guest_length = packet->size,
		.trans_paddr = generator_address(g, AT_TRANS),
		.trans_length = packet->size,
	};
	status = generator_issue(g, id, sizeof(struct psp_transport));
	if (status == PSP_SUCCESS)
		must_be_sealed(g, packet->context);
	if (generator_foreseen(g, status))
		generator_must_be(
			g, to, guest->asid, packet->plain, packet->size, psp_command_name(id));
}

/* The owner has the keys, and now and then something wrong. */
void generator_launch_secret(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	static struct packet packet;

	packet.context = PSP_PACKET_SECRET;
	packet.size = generator_length(g);
	packet.header.flags = source_once_in(g->in, 16) ? source_draw(g->in, 4) : 0;
	generator_random(g, packet.header.iv, sizeof(packet.header.iv));
	generator_random(g, packet.plain, packet.size);
	psp_packet_seal(&packet.header, &guest->keys, packet.context, guest->measure, packet.plain,
		packet.data, packet.size);
	packet_in(g, id, guest, &packet);
}

/* The firmware's packet is as any receiver wants it, and goes on its way. */
static void post(struct generator *g, const struct psp_guest *guest, struct packet *packet)
{
	const struct psp_packet sealed = {
		.context = packet->context,
		.guest_length = packet->size,
		.trans_length = packet->size,
		.data = packet->data,
	};
	uint8_t plain[PACKET_MAX];

	packet->keys = guest->keys;
	world_look(g->side, AT_HEADER, SEVMEM_RAW, &packet->header, sizeof(packet->header));
	world_look(g->side, AT_TRANS, SEVMEM_RAW, packet->data, packet->size);
	if (!psp_packet_open(&packet->header, &packet->keys, &sealed, plain) ||
		memcmp(plain, packet->plain, packet->size) != 0)
		world_fail("the packet does not hold what was sent");
}

void generator_send_update(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	struct packet *packet = &g->packets[g->next_packet];
	bool vmsa = id == CMD(SEND_UPDATE_VMSA);
	uint32_t size = vmsa ? PSP_VMSA_SIZE : generator_length(g);
	uint64_t from = generator_place(g, size, vmsa);

	*BUFFER(struct psp_transport, g) = (struct psp_transport) {
		.handle = guest->handle,
		.hdr_paddr = generator_address(g, AT_HEADER),
		.hdr_length = generator_sometimes(g) ? 0 : sizeof(struct psp_packet_header),
		.guest_paddr = generator_address(g, from),
		.guest_length = size,
		.trans_paddr = generator_address(g, AT_TRANS),
		.trans_length = generator_sometimes(g) ? size - 16 : size,
	};
	packet->size = size;
	packet->context = vmsa ? PSP_PACKET_VMSA : PSP_PACKET_DATA;
	world_look(g->side, from, guest->asid, packet->plain, size);
	if (generator_foreseen(g, generator_issue(g, id, sizeof(struct psp_transport)))) {
		post(g, guest, packet);
		g->next_packet = (g->next_packet + 1) % PACKETS;
	} else {
		packet->size = 0;
	}
}

/* A packet that the guest can open, or any. */
static const struct packet *fitting(
	struct generator *g, const struct psp_guest *guest, enum psp_packet_context context)
{
	uint32_t first = source_draw(g->in, PACKETS);

	for (unsigned i = 0; i < PACKETS; i++) {
		const struct packet *packet = &g->packets[(first + i) % PACKETS];

		if (packet->size && packet->context == context &&
			memcmp(&packet->keys, &guest->keys, sizeof(guest->keys)) == 0)
			return packet;
	}
	return &g->packets[first];
}

/* Without a packet for it: sealed on the spot, as the sender would. */
void generator_receive_update(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	enum psp_packet_context context =
		id == CMD(RECEIVE_UPDATE_VMSA) ? PSP_PACKET_VMSA : PSP_PACKET_DATA;
	static struct packet packet;

	packet = *fitting(g, guest, context);
	if (packet.size == 0 || source_once_in(g->in, 4)) {
		packet.context = context;
		packet.size = context == PSP_PACKET_VMSA ? PSP_VMSA_SIZE : generator_length(g);
		packet.header.flags = 0;
		generator_random(g, packet.header.iv, sizeof(packet.header.iv));
		generator_random(g, packet.plain, packet.size);
		psp_packet_seal(&packet.header, &guest->keys, context, NULL, packet.plain,
			packet.data, packet.size);
	}
	packet_in(g, id, guest, &packet);
}
