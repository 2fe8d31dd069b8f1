/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The chip's registers as a driver sees them in its PCI function: command, buffer address, status,
 * interrupt. Knows nothing of PCI and of who maps it.
 *
 * A command runs to its end within the write that starts it, so that no two ever overlap; the
 * interrupt follows its response.
 *
 * Source: the public driver interface, Linux drivers/crypto/ccp (sp-pci.c, psp-dev.h, sev-dev.h):
 * the register set of EPYC 9004 ("Genoa"), whose function has no other engine beside the SEV
 * mailbox. Registers of engines that it could have read as 0.
 */
#ifndef SEV_PSP_MAILBOX_H
#define SEV_PSP_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct psp;

#define PSP_PCI_VENDOR 0x1022
#define PSP_PCI_DEVICE 0x14ca
#define PSP_PCI_CLASS  0x108000 /* encryption controller */
#define PSP_PCI_BAR    2

#define PSP_MAILBOX_SIZE 0x100000u /* bytes of the register window */

/* Offsets in the window; all registers are 32 bits wide. */
enum psp_mailbox_register {
	PSP_REG_CMDRESP = 0x10980,
	PSP_REG_CMDBUFF_LO = 0x109e0,
	PSP_REG_CMDBUFF_HI = 0x109e4,
	PSP_REG_BOOTLOADER_INFO = 0x109ec,
	PSP_REG_FEATURE = 0x109fc,
	PSP_REG_INTEN = 0x10690,
	PSP_REG_INTSTS = 0x10694,
};

#define PSP_CMDRESP_IOC	     0x00000001u /* written: interrupt when done */
#define PSP_CMDRESP_STATUS   0x0000ffffu /* read: enum psp_status */
#define PSP_CMDRESP_ID	     0x07ff0000u
#define PSP_CMDRESP_ID_SHIFT 16
#define PSP_CMDRESP_RESPONSE 0x80000000u /* read: the command has ended */

#define PSP_FEATURE_SEV 0x00000001u
#define PSP_INT_SEV	0x00000002u /* of INTEN, INTSTS: a SEV command has ended */

struct psp_mailbox {
	struct psp *psp;
	/* Sends the function's interrupt message. May be NULL. */
	void (*interrupt)(void *ctx);
	void *ctx;

	uint32_t cmdresp, cmdbuff_lo, cmdbuff_hi;
	uint32_t inten, intsts;
};

/* As after power-on; psp, interrupt and ctx stay. */
void psp_mailbox_reset(struct psp_mailbox *mailbox);

/*
 * One access of size bytes, 1, 2, 4 or 8, at any offset. Reads give those bytes of the registers.
 * Only aligned writes of 4 bytes reach a register, as a driver makes them; returns false for any
 * other, which changes nothing.
 */
uint64_t psp_mailbox_read(const struct psp_mailbox *mailbox, uint32_t offset, unsigned size);
bool psp_mailbox_write(struct psp_mailbox *mailbox, uint32_t offset, unsigned size, uint64_t value);

#ifdef __cplusplus
}
#endif
#endif
