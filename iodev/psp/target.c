/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a guest may go to a platform: what its policy asks of the platform's certificates. */
#include <string.h>

#include "iodev/psp/cert.h"
#include "iodev/psp/model.h"
#include "iodev/psp/root.h"

static uint16_t check_form(struct psp *psp, const struct psp_cert *cert, uint32_t usage)
{
	return psp_cert_check(cert, usage, NULL, &psp->detail) == 0 ? PSP_SUCCESS
								    : PSP_INVALID_CERTIFICATE;
}

static uint16_t check_signature(
	struct psp *psp, const struct psp_cert *cert, const struct psp_cert *signer)
{
	return psp_cert_verify(cert, signer, &psp->detail) == 0 ? PSP_SUCCESS : PSP_BAD_SIGNATURE;
}

/* The firmware named in the PDH certificate is the one that will receive the guest. */
static uint16_t check_api(struct psp *psp, uint32_t policy, const struct psp_cert *pdh)
{
	if (psp_api_meets(policy, pdh->api_major, pdh->api_minor))
		return PSP_SUCCESS;
	sev_fail(&psp->detail, "the policy asks for firmware API %u.%u, the target's is %u.%u",
		(unsigned)(policy >> PSP_POLICY_API_MAJOR & 0xff),
		(unsigned)(policy >> PSP_POLICY_API_MINOR & 0xff), pdh->api_major, pdh->api_minor);
	return PSP_POLICY_FAILURE;
}

/* PDH <- PEK, common to both lines of trust. */
static uint16_t check_pek(struct psp *psp, const struct psp_target *target)
{
	uint16_t status = check_form(psp, &target->chain.pek, PSP_USAGE_PEK);

	return status == PSP_SUCCESS ? check_signature(psp, &target->pdh, &target->chain.pek)
				     : status;
}

/* --- policy DOMAIN: PEK <- OCA, which must be the own one ----------------------------------- */

static uint16_t check_domain(struct psp *psp, const struct psp_target *target)
{
	const struct psp_cert *oca = &target->chain.oca, *own = &psp->identity.oca_cert;
	uint16_t status = check_form(psp, oca, PSP_USAGE_OCA);

	if (status != PSP_SUCCESS)
		return status;
	if (memcmp(&oca->pubkey, &own->pubkey, sizeof(own->pubkey)) != 0) {
		sev_fail(&psp->detail, "the policy has DOMAIN set, the target has another owner");
		return PSP_POLICY_FAILURE;
	}
	status = check_signature(psp, oca, oca);
	return status == PSP_SUCCESS ? check_signature(psp, &target->chain.pek, oca) : status;
}

/* --- policy SEV: PEK <- CEK <- ASK <- ARK, which must be the emulator's own ------------------ */

static uint16_t parse_manufacturer(struct psp *psp, const struct psp_target *target,
	struct psp_amd_key *ask, struct psp_amd_key *ark)
{
	size_t size = sizeof(target->amd);

	if (psp_amd_cert_parse(target->amd, size, false, ask, &psp->detail) != 0 ||
		psp_amd_cert_parse(
			target->amd + ask->size, size - ask->size, false, ark, &psp->detail) != 0)
		return PSP_INVALID_CERTIFICATE;
	if (ask->cert->key_usage == PSP_USAGE_ASK && ark->cert->key_usage == PSP_USAGE_ARK)
		return PSP_SUCCESS;
	sev_fail(
		&psp->detail, "the manufacturer's certificates are not ASK and ARK, in that order");
	return PSP_INVALID_CERTIFICATE;
}

static uint16_t check_manufacturer(struct psp *psp, const struct psp_target *target)
{
	struct psp_amd_key ask, ark;
	uint16_t status = check_form(psp, &target->chain.cek, PSP_USAGE_CEK);

	if (status == PSP_SUCCESS)
		status = parse_manufacturer(psp, target, &ask, &ark);
	if (status == PSP_SUCCESS)
		status = check_signature(psp, &target->chain.pek, &target->chain.cek);
	if (status != PSP_SUCCESS)
		return status;
	if (!psp_root_is(&ark)) {
		sev_fail(&psp->detail,
			"ARK certificate: not the root that emulated processors share");
		return PSP_BAD_SIGNATURE;
	}
	if (psp_cert_verify_rsa(&target->chain.cek, &ask, &psp->detail) != 0 ||
		psp_amd_cert_verify(&ask, &ark, &psp->detail) != 0 ||
		psp_amd_cert_verify(&ark, &ark, &psp->detail) != 0)
		return PSP_BAD_SIGNATURE;
	return PSP_SUCCESS;
}

uint16_t psp_check_target(struct psp *psp, uint32_t policy, const struct psp_target *target)
{
	uint16_t status = check_form(psp, &target->pdh, PSP_USAGE_PDH);

	if (status == PSP_SUCCESS)
		status = check_api(psp, policy, &target->pdh);
	if (status == PSP_SUCCESS && (policy & (PSP_POLICY_DOMAIN | PSP_POLICY_SEV)))
		status = check_pek(psp, target);
	if (status == PSP_SUCCESS && (policy & PSP_POLICY_DOMAIN))
		status = check_domain(psp, target);
	if (status == PSP_SUCCESS && (policy & PSP_POLICY_SEV))
		status = check_manufacturer(psp, target);
	return status;
}
