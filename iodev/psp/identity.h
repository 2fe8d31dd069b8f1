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
	bool owned;			 /* externally: the key of the OCA is somebody else's */
	struct sev_p384_key oca;	 /* zero if externally owned */
	struct sev_p384_key pek, pdh;
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
/* Externally owned: the OCA, and its signature of the PEK, come from outside. New PDH. */
void psp_identity_import(struct psp_identity *identity, const struct psp_maker *maker,
	const struct psp_cert *oca, const struct psp_cert_signature *pek_by_oca);
/* Back to the fuses, but for the number of keys made. */
void psp_identity_erase(struct psp_identity *identity);
/* New PDH under the PEK. */
void psp_identity_new_pdh(struct psp_identity *identity, const struct psp_maker *maker);
/* The same with a given key. */
void psp_identity_set_pdh(struct psp_identity *identity, const struct psp_maker *maker,
	const struct sev_p384_key *key);

/* --- what is persistent (record.c) --------------------------------------------------------- */

#define PSP_RECORD_PROVISIONED 0x1u
#define PSP_RECORD_OWNED       0x2u /* externally: no private key of the OCA */

/* All of an identity that does not follow from the secret, and the secret. */
struct psp_record {
	uint32_t flags;
	uint32_t generation;
	uint8_t secret[PSP_SECRET_SIZE];
	uint8_t oca[SEV_P384], pek[SEV_P384], pdh[SEV_P384]; /* private scalars */
	struct psp_cert oca_cert, pek_cert, pdh_cert;
} PSP_PACKED;

void psp_record_pack(const struct psp_identity *identity, struct psp_record *record);
/* NULL if it could be read, else what is wrong. What follows from the secret is not filled. */
const char *psp_record_unpack(const struct psp_record *record, struct psp_identity *identity);

/* --- the state directory (state.c) --------------------------------------------------------- */

/*
 * Makes DIR if it does not exist, and keeps it for this chip alone until the descriptor that comes
 * back is closed, be it by the end of the process. What an interrupted psp_state_save left there is
 * removed. -1 with err: it cannot be made or opened, or belongs to another chip now.
 */
int psp_state_lock(const char *dir, struct sev_error *err);

/*
 * Reads DIR/chip.state. Returns 1 if found (what follows from the secret is not yet filled), 0 if
 * there is none, -1 with err if it cannot be read or is damaged.
 */
int psp_state_load(const char *dir, struct psp_identity *identity, struct sev_error *err);
/* Replaces it in one step. Returns 0, or -1 with err. */
int psp_state_save(const char *dir, const struct psp_identity *identity, struct sev_error *err);

/* --- the host's buffer (nv.c) -------------------------------------------------------------- */

enum psp_nv {
	PSP_NV_EMPTY,
	PSP_NV_VALID,
	PSP_NV_INVALID,
};

/*
 * Reads what INIT_EX found in the host's buffer. chip: whose secret must have sealed it. VALID:
 * identity is filled, as that chip. INVALID: err says why. Otherwise identity is left alone.
 */
enum psp_nv psp_nv_open(const uint8_t data[PSP_NV_SIZE], const struct psp_identity *chip,
	struct psp_identity *identity, struct sev_error *err);
void psp_nv_seal(const struct psp_identity *identity, uint8_t data[PSP_NV_SIZE]);
void psp_nv_erase(uint8_t data[PSP_NV_SIZE]);

/* --- published certificates (publish.c) ---------------------------------------------------- */

/*
 * What a manufacturer's key server would give out: DIR/cek.cert, the CEK signed by the ASK, and
 * DIR/ask_ark.cert. Each is written if it is missing or not this chip's. Returns 0, or -1 with err.
 */
int psp_publish(const char *dir, const struct psp_identity *identity, struct sev_error *err);

/* As psp_write_chain. */
int psp_publish_chain(const struct psp_identity *identity, const char *path, struct sev_error *err);
/* Whether a chain can be written there at all. 0, or -1 with err. */
int psp_publish_check(const char *path, struct sev_error *err);

#endif
