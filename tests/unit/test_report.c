/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The launch report: member names as documented, there and back, clear errors for what is not one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "bios/report.h"

static char directory[] = "/tmp/test_report.XXXXXX";
static char path[64];

static void example(struct report *report)
{
	memset(report, 0, sizeof(*report));
	strcpy(report->type, "sev");
	report->api_major = 1;
	report->api_minor = 55;
	report->build_id = 21;
	report->policy = 0x80000001;
	report->cbitpos = 51;
	report->regions = 2;
	strcpy(report->region[0].what, "firmware");
	report->region[0].gpa = 0xFFC00000;
	report->region[0].length = 0x400000;
	memset(report->region[0].sha256, 0xab, 32);
	strcpy(report->region[1].what, "kernel-hashes");
	report->region[1].gpa = 0x810C00;
	report->region[1].length = 176;
	report->has_hashes = true;
	for (int part = 0; part < HASHES_PARTS; part++)
		memset(report->hashes.sha256[part], part + 1, 32);
	memset(report->launch_digest, 0xcd, 32);
	memset(report->measurement, 0x11, 32);
	memset(report->mnonce, 0x22, 16);
}

static const char *text_of(struct json_object *object, const char *name)
{
	struct json_object *value;

	assert_true(json_object_object_get_ex(object, name, &value));
	return json_object_get_string(value);
}

/* By another reader than our own: names and values are an interface. */
static void names(void **state)
{
	struct report report;
	struct json_object *object, *regions, *hashes;
	struct stat st;

	(void)state;
	example(&report);
	assert_int_equal(report_write(path, &report, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	object = json_object_from_file(path);
	assert_non_null(object);
	assert_string_equal(text_of(object, "type"), "sev");
	assert_string_equal(text_of(object, "processor"), "EMULATED - NOT AMD");
	assert_string_equal(text_of(object, "api-major"), "1");
	assert_string_equal(text_of(object, "api-minor"), "55");
	assert_string_equal(text_of(object, "build-id"), "21");
	assert_string_equal(text_of(object, "policy"), "2147483649");
	assert_string_equal(text_of(object, "cbitpos"), "51");
	assert_string_equal(text_of(object, "mnonce"), "22222222222222222222222222222222");
	assert_string_equal(text_of(object, "data"),
		"EREREREREREREREREREREREREREREREREREREREREREiIiIiIiIiIiIiIiIiIiIi");
	assert_int_equal(strlen(text_of(object, "launch-digest")), 64);
	assert_int_equal(strlen(text_of(object, "measurement")), 64);
	assert_true(json_object_object_get_ex(object, "regions", &regions));
	assert_int_equal(json_object_array_length(regions), 2);
	assert_string_equal(text_of(json_object_array_get_idx(regions, 0), "what"), "firmware");
	assert_string_equal(text_of(json_object_array_get_idx(regions, 0), "gpa"), "4290772992");
	assert_string_equal(text_of(json_object_array_get_idx(regions, 1), "length"), "176");
	assert_true(json_object_object_get_ex(
		json_object_array_get_idx(regions, 1), "hashes", &hashes));
	assert_int_equal(strncmp(text_of(hashes, "kernel"), "0303", 4), 0);
	assert_int_equal(strncmp(text_of(hashes, "initrd"), "0202", 4), 0);
	assert_int_equal(strncmp(text_of(hashes, "cmdline"), "0101", 4), 0);
	assert_false(json_object_object_get_ex(
		json_object_array_get_idx(regions, 0), "hashes", &hashes));
	json_object_put(object);
}

static void there_and_back(void **state)
{
	struct report out, in;

	(void)state;
	example(&out);
	assert_int_equal(report_write(path, &out, NULL), 0);
	assert_int_equal(report_read(path, &in, NULL), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	out.regions = 1;
	out.has_hashes = false;
	assert_int_equal(report_write(path, &out, NULL), 0);
	assert_int_equal(report_read(path, &in, NULL), 0);
	assert_int_equal(in.regions, 1);
	assert_false(in.has_hashes);
}

/* The state of a vCPU has no address, but a number. */
static void vcpus(void **state)
{
	struct report out, in;
	struct sev_blob file;
	struct sev_error err;

	(void)state;
	example(&out);
	strcpy(out.type, "sev-es");
	for (unsigned i = 0; i < REPORT_VCPUS; i++) {
		struct report_region *region = &out.region[out.regions++];

		strcpy(region->what, "vmsa");
		region->vcpu = i;
		region->length = 4096;
		memset(region->sha256, (int)i, 32);
	}
	assert_int_equal(report_write(path, &out, NULL), 0);
	assert_int_equal(report_read(path, &in, NULL), 0);
	assert_memory_equal(&in, &out, sizeof(in));

	assert_int_equal(sev_file_read(path, 1 << 20, &file, NULL), 0);
	*strstr((char *)file.data, "\"vcpu\"") = ' ';
	assert_int_equal(report_parse("x", (char *)file.data, file.size, &in, &err), -1);
	sev_blob_free(&file);
	out.region[3].vcpu = REPORT_VCPUS;
	assert_int_equal(report_write(path, &out, NULL), 0);
	assert_int_equal(report_read(path, &in, &err), -1);
	assert_non_null(strstr(err.text, "\"vcpu\" is 1024, legal: 0 to 1023"));
}

/* A report that cannot be written leaves the old one. */
static void old_report_stays(void **state)
{
	struct report report;
	struct sev_error err;

	(void)state;
	example(&report);
	assert_int_equal(report_write("/nonexistent/launch.json", &report, &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent/launch.json"));
}

/* The example with one piece of text replaced. */
static int parse_with(const char *from, const char *to, struct sev_error *err)
{
	struct report report, in;
	struct sev_blob file = { 0 };
	char *text, *at;
	int result;

	example(&report);
	assert_int_equal(report_write(path, &report, NULL), 0);
	assert_int_equal(sev_file_read(path, 65536, &file, NULL), 0);
	text = calloc(1, file.size + strlen(to) + 1);
	at = strstr((char *)file.data, from);
	assert_non_null(at);
	memcpy(text, file.data, (size_t)(at - (char *)file.data));
	strcat(text, to);
	strcat(text, at + strlen(from));
	result = report_parse("launch.json", text, strlen(text), &in, err);
	free(text);
	sev_blob_free(&file);
	return result;
}

static void refuses(void **state)
{
	static const struct {
		const char *from, *to, *words;
	} cases[] = {
		{ "{", "", "not a JSON object" },
		{ "{", "[1]{", "not a JSON object" },
		{ "\"type\"", "\"tipe\"", "\"type\" is missing" },
		{ "\"sev\"", "7", "\"type\" is not a string" },
		{ "\"sev\"", "\"12345678901234567890\"", "\"type\" is longer" },
		{ "\"api-minor\":55", "\"api-minor\":256", "\"api-minor\" is 256" },
		{ "\"api-minor\":55", "\"api-minor\":-1", "\"api-minor\" is -1" },
		{ "\"build-id\":21", "\"build-id\":\"21\"", "\"build-id\" is not a number" },
		{ "\"policy\":2147483649", "\"policy\":4294967296", "\"policy\"" },
		{ "\"regions\"", "\"region\"", "\"regions\" is missing" },
		{ "\"firmware\"", "\"1234567890123456789012345678901234\"", "\"what\" is longer" },
		{ "\"cbitpos\":51", "\"cbitpos\":64", "\"cbitpos\" is 64" },
		{ "cdcd\"", "cdc\"", "\"launch-digest\"" },
		{ "cdcd\"", "cdcg\"", "\"launch-digest\"" },
		{ "2222\",", "22\",", "\"mnonce\"" },
		{ "0303\"", "03\"", "\"kernel\"" },
	};
	struct sev_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse_with(cases[i].from, cases[i].to, &err) != -1)
			fail_msg("%s -> %s was accepted", cases[i].from, cases[i].to);
		if (!strstr(err.text, cases[i].words))
			fail_msg("\"%s\" does not say %s", err.text, cases[i].words);
		assert_int_equal(strncmp(err.text, "launch.json: ", 13), 0);
		assert_null(strchr(err.text, '\n'));
	}
	assert_int_equal(parse_with("\"cbitpos\"", "\"unknown\"", &err), 0);
	assert_int_equal(report_read("/nonexistent/launch.json", &(struct report) { 0 }, &err), -1);
}

static void too_many_regions(void **state)
{
	static char text[8192] = "{\"type\":\"sev\",\"api-major\":1,\"api-minor\":55,"
				 "\"build-id\":21,\"policy\":1,\"regions\":[0";
	struct report report;
	struct sev_error err;

	(void)state;
	for (int i = 0; i < REPORT_REGIONS; i++)
		strcat(text, ",0");
	strcat(text, "]}");
	assert_int_equal(report_parse("x", text, strlen(text), &report, &err), -1);
	assert_non_null(strstr(err.text, "legal: up to 1026"));
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/launch.json", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(vcpus),
		cmocka_unit_test(old_report_stays),
		cmocka_unit_test(refuses),
		cmocka_unit_test(too_many_regions),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
