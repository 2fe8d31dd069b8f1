/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Base64 as in RFC 4648, section 4. */
#include "base/base.h"

#include <stdlib.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *sev_base64(const void *data, size_t size)
{
	const uint8_t *in = data;
	char *text = malloc((size + 2) / 3 * 4 + 1);
	char *out = text;

	if (!text)
		return NULL;
	for (; size > 0; in += 3) {
		size_t n = size < 3 ? size : 3;
		uint32_t group = (uint32_t)in[0] << 16 | (n > 1 ? (uint32_t)in[1] << 8 : 0) |
				 (n > 2 ? in[2] : 0u);

		*out++ = alphabet[group >> 18];
		*out++ = alphabet[group >> 12 & 63];
		*out++ = n > 1 ? alphabet[group >> 6 & 63] : '=';
		*out++ = n > 2 ? alphabet[group & 63] : '=';
		size -= n;
	}
	*out = 0;
	return text;
}

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct decoder {
	uint32_t bits;
	unsigned chars; /* in the current group of four */
	unsigned pads;
	uint8_t *out;
	size_t size;
};

/* The bits that padding leaves unused must be zero: one text, one blob. */
static int finish_group(struct decoder *d)
{
	unsigned bytes = 3 - d->pads;

	if (d->pads > 2 || (d->bits & ((1u << 8 * d->pads) - 1)) != 0)
		return -1;
	for (unsigned i = 0; i < bytes; i++)
		d->out[d->size++] = (uint8_t)(d->bits >> (16 - 8 * i));
	d->bits = 0;
	d->chars = 0;
	return 0;
}

static int decode_char(struct decoder *d, char c)
{
	int value = sextet(c);

	if (c == '=') {
		if (d->chars < 2)
			return -1;
		d->pads++;
		value = 0;
	} else if (value < 0 || d->pads > 0) {
		return -1;
	}
	d->bits = d->bits << 6 | (uint32_t)value;
	return ++d->chars == 4 ? finish_group(d) : 0;
}

int sev_unbase64(const char *text, size_t length, struct sev_blob *out)
{
	struct decoder d = { .out = malloc(length / 4 * 3 + 4) };

	if (!d.out)
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (!is_space(text[i]) && decode_char(&d, text[i]) != 0) {
			free(d.out);
			return -1;
		}
	}
	if (d.chars != 0) {
		free(d.out);
		return -1;
	}
	d.out[d.size] = 0;
	out->data = d.out;
	out->size = d.size;
	return 0;
}
