/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/psp/model.h"

static bool in_tmr(const struct psp *psp, uint64_t spa, uint64_t size)
{
	return psp->tmr_size && spa < psp->tmr + psp->tmr_size && psp->tmr < spa + size;
}

bool psp_is_memory(const struct psp *psp, uint64_t spa, uint64_t size)
{
	spa &= ~psp->config.c_mask;
	return sevmem_is_memory(psp->config.memory, spa, size) && !in_tmr(psp, spa, size);
}

bool psp_usable(struct psp *psp, uint64_t *spa, uint64_t size, uint64_t alignment)
{
	unsigned long long at = *spa, bytes = size;

	*spa &= ~psp->config.c_mask;
	if (*spa % alignment)
		sev_fail(&psp->detail, "address 0x%llx: legal is a multiple of %llu", at,
			(unsigned long long)alignment);
	else if (!sevmem_is_memory(psp->config.memory, *spa, size))
		sev_fail(&psp->detail, "address 0x%llx, %llu bytes: not memory", at, bytes);
	else if (in_tmr(psp, *spa, size))
		sev_fail(&psp->detail, "address 0x%llx, %llu bytes: belongs to the firmware (TMR)",
			at, bytes);
	else
		return true;
	return false;
}

void psp_fetch(struct psp *psp, uint64_t spa, void *out, size_t size)
{
	if (sevmem_read(psp->config.memory, spa, SEVMEM_RAW, out, size) != 0)
		assert(!"address was checked");
}

void psp_store(struct psp *psp, uint64_t spa, const void *data, size_t size)
{
	if (sevmem_write(psp->config.memory, spa, SEVMEM_RAW, data, size) != 0)
		assert(!"address was checked");
}
