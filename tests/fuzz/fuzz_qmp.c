/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A QMP client that says anything. What the server says is lines of JSON, as json-c's parser reads
 * them, and the same whether the bytes come at once or one by one.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/qmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int mkostemp(char *path, int flags);

/* No dump makes a file, wherever the fuzzer finds a name for it. */
int mkostemp(char *path, int flags)
{
	(void)path;
	(void)flags;
	errno = EACCES;
	return -1;
}

struct session {
	char *text;
	size_t size;
};

static int cont(void *ctx, struct sev_error *err)
{
	(void)ctx;
	(void)err;
	return 0;
}

static void reset(void *ctx)
{
	(void)ctx;
}

static int info(void *ctx, struct monitor_sev_info *out, struct sev_error *err)
{
	(void)ctx;
	(void)err;
	*out = (struct monitor_sev_info) { .enabled = true, .state = "running" };
	return 0;
}

static int capabilities(void *ctx, struct monitor_sev_capabilities *out, struct sev_error *err)
{
	(void)ctx;
	(void)out;
	return sev_fail(err, "none");
}

static int measure(void *ctx, uint8_t data[MONITOR_MEASURE_SIZE], struct sev_error *err)
{
	(void)ctx;
	(void)err;
	memset(data, 1, MONITOR_MEASURE_SIZE);
	return 0;
}

/* Says what was decoded, so that both ways of feeding are compared in it. */
static int inject(void *ctx, const struct sev_blob *header, const struct sev_blob *secret,
	const uint64_t *gpa, struct sev_error *err)
{
	unsigned sum = 0;

	(void)ctx;
	for (size_t n = 0; n < header->size; n++)
		sum += header->data[n];
	for (size_t n = 0; n < secret->size; n++)
		sum += secret->data[n];
	return sev_fail(err, "%zu %zu %u %llx", header->size, secret->size, sum,
		gpa ? (unsigned long long)*gpa : 0);
}

static int attestation(
	void *ctx, const struct sev_blob *mnonce, struct sev_blob *report, struct sev_error *err)
{
	(void)ctx;
	(void)report;
	return sev_fail(err, "%zu", mnonce->size);
}

static int read_raw(void *ctx, uint64_t gpa, void *buf, size_t size)
{
	(void)ctx;
	(void)gpa;
	memset(buf, 0, size);
	return 0;
}

static int read_guest(void *ctx, uint64_t gpa, void *buf, size_t size, struct sev_error *err)
{
	(void)err;
	return read_raw(ctx, gpa, buf, size);
}

static const struct monitor_sev_object sev = { 51, 1, 1, 0, NULL, NULL, false };
static const struct monitor_about about = { 2, 2, 1, "fuzz", 0x1000000, &sev };

static int translate(void *ctx, unsigned cpu, uint64_t linear, uint64_t *gpa)
{
	(void)ctx;
	*gpa = linear;
	return cpu < about.cpus ? 0 : -1;
}

static void registers(void *ctx, unsigned cpu, struct monitor_registers *r)
{
	(void)ctx;
	memset(r, (int)cpu, sizeof(*r));
	r->long_mode = true;
	r->smm = r->halted = false;
}

static const struct monitor_machine machine = { NULL, cont, reset, NULL, info, capabilities,
	measure, inject, attestation, read_raw, read_guest, &about, translate, registers };

/* One line of JSON each time; events have a time in them and are not kept. */
static void output(void *ctx, const char *bytes, size_t size)
{
	struct session *s = ctx;
	struct json_tokener *tokener = json_tokener_new_ex(256);
	struct json_object *message;

	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	message = json_tokener_parse_ex(tokener, bytes, (int)size);
	if (!message || json_tokener_get_error(tokener) != json_tokener_success ||
		json_tokener_get_parse_end(tokener) < size - 2 ||
		memchr(bytes, '\n', size) != bytes + size - 1 || bytes[size - 2] != '\r')
		abort();
	if (!json_object_object_get_ex(message, "event", NULL)) {
		s->text = realloc(s->text, s->size + size);
		memcpy(s->text + s->size, bytes, size);
		s->size += size;
	}
	json_object_put(message);
	json_tokener_free(tokener);
}

static struct session run(const uint8_t *data, size_t size, size_t piece)
{
	static const char negotiate[] = "{'execute':'qmp_capabilities'}";
	struct session s = { 0 };
	struct qmp_config config = {
		.machine = &machine, .paused = true, .output = output, .ctx = &s
	};
	struct qmp *qmp = qmp_new(&config);

	qmp_connected(qmp);
	qmp_input(qmp, negotiate, sizeof(negotiate) - 1);
	for (size_t n = 0; n < size; n += piece)
		if (qmp_input(qmp, data + n, size - n < piece ? size - n : piece))
			break;
	qmp_free(qmp);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session whole = run(data, size, size ? size : 1);
	struct session bytes = run(data, size, 1);

	if (whole.size != bytes.size || memcmp(whole.text, bytes.text, whole.size))
		abort();
	free(whole.text);
	free(bytes.text);
	return 0;
}
