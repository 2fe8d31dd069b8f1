/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libvirt's launchSecurity element as it is; as launch-security, with its older names; and as sev.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import_libvirt.h"

/* base 10 or 16, whatever the text looks like. */
static int sev_number(struct libvirt *v, xmlNode *node, const char *name, int base)
{
	struct import_place at = libvirt_place(v, node);
	char *text = libvirt_content(v, node);
	uint64_t value;
	int ret;

	if (!text)
		return -1;
	if (import_number_in(text, base, &value))
		ret = import_fail(v->im, &at, "<%.30s>=%.100s: not a number; legal is a %s",
			(const char *)node->name, text,
			base == 10 ? "decimal one" : "hexadecimal one, with 0x or without");
	else
		ret = import_sev_value(v->im, &at, name, value);
	free(text);
	return ret;
}

static int read_cbitpos(struct libvirt *v, xmlNode *node)
{
	return sev_number(v, node, "cbitpos", 10);
}

static int read_reduced(struct libvirt *v, xmlNode *node)
{
	return sev_number(v, node, "reduced_phys_bits", 10);
}

/* A guest whose key is shared. libvirt's schema has it, its manual does not. */
static int read_handle(struct libvirt *v, xmlNode *node)
{
	return sev_number(v, node, "handle", 10);
}

/* hexuint in libvirt's domaincommon.rng: 10 is 0x10. */
static int read_policy(struct libvirt *v, xmlNode *node)
{
	return sev_number(v, node, "policy", 16);
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
	return libvirt_with_content(v, node, take_dh_cert);
}

static int read_session(struct libvirt *v, xmlNode *node)
{
	return libvirt_with_content(v, node, take_session);
}

static int refuse_part(struct libvirt *v, xmlNode *node)
{
	struct import_place at = libvirt_place(v, node);

	return import_fail(v->im, &at,
		"<%.50s>: not a part of launch security; legal are cbitpos, reducedPhysBits, "
		"policy, handle, dhCert, session",
		(const char *)node->name);
}

static bool has_part(const xmlNode *node, const char *name, const char *older)
{
	return libvirt_child(node, name) || libvirt_child(node, older);
}

static int read_hashes(struct libvirt *v, xmlNode *node)
{
	struct import_place at = libvirt_place(v, node);
	char *text = libvirt_attribute(node, "kernelHashes");
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
	static const struct libvirt_element known[] = {
		{ "cbitpos", read_cbitpos, NULL },
		{ "reducedPhysBits", read_reduced, NULL },
		{ "reduced-phys-bits", read_reduced, NULL },
		{ "policy", read_policy, NULL },
		{ "handle", read_handle, NULL },
		{ "dhCert", read_dh_cert, NULL },
		{ "dh-cert", read_dh_cert, NULL },
		{ "session", read_session, NULL },
		{ NULL, refuse_part, NULL },
	};
	struct import_place at = libvirt_place(v, node);

	if (!libvirt_child(node, "policy"))
		return import_fail(v->im, &at, "<%s>: without <policy>; legal only with it",
			(const char *)node->name);
	if (read_hashes(v, node) || libvirt_read(v, node, known))
		return -1;
	if (!libvirt_child(node, "cbitpos"))
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
		char *value = libvirt_attribute(node, (const char *)each->name);

		fprintf(out, " %s='%s'", (const char *)each->name, value ? value : "");
		free(value);
	}
	for (const xmlNode *each = node->children; each; each = each->next) {
		char *value = each->type == XML_ELEMENT_NODE ? libvirt_content(v, each) : NULL;

		if (value)
			fprintf(out, ", %s=%s", (const char *)each->name, value);
		free(value);
	}
	if (fclose(out) == 0)
		import_missing(v->im, "<launchSecurity%s>", text);
	free(text);
	return 0;
}

int libvirt_security(struct libvirt *v, xmlNode *node)
{
	struct import_place at = libvirt_place(v, node);
	char *type = libvirt_is(node, "sev") ? strdup("sev") : libvirt_attribute(node, "type");
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
