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

/* --- the whole chip as one number ----------------------------------------------------------- */

/* Copies of what has pointers, with the pointers replaced by what they lead to. */
static inline void psp_test_add_guest(struct sev_sha256_ctx *ctx, const struct psp_guest *guest)
{
	struct psp_guest copy = *guest;
	uint8_t digest[SEV_SHA256];

	copy.vek = NULL;
	copy.ld = NULL;
	sev_sha256_update(ctx, &copy, sizeof(copy));
	if (!guest->handle)
		return;
	sev_sha256_update(ctx, guest->vek, sizeof(*guest->vek));
	sev_sha256_read(guest->ld, digest);
	sev_sha256_update(ctx, digest, sizeof(digest));
}

/* Everything that a command can change in the chip, but for what was drawn at random. */
static inline void psp_test_digest(const struct psp *psp, uint8_t digest[SEV_SHA256])
{
	const uint64_t fields[] = { psp->state, psp->es, psp->tmr, psp->tmr_size, psp->last_handle,
		psp->guest_count, psp->nv_used, psp->nv };
	struct sev_sha256_ctx *ctx = sev_sha256_new();

	sev_sha256_update(ctx, fields, sizeof(fields));
	sev_sha256_update(ctx, &psp->identity, sizeof(psp->identity));
	sev_sha256_update(ctx, &psp->flash, sizeof(psp->flash));
	for (unsigned i = 0; i < psp->config.max_asid; i++)
		psp_test_add_guest(ctx, &psp->guests[i]);
	sev_sha256_update(ctx, psp->asids, (psp->config.max_asid + 1) * sizeof(psp->asids[0]));
	sev_sha256_update(ctx, psp->core_dirty, psp->config.cores * sizeof(psp->core_dirty[0]));
	sev_sha256_read(ctx, digest);
	sev_sha256_free(ctx);
}

#endif
