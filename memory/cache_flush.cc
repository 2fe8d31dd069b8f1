/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bochs.h"
#include "cpu/cpu.h"

#include "memory/cache_flush.h"

/*
 * The current instruction's first bytes, as far as they are at hand (0 for the others). The fetch
 * window does not do: it stays behind when linked traces jump to another page.
 */
static void current_code(BX_CPU_C *cpu, Bit8u *code, unsigned length)
{
	bx_address laddr = cpu->get_laddr(BX_SEG_REG_CS, cpu->prev_rip);

	for (unsigned n = 0; n < length; n++, laddr++) {
		const bx_TLB_entry *entry = cpu->ITLB.get_entry_of(laddr);

		code[n] = 0;
		if (entry->lpf == LPFOf(laddr) && entry->hostPageAddr)
			code[n] = ((const Bit8u *)entry->hostPageAddr)[PAGE_OFFSET(laddr)];
	}
}

/* Prefixes, 0F AE and a memory operand: /7 is CLFLUSH (66: CLFLUSHOPT), 66 /6 is CLWB. */
bool sev_flushes_cache(BX_CPU_C *cpu)
{
	const unsigned longest = 7; /* what is looked at: up to four prefixes, opcode, ModRM */
	Bit8u code[longest];
	bool operand_size = false;
	unsigned n = 0;

	current_code(cpu, code, longest);
	for (; n < longest - 3; n++) {
		bool rex = cpu->long64_mode() && (code[n] & 0xf0) == 0x40;
		bool segment = code[n] == 0x64 || code[n] == 0x65 || (code[n] & 0xe7) == 0x26;

		operand_size |= code[n] == 0x66;
		if (code[n] != 0x66 && code[n] != 0x67 && !rex && !segment)
			break;
	}
	Bit8u modrm = code[n + 2];

	if (code[n] != 0x0f || code[n + 1] != 0xae || modrm >= 0xc0)
		return false;
	unsigned digit = (modrm >> 3) & 7;

	return digit == 7 || (digit == 6 && operand_size);
}
