/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU's disks and flash. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import_qemu.h"

static bool ends(const char *text, const char *with)
{
	size_t length = strlen(text), end = strlen(with);

	return length >= end && !strcmp(text + length - end, with);
}

static bool is_raw(const char *path, const char *format)
{
	return format ? !strcmp(format, "raw") || !strcmp(format, "file")
		      : !ends(path, ".qcow2") && !ends(path, ".vmdk") && !ends(path, ".vdi");
}

/* An image as a disk of Bochs' ATA channels; format NULL: not said. */
static int add_disk(struct qemu *q, const struct import_place *at, unsigned slot, const char *path,
	const char *format, bool cdrom)
{
	if (!cdrom && !is_raw(path, format)) {
		import_note(q->im,
			"disk %s: not a raw image; `qemu-img convert -O raw` makes one, and --disk "
			"takes it",
			path);
		return 0;
	}
	return import_disk(q->im, at, "disk", slot, path, cdrom);
}

int qemu_hda(struct qemu *q, const struct import_place *at, const char *value)
{
	return add_disk(q, at, 0, value, NULL, false);
}

int qemu_hdb(struct qemu *q, const struct import_place *at, const char *value)
{
	return add_disk(q, at, 1, value, NULL, false);
}

int qemu_hdc(struct qemu *q, const struct import_place *at, const char *value)
{
	return add_disk(q, at, 2, value, NULL, false);
}

int qemu_hdd(struct qemu *q, const struct import_place *at, const char *value)
{
	return add_disk(q, at, 3, value, NULL, false);
}

int qemu_cdrom(struct qemu *q, const struct import_place *at, const char *value)
{
	return add_disk(q, at, 2, value, NULL, true);
}

/* --- -drive ----------------------------------------------------------------------------------- */

static int slot_of(struct qemu *q, const struct import_place *at,
	const struct import_properties *drive, unsigned *slot)
{
	static const char *const names[] = { "index", "bus", "unit" };
	uint64_t number[3] = { 0, 0, 0 };

	for (int i = 0; i < 3; i++) {
		const char *text = import_get(drive, names[i]);

		if (text && (import_number(text, &number[i]) || number[i] > UINT16_MAX))
			return import_fail(q->im, at, "-drive %s=%.50s: not a number that is legal",
				names[i], text);
	}
	if (!import_get(drive, "index"))
		number[0] = number[1] * 2 + number[2];
	*slot = number[0] < IMPORT_DISKS ? (unsigned)number[0] : IMPORT_DISKS;
	return 0;
}

static bool is_cdrom(const struct import_properties *drive)
{
	const char *media = import_get(drive, "media");

	return media && !strcmp(media, "cdrom");
}

static const char *path_of(const struct import_properties *p)
{
	const char *path = import_get(p, "file");

	if (!path)
		path = import_get(p, "file.filename");
	return path ? path : import_get(p, "filename");
}

static int ide_drive(struct qemu *q, const struct import_place *at,
	const struct import_properties *drive, bool cdrom)
{
	const char *path = path_of(drive);
	unsigned slot = 0;

	if (!path || !*path) {
		import_note(q->im, "-drive: a drive without a medium");
		return 0;
	}
	if (slot_of(q, at, drive, &slot) || (!cdrom && import_written(q->im, at, path, drive)))
		return -1;
	return add_disk(q, at, slot, path, import_get(drive, "format"), cdrom);
}

/* Flash waits until all is read: the first unit is the firmware, the second its variables. */
static int keep_flash(
	struct qemu *q, const struct import_place *at, const struct import_properties *drive)
{
	const char *path = path_of(drive), *unit = import_get(drive, "unit");
	uint64_t number = q->flash[0].name != NULL;

	if (!unit)
		unit = import_get(drive, "index");
	if (!path || !*path)
		return import_fail(q->im, at, "-drive if=pflash: legal is file=FILE");
	if (unit && (import_number(unit, &number) || number > 1))
		return import_fail(q->im, at, "-drive if=pflash,unit=%.50s: legal is 0 or 1", unit);
	return qemu_refer(q, &q->flash[number], at, "-drive", path);
}

int qemu_drive(struct qemu *q, const struct import_place *at, const char *value)
{
	struct import_properties *drive;
	const char *interface;

	if (qemu_keep(q, at, "-drive", value, NULL))
		return -1;
	drive = &q->thing[q->things - 1].properties;
	interface = import_get(drive, "if");
	if (!interface || !strcmp(interface, "ide") || !strcmp(interface, "sata"))
		return ide_drive(q, at, drive, is_cdrom(drive));
	if (!strcmp(interface, "pflash"))
		return keep_flash(q, at, drive);
	if (strcmp(interface, "none"))
		import_note(q->im, "-drive %s: Bochs has no %s; --disk FILE makes it an ATA disk",
			value, interface);
	return 0;
}

/* --- -blockdev -------------------------------------------------------------------------------- */

#define NODE_DEPTH 8

/* The file under a block node, and the format in it. */
static const char *node_file(struct qemu *q, const char *name, const char **format)
{
	*format = NULL;
	for (int depth = 0; depth < NODE_DEPTH; depth++) {
		struct qemu_thing *node = qemu_find(q, "-blockdev", "node-name", name);
		const char *driver, *path;

		if (!node)
			return NULL;
		driver = import_get(&node->properties, "driver");
		if (!*format)
			*format = driver;
		path = import_get(&node->properties, "filename");
		if (!path)
			path = import_get(&node->properties, "file.filename");
		if (path)
			return path;
		name = import_get(&node->properties, "file");
		if (!name)
			return NULL;
	}
	return NULL;
}

/* --- -device ---------------------------------------------------------------------------------- */

static const char *why_no_device(const char *driver)
{
	static const struct {
		const char *begin, *why;
	} reasons[] = {
		{ "virtio-blk", "Bochs has no virtio; --disk FILE makes it an ATA disk" },
		{ "virtio", "Bochs has no virtio" },
		{ "vhost", "Bochs has no virtio" },
		{ "scsi", "Bochs has no SCSI; --disk FILE makes it an ATA disk" },
		{ "nvme", "Bochs has no NVMe; --disk FILE makes it an ATA disk" },
		{ "e1000", "no network is set up" },
		{ "rtl8139", "no network is set up" },
		{ "vfio", "Bochs has no device of the host" },
		{ "pcie-root-port", "Bochs' machine has no PCI Express" },
		{ "usb", "no USB controller is set up" },
		{ "qemu-xhci", "no USB controller is set up" },
		{ "tpm", "Bochs has none" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (!strncmp(driver, reasons[i].begin, strlen(reasons[i].begin)))
			return reasons[i].why;
	return "not taken over";
}

/* What a device reads and writes, and in which format; NULL: nothing that is known. */
static const char *drive_file(struct qemu *q, const char *drive, const char **format, bool *cdrom)
{
	struct qemu_thing *thing = qemu_find(q, "-drive", "id", drive);

	if (!thing)
		return node_file(q, drive, format);
	*format = import_get(&thing->properties, "format");
	*cdrom |= is_cdrom(&thing->properties);
	return path_of(&thing->properties);
}

/* Unit 0 and 1 of buses ide.0 and ide.1. */
static int ide_device(struct qemu *q, const struct import_place *at, const char *driver,
	const struct import_properties *device)
{
	const char *drive = import_get(device, "drive"), *bus = import_get(device, "bus");
	const char *unit = import_get(device, "unit"), *path, *format;
	bool cdrom = !strcmp(driver, "ide-cd");
	unsigned slot = bus && ends(bus, ".1") ? 2 : 0;
	struct qemu_thing *thing;

	if (!drive) {
		import_note(q->im, "-device %s: a drive without a medium", driver);
		return 0;
	}
	slot += unit && !strcmp(unit, "1");
	path = drive_file(q, drive, &format, &cdrom);
	if (!path)
		return import_fail(q->im, at,
			"-device %s,drive=%.100s: there is no such -drive or -blockdev before it",
			driver, drive);
	thing = qemu_find(q, "-drive", "id", drive);
	if (!thing)
		thing = qemu_find(q, "-blockdev", "node-name", drive);
	if (thing && !cdrom && import_written(q->im, at, path, &thing->properties))
		return -1;
	return add_disk(q, at, slot, path, format, cdrom);
}

static void note_device(struct qemu *q, const char *value, const char *driver,
	const struct import_properties *device)
{
	const char *drive = import_get(device, "drive"), *path = NULL, *format;
	bool cdrom = false;

	if (drive)
		path = drive_file(q, drive, &format, &cdrom);
	import_note(q->im, "-device %s%s%s%s: %s", *value == '{' ? driver : value, path ? " (" : "",
		path ? path : "", path ? ")" : "", why_no_device(driver));
}

int qemu_device(struct qemu *q, const struct import_place *at, const char *value)
{
	struct import_properties device;
	const char *driver;
	int ret = 0;

	if (import_properties_parse(q->im, at, "-device", value, "driver", &device))
		return -1;
	driver = import_get(&device, "driver");
	if (!driver)
		ret = import_fail(q->im, at, "-device %.100s: legal is driver=NAME", value);
	else if (!strcmp(driver, "ide-hd") || !strcmp(driver, "ide-cd"))
		ret = ide_device(q, at, driver, &device);
	else
		note_device(q, value, driver, &device);
	import_properties_free(&device);
	return ret;
}

/* --- flash ------------------------------------------------------------------------------------ */

static int flash_file(struct qemu *q, const struct qemu_reference *flash, const char **path)
{
	const char *format;

	*path = flash->name;
	if (!flash->by || !strcmp(flash->by, "-drive"))
		return 0;
	*path = node_file(q, flash->name, &format);
	if (*path)
		return 0;
	return import_fail(q->im, &flash->at, "-machine %s=%.100s: there is no such -blockdev",
		flash->by, flash->name);
}

int qemu_flash(struct qemu *q)
{
	const char *code, *vars;

	if (flash_file(q, &q->flash[0], &code) || flash_file(q, &q->flash[1], &vars))
		return -1;
	if (vars)
		q->im->has_vars = true;
	return code ? import_path(q->im, &q->flash[0].at, "pflash", &q->im->firmware, code) : 0;
}
