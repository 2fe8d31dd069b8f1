/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * `bochs --sev-capabilities`, which starts no machine. Bochs' own main refuses options that it does
 * not know, after it has printed a banner and made its devices; a function that runs before main
 * needs no hook there. glibc gives such functions main's arguments.
 */
#include <stdlib.h>

#include "monitor/capabilities.h"

__attribute__((constructor)) static void look_at_command_line(int argc, char **argv)
{
	if (capabilities_wanted(argc, argv))
		exit(capabilities_main(argc, argv));
}
