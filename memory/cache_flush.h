/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cache flushes, which touch an address but not its bytes (C++). */
#ifndef SEV_CACHE_FLUSH_H
#define SEV_CACHE_FLUSH_H

/*
 * Whether the processor is translating an address for CLFLUSH, CLFLUSHOPT or CLWB. Bochs does it as
 * for a read; but nothing is read, so the page must not change its view for it.
 */
bool sev_flushes_cache(BX_CPU_C *cpu);

#endif
