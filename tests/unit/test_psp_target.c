/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SEND_START: to whom a guest may be sent, by its policy and the certificates of the target. */
#include "tests/unit/psp_migration.h"

#include "iodev/psp/root.h"

/* --- two platforms --------------------------------------------------------------------------- */

struct credentials {
	struct psp_cert pdh;
	struct psp_cert_chain chain;
	struct psp_root_certs amd;
};

struct scene {
	struct rig *from, *to;
	uint32_t handle;
	struct credentials good; /* of the target */
};

static struct psp_peer owner, other_owner; /* their keys sign PEKs */

/* The platform gets an owner, as long as it has no guests. */
static void give_to(struct rig *rig, const struct psp_peer *to)
{
	const struct sev_p384_key *key = &to->key;
	struct psp_cert certs[2] = { rig_csr(rig) };
	struct psp_pek_cert_import cmd = {
		.pek_paddr = RIG_CERT,
		.pek_length = sizeof(certs[0]),
		.oca_paddr = RIG_CERT + sizeof(certs[0]),
		.oca_length = sizeof(certs[1]),
	};

	psp_cert_make(&certs[1], PSP_USAGE_OCA, 0, 0, &key->pub);
	psp_cert_sign(&certs[1], 0, PSP_USAGE_OCA, key);
	psp_cert_sign(&certs[0], 0, PSP_USAGE_OCA, key);
	rig_put(rig, RIG_CERT, certs, sizeof(certs));
	assert_int_equal(rig_command(rig, PSP_CMD_PEK_CERT_IMPORT, &cmd, sizeof(cmd)), PSP_SUCCESS);
}

static struct credentials credentials(struct rig *rig)
{
	struct export out = export_certs(rig);
	struct credentials c = { .pdh = out.pdh, .chain = out.chain, .amd = *psp_root() };

	psp_root_sign_cek(&c.chain.cek);
	return c;
}

/* from, to: the platforms' owners; NULL: itself. */
static struct scene enter_owned(
	uint32_t policy, const struct psp_peer *from, const struct psp_peer *to)
{
	struct scene s = {
		.from = rig_ready_with_seed("one"),
		.to = rig_ready_with_seed("two"),
	};

	if (from)
		give_to(s.from, from);
	if (to)
		give_to(s.to, to);
	s.handle = running_guest(s.from, policy, 0);
	s.good = credentials(s.to);
	return s;
}

static struct scene enter(uint32_t policy)
{
	return enter_owned(policy, NULL, NULL);
}

static void leave(struct scene *s)
{
	rig_free(s->from);
	rig_free(s->to);
}

/* A guest that was sent is taken back; one that was refused runs on, and all is as it was. */
static uint16_t send(struct scene *s, const struct credentials *to)
{
	uint8_t before[SEV_SHA256], after[SEV_SHA256];
	struct psp_session session, untouched;
	uint16_t status;

	memset(&untouched, 0xee, sizeof(untouched));
	rig_put(s->from, RIG_BLOB, &untouched, sizeof(untouched));
	psp_test_digest(s->from->psp, before);
	status = peer_send_start(
		s->from, s->handle, &to->pdh, &to->chain, &to->amd, sizeof(to->amd), &session);
	if (status == PSP_SUCCESS) {
		assert_int_equal(rig_handle(s->from, PSP_CMD_SEND_CANCEL, s->handle), PSP_SUCCESS);
		assert_memory_not_equal(&session, &untouched, sizeof(session));
	} else {
		assert_memory_equal(&session, &untouched, sizeof(session));
	}
	psp_test_digest(s->from->psp, after);
	assert_memory_equal(before, after, sizeof(before));
	return status;
}

/* One byte of the credentials spoilt. */
static uint16_t send_spoilt(struct scene *s, void *byte)
{
	uint16_t status;

	*(uint8_t *)byte ^= 1;
	status = send(s, &s->good);
	*(uint8_t *)byte ^= 1;
	return status;
}

static void test_session(void **state)
{
	struct scene s = enter(0x11000001);
	struct psp_peer target = peer_make("target");
	struct psp_send_start cmd = {
		.handle = s.handle,
		.pdh_cert_paddr = RIG_CERT | RIG_C_BIT,
		.pdh_cert_length = sizeof(target.cert),
		.session_paddr = RIG_BLOB | RIG_C_BIT,
		.session_length = 0x1000,
	};
	struct psp_transport_keys keys;
	struct psp_session session;

	(void)state;
	rig_put(s.from, RIG_CERT, &target.cert, sizeof(target.cert));
	assert_int_equal(rig_command(s.from, PSP_CMD_SEND_START, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_int_equal(cmd.policy, 0x11000001);
	assert_int_equal(cmd.session_length, 0x80);
	rig_get(s.from, RIG_BLOB, SEVMEM_RAW, &session, sizeof(session));
	assert_false(peer_unwrap(&target, s.from, &session, 0x11000000, &keys));
	assert_true(peer_unwrap(&target, s.from, &session, 0x11000001, &keys));
	leave(&s);
}

/* --- NOSEND, API --------------------------------------------------------------------------- */

static void test_nosend(void **state)
{
	struct scene s = enter(PSP_POLICY_NOSEND);

	(void)state;
	assert_int_equal(send(&s, &s.good), PSP_POLICY_FAILURE);
	leave(&s);
	s = enter(0);
	assert_int_equal(send(&s, &s.good), PSP_SUCCESS);
	leave(&s);
}

static void test_api(void **state)
{
	static const struct {
		uint8_t major, minor;
		uint16_t status;
	} cases[] = {
		{ 1, 22, PSP_SUCCESS },
		{ 1, 55, PSP_SUCCESS },
		{ 2, 0, PSP_SUCCESS },
		{ 1, 21, PSP_POLICY_FAILURE },
		{ 0, 255, PSP_POLICY_FAILURE },
		{ 0, 0, PSP_POLICY_FAILURE },
	};
	struct scene s = enter(0x16010000); /* 1.22 */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s.good.pdh.api_major = cases[i].major;
		s.good.pdh.api_minor = cases[i].minor;
		assert_int_equal(send(&s, &s.good), cases[i].status);
	}
	leave(&s);
}

/* --- neither DOMAIN nor SEV: the PDH alone is looked at --------------------------------------- */

static void test_form_of_pdh(void **state)
{
	struct scene s = enter(0);

	(void)state;
	assert_int_equal(send_spoilt(&s, &s.good.pdh.version), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, &s.good.pdh.pubkey_usage), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, &s.good.pdh.pubkey_algo), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, &s.good.pdh.pubkey.curve), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, s.good.pdh.pubkey.qx), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, s.good.pdh.sig[0].bytes), PSP_SUCCESS);
	memset(&s.good.chain, 0, sizeof(s.good.chain));
	memset(&s.good.amd, 0, sizeof(s.good.amd));
	assert_int_equal(send(&s, &s.good), PSP_SUCCESS);
	leave(&s);
}

/* --- SEV: the line of the manufacturer -------------------------------------------------------- */

static void test_sev(void **state)
{
	struct scene s = enter(PSP_POLICY_SEV);
	struct credentials *c = &s.good;

	(void)state;
	assert_int_equal(send(&s, c), PSP_SUCCESS);
	/* The owner's line is not asked for. */
	memset(&c->chain.oca, 0, sizeof(c->chain.oca));
	assert_int_equal(send_spoilt(&s, &c->chain.pek.sig[0].bytes[3]), PSP_SUCCESS);
	/* What is signed, and the signatures. */
	assert_int_equal(send_spoilt(&s, &c->pdh.api_minor), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->pdh.reserved), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->pdh.sig[0].ecdsa.r[5]), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->chain.pek.api_major), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->chain.pek.sig[1].usage), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->chain.pek.sig[1].ecdsa.s[9]), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->chain.cek.api_minor), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->chain.cek.sig[0].usage), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->chain.cek.sig[0].bytes[77]), PSP_BAD_SIGNATURE);
	/* The forms. */
	assert_int_equal(send_spoilt(&s, &c->chain.pek.version), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, &c->chain.pek.pubkey_usage), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, &c->chain.pek.pubkey.qy[1]), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, &c->chain.cek.pubkey_usage), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, &c->chain.cek.pubkey.curve), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send(&s, c), PSP_SUCCESS);
	leave(&s);
}

/* Of ASK and ARK every part counts, and the root has to be the emulator's. */
static void test_sev_root(void **state)
{
	static const size_t at[] = { 0x04, 0x14, 0x28, 0x240, 0x2ff, 0x43f, 0x440, 0x63f };
	struct scene s = enter(PSP_POLICY_SEV);
	struct credentials *c = &s.good, swapped;

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		assert_int_equal(send_spoilt(&s, &c->amd.ark[at[i]]), PSP_BAD_SIGNATURE);
		assert_int_equal(send_spoilt(&s, &c->amd.ask[at[i]]), PSP_BAD_SIGNATURE);
	}
	assert_int_equal(send_spoilt(&s, &c->amd.ask[0x00]), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, &c->amd.ask[0x24]), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, &c->amd.ark[0x3c]), PSP_INVALID_CERTIFICATE);
	swapped = *c;
	memcpy(swapped.amd.ask, c->amd.ark, sizeof(swapped.amd.ask));
	memcpy(swapped.amd.ark, c->amd.ask, sizeof(swapped.amd.ark));
	assert_int_equal(send(&s, &swapped), PSP_INVALID_CERTIFICATE);
	memcpy(swapped.amd.ark, c->amd.ark, sizeof(swapped.amd.ark)); /* twice the ARK */
	assert_int_equal(send(&s, &swapped), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send(&s, c), PSP_SUCCESS);
	leave(&s);
}

/* Every certificate in itself is good, but one is another chip's. */
static void test_sev_mixed(void **state)
{
	struct scene s = enter(PSP_POLICY_SEV);
	struct credentials own = credentials(s.from), mixed;

	(void)state;
	mixed = s.good;
	mixed.pdh = own.pdh;
	assert_int_equal(send(&s, &mixed), PSP_BAD_SIGNATURE);
	mixed = s.good;
	mixed.chain.pek = own.chain.pek;
	assert_int_equal(send(&s, &mixed), PSP_BAD_SIGNATURE);
	mixed = s.good;
	mixed.chain.cek = own.chain.cek;
	assert_int_equal(send(&s, &mixed), PSP_BAD_SIGNATURE);
	assert_int_equal(send(&s, &own), PSP_SUCCESS); /* to itself */
	mixed = s.good;
	mixed.chain = export_certs(s.to).chain; /* the CEK as the chip exports it, unsigned */
	assert_int_equal(send(&s, &mixed), PSP_BAD_SIGNATURE);
	leave(&s);
}

/* --- DOMAIN: the line of the owner ----------------------------------------------------------- */

static void test_domain(void **state)
{
	struct scene s = enter_owned(PSP_POLICY_DOMAIN, &owner, &owner);
	struct credentials *c = &s.good;

	(void)state;
	assert_int_equal(send(&s, c), PSP_SUCCESS);
	/* The manufacturer's line is not asked for. */
	memset(&c->chain.cek, 0, sizeof(c->chain.cek));
	memset(&c->amd, 0, sizeof(c->amd));
	assert_int_equal(send_spoilt(&s, &c->chain.pek.sig[1].bytes[3]), PSP_SUCCESS);
	assert_int_equal(send_spoilt(&s, &c->pdh.reserved), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->pdh.sig[0].ecdsa.r[5]), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->chain.pek.api_major), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->chain.pek.sig[0].ecdsa.s[0]), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->chain.oca.api_minor), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->chain.oca.sig[0].ecdsa.r[0]), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &c->chain.oca.version), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send_spoilt(&s, c->chain.oca.pubkey.qx), PSP_INVALID_CERTIFICATE);
	assert_int_equal(send(&s, c), PSP_SUCCESS);
	leave(&s);
}

static void test_other_domain(void **state)
{
	struct scene s = enter(PSP_POLICY_DOMAIN); /* each owns itself */

	(void)state;
	assert_int_equal(send(&s, &s.good), PSP_POLICY_FAILURE);
	leave(&s);
	s = enter_owned(PSP_POLICY_DOMAIN, &owner, NULL);
	assert_int_equal(send(&s, &s.good), PSP_POLICY_FAILURE);
	leave(&s);
	s = enter_owned(PSP_POLICY_DOMAIN, &owner, &other_owner);
	assert_int_equal(send(&s, &s.good), PSP_POLICY_FAILURE);
	s.good.chain.oca = export_certs(s.from).chain.oca; /* a lie about the owner */
	assert_int_equal(send(&s, &s.good), PSP_BAD_SIGNATURE);
	leave(&s);
	s = enter_owned(PSP_POLICY_DOMAIN, &other_owner, &other_owner);
	assert_int_equal(send(&s, &s.good), PSP_SUCCESS);
	leave(&s);
}

static void test_both(void **state)
{
	struct scene s = enter_owned(PSP_POLICY_DOMAIN | PSP_POLICY_SEV, &owner, &owner);

	(void)state;
	assert_int_equal(send(&s, &s.good), PSP_SUCCESS);
	assert_int_equal(send_spoilt(&s, &s.good.chain.pek.sig[0].bytes[0]), PSP_BAD_SIGNATURE);
	assert_int_equal(send_spoilt(&s, &s.good.chain.pek.sig[1].bytes[0]), PSP_BAD_SIGNATURE);
	leave(&s);
}

/* --- arguments ----------------------------------------------------------------------------- */

static struct psp_send_start arguments(const struct scene *s)
{
	const struct psp_send_start cmd = {
		.handle = s->handle,
		.pdh_cert_paddr = RIG_CERT,
		.pdh_cert_length = sizeof(struct psp_cert),
		.plat_certs_paddr = RIG_CERT + sizeof(struct psp_cert),
		.plat_certs_length = sizeof(struct psp_cert_chain),
		.amd_certs_paddr = RIG_AMD,
		.amd_certs_length = sizeof(struct psp_root_certs),
		.session_paddr = RIG_BLOB,
		.session_length = sizeof(struct psp_session),
	};

	rig_put(s->from, RIG_CERT, &s->good.pdh, sizeof(s->good.pdh));
	rig_put(s->from, cmd.plat_certs_paddr, &s->good.chain, sizeof(s->good.chain));
	rig_put(s->from, RIG_AMD, &s->good.amd, sizeof(s->good.amd));
	return cmd;
}

struct argument_case {
	struct psp_send_start cmd;
	uint16_t status;
};

static void run_cases(struct scene *s, const struct argument_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct psp_send_start cmd = cases[i].cmd;
		uint16_t status = rig_command(s->from, PSP_CMD_SEND_START, &cmd, sizeof(cmd));

		if (status != cases[i].status)
			fail_msg("case %zu: %s", i, psp_status_name(status));
		if (status == PSP_SUCCESS)
			rig_handle(s->from, PSP_CMD_SEND_CANCEL, s->handle);
		else
			assert_memory_equal(&cmd, &cases[i].cmd, sizeof(cmd));
	}
}

static void test_needed(void **state)
{
	struct scene s = enter_owned(PSP_POLICY_SEV | PSP_POLICY_DOMAIN, &owner, &owner);
	struct argument_case cases[] = { [0 ... 13] = { arguments(&s), PSP_INVALID_LENGTH } };

	(void)state;
	cases[0].cmd.pdh_cert_length = 0x823;
	cases[1].cmd.pdh_cert_length = 0x825;
	cases[2].cmd.plat_certs_length = 0;
	cases[3].cmd.plat_certs_length = 0x186b;
	cases[4].cmd.plat_certs_length = 0x186d;
	cases[5].cmd.amd_certs_length = 0;
	cases[6].cmd.amd_certs_length = 0x680; /* RSA-2048 */
	cases[7].cmd.amd_certs_length = 0xc81;
	for (size_t i = 8; i < 13; i++)
		cases[i].status = PSP_INVALID_ADDRESS;
	cases[8].cmd.pdh_cert_paddr = RIG_SIZE - 0x823;
	cases[9].cmd.plat_certs_paddr = RIG_TMR - 1;
	cases[10].cmd.amd_certs_paddr = RIG_SIZE - 0xc7f;
	cases[11].cmd.session_paddr = RIG_SIZE - 0x7f;
	cases[12].cmd.session_paddr = RIG_TMR + 0x1000;
	cases[13].status = PSP_SUCCESS;
	run_cases(&s, cases, sizeof(cases) / sizeof(cases[0]));
	leave(&s);
}

/* What the policy does not ask for may be left out, by address or by length. */
static void test_not_needed(void **state)
{
	struct scene s = enter(0);
	struct argument_case cases[] = { [0 ... 7] = { arguments(&s), PSP_SUCCESS } };

	(void)state;
	cases[0].cmd.plat_certs_paddr = 0;
	cases[1].cmd.plat_certs_length = 0;
	cases[2].cmd.amd_certs_paddr = 0;
	cases[3].cmd.amd_certs_length = 0;
	cases[4].cmd.plat_certs_length = 0x186b;
	cases[5].cmd.amd_certs_length = 1;
	cases[6].cmd.plat_certs_paddr = RIG_SIZE;
	cases[7].cmd.amd_certs_paddr = RIG_SIZE;
	cases[4].status = cases[5].status = PSP_INVALID_LENGTH;
	cases[6].status = cases[7].status = PSP_INVALID_ADDRESS;
	run_cases(&s, cases, sizeof(cases) / sizeof(cases[0]));
	leave(&s);
}

/* The session's length is asked for with nothing else, as Linux does, and whatever the policy. */
static void test_query(void **state)
{
	static const uint32_t policies[] = { 0, PSP_POLICY_NOSEND, PSP_POLICY_SEV };

	(void)state;
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		struct scene s = enter(policies[i]);
		struct psp_send_start cmd = { .handle = s.handle }, want = cmd;

		want.session_length = 0x80;
		assert_int_equal(rig_command(s.from, PSP_CMD_SEND_START, &cmd, sizeof(cmd)),
			PSP_INVALID_LENGTH);
		assert_memory_equal(&cmd, &want, sizeof(cmd));
		cmd = want = arguments(&s);
		cmd.session_length = 0x7f;
		assert_int_equal(rig_command(s.from, PSP_CMD_SEND_START, &cmd, sizeof(cmd)),
			PSP_INVALID_LENGTH);
		assert_memory_equal(&cmd, &want, sizeof(cmd));
		assert_int_equal(guest_status(s.from, s.handle).state, PSP_GUEST_RUNNING);
		leave(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_nosend),
		cmocka_unit_test(test_api),
		cmocka_unit_test(test_form_of_pdh),
		cmocka_unit_test(test_sev),
		cmocka_unit_test(test_sev_root),
		cmocka_unit_test(test_sev_mixed),
		cmocka_unit_test(test_domain),
		cmocka_unit_test(test_other_domain),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_needed),
		cmocka_unit_test(test_not_needed),
		cmocka_unit_test(test_query),
	};

	sev_crypto_init();
	owner = peer_make("owner");
	other_owner = peer_make("another owner");
	return cmocka_run_group_tests_name("psp target", tests, NULL, NULL);
}
