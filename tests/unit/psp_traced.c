/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/psp_traced.h"

#include <json-c/json.h>
#include <unistd.h>

/* --- a traced chip ------------------------------------------------------------------------- */

static uint64_t clock_of(void *ctx)
{
	return ((struct traced *)ctx)->time += 5;
}

static void warn(void *ctx, const char *line)
{
	struct traced *t = ctx;

	t->warnings++;
	snprintf(t->warning, sizeof(t->warning), "%s", line);
}

void new_path(struct traced *t)
{
	int file;

	strcpy(t->path, "/tmp/test_psp_trace.XXXXXX");
	file = mkstemp(t->path);
	assert_true(file >= 0);
	close(file);
}

void trace_to(struct traced *t, struct rig *rig, const char *path, bool secrets)
{
	const struct psp_trace_config config = {
		.path = path,
		.secrets = secrets,
		.time_usec = clock_of,
		.warn = warn,
		.ctx = t,
	};
	struct sev_error err;

	t->rig = rig;
	t->trace = psp_trace_new(rig->psp, &config, &err);
	if (!t->trace)
		fail_msg("%s", err.text);
}

void start_trace(struct traced *t, struct rig *rig, bool secrets)
{
	memset(t, 0, sizeof(*t));
	new_path(t);
	trace_to(t, rig, t->path, secrets);
}

void stop_trace(struct traced *t)
{
	psp_trace_free(t->trace);
	rig_free(t->rig);
	unlink(t->path);
}

struct sev_blob read_trace(const struct traced *t)
{
	struct sev_blob text;

	assert_int_equal(sev_file_read(t->path, 1 << 20, &text, NULL), 0);
	return text;
}

/* Line n, from 1; negative: from the end. The caller puts it. */
static struct json_object *line(const struct traced *t, int n)
{
	struct sev_blob text = read_trace(t);
	struct json_object *found = NULL, *each;
	int count = 0;

	for (char *c = (char *)text.data; *c; c++)
		count += *c == '\n';
	if (n < 0)
		n += count + 1;
	for (char *at = strtok((char *)text.data, "\n"); at; at = strtok(NULL, "\n")) {
		each = json_tokener_parse(at);
		if (!each)
			fail_msg("not JSON: %s", at);
		if (--n == 0)
			found = each;
		else
			json_object_put(each);
	}
	sev_blob_free(&text);
	assert_non_null(found);
	return found;
}

/* The member at a path of names with dots between; NULL: there is none. */
static struct json_object *member(struct json_object *object, const char *path)
{
	char names[128];

	assert_true(strlen(path) < sizeof(names));
	strcpy(names, path);
	for (char *name = strtok(names, "."); name; name = strtok(NULL, "."))
		if (!json_object_object_get_ex(object, name, &object))
			return NULL;
	return object;
}

const char *said(const struct traced *t, int n, const char *path)
{
	static char text[2048];
	struct json_object *object = line(t, n), *value = member(object, path);

	snprintf(text, sizeof(text), "%s", value ? json_object_get_string(value) : "");
	json_object_put(object);
	return text;
}

void assert_said(const struct traced *t, int n, const char *path, const char *text)
{
	const char *found = said(t, n, path);

	if (strcmp(found, text) != 0)
		fail_msg("line %d: %s is \"%s\", expected \"%s\"", n, path, found, text);
}

void assert_said_hex(const struct traced *t, int n, const char *path, const void *data, size_t size)
{
	char hex[2 * 64 + 1];

	sev_hex(data, size, hex);
	assert_said(t, n, path, hex);
}

/* --- a launch ------------------------------------------------------------------------------ */

const char traced_secret[64] = "what the guest is told, and nobody else";

static void send_secret(struct rig *rig, uint32_t handle, const struct psp_measurement *measurement)
{
	struct psp_packet_header header;
	struct psp_transport_keys keys;
	uint8_t data[sizeof(traced_secret)];

	memcpy(keys.tik, tik, 16);
	memcpy(keys.tek, tek, 16);
	memset(&header, 0x77, sizeof(header));
	header.flags = 0;
	psp_packet_seal(&header, &keys, PSP_PACKET_SECRET, measurement->measure, traced_secret,
		data, sizeof(data));
	assert_int_equal(rig_secret(rig, handle, &header, data, sizeof(data), RIG_GUEST + 0x3000),
		PSP_SUCCESS);
}

void traced_launch(struct rig *rig, const struct owner *owner)
{
	struct psp_attestation cmd = {
		.paddr = RIG_BLOB,
		.mnonce = "sixteen bytes...",
		.length = sizeof(struct psp_attestation_report),
	};
	struct psp_measurement measurement;
	uint32_t guest;

	memset(rig->bytes + RIG_GUEST, 0x11, 0x2000);
	assert_int_equal(rig_launch_session(rig, 1, &owner->cert, &owner->session, &guest), 0);
	assert_int_equal(rig_activate(rig, guest, ASID), 0);
	assert_int_equal(rig_update(rig, guest, RIG_GUEST | RIG_C_BIT, 0x1800), 0);
	assert_int_equal(rig_measure(rig, guest, &measurement), 0);
	send_secret(rig, guest, &measurement);
	assert_int_equal(rig_handle(rig, PSP_CMD_LAUNCH_FINISH, guest), 0);
	cmd.handle = guest;
	assert_int_equal(rig_command(rig, PSP_CMD_ATTESTATION, &cmd, sizeof(cmd)), 0);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, guest), 0);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, guest), 0);
}
