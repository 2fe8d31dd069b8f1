/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The transport keys of the guests that tests launch, and the version that is measured. */
#ifndef TESTS_UNIT_PSP_KEYS_H
#define TESTS_UNIT_PSP_KEYS_H

#include "iodev/psp/session.h"

#define ASID 5

static const uint8_t tik[16] = "integrity key..", tek[16] = "encryption key.";
static const struct psp_version version = { 1, 55, 21 };

#endif
