/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chip in each state that it can reach, and buffers that are right for every command there. */
#ifndef TESTS_UNIT_PSP_SCENE_H
#define TESTS_UNIT_PSP_SCENE_H

#include "tests/psp_rig.h"

/*
 * platform: U uninitialised, I initialised, W working. guest: L lupdate, S lsecret, R running, s
 * supdate, r rupdate, X sent; ?: the handle given to commands is no guest's. active: has an ASID.
 */
struct situation {
	char platform, guest;
	bool active;
};

/* A policy that forbids nothing and has a use for VMSAs, and an ASID for it. */
#define SCENE_POLICY PSP_POLICY_ES
#define SCENE_ASID   2

struct scene {
	struct rig *rig;
	uint32_t real, given; /* the guest's handle, the handle given to commands */
	struct psp_measurement measurement;
};

/* A new chip, brought to the situation by commands. rig_free(scene.rig) ends it. */
struct scene scene_enter(const struct situation *situation);

#define SCENE_BUFFER 0x44

/* Arguments with which the command succeeds where it is legal; what they point to is put in place.
 */
void scene_fill(struct scene *scene, uint32_t id, uint8_t buffer[SCENE_BUFFER]);

#endif
