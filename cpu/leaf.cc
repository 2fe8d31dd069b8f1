/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which accesses of a SEV guest are private (APM volume 2, 15.34.5). */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"

/*
 * Fetches are always private; data is what the leaf's C-bit says, but only where entries are wide
 * enough to hold one: without paging and under 32-bit paging everything is private.
 */
bx_phy_address BX_CPU_C::SevLeaf(bx_phy_address address, unsigned rw)
{
	bool has_c_bit = BX_CPU_THIS_PTR cr0.get_PG() && BX_CPU_THIS_PTR cr4.get_PAE();

	return rw == BX_EXECUTE || !has_c_bit ? address | sev_walkmask : address;
}
