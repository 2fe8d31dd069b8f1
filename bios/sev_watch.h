/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* C++: for glue only. */
#ifndef BIOS_SEV_WATCH_H
#define BIOS_SEV_WATCH_H

#include <stddef.h>

/* From now on a guest that can never go on ends the run with status 4 and the reason. */
void sev_watch_start(void);

/* What measured boot has to say about a launched guest that stopped; empty if nothing. */
void sev_explain(char *text, size_t size);

#endif
