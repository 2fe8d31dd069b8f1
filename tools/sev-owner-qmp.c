/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/sev-owner-qmp.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define RETRY_MS 100
#define SLICE_MS 250 /* between one word on what is waited for and the next */
#define SHOWN	 60  /* characters of what cannot be understood */

struct owner_qmp {
	struct owner_qmp_config config;
	char awaited[64]; /* what for */
	int fd;
	unsigned last_id;
	struct json_tokener *tokener;
	char input[4096]; /* what was received and not parsed yet */
	size_t start, end;
	size_t taken; /* of the value that is being parsed */
};

int64_t owner_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- bytes ----------------------------------------------------------------------------------- */

/* Whether the socket is ready before the deadline: one that talks for ever is not, after it. */
static bool ready(const struct owner_qmp *qmp, short events, int64_t deadline)
{
	struct pollfd fd = { .fd = qmp->fd, .events = events };

	for (;;) {
		int64_t left = deadline - owner_now_ms();
		int n = left > 0 ? poll(&fd, 1, left < SLICE_MS ? (int)left : SLICE_MS) : 0;

		if (n > 0)
			return true;
		if (left <= 0 || (n < 0 && errno != EINTR))
			return false;
		if (qmp->config.waiting)
			qmp->config.waiting(qmp->config.ctx, qmp->awaited);
	}
}

static int send_text(struct owner_qmp *qmp, const char *text, size_t size, int64_t deadline,
	struct sev_error *err)
{
	while (size) {
		ssize_t n = send(qmp->fd, text, size, MSG_NOSIGNAL);

		if (n > 0) {
			text += n;
			size -= (size_t)n;
		} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
			return sev_fail(err, "the connection broke: %s", strerror(errno));
		} else if (!ready(qmp, POLLOUT, deadline)) {
			return sev_fail(
				err, "takes no command within %u s", qmp->config.answer_ms / 1000);
		}
	}
	return 0;
}

static int receive(struct owner_qmp *qmp, int64_t deadline, struct sev_error *err)
{
	ssize_t n;

	do {
		if (!ready(qmp, POLLIN, deadline))
			return sev_fail(err, "no answer within %u s", qmp->config.answer_ms / 1000);
		n = recv(qmp->fd, qmp->input, sizeof(qmp->input), 0);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n < 0)
		return sev_fail(err, "the connection broke: %s", strerror(errno));
	if (n == 0)
		return sev_fail(err, "the other end closed the connection");
	qmp->start = 0;
	qmp->end = (size_t)n;
	return 0;
}

/* --- values ---------------------------------------------------------------------------------- */

static int no_json(struct owner_qmp *qmp, struct sev_error *err)
{
	char shown[SHOWN + 1];
	size_t size = qmp->end - qmp->start;

	if (size > SHOWN)
		size = SHOWN;
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)qmp->input[qmp->start + i];

		shown[i] = c >= ' ' && c < 0x7f ? (char)c : '.';
	}
	shown[size] = 0;
	return sev_fail(err, "what comes is no JSON: \"%s\"", shown);
}

/* Parses what is there. 1: *value is complete; 0: more is needed; -1 with err. */
static int parse(struct owner_qmp *qmp, struct json_object **value, struct sev_error *err)
{
	size_t size = qmp->end - qmp->start;
	enum json_tokener_error state;

	*value = json_tokener_parse_ex(qmp->tokener, qmp->input + qmp->start, (int)size);
	state = json_tokener_get_error(qmp->tokener);
	if (state != json_tokener_success && state != json_tokener_continue)
		return no_json(qmp, err);
	if (state == json_tokener_success)
		size = json_tokener_get_parse_end(qmp->tokener);
	qmp->start += size;
	qmp->taken += size;
	if (qmp->taken > OWNER_QMP_MAX_ANSWER) {
		json_object_put(*value);
		return sev_fail(err, "an answer of more than %d bytes", OWNER_QMP_MAX_ANSWER);
	}
	if (state == json_tokener_continue)
		return 0;
	qmp->taken = 0;
	json_tokener_reset(qmp->tokener);
	return 1;
}

/* The next object, whatever it is. */
static struct json_object *next(struct owner_qmp *qmp, int64_t deadline, struct sev_error *err)
{
	struct json_object *value = NULL;
	int done = 0;

	while (!done) {
		if (qmp->start == qmp->end && receive(qmp, deadline, err))
			return NULL;
		done = parse(qmp, &value, err);
	}
	if (done < 0)
		return NULL;
	if (json_object_is_type(value, json_type_object))
		return value;
	sev_fail(err, "what comes is no JSON object");
	json_object_put(value);
	return NULL;
}

static const char *string_member(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value) ||
		!json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

/* --- dialogue -------------------------------------------------------------------------------- */

static struct json_object *make_command(
	const char *command, struct json_object *arguments, const char *id)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "execute", json_object_new_string(command));
	if (arguments)
		json_object_object_add(object, "arguments", arguments);
	json_object_object_add(object, "id", json_object_new_string(id));
	return object;
}

static int send_command(
	struct owner_qmp *qmp, struct json_object *command, int64_t deadline, struct sev_error *err)
{
	size_t size;
	const char *text =
		json_object_to_json_string_length(command, JSON_C_TO_STRING_PLAIN, &size);

	return send_text(qmp, text, size, deadline, err) || send_text(qmp, "\r\n", 2, deadline, err)
		       ? -1
		       : 0;
}

/* The answer to the command with that id; events are not for us. */
static struct json_object *read_answer(
	struct owner_qmp *qmp, const char *id, int64_t deadline, struct sev_error *err)
{
	struct json_object *object;
	const char *given;

	while ((object = next(qmp, deadline, err))) {
		if (json_object_object_get_ex(object, "event", NULL)) {
			json_object_put(object);
			continue;
		}
		given = string_member(object, "id");
		if (given && !strcmp(given, id))
			return object;
		sev_fail(err, "what comes is no answer to the command: %.100s",
			json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
		json_object_put(object);
		return NULL;
	}
	return NULL;
}

static enum owner_qmp_result judge(
	struct json_object *answer, struct json_object **value, struct sev_error *err)
{
	struct json_object *member;
	const char *text;

	if (json_object_object_get_ex(answer, "return", &member)) {
		if (value)
			*value = json_object_get(member);
		return OWNER_QMP_DONE;
	}
	if (!json_object_object_get_ex(answer, "error", &member) ||
		!json_object_is_type(member, json_type_object) ||
		!(text = string_member(member, "desc"))) {
		sev_fail(err, "the answer is neither a return nor an error");
		return OWNER_QMP_BROKEN;
	}
	sev_fail(err, "%.300s", text);
	return OWNER_QMP_REFUSED;
}

static enum owner_qmp_result call(struct owner_qmp *qmp, const char *command,
	struct json_object *arguments, struct json_object **value, struct sev_error *err)
{
	int64_t deadline = owner_now_ms() + qmp->config.answer_ms;
	enum owner_qmp_result result = OWNER_QMP_BROKEN;
	struct json_object *object, *answer = NULL;
	char id[32];

	snprintf(id, sizeof(id), "sev-owner-%u", ++qmp->last_id);
	snprintf(qmp->awaited, sizeof(qmp->awaited), "the answer to %s", command);
	object = make_command(command, arguments, id);
	if (!send_command(qmp, object, deadline, err))
		answer = read_answer(qmp, id, deadline, err);
	if (answer)
		result = judge(answer, value, err);
	json_object_put(answer);
	json_object_put(object);
	return result;
}

enum owner_qmp_result owner_qmp_call(struct owner_qmp *qmp, const char *command,
	struct json_object *arguments, struct json_object **value, struct sev_error *err)
{
	struct sev_error why;
	enum owner_qmp_result result = call(qmp, command, arguments, value, &why);

	if (result != OWNER_QMP_DONE)
		sev_fail(err, "--qmp=%s: %s: %.400s", qmp->config.path, command, why.text);
	return result;
}

/* --- connecting ------------------------------------------------------------------------------ */

static int make_address(const char *path, struct sockaddr_un *address, struct sev_error *err)
{
	size_t size = strlen(path);

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (!size || size >= sizeof(address->sun_path))
		return sev_fail(err, "--qmp=%.120s: a path of %zu characters, legal: 1 to %zu",
			path, size, sizeof(address->sun_path) - 1);
	memcpy(address->sun_path, path, size);
	return 0;
}

/* What is there and no socket will not become one. */
static int check_socket(const char *path, struct sev_error *err)
{
	struct stat st;

	if (!stat(path, &st) && !S_ISSOCK(st.st_mode))
		return sev_fail(err,
			"--qmp=%s: not a socket, legal: the UNIX socket of a QMP server", path);
	return 0;
}

/* 1: connected; 0: not yet; -1 with err. */
static int try_connect(
	int fd, const struct sockaddr_un *address, const char **why, struct sev_error *err)
{
	if (check_socket(address->sun_path, err))
		return -1;
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		return 1;
	switch (errno) {
	case ENOENT:
		*why = "there is no such socket";
		return 0;
	case ECONNREFUSED:
		*why = "nobody listens there";
		return 0;
	case EAGAIN:
		*why = "too many others wait there";
		return 0;
	default:
		return sev_fail(err, "--qmp=%s: %s", address->sun_path, strerror(errno));
	}
}

static int connect_within(const struct owner_qmp_config *config, int fd, struct sev_error *err)
{
	int64_t deadline = owner_now_ms() + config->wait_ms;
	struct sockaddr_un address;
	const char *why = "";
	int done;

	if (make_address(config->path, &address, err))
		return -1;
	while (!(done = try_connect(fd, &address, &why, err))) {
		if (owner_now_ms() >= deadline)
			return sev_fail(err, "--qmp=%s: %s, after %u s", config->path, why,
				config->wait_ms / 1000);
		if (config->waiting)
			config->waiting(config->ctx, "the socket");
		poll(NULL, 0, RETRY_MS);
	}
	return done < 0 ? -1 : 0;
}

/* A server talks to one client at a time: the greeting comes when it is our turn. */
static int negotiate(struct owner_qmp *qmp, struct sev_error *err)
{
	struct json_object *greeting, *member;
	struct sev_error why;
	bool good;

	strcpy(qmp->awaited, "the greeting");
	greeting = next(qmp, owner_now_ms() + qmp->config.answer_ms, &why);
	if (!greeting)
		return sev_fail(err,
			"--qmp=%s: no greeting: %.300s (a server talks to one client at a time)",
			qmp->config.path, why.text);
	good = json_object_object_get_ex(greeting, "QMP", &member) &&
	       json_object_is_type(member, json_type_object);
	json_object_put(greeting);
	if (!good)
		return sev_fail(
			err, "--qmp=%s: what comes first is not QMP's greeting", qmp->config.path);
	return owner_qmp_call(qmp, "qmp_capabilities", NULL, NULL, err) ? -1 : 0;
}

struct owner_qmp *owner_qmp_open(const struct owner_qmp_config *config, struct sev_error *err)
{
	struct owner_qmp *qmp = calloc(1, sizeof(*qmp));

	if (!qmp) {
		sev_fail(err, "--qmp=%s: out of memory", config->path);
		return NULL;
	}
	qmp->config = *config;
	qmp->tokener = json_tokener_new();
	qmp->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (qmp->fd < 0)
		sev_fail(err, "--qmp=%s: %s", config->path, strerror(errno));
	else if (!connect_within(config, qmp->fd, err) && !negotiate(qmp, err))
		return qmp;
	owner_qmp_close(qmp);
	return NULL;
}

void owner_qmp_close(struct owner_qmp *qmp)
{
	if (!qmp)
		return;
	if (qmp->fd >= 0)
		close(qmp->fd);
	json_tokener_free(qmp->tokener);
	free(qmp);
}
