/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Platform commands and ASIDs. */
#include "tests/unit/unit.h"

#include "iodev/psp/cert.h"
#include "tests/unit/psp_export.h"

/* --- configuration ------------------------------------------------------------------------- */

static void refuse_config(struct psp_config config, const char *text)
{
	struct sev_error err;

	assert_null(psp_new(&config, &err));
	assert_string_equal(err.text, text);
}

static void test_config(void **state)
{
	struct rig *rig = rig_memory();
	struct psp_config good = rig_config(rig), bad;

	(void)state;
	bad = good;
	bad.max_asid = 0;
	refuse_config(bad, "psp: 0 ASIDs, legal are 1 to 2047");
	bad.max_asid = 2048;
	refuse_config(bad, "psp: 2048 ASIDs, legal are 1 to 2047");
	bad = good;
	bad.min_sev_asid = 8;
	refuse_config(bad, "psp: first ASID without SEV-ES is 8, legal are 1 to 7");
	bad = good;
	bad.cores = 0;
	refuse_config(bad, "psp: 0 cores, legal are 1 to 256");
	bad.cores = 257;
	refuse_config(bad, "psp: 257 cores, legal are 1 to 256");
	rig_free(rig);
}

static void test_version(void **state)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);
	struct psp_platform_status status;

	(void)state;
	config.api_major = 0;
	config.api_minor = 22;
	config.build = 7;
	rig->psp = psp_new(&config, NULL);
	status = rig_status(rig);
	assert_bytes(&status, sizeof(status), "001600000000000700000000");
	rig_free(rig);

	rig = rig_new();
	status = rig_status(rig);
	assert_bytes(&status, sizeof(status), "013700000000001500000000");
	rig_init(rig, true);
	status = rig_status(rig);
	assert_bytes(&status, sizeof(status), "013701000100001500000000");
	rig_launch_start(rig, 0, NULL);
	rig_launch_start(rig, 0, NULL);
	status = rig_status(rig);
	assert_bytes(&status, sizeof(status), "013702000100001502000000");
	rig_free(rig);
}

/* --- INIT, SHUTDOWN ------------------------------------------------------------------------ */

static uint16_t init_with(
	struct rig *rig, uint32_t options, uint32_t reserved, uint64_t tmr, uint32_t length)
{
	struct psp_init cmd = { options, reserved, tmr, length };
	uint16_t status = rig_command(rig, PSP_CMD_INIT, &cmd, sizeof(cmd));

	assert_int_equal(rig_status(rig).state,
		status == PSP_SUCCESS ? PSP_PLATFORM_INIT : PSP_PLATFORM_UNINIT);
	return status;
}

static void test_init_parameters(void **state)
{
	struct rig *rig = rig_new();

	(void)state;
	assert_int_equal(init_with(rig, 2, 0, 0, 0), PSP_INVALID_PARAM);
	assert_int_equal(init_with(rig, 0x80000001, 0, RIG_TMR, 0x100000), PSP_INVALID_PARAM);
	assert_int_equal(init_with(rig, 0, 1, 0, 0), PSP_INVALID_PARAM);
	assert_int_equal(init_with(rig, 1, 0, RIG_TMR, 0xfffff), PSP_INVALID_LENGTH);
	assert_int_equal(init_with(rig, 1, 0, RIG_TMR + 0x1000, 0x100000), PSP_INVALID_ADDRESS);
	assert_int_equal(init_with(rig, 1, 0, RIG_SIZE, 0x100000), PSP_INVALID_ADDRESS);
	assert_int_equal(init_with(rig, 1, 0, RIG_SIZE - 0x100000, 0x100001), PSP_INVALID_ADDRESS);
	assert_int_equal(init_with(rig, 1, 0, RIG_TMR, 0x100000), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).config_es, 1);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).config_es, 0);
	/* Without SEV-ES the firmware's memory is not looked at. */
	assert_int_equal(init_with(rig, 0, 0, 0xfff, 7), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).config_es, 0);
	rig_free(rig);
}

static void test_init_without_es(void **state)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);

	(void)state;
	config.es_capable = false;
	rig->psp = psp_new(&config, NULL);
	assert_int_equal(init_with(rig, 1, 0, RIG_TMR, 0x100000), PSP_UNSUPPORTED);
	assert_int_equal(init_with(rig, 0, 0, 0, 0), PSP_SUCCESS);
	rig_free(rig);
}

/* The firmware's memory is nobody's buffer, until SHUTDOWN gives it back. */
static void test_tmr(void **state)
{
	struct psp_get_id cmd = { RIG_TMR - 0x40, PSP_ID_SIZE };
	struct rig *rig = rig_ready();
	uint32_t handle;

	(void)state;
	assert_int_equal(rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_SUCCESS);
	cmd.id_paddr = RIG_TMR - 0x38;
	assert_int_equal(rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd.id_paddr = RIG_TMR + 0xfffc0;
	assert_int_equal(rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd.id_paddr = RIG_TMR + 0x100000;
	assert_int_equal(rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_SUCCESS);
	cmd.id_paddr = RIG_TMR;
	handle = rig_guest(rig, 0, 5, NULL, NULL);
	assert_int_equal(rig_update(rig, handle, RIG_TMR - 16, 32), PSP_INVALID_ADDRESS);
	assert_int_equal(rig_update(rig, handle, RIG_TMR - 16, 16), PSP_SUCCESS);
	psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0);
	assert_int_equal(rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_free(rig);
}

/* Guests end with SHUTDOWN: their memory reads as ciphertext, their handles are gone. */
static void test_shutdown(void **state)
{
	static const uint8_t plain[16] = "plaintext bytes";
	struct rig *rig = rig_ready();
	uint8_t raw[16], seen[16];
	uint32_t handle = rig_guest(rig, 0, 5, NULL, NULL);

	(void)state;
	rig_put(rig, RIG_GUEST, plain, 16);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 16), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, SEVMEM_RAW, raw, 16);
	rig_get(rig, RIG_GUEST, 5, seen, 16);
	assert_memory_equal(seen, plain, 16);
	assert_memory_not_equal(raw, plain, 16);
	rig->changed = 0;
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	assert_int_equal(rig->changed, 1);
	assert_int_equal(rig->last_changed, 5);
	rig_get(rig, RIG_GUEST, 5, seen, 16);
	assert_memory_equal(seen, raw, 16);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	rig_launch_start(rig, 0, NULL);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, handle), PSP_INVALID_GUEST);
	rig_free(rig);
}

/* --- certificates -------------------------------------------------------------------------- */

static void test_chain(void **state)
{
	static const uint8_t zero[sizeof(struct psp_cert_signature)];
	struct rig *rig = rig_ready();
	struct export out = export_certs(rig);
	struct sev_error err = { "" };

	(void)state;
	if (psp_chain_verify(&out.pdh, &out.chain, NULL, NULL, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(out.pdh.api_major, 1);
	assert_int_equal(out.pdh.api_minor, 55);
	/* As real parts export it: the manufacturer's signature is fetched elsewhere. */
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(out.chain.cek.sig[i].usage, PSP_USAGE_NONE);
		assert_memory_equal(&out.chain.cek.sig[i].algo, zero, sizeof(zero) - 4);
	}
	rig_free(rig);
}

static void test_export_lengths(void **state)
{
	struct psp_pdh_cert_export cmd = export_command();
	struct rig *rig = rig_ready();

	(void)state;
	cmd.pdh_length = 0;
	cmd.certs_length = 0;
	cmd.pdh_paddr = 0;
	cmd.certs_paddr = UINT64_MAX;
	assert_int_equal(
		rig_command(rig, PSP_CMD_PDH_CERT_EXPORT, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.pdh_length, 0x824);
	assert_int_equal(cmd.certs_length, 0x186c);
	cmd.pdh_length = 0x823;
	cmd.certs_length = 0x2000;
	assert_int_equal(
		rig_command(rig, PSP_CMD_PDH_CERT_EXPORT, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.pdh_length, 0x824);
	assert_int_equal(cmd.certs_length, 0x186c);
	cmd = export_command();
	cmd.certs_length = 0x186b;
	assert_int_equal(
		rig_command(rig, PSP_CMD_PDH_CERT_EXPORT, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	cmd = export_command();
	cmd.pdh_length = 0x1000;
	cmd.certs_length = 0x2000;
	assert_int_equal(rig_command(rig, PSP_CMD_PDH_CERT_EXPORT, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_int_equal(cmd.pdh_length, 0x824);
	assert_int_equal(cmd.certs_length, 0x186c);
	rig_free(rig);
}

/* Neither part is written when one cannot be. */
static void test_export_addresses(void **state)
{
	struct psp_pdh_cert_export cmd = export_command();
	struct rig *rig = rig_ready();

	(void)state;
	memset(rig->bytes + RIG_CERT, 0xee, 0x3000);
	cmd.certs_paddr = RIG_SIZE - 0x1000;
	assert_int_equal(
		rig_command(rig, PSP_CMD_PDH_CERT_EXPORT, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	assert_int_equal(rig->bytes[RIG_CERT], 0xee);
	cmd = export_command();
	cmd.pdh_paddr = RIG_SIZE;
	assert_int_equal(
		rig_command(rig, PSP_CMD_PDH_CERT_EXPORT, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	assert_int_equal(rig->bytes[cmd.certs_paddr], 0xee);
	rig_free(rig);
}

static void test_pdh_gen(void **state)
{
	struct rig *rig = rig_ready();
	struct export before = export_certs(rig), after;

	(void)state;
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	after = export_certs(rig);
	assert_memory_not_equal(&before.pdh.pubkey, &after.pdh.pubkey, sizeof(before.pdh.pubkey));
	assert_memory_equal(&before.chain, &after.chain, sizeof(before.chain));
	assert_int_equal(psp_chain_verify(&after.pdh, &after.chain, NULL, NULL, NULL), 0);
	/* The identity survives SHUTDOWN. */
	psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0);
	rig_init(rig, false);
	before = export_certs(rig);
	assert_memory_equal(&before, &after, sizeof(before));
	rig_free(rig);
}

static void test_get_id(void **state)
{
	struct psp_get_id cmd = { 0, 0 };
	struct rig *rig = rig_new();
	uint8_t id[PSP_ID_SIZE];

	(void)state;
	assert_int_equal(rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.id_length, PSP_ID_SIZE);
	cmd.id_paddr = RIG_BLOB + 4;
	assert_int_equal(rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd.id_paddr = RIG_BLOB;
	cmd.id_length = 0x80; /* as Linux offers: two sockets */
	assert_int_equal(rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_int_equal(cmd.id_length, PSP_ID_SIZE);
	rig_get(rig, RIG_BLOB, SEVMEM_RAW, id, sizeof(id));
	assert_memory_equal(id, "EMULATED-NOT-AMD", 16);
	rig_free(rig);
}

/* --- ASIDs --------------------------------------------------------------------------------- */

static void test_flush_after_init(void **state)
{
	struct rig *rig = rig_new();
	uint32_t handle;

	(void)state;
	rig_init(rig, false);
	rig_launch_start(rig, 0, &handle);
	assert_int_equal(rig_activate(rig, handle, 5), PSP_WBINVD_REQUIRED);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_DF_FLUSH, 0), PSP_WBINVD_REQUIRED);
	psp_wbinvd(rig->psp, 0);
	psp_wbinvd(rig->psp, 0);
	psp_wbinvd(rig->psp, RIG_CORES); /* no such core */
	assert_int_equal(psp_command(rig->psp, PSP_CMD_DF_FLUSH, 0), PSP_WBINVD_REQUIRED);
	psp_wbinvd(rig->psp, 1);
	assert_int_equal(rig_activate(rig, handle, 5), PSP_DFFLUSH_REQUIRED);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_DF_FLUSH, 0), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, handle, 5), PSP_SUCCESS);
	rig_free(rig);
}

static void test_flush_after_deactivate(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t one = rig_guest(rig, 0, 5, NULL, NULL), two = rig_guest(rig, 0, 0, NULL, NULL);

	(void)state;
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, one), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, one), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, two, 5), PSP_WBINVD_REQUIRED);
	/* Another ASID has nobody's lines in the caches. */
	assert_int_equal(rig_activate(rig, one, 6), PSP_SUCCESS);
	rig_wbinvd(rig);
	assert_int_equal(rig_activate(rig, two, 5), PSP_DFFLUSH_REQUIRED);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_DF_FLUSH, 0), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, two, 5), PSP_SUCCESS);
	rig_free(rig);
}

static void test_asid_range(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t plain, es;

	(void)state;
	rig_launch_start(rig, 0, &plain);
	rig_launch_start(rig, PSP_POLICY_ES, &es);
	assert_int_equal(rig_activate(rig, plain, 0), PSP_INVALID_ASID);
	assert_int_equal(rig_activate(rig, plain, RIG_MIN_SEV_ASID - 1), PSP_INVALID_ASID);
	assert_int_equal(rig_activate(rig, plain, RIG_MAX_ASID + 1), PSP_INVALID_ASID);
	assert_int_equal(rig_activate(rig, plain, UINT32_MAX), PSP_INVALID_ASID);
	assert_int_equal(rig_activate(rig, es, 0), PSP_INVALID_ASID);
	assert_int_equal(rig_activate(rig, es, RIG_MIN_SEV_ASID), PSP_INVALID_ASID);
	assert_int_equal(rig->changed, 0);
	assert_int_equal(rig_activate(rig, plain, RIG_MIN_SEV_ASID), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, plain), PSP_SUCCESS);
	rig->changed = 0;
	assert_int_equal(rig_activate(rig, plain, RIG_MAX_ASID), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, es, RIG_MIN_SEV_ASID - 1), PSP_SUCCESS);
	assert_int_equal(rig->changed, 2);
	rig_free(rig);
}

static void test_asid_owned(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t one = rig_guest(rig, 0, 5, NULL, NULL), two = rig_guest(rig, 0, 0, NULL, NULL);

	(void)state;
	assert_int_equal(rig_activate(rig, two, 5), PSP_ASID_OWNED);
	assert_int_equal(rig_activate(rig, one, 6), PSP_ACTIVE);
	assert_int_equal(rig_activate(rig, two, 6), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, two), PSP_ACTIVE);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, two), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, two), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_WORKING);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, two), PSP_INVALID_GUEST);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, one), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, one), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_INIT);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_init_parameters),
		cmocka_unit_test(test_init_without_es),
		cmocka_unit_test(test_tmr),
		cmocka_unit_test(test_shutdown),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_export_lengths),
		cmocka_unit_test(test_export_addresses),
		cmocka_unit_test(test_pdh_gen),
		cmocka_unit_test(test_get_id),
		cmocka_unit_test(test_flush_after_init),
		cmocka_unit_test(test_flush_after_deactivate),
		cmocka_unit_test(test_asid_range),
		cmocka_unit_test(test_asid_owned),
	};

	return cmocka_run_group_tests_name("psp platform", tests, NULL, NULL);
}
