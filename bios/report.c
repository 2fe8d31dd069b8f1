/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bios/report.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REPORT (1 << 20) /* bytes of JSON */
#define HASHES	   "kernel-hashes"
#define VMSA	   "vmsa"

void report_data(const struct report *report, uint8_t data[REPORT_DATA])
{
	memcpy(data, report->measurement, 32);
	memcpy(data + 32, report->mnonce, 16);
}

/* --- writing --------------------------------------------------------------------------------- */

static void add_int(struct json_object *object, const char *name, uint64_t value)
{
	json_object_object_add(object, name, json_object_new_int64((int64_t)value));
}

static void add_hex(struct json_object *object, const char *name, const uint8_t *data, size_t size)
{
	char text[2 * 32 + 1];

	sev_hex(data, size, text);
	json_object_object_add(object, name, json_object_new_string(text));
}

static struct json_object *hashes_json(const struct hashes *hashes)
{
	struct json_object *object = json_object_new_object();

	for (int part = HASHES_PARTS - 1; part >= 0; part--)
		add_hex(object, hashes_name(part), hashes->sha256[part], 32);
	return object;
}

struct json_object *report_regions(const struct report *report)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < report->regions; i++) {
		const struct report_region *region = &report->region[i];
		struct json_object *object = json_object_new_object();

		json_object_object_add(object, "what", json_object_new_string(region->what));
		if (strcmp(region->what, VMSA))
			add_int(object, "gpa", region->gpa);
		else
			add_int(object, "vcpu", region->vcpu);
		add_int(object, "length", region->length);
		add_hex(object, "sha256", region->sha256, 32);
		if (report->has_hashes && !strcmp(region->what, HASHES))
			json_object_object_add(object, "hashes", hashes_json(&report->hashes));
		json_object_array_add(array, object);
	}
	return array;
}

static void add_data(struct json_object *object, const struct report *report)
{
	uint8_t data[REPORT_DATA];
	char *text;

	report_data(report, data);
	text = sev_base64(data, sizeof(data));
	if (text)
		json_object_object_add(object, "data", json_object_new_string(text));
	free(text);
}

int report_write(const char *path, const struct report *report, struct sev_error *err)
{
	struct json_object *object = json_object_new_object();
	const char *text;
	struct sev_blob out = { 0 };
	int result;

	json_object_object_add(object, "type", json_object_new_string(report->type));
	json_object_object_add(object, "processor", json_object_new_string(REPORT_PROCESSOR));
	add_int(object, "api-major", report->api_major);
	add_int(object, "api-minor", report->api_minor);
	add_int(object, "build-id", report->build_id);
	add_int(object, "policy", report->policy);
	add_int(object, "cbitpos", report->cbitpos);
	json_object_object_add(object, "regions", report_regions(report));
	add_hex(object, "launch-digest", report->launch_digest, 32);
	add_hex(object, "measurement", report->measurement, 32);
	add_hex(object, "mnonce", report->mnonce, 16);
	add_data(object, report);
	text = json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	out.size = strlen(text) + 1;
	out.data = malloc(out.size);
	if (out.data) {
		memcpy(out.data, text, out.size - 1);
		out.data[out.size - 1] = '\n';
		result = sev_file_write(path, out.data, out.size, 0644, err);
	} else {
		result = sev_fail(err, "%s: out of memory", path);
	}
	sev_blob_free(&out);
	json_object_put(object);
	return result;
}

/* --- reading --------------------------------------------------------------------------------- */

/* What every reader of a member needs to know to say what is wrong. */
struct reader {
	const char *name; /* of the file */
	struct sev_error *err;
};

static struct json_object *member(const struct reader *r, struct json_object *object,
	const char *name, enum json_type type, const char *legal)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value)) {
		sev_fail(r->err, "%s: \"%s\" is missing, legal: %s", r->name, name, legal);
		return NULL;
	}
	if (!json_object_is_type(value, type)) {
		sev_fail(r->err, "%s: \"%s\" is not %s", r->name, name, legal);
		return NULL;
	}
	return value;
}

static int get_int(const struct reader *r, struct json_object *object, const char *name,
	uint64_t max, uint64_t *out)
{
	struct json_object *value = member(r, object, name, json_type_int, "a number");
	int64_t number;

	if (!value)
		return -1;
	number = json_object_get_int64(value);
	if (number < 0 || (uint64_t)number > max)
		return sev_fail(r->err, "%s: \"%s\" is %lld, legal: 0 to %llu", r->name, name,
			(long long)number, (unsigned long long)max);
	*out = (uint64_t)number;
	return 0;
}

static int get_hex(const struct reader *r, struct json_object *object, const char *name,
	uint8_t *out, size_t size)
{
	struct json_object *value =
		member(r, object, name, json_type_string, "a hexadecimal string");
	const char *text;

	if (!value)
		return -1;
	text = json_object_get_string(value);
	if (strlen(text) != 2 * size || sev_unhex(text, out, size))
		return sev_fail(r->err, "%s: \"%s\" is not legal: %zu hexadecimal digits", r->name,
			name, 2 * size);
	return 0;
}

static int get_text(const struct reader *r, struct json_object *object, const char *name, char *out,
	size_t room)
{
	struct json_object *value = member(r, object, name, json_type_string, "a string");

	if (!value)
		return -1;
	if ((size_t)json_object_get_string_len(value) >= room)
		return sev_fail(r->err, "%s: \"%s\" is longer than %zu characters", r->name, name,
			room - 1);
	strcpy(out, json_object_get_string(value));
	return 0;
}

static int read_hashes(const struct reader *r, struct json_object *region, struct report *report)
{
	struct json_object *object;

	if (!json_object_object_get_ex(region, "hashes", &object))
		return 0;
	if (!json_object_is_type(object, json_type_object))
		return sev_fail(r->err, "%s: \"hashes\" is not an object", r->name);
	for (int part = 0; part < HASHES_PARTS; part++)
		if (get_hex(r, object, hashes_name(part), report->hashes.sha256[part], 32))
			return -1;
	report->has_hashes = true;
	return 0;
}

/* Where a region lies, or whose it is. */
static int read_place(
	const struct reader *r, struct json_object *object, struct report_region *region)
{
	uint64_t vcpu;

	if (strcmp(region->what, VMSA))
		return get_int(r, object, "gpa", INT64_MAX, &region->gpa);
	if (get_int(r, object, "vcpu", REPORT_VCPUS - 1, &vcpu))
		return -1;
	region->vcpu = (unsigned)vcpu;
	return 0;
}

static int read_region(const struct reader *r, struct json_object *object, struct report *report)
{
	struct report_region *region = &report->region[report->regions];

	if (!json_object_is_type(object, json_type_object))
		return sev_fail(
			r->err, "%s: \"regions\" holds something that is not an object", r->name);
	if (get_text(r, object, "what", region->what, sizeof(region->what)) ||
		read_place(r, object, region) ||
		get_int(r, object, "length", INT64_MAX, &region->length) ||
		get_hex(r, object, "sha256", region->sha256, 32))
		return -1;
	report->regions++;
	return strcmp(region->what, HASHES) ? 0 : read_hashes(r, object, report);
}

static int read_regions(const struct reader *r, struct json_object *object, struct report *report)
{
	struct json_object *array = member(r, object, "regions", json_type_array, "an array");

	if (!array)
		return -1;
	if (json_object_array_length(array) > REPORT_REGIONS)
		return sev_fail(r->err, "%s: \"regions\" has %zu members, legal: up to %d", r->name,
			(size_t)json_object_array_length(array), REPORT_REGIONS);
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (read_region(r, json_object_array_get_idx(array, i), report))
			return -1;
	return 0;
}

static int read_report(const struct reader *r, struct json_object *object, struct report *report)
{
	uint64_t major, minor, build, policy, cbitpos = 0;

	if (!json_object_is_type(object, json_type_object))
		return sev_fail(r->err, "%s: not a JSON object", r->name);
	if (get_text(r, object, "type", report->type, sizeof(report->type)) ||
		get_int(r, object, "api-major", UINT8_MAX, &major) ||
		get_int(r, object, "api-minor", UINT8_MAX, &minor) ||
		get_int(r, object, "build-id", UINT8_MAX, &build) ||
		get_int(r, object, "policy", UINT32_MAX, &policy) ||
		read_regions(r, object, report) ||
		get_hex(r, object, "launch-digest", report->launch_digest, 32) ||
		get_hex(r, object, "measurement", report->measurement, 32) ||
		get_hex(r, object, "mnonce", report->mnonce, 16))
		return -1;
	if (json_object_object_get_ex(object, "cbitpos", NULL) &&
		get_int(r, object, "cbitpos", 63, &cbitpos))
		return -1;
	report->api_major = (uint8_t)major;
	report->api_minor = (uint8_t)minor;
	report->build_id = (uint8_t)build;
	report->policy = (uint32_t)policy;
	report->cbitpos = (unsigned)cbitpos;
	return 0;
}

static bool only_space(const char *from, const char *end)
{
	while (from < end && strchr(" \t\r\n", *from))
		from++;
	return from == end;
}

int report_parse(const char *name, const char *text, size_t length, struct report *report,
	struct sev_error *err)
{
	struct reader r = { name, err };
	struct json_tokener *tokener;
	struct json_object *object;
	int result;

	memset(report, 0, sizeof(*report));
	if (length > MAX_REPORT)
		return sev_fail(err, "%s: longer than %d bytes", name, MAX_REPORT);
	tokener = json_tokener_new();
	object = json_tokener_parse_ex(tokener, text, (int)length);
	if (object && only_space(text + json_tokener_get_parse_end(tokener), text + length))
		result = read_report(&r, object, report);
	else
		result = sev_fail(err, "%s: not a JSON object", name);
	json_object_put(object);
	json_tokener_free(tokener);
	return result;
}

int report_read(const char *path, struct report *report, struct sev_error *err)
{
	struct sev_blob file = { 0 };
	int result;

	if (sev_file_read(path, MAX_REPORT, &file, err))
		return -1;
	result = report_parse(path, (const char *)file.data, file.size, report, err);
	sev_blob_free(&file);
	return result;
}
