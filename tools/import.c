/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is read from a configuration, checked and kept. */
#include "tools/import.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void import_init(struct import *im, const char *beside)
{
	memset(im, 0, sizeof(*im));
	im->beside = beside;
	sev_options_init(&im->sev);
}

void import_free(struct import *im)
{
	free(im->sev.dh_cert_file);
	free(im->sev.session_file);
	free(im->sev.tik);
	free(im->sev.tek);
	free(im->sev.report);
	fw_cfg_options_free(&im->fw_cfg);
	free(im->missing);
	free(im->firmware);
	free(im->qmp);
	free(im->serial);
	for (unsigned i = 0; i < IMPORT_DISKS; i++)
		free(im->disks[i].path);
	for (size_t i = 0; i < im->note_count; i++)
		free(im->notes[i]);
	free(im->notes);
	for (size_t i = 0; i < im->file_count; i++) {
		free(im->files[i].path);
		free(im->files[i].data);
	}
	free(im->files);
	memset(im, 0, sizeof(*im));
}

/* --- errors and notes ------------------------------------------------------------------------- */

/* An error is one line, whatever the configuration has in it. */
static void one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int import_fail(struct import *im, const struct import_place *at, const char *format, ...)
{
	char *text = im->err.text;
	size_t size = sizeof(im->err.text), used = 0;
	va_list args;

	if (at && at->line)
		snprintf(text, size, "%.200s:%u:%u: ", at->source, at->line, at->column);
	else if (at)
		snprintf(text, size, "argument %u: ", at->column);
	if (at)
		used = strlen(text);
	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
	one_line(text);
	return -1;
}

static int out_of_memory(struct import *im)
{
	return import_fail(im, NULL, "out of memory");
}

static bool is_noted(const struct import *im, const char *text)
{
	for (size_t i = 0; i < im->note_count; i++)
		if (!strcmp(im->notes[i], text))
			return true;
	return false;
}

void import_note(struct import *im, const char *format, ...)
{
	char **notes, *text;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return;
	if (im->note_count == IMPORT_NOTES) {
		im->notes_left_out++;
		free(text);
		return;
	}
	notes = is_noted(im, text) ? NULL
				   : reallocarray(im->notes, im->note_count + 1, sizeof(*notes));
	if (!notes) {
		free(text);
		return;
	}
	im->notes = notes;
	notes[im->note_count++] = text;
}

bool import_may_show(const char *value)
{
	return !strcasestr(value, "passw") && !strcasestr(value, "secret");
}

void import_missing(struct import *im, const char *format, ...)
{
	char *text, *all = NULL;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return;
	one_line(text);
	if (asprintf(&all, "%s%s%s", im->missing ? im->missing : "", im->missing ? "; " : "",
		    text) < 0)
		all = NULL;
	free(text);
	if (!all)
		return;
	free(im->missing);
	im->missing = all;
}

/* --- what the emulator's own code checks ------------------------------------------------------ */

/*
 * Whether a value in quotes comes out of Bochs' reader as it went in, with the directive and the
 * name before it: that cuts long lines, knows no escape for a quote, puts an environment variable
 * where it sees a dollar, and makes one comma of several.
 */
static bool is_readable(const char *value)
{
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f || strchr("\"$", *c))
			return false;
	return strlen(value) + 64 <= IMPORT_LINE && !strstr(value, ",,");
}

static int check_readable(
	struct import *im, const struct import_place *at, const char *what, const char *value)
{
	if (is_readable(value))
		return 0;
	return import_fail(im, at,
		"%s=%.200s: cannot be written in a bochsrc; legal are at most %u characters "
		"without "
		"\", $, control characters and two commas one after the other",
		what, value, IMPORT_LINE - 64);
}

typedef int set_option(void *options, const char *parameter, struct sev_error *err);

static int set_sev(void *options, const char *parameter, struct sev_error *err)
{
	return sev_options_set(options, parameter, err);
}

static int set_fw_cfg(void *options, const char *parameter, struct sev_error *err)
{
	return fw_cfg_options_set(options, parameter, err);
}

static int set(struct import *im, const struct import_place *at, set_option *option, void *options,
	const char *name, const char *value)
{
	struct sev_error err;
	char *parameter;
	int ret;

	if (check_readable(im, at, name, value))
		return -1;
	if (asprintf(&parameter, "%s=%s", name, value) < 0)
		return out_of_memory(im);
	ret = option(options, parameter, &err);
	free(parameter);
	if (ret)
		return import_fail(im, at, "%s", err.text);
	im->taken++;
	return 0;
}

int import_sev(
	struct import *im, const struct import_place *at, const char *name, const char *value)
{
	return set(im, at, set_sev, &im->sev, name, value);
}

int import_fw_cfg(
	struct import *im, const struct import_place *at, const char *name, const char *value)
{
	if (at && strcmp(name, "kernel"))
		im->at_boot = *at;
	return set(im, at, set_fw_cfg, &im->fw_cfg, name, value);
}

int import_sev_value(
	struct import *im, const struct import_place *at, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), strcmp(name, "policy") ? "%" PRIu64 : "0x%" PRIx64, value);
	return import_sev(im, at, name, text);
}

int import_sev_number(struct import *im, const struct import_place *at, const char *what,
	const char *name, const char *text)
{
	uint64_t value;

	if (import_number(text, &value))
		return import_fail(im, at,
			"%s=%.100s: not a number; legal is a decimal one, or a hexadecimal one "
			"with "
			"0x",
			what, text);
	return import_sev_value(im, at, name, value);
}

/* AMD 55766, chapter 2: bit 2 of the policy, ES. */
#define POLICY_ES 0x4u

int import_sev_finish(struct import *im, const struct import_place *at)
{
	const char *type = im->sev.policy & POLICY_ES ? "sev-es" : "sev";
	struct sev_error err;

	if (im->sev.kernel_hashes && !im->fw_cfg.kernel) {
		import_note(im, "kernel hashes without a kernel: there is nothing to be hashed");
		im->sev.kernel_hashes = false;
	}
	if (import_sev(im, at, "type", type)) {
		import_missing(
			im, "the guest's policy 0x%" PRIx64 " demands SEV-ES", im->sev.policy);
		return 0;
	}
	if (sev_options_check(&im->sev, &err))
		return import_fail(im, at, "%s", err.text);
	return 0;
}

/* --- the rest --------------------------------------------------------------------------------- */

int import_path(struct import *im, const struct import_place *at, const char *what, char **out,
	const char *path)
{
	char *copy;

	if (!*path)
		return import_fail(im, at, "%s: names no file", what);
	if (check_readable(im, at, what, path))
		return -1;
	copy = strdup(path);
	if (!copy)
		return out_of_memory(im);
	free(*out);
	*out = copy;
	im->taken++;
	return 0;
}

int import_cmdline(struct import *im, const struct import_place *at, const char *text)
{
	const char *path;

	free(im->fw_cfg.append);
	free(im->fw_cfg.append_file);
	im->fw_cfg.append = im->fw_cfg.append_file = NULL;
	if (!*text)
		return 0;
	if (strpbrk(text, "\n\r"))
		return import_fail(im, at,
			"the kernel's command line has a line break in it; legal is one line");
	if (is_readable(text))
		return import_fw_cfg(im, at, "append", text);
	path = import_beside(im, at, "cmdline", text, strlen(text), 0644);
	return path ? import_fw_cfg(im, at, "append_file", path) : -1;
}

int import_disk(struct import *im, const struct import_place *at, const char *what, unsigned slot,
	const char *path, bool cdrom)
{
	while (slot < IMPORT_DISKS && im->disks[slot].path)
		slot++;
	if (slot >= IMPORT_DISKS) {
		import_note(im, "%s: %s: no place is left; Bochs has four for disks", what, path);
		return 0;
	}
	im->disks[slot].cdrom = cdrom;
	return import_path(im, at, what, &im->disks[slot].path, path);
}

void import_note_written(struct import *im, const char *path, const char *said)
{
	import_note(im, "disk %s: %s: what a guest writes to it stays", path, said);
}

const char *import_beside(struct import *im, const struct import_place *at, const char *suffix,
	const void *data, size_t size, unsigned mode)
{
	struct import_file file = { .size = size, .mode = mode };
	struct import_file *files;

	files = reallocarray(im->files, im->file_count + 1, sizeof(*files));
	if (files)
		im->files = files;
	file.data = malloc(size ? size : 1);
	if (!files || !file.data || asprintf(&file.path, "%s.%s", im->beside, suffix) < 0) {
		free(file.data);
		out_of_memory(im);
		return NULL;
	}
	memcpy(file.data, data, size);
	for (size_t i = 0; i < im->file_count; i++)
		if (!strcmp(files[i].path, file.path)) {
			free(files[i].path);
			free(files[i].data);
			files[i] = file;
			return file.path;
		}
	files[im->file_count++] = file;
	return check_readable(im, at, suffix, file.path) ? NULL : file.path;
}

/* AMD 55766, appendix C (certificate), and the buffer that LAUNCH_START takes. */
const struct import_base64 import_dh_cert = { "dhCert", "dh_cert_file", "godh.b64", 2084 };
const struct import_base64 import_session = { "session", "session_file", "session.b64", 128 };

int import_base64(struct import *im, const struct import_place *at,
	const struct import_base64 *kind, const char *text)
{
	struct sev_blob data = { 0 };
	const char *path;
	char *lean = NULL;
	size_t got;

	if (sev_unbase64(text, strlen(text), &data))
		return import_fail(im, at, "%s: not base64; legal are %zu bytes in base64",
			kind->what, kind->size);
	got = data.size;
	if (got == kind->size)
		lean = sev_base64(data.data, got);
	sev_blob_free(&data);
	if (got != kind->size)
		return import_fail(im, at, "%s: %zu bytes in base64; legal are %zu", kind->what,
			got, kind->size);
	if (!lean)
		return out_of_memory(im);
	path = import_beside(im, at, kind->suffix, lean, strlen(lean), 0644);
	free(lean);
	return path ? import_sev(im, at, kind->property, path) : -1;
}

/* --- values ----------------------------------------------------------------------------------- */

int import_bool(struct import *im, const struct import_place *at, const char *what,
	const char *text, bool *out)
{
	static const char *const words[][2] = { { "off", "on" }, { "no", "yes" },
		{ "false", "true" }, { "n", "y" }, { "0", "1" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (int value = 0; value < 2; value++)
			if (!strcasecmp(text, words[i][value])) {
				*out = value;
				return 0;
			}
	return import_fail(im, at, "%s=%.100s: legal is on or off", what, text);
}

int import_written(struct import *im, const struct import_place *at, const char *path,
	const struct import_properties *disk)
{
	static const char *const names[] = { "snapshot", "readonly", "read-only", "ro" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = import_get(disk, names[i]);
		bool on = false;

		if (value && import_bool(im, at, names[i], value, &on))
			return -1;
		if (on)
			import_note_written(im, path, names[i]);
	}
	return 0;
}
