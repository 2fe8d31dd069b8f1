/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A configuration of Proxmox that anybody may have written. */
#include "tests/fuzz/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	import_anything(import_proxmox, data, size);
	return 0;
}
