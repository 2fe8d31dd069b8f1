/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random accesses to pages in both forms. Each block belongs to one form and one processor, which
 * alone writes to it, and always in that form; so what it holds is known, whatever happens to the
 * other blocks of its page.
 */
#ifndef PINGPONG_H
#define PINGPONG_H

#include "guest.h"

struct pingpong {
	uint8_t *memory; /* common to all processors */
	unsigned pages;
	unsigned processor, processors; /* which of how many (1 or 2) */
	uint64_t random;
	uint64_t *shadow; /* what the first 8 bytes of each block hold */
	unsigned wrong;	  /* reads that found something else */
};

/* Gives every block of this processor its first value. */
void pingpong_init(struct pingpong *game, uint8_t *memory, unsigned pages, unsigned processor,
	unsigned processors);
void pingpong_play(struct pingpong *game, unsigned accesses);
/* Number of blocks that do not hold what they should. */
unsigned pingpong_check(const struct pingpong *game);

#endif
