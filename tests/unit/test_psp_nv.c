/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* INIT_EX: an identity in the host's keeping. */
#include "tests/unit/psp_nv.h"

#include <unistd.h>

#include "iodev/psp/root.h"
#include "tests/psp_test.h"

static void shutdown(struct rig *rig)
{
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
}

static struct rig *rig_of(const char *seed, const char *dir)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);

	config.seed = seed;
	config.seed_size = seed ? strlen(seed) : 0;
	config.state_dir = dir;
	rig->psp = psp_new(&config, NULL);
	assert_non_null(rig->psp);
	return rig;
}

static void assert_same(const struct export *a, const struct export *b)
{
	assert_memory_equal(a, b, sizeof(*a));
}

static void assert_differ(const struct export *a, const struct export *b)
{
	assert_memory_not_equal(&a->pdh.pubkey, &b->pdh.pubkey, sizeof(a->pdh.pubkey));
	assert_memory_not_equal(&a->chain.pek.pubkey, &b->chain.pek.pubkey, sizeof(a->pdh.pubkey));
	assert_memory_not_equal(&a->chain.oca.pubkey, &b->chain.oca.pubkey, sizeof(a->pdh.pubkey));
	assert_memory_equal(&a->chain.cek, &b->chain.cek, sizeof(a->chain.cek));
}

/* --- what INIT_EX finds -------------------------------------------------------------------- */

static void test_empty(void **state)
{
	static const uint8_t values[] = { 0xff, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(values); i++) {
		struct rig *rig = rig_new();
		struct export first, again;

		fill_nv(rig, values[i]);
		assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
		assert_false(nv_is(rig, values[i]));
		first = export_certs(rig);
		assert_int_equal(psp_chain_verify(&first.pdh, &first.chain, NULL, NULL, NULL), 0);
		shutdown(rig);
		assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
		again = export_certs(rig);
		assert_same(&first, &again);
		shutdown(rig);
		fill_nv(rig, values[i]);
		assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
		again = export_certs(rig);
		assert_differ(&first, &again);
		rig_free(rig);
	}
}

/* What is not wholly empty is not empty. */
static void test_nearly_empty(void **state)
{
	struct rig *rig = rig_new();

	(void)state;
	fill_nv(rig, 0xff);
	rig->bytes[RIG_NV + PSP_NV_SIZE - 1] = 0xfe;
	assert_int_equal(rig_init_ex(rig, false), PSP_SECURE_DATA_INVALID);
	fill_nv(rig, 0);
	rig->bytes[RIG_NV] = 1;
	assert_int_equal(rig_init_ex(rig, false), PSP_SECURE_DATA_INVALID);
	rig_free(rig);
}

/* Refused once; the second try, which Linux makes, finds an empty buffer. */
static void refuse(struct rig *rig, const uint8_t nv[PSP_NV_SIZE], const char *detail)
{
	uint8_t before[SEV_SHA256], after[SEV_SHA256];

	give_nv(rig, nv);
	psp_test_digest(rig->psp, before);
	assert_int_equal(rig_init_ex(rig, false), PSP_SECURE_DATA_INVALID);
	assert_string_equal(psp_detail(rig->psp), detail);
	psp_test_digest(rig->psp, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_UNINIT);
	assert_true(nv_is(rig, 0xff));
}

#define SIZE_OF_SEALED (16 + 4 + 4 + 16 + sizeof(struct psp_record) + 32)

static void test_damaged(void **state)
{
	uint8_t nv[PSP_NV_SIZE];
	struct rig *rig = rig_new();
	struct export out;

	(void)state;
	fill_nv(rig, 0xff);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	keep_nv(rig, nv);
	shutdown(rig);
	for (size_t i = 0; i < SIZE_OF_SEALED; i += i < 48 ? 1 : 61) {
		nv[i] ^= 1;
		if (i < 16)
			refuse(rig, nv, "not the persistent data of an emulated PSP");
		else if (i == 16)
			refuse(rig, nv,
				"persistent data of version 0 with 6436 bytes, this firmware "
				"reads version 1 with 6436");
		else if (i == 20)
			refuse(rig, nv,
				"persistent data of version 1 with 6437 bytes, this firmware "
				"reads version 1 with 6436");
		else if (i >= 24)
			refuse(rig, nv, "persistent data that is damaged or another chip's");
		nv[i] ^= 1;
	}
	nv[SIZE_OF_SEALED - 1] ^= 0x80;
	refuse(rig, nv, "persistent data that is damaged or another chip's");
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	out = export_certs(rig);
	assert_int_equal(psp_chain_verify(&out.pdh, &out.chain, NULL, NULL, NULL), 0);
	rig_free(rig);
}

static void test_another_chips(void **state)
{
	struct rig *one = rig_of("one", NULL), *two = rig_of("two", NULL);
	uint8_t nv[PSP_NV_SIZE];

	(void)state;
	fill_nv(one, 0xff);
	assert_int_equal(rig_init_ex(one, false), PSP_SUCCESS);
	keep_nv(one, nv);
	refuse(two, nv, "persistent data that is damaged or another chip's");
	rig_free(one);
	rig_free(two);
	/* The chip's own, after the emulator was started anew. */
	one = rig_of("one", NULL);
	give_nv(one, nv);
	assert_int_equal(rig_init_ex(one, false), PSP_SUCCESS);
	rig_free(one);
}

static size_t bytes_alike(const uint8_t *one, const uint8_t *two)
{
	size_t same = 0;

	for (size_t i = 40; i < SIZE_OF_SEALED; i++)
		same += one[i] == two[i];
	return same;
}

/* The host keeps it, but cannot read it, and sees no pattern from one write to the next. */
static void test_sealed(void **state)
{
	struct rig *rig = rig_new();
	uint8_t one[PSP_NV_SIZE], two[PSP_NV_SIZE];
	const struct psp_identity *identity = &rig->psp->identity;

	(void)state;
	fill_nv(rig, 0xff);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	keep_nv(rig, one);
	assert_null(memmem(one, sizeof(one), identity->secret, 16));
	assert_null(memmem(one, sizeof(one), identity->pek.d, 16));
	assert_null(memmem(one, sizeof(one), identity->pek_cert.pubkey.qx, 16));
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	keep_nv(rig, two);
	assert_true(bytes_alike(one, two) < SIZE_OF_SEALED / 50);
	rig_free(rig);
}

/* Nor if a seeded chip, started anew, draws the same again: no key stream is used twice. */
static void test_sealed_by_seeded(void **state)
{
	struct rig *rig = rig_of("seed", NULL);
	uint8_t one[PSP_NV_SIZE], two[PSP_NV_SIZE];

	(void)state;
	fill_nv(rig, 0xff);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	keep_nv(rig, one);
	rig_free(rig);
	rig = rig_of("seed", NULL);
	give_nv(rig, one);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	keep_nv(rig, two);
	assert_memory_not_equal(one + 24, two + 24, 16);
	assert_true(bytes_alike(one, two) < SIZE_OF_SEALED / 50);
	rig_free(rig);
}

/* --- where changes go ---------------------------------------------------------------------- */

/* Whether a chip started anew has this identity, given that buffer. */
static void assert_kept(const uint8_t nv[PSP_NV_SIZE], const struct export *expected, bool owned)
{
	struct rig *rig = rig_of("rig", NULL);
	struct export found;

	give_nv(rig, nv);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	found = export_certs(rig);
	assert_same(expected, &found);
	assert_int_equal(rig_status(rig).owner, owned);
	rig_free(rig);
}

static void import_owner(struct rig *rig)
{
	static const uint8_t scalar[SEV_P384] = { [47] = 77 };
	struct psp_cert certs[2] = { rig_csr(rig) };
	struct psp_pek_cert_import cmd = { RIG_CERT, sizeof(certs[0]), 0,
		RIG_CERT + sizeof(certs[0]), sizeof(certs[1]) };
	struct sev_p384_key key;

	assert_int_equal(sev_p384_from_scalar(scalar, &key), 0);
	psp_cert_make(&certs[1], PSP_USAGE_OCA, 0, 0, &key.pub);
	psp_cert_sign(&certs[1], 0, PSP_USAGE_OCA, &key);
	psp_cert_sign(&certs[0], 0, PSP_USAGE_OCA, &key);
	rig_put(rig, RIG_CERT, certs, sizeof(certs));
	assert_int_equal(rig_command(rig, PSP_CMD_PEK_CERT_IMPORT, &cmd, sizeof(cmd)), PSP_SUCCESS);
}

static void test_changes(void **state)
{
	struct rig *rig = rig_of("rig", NULL);
	uint8_t nv[PSP_NV_SIZE];
	struct export out;

	(void)state;
	fill_nv(rig, 0xff);
	assert_int_equal(rig_init_ex(rig, true), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).config_es, 1);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	keep_nv(rig, nv);
	out = export_certs(rig);
	assert_kept(nv, &out, false);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PEK_GEN, 0), PSP_SUCCESS);
	keep_nv(rig, nv);
	out = export_certs(rig);
	assert_kept(nv, &out, false);
	import_owner(rig);
	keep_nv(rig, nv);
	out = export_certs(rig);
	assert_kept(nv, &out, true);
	/* SHUTDOWN changes nothing there. */
	shutdown(rig);
	keep_nv(rig, nv);
	assert_kept(nv, &out, true);
	rig_free(rig);
}

/* The chip's own identity and the host's are two, and do not mix. */
static void test_own_memory(void **state)
{
	struct rig *rig = rig_new();
	struct export own, other, now;

	(void)state;
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	own = export_certs(rig);
	shutdown(rig);
	fill_nv(rig, 0xff);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	other = export_certs(rig);
	assert_differ(&own, &other);
	import_owner(rig);
	other = export_certs(rig);
	shutdown(rig);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).owner, 0);
	now = export_certs(rig);
	assert_same(&own, &now);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	shutdown(rig);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).owner, 1);
	now = export_certs(rig);
	assert_same(&other, &now);
	rig_free(rig);
}

/* One seed, two identities: no key is made twice. */
static void test_keys_are_numbered_through(void **state)
{
	struct rig *rig = rig_new();
	struct export other, now;

	(void)state;
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	shutdown(rig);
	fill_nv(rig, 0xff);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	other = export_certs(rig);
	shutdown(rig);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
		now = export_certs(rig);
		assert_memory_not_equal(
			now.pdh.pubkey.qx, other.chain.oca.pubkey.qx, sizeof(now.pdh.pubkey.qx));
		assert_memory_not_equal(
			now.pdh.pubkey.qx, other.chain.pek.pubkey.qx, sizeof(now.pdh.pubkey.qx));
		assert_memory_not_equal(
			now.pdh.pubkey.qx, other.pdh.pubkey.qx, sizeof(now.pdh.pubkey.qx));
	}
	rig_free(rig);
}

static void test_reset(void **state)
{
	struct rig *rig = rig_new();
	struct export own, other, now;

	(void)state;
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	own = export_certs(rig);
	shutdown(rig);
	fill_nv(rig, 0);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	import_owner(rig);
	other = export_certs(rig);
	shutdown(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PLATFORM_RESET, 0), PSP_SUCCESS);
	assert_true(nv_is(rig, 0xff));
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).owner, 0);
	now = export_certs(rig);
	assert_differ(&other, &now);
	/* The chip's own was not in use, and is as it was. */
	shutdown(rig);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	now = export_certs(rig);
	assert_same(&own, &now);
	rig_free(rig);
}

/* After SHUTDOWN the memory may be somebody else's by the time of the reset. */
static void test_reset_spares_what_is_not_its_own(void **state)
{
	struct rig *rig = rig_new();

	(void)state;
	fill_nv(rig, 0xff);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	shutdown(rig);
	fill_nv(rig, 0x55);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PLATFORM_RESET, 0), PSP_SUCCESS);
	assert_true(nv_is(rig, 0x55));
	rig_free(rig);
}

/* Of the state directory only the fuses are used. */
static void test_state_directory(void **state)
{
	char dir[] = "/tmp/test_psp_nv.XXXXXX", path[64];
	struct sev_blob before, after;
	uint8_t nv[PSP_NV_SIZE];
	struct rig *rig;

	(void)state;
	assert_non_null(mkdtemp(dir));
	rig = rig_of(NULL, dir);
	snprintf(path, sizeof(path), "%s/chip.state", dir);
	assert_int_equal(sev_file_read(path, 1 << 20, &before, NULL), 0);
	fill_nv(rig, 0xff);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	import_owner(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PEK_GEN, 0), PSP_SUCCESS);
	shutdown(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PLATFORM_RESET, 0), PSP_SUCCESS);
	assert_int_equal(sev_file_read(path, 1 << 20, &after, NULL), 0);
	assert_int_equal(before.size, after.size);
	assert_memory_equal(before.data, after.data, before.size);
	sev_blob_free(&after);
	/* And with a new chip in the same place the buffer is a stranger's. */
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	keep_nv(rig, nv);
	rig_free(rig);
	assert_int_equal(unlink(path), 0);
	rig = rig_of(NULL, dir);
	give_nv(rig, nv);
	assert_int_equal(rig_init_ex(rig, false), PSP_SECURE_DATA_INVALID);
	rig_free(rig);
	unlink(path);
	snprintf(path, sizeof(path), "%s/cek.cert", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/ask_ark.cert", dir);
	unlink(path);
	assert_int_equal(rmdir(dir), 0);
	sev_blob_free(&before);
}

static void remove_state(const char *dir)
{
	static const char *const names[] = { "chip.state", "cek.cert", "ask_ark.cert" };
	char path[64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
}

static struct export start_seeded(const char *dir, bool from_nv)
{
	struct rig *rig = rig_of("seed", dir);
	struct export out;

	fill_nv(rig, 0xff);
	assert_int_equal(from_nv ? rig_init_ex(rig, false) : rig_init(rig, false), PSP_SUCCESS);
	out = export_certs(rig);
	rig_free(rig);
	return out;
}

/* But the number of keys made: a seeded chip never makes the same key twice. */
static void test_seeded_state_directory(void **state)
{
	char dir[] = "/tmp/test_psp_nv.XXXXXX";
	struct export one, two, own;

	(void)state;
	assert_non_null(mkdtemp(dir));
	one = start_seeded(dir, true);
	two = start_seeded(dir, true);
	assert_differ(&one, &two);
	own = start_seeded(dir, false);
	assert_differ(&one, &own);
	assert_differ(&two, &own);
	remove_state(dir);
}

/* Nor does it from an old buffer that the host puts back. */
static void test_seeded_old_buffer(void **state)
{
	struct rig *rig = rig_of("seed", NULL);
	struct export first, again;
	uint8_t nv[PSP_NV_SIZE];

	(void)state;
	fill_nv(rig, 0xff);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	keep_nv(rig, nv);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	first = export_certs(rig);
	shutdown(rig);
	give_nv(rig, nv);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	again = export_certs(rig);
	assert_memory_equal(&first.chain, &again.chain, sizeof(first.chain));
	assert_memory_not_equal(&first.pdh.pubkey, &again.pdh.pubkey, sizeof(first.pdh.pubkey));
	rig_free(rig);
}

/* A saved chip comes back with both identities, and goes on using the buffer. */
static void test_save(void **state)
{
	struct rig *rig = rig_new();
	struct export saved, now;
	struct sev_blob blob;

	(void)state;
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	shutdown(rig);
	fill_nv(rig, 0xff);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	import_owner(rig);
	saved = export_certs(rig);
	assert_int_equal(psp_save(rig->psp, &blob, NULL), 0);
	shutdown(rig);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	assert_int_equal(rig_status(rig).owner, 0);
	assert_int_equal(psp_restore(rig->psp, blob.data, blob.size, NULL), 0);
	assert_int_equal(rig_status(rig).owner, 1);
	now = export_certs(rig);
	assert_same(&saved, &now);
	fill_nv(rig, 0xff);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	assert_false(nv_is(rig, 0xff));
	sev_blob_free(&blob);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_nearly_empty),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_another_chips),
		cmocka_unit_test(test_sealed),
		cmocka_unit_test(test_sealed_by_seeded),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_own_memory),
		cmocka_unit_test(test_keys_are_numbered_through),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_reset_spares_what_is_not_its_own),
		cmocka_unit_test(test_state_directory),
		cmocka_unit_test(test_seeded_state_directory),
		cmocka_unit_test(test_seeded_old_buffer),
		cmocka_unit_test(test_save),
	};

	return cmocka_run_group_tests_name("psp nv", tests, NULL, NULL);
}
