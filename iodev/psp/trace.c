/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/psp/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iodev/psp/content.h"

/* A command between its two calls. */
struct watched {
	uint32_t id;
	const struct psp_field *fields; /* NULL: an unknown command */
	size_t size;			/* of the buffer, 0: none */
	uint64_t buffer_spa;
	bool readable; /* the buffer is memory */
	uint8_t given[PSP_BUFFER_MAX], left[PSP_BUFFER_MAX];
	uint32_t handle; /* of the guest the command is about; 0: none */
	unsigned asid;
	struct json_object *in;
};

struct psp_trace {
	struct psp *psp;
	struct psp_observer observer;
	struct psp_trace_config config;
	char *path;
	int file; /* -1: nothing can be written */
	bool regular;
	off_t written; /* whole lines */
	uint64_t count;
	struct watched now;
};

/* --- the file ------------------------------------------------------------------------------ */

static int wrong_file(const char *path, const char *why, struct sev_error *err)
{
	return sev_fail(err,
		"psp: trace=%.200s: %s; legal is a file that can be written, or a FIFO that "
		"somebody reads",
		path, why);
}

/* A FIFO is not waited for: nobody would know why the machine does not start. */
static int open_file(struct psp_trace *trace, struct sev_error *err)
{
	struct stat info;

	trace->file = open(trace->path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC,
		trace->config.secrets ? 0600 : 0644);
	if (trace->file < 0)
		return wrong_file(trace->path,
			errno == ENXIO ? "nobody reads this FIFO" : strerror(errno), err);
	fcntl(trace->file, F_SETFL, fcntl(trace->file, F_GETFL) & ~O_NONBLOCK);
	trace->regular = fstat(trace->file, &info) == 0 && S_ISREG(info.st_mode);
	if (trace->regular && trace->config.secrets && fchmod(trace->file, 0600) != 0)
		return wrong_file(trace->path, strerror(errno), err);
	return 0;
}

static int write_all(int file, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = write(file, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Without the signals that end programs which write to a FIFO nobody reads, or beyond a limit. */
static int write_quietly(int file, const char *text, size_t size)
{
	const struct timespec at_once = { 0 };
	sigset_t signals, before;
	int error;

	sigemptyset(&signals);
	sigaddset(&signals, SIGPIPE);
	sigaddset(&signals, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &signals, &before);
	error = write_all(file, text, size);
	if (error == EPIPE || error == EFBIG)
		sigtimedwait(&signals, NULL, &at_once);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* What was written until now stays a sequence of whole lines. */
static void give_up(struct psp_trace *trace, int error)
{
	struct sev_error line;

	if (trace->regular && ftruncate(trace->file, trace->written) != 0)
		error = errno;
	close(trace->file);
	trace->file = -1;
	psp_observe(trace->psp, NULL);
	sev_fail(&line, "psp: trace=%.200s: %s; the trace ends after %llu commands", trace->path,
		strerror(error), (unsigned long long)trace->count - 1);
	if (trace->config.warn)
		trace->config.warn(trace->config.ctx, line.text);
}

static void write_line(struct psp_trace *trace, struct json_object *object)
{
	const char *json = json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	size_t size = strlen(json) + 1;
	char *line = malloc(size);
	int error;

	if (!line)
		abort();
	memcpy(line, json, size - 1);
	line[size - 1] = '\n';
	error = write_quietly(trace->file, line, size);
	if (error)
		give_up(trace, error);
	else
		trace->written += (off_t)size;
	free(line);
}

/* --- fields -------------------------------------------------------------------------------- */

static uint64_t number_in(const uint8_t *buffer, const struct psp_field *field)
{
	uint64_t value = 0;

	for (unsigned i = field->size; i-- > 0;)
		value = value << 8 | buffer[field->offset + i];
	return value;
}

static void add_policy(struct json_object *object, const char *name, uint32_t policy)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} bits[] = {
#define X(name) { PSP_POLICY_##name, #name },
		PSP_POLICIES(X)
#undef X
	};
	struct json_object *names = json_object_new_array();

	psp_json_hex_number(object, name, policy);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		if (policy & bits[i].bit)
			json_object_array_add(names, json_object_new_string(bits[i].name));
	}
	json_object_object_add(object, "policy_bits", names);
}

static void add_field(
	struct json_object *object, const struct psp_field *field, const uint8_t *buffer)
{
	uint64_t value = number_in(buffer, field);

	switch (field->kind) {
	case PSP_FIELD_NUMBER:
	case PSP_FIELD_HANDLE:
		psp_json_number(object, field->name, value);
		break;
	case PSP_FIELD_FLAGS:
	case PSP_FIELD_ADDRESS:
		psp_json_hex_number(object, field->name, value);
		break;
	case PSP_FIELD_POLICY:
		add_policy(object, field->name, (uint32_t)value);
		break;
	case PSP_FIELD_PLATFORM_STATE:
		psp_json_text(object, field->name, psp_platform_state_name((unsigned)value));
		break;
	case PSP_FIELD_GUEST_STATE:
		psp_json_text(object, field->name, psp_guest_state_name((unsigned)value));
		break;
	case PSP_FIELD_BYTES:
		psp_json_bytes(object, field->name, buffer + field->offset, field->size);
		break;
	}
}

/* "session" for session_paddr. */
static void add_content(struct psp_trace *trace, struct json_object *object,
	const struct psp_field *field, const uint8_t *buffer, const struct psp_guest *guest)
{
	static const char ending[] = "_paddr";
	struct json_object *content = psp_content_json(trace->psp, guest, field->content,
		number_in(buffer, field), sev_le32(buffer + field->length_at));
	char name[32];
	size_t length = strlen(field->name);

	if (!content)
		return;
	if (length < sizeof(ending) || length >= sizeof(name)) {
		json_object_object_add(object, psp_content_name(field->content), content);
		return;
	}
	memcpy(name, field->name, length);
	name[length - strlen(ending)] = 0;
	json_object_object_add(object, name, content);
}

/* The handle of an existing guest is told for the whole line. */
static bool is_argument(const struct psp_field *field)
{
	return field->way == PSP_FIELD_IO ||
	       (field->way == PSP_FIELD_IN && field->kind != PSP_FIELD_HANDLE);
}

static struct json_object *arguments(struct psp_trace *trace)
{
	const struct watched *now = &trace->now;
	struct json_object *in = json_object_new_object();

	for (const struct psp_field *field = now->fields; field->name; field++) {
		if (is_argument(field))
			add_field(in, field, now->given);
		if (field->content && field->content_way == PSP_FIELD_IN)
			add_content(trace, in, field, now->given, NULL);
	}
	return in;
}

static bool changed(const struct watched *now, const struct psp_field *field)
{
	return memcmp(now->given + field->offset, now->left + field->offset, field->size) != 0;
}

static struct json_object *results(
	struct psp_trace *trace, uint16_t status, const struct psp_guest *guest)
{
	const struct watched *now = &trace->now;
	struct json_object *out = json_object_new_object();
	bool ok = status == PSP_SUCCESS;

	for (const struct psp_field *field = now->fields; field->name; field++) {
		if ((field->way == PSP_FIELD_OUT && ok) ||
			(field->way == PSP_FIELD_IO && changed(now, field)))
			add_field(out, field, now->left);
		if (field->content && field->content_way == PSP_FIELD_OUT && ok)
			add_content(trace, out, field, now->left, guest);
	}
	return out;
}

static const struct psp_field *find_handle(const struct psp_field *field)
{
	for (; field && field->name; field++) {
		if (field->kind == PSP_FIELD_HANDLE)
			return field;
	}
	return NULL;
}

/* --- secrets ------------------------------------------------------------------------------- */

static struct json_object *guest_keys(const struct psp_guest *guest)
{
	struct json_object *object = json_object_new_object();

	psp_json_bytes(object, "vek", guest->vek->key, sizeof(guest->vek->key));
	psp_json_bytes(object, "tek", guest->keys.tek, sizeof(guest->keys.tek));
	psp_json_bytes(object, "tik", guest->keys.tik, sizeof(guest->keys.tik));
	return object;
}

static struct json_object *platform_keys(const struct psp_identity *identity)
{
	struct json_object *object = json_object_new_object();

	psp_json_bytes(object, "pdh", identity->pdh.d, sizeof(identity->pdh.d));
	psp_json_bytes(object, "pek", identity->pek.d, sizeof(identity->pek.d));
	psp_json_bytes(object, "oca", identity->oca.d, sizeof(identity->oca.d));
	return object;
}

/* Where keys come into being; LAUNCH_MEASURE, because keys in the clear come without a command. */
static struct json_object *secrets(const struct psp_trace *trace, const struct psp_guest *guest)
{
	switch (trace->now.id) {
	case PSP_CMD_LAUNCH_START:
	case PSP_CMD_LAUNCH_MEASURE:
	case PSP_CMD_SEND_START:
	case PSP_CMD_RECEIVE_START:
		return guest ? guest_keys(guest) : NULL;
	case PSP_CMD_INIT:
	case PSP_CMD_INIT_EX:
	case PSP_CMD_PEK_GEN:
	case PSP_CMD_PEK_CERT_IMPORT:
	case PSP_CMD_PDH_GEN:
		return platform_keys(&trace->psp->identity);
	}
	return NULL;
}

/* --- a line -------------------------------------------------------------------------------- */

static void add_digest(struct json_object *line, uint32_t id, const struct psp_guest *guest)
{
	uint8_t digest[SEV_SHA256];

	if (!guest || (id != PSP_CMD_LAUNCH_UPDATE_DATA && id != PSP_CMD_LAUNCH_UPDATE_VMSA &&
			      id != PSP_CMD_LAUNCH_MEASURE))
		return;
	sev_sha256_read(guest->ld, digest);
	psp_json_bytes(line, "digest", digest, sizeof(digest));
}

static void add_states(
	struct json_object *line, const struct psp *psp, const struct psp_guest *guest)
{
	struct json_object *state = json_object_new_object();

	psp_json_text(state, "platform", psp_platform_state_name(psp->state));
	if (guest)
		psp_json_text(state, "guest", psp_guest_state_name(guest->state));
	json_object_object_add(line, "state", state);
}

static void add_subject(
	struct json_object *line, const struct watched *now, const struct psp_guest *guest)
{
	unsigned asid = guest && guest->asid ? guest->asid : now->asid;

	if (now->handle)
		psp_json_number(line, "guest", now->handle);
	if (asid)
		psp_json_number(line, "asid", asid);
	if (now->size)
		psp_json_hex_number(line, "buffer", now->buffer_spa);
}

static void add_object(struct json_object *line, const char *name, struct json_object *object)
{
	if (object && json_object_object_length(object) > 0)
		json_object_object_add(line, name, object);
	else
		json_object_put(object);
}

static void add_status(struct json_object *line, const struct psp *psp, uint16_t status)
{
	const char *detail = psp_detail(psp);

	psp_json_text(line, "status", psp_status_name(status));
	if (status != PSP_SUCCESS)
		psp_json_text(line, "cause", *detail ? detail : psp_status_advice(status));
}

static struct json_object *line_of(struct psp_trace *trace, uint16_t status)
{
	struct psp *psp = trace->psp;
	struct watched *now = &trace->now;
	const struct psp_guest *guest = psp_find_guest(psp, now->handle);
	struct json_object *line = json_object_new_object();
	const struct psp_trace_config *config = &trace->config;

	psp_json_number(line, "time", config->time_usec ? config->time_usec(config->ctx) : 0);
	psp_json_number(line, "n", trace->count);
	psp_json_text(line, "who", psp->caller);
	psp_json_text(line, "command", psp_command_name(now->id));
	psp_json_number(line, "id", now->id);
	add_subject(line, now, guest);
	add_states(line, psp, guest);
	add_object(line, "in", now->in);
	if (now->readable)
		add_object(line, "out", results(trace, status, guest));
	if (status == PSP_SUCCESS)
		add_digest(line, now->id, guest);
	if (status == PSP_SUCCESS && config->secrets)
		add_object(line, "secrets", secrets(trace, guest));
	add_status(line, psp, status);
	return line;
}

/* --- watching ------------------------------------------------------------------------------ */

static bool read_buffer(const struct psp_trace *trace, uint8_t buffer[PSP_BUFFER_MAX])
{
	const struct psp_config *config = &trace->psp->config;
	size_t size = trace->now.size;
	uint64_t spa = trace->now.buffer_spa;

	return size && psp_is_memory(trace->psp, spa, size) &&
	       sevmem_peek(config->memory, spa & ~config->c_mask, SEVMEM_RAW, buffer, size) == 0;
}

static void before(void *ctx, uint32_t id, uint64_t buffer_spa)
{
	struct psp_trace *trace = ctx;
	struct watched *now = &trace->now;
	int size = psp_buffer_size(id);

	*now = (struct watched) {
		.id = id,
		.fields = psp_fields(id),
		.size = size > 0 ? (size_t)size : 0,
		.buffer_spa = buffer_spa,
	};
	trace->count++;
	now->readable = now->fields && read_buffer(trace, now->given);
	if (!now->readable)
		return;
	const struct psp_field *handle = find_handle(now->fields);
	const struct psp_guest *guest;

	if (handle && handle->way == PSP_FIELD_IN)
		now->handle = (uint32_t)number_in(now->given, handle);
	guest = psp_find_guest(trace->psp, now->handle);
	now->asid = guest ? guest->asid : 0;
	now->in = arguments(trace);
}

static void after(void *ctx, uint16_t status)
{
	struct psp_trace *trace = ctx;
	struct watched *now = &trace->now;
	const struct psp_field *handle = find_handle(now->fields);
	struct json_object *line;

	now->readable = now->readable && read_buffer(trace, now->left);
	if (now->readable && handle && handle->way == PSP_FIELD_IO && status == PSP_SUCCESS)
		now->handle = (uint32_t)number_in(now->left, handle);
	line = line_of(trace, status);
	write_line(trace, line);
	json_object_put(line);
}

struct psp_trace *psp_trace_new(
	struct psp *psp, const struct psp_trace_config *config, struct sev_error *err)
{
	struct psp_trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		abort();
	trace->psp = psp;
	trace->config = *config;
	trace->path = strdup(config->path);
	trace->observer = (struct psp_observer) { before, after, trace };
	if (!trace->path)
		abort();
	trace->config.path = trace->path;
	if (open_file(trace, err) != 0) {
		psp_trace_free(trace);
		return NULL;
	}
	psp_observe(psp, &trace->observer);
	return trace;
}

void psp_trace_free(struct psp_trace *trace)
{
	if (!trace)
		return;
	if (trace->file >= 0) { /* else it does not watch, and somebody else may */
		psp_observe(trace->psp, NULL);
		close(trace->file);
	}
	free(trace->path);
	free(trace);
}
