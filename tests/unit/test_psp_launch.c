/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The launch commands: policy, key sharing, digest, measurement, report. */
#include "tests/unit/psp_export.h"

#include "iodev/psp/cert.h"
#include "iodev/psp/session.h"
#include "tests/unit/psp_keys.h"

/* --- LAUNCH_START: policy ------------------------------------------------------------------ */

static uint16_t start(struct rig *rig, uint32_t policy)
{
	struct psp_platform_status before = rig_status(rig), after;
	uint16_t status = rig_launch_start(rig, policy, NULL);

	after = rig_status(rig);
	if (status == PSP_SUCCESS)
		before.guest_count++, before.state = PSP_PLATFORM_WORKING;
	assert_memory_equal(&before, &after, sizeof(before));
	return status;
}

static void test_policy_api(void **state)
{
	struct rig *rig = rig_ready();

	(void)state;
	assert_int_equal(start(rig, 0x38010000), PSP_POLICY_FAILURE); /* 1.56 */
	assert_string_equal(psp_detail(rig->psp), ""); /* cleared by the command after it */
	assert_int_equal(rig_launch_start(rig, 0x00020000, NULL), PSP_POLICY_FAILURE); /* 2.0 */
	assert_string_equal(
		psp_detail(rig->psp), "the policy asks for firmware API 2.0, this is 1.55");
	assert_int_equal(start(rig, 0x37010000), PSP_SUCCESS); /* 1.55 */
	assert_int_equal(start(rig, 0x00010000), PSP_SUCCESS);
	assert_int_equal(start(rig, 0xff000000), PSP_SUCCESS); /* 0.255 */
	rig_free(rig);
}

static void test_policy_reserved(void **state)
{
	struct rig *rig = rig_ready();

	(void)state;
	for (unsigned bit = 6; bit < 16; bit++)
		assert_int_equal(start(rig, 1u << bit), PSP_INVALID_PARAM);
	assert_int_equal(start(rig, 0x3f), PSP_SUCCESS);
	rig_free(rig);
}

static void test_policy_es(void **state)
{
	struct rig *rig = rig_new();

	(void)state;
	rig_init(rig, false);
	assert_int_equal(start(rig, PSP_POLICY_ES), PSP_UNSUPPORTED);
	assert_int_equal(start(rig, 0), PSP_SUCCESS);
	rig_free(rig);
	rig = rig_ready();
	assert_int_equal(start(rig, PSP_POLICY_ES), PSP_SUCCESS);
	rig_free(rig);
}

static void test_guest_status(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t handle = rig_guest(rig, 0x11000003, ASID, tik, tek);
	struct psp_guest_status cmd = { .handle = handle };

	(void)state;
	assert_int_equal(rig_command(rig, PSP_CMD_GUEST_STATUS, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_int_equal(cmd.handle, handle);
	assert_int_equal(cmd.policy, 0x11000003);
	assert_int_equal(cmd.asid, ASID);
	assert_int_equal(cmd.state, PSP_GUEST_LUPDATE);
	rig_measure(rig, handle, NULL);
	rig_command(rig, PSP_CMD_GUEST_STATUS, &cmd, sizeof(cmd));
	assert_int_equal(cmd.state, PSP_GUEST_LSECRET);
	rig_handle(rig, PSP_CMD_LAUNCH_FINISH, handle);
	rig_handle(rig, PSP_CMD_DEACTIVATE, handle);
	rig_command(rig, PSP_CMD_GUEST_STATUS, &cmd, sizeof(cmd));
	assert_int_equal(cmd.state, PSP_GUEST_RUNNING);
	assert_int_equal(cmd.asid, 0);
	rig_free(rig);
}

static void test_resource_limit(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t first;

	(void)state;
	rig_launch_start(rig, 0, &first);
	for (unsigned i = 1; i < RIG_MAX_ASID; i++)
		assert_int_equal(start(rig, 0), PSP_SUCCESS);
	assert_int_equal(start(rig, 0), PSP_RESOURCE_LIMIT);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, first), PSP_SUCCESS);
	assert_int_equal(start(rig, 0), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, first), PSP_INVALID_GUEST);
	rig_free(rig);
}

/* A stale handle is not soon another guest's. */
static void test_handles(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t before = 0, handle;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(rig_launch_start(rig, 0, &handle), PSP_SUCCESS);
		assert_true(handle > before);
		assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, handle), PSP_SUCCESS);
		before = handle;
	}
	rig_free(rig);
}

/* --- LAUNCH_START: key sharing ------------------------------------------------------------- */

static uint16_t share(struct rig *rig, uint32_t policy, uint32_t with, uint32_t *handle)
{
	struct psp_launch_start cmd = { .handle = with, .policy = policy };
	uint16_t status = rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd));

	*handle = cmd.handle;
	return status;
}

static void test_key_sharing(void **state)
{
	static const uint8_t plain[16] = "plaintext bytes";
	struct rig *rig = rig_ready();
	uint32_t one = rig_guest(rig, 1, ASID, NULL, NULL), two, three;
	uint8_t seen[16];

	(void)state;
	assert_int_equal(share(rig, 1, one, &two), PSP_SUCCESS);
	assert_int_not_equal(one, two);
	rig_launch_start(rig, 1, &three);
	assert_int_equal(rig_activate(rig, two, ASID), PSP_SUCCESS); /* the same ASID */
	assert_int_equal(rig_activate(rig, three, ASID), PSP_ASID_OWNED);
	rig_put(rig, RIG_GUEST, plain, 16);
	assert_int_equal(rig_update(rig, two, RIG_GUEST, 16), PSP_SUCCESS);
	/* The key stays while one of them is bound, and lives while one of them exists. */
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, one), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, one), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, ASID, seen, 16);
	assert_memory_equal(seen, plain, 16);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, two), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, ASID, seen, 16);
	assert_memory_not_equal(seen, plain, 16);
	/* Under another ASID: the same key. */
	assert_int_equal(rig_activate(rig, two, 6), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, 6, seen, 16);
	assert_memory_equal(seen, plain, 16);
	rig_free(rig);
}

static void test_key_sharing_refused(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t one = rig_guest(rig, 1, 0, NULL, NULL), noks = rig_guest(rig, 3, 0, NULL, NULL);
	uint32_t handle;

	(void)state;
	assert_int_equal(share(rig, 1, 77, &handle), PSP_INVALID_GUEST);
	assert_int_equal(handle, 77);
	assert_int_equal(share(rig, 0, one, &handle), PSP_POLICY_FAILURE);
	assert_string_equal(
		psp_detail(rig->psp), "the guest whose key is to be shared has another policy");
	assert_int_equal(share(rig, 3, noks, &handle), PSP_POLICY_FAILURE);
	assert_string_equal(psp_detail(rig->psp), "the policy has NOKS set");
	assert_int_equal(rig_status(rig).guest_count, 2);
	rig_free(rig);
}

/* --- LAUNCH_UPDATE_DATA -------------------------------------------------------------------- */

static void test_update_rules(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t handle = rig_guest(rig, 0, ASID, NULL, NULL);

	(void)state;
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 0), PSP_INVALID_LENGTH);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 8), PSP_INVALID_LENGTH);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 4097), PSP_INVALID_LENGTH);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST + 8, 16), PSP_INVALID_ADDRESS);
	assert_int_equal(rig_update(rig, handle, RIG_SIZE - 16, 32), PSP_INVALID_ADDRESS);
	assert_int_equal(rig_update(rig, handle, UINT64_MAX - 15, 16), PSP_INVALID_ADDRESS);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 0xfffffff0), PSP_INVALID_ADDRESS);
	assert_int_equal(sevmem_view(rig->memory, RIG_GUEST), SEVMEM_RAW);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST | RIG_C_BIT, 16), PSP_SUCCESS);
	assert_int_equal(sevmem_view(rig->memory, RIG_GUEST), ASID);
	rig_free(rig);
}

/* Plaintext is hashed and encrypted in place, what lies beside it stays. */
static void test_update_data(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t handle = rig_guest(rig, 0, ASID, tik, tek);
	uint8_t plain[0x3000], seen[0x3000], digest[SEV_SHA256], measure[SEV_SHA256];
	const struct sev_part parts[] = { { plain + 0x10, 0x2010 }, { plain + 0x2ff0, 0x10 } };
	struct psp_measurement out;

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 13 + (i >> 8));
	rig_put(rig, RIG_GUEST, plain, sizeof(plain));
	assert_int_equal(rig_update(rig, handle, RIG_GUEST + 0x10, 0x2010), PSP_SUCCESS);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST + 0x2ff0, 0x10), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, ASID, seen, sizeof(seen));
	assert_memory_equal(seen + 0x10, plain + 0x10, 0x2010);
	assert_memory_equal(seen + 0x2ff0, plain + 0x2ff0, 0x10);
	assert_memory_not_equal(seen, plain, 0x10);
	assert_memory_not_equal(seen + 0x2020, plain + 0x2020, 0x10);
	rig_get(rig, RIG_GUEST, SEVMEM_RAW, seen, sizeof(seen));
	assert_memory_equal(seen, plain, 0x10);
	assert_memory_equal(seen + 0x2020, plain + 0x2020, 0xfd0);
	assert_memory_not_equal(seen + 0x10, plain + 0x10, 0x10);
	assert_memory_not_equal(seen + 0x2ff0, plain + 0x2ff0, 0x10);

	sev_sha256(parts, 2, digest);
	assert_int_equal(rig_measure(rig, handle, &out), PSP_SUCCESS);
	psp_measure(tik, version, 0, digest, out.mnonce, measure);
	assert_memory_equal(measure, out.measure, sizeof(measure));
	rig_free(rig);
}

static void measure_cut(struct rig *rig, uint32_t cut, uint8_t digest[SEV_SHA256])
{
	struct psp_attestation cmd = { .paddr = RIG_BLOB, .length = 0xd0 };
	struct psp_attestation_report report;
	uint32_t handle = rig_guest(rig, 0, 0, NULL, NULL);

	assert_int_equal(rig_flush(rig), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, handle, ASID), PSP_SUCCESS);
	for (size_t i = 0; i < 0x2000; i++)
		rig->bytes[RIG_GUEST + i] = (uint8_t)(i * 3);
	sevmem_forget(rig->memory, RIG_GUEST, 0x2000);
	for (uint32_t done = 0; done < 0x2000; done += cut)
		rig_update(rig, handle, RIG_GUEST + done, cut);
	cmd.handle = handle;
	assert_int_equal(rig_command(rig, PSP_CMD_ATTESTATION, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_get(rig, RIG_BLOB, SEVMEM_RAW, &report, sizeof(report));
	memcpy(digest, report.launch_digest, SEV_SHA256);
	rig_handle(rig, PSP_CMD_DEACTIVATE, handle);
	rig_handle(rig, PSP_CMD_DECOMMISSION, handle);
}

static void test_update_cut(void **state)
{
	struct rig *rig = rig_ready();
	uint8_t whole[SEV_SHA256], cut[SEV_SHA256];

	(void)state;
	measure_cut(rig, 0x2000, whole);
	measure_cut(rig, 0x10, cut);
	assert_memory_equal(whole, cut, sizeof(whole));
	measure_cut(rig, 0x400, cut);
	assert_memory_equal(whole, cut, sizeof(whole));
	rig_free(rig);
}

/* --- LAUNCH_UPDATE_VMSA -------------------------------------------------------------------- */

#define ES_ASID 2

static void test_vmsa_rules(void **state)
{
	struct rig *rig = rig_ready();
	const struct psp_launch_update good = {
		.handle = rig_guest(rig, PSP_POLICY_ES, ES_ASID, NULL, NULL),
		.paddr = RIG_GUEST | RIG_C_BIT,
		.length = PSP_VMSA_SIZE,
	};
	struct {
		struct psp_launch_update cmd;
		uint16_t status;
	} cases[] = { [0 ... 9] = { good, PSP_INVALID_LENGTH } };

	(void)state;
	cases[0].cmd.length = 0;
	cases[1].cmd.length = 0xff0;
	cases[2].cmd.length = 0x1010;
	cases[3].cmd.length = 0x2000;
	for (size_t i = 4; i < 9; i++)
		cases[i].status = PSP_INVALID_ADDRESS;
	cases[4].cmd.paddr = RIG_GUEST + 0x10;
	cases[5].cmd.paddr = RIG_GUEST + 0x800;
	cases[6].cmd.paddr = RIG_SIZE;
	cases[7].cmd.paddr = RIG_TMR + 0x1000;
	cases[8].cmd.paddr = 0xfffffffffffff000;
	cases[9].status = PSP_SUCCESS;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(sevmem_view(rig->memory, RIG_GUEST), SEVMEM_RAW);
		assert_int_equal(rig_command(rig, PSP_CMD_LAUNCH_UPDATE_VMSA, &cases[i].cmd,
					 sizeof(cases[i].cmd)),
			cases[i].status);
	}
	assert_int_equal(sevmem_view(rig->memory, RIG_GUEST), ES_ASID);
	rig_free(rig);
}

/* Only guests with SEV-ES have VMSAs to be given. */
static void test_vmsa_policy(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t plain = rig_guest(rig, 0, ASID, NULL, NULL);
	uint32_t es = rig_guest(rig, PSP_POLICY_ES, 0, NULL, NULL);

	(void)state;
	assert_int_equal(rig_update_vmsa(rig, plain, RIG_GUEST), PSP_POLICY_FAILURE);
	assert_string_equal(psp_detail(rig->psp), "the policy does not have ES set");
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, plain), PSP_SUCCESS);
	assert_int_equal(rig_update_vmsa(rig, plain, RIG_GUEST), PSP_POLICY_FAILURE);
	assert_int_equal(rig_update_vmsa(rig, es, RIG_GUEST), PSP_INACTIVE);
	assert_int_equal(rig_activate(rig, es, ES_ASID), PSP_SUCCESS);
	assert_int_equal(rig_update_vmsa(rig, es, RIG_GUEST), PSP_SUCCESS);
	rig_free(rig);
}

/* All of the page is hashed after what came before, and encrypted where it lies. */
static void test_vmsa_digest(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t handle = rig_guest(rig, PSP_POLICY_ES, ES_ASID, tik, tek);
	uint8_t plain[0x2000], seen[0x2000], digest[SEV_SHA256], measure[SEV_SHA256];
	const struct sev_part parts[] = { { plain + 0x1000, 0x1000 }, { plain, 0x1000 } };
	struct psp_measurement out;

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 3 + (i >> 8));
	rig_put(rig, RIG_GUEST, plain, sizeof(plain));
	assert_int_equal(rig_update(rig, handle, RIG_GUEST + 0x1000, 0x1000), PSP_SUCCESS);
	assert_int_equal(rig_update_vmsa(rig, handle, RIG_GUEST), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, ES_ASID, seen, sizeof(seen));
	assert_memory_equal(seen, plain, sizeof(plain));
	rig_get(rig, RIG_GUEST, SEVMEM_RAW, seen, sizeof(seen));
	for (size_t i = 0; i < sizeof(plain); i += 16)
		assert_memory_not_equal(seen + i, plain + i, 16);
	sev_sha256(parts, 2, digest);
	assert_int_equal(rig_measure(rig, handle, &out), PSP_SUCCESS);
	psp_measure(tik, version, PSP_POLICY_ES, digest, out.mnonce, measure);
	assert_memory_equal(measure, out.measure, sizeof(measure));
	rig_free(rig);
}

/* --- LAUNCH_MEASURE ------------------------------------------------------------------------ */

static void test_measure_rules(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t handle = rig_guest(rig, 0, 0, NULL, NULL);
	struct psp_launch_measure cmd = { .handle = handle };

	(void)state;
	assert_int_equal(
		rig_command(rig, PSP_CMD_LAUNCH_MEASURE, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.length, 0x30);
	cmd.length = 0x2f;
	assert_int_equal(
		rig_command(rig, PSP_CMD_LAUNCH_MEASURE, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.length, 0x30);
	cmd.paddr = RIG_SIZE - 0x2f;
	assert_int_equal(
		rig_command(rig, PSP_CMD_LAUNCH_MEASURE, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd.paddr = RIG_BLOB;
	cmd.length = 0x1000;
	assert_int_equal(rig_command(rig, PSP_CMD_LAUNCH_MEASURE, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_int_equal(cmd.length, 0x30);
	cmd.length = 0x30;
	assert_int_equal(rig_command(rig, PSP_CMD_LAUNCH_MEASURE, &cmd, sizeof(cmd)),
		PSP_INVALID_GUEST_STATE);
	rig_free(rig);
}

/* --- ATTESTATION --------------------------------------------------------------------------- */

static void test_attestation(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_cert pek = export_certs(rig).chain.pek;
	uint32_t handle = rig_guest(rig, 0x11000001, ASID, NULL, NULL);
	struct psp_attestation cmd = { .handle = handle, .mnonce = "caller's nonce." };
	struct psp_attestation_report report;
	struct sev_part page = { rig->bytes + RIG_GUEST, 4096 };
	uint8_t digest[SEV_SHA256];

	(void)state;
	sev_sha256(&page, 1, digest);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 4096), PSP_SUCCESS);
	rig_measure(rig, handle, NULL);
	rig_handle(rig, PSP_CMD_LAUNCH_FINISH, handle);
	assert_int_equal(
		rig_command(rig, PSP_CMD_ATTESTATION, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.length, 0xd0);
	cmd.paddr = RIG_SIZE;
	assert_int_equal(
		rig_command(rig, PSP_CMD_ATTESTATION, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd.paddr = RIG_BLOB;
	cmd.length = 0x1000;
	assert_int_equal(rig_command(rig, PSP_CMD_ATTESTATION, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_int_equal(cmd.length, 0xd0);
	rig_get(rig, RIG_BLOB, SEVMEM_RAW, &report, sizeof(report));
	assert_memory_equal(report.mnonce, "caller's nonce.", 16);
	assert_memory_equal(report.launch_digest, digest, sizeof(digest));
	assert_int_equal(report.policy, 0x11000001);
	assert_int_equal(psp_report_verify(&report, &pek, NULL), 0);
	report.policy ^= 2;
	assert_int_equal(psp_report_verify(&report, &pek, NULL), -1);
	rig_free(rig);
}

/* --- two guests at once -------------------------------------------------------------------- */

static void test_two_guests(void **state)
{
	static const uint8_t plain[16] = "the same content";
	struct rig *rig = rig_ready();
	uint32_t one = rig_guest(rig, 0, 5, tik, tek), two = rig_guest(rig, 0, 6, tek, tik);
	uint64_t at_one = RIG_GUEST, at_two = RIG_GUEST + 0x1000;
	struct psp_measurement of_one, of_two;
	uint8_t seen[16], digest[SEV_SHA256], measure[SEV_SHA256];
	const struct sev_part part = { plain, sizeof(plain) };

	(void)state;
	rig_put(rig, at_one, plain, 16);
	rig_put(rig, at_two, plain, 16);
	assert_int_equal(rig_update(rig, one, at_one, 16), PSP_SUCCESS);
	assert_int_equal(rig_update(rig, two, at_two, 16), PSP_SUCCESS);
	rig_get(rig, at_one, 5, seen, 16);
	assert_memory_equal(seen, plain, 16);
	rig_get(rig, at_one, 6, seen, 16); /* the other's key is of no use */
	assert_memory_not_equal(seen, plain, 16);
	assert_int_equal(rig_measure(rig, one, &of_one), PSP_SUCCESS);
	assert_int_equal(rig_measure(rig, two, &of_two), PSP_SUCCESS);
	sev_sha256(&part, 1, digest);
	psp_measure(tik, version, 0, digest, of_one.mnonce, measure);
	assert_memory_equal(measure, of_one.measure, sizeof(measure));
	psp_measure(tek, version, 0, digest, of_two.mnonce, measure); /* keys were exchanged */
	assert_memory_equal(measure, of_two.measure, sizeof(measure));
	/* The end of one is not felt by the other. */
	rig_handle(rig, PSP_CMD_DEACTIVATE, one);
	rig_handle(rig, PSP_CMD_DECOMMISSION, one);
	rig_get(rig, at_two, 6, seen, 16);
	assert_memory_equal(seen, plain, 16);
	assert_int_equal(rig_handle(rig, PSP_CMD_LAUNCH_FINISH, two), PSP_SUCCESS);
	rig_free(rig);
}

/* A guest deactivated and activated again under another ASID keeps its key. */
static void test_move_asid(void **state)
{
	static const uint8_t plain[16] = "plaintext bytes";
	struct rig *rig = rig_ready();
	uint32_t handle = rig_guest(rig, 0, 5, NULL, NULL);
	uint8_t seen[16];

	(void)state;
	rig_put(rig, RIG_GUEST, plain, 16);
	rig_update(rig, handle, RIG_GUEST, 16);
	rig_handle(rig, PSP_CMD_DEACTIVATE, handle);
	rig_get(rig, RIG_GUEST, 5, seen, 16);
	assert_memory_not_equal(seen, plain, 16);
	assert_int_equal(rig_activate(rig, handle, 7), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, 7, seen, 16);
	assert_memory_equal(seen, plain, 16);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_api),
		cmocka_unit_test(test_policy_reserved),
		cmocka_unit_test(test_policy_es),
		cmocka_unit_test(test_guest_status),
		cmocka_unit_test(test_resource_limit),
		cmocka_unit_test(test_handles),
		cmocka_unit_test(test_key_sharing),
		cmocka_unit_test(test_key_sharing_refused),
		cmocka_unit_test(test_update_rules),
		cmocka_unit_test(test_update_data),
		cmocka_unit_test(test_update_cut),
		cmocka_unit_test(test_vmsa_rules),
		cmocka_unit_test(test_vmsa_policy),
		cmocka_unit_test(test_vmsa_digest),
		cmocka_unit_test(test_measure_rules),
		cmocka_unit_test(test_attestation),
		cmocka_unit_test(test_two_guests),
		cmocka_unit_test(test_move_asid),
	};

	return cmocka_run_group_tests_name("psp launch", tests, NULL, NULL);
}
