/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chip becomes bytes, and bytes a chip. */
#include <unistd.h>

#include "tests/unit/psp_saved.h"

/* --- there and back ------------------------------------------------------------------------ */

/* Into a new chip, and into one that is doing something else. */
static void there_and_back(struct rig *rig)
{
	struct rig *fresh = copy_of(rig), *other = busy();
	struct sev_blob blob = save(rig);

	assert_int_equal(psp_restore(fresh->psp, blob.data, blob.size, NULL), 0);
	assert_is(fresh, &blob);
	assert_int_equal(psp_restore(other->psp, blob.data, blob.size, NULL), 0);
	assert_is(other, &blob);
	assert_is(rig, &blob);
	sev_blob_free(&blob);
	rig_free(fresh);
	rig_free(other);
}

static void test_platform_states(void **state)
{
	struct rig *rig = rig_new();

	(void)state;
	there_and_back(rig); /* never initialised: no keys */
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	there_and_back(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	there_and_back(rig);
	assert_int_equal(rig_init(rig, true), PSP_SUCCESS);
	there_and_back(rig);
	psp_wbinvd(rig->psp, 1);
	there_and_back(rig);
	assert_int_equal(rig_flush(rig), PSP_SUCCESS);
	there_and_back(rig);
	rig_free(rig);
	rig = busy();
	there_and_back(rig);
	rig_free(rig);
}

/* The identity in use is not the chip's own, and the platform has an owner. */
static void test_identities(void **state)
{
	struct rig *rig = rig_new();
	uint8_t empty[PSP_NV_SIZE];
	struct psp_identity *identity = &rig->psp->identity;

	(void)state;
	memset(empty, 0xff, sizeof(empty));
	rig_put(rig, RIG_NV, empty, sizeof(empty));
	assert_int_equal(rig_init_ex(rig, true), PSP_SUCCESS);
	assert_false(rig->psp->flash.provisioned);
	there_and_back(rig);
	psp_identity_import(
		identity, &rig->psp->maker, &identity->oca_cert, &identity->pek_cert.sig[0]);
	there_and_back(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	assert_int_equal(rig_init(rig, true), PSP_SUCCESS);
	there_and_back(rig);
	psp_identity_import(
		identity, &rig->psp->maker, &identity->oca_cert, &identity->pek_cert.sig[0]);
	rig->psp->flash = *identity;
	there_and_back(rig);
	rig_free(rig);
}

/* What belongs to a state is set by hand: this is not about how it is reached. */
static void test_guest_states(void **state)
{
	(void)state;
	for (unsigned s = PSP_GUEST_LUPDATE; s <= PSP_GUEST_SENT; s++) {
		struct rig *rig = busy();

		for (unsigned i = 0; i < 4; i++) {
			struct psp_guest *guest = &rig->psp->guests[i];

			guest->state = s;
			guest->received =
				s == PSP_GUEST_RUPDATE || (s > PSP_GUEST_LSECRET && i == 2);
			guest->session = guest->received;
			guest->updated = !guest->received;
			if (s == PSP_GUEST_RUNNING || s == PSP_GUEST_SENT)
				psp_wipe_transport(guest);
			if (s != PSP_GUEST_LUPDATE && s != PSP_GUEST_RUPDATE)
				memset(guest->measure, 7, sizeof(guest->measure));
		}
		there_and_back(rig);
		rig_free(rig);
	}
}

/* A hole in the table of guests stays one, and the next guest gets it and the next handle. */
static void test_slots(void **state)
{
	struct rig *rig = busy(), *copy;
	struct sev_blob blob;
	uint32_t a, b;

	(void)state;
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, 2), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, 2), PSP_SUCCESS);
	there_and_back(rig);
	copy = copy_of(rig);
	blob = save(rig);
	assert_int_equal(psp_restore(copy->psp, blob.data, blob.size, NULL), 0);
	sev_blob_free(&blob);
	assert_int_equal(rig_launch_start(rig, 0, &a), PSP_SUCCESS);
	assert_int_equal(rig_launch_start(copy, 0, &b), PSP_SUCCESS);
	assert_int_equal(a, b);
	assert_int_equal(copy->psp->guests[1].handle, b);
	blob = save(rig);
	assert_is(copy, &blob);
	sev_blob_free(&blob);
	rig_free(rig);
	rig_free(copy);
}

/* --- memory -------------------------------------------------------------------------------- */

static void test_keys_in_memory(void **state)
{
	struct rig *rig = busy(), *copy = copy_of(rig);
	struct sev_blob blob = save(rig);
	uint8_t *before = malloc(RIG_SIZE), *after = malloc(RIG_SIZE), expected[4096], page[4096];

	(void)state;
	memset(expected, 0x5a, sizeof(expected));
	rig_get(copy, RIG_GUEST, 5, page, sizeof(page));
	assert_memory_not_equal(page, expected, sizeof(page));
	rig_get(copy, 0, SEVMEM_RAW, before, RIG_SIZE);
	assert_int_equal(psp_restore(copy->psp, blob.data, blob.size, NULL), 0);
	assert_true(copy->changed >= 2);
	rig_get(copy, RIG_GUEST, 5, page, sizeof(page));
	assert_memory_equal(page, expected, sizeof(page));
	rig_get(copy, 0, SEVMEM_RAW, after, RIG_SIZE);
	assert_memory_equal(before, after, RIG_SIZE);

	/* The keys of a chip that is set back leave memory. */
	rig_free(copy);
	copy = rig_new();
	sev_blob_free(&blob);
	blob = save(copy);
	rig->changed = 0;
	rig_get(rig, 0, SEVMEM_RAW, before, RIG_SIZE);
	assert_int_equal(psp_restore(rig->psp, blob.data, blob.size, NULL), 0);
	assert_int_equal(rig->changed, 2);
	rig_get(rig, RIG_GUEST, 5, page, sizeof(page));
	assert_memory_equal(page, before + RIG_GUEST, sizeof(page));
	rig_get(rig, 0, SEVMEM_RAW, after, RIG_SIZE);
	assert_memory_equal(before, after, RIG_SIZE);
	sev_blob_free(&blob);
	free(before);
	free(after);
	rig_free(rig);
	rig_free(copy);
}

/* --- continues alike ----------------------------------------------------------------------- */

static void lead_a_life(struct rig *rig)
{
	struct psp_measurement out;
	uint8_t page[4096] = { 1, 2, 3 };
	uint32_t handle;

	rig_put(rig, RIG_GUEST + 4096, page, sizeof(page));
	assert_int_equal(rig_update(rig, 1, RIG_GUEST + 4096, sizeof(page)), PSP_SUCCESS);
	assert_int_equal(rig_measure(rig, 1, &out), PSP_SUCCESS);
	assert_int_equal(rig_launch_start(rig, 0, &handle), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, handle, 6), PSP_SUCCESS);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST + 8192, 64), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, 4), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, 4, 2), PSP_WBINVD_REQUIRED);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_LAUNCH_FINISH, 1), PSP_SUCCESS);
}

static void test_continues_alike(void **state)
{
	struct rig *rig = busy(), *copy = copy_of(rig);
	uint8_t *a = malloc(RIG_SIZE), *b = malloc(RIG_SIZE);
	struct sev_blob blob = save(rig);

	(void)state;
	assert_int_equal(psp_restore(copy->psp, blob.data, blob.size, NULL), 0);
	sev_blob_free(&blob);
	lead_a_life(rig);
	lead_a_life(copy);
	blob = save(rig);
	assert_is(copy, &blob);
	rig_get(rig, 0, SEVMEM_RAW, a, RIG_SIZE);
	rig_get(copy, 0, SEVMEM_RAW, b, RIG_SIZE);
	assert_memory_equal(a, b, RIG_SIZE);
	sev_blob_free(&blob);
	free(a);
	free(b);
	rig_free(rig);
	rig_free(copy);
}

/* --- another chip -------------------------------------------------------------------------- */

static void refused_by(struct rig *rig, const struct psp_config *config, const char *why)
{
	struct sev_blob blob = save(rig), before = { 0 }, after = { 0 };
	struct psp *psp = psp_new(config, NULL);
	struct sev_error err = { 0 };

	assert_non_null(psp);
	assert_int_equal(psp_save(psp, &before, NULL), 0);
	assert_int_equal(psp_restore(psp, blob.data, blob.size, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
	assert_int_equal(psp_save(psp, &after, NULL), 0);
	assert_same(&before, &after);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	sev_blob_free(&after);
	psp_free(psp);
}

static void test_other_configuration(void **state)
{
	struct rig *rig = busy();
	struct psp_config config = rig_config(rig);
	struct sevmem *memory = sevmem_new();

	(void)state;
	config.memory = memory; /* the chip that refuses must not touch the other's keys */
	config.max_asid++;
	refused_by(rig, &config, "ASIDs");
	config = rig_config(rig);
	config.memory = memory;
	config.min_sev_asid--;
	refused_by(rig, &config, "ASIDs");
	config.min_sev_asid++;
	config.cores++;
	refused_by(rig, &config, "cores");
	config.cores--;
	config.es_capable = false;
	refused_by(rig, &config, "SEV-ES");
	config.es_capable = true;
	config.api_major = 1;
	config.api_minor = 54;
	config.build = 21;
	refused_by(rig, &config, "firmware 1.55 build 21");
	config.api_minor = 55;
	config.seed = "rag";
	refused_by(rig, &config, "seed");
	config.seed = NULL;
	refused_by(rig, &config, "seed");
	config.seed = "rig"; /* all the same: only the TMR is not memory there */
	refused_by(rig, &config, "memory");
	sevmem_free(memory);
	rig_free(rig);
}

/* Not seeded: nothing of it can be computed again, so the bytes must hold all of it. */
static void test_unseeded(void **state)
{
	struct rig *rig = rig_memory(), *other = rig_memory();
	struct psp_config config = rig_config(rig);
	struct sev_blob blob;

	(void)state;
	config.seed = NULL;
	rig->psp = psp_new(&config, NULL);
	config.memory = other->memory;
	config.ctx = other;
	other->psp = psp_new(&config, NULL);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	blob = save(rig);
	assert_int_equal(psp_restore(other->psp, blob.data, blob.size, NULL), 0);
	assert_is(other, &blob);
	assert_memory_equal(
		&rig->psp->identity, &other->psp->identity, sizeof(struct psp_identity));
	((struct saved_head *)blob.data)->rng_position = 1;
	seal(&blob);
	refused(other, &blob);
	sev_blob_free(&blob);
	rig_free(rig);
	rig_free(other);
}

/* --- a state directory --------------------------------------------------------------------- */

static struct psp *chip_in(struct rig *rig, const char *dir)
{
	struct psp_config config = rig_config(rig);

	config.seed = NULL;
	config.state_dir = dir;
	return psp_new(&config, NULL);
}

static void remove_dir(const char *dir)
{
	static const char *const names[] = { "chip.state", "cek.cert", "ask_ark.cert" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(dir), 0);
}

static void test_state_directory(void **state)
{
	char dir[] = "/tmp/psp-save.XXXXXX";
	struct rig *rig = rig_memory();
	struct psp_identity first;
	struct sev_blob blob;

	(void)state;
	assert_non_null(mkdtemp(dir));
	rig->psp = chip_in(rig, dir);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	first = rig->psp->identity;
	blob = save(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	assert_memory_not_equal(&rig->psp->identity, &first, sizeof(first));
	assert_int_equal(psp_restore(rig->psp, blob.data, blob.size, NULL), 0);
	assert_memory_equal(&rig->psp->identity, &first, sizeof(first));
	psp_free(rig->psp);
	rig->psp = chip_in(rig, dir); /* what is on disk went back too */
	assert_memory_equal(&rig->psp->identity, &first, sizeof(first));

	sev_blob_free(&blob);
	rig_free(rig);
	remove_dir(dir);
}

static void test_state_directory_is_gone(void **state)
{
	char dir[] = "/tmp/psp-save.XXXXXX";
	struct rig *rig = rig_memory();
	struct sev_blob blob, before;

	(void)state;
	assert_non_null(mkdtemp(dir));
	rig->psp = chip_in(rig, dir);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	blob = save(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	before = save(rig);
	remove_dir(dir);
	refused(rig, &blob);
	assert_is(rig, &before);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	rig_free(rig);
}

static void test_state_directory_of_another(void **state)
{
	char dir[] = "/tmp/psp-save.XXXXXX";
	struct rig *rig = rig_memory(), *other = rig_memory();
	struct sev_blob blob, before;
	struct sev_error err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	rig->psp = chip_in(rig, dir);
	other->psp = chip_in(other, NULL);
	blob = save(other);
	before = save(rig);
	assert_int_equal(psp_restore(rig->psp, blob.data, blob.size, &err), -1);
	assert_non_null(strstr(err.text, dir));
	assert_is(rig, &before);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	rig_free(rig);
	rig_free(other);
	remove_dir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_platform_states),
		cmocka_unit_test(test_identities),
		cmocka_unit_test(test_guest_states),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_keys_in_memory),
		cmocka_unit_test(test_continues_alike),
		cmocka_unit_test(test_other_configuration),
		cmocka_unit_test(test_unseeded),
		cmocka_unit_test(test_state_directory),
		cmocka_unit_test(test_state_directory_is_gone),
		cmocka_unit_test(test_state_directory_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
