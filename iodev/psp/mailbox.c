/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/psp/mailbox.h"

#include "iodev/psp/psp.h"

void psp_mailbox_reset(struct psp_mailbox *mailbox)
{
	mailbox->cmdresp = 0;
	mailbox->cmdbuff_lo = 0;
	mailbox->cmdbuff_hi = 0;
	mailbox->inten = 0;
	mailbox->intsts = 0;
}

static uint32_t read_register(const struct psp_mailbox *mailbox, uint32_t offset)
{
	switch (offset) {
	case PSP_REG_CMDRESP:
		return mailbox->cmdresp;
	case PSP_REG_CMDBUFF_LO:
		return mailbox->cmdbuff_lo;
	case PSP_REG_CMDBUFF_HI:
		return mailbox->cmdbuff_hi;
	case PSP_REG_BOOTLOADER_INFO:
		return 0xffffffff; /* no version: there is no boot loader */
	case PSP_REG_FEATURE:
		return PSP_FEATURE_SEV;
	case PSP_REG_INTEN:
		return mailbox->inten;
	case PSP_REG_INTSTS:
		return mailbox->intsts;
	default:
		return 0;
	}
}

uint64_t psp_mailbox_read(const struct psp_mailbox *mailbox, uint32_t offset, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++) {
		uint32_t at = offset + i, whole = read_register(mailbox, at & ~3u);

		value |= (uint64_t)(whole >> 8 * (at & 3) & 0xff) << 8 * i;
	}
	return value;
}

/* The response first, then the interrupt: the handler looks for it. */
static void finish(struct psp_mailbox *mailbox, uint32_t command, uint16_t status)
{
	mailbox->cmdresp = PSP_CMDRESP_RESPONSE | (command & PSP_CMDRESP_ID) | status;
	if (!(command & PSP_CMDRESP_IOC) || !(mailbox->inten & PSP_INT_SEV))
		return;
	mailbox->intsts |= PSP_INT_SEV;
	if (mailbox->interrupt)
		mailbox->interrupt(mailbox->ctx);
}

static void start(struct psp_mailbox *mailbox, uint32_t command)
{
	uint64_t buffer = (uint64_t)mailbox->cmdbuff_hi << 32 | mailbox->cmdbuff_lo;
	uint32_t id = (command & PSP_CMDRESP_ID) >> PSP_CMDRESP_ID_SHIFT;

	uint16_t status;

	psp_set_caller(mailbox->psp, "mailbox");
	status = psp_command(mailbox->psp, id, buffer);
	psp_set_caller(mailbox->psp, NULL);
	finish(mailbox, command, status);
}

bool psp_mailbox_write(struct psp_mailbox *mailbox, uint32_t offset, unsigned size, uint64_t value)
{
	uint32_t word = (uint32_t)value;

	if (size != 4 || offset % 4)
		return false;
	switch (offset) {
	case PSP_REG_CMDRESP:
		start(mailbox, word);
		break;
	case PSP_REG_CMDBUFF_LO:
		mailbox->cmdbuff_lo = word;
		break;
	case PSP_REG_CMDBUFF_HI:
		mailbox->cmdbuff_hi = word;
		break;
	case PSP_REG_INTEN:
		mailbox->inten = word;
		break;
	case PSP_REG_INTSTS:
		mailbox->intsts &= ~word; /* write 1 to clear */
		break;
	}
	return true;
}
