/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The chip's identity over time: seed and state directory. */
#include "tests/unit/psp_export.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"

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
	remove("chip/cek.cert");
	remove("chip/ask_ark.cert");
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
#define NOT_STATE "psp: state=chip/chip.state: not the state of an emulated PSP; " HELP

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
			refuse_state("chip",
				"psp: state=chip/chip.state: state of version 18, this program "
				"reads versions 1 to 2");
		else
			refuse_state("chip",
				"psp: state=chip/chip.state: damaged: the checksum does not "
				"match; " HELP);
		assert_int_equal(sev_file_read(path, 1 << 20, &now, NULL), 0);
		assert_int_equal(now.size, good.size);
		assert_memory_equal(now.data, good.data, good.size);
		sev_blob_free(&now);
		good.data[i] ^= 0x10;
	}
	sev_file_write(path, good.data, good.size - 1, 0600, NULL);
	refuse_state(
		"chip", "psp: state=chip/chip.state: damaged: 6487 bytes instead of 6488; " HELP);
	sev_file_write(path, "", 0, 0600, NULL);
	refuse_state("chip", NOT_STATE);
	sev_file_write(path, good.data, good.size, 0600, NULL);
	run_once(NULL, "chip");
	sev_blob_free(&good);
}

/* A state file with its checksum made right again. */
static void write_state(struct sev_blob *blob)
{
	const struct sev_part part = { blob->data, blob->size - SEV_SHA256 };

	sev_sha256(&part, 1, blob->data + part.size);
	assert_int_equal(sev_file_write("chip/chip.state", blob->data, blob->size, 0600, NULL), 0);
}

/* A file of version 1 is one of version 2 in which nobody owns the platform from outside. */
static void test_old_state(void **state)
{
	struct run before = run_once(NULL, "chip"), after;
	struct sev_blob blob;
	struct rig *rig;

	(void)state;
	assert_int_equal(sev_file_read("chip/chip.state", 1 << 20, &blob, NULL), 0);
	assert_int_equal(sev_le32(blob.data + 16), 2);
	sev_put32(blob.data + 16, 1);
	write_state(&blob);
	after = run_once(NULL, "chip");
	assert_memory_equal(&before.certs, &after.certs, sizeof(before.certs));
	/* Reading it does not change it; the next change makes it one of version 2. */
	sev_blob_free(&blob);
	assert_int_equal(sev_file_read("chip/chip.state", 1 << 20, &blob, NULL), 0);
	assert_int_equal(sev_le32(blob.data + 16), 1);
	sev_blob_free(&blob);
	rig = rig_seeded(NULL, "chip");
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	rig_free(rig);
	assert_int_equal(sev_file_read("chip/chip.state", 1 << 20, &blob, NULL), 0);
	assert_int_equal(sev_le32(blob.data + 16), 2);
	sev_blob_free(&blob);
}

/* What a checksum does not notice. */
static void test_impossible_state(void **state)
{
	struct sev_blob blob;

	(void)state;
	run_once(NULL, "chip");
	assert_int_equal(sev_file_read("chip/chip.state", 1 << 20, &blob, NULL), 0);
	sev_put32(blob.data + 16, 0);
	write_state(&blob);
	refuse_state("chip",
		"psp: state=chip/chip.state: state of version 0, this program reads versions 1 to "
		"2");
	sev_put32(blob.data + 16, 2);
	sev_put32(blob.data + 20, 5);
	write_state(&blob);
	refuse_state("chip",
		"psp: state=chip/chip.state: damaged: it has flags that this program does not "
		"know; " HELP);
	sev_put32(blob.data + 20, 1);
	memset(blob.data + 60 + SEV_P384, 0, SEV_P384); /* the PEK's scalar */
	write_state(&blob);
	refuse_state("chip",
		"psp: state=chip/chip.state: damaged: a private key is out of range; " HELP);
	sev_blob_free(&blob);
}

/* Where a link leads may come back tomorrow; a chip made in its place would be another. */
static void test_linked_state(void **state)
{
	static const char refusal[] = "psp: state=chip/chip.state: a symbolic link; legal is the "
				      "file itself, or a link in place of the directory";

	(void)state;
	assert_int_equal(mkdir("chip", 0700), 0);
	assert_int_equal(symlink("away", "chip/chip.state"), 0);
	refuse_state("chip", refusal);
	assert_int_equal(symlink("chip", "way"), 0);
	assert_int_equal(unlink("chip/chip.state"), 0);
	run_once(NULL, "way");
	assert_int_equal(rename("chip/chip.state", "chip/away"), 0);
	assert_int_equal(symlink("away", "chip/chip.state"), 0);
	refuse_state("chip", refusal);
	assert_int_equal(unlink("chip/away"), 0);
	assert_int_equal(unlink("way"), 0);
}

/* What killed writers left is removed, what anybody else called similarly is not. */
static void test_leftovers(void **state)
{
	static const char *const left[] = { "chip/chip.state.abcdef.bochs-sev-new",
		"chip/cek.cert.Zz09xY.bochs-sev-new" };
	static const char *const others[] = { "chip/chip.state.backup", "chip/chip.state.old",
		"chip/.bochs-sev-new", "chip/chip.state.bochs-sev-new.txt" };
	struct rig *rig;

	(void)state;
	run_once(NULL, "chip");
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(sev_file_write(left[i], "x", 1, 0600, NULL), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(sev_file_write(others[i], "x", 1, 0600, NULL), 0);
	rig = rig_seeded(NULL, "chip");
	for (size_t i = 0; i < 2; i++)
		assert_int_not_equal(access(left[i], F_OK), 0);
	/* A chip that is refused does not clear away what the other is just writing. */
	assert_int_equal(sev_file_write(left[0], "x", 1, 0600, NULL), 0);
	refuse_state("chip", "psp: state=chip: another running emulator has this chip; legal is a "
			     "directory that none uses");
	assert_int_equal(unlink(left[0]), 0);
	rig_free(rig);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(unlink(others[i]), 0);
}

static void test_state_directory(void **state)
{
	(void)state;
	refuse_state("no/such",
		"psp: state=no/such: cannot make the directory: No such file or directory");
	assert_int_equal(sev_file_write("chip", "", 0, 0600, NULL), 0);
	refuse_state("chip", "psp: state=chip: cannot open the directory: Not a directory");
	assert_int_equal(unlink("chip"), 0);
	assert_int_equal(mkdir("chip", 0700), 0);
}

#define IN_USE                                                                 \
	"psp: state=chip: another running emulator has this chip; legal is a " \
	"directory that none uses"

/* From the chip's first moment to its last, whatever it is doing. */
static void test_state_in_use(void **state)
{
	struct rig *rig = rig_memory(), *other;
	struct psp_config config = rig_config(rig);

	(void)state;
	config.state_dir = "chip";
	rig->psp = psp_new(&config, NULL);
	assert_non_null(rig->psp);
	refuse_state("chip", IN_USE);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	refuse_state("chip", IN_USE);
	other = rig_seeded("seed", "another");
	rig_free(other);
	rig_free(rig);
	rig_free(rig_seeded("seed", "chip"));
	assert_int_equal(unlink("another/chip.state"), 0);
	assert_int_equal(unlink("another/cek.cert"), 0);
	assert_int_equal(unlink("another/ask_ark.cert"), 0);
	assert_int_equal(rmdir("another"), 0);
}

/* Whether the child has become another program. */
static bool sleeps(pid_t child)
{
	char path[64];
	FILE *file;
	char name[16] = "";

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)child);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = 0;
	fclose(file);
	return !strcmp(name, "sleep\n");
}

/* A chip that was refused holds nothing back, and a program that is started inherits nothing. */
static void test_state_is_released(void **state)
{
	struct rig *rig = rig_seeded("seed", "chip");
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		execl("/bin/sleep", "sleep", "60", (char *)NULL);
		_exit(1);
	}
	rig_free(rig);
	assert_int_equal(sev_file_write("chip/chip.state", "", 0, 0600, NULL), 0);
	for (int tries = 0; tries < 100 && !sleeps(child); tries++)
		usleep(20000);
	refuse_state("chip", NOT_STATE);
	refuse_state("chip", NOT_STATE);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
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
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PEK_GEN, 0), PSP_HWERROR_PLATFORM);
	after = export_certs(rig);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PLATFORM_RESET, 0), PSP_HWERROR_PLATFORM);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	after = export_certs(rig);
	assert_memory_equal(&before, &after, sizeof(before));
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
		cmocka_unit_test(test_seed),
		in_directory(test_persistence),
		in_directory(test_persistent_id),
		in_directory(test_persistent_pdh),
		in_directory(test_damaged_state),
		in_directory(test_old_state),
		in_directory(test_impossible_state),
		in_directory(test_linked_state),
		in_directory(test_leftovers),
		in_directory(test_state_directory),
		in_directory(test_state_in_use),
		in_directory(test_state_is_released),
		in_directory(test_unwritable_state),
	};

	return cmocka_run_group_tests_name("psp identity", tests, NULL, NULL);
}
