/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Proxmox VE's file of a virtual machine, /etc/pve/qemu-server/ID.conf: `key: value` lines, then a
 * section for each snapshot. Source: Proxmox' qm.conf(5).
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import.h"

#define MIB	       (1024u * 1024u)
#define DEFAULT_MEMORY 512u /* MiB */

struct proxmox {
	struct import *im;
	uint64_t cores, sockets, vcpus;
	bool ovmf;
	struct import_place at_sev; /* line 0: no protection */
	char *sev, *args;
	struct import_place at_args;
};

struct setting {
	const char *key; /* without its number */
	int (*read)(struct proxmox *p, const struct import_place *at, const char *key,
		const char *value);
	const char *why; /* if there is no read: why it has no counterpart */
};

/* --- memory and processors -------------------------------------------------------------------- */

static int read_memory(
	struct proxmox *p, const struct import_place *at, const char *key, const char *value)
{
	struct import_properties properties;
	const char *current;
	uint64_t mib;
	int ret;

	if (import_properties_parse(p->im, at, key, value, "current", &properties))
		return -1;
	current = import_get(&properties, "current");
	if (!current || import_number_in(current, 10, &mib) || mib > UINT32_MAX)
		ret = import_fail(
			p->im, at, "memory: %.100s: not a size; legal is a number of MiB", value);
	else
		ret = import_memory(p->im, at, "memory", mib * MIB);
	import_properties_free(&properties);
	return ret;
}

static int read_count(
	struct proxmox *p, const struct import_place *at, const char *key, const char *value)
{
	uint64_t count;

	if (import_number_in(value, 10, &count) || !count || count > UINT16_MAX)
		return import_fail(p->im, at, "%s: %.100s: legal is 1 to 65535", key, value);
	if (!strcmp(key, "cores"))
		p->cores = count;
	else if (!strcmp(key, "sockets"))
		p->sockets = count;
	else
		p->vcpus = count;
	return 0;
}

static int read_cpu(
	struct proxmox *p, const struct import_place *at, const char *key, const char *value)
{
	(void)at;
	(void)key;
	if (strncmp(value, "EPYC-Milan", 10) && strncmp(value, "cputype=EPYC-Milan", 18))
		import_note(p->im, "cpu: %s: the processor is an EPYC-Milan", value);
	return 0;
}

/* --- firmware, disks, arguments --------------------------------------------------------------- */

static int read_bios(
	struct proxmox *p, const struct import_place *at, const char *key, const char *value)
{
	(void)key;
	if (strcmp(value, "ovmf") && strcmp(value, "seabios"))
		return import_fail(p->im, at, "bios: %.100s: legal is ovmf or seabios", value);
	p->ovmf = !strcmp(value, "ovmf");
	p->im->taken += p->ovmf;
	if (!p->ovmf)
		import_note(p->im, "bios: seabios: the firmware is OVMF");
	return 0;
}

static int read_machine(
	struct proxmox *p, const struct import_place *at, const char *key, const char *value)
{
	(void)at;
	if (strncmp(value, "pc-i440fx", 9) && strcmp(value, "pc"))
		import_note(p->im, "%s: %s: Bochs' machine is an i440FX", key, value);
	return 0;
}

static bool is_file(const char *path)
{
	return *path == '/';
}

static bool is_raw(const struct import_properties *disk, const char *path)
{
	const char *format = import_get(disk, "format"), *point = strrchr(path, '.');

	if (format)
		return !strcmp(format, "raw");
	return !point || (strcmp(point, ".qcow2") && strcmp(point, ".vmdk"));
}

static int ata_disk(struct proxmox *p, const struct import_place *at, const char *key,
	const struct import_properties *disk)
{
	const char *path = import_get(disk, "file"), *media = import_get(disk, "media");
	bool cdrom = media && !strcmp(media, "cdrom");
	unsigned slot = (unsigned)(key[strlen(key) - 1] - '0');

	if (!path)
		return import_fail(p->im, at, "%s: names no disk", key);
	if (!strcmp(path, "none"))
		return 0;
	if (!cdrom && import_written(p->im, at, path, disk))
		return -1;
	if (!is_file(path))
		import_note(p->im,
			"%s: %s: a volume of a storage; `pvesm path` says where it is, "
			"and --disk takes it",
			key, path);
	else if (!cdrom && !is_raw(disk, path))
		import_note(p->im,
			"%s: %s: not a raw image; `qemu-img convert -O raw` makes one, "
			"and --disk takes it",
			key, path);
	else
		return import_disk(p->im, at, key, slot, path, cdrom);
	return 0;
}

static int read_ata(
	struct proxmox *p, const struct import_place *at, const char *key, const char *value)
{
	struct import_properties disk;
	int ret;

	if (import_properties_parse(p->im, at, key, value, "file", &disk))
		return -1;
	ret = ata_disk(p, at, key, &disk);
	import_properties_free(&disk);
	return ret;
}

static int keep(struct proxmox *p, char **out, const char *value)
{
	free(*out);
	*out = strdup(value);
	return *out ? 0 : import_fail(p->im, NULL, "out of memory");
}

static int read_args(
	struct proxmox *p, const struct import_place *at, const char *key, const char *value)
{
	(void)key;
	p->at_args = *at;
	return keep(p, &p->args, value);
}

static int read_kvm(
	struct proxmox *p, const struct import_place *at, const char *key, const char *value)
{
	(void)at;
	import_note(p->im, "%s: %s: everything is emulated", key, value);
	return 0;
}

/* --- amd_sev ---------------------------------------------------------------------------------- */

static int read_sev(
	struct proxmox *p, const struct import_place *at, const char *key, const char *value)
{
	(void)key;
	p->at_sev = *at;
	return keep(p, &p->sev, value);
}

/* --- the settings ----------------------------------------------------------------------------- */

#define OWN	"a matter of Proxmox'"
#define DISPLAY "there is no display but the serial console"

/* Passwords are among these values: they are not repeated. */
static const char cloud[] = "no cloud-init drive is made";

/* clang-format off */
static const struct setting settings[] = {
	{ "amd_sev", read_sev, NULL },
	{ "amd-sev", read_sev, NULL },
	{ "memory", read_memory, NULL },
	{ "cores", read_count, NULL },
	{ "sockets", read_count, NULL },
	{ "vcpus", read_count, NULL },
	{ "cpu", read_cpu, NULL },
	{ "bios", read_bios, NULL },
	{ "machine", read_machine, NULL },
	{ "args", read_args, NULL },
	{ "ide", read_ata, NULL },
	{ "sata", read_ata, NULL },
	{ "kvm", read_kvm, NULL },

	{ "scsi", NULL, "Bochs has no SCSI; --disk FILE makes it an ATA disk" },
	{ "virtio", NULL, "Bochs has no virtio; --disk FILE makes it an ATA disk" },
	{ "virtiofs", NULL, "Bochs has no virtio" },
	{ "scsihw", NULL, "Bochs has no SCSI" },
	{ "efidisk", NULL, "what the firmware writes to its variables is not kept" },
	{ "tpmstate", NULL, "Bochs has no TPM" },
	{ "net", NULL, "no network is set up" },
	{ "serial", NULL, "the console goes to a file: the line com1:" },
	{ "parallel", NULL, "no parallel port is set up" },
	{ "usb", NULL, "no USB controller is set up" },
	{ "hostpci", NULL, "Bochs has no device of the host" },
	{ "audio", NULL, "Bochs has none" },
	{ "rng", NULL, "Bochs has no virtio" },
	{ "vga", NULL, DISPLAY },
	{ "keyboard", NULL, DISPLAY },
	{ "tablet", NULL, DISPLAY },
	{ "spice_enhancements", NULL, DISPLAY },
	{ "boot", NULL, "the firmware decides; fw_cfg: bootorder= takes OpenFirmware paths" },
	{ "bootdisk", NULL, "the firmware decides; fw_cfg: bootorder= takes OpenFirmware paths" },
	{ "cdrom", NULL, "written as ide2: FILE,media=cdrom it is taken over" },
	{ "balloon", NULL, "Bochs has no virtio" },
	{ "shares", NULL, "Bochs has no virtio" },
	{ "numa", NULL, "there is one node" },
	{ "hugepages", NULL, OWN },
	{ "keephugepages", NULL, OWN },
	{ "ivshmem", NULL, "Bochs has none" },
	{ "watchdog", NULL, "Bochs has none" },
	{ "smbios", NULL, "there are no SMBIOS tables" },
	{ "vmgenid", NULL, "a machine has no generation" },
	{ "acpi", NULL, "there is always ACPI" },
	{ "localtime", NULL, "the clock is this machine's, in UTC" },
	{ "startdate", NULL, "the clock is this machine's, in UTC" },
	{ "tdf", NULL, "the clock is this machine's, in UTC" },
	{ "reboot", NULL, "a reset does not end the run" },
	{ "freeze", NULL, "qmp: paused=1 lets a machine wait" },
	{ "intel-tdx", NULL, "the processor is AMD's" },
	{ "name", NULL, "a machine has no name" },
	{ "ostype", NULL, OWN },
	{ "agent", NULL, OWN },
	{ "arch", NULL, OWN },
	{ "affinity", NULL, OWN },
	{ "autostart", NULL, OWN },
	{ "allow-ksm", NULL, OWN },
	{ "cpulimit", NULL, OWN },
	{ "cpuunits", NULL, OWN },
	{ "description", NULL, OWN },
	{ "digest", NULL, OWN },
	{ "hookscript", NULL, OWN },
	{ "hotplug", NULL, OWN },
	{ "lock", NULL, OWN },
	{ "meta", NULL, OWN },
	{ "migrate_downtime", NULL, OWN },
	{ "migrate_speed", NULL, OWN },
	{ "onboot", NULL, OWN },
	{ "parent", NULL, OWN },
	{ "protection", NULL, OWN },
	{ "runningcpu", NULL, OWN },
	{ "runningmachine", NULL, OWN },
	{ "running-nets-host-mtu", NULL, OWN },
	{ "snaptime", NULL, OWN },
	{ "startup", NULL, OWN },
	{ "tags", NULL, OWN },
	{ "template", NULL, OWN },
	{ "unused", NULL, OWN },
	{ "vmstate", NULL, OWN },
	{ "vmstatestorage", NULL, OWN },
	{ "cicustom", NULL, cloud },
	{ "cipassword", NULL, cloud },
	{ "citype", NULL, cloud },
	{ "ciupgrade", NULL, cloud },
	{ "ciuser", NULL, cloud },
	{ "ipconfig", NULL, cloud },
	{ "nameserver", NULL, cloud },
	{ "searchdomain", NULL, cloud },
	{ "sshkeys", NULL, cloud },
	{ NULL, NULL, NULL },
};
/* clang-format on */

/* A key is the table's, or the table's with a number. */
static const struct setting *setting(const char *key)
{
	for (const struct setting *s = settings; s->key; s++) {
		size_t length = strlen(s->key);

		if (!strncmp(key, s->key, length) &&
			key[length + strspn(key + length, "0123456789")] == 0)
			return s;
	}
	return NULL;
}

static int read_setting(struct proxmox *p, const struct import_place *key_at,
	const struct import_place *value_at, const char *key, const char *value)
{
	const struct setting *s = setting(key);

	if (!s)
		return import_fail(p->im, key_at,
			"%.100s: not a setting of Proxmox' that is known here; legal are those of "
			"qm.conf(5)",
			key);
	if (s->read)
		return s->read(p, value_at, key, value);
	if (s->why == cloud || !strcmp(key, "description"))
		import_note(p->im, "%s: %s", key, s->why);
	else
		import_note(p->im, "%s: %s: %s", key, value, s->why);
	return 0;
}

/* --- lines ------------------------------------------------------------------------------------ */

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = 0;
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

static int read_line(struct proxmox *p, const char *source, unsigned number, char *line)
{
	struct import_place at = { source, number, 1 }, value_at = at;
	size_t length = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_-");
	char *value;

	if (!length || line[length] != ':') {
		at.column += (unsigned)length;
		return import_fail(p->im, &at, "%.40s: not a setting; legal is `key: value`", line);
	}
	line[length] = 0;
	value = trim(line + length + 1);
	value_at.column += (unsigned)(value - line);
	if (!*value)
		return import_fail(p->im, &value_at, "%s: no value; legal is `key: value`", line);
	return read_setting(p, &at, &value_at, line, value);
}

/* What comes after a line [NAME] is a snapshot, or pending: not the configuration as it is. */
static int read_lines(struct proxmox *p, const char *source, char *text)
{
	unsigned number = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = text;

		text += length + (text[length] == '\n');
		line[length] = 0;
		number++;
		if (*line == '[') {
			import_note(p->im, "%s and what follows: not the current configuration",
				trim(line));
			return 0;
		}
		if (*line == '#' || !line[strspn(line, " \t\r")])
			continue;
		if (read_line(p, source, number, line))
			return -1;
	}
	return 0;
}

/* --- what several settings say together ------------------------------------------------------- */

static int finish_machine(struct proxmox *p)
{
	uint64_t cpus = (p->cores ? p->cores : 1) * (p->sockets ? p->sockets : 1);

	if (p->vcpus && p->vcpus < cpus)
		cpus = p->vcpus;
	if ((p->cores || p->sockets || p->vcpus) && import_cpus(p->im, NULL, "cores", cpus))
		return -1;
	if (!p->im->memory && p->im->taken) {
		import_note(p->im, "no memory: Proxmox' %u MiB", DEFAULT_MEMORY);
		return import_memory(p->im, NULL, "memory", (uint64_t)DEFAULT_MEMORY * MIB);
	}
	return 0;
}

/* What Proxmox hands on to QEMU comes last there too. */
static int finish_args(struct proxmox *p)
{
	struct import_words words;
	int ret;

	if (import_shell(p->im, &p->at_args, p->args, &words))
		return -1;
	ret = import_qemu_arguments(p->im, &words);
	import_words_free(&words);
	return ret;
}

int import_proxmox(struct import *im, const char *source, const char *text, size_t size)
{
	const struct import_place at = { source, 1, 1 };
	struct proxmox p = { .im = im };
	char *copy;
	int ret;

	if (strlen(text) != size)
		return import_fail(im, &at, "a NUL character in it; legal is text");
	copy = strdup(text);
	if (!copy)
		return import_fail(im, NULL, "out of memory");
	ret = read_lines(&p, source, copy);
	if (!ret && p.args)
		ret = finish_args(&p);
	if (!ret && p.sev)
		ret = import_proxmox_sev(im, &p.at_sev, p.sev, p.ovmf);
	if (!ret)
		ret = finish_machine(&p);
	free(p.sev);
	free(p.args);
	free(copy);
	return ret;
}
