/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cuts a stream of bytes into JSON values, however they arrive: several in one read, one over many.
 *
 * The dialect is the one that QMP servers accept: RFC 8259, and strings in single quotes; a key
 * twice in one object is an error. Error texts are QEMU's. Source: QEMU docs/interop/qmp-spec and
 * what QEMU 7.2 answers.
 *
 * json-c's own tokener is not used because it neither reports duplicate keys nor can be
 * resynchronised.
 */
#ifndef MONITOR_JSON_STREAM_H
#define MONITOR_JSON_STREAM_H

#include <stddef.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct json_object;
struct json_stream;

#define JSON_STREAM_MAX_SIZE  0x100000 /* bytes of one value */
#define JSON_STREAM_MAX_DEPTH 128      /* arrays and objects within each other */

/*
 * value: a complete value, to be kept by the callee (json null is NULL); error NULL.
 * Or error: what is wrong with the bytes so far; they are gone, and reading goes on behind them.
 * Returns whether the stream shall go on.
 */
typedef bool json_stream_emit(void *ctx, struct json_object *value, const char *error);

struct json_stream *json_stream_new(json_stream_emit *emit, void *ctx);
void json_stream_free(struct json_stream *stream);

/* Forgets a value that has begun. */
void json_stream_reset(struct json_stream *stream);

/*
 * Takes bytes. Returns 0, or -1 if a limit above was exceeded (after emitting the error) or emit
 * said stop: then no more should be fed before json_stream_reset.
 */
int json_stream_feed(struct json_stream *stream, const void *bytes, size_t size);

/*
 * Parses one complete text. 0 with *value (which may be NULL: json null), or -1 with err:
 * "JSON parse error, ...". depth is limited as above.
 */
int json_stream_parse(
	const char *text, size_t size, struct json_object **value, struct sev_error *err);

#ifdef __cplusplus
}
#endif
#endif
