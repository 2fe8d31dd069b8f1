/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hypervisor's side of the mailbox: window and commands. */
#include "tests/unit/unit.h"

#include "iodev/psp/host.h"
#include "tests/psp_rig.h"

#define WINDOW 0x40000

static void window(void **state)
{
	struct rig *rig = rig_new();
	struct psp_host host = { rig->psp, rig->memory, WINDOW, NULL };

	(void)state;
	assert_true(psp_host_usable(&host));
	host.window = RIG_SIZE - PSP_HOST_WINDOW;
	assert_true(psp_host_usable(&host));
	host.window += SEVMEM_PAGE;
	assert_false(psp_host_usable(&host));
	host.window = WINDOW + 16;
	assert_false(psp_host_usable(&host));
	rig_free(rig);
}

static void parts(void **state)
{
	struct rig *rig = rig_new();
	struct psp_host host = { rig->psp, rig->memory, WINDOW, NULL };
	char text[8] = "packet", seen[8];

	(void)state;
	assert_int_equal(psp_host_put(&host, PSP_HOST_PAYLOAD, text, sizeof(text)), 0);
	rig_get(rig, psp_host_address(&host, PSP_HOST_PAYLOAD), SEVMEM_RAW, seen, sizeof(seen));
	assert_string_equal(seen, text);
	rig_put(rig, WINDOW + PSP_HOST_OUTPUT, "result", sizeof("result"));
	assert_int_equal(psp_host_get(&host, PSP_HOST_OUTPUT, seen, sizeof("result")), 0);
	assert_string_equal(seen, "result");
	host.window = RIG_SIZE;
	assert_int_equal(psp_host_put(&host, PSP_HOST_PAYLOAD, text, sizeof(text)), -1);
	assert_int_equal(psp_host_get(&host, PSP_HOST_OUTPUT, seen, sizeof(seen)), -1);
	rig_free(rig);
}

static void commands(void **state)
{
	struct rig *rig = rig_new();
	struct psp_host host = { rig->psp, rig->memory, WINDOW, NULL };
	struct psp_platform_status status = { 0 };
	struct psp_init init = { 0 };

	(void)state;
	assert_int_equal(psp_host_command(&host, PSP_CMD_INIT, &init, sizeof(init)), PSP_SUCCESS);
	assert_int_equal(psp_host_command(&host, PSP_CMD_PLATFORM_STATUS, &status, sizeof(status)),
		PSP_SUCCESS);
	assert_int_equal(status.state, PSP_PLATFORM_INIT);
	assert_int_equal(psp_host_command(&host, PSP_CMD_INIT, &init, sizeof(init)),
		PSP_INVALID_PLATFORM_STATE);
	assert_int_equal(psp_host_command(&host, PSP_CMD_NOP, NULL, 0), PSP_SUCCESS);
	host.window = RIG_SIZE;
	assert_int_equal(psp_host_command(&host, PSP_CMD_PLATFORM_STATUS, &status, sizeof(status)),
		PSP_INVALID_ADDRESS);
	rig_free(rig);
}

/* A command that fails still says what it would have needed. */
static void lengths_come_back(void **state)
{
	struct rig *rig = rig_new();
	struct psp_host host = { rig->psp, rig->memory, WINDOW, NULL };
	struct psp_get_id cmd = { 0 };

	(void)state;
	assert_int_equal(
		psp_host_command(&host, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.id_length, PSP_ID_SIZE);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(window),
		cmocka_unit_test(parts),
		cmocka_unit_test(commands),
		cmocka_unit_test(lengths_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
