/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of an ASID: clean - ACTIVATE - bound - DEACTIVATE - dirty - WBINVD on every core,
 * DF_FLUSH - clean. After INIT every ASID is dirty.
 */
#include <string.h>

#include "iodev/psp/model.h"

static void all_cores_dirty(struct psp *psp)
{
	for (unsigned i = 0; i < psp->config.cores; i++)
		psp->core_dirty[i] = true;
}

static bool any_core_dirty(const struct psp *psp)
{
	for (unsigned i = 0; i < psp->config.cores; i++) {
		if (psp->core_dirty[i])
			return true;
	}
	return false;
}

void psp_wbinvd(struct psp *psp, unsigned core)
{
	if (core < psp->config.cores)
		psp->core_dirty[core] = false;
}

void psp_all_asids_dirty(struct psp *psp)
{
	all_cores_dirty(psp);
	for (unsigned i = 1; i <= psp->config.max_asid; i++)
		psp->asids[i].dirty = true;
}

uint16_t psp_do_df_flush(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)guest;
	(void)buffer;
	if (any_core_dirty(psp))
		return PSP_WBINVD_REQUIRED;
	for (unsigned i = 1; i <= psp->config.max_asid; i++)
		psp->asids[i].dirty = false;
	return PSP_SUCCESS;
}

static void tell_asid_changed(struct psp *psp, unsigned asid)
{
	if (psp->config.asid_changed)
		psp->config.asid_changed(psp->config.ctx, asid);
}

/* Guests with SEV-ES have the ASIDs below min_sev_asid, all others those from there on. */
static bool in_range(const struct psp *psp, const struct psp_guest *guest, uint32_t asid)
{
	if (asid == 0 || asid > psp->config.max_asid)
		return false;
	return (guest->policy & PSP_POLICY_ES) ? asid < psp->config.min_sev_asid
					       : asid >= psp->config.min_sev_asid;
}

/* Whether every guest bound to the ASID has this guest's key. One stands for all. */
static bool shares_key(const struct psp *psp, const struct psp_guest *guest, uint32_t asid)
{
	for (unsigned i = 0; i < psp->config.max_asid; i++) {
		const struct psp_guest *other = &psp->guests[i];

		if (other->handle && other->asid == asid)
			return other->vek == guest->vek;
	}
	return false;
}

/* A set of cores: a bit for each. */
static void add_core(uint8_t cores[PSP_CORES_MAX / 8], uint32_t core)
{
	cores[core / 8] |= (uint8_t)(1u << core % 8);
}

bool psp_may_run(const struct psp *psp, uint32_t handle, unsigned core)
{
	const struct psp_guest *guest = psp_find_guest(psp, handle);

	return guest && guest->asid && core < psp->config.cores &&
	       (guest->cores[core / 8] & 1u << core % 8);
}

static uint16_t check_bind(const struct psp *psp, const struct psp_guest *guest, uint32_t asid)
{
	if (guest->asid)
		return PSP_ACTIVE;
	if (!in_range(psp, guest, asid))
		return PSP_INVALID_ASID;
	if (psp->asids[asid].bound && !shares_key(psp, guest, asid))
		return PSP_ASID_OWNED;
	if (psp->asids[asid].dirty)
		return any_core_dirty(psp) ? PSP_WBINVD_REQUIRED : PSP_DFFLUSH_REQUIRED;
	return PSP_SUCCESS;
}

static void bind(struct psp *psp, struct psp_guest *guest, uint32_t asid,
	const uint8_t cores[PSP_CORES_MAX / 8])
{
	struct psp_asid *slot = &psp->asids[asid];

	guest->asid = asid;
	memcpy(guest->cores, cores, sizeof(guest->cores));
	if (slot->bound++ > 0)
		return; /* the key they share is installed */
	sevmem_set_key(psp->config.memory, asid, guest->vek->key);
	tell_asid_changed(psp, asid);
}

uint16_t psp_do_activate(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_activate *cmd = buffer;
	uint8_t cores[PSP_CORES_MAX / 8] = { 0 };
	uint16_t status = check_bind(psp, guest, cmd->asid);

	if (status != PSP_SUCCESS)
		return status;
	for (unsigned i = 0; i < psp->config.cores; i++)
		add_core(cores, i);
	bind(psp, guest, cmd->asid, cores);
	return PSP_SUCCESS;
}

/* Cores may be named twice; but a list longer than there are cores is no list of cores. */
static uint16_t read_cores(
	struct psp *psp, const struct psp_activate_ex *cmd, uint8_t cores[PSP_CORES_MAX / 8])
{
	uint64_t spa = cmd->ids_paddr;
	uint32_t ids[PSP_CORES_MAX];

	if (cmd->num_ids == 0 || cmd->num_ids > psp->config.cores)
		return PSP_INVALID_PARAM;
	if (!psp_usable(psp, &spa, cmd->num_ids * sizeof(ids[0]), 1))
		return PSP_INVALID_ADDRESS;
	psp_fetch(psp, spa, ids, cmd->num_ids * sizeof(ids[0]));
	for (uint32_t i = 0; i < cmd->num_ids; i++) {
		if (ids[i] >= psp->config.cores)
			return PSP_INVALID_PARAM;
		add_core(cores, ids[i]);
	}
	return PSP_SUCCESS;
}

uint16_t psp_do_activate_ex(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_activate_ex *cmd = buffer;
	uint8_t cores[PSP_CORES_MAX / 8] = { 0 };
	uint16_t status;

	if (cmd->ex_length != sizeof(*cmd))
		return PSP_INVALID_LENGTH;
	status = check_bind(psp, guest, cmd->asid);
	if (status == PSP_SUCCESS)
		status = read_cores(psp, cmd, cores);
	if (status == PSP_SUCCESS)
		bind(psp, guest, cmd->asid, cores);
	return status;
}

void psp_unbind(struct psp *psp, struct psp_guest *guest)
{
	unsigned asid = guest->asid;
	struct psp_asid *slot = &psp->asids[asid];

	if (!asid)
		return;
	guest->asid = 0;
	memset(guest->cores, 0, sizeof(guest->cores));
	all_cores_dirty(psp);
	if (--slot->bound > 0)
		return;
	slot->dirty = true;
	sevmem_clear_key(psp->config.memory, asid);
	tell_asid_changed(psp, asid);
}

uint16_t psp_do_deactivate(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)buffer;
	psp_unbind(psp, guest);
	return PSP_SUCCESS;
}
