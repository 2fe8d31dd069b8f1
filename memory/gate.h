/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bochs' memory as the model sees it. C++: for glue only; the model takes the struct sevmem.
 */
#ifndef SEV_GATE_H
#define SEV_GATE_H

#include "memory/memory.h"

/*
 * Where the hypervisor that we play keeps its own buffers (commands, certificates, sessions): real
 * memory to the Secure Processor, nowhere in the guest's address map. The range is the hole that
 * AMD's systems leave below 1 TiB, so that no RAM and no BAR can lie there.
 */
#define SEV_HOST_WINDOW	     0xfd00000000ull
#define SEV_HOST_WINDOW_SIZE 0x40000u

/*
 * The machine's physical memory: RAM, BIOS ROM, host window; RAM alone where the machine is the
 * host. Made on the first call, which must come after Bochs has allocated memory and loaded its
 * ROM.
 */
struct sevmem *sev_machine_memory(void);

/* Start of the BIOS image: 4 GiB minus its size. */
uint64_t sev_bios_base(void);

/*
 * From now on the machine runs a SEV guest with this key index (ASID) and C-bit position. All TLBs
 * and decoded code are flushed. asid 0: the gate stays, but nothing is private (no guest yet).
 */
void sev_gate_enable(unsigned asid, unsigned cbitpos);

/*
 * Whether Bochs' debugger sees private memory through the guest's key; otherwise it sees
 * ciphertext, as on hardware. Off at first.
 */
void sev_gate_allow_debugging(bool allowed);

/* Code as the guest's fetch unit sees it, at a bare address, without converting. For our own use.
 */
bool sev_peek_code(bx_phy_address address, unsigned size, Bit8u *buf);

/* Drops everything cached under key indices: to be called when a key changes. */
void sev_gate_flush(void);

/* Conversions since the start, by who asked for the page. */
struct sev_gate_stats {
	uint64_t fetch, data, device;
};
struct sev_gate_stats sev_gate_statistics(void);

#endif
