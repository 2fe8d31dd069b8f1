/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A QMP server on a machine that only takes notes, and a client that sees every line. */
#ifndef TESTS_UNIT_QMP_CLIENT_H
#define TESTS_UNIT_QMP_CLIENT_H

#include <json-c/json.h>

#include "monitor/qmp.h"
#include "tests/unit/unit.h"

struct client {
	struct qmp *qmp;
	struct monitor_machine machine;
	char *output; /* what the server said and nobody has looked at yet */
	size_t size;

	/* What the fake machine answers, and what was asked of it. */
	struct monitor_sev_info info;
	const char *refusal; /* if not NULL, of whatever is asked */
	char log[256];
	struct sev_blob header, secret; /* of the last injection */
};

static inline void note(struct client *c, const char *what)
{
	strcat(c->log, what);
	strcat(c->log, ";");
}

static inline int refused(struct client *c, struct sev_error *err)
{
	return c->refusal ? sev_fail(err, "%s", c->refusal) : 0;
}

static inline struct sev_blob fake_blob(const char *text)
{
	return (struct sev_blob) { (uint8_t *)strdup(text), strlen(text) };
}

static inline int fake_cont(void *ctx, struct sev_error *err)
{
	note(ctx, "cont");
	return refused(ctx, err);
}

static inline void fake_reset(void *ctx)
{
	note(ctx, "reset");
}

static inline int fake_powerdown(void *ctx, struct sev_error *err)
{
	note(ctx, "powerdown");
	return refused(ctx, err);
}

static inline int fake_info(void *ctx, struct monitor_sev_info *info, struct sev_error *err)
{
	*info = ((struct client *)ctx)->info;
	return refused(ctx, err);
}

static inline int fake_capabilities(
	void *ctx, struct monitor_sev_capabilities *cap, struct sev_error *err)
{
	if (refused(ctx, err))
		return -1;
	*cap = (struct monitor_sev_capabilities) { fake_blob("PDH"), fake_blob("PEK|OCA|CEK"),
		fake_blob("ID"), 47, 5 };
	return 0;
}

static inline int fake_measure(void *ctx, uint8_t data[MONITOR_MEASURE_SIZE], struct sev_error *err)
{
	memset(data, 0xff, MONITOR_MEASURE_SIZE);
	return refused(ctx, err);
}

static inline int fake_inject(void *ctx, const struct sev_blob *header,
	const struct sev_blob *secret, const uint64_t *gpa, struct sev_error *err)
{
	struct client *c = ctx;
	char text[200];

	snprintf(text, sizeof(text), "inject %.*s %.*s %s%llx", (int)header->size,
		(const char *)header->data, (int)secret->size, (const char *)secret->data,
		gpa ? "at " : "anywhere", gpa ? (unsigned long long)*gpa : 0);
	note(c, text);
	return refused(c, err);
}

static inline int fake_attestation(
	void *ctx, const struct sev_blob *mnonce, struct sev_blob *report, struct sev_error *err)
{
	if (refused(ctx, err))
		return -1;
	*report = fake_blob("report ");
	report->data[6] = (uint8_t)('0' + mnonce->size % 10);
	return 0;
}

/* Every byte is the number of its page, from 1 on; the third page does not exist. */
static inline int fake_raw(void *ctx, uint64_t gpa, void *buf, size_t size)
{
	(void)ctx;
	assert_true(gpa % 4096 + size <= 4096);
	if (gpa / 4096 == 2)
		return -1;
	memset(buf, (int)(gpa / 4096 + 1), size);
	return 0;
}

static inline int fake_guest(void *ctx, uint64_t gpa, void *buf, size_t size, struct sev_error *err)
{
	assert_true(gpa % (1 << 20) + size <= 1 << 20);
	if (refused(ctx, err))
		return -1;
	if (gpa / 4096 <= 2 && (gpa + size - 1) / 4096 >= 2)
		return sev_fail(err, "there is no memory");
	memset(buf, 'G', size);
	return 0;
}

static const struct monitor_sev_object fake_sev = { 51, 1, 5, 0, "godh.b64", NULL, true };

/* Two sockets of two cores with one thread each. */
static const struct monitor_about fake_about = { .cpus = 4,
	.cores = 2,
	.threads = 1,
	.cpu_model = "fake",
	.ram_size = 16384,
	.sev = &fake_sev };

/* The first page of each CPU's addresses is the page after that CPU's number; no more is mapped. */
static inline int fake_translate(void *ctx, unsigned cpu, uint64_t linear, uint64_t *gpa)
{
	(void)ctx;
	assert_in_range(cpu, 0, 3);
	*gpa = 4096 * cpu + linear;
	return linear < 4096 ? 0 : -1;
}

static inline void fake_registers(void *ctx, unsigned cpu, struct monitor_registers *r)
{
	(void)ctx;
	r->long_mode = cpu == 1;
	for (unsigned n = 0; n < 16; n++)
		r->gpr[n] = 16 * cpu + n;
	r->rip = 0xfff0;
	r->rflags = 0x46;
	r->segment[1] = (struct monitor_segment) { 0xf000, 0xffff0000, 0xffff, 0x9b00 };
	r->cr0 = 0x60000010;
	r->cpl = cpu;
}

static inline void take_output(void *ctx, const char *bytes, size_t size)
{
	struct client *c = ctx;

	c->output = realloc(c->output, c->size + size + 1);
	memcpy(c->output + c->size, bytes, size);
	c->size += size;
	c->output[c->size] = 0;
}

static inline void client_start(struct client *c, bool paused)
{
	struct qmp_config config = {
		.machine = &c->machine, .paused = paused, .output = take_output, .ctx = c
	};

	memset(c, 0, sizeof(*c));
	c->machine = (struct monitor_machine) { c, fake_cont, fake_reset, fake_powerdown, fake_info,
		fake_capabilities, fake_measure, fake_inject, fake_attestation, fake_raw,
		fake_guest, &fake_about, fake_translate, fake_registers };
	c->info.state = "uninit";
	c->qmp = qmp_new(&config);
	assert_non_null(c->qmp);
}

static inline void client_stop(struct client *c)
{
	qmp_free(c->qmp);
	free(c->output);
}

/* The next line without its end, "" if there is none. Valid until the next call. */
static inline const char *next_line(struct client *c)
{
	static char line[65536];
	char *end = c->output ? strstr(c->output, "\r\n") : NULL;
	size_t length;

	if (!end)
		return "";
	length = (size_t)(end - c->output);
	assert_true(length < sizeof(line));
	memcpy(line, c->output, length);
	line[length] = 0;
	assert_null(strchr(line, '\n'));
	c->size -= length + 2;
	memmove(c->output, end + 2, c->size + 1);
	return line;
}

/* Exactly one value of JSON, or the test fails. */
static inline struct json_object *parse_line(const char *line)
{
	struct json_tokener *tokener = json_tokener_new_ex(2 * QMP_MAX_DEPTH);
	struct json_object *value;

	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	value = json_tokener_parse_ex(tokener, line, (int)strlen(line));
	if (!value || json_tokener_get_parse_end(tokener) != strlen(line))
		fail_msg("no JSON: \"%s\"", line);
	json_tokener_free(tokener);
	return value;
}

/* Takes value. Where white space stands and which member comes first does not matter. */
static inline void assert_json(struct json_object *value, const char *expected)
{
	struct json_object *other = parse_line(expected);

	if (!json_object_equal(value, other))
		fail_msg("%s instead of %s", json_object_to_json_string(value), expected);
	json_object_put(other);
	json_object_put(value);
}

static inline void expect(struct client *c, const char *line)
{
	assert_json(parse_line(next_line(c)), line);
}

static inline void expect_nothing(struct client *c)
{
	assert_string_equal(c->size ? c->output : "", "");
}

static inline void say(struct client *c, const char *text)
{
	assert_int_equal(qmp_input(c->qmp, text, strlen(text)), 0);
}

/* One request, one answer and nothing else. */
static inline void dialogue(struct client *c, const char *request, const char *answer)
{
	say(c, request);
	expect(c, answer);
	expect_nothing(c);
}

static inline void expect_error(struct client *c, const char *class, const char *description)
{
	char line[2048];

	snprintf(line, sizeof(line), "{\"error\": {\"class\": \"%s\", \"desc\": \"%s\"}}", class,
		description);
	expect(c, line);
}

/* A request that is refused with a GenericError and does nothing. */
static inline void fails(struct client *c, const char *request, const char *description)
{
	say(c, request);
	expect_error(c, "GenericError", description);
	expect_nothing(c);
	assert_string_equal(c->log, "");
}

static inline int64_t member(struct json_object *object, const char *name)
{
	struct json_object *value;

	assert_true(json_object_object_get_ex(object, name, &value));
	assert_true(json_object_is_type(value, json_type_int));
	return json_object_get_int64(value);
}

/* expected: without the time stamp. */
static inline void expect_event(struct client *c, const char *expected)
{
	struct json_object *event = parse_line(next_line(c)), *timestamp;

	assert_true(json_object_object_get_ex(event, "timestamp", &timestamp));
	assert_true(member(timestamp, "seconds") > 1700000000);
	assert_in_range(member(timestamp, "microseconds"), 0, 999999);
	json_object_object_del(event, "timestamp");
	assert_json(event, expected);
}

static inline void negotiate(struct client *c)
{
	qmp_connected(c->qmp);
	next_line(c);
	dialogue(c, "{\"execute\": \"qmp_capabilities\"}", "{\"return\": {}}");
}

/* cmocka's set-up and tear-down: a running machine and a client that has negotiated. */
static inline int client_set_up(void **state)
{
	struct client *c = calloc(1, sizeof(*c));

	client_start(c, false);
	negotiate(c);
	*state = c;
	return 0;
}

static inline int client_tear_down(void **state)
{
	client_stop(*state);
	free(*state);
	return 0;
}

#endif
