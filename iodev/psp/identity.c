/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/psp/identity.h"

#include <stdio.h>
#include <string.h>

#include "iodev/psp/cert.h"

/* Bytes numbered `generation` of what the chip ever drew for its identity. */
static struct sev_rng *next_source(struct psp_identity *identity, const struct psp_maker *maker)
{
	char label[40];

	snprintf(label, sizeof(label), "psp identity %u", (unsigned)identity->generation++);
	return sev_rng_new(maker->seed, maker->seed_size, label);
}

static void new_key(
	struct psp_identity *identity, const struct psp_maker *maker, struct sev_p384_key *key)
{
	struct sev_rng *rng = next_source(identity, maker);

	sev_p384_generate(rng, key);
	sev_rng_free(rng);
}

void psp_identity_fuse(struct psp_identity *identity, const struct psp_maker *maker)
{
	struct sev_rng *rng;

	memset(identity, 0, sizeof(*identity));
	rng = next_source(identity, maker);
	sev_rng_bytes(rng, identity->secret, sizeof(identity->secret));
	sev_rng_free(rng);
}

/* Readable in every dump, so that nobody takes the chip for AMD's. */
static const char id_prefix[] = "EMULATED-NOT-AMD";

void psp_identity_derive(struct psp_identity *identity, const struct psp_maker *maker)
{
	struct sev_rng *rng = sev_rng_new(identity->secret, sizeof(identity->secret), "CEK");
	size_t n = strlen(id_prefix);

	sev_p384_generate(rng, &identity->cek);
	sev_rng_free(rng);
	psp_cert_make(&identity->cek_cert, PSP_USAGE_CEK, maker->api_major, maker->api_minor,
		&identity->cek.pub);
	memcpy(identity->id, id_prefix, n);
	rng = sev_rng_new(identity->secret, sizeof(identity->secret), "chip id");
	sev_rng_bytes(rng, identity->id + n, sizeof(identity->id) - n);
	sev_rng_free(rng);
}

void psp_identity_set_pdh(struct psp_identity *identity, const struct psp_maker *maker,
	const struct sev_p384_key *key)
{
	identity->pdh = *key;
	psp_cert_make(
		&identity->pdh_cert, PSP_USAGE_PDH, maker->api_major, maker->api_minor, &key->pub);
	psp_cert_sign(&identity->pdh_cert, 0, PSP_USAGE_PEK, &identity->pek);
}

void psp_identity_new_pdh(struct psp_identity *identity, const struct psp_maker *maker)
{
	struct sev_p384_key key;

	new_key(identity, maker, &key);
	psp_identity_set_pdh(identity, maker, &key);
	sev_wipe(&key, sizeof(key));
}

void psp_identity_provision(struct psp_identity *identity, const struct psp_maker *maker)
{
	new_key(identity, maker, &identity->oca);
	psp_cert_make(&identity->oca_cert, PSP_USAGE_OCA, maker->api_major, maker->api_minor,
		&identity->oca.pub);
	psp_cert_sign(&identity->oca_cert, 0, PSP_USAGE_OCA, &identity->oca);

	new_key(identity, maker, &identity->pek);
	psp_cert_make(&identity->pek_cert, PSP_USAGE_PEK, maker->api_major, maker->api_minor,
		&identity->pek.pub);
	psp_cert_sign(&identity->pek_cert, 0, PSP_USAGE_OCA, &identity->oca);
	psp_cert_sign(&identity->pek_cert, 1, PSP_USAGE_CEK, &identity->cek);

	psp_identity_new_pdh(identity, maker);
	identity->provisioned = true;
	identity->owned = false;
}

void psp_identity_import(struct psp_identity *identity, const struct psp_maker *maker,
	const struct psp_cert *oca, const struct psp_cert_signature *pek_by_oca)
{
	sev_wipe(&identity->oca, sizeof(identity->oca));
	identity->oca_cert = *oca;
	identity->pek_cert.sig[0] = *pek_by_oca; /* slot 1 remains the CEK's */
	psp_identity_new_pdh(identity, maker);
	identity->owned = true;
}

void psp_identity_erase(struct psp_identity *identity)
{
	sev_wipe(&identity->oca, sizeof(identity->oca));
	sev_wipe(&identity->pek, sizeof(identity->pek));
	sev_wipe(&identity->pdh, sizeof(identity->pdh));
	memset(&identity->oca_cert, 0, sizeof(identity->oca_cert));
	memset(&identity->pek_cert, 0, sizeof(identity->pek_cert));
	memset(&identity->pdh_cert, 0, sizeof(identity->pdh_cert));
	identity->provisioned = false;
	identity->owned = false;
}
