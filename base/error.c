/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>

int sev_fail(struct sev_error *err, const char *format, ...)
{
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return -1;
}
