/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Defects made on purpose, each of which a check of the world has to find. */
#include <string.h>

#include "tests/fuzz/psp_world.h"

static struct psp_guest *any_guest(struct side *side, bool active)
{
	for (unsigned i = 0; i < MAX_ASID; i++) {
		struct psp_guest *guest = &side->psp->guests[i];

		if (guest->handle && (!active || guest->asid))
			return guest;
	}
	return NULL;
}

static bool write_elsewhere(struct side *side)
{
	uint8_t byte;

	sevmem_read(side->arena->memory, AT_GUEST + 77, SEVMEM_RAW, &byte, 1);
	byte ^= 1;
	return sevmem_write(side->arena->memory, AT_GUEST + 77, SEVMEM_RAW, &byte, 1) == 0;
}

static bool miscount(struct side *side)
{
	side->psp->guest_count++;
	return true;
}

static bool policy(struct side *side)
{
	struct psp_guest *guest = any_guest(side, false);

	if (guest)
		guest->policy ^= PSP_POLICY_NOSEND;
	return guest != NULL;
}

static bool reference(struct side *side)
{
	struct psp_guest *guest = any_guest(side, false);

	if (guest)
		guest->vek->references++;
	return guest != NULL;
}

static bool secrets(struct side *side)
{
	struct psp_guest *guest = any_guest(side, false);

	if (!guest || guest->state != PSP_GUEST_RUNNING)
		return false;
	guest->keys.tek[0] = 1;
	return true;
}

/* Not told to asid_changed: found when the ASID's turn comes, so it is broken until then. */
static bool wrong_key(struct side *side)
{
	static const uint8_t key[SEVMEM_KEY_SIZE] = { 1 };
	struct psp_guest *guest = any_guest(side, true);

	if (guest)
		sevmem_set_key(side->arena->memory, guest->asid, key);
	return false;
}

static bool clean(struct side *side)
{
	struct psp_asid *asid = &side->psp->asids[1];
	bool was = asid->dirty;

	asid->dirty = false;
	return was;
}

static bool core(struct side *side)
{
	struct psp_guest *guest = any_guest(side, true);

	if (guest)
		guest->cores[0] |= 1u << CORES;
	return guest != NULL;
}

static const struct {
	const char *name;
	bool (*run)(struct side *side); /* false: again after the next command */
} kinds[] = {
	{ "memory", write_elsewhere },
	{ "count", miscount },
	{ "policy", policy },
	{ "reference", reference },
	{ "secrets", secrets },
	{ "key", wrong_key },
	{ "clean", clean },
	{ "core", core },
};

bool world_can_sabotage(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return true;
	}
	return false;
}

bool world_sabotage(struct side *side, const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].run(side);
	}
	return false;
}
