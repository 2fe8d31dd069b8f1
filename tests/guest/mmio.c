/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices answer behind both values of the C-bit: it is removed before an address is decoded. */
#include "guest.h"

#define LAPIC  ((void *)0xfee00000)
#define IOAPIC ((void *)0xfec00000)

static uint32_t lapic(const void *base, unsigned reg)
{
	return *(volatile uint32_t *)((uintptr_t)base + reg);
}

static void local_apic(void)
{
	volatile uint32_t *priority = (uint32_t *)((uintptr_t)LAPIC + 0x80);

	expect_equal(lapic(LAPIC, 0x30), lapic(shared(LAPIC), 0x30));
	expect_equal(lapic(LAPIC, 0x30) & 0xf0, 0x10);
	expect_equal(lapic(LAPIC, 0x20) >> 24, 0);
	*priority = 0x40;
	expect_equal(lapic(shared(LAPIC), 0x80), 0x40);
	*(volatile uint32_t *)shared((void *)priority) = 0x20;
	expect_equal(lapic(LAPIC, 0x80), 0x20);
	*priority = 0;
}

static uint32_t io_apic(void *select, void *window, uint32_t reg)
{
	*(volatile uint32_t *)select = reg;
	return *(volatile uint32_t *)((uintptr_t)window + 0x10);
}

static void io_apic_registers(void)
{
	uint32_t version = io_apic(IOAPIC, IOAPIC, 1);

	expect_equal(version >> 16 & 0xff, 23); /* 24 pins */
	expect_equal(io_apic(shared(IOAPIC), shared(IOAPIC), 1), version);
	expect_equal(io_apic(IOAPIC, shared(IOAPIC), 1), version);
	expect_equal(io_apic(shared(IOAPIC), IOAPIC, 1), version);
}

/* A plane of video memory, as linear bytes: sequencer and graphics controller set up for that. */
static void vga_mode(void)
{
	static const uint16_t sequencer[] = { 0x0300, 0x0102, 0x0604 };
	static const uint16_t graphics[] = { 0x0001, 0x0003, 0x0004, 0x0005, 0x0106, 0xff08 };

	out8(0x3c2, 0x63);
	for (unsigned i = 0; i < 3; i++) {
		out8(0x3c4, (uint8_t)sequencer[i]);
		out8(0x3c5, (uint8_t)(sequencer[i] >> 8));
	}
	for (unsigned i = 0; i < 6; i++) {
		out8(0x3ce, (uint8_t)graphics[i]);
		out8(0x3cf, (uint8_t)(graphics[i] >> 8));
	}
}

static void vga_hole(void)
{
	volatile uint8_t *private = (uint8_t *)0xa0000, *open = shared((void *)0xa0000);
	unsigned wrong = 0;

	vga_mode();
	for (unsigned i = 0; i < 256; i++) {
		private[i] = (uint8_t)i;
		wrong += open[i] != i;
		open[i] = (uint8_t)~i;
		wrong += private[i] != (uint8_t)~i;
	}
	expect_equal(wrong, 0);
}

/* Nothing answers there, whatever the view; the emulator must stand it. */
static void empty_addresses(void)
{
	static const uint64_t nowhere[] = { 0x04000000, 0x7ffff000, 0xd0000000, 0x100000000,
		0x2000000000, 0xfffffff000 };

	for (unsigned i = 0; i < sizeof(nowhere) / sizeof(*nowhere); i++) {
		volatile uint64_t *private = map_somewhere(nowhere[i] | c_bit, 1);
		volatile uint64_t *open = map_somewhere(nowhere[i], 1);

		private[1] = 1;
		open[1] = 2;
		expect_equal(private[1], ~0ull);
		expect_equal(open[1], ~0ull);
	}
}

TESTS(TEST(local_apic), TEST(io_apic_registers), TEST(vga_hole), TEST(empty_addresses));
