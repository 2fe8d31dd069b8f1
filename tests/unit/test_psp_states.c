/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every command in every state: what is legal works, what is not returns the ABI's status and
 * changes nothing. The table is written from the document (AMD 55766, chapters 5 and 6), not from
 * the code.
 */
#include "tests/unit/unit.h"

#include "tests/psp_peer.h"

/*
 * platform: U uninitialised, I initialised, W working. guest: - takes none, else L lupdate, S
 * lsecret, R running, s supdate, r rupdate, X sent. active: the guest must have an ASID. Commands
 * that are not supported check all of this first.
 */
static const struct rule {
	uint32_t id;
	const char *platform, *guest;
	bool active, supported;
} rules[] = {
	{ PSP_CMD_INIT, "U", "-", false, true },
	{ PSP_CMD_SHUTDOWN, "UIW", "-", false, true },
	{ PSP_CMD_PLATFORM_RESET, "U", "-", false, true },
	{ PSP_CMD_PLATFORM_STATUS, "UIW", "-", false, true },
	{ PSP_CMD_PEK_GEN, "I", "-", false, true },
	{ PSP_CMD_PEK_CSR, "IW", "-", false, true },
	{ PSP_CMD_PEK_CERT_IMPORT, "I", "-", false, true },
	{ PSP_CMD_PDH_CERT_EXPORT, "IW", "-", false, true },
	{ PSP_CMD_PDH_GEN, "IW", "-", false, true },
	{ PSP_CMD_DF_FLUSH, "IW", "-", false, true },
	{ PSP_CMD_DOWNLOAD_FIRMWARE, "U", "-", false, true },
	{ PSP_CMD_GET_ID, "UIW", "-", false, true },
	{ PSP_CMD_INIT_EX, "U", "-", false, true },
	{ PSP_CMD_NOP, "UIW", "-", false, true },
	{ PSP_CMD_RING_BUFFER, "UIW", "-", false, false },
	{ PSP_CMD_DECOMMISSION, "W", "LSRsrX", false, true },
	{ PSP_CMD_ACTIVATE, "W", "LSRsr", false, true },
	{ PSP_CMD_DEACTIVATE, "W", "LSRsrX", false, true },
	{ PSP_CMD_GUEST_STATUS, "W", "LSRsrX", false, true },
	{ PSP_CMD_COPY, "W", "R", true, true },
	{ PSP_CMD_ACTIVATE_EX, "W", "LSRsr", false, true },
	{ PSP_CMD_LAUNCH_START, "IW", "-", false, true },
	{ PSP_CMD_LAUNCH_UPDATE_DATA, "W", "L", true, true },
	{ PSP_CMD_LAUNCH_UPDATE_VMSA, "W", "L", true, true },
	{ PSP_CMD_LAUNCH_MEASURE, "W", "L", false, true },
	{ PSP_CMD_LAUNCH_SECRET, "W", "S", true, true },
	{ PSP_CMD_LAUNCH_FINISH, "W", "S", false, true },
	{ PSP_CMD_ATTESTATION, "W", "LSR", false, true },
	{ PSP_CMD_SEND_START, "W", "R", false, true },
	{ PSP_CMD_SEND_UPDATE_DATA, "W", "s", true, true },
	{ PSP_CMD_SEND_UPDATE_VMSA, "W", "s", true, true },
	{ PSP_CMD_SEND_FINISH, "W", "s", false, true },
	{ PSP_CMD_SEND_CANCEL, "W", "s", false, true },
	{ PSP_CMD_RECEIVE_START, "IW", "-", false, true },
	{ PSP_CMD_RECEIVE_UPDATE_DATA, "W", "r", true, true },
	{ PSP_CMD_RECEIVE_UPDATE_VMSA, "W", "r", true, true },
	{ PSP_CMD_RECEIVE_FINISH, "W", "r", false, true },
	{ PSP_CMD_DBG_DECRYPT, "W", "LSRsr", true, true },
	{ PSP_CMD_DBG_ENCRYPT, "W", "LSRsr", true, true },
	{ PSP_CMD_SWAP_OUT, "W", "R", false, false },
	{ PSP_CMD_SWAP_IN, "W", "R", false, false },
};
#define RULES (sizeof(rules) / sizeof(rules[0]))

/* --- the states that commands can reach ---------------------------------------------------- */

struct situation {
	char platform, guest; /* letters as above; guest '?': the handle given is no guest's */
	bool active;
};

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

static const struct psp_transport_keys keys = { .tek = "encryption key.",
	.tik = "integrity key.." };
static const uint8_t plain[PSP_VMSA_SIZE] = "what nobody else shall ever see";
static struct psp_peer peer; /* owner, sender and target */

/* A policy that forbids nothing and has a use for VMSAs, and an ASID for it. */
#define POLICY PSP_POLICY_ES
#define ASID   2

struct scene {
	struct rig *rig;
	uint32_t real, given; /* the guest's handle, the handle given to commands */
	struct psp_measurement measurement;
};

static void must(struct scene *scene, uint32_t id)
{
	assert_int_equal(rig_handle(scene->rig, id, scene->real), PSP_SUCCESS);
}

/* From LUPDATE on: each state is reached through those before it. */
static void launch_to(struct scene *scene, char state)
{
	struct psp_session session;

	if (state == 'L' || state == '?')
		return;
	assert_int_equal(rig_measure(scene->rig, scene->real, &scene->measurement), PSP_SUCCESS);
	if (state == 'S')
		return;
	must(scene, PSP_CMD_LAUNCH_FINISH);
	if (state == 'R')
		return;
	assert_int_equal(
		peer_send_start(scene->rig, scene->real, &peer.cert, NULL, NULL, 0, &session),
		PSP_SUCCESS);
	if (state == 'X')
		must(scene, PSP_CMD_SEND_FINISH);
}

static void make_guest(struct scene *scene, char state, bool active)
{
	if (state == 'r')
		scene->real = peer_send(&peer, scene->rig, &keys, POLICY);
	else
		scene->real = rig_guest(scene->rig, POLICY, 0, keys.tik, keys.tek);
	if (active)
		assert_int_equal(rig_activate(scene->rig, scene->real, ASID), PSP_SUCCESS);
	if (state != 'r')
		launch_to(scene, state);
}

static struct scene enter(const struct situation *situation)
{
	struct scene scene = { .rig = rig_new() };

	if (situation->platform == 'U')
		return scene;
	assert_int_equal(rig_init(scene.rig, true), PSP_SUCCESS);
	assert_int_equal(rig_flush(scene.rig), PSP_SUCCESS);
	if (situation->platform == 'I')
		return scene;
	make_guest(&scene, situation->guest, situation->active);
	scene.given = situation->guest == '?' ? scene.real + 1 : scene.real;
	return scene;
}

/* --- buffers that are right for every command ---------------------------------------------- */

#define BUFFER 0x44

static void fill_packet(
	struct scene *scene, uint8_t buffer[BUFFER], enum psp_packet_context context, uint32_t size)
{
	const struct psp_transport cmd = rig_transport(scene->given, RIG_GUEST, size);
	struct psp_packet_header header = { .iv = { 1 } };
	uint8_t data[sizeof(plain)];

	psp_packet_seal(&header, &keys, context,
		context == PSP_PACKET_SECRET ? scene->measurement.measure : NULL, plain, data,
		size);
	rig_put(scene->rig, RIG_BLOB, &header, sizeof(header));
	rig_put(scene->rig, RIG_TRANS, data, size);
	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_activate_ex(struct scene *scene, uint8_t buffer[BUFFER])
{
	const struct psp_activate_ex cmd = {
		.ex_length = sizeof(cmd),
		.handle = scene->given,
		.asid = ASID,
		.num_ids = 1,
		.ids_paddr = RIG_BLOB,
	};
	const uint32_t core = 1;

	rig_put(scene->rig, RIG_BLOB, &core, sizeof(core));
	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_send_start(struct scene *scene, uint8_t buffer[BUFFER])
{
	const struct psp_send_start cmd = {
		.handle = scene->given,
		.pdh_cert_paddr = RIG_CERT,
		.pdh_cert_length = sizeof(peer.cert),
		.session_paddr = RIG_BLOB,
		.session_length = sizeof(struct psp_session),
	};

	rig_put(scene->rig, RIG_CERT, &peer.cert, sizeof(peer.cert));
	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_receive_start(struct scene *scene, uint8_t buffer[BUFFER])
{
	const struct psp_launch_start cmd = {
		.policy = POLICY,
		.dh_cert_paddr = RIG_CERT,
		.dh_cert_length = sizeof(peer.cert),
		.session_paddr = RIG_BLOB,
		.session_length = sizeof(struct psp_session),
	};
	struct psp_session session = { 0 };

	if (rig_status(scene->rig).state != PSP_PLATFORM_UNINIT) /* else there is no PDH yet */
		session = peer_wrap(&peer, scene->rig, &keys, POLICY);
	rig_put(scene->rig, RIG_CERT, &peer.cert, sizeof(peer.cert));
	rig_put(scene->rig, RIG_BLOB, &session, sizeof(session));
	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_debug(struct scene *scene, uint8_t buffer[BUFFER])
{
	const struct psp_dbg cmd = {
		.handle = scene->given,
		.src_paddr = RIG_GUEST,
		.dst_paddr = RIG_TRANS,
		.length = 4096,
	};

	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_copy(struct scene *scene, uint8_t buffer[BUFFER])
{
	const struct psp_copy cmd = {
		.handle = scene->given,
		.length = 4096,
		.src_paddr = RIG_GUEST,
		.dst_paddr = RIG_GUEST + 0x2000,
	};

	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_export(uint8_t buffer[BUFFER])
{
	const struct psp_pdh_cert_export cmd = {
		.pdh_paddr = RIG_CERT,
		.pdh_length = sizeof(struct psp_cert),
		.certs_paddr = RIG_CERT + sizeof(struct psp_cert),
		.certs_length = sizeof(struct psp_cert_chain),
	};

	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_init_ex(struct scene *scene, uint8_t buffer[BUFFER])
{
	const struct psp_init_ex cmd = {
		.length = sizeof(cmd),
		.nv_paddr = RIG_NV,
		.nv_length = PSP_NV_SIZE,
	};

	memset(scene->rig->bytes + RIG_NV, 0xff, PSP_NV_SIZE);
	memcpy(buffer, &cmd, sizeof(cmd));
}

/* As an owner does: the platform's request, signed by an OCA. */
static void fill_import(struct scene *scene, uint8_t buffer[BUFFER])
{
	const struct psp_pek_cert_import cmd = {
		.pek_paddr = RIG_CERT,
		.pek_length = sizeof(struct psp_cert),
		.oca_paddr = RIG_CERT + sizeof(struct psp_cert),
		.oca_length = sizeof(struct psp_cert),
	};
	struct psp_cert certs[2] = { rig_csr(scene->rig) };

	psp_cert_make(&certs[1], PSP_USAGE_OCA, 0, 0, &peer.key.pub);
	psp_cert_sign(&certs[1], 0, PSP_USAGE_OCA, &peer.key);
	psp_cert_sign(&certs[0], 0, PSP_USAGE_OCA, &peer.key);
	rig_put(scene->rig, RIG_CERT, certs, sizeof(certs));
	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill(struct scene *scene, uint32_t id, uint8_t buffer[BUFFER])
{
	memset(buffer, 0, BUFFER);
	switch (id) {
	case PSP_CMD_INIT:
	case PSP_CMD_PLATFORM_STATUS:
	case PSP_CMD_LAUNCH_START:
		break; /* zeros */
	case PSP_CMD_GET_ID:
		sev_put64(buffer, RIG_BLOB);
		sev_put32(buffer + 8, PSP_ID_SIZE);
		break;
	case PSP_CMD_PDH_CERT_EXPORT:
		fill_export(buffer);
		break;
	case PSP_CMD_PEK_CSR:
	case PSP_CMD_DOWNLOAD_FIRMWARE:
		sev_put64(buffer, RIG_CERT);
		sev_put32(buffer + 8, sizeof(struct psp_cert));
		break;
	case PSP_CMD_PEK_CERT_IMPORT:
		fill_import(scene, buffer);
		break;
	case PSP_CMD_INIT_EX:
		fill_init_ex(scene, buffer);
		break;
	case PSP_CMD_LAUNCH_SECRET:
		fill_packet(scene, buffer, PSP_PACKET_SECRET, 32);
		break;
	case PSP_CMD_SEND_UPDATE_DATA:
	case PSP_CMD_RECEIVE_UPDATE_DATA:
		fill_packet(scene, buffer, PSP_PACKET_DATA, 32);
		break;
	case PSP_CMD_SEND_UPDATE_VMSA:
	case PSP_CMD_RECEIVE_UPDATE_VMSA:
		fill_packet(scene, buffer, PSP_PACKET_VMSA, PSP_VMSA_SIZE);
		break;
	case PSP_CMD_SEND_START:
		fill_send_start(scene, buffer);
		break;
	case PSP_CMD_RECEIVE_START:
		fill_receive_start(scene, buffer);
		break;
	case PSP_CMD_DBG_DECRYPT:
	case PSP_CMD_DBG_ENCRYPT:
		fill_debug(scene, buffer);
		break;
	case PSP_CMD_COPY:
		fill_copy(scene, buffer);
		break;
	case PSP_CMD_ATTESTATION:
		sev_put32(buffer, scene->given);
		sev_put64(buffer + 0x08, RIG_BLOB);
		sev_put32(buffer + 0x20, sizeof(struct psp_attestation_report));
		break;
	case PSP_CMD_ACTIVATE:
		sev_put32(buffer, scene->given);
		sev_put32(buffer + 4, ASID);
		break;
	case PSP_CMD_ACTIVATE_EX:
		fill_activate_ex(scene, buffer);
		break;
	default:
		sev_put32(buffer, scene->given);
		sev_put64(buffer + 0x08, RIG_GUEST);
		sev_put32(buffer + 0x10, 4096);
	}
}

/* --- what must not change ------------------------------------------------------------------ */

struct snapshot {
	uint8_t chip[SEV_SHA256], raw[SEV_SHA256], private[SEV_SHA256];
	unsigned asids_changed;
};

static void hash_view(struct rig *rig, unsigned asid, uint8_t out[SEV_SHA256])
{
	static uint8_t copy[0x14000];
	const struct sev_part part = { copy, sizeof(copy) };

	rig_get(rig, 0, asid, copy, 0x10000);
	memset(copy + RIG_BUFFER, 0, SEVMEM_PAGE); /* compared on its own */
	rig_get(rig, RIG_GUEST, asid, copy + 0x10000, 0x4000);
	sev_sha256(&part, 1, out);
}

static struct snapshot look(struct scene *scene)
{
	struct snapshot s;

	memset(&s, 0, sizeof(s));
	psp_test_digest(scene->rig->psp, s.chip);
	hash_view(scene->rig, SEVMEM_RAW, s.raw);
	hash_view(scene->rig, ASID, s.private);
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

/* Returns whether the command succeeded: then the scene is used up. */
static bool try_command(
	struct scene *scene, uint32_t id, uint16_t want, const struct situation *situation)
{
	uint8_t before_buffer[BUFFER], buffer[BUFFER];
	struct snapshot before, after;
	uint16_t status;

	fill(scene, id, buffer);
	memcpy(before_buffer, buffer, BUFFER);
	before = look(scene);
	status = rig_command(scene->rig, id, buffer, BUFFER);
	if (status != want)
		fail_msg("%s (%02x) in %c %c%s: %s, expected %s", psp_command_name(id), id,
			situation->platform, situation->guest, situation->active ? " active" : "",
			psp_status_name(status), psp_status_name(want));
	if (status == PSP_SUCCESS)
		return true;
	after = look(scene);
	if (memcmp(&before, &after, sizeof(before)) != 0 ||
		memcmp(before_buffer, buffer, BUFFER) != 0)
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
		struct scene scene = enter(situation);

		for (size_t k = 0; k < RULES; k++) {
			uint16_t want = expected(&rules[k], situation);

			if (!try_command(&scene, rules[k].id, want, situation)) {
				refused++;
				continue;
			}
			succeeded++;
			rig_free(scene.rig);
			scene = enter(situation);
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
		struct scene scene = enter(&situations[i]);

		for (uint32_t id = 0; id < 256; id++) {
			if (find_rule(id))
				continue;
			assert_false(try_command(&scene, id,
				is_snp(id) ? PSP_UNSUPPORTED : PSP_INVALID_COMMAND,
				&situations[i]));
		}
		for (size_t k = 0; k < sizeof(beyond) / sizeof(beyond[0]); k++)
			assert_false(try_command(
				&scene, beyond[k], PSP_INVALID_COMMAND, &situations[i]));
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
	struct scene scene = enter(&situations[4]);

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
	struct scene scene = enter(&situations[1]);
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

	sev_crypto_init();
	peer = peer_make("peer");
	return cmocka_run_group_tests_name("psp states", tests, NULL, NULL);
}
