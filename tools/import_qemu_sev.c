/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU's objects that protect a guest: sev-guest, sev-emulated, sev-snp-guest, igvm-cfg. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import_qemu.h"

static const char *type_of(const struct qemu_thing *object)
{
	const char *type = import_get(&object->properties, "qom-type");

	return type ? type : "";
}

/* --- what is not there yet -------------------------------------------------------------------- */

/* The object with all of its values. */
static void report_missing(struct qemu *q, const struct qemu_thing *object)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	fputs(type_of(object), out);
	for (size_t i = 0; i < object->properties.count; i++) {
		const struct import_property *p = &object->properties.property[i];

		if (strcmp(p->name, "qom-type"))
			fprintf(out, ",%s=%s", p->name, p->value);
	}
	if (fclose(out) == 0)
		import_missing(q->im, "-object %s", text);
	free(text);
}

/* --- sev-guest, sev-emulated ------------------------------------------------------------------ */

struct sev_property {
	const char *name; /* QEMU's */
	enum { NUMBER, PATH, HASHES, KEY, NOTED, SILENT } kind;
	const char *our; /* of the sev: directive */
};

static const struct sev_property sev_properties[] = {
	{ "cbitpos", NUMBER, "cbitpos" },
	{ "reduced-phys-bits", NUMBER, "reduced_phys_bits" },
	{ "policy", NUMBER, "policy" },
	{ "handle", NUMBER, "handle" },
	{ "dh-cert-file", PATH, "dh_cert_file" },
	{ "session-file", PATH, "session_file" },
	{ "kernel-hashes", HASHES, "kernel_hashes" },
	{ "tik", KEY, "tik" },
	{ "tek", KEY, "tek" },
	{ "sev-device", NOTED, "the Secure Processor is emulated" },
	{ "legacy-vm-type", NOTED, "it matters to SEV-ES alone" },
	{ "debug-swap", NOTED, "it matters to SEV-ES alone" },
	{ "id", SILENT, NULL },
	{ "qom-type", SILENT, NULL },
};

#define SEV_PROPERTIES (sizeof(sev_properties) / sizeof(sev_properties[0]))

static int unknown_property(struct qemu *q, const struct qemu_thing *object, const char *name)
{
	bool emulated = !strcmp(type_of(object), "sev-emulated");
	char legal[256] = "";

	for (size_t i = 0; i < SEV_PROPERTIES; i++)
		if (sev_properties[i].kind != SILENT &&
			(emulated || sev_properties[i].kind != KEY)) {
			strcat(legal, *legal ? ", " : "");
			strcat(legal, sev_properties[i].name);
		}
	return import_fail(q->im, &object->at, "-object %s: %.100s: not a property; legal are %s",
		type_of(object), name, legal);
}

static int set_hashes(struct qemu *q, const struct qemu_thing *object, const char *value)
{
	bool on;

	if (import_bool(q->im, &object->at, "-object sev-guest: kernel-hashes", value, &on))
		return -1;
	return import_sev(q->im, &object->at, "kernel_hashes", on ? "1" : "0");
}

static int set_path(struct qemu *q, const struct qemu_thing *object,
	const struct sev_property *known, const char *value)
{
	if (!strcmp(type_of(object), "sev-emulated")) {
		import_note(q->im, "-object sev-emulated: %s=%s: it has its keys in the clear",
			known->name, value);
		return 0;
	}
	return import_sev(q->im, &object->at, known->our, value);
}

static int set_property(
	struct qemu *q, const struct qemu_thing *object, const struct import_property *p)
{
	const struct sev_property *known = sev_properties;
	bool emulated = !strcmp(type_of(object), "sev-emulated");

	while (known < sev_properties + SEV_PROPERTIES && strcmp(known->name, p->name))
		known++;
	if (known == sev_properties + SEV_PROPERTIES || (known->kind == KEY && !emulated))
		return unknown_property(q, object, p->name);
	switch (known->kind) {
	case NUMBER:
		return import_sev_number(q->im, &object->at, p->name, known->our, p->value);
	case PATH:
		return set_path(q, object, known, p->value);
	case HASHES:
		return set_hashes(q, object, p->value);
	case KEY:
		return import_sev(q->im, &object->at, known->our, p->value);
	case NOTED:
		import_note(q->im, "-object %s: %s=%s: %s", type_of(object), p->name, p->value,
			known->our);
		return 0;
	case SILENT:
		break;
	}
	return 0;
}

/* sev-emulated has keys of zeros where none are given; the sev: directive takes both from files. */
static int add_zero_key(struct qemu *q, const struct qemu_thing *object, const char *name)
{
	static const uint8_t zeros[16];
	const char *path;

	if (import_get(&object->properties, name))
		return 0;
	import_note(
		q->im, "-object sev-emulated: no %s=: its default, 16 zero bytes, in a file", name);
	path = import_beside(q->im, &object->at, name, zeros, sizeof(zeros), 0600);
	return path ? import_sev(q->im, &object->at, name, path) : -1;
}

/* QEMU has no default for it that works: it compares with the processor. */
static void note_default(
	struct qemu *q, const struct qemu_thing *object, const char *name, const char *value)
{
	if (!import_get(&object->properties, name))
		import_note(q->im, "-object %s: no %s=: %s is taken", type_of(object), name, value);
}

static int sev_guest(struct qemu *q, const struct qemu_thing *object)
{
	for (size_t i = 0; i < object->properties.count; i++)
		if (set_property(q, object, &object->properties.property[i]))
			return -1;
	note_default(q, object, "cbitpos", "51");
	note_default(q, object, "reduced-phys-bits", "1");
	if (!strcmp(type_of(object), "sev-emulated") &&
		(add_zero_key(q, object, "tik") || add_zero_key(q, object, "tek")))
		return -1;
	return import_sev_finish(q->im, &object->at);
}

/* --- the machine's references ----------------------------------------------------------------- */

static struct qemu_thing *referred(struct qemu *q, const struct qemu_reference *reference)
{
	struct qemu_thing *object = qemu_find(q, "-object", "id", reference->name);

	if (object)
		object->used = true;
	else
		import_fail(q->im, &reference->at,
			"-machine %s=%.100s: there is no -object of this id", reference->by,
			reference->name);
	return object;
}

static int protect(struct qemu *q)
{
	struct qemu_thing *object = referred(q, &q->guest);
	const char *type;

	if (!object)
		return -1;
	type = type_of(object);
	if (!strcmp(type, "sev-guest") || !strcmp(type, "sev-emulated"))
		return sev_guest(q, object);
	if (strcmp(type, "sev-snp-guest") && strcmp(type, "tdx-guest") &&
		strcmp(type, "s390-pv-guest") && strcmp(type, "pef-guest"))
		return import_fail(q->im, &object->at,
			"-object %.100s: does not protect a guest; legal are sev-guest, "
			"sev-emulated, "
			"sev-snp-guest",
			type);
	report_missing(q, object);
	return 0;
}

static int igvm(struct qemu *q)
{
	struct qemu_thing *object = referred(q, &q->igvm);

	if (!object)
		return -1;
	if (strcmp(type_of(object), "igvm-cfg"))
		return import_fail(
			q->im, &object->at, "-object %.100s: legal is igvm-cfg", type_of(object));
	if (!import_get(&object->properties, "file"))
		return import_fail(q->im, &object->at, "-object igvm-cfg: legal is file=FILE");
	if (q->im->firmware)
		return import_fail(q->im, &object->at,
			"-object igvm-cfg beside a firmware; legal is one of the two");
	report_missing(q, object);
	return 0;
}

int qemu_protection(struct qemu *q)
{
	if ((q->guest.name && protect(q)) || (q->igvm.name && igvm(q)))
		return -1;
	for (size_t i = 0; i < q->things; i++) {
		const struct qemu_thing *thing = &q->thing[i];

		if (strcmp(thing->option, "-object") || thing->used)
			continue;
		if (!strncmp(type_of(thing), "sev-", 4))
			import_note(q->im,
				"-object %s: -machine does not name it: the guest is not protected",
				type_of(thing));
		else
			import_note(q->im, "-object %s: not taken over", type_of(thing));
	}
	return 0;
}
