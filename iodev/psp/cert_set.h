/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates gathered from files, at most one of each kind, and every link between them. For
 * whoever looks at a platform from outside of it; knows nothing of a chip.
 *
 * Source: AMD publication 55766, appendices B and C. That signatures are looked up by the usage of
 * their signer and not by slot, and that the ARK of EPYC 7001 ends without a signature, is what
 * published chains show.
 */
#ifndef SEV_PSP_CERT_SET_H
#define SEV_PSP_CERT_SET_H

#include "iodev/psp/cert.h"

#ifdef __cplusplus
extern "C" {
#endif

/* From the lowest up: nothing signs what stands after it, but for OCA and ARK, which sign
   themselves. */
enum psp_cert_kind {
	PSP_KIND_PDH,
	PSP_KIND_PEK,
	PSP_KIND_OCA,
	PSP_KIND_CEK,
	PSP_KIND_ASK,
	PSP_KIND_ARK,
	PSP_KINDS
};

/* "PDH", ... */
const char *psp_kind_name(enum psp_cert_kind kind);

struct psp_set_member {
	const char *file; /* NULL: there is none of this kind */
	size_t offset;	  /* in the file, or in what its base64 stands for */
	size_t size;
	union {
		struct psp_cert sev;			/* PDH, PEK, OCA, CEK */
		uint8_t bytes[sizeof(struct psp_cert)]; /* ASK, ARK: the first size bytes */
	};
	struct sev_error problem; /* not well formed, and why; empty: it is */

	/* The same certificate without signatures was there too, and is not used. */
	const char *unsigned_file; /* NULL: it was not */
	size_t unsigned_offset;
};

static_assert(sizeof(struct psp_cert) >= PSP_AMD_CERT_MAX, "an AMD certificate fits");

/* Begins all zero. */
struct psp_cert_set {
	struct psp_set_member member[PSP_KINDS];
};

/*
 * Takes all certificates of a file, one after another in any order, binary or base64. Each is told
 * by version and usage. name (kept, not copied) is what errors call the file.
 *
 * A second certificate of a kind must have the same bytes; or the same signed part, and one of the
 * two no signatures: then the signed one counts. Returns 0, or -1 with err naming file and offset:
 * garbage, a certificate cut short, or another certificate of the same kind.
 */
int psp_cert_set_add(struct psp_cert_set *set, const char *name, const void *data, size_t size,
	struct sev_error *err);

/* An ASK or ARK of the set, parsed. */
struct psp_amd_key psp_set_amd_key(const struct psp_set_member *member);

/* As psp_cert_fingerprint; false if there is no such certificate, or it is not well formed. */
bool psp_set_fingerprint(
	const struct psp_cert_set *set, enum psp_cert_kind kind, uint8_t sha256[SEV_SHA256]);

/* --- links --------------------------------------------------------------------------------- */

enum psp_link_state {
	PSP_LINK_ABSENT, /* there is no such certificate */
	PSP_LINK_VERIFIED,
	PSP_LINK_BAD,
	PSP_LINK_UNSIGNED,  /* the certificate carries no signature of this signer */
	PSP_LINK_NO_SIGNER, /* it does, and the signer's certificate is not there */
};

struct psp_link {
	enum psp_cert_kind cert, signer;
	enum psp_link_state state;
	uint32_t algo;	      /* of the signature; PSP_ALGO_NONE: there is none */
	struct sev_error why; /* BAD, UNSIGNED */
};

/* PDH <- PEK <- OCA <- OCA, PEK <- CEK <- ASK <- ARK <- ARK */
#define PSP_LINKS 7

/* Verifies every link of which both ends are there. */
void psp_cert_set_verify(const struct psp_cert_set *set, struct psp_link links[PSP_LINKS]);

/*
 * The verdict. 0: every link of which both ends are there verifies (an ARK may end without a
 * signature), at least one does, and an unbroken line of them leads from the lowest certificate of
 * the set to each other one. -1 with err: the first thing that is wrong.
 */
int psp_cert_set_judge(const struct psp_cert_set *set, const struct psp_link links[PSP_LINKS],
	struct sev_error *err);

/* --- the root ------------------------------------------------------------------------------ */

enum psp_root_kind {
	PSP_ROOT_NONE,	     /* there is no ARK */
	PSP_ROOT_OURS,	     /* this emulator's: identifier and key */
	PSP_ROOT_EMULATED,   /* an identifier that begins with EMULATED: some emulator's */
	PSP_ROOT_AMD_KEY_ID, /* an identifier that AMD publishes; nothing is known of the key */
	PSP_ROOT_UNKNOWN,
};

enum psp_root_kind psp_cert_set_root(const struct psp_cert_set *set);

#ifdef __cplusplus
}
#endif
#endif
