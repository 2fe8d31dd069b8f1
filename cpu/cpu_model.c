/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CPUID Fn8000_001F and the registers around it, for a guest and for a host of guests. */
#include "cpu/cpu_model.h"

struct sev_cpu sev_cpu = { SEV_TYPE_NONE, 51, 1, true, false };

enum {
	FN1F_SEV = 1u << 1,
	FN1F_PAGE_FLUSH = 1u << 2,
	FN1F_ES = 1u << 3,
	FN1F_SNP = 1u << 4,
	FN1F_COHERENT = 1u << 10,
};

static bool is_host(const struct sev_cpu *cpu)
{
	return cpu->type == SEV_TYPE_NONE && cpu->host;
}

static uint32_t host_features(void)
{
	return FN1F_SEV | FN1F_PAGE_FLUSH | FN1F_ES;
}

static uint32_t guest_features(const struct sev_cpu *cpu)
{
	uint32_t eax = FN1F_SEV;

	if (cpu->type >= SEV_TYPE_SEV_ES)
		eax |= FN1F_ES;
	if (cpu->type >= SEV_TYPE_SEV_SNP)
		eax |= FN1F_SNP;
	return eax;
}

void sev_cpuid_1f(const struct sev_cpu *cpu, struct sev_cpuid *leaf)
{
	*leaf = (struct sev_cpuid) { 0, 0, 0, 0 };
	if (cpu->type == SEV_TYPE_NONE && !cpu->host)
		return;
	leaf->eax = is_host(cpu) ? host_features() : guest_features(cpu);
	if (cpu->coherent)
		leaf->eax |= FN1F_COHERENT;
	leaf->ebx = cpu->cbitpos | cpu->reduced_phys_bits << 6;
	if (is_host(cpu)) {
		leaf->ecx = SEV_CPU_MAX_ASID;
		leaf->edx = SEV_CPU_HOST_MIN_ASID;
	}
}

/* SEV_STATUS bits 0, 1, 2: SEV, SEV-ES, SNP active (APM volume 2, 15.34.10). */
static uint64_t sev_status(const struct sev_cpu *cpu)
{
	return (1u << cpu->type) - 1;
}

/*
 * What firmware has set up before a hypervisor runs, and Linux asks for before it offers SEV:
 * MemEncryptionModEn (APM volume 2, 7.10) and SmmLock, beside TscFreqSel (PPR, MSRC001_0015).
 */
#define SYSCFG_MEM_ENCRYPTION (1u << 23)
#define HWCR_SMM_LOCK	      (1u << 0)
#define HWCR_TSC_FREQ_SEL     (1u << 24)

int sev_rdmsr(const struct sev_cpu *cpu, uint32_t index, uint64_t *value)
{
	switch (index) {
	case MSR_AMD64_SEV:
		*value = sev_status(cpu);
		return 1;
	/* A guest reads 0 where its hypervisor shows nothing of the host's set-up. */
	case MSR_AMD64_SYSCFG:
		*value = is_host(cpu) ? SYSCFG_MEM_ENCRYPTION : 0;
		return 1;
	case MSR_K7_HWCR:
		*value = is_host(cpu) ? HWCR_SMM_LOCK | HWCR_TSC_FREQ_SEL : 0;
		return 1;
	case MSR_AMD_PATCH_LEVEL:
		*value = 0;
		return 1;
	case MSR_AMD64_DE_CFG:
		*value = 1u << 1; /* LFENCE is serialising */
		return 1;
	default:
		return -1;
	}
}

int sev_wrmsr(const struct sev_cpu *cpu, uint32_t index, uint64_t value)
{
	(void)value;
	switch (index) {
	case MSR_AMD64_SEV:
		return 0;
	case MSR_VM_PAGE_FLUSH: /* nothing is cached that could be flushed */
		return is_host(cpu) ? 1 : -1;
	case MSR_AMD64_SYSCFG:
	case MSR_K7_HWCR:
	case MSR_AMD_PATCH_LEVEL:
	case MSR_AMD64_DE_CFG:
		return 1;
	default:
		return -1;
	}
}
