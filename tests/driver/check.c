/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One line of TAP per check, and the ioctl itself. */
#include "tests/driver/sev-ioctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

static unsigned passed, failed;

bool check(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %u - ", good ? "" : "not ", passed + failed + 1);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	if (good)
		passed++;
	else
		failed++;
	return good;
}

int finish(void)
{
	printf("1..%u\n%u passed, %u failed\n", passed + failed, passed, failed);
	return failed || !passed;
}

bool expect(int fd, uint32_t command, void *data, int want, uint32_t firmware, const char *what)
{
	struct sev_issue_cmd issue = { command, (uintptr_t)data, UNTOUCHED };
	int got = ioctl(fd, SEV_ISSUE_CMD, &issue) ? errno : 0;

	if (check(got == want && issue.error == firmware, "%s", what))
		return true;
	printf("# command %u: %s, error 0x%x; expected %s, error 0x%x\n", command,
		got ? strerror(got) : "no error", issue.error, want ? strerror(want) : "no error",
		firmware);
	return false;
}
