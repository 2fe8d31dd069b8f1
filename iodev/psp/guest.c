/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guest contexts. */
#include <stdlib.h>
#include <string.h>

#include "iodev/psp/model.h"

struct psp_guest *psp_find_guest(const struct psp *psp, uint32_t handle)
{
	for (unsigned i = 0; handle && i < psp->config.max_asid; i++) {
		if (psp->guests[i].handle == handle)
			return &psp->guests[i];
	}
	return NULL;
}

/* Handles are not used again soon, so that a stale one is not taken for another guest. */
static uint32_t next_handle(struct psp *psp)
{
	do {
		psp->last_handle++;
	} while (psp->last_handle == 0 || psp_find_guest(psp, psp->last_handle));
	return psp->last_handle;
}

struct psp_guest *psp_new_guest(struct psp *psp)
{
	for (unsigned i = 0; i < psp->config.max_asid; i++) {
		struct psp_guest *guest = &psp->guests[i];

		if (guest->handle)
			continue;
		memset(guest, 0, sizeof(*guest));
		guest->handle = next_handle(psp);
		guest->ld = sev_sha256_new();
		psp->guest_count++;
		return guest;
	}
	return NULL;
}

static void release_vek(struct psp_vek *vek)
{
	if (!vek || --vek->references > 0)
		return;
	sev_wipe(vek, sizeof(*vek));
	free(vek);
}

void psp_wipe_transport(struct psp_guest *guest)
{
	sev_wipe(&guest->keys, sizeof(guest->keys));
}

void psp_free_guest(struct psp *psp, struct psp_guest *guest)
{
	psp_unbind(psp, guest);
	release_vek(guest->vek);
	sev_sha256_free(guest->ld);
	sev_wipe(guest, sizeof(*guest));
	psp->guest_count--;
}

void psp_free_all_guests(struct psp *psp)
{
	for (unsigned i = 0; i < psp->config.max_asid; i++) {
		if (psp->guests[i].handle)
			psp_free_guest(psp, &psp->guests[i]);
	}
}

uint16_t psp_do_decommission(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)buffer;
	if (guest->asid)
		return PSP_ACTIVE;
	psp_free_guest(psp, guest);
	if (psp->guest_count == 0)
		psp->state = PSP_PLATFORM_INIT;
	return PSP_SUCCESS;
}

uint16_t psp_do_guest_status(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	struct psp_guest_status *cmd = buffer;

	(void)psp;
	cmd->policy = guest->policy;
	cmd->asid = guest->asid;
	cmd->state = (uint8_t)guest->state;
	return PSP_SUCCESS;
}
