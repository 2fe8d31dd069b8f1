/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libvirt's XML of a domain. Source: libvirt's "Domain XML format"; its launchSecurity element as
 * it is, and as it was written before libvirt 4.5.
 */
#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import.h"

#define KIB 1024u

struct libvirt {
	struct import *im;
	const char *source;
	bool has_sev, efi;
	struct import_words arguments; /* of qemu:commandline */
};

struct element {
	const char *name;
	int (*read)(struct libvirt *v, xmlNode *node);
	const char
		*why; /* if there is no read: why it has no counterpart; NULL: silently left out */
};

/* --- parsing, with columns -------------------------------------------------------------------- */

/* Where an element begins is kept in its _private: line and column of its <. */
struct parse {
	const char *text;
	size_t size, offset;
	unsigned line, column; /* of offset */
	bool doctype;
};

static void move_to(struct parse *p, size_t offset)
{
	for (; p->offset < offset; p->offset++) {
		p->column++;
		if (p->text[p->offset] == '\n') {
			p->line++;
			p->column = 1;
		}
	}
}

/* libxml2 is at the end of the tag then, in which there is no other <. */
static void start_element(void *context, const xmlChar *name, const xmlChar *prefix,
	const xmlChar *uri, int namespaces, const xmlChar **namespace, int attributes,
	int defaulted, const xmlChar **attribute)
{
	xmlParserCtxt *ctxt = context;
	struct parse *p = ctxt->_private;
	long at = xmlByteConsumed(ctxt);

	xmlSAX2StartElementNs(
		ctxt, name, prefix, uri, namespaces, namespace, attributes, defaulted, attribute);
	if (at < 0 || (size_t)at > p->size || !ctxt->node)
		return;
	while (at > 0 && (size_t)at > p->offset && (at == (long)p->size || p->text[at] != '<'))
		at--;
	move_to(p, (size_t)at);
	ctxt->node->_private = (void *)((uintptr_t)p->line << 32 | p->column);
}

/* Nothing in a domain needs one, and entities, which need one, can make much of little. */
static void refuse_doctype(
	void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	xmlParserCtxt *ctxt = context;
	struct parse *p = ctxt->_private;

	(void)name;
	(void)external;
	(void)system;
	p->doctype = true;
	xmlStopParser(ctxt);
}

static int explain(struct libvirt *v, xmlParserCtxt *ctxt, const struct parse *p)
{
	const xmlError *error = xmlCtxtGetLastError(ctxt);
	struct import_place at = { v->source, 1, 1 };
	char text[128];

	if (p->doctype)
		return import_fail(
			v->im, &at, "a document type declaration; legal is a domain without one");
	if (!error || !error->message)
		return import_fail(v->im, &at, "not XML");
	if (error->line > 0)
		at.line = (unsigned)error->line;
	if (error->int2 > 0)
		at.column = (unsigned)error->int2;
	snprintf(text, sizeof(text), "%.120s", error->message);
	text[strcspn(text, "\n")] = 0;
	return import_fail(v->im, &at, "not XML: %s", text);
}

static xmlDoc *parse_xml(struct libvirt *v, const char *text, size_t size)
{
	struct parse p = { .text = text, .size = size, .line = 1, .column = 1 };
	xmlParserCtxt *ctxt = xmlNewParserCtxt();
	xmlDoc *doc;

	if (!ctxt) {
		import_fail(v->im, NULL, "out of memory");
		return NULL;
	}
	ctxt->_private = &p;
	ctxt->sax->startElementNs = start_element;
	ctxt->sax->internalSubset = refuse_doctype;
	doc = xmlCtxtReadMemory(ctxt, text, (int)size, NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
	if (!doc || p.doctype) {
		explain(v, ctxt, &p);
		xmlFreeDoc(doc);
		doc = NULL;
	}
	xmlFreeParserCtxt(ctxt);
	return doc;
}

/* --- elements --------------------------------------------------------------------------------- */

static struct import_place place(const struct libvirt *v, const xmlNode *node)
{
	uintptr_t at = (uintptr_t)node->_private;

	return (struct import_place) { v->source, (unsigned)(at >> 32), (unsigned)at };
}

static bool is(const xmlNode *node, const char *name)
{
	return !strcmp((const char *)node->name, name);
}

/* Without the blanks around it; malloc'ed, NULL with err set. */
static char *content(struct libvirt *v, const xmlNode *node)
{
	xmlChar *all = xmlNodeGetContent(node);
	char *text = (char *)all, *copy, *end;

	while (text && isspace((unsigned char)*text))
		text++;
	for (end = text ? text + strlen(text) : NULL;
		end > text && isspace((unsigned char)end[-1]);)
		end--;
	copy = text ? strndup(text, (size_t)(end - text)) : NULL;
	xmlFree(all);
	if (!copy)
		import_fail(v->im, NULL, "out of memory");
	return copy;
}

/* malloc'ed, or NULL: there is none. */
static char *attribute(const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	char *copy = value ? strdup((const char *)value) : NULL;

	xmlFree(value);
	return copy;
}

static bool attribute_is(const xmlNode *node, const char *name, const char *value)
{
	char *has = attribute(node, name);
	bool same = has && !strcmp(has, value);

	free(has);
	return same;
}

static xmlNode *child(const xmlNode *node, const char *name)
{
	for (xmlNode *each = node->children; each; each = each->next)
		if (each->type == XML_ELEMENT_NODE && is(each, name))
			return each;
	return NULL;
}

/* <name first-attribute='...'>, as a note shows it. */
static void note_element(struct libvirt *v, const xmlNode *node, const char *why)
{
	const xmlAttr *first = node->properties;
	char *value = first ? attribute(node, (const char *)first->name) : NULL;

	if (value)
		import_note(v->im, "<%s %s='%s'>: %s", (const char *)node->name,
			(const char *)first->name, value, why);
	else
		import_note(v->im, "<%s>: %s", (const char *)node->name, why);
	free(value);
}

static int read_element(struct libvirt *v, xmlNode *node, const struct element *known)
{
	while (known->name && !is(node, known->name))
		known++;
	if (known->read)
		return known->read(v, node);
	if (known->why || !known->name)
		note_element(v, node, known->why ? known->why : "not taken over");
	return 0;
}

static int read_children(struct libvirt *v, const xmlNode *node, const struct element *known)
{
	for (xmlNode *each = node->children; each; each = each->next)
		if (each->type == XML_ELEMENT_NODE && read_element(v, each, known))
			return -1;
	return 0;
}

/* --- memory and processors -------------------------------------------------------------------- */

/* libvirt's units: KB is 1000 bytes, k and KiB are 1024. */
static int unit_of(const char *name, uint64_t *unit)
{
	static const char letters[] = "kmgtpe";
	const char *letter;
	int power;

	if (!strcasecmp(name, "b") || !strcasecmp(name, "bytes")) {
		*unit = 1;
		return 0;
	}
	letter = *name ? strchr(letters, tolower((unsigned char)*name)) : NULL;
	if (!letter || (name[1] && strcasecmp(name + 1, "b") && strcasecmp(name + 1, "ib")))
		return -1;
	*unit = 1;
	for (power = (int)(letter - letters) + 1; power--;)
		*unit *= name[1] && !strcasecmp(name + 1, "b") ? 1000 : 1024;
	return 0;
}

static int read_memory(struct libvirt *v, xmlNode *node)
{
	struct import_place at = place(v, node);
	char *name = attribute(node, "unit"), *text = content(v, node);
	uint64_t unit = KIB, number, bytes;
	int ret = -1;

	if (!text)
		ret = -1;
	else if (name && unit_of(name, &unit))
		import_fail(v->im, &at, "<memory unit='%.50s'>: legal is b, KiB, MiB, GiB or TiB",
			name);
	else if (import_number(text, &number) || __builtin_mul_overflow(number, unit, &bytes))
		import_fail(v->im, &at, "<memory>%.50s: not a size; legal is a number", text);
	else
		ret = import_memory(v->im, &at, "<memory>", bytes);
	free(name);
	free(text);
	return ret;
}

static int read_vcpu(struct libvirt *v, xmlNode *node)
{
	struct import_place at = place(v, node);
	char *text = attribute(node, "current");
	uint64_t count;
	int ret = -1;

	if (!text)
		text = content(v, node);
	if (text && import_number(text, &count))
		import_fail(v->im, &at,
			"<vcpu>%.50s: not a number of processors; legal is 1 or more", text);
	else if (text)
		ret = import_cpus(v->im, &at, "<vcpu>", count);
	free(text);
	return ret;
}

static int read_cpu(struct libvirt *v, xmlNode *node)
{
	xmlNode *model = child(node, "model");
	char *name = model ? content(v, model) : NULL;

	if (!name || strncmp(name, "EPYC-Milan", 10))
		note_element(v, node, "the processor is an EPYC-Milan");
	free(name);
	return 0;
}

/* --- os --------------------------------------------------------------------------------------- */

typedef int take_text(struct libvirt *v, const struct import_place *at, const char *text);

static int with_content(struct libvirt *v, xmlNode *node, take_text *take)
{
	struct import_place at = place(v, node);
	char *text = content(v, node);
	int ret = text ? take(v, &at, text) : -1;

	free(text);
	return ret;
}

static int take_loader(struct libvirt *v, const struct import_place *at, const char *text)
{
	return *text ? import_path(v->im, at, "<loader>", &v->im->firmware, text) : 0;
}

static int take_kernel(struct libvirt *v, const struct import_place *at, const char *text)
{
	return import_fw_cfg(v->im, at, "kernel", text);
}

static int take_initrd(struct libvirt *v, const struct import_place *at, const char *text)
{
	return import_fw_cfg(v->im, at, "initrd", text);
}

static int take_cmdline(struct libvirt *v, const struct import_place *at, const char *text)
{
	return import_cmdline(v->im, at, text);
}

static int read_loader(struct libvirt *v, xmlNode *node)
{
	return with_content(v, node, take_loader);
}

static int read_kernel(struct libvirt *v, xmlNode *node)
{
	return with_content(v, node, take_kernel);
}

static int read_initrd(struct libvirt *v, xmlNode *node)
{
	return with_content(v, node, take_initrd);
}

/* The blanks around it are measured, so that they stay. */
static int read_cmdline(struct libvirt *v, xmlNode *node)
{
	struct import_place at = place(v, node);
	xmlChar *text = xmlNodeGetContent(node);
	int ret = text ? take_cmdline(v, &at, (const char *)text)
		       : import_fail(v->im, NULL, "out of memory");

	xmlFree(text);
	return ret;
}

static int read_nvram(struct libvirt *v, xmlNode *node)
{
	(void)node;
	v->im->has_vars = true;
	return 0;
}

static int read_type(struct libvirt *v, xmlNode *node)
{
	struct import_place at = place(v, node);
	char *arch = attribute(node, "arch"), *machine = attribute(node, "machine");
	int ret = 0;

	if (arch && strcmp(arch, "x86_64"))
		ret = import_fail(v->im, &at, "<type arch='%.50s'>: legal is x86_64", arch);
	else if (machine && strncmp(machine, "pc-i440fx", 9) && strcmp(machine, "pc"))
		import_note(v->im, "<type machine='%s'>: Bochs' machine is an i440FX", machine);
	free(arch);
	free(machine);
	return ret;
}

static int read_os(struct libvirt *v, xmlNode *node)
{
	static const struct element known[] = {
		{ "type", read_type, NULL },
		{ "loader", read_loader, NULL },
		{ "nvram", read_nvram, NULL },
		{ "kernel", read_kernel, NULL },
		{ "initrd", read_initrd, NULL },
		{ "cmdline", read_cmdline, NULL },
		{ "firmware", NULL, "a choice among libvirt's firmware" },
		{ "boot", NULL,
			"the firmware decides; fw_cfg: bootorder= takes OpenFirmware paths" },
		{ "bootmenu", NULL, "the firmware decides" },
		{ "bios", NULL, "a matter of QEMU's own firmware" },
		{ "smbios", NULL, "there are no SMBIOS tables" },
		{ "acpi", NULL, "the ACPI tables are the emulator's own" },
		{ NULL, NULL, NULL },
	};

	v->efi = attribute_is(node, "firmware", "efi");
	return read_children(v, node, known);
}

/* --- devices ---------------------------------------------------------------------------------- */

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
	struct import_place at = place(v, node);
	bool ata = disk->bus ? !strcmp(disk->bus, "ide") || !strcmp(disk->bus, "sata")
			     : disk->target && slot_of(disk->target) >= 0;
	int slot = disk->target ? slot_of(disk->target) : -1;

	if (!disk->path) {
		note_element(v, node,
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
	xmlNode *source = child(node, "source"), *target = child(node, "target");
	xmlNode *driver = child(node, "driver");
	struct disk disk = { .cdrom = attribute_is(node, "device", "cdrom") };
	int ret;

	if (source)
		disk.path = attribute(source, "file");
	if (source && !disk.path)
		disk.path = attribute(source, "dev");
	if (target) {
		disk.bus = attribute(target, "bus");
		disk.target = attribute(target, "dev");
	}
	if (driver)
		disk.format = attribute(driver, "type");
	ret = add_disk(v, node, &disk);
	free(disk.path);
	free(disk.bus);
	free(disk.target);
	free(disk.format);
	return ret;
}

static int read_serial(struct libvirt *v, xmlNode *node)
{
	struct import_place at = place(v, node);
	xmlNode *source = child(node, "source");
	char *path =
		source && attribute_is(node, "type", "file") ? attribute(source, "path") : NULL;
	int ret = 0;

	if (path && !v->im->serial)
		ret = import_path(v->im, &at, "<serial>", &v->im->serial, path);
	else
		note_element(v, node, "the console goes to a file: the line com1:");
	free(path);
	return ret;
}

static int read_devices(struct libvirt *v, xmlNode *node)
{
	static const struct element known[] = {
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

	return read_children(v, node, known);
}

/* --- launch security -------------------------------------------------------------------------- */

static int sev_number(struct libvirt *v, xmlNode *node, const char *name)
{
	struct import_place at = place(v, node);
	char *text = content(v, node), what[40];
	int ret = -1;

	snprintf(what, sizeof(what), "<%.30s>", (const char *)node->name);
	if (text)
		ret = import_sev_number(v->im, &at, what, name, text);
	free(text);
	return ret;
}

static int read_cbitpos(struct libvirt *v, xmlNode *node)
{
	return sev_number(v, node, "cbitpos");
}

static int read_reduced(struct libvirt *v, xmlNode *node)
{
	return sev_number(v, node, "reduced_phys_bits");
}

static int read_policy(struct libvirt *v, xmlNode *node)
{
	return sev_number(v, node, "policy");
}

static int take_dh_cert(struct libvirt *v, const struct import_place *at, const char *text)
{
	return import_base64(v->im, at, &import_dh_cert, text);
}

static int take_session(struct libvirt *v, const struct import_place *at, const char *text)
{
	return import_base64(v->im, at, &import_session, text);
}

static int read_dh_cert(struct libvirt *v, xmlNode *node)
{
	return with_content(v, node, take_dh_cert);
}

static int read_session(struct libvirt *v, xmlNode *node)
{
	return with_content(v, node, take_session);
}

static int refuse_part(struct libvirt *v, xmlNode *node)
{
	struct import_place at = place(v, node);

	return import_fail(v->im, &at,
		"<%.50s>: not a part of launch security; legal are cbitpos, reducedPhysBits, "
		"policy, "
		"dhCert, session",
		(const char *)node->name);
}

static bool has_part(const xmlNode *node, const char *name, const char *older)
{
	return child(node, name) || child(node, older);
}

static int read_hashes(struct libvirt *v, xmlNode *node)
{
	struct import_place at = place(v, node);
	char *text = attribute(node, "kernelHashes");
	bool on = false;
	int ret = 0;

	if (text && strcmp(text, "yes") && strcmp(text, "no"))
		ret = import_fail(v->im, &at, "kernelHashes='%.50s': legal is yes or no", text);
	else if (text)
		on = !strcmp(text, "yes");
	free(text);
	return ret ? ret : import_sev(v->im, &at, "kernel_hashes", on ? "1" : "0");
}

static int read_sev(struct libvirt *v, xmlNode *node)
{
	static const struct element known[] = {
		{ "cbitpos", read_cbitpos, NULL },
		{ "reducedPhysBits", read_reduced, NULL },
		{ "reduced-phys-bits", read_reduced, NULL },
		{ "policy", read_policy, NULL },
		{ "dhCert", read_dh_cert, NULL },
		{ "dh-cert", read_dh_cert, NULL },
		{ "session", read_session, NULL },
		{ NULL, refuse_part, NULL },
	};
	struct import_place at = place(v, node);

	if (!child(node, "policy"))
		return import_fail(v->im, &at, "<%s>: without <policy>; legal only with it",
			(const char *)node->name);
	if (read_hashes(v, node) || read_children(v, node, known))
		return -1;
	if (!child(node, "cbitpos"))
		import_note(v->im, "no <cbitpos>: it is the host's: 51 is taken");
	if (!has_part(node, "reducedPhysBits", "reduced-phys-bits"))
		import_note(v->im, "no <reducedPhysBits>: it is the host's: 1 is taken");
	return 0;
}

/* A type that is not there yet, with all of its values. */
static int report_missing(struct libvirt *v, const xmlNode *node)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return import_fail(v->im, NULL, "out of memory");
	for (const xmlAttr *each = node->properties; each; each = each->next) {
		char *value = attribute(node, (const char *)each->name);

		fprintf(out, " %s='%s'", (const char *)each->name, value ? value : "");
		free(value);
	}
	for (const xmlNode *each = node->children; each; each = each->next) {
		char *value = each->type == XML_ELEMENT_NODE ? content(v, each) : NULL;

		if (value)
			fprintf(out, ", %s=%s", (const char *)each->name, value);
		free(value);
	}
	if (fclose(out) == 0)
		import_missing(v->im, "<launchSecurity%s>", text);
	free(text);
	return 0;
}

static int read_security(struct libvirt *v, xmlNode *node)
{
	struct import_place at = place(v, node);
	char *type = is(node, "sev") ? strdup("sev") : attribute(node, "type");
	int ret;

	if (v->has_sev)
		ret = import_fail(
			v->im, &at, "<%s>: a second one; legal is one", (const char *)node->name);
	else if (type && !strcmp(type, "sev"))
		ret = read_sev(v, node);
	else if (type &&
		 (!strcmp(type, "sev-snp") || !strcmp(type, "tdx") || !strcmp(type, "s390-pv")))
		ret = report_missing(v, node);
	else
		ret = import_fail(v->im, &at, "<%s type='%.50s'>: legal is sev or sev-snp",
			(const char *)node->name, type ? type : "");
	v->has_sev = true;
	free(type);
	return ret;
}

/* --- qemu:commandline ------------------------------------------------------------------------- */

static int read_argument(struct libvirt *v, xmlNode *node)
{
	struct import_word *all;
	struct import_place at = place(v, node);
	char *value = attribute(node, "value");

	if (!value)
		return import_fail(
			v->im, &at, "<qemu:arg>: without a value; legal is value='TEXT'");
	all = reallocarray(v->arguments.word, v->arguments.count + 1, sizeof(*all));
	if (!all) {
		free(value);
		return import_fail(v->im, NULL, "out of memory");
	}
	v->arguments.word = all;
	all[v->arguments.count++] = (struct import_word) { value, at };
	return 0;
}

static int read_commandline(struct libvirt *v, xmlNode *node)
{
	static const struct element known[] = {
		{ "arg", read_argument, NULL },
		{ NULL, NULL, NULL },
	};

	return read_children(v, node, known);
}

/* --- domain ----------------------------------------------------------------------------------- */

static const struct element domain[] = {
	{ "memory", read_memory, NULL },
	{ "vcpu", read_vcpu, NULL },
	{ "os", read_os, NULL },
	{ "cpu", read_cpu, NULL },
	{ "devices", read_devices, NULL },
	{ "launchSecurity", read_security, NULL },
	{ "launch-security", read_security, NULL },
	{ "sev", read_security, NULL },
	{ "commandline", read_commandline, NULL },
	{ "name", NULL, NULL },
	{ "uuid", NULL, NULL },
	{ "title", NULL, NULL },
	{ "description", NULL, NULL },
	{ "metadata", NULL, NULL },
	{ "currentMemory", NULL, "a guest has all of its memory" },
	{ "maxMemory", NULL, "memory is not added while a machine runs" },
	{ "memoryBacking", NULL, "a matter of the host's" },
	{ "memtune", NULL, "a matter of the host's" },
	{ "cputune", NULL, "a matter of the host's" },
	{ "iothreads", NULL, "a matter of the host's" },
	{ "resource", NULL, "a matter of the host's" },
	{ "seclabel", NULL, "a matter of the host's" },
	{ "features", NULL, "there is always ACPI, and an APIC" },
	{ "clock", NULL, "the clock is this machine's, in UTC" },
	{ "on_poweroff", NULL, "switching off ends the run" },
	{ "on_reboot", NULL, "a reset does not end the run" },
	{ "on_crash", NULL, "a crash ends the run with exit status 4" },
	{ "pm", NULL, "the ACPI tables are the emulator's own" },
	{ NULL, NULL, NULL },
};

static int read_domain(struct libvirt *v, xmlNode *root)
{
	struct import_place at = { v->source, 1, 1 };
	xmlNode *security = NULL;

	if (!root || !is(root, "domain")) {
		if (root)
			at = place(v, root);
		return import_fail(v->im, &at, "<%.50s>: legal is <domain>",
			root ? (const char *)root->name : "");
	}
	if (read_children(v, root, domain) ||
		(v->arguments.count && import_qemu_arguments(v->im, &v->arguments)))
		return -1;
	for (size_t i = 0; domain[i].name && !security; i++)
		if (domain[i].read == read_security)
			security = child(root, domain[i].name);
	if (security)
		at = place(v, security);
	return security && !v->im->missing ? import_sev_finish(v->im, &at) : 0;
}

int import_libvirt(struct import *im, const char *source, const char *text, size_t size)
{
	struct libvirt v = { .im = im, .source = source };
	xmlDoc *doc = parse_xml(&v, text, size);
	int ret = doc ? read_domain(&v, xmlDocGetRootElement(doc)) : -1;

	xmlFreeDoc(doc);
	import_words_free(&v.arguments);
	return ret;
}
