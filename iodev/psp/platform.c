/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that concern the chip as a whole. */
#include <string.h>

#include "iodev/psp/model.h"

/* --- INIT, SHUTDOWN ------------------------------------------------------------------------ */

/* Common to INIT and INIT_EX. */
struct settings {
	bool es;
	uint64_t tmr;
	uint32_t tmr_size;
};

static uint16_t check_tmr(struct psp *psp, const struct settings *given)
{
	if (!given->es)
		return PSP_SUCCESS;
	if (!psp->config.es_capable)
		return PSP_UNSUPPORTED;
	if (given->tmr_size < PSP_TMR_SIZE)
		return PSP_INVALID_LENGTH;
	if (given->tmr % PSP_TMR_SIZE ||
		!sevmem_is_memory(psp->config.memory, given->tmr, given->tmr_size))
		return PSP_INVALID_ADDRESS;
	return PSP_SUCCESS;
}

/* nv as in psp_load_identity. */
static uint16_t bring_up(struct psp *psp, const struct settings *given, const uint64_t *nv)
{
	uint16_t status = psp_load_identity(psp, nv);

	if (status != PSP_SUCCESS)
		return status;
	psp->es = given->es;
	psp->tmr = given->es ? given->tmr : 0;
	psp->tmr_size = given->es ? given->tmr_size : 0;
	psp_all_asids_dirty(psp);
	psp->state = PSP_PLATFORM_INIT;
	return PSP_SUCCESS;
}

uint16_t psp_do_init(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_init *cmd = buffer;
	const struct settings given = { cmd->options & PSP_INIT_ES, cmd->tmr_paddr,
		cmd->tmr_length };
	uint16_t status;

	(void)guest;
	if ((cmd->options & ~PSP_INIT_ES) || cmd->reserved)
		return PSP_INVALID_PARAM;
	status = check_tmr(psp, &given);
	return status == PSP_SUCCESS ? bring_up(psp, &given, NULL) : status;
}

static bool overlaps(const struct settings *given, uint64_t spa, uint64_t size)
{
	return given->es && spa < given->tmr + given->tmr_size && given->tmr < spa + size;
}

uint16_t psp_do_init_ex(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_init_ex *cmd = buffer;
	const struct settings given = { cmd->options & PSP_INIT_ES, cmd->tmr_paddr,
		cmd->tmr_length };
	uint64_t nv = cmd->nv_paddr;
	uint16_t status;

	(void)guest;
	if ((cmd->options & ~PSP_INIT_ES) || cmd->reserved)
		return PSP_INVALID_PARAM;
	if (cmd->length != sizeof(*cmd) || cmd->nv_length < PSP_NV_SIZE)
		return PSP_INVALID_LENGTH;
	status = check_tmr(psp, &given);
	if (status != PSP_SUCCESS)
		return status;
	if (!psp_usable(psp, &nv, cmd->nv_length, PSP_NV_ALIGN) ||
		overlaps(&given, nv, cmd->nv_length))
		return PSP_INVALID_ADDRESS;
	return bring_up(psp, &given, &nv);
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

/* --- what is known at any time ------------------------------------------------------------- */

uint16_t psp_do_platform_status(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_platform_status *cmd = buffer;

	(void)guest;
	memset(cmd, 0, sizeof(*cmd));
	cmd->api_major = psp->version.api_major;
	cmd->api_minor = psp->version.api_minor;
	cmd->build = psp->version.build;
	cmd->state = (uint8_t)psp->state;
	cmd->owner = psp->state != PSP_PLATFORM_UNINIT && psp->identity.owned;
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
