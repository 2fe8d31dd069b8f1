/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_fail(void **state)
{
	struct sev_error err;
	char big[1024];

	(void)state;
	assert_int_equal(sev_fail(&err, "policy=%s: %d is not legal", "x", 7), -1);
	assert_string_equal(err.text, "policy=x: 7 is not legal");
	memset(big, 'a', sizeof(big));
	big[sizeof(big) - 1] = 0;
	assert_int_equal(sev_fail(&err, "%s", big), -1);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(sev_fail(NULL, "nobody listens"), -1);
}

static void test_hex(void **state)
{
	uint8_t bytes[3] = { 0x00, 0xaf, 0x19 }, back[3];
	char text[7];

	(void)state;
	sev_hex(bytes, 3, text);
	assert_string_equal(text, "00af19");
	assert_int_equal(sev_unhex("00AF19", back, 3), 0);
	assert_memory_equal(back, bytes, 3);
	assert_int_equal(sev_unhex("", back, 0), 0);
	assert_int_equal(sev_unhex("00af1", back, 3), -1);
	assert_int_equal(sev_unhex("00af190", back, 3), -1);
	assert_int_equal(sev_unhex("00ag19", back, 3), -1);
	assert_int_equal(sev_unhex("0x0f19", back, 3), -1);
}

/* RFC 4648, section 10. */
static const struct {
	const char *plain, *coded;
} rfc4648[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void test_base64(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rfc4648) / sizeof(rfc4648[0]); i++) {
		char *text = sev_base64(rfc4648[i].plain, strlen(rfc4648[i].plain));
		struct sev_blob blob;

		assert_string_equal(text, rfc4648[i].coded);
		assert_int_equal(sev_unbase64(text, strlen(text), &blob), 0);
		assert_int_equal(blob.size, strlen(rfc4648[i].plain));
		assert_memory_equal(blob.data, rfc4648[i].plain, blob.size);
		sev_blob_free(&blob);
		free(text);
	}
}

static void test_base64_white_space(void **state)
{
	static const char text[] = " Zm9v\r\nYm\tFy\n";
	struct sev_blob blob;

	(void)state;
	assert_int_equal(sev_unbase64(text, strlen(text), &blob), 0);
	assert_int_equal(blob.size, 6);
	assert_memory_equal(blob.data, "foobar", 6);
	sev_blob_free(&blob);
}

static void test_base64_refused(void **state)
{
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zg===", "Zg=a", "Zg=A",
		"Z===", "====", "=", "Zm9v!", "Zm9v-_==", "Zg==Zg==x", "Zh==", "Zm9=" };
	struct sev_blob blob;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (sev_unbase64(bad[i], strlen(bad[i]), &blob) != -1)
			fail_msg("accepted: %s", bad[i]);
	}
	assert_int_equal(sev_unbase64("Zm9v\0", 5, &blob), -1);
}

static void test_guid(void **state)
{
	static const char secret_area[] = "4c2eb361-7d9b-4cc3-8081-127c90d3d294";
	uint8_t guid[16];
	char text[SEV_GUID_TEXT];

	(void)state;
	assert_int_equal(sev_guid_parse(secret_area, guid), 0);
	assert_bytes(guid, 16, "61b32e4c9b7dc34c8081127c90d3d294");
	sev_guid_format(guid, text);
	assert_string_equal(text, secret_area);
	assert_int_equal(sev_guid_parse("4C2EB361-7D9B-4CC3-8081-127C90D3D294", guid), 0);
	assert_int_equal(sev_guid_parse("4c2eb361-7d9b-4cc3-8081-127c90d3d29", guid), -1);
	assert_int_equal(sev_guid_parse("4c2eb361-7d9b-4cc3-8081-127c90d3d2944", guid), -1);
	assert_int_equal(sev_guid_parse("4c2eb361-7d9b-4cc3-8081+127c90d3d294", guid), -1);
	assert_int_equal(sev_guid_parse("4c2eb3617-d9b-4cc3-8081-127c90d3d294", guid), -1);
	assert_int_equal(sev_guid_parse("", guid), -1);
}

static void test_fields(void **state)
{
	uint8_t field[8];

	(void)state;
	sev_put64(field, 0x8877665544332211);
	assert_bytes(field, 8, "1122334455667788");
	assert_int_equal(sev_le16(field), 0x2211);
	assert_int_equal(sev_le32(field), 0x44332211);
	assert_true(sev_le64(field) == 0x8877665544332211);
	memset(field, 0xff, 8);
	assert_true(sev_le64(field) == UINT64_MAX);
	assert_true(sev_le32(field) == UINT32_MAX);
}

/* --- files: each test in a directory of its own -------------------------------------------- */

static int make_directory(void **state)
{
	char template[] = "/tmp/test_base.XXXXXX";

	*state = strdup(mkdtemp(template));
	return chdir(*state);
}

static int remove_directory(void **state)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	while ((entry = readdir(dir)))
		remove(entry->d_name);
	closedir(dir);
	rmdir(*state);
	free(*state);
	return chdir("/");
}

static unsigned count_entries(void)
{
	DIR *dir = opendir(".");
	unsigned n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2; /* . and .. */
}

static void test_file_round_trip(void **state)
{
	struct sev_blob blob;
	struct stat st;

	(void)state;
	assert_int_equal(sev_file_write("a", "one", 3, 0600, NULL), 0);
	assert_int_equal(sev_file_write("a", "second", 6, 0600, NULL), 0);
	assert_int_equal(count_entries(), 1);
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(sev_file_read("a", 6, &blob, NULL), 0);
	assert_int_equal(blob.size, 6);
	assert_memory_equal(blob.data, "second", 7); /* with the NUL */
	sev_blob_free(&blob);
	assert_int_equal(sev_file_write("public", "", 0, 0644, NULL), 0);
	assert_int_equal(stat("public", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(sev_file_read("public", 0, &blob, NULL), 0);
	assert_int_equal(blob.size, 0);
	sev_blob_free(&blob);
}

static void test_file_read_refused(void **state)
{
	struct sev_error err;
	struct sev_blob blob;

	(void)state;
	assert_int_equal(sev_file_read("absent", 10, &blob, &err), -1);
	assert_string_equal(err.text, "absent: cannot read: No such file or directory");
	assert_int_equal(sev_file_write("a", "0123456789", 10, 0600, &err), 0);
	assert_int_equal(sev_file_read("a", 9, &blob, &err), -1);
	assert_string_equal(err.text, "a: 10 bytes, at most 9 are accepted");
	assert_int_equal(sev_file_read(".", 10, &blob, &err), -1);
	assert_string_equal(err.text, ".: not a regular file");
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(sev_file_read("fifo", 10, &blob, &err), -1);
	assert_string_equal(err.text, "fifo: not a regular file");
}

static void test_file_write_refused(void **state)
{
	struct sev_error err;
	struct sev_blob blob;
	struct stat st;

	(void)state;
	assert_int_equal(sev_file_write("no/such", "x", 1, 0600, &err), -1);
	assert_string_equal(err.text, "no/such: cannot write: No such file or directory");

	/* The target cannot be replaced: what was there stays, and nothing else is left over. */
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(sev_file_write("d", "x", 1, 0600, &err), -1);
	assert_int_equal(count_entries(), 1);
	assert_int_equal(sev_file_read("d", 1, &blob, &err), -1);

	/* Nor is what is no file: root would lose his /dev/null, or where /dev/stdout leads. */
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(sev_file_write("fifo", "x", 1, 0600, &err), -1);
	assert_string_equal(err.text, "fifo: not a regular file");
	assert_int_equal(symlink("nowhere", "link"), 0);
	assert_int_equal(sev_file_write("link", "x", 1, 0600, &err), -1);
	assert_string_equal(err.text, "link: not a regular file");
	assert_int_equal(count_entries(), 3);
	assert_int_equal(lstat("fifo", &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fail),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_white_space),
		cmocka_unit_test(test_base64_refused),
		cmocka_unit_test(test_guid),
		cmocka_unit_test(test_fields),
		cmocka_unit_test_setup_teardown(
			test_file_round_trip, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(
			test_file_read_refused, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(
			test_file_write_refused, make_directory, remove_directory),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
