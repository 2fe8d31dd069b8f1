/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the hooked files of Bochs see of us: included by cpu/cpu.h, so it knows only Bochs' integer
 * types. The physical address carries the view: the C-bit stays in it from the page walk to the
 * memory class and is interpreted and removed at one gate, at the top of that class' functions.
 */
#ifndef SEV_HOOKS_H
#define SEV_HOOKS_H

class BX_CPU_C;

/* The C-bit that reserved-bit checks let pass; 0 on a machine without a SEV guest. */
extern Bit64u sev_cmask;
/* The C-bit that walks, fetches and unpaged accesses always have; 0 outside a SEV guest. */
extern Bit64u sev_walkmask;
/* Removes every view bit; all ones while no view exists. */
extern Bit64u sev_address_mask;
/* Address bits that CPUID reports and Bochs does not have; 0 unless the CPU model reports more. */
extern Bit64u sev_reported_bits;
/* Whether any page can have another view than the raw one. */
extern bool sev_active;

#define SEV_WALK(address) ((address) | sev_walkmask)
#define SEV_LEAF(address, rw)                                 \
	do {                                                  \
		if (sev_walkmask)                             \
			(address) = SevLeaf((address), (rw)); \
	} while (0)

static inline bx_phy_address sev_strip(bx_phy_address address)
{
	return address & sev_address_mask;
}

/*
 * Addresses in registers that never carry the C-bit, although H03 makes it pass: with it they
 * become an address that no check lets through. Of a variable-range MTRR the bits that only the
 * reported width allows are ignored.
 */
static inline Bit64u sev_msr_address(Bit64u value)
{
	return value & sev_cmask ? ~BX_CONST64(0) : value;
}
static inline Bit64u sev_mtrr(Bit64u value)
{
	return sev_msr_address(value & ~sev_reported_bits);
}

/*
 * The gate. cpu NULL: a device, which sees raw bytes. keep: the caller will keep a host pointer to
 * the page. Brings the page into the view that the address asks for; returns the bare address.
 */
bx_phy_address sev_gate_slow(BX_CPU_C *cpu, bx_phy_address address, unsigned rw, bool keep);

static inline bx_phy_address sev_gate(BX_CPU_C *cpu, bx_phy_address address, unsigned rw, bool keep)
{
	return sev_active ? sev_gate_slow(cpu, address, rw, keep) : address;
}

/* The debugger's read: copies without converting a page. false: not all of it is RAM or ROM. */
bool sev_peek(bx_phy_address address, unsigned size, Bit8u *buf);
/* The gate for what the debugger writes, and for what it cannot peek: any range, maybe several
 * pages. */
bx_phy_address sev_debugger_gate(BX_CPU_C *cpu, bx_phy_address address, unsigned size, unsigned rw);

/* The debugger's walk reads an entry: as a processor's does, but without converting the table. */
void sev_debugger_entry(BX_CPU_C *cpu, bx_phy_address address, unsigned size, void *entry);

/*
 * A processor's write-back of its caches, which the Secure Processor waits for. Bochs reports it to
 * its instrumentation, and we take that place: what is INVD or WBINVD.
 */
void sev_cache_control(unsigned cpu, unsigned what);
#undef BX_INSTR_CACHE_CNTRL
#define BX_INSTR_CACHE_CNTRL(cpu_id, what) sev_cache_control((cpu_id), (what))

/*
 * The status Bochs should end with, given the one it proposes (docs/sev.txt, "Exit status"). who:
 * the part of Bochs that ends it, as in the log.
 */
int sev_exit_status(int proposed, const char *who);

#endif
