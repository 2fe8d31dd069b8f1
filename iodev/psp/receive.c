/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest arrives. */
#include "iodev/psp/model.h"

uint16_t psp_do_receive_start(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_receive_update_data(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_receive_update_vmsa(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_receive_finish(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}
