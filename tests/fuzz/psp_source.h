/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where choices come from: the bytes of a fuzzer's input, or a generator that can be seeded. */
#ifndef SEV_TESTS_PSP_SOURCE_H
#define SEV_TESTS_PSP_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct source {
	const uint8_t *data; /* NULL: the generator */
	size_t size;	     /* left */
	uint64_t state;
	struct sev_blob *record; /* if not NULL: bytes that make the same choices */
};

static inline struct source source_bytes(const uint8_t *data, size_t size)
{
	return (struct source) { .data = data, .size = size };
}

/* Two numbers, so that each episode of a run has choices of its own. */
static inline struct source source_seeded(uint64_t seed, uint64_t episode)
{
	return (struct source) { .state = seed * 0x9e3779b97f4a7c15 ^ episode };
}

/* 0 <= result < n, n at most 65536. Out of bytes: 0. */
uint32_t source_draw(struct source *in, uint32_t n);
/* True once in n times; out of bytes: false. */
bool source_once_in(struct source *in, uint32_t n);

#endif
