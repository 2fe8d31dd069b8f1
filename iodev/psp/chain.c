/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two lines of trust that end in a PDH: the platform owner's and the manufacturer's. */
#include "iodev/psp/cert.h"

static int check_forms(
	const struct psp_cert *pdh, const struct psp_cert_chain *chain, struct sev_error *err)
{
	const struct {
		const struct psp_cert *cert;
		uint32_t usage;
	} all[] = {
		{ pdh, PSP_USAGE_PDH },
		{ &chain->pek, PSP_USAGE_PEK },
		{ &chain->oca, PSP_USAGE_OCA },
		{ &chain->cek, PSP_USAGE_CEK },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (psp_cert_check(all[i].cert, all[i].usage, NULL, err) != 0)
			return -1;
	}
	return 0;
}

static int verify_manufacturer(const struct psp_cert *cek, const struct psp_amd_key *ask,
	const struct psp_amd_key *ark, struct sev_error *err)
{
	if (psp_cert_verify_rsa(cek, ask, err) != 0 || psp_amd_cert_verify(ask, ark, err) != 0)
		return -1;
	return ark->signature_size == 0 ? 0 : psp_amd_cert_verify(ark, ark, err);
}

int psp_chain_verify(const struct psp_cert *pdh, const struct psp_cert_chain *chain,
	const struct psp_amd_key *ask, const struct psp_amd_key *ark, struct sev_error *err)
{
	if (check_forms(pdh, chain, err) != 0 || psp_cert_verify(pdh, &chain->pek, err) != 0 ||
		psp_cert_verify(&chain->pek, &chain->oca, err) != 0 ||
		psp_cert_verify(&chain->oca, &chain->oca, err) != 0 ||
		psp_cert_verify(&chain->pek, &chain->cek, err) != 0)
		return -1;
	return ask ? verify_manufacturer(&chain->cek, ask, ark, err) : 0;
}
