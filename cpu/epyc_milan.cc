/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CPU model epyc_milan: what Bochs' Zen model can do, with the identity, topology and SEV leaves of
 * an EPYC 7003 as a virtual machine sees it. Features that Bochs does not implement are not
 * announced.
 */
#include "bochs.h"
#include "cpu/cpu.h"
#include "cpu/cpudb/amd/ryzen.h"
#include "gui/siminterface.h"
#include "param_names.h"

#include "cpu/cpu_model.h"

class epyc_milan_t : public ryzen_t
{
      public:
	epyc_milan_t(BX_CPU_C *cpu);
	virtual const char *get_name(void) const
	{
		return "epyc_milan";
	}
	virtual void get_cpuid_leaf(
		Bit32u function, Bit32u subfunction, cpuid_function_t *leaf) const;
	virtual void dump_cpuid(void) const;
	virtual int rdmsr(Bit32u index, Bit64u *value)
	{
		return sev_rdmsr(&sev_cpu, index, (uint64_t *)value);
	}
	virtual int wrmsr(Bit32u index, Bit64u value)
	{
		return sev_wrmsr(&sev_cpu, index, value);
	}

      private:
	Bit32u apic_id() const
	{
		return cpu->get_apic_id() & 0xff;
	}
	void features(cpuid_function_t *leaf) const;
	void extended_features(cpuid_function_t *leaf) const;
	void sizes(cpuid_function_t *leaf) const;
	void topology(cpuid_function_t *leaf) const;
	void encryption(cpuid_function_t *leaf) const;
	void hypervisor(cpuid_function_t *leaf) const;
};

epyc_milan_t::epyc_milan_t(BX_CPU_C *cpu) : ryzen_t(cpu)
{
	sev_reported_bits = ((BX_CONST64(1) << SEV_CPU_PHYS_BITS) - 1) & ~BX_PHY_ADDRESS_MASK;
	/*
	 * As under KVM. Besides, each MONITOR makes Bochs flush an address from the TLBs of all
	 * processors, so that idle ones in a MONITOR loop slow the others down to a standstill.
	 */
	disable_cpu_extension(BX_ISA_MONITOR_MWAIT);
	disable_cpu_extension(BX_ISA_MONITORX_MWAITX);
	enable_cpu_extension(BX_ISA_CLWB);
	enable_cpu_extension(BX_ISA_UMIP);
	enable_cpu_extension(BX_ISA_RDPID);
	enable_cpu_extension(BX_ISA_VAES_VPCLMULQDQ);
#if BX_SUPPORT_SVM
	if (sev_cpu.type != SEV_TYPE_NONE)
		disable_cpu_extension(BX_ISA_SVM); /* a SEV guest cannot nest */
#endif
}

/* Fn0000_0001 */
void epyc_milan_t::features(cpuid_function_t *leaf) const
{
	ryzen_t::get_cpuid_leaf(1, 0, leaf);
	leaf->eax = SEV_CPU_SIGNATURE;
	if (sev_cpu.type != SEV_TYPE_NONE)
		leaf->ecx |= 1u << 31; /* hypervisor present: we are its hypervisor */
}

/* Fn0000_0007, subfunction 0 */
void epyc_milan_t::extended_features(cpuid_function_t *leaf) const
{
	get_leaf(leaf, 0, get_std_cpuid_leaf_7_ebx(), get_std_cpuid_leaf_7_ecx(), 0);
}

/* Fn8000_0008 */
void epyc_milan_t::sizes(cpuid_function_t *leaf) const
{
	ryzen_t::get_cpuid_leaf(0x80000008, 0, leaf);
	leaf->eax = (leaf->eax & ~0xffu) | SEV_CPU_PHYS_BITS;
	leaf->ecx = ncores * nthreads - 1;
}

/* Fn8000_001E */
void epyc_milan_t::topology(cpuid_function_t *leaf) const
{
	Bit32u core = (apic_id() % (ncores * nthreads)) / nthreads;

	get_leaf(leaf, apic_id(), (nthreads - 1) << 8 | core, 0, 0);
}

/* Fn8000_001F */
void epyc_milan_t::encryption(cpuid_function_t *leaf) const
{
	struct sev_cpuid sev;

	sev_cpuid_1f(&sev_cpu, &sev);
	get_leaf(leaf, sev.eax, sev.ebx, sev.ecx, sev.edx);
}

/* Fn4000_0000: a name of our own, so that no guest expects the services of another hypervisor. */
void epyc_milan_t::hypervisor(cpuid_function_t *leaf) const
{
	get_reserved_leaf(leaf);
	if (sev_cpu.type != SEV_TYPE_NONE)
		get_leaf(leaf, 0x40000000, 0x68636f42, 0x65732d73, 0x00000076); /* "Bochs-sev" */
}

void epyc_milan_t::get_cpuid_leaf(Bit32u function, Bit32u subfunction, cpuid_function_t *leaf) const
{
	switch (function) {
	case 0x00000000:
		get_leaf_0(0xd, "AuthenticAMD", leaf, 1);
		return;
	case 0x00000001:
		features(leaf);
		return;
	case 0x00000007:
		if (subfunction)
			break;
		extended_features(leaf);
		return;
	case 0x0000000b:
		get_std_cpuid_extended_topology_leaf(subfunction, leaf);
		return;
	case 0x40000000:
		hypervisor(leaf);
		return;
	case 0x00000005: /* no MONITOR */
	case 0x00000006: /* no power management */
		get_reserved_leaf(leaf);
		return;
	case 0x80000000:
		get_leaf_0(0x8000001f, "AuthenticAMD", leaf);
		return;
	case 0x80000001:
		ryzen_t::get_cpuid_leaf(function, subfunction, leaf);
		leaf->eax = SEV_CPU_SIGNATURE;
		return;
	case 0x80000002:
	case 0x80000003:
	case 0x80000004:
		get_ext_cpuid_brand_string_leaf(SEV_CPU_BRAND, function, leaf);
		return;
	case 0x80000008:
		sizes(leaf);
		return;
	case 0x8000000a:
		if (is_cpu_extension_supported(BX_ISA_SVM))
			break;
		get_reserved_leaf(leaf);
		return;
	case 0x8000001b: /* no instruction-based sampling */
		get_reserved_leaf(leaf);
		return;
	case 0x8000001e:
		topology(leaf);
		return;
	case 0x8000001f:
		encryption(leaf);
		return;
	}
	ryzen_t::get_cpuid_leaf(function, subfunction, leaf);
}

void epyc_milan_t::dump_cpuid(void) const
{
	bx_cpuid_t::dump_cpuid(0xd, 0x8000001f);
}

bx_cpuid_t *create_epyc_milan_cpuid(BX_CPU_C *cpu)
{
	return new epyc_milan_t(cpu);
}
