/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor/qmp_lexer.h"

#include <stddef.h>
#include <string.h>

enum state {
	START,
	RECOVERY, /* behind an error */
	STRING,
	ESCAPE, /* behind a backslash in a string */
	KEYWORD,
	MINUS,
	ZERO, /* an integer that has no more digits */
	DIGITS,
	POINT,
	FRACTION,
	EXPONENT,
	EXPONENT_SIGN,
	EXPONENT_DIGITS,
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_punctuation(char c)
{
	return c && strchr("{}[]:,", c);
}

/* Control characters, and bytes that no character contains. */
static bool is_no_text(char c)
{
	return (unsigned char)c < 0x20 || (unsigned char)c >= 0xfe;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The token goes on, or ends: the lexer is in that state then. */
static enum qmp_token_kind go_on(struct qmp_lexer *lexer, enum state state)
{
	lexer->state = (uint8_t)state;
	return QMP_TOKEN_NONE;
}

static enum qmp_token_kind end(struct qmp_lexer *lexer, enum qmp_token_kind kind)
{
	lexer->state = kind == QMP_TOKEN_ERROR ? RECOVERY : START;
	return kind;
}

static enum qmp_token_kind start(struct qmp_lexer *lexer, char c)
{
	if (is_space(c))
		return QMP_TOKEN_NONE;
	if (is_punctuation(c))
		return end(lexer, QMP_TOKEN_PUNCTUATION);
	if (c == '"' || c == '\'') {
		lexer->quote = c;
		return go_on(lexer, STRING);
	}
	if (c >= 'a' && c <= 'z')
		return go_on(lexer, KEYWORD);
	if (c == '-')
		return go_on(lexer, MINUS);
	if (is_digit(c))
		return go_on(lexer, c == '0' ? ZERO : DIGITS);
	return end(lexer, QMP_TOKEN_ERROR);
}

static enum qmp_token_kind recovery(struct qmp_lexer *lexer, char c, bool *again)
{
	if (c == '\t' || (!is_no_text(c) && !is_punctuation(c)))
		return QMP_TOKEN_NONE;
	*again = true;
	return go_on(lexer, START);
}

static enum qmp_token_kind string(struct qmp_lexer *lexer, char c)
{
	if (is_no_text(c))
		return end(lexer, QMP_TOKEN_ERROR);
	if (lexer->state == ESCAPE)
		return go_on(lexer, STRING);
	if (c == '\\')
		return go_on(lexer, ESCAPE);
	return c == lexer->quote ? end(lexer, QMP_TOKEN_STRING) : QMP_TOKEN_NONE;
}

/* What may come next in a number, and what the number is if nothing of that does. */
static const struct number_state {
	enum qmp_token_kind kind;
	uint8_t zero, digit, point, exponent, sign; /* START: not here */
} numbers[] = {
	[MINUS] = { QMP_TOKEN_ERROR, ZERO, DIGITS, START, START, START },
	[ZERO] = { QMP_TOKEN_INTEGER, START, START, POINT, EXPONENT, START },
	[DIGITS] = { QMP_TOKEN_INTEGER, DIGITS, DIGITS, POINT, EXPONENT, START },
	[POINT] = { QMP_TOKEN_ERROR, FRACTION, FRACTION, START, START, START },
	[FRACTION] = { QMP_TOKEN_FLOAT, FRACTION, FRACTION, START, EXPONENT, START },
	[EXPONENT] = { QMP_TOKEN_ERROR, EXPONENT_DIGITS, EXPONENT_DIGITS, START, START,
		EXPONENT_SIGN },
	[EXPONENT_SIGN] = { QMP_TOKEN_ERROR, EXPONENT_DIGITS, EXPONENT_DIGITS, START, START,
		START },
	[EXPONENT_DIGITS] = { QMP_TOKEN_FLOAT, EXPONENT_DIGITS, EXPONENT_DIGITS, START, START,
		START },
};

static uint8_t next_in_number(const struct number_state *now, char c)
{
	if (is_digit(c))
		return c == '0' ? now->zero : now->digit;
	if (c == '.')
		return now->point;
	if (c == 'e' || c == 'E')
		return now->exponent;
	return c == '+' || c == '-' ? now->sign : START;
}

static enum qmp_token_kind number(struct qmp_lexer *lexer, char c, bool *again)
{
	const struct number_state *now = &numbers[lexer->state];
	uint8_t next = next_in_number(now, c);

	if (next != START)
		return go_on(lexer, next);
	if (now->kind == QMP_TOKEN_ERROR || is_digit(c))
		return end(lexer, QMP_TOKEN_ERROR);
	*again = true;
	return end(lexer, now->kind);
}

static enum qmp_token_kind keyword(struct qmp_lexer *lexer, char c, bool *again)
{
	if (c >= 'a' && c <= 'z')
		return QMP_TOKEN_NONE;
	*again = true;
	return end(lexer, QMP_TOKEN_KEYWORD);
}

enum qmp_token_kind qmp_lexer_step(struct qmp_lexer *lexer, char byte, bool *again)
{
	*again = false;
	switch ((enum state)lexer->state) {
	case START:
		return start(lexer, byte);
	case RECOVERY:
		return recovery(lexer, byte, again);
	case STRING:
	case ESCAPE:
		return string(lexer, byte);
	case KEYWORD:
		return keyword(lexer, byte, again);
	default:
		return number(lexer, byte, again);
	}
}

bool qmp_lexer_in_token(const struct qmp_lexer *lexer)
{
	return lexer->state != START && lexer->state != RECOVERY;
}
