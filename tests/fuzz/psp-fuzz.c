/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * psp-fuzz [--commands=N] [--seed=S] [--episode=K] [--save-restore] [--record=FILE]
 *          [--sabotage=WHAT]
 *
 * Gives N commands (default 10,000,000) to two chips, in episodes of 10,000 that each begin with
 * chips as new; seed and episode decide everything. Prints how often each command came to which
 * status. About 1 command in 8 is bent; 1 in 500 needs public keys, which take milliseconds:
 * sessions and migrations, and now and then reports, keys and owners. What does not hold ends the
 * program, with a line that repeats only that episode.
 *
 *   --episode=K     that episode only
 *   --save-restore  every episode twice, the second time with chips that after each command are
 *                   saved, freed, made anew and restored: both must be the same to the last byte
 *   --record=FILE   the choices made, as an input of fuzz_psp
 *   --sabotage=WHAT something is broken once, which must be found (psp_sabotage.c)
 *
 * Exit status 0, 2 for wrong use, else something was found.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fuzz/psp_generator.h"

#define EPISODE 10000u

/* Of the sanitizers' runtime, if that is there: called before they end the process. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

/* Freed memory is kept from reuse, but not so much of it that every allocation misses the cache. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=4:malloc_context_size=5";
}

static struct {
	uint64_t commands, seed, episode;
	bool one_episode, save_restore;
	const char *record, *sabotage;
} options = { .commands = 10000000, .seed = 1 };

static void print_replay(void)
{
	fputs(world_replay, stderr);
}

/* --- an episode ---------------------------------------------------------------------------- */

static void run(struct world *world, uint64_t episode, uint64_t commands, struct sev_blob *record)
{
	struct source in = source_seeded(options.seed, episode);
	uint64_t end = world->commands + commands;
	struct generator *g;
	struct beginning beginning;

	in.record = record;
	beginning = generator_beginning(&in);
	beginning.shared = beginning.shared && !options.save_restore;
	world_reset(world, &beginning);
	g = generator_new(world, &in);
	while (world->commands < end)
		generator_step(g);
	generator_free(g);
}

static void run_twice(struct world *world, uint64_t episode, uint64_t commands)
{
	uint8_t without[SEV_SHA256], with[SEV_SHA256];
	uint64_t before = world->commands;

	run(world, episode, commands, NULL);
	world_digest(world, without);
	world->commands = before;
	world->save_restore = true;
	run(world, episode, commands, NULL);
	world->save_restore = false;
	world_digest(world, with);
	if (memcmp(with, without, sizeof(with)) != 0)
		world_fail("saved and restored, the episode ends differently");
}

/* Chips as new in a process as new: what an earlier episode left behind cannot matter. */
static void run_episode(struct world *world, uint64_t episode, uint64_t commands)
{
	struct sev_blob record = { 0 };
	struct sev_error err;

	snprintf(world_replay, sizeof(world_replay),
		"psp-fuzz: again: psp-fuzz --seed=%llu --episode=%llu%s\n",
		(unsigned long long)options.seed, (unsigned long long)episode,
		options.save_restore ? " --save-restore" : "");
	if (options.save_restore)
		run_twice(world, episode, commands);
	else
		run(world, episode, commands, options.record ? &record : NULL);
	if (options.record &&
		sev_file_write(options.record, record.data, record.size, 0644, &err) != 0)
		world_fail("%s", err.text);
	sev_blob_free(&record);
}

/* --- the table ----------------------------------------------------------------------------- */

static bool any_of_status(const struct world *world, unsigned status)
{
	for (unsigned id = 0; id < 256; id++) {
		if (world->statuses[id][status])
			return true;
	}
	return false;
}

static void print_row(const struct world *world, unsigned id)
{
	uint64_t total = 0;

	for (unsigned status = 0; status < 0x40; status++)
		total += world->statuses[id][status];
	if (!total)
		return;
	printf("%02x %-20s %9llu", id, psp_command_name(id), (unsigned long long)total);
	for (unsigned status = 0; status < 0x40; status++) {
		if (any_of_status(world, status))
			printf(" %8llu", (unsigned long long)world->statuses[id][status]);
	}
	printf("\n");
}

/* Commands down, statuses across; those above 80h are all alike. */
static void print_table(const struct world *world)
{
	printf("%-23s %9s", "command", "all");
	for (unsigned status = 0; status < 0x40; status++) {
		if (any_of_status(world, status))
			printf(" %6s%02x", "", status);
	}
	printf("\n");
	for (unsigned id = 0; id < 0x80; id++) {
		if (strcmp(psp_command_name(id), "unknown command") != 0)
			print_row(world, id);
	}
	for (unsigned status = 0; status < 0x40; status++) {
		if (any_of_status(world, status))
			printf("%02x is %s\n", status, psp_status_name((uint16_t)status));
	}
}

/* --- the run ------------------------------------------------------------------------------- */

static void progress(const struct world *world, time_t started)
{
	static time_t last;
	time_t now = time(NULL);

	if (now - last < 10)
		return;
	last = now;
	printf("%llu commands, %lld s\n", (unsigned long long)world->commands,
		(long long)(now - started));
	fflush(stdout);
}

static void run_all(struct world *world)
{
	time_t started = time(NULL);

	for (uint64_t i = 0; world->commands < options.commands; i++) {
		uint64_t left = options.commands - world->commands;

		run_episode(world, i, left < EPISODE ? left : EPISODE);
		progress(world, started);
	}
}

static bool number(const char *arg, const char *name, uint64_t *value)
{
	size_t n = strlen(name);
	char *end;

	if (strncmp(arg, name, n) != 0 || arg[n] < '0' || arg[n] > '9')
		return false;
	*value = strtoull(arg + n, &end, 10);
	return *end == 0;
}

static bool parse(const char *arg)
{
	if (strcmp(arg, "--save-restore") == 0)
		return options.save_restore = true;
	if (strncmp(arg, "--record=", 9) == 0)
		return (options.record = arg + 9);
	if (number(arg, "--episode=", &options.episode))
		return options.one_episode = true;
	if (strncmp(arg, "--sabotage=", 11) == 0)
		return world_can_sabotage(options.sabotage = arg + 11);
	return number(arg, "--commands=", &options.commands) ||
	       number(arg, "--seed=", &options.seed);
}

int main(int argc, char **argv)
{
	struct world *world;

	for (int i = 1; i < argc; i++) {
		if (!parse(argv[i])) {
			fprintf(stderr,
				"psp-fuzz: %s: legal are --commands=N, --seed=S, --episode=K, "
				"--save-restore, --record=FILE, --sabotage=WHAT\n",
				argv[i]);
			return 2;
		}
	}
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(print_replay);
	world = world_new();
	world->sabotage = options.sabotage;
	if (options.one_episode)
		run_episode(world, options.episode,
			options.commands < EPISODE ? options.commands : EPISODE);
	else
		run_all(world);
	print_table(world);
	printf("%llu commands, nothing found\n", (unsigned long long)world->commands);
	world_free(world);
	return 0;
}
