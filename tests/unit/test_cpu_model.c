/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CPUID Fn8000_001F and the registers around it. */
#include "tests/unit/unit.h"

#include "cpu/cpu_model.h"

static struct sev_cpu cpu(enum sev_type type)
{
	return (struct sev_cpu) { type, 51, 5, true, false };
}

static void leaf_is(struct sev_cpu c, uint32_t eax, uint32_t ebx)
{
	struct sev_cpuid leaf;

	sev_cpuid_1f(&c, &leaf);
	assert_int_equal(leaf.eax, eax);
	assert_int_equal(leaf.ebx, ebx);
	assert_int_equal(leaf.ecx, 0);
	assert_int_equal(leaf.edx, 0);
}

static void test_leaf(void **state)
{
	struct sev_cpu c = cpu(SEV_TYPE_SEV);

	(void)state;
	leaf_is(cpu(SEV_TYPE_NONE), 0, 0); /* nothing is promised */
	leaf_is(c, 0x402, 0x173);	   /* SEV, coherent; C-bit 51, 5 bits lost */
	c.coherent = false;
	leaf_is(c, 0x2, 0x173);
	c.cbitpos = 47;
	c.reduced_phys_bits = 1;
	leaf_is(c, 0x2, 0x6f);
	leaf_is(cpu(SEV_TYPE_SEV_ES), 0x40a, 0x173);
	leaf_is(cpu(SEV_TYPE_SEV_SNP), 0x41a, 0x173);
}

/* What Linux asks for before it offers /dev/sev; nothing of it without the Secure Processor. */
static void test_host(void **state)
{
	struct sev_cpu host = cpu(SEV_TYPE_NONE), guest = cpu(SEV_TYPE_SEV);
	struct sev_cpuid leaf;
	uint64_t value;

	(void)state;
	host.host = true;
	sev_cpuid_1f(&host, &leaf);
	assert_int_equal(leaf.eax, 0x40e); /* SEV, flush register, SEV-ES, coherent; no SME */
	assert_int_equal(leaf.ebx, 0x173);
	assert_int_equal(leaf.ecx, SEV_CPU_MAX_ASID);
	assert_int_equal(leaf.edx, SEV_CPU_HOST_MIN_ASID);
	assert_int_equal(sev_rdmsr(&host, MSR_AMD64_SYSCFG, &value), 1);
	assert_int_equal(value, 1 << 23);
	assert_int_equal(sev_rdmsr(&host, MSR_K7_HWCR, &value), 1);
	assert_int_equal(value & 1, 1);
	assert_int_equal(sev_rdmsr(&host, MSR_AMD64_SEV, &value), 1);
	assert_int_equal(value, 0);
	assert_int_equal(sev_wrmsr(&host, MSR_VM_PAGE_FLUSH, 0x1000), 1);
	assert_int_equal(sev_wrmsr(&guest, MSR_VM_PAGE_FLUSH, 0x1000), -1);
	guest.host = true; /* a guest stays one */
	leaf_is(guest, 0x402, 0x173);
	assert_int_equal(sev_rdmsr(&guest, MSR_AMD64_SYSCFG, &value), 1);
	assert_int_equal(value, 0);
}

static void test_status(void **state)
{
	static const uint64_t expected[] = { 0, 1, 3, 7 };
	uint64_t value;

	(void)state;
	for (unsigned type = SEV_TYPE_NONE; type <= SEV_TYPE_SEV_SNP; type++) {
		struct sev_cpu c = cpu((enum sev_type)type);

		assert_int_equal(sev_rdmsr(&c, MSR_AMD64_SEV, &value), 1);
		assert_int_equal(value, expected[type]);
		assert_int_equal(sev_wrmsr(&c, MSR_AMD64_SEV, 1), 0); /* #GP */
	}
}

static void test_others(void **state)
{
	struct sev_cpu c = cpu(SEV_TYPE_SEV);
	uint64_t value = 5;

	(void)state;
	assert_int_equal(sev_rdmsr(&c, MSR_AMD64_SYSCFG, &value), 1);
	assert_int_equal(value, 0);
	assert_int_equal(sev_wrmsr(&c, MSR_K7_HWCR, 1), 1);
	assert_int_equal(sev_rdmsr(&c, 0xc0010130, &value), -1); /* GHCB: not before SEV-ES */
	assert_int_equal(sev_wrmsr(&c, 0xc0010130, 0), -1);
}

static void test_brand(void **state)
{
	(void)state;
	assert_int_equal(sizeof(SEV_CPU_BRAND), 48);
	assert_non_null(strstr(SEV_CPU_BRAND, "EMULATED - NOT AMD"));
	assert_int_equal(SEV_CPU_SIGNATURE >> 20 & 0xff, 0x19 - 0xf); /* family 19h */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaf),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_brand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
