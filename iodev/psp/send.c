/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest leaves the platform. */
#include "iodev/psp/model.h"

uint16_t psp_do_send_start(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_send_update_data(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_send_update_vmsa(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_send_finish(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_send_cancel(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}
