/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The page table of views: which key a page is stored under, and how it gets from one to another.
 */
#include "memory/memory.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"

/* One 16-bit word per page. */
#define PAGE_VIEW    0x07ff /* key index the stored bytes are plaintext under, 0 raw */
#define PAGE_PRIVATE 0x4000 /* was private at least once */
#define PAGE_KEPT    0x8000 /* somebody may keep a host pointer */

struct region {
	uint64_t base, size;
	struct sevmem_host host;
	uint8_t *flat;
	uint16_t *pages;
};

struct sevmem {
	unsigned count;
	struct region region[SEVMEM_REGIONS];
	struct sev_xts *key[SEVMEM_KEYS];
	struct sevmem_stats stats;
};

/* Where an address lies: its region, its page in it, and the bytes. */
struct place {
	struct region *region;
	uint16_t *page;
	uint8_t *host;	 /* start of the page */
	uint64_t number; /* of the physical page: the tweak */
};

struct sevmem *sevmem_new(void)
{
	sev_crypto_init();
	return calloc(1, sizeof(struct sevmem));
}

void sevmem_free(struct sevmem *mem)
{
	if (!mem)
		return;
	for (unsigned i = 0; i < SEVMEM_KEYS; i++)
		sev_xts_free(mem->key[i]);
	for (unsigned i = 0; i < mem->count; i++)
		free(mem->region[i].pages);
	free(mem);
}

static bool region_legal(const struct sevmem *mem, uint64_t base, uint64_t size)
{
	if (!size || (base | size) % SEVMEM_PAGE || base + size < base)
		return false;
	for (unsigned i = 0; i < mem->count; i++) {
		const struct region *r = &mem->region[i];

		if (base < r->base + r->size && r->base < base + size)
			return false;
	}
	return mem->count < SEVMEM_REGIONS;
}

int sevmem_add(struct sevmem *mem, uint64_t base, uint64_t size, const struct sevmem_host *host)
{
	if (!region_legal(mem, base, size))
		return -1;
	struct region *r = &mem->region[mem->count];

	memset(r, 0, sizeof(*r));
	r->pages = calloc(size / SEVMEM_PAGE, sizeof(*r->pages));
	if (!r->pages)
		return -1;
	r->base = base;
	r->size = size;
	r->host = *host;
	mem->count++;
	return 0;
}

static uint8_t *flat_page(void *ctx, uint64_t offset)
{
	return (uint8_t *)ctx + offset;
}

int sevmem_add_flat(struct sevmem *mem, uint64_t base, uint64_t size, uint8_t *bytes)
{
	const struct sevmem_host host = { .ctx = bytes, .page = flat_page };

	return sevmem_add(mem, base, size, &host);
}

static bool locate(struct sevmem *mem, uint64_t spa, struct place *at)
{
	for (unsigned i = 0; i < mem->count; i++) {
		struct region *r = &mem->region[i];
		uint64_t offset = spa - r->base;

		if (offset >= r->size)
			continue;
		offset -= offset % SEVMEM_PAGE;
		at->region = r;
		at->page = &r->pages[offset / SEVMEM_PAGE];
		at->host = r->host.page(r->host.ctx, offset);
		at->number = (r->base + offset) / SEVMEM_PAGE;
		return at->host != NULL;
	}
	return false;
}

bool sevmem_is_memory(struct sevmem *mem, uint64_t spa, uint64_t size)
{
	struct place at;

	if (!size || spa + size - 1 < spa)
		return false;
	for (uint64_t page = spa / SEVMEM_PAGE; page <= (spa + size - 1) / SEVMEM_PAGE; page++)
		if (!locate(mem, page * SEVMEM_PAGE, &at))
			return false;
	return true;
}

/* A view without a key is the raw one: an ASID whose key is gone must not decrypt. */
static unsigned effective(const struct sevmem *mem, unsigned index)
{
	return index < SEVMEM_KEYS && mem->key[index] ? index : SEVMEM_RAW;
}

static void drop_pointers(struct sevmem *mem, struct place *at)
{
	if (!(*at->page & PAGE_KEPT))
		return;
	*at->page &= (uint16_t)~PAGE_KEPT;
	mem->stats.drops++;
	if (at->region->host.drop)
		at->region->host.drop(at->region->host.ctx, at->host);
}

static void count_conversion(struct sevmem *mem, const struct place *at, unsigned from, unsigned to)
{
	if (!to)
		mem->stats.to_raw++;
	else if (from)
		mem->stats.rekeyed++;
	else
		mem->stats.to_private++;
	if (to && !(*at->page & PAGE_PRIVATE))
		mem->stats.first++;
}

/* The page's bytes now stand for plaintext under `to`; they were brought there by the caller. */
static void set_view(struct place *at, unsigned to)
{
	*at->page = (uint16_t)((*at->page & ~PAGE_VIEW) | to | (to ? PAGE_PRIVATE : 0));
}

/*
 * Turns the bytes of a page from one view into another. A key may be missing only for a page that
 * was hidden when the key went: its bytes can no longer be told from ciphertext.
 */
static void transform(
	struct sevmem *mem, uint64_t number, unsigned from, unsigned to, uint8_t *bytes)
{
	if (from && mem->key[from])
		sev_xts_encrypt(mem->key[from], number, bytes, SEVMEM_PAGE);
	if (to)
		sev_xts_decrypt(mem->key[to], number, bytes, SEVMEM_PAGE);
}

static void convert(struct sevmem *mem, struct place *at, unsigned to)
{
	unsigned from = *at->page & PAGE_VIEW;

	if (from == to)
		return;
	drop_pointers(mem, at);
	count_conversion(mem, at, from, to);
	transform(mem, at->number, from, to, at->host);
	set_view(at, to);
}

uint8_t *sevmem_want(struct sevmem *mem, uint64_t spa, unsigned index, bool keep)
{
	struct place at;

	if (!locate(mem, spa, &at))
		return NULL;
	convert(mem, &at, effective(mem, index));
	if (keep)
		*at.page |= PAGE_KEPT;
	return at.host + spa % SEVMEM_PAGE;
}

/* Bytes from spa to the end of its page, at most size. */
static size_t chunk(uint64_t spa, uint64_t size)
{
	uint64_t room = SEVMEM_PAGE - spa % SEVMEM_PAGE;

	return (size_t)(size < room ? size : room);
}

int sevmem_read(struct sevmem *mem, uint64_t spa, unsigned index, void *buf, size_t size)
{
	if (size && !sevmem_is_memory(mem, spa, size))
		return -1;
	for (uint8_t *to = buf; size;) {
		size_t n = chunk(spa, size);

		memcpy(to, sevmem_want(mem, spa, index, false), n);
		to += n;
		spa += n;
		size -= n;
	}
	return 0;
}

int sevmem_write(struct sevmem *mem, uint64_t spa, unsigned index, const void *buf, size_t size)
{
	if (size && !sevmem_is_memory(mem, spa, size))
		return -1;
	for (const uint8_t *from = buf; size;) {
		size_t n = chunk(spa, size);

		memcpy(sevmem_want(mem, spa, index, false), from, n);
		from += n;
		spa += n;
		size -= n;
	}
	return 0;
}

static void peek_page(struct sevmem *mem, const struct place *at, unsigned index, uint8_t *copy)
{
	unsigned from = *at->page & PAGE_VIEW;

	memcpy(copy, at->host, SEVMEM_PAGE);
	if (from != index)
		transform(mem, at->number, from, index, copy);
}

int sevmem_peek(struct sevmem *mem, uint64_t spa, unsigned index, void *buf, size_t size)
{
	uint8_t copy[SEVMEM_PAGE];

	if (size && !sevmem_is_memory(mem, spa, size))
		return -1;
	for (uint8_t *to = buf; size;) {
		size_t n = chunk(spa, size);
		struct place at;

		locate(mem, spa, &at);
		peek_page(mem, &at, effective(mem, index), copy);
		memcpy(to, copy + spa % SEVMEM_PAGE, n);
		to += n;
		spa += n;
		size -= n;
	}
	return 0;
}

/* Part of a page: its blocks are read in one view and written in the other. */
static void encrypt_part(
	struct sevmem *mem, struct place *at, uint64_t offset, size_t size, unsigned index)
{
	uint8_t copy[SEVMEM_PAGE];

	convert(mem, at, SEVMEM_RAW);
	memcpy(copy, at->host + offset, size);
	convert(mem, at, index);
	memcpy(at->host + offset, copy, size);
}

int sevmem_encrypt(struct sevmem *mem, uint64_t spa, uint64_t size, unsigned index)
{
	if ((spa | size) % 16 || !sevmem_is_memory(mem, spa, size))
		return -1;
	index = effective(mem, index);
	while (size) {
		size_t n = chunk(spa, size);
		struct place at;

		locate(mem, spa, &at);
		if (n < SEVMEM_PAGE || (*at.page & PAGE_VIEW) != SEVMEM_RAW) {
			encrypt_part(mem, &at, spa % SEVMEM_PAGE, n, index);
		} else {
			/* A whole raw page: its bytes are the plaintext already. */
			drop_pointers(mem, &at);
			set_view(&at, index);
		}
		spa += n;
		size -= n;
	}
	return 0;
}

unsigned sevmem_view(struct sevmem *mem, uint64_t spa)
{
	struct place at;

	return locate(mem, spa, &at) ? *at.page & PAGE_VIEW : SEVMEM_RAW;
}

void sevmem_forget(struct sevmem *mem, uint64_t base, uint64_t size)
{
	struct place at;

	for (uint64_t spa = base; spa - base < size; spa += SEVMEM_PAGE) {
		if (!locate(mem, spa, &at))
			continue;
		drop_pointers(mem, &at);
		set_view(&at, SEVMEM_RAW);
	}
}

/* Every page stored under this key goes back to the ciphertext that DRAM holds. */
static void store_raw(struct sevmem *mem, unsigned index)
{
	for (unsigned i = 0; i < mem->count; i++) {
		struct region *r = &mem->region[i];
		struct place at;

		for (uint64_t offset = 0; offset < r->size; offset += SEVMEM_PAGE)
			if ((r->pages[offset / SEVMEM_PAGE] & PAGE_VIEW) == index &&
				locate(mem, r->base + offset, &at))
				convert(mem, &at, SEVMEM_RAW);
	}
}

int sevmem_set_key(struct sevmem *mem, unsigned index, const uint8_t key[SEVMEM_KEY_SIZE])
{
	if (!index || index >= SEVMEM_KEYS)
		return -1;
	sevmem_clear_key(mem, index);
	mem->key[index] = sev_xts_new(key);
	return mem->key[index] ? 0 : -1;
}

void sevmem_clear_key(struct sevmem *mem, unsigned index)
{
	if (!index || index >= SEVMEM_KEYS || !mem->key[index])
		return;
	store_raw(mem, index);
	sev_xts_free(mem->key[index]);
	mem->key[index] = NULL;
}

void sevmem_stats(const struct sevmem *mem, struct sevmem_stats *stats)
{
	*stats = mem->stats;
}

uint64_t sevmem_conversions(const struct sevmem *mem)
{
	return mem->stats.to_private + mem->stats.to_raw + mem->stats.rekeyed;
}
