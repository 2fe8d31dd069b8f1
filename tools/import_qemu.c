/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU's command line: one option after the other, and what they refer to at the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import_qemu.h"

/* --- what others refer to --------------------------------------------------------------------- */

/* Of two things of one name nobody could say which is meant. */
static int check_id(struct qemu *q, const struct qemu_thing *thing)
{
	const char *id = import_get(&thing->properties, "id");
	const struct qemu_thing *first = id ? qemu_find(q, thing->option, "id", id) : thing;

	if (first == thing || !first)
		return 0;
	return import_fail(q->im, &thing->at, "%s id=%.100s: a second one; legal is another id",
		thing->option, id);
}

int qemu_keep(struct qemu *q, const struct import_place *at, const char *option, const char *value,
	const char *implied)
{
	struct qemu_thing *all = reallocarray(q->thing, q->things + 1, sizeof(*all));

	if (!all)
		return import_fail(q->im, NULL, "out of memory");
	q->thing = all;
	all[q->things] = (struct qemu_thing) { .at = *at, .option = option };
	if (import_properties_parse(q->im, at, option, value, implied, &all[q->things].properties))
		return -1;
	q->things++;
	return check_id(q, &all[q->things - 1]);
}

struct qemu_thing *qemu_find(
	struct qemu *q, const char *option, const char *property, const char *value)
{
	for (size_t i = 0; i < q->things; i++) {
		struct qemu_thing *thing = &q->thing[i];
		const char *has = import_get(&thing->properties, property);

		if (!strcmp(thing->option, option) && has && !strcmp(has, value))
			return thing;
	}
	return NULL;
}

int qemu_refer(struct qemu *q, struct qemu_reference *reference, const struct import_place *at,
	const char *by, const char *name)
{
	char *copy = strdup(name);

	if (!copy)
		return import_fail(q->im, NULL, "out of memory");
	free(reference->name);
	*reference = (struct qemu_reference) { *at, by, copy };
	return 0;
}

static void release(struct qemu *q)
{
	for (size_t i = 0; i < q->things; i++)
		import_properties_free(&q->thing[i].properties);
	free(q->thing);
	free(q->guest.name);
	free(q->igvm.name);
	free(q->flash[0].name);
	free(q->flash[1].name);
}

/* --- options that need no more than this ------------------------------------------------------ */

static int read_kernel(struct qemu *q, const struct import_place *at, const char *value)
{
	return import_fw_cfg(q->im, at, "kernel", value);
}

/* For a multiboot kernel this is a list of modules; a Linux kernel has one. */
static int read_initrd(struct qemu *q, const struct import_place *at, const char *value)
{
	return import_fw_cfg(q->im, at, "initrd", value);
}

static int read_append(struct qemu *q, const struct import_place *at, const char *value)
{
	return import_cmdline(q->im, at, value);
}

static int read_bios(struct qemu *q, const struct import_place *at, const char *value)
{
	return import_path(q->im, at, "-bios", &q->im->firmware, value);
}

static int read_paused(struct qemu *q, const struct import_place *at, const char *value)
{
	(void)value;
	q->im->paused = true;
	q->at_paused = *at;
	return 0;
}

static int read_nographic(struct qemu *q, const struct import_place *at, const char *value)
{
	(void)at;
	(void)value;
	if (!q->serial_set)
		import_note(q->im, "-nographic: the console goes to a file: the line com1:");
	return 0;
}

static int keep_object(struct qemu *q, const struct import_place *at, const char *value)
{
	return qemu_keep(q, at, "-object", value, "qom-type");
}

static int keep_blockdev(struct qemu *q, const struct import_place *at, const char *value)
{
	return qemu_keep(q, at, "-blockdev", value, "driver");
}

static int keep_chardev(struct qemu *q, const struct import_place *at, const char *value)
{
	return qemu_keep(q, at, "-chardev", value, "backend");
}

/* --- the options ------------------------------------------------------------------------------ */

#define ACCEL	"everything is emulated"
#define DISPLAY "there is no display but the serial console"
#define NETWORK "no network is set up"
#define HOST	"a matter of the host's"
#define MONITOR "the control socket is qmp: alone"
#define GUEST	"Bochs has none"

/* clang-format off */
static const struct qemu_option options[] = {
	{ "machine", true, qemu_machine, NULL },
	{ "M", true, qemu_machine, NULL },
	{ "object", true, keep_object, NULL },
	{ "kernel", true, read_kernel, NULL },
	{ "initrd", true, read_initrd, NULL },
	{ "append", true, read_append, NULL },
	{ "bios", true, read_bios, NULL },
	{ "m", true, qemu_memory, NULL },
	{ "smp", true, qemu_smp, NULL },
	{ "cpu", true, qemu_cpu, NULL },
	{ "drive", true, qemu_drive, NULL },
	{ "blockdev", true, keep_blockdev, NULL },
	{ "device", true, qemu_device, NULL },
	{ "hda", true, qemu_hda, NULL },
	{ "hdb", true, qemu_hdb, NULL },
	{ "hdc", true, qemu_hdc, NULL },
	{ "hdd", true, qemu_hdd, NULL },
	{ "cdrom", true, qemu_cdrom, NULL },
	{ "chardev", true, keep_chardev, NULL },
	{ "serial", true, qemu_serial, NULL },
	{ "nographic", false, read_nographic, NULL },
	{ "qmp", true, qemu_qmp, NULL },
	{ "qmp-pretty", true, qemu_qmp, NULL },
	{ "mon", true, qemu_mon, NULL },
	{ "S", false, read_paused, NULL },
	{ "fw_cfg", true, qemu_fw_cfg, NULL },

	{ "enable-kvm", false, NULL, ACCEL },
	{ "accel", true, NULL, ACCEL },
	{ "no-kvm", false, NULL, ACCEL },
	{ "icount", true, NULL, ACCEL },
	{ "overcommit", true, NULL, HOST },
	{ "monitor", true, NULL, MONITOR },
	{ "gdb", true, NULL, "bochs -dbg is the debugger" },
	{ "s", false, NULL, "bochs -dbg is the debugger" },
	{ "display", true, NULL, DISPLAY },
	{ "vga", true, NULL, DISPLAY },
	{ "vnc", true, NULL, DISPLAY },
	{ "spice", true, NULL, DISPLAY },
	{ "curses", false, NULL, DISPLAY },
	{ "sdl", false, NULL, DISPLAY },
	{ "full-screen", false, NULL, DISPLAY },
	{ "g", true, NULL, DISPLAY },
	{ "k", true, NULL, DISPLAY },
	{ "show-cursor", false, NULL, DISPLAY },
	{ "netdev", true, NULL, NETWORK },
	{ "net", true, NULL, NETWORK },
	{ "nic", true, NULL, NETWORK },
	{ "tpmdev", true, NULL, GUEST },
	{ "fsdev", true, NULL, GUEST },
	{ "virtfs", true, NULL, GUEST },
	{ "audio", true, NULL, GUEST },
	{ "audiodev", true, NULL, GUEST },
	{ "soundhw", true, NULL, GUEST },
	{ "usb", false, NULL, "no USB controller is set up" },
	{ "usbdevice", true, NULL, "no USB controller is set up" },
	{ "watchdog", true, NULL, GUEST },
	{ "watchdog-action", true, NULL, GUEST },
	{ "balloon", true, NULL, GUEST },
	{ "parallel", true, NULL, "no parallel port is set up" },
	{ "pflash", true, NULL, "written as -drive if=pflash,file=FILE it is taken over" },
	{ "fda", true, NULL, "no floppy drive is set up" },
	{ "fdb", true, NULL, "no floppy drive is set up" },
	{ "mtdblock", true, NULL, GUEST },
	{ "sd", true, NULL, GUEST },
	{ "snapshot", false, NULL, "what a guest writes to a disk stays" },
	{ "boot", true, NULL, "the firmware decides; fw_cfg: bootorder= takes OpenFirmware paths" },
	{ "rtc", true, NULL, "the clock is this machine's, in UTC" },
	{ "name", true, NULL, "a machine has no name" },
	{ "uuid", true, NULL, "a machine has no UUID" },
	{ "smbios", true, NULL, "there are no SMBIOS tables" },
	{ "acpitable", true, NULL, "the ACPI tables are the emulator's own" },
	{ "no-acpi", false, NULL, "there is always ACPI" },
	{ "no-hpet", false, NULL, "there is always a HPET" },
	{ "dtb", true, NULL, "there is no device tree" },
	{ "shim", true, NULL, "no shim is loaded" },
	{ "numa", true, NULL, "there is one node" },
	{ "mem-path", true, NULL, HOST },
	{ "mem-prealloc", false, NULL, HOST },
	{ "global", true, NULL, "properties of devices are Bochs' own" },
	{ "set", true, NULL, "properties of devices are Bochs' own" },
	{ "prom-env", true, NULL, GUEST },
	{ "option-rom", true, NULL, "no option ROM is loaded" },
	{ "action", true, NULL, "a crash ends the run with exit status 4" },
	{ "no-reboot", false, NULL, "a reset does not end the run; a triple fault does" },
	{ "no-shutdown", false, NULL, "switching off ends the run" },
	{ "loadvm", true, NULL, "there are no snapshots" },
	{ "incoming", true, NULL, "there is no migration" },
	{ "only-migratable", false, NULL, "there is no migration" },
	{ "nodefaults", false, NULL, "a machine has a serial port, a VGA adapter, and what is said" },
	{ "no-user-config", false, NULL, HOST },
	{ "nodefconfig", false, NULL, HOST },
	{ "readconfig", true, NULL, "what is in that file is not taken over" },
	{ "writeconfig", true, NULL, HOST },
	{ "daemonize", false, NULL, HOST },
	{ "pidfile", true, NULL, HOST },
	{ "D", true, NULL, "the log is the line log:" },
	{ "d", true, NULL, "the log is the line log:" },
	{ "dfilter", true, NULL, "the log is the line log:" },
	{ "debugcon", true, NULL, "what is written to port 0x402 is in the log" },
	{ "trace", true, NULL, "psp: trace=FILE is the trace of the Secure Processor" },
	{ "msg", true, NULL, HOST },
	{ "L", true, NULL, "files are named in full" },
	{ "sandbox", true, NULL, HOST },
	{ "runas", true, NULL, HOST },
	{ "run-with", true, NULL, HOST },
	{ "user", true, NULL, HOST },
	{ "chroot", true, NULL, HOST },
	{ "add-fd", true, NULL, HOST },
	{ "realtime", true, NULL, HOST },
	{ "seed", true, NULL, "psp: seed=HEX makes runs repeatable" },
	{ "preconfig", false, NULL, MONITOR },
	{ "compat", true, NULL, HOST },
	{ "plugin", true, NULL, GUEST },
	{ "perfmap", false, NULL, HOST },
	{ "jitdump", false, NULL, HOST },
	{ "singlestep", false, NULL, ACCEL },
	{ "iscsi", true, NULL, HOST },
	{ "win2k-hack", false, NULL, GUEST },
	{ "no-fd-bootchk", false, NULL, GUEST },
	{ NULL, false, NULL, NULL },
};
/* clang-format on */

const struct qemu_option *qemu_option(const char *name)
{
	for (const struct qemu_option *o = options; o->name; o++)
		if (!strcmp(o->name, name))
			return o;
	return NULL;
}

/* One option, with its value if it has one; *used is how many words it took. */
static int read_option(struct qemu *q, const struct import_words *words, size_t i, size_t *used)
{
	const struct import_word *word = &words->word[i];
	const char *name = word->text + (word->text[1] == '-' ? 2 : 1);
	const struct qemu_option *option = qemu_option(name);
	const char *value = NULL;

	*used = 1;
	if (!option)
		return import_fail(q->im, &word->at,
			"%.100s: not an option of QEMU that is known here; legal are those of its "
			"manual",
			word->text);
	if (option->has_value) {
		if (i + 1 == words->count)
			return import_fail(q->im, &word->at,
				"%s: the last word; legal with a value", word->text);
		value = words->word[i + 1].text;
		*used = 2;
	}
	if (option->read)
		return option->read(q, value ? &words->word[i + 1].at : &word->at, value);
	if (value && import_may_show(value))
		import_note(q->im, "-%s %s: %s", name, value, option->why);
	else
		import_note(q->im, "-%s: %s", name, option->why);
	return 0;
}

/* A word that is no option and no value is a disk. */
static int read_words(struct qemu *q, const struct import_words *words, size_t i)
{
	size_t used;

	for (; i < words->count; i += used) {
		const char *text = words->word[i].text;

		used = 1;
		if (text[0] != '-' || !text[1]) {
			if (qemu_hda(q, &words->word[i].at, text))
				return -1;
		} else if (read_option(q, words, i, &used)) {
			return -1;
		}
	}
	return 0;
}

static int finish(struct qemu *q)
{
	struct import *im = q->im;

	if (qemu_flash(q) || qemu_protection(q))
		return -1;
	if (im->paused && !im->qmp) {
		import_note(im,
			"-S: nobody could let the guest run%s; with -qmp unix:PATH it waits",
			q->qmp_elsewhere ? " without a UNIX socket" : "");
		im->paused = false;
	}
	return 0;
}

int import_qemu_arguments(struct import *im, const struct import_words *words)
{
	struct qemu q = { .im = im };
	int ret = read_words(&q, words, 0);

	if (!ret)
		ret = finish(&q);
	release(&q);
	return ret;
}

/* QEMU's own size of memory where none is said. */
#define DEFAULT_MEMORY (128u << 20)

int import_qemu_words(struct import *im, const struct import_words *words)
{
	struct qemu q = { .im = im };
	bool has_program = words->count && words->word[0].text[0] != '-';
	int ret = read_words(&q, words, has_program);

	if (!ret)
		ret = finish(&q);
	if (!ret && im->taken && !im->memory) {
		import_note(im, "no -m: QEMU's 128 MiB");
		ret = import_memory(im, NULL, "-m", DEFAULT_MEMORY);
	}
	release(&q);
	return ret;
}

int import_qemu(struct import *im, const char *source, const char *text, size_t size)
{
	const struct import_place at = { source, 1, 1 };
	struct import_words words;
	int ret;

	if (strlen(text) != size)
		return import_fail(im, &at, "a NUL character in it; legal is text");
	if (import_shell(im, &at, text, &words))
		return -1;
	ret = import_qemu_words(im, &words);
	import_words_free(&words);
	return ret;
}
