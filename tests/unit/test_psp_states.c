/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every command in every state: what is legal works, what is not returns the ABI's status and
 * changes nothing. The table is written from the document (AMD 55766, chapters 5 and 6), not from
 * the code.
 */
#include "tests/unit/unit.h"

#include "tests/psp_test.h"
#include "tests/unit/psp_scene.h"

/*
 * Letters as in psp_scene.h; guest "-": takes none. active: the guest must have an ASID. Commands
 * that are not supported check all of this first. After it: the states of platform and guest (of
 * the new one, where one is made), '-' no guest, '.' as before.
 */
static const struct rule {
	uint32_t id;
	const char *platform, *guest;
	bool active, supported;
	char platform_after, guest_after;
} rules[] = {
	{ PSP_CMD_INIT, "U", "-", false, true, 'I', '-' },
	{ PSP_CMD_SHUTDOWN, "UIW", "-", false, true, 'U', '-' },
	{ PSP_CMD_PLATFORM_RESET, "U", "-", false, true, '.', '.' },
	{ PSP_CMD_PLATFORM_STATUS, "UIW", "-", false, true, '.', '.' },
	{ PSP_CMD_PEK_GEN, "I", "-", false, true, '.', '.' },
	{ PSP_CMD_PEK_CSR, "IW", "-", false, true, '.', '.' },
	{ PSP_CMD_PEK_CERT_IMPORT, "I", "-", false, true, '.', '.' },
	{ PSP_CMD_PDH_CERT_EXPORT, "IW", "-", false, true, '.', '.' },
	{ PSP_CMD_PDH_GEN, "IW", "-", false, true, '.', '.' },
	{ PSP_CMD_DF_FLUSH, "IW", "-", false, true, '.', '.' },
	{ PSP_CMD_DOWNLOAD_FIRMWARE, "U", "-", false, true, '.', '.' },
	{ PSP_CMD_GET_ID, "UIW", "-", false, true, '.', '.' },
	{ PSP_CMD_INIT_EX, "U", "-", false, true, 'I', '-' },
	{ PSP_CMD_NOP, "UIW", "-", false, true, '.', '.' },
	{ PSP_CMD_RING_BUFFER, "UIW", "-", false, false, '.', '.' },
	{ PSP_CMD_DECOMMISSION, "W", "LSRsrX", false, true, 'I', '-' },
	{ PSP_CMD_ACTIVATE, "W", "LSRsr", false, true, '.', '.' },
	{ PSP_CMD_DEACTIVATE, "W", "LSRsrX", false, true, '.', '.' },
	{ PSP_CMD_GUEST_STATUS, "W", "LSRsrX", false, true, '.', '.' },
	{ PSP_CMD_COPY, "W", "R", true, true, '.', '.' },
	{ PSP_CMD_ACTIVATE_EX, "W", "LSRsr", false, true, '.', '.' },
	{ PSP_CMD_LAUNCH_START, "IW", "-", false, true, 'W', 'L' },
	{ PSP_CMD_LAUNCH_UPDATE_DATA, "W", "L", true, true, '.', '.' },
	{ PSP_CMD_LAUNCH_UPDATE_VMSA, "W", "L", true, true, '.', '.' },
	{ PSP_CMD_LAUNCH_MEASURE, "W", "L", false, true, 'W', 'S' },
	{ PSP_CMD_LAUNCH_SECRET, "W", "S", true, true, '.', '.' },
	{ PSP_CMD_LAUNCH_FINISH, "W", "S", false, true, 'W', 'R' },
	{ PSP_CMD_ATTESTATION, "W", "LSR", false, true, '.', '.' },
	{ PSP_CMD_SEND_START, "W", "R", false, true, 'W', 's' },
	{ PSP_CMD_SEND_UPDATE_DATA, "W", "s", true, true, '.', '.' },
	{ PSP_CMD_SEND_UPDATE_VMSA, "W", "s", true, true, '.', '.' },
	{ PSP_CMD_SEND_FINISH, "W", "s", false, true, 'W', 'X' },
	{ PSP_CMD_SEND_CANCEL, "W", "s", false, true, 'W', 'R' },
	{ PSP_CMD_RECEIVE_START, "IW", "-", false, true, 'W', 'r' },
	{ PSP_CMD_RECEIVE_UPDATE_DATA, "W", "r", true, true, '.', '.' },
	{ PSP_CMD_RECEIVE_UPDATE_VMSA, "W", "r", true, true, '.', '.' },
	{ PSP_CMD_RECEIVE_FINISH, "W", "r", false, true, 'W', 'R' },
	{ PSP_CMD_DBG_DECRYPT, "W", "LSRsr", true, true, '.', '.' },
	{ PSP_CMD_DBG_ENCRYPT, "W", "LSRsr", true, true, '.', '.' },
	{ PSP_CMD_SWAP_OUT, "W", "R", false, false, '.', '.' },
	{ PSP_CMD_SWAP_IN, "W", "R", false, false, '.', '.' },
};
#define RULES (sizeof(rules) / sizeof(rules[0]))

/* --- the states that commands can reach ---------------------------------------------------- */

static const struct situation situations[] = {
	{ 'U', '?', false },
	{ 'I', '?', false },
	{ 'W', '?', true },
	{ 'W', 'L', false },
	{ 'W', 'L', true },
	{ 'W', 'S', false },
	{ 'W', 'S', true },
	{ 'W', 'R', false },
	{ 'W', 'R', true },
	{ 'W', 's', false },
	{ 'W', 's', true },
	{ 'W', 'r', false },
	{ 'W', 'r', true },
	{ 'W', 'X', false },
	{ 'W', 'X', true },
};
#define SITUATIONS (sizeof(situations) / sizeof(situations[0]))

/* --- what must not change ------------------------------------------------------------------ */

struct snapshot {
	uint8_t chip[SEV_SHA256], saved[SEV_SHA256], raw[SEV_SHA256], private[SEV_SHA256];
	unsigned asids_changed;
};

static void hash_view(struct rig *rig, unsigned asid, uint8_t out[SEV_SHA256])
{
	static uint8_t copy[0x18000];
	const struct sev_part part = { copy, sizeof(copy) };

	rig_get(rig, 0, asid, copy, 0x10000);
	memset(copy + RIG_BUFFER, 0, SEVMEM_PAGE); /* compared on its own */
	rig_get(rig, RIG_GUEST, asid, copy + 0x10000, 0x4000);
	rig_get(rig, RIG_NV, asid, copy + 0x14000, 0x4000);
	sev_sha256(&part, 1, out);
}

/* With the position of its generator: who fails draws nothing either. */
static void hash_saved(struct rig *rig, uint8_t out[SEV_SHA256])
{
	struct sev_blob blob;
	struct sev_part part;

	assert_int_equal(psp_save(rig->psp, &blob, NULL), 0);
	part = (struct sev_part) { blob.data, blob.size };
	sev_sha256(&part, 1, out);
	sev_blob_free(&blob);
}

static struct snapshot look(struct scene *scene)
{
	struct snapshot s;

	memset(&s, 0, sizeof(s));
	psp_test_digest(scene->rig->psp, s.chip);
	hash_saved(scene->rig, s.saved);
	hash_view(scene->rig, SEVMEM_RAW, s.raw);
	hash_view(scene->rig, SCENE_ASID, s.private);
	s.asids_changed = scene->rig->changed;
	return s;
}

/* --- the tests ----------------------------------------------------------------------------- */

static uint16_t expected(const struct rule *rule, const struct situation *situation)
{
	if (!strchr(rule->platform, situation->platform))
		return PSP_INVALID_PLATFORM_STATE;
	if (rule->guest[0] != '-') {
		if (situation->guest == '?')
			return PSP_INVALID_GUEST;
		if (!strchr(rule->guest, situation->guest))
			return PSP_INVALID_GUEST_STATE;
		if (rule->active && !situation->active)
			return PSP_INACTIVE;
	}
	if (!rule->supported)
		return PSP_UNSUPPORTED;
	if (rule->id == PSP_CMD_DOWNLOAD_FIRMWARE)
		return PSP_BAD_SIGNATURE; /* whatever it is */
	if (situation->active && (rule->id == PSP_CMD_ACTIVATE || rule->id == PSP_CMD_ACTIVATE_EX ||
					 rule->id == PSP_CMD_DECOMMISSION))
		return PSP_ACTIVE;
	return PSP_SUCCESS;
}

/* A letter for each state; '-' if there is no such guest. */
static char guest_letter(struct rig *rig, uint32_t handle)
{
	struct psp_guest_status cmd = { .handle = handle };

	if (rig_command(rig, PSP_CMD_GUEST_STATUS, &cmd, sizeof(cmd)) != PSP_SUCCESS)
		return '-';
	return "?LSRsrX"[cmd.state];
}

static char platform_letter(struct rig *rig)
{
	return "UIW"[rig_status(rig).state];
}

static void check_states_after(struct scene *scene, const struct rule *rule,
	const struct situation *situation, uint32_t handle)
{
	char platform = rule->platform_after, guest = rule->guest_after;

	if (platform == '.')
		platform = situation->platform;
	if (guest == '.')
		guest = situation->guest;
	if (guest == '?')
		guest = '-';
	if (platform_letter(scene->rig) != platform || guest_letter(scene->rig, handle) != guest)
		fail_msg("%s in %c %c: then %c %c, expected %c %c", psp_command_name(rule->id),
			situation->platform, situation->guest, platform_letter(scene->rig),
			guest_letter(scene->rig, handle), platform, guest);
}

/* Returns whether the command succeeded: then the scene is used up. */
static bool try_command(struct scene *scene, uint32_t id, uint16_t want,
	const struct situation *situation, uint8_t buffer[SCENE_BUFFER])
{
	uint8_t before_buffer[SCENE_BUFFER];
	struct snapshot before, after;
	uint16_t status;

	scene_fill(scene, id, buffer);
	memcpy(before_buffer, buffer, SCENE_BUFFER);
	before = look(scene);
	status = rig_command(scene->rig, id, buffer, SCENE_BUFFER);
	if (status != want)
		fail_msg("%s (%02x) in %c %c%s: %s, expected %s", psp_command_name(id), id,
			situation->platform, situation->guest, situation->active ? " active" : "",
			psp_status_name(status), psp_status_name(want));
	if (status == PSP_SUCCESS)
		return true;
	after = look(scene);
	if (memcmp(&before, &after, sizeof(before)) != 0 ||
		memcmp(before_buffer, buffer, SCENE_BUFFER) != 0)
		fail_msg("%s (%02x) in %c %c%s: failed, but changed something",
			psp_command_name(id), id, situation->platform, situation->guest,
			situation->active ? " active" : "");
	return false;
}

static void test_table(void **state)
{
	unsigned succeeded = 0, refused = 0;

	(void)state;
	for (size_t i = 0; i < SITUATIONS; i++) {
		const struct situation *situation = &situations[i];
		struct scene scene = scene_enter(situation);

		for (size_t k = 0; k < RULES; k++) {
			const struct rule *rule = &rules[k];
			uint16_t want = expected(rule, situation);
			uint8_t buffer[SCENE_BUFFER];
			bool creates = rule->id == PSP_CMD_LAUNCH_START ||
				       rule->id == PSP_CMD_RECEIVE_START;

			if (!try_command(&scene, rule->id, want, situation, buffer)) {
				refused++;
				continue;
			}
			succeeded++;
			check_states_after(
				&scene, rule, situation, creates ? sev_le32(buffer) : scene.given);
			rig_free(scene.rig);
			scene = scene_enter(situation);
		}
		rig_free(scene.rig);
	}
	assert_true(succeeded > 120);
	assert_int_equal(succeeded + refused, RULES * SITUATIONS);
}

static const struct rule *find_rule(uint32_t id)
{
	for (size_t i = 0; i < RULES; i++) {
		if (rules[i].id == id)
			return &rules[i];
	}
	return NULL;
}

static bool is_snp(uint32_t id)
{
	static const uint8_t ids[] = { 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x90, 0x91, 0x92, 0x93,
		0x94, 0x95, 0xa0, 0xa1, 0xa2, 0xb0, 0xb1, 0xc0, 0xc1, 0xc2, 0xc3, 0xc6, 0xc7, 0xc8,
		0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5 };

	return id < 256 && memchr(ids, (int)id, sizeof(ids));
}

/* Every other number, in every state: no such command, or one of a processor with SNP. */
static void test_other_ids(void **state)
{
	static const uint32_t beyond[] = { 0x100, 0x130, 0x7ff, 0x10030, 0x80000030, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < SITUATIONS; i += 4) {
		struct scene scene = scene_enter(&situations[i]);
		uint8_t buffer[SCENE_BUFFER];

		for (uint32_t id = 0; id < 256; id++) {
			if (find_rule(id))
				continue;
			assert_false(try_command(&scene, id,
				is_snp(id) ? PSP_UNSUPPORTED : PSP_INVALID_COMMAND, &situations[i],
				buffer));
		}
		for (size_t k = 0; k < sizeof(beyond) / sizeof(beyond[0]); k++)
			assert_false(try_command(
				&scene, beyond[k], PSP_INVALID_COMMAND, &situations[i], buffer));
		rig_free(scene.rig);
	}
}

static bool has_buffer(uint32_t id)
{
	switch (id) {
	case PSP_CMD_SHUTDOWN:
	case PSP_CMD_PLATFORM_RESET:
	case PSP_CMD_PEK_GEN:
	case PSP_CMD_PDH_GEN:
	case PSP_CMD_DF_FLUSH:
	case PSP_CMD_NOP:
	case PSP_CMD_RING_BUFFER:
		return false;
	}
	return true;
}

/* The address is looked at before the state: nothing is read that is not there. */
static void test_buffer_address(void **state)
{
	static const uint64_t bad[] = { RIG_SIZE, RIG_SIZE - 1, RIG_TMR, RIG_TMR + 0xfffff,
		RIG_TMR - 1, UINT64_MAX, UINT64_MAX - 8, 1ull << 50 };
	struct scene scene = scene_enter(&situations[4]);

	(void)state;
	for (size_t k = 0; k < RULES; k++) {
		if (!has_buffer(rules[k].id))
			continue;
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
			assert_int_equal(psp_command(scene.rig->psp, rules[k].id, bad[i]),
				PSP_INVALID_ADDRESS);
	}
	assert_int_equal(rig_status(scene.rig).state, PSP_PLATFORM_WORKING);
	rig_free(scene.rig);
}

/* The encryption bit in an address means nothing to an emulated host without SME. */
static void test_c_bit(void **state)
{
	struct scene scene = scene_enter(&situations[1]);
	struct psp_platform_status out = { 0 };

	(void)state;
	assert_int_equal(
		psp_command(scene.rig->psp, PSP_CMD_PLATFORM_STATUS, RIG_BUFFER | RIG_C_BIT),
		PSP_SUCCESS);
	rig_get(scene.rig, RIG_BUFFER, SEVMEM_RAW, &out, sizeof(out));
	assert_int_equal(out.state, PSP_PLATFORM_INIT);
	assert_int_equal(psp_command(scene.rig->psp, PSP_CMD_PLATFORM_STATUS, RIG_SIZE | RIG_C_BIT),
		PSP_INVALID_ADDRESS);
	rig_free(scene.rig);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(psp_command_name(0x36), "ATTESTATION");
	assert_string_equal(psp_command_name(0x37), "unknown command");
	assert_string_equal(psp_status_name(0x0b), "BAD_MEASUREMENT");
	assert_string_equal(psp_status_name(0x1e), "unknown status");
	assert_string_equal(psp_status_name(0x8004), "unknown status");
	for (uint16_t code = 0; code <= 0x27; code++) {
		const char *advice = psp_status_advice(code);

		assert_non_null(advice);
		assert_int_equal(strcmp(advice, psp_status_advice(0xffff)) == 0, code == 0x1e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_other_ids),
		cmocka_unit_test(test_buffer_address),
		cmocka_unit_test(test_c_bit),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("psp states", tests, NULL, NULL);
}
