/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the reader of libvirt's domains share. */
#ifndef TOOLS_IMPORT_LIBVIRT_H
#define TOOLS_IMPORT_LIBVIRT_H

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "tools/import.h"

struct libvirt {
	struct import *im;
	const char *source;
	bool has_sev;
	struct import_words arguments; /* of qemu:commandline */
};

struct libvirt_element {
	const char *name; /* NULL: the last one, for every other */
	int (*read)(struct libvirt *v, xmlNode *node);
	const char *why; /* if there is no read: why it has no counterpart; NULL: left out */
};

/* --- import_libvirt_xml.c --------------------------------------------------------------------- */

/* Nothing is fetched, and a document type declaration is refused. NULL with err set. */
xmlDoc *libvirt_parse(struct libvirt *v, const char *text, size_t size);

/* Where the element's < stands. */
struct import_place libvirt_place(const struct libvirt *v, const xmlNode *node);
bool libvirt_is(const xmlNode *node, const char *name);
/* The first child element of this name, or NULL. */
xmlNode *libvirt_child(const xmlNode *node, const char *name);
/* The text in it without blanks around; malloc'ed, NULL with err set. */
char *libvirt_content(struct libvirt *v, const xmlNode *node);
/* malloc'ed; NULL: there is none. */
char *libvirt_attribute(const xmlNode *node, const char *name);
bool libvirt_attribute_is(const xmlNode *node, const char *name, const char *value);

/* <name first-attribute='...'>: why */
void libvirt_note(struct libvirt *v, const xmlNode *node, const char *why);

/* Every child element as the table says. Returns 0, or -1 with err. */
int libvirt_read(struct libvirt *v, const xmlNode *node, const struct libvirt_element *known);

typedef int libvirt_take(struct libvirt *v, const struct import_place *at, const char *text);
/* An element that is but a text. */
int libvirt_with_content(struct libvirt *v, xmlNode *node, libvirt_take *take);

/* --- import_libvirt_devices.c, import_libvirt_sev.c ------------------------------------------- */

int libvirt_devices(struct libvirt *v, xmlNode *node);
int libvirt_security(struct libvirt *v, xmlNode *node);

#endif
