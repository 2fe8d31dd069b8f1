/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values that firmware draws at random, set to what a test vector says: from behind its back. */
#ifndef SEV_TESTS_PSP_TEST_H
#define SEV_TESTS_PSP_TEST_H

#include <string.h>

#include "iodev/psp/model.h"

/* The private PDH key (48 bytes, big-endian), after INIT. The certificate follows. 0 or -1. */
static inline int psp_test_set_pdh(struct psp *psp, const uint8_t scalar[48])
{
	struct sev_p384_key key;

	if (!psp->identity.provisioned || sev_p384_from_scalar(scalar, &key) != 0)
		return -1;
	psp_identity_set_pdh(&psp->identity, &psp->maker, &key);
	return 0;
}

/* The nonce of every following LAUNCH_MEASURE; not copied. NULL: random again. */
static inline void psp_test_set_mnonce(struct psp *psp, const uint8_t mnonce[16])
{
	psp->test_mnonce = mnonce;
}

/* The measurement that a guest in state LSECRET is taken to have returned. 0 or -1. */
static inline int psp_test_set_measure(struct psp *psp, uint32_t handle, const uint8_t measure[32])
{
	struct psp_guest *guest = psp_find_guest(psp, handle);

	if (!guest || guest->state != PSP_GUEST_LSECRET)
		return -1;
	memcpy(guest->measure, measure, sizeof(guest->measure));
	return 0;
}

#endif
