/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/fw_cfg/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"

#define BLOB_MAX    0x7FFFFFFFu /* bytes of kernel or initrd: there is no more memory than that */
#define FILE_MAX    0x4000000u
#define CMDLINE_MAX 0x10000u

/* --- parsing --------------------------------------------------------------------------------- */

/* Properties that are not just kept as they are. */
struct pieces {
	char *bootorder, *file;
	unsigned tamper;
};

static int add_bootorder(struct fw_cfg_options *options, const char *path, struct sev_error *err)
{
	const char *before = options->bootorder;
	char *lines;

	if (path[0] != '/' && strcmp(path, "HALT") != 0)
		return sev_fail(err,
			"fw_cfg: bootorder=%s: legal is an OpenFirmware path as "
			"/pci@i0cf8/ide@1,1/drive@0/disk@0, or HALT",
			path);
	if (asprintf(&lines, "%s%s%s", before ? before : "", before ? "\n" : "", path) < 0)
		return sev_fail(err, "fw_cfg: bootorder: out of memory");
	free(options->bootorder);
	options->bootorder = lines;
	return 0;
}

/* name=NAME,path=FILE; the name ends at the first comma. */
static int add_file(struct fw_cfg_options *options, const char *text, struct sev_error *err)
{
	struct fw_cfg_file_option *file = &options->files[options->file_count];
	const char *name = text + strlen("name=");
	const char *path = strstr(text, ",path=");

	if (strncmp(text, "name=", 5) != 0 || !path || path == name ||
		memchr(name, ',', (size_t)(path - name)) || !path[6])
		return sev_fail(err, "fw_cfg: file=%s: legal is \"name=NAME,path=FILE\"", text);
	if (options->file_count == FW_CFG_FILE_SLOTS)
		return sev_fail(
			err, "fw_cfg: file=%s: legal are %d files", text, FW_CFG_FILE_SLOTS);
	file->name = strndup(name, (size_t)(path - name));
	file->path = strdup(path + strlen(",path="));
	if (!file->name || !file->path) {
		free(file->name);
		free(file->path);
		*file = (struct fw_cfg_file_option) { 0 };
		return sev_fail(err, "fw_cfg: file: out of memory");
	}
	options->file_count++;
	return 0;
}

int fw_cfg_options_set(struct fw_cfg_options *options, const char *parameter, struct sev_error *err)
{
	static const char *const parts[] = { "kernel", "initrd", "cmdline", NULL };
	struct pieces pieces = { .tamper = ~0u };
	const struct sev_option table[] = {
		{ .name = "kernel", .kind = SEV_OPTION_TEXT, .value = &options->kernel },
		{ .name = "initrd", .kind = SEV_OPTION_TEXT, .value = &options->initrd },
		{ .name = "append", .kind = SEV_OPTION_TEXT, .value = &options->append },
		{ .name = "append_file", .kind = SEV_OPTION_TEXT, .value = &options->append_file },
		{ .name = "file", .kind = SEV_OPTION_TEXT, .value = &pieces.file },
		{ .name = "bootorder", .kind = SEV_OPTION_TEXT, .value = &pieces.bootorder },
		{ .name = "tamper",
			.kind = SEV_OPTION_CHOICE,
			.value = &pieces.tamper,
			.choices = parts },
		{ 0 },
	};
	int ret = sev_option_set("fw_cfg", table, parameter, err);

	if (!ret && pieces.bootorder)
		ret = add_bootorder(options, pieces.bootorder, err);
	if (!ret && pieces.file)
		ret = add_file(options, pieces.file, err);
	if (!ret && pieces.tamper != ~0u)
		options->tamper |= 1u << pieces.tamper; /* parts[] is in the order of the bits */
	free(pieces.bootorder);
	free(pieces.file);
	return ret;
}

void fw_cfg_options_free(struct fw_cfg_options *options)
{
	free(options->kernel);
	free(options->initrd);
	free(options->append);
	free(options->append_file);
	free(options->bootorder);
	for (unsigned i = 0; i < options->file_count; i++) {
		free(options->files[i].name);
		free(options->files[i].path);
	}
	*options = (struct fw_cfg_options) { 0 };
}

/* --- reading --------------------------------------------------------------------------------- */

/* path NULL: nothing to be read. */
static int load(const char *property, const char *path, size_t max, struct sev_blob *out,
	struct sev_error *err)
{
	struct sev_error why;

	if (!path || sev_file_read(path, max, out, &why) == 0)
		return 0;
	return sev_fail(err, "fw_cfg: %s=%s", property, why.text);
}

/* Editors end a file with a line break, which is none of the command line. */
static void cut_line_end(struct sev_blob *text)
{
	while (text->size &&
		(text->data[text->size - 1] == '\n' || text->data[text->size - 1] == '\r'))
		text->size--;
	text->data[text->size] = 0;
}

/* The NUL belongs to the command line: it is served, counted and hashed. */
static int load_cmdline(
	const struct fw_cfg_options *options, struct sev_blob *out, struct sev_error *err)
{
	const char *text = options->append ? options->append : "";

	if (options->append && options->append_file)
		return sev_fail(err,
			"fw_cfg: append_file=%s: legal only without append=", options->append_file);
	if (!options->append_file) {
		out->data = (uint8_t *)strdup(text);
		out->size = strlen(text) + 1;
		return out->data ? 0 : sev_fail(err, "fw_cfg: append: out of memory");
	}
	if (load("append_file", options->append_file, CMDLINE_MAX, out, err))
		return -1;
	cut_line_end(out);
	if (memchr(out->data, '\n', out->size) || memchr(out->data, 0, out->size))
		return sev_fail(err, "fw_cfg: append_file=%s: legal is one line of text",
			options->append_file);
	out->size++;
	return 0;
}

static int load_files(
	const struct fw_cfg_options *options, struct fw_cfg_input *input, struct sev_error *err)
{
	for (unsigned i = 0; i < options->file_count; i++) {
		const struct fw_cfg_file_option *file = &options->files[i];

		if (load("file", file->path, FILE_MAX, &input->files[i], err))
			return -1;
		input->named[i] = (struct fw_cfg_bytes) { file->name, input->files[i].data,
			input->files[i].size };
	}
	return 0;
}

static struct fw_cfg_bytes bytes(const char *name, const struct sev_blob *blob)
{
	return (struct fw_cfg_bytes) { name, blob->data, blob->size };
}

int fw_cfg_input_load(const struct fw_cfg_options *options, struct fw_cfg_input *input,
	struct fw_cfg_machine *machine, struct sev_error *err)
{
	*input = (struct fw_cfg_input) { 0 };
	if (load("kernel", options->kernel, BLOB_MAX, &input->kernel, err) ||
		load("initrd", options->initrd, BLOB_MAX, &input->initrd, err) ||
		load_cmdline(options, &input->cmdline, err) || load_files(options, input, err)) {
		fw_cfg_input_free(input);
		return -1;
	}
	machine->blobs.kernel = bytes(options->kernel, &input->kernel);
	machine->blobs.initrd = bytes(options->initrd, &input->initrd);
	machine->blobs.cmdline = bytes("append", &input->cmdline);
	machine->files = input->named;
	machine->file_count = options->file_count;
	machine->bootorder = options->bootorder;
	machine->tamper = options->tamper;
	return 0;
}

void fw_cfg_input_free(struct fw_cfg_input *input)
{
	sev_blob_free(&input->kernel);
	sev_blob_free(&input->initrd);
	sev_blob_free(&input->cmdline);
	for (unsigned i = 0; i < FW_CFG_FILE_SLOTS; i++)
		sev_blob_free(&input->files[i]);
	*input = (struct fw_cfg_input) { 0 };
}
