/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The numbers and layouts of the ABI. All other tests use the names of psp_abi.h, as the model
 * does, and would not notice two of them exchanged: so they stand here once more, as the document
 * (AMD 55766, chapters 3, 5 and 6) has them.
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "iodev/psp/fields.h"
#include "iodev/psp/psp.h"
#include "iodev/psp/psp_abi.h"

static const char *const statuses[] = {
	"SUCCESS",
	"INVALID_PLATFORM_STATE",
	"INVALID_GUEST_STATE",
	"INVALID_CONFIG",
	"INVALID_LENGTH",
	"ALREADY_OWNED",
	"INVALID_CERTIFICATE",
	"POLICY_FAILURE",
	"INACTIVE",
	"INVALID_ADDRESS",
	"BAD_SIGNATURE",
	"BAD_MEASUREMENT",
	"ASID_OWNED",
	"INVALID_ASID",
	"WBINVD_REQUIRED",
	"DFFLUSH_REQUIRED",
	"INVALID_GUEST",
	"INVALID_COMMAND",
	"ACTIVE",
	"HWERROR_PLATFORM",
	"HWERROR_UNSAFE",
	"UNSUPPORTED",
	"INVALID_PARAM",
	"RESOURCE_LIMIT",
	"SECURE_DATA_INVALID",
};

static void test_statuses(void **state)
{
	(void)state;
	for (uint16_t code = 0; code < sizeof(statuses) / sizeof(statuses[0]); code++)
		assert_string_equal(psp_status_name(code), statuses[code]);
}

static void test_states(void **state)
{
	static const char *const platform[] = { "UNINIT", "INIT", "WORKING" };
	static const char *const guest[] = { "UNINIT", "LUPDATE", "LSECRET", "RUNNING", "SUPDATE",
		"RUPDATE", "SENT" };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_string_equal(psp_platform_state_name(i), platform[i]);
	for (unsigned i = 0; i < 7; i++)
		assert_string_equal(psp_guest_state_name(i), guest[i]);
}

static void test_policy(void **state)
{
	(void)state;
	assert_int_equal(PSP_POLICY_NODBG, 1 << 0);
	assert_int_equal(PSP_POLICY_NOKS, 1 << 1);
	assert_int_equal(PSP_POLICY_ES, 1 << 2);
	assert_int_equal(PSP_POLICY_NOSEND, 1 << 3);
	assert_int_equal(PSP_POLICY_DOMAIN, 1 << 4);
	assert_int_equal(PSP_POLICY_SEV, 1 << 5);
	assert_int_equal(PSP_POLICY_RESERVED, 0xffc0);
	assert_int_equal(PSP_POLICY_API_MAJOR, 16);
	assert_int_equal(PSP_POLICY_API_MINOR, 24);
}

#define START                                                                         \
	"00 handle 4, 04 policy 4, 08 dh_cert_paddr 8, 10 dh_cert_length 4, 14 - 4, " \
	"18 session_paddr 8, 20 session_length 4"
#define TRANSPORT                                                        \
	"00 handle 4, 04 - 4, 08 hdr_paddr 8, 10 hdr_length 4, 14 - 4, " \
	"18 guest_paddr 8, 20 guest_length 4, 24 - 4, 28 trans_paddr 8, 30 trans_length 4"
#define DBG "00 handle 4, 04 - 4, 08 src_paddr 8, 10 dst_paddr 8, 18 length 4"

/* Offsets in hexadecimal, sizes in bytes; "-": reserved. Without buffer: "". */
static const struct {
	uint32_t id;
	const char *name, *buffer;
} commands[] = {
	{ 0x01, "INIT", "00 options 4, 04 - 4, 08 tmr_paddr 8, 10 tmr_length 4" },
	{ 0x02, "SHUTDOWN", "" },
	{ 0x03, "PLATFORM_RESET", "" },
	{ 0x04, "PLATFORM_STATUS",
		"00 api_major 1, 01 api_minor 1, 02 state 1, 03 owner 1, 04 config_es 1, 05 - 2, "
		"07 build 1, 08 guest_count 4" },
	{ 0x05, "PEK_GEN", "" },
	{ 0x06, "PEK_CSR", "00 csr_paddr 8, 08 csr_length 4" },
	{ 0x07, "PEK_CERT_IMPORT",
		"00 pek_paddr 8, 08 pek_length 4, 0c - 4, 10 oca_paddr 8, 18 oca_length 4" },
	{ 0x08, "PDH_CERT_EXPORT",
		"00 pdh_paddr 8, 08 pdh_length 4, 0c - 4, 10 certs_paddr 8, 18 certs_length 4" },
	{ 0x09, "PDH_GEN", "" },
	{ 0x0a, "DF_FLUSH", "" },
	{ 0x0b, "DOWNLOAD_FIRMWARE", "00 fw_paddr 8, 08 fw_length 4" },
	{ 0x0c, "GET_ID", "00 id_paddr 8, 08 id_length 4" },
	{ 0x0d, "INIT_EX",
		"00 length 4, 04 options 4, 08 tmr_paddr 8, 10 tmr_length 4, 14 - 4, 18 nv_paddr "
		"8, 20 nv_length 4" },
	{ 0x0e, "NOP", "" },
	{ 0x0f, "RING_BUFFER", "" },
	{ 0x20, "DECOMMISSION", "00 handle 4" },
	{ 0x21, "ACTIVATE", "00 handle 4, 04 asid 4" },
	{ 0x22, "DEACTIVATE", "00 handle 4" },
	{ 0x23, "GUEST_STATUS", "00 handle 4, 04 policy 4, 08 asid 4, 0c state 1" },
	{ 0x24, "COPY", "00 handle 4, 04 length 4, 08 src_paddr 8, 10 dst_paddr 8" },
	{ 0x25, "ACTIVATE_EX",
		"00 ex_length 4, 04 handle 4, 08 asid 4, 0c num_ids 4, 10 ids_paddr 8" },
	{ 0x30, "LAUNCH_START", START },
	{ 0x31, "LAUNCH_UPDATE_DATA", "00 handle 4, 04 - 4, 08 paddr 8, 10 length 4" },
	{ 0x32, "LAUNCH_UPDATE_VMSA", "00 handle 4, 04 - 4, 08 paddr 8, 10 length 4" },
	{ 0x33, "LAUNCH_MEASURE", "00 handle 4, 04 - 4, 08 paddr 8, 10 length 4" },
	{ 0x34, "LAUNCH_SECRET", TRANSPORT },
	{ 0x35, "LAUNCH_FINISH", "00 handle 4" },
	{ 0x36, "ATTESTATION", "00 handle 4, 04 - 4, 08 paddr 8, 10 mnonce 16, 20 length 4" },
	{ 0x40, "SEND_START",
		"00 handle 4, 04 policy 4, 08 pdh_cert_paddr 8, 10 pdh_cert_length 4, 14 - 4, "
		"18 plat_certs_paddr 8, 20 plat_certs_length 4, 24 - 4, 28 amd_certs_paddr 8, "
		"30 amd_certs_length 4, 34 - 4, 38 session_paddr 8, 40 session_length 4" },
	{ 0x41, "SEND_UPDATE_DATA", TRANSPORT },
	{ 0x42, "SEND_UPDATE_VMSA", TRANSPORT },
	{ 0x43, "SEND_FINISH", "00 handle 4" },
	{ 0x44, "SEND_CANCEL", "00 handle 4" },
	{ 0x50, "RECEIVE_START", START },
	{ 0x51, "RECEIVE_UPDATE_DATA", TRANSPORT },
	{ 0x52, "RECEIVE_UPDATE_VMSA", TRANSPORT },
	{ 0x53, "RECEIVE_FINISH", "00 handle 4" },
	{ 0x60, "DBG_DECRYPT", DBG },
	{ 0x61, "DBG_ENCRYPT", DBG },
	{ 0x70, "SWAP_OUT", "00 handle 4, 04 - 36" },
	{ 0x71, "SWAP_IN", "00 handle 4, 04 - 28" },
};

static void describe(const struct psp_field *field, char *out, size_t size)
{
	*out = 0;
	for (; field->name; field++) {
		size_t used = strlen(out);

		snprintf(out + used, size - used, "%s%02x %s %u", used ? ", " : "", field->offset,
			field->way == PSP_FIELD_RESERVED ? "-" : field->name, field->size);
	}
}

static void test_commands(void **state)
{
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		assert_string_equal(psp_command_name(commands[i].id), commands[i].name);
		assert_non_null(psp_fields(commands[i].id));
		describe(psp_fields(commands[i].id), text, sizeof(text));
		assert_string_equal(text, commands[i].buffer);
	}
}

/* What lies behind the addresses. */
static void test_content(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct psp_session, nonce), 0x00);
	assert_int_equal(offsetof(struct psp_session, wrap_tk), 0x10);
	assert_int_equal(offsetof(struct psp_session, wrap_iv), 0x30);
	assert_int_equal(offsetof(struct psp_session, wrap_mac), 0x40);
	assert_int_equal(offsetof(struct psp_session, policy_mac), 0x60);
	assert_int_equal(offsetof(struct psp_packet_header, iv), 0x04);
	assert_int_equal(offsetof(struct psp_packet_header, mac), 0x14);
	assert_int_equal(offsetof(struct psp_measurement, mnonce), 0x20);
	assert_int_equal(offsetof(struct psp_attestation_report, launch_digest), 0x10);
	assert_int_equal(offsetof(struct psp_attestation_report, policy), 0x30);
	assert_int_equal(offsetof(struct psp_attestation_report, sig_algo), 0x38);
	assert_int_equal(offsetof(struct psp_attestation_report, sig), 0x40);
	assert_int_equal(offsetof(struct psp_cert_chain, oca), 0x0824);
	assert_int_equal(offsetof(struct psp_cert_chain, cek), 0x1048);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_content),
	};

	return cmocka_run_group_tests_name("psp abi", tests, NULL, NULL);
}
