/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The devices of a domain. */
#include <stdlib.h>
#include <string.h>

#include "tools/import_libvirt.h"

/* hda and sda are the first disk; -1 for a name that is neither. */
static int slot_of(const char *target)
{
	if (strlen(target) != 3 || (strncmp(target, "hd", 2) && strncmp(target, "sd", 2)) ||
		target[2] < 'a' || target[2] > 'z')
		return -1;
	return target[2] - 'a';
}

struct disk {
	char *path, *bus, *target, *format;
	bool cdrom;
};

static int add_disk(struct libvirt *v, xmlNode *node, const struct disk *disk)
{
	struct import_place at = libvirt_place(v, node);
	bool ata = disk->bus ? !strcmp(disk->bus, "ide") || !strcmp(disk->bus, "sata")
			     : disk->target && slot_of(disk->target) >= 0;
	int slot = disk->target ? slot_of(disk->target) : -1;

	if (!disk->path) {
		libvirt_note(v, node,
			disk->cdrom ? "a drive without a medium"
				    : "not a file or device of this machine");
		return 0;
	}
	if (!ata)
		import_note(v->im, "disk %s: Bochs has no %s; --disk FILE makes it an ATA disk",
			disk->path, disk->bus ? disk->bus : "virtio");
	else if (!disk->cdrom && disk->format && strcmp(disk->format, "raw"))
		import_note(v->im,
			"disk %s: not a raw image; `qemu-img convert -O raw` makes one, and --disk "
			"takes it",
			disk->path);
	else
		return import_disk(
			v->im, &at, "disk", slot < 0 ? 0 : (unsigned)slot, disk->path, disk->cdrom);
	return 0;
}

static int read_disk(struct libvirt *v, xmlNode *node)
{
	static const char *const kept[] = { "readonly", "transient" };
	xmlNode *source = libvirt_child(node, "source"), *target = libvirt_child(node, "target");
	xmlNode *driver = libvirt_child(node, "driver");
	struct disk disk = { .cdrom = libvirt_attribute_is(node, "device", "cdrom") };
	int ret;

	if (source)
		disk.path = libvirt_attribute(source, "file");
	if (source && !disk.path)
		disk.path = libvirt_attribute(source, "dev");
	if (target) {
		disk.bus = libvirt_attribute(target, "bus");
		disk.target = libvirt_attribute(target, "dev");
	}
	if (driver)
		disk.format = libvirt_attribute(driver, "type");
	for (size_t i = 0; disk.path && !disk.cdrom && i < 2; i++)
		if (libvirt_child(node, kept[i]))
			import_note_written(v->im, disk.path, kept[i]);
	ret = add_disk(v, node, &disk);
	free(disk.path);
	free(disk.bus);
	free(disk.target);
	free(disk.format);
	return ret;
}

static int read_serial(struct libvirt *v, xmlNode *node)
{
	struct import_place at = libvirt_place(v, node);
	xmlNode *source = libvirt_child(node, "source");
	char *path = source && libvirt_attribute_is(node, "type", "file")
			     ? libvirt_attribute(source, "path")
			     : NULL;
	int ret = 0;

	if (path && !v->im->serial)
		ret = import_path(v->im, &at, "<serial>", &v->im->serial, path);
	else
		libvirt_note(v, node, "the console goes to a file: the line com1:");
	free(path);
	return ret;
}

int libvirt_devices(struct libvirt *v, xmlNode *node)
{
	static const struct libvirt_element known[] = {
		{ "disk", read_disk, NULL },
		{ "serial", read_serial, NULL },
		{ "emulator", NULL, NULL },
		{ "console", NULL, "the console goes to a file: the line com1:" },
		{ "interface", NULL, "no network is set up" },
		{ "controller", NULL, "Bochs' machine has its own" },
		{ "memballoon", NULL, "Bochs has no virtio" },
		{ "rng", NULL, "Bochs has no virtio" },
		{ "channel", NULL, "Bochs has no virtio" },
		{ "vsock", NULL, "Bochs has no virtio" },
		{ "filesystem", NULL, "Bochs has no virtio" },
		{ "input", NULL, "Bochs' machine has its own" },
		{ "graphics", NULL, "there is no display but the serial console" },
		{ "video", NULL, "there is no display but the serial console" },
		{ "sound", NULL, "Bochs has none" },
		{ "audio", NULL, "Bochs has none" },
		{ "tpm", NULL, "Bochs has none" },
		{ "watchdog", NULL, "Bochs has none" },
		{ "panic", NULL, "Bochs has none" },
		{ "hostdev", NULL, "Bochs has no device of the host" },
		{ "parallel", NULL, "no parallel port is set up" },
		{ NULL, NULL, NULL },
	};

	return libvirt_read(v, node, known);
}
