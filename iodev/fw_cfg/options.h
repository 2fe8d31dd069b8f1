/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The `fw_cfg:` directive: kernel=FILE, initrd=FILE, append=TEXT or append_file=FILE,
 * file="name=NAME,path=FILE", bootorder=PATH, tamper=kernel|initrd|cmdline. A later value replaces
 * an earlier one, but for the last three: they add up.
 */
#ifndef SEV_FW_CFG_OPTIONS_H
#define SEV_FW_CFG_OPTIONS_H

#include "base/base.h"
#include "iodev/fw_cfg/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fw_cfg_file_option {
	char *name, *path;
};

/* All zero: nothing said. Strings are malloc'ed. */
struct fw_cfg_options {
	char *kernel, *initrd, *append, *append_file;
	char *bootorder; /* lines */
	unsigned tamper; /* enum fw_cfg_tamper */
	struct fw_cfg_file_option files[FW_CFG_FILE_SLOTS];
	unsigned file_count;
};

/* One property. Returns 0, or -1 with err set and nothing changed. */
int fw_cfg_options_set(
	struct fw_cfg_options *options, const char *parameter, struct sev_error *err);
void fw_cfg_options_free(struct fw_cfg_options *options);

/* What the options name, read from disk; each file once. */
struct fw_cfg_input {
	struct sev_blob kernel, initrd, cmdline;
	struct sev_blob files[FW_CFG_FILE_SLOTS];
	struct fw_cfg_bytes named[FW_CFG_FILE_SLOTS]; /* the files as the machine wants them */
};

/*
 * Reads the files and completes machine: blobs, files, bootorder, tamper point into options and
 * input, which must outlive it. Returns 0, or -1 with err set and input empty: a file that cannot
 * be read, append with append_file, a command line of several lines.
 */
int fw_cfg_input_load(const struct fw_cfg_options *options, struct fw_cfg_input *input,
	struct fw_cfg_machine *machine, struct sev_error *err);
void fw_cfg_input_free(struct fw_cfg_input *input);

#ifdef __cplusplus
}
#endif
#endif
