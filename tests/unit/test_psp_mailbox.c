/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The chip's registers, without PCI around them. */
#include "tests/unit/unit.h"

#include "iodev/psp/mailbox.h"
#include "tests/psp_rig.h"

static struct rig *rig;
static struct psp_mailbox mailbox;
static unsigned interrupts;
static uint32_t response_at_interrupt;

static void count_interrupt(void *ctx)
{
	struct psp_mailbox *of = ctx;

	interrupts++;
	response_at_interrupt = of->cmdresp;
}

static int setup(void **state)
{
	(void)state;
	rig = rig_new();
	mailbox = (struct psp_mailbox) {
		.psp = rig->psp,
		.interrupt = count_interrupt,
		.ctx = &mailbox,
	};
	psp_mailbox_reset(&mailbox);
	interrupts = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_free(rig);
	return 0;
}

static uint32_t get(uint32_t offset)
{
	return (uint32_t)psp_mailbox_read(&mailbox, offset, 4);
}

static void set(uint32_t offset, uint32_t value)
{
	assert_true(psp_mailbox_write(&mailbox, offset, 4, value));
}

static uint32_t command(uint32_t id, uint64_t buffer, uint32_t ioc)
{
	set(PSP_REG_CMDBUFF_LO, (uint32_t)buffer);
	set(PSP_REG_CMDBUFF_HI, (uint32_t)(buffer >> 32));
	set(PSP_REG_CMDRESP, id << PSP_CMDRESP_ID_SHIFT | ioc);
	return get(PSP_REG_CMDRESP);
}

static void test_identity(void **state)
{
	(void)state;
	assert_int_equal(get(PSP_REG_FEATURE), PSP_FEATURE_SEV);
	assert_int_equal(get(PSP_REG_BOOTLOADER_INFO), 0xffffffff);
	assert_int_equal(get(0x10544), 0); /* no other mailbox */
	assert_int_equal(get(0), 0);
	assert_int_equal(get(PSP_MAILBOX_SIZE - 4), 0);
	set(PSP_REG_FEATURE, 0);
	assert_int_equal(get(PSP_REG_FEATURE), PSP_FEATURE_SEV);
}

static void test_command(void **state)
{
	struct psp_platform_status status;

	(void)state;
	assert_int_equal(command(PSP_CMD_PLATFORM_STATUS, RIG_BUFFER, 0),
		PSP_CMDRESP_RESPONSE | PSP_CMD_PLATFORM_STATUS << 16);
	rig_get(rig, RIG_BUFFER, SEVMEM_RAW, &status, sizeof(status));
	assert_int_equal(status.api_major, 1);
	/* The driver reads the address again after a failure. */
	assert_int_equal(command(PSP_CMD_PLATFORM_STATUS, 1ull << 40 | 0x10, 0) & 0xffff,
		PSP_INVALID_ADDRESS);
	assert_int_equal(get(PSP_REG_CMDBUFF_LO), 0x10);
	assert_int_equal(get(PSP_REG_CMDBUFF_HI), 0x100);
}

/* Bits beside command and interrupt are no part of either, and never come back. */
static void test_unknown_bits(void **state)
{
	(void)state;
	assert_int_equal(command(PSP_CMD_NOP, 0, 0xf800fffe), PSP_CMDRESP_RESPONSE | 0x0e << 16);
	assert_int_equal(command(0x7ff, 0, PSP_CMDRESP_IOC),
		PSP_CMDRESP_RESPONSE | 0x7ff << 16 | PSP_INVALID_COMMAND);
}

static void test_interrupt(void **state)
{
	(void)state;
	command(PSP_CMD_NOP, 0, PSP_CMDRESP_IOC);
	assert_int_equal(interrupts, 0); /* not enabled */
	assert_int_equal(get(PSP_REG_INTSTS), 0);
	set(PSP_REG_INTEN, PSP_INT_SEV);
	command(PSP_CMD_NOP, 0, 0);
	assert_int_equal(interrupts, 0); /* not asked for */
	command(PSP_CMD_NOP, 0, PSP_CMDRESP_IOC);
	assert_int_equal(interrupts, 1);
	assert_int_equal(response_at_interrupt, PSP_CMDRESP_RESPONSE | 0x0e << 16);
	assert_int_equal(get(PSP_REG_INTSTS), PSP_INT_SEV);
	set(PSP_REG_INTSTS, ~PSP_INT_SEV);
	assert_int_equal(get(PSP_REG_INTSTS), PSP_INT_SEV);
	set(PSP_REG_INTSTS, PSP_INT_SEV);
	assert_int_equal(get(PSP_REG_INTSTS), 0);
	mailbox.interrupt = NULL;
	command(PSP_CMD_NOP, 0, PSP_CMDRESP_IOC);
	assert_int_equal(get(PSP_REG_INTSTS), PSP_INT_SEV);
}

static void test_widths(void **state)
{
	(void)state;
	set(PSP_REG_CMDBUFF_LO, 0x44332211);
	set(PSP_REG_CMDBUFF_HI, 0x88776655);
	assert_int_equal(psp_mailbox_read(&mailbox, PSP_REG_CMDBUFF_LO, 8), 0x8877665544332211);
	assert_int_equal(psp_mailbox_read(&mailbox, PSP_REG_CMDBUFF_LO + 1, 2), 0x3322);
	assert_int_equal(psp_mailbox_read(&mailbox, PSP_REG_CMDBUFF_LO + 3, 1), 0x44);
	assert_false(psp_mailbox_write(&mailbox, PSP_REG_CMDBUFF_LO, 8, 0));
	assert_false(psp_mailbox_write(&mailbox, PSP_REG_CMDBUFF_LO, 1, 0));
	assert_false(psp_mailbox_write(&mailbox, PSP_REG_CMDBUFF_LO + 2, 4, 0));
	assert_int_equal(get(PSP_REG_CMDBUFF_LO), 0x44332211);
	/* At the end of the window and of the address space. */
	assert_int_equal(psp_mailbox_read(&mailbox, PSP_MAILBOX_SIZE - 1, 8), 0);
	assert_int_equal(psp_mailbox_read(&mailbox, UINT32_MAX, 8), 0);
}

static void test_reset(void **state)
{
	(void)state;
	set(PSP_REG_INTEN, 2);
	command(PSP_CMD_NOP, 0x1000, PSP_CMDRESP_IOC);
	psp_mailbox_reset(&mailbox);
	assert_int_equal(get(PSP_REG_CMDRESP), 0);
	assert_int_equal(get(PSP_REG_CMDBUFF_LO), 0);
	assert_int_equal(get(PSP_REG_INTEN), 0);
	assert_int_equal(get(PSP_REG_INTSTS), 0);
	assert_int_equal(command(PSP_CMD_NOP, 0, 0), PSP_CMDRESP_RESPONSE | 0x0e << 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_identity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_command, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_bits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_interrupt, setup, teardown),
		cmocka_unit_test_setup_teardown(test_widths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reset, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
