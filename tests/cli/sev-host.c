/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A host without an emulator, for scripts that test the guest owner's tool:
 *
 *	sev-host firmware FILE		writes an image that announces what OVMF AmdSev does
 *	sev-host export SEED FILE	writes PDH, PEK, OCA, CEK of the chip that SEED makes
 *	sev-host launch SEED KEY=VALUE...
 *
 * firmware, godh, session, kernel, initrd, report, header, payload and secret are files, policy a
 * number, cmdline text. With header and payload, which are base64, the secret is injected before
 * the guest would run, and secret receives what the guest sees of it. The same seed and arguments
 * make the same launch again, measurement included. Exit status 0, 2 wrong use, 3 launch refused.
 */
#include <stdio.h>

#include "monitor/sev_host.h"
#include "tests/unit/host.h"
#include "tests/unit/synthetic_ovmf.h"

#define MAX_FILE (64u << 20)

static int wrong_use(const char *text)
{
	fprintf(stderr, "sev-host: %s\n", text);
	return 2;
}

static const char *value_of(char **arguments, const char *key)
{
	size_t length = strlen(key);

	for (; *arguments; arguments++)
		if (!strncmp(*arguments, key, length) && (*arguments)[length] == '=')
			return *arguments + length + 1;
	return NULL;
}

/* Exits if the file is named but cannot be read; size 0 if it is not named. */
static struct sev_blob file_of(char **arguments, const char *key)
{
	const char *path = value_of(arguments, key);
	struct sev_blob blob = { 0 };
	struct sev_error err;

	if (path && sev_file_read(path, MAX_FILE, &blob, &err))
		exit(wrong_use(err.text));
	return blob;
}

static struct sev_blob base64_of(char **arguments, const char *key)
{
	struct sev_blob text = file_of(arguments, key), binary = { 0 };

	if (text.data && sev_unbase64((const char *)text.data, text.size, &binary))
		exit(wrong_use("not base64"));
	sev_blob_free(&text);
	return binary;
}

static int firmware(const char *path)
{
	struct synthetic_ovmf image;
	struct sev_error err;
	int result;

	synthetic_amdsev(&image, OVMF_ROM_UNIT);
	result = sev_file_write(path, image.bytes, image.size, 0644, &err);
	synthetic_free(&image);
	return result ? wrong_use(err.text) : 0;
}

static int export(const char *seed, const char *path)
{
	static const uint8_t none[OVMF_ROM_UNIT];
	struct {
		struct psp_cert pdh;
		struct psp_cert_chain chain;
	} out;
	struct host host;
	struct sev_error err;
	int status = 3;

	if (!host_start(&host, none, sizeof(none), seed, strlen(seed)))
		return wrong_use("out of memory");
	if (host_export(&host, &out.pdh, &out.chain) == PSP_SUCCESS)
		status = sev_file_write(path, &out, sizeof(out), 0644, &err) ? wrong_use(err.text)
									     : 0;
	host_stop(&host);
	return status;
}

static int inject(struct host *host, struct launch *launch, char **arguments, struct sev_error *err)
{
	struct sev_blob header = base64_of(arguments, "header");
	struct sev_blob payload = base64_of(arguments, "payload");
	struct sev_blob seen = { calloc(1, payload.size + 1), payload.size };
	const struct sev_host sev = {
		.mailbox = { host->psp, host->memory, HOST_WINDOW },
		.launch = launch,
	};
	const char *path = value_of(arguments, "secret");
	int result = 0;

	if (header.data)
		result = sev_host_inject(&sev, &header, &payload, NULL, err);
	if (!result && header.data && path) {
		sevmem_peek(host->memory, launch->secrets.base, HOST_ASID, seen.data, seen.size);
		result = sev_file_write(path, seen.data, seen.size, 0600, err);
	}
	sev_blob_free(&header);
	sev_blob_free(&payload);
	sev_blob_free(&seen);
	return result;
}

static int run(struct host *host, char **arguments, struct sev_error *err)
{
	struct launch launch;
	int result = launch_run(&launch, &host->config, value_of(arguments, "report"), true, err);

	if (!result)
		result = inject(host, &launch, arguments, err);
	if (!result)
		result = launch_finish(&launch, err);
	launch_stop(&launch);
	return result;
}

static int launch_guest(const char *seed, char **arguments)
{
	struct sev_blob image = file_of(arguments, "firmware");
	struct sev_blob kernel = file_of(arguments, "kernel");
	struct sev_blob initrd = file_of(arguments, "initrd");
	struct sev_blob godh = base64_of(arguments, "godh");
	struct sev_blob session = base64_of(arguments, "session");
	const char *policy = value_of(arguments, "policy");
	struct sev_error err;
	struct host host;
	int result;

	if (!image.size || !host_start(&host, image.data, image.size, seed, strlen(seed)))
		return wrong_use("firmware: not usable");
	host.config.policy = policy ? (uint32_t)strtoul(policy, NULL, 0) : 1;
	host.config.dh_cert = godh.data ? &godh : NULL;
	host.config.session = session.data ? &session : NULL;
	host.config.kernel_hashes = kernel.data != NULL;
	host.config.kernel = &kernel;
	host.config.initrd = &initrd;
	host.config.cmdline = value_of(arguments, "cmdline");
	result = run(&host, arguments, &err);
	if (result)
		fprintf(stderr, "sev-host: %s\n", err.text);
	host_stop(&host);
	sev_blob_free(&image);
	sev_blob_free(&kernel);
	sev_blob_free(&initrd);
	sev_blob_free(&godh);
	sev_blob_free(&session);
	return result ? 3 : 0;
}

int main(int argc, char **argv)
{
	sev_crypto_init();
	if (argc == 3 && !strcmp(argv[1], "firmware"))
		return firmware(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "export"))
		return export(argv[2], argv[3]);
	if (argc >= 3 && !strcmp(argv[1], "launch"))
		return launch_guest(argv[2], argv + 3);
	return wrong_use(
		"usage: sev-host firmware FILE | export SEED FILE | launch SEED KEY=VALUE...");
}
