/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The trace of commands: the table of fields, and what a line says. */
#include "tests/unit/psp_traced.h"

#include "iodev/psp/fields.h"
#include "iodev/psp/model.h"
#include "iodev/psp/root.h"
#include "tests/unit/psp_migration.h"
#include "tests/unit/psp_scene.h"

/* --- the table of fields ------------------------------------------------------------------- */

static bool is_length(const struct psp_field *fields, unsigned offset)
{
	for (; fields->name; fields++)
		if (fields->offset == offset)
			return fields->size == 4 && fields->kind == PSP_FIELD_NUMBER;
	return false;
}

static void check_field(const struct psp_field *fields, const struct psp_field *field)
{
	assert_true(field->size > 0);
	if (field->way == PSP_FIELD_RESERVED)
		return;
	if (field->kind == PSP_FIELD_ADDRESS)
		assert_true(field->size == 8 && field->way == PSP_FIELD_IN);
	else if (field->kind != PSP_FIELD_BYTES)
		assert_in_set(field->size, ((uintmax_t[]) { 1, 2, 4, 8 }), 4);
	if (field->content) {
		assert_int_equal(field->kind, PSP_FIELD_ADDRESS);
		assert_true(
			field->content_way == PSP_FIELD_IN || field->content_way == PSP_FIELD_OUT);
		assert_true(is_length(fields, field->length_at));
	}
}

/* From the first byte of the buffer to its last, without a gap; a guest command has a handle. */
static void test_fields(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < 0x800; id++) {
		const struct psp_field *fields = psp_fields(id), *field = fields;
		int size = psp_buffer_size(id), end = 0, handles = 0;

		assert_int_equal(size < 0, fields == NULL);
		for (; field && field->name; field++) {
			assert_int_equal(field->offset, end);
			end += field->size;
			handles += field->kind == PSP_FIELD_HANDLE;
			check_field(fields, field);
		}
		if (fields)
			assert_int_equal(end, size);
		assert_int_equal(handles, size > 0 && id >= PSP_CMD_DECOMMISSION);
	}
}

/* --- what lines say ------------------------------------------------------------------------ */

static void test_line(void **state)
{
	struct rig *rig = rig_new();
	struct traced t;
	struct sev_blob text;

	(void)state;
	start_trace(&t, rig, false);
	rig_init(rig, true);
	text = read_trace(&t);
	assert_string_equal((const char *)text.data,
		"{\"time\":5,\"n\":1,\"who\":\"host\",\"command\":\"INIT\",\"id\":1,"
		"\"buffer\":\"0x1000\",\"state\":{\"platform\":\"INIT\"},"
		"\"in\":{\"options\":\"0x1\",\"tmr_paddr\":\"0x200000\",\"tmr_length\":1048576},"
		"\"status\":\"SUCCESS\"}\n");
	sev_blob_free(&text);
	psp_set_caller(rig->psp, "mailbox");
	rig_status(rig);
	psp_set_caller(rig->psp, NULL);
	assert_said(&t, 2, "who", "mailbox");
	assert_said(&t, 2, "in", "");
	assert_said(&t, 2, "out.state", "INIT");
	assert_said(&t, 2, "out.config_es", "1");
	assert_said(&t, 2, "out.build", "21");
	assert_said(&t, 2, "out.reserved", "");
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	assert_said(&t, 3, "who", "host");
	assert_said(&t, 3, "state.platform", "UNINIT");
	assert_said(&t, 3, "buffer", "");
	stop_trace(&t);
}

static void test_failures(void **state)
{
	struct rig *rig = rig_new();
	struct psp_handle cmd = { 77 };
	struct traced t;

	(void)state;
	start_trace(&t, rig, false);
	psp_command(rig->psp, 0x7f, RIG_BUFFER);
	assert_said(&t, -1, "command", "unknown command");
	assert_said(&t, -1, "id", "127");
	assert_said(&t, -1, "status", "INVALID_COMMAND");
	assert_said(&t, -1, "cause", psp_status_advice(PSP_INVALID_COMMAND));
	psp_command(rig->psp, PSP_CMD_SNP_INIT, RIG_BUFFER);
	assert_said(&t, -1, "command", "SNP_INIT");
	assert_said(&t, -1, "status", "UNSUPPORTED");
	psp_command(rig->psp, PSP_CMD_INIT, RIG_SIZE - 4);
	assert_said(&t, -1, "buffer", "0x3ffffc");
	assert_said(&t, -1, "in", "");
	assert_said(&t, -1, "status", "INVALID_ADDRESS");
	assert_said(&t, -1, "cause", "address 0x3ffffc, 20 bytes: not memory");
	rig_command(rig, PSP_CMD_LAUNCH_FINISH, &cmd, sizeof(cmd));
	assert_said(&t, -1, "guest", "77");
	assert_said(&t, -1, "status", "INVALID_PLATFORM_STATE");
	assert_said(&t, -1, "cause", "the platform is in state UNINIT, legal is WORKING");
	rig_init(rig, false);
	rig_launch_start(rig, 0x00ff0000, NULL);
	assert_said(&t, -1, "status", "POLICY_FAILURE");
	assert_said(&t, -1, "cause", psp_detail(rig->psp));
	assert_true(*psp_detail(rig->psp) != 0);
	assert_said(&t, -1, "guest", "");
	assert_said(&t, -1, "out", "");
	assert_said(&t, -1, "n", "6");
	stop_trace(&t);
}

/* What is wrong with an address, or with a guest's state. */
static void test_causes(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t guest = rig_guest(rig, 0, ASID, tik, tek);
	struct traced t;

	(void)state;
	start_trace(&t, rig, false);
	rig_update(rig, guest, RIG_GUEST + 8, 16);
	assert_said(&t, -1, "cause", "address 0x100008: legal is a multiple of 16");
	rig_update(rig, guest, RIG_TMR | RIG_C_BIT, 16);
	assert_said(&t, -1, "cause",
		"address 0x8000000200000, 16 bytes: belongs to the firmware (TMR)");
	rig_update(rig, guest, RIG_GUEST, 16);
	assert_said(&t, -1, "status", "SUCCESS");
	assert_said(&t, -1, "cause", "");
	rig_handle(rig, PSP_CMD_LAUNCH_FINISH, guest);
	assert_said(&t, -1, "cause", "the guest is in state LUPDATE, legal is LSECRET");
	rig_handle(rig, PSP_CMD_SEND_FINISH, guest);
	assert_said(&t, -1, "cause", "the guest is in state LUPDATE, legal is SUPDATE");
	rig_measure(rig, guest, NULL);
	rig_measure(rig, guest, NULL);
	assert_said(&t, -1, "cause", "the guest is in state LSECRET, legal is LUPDATE");
	rig_handle(rig, PSP_CMD_LAUNCH_FINISH, 99);
	assert_said(&t, -1, "cause", "there is no guest with this handle");
	stop_trace(&t);
}

/* The length needed is an output of a command that fails. */
static void test_length_query(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_get_id cmd = { 0 };
	struct traced t;

	(void)state;
	start_trace(&t, rig, false);
	rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd));
	assert_said(&t, -1, "status", "INVALID_LENGTH");
	assert_said(&t, -1, "in.id_length", "0");
	assert_said(&t, -1, "out.id_length", "64");
	assert_said(&t, -1, "out.id", "");
	cmd.id_paddr = RIG_BLOB;
	rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd));
	assert_said(&t, -1, "status", "SUCCESS");
	assert_int_equal(strlen(said(&t, -1, "out.id")), 2 * PSP_ID_SIZE);
	assert_said(&t, -1, "out.id_length", ""); /* as it was */
	stop_trace(&t);
}

static void test_platform(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_pek_csr csr = { .csr_paddr = RIG_CERT, .csr_length = sizeof(struct psp_cert) };
	uint8_t sha256[SEV_SHA256];
	char hex[2 * SEV_SHA256 + 1];
	struct export certs;
	struct traced t;

	(void)state;
	start_trace(&t, rig, false);
	certs = export_certs(rig);
	assert_true(psp_cert_fingerprint(&certs.pdh, sha256));
	sev_hex(sha256, sizeof(sha256), hex);
	assert_said(&t, -1, "out.pdh.usage", "PDH");
	assert_said(&t, -1, "out.pdh.key_sha256", hex);
	assert_said(&t, -1, "out.pdh.signers", "[ \"PEK\" ]");
	assert_non_null(strstr(said(&t, -1, "out.certs"), "\"OCA\""));
	assert_int_equal(rig_command(rig, PSP_CMD_PEK_CSR, &csr, sizeof(csr)), PSP_SUCCESS);
	assert_said(&t, -1, "out.csr.usage", "PEK");
	assert_said(&t, -1, "out.csr.signers", "[ ]");
	stop_trace(&t);
}

static void test_launch(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	uint8_t plain[0x1800], digest[SEV_SHA256];
	const struct sev_part part = { plain, sizeof(plain) };
	struct sevmem_stats before, after;
	struct traced t;

	(void)state;
	memset(plain, 0x11, sizeof(plain));
	sev_sha256(&part, 1, digest);
	start_trace(&t, rig, false);
	traced_launch(rig, &owner);
	/* LAUNCH_START */
	assert_said(&t, 1, "guest", "1");
	assert_said(&t, 1, "in.handle", "0");
	assert_said(&t, 1, "in.policy", "0x1");
	assert_said(&t, 1, "in.policy_bits", "[ \"NODBG\" ]");
	assert_said(&t, 1, "in.dh_cert.usage", "PDH");
	assert_said_hex(&t, 1, "in.session.nonce", owner.session.nonce, 16);
	assert_said(&t, 1, "in.session.wrap_tk", "");
	assert_said(&t, 1, "state.guest", "LUPDATE");
	assert_said(&t, 1, "secrets", "");
	/* ACTIVATE */
	assert_said(&t, 2, "asid", "5");
	assert_said(&t, 2, "in.handle", "");
	/* LAUNCH_UPDATE_DATA */
	assert_said(&t, 3, "in.paddr", "0x8000000100000");
	assert_said_hex(&t, 3, "out.measured.sha256", digest, sizeof(digest));
	assert_said_hex(&t, 3, "digest", digest, sizeof(digest));
	/* LAUNCH_MEASURE */
	assert_int_equal(strlen(said(&t, 4, "out.measurement.measure")), 64);
	assert_int_equal(strlen(said(&t, 4, "out.measurement.mnonce")), 32);
	assert_said(&t, 4, "state.guest", "LSECRET");
	/* LAUNCH_SECRET */
	assert_said(&t, 5, "in.hdr.flags", "0x0");
	assert_said(&t, 5, "in.hdr.iv", "77777777777777777777777777777777");
	assert_said(&t, 5, "in.guest_length", "64");
	/* ATTESTATION */
	assert_said_hex(&t, 7, "in.mnonce", "sixteen bytes...", 16);
	assert_said_hex(&t, 7, "out.report.launch_digest", digest, sizeof(digest));
	/* DEACTIVATE, DECOMMISSION: which ASID it was, which guest. */
	assert_said(&t, 8, "asid", "5");
	assert_said(&t, 9, "guest", "1");
	assert_said(&t, 9, "state.guest", "");
	assert_said(&t, 9, "state.platform", "INIT");
	/* Looking converts nothing. */
	sevmem_stats(rig->memory, &before);
	psp_trace_free(t.trace);
	t.trace = NULL;
	rig_flush(rig);
	traced_launch(rig, &owner);
	sevmem_stats(rig->memory, &after);
	assert_int_equal(after.to_private + after.to_raw, 2 * (before.to_private + before.to_raw));
	stop_trace(&t);
}

/* --- migration ------------------------------------------------------------------------------ */

static void test_send(void **state)
{
	struct rig *rig = rig_ready(), *other = rig_with_seed("other");
	const struct psp_root_certs *root = psp_root();
	uint32_t handle = running_guest(rig, 0, 4096);
	struct psp_session session;
	struct export target;
	struct traced t;

	(void)state;
	rig_init(other, false);
	target = export_certs(other);
	start_trace(&t, rig, false);
	assert_int_equal(peer_send_start(rig, handle, &target.pdh, &target.chain, root,
				 sizeof(*root), &session),
		PSP_SUCCESS);
	assert_said(&t, 1, "in.pdh_cert.usage", "PDH");
	assert_non_null(strstr(said(&t, 1, "in.plat_certs"), "\"CEK\""));
	assert_non_null(strstr(said(&t, 1, "in.amd_certs"), "\"ASK\""));
	assert_non_null(strstr(said(&t, 1, "in.amd_certs"), "\"ARK\""));
	assert_said_hex(&t, 1, "out.session.nonce", session.nonce, sizeof(session.nonce));
	assert_said(&t, 1, "out.session.wrap_tk", "");
	assert_said(&t, 1, "out.policy", "0x0");
	assert_said(&t, 1, "state.guest", "SUPDATE");
	rig_free(other);
	stop_trace(&t);
}

static void test_packets_and_cores(void **state)
{
	struct rig *rig = rig_ready();
	struct scene scene = { .rig = rig };
	uint8_t buffer[SCENE_BUFFER];
	struct psp_packet_header header;
	struct psp_peer peer = peer_make("peer");
	struct psp_session session;
	struct traced t;

	(void)state;
	scene.real = scene.given = running_guest(rig, PSP_POLICY_ES, 4096);
	assert_int_equal(peer_send_start(rig, scene.real, &peer.cert, NULL, NULL, 0, &session), 0);
	start_trace(&t, rig, false);
	scene_fill(&scene, PSP_CMD_SEND_UPDATE_DATA, buffer);
	assert_int_equal(
		rig_command(rig, PSP_CMD_SEND_UPDATE_DATA, buffer, sizeof(struct psp_transport)),
		PSP_SUCCESS);
	rig_get(rig, RIG_BLOB, SEVMEM_RAW, &header, sizeof(header));
	assert_said_hex(&t, 1, "out.hdr.iv", header.iv, sizeof(header.iv));
	assert_said_hex(&t, 1, "out.hdr.mac", header.mac, sizeof(header.mac));
	rig_handle(rig, PSP_CMD_DEACTIVATE, scene.real);
	rig_flush(rig);
	scene_fill(&scene, PSP_CMD_ACTIVATE_EX, buffer);
	assert_int_equal(
		rig_command(rig, PSP_CMD_ACTIVATE_EX, buffer, sizeof(struct psp_activate_ex)),
		PSP_SUCCESS);
	assert_said(&t, -1, "in.ids", "[ 1 ]");
	assert_said(&t, -1, "guest", "1");
	assert_said(&t, -1, "asid", "2");
	stop_trace(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_length_query),
		cmocka_unit_test(test_platform),
		cmocka_unit_test(test_launch),
		cmocka_unit_test(test_send),
		cmocka_unit_test(test_packets_and_cores),
	};

	return cmocka_run_group_tests_name("psp trace", tests, NULL, NULL);
}
