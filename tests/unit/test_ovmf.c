/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The footer table: what a good image announces, and one clear error for each way to be broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/synthetic_ovmf.h"

#define IMAGE (64 * 1024)
#define RAM   (64u << 20)

static const uint8_t unknown_guid[16] = { 1, 2, 3 };

static void assert_says(const struct sev_error *err, const char *words)
{
	if (!strstr(err->text, words))
		fail_msg("error \"%s\" does not say \"%s\"", err->text, words);
	assert_null(strchr(err->text, '\n'));
}

static void good_image(void **state)
{
	struct synthetic_ovmf s;
	struct ovmf fw;
	struct ovmf_entry entry;
	struct ovmf_area area;
	size_t cursor = 0, count = 0;

	(void)state;
	synthetic_amdsev(&s, IMAGE);
	assert_int_equal(ovmf_parse(s.bytes, s.size, &fw, NULL), OVMF_TABLE);
	while (ovmf_next(&fw, &cursor, &entry))
		count++;
	assert_int_equal(count, 3);
	assert_true(ovmf_find(&fw, ovmf_guid_reset_block, &entry));
	assert_int_equal(entry.size, 4);
	assert_false(ovmf_find(&fw, unknown_guid, &entry));
	assert_int_equal(ovmf_hash_area(&fw, RAM, &area, NULL), 0);
	assert_int_equal(area.base, SYNTHETIC_HASH_BASE);
	assert_int_equal(area.size, SYNTHETIC_HASH_SIZE);
	assert_int_equal(ovmf_secret_area(&fw, RAM, &area, NULL), 0);
	assert_int_equal(area.base, SYNTHETIC_SECRET_BASE);
	assert_int_equal(area.size, SYNTHETIC_SECRET_SIZE);
	synthetic_free(&s);
}

static void walk_order_is_downwards_and_the_first_wins(void **state)
{
	struct synthetic_ovmf s;
	struct ovmf fw;
	struct ovmf_entry entry;
	size_t cursor = 0;

	(void)state;
	synthetic_new(&s, IMAGE);
	synthetic_add(&s, unknown_guid, "first", 5);
	synthetic_add(&s, unknown_guid, "second", 6);
	synthetic_finish(&s);
	assert_int_equal(ovmf_parse(s.bytes, s.size, &fw, NULL), OVMF_TABLE);
	assert_true(ovmf_find(&fw, unknown_guid, &entry));
	assert_int_equal(entry.size, 5);
	assert_memory_equal(entry.data, "first", 5);
	assert_true(ovmf_next(&fw, &cursor, &entry));
	assert_true(ovmf_next(&fw, &cursor, &entry));
	assert_memory_equal(entry.data, "second", 6);
	assert_false(ovmf_next(&fw, &cursor, &entry));
	synthetic_free(&s);
}

static void illegal_sizes(void **state)
{
	static const struct {
		size_t size, unit;
		const char *words;
	} cases[] = {
		{ 0, OVMF_FLASH_UNIT, "too small" },
		{ 4095, OVMF_FLASH_UNIT, "too small" },
		{ 4097, OVMF_FLASH_UNIT, "not a multiple of 4 KiB" },
		{ 0x8000, OVMF_ROM_UNIT, "too small" },
		{ 0x37C000, OVMF_ROM_UNIT, "not a multiple of 64 KiB" },
		{ OVMF_MAX_SIZE + OVMF_ROM_UNIT, OVMF_ROM_UNIT, "too large" },
	};
	struct sev_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ovmf_check_size(cases[i].size, cases[i].unit, &err), -1);
		assert_says(&err, cases[i].words);
	}
	assert_int_equal(ovmf_check_size(4096, OVMF_FLASH_UNIT, &err), 0);
	assert_int_equal(ovmf_check_size(0x37C000, OVMF_FLASH_UNIT, &err), 0);
	assert_int_equal(ovmf_check_size(0x400000, OVMF_ROM_UNIT, &err), 0);
	assert_int_equal(ovmf_check_size(OVMF_MAX_SIZE, OVMF_ROM_UNIT, &err), 0);
}

static void parse_refuses_illegal_sizes(void **state)
{
	struct synthetic_ovmf s;
	struct ovmf fw;
	struct sev_error err;

	(void)state;
	synthetic_amdsev(&s, IMAGE);
	assert_int_equal(ovmf_parse(s.bytes, 0, &fw, &err), OVMF_BROKEN);
	assert_says(&err, "too small");
	assert_int_equal(ovmf_parse(s.bytes, IMAGE - 1, &fw, &err), OVMF_BROKEN);
	assert_says(&err, "not a multiple");
	synthetic_free(&s);
}

/* A truncated image ends elsewhere: it has no table, and whoever needs one is told so. */
static void no_table(void **state)
{
	struct synthetic_ovmf s;
	struct ovmf fw;
	struct ovmf_area area;
	struct sev_error err = { "" };

	(void)state;
	synthetic_amdsev(&s, IMAGE);
	assert_int_equal(ovmf_parse(s.bytes, IMAGE - 4096, &fw, &err), OVMF_NO_TABLE);
	assert_string_equal(err.text, "");
	assert_int_equal(ovmf_hash_area(&fw, RAM, &area, &err), -1);
	assert_says(&err, "no footer table");
	assert_says(&err, "kernel hashes");
	assert_int_equal(ovmf_secret_area(&fw, RAM, &area, &err), -1);
	assert_says(&err, "no footer table");
	assert_says(&err, "secret");
	synthetic_free(&s);
}

static void wrong_total_length(void **state)
{
	static const uint16_t totals[] = { 0, 1, 17, 4096 - 0x30 + 16 + 1, 0xFFFF };
	struct synthetic_ovmf s;
	struct ovmf fw;
	struct sev_error err;

	(void)state;
	synthetic_new(&s, 4096);
	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
		synthetic_total(&s, totals[i]);
		assert_int_equal(ovmf_parse(s.bytes, s.size, &fw, &err), OVMF_BROKEN);
		assert_says(&err, "total length");
	}
	synthetic_total(&s, 18);
	assert_int_equal(ovmf_parse(s.bytes, s.size, &fw, &err), OVMF_TABLE);
	synthetic_free(&s);
}

/* The largest table that fits is legal: one entry from the image's first byte on. */
static void table_fills_image(void **state)
{
	static uint8_t data[4096 - 0x30 - 2 - 18];
	struct synthetic_ovmf s;
	struct ovmf fw;
	struct ovmf_entry entry;

	(void)state;
	synthetic_new(&s, 4096);
	synthetic_add(&s, unknown_guid, data, sizeof(data));
	synthetic_finish(&s);
	assert_int_equal(ovmf_parse(s.bytes, s.size, &fw, NULL), OVMF_TABLE);
	assert_true(ovmf_find(&fw, unknown_guid, &entry));
	assert_ptr_equal(entry.data, s.bytes);
	synthetic_free(&s);
}

static void wrong_entry_length(void **state)
{
	static const struct {
		uint16_t length;
		const char *words;
	} cases[] = {
		{ 0, "entry length 0" }, { 17, "entry length 17" },
		{ 27, "entry length 27" }, /* beyond the table by one */
		{ 0xFFFF, "entry length 65535" },
		{ 25, "1 stray bytes" }, /* one byte short: something is left that is no entry */
	};
	struct synthetic_ovmf s;
	struct ovmf fw;
	struct ovmf_entry entry;
	struct sev_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		synthetic_new(&s, IMAGE);
		synthetic_add_raw(&s, ovmf_guid_hash_area, "12345678", 8, cases[i].length);
		synthetic_finish(&s);
		assert_int_equal(ovmf_parse(s.bytes, s.size, &fw, &err), OVMF_BROKEN);
		assert_says(&err, cases[i].words);
		assert_false(ovmf_find(&fw, ovmf_guid_hash_area, &entry));
		synthetic_free(&s);
	}
}

/* Image whose hash area is as given, beside the usual secret area. */
static int hash_area_of(
	uint32_t base, uint32_t size, uint64_t ram, struct ovmf_area *area, struct sev_error *err)
{
	struct synthetic_ovmf s;
	struct ovmf fw;
	int result;

	synthetic_new(&s, IMAGE);
	synthetic_add_area(&s, ovmf_guid_secret_area, SYNTHETIC_SECRET_BASE, SYNTHETIC_SECRET_SIZE);
	synthetic_add_area(&s, ovmf_guid_hash_area, base, size);
	synthetic_finish(&s);
	assert_int_equal(ovmf_parse(s.bytes, s.size, &fw, err), OVMF_TABLE);
	result = ovmf_hash_area(&fw, ram, area, err);
	synthetic_free(&s);
	return result;
}

static void areas(void **state)
{
	static const struct {
		uint32_t base, size;
		const char *words; /* NULL: legal */
	} cases[] = {
		{ 0, 0, "absent" },
		{ 0, 0x400, "absent" },
		{ 0x900000, 0, "absent" },
		{ 0x900000, 175, "too small" },
		{ 0x900000, 176, NULL },
		{ 0x900008, 0x400, "multiple of 16" },
		{ RAM - 176, 176, NULL },
		{ RAM - 176, 177, "does not lie in RAM" },
		{ RAM, 176, "does not lie in RAM" },
		{ 0xFFFFFF00, 0x400, "does not lie in RAM" },
		{ 0x9FF00, 0x100, NULL },
		{ 0x9FF00, 0x110, "does not lie in RAM" },
		{ 0xC0000, 0x400, "does not lie in RAM" },
		{ 0x100000, 0x400, NULL },
		{ SYNTHETIC_SECRET_BASE - 0x100, 0x100, NULL },
		{ SYNTHETIC_SECRET_BASE - 0x100, 0x101, "overlaps secret area" },
		{ SYNTHETIC_SECRET_BASE + SYNTHETIC_SECRET_SIZE - 16, 0x400,
			"overlaps secret area" },
		{ SYNTHETIC_SECRET_BASE + SYNTHETIC_SECRET_SIZE, 0x400, NULL },
	};
	struct ovmf_area area;
	struct sev_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int result = hash_area_of(cases[i].base, cases[i].size, RAM, &area, &err);

		assert_int_equal(result, cases[i].words ? -1 : 0);
		if (cases[i].words)
			assert_says(&err, cases[i].words);
		else
			assert_int_equal(area.base, cases[i].base);
	}
}

static void area_missing_or_short(void **state)
{
	struct synthetic_ovmf s;
	struct ovmf fw;
	struct ovmf_area area;
	struct sev_error err;

	(void)state;
	synthetic_new(&s, IMAGE);
	synthetic_add(&s, ovmf_guid_hash_area, "1234567", 7);
	synthetic_finish(&s);
	assert_int_equal(ovmf_parse(s.bytes, s.size, &fw, &err), OVMF_TABLE);
	assert_int_equal(ovmf_hash_area(&fw, RAM, &area, &err), -1);
	assert_says(&err, "entry of 7 bytes");
	assert_int_equal(ovmf_secret_area(&fw, RAM, &area, &err), -1);
	assert_says(&err, "footer table has no secret area");
	synthetic_free(&s);
}

static void assert_no_vector(const uint8_t *image, const char *words)
{
	struct sev_error err;
	struct ovmf fw;
	uint32_t vector;

	assert_int_not_equal(ovmf_parse(image, IMAGE, &fw, NULL), OVMF_BROKEN);
	assert_int_equal(ovmf_reset_vector(&fw, &vector, &err), -1);
	assert_says(&err, words);
}

static void reset_vector(void **state)
{
	static const uint8_t nowhere[4];
	struct synthetic_ovmf s;
	struct ovmf fw;
	uint32_t vector;

	(void)state;
	synthetic_amdsev(&s, IMAGE);
	assert_int_equal(ovmf_parse(s.bytes, s.size, &fw, NULL), OVMF_TABLE);
	assert_int_equal(ovmf_reset_vector(&fw, &vector, NULL), 0);
	assert_int_equal(vector, 0x0080b004);
	synthetic_free(&s);

	synthetic_new(&s, IMAGE);
	synthetic_add(&s, ovmf_guid_reset_block, nowhere, 4);
	synthetic_finish(&s);
	assert_no_vector(s.bytes, "reset vector is 0");
	synthetic_free(&s);

	synthetic_new(&s, IMAGE);
	synthetic_add(&s, ovmf_guid_reset_block, nowhere, 3);
	synthetic_finish(&s);
	assert_no_vector(s.bytes, "3 bytes, legal: 4 or more");
	synthetic_free(&s);
}

/* An image of the time before the table: the same entry right below the last 32 bytes. */
static void reset_vector_without_table(void **state)
{
	struct synthetic_ovmf s;
	struct ovmf fw;
	uint32_t vector;
	uint8_t *end;

	(void)state;
	synthetic_new(&s, IMAGE);
	end = s.bytes + IMAGE - 0x20;
	assert_no_vector(s.bytes, "announces no SEV-ES reset vector");
	memcpy(end - 16, ovmf_guid_reset_block, 16);
	sev_put16(end - 18, 22);
	sev_put32(end - 22, 0x00801234);
	assert_int_equal(ovmf_parse(s.bytes, s.size, &fw, NULL), OVMF_NO_TABLE);
	assert_int_equal(ovmf_reset_vector(&fw, &vector, NULL), 0);
	assert_int_equal(vector, 0x00801234);
	sev_put16(end - 18, 17);
	assert_no_vector(s.bytes, "announces no SEV-ES reset vector");
	sev_put16(end - 18, 0xffff);
	assert_no_vector(s.bytes, "announces no SEV-ES reset vector");
	synthetic_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_image),
		cmocka_unit_test(walk_order_is_downwards_and_the_first_wins),
		cmocka_unit_test(illegal_sizes),
		cmocka_unit_test(parse_refuses_illegal_sizes),
		cmocka_unit_test(no_table),
		cmocka_unit_test(wrong_total_length),
		cmocka_unit_test(table_fills_image),
		cmocka_unit_test(wrong_entry_length),
		cmocka_unit_test(areas),
		cmocka_unit_test(area_missing_or_short),
		cmocka_unit_test(reset_vector),
		cmocka_unit_test(reset_vector_without_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
