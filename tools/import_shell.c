/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of a command that somebody wrote for a shell. Nothing is run and nothing is expanded:
 * a word that only a shell could know is a mistake.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import.h"

#define MOST_WORDS 4096u

struct reader {
	struct import *im;
	const char *text;
	struct import_place at; /* of text */

	char *word; /* being read, room for all of the text */
	size_t length;
	bool open;     /* there is a word, be it an empty one */
	bool left_out; /* it is "$@" */
	struct import_place begun;

	struct import_words words; /* of the command being read */
	struct import_words result;
	bool has_qemu; /* result runs QEMU */
	unsigned commands;
};

void import_words_free(struct import_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->word[i].text);
	free(words->word);
	memset(words, 0, sizeof(*words));
}

static char next(struct reader *r)
{
	char c = *r->text;

	if (!c)
		return 0;
	r->text++;
	r->at.column++;
	if (c == '\n' && r->at.line) {
		r->at.line++;
		r->at.column = 1;
	}
	return c;
}

static void begin_word(struct reader *r)
{
	if (!r->open)
		r->begun = r->at;
	r->open = true;
}

static void put(struct reader *r, char c)
{
	r->word[r->length++] = c;
}

static int end_word(struct reader *r)
{
	struct import_word *all;
	char *text;

	if (!r->open)
		return 0;
	r->open = false;
	if (r->left_out && !r->length) {
		r->left_out = false;
		return 0;
	}
	if (r->left_out || r->words.count >= MOST_WORDS)
		return import_fail(r->im, &r->begun,
			r->left_out ? "$@: legal is a word of its own"
				    : "more words than a command can have");
	text = strndup(r->word, r->length);
	all = reallocarray(r->words.word, r->words.count + 1, sizeof(*all));
	if (all)
		r->words.word = all;
	if (!text || !all) {
		free(text);
		return import_fail(r->im, NULL, "out of memory");
	}
	all[r->words.count++] = (struct import_word) { text, r->begun };
	r->length = 0;
	return 0;
}

/* --- commands --------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* The short names are also values of options. */
static bool is_qemu(const char *word, bool after_option)
{
	const char *slash = strrchr(word, '/');
	const char *name = slash ? slash + 1 : word;

	if (begins(name, "qemu-system-") || !strcmp(name, "qemu-kvm"))
		return true;
	return !after_option && (!strcmp(name, "kvm") || !strcmp(name, "qemu"));
}

/* The index of the program's name; count if there is none. */
static size_t find_program(const struct import_words *words)
{
	bool after_option = false;
	size_t i;

	for (i = 0; i < words->count && !is_qemu(words->word[i].text, after_option); i++)
		after_option |= words->word[i].text[0] == '-';
	return i;
}

/* Without sudo, exec, assignments and whatever else comes before the program's name. */
static void drop_words(struct import_words *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(words->word[i].text);
	words->count -= count;
	memmove(words->word, words->word + count, words->count * sizeof(*words->word));
}

static int keep_command(struct reader *r, bool qemu)
{
	if (qemu && r->has_qemu)
		return import_fail(r->im, &r->words.word[0].at,
			"a second command that runs QEMU; legal is one");
	if (r->has_qemu || (!qemu && r->result.count)) {
		import_words_free(&r->words);
		return 0;
	}
	import_words_free(&r->result);
	r->result = r->words;
	r->has_qemu = qemu;
	memset(&r->words, 0, sizeof(r->words));
	return 0;
}

static int end_command(struct reader *r)
{
	size_t program;
	bool qemu;

	if (end_word(r))
		return -1;
	if (!r->words.count)
		return 0;
	r->commands++;
	program = find_program(&r->words);
	qemu = program < r->words.count;
	if (qemu)
		drop_words(&r->words, program);
	return keep_command(r, qemu);
}

/* --- characters ------------------------------------------------------------------------------- */

static int read_dollar(struct reader *r)
{
	struct import_place at = r->at;

	if (r->text[1] != '@' && r->text[1] != '*')
		return import_fail(r->im, &at,
			"$: what a shell would put here is not known; legal is the value itself");
	begin_word(r);
	r->left_out = true;
	next(r);
	next(r);
	return 0;
}

static int read_single_quotes(struct reader *r)
{
	struct import_place at = r->at;

	begin_word(r);
	next(r);
	while (*r->text && *r->text != '\'')
		put(r, next(r));
	if (!next(r))
		return import_fail(r->im, &at, "': nothing closes it; legal is another '");
	return 0;
}

static int read_double_quotes(struct reader *r)
{
	struct import_place at = r->at;

	begin_word(r);
	next(r);
	while (*r->text && *r->text != '"') {
		if (*r->text == '$') {
			if (read_dollar(r))
				return -1;
			continue;
		}
		if (*r->text == '`')
			return import_fail(r->im, &r->at,
				"`: commands are not run; legal is the value itself");
		if (*r->text == '\\' && r->text[1] && strchr("\\\"$`\n", r->text[1])) {
			next(r);
			if (*r->text == '\n') {
				next(r);
				continue;
			}
		}
		put(r, next(r));
	}
	if (!next(r))
		return import_fail(r->im, &at, "\": nothing closes it; legal is another \"");
	return 0;
}

/* A line that goes on ends with a backslash; after a carriage return too. */
static void read_backslash(struct reader *r)
{
	size_t line_end = r->text[1] == '\r' && r->text[2] == '\n' ? 3 : 2;

	if (r->text[line_end - 1] == '\n') {
		while (line_end--)
			next(r);
		return;
	}
	begin_word(r);
	next(r);
	if (*r->text)
		put(r, next(r));
}

static void skip_comment(struct reader *r)
{
	while (*r->text && *r->text != '\n')
		next(r);
}

/* Where output goes is of no interest, and whose number it is before the sign neither. */
static int skip_redirection(struct reader *r)
{
	bool number = r->open && r->length == strspn(r->word, "0123456789");

	if (number) {
		r->open = false;
		r->length = 0;
	}
	if (end_word(r))
		return -1;
	while (*r->text && strchr("<>&", *r->text))
		next(r);
	while (*r->text == ' ' || *r->text == '\t')
		next(r);
	while (*r->text && !strchr(" \t\r\n;|&<>", *r->text))
		next(r);
	return 0;
}

static int read_character(struct reader *r)
{
	switch (*r->text) {
	case ' ':
	case '\t':
	case '\r':
		next(r);
		return end_word(r);
	case '\n':
	case ';':
	case '|':
	case '&':
	case '(':
	case ')':
		next(r);
		return end_command(r);
	case '<':
	case '>':
		r->word[r->length] = 0;
		return skip_redirection(r);
	case '\'':
		return read_single_quotes(r);
	case '"':
		return read_double_quotes(r);
	case '\\':
		read_backslash(r);
		return 0;
	case '$':
		return read_dollar(r);
	case '`':
		return import_fail(
			r->im, &r->at, "`: commands are not run; legal is the value itself");
	case '#':
		if (!r->open) {
			skip_comment(r);
			return 0;
		}
		break;
	}
	begin_word(r);
	put(r, next(r));
	return 0;
}

int import_shell(struct import *im, const struct import_place *at, const char *text,
	struct import_words *out)
{
	struct reader r = { .im = im, .text = text, .at = *at };
	int ret = 0;

	r.word = malloc(strlen(text) + 1);
	if (!r.word)
		return import_fail(im, NULL, "out of memory");
	while (*r.text && !ret)
		ret = read_character(&r);
	if (!ret)
		ret = end_command(&r);
	if (!ret && !r.has_qemu && r.commands > 1)
		ret = import_fail(im, at, "none of %u commands runs QEMU; legal is one that does",
			r.commands);
	free(r.word);
	import_words_free(&r.words);
	if (ret)
		import_words_free(&r.result);
	*out = r.result;
	return ret;
}
