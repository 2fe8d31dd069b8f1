/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tokens of QMP's dialect of JSON (QEMU docs/interop/qmp-spec.rst, "JSON"), one byte at a time:
 * RFC 8259 with strings also in single quotes, and with a way back from garbage.
 *
 * What is no token is an error up to and with the byte that made it one. What follows is skipped up
 * to a control character (a line feed will do, a tabulator not), a brace, bracket, colon or comma.
 * The byte 0xFF, which no text contains, always is an error: a client that does not know what it
 * has sent before sends it first.
 */
#ifndef MONITOR_QMP_LEXER_H
#define MONITOR_QMP_LEXER_H

#include <stdbool.h>
#include <stdint.h>

enum qmp_token_kind {
	QMP_TOKEN_NONE,	       /* not complete, or nothing but white space */
	QMP_TOKEN_PUNCTUATION, /* one of {}[]:, */
	QMP_TOKEN_STRING,      /* with its quotes; escapes and characters are not checked */
	QMP_TOKEN_INTEGER,
	QMP_TOKEN_FLOAT,
	QMP_TOKEN_KEYWORD, /* small letters, any word of them */
	QMP_TOKEN_ERROR,
};

/* Zero: at the begin. */
struct qmp_lexer {
	uint8_t state;
	char quote; /* that ends the string */
};

/*
 * One more byte. If a token is complete its kind is returned, and *again is true if the byte is not
 * part of it and has to be given once more. A byte is white space if the lexer is in no token after
 * it, and NONE was returned.
 */
enum qmp_token_kind qmp_lexer_step(struct qmp_lexer *lexer, char byte, bool *again);

/* Whether the last bytes belong to a token that is not complete. */
bool qmp_lexer_in_token(const struct qmp_lexer *lexer);

#endif
