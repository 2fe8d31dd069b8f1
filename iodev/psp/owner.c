/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who owns the platform: its certificates, made, exported, signed by somebody else. */
#include "iodev/psp/model.h"

/* Makes a changed identity the chip's own: on disk first. */
uint16_t psp_adopt(struct psp *psp, const struct psp_identity *identity)
{
	if (psp->state_dir && psp_state_save(psp->state_dir, identity, &psp->detail) != 0)
		return PSP_HWERROR_PLATFORM;
	psp->identity = *identity;
	return PSP_SUCCESS;
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

uint16_t psp_do_platform_reset(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_pek_gen(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_pek_csr(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_pek_cert_import(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}
