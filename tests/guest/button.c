/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The power button of the ACPI controller, which somebody presses twice from outside: after the
 * first and after the second test has been reported (tests/cli/power-button.sh).
 */
#include "guest.h"

#define PM_BASE	   0xb000
#define PM1_STS	   PM_BASE
#define PM1_EN	   (PM_BASE + 2)
#define PWRBTN	   (1u << 8)
#define SCI	   10 /* where the south bridge sends PIRQA to */
#define SCI_LEVELS 0x4d1

static uint32_t config(unsigned function, unsigned reg)
{
	out32(0xcf8, 0x80000000 | 1 << 11 | function << 8 | reg);
	return in32(0xcfc);
}

static void set_config(unsigned function, unsigned reg, uint32_t value)
{
	config(function, reg);
	out32(0xcfc, value);
}

static uint16_t in16(uint16_t port)
{
	uint16_t value;

	asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void out16(uint16_t port, uint16_t value)
{
	asm volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

/* Whether the second interrupt controller has a request of the SCI. */
static bool sci_is_raised(void)
{
	out8(0xa0, 0x0a); /* read IRR */
	return in8(0xa0) >> (SCI - 8) & 1;
}

static void wait_for_press(void)
{
	while (!(in16(PM1_STS) & PWRBTN))
		asm volatile("pause");
}

static void controller_is_there(void)
{
	expect_equal(config(3, 0), 0x71138086);
	set_config(0, 0x60, (config(0, 0x60) & ~0xffu) | SCI);
	out8(SCI_LEVELS, in8(SCI_LEVELS) | 1 << (SCI - 8));
	set_config(3, 0x40, PM_BASE | 1);
	set_config(3, 0x80, 1);
	expect_equal(in16(PM1_STS) & PWRBTN, 0);
	expect_equal(in16(PM1_EN), 0);
	expect(!sci_is_raised());
}

static void press_without_interrupt(void)
{
	wait_for_press();
	expect(!sci_is_raised());
	out16(PM1_STS, PWRBTN); /* is cleared by writing 1 */
	expect_equal(in16(PM1_STS) & PWRBTN, 0);
}

static void press_with_interrupt(void)
{
	out16(PM1_EN, PWRBTN);
	wait_for_press();
	expect(sci_is_raised());
	out16(PM1_STS, PWRBTN);
	expect(!sci_is_raised());
	expect_equal(in16(PM1_STS) & PWRBTN, 0);
}

TESTS(TEST(controller_is_there), TEST(press_without_interrupt), TEST(press_with_interrupt));
