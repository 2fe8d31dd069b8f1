/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest arrives; RECEIVE_START is in start.c. */
#include "iodev/psp/model.h"

uint16_t psp_do_receive_update_data(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	return psp_packet_in(psp, guest, buffer, PSP_PACKET_DATA);
}

uint16_t psp_do_receive_update_vmsa(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	return psp_packet_in(psp, guest, buffer, PSP_PACKET_VMSA);
}

uint16_t psp_do_receive_finish(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)buffer;
	psp_wipe_transport(guest);
	guest->state = PSP_GUEST_RUNNING;
	return PSP_SUCCESS;
}
