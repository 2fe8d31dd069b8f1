/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The firmware itself. */
#include "iodev/psp/model.h"

/*
 * No image can be genuine: this firmware is not one of AMD's, and runs none of theirs. So the
 * host's mistakes are told as a real part would, and then every signature is wrong.
 */
uint16_t psp_do_download_firmware(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_download_firmware *cmd = buffer;
	uint64_t spa = cmd->fw_paddr;

	(void)guest;
	if (cmd->fw_length == 0)
		return PSP_INVALID_LENGTH;
	if (!psp_usable(psp, &spa, cmd->fw_length, PSP_FIRMWARE_ALIGN))
		return PSP_INVALID_ADDRESS;
	sev_fail(&psp->detail, "the emulated Secure Processor runs no other firmware than its own");
	return PSP_BAD_SIGNATURE;
}
