/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* psp-vectors FILE: runs every entry of a vector file, says which failed and why. */
#include "tests/psp-vectors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "crypto/crypto.h"

/* --- fields -------------------------------------------------------------------------------- */

void vector_fail(struct vector *v, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(v->why, sizeof(v->why), format, args);
	va_end(args);
	longjmp(v->out, 1);
}

void *vector_alloc(struct vector *v, size_t size)
{
	void *p = calloc(1, size + 1);

	if (!p || v->pooled == sizeof(v->pool) / sizeof(v->pool[0]))
		abort();
	return v->pool[v->pooled++] = p;
}

bool vector_has(struct json_object *object, const char *name)
{
	return json_object_object_get_ex(object, name, NULL);
}

static struct json_object *member(
	struct vector *v, struct json_object *object, const char *name, enum json_type type)
{
	struct json_object *value;

	vector_check(v, json_object_object_get_ex(object, name, &value), "no field %s", name);
	vector_check(v, json_object_is_type(value, type), "field %s is not of type %s", name,
		json_type_to_name(type));
	return value;
}

const char *vector_text(struct vector *v, struct json_object *object, const char *name)
{
	return json_object_get_string(member(v, object, name, json_type_string));
}

int64_t vector_number(struct vector *v, struct json_object *object, const char *name)
{
	return json_object_get_int64(member(v, object, name, json_type_int));
}

struct json_object *vector_list(struct vector *v, struct json_object *object, const char *name)
{
	return member(v, object, name, json_type_array);
}

const uint8_t *vector_bytes(
	struct vector *v, struct json_object *object, const char *name, size_t *size)
{
	const char *text = vector_text(v, object, name);
	uint8_t *bytes;

	*size = strlen(text) / 2;
	bytes = vector_alloc(v, *size);
	vector_check(v, sev_unhex(text, bytes, *size) == 0, "field %s is not hexadecimal", name);
	return bytes;
}

const uint8_t *vector_sized(
	struct vector *v, struct json_object *object, const char *name, size_t size)
{
	size_t have;
	const uint8_t *bytes = vector_bytes(v, object, name, &have);

	vector_check(v, have == size, "field %s has %zu bytes, not %zu", name, have, size);
	return bytes;
}

struct json_object *vector_other(struct vector *v, const char *section, const char *index_name)
{
	struct json_object *list = vector_list(v, v->file, section);
	int64_t index = vector_number(v, v->entry, index_name);

	vector_check(v, index >= 0 && (size_t)index < json_object_array_length(list),
		"%s: there is no %s[%lld]", index_name, section, (long long)index);
	return json_object_array_get_idx(list, (size_t)index);
}

const uint8_t *vector_pattern(struct vector *v, struct json_object *object, size_t *size)
{
	int64_t length = vector_number(v, object, "len");
	int64_t a = vector_number(v, object, "a"), b = vector_number(v, object, "b");
	uint8_t *bytes;

	vector_check(
		v, length >= 0 && length <= 64 << 20, "a pattern of %lld bytes", (long long)length);
	*size = (size_t)length;
	bytes = vector_alloc(v, *size);
	for (size_t i = 0; i < *size; i++)
		bytes[i] = (uint8_t)((uint64_t)a * i + (uint64_t)b + (i >> 8));
	return bytes;
}

void vector_equal(struct vector *v, const void *data, size_t size, const char *name)
{
	const uint8_t *want = vector_sized(v, v->entry, name, size);

	vector_check(v, memcmp(data, want, size) == 0, "%s differs", name);
}

/* --- sections ------------------------------------------------------------------------------ */

#define NO_SNP "SNP is not emulated"

static const struct section {
	const char *name;
	vector_function *run;
	const char *skipped; /* why */
} sections[] = {
	{ "kdf", vector_kdf, NULL },
	{ "kdf_generic", vector_kdf_generic, NULL },
	{ "session", vector_session, NULL },
	{ "session_negative", vector_session_negative, NULL },
	{ "measure", vector_measure, NULL },
	{ "secret", vector_secret, NULL },
	{ "secret_negative", vector_secret_negative, NULL },
	{ "transport", vector_transport, NULL },
	{ "chain", vector_chain, NULL },
	{ "snp_launch_digest", NULL, NO_SNP },
	{ "snp_id_block", NULL, NO_SNP },
	{ "snp_guest_message", NULL, NO_SNP },
	{ "snp_report", NULL, NO_SNP },
};

static struct {
	unsigned passed, failed, skipped;
} total;

static void run_entry(const struct section *section, struct vector *v, size_t index)
{
	v->pooled = 0;
	if (setjmp(v->out) == 0) {
		vector_check(v, json_object_is_type(v->entry, json_type_object),
			"the entry is not an object");
		section->run(v);
		total.passed++;
	} else {
		printf("%s[%zu]: FAILED: %s\n", section->name, index, v->why);
		total.failed++;
	}
	while (v->pooled > 0)
		free(v->pool[--v->pooled]);
}

static void run_section(
	const struct section *section, struct json_object *file, struct json_object *list)
{
	static struct vector v; /* static: longjmp leaves it alone */
	size_t count = json_object_array_length(list);
	unsigned failed = total.failed;

	if (!section->run) {
		printf("%s: %zu skipped: %s\n", section->name, count, section->skipped);
		total.skipped += (unsigned)count;
		return;
	}
	v.file = file;
	for (size_t i = 0; i < count; i++) {
		v.entry = json_object_array_get_idx(list, i);
		run_entry(section, &v, i);
	}
	printf("%s: %zu run, %u failed\n", section->name, count, total.failed - failed);
}

static const struct section *find_section(const char *name)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	}
	return NULL;
}

static void run_file(struct json_object *file)
{
	json_object_object_foreach(file, name, list)
	{
		const struct section *section = find_section(name);

		if (!json_object_is_type(list, json_type_array))
			continue; /* schema, notes */
		if (section) {
			run_section(section, file, list);
			continue;
		}
		printf("%s: FAILED: unknown section\n", name);
		total.failed++;
	}
}

static struct json_object *load(const char *path)
{
	struct json_object *file = json_object_from_file(path), *schema;

	if (!file) {
		fprintf(stderr, "psp-vectors: %s\n", json_util_get_last_err());
		exit(2);
	}
	if (!json_object_object_get_ex(file, "schema", &schema) ||
		strcmp(json_object_get_string(schema), "psp-vectors-1") != 0) {
		fprintf(stderr, "psp-vectors: %s: the schema is not psp-vectors-1\n", path);
		exit(2);
	}
	return file;
}

int main(int argc, char **argv)
{
	struct json_object *file;

	if (argc != 2) {
		fprintf(stderr, "usage: psp-vectors FILE\n");
		return 2;
	}
	sev_crypto_init();
	file = load(argv[1]);
	run_file(file);
	json_object_put(file);
	printf("%u passed, %u failed, %u skipped\n", total.passed, total.failed, total.skipped);
	return total.failed == 0 && total.passed > 0 ? 0 : 1;
}
