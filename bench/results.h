/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was measured in some rounds: medians, targets, a table and JSON. */
#ifndef SEV_BENCH_RESULTS_H
#define SEV_BENCH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#define LEAST_ROUNDS 3
#define MOST_ROUNDS  101

struct bench;

struct measurement {
	const char *what, *unit;
	double (*run)(struct bench *b); /* one round; NULL: computed from others */
	double least, most;		/* target: at least, at most; 0: none */
	double values[MOST_ROUNDS];
};

/* Sorts the values of each, and prints a line for each. */
void results_print(struct measurement *all, size_t count, unsigned rounds);
/* After results_print. Returns 0, or -1 and says why on standard error. */
int results_write(const char *path, const struct measurement *all, size_t count, unsigned rounds);

#endif
