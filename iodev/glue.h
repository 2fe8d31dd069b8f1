/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What our devices' glue has in common (C++). */
#ifndef SEV_GLUE_H
#define SEV_GLUE_H

#include "base/base.h"

/* Wrong use: one line on standard error and exit status 2, before anything is done. */
void sev_refuse(const struct sev_error *err) __attribute__((noreturn));

/* A directive of ours asks for a machine: no start menu, standard input may be closed. */
void sev_start_at_once(void);

/* Loads one of our plugins, if no directive has done so yet. */
void sev_need_plugin(const char *name);

#endif
