/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Page tables of long mode, PAE and legacy paging. */
#include "guest.h"

#ifdef __x86_64__
extern uint64_t page_root[];
static struct paging first = { page_root, 4 };
struct paging *paging = &first;
/* Addresses that map_somewhere gives out: PML4 entry 2. */
static uint64_t somewhere = 0x10000000000ull;
#else
struct paging *paging;
static uint64_t somewhere = 0x80000000;
#endif

static uint64_t leaf_size(unsigned level)
{
	return 1ull << (paging->levels == 2 && level == 2 ? 22 : 3 + 9 * level);
}

static unsigned index_of(uintptr_t linear, unsigned level)
{
	return (unsigned)((uint64_t)linear >> (3 + 9 * level)) & 511;
}

uint64_t *table_entry(uintptr_t linear, unsigned level)
{
	uint64_t *table = paging->root;

	for (unsigned at = paging->levels; at > level; at--) {
		uint64_t *entry = &table[index_of(linear, at)];

		/* A PDPTE of PAE has nothing but the present bit. */
		if (!(*entry & P_PRESENT))
			*entry = physical(page_new()) |
				 (paging->levels == 3 && at == 3 ? P_PRESENT : P_RW);
		table = (uint64_t *)(uintptr_t)(*entry & P_ADDRESS & ~c_bit);
	}
	return &table[index_of(linear, level)];
}

static void map_legacy(uintptr_t linear, uint32_t leaf, unsigned level)
{
	uint32_t *entry = (uint32_t *)paging->root + (linear >> 22);

	if (level == 1) {
		if (!(*entry & P_PRESENT))
			*entry = (uint32_t)(physical(page_new()) | P_RW);
		entry = (uint32_t *)(uintptr_t)(*entry & 0xfffff000) + (linear >> 12 & 1023);
	}
	*entry = leaf;
}

void map(uintptr_t linear, uint64_t physical, unsigned level)
{
	uint64_t leaf = physical | P_RW | (level > 1 ? P_LARGE : 0);

	if (paging->levels == 2)
		map_legacy(linear, (uint32_t)leaf, level);
	else
		*table_entry(linear, level) = leaf;
}

void *map_somewhere(uint64_t physical, unsigned level)
{
	uint64_t size = leaf_size(level);
	uintptr_t linear = (uintptr_t)((somewhere + size - 1) & ~(size - 1));

	somewhere = linear + size;
	map(linear, physical, level);
	return (void *)linear;
}

#ifndef __x86_64__
#define CR0_PG	(1u << 31)
#define CR4_PSE (1u << 4)
#define CR4_PAE (1u << 5)

static void map_one_to_one(uint32_t from, uint32_t size)
{
	for (uint32_t at = 0; at < size; at += (uint32_t)leaf_size(2))
		map(from + at, (from + at) | (paging->levels == 3 ? c_bit : 0), 2);
}

void paging_new(struct paging *new, unsigned levels)
{
	struct paging *old = paging;

	*new = (struct paging) { page_new(), levels };
	paging = new;
	map_one_to_one(0, 64 << 20);
	map_one_to_one(0xfec00000, 4 << 20);
	map_one_to_one(0xffc00000, 4 << 20);
	if (levels == 3)
		table_entry((uintptr_t)somewhere, 2); /* a PDPTE counts only when CR3 is loaded */
	paging = old;
}

void paging_use(struct paging *new)
{
	WRITE_CR(0, READ_CR(0) & ~CR0_PG);
	paging = new;
	if (!new)
		return;
	WRITE_CR(4, new->levels == 3 ? CR4_PAE : CR4_PSE);
	WRITE_CR(3, new->root);
	WRITE_CR(0, READ_CR(0) | CR0_PG);
}
#endif
