/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Platform commands, ASIDs, and the chip's identity over time. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iodev/psp/cert.h"
#include "tests/psp_rig.h"

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
	refuse_config(bad, "psp: 0 cores, at least 1 is needed");
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

struct export
{
	struct psp_cert pdh;
	struct psp_cert_chain chain;
};

static struct psp_pdh_cert_export export_command(void)
{
	return (struct psp_pdh_cert_export) {
		.pdh_paddr = RIG_CERT,
		.pdh_length = sizeof(struct psp_cert),
		.certs_paddr = RIG_CERT + sizeof(struct psp_cert),
		.certs_length = sizeof(struct psp_cert_chain),
	};
}

static struct export export_certs(struct rig *rig)
{
	struct psp_pdh_cert_export cmd = export_command();
	struct export out;

	assert_int_equal(rig_command(rig, PSP_CMD_PDH_CERT_EXPORT, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_get(rig, RIG_CERT, SEVMEM_RAW, &out, sizeof(out));
	return out;
}

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

/* --- seed and state directory -------------------------------------------------------------- */

static struct rig *rig_seeded(const char *seed, const char *dir)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);

	config.seed = seed;
	config.seed_size = seed ? strlen(seed) : 0;
	config.state_dir = dir;
	rig->psp = psp_new(&config, NULL);
	assert_non_null(rig->psp);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	rig_flush(rig);
	return rig;
}

struct run {
	struct export certs;
	struct psp_measurement measurement;
	uint8_t private[16];
};

/* Identity and one launch, which shows all randomness of a run. */
static struct run run_once(const char *seed, const char *dir)
{
	struct rig *rig = rig_seeded(seed, dir);
	struct run run;
	uint32_t handle;

	memset(&run, 0, sizeof(run));
	run.certs = export_certs(rig);
	handle = rig_guest(rig, 0, 5, NULL, NULL);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 4096), PSP_SUCCESS);
	assert_int_equal(rig_measure(rig, handle, &run.measurement), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, SEVMEM_RAW, run.private, sizeof(run.private));
	rig_free(rig);
	return run;
}

static void test_seed(void **state)
{
	struct run a = run_once("seed", NULL), b = run_once("seed", NULL);
	struct run c = run_once("another", NULL), d = run_once(NULL, NULL),
		   e = run_once(NULL, NULL);

	(void)state;
	assert_memory_equal(&a, &b, sizeof(a));
	assert_memory_not_equal(&a.certs.pdh.pubkey, &c.certs.pdh.pubkey, 100);
	assert_memory_not_equal(&a.certs.chain.cek.pubkey, &c.certs.chain.cek.pubkey, 100);
	assert_memory_not_equal(a.measurement.mnonce, c.measurement.mnonce, 16);
	assert_memory_not_equal(a.measurement.measure, c.measurement.measure, 32);
	assert_memory_not_equal(a.private, c.private, 16);
	assert_memory_not_equal(&d.certs.pdh.pubkey, &e.certs.pdh.pubkey, 100);
	assert_memory_not_equal(&d.certs.chain.cek.pubkey, &e.certs.chain.cek.pubkey, 100);
	assert_memory_not_equal(d.measurement.mnonce, e.measurement.mnonce, 16);
	assert_memory_not_equal(d.private, e.private, 16);
}

static int make_directory(void **state)
{
	char template[] = "/tmp/test_psp.XXXXXX";

	*state = strdup(mkdtemp(template));
	return chdir(*state);
}

static int remove_directory(void **state)
{
	remove("chip/chip.state");
	if (rmdir("chip") != 0 || chdir("/") != 0 || rmdir(*state) != 0)
		return -1; /* something else was left there */
	free(*state);
	return 0;
}

static void test_persistence(void **state)
{
	struct run first = run_once(NULL, "chip"), again = run_once(NULL, "chip"), seeded;
	struct stat st;

	(void)state;
	assert_int_equal(stat("chip/chip.state", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat("chip", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_memory_equal(&first.certs, &again.certs, sizeof(first.certs));
	assert_memory_not_equal(first.private, again.private, 16);
	/* What is on disk wins over what the seed would make. */
	seeded = run_once("seed", "chip");
	assert_memory_equal(&first.certs, &seeded.certs, sizeof(first.certs));
}

/* The chip has its fuses before the first INIT. */
static void test_persistent_id(void **state)
{
	uint8_t id[2][PSP_ID_SIZE];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct psp_get_id cmd = { RIG_BLOB, PSP_ID_SIZE };
		struct rig *rig = rig_memory();
		struct psp_config config = rig_config(rig);

		config.seed = NULL;
		config.state_dir = "chip";
		rig->psp = psp_new(&config, NULL);
		assert_int_equal(rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_SUCCESS);
		rig_get(rig, RIG_BLOB, SEVMEM_RAW, id[i], PSP_ID_SIZE);
		rig_free(rig);
	}
	assert_memory_equal(id[0], id[1], PSP_ID_SIZE);
}

/* A seeded chip with state never makes the same key twice. */
static void test_persistent_pdh(void **state)
{
	struct export keys[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct rig *rig = rig_seeded("seed", "chip");

		assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
		keys[i] = export_certs(rig);
		rig_free(rig);
		rig = rig_seeded("seed", "chip");
		assert_memory_equal(&keys[i], &(struct export[]) { export_certs(rig) }[0],
			sizeof(struct export));
		rig_free(rig);
	}
	assert_memory_not_equal(&keys[0].pdh.pubkey, &keys[1].pdh.pubkey, 100);
	assert_memory_not_equal(&keys[1].pdh.pubkey, &keys[2].pdh.pubkey, 100);
	assert_memory_not_equal(
		keys[0].pdh.pubkey.qx, keys[0].chain.pek.pubkey.qx, sizeof(keys[0].pdh.pubkey.qx));
}

static void refuse_state(const char *dir, const char *text)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);
	struct sev_error err;

	config.state_dir = dir;
	assert_null(psp_new(&config, &err));
	assert_string_equal(err.text, text);
	rig_free(rig);
}

#define HELP	  "restore it, or remove it to get a new chip"
#define NOT_STATE "chip/chip.state: not the state of an emulated PSP; " HELP

/* Every byte of the state counts, and a damaged file is left as it is. */
static void test_damaged_state(void **state)
{
	static const char path[] = "chip/chip.state";
	struct sev_blob good, now;

	(void)state;
	run_once(NULL, "chip");
	assert_int_equal(sev_file_read(path, 1 << 20, &good, NULL), 0);
	for (size_t i = 0; i < good.size; i += i < 16 ? 1 : 97) {
		good.data[i] ^= 0x10;
		sev_file_write(path, good.data, good.size, 0600, NULL);
		if (i < 16)
			refuse_state("chip", NOT_STATE);
		else if (i == 16)
			refuse_state("chip", "chip/chip.state: state of version 17, this program "
					     "reads version 1");
		else
			refuse_state("chip", "chip/chip.state: damaged: the checksum does not "
					     "match; " HELP);
		assert_int_equal(sev_file_read(path, 1 << 20, &now, NULL), 0);
		assert_int_equal(now.size, good.size);
		assert_memory_equal(now.data, good.data, good.size);
		sev_blob_free(&now);
		good.data[i] ^= 0x10;
	}
	sev_file_write(path, good.data, good.size - 1, 0600, NULL);
	refuse_state("chip", "chip/chip.state: damaged: 6487 bytes instead of 6488; " HELP);
	sev_file_write(path, "", 0, 0600, NULL);
	refuse_state("chip", NOT_STATE);
	sev_file_write(path, good.data, good.size, 0600, NULL);
	run_once(NULL, "chip");
	sev_blob_free(&good);
}

static void test_state_directory(void **state)
{
	(void)state;
	refuse_state("no/such", "no/such: cannot make the directory: No such file or directory");
	assert_int_equal(sev_file_write("chip", "", 0, 0600, NULL), 0);
	refuse_state("chip", "chip/chip.state: cannot read: Not a directory");
	assert_int_equal(unlink("chip"), 0);
	assert_int_equal(mkdir("chip", 0700), 0);
}

/* What cannot be stored does not happen. */
static void test_unwritable_state(void **state)
{
	struct rig *rig = rig_seeded("seed", "chip");
	struct export before = export_certs(rig), after;

	(void)state;
	assert_int_equal(rename("chip", "elsewhere"), 0);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_HWERROR_PLATFORM);
	assert_string_equal(
		psp_detail(rig->psp), "chip/chip.state: cannot write: No such file or directory");
	after = export_certs(rig);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_string_equal(psp_detail(rig->psp), "");
	assert_int_equal(rename("elsewhere", "chip"), 0);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	rig_free(rig);

	/* The first INIT of a chip. */
	assert_int_equal(unlink("chip/chip.state"), 0);
	rig = rig_memory();
	struct psp_config config = rig_config(rig);
	config.state_dir = "chip";
	rig->psp = psp_new(&config, NULL);
	assert_int_equal(rename("chip", "elsewhere"), 0);
	assert_int_equal(rig_init(rig, false), PSP_HWERROR_PLATFORM);
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_UNINIT);
	assert_int_equal(rename("elsewhere", "chip"), 0);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	rig_free(rig);
}

#define in_directory(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

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
		cmocka_unit_test(test_seed),
		in_directory(test_persistence),
		in_directory(test_persistent_id),
		in_directory(test_persistent_pdh),
		in_directory(test_damaged_state),
		in_directory(test_state_directory),
		in_directory(test_unwritable_state),
	};

	return cmocka_run_group_tests_name("psp platform", tests, NULL, NULL);
}
