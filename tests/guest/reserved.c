/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reserved bits. The emulator has 40 physical address bits: in an entry, bits 40 to 51 fault, but
 * for the C-bit of a SEV guest. Without SEV the position of the C-bit is a bit like any other.
 */
#include "guest.h"

#define MSR_APIC_BASE	     0x1bu
#define MSR_MTRR_BASE(range) (0x200u + 2 * (range))
#define MSR_MTRR_MASK(range) (0x201u + 2 * (range))

static bool is_c(unsigned bit)
{
	return c_bit == 1ull << bit;
}

/* One bit more in the entry of this level; a read, a write and a fetch. */
static void probe(unsigned level, unsigned bit)
{
	uint8_t *page = page_new();
	uint8_t *linear = map_private(page);
	uint64_t *entry = table_entry((uintptr_t)linear, level);

	page[0] = 0xc3; /* ret */
	*entry |= 1ull << bit;
	if (is_c(bit)) {
		expect_no_fault(try_read(linear));
		expect_no_fault(try_call(linear));
		expect_no_fault(try_write(linear));
	} else {
		expect_fault(try_read(linear), PF, PF_P | PF_RSVD);
		expect_fault(try_call(linear), PF, PF_P | PF_RSVD | PF_I);
		expect_fault(try_write(linear), PF, PF_P | PF_RSVD | PF_W);
		expect_equal(try_read(linear + 5).address, (uintptr_t)linear + 5);
	}
	*entry &= ~(1ull << bit);
	if (is_c(bit) && level == 1)
		*entry |= c_bit;
	invlpg(linear);
	expect_no_fault(try_read(linear));
}

static void probe_level(unsigned level)
{
	for (unsigned bit = 40; bit < 52; bit++)
		probe(level, bit);
}

static void in_pte(void)
{
	probe_level(1);
}
static void in_pde(void)
{
	probe_level(2);
}
static void in_pdpte(void)
{
	probe_level(3);
}
static void in_pml4e(void)
{
	probe_level(4);
}

/* Large leaves, where 2 MiB and 1 GiB have reserved bits of their own. */
static void in_large_leaves(void)
{
	for (unsigned level = 2; level <= 3; level++)
		for (unsigned bit = 40; bit < 52; bit++) {
			uint8_t *linear = map_somewhere(1ull << bit, level);

			if (is_c(bit))
				expect_no_fault(try_read(linear));
			else
				expect_fault(try_read(linear), PF, PF_P | PF_RSVD);
			*table_entry((uintptr_t)linear, level) = 0;
		}
	expect_fault(try_read(map_somewhere(c_bit | 1 << 13, 2)), PF, PF_P | PF_RSVD);
	expect_fault(try_read(map_somewhere(c_bit | 1 << 21, 3)), PF, PF_P | PF_RSVD);
}

static void in_cr3(void)
{
	uintptr_t cr3 = READ_CR(3);

	for (unsigned bit = 40; bit < 52; bit++) {
		uint64_t value = cr3 | 1ull << bit;

		if (is_c(bit)) {
			expect_no_fault(try_write_cr3(value));
			expect_equal(READ_CR(3), value);
			WRITE_CR(3, cr3);
		} else {
			expect_fault(try_write_cr3(value), GP, 0);
			expect_equal(READ_CR(3), cr3);
		}
	}
}

static unsigned address_width(void)
{
	return cpuid(0x80000008, 0).eax & 0xff;
}

/* An MSR that holds an address, beside what it holds: bits from `legal` on are refused. */
static void probe_msr(uint32_t index, unsigned legal)
{
	uint64_t old = rdmsr(index);

	expect_no_fault(try_wrmsr(index, old));
	for (unsigned bit = 40; bit < 52; bit++) {
		uint64_t value = old | 1ull << bit;

		if (bit < legal) {
			expect_no_fault(try_wrmsr(index, value));
			expect_equal(rdmsr(index), value);
			wrmsr(index, old);
		} else {
			expect_fault(try_wrmsr(index, value), GP, 0);
			expect_equal(rdmsr(index), old);
		}
	}
}

/* The APIC's page is no access, so the C-bit has no meaning there. */
static void in_apic_base(void)
{
	probe_msr(MSR_APIC_BASE, 40);
}

/* Ranges are bare addresses as wide as CPUID says; a C-bit above that is no part of them. */
static void in_mtrrs(void)
{
	for (unsigned range = 0; range < 8; range++) {
		probe_msr(MSR_MTRR_BASE(range), address_width());
		probe_msr(MSR_MTRR_MASK(range), address_width());
	}
}

/* What firmware writes: every bit of the reported width. */
static void mtrr_mask_as_wide_as_reported(void)
{
	uint64_t mask = (1ull << address_width()) - 0x100000, valid = 1 << 11;

	expect_no_fault(try_wrmsr(MSR_MTRR_MASK(7), mask | valid));
	expect_equal(rdmsr(MSR_MTRR_MASK(7)), mask | valid);
	expect_no_fault(try_wrmsr(MSR_MTRR_MASK(7), 0));
}

/* The bit that would be the C-bit of a Milan or Naples guest, named: the runs without SEV need it.
 */
static void c_bit_is_as_configured(void)
{
	expect_equal(c_bit, configured->type ? 1ull << configured->cbitpos : 0);
}

TESTS(TEST(c_bit_is_as_configured), TEST(in_pte), TEST(in_pde), TEST(in_pdpte), TEST(in_pml4e),
	TEST(in_large_leaves), TEST(in_cr3), TEST(in_apic_base), TEST(in_mtrrs),
	TEST(mtrr_mask_as_wide_as_reported));
