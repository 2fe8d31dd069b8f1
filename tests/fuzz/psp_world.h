/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two platforms, each a chip with memory, and everything that must hold of them after each command.
 * What does not hold ends the process, with a line that says what and how to see it again.
 */
#ifndef SEV_TESTS_PSP_WORLD_H
#define SEV_TESTS_PSP_WORLD_H

#include "iodev/psp/model.h"
#include "iodev/psp/trace.h"

#define WORLD_SIZE  0x200000u /* of each memory */
#define WORLD_PAGES (WORLD_SIZE / SEVMEM_PAGE)
#define WORLD_C_BIT (1ull << 51)

/* Where things lie. */
#define AT_BUFFER   0x01000u /* command buffer */
#define AT_CERT	    0x02000u
#define AT_CHAIN    0x03000u
#define AT_AMD	    0x05000u
#define AT_SESSION  0x06000u
#define AT_HEADER   0x06400u
#define AT_OUTPUT   0x06800u
#define AT_IDS	    0x07000u
#define AT_NV	    0x08000u
#define AT_TRANS    0x10000u
#define AT_GUEST    0x20000u
#define GUEST_PAGES 32
#define AT_TMR	    0x100000u

#define MAX_ASID     7
#define MIN_SEV_ASID 4
#define CORES	     3

/* DRAM, and a copy of its bytes that nobody but us changes. */
struct arena {
	struct sevmem *memory;
	uint8_t *bytes;			    /* as memory/ stores them: in whatever view */
	uint8_t *dram;			    /* raw */
	uint64_t touched[WORLD_PAGES / 64]; /* pages that memory/ looked up since the last check */
	uint64_t used[WORLD_PAGES / 64];    /* since the world began */
};

struct range {
	uint64_t spa, size;
};

void arena_init(struct arena *arena);
void arena_drop(struct arena *arena);
/* To its first content; no chip has a key in it. */
void arena_reset(struct arena *arena);
/* Fails if a byte of DRAM changed since the last time that is in none of the ranges. */
void arena_check(struct arena *arena, const struct range *ranges, unsigned count);

struct side {
	struct world *world;
	struct arena *arena;
	struct psp *psp;
	struct psp_trace *trace;    /* or NULL */
	struct sev_blob image;	    /* of the chip as it is */
	bool changed[MAX_ASID + 1]; /* asid_changed was called, in this command */
	bool nv_known;		    /* INIT_EX named a buffer */
	uint64_t nv;
	unsigned rotation; /* which ASID's key is looked at next */
};

struct world {
	struct arena arena[2];
	struct side side[2];
	bool shared; /* both chips on one memory: then keys of one ASID get into each other's way */
	bool save_restore; /* after each command */
	bool traced;
	const char *sabotage; /* if not NULL: that is broken once, after command 1000 */
	struct sev_blob blank[2], provisioned[2];
	struct sev_sha256_ctx *digest; /* of all that happened */
	uint64_t commands;
	uint64_t statuses[256][0x40]; /* command, status */
};

struct world *world_new(void);
void world_free(struct world *world);

/* How a world begins. */
struct beginning {
	bool provisioned; /* the chips have been initialised once before */
	bool shared;	  /* both on one memory */
	bool traced;	  /* somebody watches the commands, and has to make sense of them */
};

/* Back to the beginning. */
void world_reset(struct world *world, const struct beginning *beginning);

/*
 * Gives a command whose buffer lies at spa, and checks everything. Inputs that lie in memory were
 * put there by world_put.
 */
uint16_t world_command(struct side *side, uint8_t id, uint64_t spa);

void world_put(struct side *side, uint64_t spa, const void *data, size_t size);
void world_write(struct side *side, uint64_t spa, unsigned asid, const void *data, size_t size);
void world_look(struct side *side, uint64_t spa, unsigned asid, void *data, size_t size);
void world_wbinvd(struct side *side, unsigned core);
void world_clear_keys(struct side *side, uint32_t handle);

/* Of both memories, both chips, and all statuses and buffers so far. */
void world_digest(struct world *world, uint8_t out[SEV_SHA256]);

/* The line that shows how to see it again; what is empty is not printed. */
extern char world_replay[256];
void world_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* --- that the checks find something (psp_sabotage.c) --------------------------------------- */

bool world_can_sabotage(const char *name);
bool world_sabotage(struct side *side, const char *name);

/* --- rules (psp_rules.c) ------------------------------------------------------------------- */

/* What a check has to know of the time before the command. */
struct before {
	uint8_t id;
	uint64_t spa;
	uint8_t buffer[PSP_BUFFER_MAX]; /* as much of it as is memory */
	enum psp_platform_state state;
	bool es;
	struct {
		uint32_t handle, policy;
		enum psp_guest_state state;
		unsigned asid;
		struct psp_vek *vek;
	} guest[MAX_ASID];
	bool dirty[MAX_ASID + 1], bound[MAX_ASID + 1], core_dirty[CORES];
};

#define RANGES_MAX 6

void rules_remember(const struct side *side, uint8_t id, uint64_t spa, struct before *before);

/* One for each state machine: what holds at any time. */
void rules_platform(const struct side *side);
void rules_guests(const struct side *side);
void rules_asids(const struct side *side);
void rules_cores(const struct side *side);

/* What the command may have changed. */
void rules_transition(const struct side *side, const struct before *before, uint16_t status);
/* What it may have written: how many ranges. */
unsigned rules_written(const struct side *side, const struct before *before, uint16_t status,
	struct range ranges[RANGES_MAX]);

#endif
