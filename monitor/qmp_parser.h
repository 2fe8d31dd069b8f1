/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The grammar above qmp_lexer.h: a row of tokens is one JSON value, or an error with QEMU's text.
 * json-c's own parser is not used: it reads more than QMP allows (comments, NaN, duplicate keys, of
 * which the last one wins), cannot tell where a bad value ends, and has other texts.
 */
#ifndef MONITOR_QMP_PARSER_H
#define MONITOR_QMP_PARSER_H

#include <stddef.h>

#include "base/base.h"
#include "monitor/qmp_lexer.h"

struct json_object;

struct qmp_token {
	uint32_t kind; /* enum qmp_token_kind, but NONE or ERROR */
	uint32_t at, size;
};

/*
 * The value of tokens, whose text is text[at .. at + size); *value is the caller's to put, NULL for
 * JSON's null. The tokens' nesting is as deep as the caller lets it be. 0, or -1 with err set.
 */
int qmp_parse(const char *text, const struct qmp_token *tokens, size_t count,
	struct json_object **value, struct sev_error *err);

/*
 * Whole characters at the begin of text: their number of bytes if the first one is one that may
 * stand in QMP (UTF-8 in its shortest form, no surrogate, no noncharacter), else 0.
 */
size_t qmp_character(const char *text, size_t size);

#endif
