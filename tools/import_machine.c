/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory, processors and fw_cfg files of a machine, as far as the emulator would accept them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import.h"

#define MIB (1024u * 1024u)

static int no_memory(void *ctx, uint64_t gpa, void *buf, size_t size)
{
	(void)ctx, (void)gpa, (void)buf, (void)size;
	return -1;
}

static int no_memory_to_write(void *ctx, uint64_t gpa, const void *buf, size_t size)
{
	(void)ctx, (void)gpa, (void)buf, (void)size;
	return -1;
}

/* The machine without the contents of its files, put together by the code that the emulator has. */
static int check(struct import *im, const struct import_place *at)
{
	static const struct fw_cfg_config config = { NULL, no_memory, no_memory_to_write };
	const struct fw_cfg_options *options = &im->fw_cfg;
	struct fw_cfg_bytes files[FW_CFG_FILE_SLOTS];
	struct fw_cfg_machine machine = {
		.cpus = im->cpus ? (unsigned)im->cpus : 1,
		.ram = (im->memory ? im->memory : IMPORT_DEFAULT_RAM) << 20,
		.files = files,
		.file_count = options->file_count,
	};
	struct fw_cfg *fw = fw_cfg_new(&config);
	struct sev_error err;
	int ret = 0;

	for (unsigned i = 0; i < options->file_count; i++)
		files[i] = (struct fw_cfg_bytes) { options->files[i].name, NULL, 0 };
	if (!fw)
		return import_fail(im, NULL, "out of memory");
	if (fw_cfg_machine_fill(fw, &machine, &err))
		ret = import_fail(im, at, "%s", err.text);
	fw_cfg_free(fw);
	return ret;
}

int import_memory(
	struct import *im, const struct import_place *at, const char *what, uint64_t bytes)
{
	uint64_t mib = bytes / MIB + (bytes % MIB != 0);

	if (!mib)
		return import_fail(im, at, "%s: no memory; legal is 1 MiB or more", what);
	if (bytes % MIB)
		import_note(im, "%s: rounded up to %" PRIu64 " MiB", what, mib);
	if (mib > IMPORT_MAX_RAM) {
		import_note(im, "%s: a guest has at most %u MiB here", what, IMPORT_MAX_RAM);
		mib = IMPORT_MAX_RAM;
	}
	im->memory = mib;
	im->taken++;
	return check(im, at);
}

int import_cpus(struct import *im, const struct import_place *at, const char *what, uint64_t count)
{
	if (!count)
		return import_fail(im, at, "%s: no processor; legal is 1 or more", what);
	if (count > IMPORT_MAX_CPUS) {
		import_note(im,
			"%s: a guest has at most %u processors here; the launch digest of a SEV-ES "
			"guest depends on their number",
			what, IMPORT_MAX_CPUS);
		count = IMPORT_MAX_CPUS;
	}
	im->cpus = count;
	im->taken++;
	return check(im, at);
}

int import_fw_cfg_file(
	struct import *im, const struct import_place *at, const char *name, const char *path)
{
	char *parameter;
	int ret;

	if (asprintf(&parameter, "name=%s,path=%s", name, path) < 0)
		return import_fail(im, NULL, "out of memory");
	ret = import_fw_cfg(im, at, "file", parameter);
	free(parameter);
	return ret ? ret : check(im, at);
}
