/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What every layer needs and no library of the field offers in a handier form: one-line errors,
 * whole files, hexadecimal, base64, GUIDs, little-endian fields.
 */
#ifndef SEV_BASE_H
#define SEV_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One line of text for a human: names the option or file, the value and what is legal. */
struct sev_error {
	char text[512];
};

/* Formats into err (which may be NULL) and returns -1, so that callers can `return sev_fail(...)`.
 */
int sev_fail(struct sev_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes owned by the holder; free with sev_blob_free. size 0 has data NULL or non-NULL alike. */
struct sev_blob {
	uint8_t *data;
	size_t size;
};

void sev_blob_free(struct sev_blob *blob);

/*
 * Reads a whole regular file of at most max bytes; data[size] is an extra NUL byte.
 * Returns 0, or -1 with err set (does not exist, not readable, larger than max).
 */
int sev_file_read(const char *path, size_t max, struct sev_blob *out, struct sev_error *err);

/*
 * Replaces path by data: written to a temporary name in the same directory, synced, renamed.
 * On failure the old file is untouched. What is there and no regular file, be it a symbolic link to
 * one, is not replaced: that is a failure. mode is the permission of the new file (0600, 0644).
 */
int sev_file_write(
	const char *path, const void *data, size_t size, unsigned mode, struct sev_error *err);

/*
 * Removes from a directory the temporary files of writers that were killed. No writer may be at
 * work there.
 */
void sev_file_sweep(const char *dir);

/* Lower-case hexadecimal; out has room for 2 * size + 1 characters. */
void sev_hex(const void *data, size_t size, char *out);

/* Decodes exactly size bytes from 2 * size hexadecimal digits. Returns 0 or -1. */
int sev_unhex(const char *text, void *out, size_t size);

/* Standard base64 with padding, no line breaks; the result is malloc'ed (NULL: out of memory). */
char *sev_base64(const void *data, size_t size);

/*
 * Decodes base64, skipping white space (QEMU's decoder is as lenient: spec/firmware.md 6.2).
 * Returns 0, or -1 if a character or the padding is not base64.
 */
int sev_unbase64(const char *text, size_t length, struct sev_blob *out);

/* EFI GUIDs: 16 bytes, first three groups little-endian (UEFI specification, appendix A). */
#define SEV_GUID_TEXT 37 /* characters, with the NUL */
void sev_guid_format(const uint8_t guid[16], char text[SEV_GUID_TEXT]); /* lower case */
int sev_guid_parse(const char *text, uint8_t guid[16]);			/* 0 or -1 */

static inline uint16_t sev_le16(const void *p)
{
	const uint8_t *b = (const uint8_t *)p;
	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t sev_le32(const void *p)
{
	const uint8_t *b = (const uint8_t *)p;
	return (uint32_t)sev_le16(b) | (uint32_t)sev_le16(b + 2) << 16;
}

static inline uint64_t sev_le64(const void *p)
{
	const uint8_t *b = (const uint8_t *)p;
	return (uint64_t)sev_le32(b) | (uint64_t)sev_le32(b + 4) << 32;
}

static inline void sev_put16(void *p, uint16_t v)
{
	uint8_t *b = (uint8_t *)p;
	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
}

static inline void sev_put32(void *p, uint32_t v)
{
	sev_put16(p, (uint16_t)v);
	sev_put16((uint8_t *)p + 2, (uint16_t)(v >> 16));
}

static inline void sev_put64(void *p, uint64_t v)
{
	sev_put32(p, (uint32_t)v);
	sev_put32((uint8_t *)p + 4, (uint32_t)(v >> 32));
}

#ifdef __cplusplus
}
#endif
#endif
