/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client's bytes: cut into JSON values, however they arrive, several in one read or one over
 * many. A value ends where its braces and brackets are balanced, right or wrong; then it is parsed
 * and answered.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/qmp_commands.h"
#include "monitor/qmp_parser.h"

#define MAX_TOKENS (QMP_MAX_SIZE / 4)

static void forget_value(struct qmp_input *input)
{
	input->size = 0;
	input->token_count = 0;
	input->token_at = 0;
	input->braces = input->brackets = 0;
}

void qmp_forget_input(struct qmp *qmp)
{
	free(qmp->input.text);
	free(qmp->input.tokens);
	qmp->input = (struct qmp_input) { 0 };
}

/* Makes room for one more of size bytes each; false: out of memory. */
static bool make_room(void **array, size_t *room, size_t used, size_t size)
{
	size_t more = *room ? 2 * *room : 256;
	void *larger;

	if (used < *room)
		return true;
	larger = realloc(*array, more * size);
	if (!larger)
		return false;
	*array = larger;
	*room = more;
	return true;
}

/* Whoever goes beyond a limit is not listened to any longer. */
static int limit_exceeded(struct qmp *qmp, const char *what)
{
	char text[80];

	snprintf(text, sizeof(text), "JSON %s limit exceeded", what);
	qmp_send_error(qmp, text);
	return -1;
}

/* --- values ---------------------------------------------------------------------------------- */

static void answer_value(struct qmp *qmp)
{
	struct qmp_input *input = &qmp->input;
	struct json_object *value;
	struct sev_error err;

	if (qmp_parse(input->text, input->tokens, input->token_count, &value, &err)) {
		qmp_send_error(qmp, err.text);
	} else {
		qmp_answer(qmp, value);
		json_object_put(value);
	}
	forget_value(input);
}

static void count_depth(struct qmp_input *input, char punctuation)
{
	if (punctuation == '{')
		input->braces++;
	else if (punctuation == '}')
		input->braces--;
	else if (punctuation == '[')
		input->brackets++;
	else if (punctuation == ']')
		input->brackets--;
}

static bool is_unbalanced(const struct qmp_input *input)
{
	return input->braces >= 0 && input->brackets >= 0 && input->braces + input->brackets > 0;
}

/* The text since token_at is a token. */
static int take_token(struct qmp *qmp, enum qmp_token_kind kind)
{
	struct qmp_input *input = &qmp->input;
	struct qmp_token token = { kind, (uint32_t)input->token_at,
		(uint32_t)(input->size - input->token_at) };

	if (input->token_count == MAX_TOKENS)
		return limit_exceeded(qmp, "token count");
	if (!make_room(
		    (void **)&input->tokens, &input->token_room, input->token_count, sizeof(token)))
		return -1;
	input->tokens[input->token_count++] = token;
	if (kind == QMP_TOKEN_PUNCTUATION)
		count_depth(input, input->text[token.at]);
	if (input->braces + input->brackets > QMP_MAX_DEPTH)
		return limit_exceeded(qmp, "nesting depth");
	if (!is_unbalanced(input))
		answer_value(qmp);
	return 0;
}

static void stray_token(struct qmp *qmp)
{
	struct qmp_input *input = &qmp->input;
	struct sev_error err;

	sev_fail(&err, "JSON parse error, stray '%.*s'", (int)(input->size - input->token_at),
		input->text + input->token_at);
	qmp_send_error(qmp, err.text);
	forget_value(input);
}

/* --- bytes ----------------------------------------------------------------------------------- */

/* White space may go on for ever, between values and within them. */
static int keep_byte(struct qmp *qmp, char byte)
{
	struct qmp_input *input = &qmp->input;

	if (input->size == QMP_MAX_SIZE)
		return limit_exceeded(qmp, "token size");
	if (!make_room((void **)&input->text, &input->room, input->size, 1))
		return -1;
	input->text[input->size++] = byte;
	return 0;
}

static int take_byte(struct qmp *qmp, char byte)
{
	struct qmp_input *input = &qmp->input;
	enum qmp_token_kind kind;
	bool again;

	do {
		bool was_in_token = qmp_lexer_in_token(&input->lexer);

		if (!was_in_token)
			input->token_at = input->size;
		kind = qmp_lexer_step(&input->lexer, byte, &again);
		if (!again && (kind != QMP_TOKEN_NONE || qmp_lexer_in_token(&input->lexer)) &&
			keep_byte(qmp, byte))
			return -1;
		if (kind == QMP_TOKEN_ERROR)
			stray_token(qmp);
		else if (kind != QMP_TOKEN_NONE && take_token(qmp, kind))
			return -1;
	} while (again && !qmp->quit);
	return 0;
}

int qmp_input(struct qmp *qmp, const void *bytes, size_t size)
{
	const char *byte = bytes;

	for (; size && !qmp->quit; byte++, size--)
		if (take_byte(qmp, *byte))
			return -1;
	return 0;
}
