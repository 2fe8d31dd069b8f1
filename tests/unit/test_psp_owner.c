/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose platform it is: PLATFORM_RESET, PEK_GEN, PEK_CSR, PEK_CERT_IMPORT and the OWNER bit. */
#include "tests/unit/psp_export.h"

#include <unistd.h>

#include "iodev/psp/root.h"
#include "tests/psp_test.h"

/* --- an owner's side ----------------------------------------------------------------------- */

struct owner {
	struct sev_p384_key key;
	struct psp_cert oca;
};

/* As tools make it: of API 0.0. */
static struct owner owner_make(const char *seed)
{
	struct sev_rng *rng = sev_rng_new(seed, strlen(seed), "owner");
	struct owner owner;

	sev_p384_generate(rng, &owner.key);
	sev_rng_free(rng);
	psp_cert_make(&owner.oca, PSP_USAGE_OCA, 0, 0, &owner.key.pub);
	psp_cert_sign(&owner.oca, 0, PSP_USAGE_OCA, &owner.key);
	return owner;
}

static struct psp_cert owner_sign(const struct owner *owner, struct psp_cert csr, unsigned slot)
{
	psp_cert_sign(&csr, slot, PSP_USAGE_OCA, &owner->key);
	return csr;
}

static struct psp_pek_cert_import import_command(void)
{
	return (struct psp_pek_cert_import) {
		.pek_paddr = RIG_CERT,
		.pek_length = sizeof(struct psp_cert),
		.oca_paddr = RIG_CERT + sizeof(struct psp_cert),
		.oca_length = sizeof(struct psp_cert),
	};
}

static uint16_t import(struct rig *rig, const struct psp_cert *pek, const struct psp_cert *oca)
{
	struct psp_pek_cert_import cmd = import_command();

	rig_put(rig, RIG_CERT, pek, sizeof(*pek));
	rig_put(rig, RIG_CERT + sizeof(*pek), oca, sizeof(*oca));
	return rig_command(rig, PSP_CMD_PEK_CERT_IMPORT, &cmd, sizeof(cmd));
}

static void take_over(struct rig *rig, const struct owner *owner)
{
	struct psp_cert pek = owner_sign(owner, rig_csr(rig), 0);

	assert_int_equal(import(rig, &pek, &owner->oca), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).owner, 1);
}

/* Both lines of trust, up to the emulator's root. */
static void assert_chain(const struct export *certs)
{
	struct psp_cert_chain chain = certs->chain;
	struct psp_amd_key ask, ark;
	struct sev_error err = { "" };

	psp_root_sign_cek(&chain.cek);
	psp_root_keys(&ask, &ark);
	if (psp_chain_verify(&certs->pdh, &chain, &ask, &ark, &err) != 0)
		fail_msg("%s", err.text);
}

static bool same_key(const struct psp_cert *a, const struct psp_cert *b)
{
	return memcmp(&a->pubkey, &b->pubkey, sizeof(a->pubkey)) == 0;
}

/* --- PEK_CSR ------------------------------------------------------------------------------- */

static void test_csr(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_cert csr = rig_csr(rig), expected = export_certs(rig).chain.pek;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		memset(&expected.sig[i], 0, sizeof(expected.sig[i]));
		expected.sig[i].usage = PSP_USAGE_NONE;
	}
	assert_memory_equal(&csr, &expected, sizeof(csr));
	rig_launch_start(rig, 0, NULL);
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_WORKING);
	expected = rig_csr(rig);
	assert_memory_equal(&csr, &expected, sizeof(csr));
	rig_free(rig);
}

static void test_csr_buffer(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_pek_csr cmd = { .csr_paddr = UINT64_MAX };

	(void)state;
	assert_int_equal(rig_command(rig, PSP_CMD_PEK_CSR, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.csr_length, 0x824);
	cmd.csr_length = 0x823;
	assert_int_equal(rig_command(rig, PSP_CMD_PEK_CSR, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.csr_length, 0x824);
	cmd.csr_paddr = RIG_SIZE - 0x823;
	assert_int_equal(rig_command(rig, PSP_CMD_PEK_CSR, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd.csr_paddr = RIG_TMR;
	assert_int_equal(rig_command(rig, PSP_CMD_PEK_CSR, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd.csr_paddr = (RIG_SIZE - 0x824) | RIG_C_BIT;
	cmd.csr_length = 0x1000;
	assert_int_equal(rig_command(rig, PSP_CMD_PEK_CSR, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_int_equal(cmd.csr_length, 0x824);
	rig_free(rig);
}

/* --- PEK_CERT_IMPORT, what it does --------------------------------------------------------- */

static void test_import(void **state)
{
	struct owner owner = owner_make("owner");
	struct rig *rig = rig_ready();
	struct export before = export_certs(rig), after;

	(void)state;
	assert_int_equal(rig_status(rig).owner, 0);
	assert_chain(&before);
	take_over(rig, &owner);
	after = export_certs(rig);
	assert_chain(&after);
	assert_memory_equal(&after.chain.oca, &owner.oca, sizeof(owner.oca));
	assert_true(same_key(&before.chain.pek, &after.chain.pek));
	assert_memory_equal(&before.chain.cek, &after.chain.cek, sizeof(after.chain.cek));
	assert_false(same_key(&before.pdh, &after.pdh));
	/* The new PDH is the one that sessions are made for. */
	assert_int_equal(psp_cert_verify(&after.pdh, &before.chain.pek, NULL), 0);
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_INIT);
	rig_free(rig);
}

/* The owner's private key never comes here, and the chip's own is gone. */
static void test_import_erases_key(void **state)
{
	static const struct sev_p384_key none;
	struct owner owner = owner_make("owner");
	struct rig *rig = rig_ready();

	(void)state;
	assert_memory_not_equal(&rig->psp->identity.oca, &none, sizeof(none));
	take_over(rig, &owner);
	assert_memory_equal(&rig->psp->identity.oca, &none, sizeof(none));
	assert_memory_equal(&rig->psp->flash.oca, &none, sizeof(none));
	rig_free(rig);
}

/* The signature may come in either slot, of either hash, beside anything else. */
static void test_import_second_slot(void **state)
{
	struct owner owner = owner_make("owner");
	struct rig *rig = rig_ready();
	struct export own = export_certs(rig), after;
	struct psp_cert pek = owner_sign(&owner, rig_csr(rig), 1);

	(void)state;
	pek.sig[0] = own.chain.pek.sig[1]; /* by the CEK, as in the platform's own certificate */
	assert_int_equal(import(rig, &pek, &owner.oca), PSP_SUCCESS);
	after = export_certs(rig);
	assert_chain(&after);
	assert_int_equal(after.chain.pek.sig[0].usage, PSP_USAGE_OCA);
	assert_int_equal(after.chain.pek.sig[1].usage, PSP_USAGE_CEK);
	rig_free(rig);
}

static void test_owner_bit(void **state)
{
	struct owner owner = owner_make("owner");
	struct rig *rig = rig_ready();

	(void)state;
	take_over(rig, &owner);
	rig_launch_start(rig, 0, NULL);
	assert_int_equal(rig_status(rig).owner, 1);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).owner, 0); /* UNINIT */
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).owner, 1);
	rig_free(rig);
}

/* Owned once, the platform is not given away again, not even to the same owner. */
static void test_already_owned(void **state)
{
	struct owner owner = owner_make("owner"), other = owner_make("other");
	struct rig *rig = rig_ready();
	struct psp_pek_cert_import cmd = { 0 };
	struct psp_cert pek;

	(void)state;
	take_over(rig, &owner);
	pek = owner_sign(&owner, rig_csr(rig), 0);
	assert_int_equal(import(rig, &pek, &owner.oca), PSP_ALREADY_OWNED);
	pek = owner_sign(&other, rig_csr(rig), 0);
	assert_int_equal(import(rig, &pek, &other.oca), PSP_ALREADY_OWNED);
	/* Said before lengths and addresses are looked at. */
	assert_int_equal(
		rig_command(rig, PSP_CMD_PEK_CERT_IMPORT, &cmd, sizeof(cmd)), PSP_ALREADY_OWNED);
	rig_free(rig);
}

/* --- PEK_CERT_IMPORT, what it refuses ------------------------------------------------------ */

static uint16_t refuse_command(struct rig *rig, struct psp_pek_cert_import cmd)
{
	uint8_t before[SEV_SHA256], after[SEV_SHA256];
	uint16_t status;

	psp_test_digest(rig->psp, before);
	status = rig_command(rig, PSP_CMD_PEK_CERT_IMPORT, &cmd, sizeof(cmd));
	psp_test_digest(rig->psp, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(rig_status(rig).owner, 0);
	return status;
}

static void test_import_buffers(void **state)
{
	struct owner owner = owner_make("owner");
	struct rig *rig = rig_ready();
	struct psp_cert pek = owner_sign(&owner, rig_csr(rig), 0);
	struct psp_pek_cert_import cmd;

	(void)state;
	rig_put(rig, RIG_CERT, &pek, sizeof(pek));
	rig_put(rig, RIG_CERT + sizeof(pek), &owner.oca, sizeof(owner.oca));
	cmd = import_command();
	cmd.pek_length--;
	assert_int_equal(refuse_command(rig, cmd), PSP_INVALID_LENGTH);
	cmd = import_command();
	cmd.pek_length++;
	assert_int_equal(refuse_command(rig, cmd), PSP_INVALID_LENGTH);
	cmd = import_command();
	cmd.oca_length--;
	assert_int_equal(refuse_command(rig, cmd), PSP_INVALID_LENGTH);
	cmd = import_command();
	cmd.oca_length++;
	cmd.oca_paddr = UINT64_MAX; /* lengths come first */
	assert_int_equal(refuse_command(rig, cmd), PSP_INVALID_LENGTH);
	cmd = import_command();
	cmd.pek_paddr = RIG_SIZE - 0x823;
	assert_int_equal(refuse_command(rig, cmd), PSP_INVALID_ADDRESS);
	cmd = import_command();
	cmd.oca_paddr = RIG_TMR;
	assert_int_equal(refuse_command(rig, cmd), PSP_INVALID_ADDRESS);
	cmd = import_command();
	cmd.pek_paddr |= RIG_C_BIT;
	cmd.oca_paddr |= RIG_C_BIT;
	assert_int_equal(rig_command(rig, PSP_CMD_PEK_CERT_IMPORT, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_free(rig);
}

/* One byte of a certificate that would be accepted, replaced. */
static const struct {
	bool oca;
	size_t at;
	uint8_t value;
	uint16_t status;
} spoilt[] = {
	{ false, 0x000, 2, PSP_INVALID_CERTIFICATE },	 /* version */
	{ false, 0x004, 0x7f, PSP_INVALID_CERTIFICATE }, /* API: not this PEK's certificate */
	{ false, 0x008, 0x03, PSP_INVALID_CERTIFICATE }, /* usage: a PDH's */
	{ false, 0x00c, 0x03, PSP_INVALID_CERTIFICATE }, /* ECDH */
	{ false, 0x00c, 0x04, PSP_UNSUPPORTED },	 /* an algorithm that nobody knows */
	{ false, 0x010, 0x01, PSP_INVALID_CERTIFICATE }, /* P-256 */
	{ false, 0x014, 0x00, PSP_INVALID_CERTIFICATE }, /* not on the curve */
	{ false, 0x413, 0x01, PSP_INVALID_CERTIFICATE }, /* the last byte that is compared */
	{ false, 0x414, 0x02, PSP_BAD_SIGNATURE },	 /* no slot of the OCA */
	{ false, 0x418, 0x01, PSP_BAD_SIGNATURE },	 /* RSA */
	{ false, 0x41c, 0x00, PSP_BAD_SIGNATURE },	 /* R */
	{ true, 0x000, 0, PSP_INVALID_CERTIFICATE },
	{ true, 0x008, 0x02, PSP_INVALID_CERTIFICATE }, /* usage: a PEK's */
	{ true, 0x00d, 0x02, PSP_UNSUPPORTED }, { true, 0x010, 0x03, PSP_INVALID_CERTIFICATE },
	{ true, 0x05c, 0x00, PSP_INVALID_CERTIFICATE }, /* QY */
	{ true, 0x004, 0x01, PSP_BAD_SIGNATURE },	/* signed, though not looked at */
	{ true, 0x414, 0x02, PSP_BAD_SIGNATURE }, { true, 0x464, 0x00, PSP_BAD_SIGNATURE }, /* S */
};

static void test_import_certificates(void **state)
{
	struct owner owner = owner_make("owner");
	struct rig *rig = rig_ready();
	struct psp_cert pek = owner_sign(&owner, rig_csr(rig), 0);

	(void)state;
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
		struct psp_cert certs[2] = { pek, owner.oca };
		uint8_t *byte = (uint8_t *)&certs[spoilt[i].oca] + spoilt[i].at;
		uint16_t status;

		assert_int_not_equal(*byte, spoilt[i].value);
		*byte = spoilt[i].value;
		rig_put(rig, RIG_CERT, certs, sizeof(certs));
		status = refuse_command(rig, import_command());
		if (status != spoilt[i].status)
			fail_msg("%s byte %03zxh: %s", spoilt[i].oca ? "OCA" : "PEK", spoilt[i].at,
				psp_status_name(status));
	}
	assert_int_equal(import(rig, &pek, &owner.oca), PSP_SUCCESS);
	rig_free(rig);
}

/* A request of before: every PEK_GEN makes what is out there worthless. */
static void test_import_of_old_pek(void **state)
{
	struct owner owner = owner_make("owner"), other = owner_make("other");
	struct rig *rig = rig_ready();
	struct psp_cert pek = owner_sign(&owner, rig_csr(rig), 0);

	(void)state;
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PEK_GEN, 0), PSP_SUCCESS);
	assert_int_equal(import(rig, &pek, &owner.oca), PSP_INVALID_CERTIFICATE);
	assert_string_equal(
		psp_detail(rig->psp), "PEK certificate: not that of this platform's PEK");
	pek = owner_sign(&owner, rig_csr(rig), 0);
	assert_int_equal(import(rig, &pek, &other.oca), PSP_BAD_SIGNATURE);
	assert_string_equal(
		psp_detail(rig->psp), "PEK certificate: the signature of the OCA does not verify");
	assert_int_equal(import(rig, &pek, &owner.oca), PSP_SUCCESS);
	rig_free(rig);
}

/* --- PEK_GEN, PLATFORM_RESET --------------------------------------------------------------- */

static void assert_fresh(const struct export *before, const struct export *after)
{
	assert_chain(after);
	assert_false(same_key(&before->pdh, &after->pdh));
	assert_false(same_key(&before->chain.pek, &after->chain.pek));
	assert_false(same_key(&before->chain.oca, &after->chain.oca));
	assert_memory_equal(&before->chain.cek, &after->chain.cek, sizeof(after->chain.cek));
}

static void test_pek_gen(void **state)
{
	struct owner owner = owner_make("owner");
	struct rig *rig = rig_ready();
	struct export first = export_certs(rig), owned, after;

	(void)state;
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PEK_GEN, 0), PSP_SUCCESS);
	after = export_certs(rig);
	assert_fresh(&first, &after);
	take_over(rig, &owner);
	owned = export_certs(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PEK_GEN, 0), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).owner, 0);
	after = export_certs(rig);
	assert_fresh(&owned, &after);
	assert_fresh(&first, &after);
	/* And it may be owned again. */
	take_over(rig, &owner);
	rig_free(rig);
}

/* It is an INIT, too, with the settings of the one before. */
static void test_pek_gen_initialises(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_get_id cmd = { RIG_TMR, PSP_ID_SIZE };
	uint32_t handle;

	(void)state;
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PEK_GEN, 0), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_INIT);
	assert_int_equal(rig_status(rig).config_es, 1);
	assert_int_equal(rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	rig_launch_start(rig, 0, &handle);
	assert_int_equal(rig_activate(rig, handle, 5), PSP_WBINVD_REQUIRED);
	assert_int_equal(rig_flush(rig), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, handle, 5), PSP_SUCCESS);
	rig_free(rig);
}

static void test_platform_reset(void **state)
{
	struct psp_get_id cmd = { RIG_BLOB, PSP_ID_SIZE };
	struct owner owner = owner_make("owner");
	struct rig *rig = rig_ready();
	uint8_t id[2][PSP_ID_SIZE];
	struct export before, after;

	(void)state;
	take_over(rig, &owner);
	before = export_certs(rig);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(rig_command(rig, PSP_CMD_GET_ID, &cmd, sizeof(cmd)), PSP_SUCCESS);
		rig_get(rig, RIG_BLOB, SEVMEM_RAW, id[i], PSP_ID_SIZE);
		assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
		assert_int_equal(psp_command(rig->psp, PSP_CMD_PLATFORM_RESET, 0), PSP_SUCCESS);
		assert_int_equal(rig_status(rig).state, PSP_PLATFORM_UNINIT);
		assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
		assert_int_equal(rig_status(rig).owner, 0);
		after = export_certs(rig);
		assert_fresh(&before, &after);
		before = after;
	}
	assert_memory_equal(id[0], id[1], PSP_ID_SIZE);
	rig_free(rig);
}

/* A chip without an identity yet has nothing to lose. */
static void test_reset_of_new_chip(void **state)
{
	struct rig *rig = rig_new();
	struct export out;

	(void)state;
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PLATFORM_RESET, 0), PSP_SUCCESS);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PLATFORM_RESET, 0), PSP_SUCCESS);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	out = export_certs(rig);
	assert_chain(&out);
	rig_free(rig);
}

/* --- over time ----------------------------------------------------------------------------- */

static struct rig *rig_in(const char *dir)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);

	config.state_dir = dir;
	rig->psp = psp_new(&config, NULL);
	assert_non_null(rig->psp);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	return rig;
}

static void remove_chip(const char *dir)
{
	static const char *const names[] = { "chip.state", "cek.cert", "ask_ark.cert" };
	char path[64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(dir), 0);
}

/* An import that cannot be stored has not happened. */
static void refuse_unwritable(struct rig *rig, const struct owner *owner, const char *dir)
{
	struct psp_cert pek = owner_sign(owner, rig_csr(rig), 0);
	char elsewhere[64];

	snprintf(elsewhere, sizeof(elsewhere), "%s.elsewhere", dir);
	assert_int_equal(rename(dir, elsewhere), 0);
	assert_int_equal(import(rig, &pek, &owner->oca), PSP_HWERROR_PLATFORM);
	assert_int_equal(rig_status(rig).owner, 0);
	assert_int_equal(rename(elsewhere, dir), 0);
}

static void test_persistent_owner(void **state)
{
	struct owner owner = owner_make("owner");
	char dir[] = "/tmp/test_psp_owner.XXXXXX";
	struct export before, after;
	struct rig *rig;

	(void)state;
	assert_non_null(mkdtemp(dir));
	rig = rig_in(dir);
	refuse_unwritable(rig, &owner, dir);
	take_over(rig, &owner);
	before = export_certs(rig);
	rig_free(rig);

	rig = rig_in(dir);
	assert_int_equal(rig_status(rig).owner, 1);
	after = export_certs(rig);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(import(rig, &before.chain.pek, &owner.oca), PSP_ALREADY_OWNED);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	after = export_certs(rig);
	assert_chain(&after);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PEK_GEN, 0), PSP_SUCCESS);
	before = export_certs(rig);
	rig_free(rig);

	rig = rig_in(dir);
	assert_int_equal(rig_status(rig).owner, 0);
	after = export_certs(rig);
	assert_memory_equal(&before, &after, sizeof(before));
	rig_free(rig);
	remove_chip(dir);
}

/* --- DOWNLOAD_FIRMWARE --------------------------------------------------------------------- */

static uint16_t download(struct rig *rig, uint64_t spa, uint32_t length)
{
	struct psp_download_firmware cmd = { spa, length };

	return rig_command(rig, PSP_CMD_DOWNLOAD_FIRMWARE, &cmd, sizeof(cmd));
}

static void test_download_firmware(void **state)
{
	struct rig *rig = rig_new();

	(void)state;
	assert_int_equal(download(rig, RIG_GUEST + 1, 0), PSP_INVALID_LENGTH);
	assert_int_equal(download(rig, RIG_GUEST + 16, 0x10000), PSP_INVALID_ADDRESS);
	assert_int_equal(download(rig, RIG_SIZE - 0x1000, 0x1001), PSP_INVALID_ADDRESS);
	assert_int_equal(download(rig, RIG_SIZE, 1), PSP_INVALID_ADDRESS);
	assert_int_equal(download(rig, RIG_GUEST, UINT32_MAX), PSP_INVALID_ADDRESS);
	assert_int_equal(download(rig, RIG_GUEST + 32, 0x10000), PSP_BAD_SIGNATURE);
	assert_string_equal(psp_detail(rig->psp),
		"the emulated Secure Processor runs no other firmware than its own");
	assert_int_equal(download(rig, (RIG_SIZE - 0x1000) | RIG_C_BIT, 0x1000), PSP_BAD_SIGNATURE);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	assert_int_equal(download(rig, RIG_GUEST, 0x10000), PSP_INVALID_PLATFORM_STATE);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csr),
		cmocka_unit_test(test_csr_buffer),
		cmocka_unit_test(test_import),
		cmocka_unit_test(test_import_erases_key),
		cmocka_unit_test(test_import_second_slot),
		cmocka_unit_test(test_owner_bit),
		cmocka_unit_test(test_already_owned),
		cmocka_unit_test(test_import_buffers),
		cmocka_unit_test(test_import_certificates),
		cmocka_unit_test(test_import_of_old_pek),
		cmocka_unit_test(test_pek_gen),
		cmocka_unit_test(test_pek_gen_initialises),
		cmocka_unit_test(test_platform_reset),
		cmocka_unit_test(test_reset_of_new_chip),
		cmocka_unit_test(test_persistent_owner),
		cmocka_unit_test(test_download_firmware),
	};

	return cmocka_run_group_tests_name("psp owner", tests, NULL, NULL);
}
