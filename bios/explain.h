/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a measured boot came to nothing: the firmware stops without a word, so the emulator says it.
 */
#ifndef BIOS_EXPLAIN_H
#define BIOS_EXPLAIN_H

#include <stddef.h>

#include "bios/hashes.h"
#include "bios/report.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is known about a direct boot when the guest stopped. */
struct explain_boot {
	const struct report *report; /* what was measured */
	bool firmware_intact;	     /* it still is what was measured */
	bool firmware_verifies;	     /* the image has a kernel-hashes area */
	bool kernel_offered;	     /* fw_cfg serves a kernel */
	const struct hashes *served; /* of what fw_cfg serves; NULL: no kernel */
	bool kernel_read;	     /* the guest read it to its end */
};

/*
 * Hashes of what fw_cfg really serves, read back item by item as a guest would; the guest's own
 * place in the current item is lost. Returns 0, or -1 if it serves no kernel or memory ran out.
 */
struct fw_cfg;
int explain_served(struct fw_cfg *fw, struct hashes *served);

/* One sentence without full stop, empty if measured boot has nothing to do with it. */
void explain_boot(const struct explain_boot *boot, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
