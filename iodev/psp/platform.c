/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that concern the chip as a whole. */
#include <string.h>

#include "iodev/psp/model.h"

static uint16_t provision(struct psp *psp)
{
	struct psp_identity identity = psp->identity;
	uint16_t status;

	if (identity.provisioned)
		return PSP_SUCCESS;
	psp_identity_provision(&identity, &psp->maker);
	status = psp_adopt(psp, &identity);
	sev_wipe(&identity, sizeof(identity));
	return status;
}

static uint16_t check_tmr(struct psp *psp, const struct psp_init *cmd)
{
	if (!psp->config.es_capable)
		return PSP_UNSUPPORTED;
	if (cmd->tmr_length < PSP_TMR_SIZE)
		return PSP_INVALID_LENGTH;
	if (cmd->tmr_paddr % PSP_TMR_SIZE ||
		!sevmem_is_memory(psp->config.memory, cmd->tmr_paddr, cmd->tmr_length))
		return PSP_INVALID_ADDRESS;
	return PSP_SUCCESS;
}

uint16_t psp_do_init(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_init *cmd = buffer;
	bool es = cmd->options & PSP_INIT_ES;
	uint16_t status = PSP_SUCCESS;

	(void)guest;
	if ((cmd->options & ~PSP_INIT_ES) || cmd->reserved)
		return PSP_INVALID_PARAM;
	if (es)
		status = check_tmr(psp, cmd);
	if (status == PSP_SUCCESS)
		status = provision(psp);
	if (status != PSP_SUCCESS)
		return status;
	psp->es = es;
	psp->tmr = es ? cmd->tmr_paddr : 0;
	psp->tmr_size = es ? cmd->tmr_length : 0;
	psp_all_asids_dirty(psp);
	psp->state = PSP_PLATFORM_INIT;
	return PSP_SUCCESS;
}

uint16_t psp_do_shutdown(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)guest;
	(void)buffer;
	psp_free_all_guests(psp);
	psp->es = false;
	psp->tmr = 0;
	psp->tmr_size = 0;
	psp->state = PSP_PLATFORM_UNINIT;
	return PSP_SUCCESS;
}

uint16_t psp_do_platform_status(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_platform_status *cmd = buffer;

	(void)guest;
	memset(cmd, 0, sizeof(*cmd));
	cmd->api_major = psp->version.api_major;
	cmd->api_minor = psp->version.api_minor;
	cmd->build = psp->version.build;
	cmd->state = (uint8_t)psp->state;
	cmd->config_es = psp->es; /* false while UNINIT, like the guest count 0 */
	cmd->guest_count = psp->guest_count;
	return PSP_SUCCESS;
}

uint16_t psp_do_get_id(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_get_id *cmd = buffer;
	uint64_t spa = cmd->id_paddr;

	(void)guest;
	if (cmd->id_length < PSP_ID_SIZE) {
		cmd->id_length = PSP_ID_SIZE;
		return PSP_INVALID_LENGTH;
	}
	if (!psp_usable(psp, &spa, PSP_ID_SIZE, 8))
		return PSP_INVALID_ADDRESS;
	cmd->id_length = PSP_ID_SIZE;
	psp_store(psp, spa, psp->identity.id, PSP_ID_SIZE);
	return PSP_SUCCESS;
}

uint16_t psp_do_nop(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_SUCCESS;
}

uint16_t psp_do_init_ex(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}
