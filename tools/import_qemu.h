/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the reader of QEMU's command line share. */
#ifndef TOOLS_IMPORT_QEMU_H
#define TOOLS_IMPORT_QEMU_H

#include "tools/import.h"

/* An option that others refer to by a name: -object, -drive, -blockdev, -chardev. */
struct qemu_thing {
	struct import_place at;
	const char *option;
	struct import_properties properties;
	bool used;
};

/* A reference to one. */
struct qemu_reference {
	struct import_place at;
	const char *by; /* the property that refers, or NULL: there is no reference */
	char *name;
};

struct qemu {
	struct import *im;
	struct qemu_thing *thing;
	size_t things;
	struct qemu_reference guest, igvm; /* of the machine */
	struct qemu_reference flash[2];
	struct import_place at_paused;
	bool qmp_elsewhere; /* a control socket that has no counterpart */
	bool memory_set, serial_set;
};

/* What an option without a counterpart is told. */
struct qemu_option {
	const char *name; /* without the - */
	bool has_value;
	int (*read)(struct qemu *q, const struct import_place *at, const char *value);
	const char *why; /* if there is no read: why it has no counterpart */
};

const struct qemu_option *qemu_option(const char *name);

/* Keeps a thing; with implied as in import_properties_parse. */
int qemu_keep(struct qemu *q, const struct import_place *at, const char *option, const char *value,
	const char *implied);
/* The thing of an option whose property has this value, or NULL. */
struct qemu_thing *qemu_find(
	struct qemu *q, const char *option, const char *property, const char *value);
int qemu_refer(struct qemu *q, struct qemu_reference *reference, const struct import_place *at,
	const char *by, const char *name);

/* --- import_qemu_machine.c -------------------------------------------------------------------- */

int qemu_machine(struct qemu *q, const struct import_place *at, const char *value);
int qemu_memory(struct qemu *q, const struct import_place *at, const char *value);
int qemu_smp(struct qemu *q, const struct import_place *at, const char *value);
int qemu_cpu(struct qemu *q, const struct import_place *at, const char *value);
int qemu_fw_cfg(struct qemu *q, const struct import_place *at, const char *value);
int qemu_qmp(struct qemu *q, const struct import_place *at, const char *value);
int qemu_mon(struct qemu *q, const struct import_place *at, const char *value);
int qemu_serial(struct qemu *q, const struct import_place *at, const char *value);

/* --- import_qemu_disk.c ----------------------------------------------------------------------- */

int qemu_drive(struct qemu *q, const struct import_place *at, const char *value);
int qemu_device(struct qemu *q, const struct import_place *at, const char *value);
int qemu_hda(struct qemu *q, const struct import_place *at, const char *value);
int qemu_hdb(struct qemu *q, const struct import_place *at, const char *value);
int qemu_hdc(struct qemu *q, const struct import_place *at, const char *value);
int qemu_hdd(struct qemu *q, const struct import_place *at, const char *value);
int qemu_cdrom(struct qemu *q, const struct import_place *at, const char *value);
/* What is in the machine's flash, once all is read. */
int qemu_flash(struct qemu *q);

/* --- import_qemu_sev.c ------------------------------------------------------------------------ */

/* What protects the guest, once all is read. */
int qemu_protection(struct qemu *q);

#endif
