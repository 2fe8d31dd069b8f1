/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel-hashes table against fixed bytes; what OVMF's reader would take and refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bios/hashes.h"
#include "crypto/crypto.h"

#define TABLE                                                              \
	"06d63894224fc94cb479a793d411fd21a800"                             \
	"d82dd09720bd944caa78e7714d36ab2a3200"                             \
	"f18aae9b3c09e55bc3047ad361e2442d7c53372470b2958fb83293209a784f71" \
	"31f7ba442f3ad74b9af141e29169781d3200"                             \
	"44f4d6231cfbbfdd88a24e6776e8af30da1702a7f39def540defb10460227c9c" \
	"3794e74dd2ab7f42b835d5b172d2045b3200"                             \
	"3356c3dac8cde28640939148b97a4b27d5ccbd361fde7425ad5a9f2a81ba72f0" \
	"0000000000000000"

static const struct sev_blob kernel = { (uint8_t *)"KERNEL-TEST", 11 };
static const struct sev_blob initrd = { (uint8_t *)"INITRD-TEST", 11 };
static const struct sev_blob nothing = { NULL, 0 };

static void assert_sha256(const void *data, size_t size, const char *expected)
{
	struct sev_part part = { data, size };
	uint8_t digest[32];
	char text[65];

	sev_sha256(&part, 1, digest);
	sev_hex(digest, 32, text);
	assert_string_equal(text, expected);
}

static void test_table(uint8_t table[HASHES_TABLE_SIZE])
{
	struct hashes hashes;

	hashes_compute(&kernel, &initrd, "console=ttyS0", &hashes);
	hashes_table(&hashes, table);
}

static void table_bytes(void **state)
{
	uint8_t table[HASHES_TABLE_SIZE], expected[HASHES_TABLE_SIZE];

	(void)state;
	assert_int_equal(sev_unhex(TABLE, expected, sizeof(expected)), 0);
	test_table(table);
	assert_memory_equal(table, expected, sizeof(table));
	assert_sha256(table, sizeof(table),
		"f737c9b08655b1a8a3908c8882b1658420467cd833b7cd2a7a5406179ebc31eb");
}

/* No initrd is the empty string, no command line a lone NUL. */
static void table_of_kernel_alone(void **state)
{
	uint8_t table[HASHES_TABLE_SIZE];
	struct hashes hashes, empty;

	(void)state;
	hashes_compute(&kernel, &nothing, NULL, &hashes);
	hashes_compute(&kernel, &nothing, "", &empty);
	assert_memory_equal(&hashes, &empty, sizeof(hashes));
	hashes_table(&hashes, table);
	assert_sha256(table, sizeof(table),
		"35c6b86ecacc3417a782266396cfcec8f94326a7181a9a5e0a38c98151c4e57b");
}

static void compare_names_what_differs(void **state)
{
	struct hashes a, b;
	struct sev_error err = { "" };

	(void)state;
	hashes_compute(&kernel, &initrd, "console=ttyS0", &a);
	b = a;
	assert_int_equal(hashes_compare(&a, "expected", &b, "launched", &err), 0);
	assert_string_equal(err.text, "");
	hashes_compute(&initrd, &initrd, "console=ttyS0", &b);
	assert_int_equal(hashes_compare(&a, "expected", &b, "launched", &err), 1 << HASHES_KERNEL);
	assert_string_equal(err.text,
		"kernel differs: expected "
		"3356c3dac8cde28640939148b97a4b27d5ccbd361fde7425ad5a9f2a81ba72f0, launched "
		"44f4d6231cfbbfdd88a24e6776e8af30da1702a7f39def540defb10460227c9c");
	hashes_compute(&initrd, &kernel, "console=ttyS1", &b);
	assert_int_equal(hashes_compare(&a, "expected", &b, "launched", &err), 7);
	assert_non_null(strstr(err.text, "kernel differs"));
	assert_non_null(strstr(err.text, "initrd differs"));
	assert_non_null(strstr(err.text, "cmdline differs"));
	assert_null(strchr(err.text, '\n'));
}

static void cmdline_file(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *line; /* NULL: refused */
	} cases[] = {
		{ "", 0, "" },
		{ "\n", 1, "" },
		{ "a b", 3, "a b" },
		{ "a b\n", 4, "a b" },
		{ "a b\r\n", 5, "a b" },
		{ "a b \n", 5, "a b " },
		{ "a\n\n", 3, "a" },
		{ "a\r\n\r\n", 5, "a" },
		{ "a\nb\n", 4, NULL },
		{ "a\0b", 3, NULL },
		{ "a\0", 2, NULL },
	};
	struct sev_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sev_blob file = { (uint8_t *)cases[i].bytes, cases[i].size };
		char *line = hashes_cmdline_text("cmdline.txt", &file, &err);

		if (!cases[i].line) {
			assert_null(line);
			assert_non_null(strstr(err.text, "cmdline.txt: byte 1"));
			continue;
		}
		assert_non_null(line);
		assert_string_equal(line, cases[i].line);
		free(line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_bytes),
		cmocka_unit_test(table_of_kernel_alone),
		cmocka_unit_test(compare_names_what_differs),
		cmocka_unit_test(cmdline_file),
	};

	sev_crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
