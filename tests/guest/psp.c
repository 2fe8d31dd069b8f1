/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Secure Processor as a host's driver meets it: PCI function, registers, interrupt, commands,
 * and the write-back of caches it waits for. On one processor, and on two.
 */
#include "guest.h"

/* ---- The processor ------------------------------------------------------------------------ */

static void host_leaf(void)
{
	struct cpuid c = cpuid(0x8000001f, 0);

	expect_equal(c.eax, 1u << 1 | 1u << 2 | 1u << 3 | 1u << 10); /* SEV, flush, ES, coherent */
	expect_equal(c.ebx, 51 | 1u << 6);
	expect_equal(c.ecx, 509);
	expect_equal(c.edx, 100);
	expect_equal(cpuid(1, 0).ecx >> 31, 0); /* no hypervisor below it */
}

static void host_registers(void)
{
	expect_equal(rdmsr(0xc0010010), 1u << 23);	     /* SYSCFG: MemEncryptionModEn */
	expect_equal(rdmsr(0xc0010015), 1u << 0 | 1u << 24); /* HWCR: SmmLock, TscFreqSel */
	expect_equal(rdmsr(MSR_SEV_STATUS), 0);
	expect_fault(try_wrmsr(MSR_SEV_STATUS, 1), GP, 0);
	expect_no_fault(try_wrmsr(0xc001011e, 0x1000)); /* VM_PAGE_FLUSH */
}

/* ---- The function ------------------------------------------------------------------------- */

#define WINDOW	0xc8000000u
#define CAP_MSI 0x05

static unsigned slot, msi;

static void select(unsigned reg)
{
	out32(0xcf8, 0x80000000 | slot << 11 | (reg & ~3u));
}

static uint32_t config(unsigned reg)
{
	select(reg);
	return in32(0xcfc);
}

static void set_config(unsigned reg, uint32_t value)
{
	select(reg);
	out32(0xcfc, value);
}

static void function_is_found(void)
{
	for (slot = 1; slot < 32 && config(0) != 0x14ca1022; slot++)
		;
	expect(slot < 32);
	expect_equal(config(0x08) >> 8, 0x108000);
	expect_equal(config(0x04) >> 20 & 1, 1); /* has capabilities */
	msi = config(0x34) & 0xff;
	expect_equal(config(msi) & 0xffff, CAP_MSI); /* and no other after it */
	expect_equal(config(msi) >> 16, 0x80);	     /* 64-bit address, one vector, off */
}

static void only_one_window(void)
{
	for (unsigned bar = 0; bar < 6; bar++) {
		set_config(0x10 + 4 * bar, 0xffffffff);
		expect_equal(config(0x10 + 4 * bar), bar == 2 ? 0xfff00000 : 0);
	}
	set_config(0x18, WINDOW);
	expect_equal(config(0x18), WINDOW);
}

/* What is no register of ours keeps what it has. */
static void other_configuration_stays(void)
{
	uint32_t before = config(0x08);

	set_config(0x00, 0xffffffff);
	set_config(0x08, 0xffffffff);
	set_config(0x34, 0xffffffff);
	set_config(msi, 0);
	expect_equal(config(0x00), 0x14ca1022);
	expect_equal(config(0x08), before);
	expect_equal(config(0x34) & 0xff, msi);
	expect_equal(config(msi) & 0xffff, CAP_MSI);
}

/* ---- The registers ------------------------------------------------------------------------ */

#define CMDRESP	   0x10980
#define CMDBUFF_LO 0x109e0
#define CMDBUFF_HI 0x109e4
#define FEATURE	   0x109fc
#define INTEN	   0x10690
#define INTSTS	   0x10694
#define IOC	   1u
#define RESPONSE   0x80000000u

static volatile uint32_t *reg(unsigned offset)
{
	return (volatile uint32_t *)(uintptr_t)(WINDOW + offset);
}

static uint32_t command(unsigned id, uint64_t buffer, uint32_t ioc)
{
	*reg(CMDBUFF_LO) = (uint32_t)buffer;
	*reg(CMDBUFF_HI) = (uint32_t)(buffer >> 32);
	*reg(CMDRESP) = id << 16 | ioc;
	for (unsigned i = 0; i < 1000 && !(*reg(CMDRESP) & RESPONSE); i++)
		;
	return *reg(CMDRESP);
}

/* Status of a command whose buffer is at p. */
static uint32_t run(unsigned id, const void *p)
{
	return command(id, physical(p), 0) & 0xffff;
}

static void window_opens(void)
{
	set_config(0x04, 0);
	expect_equal(*reg(FEATURE), 0xffffffff);
	set_config(0x04, 6);
	expect_equal(config(0x04) & 0xffff, 6);
	expect_equal(*reg(FEATURE), 1);
	expect_equal(*reg(0), 0);
	expect_equal(*reg(0xffffc), 0);
}

static void parts_of_registers(void)
{
	volatile uint8_t *bytes = (volatile uint8_t *)reg(CMDBUFF_LO);

	*reg(CMDBUFF_LO) = 0x12345678;
	expect_equal(bytes[1], 0x56);
	expect_equal(*(volatile uint16_t *)(bytes + 2), 0x1234);
	bytes[0] = 0xff;
	*(volatile uint16_t *)bytes = 0xffff;
	expect_equal(*reg(CMDBUFF_LO), 0x12345678);
}

#define NOP	   0x0e
#define STATUS	   0x04
#define INIT	   0x01
#define SHUTDOWN   0x02
#define DF_FLUSH   0x0a
#define DECOMM	   0x20
#define ACTIVATE   0x21
#define DEACTIVATE 0x22
#define START	   0x30
#define UPDATE	   0x31

static void commands_answer(void)
{
	uint8_t *status = page_new();

	expect_equal(command(NOP, 0, 0), RESPONSE | NOP << 16);
	expect_equal(command(0x7f, 0, 0), RESPONSE | 0x7f << 16 | 0x11); /* INVALID_COMMAND */
	expect_equal(run(STATUS, status), 0);
	expect_equal(status[0], 1);
	expect_equal(status[1], 55);
	expect_equal(status[2], 0);
}

static void bad_buffers(void)
{
	const uint64_t ram = 64u << 20, odd = physical(page_new()) + 1;

	expect_equal(command(STATUS, ram, 0) & 0xffff, 9); /* INVALID_ADDRESS */
	expect_equal(command(STATUS, ram - 4, 0) & 0xffff, 9);
	expect_equal(command(STATUS, ~7ull, 0) & 0xffff, 9);
	expect_equal(command(STATUS, WINDOW + CMDBUFF_LO, 0) & 0xffff, 9);
	expect_equal(command(STATUS, 0xb8000, 0) & 0xffff, 9);
	expect_equal(command(STATUS, 0xfffff000, 0) & 0xffff, 9);   /* ROM */
	expect_equal(command(STATUS, 0xfd00000000, 0) & 0xffff, 9); /* a launch's buffers */
	expect_equal(command(STATUS, 1ull << 51 | ram, 0) & 0xffff, 9);
	expect_equal(command(STATUS, 1ull << 51 | odd, 0) & 0xffff, 0); /* the C-bit is ignored */
}

/* ---- The interrupt ------------------------------------------------------------------------ */

#define LAPIC_SPURIOUS (*(volatile uint32_t *)0xfee000f0)
#define VECTOR	       0x61u

static bool pending(unsigned vector)
{
	volatile uint32_t *irr = (volatile uint32_t *)(0xfee00200ull + vector / 32 * 16);

	return *irr >> vector % 32 & 1;
}

/* Interrupts stay off: one that has come stays pending, so each vector can be seen once. */
static void set_message(unsigned vector, bool on)
{
	uint32_t id = *(volatile uint32_t *)0xfee00020 >> 24;

	set_config(msi + 4, 0xfee00000 | id << 12);
	set_config(msi + 8, 0);
	set_config(msi + 12, vector);
	set_config(msi, on ? 1u << 16 : 0);
}

static void interrupt_asked_for(void)
{
	LAPIC_SPURIOUS = 0x1ff;
	set_message(VECTOR, true);
	*reg(INTEN) = 0;
	*reg(INTSTS) = 0xffffffff;
	command(NOP, 0, IOC);
	expect_equal(*reg(INTSTS), 0);
	*reg(INTEN) = 0xffffffff;
	command(NOP, 0, 0);
	expect_equal(*reg(INTSTS), 0);
	expect(!pending(VECTOR));
	expect_equal(command(NOP, 0, IOC), RESPONSE | NOP << 16); /* IOC is not read as status */
	expect_equal(*reg(INTSTS), 2);
	expect(pending(VECTOR));
	*reg(INTSTS) = 1;
	expect_equal(*reg(INTSTS), 2);
	*reg(INTSTS) = 2;
	expect_equal(*reg(INTSTS), 0);
}

static void interrupt_not_sent(void)
{
	set_message(VECTOR + 1, false);
	command(NOP, 0, IOC);
	expect(!pending(VECTOR + 1));
	set_message(VECTOR + 1, true);
	set_config(0x04, 2); /* no bus master */
	command(NOP, 0, IOC);
	expect(!pending(VECTOR + 1));
	set_config(0x04, 6);
	set_config(msi + 4, 0x00100000); /* no interrupt message */
	command(NOP, 0, IOC);
	set_config(msi + 8, 1);
	command(NOP, 0, IOC);
	expect(!pending(VECTOR + 1));
	set_message(VECTOR + 1, true);
	command(NOP, 0, IOC);
	expect(pending(VECTOR + 1));
}

/* ---- Caches ------------------------------------------------------------------------------- */

static volatile bool second_is_up, second_flush, second_done;

static void second_processor(void)
{
	second_is_up = true;
	while (!second_flush)
		asm volatile("pause");
	asm volatile("wbinvd");
	second_done = true;
}

/* A second processor, if the machine has one. */
static bool start_second(void)
{
	if (configured->processors < 2)
		return false;
	start_processor(second_processor, (uint8_t *)page_new() + PAGE);
	for (unsigned i = 0; i < 10000000 && !second_is_up; i++)
		asm volatile("pause");
	expect(second_is_up);
	return true;
}

static void flush_needs_every_processor(void)
{
	uint8_t *buffer = page_new();
	bool two = start_second();

	expect_equal(run(DF_FLUSH, buffer), 1); /* INVALID_PLATFORM_STATE */
	expect_equal(run(INIT, buffer), 0);
	expect_equal(run(DF_FLUSH, buffer), 0x0e); /* WBINVD_REQUIRED */
	asm volatile("wbinvd");
	if (two) {
		expect_equal(run(DF_FLUSH, buffer), 0x0e);
		second_flush = true;
		while (!second_done)
			asm volatile("pause");
	}
	expect_equal(run(DF_FLUSH, buffer), 0);
}

/* ---- A guest ------------------------------------------------------------------------------ */

/* Code and data of the host, and pages of a guest, side by side. */
static void page_becomes_a_guests(void)
{
	uint32_t *buffer = page_new();
	uint8_t *page = page_new(), *beside = page_new(), *plain = page_new();
	uint32_t handle;

	fill(page, PAGE, 1);
	fill(beside, PAGE, 2);
	memcpy(plain, page, PAGE);
	memset(buffer, 0, PAGE);
	expect_equal(run(START, buffer), 0);
	handle = buffer[0];
	buffer[1] = 99; /* for guests with SEV-ES */
	expect_equal(run(ACTIVATE, buffer), 0x0d);
	buffer[1] = 100;
	expect_equal(run(ACTIVATE, buffer), 0);
	memset(buffer, 0, PAGE);
	buffer[0] = handle;
	buffer[2] = (uint32_t)physical(page);
	buffer[4] = PAGE;
	expect_equal(run(UPDATE, buffer), 0);
	expect_equal(blocks_differ(page, plain, PAGE), BLOCKS);
	expect(filled(beside, PAGE, 2));
	expect_equal(run(DEACTIVATE, buffer), 0);
	expect_equal(blocks_differ(page, plain, PAGE), BLOCKS); /* the key went, the bytes stay */
	expect_equal(run(DECOMM, buffer), 0);
	expect_equal(run(SHUTDOWN, buffer), 0);
}

TESTS(TEST(host_leaf), TEST(host_registers), TEST(function_is_found), TEST(only_one_window),
	TEST(other_configuration_stays), TEST(window_opens), TEST(parts_of_registers),
	TEST(commands_answer), TEST(bad_buffers), TEST(interrupt_asked_for),
	TEST(interrupt_not_sent), TEST(flush_needs_every_processor), TEST(page_becomes_a_guests));
