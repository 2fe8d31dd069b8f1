/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The initial VMSA of a SEV-ES vCPU: the page that LAUNCH_UPDATE_VMSA encrypts and measures, once
 * per vCPU in the order of their indices, after everything else.
 *
 * What it holds is the state of a processor at reset as QEMU and KVM hand it over. Field offsets:
 * APM volume 2, table B-4; values: QEMU target/i386/cpu.c, Linux arch/x86/kvm/svm.
 */
#ifndef BIOS_VMSA_H
#define BIOS_VMSA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VMSA_SIZE 4096

/* By which interface KVM made the guest: that decides what is in the state of the FPU. */
enum vmsa_type {
	VMSA_LEGACY, /* KVM_SEV_ES_INIT: MXCSR and FCW are 0 */
	VMSA_INIT2,  /* KVM_SEV_INIT2: as they are at reset */
	VMSA_TYPES
};

/* "legacy", "init2". */
const char *vmsa_type_name(enum vmsa_type type);

struct vmsa_config {
	enum vmsa_type type;
	uint32_t signature; /* CPUID Fn0000_0001 EAX, which RDX holds at reset */
	uint32_t ap_reset;  /* where vCPUs other than the first begin: ovmf_reset_vector */
};

/* The page of the boot processor, or of any other. Cannot fail. */
void vmsa_initial(const struct vmsa_config *config, bool boot_cpu, uint8_t page[VMSA_SIZE]);

/*
 * CPUID Fn0000_0001 EAX of a processor whose family is given as people write it (25, 1, 1 for
 * Milan; APM volume 3, E.3.2). 0, or -1: a family above 270, a model above 255, a stepping above
 * 15, or a model above 15 of a family below 15, which cannot be written so.
 */
int vmsa_signature(unsigned family, unsigned model, unsigned stepping, uint32_t *signature);

/* A processor that SEV-ES guests have, by the name that QEMU gives it. */
struct vmsa_cpu {
	const char *name;
	unsigned family, model, stepping;
};

/* In the order of their age; ends with a NULL name. */
extern const struct vmsa_cpu vmsa_cpus[];

/* NAME, or QEMU's NAME-vN for any version N of it; NULL: unknown. */
const struct vmsa_cpu *vmsa_cpu_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
