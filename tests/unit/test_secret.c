/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The secret table: built bytes, padding, what the guest's reader accepts and refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bios/secret.h"

static void assert_says(const struct sev_error *err, const char *words)
{
	if (!strstr(err->text, words))
		fail_msg("error \"%s\" does not say \"%s\"", err->text, words);
}

static void luks_table_bytes(void **state)
{
	static const char expected[] = "42f5741edd71664d963eef4287ff173b30000000"
				       "e5696873f084734992ec06879ce3da0b1c00000068756e7465723200"
				       "00000000000000000000000000000000";
	struct secret_entry entry = { .data = (const uint8_t *)"hunter2", .size = 8 };
	struct sev_blob table = { 0 };
	char text[129];

	(void)state;
	memcpy(entry.guid, secret_guid_luks, 16);
	assert_int_equal(secret_build(&entry, 1, &table, NULL), 0);
	assert_int_equal(table.size, 64);
	sev_hex(table.data, 64, text);
	assert_string_equal(text, expected);
	sev_blob_free(&table);
}

static void parse_gives_back(void **state)
{
	struct secret_entry in[2] = { { .guid = { 1 }, .data = (const uint8_t *)"one", .size = 3 },
		{ .guid = { 2 }, .data = (const uint8_t *)"three", .size = 5 } };
	struct secret_entry out[SECRET_MAX_ENTRIES];
	struct sev_blob table = { 0 };
	size_t count;

	(void)state;
	assert_int_equal(secret_build(in, 2, &table, NULL), 0);
	assert_int_equal(table.size % 16, 0);
	assert_int_equal(secret_parse(table.data, table.size, out, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_memory_equal(out[0].guid, in[0].guid, 16);
	assert_int_equal(out[0].size, 3);
	assert_memory_equal(out[0].data, "one", 3);
	assert_int_equal(out[1].size, 5);
	assert_memory_equal(out[1].data, "three", 5);
	sev_blob_free(&table);
}

/* Lengths of the data round the multiple of 16: always a multiple, always 1 to 16 bytes more. */
static void padding(void **state)
{
	static const uint8_t data[64];

	(void)state;
	for (size_t size = 1; size <= sizeof(data); size++) {
		struct secret_entry entry = { .guid = { 1 }, .data = data, .size = size };
		struct sev_blob table = { 0 };

		assert_int_equal(secret_build(&entry, 1, &table, NULL), 0);
		assert_int_equal(table.size % 16, 0);
		assert_in_range(table.size, 40 + size + 1, 40 + size + 16);
		assert_int_equal(sev_le32(table.data + 16), 40 + size);
		sev_blob_free(&table);
	}
}

static void build_refuses(void **state)
{
	static const uint8_t data[SECRET_MAX_TABLE];
	struct secret_entry entry[2] = { { .guid = { 1 }, .data = data, .size = 1 },
		{ .guid = { 1 }, .data = data, .size = 1 } };
	struct sev_blob table = { 0 };
	struct sev_error err;

	(void)state;
	assert_int_equal(secret_build(entry, 0, &table, &err), -1);
	assert_says(&err, "0 entries");
	assert_int_equal(secret_build(entry, SECRET_MAX_ENTRIES + 1, &table, &err), -1);
	assert_says(&err, "65 entries");
	assert_int_equal(secret_build(entry, 2, &table, &err), -1);
	assert_says(&err, "twice");
	entry[0].size = 0;
	assert_int_equal(secret_build(entry, 1, &table, &err), -1);
	assert_says(&err, "empty");
	entry[0].size = SECRET_MAX_TABLE - 40;
	assert_int_equal(secret_build(entry, 1, &table, &err), -1);
	assert_says(&err, "16400 bytes");
	entry[0].size = SECRET_MAX_TABLE;
	assert_int_equal(secret_build(entry, 1, &table, &err), -1);
	assert_says(&err, "longer than 16384");
	entry[0].size = SIZE_MAX;
	assert_int_equal(secret_build(entry, 1, &table, &err), -1);
	entry[0].size = 1;
	memset(entry[0].guid, 0, 16);
	assert_int_equal(secret_build(entry, 1, &table, &err), -1);
	assert_says(&err, "deleted");
	assert_null(table.data);
	entry[0].guid[0] = 1;
	entry[0].size = SECRET_MAX_TABLE - 41;
	assert_int_equal(secret_build(entry, 1, &table, &err), 0);
	assert_int_equal(table.size, SECRET_MAX_TABLE);
	sev_blob_free(&table);
}

static void parse_refuses(void **state)
{
	static const struct {
		size_t offset;
		uint32_t value;
		const char *words;
	} cases[] = {
		{ 0, 0, "no table" },
		{ 16, 19, "table length 19" },
		{ 16, 49, "table length 49" },
		{ 16, 0xFFFFFFFF, "table length 4294967295" },
		{ 36, 19, "entry at 20 has length 19" },
		{ 36, 25, "entry at 20 has length 25" },
		{ 36, 0, "entry at 20 has length 0" },
		{ 36, 0xFFFFFFFF, "entry at 20 has length" },
		{ 16, 45, "entry at 44 has length 0" },
	};
	struct secret_entry entry = { .guid = { 1 }, .data = (const uint8_t *)"abcd", .size = 4 };
	struct secret_entry out[SECRET_MAX_ENTRIES];
	struct sev_blob table = { 0 };
	struct sev_error err;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(secret_build(&entry, 1, &table, NULL), 0);
		assert_int_equal(table.size, 48);
		sev_put32(table.data + cases[i].offset, cases[i].value);
		assert_int_equal(secret_parse(table.data, table.size, out, &count, &err), -1);
		assert_says(&err, cases[i].words);
		sev_blob_free(&table);
	}
	assert_int_equal(secret_parse((const uint8_t *)"", 0, out, &count, &err), -1);
}

static void deleted_entries_are_skipped(void **state)
{
	struct secret_entry in[2] = { { .guid = { 1 }, .data = (const uint8_t *)"one", .size = 3 },
		{ .guid = { 2 }, .data = (const uint8_t *)"two", .size = 3 } };
	struct secret_entry out[SECRET_MAX_ENTRIES];
	struct sev_blob table = { 0 };
	size_t count;

	(void)state;
	assert_int_equal(secret_build(in, 2, &table, NULL), 0);
	memset(table.data + 20, 0, 16);
	assert_int_equal(secret_parse(table.data, table.size, out, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_memory_equal(out[0].data, "two", 3);
	sev_blob_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(luks_table_bytes),
		cmocka_unit_test(parse_gives_back),
		cmocka_unit_test(padding),
		cmocka_unit_test(build_refuses),
		cmocka_unit_test(parse_refuses),
		cmocka_unit_test(deleted_entries_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
