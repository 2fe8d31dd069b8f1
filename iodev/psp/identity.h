/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who the chip is: its fused secret, the keys and certificates derived from it or made for its
 * owner. Private to iodev/psp.
 *
 * Source: AMD publication 55766, chapter 2 (keys) and command INIT (what is persistent).
 */
#ifndef SEV_PSP_IDENTITY_H
#define SEV_PSP_IDENTITY_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "iodev/psp/psp_abi.h"

#define PSP_SECRET_SIZE 32

/* Every key that is made gets a number, so that a seeded chip never makes the same key twice. */
struct psp_identity {
	uint8_t secret[PSP_SECRET_SIZE]; /* the fuses */
	uint32_t generation;		 /* keys made so far */
	bool provisioned;		 /* OCA, PEK and PDH exist (since the first INIT) */
	struct sev_p384_key oca, pek, pdh;
	struct psp_cert oca_cert, pek_cert, pdh_cert;

	/* Follow from the secret; not stored. */
	uint8_t id[PSP_ID_SIZE];
	struct sev_p384_key cek;
	struct psp_cert cek_cert; /* unsigned, as real parts export it */
};

/* What identities are made with. */
struct psp_maker {
	uint8_t api_major, api_minor; /* go into certificates */
	const void *seed;	      /* NULL: randomness of the operating system */
	size_t seed_size;
};

/* A fresh chip: only the fuses. */
void psp_identity_fuse(struct psp_identity *identity, const struct psp_maker *maker);
/* Fills what follows from the secret. */
void psp_identity_derive(struct psp_identity *identity, const struct psp_maker *maker);
/* Self-owned: new OCA, PEK and PDH. */
void psp_identity_provision(struct psp_identity *identity, const struct psp_maker *maker);
/* New PDH under the PEK. */
void psp_identity_new_pdh(struct psp_identity *identity, const struct psp_maker *maker);
/* The same with a given key. */
void psp_identity_set_pdh(struct psp_identity *identity, const struct psp_maker *maker,
	const struct sev_p384_key *key);

/* --- the state directory (state.c) --------------------------------------------------------- */

/*
 * Makes DIR if it does not exist, and keeps it for this chip alone until the descriptor that comes
 * back is closed, be it by the end of the process. -1 with err: it cannot be made or opened, or
 * belongs to another chip now.
 */
int psp_state_lock(const char *dir, struct sev_error *err);

/*
 * Reads DIR/chip.state. Returns 1 if found (what follows from the secret is not yet filled), 0 if
 * there is none, -1 with err if it cannot be read or is damaged.
 */
int psp_state_load(const char *dir, struct psp_identity *identity, struct sev_error *err);
/* Replaces it in one step. Returns 0, or -1 with err. */
int psp_state_save(const char *dir, const struct psp_identity *identity, struct sev_error *err);

#endif
