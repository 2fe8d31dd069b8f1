/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/fuzz/psp_generator.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct beginning generator_beginning(struct source *in)
{
	uint32_t how = source_draw(in, 16);

	return (struct beginning) {
		.provisioned = how != 0,
		.shared = how == 1,
		.traced = how >= 2 && how < 5,
	};
}

struct generator *generator_new(struct world *world, struct source *in)
{
	struct generator *g = calloc(1, sizeof(*g));

	if (!g)
		abort();
	g->world = world;
	g->in = in;
	/* Inputs of a fuzzer are to be short, and many. */
	g->heavy = in->data ? 2 : UINT_MAX;
	g->rng = sev_rng_new("owner", 5, "psp-fuzz");
	return g;
}

void generator_free(struct generator *g)
{
	sev_rng_free(g->rng);
	free(g);
}

unsigned generator_side(const struct generator *g)
{
	return (unsigned)(g->side - g->world->side);
}

struct side *generator_peer(struct generator *g)
{
	return &g->world->side[1 - generator_side(g)];
}

void generator_random(struct generator *g, void *out, size_t size)
{
	sev_rng_bytes(g->rng, out, size);
}

uint64_t generator_address(struct generator *g, uint64_t spa)
{
	return spa | (source_once_in(g->in, 4) ? WORLD_C_BIT : 0);
}

uint64_t generator_place(struct generator *g, uint32_t size, bool whole_page)
{
	uint32_t room = GUEST_PAGES * SEVMEM_PAGE - size;
	uint64_t page = source_draw(g->in, room / SEVMEM_PAGE + 1) * SEVMEM_PAGE;

	if (!whole_page && source_once_in(g->in, 3) && page + SEVMEM_PAGE <= room)
		page += 16 * source_draw(g->in, SEVMEM_PAGE / 16);
	return AT_GUEST + page;
}

uint32_t generator_length(struct generator *g)
{
	switch (source_draw(g->in, 4)) {
	case 0:
		return 16 * (1 + source_draw(g->in, 256));
	case 1:
		return 16 * (1 + source_draw(g->in, PSP_SECRET_MAX / 16));
	default:
		return SEVMEM_PAGE;
	}
}

bool generator_sometimes(struct generator *g)
{
	return source_once_in(g->in, 8);
}

bool generator_foreseen(const struct generator *g, uint16_t status)
{
	return status == PSP_SUCCESS && !g->bent && !g->world->shared;
}

void generator_must_be(struct generator *g, uint64_t spa, unsigned asid, const void *expected,
	size_t size, const char *what)
{
	uint8_t seen[PACKET_MAX];

	world_look(g->side, spa, asid, seen, size);
	if (memcmp(seen, expected, size) != 0)
		world_fail("%s: not what it should be", what);
}

/* --- bending ------------------------------------------------------------------------------- */

static uint32_t odd_number(struct generator *g)
{
	static const uint32_t odd[] = { 0, 1, 8, 15, 16, 0x24, 0x34, 0x80, 0x824, 0x1000, 0x186c,
		0x4000, 0x4010, 0x8000, 0x100000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };

	return odd[source_draw(g->in, sizeof(odd) / sizeof(odd[0]))];
}

static uint64_t odd_address(struct generator *g)
{
	static const uint64_t odd[] = { 0, 1, AT_BUFFER, AT_BUFFER + 8, AT_NV, AT_GUEST,
		AT_GUEST + 8, AT_TMR - 16, AT_TMR, AT_TMR + 0x800, WORLD_SIZE - 0x1000,
		WORLD_SIZE - 16, WORLD_SIZE - 1, WORLD_SIZE, WORLD_C_BIT, WORLD_C_BIT | AT_TRANS,
		1ull << 47, 1ull << 52, UINT64_MAX - 15, UINT64_MAX };

	return odd[source_draw(g->in, sizeof(odd) / sizeof(odd[0]))];
}

static uint32_t odd_handle(struct generator *g)
{
	switch (source_draw(g->in, 4)) {
	case 0:
		return 0;
	case 1:
		return g->side->psp->last_handle + source_draw(g->in, 3);
	case 2:
		return source_draw(g->in, 256);
	default:
		return g->side->psp->guests[source_draw(g->in, MAX_ASID)].handle;
	}
}

static void flip_bit(struct generator *g, uint8_t *bytes, size_t size)
{
	bytes[source_draw(g->in, (uint32_t)size)] ^= (uint8_t)(1u << source_draw(g->in, 8));
}

void generator_harm(struct generator *g, uint64_t spa, uint32_t size)
{
	uint8_t byte;

	spa += source_draw(g->in, size);
	world_look(g->side, spa, SEVMEM_RAW, &byte, 1);
	flip_bit(g, &byte, 1);
	world_put(g->side, spa, &byte, 1);
	g->harmed = true;
}

/* In what lies in memory for the command to read. */
static void bend_input(struct generator *g)
{
	static const struct range inputs[] = {
		{ AT_CERT, 0x500 },
		{ AT_CHAIN, 0x186c },
		{ AT_SESSION, sizeof(struct psp_session) },
		{ AT_HEADER, sizeof(struct psp_packet_header) },
		{ AT_IDS, 16 },
		{ AT_NV, 0x800 },
		{ AT_TRANS, 64 },
	};
	const struct range *at = &inputs[source_draw(g->in, sizeof(inputs) / sizeof(inputs[0]))];

	generator_harm(g, at->spa, (uint32_t)at->size);
}

static void bend(struct generator *g, size_t size, uint64_t *spa)
{
	size_t words = size / 4;

	g->bent = true;
	switch (words == 0 ? 3 : source_draw(g->in, 6)) {
	case 0:
		flip_bit(g, g->buffer, size);
		break;
	case 1:
		sev_put32(g->buffer + 4 * source_draw(g->in, (uint32_t)words), odd_number(g));
		break;
	case 2:
		if (words >= 2)
			sev_put64(g->buffer + 8 * (source_draw(g->in, (uint32_t)words / 2)),
				odd_address(g));
		break;
	case 3:
		*spa = odd_address(g);
		break;
	case 4:
		bend_input(g);
		break;
	default:
		sev_put32(g->buffer, odd_handle(g));
	}
}

uint16_t generator_issue(struct generator *g, uint8_t id, size_t size)
{
	uint64_t spa = generator_address(g, AT_BUFFER);

	g->bent = g->harmed;
	if (source_once_in(g->in, 12))
		bend(g, size, &spa);
	g->harmed = false;
	if (size > 0)
		world_put(g->side, AT_BUFFER, g->buffer, size);
	return world_command(g->side, id, spa);
}

/* --- choosing ------------------------------------------------------------------------------ */

static bool legal(const struct action *action, const struct psp_guest *guest)
{
	return guest->handle && (action->guest & 1 << guest->state) &&
	       (action->asid == ANYHOW || (action->asid == ACTIVE) == (guest->asid != 0)) &&
	       (guest->policy & action->need) == action->need && !(guest->policy & action->forbid);
}

/* A guest for which the command is legal; NULL: none. */
static const struct psp_guest *pick_guest(struct generator *g, const struct action *action)
{
	const struct psp_guest *found[MAX_ASID];
	uint32_t count = 0;

	for (unsigned i = 0; i < MAX_ASID; i++) {
		const struct psp_guest *guest = &g->side->psp->guests[i];

		if (legal(action, guest))
			found[count++] = guest;
	}
	return count ? found[source_draw(g->in, count)] : NULL;
}

static const struct action *pick_action(struct generator *g)
{
	uint32_t total = 0, at;
	size_t i;

	for (i = 0; i < generator_action_count; i++)
		total += generator_actions[i].weight;
	at = source_draw(g->in, total);
	for (i = 0; at >= generator_actions[i].weight; i++)
		at -= generator_actions[i].weight;
	return &generator_actions[i];
}

/* Mostly one that is legal now: after some tries, any will do. */
static void usual(struct generator *g)
{
	const struct psp_guest *guest = NULL;
	const struct action *action;
	struct psp_guest was; /* after the command, the chip may be another one */
	unsigned tries = 12;

	do {
		action = pick_action(g);
		if (!(action->platform & 1 << g->side->psp->state))
			continue;
		guest = action->guest ? pick_guest(g, action) : NULL;
		if (guest || !action->guest)
			break;
	} while (--tries > 0 && !source_once_in(g->in, 64));
	if (action->guest && !guest)
		guest = &g->side->psp->guests[source_draw(g->in, MAX_ASID)];
	if (guest)
		was = *guest;
	action->run(g, action->id, guest ? &was : NULL);
}

/* Any command, any buffer, anywhere. */
static void wild(struct generator *g)
{
	generator_random(g, g->buffer, sizeof(g->buffer));
	if (!source_once_in(g->in, 3))
		sev_put32(g->buffer, odd_handle(g));
	for (unsigned at = 8; at < 0x40; at += 16) {
		if (source_once_in(g->in, 2))
			sev_put64(g->buffer + at, odd_address(g));
		sev_put32(g->buffer + at + 8, odd_number(g));
	}
	g->bent = true;
	world_put(g->side, AT_BUFFER, g->buffer, sizeof(g->buffer));
	world_command(g->side, (uint8_t)source_draw(g->in, 256),
		source_once_in(g->in, 4) ? odd_address(g) : AT_BUFFER);
}

/* --- the host, between commands ------------------------------------------------------------ */

static void write_memory(struct generator *g)
{
	uint8_t bytes[64];
	uint32_t size = 1 + source_draw(g->in, sizeof(bytes));

	generator_random(g, bytes, sizeof(bytes));
	world_write(g->side, generator_place(g, 4096, false) + source_draw(g->in, 64),
		source_draw(g->in, MAX_ASID + 1), bytes, size);
}

static void wbinvd_everywhere(struct generator *g)
{
	for (unsigned core = 0; core < CORES; core++)
		world_wbinvd(g->side, core);
}

static void host(struct generator *g)
{
	switch (source_draw(g->in, 4)) {
	case 0:
		write_memory(g);
		break;
	case 1:
		world_wbinvd(g->side, source_draw(g->in, CORES + 1));
		break;
	case 2:
		wbinvd_everywhere(g);
		break;
	default:
		world_clear_keys(g->side, odd_handle(g));
	}
}

static bool heavy(struct generator *g, uint32_t what)
{
	if (g->heavy == 0)
		return false;
	if (what == 0 && g->offer[1 - generator_side(g)].valid)
		generator_receive_start(g);
	else if (what == 1 && source_once_in(g->in, 16))
		generator_heavy(g);
	else if (g->side->psp->state == PSP_PLATFORM_INIT && source_once_in(g->in, 24))
		generator_owner(g);
	else
		return false;
	g->heavy--;
	return true;
}

/* With the firmware's memory over the command buffer, only commands without one do anything. */
static bool stuck(const struct psp *psp)
{
	return psp->es && psp->tmr <= AT_BUFFER;
}

void generator_step(struct generator *g)
{
	uint32_t what = source_draw(g->in, 64);

	g->side = &g->world->side[source_draw(g->in, 2)];
	if (stuck(g->side->psp) && source_once_in(g->in, 32))
		generator_issue(g, PSP_CMD_SHUTDOWN, 0);
	else if (heavy(g, what))
		return;
	else if (what < 8)
		host(g);
	else if (what < 10)
		wild(g);
	else
		usual(g);
}
