/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the processor of a SEV machine says of itself: pure data, no emulator.
 */
#ifndef SEV_CPU_MODEL_H
#define SEV_CPU_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sev_type { SEV_TYPE_NONE, SEV_TYPE_SEV, SEV_TYPE_SEV_ES, SEV_TYPE_SEV_SNP };

struct sev_cpu {
	enum sev_type type;	    /* what the guest is; NONE: nothing of SEV is announced */
	unsigned cbitpos;	    /* 40..51 */
	unsigned reduced_phys_bits; /* 1..63 */
	bool coherent;		    /* HwEnfCacheCoh is announced */
	bool host; /* with NONE: what EPYC tells a hypervisor, as firmware has set it up */
};

/* The processor of this machine. Set by the `sev:` directive before the processors are made. */
extern struct sev_cpu sev_cpu;

struct sev_cpuid {
	uint32_t eax, ebx, ecx, edx;
};

/* Family 19h, model 01h, stepping 1: EPYC 7003 "Milan" (CPUID Fn0000_0001 EAX). */
#define SEV_CPU_SIGNATURE 0x00a00f11u
/* Reported physical address bits; Bochs implements 40, entries with bits 40 and up set fault. */
#define SEV_CPU_PHYS_BITS 48
#define SEV_CPU_BRAND	  "AMD EPYC 7003 Milan (EMULATED - NOT AMD)       "

/* Number of ASIDs, as on Milan (CPUID Fn8000_001F ECX). */
#define SEV_CPU_MAX_ASID      509
/* Lowest ASID of a guest without ES (EDX): firmware set-up splits them, a single guest needs none.
 */
#define SEV_CPU_MIN_ASID      1
#define SEV_CPU_HOST_MIN_ASID 100

/*
 * Fn8000_001F as a guest of this type reads it (APM volume 3, E.4.17): EAX has the bits of its own
 * type and below, EBX the C-bit and the reduction, ECX and EDX are 0 as under QEMU and KVM. A host
 * reads what its processor and Secure Processor offer to guests. Encryption of its own memory (SME)
 * is not there, so not announced.
 */
void sev_cpuid_1f(const struct sev_cpu *cpu, struct sev_cpuid *leaf);

#define MSR_AMD64_SEV	    0xc0010131u /* SEV_STATUS: read only, never faults */
#define MSR_AMD64_SYSCFG    0xc0010010u
#define MSR_K7_HWCR	    0xc0010015u
#define MSR_VM_PAGE_FLUSH   0xc001011eu
#define MSR_AMD64_DE_CFG    0xc0011029u
#define MSR_AMD_PATCH_LEVEL 0x8bu

/*
 * Model-specific registers that Bochs itself does not know.
 * Returns 1: *value is set; 0: #GP; -1: not ours (Bochs decides).
 */
int sev_rdmsr(const struct sev_cpu *cpu, uint32_t index, uint64_t *value);
/* Returns 1: done (or ignored, as a hypervisor would); 0: #GP; -1: not ours. */
int sev_wrmsr(const struct sev_cpu *cpu, uint32_t index, uint64_t value);

#ifdef __cplusplus
}
#endif
#endif
