/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tree of objects that clients ask before they act (QEMU qapi/qom.json): a machine, its CPUs,
 * and the object sev0, with QEMU's names of properties and what the `sev:` directive has set. All
 * of it is made with the machine and stays.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/qmp_commands.h"

#define MACHINE_TYPE "bochs-pc-machine"
#define SEV_PATH     "/objects/sev0"

/* --- properties ------------------------------------------------------------------------------ */

struct property {
	const char *name; /* NULL: behind the last one */
	const char *type;
	struct json_object *(*get)(const struct monitor_about *about);
};

static struct json_object *optional_string(const char *text)
{
	return json_object_new_string(text ? text : "");
}

static struct json_object *guest_support(const struct monitor_about *about)
{
	return optional_string(about->sev ? SEV_PATH : NULL);
}

static struct json_object *memory_encryption(const struct monitor_about *about)
{
	return optional_string(about->sev ? "sev0" : NULL);
}

static struct json_object *yes(const struct monitor_about *about)
{
	(void)about;
	return json_object_new_boolean(true);
}

static struct json_object *no(const struct monitor_about *about)
{
	(void)about;
	return json_object_new_boolean(false);
}

static struct json_object *no_features(const struct monitor_about *about)
{
	(void)about;
	return json_object_new_array();
}

static struct json_object *dh_cert_file(const struct monitor_about *about)
{
	return optional_string(about->sev->dh_cert_file);
}

static struct json_object *session_file(const struct monitor_about *about)
{
	return optional_string(about->sev->session_file);
}

/* The chip is ours, and there is no device file of it. */
static struct json_object *sev_device(const struct monitor_about *about)
{
	(void)about;
	return optional_string(NULL);
}

static struct json_object *kernel_hashes(const struct monitor_about *about)
{
	return json_object_new_boolean(about->sev->kernel_hashes);
}

static struct json_object *handle(const struct monitor_about *about)
{
	return json_object_new_int64(about->sev->handle);
}

static struct json_object *policy(const struct monitor_about *about)
{
	return json_object_new_int64(about->sev->policy);
}

static struct json_object *reduced_phys_bits(const struct monitor_about *about)
{
	return json_object_new_int64(about->sev->reduced_phys_bits);
}

static struct json_object *cbitpos(const struct monitor_about *about)
{
	return json_object_new_int64(about->sev->cbitpos);
}

static const struct property none[] = { {} };
static const struct property machine_properties[] = {
	{ "confidential-guest-support", "link<confidential-guest-support>", guest_support },
	{ "memory-encryption", "string", memory_encryption },
	{},
};
static const struct property cpu_properties[] = {
	{ "realized", "bool", yes },
	{ "hotplugged", "bool", no },
	{ "hotpluggable", "bool", no },
	{ "unavailable-features", "strList", no_features },
	{},
};
static const struct property sev_properties[] = {
	{ "dh-cert-file", "string", dh_cert_file },
	{ "sev-device", "string", sev_device },
	{ "session-file", "string", session_file },
	{ "kernel-hashes", "bool", kernel_hashes },
	{ "handle", "uint32", handle },
	{ "policy", "uint32", policy },
	{ "reduced-phys-bits", "uint32", reduced_phys_bits },
	{ "cbitpos", "uint32", cbitpos },
	{},
};

/* --- the tree -------------------------------------------------------------------------------- */

struct node {
	char path[64]; /* of the root: "" */
	char type[64];
	const struct property *properties;
};

static void cpu_type(const struct monitor_about *about, char *type, size_t size)
{
	snprintf(type, size, "%s-x86_64-cpu", about->cpu_model);
}

/* The nth node, until there are no more. */
static bool node_at(const struct monitor_about *about, size_t n, struct node *node)
{
	static const struct node fixed[] = {
		{ "", "container", none },
		{ "/objects", "container", none },
		{ "/machine", MACHINE_TYPE, machine_properties },
		{ "/machine/unattached", "container", none },
	};
	const size_t count = sizeof(fixed) / sizeof(fixed[0]);

	if (n < count) {
		*node = fixed[n];
	} else if (n < count + about->cpus) {
		*node = (struct node) { .properties = cpu_properties };
		snprintf(node->path, sizeof(node->path), QMP_CPU_PATH, (unsigned)(n - count));
		cpu_type(about, node->type, sizeof(node->type));
	} else if (n == count + about->cpus && about->sev) {
		*node = (struct node) { SEV_PATH, "sev-guest", sev_properties };
	} else {
		return false;
	}
	return true;
}

/* A path from the root, or the end of one. */
static bool is_named(const struct node *node, const char *path, size_t length)
{
	size_t size = strlen(node->path);

	if (*path == '/')
		return size == length && !memcmp(node->path, path, length);
	return size > length && node->path[size - length - 1] == '/' &&
	       !memcmp(node->path + size - length, path, length);
}

/* 0, or -1 with the error set. */
static int find(struct qmp_call *call, struct node *node)
{
	const struct monitor_about *about = call->qmp->config.machine->about;
	const char *path = qmp_string(call, "path");
	size_t length = strlen(path);

	if (!length)
		return sev_fail(&call->err, "Path '' is ambiguous");
	while (length && path[length - 1] == '/')
		length--;
	for (size_t n = 0; node_at(about, n, node); n++)
		if (is_named(node, path, length))
			return 0;
	call->class = "DeviceNotFound";
	return sev_fail(&call->err, "Device '%s' not found", path);
}

/* The name of a node that lies directly below another one; NULL: it does not. */
static const char *child_name(const struct node *parent, const struct node *node)
{
	size_t length = strlen(parent->path);
	const char *name = node->path + length + 1;

	if (strncmp(node->path, parent->path, length) || node->path[length] != '/')
		return NULL;
	return strchr(name, '/') ? NULL : name;
}

/* --- qom-list, qom-get, qom-set -------------------------------------------------------------- */

static void add_property(struct json_object *list, const char *name, const char *type)
{
	struct json_object *info = json_object_new_object();

	qmp_add_string(info, "name", name);
	qmp_add_string(info, "type", type);
	json_object_array_add(list, info);
}

struct json_object *qmp_qom_list(struct qmp_call *call)
{
	const struct monitor_about *about = call->qmp->config.machine->about;
	struct json_object *list;
	struct node node, other;

	if (find(call, &node))
		return NULL;
	list = json_object_new_array();
	add_property(list, "type", "string");
	for (const struct property *each = node.properties; each->name; each++)
		add_property(list, each->name, each->type);
	for (size_t n = 0; node_at(about, n, &other); n++) {
		const char *name = child_name(&node, &other);
		char type[80];

		snprintf(type, sizeof(type), "child<%s>", other.type);
		if (name)
			add_property(list, name, type);
	}
	return list;
}

/* 0; *property is NULL if it is the type. */
static int find_property(struct qmp_call *call, struct node *node, const struct property **property)
{
	const char *name = qmp_string(call, "property");

	*property = NULL;
	if (find(call, node))
		return -1;
	if (!strcmp(name, "type"))
		return 0;
	for (*property = node->properties; (*property)->name; ++*property)
		if (!strcmp((*property)->name, name))
			return 0;
	return sev_fail(&call->err, "Property '%s.%s' not found", node->type, name);
}

struct json_object *qmp_qom_get(struct qmp_call *call)
{
	const struct property *property;
	struct node node;

	if (find_property(call, &node, &property))
		return NULL;
	if (!property)
		return json_object_new_string(node.type);
	return property->get(call->qmp->config.machine->about);
}

struct json_object *qmp_qom_set(struct qmp_call *call)
{
	const struct property *property;
	struct node node;

	if (find_property(call, &node, &property) == 0)
		sev_fail(&call->err, "Property '%s.%s' is not writable", node.type,
			qmp_string(call, "property"));
	return NULL;
}

/* --- qom-list-types -------------------------------------------------------------------------- */

struct type {
	const char *name; /* NULL: behind the last one; "": of the CPUs */
	const char *parent;
	bool abstract;
	bool user_creatable;
};

static const struct type types[] = {
	{ "container", "object", false, false },
	{ "machine", "object", true, false },
	{ MACHINE_TYPE, "machine", false, false },
	{ "device", "object", true, false },
	{ "cpu", "device", true, false },
	{ "x86_64-cpu", "cpu", true, false },
	{ "", "x86_64-cpu", false, false },
	{ "confidential-guest-support", "object", true, false },
	{ "x86-confidential-guest", "confidential-guest-support", true, false },
	{ "sev-common", "x86-confidential-guest", true, false },
	{ "sev-guest", "sev-common", false, true },
	{},
};

static const struct type *find_type(const char *name)
{
	for (const struct type *type = types; type->name; type++)
		if (!strcmp(type->name, name))
			return type;
	return NULL;
}

static bool implements(const struct type *type, const char *name)
{
	if (!strcmp(name, "object"))
		return true;
	for (; type; type = find_type(type->parent))
		if (!strcmp(type->name, name) ||
			(type->user_creatable && !strcmp(name, "user-creatable")))
			return true;
	return false;
}

static struct json_object *describe_type(const struct monitor_about *about, const struct type *type)
{
	struct json_object *info = json_object_new_object();
	char cpu[64];

	cpu_type(about, cpu, sizeof(cpu));
	if (type->abstract)
		qmp_add_bool(info, "abstract", true);
	qmp_add_string(info, "name", *type->name ? type->name : cpu);
	qmp_add_string(info, "parent", type->parent);
	return info;
}

struct json_object *qmp_qom_list_types(struct qmp_call *call)
{
	const struct monitor_about *about = call->qmp->config.machine->about;
	struct json_object *list = json_object_new_array(), *abstract = NULL;
	const char *name = qmp_string(call, "implements");

	json_object_object_get_ex(call->arguments, "abstract", &abstract);
	for (const struct type *type = types; type->name; type++)
		if ((!type->abstract || json_object_get_boolean(abstract)) &&
			(!name || implements(type, name)))
			json_object_array_add(list, describe_type(about, type));
	return list;
}

/* --- object-add, object-del ------------------------------------------------------------------ */

static bool is_identifier(const char *id)
{
	if (!isalpha((unsigned char)*id))
		return false;
	return !id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")];
}

static bool is_sev_object(const struct qmp_call *call)
{
	return call->qmp->config.machine->about->sev && !strcmp(qmp_string(call, "id"), "sev0");
}

/* The machine is there: what it is made of comes from its configuration. */
struct json_object *qmp_object_add(struct qmp_call *call)
{
	const char *id = qmp_string(call, "id");

	if (!is_identifier(id))
		sev_fail(&call->err, "Parameter 'id' expects an identifier");
	else if (is_sev_object(call))
		sev_fail(&call->err,
			"attempt to add duplicate property '%s' to object (type 'container')", id);
	else
		sev_fail(&call->err,
			"object '%s' of type '%s' cannot be added to a machine that exists", id,
			qmp_string(call, "qom-type"));
	return NULL;
}

struct json_object *qmp_object_del(struct qmp_call *call)
{
	sev_fail(&call->err,
		is_sev_object(call) ? "object '%s' is in use, can not be deleted"
				    : "object '%s' not found",
		qmp_string(call, "id"));
	return NULL;
}
