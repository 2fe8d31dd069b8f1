/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Encrypted memory: one page, one current view.
 *
 * DRAM logically holds ciphertext: AES-128 in XTS mode, one data unit per 4 KiB page, tweak =
 * number of the physical page, a pair of AES keys per ASID. A page is stored in the form in which
 * it was last used and converted in place when another view asks for it. The cipher is a bijection
 * per 16-byte block, so every view shows exactly what hardware that encrypts on each access would
 * show.
 *
 * A view is named by its key index: 0 is raw (the bytes as they lie in DRAM, which is also what a
 * device or an unencrypted mapping sees), 1..SEVMEM_KEYS-1 is the ASID whose key decrypts. An index
 * without a key shows raw bytes.
 *
 * Invariant: a host pointer that was handed out (sevmem_want with keep) is valid only while the
 * page stays in the view asked for; before a page changes its view the `drop` callback is called
 * with the host address of the page, if a pointer to it was ever kept since the last drop.
 *
 * Source: AMD64 APM volume 2, 15.34 (SEV memory encryption); the construction of the cipher is the
 * emulator's choice, as AMD does not publish it.
 */
#ifndef SEV_MEMORY_H
#define SEV_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SEVMEM_RAW	0
#define SEVMEM_KEYS	2048 /* key indices ride in physical address bits 52..62 */
#define SEVMEM_PAGE	4096
#define SEVMEM_KEY_SIZE 32 /* AES-128 data key, AES-128 tweak key */

struct sevmem;

/* How the holder of the bytes is asked for them and told about changes. */
struct sevmem_host {
	void *ctx;
	/* Host address of the page at offset in the region, or NULL if no memory answers there now.
	 */
	uint8_t *(*page)(void *ctx, uint64_t offset);
	/* Forget every cached pointer into this host page. May be NULL. */
	void (*drop)(void *ctx, uint8_t *host_page);
};

struct sevmem *sevmem_new(void);
void sevmem_free(struct sevmem *mem);

/*
 * Adds physical memory [base, base + size), both multiples of 4096, not overlapping another region,
 * stored raw. Returns 0, -1 if the range is not legal. At most SEVMEM_REGIONS regions; the one
 * accessed most (RAM) should come first. Costs 2 bytes per page.
 */
#define SEVMEM_REGIONS 4
int sevmem_add(struct sevmem *mem, uint64_t base, uint64_t size, const struct sevmem_host *host);

/* The same for a plain array that never moves and to which nobody keeps pointers. */
int sevmem_add_flat(struct sevmem *mem, uint64_t base, uint64_t size, uint8_t *bytes);

/* Whether every byte of [spa, spa + size) is memory now. size 0: false. */
bool sevmem_is_memory(struct sevmem *mem, uint64_t spa, uint64_t size);

/*
 * Installs or replaces the key of an index (1..SEVMEM_KEYS-1). Pages stored in the view of the old
 * key become raw first, so DRAM does not change. The caller must flush TLBs and decoded code: their
 * entries name the index, not the key. Returns 0, or -1 for an illegal index.
 */
int sevmem_set_key(struct sevmem *mem, unsigned index, const uint8_t key[SEVMEM_KEY_SIZE]);
/* Removes it, likewise; the key is wiped. */
void sevmem_clear_key(struct sevmem *mem, unsigned index);

/*
 * Brings the page that holds spa into the view `index` and returns the host address of byte spa, or
 * NULL if no memory answers there. keep: the caller may keep a pointer into the page.
 */
uint8_t *sevmem_want(struct sevmem *mem, uint64_t spa, unsigned index, bool keep);

/* Copies through a view, converting the pages touched. 0, or -1 and nothing done if a byte is not
 * memory. */
int sevmem_read(struct sevmem *mem, uint64_t spa, unsigned index, void *buf, size_t size);
int sevmem_write(struct sevmem *mem, uint64_t spa, unsigned index, const void *buf, size_t size);

/* As sevmem_read, but no page changes its view: looking does not perturb. */
int sevmem_peek(struct sevmem *mem, uint64_t spa, unsigned index, void *buf, size_t size);

/*
 * In-place encryption: what now reads as X raw will read as X through index (LAUNCH_UPDATE_DATA).
 * spa and size are multiples of 16. 0, or -1 and nothing done if a byte is not memory.
 */
int sevmem_encrypt(struct sevmem *mem, uint64_t spa, uint64_t size, unsigned index);

/* The view in which the page of spa is stored now; SEVMEM_RAW where there is no memory. */
unsigned sevmem_view(struct sevmem *mem, uint64_t spa);

/* Back to raw, without touching a byte: for memory whose content was reloaded from outside. */
void sevmem_forget(struct sevmem *mem, uint64_t base, uint64_t size);

/* Counters since creation. */
struct sevmem_stats {
	uint64_t to_private; /* conversions raw -> some key */
	uint64_t to_raw;     /* some key -> raw */
	uint64_t rekeyed;    /* key -> other key */
	uint64_t drops;	     /* calls of the drop callback */
	uint64_t first;	     /* of to_private: pages that were never private before */
};
/* to_private + to_raw + rekeyed, for whoever wants to know whether an access converted. */
uint64_t sevmem_conversions(const struct sevmem *mem);
void sevmem_stats(const struct sevmem *mem, struct sevmem_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
