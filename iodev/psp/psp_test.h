/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For test programs only: values that firmware draws at random, set to what a test vector says. */
#ifndef SEV_PSP_TEST_H
#define SEV_PSP_TEST_H

#include "iodev/psp/psp.h"

/* The private PDH key (48 bytes, big-endian), after INIT. The certificate follows. 0 or -1. */
int psp_test_set_pdh(struct psp *psp, const uint8_t scalar[48]);
/* The nonce of every following LAUNCH_MEASURE; not copied. NULL: random again. */
void psp_test_set_mnonce(struct psp *psp, const uint8_t mnonce[16]);
/* The measurement that a guest in state LSECRET is taken to have returned. 0 or -1. */
int psp_test_set_measure(struct psp *psp, uint32_t handle, const uint8_t measure[32]);

#endif
