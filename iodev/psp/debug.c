/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host looks into a guest that allows it, or moves its pages. */
#include "iodev/psp/model.h"

uint16_t psp_do_dbg_decrypt(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_dbg_encrypt(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}

uint16_t psp_do_copy(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}
