/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmocka with the headers it wants first, and bytes written as hexadecimal. */
#ifndef SEV_TESTS_UNIT_H
#define SEV_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static inline void bytes_of(const char *hex, void *out)
{
	assert_int_equal(sev_unhex(hex, out, strlen(hex) / 2), 0);
}

static inline void assert_bytes(const void *data, size_t size, const char *hex)
{
	char text[4097];

	assert_true(2 * size < sizeof(text));
	sev_hex(data, size, text);
	assert_string_equal(text, hex);
}

#endif
