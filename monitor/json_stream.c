/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor/json_stream.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum lexical_state { BETWEEN, IN_STRING, IN_ESCAPE, IN_WORD, IN_NUMBER, RECOVERY };

struct json_stream {
	json_stream_emit *emit;
	void *ctx;

	/* The value that has begun. */
	char *text;
	size_t size, room;
	int braces, brackets; /* open ones; negative: more closed than opened */

	enum lexical_state state;
	char quote; /* IN_STRING: which one ends it */
};

struct json_stream *json_stream_new(json_stream_emit *emit, void *ctx)
{
	struct json_stream *stream = calloc(1, sizeof(*stream));

	if (stream) {
		stream->emit = emit;
		stream->ctx = ctx;
	}
	return stream;
}

void json_stream_free(struct json_stream *stream)
{
	if (stream)
		free(stream->text);
	free(stream);
}

static void forget_value(struct json_stream *stream)
{
	stream->size = 0;
	stream->braces = 0;
	stream->brackets = 0;
}

void json_stream_reset(struct json_stream *stream)
{
	forget_value(stream);
	stream->state = BETWEEN;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_structural(char c)
{
	return c && strchr("{}[]:,", c);
}

/* Bytes that no JSON text contains: a client may send one to make itself heard again. */
static bool is_impossible(char c)
{
	return (unsigned char)c >= 0xfe;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20;
}

static bool is_promising(char c)
{
	return is_structural(c) || is_impossible(c) || (is_control(c) && c != '\t');
}

static int append(struct json_stream *stream, char c)
{
	if (stream->size == stream->room) {
		size_t room = stream->room ? 2 * stream->room : 256;
		char *text;

		if (stream->size >= JSON_STREAM_MAX_SIZE || !(text = realloc(stream->text, room))) {
			stream->emit(stream->ctx, NULL, "JSON token size limit exceeded");
			return -1;
		}
		stream->text = text;
		stream->room = room;
	}
	stream->text[stream->size++] = c;
	return 0;
}

/* A byte that begins or continues no token: what has begun is dropped up to a promising place. */
static int stray(struct json_stream *stream, char c)
{
	char text[64];

	/* What is not ASCII stands for itself only as part of a string. */
	snprintf(text, sizeof(text), "JSON parse error, stray '%.*s'",
		(unsigned char)c < 0x80 ? 1 : 3, (unsigned char)c < 0x80 ? &c : "\xef\xbf\xbd");
	forget_value(stream);
	stream->state = is_promising(c) ? BETWEEN : RECOVERY;
	return stream->emit(stream->ctx, NULL, text) ? 0 : -1;
}

/* After each token: is a value complete, or can it never be? */
static int end_token(struct json_stream *stream)
{
	struct json_object *value;
	struct sev_error err;
	bool go_on;

	stream->state = BETWEEN;
	if ((stream->braces > 0 || stream->brackets > 0) && stream->braces >= 0 &&
		stream->brackets >= 0)
		return 0;
	if (json_stream_parse(stream->text, stream->size, &value, &err))
		go_on = stream->emit(stream->ctx, NULL, err.text);
	else
		go_on = stream->emit(stream->ctx, value, NULL);
	forget_value(stream);
	return go_on ? 0 : -1;
}

static int structural(struct json_stream *stream, char c)
{
	stream->braces += (c == '{') - (c == '}');
	stream->brackets += (c == '[') - (c == ']');
	if (stream->braces + stream->brackets > JSON_STREAM_MAX_DEPTH) {
		stream->emit(stream->ctx, NULL, "JSON nesting depth limit exceeded");
		return -1;
	}
	return append(stream, c) ? -1 : end_token(stream);
}

static int between_tokens(struct json_stream *stream, char c)
{
	if (is_space(c))
		return stream->size ? append(stream, c) : 0;
	if (is_structural(c))
		return structural(stream, c);
	if (c == '"' || c == '\'') {
		stream->quote = c;
		stream->state = IN_STRING;
	} else if (is_digit(c) || c == '-') {
		stream->state = IN_NUMBER;
	} else if (c >= 'a' && c <= 'z') {
		stream->state = IN_WORD;
	} else {
		return stray(stream, c);
	}
	return append(stream, c);
}

static int in_string(struct json_stream *stream, char c)
{
	bool escaped = stream->state == IN_ESCAPE;

	if (is_control(c) || is_impossible(c))
		return stray(stream, c);
	if (append(stream, c))
		return -1;
	stream->state = !escaped && c == '\\' ? IN_ESCAPE : IN_STRING;
	return !escaped && c == stream->quote ? end_token(stream) : 0;
}

static int feed_char(struct json_stream *stream, char c)
{
	switch (stream->state) {
	case BETWEEN:
		break;
	case IN_STRING:
	case IN_ESCAPE:
		return in_string(stream, c);
	case IN_WORD:
		if ((c >= 'a' && c <= 'z') || is_digit(c))
			return append(stream, c);
		if (end_token(stream))
			return -1;
		break;
	case IN_NUMBER:
		if (is_digit(c) || (c && strchr("+-.eE", c)))
			return append(stream, c);
		if (end_token(stream))
			return -1;
		break;
	case RECOVERY:
		if (is_promising(c))
			stream->state = BETWEEN;
		if (!is_structural(c))
			return 0;
		break;
	}
	return between_tokens(stream, c);
}

int json_stream_feed(struct json_stream *stream, const void *bytes, size_t size)
{
	const char *text = bytes;

	for (size_t n = 0; n < size; n++)
		if (feed_char(stream, text[n]))
			return -1;
	return 0;
}
