/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A chip in a state directory that is killed while its identity changes, for psp-kill.sh:
 *
 *	psp-kill work DIR TWIN LOG SEED	changes the identity of the chip in DIR until killed
 *	psp-kill check DIR LOG		whether the chip comes up as it was announced in LOG
 *	psp-kill stop N PROGRAM ...	runs a program and kills it at the Nth time that it enters
 *					or leaves a system call
 *
 * A seeded chip is foreseeable: a second one, in TWIN, makes each change first, and the SHA-256 of
 * the state that it arrives at is a line in LOG before the chip in DIR begins. So at any time DIR
 * holds the last state in LOG or the one before. "none" stands for no state.
 *
 * Exit status 0; 1 the chip is not as it should be; 2 wrong use; 77 programs cannot be traced here.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "iodev/psp/cert.h"
#include "tests/psp_rig.h"
#include "tests/psp_test.h"

#define NONE "none"

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("psp-kill: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static char *in(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		abort();
	return path;
}

/* A name for what is in the state file. */
struct digest {
	char text[2 * SEV_SHA256 + 1];
};

static struct digest digest_of(const char *dir)
{
	struct digest digest = { NONE };
	char *path = in(dir, "chip.state");
	uint8_t hash[SEV_SHA256];
	struct sev_blob blob;
	struct sev_error err;

	if (access(path, F_OK) == 0) {
		if (sev_file_read(path, 1 << 20, &blob, &err) != 0)
			fail("%s", err.text);
		sev_sha256(&(struct sev_part) { blob.data, blob.size }, 1, hash);
		sev_hex(hash, sizeof(hash), digest.text);
		sev_blob_free(&blob);
	}
	free(path);
	return digest;
}

static struct rig *open_chip(const char *dir)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);
	struct sev_error err;

	config.state_dir = dir;
	rig->psp = psp_new(&config, &err);
	if (!rig->psp)
		fail("%s", err.text);
	return rig;
}

/* --- work ---------------------------------------------------------------------------------- */

enum change { INIT, RESET, PDH_GEN, PEK_GEN, IMPORT, CHANGES };

static uint16_t import(struct rig *rig)
{
	static const uint8_t scalar[SEV_P384] = { [SEV_P384 - 1] = 99 };
	struct psp_cert certs[2] = { rig_csr(rig) };
	struct psp_pek_cert_import cmd = {
		.pek_paddr = RIG_CERT,
		.pek_length = sizeof(certs[0]),
		.oca_paddr = RIG_CERT + sizeof(certs[0]),
		.oca_length = sizeof(certs[1]),
	};
	struct sev_p384_key key;

	if (sev_p384_from_scalar(scalar, &key) != 0)
		abort();
	psp_cert_make(&certs[1], PSP_USAGE_OCA, 0, 0, &key.pub);
	psp_cert_sign(&certs[1], 0, PSP_USAGE_OCA, &key);
	psp_cert_sign(&certs[0], 0, PSP_USAGE_OCA, &key);
	rig_put(rig, RIG_CERT, certs, sizeof(certs));
	return rig_command(rig, PSP_CMD_PEK_CERT_IMPORT, &cmd, sizeof(cmd));
}

static uint16_t make_change(struct rig *rig, enum change change)
{
	switch (change) {
	case INIT:
		return rig_init(rig, false);
	case RESET:
		psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0);
		return psp_command(rig->psp, PSP_CMD_PLATFORM_RESET, 0);
	case PDH_GEN:
		return psp_command(rig->psp, PSP_CMD_PDH_GEN, 0);
	case PEK_GEN:
		return psp_command(rig->psp, PSP_CMD_PEK_GEN, 0);
	default:
		return import(rig);
	}
}

static enum change choose(struct rig *rig, struct sev_rng *rng)
{
	struct psp_platform_status status = rig_status(rig);
	uint8_t byte;

	if (status.state == PSP_PLATFORM_UNINIT)
		return INIT;
	sev_rng_bytes(rng, &byte, 1);
	if (status.owner)
		return byte % 2 ? PDH_GEN : byte % 4 ? PEK_GEN : RESET;
	return RESET + byte % (CHANGES - RESET);
}

/* One write, so that a kill leaves the line whole or not there. */
static void announce(int log, const struct digest *digest)
{
	char line[sizeof(digest->text) + 1];
	int size = snprintf(line, sizeof(line), "%s\n", digest->text);

	if (write(log, line, (size_t)size) != size)
		fail("cannot write the log");
}

static void copy_state(const char *from_dir, const char *to_dir)
{
	char *from = in(from_dir, "chip.state"), *to = in(to_dir, "chip.state");
	struct sev_blob blob;
	struct sev_error err;

	unlink(to);
	if (access(from, F_OK) == 0) {
		if (sev_file_read(from, 1 << 20, &blob, &err) != 0 ||
			sev_file_write(to, blob.data, blob.size, 0600, &err) != 0)
			fail("%s", err.text);
		sev_blob_free(&blob);
	}
	free(from);
	free(to);
}

static int work(const char *dir, const char *twin_dir, const char *log_file, const char *seed)
{
	int log = open(log_file, O_WRONLY | O_APPEND | O_CLOEXEC);
	struct sev_rng *rng = sev_rng_new(seed, strlen(seed), "changes");
	struct digest now;
	struct rig *twin, *rig;

	if (log < 0)
		fail("%s: cannot open", log_file);
	copy_state(dir, twin_dir);
	twin = open_chip(twin_dir);
	now = digest_of(twin_dir);
	announce(log, &now);
	rig = open_chip(dir);
	for (;;) {
		enum change change = choose(twin, rng);

		if (make_change(twin, change) != PSP_SUCCESS)
			fail("change %d failed: %s", change, psp_detail(twin->psp));
		now = digest_of(twin_dir);
		announce(log, &now);
		if (make_change(rig, change) != PSP_SUCCESS)
			fail("change %d failed: %s", change, psp_detail(rig->psp));
		if (memcmp(now.text, digest_of(dir).text, sizeof(now.text)) != 0)
			fail("change %d made another state than was announced", change);
	}
}

/* --- check --------------------------------------------------------------------------------- */

/* The last two lines of the log, in this order; the first alone stands for both. */
static void read_log(const char *path, struct digest last[2])
{
	FILE *file = fopen(path, "r");
	char line[sizeof(last[0].text) + 1];
	bool any = false;

	if (!file)
		fail("%s: cannot open", path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		last[0] = last[1];
		memcpy(last[1].text, line, sizeof(last[1].text));
		if (!any)
			last[0] = last[1];
		any = true;
	}
	fclose(file);
	if (!any)
		fail("%s: empty", path);
}

static unsigned leftovers(const char *dir)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;
	unsigned count = 0;

	while (stream && (entry = readdir(stream)))
		count += strstr(entry->d_name, ".bochs-sev-new") != NULL;
	if (stream)
		closedir(stream);
	return count;
}

static void load_file(const char *dir, const char *name, void *out, size_t size)
{
	char *path = in(dir, name);
	struct sev_blob blob;
	struct sev_error err;

	if (sev_file_read(path, size, &blob, &err) != 0)
		fail("%s", err.text);
	if (blob.size != size)
		fail("%s: %zu bytes", path, blob.size);
	memcpy(out, blob.data, size);
	sev_blob_free(&blob);
	free(path);
}

static void check_key(const struct psp_cert *cert, uint32_t usage, const struct sev_p384_key *key)
{
	struct sev_p384_public pub;
	struct sev_error err;

	if (psp_cert_check(cert, usage, &pub, &err) != 0)
		fail("%s", err.text);
	if (memcmp(&pub, &key->pub, sizeof(pub)) != 0)
		fail("the %s certificate is not that of the key", psp_usage_name(usage));
}

/* Complete: every key has its certificate, and all of them make a chain to the root. */
static void check_chip(const char *dir, const struct psp_identity *identity)
{
	struct psp_cert_chain chain = { identity->pek_cert, identity->oca_cert,
		identity->cek_cert };
	struct {
		uint8_t ask[PSP_AMD_CERT_MAX], ark[PSP_AMD_CERT_MAX];
	} root;
	struct psp_amd_key ask, ark;
	struct sev_error err;

	check_key(&identity->pdh_cert, PSP_USAGE_PDH, &identity->pdh);
	check_key(&identity->pek_cert, PSP_USAGE_PEK, &identity->pek);
	if (!identity->owned)
		check_key(&identity->oca_cert, PSP_USAGE_OCA, &identity->oca);
	load_file(dir, "cek.cert", &chain.cek, sizeof(chain.cek));
	check_key(&chain.cek, PSP_USAGE_CEK, &identity->cek);
	load_file(dir, "ask_ark.cert", &root, sizeof(root));
	if (psp_amd_cert_parse(root.ask, sizeof(root.ask), false, &ask, &err) != 0 ||
		psp_amd_cert_parse(root.ark, sizeof(root.ark), false, &ark, &err) != 0 ||
		psp_chain_verify(&identity->pdh_cert, &chain, &ask, &ark, &err) != 0)
		fail("%s", err.text);
}

/* Prints the state that the chip has now, and for the curious how it was found. */
static int check(const char *dir, const char *log_file)
{
	struct digest found = digest_of(dir), last[2];
	unsigned left = leftovers(dir);
	struct rig *rig;

	read_log(log_file, last);
	if (strcmp(found.text, last[0].text) != 0 && strcmp(found.text, last[1].text) != 0)
		fail("the state is %s, announced were %s and then %s", found.text, last[0].text,
			last[1].text);
	rig = open_chip(dir);
	if (leftovers(dir))
		fail("what the killed writer left was not removed");
	if (rig_init(rig, false) != PSP_SUCCESS)
		fail("INIT: %s", psp_detail(rig->psp));
	check_chip(dir, &rig->psp->identity);
	rig_free(rig);
	printf("%s %s %s\n", digest_of(dir).text,
		strcmp(found.text, last[1].text) == 0 ? "new" : "old", left ? "left" : "clean");
	return 0;
}

/* --- stop ---------------------------------------------------------------------------------- */

static pid_t start_traced(char **program)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(77);
		execv(program[0], program);
		_exit(2);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		fail("cannot start %s", program[0]);
	if (WIFEXITED(status))
		exit(WEXITSTATUS(status));
	return child; /* stopped, its first instruction is the next */
}

static int stop(unsigned long count, char **program)
{
	pid_t child = start_traced(program);
	int status = 0;

	for (; count > 0; count--) {
		if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) != 0 ||
			waitpid(child, &status, 0) != child)
			fail("%s: cannot be traced on", program[0]);
		if (!WIFSTOPPED(status))
			fail("%s ended by itself", program[0]);
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return 0;
}

int main(int argc, char **argv)
{
	sev_crypto_init();
	if (argc == 6 && strcmp(argv[1], "work") == 0)
		return work(argv[2], argv[3], argv[4], argv[5]);
	if (argc == 4 && strcmp(argv[1], "check") == 0)
		return check(argv[2], argv[3]);
	if (argc >= 4 && strcmp(argv[1], "stop") == 0)
		return stop(strtoul(argv[2], NULL, 10), argv + 3);
	fputs("usage: psp-kill work DIR TWIN LOG SEED | check DIR LOG | stop N PROGRAM ...\n",
		stderr);
	return 2;
}
