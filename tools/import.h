/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bochs-sev-import: what a configuration of QEMU, libvirt or Proxmox says about a machine, in terms
 * of Bochs' directives. One reader for each of the three fills it; import_text prints it.
 *
 * Readers know no files but the text that they are given, so the same text always gives the same
 * result. What has no counterpart becomes a note. A mistake ends the reading: every function that
 * can fail returns -1 then, and err has one line that says where, what, and what would be legal.
 */
#ifndef TOOLS_IMPORT_H
#define TOOLS_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "bios/sev_options.h"
#include "iodev/fw_cfg/options.h"

#define IMPORT_LARGEST	   (1u << 20) /* bytes of a configuration that is read */
#define IMPORT_LINE	   509	      /* characters of a line that Bochs reads as a whole */
#define IMPORT_NOTES	   1000u      /* at most, of as many as somebody may read */
#define IMPORT_DISKS	   4	      /* ata0-master, ata0-slave, ata1-master, ata1-slave */
#define IMPORT_MAX_RAM	   2048	      /* MiB of a guest: bios/sev_check.cc */
#define IMPORT_MAX_CPUS	   8
#define IMPORT_DEFAULT_RAM 512u /* MiB */

/* Where something stands. line 0: column is the number of an argument of the command line. */
struct import_place {
	const char *source;
	unsigned line, column;
};

struct import_disk {
	char *path; /* NULL: none */
	bool cdrom;
};

/* A file that goes beside the bochsrc. */
struct import_file {
	char *path;
	void *data;
	size_t size;
	unsigned mode;
};

struct import {
	const char *beside; /* how names of files beside the bochsrc begin */
	struct sev_error err;

	unsigned taken; /* things that have a counterpart */
	struct sev_options sev;
	char *missing; /* what protects the guest and is not there yet, or NULL: a line */
	struct fw_cfg_options fw_cfg;
	struct import_place at_boot; /* the last of initrd and command line */
	char *firmware;
	bool has_vars;	 /* the firmware's variables are in a flash of their own */
	uint64_t memory; /* MiB; 0: not said */
	uint64_t cpus;	 /* 0: not said */
	struct import_disk disks[IMPORT_DISKS];
	char *serial; /* where the console goes; NULL: not said */
	char *qmp;    /* a socket, or NULL */
	bool paused;

	char **notes;
	size_t note_count;
	size_t notes_left_out; /* above IMPORT_NOTES */
	struct import_file *files;
	size_t file_count;
};

/* beside must outlive it. */
void import_init(struct import *im, const char *beside);
void import_free(struct import *im);

/* Sets err, which begins with the place (none: NULL). Returns -1. */
int import_fail(struct import *im, const struct import_place *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Something that has no counterpart, or another one than might be thought; each is kept once. */
void import_note(struct import *im, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether a note may repeat a value: not one that may hold a password. */
bool import_may_show(const char *value);

/* --- values: import.c ------------------------------------------------------------------------- */

/* One property of a `sev:` or `fw_cfg:` directive, checked as the emulator will. */
int import_sev(
	struct import *im, const struct import_place *at, const char *name, const char *value);
int import_fw_cfg(
	struct import *im, const struct import_place *at, const char *name, const char *value);

/* A number of a property of `sev:`. */
int import_sev_value(
	struct import *im, const struct import_place *at, const char *name, uint64_t value);
/* The same in C's notation, as QEMU takes it: 010 is 8. what is how the configuration calls it. */
int import_sev_number(struct import *im, const struct import_place *at, const char *what,
	const char *name, const char *text);

/* The type that a policy demands, sev or sev-es; then rules between properties. */
int import_sev_finish(struct import *im, const struct import_place *at);

/* What protects the guest in the configuration, and is not in this emulator; adds up. */
void import_missing(struct import *im, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The kernel's command line: append=, or append_file= where a bochsrc could not hold it. */
int import_cmdline(struct import *im, const struct import_place *at, const char *text);

/* The name of a file or socket that goes into a bochsrc; the earlier one is released. */
int import_path(struct import *im, const struct import_place *at, const char *what, char **out,
	const char *path);

/* Puts a disk into a free slot from `slot` (0 to 3) on; a note if there is none. */
int import_disk(struct import *im, const struct import_place *at, const char *what, unsigned slot,
	const char *path, bool cdrom);

/* A disk whose image the configuration keeps from being written to, by what it said: here it is. */
void import_note_written(struct import *im, const char *path, const char *said);

/* What is copied into a file beside the bochsrc; the result is its name, NULL with err set. */
const char *import_beside(struct import *im, const struct import_place *at, const char *suffix,
	const void *data, size_t size, unsigned mode);

/* A property of `sev:` that is base64 of size bytes; goes into a file of its own. */
struct import_base64 {
	const char *what; /* the configuration's name */
	const char *property, *suffix;
	size_t size;
};
int import_base64(struct import *im, const struct import_place *at,
	const struct import_base64 *kind, const char *text);
extern const struct import_base64 import_dh_cert, import_session;

/* --- the machine: import_machine.c ------------------------------------------------------------ */

/* bytes of memory; a note if it is not what Bochs can have. */
int import_memory(
	struct import *im, const struct import_place *at, const char *what, uint64_t bytes);
int import_cpus(struct import *im, const struct import_place *at, const char *what, uint64_t count);
/* One more file in fw_cfg. */
int import_fw_cfg_file(
	struct import *im, const struct import_place *at, const char *name, const char *path);

/* --- words and properties --------------------------------------------------------------------- */

struct import_word {
	char *text;
	struct import_place at;
};

struct import_words {
	struct import_word *word;
	size_t count;
};

/*
 * The words of a shell command: blanks, quotes, backslashes, comments, lines that go on. Of several
 * commands the one that runs QEMU, without what comes before its name; if none does, the only one.
 * at is where text begins. Variables are not known, but "$@", which is left out. Returns 0 or -1.
 */
int import_shell(struct import *im, const struct import_place *at, const char *text,
	struct import_words *out);
void import_words_free(struct import_words *words);

struct import_property {
	char *name, *value;
};

/* The parts of an option's value, in order. */
struct import_properties {
	struct import_property *property;
	size_t count;
};

/*
 * QEMU's key=value,key=value, where two commas stand for one, "key" alone is key=on and "nokey"
 * stays as it is; the first value may stand alone if implied names it. A text that begins with { is
 * JSON: members of members have names with a dot.
 */
int import_properties_parse(struct import *im, const struct import_place *at, const char *option,
	const char *text, const char *implied, struct import_properties *out);
void import_properties_free(struct import_properties *properties);

/* The last value of a name, or NULL. */
const char *import_get(const struct import_properties *properties, const char *name);

/* on, yes, true, y, 1 and their opposites. Returns 0, or -1 with err. */
int import_bool(struct import *im, const struct import_place *at, const char *what,
	const char *text, bool *out);

/* import_note_written for those of snapshot, readonly, read-only and ro that are on. */
int import_written(struct import *im, const struct import_place *at, const char *path,
	const struct import_properties *disk);

/* A number with C's prefixes, the whole text: 0, or -1 without err. */
int import_number(const char *text, uint64_t *out);
/* The same with strtoull's base. */
int import_number_in(const char *text, int base, uint64_t *out);

/* A size as QEMU writes it, as in 1.5G; without a suffix in units of default_unit. 0 or -1. */
int import_size(const char *text, uint64_t default_unit, uint64_t *bytes);

/* --- readers ---------------------------------------------------------------------------------- */

/* text[size] is 0; source names it in errors. */
int import_qemu(struct import *im, const char *source, const char *text, size_t size);
int import_libvirt(struct import *im, const char *source, const char *text, size_t size);
int import_proxmox(struct import *im, const char *source, const char *text, size_t size);

/* Proxmox' amd-sev setting; ovmf: the firmware is OVMF. Source: qemu-server, CPUConfig.pm. */
int import_proxmox_sev(
	struct import *im, const struct import_place *at, const char *text, bool ovmf);

/* A command line in words; words[0] may be the program. */
int import_qemu_words(struct import *im, const struct import_words *words);

/* The same for the further arguments of another configuration. */
int import_qemu_arguments(struct import *im, const struct import_words *words);

/* Which of the three a text is: "qemu", "libvirt" or "proxmox". */
const char *import_format(const char *text);

/* --- result: import_text.c -------------------------------------------------------------------- */

/*
 * The bochsrc; from says in a comment what it was made from. The result is malloc'ed; NULL with err
 * set if something has no place in a bochsrc.
 */
char *import_text(struct import *im, const char *from);

#endif
