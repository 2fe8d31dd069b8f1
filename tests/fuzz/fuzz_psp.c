/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hostile hypervisor and two chips: the input is the choices of the generator, and after each
 * command everything is checked that tests/fuzz/psp_rules.c knows. The same runs for long without
 * libFuzzer in psp-fuzz.
 */
#include "tests/fuzz/psp_generator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Making a world takes as long as a thousand commands. */
static struct world *the_world(void)
{
	static struct world *world;

	if (!world)
		world = world_new();
	return world;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source in = source_bytes(data, size);
	const struct beginning beginning = generator_beginning(&in);
	struct generator *g;

	world_reset(the_world(), &beginning);
	g = generator_new(the_world(), &in);
	while (in.size > 0)
		generator_step(g);
	generator_free(g);
	return 0;
}
