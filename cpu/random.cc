/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * RDRAND and RDSEED of a SEV machine. Bochs takes each of their bytes from the C library's rand();
 * this definition of the name stands before the library's, so that the bytes come from a generator
 * that a seed makes repeatable. Without a SEV guest the library's own sequence goes on (glibc: rand
 * and random are one generator, which Bochs has seeded from the clock).
 */
#include <stdlib.h>

#include "cpu/random.h"

static struct sev_rng *generator;

void sev_random_use(struct sev_rng *rng)
{
	generator = rng;
}

/* Other callers in Bochs (a floppy's index, a noise channel) draw from the same sequence. */
extern "C" int rand(void) noexcept
{
	unsigned value;

	if (!generator)
		return (int)random();
	sev_rng_bytes(generator, &value, sizeof(value));
	return (int)(value & RAND_MAX);
}
