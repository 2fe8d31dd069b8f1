/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/fuzz/psp_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iodev/psp/saved.h"

char world_replay[256];

/* The command that is being checked, for whoever reads the failure. */
static struct {
	const struct world *world;
	unsigned side;
	struct before before;
	uint16_t status;
} current;

void world_fail(const char *format, ...)
{
	char hex[2 * PSP_BUFFER_MAX + 1];
	va_list args;

	fflush(stdout);
	fprintf(stderr, "psp-fuzz: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	if (current.world) {
		sev_hex(current.before.buffer, sizeof(current.before.buffer), hex);
		fprintf(stderr, "; command %llu: chip %u, %02x %s at %llx: %s, buffer %s",
			(unsigned long long)current.world->commands, current.side,
			current.before.id, psp_command_name(current.before.id),
			(unsigned long long)current.before.spa, psp_status_name(current.status),
			hex);
	}
	fprintf(stderr, "\n%s", world_replay);
	abort();
}

static void *array(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		abort();
	return p;
}

/* --- memory -------------------------------------------------------------------------------- */

void world_write(struct side *side, uint64_t spa, unsigned asid, const void *data, size_t size)
{
	/* In DRAM, a byte that is written through a key takes its block along. */
	const struct range range = { spa & ~15ull, size + 32 };

	if (sevmem_write(side->arena->memory, spa, asid, data, size) != 0)
		abort();
	arena_check(side->arena, &range, 1);
}

void world_put(struct side *side, uint64_t spa, const void *data, size_t size)
{
	world_write(side, spa, SEVMEM_RAW, data, size);
}

void world_look(struct side *side, uint64_t spa, unsigned asid, void *data, size_t size)
{
	if (asid == SEVMEM_RAW)
		memcpy(data, side->arena->dram + spa, size);
	else if (sevmem_peek(side->arena->memory, spa, asid, data, size) != 0)
		abort();
}

/* --- chips --------------------------------------------------------------------------------- */

static void asid_changed(void *ctx, unsigned asid)
{
	struct side *side = ctx;

	side->changed[asid] = true;
}

static void make_chip(struct side *side)
{
	const struct psp_config config = {
		.memory = side->arena->memory,
		.c_mask = WORLD_C_BIT,
		.es_capable = true,
		.max_asid = MAX_ASID,
		.min_sev_asid = MIN_SEV_ASID,
		.cores = CORES,
		.seed = side == &side->world->side[0] ? "chip 0" : "chip 1",
		.seed_size = 6,
		.asid_changed = asid_changed,
		.ctx = side,
	};

	side->psp = psp_new(&config, NULL);
	if (!side->psp)
		abort();
}

/* Everything it has to say, and nobody reads it. */
static void watch(struct side *side)
{
	const struct psp_trace_config config = { .path = "/dev/null", .secrets = true };
	struct sev_error err;

	psp_trace_free(side->trace);
	side->trace = side->world->traced ? psp_trace_new(side->psp, &config, &err) : NULL;
	if (side->world->traced && !side->trace)
		world_fail("%s", err.text);
}

static void drop_chip(struct side *side)
{
	psp_trace_free(side->trace);
	side->trace = NULL;
	psp_free(side->psp);
}

static struct sev_blob save(const struct side *side)
{
	struct sev_blob blob;

	if (psp_save(side->psp, &blob, NULL) != 0)
		abort();
	return blob;
}

static void restore(struct side *side, const struct sev_blob *blob)
{
	struct sev_error err;

	if (psp_restore(side->psp, blob->data, blob->size, &err) != 0)
		world_fail("a saved chip is refused: %s", err.text);
}

/* To be compared only; the digests that a save has take as long as the command. */
static struct sev_blob image(const struct side *side)
{
	struct sev_blob blob;

	if (psp_saved_image(side->psp, &blob, NULL) != 0)
		abort();
	return blob;
}

/* What the chip is now is what the next command is compared with. */
static void look_again(struct side *side)
{
	sev_blob_free(&side->image);
	side->image = image(side);
	memset(side->changed, 0, sizeof(side->changed));
}

static bool is_image(const struct side *side, const struct sev_blob *blob)
{
	return blob->size == side->image.size &&
	       memcmp(blob->data, side->image.data, blob->size) == 0;
}

/* The chip dies, and another one continues. */
static void replace_chip(struct side *side)
{
	struct sev_blob blob = save(side);

	drop_chip(side);
	make_chip(side);
	watch(side);
	restore(side, &blob);
	sev_blob_free(&blob);
	blob = image(side);
	if (!is_image(side, &blob))
		world_fail("a restored chip is not the one that was saved");
	sev_blob_free(&blob);
	arena_check(side->arena, NULL, 0);
	memset(side->changed, 0, sizeof(side->changed));
}

/* --- checks -------------------------------------------------------------------------------- */

static bool status_known(uint16_t status)
{
	switch (status) {
#define X(code, name) case code:
		PSP_STATUSES(X)
#undef X
		return true;
	}
	return false;
}

static const struct psp_vek *key_of(const struct psp *psp, unsigned asid)
{
	for (unsigned i = 0; i < MAX_ASID; i++) {
		if (psp->guests[i].handle && psp->guests[i].asid == asid)
			return psp->guests[i].vek;
	}
	return NULL;
}

/* The key of an ASID is in memory while a guest has the ASID, and no longer: on one page. */
static void check_key(struct side *side, unsigned asid)
{
	const struct psp_vek *vek = key_of(side->psp, asid);
	uint64_t page = AT_GUEST / SEVMEM_PAGE + side->rotation % GUEST_PAGES;
	uint8_t seen[SEVMEM_PAGE], expected[SEVMEM_PAGE];

	world_look(side, page * SEVMEM_PAGE, asid, seen, sizeof(seen));
	world_look(side, page * SEVMEM_PAGE, SEVMEM_RAW, expected, sizeof(expected));
	if (vek) {
		struct sev_xts *xts = sev_xts_new(vek->key);

		sev_xts_decrypt(xts, page, expected, sizeof(expected));
		sev_xts_free(xts);
	}
	if (memcmp(seen, expected, sizeof(seen)) != 0)
		world_fail("ASID %u: %s", asid,
			vek ? "not the guest's key is in memory" : "a key is left in memory");
}

/* Of every ASID whose key changed, and now and then of another. */
static void check_keys(struct side *side)
{
	if (side->world->shared)
		return;
	for (unsigned asid = 1; asid <= MAX_ASID; asid++) {
		if (side->changed[asid])
			check_key(side, asid);
	}
	if (side->rotation++ % 8 == 0)
		check_key(side, 1 + side->rotation / 8 % MAX_ASID);
}

static void remember_nv(struct side *side, const struct before *before, uint16_t status)
{
	if (status != PSP_SUCCESS)
		return;
	if (before->id == PSP_CMD_INIT || before->id == PSP_CMD_INIT_EX)
		side->nv_known = before->id == PSP_CMD_INIT_EX;
	if (before->id == PSP_CMD_INIT_EX)
		side->nv = sev_le64(before->buffer + 0x18) & ~WORLD_C_BIT;
}

static void check_chip(struct side *side, const struct before *before, uint16_t status)
{
	struct sev_blob now = image(side);

	if (status != PSP_SUCCESS && !is_image(side, &now))
		world_fail("the command failed and changed the chip");
	sev_blob_free(&side->image);
	side->image = now;
	rules_platform(side);
	rules_guests(side);
	rules_asids(side);
	rules_cores(side);
	rules_transition(side, before, status);
	check_keys(side);
	memset(side->changed, 0, sizeof(side->changed));
}

static void take_down(struct side *side, const struct before *before, uint16_t status)
{
	struct world *world = side->world;
	uint64_t room = before->spa < WORLD_SIZE ? WORLD_SIZE - before->spa : 0;
	const uint8_t line[] = { before->id, (uint8_t)status, (uint8_t)(status >> 8) };

	if (!world->save_restore) /* the same commands once more */
		world->statuses[before->id][status]++;
	sev_sha256_update(world->digest, line, sizeof(line));
	sev_sha256_update(world->digest, side->arena->dram + (room ? before->spa : 0),
		room < PSP_BUFFER_MAX ? room : PSP_BUFFER_MAX);
}

uint16_t world_command(struct side *side, uint8_t id, uint64_t spa)
{
	struct range ranges[RANGES_MAX];
	struct before *before = &current.before;
	unsigned count;
	uint16_t status;

	rules_remember(side, id, spa, before);
	current.world = side->world;
	current.side = (unsigned)(side - side->world->side);
	current.status = PSP_SUCCESS;
	side->world->commands++;
	status = current.status = psp_command(side->psp, id, spa);
	if (side->world->sabotage && side->world->commands > 1000 && !side->world->shared &&
		world_sabotage(side, side->world->sabotage))
		side->world->sabotage = NULL;
	if (!status_known(status))
		world_fail("status %x is none of the ABI's", status);
	count = rules_written(side, before, status, ranges);
	arena_check(side->arena, ranges, count);
	remember_nv(side, before, status);
	check_chip(side, before, status);
	take_down(side, before, status);
	if (side->world->save_restore)
		replace_chip(side);
	return status;
}

void world_wbinvd(struct side *side, unsigned core)
{
	psp_wbinvd(side->psp, core);
	look_again(side);
}

void world_clear_keys(struct side *side, uint32_t handle)
{
	static const uint8_t tik[16] = { 1 }, tek[16] = { 2 };

	psp_launch_clear_keys(side->psp, handle, tik, tek);
	look_again(side);
}

/* --- the world ----------------------------------------------------------------------------- */

/* Chips as new, and chips that have been initialised and shut down. */
static void make_beginnings(struct world *world)
{
	for (unsigned i = 0; i < 2; i++) {
		struct side *side = &world->side[i];
		const struct psp_init init = { 0 };

		make_chip(side);
		world->blank[i] = save(side);
		world_put(side, AT_BUFFER, &init, sizeof(init));
		if (psp_command(side->psp, PSP_CMD_INIT, AT_BUFFER) != PSP_SUCCESS ||
			psp_command(side->psp, PSP_CMD_SHUTDOWN, 0) != PSP_SUCCESS)
			abort();
		world->provisioned[i] = save(side);
		side->image = image(side);
	}
}

struct world *world_new(void)
{
	struct world *world = array(1, sizeof(*world));

	sev_crypto_init();
	for (unsigned i = 0; i < 2; i++) {
		arena_init(&world->arena[i]);
		arena_reset(&world->arena[i]);
		world->side[i].world = world;
		world->side[i].arena = &world->arena[i];
	}
	world->digest = sev_sha256_new();
	make_beginnings(world);
	return world;
}

void world_free(struct world *world)
{
	for (unsigned i = 0; i < 2; i++) {
		drop_chip(&world->side[i]);
		sev_blob_free(&world->side[i].image);
		sev_blob_free(&world->blank[i]);
		sev_blob_free(&world->provisioned[i]);
	}
	arena_drop(&world->arena[0]);
	arena_drop(&world->arena[1]);
	sev_sha256_free(world->digest);
	free(world);
}

/* A chip belongs to its memory: it is made anew where that changes. */
static void share(struct world *world, bool shared)
{
	struct side *side = &world->side[1];

	if (world->shared == shared)
		return;
	world->shared = shared;
	drop_chip(side);
	side->arena = &world->arena[shared ? 0 : 1];
	make_chip(side);
}

void world_reset(struct world *world, const struct beginning *beginning)
{
	current.world = NULL;
	share(world, beginning->shared);
	world->traced = beginning->traced;
	for (unsigned i = 0; i < 2; i++)
		restore(&world->side[i],
			beginning->provisioned ? &world->provisioned[i] : &world->blank[i]);
	for (unsigned i = 0; i < 2; i++) {
		struct side *side = &world->side[i];

		arena_reset(&world->arena[i]);
		watch(side);
		look_again(side);
		side->nv_known = false;
		side->rotation = 0;
	}
}

static void digest_memory(struct world *world, const struct arena *arena)
{
	for (uint64_t page = 0; page < WORLD_PAGES; page++) {
		if (arena->used[page / 64] & 1ull << page % 64)
			sev_sha256_update(
				world->digest, arena->dram + page * SEVMEM_PAGE, SEVMEM_PAGE);
	}
}

void world_digest(struct world *world, uint8_t out[SEV_SHA256])
{
	for (unsigned i = 0; i < 2; i++) {
		digest_memory(world, &world->arena[i]);
		sev_sha256_update(
			world->digest, world->side[i].image.data, world->side[i].image.size);
	}
	sev_sha256_read(world->digest, out);
	sev_sha256_free(world->digest);
	world->digest = sev_sha256_new();
}
