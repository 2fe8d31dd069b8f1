/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs test vectors of the schema psp-vectors-1: a JSON object whose members are arrays of entries,
 * one kind of computation each. Byte strings are hexadecimal in memory order; names ending in _be
 * are big-endian integers of full width.
 */
#ifndef SEV_PSP_VECTORS_H
#define SEV_PSP_VECTORS_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

/* The entry being run. */
struct vector {
	struct json_object *file, *entry;
	jmp_buf out;
	char why[256]; /* it failed */
	void *pool[64];
	unsigned pooled;
};

typedef void vector_function(struct vector *v);

/* Ends the entry as failed. */
void vector_fail(struct vector *v, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

#define vector_check(v, condition, ...)              \
	do {                                         \
		if (!(condition))                    \
			vector_fail(v, __VA_ARGS__); \
	} while (0)

/* Memory that lasts until the entry ends. */
void *vector_alloc(struct vector *v, size_t size);

/* Fields of any object; a missing or malformed one fails the entry. */
bool vector_has(struct json_object *object, const char *name);
const uint8_t *vector_bytes(
	struct vector *v, struct json_object *object, const char *name, size_t *size);
const uint8_t *vector_sized(
	struct vector *v, struct json_object *object, const char *name, size_t size);
int64_t vector_number(struct vector *v, struct json_object *object, const char *name);
const char *vector_text(struct vector *v, struct json_object *object, const char *name);
struct json_object *vector_list(struct vector *v, struct json_object *object, const char *name);
/* Entry number entry[index_name] of another section. */
struct json_object *vector_other(struct vector *v, const char *section, const char *index_name);
/* The bytes of {len, a, b}: byte[i] = a * i + b + (i >> 8) mod 256. */
const uint8_t *vector_pattern(struct vector *v, struct json_object *object, size_t *size);

/* Fails the entry unless size bytes at data are the field. */
void vector_equal(struct vector *v, const void *data, size_t size, const char *name);

vector_function vector_kdf, vector_kdf_generic, vector_measure, vector_secret,
	vector_secret_negative, vector_transport;
vector_function vector_session, vector_session_negative;
vector_function vector_chain;

#endif
