/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's XML of a domain. Source: libvirt's "Domain XML format". */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import_libvirt.h"

#define KIB 1024u

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
	struct import_place at = libvirt_place(v, node);
	char *name = libvirt_attribute(node, "unit"), *text = libvirt_content(v, node);
	uint64_t unit = KIB, number, bytes;
	int ret = -1;

	if (!text)
		ret = -1;
	else if (name && unit_of(name, &unit))
		import_fail(v->im, &at, "<memory unit='%.50s'>: legal is b, KiB, MiB, GiB or TiB",
			name);
	else if (import_number_in(text, 10, &number) ||
		 __builtin_mul_overflow(number, unit, &bytes))
		import_fail(v->im, &at, "<memory>%.50s: not a size; legal is a number", text);
	else
		ret = import_memory(v->im, &at, "<memory>", bytes);
	free(name);
	free(text);
	return ret;
}

static int read_vcpu(struct libvirt *v, xmlNode *node)
{
	struct import_place at = libvirt_place(v, node);
	char *text = libvirt_attribute(node, "current");
	uint64_t count;
	int ret = -1;

	if (!text)
		text = libvirt_content(v, node);
	if (text && import_number_in(text, 10, &count))
		import_fail(v->im, &at,
			"<vcpu>%.50s: not a number of processors; legal is 1 or more", text);
	else if (text)
		ret = import_cpus(v->im, &at, "<vcpu>", count);
	free(text);
	return ret;
}

static int read_cpu(struct libvirt *v, xmlNode *node)
{
	xmlNode *model = libvirt_child(node, "model");
	char *name = model ? libvirt_content(v, model) : NULL;

	if (!name || strncmp(name, "EPYC-Milan", 10))
		libvirt_note(v, node, "the processor is an EPYC-Milan");
	free(name);
	return 0;
}

/* --- os --------------------------------------------------------------------------------------- */

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
	return libvirt_with_content(v, node, take_loader);
}

static int read_kernel(struct libvirt *v, xmlNode *node)
{
	return libvirt_with_content(v, node, take_kernel);
}

static int read_initrd(struct libvirt *v, xmlNode *node)
{
	return libvirt_with_content(v, node, take_initrd);
}

/* The blanks around it are measured, so that they stay. */
static int read_cmdline(struct libvirt *v, xmlNode *node)
{
	struct import_place at = libvirt_place(v, node);
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
	struct import_place at = libvirt_place(v, node);
	char *arch = libvirt_attribute(node, "arch"), *machine = libvirt_attribute(node, "machine");
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
	static const struct libvirt_element known[] = {
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

	return libvirt_read(v, node, known);
}

/* --- qemu:commandline ------------------------------------------------------------------------- */

static int read_argument(struct libvirt *v, xmlNode *node)
{
	struct import_word *all;
	struct import_place at = libvirt_place(v, node);
	char *value = libvirt_attribute(node, "value");

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
	static const struct libvirt_element known[] = {
		{ "arg", read_argument, NULL },
		{ NULL, NULL, NULL },
	};

	return libvirt_read(v, node, known);
}

/* --- domain ----------------------------------------------------------------------------------- */

static const struct libvirt_element domain[] = {
	{ "memory", read_memory, NULL },
	{ "vcpu", read_vcpu, NULL },
	{ "os", read_os, NULL },
	{ "cpu", read_cpu, NULL },
	{ "devices", libvirt_devices, NULL },
	{ "launchSecurity", libvirt_security, NULL },
	{ "launch-security", libvirt_security, NULL },
	{ "sev", libvirt_security, NULL },
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

	if (!root || !libvirt_is(root, "domain")) {
		if (root)
			at = libvirt_place(v, root);
		return import_fail(v->im, &at, "<%.50s>: legal is <domain>",
			root ? (const char *)root->name : "");
	}
	if (libvirt_read(v, root, domain) ||
		(v->arguments.count && import_qemu_arguments(v->im, &v->arguments)))
		return -1;
	for (size_t i = 0; domain[i].name && !security; i++)
		if (domain[i].read == libvirt_security)
			security = libvirt_child(root, domain[i].name);
	if (security)
		at = libvirt_place(v, security);
	return security && !v->im->missing ? import_sev_finish(v->im, &at) : 0;
}

int import_libvirt(struct import *im, const char *source, const char *text, size_t size)
{
	struct libvirt v = { .im = im, .source = source };
	xmlDoc *doc = libvirt_parse(&v, text, size);
	int ret = doc ? read_domain(&v, xmlDocGetRootElement(doc)) : -1;

	xmlFreeDoc(doc);
	import_words_free(&v.arguments);
	return ret;
}
