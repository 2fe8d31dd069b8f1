/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* INIT_EX: what the command checks before it looks into the buffer. */
#include "tests/unit/psp_nv.h"

static struct psp_init_ex command(void)
{
	return (struct psp_init_ex) {
		.length = 0x24,
		.options = PSP_INIT_ES,
		.tmr_paddr = RIG_TMR,
		.tmr_length = PSP_TMR_SIZE,
		.nv_paddr = RIG_NV,
		.nv_length = PSP_NV_SIZE,
	};
}

static uint16_t run(struct rig *rig, struct psp_init_ex cmd)
{
	uint16_t status;

	fill_nv(rig, 0x77); /* not usable: a check that is missing shows as SECURE_DATA_INVALID */
	status = rig_command(rig, PSP_CMD_INIT_EX, &cmd, sizeof(cmd));
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_UNINIT);
	assert_true(nv_is(rig, status == PSP_SECURE_DATA_INVALID ? 0xff : 0x77));
	return status;
}

static void test_parameters(void **state)
{
	struct rig *rig = rig_new();
	struct psp_init_ex cmd;

	(void)state;
#define WITH(field, value) (cmd = command(), cmd.field = (value), run(rig, cmd))
	assert_int_equal(WITH(options, 2), PSP_INVALID_PARAM);
	assert_int_equal(WITH(reserved, 1), PSP_INVALID_PARAM);
	assert_int_equal(WITH(length, 0x23), PSP_INVALID_LENGTH);
	assert_int_equal(WITH(length, 0x25), PSP_INVALID_LENGTH);
	assert_int_equal(WITH(length, 0), PSP_INVALID_LENGTH);
	assert_int_equal(WITH(nv_length, 0x7fff), PSP_INVALID_LENGTH);
	assert_int_equal(WITH(nv_length, 0), PSP_INVALID_LENGTH);
	assert_int_equal(WITH(tmr_length, 0xfffff), PSP_INVALID_LENGTH);
	assert_int_equal(WITH(tmr_paddr, RIG_TMR + 0x1000), PSP_INVALID_ADDRESS);
	assert_int_equal(WITH(tmr_paddr, RIG_SIZE), PSP_INVALID_ADDRESS);
	assert_int_equal(WITH(nv_paddr, RIG_NV + 0x800), PSP_INVALID_ADDRESS);
	assert_int_equal(WITH(nv_paddr, RIG_SIZE - 0x7000), PSP_INVALID_ADDRESS);
	assert_int_equal(WITH(nv_length, RIG_SIZE), PSP_INVALID_ADDRESS);
	assert_int_equal(WITH(nv_paddr, RIG_TMR), PSP_INVALID_ADDRESS);
	assert_int_equal(WITH(nv_paddr, RIG_TMR - 0x7000), PSP_INVALID_ADDRESS);
	assert_int_equal(WITH(nv_paddr, RIG_TMR + PSP_TMR_SIZE - 0x1000), PSP_INVALID_ADDRESS);
	/* All is well but for what lies in the buffer. */
	assert_int_equal(WITH(nv_paddr, RIG_NV), PSP_SECURE_DATA_INVALID);
	assert_int_equal(WITH(nv_paddr, RIG_NV | RIG_C_BIT), PSP_SECURE_DATA_INVALID);
	assert_int_equal(WITH(nv_length, 2 * PSP_NV_SIZE), PSP_SECURE_DATA_INVALID);
#undef WITH
	cmd = command();
	cmd.options = 0; /* then there is no firmware's memory that the buffer could lie in */
	cmd.nv_paddr = RIG_TMR;
	memset(rig->bytes + RIG_TMR, 0xff, PSP_NV_SIZE);
	assert_int_equal(rig_command(rig, PSP_CMD_INIT_EX, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_int_equal(
		rig_command(rig, PSP_CMD_INIT_EX, &cmd, sizeof(cmd)), PSP_INVALID_PLATFORM_STATE);
	rig_free(rig);
}

static void test_without_es(void **state)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);

	(void)state;
	config.es_capable = false;
	rig->psp = psp_new(&config, NULL);
	fill_nv(rig, 0xff);
	assert_int_equal(rig_init_ex(rig, true), PSP_UNSUPPORTED);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_without_es),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
