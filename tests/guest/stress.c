/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tens of thousands of conversions of pages that are used in both forms. */
#include "pingpong.h"

static void both_forms_at_random(void)
{
	struct pingpong game;

	pingpong_init(&game, pages_untouched(32), 32, 0, 1);
	pingpong_play(&game, 60000);
	expect_equal(game.wrong, 0);
	expect_equal(pingpong_check(&game), 0);
}

/* Every block of every page, from one form to the other and back. */
static void there_and_back(void)
{
	uint8_t *pages = pages_untouched(16), *buffer = page_new();
	unsigned wrong = 0;

	memset(pages, 0, 16 * PAGE);
	for (unsigned i = 0; i < 16; i++)
		fill(pages + i * PAGE, PAGE, i);
	for (unsigned turn = 0; turn < 64; turn++)
		for (unsigned i = 0; i < 16; i++) {
			uint8_t *private = pages + i * PAGE, *open = shared(private);

			memcpy(buffer, turn & 1 ? open : private, PAGE);
			wrong += !filled(buffer, 4 * BLOCK, i);
			memcpy(turn & 1 ? private : open, buffer, PAGE);
		}
	for (unsigned i = 0; i < 16; i++)
		wrong += !filled(pages + i * PAGE, PAGE, i);
	expect_equal(wrong, 0);
}

TESTS(TEST(both_forms_at_random), TEST(there_and_back));
