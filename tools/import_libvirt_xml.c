/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XML as libvirt's domains are written in, each element with the place where it begins. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import_libvirt.h"

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

xmlDoc *libvirt_parse(struct libvirt *v, const char *text, size_t size)
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

struct import_place libvirt_place(const struct libvirt *v, const xmlNode *node)
{
	uintptr_t at = (uintptr_t)node->_private;

	return (struct import_place) { v->source, (unsigned)(at >> 32), (unsigned)at };
}

bool libvirt_is(const xmlNode *node, const char *name)
{
	return !strcmp((const char *)node->name, name);
}

/* Without the blanks around it; malloc'ed, NULL with err set. */
char *libvirt_content(struct libvirt *v, const xmlNode *node)
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
char *libvirt_attribute(const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	char *copy = value ? strdup((const char *)value) : NULL;

	xmlFree(value);
	return copy;
}

bool libvirt_attribute_is(const xmlNode *node, const char *name, const char *value)
{
	char *has = libvirt_attribute(node, name);
	bool same = has && !strcmp(has, value);

	free(has);
	return same;
}

xmlNode *libvirt_child(const xmlNode *node, const char *name)
{
	for (xmlNode *each = node->children; each; each = each->next)
		if (each->type == XML_ELEMENT_NODE && libvirt_is(each, name))
			return each;
	return NULL;
}

/* <name first-attribute='...'>, as a note shows it. */
void libvirt_note(struct libvirt *v, const xmlNode *node, const char *why)
{
	const xmlAttr *first = node->properties;
	char *value;

	while (first && !import_may_show((const char *)first->name))
		first = first->next;
	value = first ? libvirt_attribute(node, (const char *)first->name) : NULL;
	if (value)
		import_note(v->im, "<%s %s='%s'>: %s", (const char *)node->name,
			(const char *)first->name, value, why);
	else
		import_note(v->im, "<%s>: %s", (const char *)node->name, why);
	free(value);
}

static int read_element(struct libvirt *v, xmlNode *node, const struct libvirt_element *known)
{
	while (known->name && !libvirt_is(node, known->name))
		known++;
	if (known->read)
		return known->read(v, node);
	if (known->why || !known->name)
		libvirt_note(v, node, known->why ? known->why : "not taken over");
	return 0;
}

int libvirt_read(struct libvirt *v, const xmlNode *node, const struct libvirt_element *known)
{
	for (xmlNode *each = node->children; each; each = each->next)
		if (each->type == XML_ELEMENT_NODE && read_element(v, each, known))
			return -1;
	return 0;
}

int libvirt_with_content(struct libvirt *v, xmlNode *node, libvirt_take *take)
{
	struct import_place at = libvirt_place(v, node);
	char *text = libvirt_content(v, node);
	int ret = text ? take(v, &at, text) : -1;

	free(text);
	return ret;
}
