/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UTF-8 as in RFC 3629: shortest form, no surrogates, up to U+10FFFF. */
#ifndef MONITOR_UTF8_H
#define MONITOR_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes of text, from its begin, are whole valid characters. */
size_t utf8_valid(const char *text, size_t size);

/* Writes one character (1 to 4 bytes); returns where the next one goes. */
char *utf8_put(char *to, uint32_t code);

#endif
