/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The firmware itself. */
#include "iodev/psp/model.h"

uint16_t psp_do_download_firmware(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	(void)psp;
	(void)guest;
	(void)buffer;
	return PSP_UNSUPPORTED;
}
