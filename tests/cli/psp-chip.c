/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One chip, driven from the command line:
 *
 *	psp-chip DIR status			prints owner, API and state
 *	psp-chip DIR export PDH CHAIN		PDH_CERT_EXPORT into two files
 *	psp-chip DIR pek-csr FILE
 *	psp-chip DIR pek-cert-import PEK OCA
 *	psp-chip DIR pek-gen | pdh-gen | platform-reset
 *	psp-chip DIR chain FILE			what the chip publishes: all six certificates
 *
 * DIR is the chip's state directory, and its seed: a chip is the same on every machine. Exit status
 * 0; 2 wrong use; 3 the firmware refused, with its status on standard error.
 */
#include "crypto/crypto.h"
#include "tests/psp_rig.h"

#define SECOND_CERT (RIG_CERT + 0x1000)

static int wrong_use(const char *text)
{
	fprintf(stderr, "psp-chip: %s\n", text);
	return 2;
}

/* Tells what came of a command: 0 or 3. */
static int outcome(struct rig *rig, uint32_t id, uint16_t status)
{
	const char *detail = psp_detail(rig->psp);

	if (status == PSP_SUCCESS)
		return 0;
	fprintf(stderr, "psp-chip: %s: status 0x%02x %s%s%s\n", psp_command_name(id), status,
		psp_status_name(status), *detail ? ": " : "", detail);
	return 3;
}

static int run(struct rig *rig, uint32_t id, void *buffer, size_t size)
{
	return outcome(
		rig, id, size ? rig_command(rig, id, buffer, size) : psp_command(rig->psp, id, 0));
}

static int save(const char *path, const void *data, size_t size)
{
	struct sev_error err;

	return sev_file_write(path, data, size, 0644, &err) ? wrong_use(err.text) : 0;
}

/* Puts a file into the rig's memory and tells its length; exits if it cannot be read. */
static uint32_t load(struct rig *rig, uint64_t spa, const char *path)
{
	struct sev_blob file = { 0 };
	struct sev_error err;
	uint32_t size;

	if (sev_file_read(path, SEVMEM_PAGE, &file, &err))
		exit(wrong_use(err.text));
	size = (uint32_t)file.size;
	rig_put(rig, spa, file.data, file.size);
	sev_blob_free(&file);
	return size;
}

/* --- commands -------------------------------------------------------------------------------- */

static int status(struct rig *rig, char **files)
{
	static const char *const states[] = { "UNINIT", "INIT", "WORKING" };
	struct psp_platform_status now = rig_status(rig);

	(void)files;
	printf("OWNER=%u API=%u.%u STATE=%s\n", now.owner & 1u, now.api_major, now.api_minor,
		now.state < 3 ? states[now.state] : "?");
	return 0;
}

static int export_certs(struct rig *rig, struct psp_cert *pdh, struct psp_cert_chain *chain)
{
	struct psp_pdh_cert_export cmd = {
		.pdh_paddr = RIG_BLOB,
		.pdh_length = sizeof(*pdh),
		.certs_paddr = RIG_CERT,
		.certs_length = sizeof(*chain),
	};
	int result = run(rig, PSP_CMD_PDH_CERT_EXPORT, &cmd, sizeof(cmd));

	rig_get(rig, RIG_BLOB, SEVMEM_RAW, pdh, sizeof(*pdh));
	rig_get(rig, RIG_CERT, SEVMEM_RAW, chain, sizeof(*chain));
	return result;
}

static int export(struct rig *rig, char **files)
{
	struct psp_cert pdh;
	struct psp_cert_chain chain;
	int result = export_certs(rig, &pdh, &chain);

	if (!result)
		result = save(files[0], &pdh, sizeof(pdh));
	return result ? result : save(files[1], &chain, sizeof(chain));
}

static int pek_csr(struct rig *rig, char **files)
{
	struct psp_pek_csr cmd = { .csr_paddr = RIG_CERT, .csr_length = sizeof(struct psp_cert) };
	struct psp_cert csr;
	int result = run(rig, PSP_CMD_PEK_CSR, &cmd, sizeof(cmd));

	rig_get(rig, RIG_CERT, SEVMEM_RAW, &csr, sizeof(csr));
	return result ? result : save(files[0], &csr, sizeof(csr));
}

static int pek_cert_import(struct rig *rig, char **files)
{
	struct psp_pek_cert_import cmd = { .pek_paddr = RIG_CERT, .oca_paddr = SECOND_CERT };

	cmd.pek_length = load(rig, RIG_CERT, files[0]);
	cmd.oca_length = load(rig, SECOND_CERT, files[1]);
	return run(rig, PSP_CMD_PEK_CERT_IMPORT, &cmd, sizeof(cmd));
}

static int pek_gen(struct rig *rig, char **files)
{
	(void)files;
	return run(rig, PSP_CMD_PEK_GEN, NULL, 0);
}

static int pdh_gen(struct rig *rig, char **files)
{
	(void)files;
	return run(rig, PSP_CMD_PDH_GEN, NULL, 0);
}

/* Legal before INIT alone. */
static int platform_reset(struct rig *rig, char **files)
{
	(void)files;
	if (psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0) != PSP_SUCCESS)
		return 3;
	return run(rig, PSP_CMD_PLATFORM_RESET, NULL, 0);
}

static int chain(struct rig *rig, char **files)
{
	struct sev_error err;

	return psp_write_chain(rig->psp, files[0], &err) ? wrong_use(err.text) : 0;
}

static const struct {
	const char *name;
	int files;
	int (*run)(struct rig *rig, char **files);
} commands[] = {
	{ "status", 0, status },
	{ "export", 2, export },
	{ "pek-csr", 1, pek_csr },
	{ "pek-cert-import", 2, pek_cert_import },
	{ "pek-gen", 0, pek_gen },
	{ "pdh-gen", 0, pdh_gen },
	{ "platform-reset", 0, platform_reset },
	{ "chain", 1, chain },
};

static int with_chip(const char *dir, int (*command)(struct rig *rig, char **files), char **files)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);
	struct psp_init init = { 0 };
	struct sev_error err;
	int result;

	config.state_dir = dir;
	config.seed = dir;
	config.seed_size = strlen(dir);
	rig->psp = psp_new(&config, &err);
	if (rig->psp) {
		result = run(rig, PSP_CMD_INIT, &init, sizeof(init));
		if (!result)
			result = command(rig, files);
	} else {
		result = wrong_use(err.text);
	}
	rig_free(rig);
	return result;
}

int main(int argc, char **argv)
{
	sev_crypto_init();
	for (size_t i = 0; argc >= 3 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(argv[2], commands[i].name) && argc == 3 + commands[i].files)
			return with_chip(argv[1], commands[i].run, argv + 3);
	}
	return wrong_use("usage: psp-chip DIR COMMAND [FILE...]");
}
