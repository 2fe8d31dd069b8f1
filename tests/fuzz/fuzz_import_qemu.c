/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A configuration of QEMU that anybody may have written. */
#include "tests/fuzz/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	import_anything(import_qemu, data, size);
	return 0;
}
