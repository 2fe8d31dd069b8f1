/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU's options for the machine as a whole: its type, memory, processors, control socket. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "tools/import_qemu.h"

#define MIB (1024u * 1024u)

/* --- -machine --------------------------------------------------------------------------------- */

static int machine_type(struct qemu *q, const char *type)
{
	if (strncmp(type, "pc-i440fx", 9) && strcmp(type, "pc"))
		import_note(q->im, "-machine %s: Bochs' machine is an i440FX", type);
	return 0;
}

static int machine_property(
	struct qemu *q, const struct import_place *at, const struct import_property *p)
{
	const char *name = p->name, *value = p->value;

	if (!strcmp(name, "type"))
		return machine_type(q, value);
	if (!strcmp(name, "confidential-guest-support"))
		return qemu_refer(q, &q->guest, at, "confidential-guest-support", value);
	if (!strcmp(name, "memory-encryption"))
		return qemu_refer(q, &q->guest, at, "memory-encryption", value);
	if (!strcmp(name, "igvm-cfg"))
		return qemu_refer(q, &q->igvm, at, "igvm-cfg", value);
	if (!strcmp(name, "pflash0"))
		return qemu_refer(q, &q->flash[0], at, "pflash0", value);
	if (!strcmp(name, "pflash1"))
		return qemu_refer(q, &q->flash[1], at, "pflash1", value);
	if (!strcmp(name, "kernel") || !strcmp(name, "initrd"))
		return import_fw_cfg(q->im, at, name, value);
	if (!strcmp(name, "append"))
		return import_cmdline(q->im, at, value);
	if (!strcmp(name, "firmware"))
		return import_path(q->im, at, "-machine firmware", &q->im->firmware, value);
	import_note(q->im, "-machine %s=%s: a property of QEMU's machine", name, value);
	return 0;
}

int qemu_machine(struct qemu *q, const struct import_place *at, const char *value)
{
	struct import_properties properties;
	int ret = 0;

	if (import_properties_parse(q->im, at, "-machine", value, "type", &properties))
		return -1;
	for (size_t i = 0; i < properties.count && !ret; i++)
		ret = machine_property(q, at, &properties.property[i]);
	import_properties_free(&properties);
	return ret;
}

/* --- -m, -smp, -cpu --------------------------------------------------------------------------- */

int qemu_memory(struct qemu *q, const struct import_place *at, const char *value)
{
	struct import_properties properties;
	const char *size;
	uint64_t bytes = 0;
	char what[64];
	int ret = 0;

	if (import_properties_parse(q->im, at, "-m", value, "size", &properties))
		return -1;
	size = import_get(&properties, "size");
	snprintf(what, sizeof(what), "-m %.50s", value);
	if (size && import_size(size, MIB, &bytes))
		ret = import_fail(q->im, at,
			"-m %.100s: not a size; legal is a number, of MiB or with one of B, K, M, "
			"G, T",
			value);
	if (!ret && size)
		ret = import_memory(q->im, at, what, bytes);
	if (!ret && (import_get(&properties, "slots") || import_get(&properties, "maxmem")))
		import_note(q->im, "%s: memory is not added while a machine runs", what);
	import_properties_free(&properties);
	return ret;
}

/* Parts that are not given count as one. */
static int smp_product(struct qemu *q, const struct import_place *at,
	const struct import_properties *properties, uint64_t *product)
{
	static const char *const parts[] = { "drawers", "books", "sockets", "dies", "clusters",
		"modules", "cores", "threads" };
	uint64_t number;

	*product = 1;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *text = import_get(properties, parts[i]);

		if (!text)
			continue;
		if (import_number(text, &number) || !number || number > UINT16_MAX)
			return import_fail(
				q->im, at, "-smp %s=%.50s: legal is 1 to 65535", parts[i], text);
		*product *= number;
		if (*product > UINT16_MAX)
			return import_fail(q->im, at, "-smp: more than 65535 processors");
	}
	return 0;
}

int qemu_smp(struct qemu *q, const struct import_place *at, const char *value)
{
	struct import_properties properties;
	uint64_t count, product;
	const char *cpus;
	char what[64];
	int ret;

	if (import_properties_parse(q->im, at, "-smp", value, "cpus", &properties))
		return -1;
	snprintf(what, sizeof(what), "-smp %.50s", value);
	ret = smp_product(q, at, &properties, &product);
	cpus = import_get(&properties, "cpus");
	count = product;
	if (!ret && cpus && import_number(cpus, &count))
		ret = import_fail(q->im, at,
			"-smp %.100s: not a number of processors; legal is 1 or "
			"more",
			value);
	if (!ret)
		ret = import_cpus(q->im, at, what, count);
	import_properties_free(&properties);
	return ret;
}

int qemu_cpu(struct qemu *q, const struct import_place *at, const char *value)
{
	(void)at;
	if (strncmp(value, "EPYC-Milan", 10))
		import_note(q->im, "-cpu %s: the processor is an EPYC-Milan", value);
	else if (strchr(value, ','))
		import_note(q->im, "-cpu %s: the processor's features are what Bochs has", value);
	return 0;
}

/* --- -fw_cfg ---------------------------------------------------------------------------------- */

/* A text in the command line becomes a file of its own. */
static const char *fw_cfg_string(struct qemu *q, const struct import_place *at, const char *text)
{
	char suffix[32];

	snprintf(suffix, sizeof(suffix), "fw_cfg%u", q->im->fw_cfg.file_count);
	return import_beside(q->im, at, suffix, text, strlen(text), 0600);
}

int qemu_fw_cfg(struct qemu *q, const struct import_place *at, const char *value)
{
	struct import_properties properties;
	const char *name, *file, *string;
	int ret = -1;

	if (import_properties_parse(q->im, at, "-fw_cfg", value, "name", &properties))
		return -1;
	name = import_get(&properties, "name");
	file = import_get(&properties, "file");
	string = import_get(&properties, "string");
	if (!name || !file == !string)
		import_fail(q->im, at,
			"-fw_cfg %.100s: legal is name=NAME and one of file=FILE and "
			"string=TEXT",
			value);
	else if (file || (file = fw_cfg_string(q, at, string)))
		ret = import_fw_cfg_file(q->im, at, name, file);
	import_properties_free(&properties);
	return ret;
}

/* --- control socket --------------------------------------------------------------------------- */

static bool is_on(const struct import_properties *properties, const char *name)
{
	const char *value = import_get(properties, name);

	return value && (!strcmp(value, "on") || !strcmp(value, "yes"));
}

static int use_socket(struct qemu *q, const struct import_place *at, const char *what,
	const struct import_properties *socket)
{
	const char *path = import_get(socket, "path"), *wait = import_get(socket, "wait");

	if (!path || !is_on(socket, "server")) {
		import_note(q->im, "%s: legal here is the server of a UNIX socket", what);
		q->qmp_elsewhere = true;
		return 0;
	}
	if (!is_on(socket, "nowait") && !(wait && !strcmp(wait, "off")))
		import_note(q->im, "%s: the machine does not wait for a client", what);
	if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return import_fail(q->im, at, "%s: %zu characters; legal for a socket are %zu",
			what, strlen(path), sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1);
	return import_path(q->im, at, what, &q->im->qmp, path);
}

int qemu_qmp(struct qemu *q, const struct import_place *at, const char *value)
{
	struct import_properties socket;
	char what[80];
	int ret;

	snprintf(what, sizeof(what), "-qmp %.70s", value);
	if (strncmp(value, "unix:", 5)) {
		import_note(q->im, "%s: legal here is the server of a UNIX socket", what);
		q->qmp_elsewhere = true;
		return 0;
	}
	if (import_properties_parse(q->im, at, "-qmp", value + 5, "path", &socket))
		return -1;
	ret = use_socket(q, at, what, &socket);
	import_properties_free(&socket);
	return ret;
}

/* -chardev socket,id=X,... -mon chardev=X,mode=control: the chardev comes first. */
int qemu_mon(struct qemu *q, const struct import_place *at, const char *value)
{
	struct import_properties monitor;
	const char *mode, *id;
	struct qemu_thing *chardev;
	int ret = 0;

	if (import_properties_parse(q->im, at, "-mon", value, "chardev", &monitor))
		return -1;
	mode = import_get(&monitor, "mode");
	id = import_get(&monitor, "chardev");
	chardev = id ? qemu_find(q, "-chardev", "id", id) : NULL;
	if (!id || !chardev)
		ret = import_fail(
			q->im, at, "-mon %.100s: there is no -chardev of this id before it", value);
	else if (!mode || strcmp(mode, "control"))
		import_note(q->im, "-mon %s: the control socket is qmp: alone", value);
	else
		ret = use_socket(q, &chardev->at, "-chardev", &chardev->properties);
	import_properties_free(&monitor);
	return ret;
}

/* --- console ---------------------------------------------------------------------------------- */

/* The first serial port is the console; Bochs' others are not set up. */
int qemu_serial(struct qemu *q, const struct import_place *at, const char *value)
{
	const char *path = NULL;

	if (q->serial_set) {
		import_note(q->im, "-serial %s: one serial port is set up", value);
		return 0;
	}
	q->serial_set = true;
	if (!strncmp(value, "file:", 5)) {
		path = value + 5;
	} else if (!strncmp(value, "chardev:", 8)) {
		struct qemu_thing *chardev = qemu_find(q, "-chardev", "id", value + 8);
		const char *backend = chardev ? import_get(&chardev->properties, "backend") : NULL;

		if (backend && !strcmp(backend, "file"))
			path = import_get(&chardev->properties, "path");
	}
	if (path)
		return import_path(q->im, at, "-serial", &q->im->serial, path);
	import_note(q->im, "-serial %s: the console goes to a file: the line com1:", value);
	return 0;
}
