/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The buffer of INIT_EX, from the host's side. */
#ifndef TESTS_UNIT_PSP_NV_H
#define TESTS_UNIT_PSP_NV_H

#include "tests/unit/psp_export.h"

/* As Linux does: what its file held, before INIT_EX. */
static inline void give_nv(struct rig *rig, const uint8_t nv[PSP_NV_SIZE])
{
	rig_put(rig, RIG_NV, nv, PSP_NV_SIZE);
}

/* And what it writes to the file. */
static inline void keep_nv(struct rig *rig, uint8_t nv[PSP_NV_SIZE])
{
	rig_get(rig, RIG_NV, SEVMEM_RAW, nv, PSP_NV_SIZE);
}

static inline void fill_nv(struct rig *rig, uint8_t value)
{
	memset(rig->bytes + RIG_NV, value, PSP_NV_SIZE);
}

static inline bool nv_is(struct rig *rig, uint8_t value)
{
	uint8_t nv[PSP_NV_SIZE];

	keep_nv(rig, nv);
	for (size_t i = 0; i < sizeof(nv); i++)
		if (nv[i] != value)
			return false;
	return true;
}

#endif
