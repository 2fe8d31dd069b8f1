/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host looks into a guest that allows it, or moves its pages.
 *
 * Source and destination may overlap: what arrives is what lay at the source before the command, as
 * with memmove.
 */
#include "iodev/psp/model.h"

/* One end of a transfer: memory through one view. */
struct end {
	uint64_t spa;
	unsigned view;
};

static void move(struct psp *psp, struct end from, struct end to, uint64_t offset, size_t size)
{
	uint8_t block[SEVMEM_PAGE];

	sevmem_read(psp->config.memory, from.spa + offset, from.view, block, size);
	sevmem_write(psp->config.memory, to.spa + offset, to.view, block, size);
	sev_wipe(block, size);
}

/*
 * In pieces, so that any length costs no memory. A piece is read before it is written, and the
 * direction sees to it that no piece is written over one that is still to be read.
 */
static void transfer(struct psp *psp, struct end from, struct end to, uint64_t size)
{
	bool upwards = to.spa <= from.spa;

	for (uint64_t done = 0; done < size;) {
		size_t n = size - done < SEVMEM_PAGE ? (size_t)(size - done) : SEVMEM_PAGE;

		move(psp, from, to, upwards ? done : size - done - n, n);
		done += n;
	}
}

static uint16_t check_and_transfer(struct psp *psp, struct end from, struct end to, uint32_t length)
{
	if (length == 0 || length % 16)
		return PSP_INVALID_LENGTH;
	if (!psp_usable(psp, &from.spa, length, 16) || !psp_usable(psp, &to.spa, length, 16))
		return PSP_INVALID_ADDRESS;
	transfer(psp, from, to, length);
	return PSP_SUCCESS;
}

uint16_t psp_do_dbg_decrypt(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_dbg *cmd = buffer;

	return check_and_transfer(psp, (struct end) { cmd->src_paddr, guest->asid },
		(struct end) { cmd->dst_paddr, SEVMEM_RAW }, cmd->length);
}

uint16_t psp_do_dbg_encrypt(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_dbg *cmd = buffer;

	return check_and_transfer(psp, (struct end) { cmd->src_paddr, SEVMEM_RAW },
		(struct end) { cmd->dst_paddr, guest->asid }, cmd->length);
}

/* Ciphertext depends on its address: what is moved is encrypted anew. */
uint16_t psp_do_copy(struct psp *psp, struct psp_guest *guest, void *buffer)
{
	const struct psp_copy *cmd = buffer;

	return check_and_transfer(psp, (struct end) { cmd->src_paddr, guest->asid },
		(struct end) { cmd->dst_paddr, guest->asid }, cmd->length);
}
