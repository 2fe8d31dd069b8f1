/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the processor says of itself, with and without SEV: CPUID, SEV_STATUS, random numbers. */
#include "guest.h"

static void sev_leaf(void)
{
	struct cpuid c = cpuid(0x8000001f, 0);

	if (!configured->type) {
		expect_equal(c.eax | c.ebx | c.ecx | c.edx, 0);
		return;
	}
	expect_equal(c.eax, 1u << 1 | (uint32_t)configured->coherent << 10);
	expect_equal(c.ebx, configured->cbitpos | (uint32_t)configured->reduced_phys_bits << 6);
	expect_equal(c.ecx, 0);
	expect_equal(c.edx, 0);
}

static void extended_leaves(void)
{
	expect(cpuid(0x80000000, 0).eax >= 0x8000001f);
	expect_equal(cpuid(0x80000008, 0).eax & 0xff, 48);
	expect_equal(cpuid(0x80000008, 0).eax >> 8 & 0xff, 48);
}

static void vendor_and_family(void)
{
	struct cpuid c = cpuid(0, 0);
	uint32_t signature = cpuid(1, 0).eax;

	expect_equal(c.ebx, 0x68747541); /* Auth enti cAMD */
	expect_equal(c.edx, 0x69746e65);
	expect_equal(c.ecx, 0x444d4163);
	expect_equal(signature >> 8 & 15, 15);
	expect_equal((signature >> 8 & 15) + (signature >> 20 & 255), 0x19);
	expect_equal(cpuid(0x80000001, 0).eax, signature);
}

static void hypervisor_bit(void)
{
	expect_equal(cpuid(1, 0).ecx >> 31, configured->type != 0);
}

static void sev_status(void)
{
	uint64_t value = rdmsr(MSR_SEV_STATUS);

	expect_equal(value, configured->type ? 1 : 0);
	expect_fault(try_wrmsr(MSR_SEV_STATUS, value), GP, 0);
	expect_fault(try_wrmsr(MSR_SEV_STATUS, 3), GP, 0);
	expect_equal(rdmsr(MSR_SEV_STATUS), value);
}

/* Linux reads them as soon as it sees SEV. */
static void registers_beside_it(void)
{
	expect_equal(rdmsr(0xc0010010) >> 23 & 1, 0); /* SYSCFG: the guest is no SME host */
	rdmsr(0xc0010015);			      /* HWCR */
}

#define RANDOM(instruction)                                                      \
	({                                                                       \
		uint64_t value_;                                                 \
		bool carry_;                                                     \
		asm volatile(instruction " %0" : "=r"(value_), "=@ccc"(carry_)); \
		expect(carry_);                                                  \
		value_;                                                          \
	})

/* Always there, never the same. */
static void random_numbers(void)
{
	uint64_t last = 0, ones = 0, zeros = 0;

	expect(cpuid(1, 0).ecx >> 30 & 1);
	expect(cpuid(7, 0).ebx >> 18 & 1);
	for (unsigned i = 0; i < 100; i++) {
		uint64_t value = i & 1 ? RANDOM("rdrand") : RANDOM("rdseed");

		expect(value != last);
		last = value;
		ones |= value;
		zeros |= ~value;
	}
	expect_equal(ones & zeros, ~0ull);
}

TESTS(TEST(sev_leaf), TEST(extended_leaves), TEST(vendor_and_family), TEST(hypervisor_bit),
	TEST(sev_status), TEST(registers_beside_it), TEST(random_numbers));
