/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* LAUNCH_START with a session: what the owner sends, what the firmware refuses. */
#include "tests/unit/psp_export.h"

#include "iodev/psp/cert.h"
#include "iodev/psp/session.h"
#include "tests/unit/psp_keys.h"
#include "tests/unit/psp_owner.h"

static void test_session(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	uint8_t empty[SEV_SHA256], measure[SEV_SHA256];
	struct psp_measurement out;
	uint32_t handle;

	(void)state;
	assert_int_equal(
		rig_launch_session(rig, 1, &owner.cert, &owner.session, &handle), PSP_SUCCESS);
	assert_int_equal(rig_measure(rig, handle, &out), PSP_SUCCESS);
	sev_sha256(NULL, 0, empty);
	psp_measure(tik, version, 1, empty, out.mnonce, measure);
	assert_memory_equal(measure, out.measure, sizeof(measure));
	rig_free(rig);
}

/* Every bit of the session counts. */
static void test_session_bits(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	uint32_t handle;

	(void)state;
	for (size_t i = 0; i < sizeof(owner.session); i++) {
		struct psp_session bad = owner.session;

		((uint8_t *)&bad)[i] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(rig_launch_session(rig, 1, &owner.cert, &bad, &handle),
			PSP_BAD_MEASUREMENT);
		assert_int_equal(handle, 0);
	}
	assert_int_equal(rig_launch_session(rig, 0, &owner.cert, &owner.session, &handle),
		PSP_BAD_MEASUREMENT);
	assert_int_equal(rig_launch_session(rig, 0x101, &owner.cert, &owner.session, &handle),
		PSP_INVALID_PARAM);
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_INIT);
	rig_free(rig);
}

/* A session made for a former PDH. */
static void test_session_old_pdh(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	uint32_t handle;

	(void)state;
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	assert_int_equal(rig_launch_session(rig, 1, &owner.cert, &owner.session, &handle),
		PSP_BAD_MEASUREMENT);
	rig_free(rig);
}

static void refuse_cert(
	struct rig *rig, const struct owner *owner, struct psp_cert cert, const char *detail)
{
	uint32_t handle;

	assert_int_equal(rig_launch_session(rig, 1, &cert, &owner->session, &handle),
		PSP_INVALID_CERTIFICATE);
	assert_string_equal(psp_detail(rig->psp), detail);
}

static void test_session_certificate(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	struct psp_cert cert;
	uint32_t handle;

	(void)state;
	cert = owner.cert;
	cert.version = 2;
	refuse_cert(rig, &owner, cert, "PDH certificate: version 2, legal is 1");
	cert = owner.cert;
	cert.pubkey_usage = PSP_USAGE_PEK;
	refuse_cert(rig, &owner, cert, "PDH certificate: usage 1002h, legal is 1003h");
	cert = owner.cert;
	cert.pubkey_algo = PSP_ALGO_ECDSA_SHA256;
	refuse_cert(rig, &owner, cert,
		"PDH certificate: algorithm 002h, legal are 003h and 103h (ECDH)");
	cert = owner.cert;
	cert.pubkey.curve = PSP_CURVE_P256;
	refuse_cert(rig, &owner, cert, "PDH certificate: curve 1, legal is 2 (P-384)");
	cert = owner.cert;
	cert.pubkey.qx[0] ^= 1;
	refuse_cert(rig, &owner, cert, "PDH certificate: the public key is not a point of P-384");
	cert = owner.cert;
	cert.pubkey.qy[71] = 1;
	refuse_cert(rig, &owner, cert, "PDH certificate: the public key is not a point of P-384");
	/* Signatures are not looked at; the other algorithm for ECDH keys is as good. */
	cert = owner.cert;
	cert.pubkey_algo = PSP_ALGO_ECDH_SHA384;
	memset(cert.sig, 0x5a, sizeof(cert.sig));
	assert_int_equal(rig_launch_session(rig, 1, &cert, &owner.session, &handle), PSP_SUCCESS);
	rig_free(rig);
}

static void test_session_lengths(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	const struct psp_launch_start good = {
		.policy = 1,
		.dh_cert_paddr = RIG_CERT,
		.dh_cert_length = sizeof(struct psp_cert),
		.session_paddr = RIG_BLOB,
		.session_length = sizeof(struct psp_session),
	};
	struct psp_launch_start cmd;

	(void)state;
	rig_put(rig, RIG_CERT, &owner.cert, sizeof(owner.cert));
	rig_put(rig, RIG_BLOB, &owner.session, sizeof(owner.session));
	for (int delta = -1; delta <= 1; delta += 2) {
		cmd = good;
		cmd.dh_cert_length += (uint32_t)delta;
		assert_int_equal(rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd)),
			PSP_INVALID_LENGTH);
		cmd = good;
		cmd.session_length += (uint32_t)delta;
		assert_int_equal(rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd)),
			PSP_INVALID_LENGTH);
	}
	cmd = good;
	cmd.dh_cert_paddr = RIG_SIZE - 0x823;
	assert_int_equal(
		rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd = good;
	cmd.session_paddr = RIG_TMR;
	assert_int_equal(
		rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd = good;
	cmd.dh_cert_paddr |= RIG_C_BIT;
	cmd.session_paddr |= RIG_C_BIT;
	assert_int_equal(rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_free(rig);
}

static void test_clear_keys(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	uint32_t handle, with_session;

	(void)state;
	handle = rig_guest(rig, 0, ASID, NULL, NULL);
	assert_int_equal(psp_launch_clear_keys(rig->psp, 99, tik, tek), PSP_INVALID_GUEST);
	assert_int_equal(psp_launch_clear_keys(rig->psp, 0, tik, tek), PSP_INVALID_GUEST);
	assert_int_equal(psp_launch_clear_keys(rig->psp, handle, tik, tek), PSP_SUCCESS);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 16), PSP_SUCCESS);
	assert_int_equal(
		psp_launch_clear_keys(rig->psp, handle, tik, tek), PSP_INVALID_GUEST_STATE);
	handle = rig_guest(rig, 0, 0, NULL, NULL);
	rig_measure(rig, handle, NULL);
	assert_int_equal(
		psp_launch_clear_keys(rig->psp, handle, tik, tek), PSP_INVALID_GUEST_STATE);
	rig_launch_session(rig, 1, &owner.cert, &owner.session, &with_session);
	assert_int_equal(
		psp_launch_clear_keys(rig->psp, with_session, tik, tek), PSP_INVALID_GUEST_STATE);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_session_bits),
		cmocka_unit_test(test_session_old_pdh),
		cmocka_unit_test(test_session_certificate),
		cmocka_unit_test(test_session_lengths),
		cmocka_unit_test(test_clear_keys),
	};

	return cmocka_run_group_tests_name("psp session", tests, NULL, NULL);
}
