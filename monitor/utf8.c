/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor/utf8.h"

/* Bytes of the character that begins with this one, 0 if none does. */
static size_t length(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2)
		return 0;
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first < 0xf5 ? 4 : 0;
}

static size_t character(const uint8_t *text, size_t size)
{
	size_t n = length(*text);
	uint32_t code = *text & (0xffu >> (n + 1));

	if (!n || n > size)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3fu);
	}
	if ((n == 3 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) ||
		(n == 4 && (code < 0x10000 || code > 0x10ffff)))
		return 0;
	return n;
}

size_t utf8_valid(const char *text, size_t size)
{
	size_t done = 0, n;

	while (done < size && (n = character((const uint8_t *)text + done, size - done)))
		done += n;
	return done;
}

char *utf8_put(char *to, uint32_t code)
{
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
		*to++ = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		*to++ = (char)(0xe0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code & 0x3f));
	} else {
		*to++ = (char)(0xf0 | code >> 18);
		*to++ = (char)(0x80 | (code >> 12 & 0x3f));
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code & 0x3f));
	}
	return to;
}
