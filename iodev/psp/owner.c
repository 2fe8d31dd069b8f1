/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who owns the platform: its certificates, made, exported, signed by somebody else. */
#include <string.h>

#include "iodev/psp/cert.h"
#include "iodev/psp/model.h"

/* --- persistent memory --------------------------------------------------------------------- */

static void store_nv(struct psp *psp, uint64_t nv, const struct psp_identity *identity)
{
	uint8_t data[PSP_NV_SIZE];

	if (identity)
		psp_nv_seal(identity, data);
	else
		psp_nv_erase(data);
	psp_store(psp, nv, data, sizeof(data));
}

static uint16_t store_flash(struct psp *psp, const struct psp_identity *identity)
{
	if (psp->state_dir && psp_state_save(psp->state_dir, identity, &psp->detail) != 0)
		return PSP_HWERROR_PLATFORM;
	psp->flash = *identity;
	return PSP_SUCCESS;
}

/*
 * The host may lose its buffer, or give back an old one: how many keys a seeded chip has made, it
 * has to know itself.
 */
static uint16_t count_keys(struct psp *psp, uint32_t generation)
{
	struct psp_identity flash = psp->flash;
	uint16_t status;

	if (!psp->seed || flash.generation >= generation)
		return PSP_SUCCESS;
	flash.generation = generation;
	status = store_flash(psp, &flash);
	sev_wipe(&flash, sizeof(flash));
	return status;
}

static uint16_t keep(struct psp *psp, const uint64_t *nv, const struct psp_identity *identity)
{
	uint16_t status;

	if (!nv)
		return store_flash(psp, identity);
	status = count_keys(psp, identity->generation);
	if (status == PSP_SUCCESS)
		store_nv(psp, *nv, identity);
	return status;
}

void psp_refresh_chain(struct psp *psp)
{
	struct sev_error why;

	if (psp->chain_file && psp->identity.provisioned &&
		psp_publish_chain(&psp->identity, psp->chain_file, &why) != 0)
		sev_fail(&psp->detail, "psp: chain=%s", why.text);
}

uint16_t psp_adopt(struct psp *psp, const struct psp_identity *identity)
{
	uint16_t status = keep(psp, psp->nv_used ? &psp->nv : NULL, identity);

	if (status != PSP_SUCCESS)
		return status;
	psp->identity = *identity;
	psp_refresh_chain(psp);
	return PSP_SUCCESS;
}

/* What is in the host's buffer; a fresh identity if that is empty. */
static uint16_t read_nv(struct psp *psp, uint64_t nv, struct psp_identity *identity)
{
	uint8_t data[PSP_NV_SIZE];

	psp_fetch(psp, nv, data, sizeof(data));
	*identity = psp->flash;
	switch (psp_nv_open(data, &psp->flash, identity, &psp->detail)) {
	case PSP_NV_EMPTY:
		psp_identity_erase(identity);
		return PSP_SUCCESS;
	case PSP_NV_VALID:
		return PSP_SUCCESS;
	default:
		store_nv(psp, nv, NULL); /* or the host's second try would fail as well */
		return PSP_SECURE_DATA_INVALID;
	}
}

static uint16_t complete(struct psp *psp, const uint64_t *nv, struct psp_identity *identity)
{
	/* Keys are numbered through, so that a seeded chip does not make the same ones twice. */
	if (identity->generation < psp->identity.generation)
		identity->generation = psp->identity.generation;
	if (identity->provisioned)
		return PSP_SUCCESS;
	psp_identity_provision(identity, &psp->maker);
	return keep(psp, nv, identity);
}

uint16_t psp_load_identity(struct psp *psp, const uint64_t *nv)
{
	struct psp_identity identity = psp->flash;
	uint16_t status = PSP_SUCCESS;

	if (nv)
		status = read_nv(psp, *nv, &identity);
	if (status == PSP_SUCCESS)
		status = complete(psp, nv, &identity);
	if (status == PSP_SUCCESS) {
		psp->nv_used = nv != NULL;
		psp->nv = nv ? *nv : 0;
		psp->identity = identity;
		psp_refresh_chain(psp);
	}
	sev_wipe(&identity, sizeof(identity));
	return status;
}

/* --- PLATFORM_RESET, PEK_GEN, PDH_GEN ------------------------------------------------------ */

/* After SHUTDOWN the host may use the buffer for something else, which is not ours to erase. */
static void erase_nv(struct psp *psp)
{
	struct psp_identity identity;
	uint8_t data[PSP_NV_SIZE];
	uint64_t nv = psp->nv;

	if (psp_is_memory(psp, nv, sizeof(data))) {
		psp_fetch(psp, nv, data, sizeof(data));
		if (psp_nv_open(data, &psp->flash, &identity, NULL) == PSP_NV_VALID)
			store_nv(psp, nv, NULL);
	}
	sev_wipe(&identity, sizeof(identity));
}

/* Erases the persistent memory that was in use last. */
uint16_t psp_do_platform_reset(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_identity identity = psp->identity;
	uint16_t status = PSP_SUCCESS;

	(void)guest;
	(void)buffer;
	psp_identity_erase(&identity);
	if (psp->nv_used)
		erase_nv(psp);
	else
		status = keep(psp, NULL, &identity);
	if (status == PSP_SUCCESS)
		psp->identity = identity;
	sev_wipe(&identity, sizeof(identity));
	return status;
}

/* SHUTDOWN, PLATFORM_RESET and INIT with the same settings, in one: there are no guests. */
uint16_t psp_do_pek_gen(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_identity identity = psp->identity;
	uint16_t status;

	(void)guest;
	(void)buffer;
	psp_identity_provision(&identity, &psp->maker);
	status = psp_adopt(psp, &identity);
	if (status == PSP_SUCCESS)
		psp_all_asids_dirty(psp);
	sev_wipe(&identity, sizeof(identity));
	return status;
}

uint16_t psp_do_pdh_gen(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_identity identity = psp->identity;
	uint16_t status;

	(void)guest;
	(void)buffer;
	psp_identity_new_pdh(&identity, &psp->maker);
	status = psp_adopt(psp, &identity);
	sev_wipe(&identity, sizeof(identity));
	return status;
}

uint16_t psp_do_pdh_cert_export(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_pdh_cert_export *cmd = buffer;
	const struct psp_identity *identity = &psp->identity;
	struct psp_cert_chain chain;
	bool short_of = cmd->pdh_length < sizeof(struct psp_cert) ||
			cmd->certs_length < sizeof(struct psp_cert_chain);
	uint64_t pdh = cmd->pdh_paddr, certs = cmd->certs_paddr;

	(void)guest;
	if (!short_of && (!psp_usable(psp, &pdh, sizeof(struct psp_cert), 1) ||
				 !psp_usable(psp, &certs, sizeof(chain), 1)))
		return PSP_INVALID_ADDRESS;
	cmd->pdh_length = sizeof(struct psp_cert);
	cmd->certs_length = sizeof(struct psp_cert_chain);
	if (short_of)
		return PSP_INVALID_LENGTH;
	chain = (struct psp_cert_chain) { identity->pek_cert, identity->oca_cert,
		identity->cek_cert };
	psp_store(psp, pdh, &identity->pdh_cert, sizeof(identity->pdh_cert));
	psp_store(psp, certs, &chain, sizeof(chain));
	return PSP_SUCCESS;
}

/* --- an owner from outside ----------------------------------------------------------------- */

uint16_t psp_do_pek_csr(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_pek_csr *cmd = buffer;
	uint64_t spa = cmd->csr_paddr;
	struct psp_cert csr;

	(void)guest;
	if (cmd->csr_length < sizeof(csr)) {
		cmd->csr_length = sizeof(csr);
		return PSP_INVALID_LENGTH;
	}
	if (!psp_usable(psp, &spa, sizeof(csr), 1))
		return PSP_INVALID_ADDRESS;
	cmd->csr_length = sizeof(csr);
	psp_cert_make(&csr, PSP_USAGE_PEK, psp->identity.pek_cert.api_major,
		psp->identity.pek_cert.api_minor, &psp->identity.pek.pub);
	psp_store(psp, spa, &csr, sizeof(csr));
	return PSP_SUCCESS;
}

static bool known_algorithm(uint32_t algo)
{
	switch (algo) {
	case PSP_ALGO_RSA_SHA256:
	case PSP_ALGO_ECDSA_SHA256:
	case PSP_ALGO_ECDH_SHA256:
	case PSP_ALGO_RSA_SHA384:
	case PSP_ALGO_ECDSA_SHA384:
	case PSP_ALGO_ECDH_SHA384:
		return true;
	}
	return false;
}

static uint16_t check_form(struct psp *psp, const struct psp_cert *cert, uint32_t usage)
{
	if (psp_cert_check(cert, usage, NULL, &psp->detail) == 0)
		return PSP_SUCCESS;
	if (cert->version == 1 && cert->pubkey_usage == usage &&
		!known_algorithm(cert->pubkey_algo))
		return PSP_UNSUPPORTED;
	return PSP_INVALID_CERTIFICATE;
}

static uint16_t check_import(
	struct psp *psp, const struct psp_cert *pek, const struct psp_cert *oca)
{
	uint16_t status = check_form(psp, pek, PSP_USAGE_PEK);

	if (status == PSP_SUCCESS)
		status = check_form(psp, oca, PSP_USAGE_OCA);
	if (status != PSP_SUCCESS)
		return status;
	if (memcmp(pek, &psp->identity.pek_cert, PSP_CERT_SIGNED) != 0) {
		sev_fail(&psp->detail, "PEK certificate: not that of this platform's PEK");
		return PSP_INVALID_CERTIFICATE;
	}
	if (psp_cert_verify(pek, oca, &psp->detail) != 0 ||
		psp_cert_verify(oca, oca, &psp->detail) != 0)
		return PSP_BAD_SIGNATURE;
	return PSP_SUCCESS;
}

static const struct psp_cert_signature *slot_of(const struct psp_cert *cert, uint32_t signer)
{
	return &cert->sig[cert->sig[0].usage == signer ? 0 : 1];
}

static uint16_t import(struct psp *psp, const struct psp_cert *pek, const struct psp_cert *oca)
{
	struct psp_identity identity = psp->identity;
	uint16_t status;

	psp_identity_import(&identity, &psp->maker, oca, slot_of(pek, PSP_USAGE_OCA));
	status = psp_adopt(psp, &identity);
	sev_wipe(&identity, sizeof(identity));
	return status;
}

uint16_t psp_do_pek_cert_import(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_pek_cert_import *cmd = buffer;
	uint64_t pek_spa = cmd->pek_paddr, oca_spa = cmd->oca_paddr;
	struct psp_cert pek, oca;
	uint16_t status;

	(void)guest;
	if (psp->identity.owned)
		return PSP_ALREADY_OWNED;
	if (cmd->pek_length != sizeof(pek) || cmd->oca_length != sizeof(oca))
		return PSP_INVALID_LENGTH;
	if (!psp_usable(psp, &pek_spa, sizeof(pek), 1) ||
		!psp_usable(psp, &oca_spa, sizeof(oca), 1))
		return PSP_INVALID_ADDRESS;
	psp_fetch(psp, pek_spa, &pek, sizeof(pek));
	psp_fetch(psp, oca_spa, &oca, sizeof(oca));
	status = check_import(psp, &pek, &oca);
	return status == PSP_SUCCESS ? import(psp, &pek, &oca) : status;
}
