/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was read, as lines for Bochs. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import.h"

#define WIDTH 100

/* --- comments --------------------------------------------------------------------------------- */

/* Bochs would take what follows a line break for a directive. */
static char *visible(const char *text)
{
	char *all = NULL;
	size_t size;
	FILE *out = open_memstream(&all, &size);

	if (!out)
		return NULL;
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			fprintf(out, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, out);
	}
	return fclose(out) ? NULL : all;
}

/* How much of a text goes into width characters, up to a blank if there is one. */
static size_t piece(const char *text, size_t width)
{
	size_t length = strlen(text), blank;

	if (length <= width)
		return length;
	for (blank = width; blank && text[blank] != ' ';)
		blank--;
	return blank ? blank : width;
}

static void comment(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void comment(FILE *out, const char *format, ...)
{
	char *text = NULL, *shown;
	const char *rest, *begin = "# ";
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	shown = length < 0 ? NULL : visible(text);
	for (rest = shown ? shown : ""; *rest; begin = "#   ") {
		size_t part = piece(rest, WIDTH - strlen(begin));

		fprintf(out, "%s%.*s\n", begin, (int)part, rest);
		rest += part;
		rest += *rest == ' ';
	}
	free(shown);
	if (length >= 0)
		free(text);
}

/* --- directives ------------------------------------------------------------------------------- */

/* A directive whose properties may stand on several lines. */
struct line {
	FILE *out;
	const char *directive;
	size_t used; /* of the line; 0: none is begun */
};

static bool is_plain(const char *value)
{
	return *value && !value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					      "0123456789_./+-")];
}

static void property(struct line *line, const char *name, const char *value)
{
	const char *quote = is_plain(value) ? "" : "\"";
	size_t length = strlen(name) + strlen(value) + 2 * strlen(quote) + 3;

	if (line->used && line->used + length > WIDTH) {
		fputc('\n', line->out);
		line->used = 0;
	}
	if (!line->used)
		line->used = (size_t)fprintf(line->out, "%s:", line->directive);
	else
		line->used += (size_t)fprintf(line->out, ",");
	line->used += (size_t)fprintf(line->out, " %s=%s%s%s", name, quote, value, quote);
}

static void optional(struct line *line, const char *name, const char *value)
{
	if (value)
		property(line, name, value);
}

static void number(struct line *line, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	property(line, name, text);
}

static void end_line(struct line *line)
{
	if (line->used)
		fputc('\n', line->out);
	line->used = 0;
}

/* For directives that Bochs takes on one line alone. */
static void one(FILE *out, const char *before, const char *value, const char *after)
{
	const char *quote = is_plain(value) ? "" : "\"";

	fprintf(out, "%s%s%s%s%s\n", before, quote, value, quote, after);
}

/* --- the machine ------------------------------------------------------------------------------ */

static void print_machine(FILE *out, const struct import *im)
{
	unsigned long long memory = im->memory ? im->memory : IMPORT_DEFAULT_RAM;

	fputs("config_interface: textconfig\ndisplay_library: nogui\n", out);
	fprintf(out, "cpu: model=epyc_milan, count=%llu, ips=50000000\n",
		(unsigned long long)(im->cpus ? im->cpus : 1));
	fprintf(out, "memory: guest=%llu, host=%llu\n", memory, memory);
	one(out, "romimage: file=", im->firmware, ", address=0x0");
	fputs("# Bochs wants a VGA BIOS; an empty one will do.\n"
	      "vgaromimage: file=/dev/null\n"
	      "vga: extension=vbe\n"
	      "pci: enabled=1, chipset=i440fx, slot1=pcivga\n",
		out);
	one(out, "com1: enabled=1, mode=file, dev=", im->serial ? im->serial : "serial.log", "");
	fputs("clock: sync=none, time0=utc\n"
	      "log: bochs.log\n"
	      "panic: action=fatal\n"
	      "error: action=report\n"
	      "info: action=report\n"
	      "debug: action=ignore\n",
		out);
}

static void print_disks(FILE *out, const struct import *im)
{
	static const char *const channel[] = {
		"ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14\n",
		"ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15\n",
	};
	static const char *const unit[] = { "ata0-master", "ata0-slave", "ata1-master",
		"ata1-slave" };

	for (unsigned i = 0; i < IMPORT_DISKS; i++) {
		const struct import_disk *disk = &im->disks[i];
		char before[64];

		if (i % 2 == 0 && (disk[0].path || disk[1].path))
			fputs(channel[i / 2], out);
		if (!disk->path)
			continue;
		snprintf(before, sizeof(before), "%s: type=%s, path=", unit[i],
			disk->cdrom ? "cdrom" : "disk");
		one(out, before, disk->path, disk->cdrom ? ", status=inserted" : ", mode=flat");
	}
}

/* --- our directives --------------------------------------------------------------------------- */

static const char *type_name(unsigned type)
{
	static const char *const names[] = { "none", "sev", "sev-es", "sev-snp" };

	return names[type];
}

static void print_sev(FILE *out, const struct import *im)
{
	const struct sev_options *sev = &im->sev;
	struct line line = { out, "sev", 0 };
	char policy[24];

	property(&line, "type", type_name(sev->type));
	if (sev->type != SEV_TYPE_NONE) {
		snprintf(policy, sizeof(policy), "0x%" PRIx64, sev->policy);
		number(&line, "cbitpos", sev->cbitpos);
		number(&line, "reduced_phys_bits", sev->reduced_phys_bits);
		property(&line, "policy", policy);
		number(&line, "kernel_hashes", sev->kernel_hashes);
		if (sev->handle)
			number(&line, "handle", sev->handle);
		optional(&line, "dh_cert_file", sev->dh_cert_file);
		optional(&line, "session_file", sev->session_file);
		optional(&line, "tik", sev->tik);
		optional(&line, "tek", sev->tek);
	}
	end_line(&line);
	if (sev->session_file && sev->type != SEV_TYPE_NONE)
		fputs("# A session is made for one chip: the directory where that one is kept.\n"
		      "#psp: state=DIR\n",
			out);
}

static void print_fw_cfg(FILE *out, const struct import *im)
{
	const struct fw_cfg_options *fw = &im->fw_cfg;
	struct line line = { out, "fw_cfg", 0 };
	char *file;

	optional(&line, "kernel", fw->kernel);
	optional(&line, "initrd", fw->initrd);
	optional(&line, "append", fw->append);
	optional(&line, "append_file", fw->append_file);
	for (unsigned i = 0; i < fw->file_count; i++) {
		if (asprintf(&file, "name=%s,path=%s", fw->files[i].name, fw->files[i].path) < 0)
			break;
		property(&line, "file", file);
		free(file);
	}
	if (!line.used && im->sev.type == SEV_TYPE_NONE)
		fputs("# What the firmware is told of the machine, by which it finds ACPI tables.\n"
		      "plugin_ctrl: fw_cfg=1\n",
			out);
	end_line(&line);
}

static void print_qmp(FILE *out, const struct import *im)
{
	struct line line = { out, "qmp", 0 };

	optional(&line, "socket", im->qmp);
	if (im->qmp)
		number(&line, "paused", im->paused);
	end_line(&line);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* What nobody has said, or what goes together otherwise than in QEMU. */
static int complete(struct import *im)
{
	const struct fw_cfg_options *fw = &im->fw_cfg;
	const char *taken = im->sev.kernel_hashes ? "OVMF.amdsev.fd" : "OVMF.fd";

	if (!fw->kernel && (fw->initrd || fw->append || fw->append_file))
		return import_fail(im, &im->at_boot,
			"an initramfs or a command line; legal only together with a kernel");

	if (im->has_vars)
		import_note(im,
			"firmware: its variables are in a flash of their own. Here code and "
			"variables "
			"are one image, and the launch digest is that of all of it, where QEMU "
			"measures the code alone: `cat VARS CODE >OVMF.fd`, and --firmware "
			"OVMF.fd");
	if (im->sev.type != SEV_TYPE_NONE && im->fw_cfg.kernel && !im->sev.kernel_hashes)
		import_note(im,
			"a kernel without kernel hashes is not measured, and OVMF's AmdSev variant "
			"does not boot it");
	if (im->firmware)
		return 0;
	import_note(im,
		"no firmware is named, or none that OVMF could be: %s is taken; --firmware FILE "
		"says "
		"where it is",
		taken);
	return import_path(im, NULL, "firmware", &im->firmware, taken);
}

static void print_head(FILE *out, const struct import *im, const char *from)
{
	comment(out, "Made by bochs-sev-import from %s.", from);
	comment(out, "Relative names are those of the directory where bochs is started.");
	fputs("#\n", out);
	if (im->missing)
		comment(out, "NOT PROTECTED. Not there yet: %s", im->missing);
	if (im->note_count)
		comment(out, "Without a counterpart, or with another one than might be thought:");
	for (size_t i = 0; i < im->note_count; i++)
		comment(out, "%s", im->notes[i]);
	if (im->notes_left_out)
		comment(out, "and %zu more of them", im->notes_left_out);
	for (size_t i = 0; i < im->file_count; i++)
		comment(out, "file beside: %s, %zu bytes", im->files[i].path, im->files[i].size);
	fputc('\n', out);
}

char *import_text(struct import *im, const char *from)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	if (complete(im))
		return NULL;
	out = open_memstream(&text, &size);
	if (!out) {
		import_fail(im, NULL, "out of memory");
		return NULL;
	}
	print_head(out, im, from);
	print_machine(out, im);
	print_disks(out, im);
	fputc('\n', out);
	print_sev(out, im);
	print_fw_cfg(out, im);
	print_qmp(out, im);
	if (fclose(out) == 0)
		return text;
	import_fail(im, NULL, "out of memory");
	free(text);
	return NULL;
}

/* --- formats ---------------------------------------------------------------------------------- */

/* `key: value` without blanks before the colon, as no command has it. */
static bool is_setting(const char *line)
{
	size_t length = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return length && *line != '-' && line[length] == ':' &&
	       (line[length + 1] == ' ' || line[length + 1] == '\t');
}

const char *import_format(const char *text)
{
	if (!strncmp(text, "\xef\xbb\xbf", 3))
		text += 3;
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		text += strspn(text, " \t\r\n");
		if (*text == '<')
			return "libvirt";
		if (*text && *text != '#')
			break;
	}
	return is_setting(text) || *text == '[' ? "proxmox" : "qemu";
}
