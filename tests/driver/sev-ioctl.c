/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Drives /dev/sev.
 *
 *	sev-ioctl test         every ioctl, good and bad, on a platform that nobody owns; one
 *	                       line of TAP per check. It leaves new keys behind
 *	sev-ioctl status       what the platform says of itself, on one line
 *	sev-ioctl export FILE  writes PDH, PEK, OCA and CEK certificates, one after the other
 *	sev-ioctl COMMAND      pdh-gen, pek-gen, reset
 *
 * Exit status 0 all of it good, 1 not, 2 wrong use, or there is no /dev/sev.
 */
#include "tests/driver/sev-ioctl.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

static int open_device(struct device *dev)
{
	dev->rw = open("/dev/sev", O_RDWR | O_CLOEXEC);
	dev->ro = open("/dev/sev", O_RDONLY | O_CLOEXEC);
	if (dev->rw >= 0 && dev->ro >= 0)
		return 0;
	fprintf(stderr, "sev-ioctl: /dev/sev: %s\n", strerror(errno));
	return -1;
}

static int test(struct device *dev)
{
	check_platform_status(dev);
	check_calls(dev);
	check_ids(dev);
	check_export(dev);
	check_csr(dev);
	check_generate(dev);
	check_import(dev);
	check_reset(dev);
	return finish();
}

/* Issues a command; says on standard error what went wrong. */
static int issue(const struct device *dev, uint32_t command, void *data)
{
	struct sev_issue_cmd arguments = { command, (uintptr_t)data, 0 };

	if (ioctl(dev->rw, SEV_ISSUE_CMD, &arguments) == 0)
		return 0;
	fprintf(stderr, "sev-ioctl: command %u: %s, error 0x%x\n", command, strerror(errno),
		arguments.error);
	return 1;
}

static int show_status(const struct device *dev)
{
	struct sev_user_data_status status;

	if (issue(dev, SEV_PLATFORM_STATUS, &status))
		return 1;
	printf("API %u.%u build %u state %u flags 0x%x guests %u\n", status.api_major,
		status.api_minor, status.build, status.state, status.flags, status.guest_count);
	return 0;
}

static int export_to(const struct device *dev, const char *path)
{
	struct certificates certs;
	struct sev_user_data_pdh_cert_export cmd = { (uintptr_t)&certs.pdh, sizeof(certs.pdh),
		(uintptr_t)&certs.chain, sizeof(certs.chain) };
	FILE *file;
	int status = 0;

	if (issue(dev, SEV_PDH_CERT_EXPORT, &cmd))
		return 1;
	file = fopen(path, "wb");
	if (!file || fwrite(&certs, sizeof(certs), 1, file) != 1)
		status = 1;
	if (file && fclose(file))
		status = 1;
	if (status)
		fprintf(stderr, "sev-ioctl: %s: %s\n", path, strerror(errno));
	return status;
}

static int run(struct device *dev, int argc, char **argv)
{
	static const struct {
		const char *name;
		uint32_t command;
	} commands[] = {
		{ "pdh-gen", SEV_PDH_GEN },
		{ "pek-gen", SEV_PEK_GEN },
		{ "reset", SEV_FACTORY_RESET },
	};

	if (argc == 3 && !strcmp(argv[1], "export"))
		return export_to(dev, argv[2]);
	if (argc == 2 && !strcmp(argv[1], "test"))
		return test(dev);
	if (argc == 2 && !strcmp(argv[1], "status"))
		return show_status(dev);
	for (unsigned i = 0; argc == 2 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name))
			return issue(dev, commands[i].command, NULL);
	fprintf(stderr,
		"usage: sev-ioctl test | status | export FILE | pdh-gen | pek-gen | reset\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct device dev = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (open_device(&dev))
		return 2;
	return run(&dev, argc, argv);
}
