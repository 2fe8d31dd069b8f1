/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * measure FILE COMMAND [ARGUMENT...]
 *
 * Runs a command and appends one line to FILE: what it cost, children included:
 *
 *   CPU seconds (user and system), host instructions in user mode, peak memory in KiB
 *
 * The instructions are "-" where the machine does not let us count them. The exit status is the
 * command's, 128 + N if signal N ended it, 125 if it could not be measured.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int complain(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	return 125;
}

/* Counts what the children of this process execute from their exec on; -1 where it cannot be. */
static int open_counter(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.disabled = 1,
		.inherit = 1,
		.enable_on_exec = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};

	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* A counter that had to share its register with others only estimates: then it does not count. */
static void print_instructions(FILE *out, int counter)
{
	unsigned long long value[3]; /* instructions, time enabled, time running */

	if (counter >= 0 && read(counter, value, sizeof(value)) == sizeof(value) && value[0] &&
		value[1] == value[2])
		fprintf(out, "%llu", value[0]);
	else
		fprintf(out, "-");
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static int report(const char *file, const struct rusage *used, int counter)
{
	FILE *out = fopen(file, "a");

	if (!out)
		return complain(file);
	fprintf(out, "%.3f ", seconds(used->ru_utime) + seconds(used->ru_stime));
	print_instructions(out, counter);
	fprintf(out, " %ld\n", used->ru_maxrss);
	return fclose(out) ? complain(file) : 0;
}

int main(int argc, char **argv)
{
	struct rusage used;
	int status;

	if (argc < 3) {
		fprintf(stderr, "usage: measure FILE COMMAND [ARGUMENT...]\n");
		return 125;
	}
	int counter = open_counter();
	pid_t child = fork();

	if (child < 0)
		return complain("fork");
	if (child == 0) {
		execvp(argv[2], argv + 2);
		_exit(complain(argv[2]));
	}
	if (wait4(child, &status, 0, &used) != child)
		return complain("wait");
	if (report(argv[1], &used, counter))
		return 125;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
