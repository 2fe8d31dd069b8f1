/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * `name=value` properties of a directive, from a table. An error names directive, property, value
 * and what would be accepted; nothing is stored then.
 */
#ifndef SEV_OPTIONS_H
#define SEV_OPTIONS_H

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sev_option_kind {
	SEV_OPTION_NUMBER, /* uint64_t: decimal or 0x hexadecimal, min..max */
	SEV_OPTION_FLAG,   /* bool: 0 or 1 */
	SEV_OPTION_CHOICE, /* unsigned: index in the NULL-terminated list of words */
	SEV_OPTION_TEXT,   /* char *: malloc'ed, replaces (frees) an earlier value; not empty */
};

struct sev_option {
	const char *name;
	enum sev_option_kind kind;
	void *value;
	uint64_t min, max;	    /* NUMBER */
	const char *const *choices; /* CHOICE */
	const char *why; /* said after "legal is ..." where the limit needs a reason; or NULL */
};

/* Applies one parameter, "name=value". The table ends with a NULL name. Returns 0, or -1 with err.
 */
int sev_option_set(const char *directive, const struct sev_option *table, const char *parameter,
	struct sev_error *err);

#ifdef __cplusplus
}
#endif
#endif
