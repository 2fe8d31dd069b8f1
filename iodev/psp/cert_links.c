/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who signed whom in a set of certificates. */
#include <string.h>

#include "iodev/psp/cert_set.h"
#include "iodev/psp/root.h"

static const struct {
	enum psp_cert_kind cert, signer;
} lines[PSP_LINKS] = {
	/* the owner's */
	{ PSP_KIND_PDH, PSP_KIND_PEK },
	{ PSP_KIND_PEK, PSP_KIND_OCA },
	{ PSP_KIND_OCA, PSP_KIND_OCA },
	/* the manufacturer's */
	{ PSP_KIND_PEK, PSP_KIND_CEK },
	{ PSP_KIND_CEK, PSP_KIND_ASK },
	{ PSP_KIND_ASK, PSP_KIND_ARK },
	{ PSP_KIND_ARK, PSP_KIND_ARK },
};

/* Whether cert carries a signature that says to be this signer's, and of which algorithm. */
static bool signature_of(
	const struct psp_set_member *cert, const struct psp_link *link, uint32_t *algo)
{
	static const uint32_t signer_usage[PSP_KINDS] = {
		[PSP_KIND_PEK] = PSP_USAGE_PEK,
		[PSP_KIND_OCA] = PSP_USAGE_OCA,
		[PSP_KIND_CEK] = PSP_USAGE_CEK,
		[PSP_KIND_ASK] = PSP_USAGE_ASK,
	};
	const struct psp_cert_signature *slot;
	struct psp_amd_key key;

	if (link->cert < PSP_KIND_ASK) {
		slot = psp_cert_slot(&cert->sev, signer_usage[link->signer]);
		*algo = slot ? slot->algo : PSP_ALGO_NONE;
		return slot != NULL;
	}
	key = psp_set_amd_key(cert);
	*algo = key.signature_size == 0	    ? PSP_ALGO_NONE
		: key.signature_size == 512 ? PSP_ALGO_RSA_SHA384
					    : PSP_ALGO_RSA_SHA256;
	return key.signature_size != 0;
}

static int verify(const struct psp_set_member *cert, const struct psp_set_member *signer,
	struct psp_link *link)
{
	const struct psp_set_member *malformed = *cert->problem.text	 ? cert
						 : *signer->problem.text ? signer
									 : NULL;
	struct psp_amd_key key, by;

	if (malformed)
		return sev_fail(&link->why, "%s", malformed->problem.text);
	if (link->signer < PSP_KIND_ASK)
		return psp_cert_verify(&cert->sev, &signer->sev, &link->why);
	by = psp_set_amd_key(signer);
	if (link->cert < PSP_KIND_ASK)
		return psp_cert_verify_rsa(&cert->sev, &by, &link->why);
	key = psp_set_amd_key(cert);
	return psp_amd_cert_verify(&key, &by, &link->why);
}

static enum psp_link_state examine(const struct psp_cert_set *set, struct psp_link *link)
{
	const struct psp_set_member *cert = &set->member[link->cert];
	const struct psp_set_member *signer = &set->member[link->signer];

	if (!cert->file)
		return PSP_LINK_ABSENT;
	if (!signature_of(cert, link, &link->algo)) {
		sev_fail(&link->why, "%s certificate: carries no signature of the %s%s",
			psp_kind_name(link->cert), psp_kind_name(link->signer),
			link->cert == PSP_KIND_CEK ? ", as chips export it: the maker publishes a "
						     "signed copy under the chip's id"
						   : "");
		return PSP_LINK_UNSIGNED;
	}
	if (!signer->file)
		return PSP_LINK_NO_SIGNER;
	return verify(cert, signer, link) == 0 ? PSP_LINK_VERIFIED : PSP_LINK_BAD;
}

void psp_cert_set_verify(const struct psp_cert_set *set, struct psp_link links[PSP_LINKS])
{
	for (size_t i = 0; i < PSP_LINKS; i++) {
		links[i] = (struct psp_link) { .cert = lines[i].cert, .signer = lines[i].signer };
		links[i].state = examine(set, &links[i]);
	}
}

/* --- the verdict --------------------------------------------------------------------------- */

static bool is_fault(const struct psp_cert_set *set, const struct psp_link *link)
{
	if (link->state == PSP_LINK_UNSIGNED)
		return set->member[link->signer].file && link->cert != PSP_KIND_ARK;
	return link->state == PSP_LINK_BAD;
}

/* Bits of the kinds that verified links connect with this one. */
static unsigned connected(const struct psp_link links[PSP_LINKS], enum psp_cert_kind kind)
{
	unsigned reached = 1u << kind, before;

	do {
		before = reached;
		for (size_t i = 0; i < PSP_LINKS; i++) {
			unsigned ends = 1u << links[i].cert | 1u << links[i].signer;

			if (links[i].state == PSP_LINK_VERIFIED && reached & ends)
				reached |= ends;
		}
	} while (reached != before);
	return reached;
}

static int check_connected(const struct psp_cert_set *set, const struct psp_link links[PSP_LINKS],
	struct sev_error *err)
{
	enum psp_cert_kind lowest = 0;
	unsigned reached;

	while (lowest < PSP_KINDS && !set->member[lowest].file)
		lowest++;
	if (lowest == PSP_KINDS)
		return sev_fail(err, "there is no certificate");
	reached = connected(links, lowest);
	for (enum psp_cert_kind kind = lowest; kind < PSP_KINDS; kind++) {
		if (set->member[kind].file && !(reached & 1u << kind))
			return sev_fail(err,
				"nothing connects %s and %s: certificates between them are missing",
				psp_kind_name(lowest), psp_kind_name(kind));
	}
	return 0;
}

int psp_cert_set_judge(const struct psp_cert_set *set, const struct psp_link links[PSP_LINKS],
	struct sev_error *err)
{
	bool verified = false;

	for (size_t i = 0; i < PSP_LINKS; i++) {
		if (is_fault(set, &links[i]))
			return sev_fail(err, "%s <- %s: %s", psp_kind_name(links[i].cert),
				psp_kind_name(links[i].signer), links[i].why.text);
		verified |= links[i].state == PSP_LINK_VERIFIED;
	}
	for (enum psp_cert_kind kind = 0; kind < PSP_KINDS; kind++) {
		if (*set->member[kind].problem.text)
			return sev_fail(err, "%s", set->member[kind].problem.text);
	}
	if (check_connected(set, links, err) != 0)
		return -1;
	return verified ? 0
			: sev_fail(err, "no signature could be verified: its signer is missing");
}

/* --- the root ------------------------------------------------------------------------------ */

enum psp_root_kind psp_cert_set_root(const struct psp_cert_set *set)
{
	const struct psp_set_member *ark = &set->member[PSP_KIND_ARK];
	struct psp_amd_key key;

	if (!ark->file)
		return PSP_ROOT_NONE;
	key = psp_set_amd_key(ark);
	if (psp_root_is(&key))
		return PSP_ROOT_OURS;
	if (memcmp(key.cert->key_id, "EMULATED", 8) == 0)
		return PSP_ROOT_EMULATED;
	return psp_amd_product(key.cert->key_id) ? PSP_ROOT_AMD_KEY_ID : PSP_ROOT_UNKNOWN;
}
