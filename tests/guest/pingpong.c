/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocks change owner by bit 0 of their number (the form) and bit 1 (the processor). */
#include "pingpong.h"

static volatile uint64_t *place(const struct pingpong *game, unsigned page, unsigned block)
{
	uint8_t *at = game->memory + page * PAGE + block * BLOCK;

	return block & 1 ? (void *)at : shared(at);
}

static uint64_t *shadow(const struct pingpong *game, unsigned page, unsigned block)
{
	return &game->shadow[page * BLOCKS + block];
}

static bool owns(const struct pingpong *game, unsigned block)
{
	return block / 2 % game->processors == game->processor;
}

void pingpong_init(struct pingpong *game, uint8_t *memory, unsigned pages, unsigned processor,
	unsigned processors)
{
	*game = (struct pingpong) {
		.memory = memory,
		.pages = pages,
		.processor = processor,
		.processors = processors,
		.random = 0x1234567 + processor,
		.shadow = pages_untouched(pages * BLOCKS * sizeof(uint64_t) / PAGE),
	};
	for (unsigned page = 0; page < pages; page++)
		for (unsigned block = 0; block < BLOCKS; block++)
			if (owns(game, block))
				*place(game, page, block) = *shadow(game, page, block) =
					random64(&game->random);
}

void pingpong_play(struct pingpong *game, unsigned accesses)
{
	while (accesses--) {
		uint64_t r = random64(&game->random);
		unsigned page = (unsigned)(r >> 8) % game->pages;
		unsigned block = (unsigned)(r >> 24) % BLOCKS;

		if (!owns(game, block))
			block ^= 2;
		if (r & 1)
			*place(game, page, block) = *shadow(game, page, block) = r;
		else
			game->wrong += *place(game, page, block) != *shadow(game, page, block);
	}
}

unsigned pingpong_check(const struct pingpong *game)
{
	unsigned wrong = 0;

	for (unsigned page = 0; page < game->pages; page++)
		for (unsigned block = 0; block < BLOCKS; block++)
			if (owns(game, block))
				wrong += *place(game, page, block) != *shadow(game, page, block);
	return wrong;
}
