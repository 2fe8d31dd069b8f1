/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ACTIVATE_EX: guests on some cores; and the flushing between two guests of an ASID. */
#include "tests/unit/unit.h"

#include "tests/psp_rig.h"
#include "tests/psp_test.h"

#define CORES 19 /* not a multiple of 8 */

/* A machine with more cores than the rig's; nothing was flushed yet. */
static struct rig *many_cores(void)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);

	config.cores = CORES;
	rig->psp = psp_new(&config, NULL);
	assert_non_null(rig->psp);
	assert_int_equal(rig_init(rig, true), PSP_SUCCESS);
	return rig;
}

static void wbinvd_but(struct rig *rig, unsigned left_out)
{
	for (unsigned i = 0; i < CORES; i++) {
		if (i != left_out)
			psp_wbinvd(rig->psp, i);
	}
}

static uint16_t df_flush(struct rig *rig)
{
	return psp_command(rig->psp, PSP_CMD_DF_FLUSH, 0);
}

static struct rig *many_cores_ready(void)
{
	struct rig *rig = many_cores();

	wbinvd_but(rig, CORES);
	assert_int_equal(df_flush(rig), PSP_SUCCESS);
	return rig;
}

/* The list goes to RIG_BLOB. A refusal changes nothing. */
static uint16_t activate_ex(
	struct rig *rig, uint32_t handle, uint32_t asid, const uint32_t *ids, uint32_t count)
{
	struct psp_activate_ex cmd = {
		.ex_length = sizeof(cmd),
		.handle = handle,
		.asid = asid,
		.num_ids = count,
		.ids_paddr = RIG_BLOB,
	};
	uint8_t before[SEV_SHA256], after[SEV_SHA256];
	uint16_t status;

	rig_put(rig, RIG_BLOB, ids, count * sizeof(ids[0]));
	psp_test_digest(rig->psp, before);
	status = rig_command(rig, PSP_CMD_ACTIVATE_EX, &cmd, sizeof(cmd));
	psp_test_digest(rig->psp, after);
	assert_int_equal(memcmp(before, after, sizeof(before)) != 0, status == PSP_SUCCESS);
	return status;
}

/* Bit n: the guest may run on core n. */
static uint32_t cores_of(struct rig *rig, uint32_t handle)
{
	uint32_t cores = 0;

	for (unsigned i = 0; i < 32; i++) {
		if (psp_may_run(rig->psp, handle, i))
			cores |= 1u << i;
	}
	assert_false(psp_may_run(rig->psp, handle, UINT32_MAX));
	return cores;
}

static void test_cores(void **state)
{
	static const uint32_t three[] = { 18, 0, 7 }, two[] = { 8, 8 };
	struct rig *rig = many_cores_ready();
	uint32_t one = rig_guest(rig, 0, 0, NULL, NULL), other = rig_guest(rig, 0, 0, NULL, NULL);

	(void)state;
	assert_int_equal(cores_of(rig, one), 0);
	assert_int_equal(activate_ex(rig, one, 5, three, 3), PSP_SUCCESS);
	assert_int_equal(cores_of(rig, one), 1u << 18 | 1u << 0 | 1u << 7);
	assert_int_equal(activate_ex(rig, other, 6, two, 2), PSP_SUCCESS);
	assert_int_equal(cores_of(rig, other), 1u << 8);
	assert_int_equal(cores_of(rig, one), 1u << 18 | 1u << 0 | 1u << 7);
	assert_int_equal(cores_of(rig, 77), 0);
	assert_int_equal(cores_of(rig, 0), 0);
	/* DEACTIVATE is for all of them, and ACTIVATE for all cores. */
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, one), PSP_SUCCESS);
	assert_int_equal(cores_of(rig, one), 0);
	assert_int_equal(rig_activate(rig, one, 7), PSP_SUCCESS);
	assert_int_equal(cores_of(rig, one), (1u << CORES) - 1);
	rig_free(rig);
}

/* The guest's key is there, as after ACTIVATE. */
static void test_key(void **state)
{
	static const uint8_t plain[16] = "plaintext bytes";
	static const uint32_t core[] = { 0 };
	struct rig *rig = many_cores_ready();
	uint32_t handle = rig_guest(rig, 0, 0, NULL, NULL);
	uint8_t seen[16];

	(void)state;
	assert_int_equal(activate_ex(rig, handle, 5, core, 1), PSP_SUCCESS);
	assert_int_equal(rig->last_changed, 5);
	rig_put(rig, RIG_GUEST, plain, 16);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 16), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, 5, seen, 16);
	assert_memory_equal(seen, plain, 16);
	rig_free(rig);
}

static void test_ids(void **state)
{
	static const uint32_t unknown[] = { 0, CORES, 1 }, far[] = { UINT32_MAX };
	static uint32_t all[CORES + 1];
	struct rig *rig = many_cores_ready();
	uint32_t handle = rig_guest(rig, 0, 0, NULL, NULL);

	(void)state;
	for (uint32_t i = 0; i < CORES; i++)
		all[i] = CORES - 1 - i;
	assert_int_equal(activate_ex(rig, handle, 5, unknown, 3), PSP_INVALID_PARAM);
	assert_int_equal(activate_ex(rig, handle, 5, far, 1), PSP_INVALID_PARAM);
	assert_int_equal(activate_ex(rig, handle, 5, far, 0), PSP_INVALID_PARAM);
	assert_int_equal(activate_ex(rig, handle, 5, all, CORES + 1), PSP_INVALID_PARAM);
	assert_int_equal(cores_of(rig, handle), 0);
	assert_int_equal(activate_ex(rig, handle, 5, all, CORES), PSP_SUCCESS);
	assert_int_equal(cores_of(rig, handle), (1u << CORES) - 1);
	rig_free(rig);
}

static void test_arguments(void **state)
{
	struct rig *rig = many_cores_ready();
	const struct psp_activate_ex good = {
		.ex_length = sizeof(good),
		.handle = rig_guest(rig, 0, 0, NULL, NULL),
		.asid = 5,
		.num_ids = 2,
		.ids_paddr = RIG_BLOB | RIG_C_BIT,
	};
	struct {
		struct psp_activate_ex cmd;
		uint16_t status;
	} cases[] = { [0 ... 8] = { good, PSP_INVALID_ADDRESS } };

	(void)state;
	cases[0].cmd.ids_paddr = RIG_SIZE - 7;
	cases[1].cmd.ids_paddr = RIG_TMR;
	cases[2].cmd.ids_paddr = UINT64_MAX - 3;
	cases[3].cmd.ex_length = 0x17;
	cases[4].cmd.ex_length = 0x19;
	cases[5].cmd.ex_length = 0;
	cases[3].status = cases[4].status = cases[5].status = PSP_INVALID_LENGTH;
	cases[6].cmd.handle = 77;
	cases[6].status = PSP_INVALID_GUEST;
	cases[7].cmd.num_ids = UINT32_MAX;
	cases[7].status = PSP_INVALID_PARAM;
	cases[8].status = PSP_SUCCESS;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint16_t status =
			rig_command(rig, PSP_CMD_ACTIVATE_EX, &cases[i].cmd, sizeof(cases[i].cmd));

		if (status != cases[i].status)
			fail_msg("case %zu: %s", i, psp_status_name(status));
	}
	rig_free(rig);
}

/* All that ACTIVATE asks for. */
static void test_as_activate(void **state)
{
	static const uint32_t core[] = { 3 };
	struct rig *rig = many_cores();
	uint32_t one, two, es;

	(void)state;
	rig_launch_start(rig, 0, &one);
	rig_launch_start(rig, 0, &two);
	rig_launch_start(rig, PSP_POLICY_ES, &es);
	assert_int_equal(activate_ex(rig, one, 0, core, 1), PSP_INVALID_ASID);
	assert_int_equal(activate_ex(rig, one, RIG_MAX_ASID + 1, core, 1), PSP_INVALID_ASID);
	assert_int_equal(activate_ex(rig, one, RIG_MIN_SEV_ASID - 1, core, 1), PSP_INVALID_ASID);
	assert_int_equal(activate_ex(rig, es, RIG_MIN_SEV_ASID, core, 1), PSP_INVALID_ASID);
	assert_int_equal(activate_ex(rig, one, 5, core, 1), PSP_WBINVD_REQUIRED);
	wbinvd_but(rig, CORES);
	assert_int_equal(activate_ex(rig, one, 5, core, 1), PSP_DFFLUSH_REQUIRED);
	assert_int_equal(df_flush(rig), PSP_SUCCESS);
	assert_int_equal(activate_ex(rig, one, 5, core, 1), PSP_SUCCESS);
	assert_int_equal(activate_ex(rig, one, 5, core, 1), PSP_ACTIVE);
	assert_int_equal(activate_ex(rig, two, 5, core, 1), PSP_ASID_OWNED);
	assert_int_equal(activate_ex(rig, es, RIG_MIN_SEV_ASID - 1, core, 1), PSP_SUCCESS);
	rig_free(rig);
}

/* --- who has to flush, and when -------------------------------------------------------------- */

/* Every single core counts: INIT, DEACTIVATE and SHUTDOWN with INIT leave a mark on each. */
static void test_every_core(void **state)
{
	static const uint32_t core[] = { 0 };
	struct rig *rig = many_cores();
	uint32_t handle;

	(void)state;
	for (unsigned i = 0; i < CORES; i++) {
		wbinvd_but(rig, i);
		assert_int_equal(df_flush(rig), PSP_WBINVD_REQUIRED);
		psp_wbinvd(rig->psp, i);
		assert_int_equal(df_flush(rig), PSP_SUCCESS);
		assert_int_equal(df_flush(rig), PSP_SUCCESS); /* there is no new mark */
		rig_launch_start(rig, 0, &handle);
		/* Though the guest could run on one core only. */
		assert_int_equal(activate_ex(rig, handle, 5, core, 1), PSP_SUCCESS);
		if (i % 2)
			assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, handle), PSP_SUCCESS);
		else
			psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0);
		if (i % 2)
			assert_int_equal(
				rig_handle(rig, PSP_CMD_DECOMMISSION, handle), PSP_SUCCESS);
		else
			assert_int_equal(rig_init(rig, true), PSP_SUCCESS);
	}
	rig_free(rig);
}

/* A flush from before the event does not count for it. */
static void test_flush_too_early(void **state)
{
	struct rig *rig = many_cores_ready();
	uint32_t handle = rig_guest(rig, 0, 5, NULL, NULL);

	(void)state;
	wbinvd_but(rig, CORES);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, handle), PSP_SUCCESS);
	assert_int_equal(df_flush(rig), PSP_WBINVD_REQUIRED);
	wbinvd_but(rig, CORES);
	assert_int_equal(rig_activate(rig, handle, 5), PSP_DFFLUSH_REQUIRED);
	assert_int_equal(df_flush(rig), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, handle, 5), PSP_SUCCESS);
	/* DECOMMISSION of a guest without an ASID leaves nothing behind in any cache. */
	handle = rig_guest(rig, 0, 0, NULL, NULL);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, handle), PSP_SUCCESS);
	assert_int_equal(df_flush(rig), PSP_SUCCESS);
	rig_free(rig);
}

/* One flush serves all ASIDs that are free, and takes nothing from those that are not. */
static void test_flush_many(void **state)
{
	struct rig *rig = many_cores_ready();
	uint32_t handles[4];

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		handles[i] = rig_guest(rig, 0, RIG_MIN_SEV_ASID + i, NULL, NULL);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, handles[i]), PSP_SUCCESS);
	wbinvd_but(rig, CORES);
	assert_int_equal(df_flush(rig), PSP_SUCCESS);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(
			rig_activate(rig, handles[i], RIG_MIN_SEV_ASID + 2 - i), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, handles[3], RIG_MIN_SEV_ASID), PSP_ACTIVE);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cores),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_as_activate),
		cmocka_unit_test(test_every_core),
		cmocka_unit_test(test_flush_too_early),
		cmocka_unit_test(test_flush_many),
	};

	return cmocka_run_group_tests_name("psp activate", tests, NULL, NULL);
}
