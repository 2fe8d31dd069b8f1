/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates as files: beside the state, and the whole chain. */
#include "tests/unit/psp_export.h"

#include <sys/stat.h>
#include <unistd.h>

#include "iodev/psp/root.h"

/* PDH, PEK, OCA, CEK, ASK, ARK. */
struct chain_file {
	struct psp_cert pdh;
	struct psp_cert_chain chain;
	struct psp_root_certs root;
} PSP_PACKED;

static int make_directory(void **state)
{
	char template[] = "/tmp/test_psp_publish.XXXXXX";

	*state = strdup(mkdtemp(template));
	return chdir(*state);
}

static int remove_directory(void **state)
{
	remove("chip/chip.state");
	remove("chip/cek.cert");
	remove("chip/ask_ark.cert");
	rmdir("chip");
	remove("chain");
	if (chdir("/") != 0 || rmdir(*state) != 0)
		return -1; /* something else was left there */
	free(*state);
	return 0;
}

static struct rig *rig_with(const char *seed, const char *dir, const char *chain)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);

	config.seed = seed;
	config.seed_size = seed ? strlen(seed) : 0;
	config.state_dir = dir;
	config.chain_file = chain;
	rig->psp = psp_new(&config, NULL);
	assert_non_null(rig->psp);
	return rig;
}

static void read_exactly(const char *path, void *out, size_t size)
{
	struct sev_blob blob;
	struct sev_error err;

	if (sev_file_read(path, size, &blob, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(blob.size, size);
	memcpy(out, blob.data, size);
	sev_blob_free(&blob);
}

static void assert_verifies(const struct psp_cert *pdh, const struct psp_cert_chain *chain,
	const struct psp_root_certs *root)
{
	struct psp_amd_key ask, ark;
	struct sev_error err = { "" };

	if (psp_amd_cert_parse(root->ask, sizeof(root->ask), false, &ask, &err) != 0 ||
		psp_amd_cert_parse(root->ark, sizeof(root->ark), false, &ark, &err) != 0 ||
		psp_chain_verify(pdh, chain, &ask, &ark, &err) != 0)
		fail_msg("%s", err.text);
	assert_true(psp_root_is(&ark));
}

/* --- beside the state ---------------------------------------------------------------------- */

/* PDH_CERT_EXPORT and the two files make a whole chain, as on real machines. */
static void test_files(void **state)
{
	struct rig *rig = rig_with(NULL, "chip", NULL);
	struct export certs;
	struct psp_root_certs root;
	struct psp_cert cek;
	struct stat st;

	(void)state;
	read_exactly("chip/cek.cert", &cek, sizeof(cek)); /* there before the first INIT */
	read_exactly("chip/ask_ark.cert", &root, sizeof(root));
	assert_int_equal(stat("chip/cek.cert", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_memory_equal(&root, psp_root(), sizeof(root));
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	certs = export_certs(rig);
	assert_memory_equal(&cek, &certs.chain.cek, PSP_CERT_SIGNED);
	assert_int_equal(certs.chain.cek.sig[0].usage, PSP_USAGE_NONE);
	certs.chain.cek = cek;
	assert_verifies(&certs.pdh, &certs.chain, &root);
	rig_free(rig);
}

static ino_t inode(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

/* Made again where they are missing or wrong, and otherwise left alone. */
static void test_repair(void **state)
{
	struct psp_cert cek, now;
	struct psp_root_certs root;
	ino_t first, first_root;

	(void)state;
	rig_free(rig_with("one", "chip", NULL));
	read_exactly("chip/cek.cert", &cek, sizeof(cek));
	first = inode("chip/cek.cert");
	first_root = inode("chip/ask_ark.cert");
	rig_free(rig_with("one", "chip", NULL));
	assert_int_equal(inode("chip/cek.cert"), first);
	assert_int_equal(inode("chip/ask_ark.cert"), first_root);

	assert_int_equal(unlink("chip/cek.cert"), 0);
	assert_int_equal(truncate("chip/ask_ark.cert", 100), 0);
	rig_free(rig_with("one", "chip", NULL));
	read_exactly("chip/cek.cert", &now, sizeof(now));
	assert_memory_equal(&cek, &now, sizeof(cek));
	read_exactly("chip/ask_ark.cert", &root, sizeof(root));
	assert_memory_equal(&root, psp_root(), sizeof(root));

	/* Another chip in the same place. */
	assert_int_equal(unlink("chip/chip.state"), 0);
	rig_free(rig_with("two", "chip", NULL));
	read_exactly("chip/cek.cert", &now, sizeof(now));
	assert_memory_not_equal(&cek.pubkey, &now.pubkey, sizeof(cek.pubkey));
}

static void test_unwritable_files(void **state)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);
	struct sev_error err;

	(void)state;
	config.state_dir = "chip";
	assert_int_equal(mkdir("chip", 0700), 0);
	assert_int_equal(mkdir("chip/cek.cert", 0700), 0);
	assert_null(psp_new(&config, &err));
	assert_string_equal(err.text, "psp: state=chip/cek.cert: cannot write: Is a directory");
	assert_int_equal(rmdir("chip/cek.cert"), 0);
	rig->psp = psp_new(&config, NULL);
	assert_non_null(rig->psp);
	rig_free(rig);
}

/* --- the whole chain ----------------------------------------------------------------------- */

static void test_write_chain(void **state)
{
	struct rig *rig = rig_with("rig", NULL, NULL);
	struct chain_file file;
	struct export certs;
	struct sev_error err;

	(void)state;
	assert_int_equal(psp_write_chain(rig->psp, "chain", &err), -1);
	assert_string_equal(err.text, "chain: cannot write: the platform has no certificates yet");
	assert_int_not_equal(access("chain", F_OK), 0);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	assert_int_equal(psp_write_chain(rig->psp, "chain", NULL), 0);
	assert_int_equal(sizeof(file), 4 * 0x824 + 2 * 0x640);
	read_exactly("chain", &file, sizeof(file));
	assert_verifies(&file.pdh, &file.chain, &file.root);
	certs = export_certs(rig);
	assert_memory_equal(&file.pdh, &certs.pdh, sizeof(certs.pdh));
	assert_memory_equal(&file.chain.pek, &certs.chain.pek, sizeof(certs.pdh));
	assert_memory_equal(&file.chain.oca, &certs.chain.oca, sizeof(certs.pdh));
	assert_memory_equal(&file.chain.cek, &certs.chain.cek, PSP_CERT_SIGNED);
	assert_int_equal(psp_write_chain(rig->psp, "no/such", &err), -1);
	assert_string_equal(err.text, "no/such: cannot write: No such file or directory");
	rig_free(rig);
}

static void assert_current(struct rig *rig)
{
	struct export certs = export_certs(rig);
	struct chain_file file;

	read_exactly("chain", &file, sizeof(file));
	assert_memory_equal(&file.pdh, &certs.pdh, sizeof(certs.pdh));
	assert_memory_equal(&file.chain.oca, &certs.chain.oca, sizeof(certs.pdh));
	assert_verifies(&file.pdh, &file.chain, &file.root);
}

static void test_chain_follows(void **state)
{
	struct rig *rig = rig_with("rig", NULL, "chain");

	(void)state;
	assert_int_not_equal(access("chain", F_OK), 0);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	assert_current(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	assert_current(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PEK_GEN, 0), PSP_SUCCESS);
	assert_current(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PLATFORM_RESET, 0), PSP_SUCCESS);
	assert_int_equal(unlink("chain"), 0);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	assert_current(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	memset(rig->bytes + RIG_NV, 0xff, PSP_NV_SIZE);
	assert_int_equal(rig_init_ex(rig, false), PSP_SUCCESS);
	assert_current(rig);
	rig_free(rig);
}

/* The host's command is none the worse for it, but it is said. */
static void test_chain_cannot_follow(void **state)
{
	struct rig *rig = rig_with("rig", NULL, "chain");

	(void)state;
	assert_int_equal(mkdir("chain", 0700), 0);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	assert_string_equal(psp_detail(rig->psp), "psp: chain=chain: cannot write: Is a directory");
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	assert_string_equal(psp_detail(rig->psp), "psp: chain=chain: cannot write: Is a directory");
	assert_int_equal(rmdir("chain"), 0);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	assert_string_equal(psp_detail(rig->psp), "");
	assert_current(rig);
	rig_free(rig);
}

/* A wrong name is found before anything starts. */
static void test_chain_option(void **state)
{
	static const struct {
		const char *path, *text;
	} wrong[] = {
		{ "no/such",
			"psp: chain=no/such: cannot be written: No such file or directory; legal "
			"is a file that can be made" },
		{ "/dev/null/x",
			"psp: chain=/dev/null/x: cannot be written: Not a directory; legal is a "
			"file that can be made" },
		{ ".", "psp: chain=.: not a regular file; legal is the name of a file" },
		{ "fifo", "psp: chain=fifo: not a regular file; legal is the name of a file" },
	};
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);
	struct sev_error err;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		config.chain_file = wrong[i].path;
		assert_null(psp_new(&config, &err));
		assert_string_equal(err.text, wrong[i].text);
	}
	assert_int_equal(unlink("fifo"), 0);
	rig_free(rig);
}

#define in_directory(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_directory(test_files),
		in_directory(test_repair),
		in_directory(test_unwritable_files),
		in_directory(test_write_chain),
		in_directory(test_chain_follows),
		in_directory(test_chain_cannot_follow),
		in_directory(test_chain_option),
	};

	return cmocka_run_group_tests_name("psp publish", tests, NULL, NULL);
}
