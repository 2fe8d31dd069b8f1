/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Migration: SEND on one chip, RECEIVE on the other, and what each of them keeps and forgets. */
#include "tests/unit/psp_migration.h"

#define PAGES 4
#define DATA  (PAGES * 4096)
#define VMSA  (RIG_GUEST + DATA)

/* --- there and back ------------------------------------------------------------------------ */

/* From one chip's memory to the other's, at the same address. */
static void carry(struct rig *from, uint32_t sent, struct rig *to, uint32_t received, bool vmsa,
	uint64_t spa, uint32_t size)
{
	static uint8_t data[PSP_SECRET_MAX];
	struct psp_packet_header header;

	assert_int_equal(
		rig_packet_out(from, vmsa ? PSP_CMD_SEND_UPDATE_VMSA : PSP_CMD_SEND_UPDATE_DATA,
			sent, spa, size, &header, data),
		PSP_SUCCESS);
	assert_int_equal(
		rig_packet_in(to, vmsa ? PSP_CMD_RECEIVE_UPDATE_VMSA : PSP_CMD_RECEIVE_UPDATE_DATA,
			received, &header, data, size, spa),
		PSP_SUCCESS);
}

/* All of a guest: three pages, in packets of several sizes, and a VMSA. Returns its new handle. */
static uint32_t migrate(struct rig *from, uint32_t handle, struct rig *to)
{
	uint32_t policy = guest_status(from, handle).policy, received;
	struct psp_session session;

	assert_int_equal(send_start(from, handle, to, &session), PSP_SUCCESS);
	assert_int_equal(guest_status(from, handle).state, PSP_GUEST_SUPDATE);
	assert_int_equal(receive_start(to, policy, from, &session, &received), PSP_SUCCESS);
	assert_int_equal(guest_status(to, received).state, PSP_GUEST_RUPDATE);
	assert_int_equal(guest_status(to, received).policy, policy);
	assert_int_equal(rig_flush(to), PSP_SUCCESS);
	assert_int_equal(rig_activate(to, received, asid_for(policy)), PSP_SUCCESS);
	carry(from, handle, to, received, false, RIG_GUEST, 16);
	carry(from, handle, to, received, false, RIG_GUEST + 16, 4096 - 16);
	carry(from, handle, to, received, false, RIG_GUEST + 0x1000, DATA - 0x1000);
	carry(from, handle, to, received, true, VMSA, PSP_VMSA_SIZE);
	assert_int_equal(rig_handle(from, PSP_CMD_SEND_FINISH, handle), PSP_SUCCESS);
	assert_int_equal(rig_handle(to, PSP_CMD_RECEIVE_FINISH, received), PSP_SUCCESS);
	assert_int_equal(guest_status(from, handle).state, PSP_GUEST_SENT);
	assert_int_equal(guest_status(to, received).state, PSP_GUEST_RUNNING);
	return received;
}

static void end(struct rig *rig, uint32_t handle)
{
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, handle), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, handle), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_INIT);
}

/* The same through the guest's key, something else in DRAM, where the keys differ. */
static void same_guest(struct rig *one, struct rig *two, const uint8_t *plain)
{
	static uint8_t a[DATA + 4096], b[DATA + 4096];

	rig_get(one, RIG_GUEST, MIGRATION_ES_ASID, a, sizeof(a));
	rig_get(two, RIG_GUEST, MIGRATION_ES_ASID, b, sizeof(b));
	assert_memory_equal(a, plain, sizeof(a));
	assert_memory_equal(b, plain, sizeof(b));
	rig_get(one, RIG_GUEST, SEVMEM_RAW, a, sizeof(a));
	rig_get(two, RIG_GUEST, SEVMEM_RAW, b, sizeof(b));
	for (size_t i = 0; i < sizeof(a); i += 16) {
		assert_memory_not_equal(a + i, plain + i, 16);
		assert_memory_not_equal(b + i, plain + i, 16);
		assert_memory_not_equal(a + i, b + i, 16);
	}
}

static void test_there_and_back(void **state)
{
	struct rig *one = rig_ready_with_seed("one"), *two = rig_ready_with_seed("two");
	static uint8_t plain[DATA + 4096];
	uint32_t first, away, back;

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 7 + (i >> 8));
	rig_put(one, RIG_GUEST, plain, sizeof(plain));
	first = running_guest(one, PSP_POLICY_ES, sizeof(plain));
	away = migrate(one, first, two);
	same_guest(one, two, plain);
	end(one, first);
	/* The guest goes on there and comes home, where it has another key than before. */
	memset(plain + 0x1000, 0x5a, 64);
	sevmem_write(two->memory, RIG_GUEST + 0x1000, MIGRATION_ES_ASID, plain + 0x1000, 64);
	back = migrate(two, away, one);
	same_guest(two, one, plain);
	end(two, away);
	assert_int_equal(guest_status(one, back).asid, MIGRATION_ES_ASID);
	rig_free(one);
	rig_free(two);
}

/* To itself, as one does to move a guest to other memory: nothing in the ABI forbids it. */
static void test_same_chip(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t handle = running_guest(rig, 0, 0), received;
	struct psp_session session;

	(void)state;
	assert_int_equal(send_start(rig, handle, rig, &session), PSP_SUCCESS);
	assert_int_equal(receive_start(rig, 0, rig, &session, &received), PSP_SUCCESS);
	assert_int_not_equal(handle, received);
	assert_int_equal(rig_status(rig).guest_count, 2);
	rig_free(rig);
}

/* --- SEND_CANCEL, SEND_FINISH ---------------------------------------------------------------- */

static void test_cancel(void **state)
{
	struct rig *one = rig_ready_with_seed("one"), *two = rig_ready_with_seed("two");
	uint32_t handle = running_guest(one, 0, 4096), received;
	struct psp_session session, again;
	struct psp_packet_header header;
	uint8_t plain[64], seen[64], data[64];

	(void)state;
	rig_get(one, RIG_GUEST, MIGRATION_ASID, plain, sizeof(plain));
	assert_int_equal(send_start(one, handle, two, &session), PSP_SUCCESS);
	assert_int_equal(rig_handle(one, PSP_CMD_SEND_CANCEL, handle), PSP_SUCCESS);
	assert_int_equal(guest_status(one, handle).state, PSP_GUEST_RUNNING);
	assert_int_equal(guest_status(one, handle).asid, MIGRATION_ASID);
	rig_get(one, RIG_GUEST, MIGRATION_ASID, seen, sizeof(seen));
	assert_memory_equal(seen, plain, sizeof(plain));
	/* Once more, with other keys: packets of this session are none of the former's. */
	assert_int_equal(send_start(one, handle, two, &again), PSP_SUCCESS);
	assert_memory_not_equal(session.nonce, again.nonce, sizeof(session.nonce));
	assert_memory_not_equal(session.wrap_iv, again.wrap_iv, sizeof(session.wrap_iv));
	assert_int_equal(rig_packet_out(one, PSP_CMD_SEND_UPDATE_DATA, handle, RIG_GUEST,
				 sizeof(data), &header, data),
		PSP_SUCCESS);
	assert_int_equal(receive_start(two, 0, one, &session, &received), PSP_SUCCESS);
	assert_int_equal(rig_activate(two, received, 5), PSP_SUCCESS);
	assert_int_equal(rig_packet_in(two, PSP_CMD_RECEIVE_UPDATE_DATA, received, &header, data,
				 sizeof(data), RIG_GUEST),
		PSP_BAD_MEASUREMENT);
	assert_int_equal(receive_start(two, 0, one, &again, &received), PSP_SUCCESS);
	assert_int_equal(rig_activate(two, received, 6), PSP_SUCCESS);
	assert_int_equal(rig_packet_in(two, PSP_CMD_RECEIVE_UPDATE_DATA, received, &header, data,
				 sizeof(data), RIG_GUEST),
		PSP_SUCCESS);
	rig_get(two, RIG_GUEST, 6, seen, sizeof(seen));
	assert_memory_equal(seen, plain, sizeof(plain));
	rig_free(one);
	rig_free(two);
}

/* Who has left does not come to life again here. */
static void test_sent(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_peer peer = peer_make("target");
	uint32_t handle = running_guest(rig, 0, 0);
	struct psp_session session;

	(void)state;
	assert_int_equal(
		peer_send_start(rig, handle, &peer.cert, NULL, NULL, 0, &session), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, handle), PSP_SUCCESS);
	assert_int_equal(rig_flush(rig), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, handle, 6), PSP_SUCCESS); /* it still could come back */
	assert_int_equal(rig_handle(rig, PSP_CMD_SEND_FINISH, handle), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_SEND_CANCEL, handle), PSP_INVALID_GUEST_STATE);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, handle), PSP_ACTIVE);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, handle), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, handle, 7), PSP_INVALID_GUEST_STATE);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, handle), PSP_SUCCESS);
	rig_free(rig);
}

/* Neither end keeps the keys of a session that is over. */
static void test_keys_wiped(void **state)
{
	static const struct psp_transport_keys zero,
		keys = { "encryption key.", "integrity key.." };
	struct rig *rig = rig_ready();
	struct psp_peer peer = peer_make("peer");
	uint32_t handle = peer_send(&peer, rig, &keys, 0);
	struct psp_guest *guest = psp_find_guest(rig->psp, handle);
	struct psp_transport_keys sent;
	struct psp_session session;

	(void)state;
	assert_memory_equal(&guest->keys, &keys, sizeof(keys));
	assert_int_equal(rig_handle(rig, PSP_CMD_RECEIVE_FINISH, handle), PSP_SUCCESS);
	assert_memory_equal(&guest->keys, &zero, sizeof(zero));
	for (unsigned i = 0; i < 2; i++) {
		peer_send_start(rig, handle, &peer.cert, NULL, NULL, 0, &session);
		assert_true(peer_unwrap(&peer, rig, &session, 0, &sent));
		assert_memory_equal(&guest->keys, &sent, sizeof(sent));
		assert_int_equal(
			rig_handle(rig, i ? PSP_CMD_SEND_FINISH : PSP_CMD_SEND_CANCEL, handle),
			PSP_SUCCESS);
		assert_memory_equal(&guest->keys, &zero, sizeof(zero));
	}
	rig_free(rig);
}

/* --- RECEIVE_START ------------------------------------------------------------------------- */

static struct psp_peer sender;
static const struct psp_transport_keys transport = { "encryption key.", "integrity key.." };

/* A refusal leaves no guest behind. */
static uint16_t receive(struct rig *rig, uint32_t policy, const struct psp_cert *cert,
	const struct psp_session *session)
{
	uint8_t before[SEV_SHA256], after[SEV_SHA256];
	uint16_t status;

	psp_test_digest(rig->psp, before);
	status = rig_start(rig, PSP_CMD_RECEIVE_START, policy, cert, session, NULL);
	psp_test_digest(rig->psp, after);
	if (status != PSP_SUCCESS)
		assert_memory_equal(before, after, sizeof(before));
	return status;
}

static void test_session_bits(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_session session = peer_wrap(&sender, rig, &transport, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(session); i++) {
		((uint8_t *)&session)[i] ^= 0x10;
		assert_int_equal(receive(rig, 1, &sender.cert, &session), PSP_BAD_MEASUREMENT);
		((uint8_t *)&session)[i] ^= 0x10;
	}
	assert_int_equal(receive(rig, 1, &sender.cert, &session), PSP_SUCCESS);
	rig_free(rig);
}

static void test_session_policy(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_session session = peer_wrap(&sender, rig, &transport, 1);

	(void)state;
	assert_int_equal(receive(rig, 0, &sender.cert, &session), PSP_BAD_MEASUREMENT);
	assert_int_equal(
		receive(rig, 1 | PSP_POLICY_NOSEND, &sender.cert, &session), PSP_BAD_MEASUREMENT);
	assert_int_equal(receive(rig, 1, &sender.cert, &session), PSP_SUCCESS);
	rig_free(rig);
}

/* The session is bound to both PDHs. */
static void test_session_keys(void **state)
{
	struct rig *rig = rig_ready(), *other = rig_ready_with_seed("other");
	struct psp_session session = peer_wrap(&sender, rig, &transport, 0);
	struct psp_peer stranger = peer_make("stranger");

	(void)state;
	assert_int_equal(receive(rig, 0, &stranger.cert, &session), PSP_BAD_MEASUREMENT);
	assert_int_equal(receive(other, 0, &sender.cert, &session), PSP_BAD_MEASUREMENT);
	assert_int_equal(receive(rig, 0, &sender.cert, &session), PSP_SUCCESS);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	assert_int_equal(receive(rig, 0, &sender.cert, &session), PSP_BAD_MEASUREMENT);
	rig_free(rig);
	rig_free(other);
}

static void test_sender_certificate(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_session session = peer_wrap(&sender, rig, &transport, 0);
	struct psp_cert bad = sender.cert;

	(void)state;
	bad.version = 2;
	assert_int_equal(receive(rig, 0, &bad, &session), PSP_INVALID_CERTIFICATE);
	bad = sender.cert;
	bad.pubkey_usage = PSP_USAGE_PEK;
	assert_int_equal(receive(rig, 0, &bad, &session), PSP_INVALID_CERTIFICATE);
	bad = sender.cert;
	bad.pubkey.qx[0] ^= 1; /* not on the curve */
	assert_int_equal(receive(rig, 0, &bad, &session), PSP_INVALID_CERTIFICATE);
	rig_free(rig);
}

/* Certificate and session are not optional. */
static void test_receive_start_arguments(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_session session = peer_wrap(&sender, rig, &transport, 0);
	const struct psp_launch_start good = {
		.dh_cert_paddr = RIG_CERT,
		.dh_cert_length = sizeof(struct psp_cert),
		.session_paddr = RIG_BLOB,
		.session_length = sizeof(session),
	};
	struct {
		struct psp_launch_start cmd;
		uint16_t status;
	} cases[] = { [0 ... 8] = { good, PSP_INVALID_LENGTH } };

	(void)state;
	cases[0].cmd = (struct psp_launch_start) { .policy = 0 };
	cases[1].cmd.dh_cert_length++;
	cases[2].cmd.dh_cert_length--;
	cases[3].cmd.session_length++;
	cases[4].cmd.session_length--;
	for (size_t i = 5; i < 8; i++)
		cases[i].status = PSP_INVALID_ADDRESS;
	cases[5].cmd.dh_cert_paddr = 0;
	cases[6].cmd.dh_cert_paddr = RIG_SIZE - 0x823;
	cases[7].cmd.session_paddr = RIG_TMR;
	cases[8].status = PSP_SUCCESS;
	rig_put(rig, RIG_CERT, &sender.cert, sizeof(sender.cert));
	rig_put(rig, RIG_BLOB, &session, sizeof(session));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint16_t status = rig_command(
			rig, PSP_CMD_RECEIVE_START, &cases[i].cmd, sizeof(cases[i].cmd));

		if (status != cases[i].status)
			fail_msg("case %zu: %s", i, psp_status_name(status));
	}
	rig_free(rig);
}

static uint16_t receive_policy(struct rig *rig, uint32_t policy)
{
	struct psp_session session = peer_wrap(&sender, rig, &transport, policy);

	return receive(rig, policy, &sender.cert, &session);
}

static void test_receive_policy(void **state)
{
	struct rig *rig = rig_new();

	(void)state;
	rig_init(rig, false);
	assert_int_equal(receive_policy(rig, PSP_POLICY_ES), PSP_UNSUPPORTED);
	assert_int_equal(receive_policy(rig, 0), PSP_SUCCESS);
	rig_free(rig);
	rig = rig_ready();
	for (unsigned bit = 6; bit < 16; bit++)
		assert_int_equal(receive_policy(rig, 1u << bit), PSP_INVALID_PARAM);
	assert_int_equal(receive_policy(rig, 0x38010000), PSP_POLICY_FAILURE); /* 1.56 */
	assert_int_equal(receive_policy(rig, 0x00020000), PSP_POLICY_FAILURE); /* 2.0 */
	assert_int_equal(receive_policy(rig, 0x3701003f), PSP_SUCCESS);
	for (unsigned i = 1; i < RIG_MAX_ASID; i++)
		assert_int_equal(receive_policy(rig, 0), PSP_SUCCESS);
	assert_int_equal(receive_policy(rig, 0), PSP_RESOURCE_LIMIT);
	rig_free(rig);
}

/* --- key sharing --------------------------------------------------------------------------- */

static uint16_t receive_sharing(struct rig *rig, uint32_t policy, uint32_t with, uint32_t *handle)
{
	struct psp_session session = peer_wrap(&sender, rig, &transport, policy);
	struct psp_launch_start cmd = {
		.handle = with,
		.policy = policy,
		.dh_cert_paddr = RIG_CERT,
		.dh_cert_length = sizeof(sender.cert),
		.session_paddr = RIG_BLOB,
		.session_length = sizeof(session),
	};
	uint16_t status;

	rig_put(rig, RIG_CERT, &sender.cert, sizeof(sender.cert));
	rig_put(rig, RIG_BLOB, &session, sizeof(session));
	status = rig_command(rig, PSP_CMD_RECEIVE_START, &cmd, sizeof(cmd));
	*handle = cmd.handle;
	return status;
}

static void test_key_sharing(void **state)
{
	static const uint8_t plain[16] = "of the first one";
	struct rig *rig = rig_ready();
	uint32_t one = running_guest(rig, 1, 0), two, noks = rig_guest(rig, 3, 0, NULL, NULL);
	uint8_t seen[16];

	(void)state;
	assert_int_equal(receive_sharing(rig, 1, 77, &two), PSP_INVALID_GUEST);
	assert_int_equal(receive_sharing(rig, 0, one, &two), PSP_POLICY_FAILURE);
	assert_int_equal(receive_sharing(rig, 3, noks, &two), PSP_POLICY_FAILURE);
	assert_int_equal(two, noks);
	assert_int_equal(rig_status(rig).guest_count, 2);
	assert_int_equal(receive_sharing(rig, 1, one, &two), PSP_SUCCESS);
	assert_int_not_equal(one, two);
	/* The same key, so the same ASID is no other's; and memory of one is memory of both. */
	sevmem_write(rig->memory, RIG_GUEST, MIGRATION_ASID, plain, sizeof(plain));
	assert_int_equal(rig_activate(rig, two, MIGRATION_ASID), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, one), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, MIGRATION_ASID, seen, sizeof(seen));
	assert_memory_equal(seen, plain, sizeof(plain));
	rig_free(rig);
}

/* --- ATTESTATION --------------------------------------------------------------------------- */

/* The report of a received guest verifies, and claims no launch that was not seen here. */
static void test_attestation(void **state)
{
	static const uint8_t nothing[SEV_SHA256];
	struct rig *rig = rig_ready();
	struct psp_cert pek = export_certs(rig).chain.pek;
	uint32_t handle = peer_send(&sender, rig, &transport, 1);
	struct psp_attestation cmd = {
		.handle = handle,
		.paddr = RIG_BLOB,
		.length = sizeof(struct psp_attestation_report),
	};
	struct psp_attestation_report report;

	(void)state;
	assert_int_equal(rig_handle(rig, PSP_CMD_RECEIVE_FINISH, handle), PSP_SUCCESS);
	assert_int_equal(rig_command(rig, PSP_CMD_ATTESTATION, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_get(rig, RIG_BLOB, SEVMEM_RAW, &report, sizeof(report));
	assert_int_equal(psp_report_verify(&report, &pek, NULL), 0);
	assert_int_equal(report.policy, 1);
	assert_memory_equal(report.launch_digest, nothing, sizeof(nothing));
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_same_chip),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_sent),
		cmocka_unit_test(test_keys_wiped),
		cmocka_unit_test(test_session_bits),
		cmocka_unit_test(test_session_policy),
		cmocka_unit_test(test_session_keys),
		cmocka_unit_test(test_sender_certificate),
		cmocka_unit_test(test_receive_start_arguments),
		cmocka_unit_test(test_receive_policy),
		cmocka_unit_test(test_key_sharing),
		cmocka_unit_test(test_attestation),
	};

	sev_crypto_init();
	sender = peer_make("sender");
	return cmocka_run_group_tests_name("psp migrate", tests, NULL, NULL);
}
