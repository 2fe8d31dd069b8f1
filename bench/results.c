/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench/results.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* After sorting. */
static double median(const struct measurement *m, unsigned rounds)
{
	return (m->values[(rounds - 1) / 2] + m->values[rounds / 2]) / 2;
}

static bool has_target(const struct measurement *m)
{
	return m->least > 0 || m->most > 0;
}

static bool is_met(const struct measurement *m, unsigned rounds)
{
	return median(m, rounds) >= m->least && (m->most == 0 || median(m, rounds) <= m->most);
}

static const char *number(double value, char text[16])
{
	snprintf(text, 16, "%.*f",
		value >= 1000  ? 0
		: value >= 100 ? 1
		: value >= 0.1 ? 3
			       : 5,
		value);
	return text;
}

static void print_row(const struct measurement *m, unsigned rounds)
{
	char middle[16], least[16], most[16], spread[40];

	number(m->values[0], least);
	number(m->values[rounds - 1], most);
	snprintf(spread, sizeof(spread), "%s..%s", least, most);
	printf("%-42s %10s %-22s %-5s", m->what, number(median(m, rounds), middle), spread,
		m->unit);
	if (has_target(m))
		printf(" at %s %s  %s", m->least > 0 ? "least" : "most",
			number(m->least > 0 ? m->least : m->most, least),
			is_met(m, rounds) ? "PASS" : "TARGET MISSED");
	printf("\n");
}

static struct json_object *row_json(const struct measurement *m, unsigned rounds)
{
	struct json_object *row = json_object_new_object();

	json_object_object_add(row, "what", json_object_new_string(m->what));
	json_object_object_add(row, "unit", json_object_new_string(m->unit));
	json_object_object_add(row, "median", json_object_new_double(median(m, rounds)));
	json_object_object_add(row, "min", json_object_new_double(m->values[0]));
	json_object_object_add(row, "max", json_object_new_double(m->values[rounds - 1]));
	if (m->least > 0)
		json_object_object_add(row, "at-least", json_object_new_double(m->least));
	if (m->most > 0)
		json_object_object_add(row, "at-most", json_object_new_double(m->most));
	if (has_target(m))
		json_object_object_add(row, "met", json_object_new_boolean(is_met(m, rounds)));
	return row;
}

int results_write(const char *path, const struct measurement *all, size_t count, unsigned rounds)
{
	struct json_object *object = json_object_new_object(), *rows = json_object_new_array();
	int result;

	for (size_t i = 0; i < count; i++)
		json_object_array_add(rows, row_json(&all[i], rounds));
	json_object_object_add(object, "rounds", json_object_new_int((int)rounds));
	json_object_object_add(object, "results", rows);
	result = json_object_to_file_ext(
		path, object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	json_object_put(object);
	if (result)
		fprintf(stderr, "bench: %s: %s\n", path, json_util_get_last_err());
	return result;
}

void results_print(struct measurement *all, size_t count, unsigned rounds)
{
	for (size_t i = 0; i < count; i++) {
		qsort(all[i].values, rounds, sizeof(double), ascending);
		print_row(&all[i], rounds);
	}
}
