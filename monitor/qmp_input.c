/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client's bytes: cut into JSON values by json-c, however they arrive, several in one read or
 * one over many.
 *
 * JSON_TOKENER_STRICT is not set: QMP's strings may stand in single quotes, and json-c 0.18 takes
 * every byte above 0x7f for a control character then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/qmp_commands.h"

size_t qmp_cut_character(const char *text, size_t size)
{
	for (size_t n = 1; n <= 3 && n <= size; n++) {
		unsigned char c = (unsigned char)text[size - n];
		size_t length = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

		if (c < 0x80 || c >= 0xf8)
			return 0;
		if (c >= 0xc0)
			return n < length ? n : 0;
	}
	return 0;
}

/* Not json_tokener_reset(), which keeps half a pair of surrogates. */
void qmp_forget_input(struct qmp *qmp)
{
	if (qmp->input.tokener)
		json_tokener_free(qmp->input.tokener);
	qmp->input = (struct qmp_input) { 0 };
}

static struct json_tokener *tokener(struct qmp_input *input)
{
	if (!input->tokener) {
		input->tokener = json_tokener_new_ex(QMP_MAX_DEPTH);
		if (input->tokener)
			json_tokener_set_flags(input->tokener, JSON_TOKENER_VALIDATE_UTF8);
	}
	return input->tokener;
}

/* What is wrong with a line may be wrong with the rest of it: reading goes on behind it. */
static void syntax_error(struct qmp *qmp, enum json_tokener_error error)
{
	char text[80];

	snprintf(text, sizeof(text), "JSON parse error, %s", json_tokener_error_desc(error));
	qmp_send_error(qmp, text);
	qmp_forget_input(qmp);
	qmp->input.in_bad_line = true;
}

/* Whoever goes beyond a limit is not listened to any longer. */
static ssize_t limit_exceeded(struct qmp *qmp, const char *what)
{
	char text[80];

	snprintf(text, sizeof(text), "JSON %s limit exceeded", what);
	qmp_send_error(qmp, text);
	return -1;
}

/*
 * The functions below take bytes from the begin of text, which is not empty, and say how many. -1:
 * the connection must be closed.
 */
static ssize_t take_value(struct qmp *qmp, const char *text, size_t size)
{
	struct qmp_input *input = &qmp->input;
	size_t room = QMP_MAX_SIZE - input->size, taken;
	enum json_tokener_error error;
	struct json_object *value;

	if (!room)
		return limit_exceeded(qmp, "token size");
	if (!tokener(input))
		return -1;
	value = json_tokener_parse_ex(input->tokener, text, (int)(size < room ? size : room));
	error = json_tokener_get_error(input->tokener);
	taken = json_tokener_get_parse_end(input->tokener);
	input->size += taken;
	if (error == json_tokener_error_depth)
		return limit_exceeded(qmp, "nesting depth");
	if (error == json_tokener_success) {
		input->size = 0;
		qmp_answer(qmp, value);
		json_object_put(value);
	} else if (error != json_tokener_continue) {
		syntax_error(qmp, error);
	}
	return (ssize_t)taken;
}

static ssize_t skip_line(struct qmp_input *input, const char *text, size_t size)
{
	const char *end = memchr(text, '\n', size);

	input->in_bad_line = !end;
	return end ? end - text : (ssize_t)size;
}

/* White space between values may go on for ever; within them it counts. */
static ssize_t take(struct qmp *qmp, const char *text, size_t size)
{
	struct qmp_input *input = &qmp->input;

	if (input->in_bad_line)
		return skip_line(input, text, size);
	if (!input->size && (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n'))
		return 1;
	return take_value(qmp, text, size);
}

static int take_all(struct qmp *qmp, const char *text, size_t size)
{
	while (size && !qmp->quit) {
		ssize_t taken = take(qmp, text, size);

		if (taken < 0)
			return -1;
		text += taken;
		size -= (size_t)taken;
	}
	return 0;
}

/* JSON_TOKENER_VALIDATE_UTF8 wants whole characters: one that is cut waits for its other half. */
int qmp_input(struct qmp *qmp, const void *bytes, size_t size)
{
	struct qmp_input *input = &qmp->input;
	size_t total = input->cut_size + size, cut;
	char *text = malloc(total + 1);
	int result;

	if (!text)
		return -1;
	memcpy(text, input->cut, input->cut_size);
	memcpy(text + input->cut_size, bytes, size);
	cut = qmp_cut_character(text, total);
	result = take_all(qmp, text, total - cut);
	memcpy(input->cut, text + total - cut, cut);
	input->cut_size = cut;
	free(text);
	return result;
}
