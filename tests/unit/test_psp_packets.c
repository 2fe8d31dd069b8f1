/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SEND_UPDATE_* and RECEIVE_UPDATE_*: what a packet is, and that no other is taken for one. */
#include "tests/unit/psp_migration.h"

static const struct psp_transport_keys keys = { "encryption key.", "integrity key.." };
static struct psp_peer peer;

#define POLICY PSP_POLICY_ES
#define ASID   MIGRATION_ES_ASID

static uint32_t command_in(enum psp_packet_context context)
{
	return context == PSP_PACKET_VMSA ? PSP_CMD_RECEIVE_UPDATE_VMSA
					  : PSP_CMD_RECEIVE_UPDATE_DATA;
}

static uint32_t command_out(enum psp_packet_context context)
{
	return context == PSP_PACKET_VMSA ? PSP_CMD_SEND_UPDATE_VMSA : PSP_CMD_SEND_UPDATE_DATA;
}

/* --- in ------------------------------------------------------------------------------------ */

/* A guest that waits for this packet of the peer's. */
struct waiting {
	struct rig *rig;
	uint32_t handle;
	enum psp_packet_context context;
	struct psp_packet_header header;
	uint32_t size;
	uint8_t plain[PSP_SECRET_MAX], data[PSP_SECRET_MAX];
};

static void seal(struct waiting *w, uint32_t flags)
{
	memset(&w->header, 0x77, sizeof(w->header));
	w->header.flags = flags;
	psp_packet_seal(&w->header, &keys, w->context, NULL, w->plain, w->data, w->size);
}

static struct waiting *wait_for(enum psp_packet_context context, uint32_t size)
{
	static struct waiting w;

	w.rig = rig_ready();
	w.handle = peer_send(&peer, w.rig, &keys, POLICY);
	w.context = context;
	w.size = size;
	for (size_t i = 0; i < sizeof(w.plain); i++)
		w.plain[i] = (uint8_t)(i * 11 + (i >> 8));
	seal(&w, 0);
	assert_int_equal(rig_activate(w.rig, w.handle, ASID), PSP_SUCCESS);
	return &w;
}

/* Whether the guest got it; if not, its memory must be as before. */
static uint16_t deliver_as(struct waiting *w, uint32_t id)
{
	static uint8_t before[PSP_SECRET_MAX], after[PSP_SECRET_MAX], seen[PSP_SECRET_MAX];
	uint16_t status;

	rig_get(w->rig, RIG_GUEST, SEVMEM_RAW, before, sizeof(before));
	status = rig_packet_in(w->rig, id, w->handle, &w->header, w->data, w->size, RIG_GUEST);
	rig_get(w->rig, RIG_GUEST, SEVMEM_RAW, after, sizeof(after));
	rig_get(w->rig, RIG_GUEST, ASID, seen, sizeof(seen));
	if (status == PSP_SUCCESS) {
		assert_memory_equal(seen, w->plain, w->size);
		assert_memory_equal(before + w->size, after + w->size, sizeof(before) - w->size);
		assert_memory_not_equal(after, w->plain, 16);
	} else {
		assert_memory_equal(before, after, sizeof(before));
	}
	return status;
}

static uint16_t deliver(struct waiting *w)
{
	return deliver_as(w, command_in(w->context));
}

static void test_in_sizes(void **state)
{
	static const uint32_t sizes[] = { 16, 32, 4096, 4112, PSP_SECRET_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct waiting *w = wait_for(PSP_PACKET_DATA, sizes[i]);

		assert_int_equal(deliver(w), PSP_SUCCESS);
		assert_int_equal(deliver(w), PSP_SUCCESS); /* may be repeated */
		rig_free(w->rig);
	}
}

static void check_bits(enum psp_packet_context context, uint32_t size, size_t step)
{
	struct waiting *w = wait_for(context, size);

	for (size_t i = 4; i < sizeof(w->header); i++) {
		((uint8_t *)&w->header)[i] ^= 0x40;
		assert_int_equal(deliver(w), PSP_BAD_MEASUREMENT);
		((uint8_t *)&w->header)[i] ^= 0x40;
	}
	for (size_t i = 0; i < size; i += step) {
		w->data[i] ^= 2;
		assert_int_equal(deliver(w), PSP_BAD_MEASUREMENT);
		w->data[i] ^= 2;
	}
	seal(w, PSP_PACKET_COMPRESSED);
	assert_int_equal(deliver(w), PSP_UNSUPPORTED);
	seal(w, 2);
	assert_int_equal(deliver(w), PSP_INVALID_PARAM);
	seal(w, 0x80000001);
	assert_int_equal(deliver(w), PSP_INVALID_PARAM);
	seal(w, 0);
	assert_int_equal(deliver(w), PSP_SUCCESS);
	rig_free(w->rig);
}

static void test_in_bits(void **state)
{
	(void)state;
	check_bits(PSP_PACKET_DATA, 64, 1);
	check_bits(PSP_PACKET_VMSA, PSP_VMSA_SIZE, 251);
}

/* A part of a packet is no packet, and neither is one of the other kind. */
static void test_in_kind(void **state)
{
	struct waiting *w = wait_for(PSP_PACKET_DATA, PSP_VMSA_SIZE);

	(void)state;
	w->size = 4080;
	assert_int_equal(deliver(w), PSP_BAD_MEASUREMENT);
	w->size = 4112;
	assert_int_equal(deliver(w), PSP_BAD_MEASUREMENT);
	w->size = PSP_VMSA_SIZE;
	assert_int_equal(deliver_as(w, PSP_CMD_RECEIVE_UPDATE_VMSA), PSP_BAD_MEASUREMENT);
	assert_int_equal(deliver_as(w, PSP_CMD_RECEIVE_UPDATE_DATA), PSP_SUCCESS);
	w->context = PSP_PACKET_VMSA;
	seal(w, 0);
	assert_int_equal(deliver_as(w, PSP_CMD_RECEIVE_UPDATE_DATA), PSP_BAD_MEASUREMENT);
	assert_int_equal(deliver_as(w, PSP_CMD_RECEIVE_UPDATE_VMSA), PSP_SUCCESS);
	w->context = PSP_PACKET_SECRET;
	seal(w, 0);
	assert_int_equal(deliver_as(w, PSP_CMD_RECEIVE_UPDATE_DATA), PSP_BAD_MEASUREMENT);
	rig_free(w->rig);
}

/* A packet for one guest is of no use to another, with whatever the host tells it. */
static void test_in_other_guest(void **state)
{
	static const struct psp_transport_keys others = { "another one's...", "keys............" };
	struct waiting *w = wait_for(PSP_PACKET_DATA, 64);
	uint32_t right = w->handle;

	(void)state;
	w->handle = peer_send(&peer, w->rig, &others, POLICY);
	assert_int_equal(rig_activate(w->rig, w->handle, 1), PSP_SUCCESS);
	assert_int_equal(deliver(w), PSP_BAD_MEASUREMENT);
	w->handle = right;
	assert_int_equal(deliver(w), PSP_SUCCESS);
	rig_free(w->rig);
}

struct argument_case {
	struct psp_transport cmd;
	uint16_t status;
};

/* What is wrong for packets in both directions, from 0 on; returns how many. */
static size_t common_cases(struct argument_case *cases, enum psp_packet_context context)
{
	size_t n = 0;

	cases[n].cmd.guest_length = cases[n].cmd.trans_length = 0;
	cases[n++].status = PSP_INVALID_LENGTH;
	cases[n].cmd.guest_length = cases[n].cmd.trans_length = 4095;
	cases[n++].status = PSP_INVALID_LENGTH;
	cases[n].cmd.guest_length = cases[n].cmd.trans_length = PSP_SECRET_MAX + 16;
	cases[n++].status = PSP_INVALID_LENGTH;
	cases[n].cmd.guest_length = cases[n].cmd.trans_length = 0xfffffff0;
	cases[n++].status = PSP_INVALID_LENGTH;
	cases[n++].cmd.hdr_paddr = RIG_SIZE - 0x33;
	cases[n++].cmd.hdr_paddr = RIG_TMR;
	cases[n++].cmd.guest_paddr = RIG_GUEST + 8;
	cases[n++].cmd.guest_paddr = RIG_SIZE;
	cases[n++].cmd.guest_paddr = RIG_TMR;
	cases[n++].cmd.trans_paddr = RIG_TRANS + 4;
	cases[n++].cmd.trans_paddr = RIG_SIZE - 4080;
	cases[n++].cmd.trans_paddr = RIG_TMR + 0xff000;
	cases[n++].cmd.trans_paddr = UINT64_MAX - 15;
	if (context != PSP_PACKET_VMSA)
		return n;
	cases[n++].cmd.guest_paddr = RIG_GUEST + 16;
	cases[n].cmd.guest_length = cases[n].cmd.trans_length = 4096 - 16;
	cases[n++].status = PSP_INVALID_LENGTH;
	cases[n].cmd.guest_length = cases[n].cmd.trans_length = 4096 + 16;
	cases[n++].status = PSP_INVALID_LENGTH;
	return n;
}

static void run_cases(struct rig *rig, uint32_t id, const struct argument_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct psp_transport cmd = cases[i].cmd;
		uint16_t status = rig_command(rig, id, &cmd, sizeof(cmd));

		if (status != cases[i].status)
			fail_msg("%s, case %zu: %s", psp_command_name(id), i,
				psp_status_name(status));
	}
}

static void check_in_arguments(enum psp_packet_context context)
{
	struct waiting *w = wait_for(context, PSP_VMSA_SIZE);
	const struct psp_transport good = rig_transport(w->handle, RIG_GUEST, PSP_VMSA_SIZE);
	struct argument_case cases[] = { [0 ... 31] = { good, PSP_INVALID_ADDRESS } };
	size_t n = common_cases(cases, context);

	rig_put(w->rig, RIG_BLOB, &w->header, sizeof(w->header));
	rig_put(w->rig, RIG_TRANS, w->data, w->size);
	cases[n].cmd.hdr_length = 0x33;
	cases[n++].status = PSP_INVALID_LENGTH;
	cases[n].cmd.hdr_length = 0x35;
	cases[n++].status = PSP_INVALID_LENGTH;
	cases[n].cmd.trans_length = 4080;
	cases[n++].status = PSP_INVALID_LENGTH;
	cases[n].cmd.trans_length = 4112;
	cases[n++].status = PSP_INVALID_LENGTH;
	cases[n].cmd.hdr_paddr |= RIG_C_BIT;
	cases[n].cmd.guest_paddr |= RIG_C_BIT; /* as Linux does always */
	cases[n].cmd.trans_paddr |= RIG_C_BIT;
	cases[n++].status = PSP_SUCCESS;
	run_cases(w->rig, command_in(context), cases, n);
	rig_free(w->rig);
}

static void test_in_arguments(void **state)
{
	(void)state;
	check_in_arguments(PSP_PACKET_DATA);
	check_in_arguments(PSP_PACKET_VMSA);
}

/* The packet may lie where its content goes. */
static void test_in_place(void **state)
{
	struct waiting *w = wait_for(PSP_PACKET_DATA, 64);
	struct psp_transport cmd = rig_transport(w->handle, RIG_GUEST, 64);
	uint8_t seen[64];

	(void)state;
	cmd.hdr_paddr = RIG_GUEST;
	cmd.trans_paddr = RIG_GUEST + 0x40;
	rig_put(w->rig, cmd.hdr_paddr, &w->header, sizeof(w->header));
	rig_put(w->rig, cmd.trans_paddr, w->data, 64);
	assert_int_equal(
		rig_command(w->rig, PSP_CMD_RECEIVE_UPDATE_DATA, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_get(w->rig, RIG_GUEST, ASID, seen, 64);
	assert_memory_equal(seen, w->plain, 64);
	rig_free(w->rig);
}

/* --- out ----------------------------------------------------------------------------------- */

/* A guest in state SUPDATE, with memory of its own, on its way to the peer. */
struct leaving {
	struct rig *rig;
	uint32_t handle;
	struct psp_transport_keys keys;
	uint8_t plain[PSP_SECRET_MAX];
};

static struct leaving *leave(void)
{
	static struct leaving l;
	struct psp_session session;

	l.rig = rig_ready();
	for (size_t i = 0; i < sizeof(l.plain); i++)
		l.plain[i] = (uint8_t)(i * 5 + (i >> 8));
	rig_put(l.rig, RIG_GUEST, l.plain, sizeof(l.plain));
	l.handle = running_guest(l.rig, POLICY, sizeof(l.plain));
	assert_int_equal(
		peer_send_start(l.rig, l.handle, &peer.cert, NULL, NULL, 0, &session), PSP_SUCCESS);
	assert_true(peer_unwrap(&peer, l.rig, &session, POLICY, &l.keys));
	return &l;
}

static void check_out(struct leaving *l, enum psp_packet_context context, uint32_t size)
{
	static uint8_t data[PSP_SECRET_MAX], plain[PSP_SECRET_MAX];
	const struct psp_packet packet = {
		.context = context,
		.guest_length = size,
		.trans_length = size,
		.data = data,
	};
	struct psp_packet_header header, again;

	assert_int_equal(rig_packet_out(l->rig, command_out(context), l->handle, RIG_GUEST, size,
				 &header, data),
		PSP_SUCCESS);
	assert_int_equal(header.flags, 0);
	assert_memory_not_equal(data, l->plain, 16);
	assert_true(psp_packet_open(&header, &l->keys, &packet, plain));
	assert_memory_equal(plain, l->plain, size);
	assert_int_equal(rig_packet_out(l->rig, command_out(context), l->handle, RIG_GUEST, size,
				 &again, data),
		PSP_SUCCESS);
	assert_memory_not_equal(header.iv, again.iv, sizeof(header.iv));
	assert_true(psp_packet_open(&again, &l->keys, &packet, plain));
}

static void test_out(void **state)
{
	struct leaving *l = leave();

	(void)state;
	check_out(l, PSP_PACKET_DATA, 16);
	check_out(l, PSP_PACKET_DATA, 4096);
	check_out(l, PSP_PACKET_DATA, PSP_SECRET_MAX);
	check_out(l, PSP_PACKET_VMSA, PSP_VMSA_SIZE);
	/* The guest has lost nothing by it. */
	rig_get(l->rig, RIG_GUEST, ASID, l->plain, 16);
	assert_memory_equal(l->plain, "\x00\x05\x0a\x0f", 4);
	rig_free(l->rig);
}

/* The lengths needed are told to whoever offers less: zero, as Linux asks, or too little. */
static void query(struct leaving *l, enum psp_packet_context context, uint32_t hdr_length,
	uint32_t guest_length, uint32_t trans_length, uint32_t need)
{
	struct psp_transport cmd = {
		.handle = l->handle,
		.hdr_length = hdr_length,
		.guest_length = guest_length,
		.trans_length = trans_length,
	};
	struct psp_transport want = cmd;

	want.hdr_length = 0x34;
	want.trans_length = need;
	assert_int_equal(
		rig_command(l->rig, command_out(context), &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_memory_equal(&cmd, &want, sizeof(cmd));
}

static void test_out_query(void **state)
{
	struct leaving *l = leave();

	(void)state;
	query(l, PSP_PACKET_VMSA, 0, 0, 0, 0x1000);
	query(l, PSP_PACKET_VMSA, 0x33, 0x1000, 0x1000, 0x1000);
	query(l, PSP_PACKET_VMSA, 0x34, 0x1000, 0xfff, 0x1000);
	query(l, PSP_PACKET_DATA, 0, 0, 0, PSP_SECRET_MAX);
	query(l, PSP_PACKET_DATA, 0, 64, 0, 64);
	query(l, PSP_PACKET_DATA, 0x33, 64, 64, 64);
	query(l, PSP_PACKET_DATA, 0x1000, 64, 63, 64);
	query(l, PSP_PACKET_DATA, 0x1000, 64, 0, 64);
	rig_free(l->rig);
}

/* Room for more is taken, and what was used of it is written back. */
static void test_out_room(void **state)
{
	struct leaving *l = leave();
	struct psp_transport cmd = rig_transport(l->handle, RIG_GUEST, 64), want = cmd;
	uint8_t after[16], untouched[16];

	(void)state;
	memset(untouched, 0xee, sizeof(untouched));
	rig_put(l->rig, RIG_TRANS + 64, untouched, sizeof(untouched));
	rig_put(l->rig, RIG_BLOB + 0x34, untouched, sizeof(untouched));
	cmd.hdr_length = 0x1000;
	cmd.trans_length = 0x10000000;
	assert_int_equal(
		rig_command(l->rig, PSP_CMD_SEND_UPDATE_DATA, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_memory_equal(&cmd, &want, sizeof(cmd));
	rig_get(l->rig, RIG_TRANS + 64, SEVMEM_RAW, after, sizeof(after));
	assert_memory_equal(after, untouched, sizeof(after));
	rig_get(l->rig, RIG_BLOB + 0x34, SEVMEM_RAW, after, sizeof(after));
	assert_memory_equal(after, untouched, sizeof(after));
	rig_free(l->rig);
}

static void check_out_arguments(enum psp_packet_context context)
{
	struct leaving *l = leave();
	const struct psp_transport good = rig_transport(l->handle, RIG_GUEST, PSP_VMSA_SIZE);
	struct argument_case cases[] = { [0 ... 31] = { good, PSP_INVALID_ADDRESS } };
	size_t n = common_cases(cases, context);
	uint8_t before[SEV_SHA256], after[SEV_SHA256];

	memset(l->rig->bytes + RIG_BLOB, 0xee, 64);
	psp_test_digest(l->rig->psp, before);
	run_cases(l->rig, command_out(context), cases, n);
	psp_test_digest(l->rig->psp, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(l->rig->bytes[RIG_BLOB], 0xee); /* no part was written */
	cases[n].cmd.hdr_paddr |= RIG_C_BIT;
	cases[n].cmd.guest_paddr |= RIG_C_BIT;
	cases[n].cmd.trans_paddr |= RIG_C_BIT;
	cases[n].status = PSP_SUCCESS;
	run_cases(l->rig, command_out(context), cases + n, 1);
	rig_free(l->rig);
}

static void test_out_arguments(void **state)
{
	(void)state;
	check_out_arguments(PSP_PACKET_DATA);
	check_out_arguments(PSP_PACKET_VMSA);
}

/* --- VMSAs are of guests with SEV-ES --------------------------------------------------------- */

static void test_vmsa_policy(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t plain = peer_send(&peer, rig, &keys, 0), launched;
	struct psp_transport cmd = rig_transport(plain, RIG_GUEST, PSP_VMSA_SIZE);
	struct psp_session session;

	(void)state;
	assert_int_equal(rig_activate(rig, plain, 5), PSP_SUCCESS);
	assert_int_equal(rig_command(rig, PSP_CMD_RECEIVE_UPDATE_VMSA, &cmd, sizeof(cmd)),
		PSP_POLICY_FAILURE);
	rig_handle(rig, PSP_CMD_RECEIVE_FINISH, plain);
	peer_send_start(rig, plain, &peer.cert, NULL, NULL, 0, &session);
	assert_int_equal(
		rig_command(rig, PSP_CMD_SEND_UPDATE_VMSA, &cmd, sizeof(cmd)), PSP_POLICY_FAILURE);
	launched = rig_guest(rig, 0, 6, NULL, NULL);
	assert_int_equal(rig_update_vmsa(rig, launched, RIG_GUEST), PSP_POLICY_FAILURE);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_sizes),
		cmocka_unit_test(test_in_bits),
		cmocka_unit_test(test_in_kind),
		cmocka_unit_test(test_in_other_guest),
		cmocka_unit_test(test_in_arguments),
		cmocka_unit_test(test_in_place),
		cmocka_unit_test(test_out),
		cmocka_unit_test(test_out_query),
		cmocka_unit_test(test_out_room),
		cmocka_unit_test(test_out_arguments),
		cmocka_unit_test(test_vmsa_policy),
	};

	sev_crypto_init();
	peer = peer_make("peer");
	return cmocka_run_group_tests_name("psp packets", tests, NULL, NULL);
}
