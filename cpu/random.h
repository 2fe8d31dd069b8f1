/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SEV_RANDOM_H
#define SEV_RANDOM_H

#include "crypto/crypto.h"

/* From now on RDRAND and RDSEED draw from rng, which stays the caller's. NULL: Bochs' own way. */
void sev_random_use(struct sev_rng *rng);

#endif
