/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bytes of a saved chip: head, VEKs, guests, one byte per ASID from 1 on and per core, and the
 * SHA-256 of all that. Private to save.c and restore.c.
 *
 * A field that is added makes a new version: old saves are refused, not guessed at.
 */
#ifndef SEV_PSP_SAVED_H
#define SEV_PSP_SAVED_H

#include "iodev/psp/model.h"

#define SAVED_MAGIC   "bochs-sev chip\r\n"
#define SAVED_VERSION 1

/* Configuration on which the rest depends: restored only where it is the same. */
struct saved_config {
	uint32_t max_asid;
	uint32_t min_sev_asid;
	uint32_t cores;
	uint8_t api_major, api_minor, build;
	uint8_t es_capable;
} PSP_PACKED;

struct saved_head {
	char magic[16];
	uint32_t version;
	struct saved_config config;
	uint8_t seed[SEV_SHA256];   /* configuration, too: its digest; zero: none */
	struct psp_record identity; /* in use */
	struct psp_record flash;
	uint32_t nv_used;
	uint64_t nv;
	uint64_t rng_position;
	uint32_t state;
	uint32_t es;
	uint64_t tmr, tmr_size;
	uint32_t last_handle;
	uint32_t guest_count;
	uint32_t vek_count;
} PSP_PACKED;

#define SAVED_UPDATED  0x1u
#define SAVED_SESSION  0x2u
#define SAVED_RECEIVED 0x4u

struct saved_guest {
	uint32_t slot; /* ascending */
	uint32_t handle;
	uint32_t policy;
	uint32_t state;
	uint32_t asid;
	uint8_t cores[PSP_CORES_MAX / 8];
	uint32_t vek; /* index */
	uint32_t flags;
	struct psp_transport_keys keys;
	uint8_t measure[SEV_SHA256];
	uint8_t ld[SEV_SHA256_STATE];
} PSP_PACKED;

/* Where the parts lie in a blob. */
struct saved {
	struct saved_head *head;
	uint8_t (*vek)[SEVMEM_KEY_SIZE];
	struct saved_guest *guest;
	uint8_t *asid_dirty; /* of ASID 1, 2, ... */
	uint8_t *core_dirty;
	uint8_t *checksum;
	size_t size;
};

/* For a head whose counts are set, and legal. */
size_t psp_saved_size(const struct saved_head *head);
/* What is const in the blob is so in the parts: whoever loads only reads them. */
struct saved psp_saved_layout(const void *blob);
void psp_saved_config(const struct psp *psp, struct saved_config *config);
void psp_saved_seed(const struct psp *psp, uint8_t out[SEV_SHA256]);
void psp_saved_checksum(const struct saved *saved, uint8_t out[SEV_SHA256]);

/* What psp_save gives, but for the digests: of the seed and of the whole. To compare chips. */
int psp_saved_image(const struct psp *psp, struct sev_blob *out, struct sev_error *err);

#endif
