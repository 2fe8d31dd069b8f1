/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bochs.h"
#include "gui/siminterface.h"
#include "param_names.h"
#include "plugin.h"

#include "iodev/glue.h"

void sev_refuse(const struct sev_error *err)
{
	fprintf(stderr, "bochs: %s\n", err->text);
	exit(2);
}

void sev_start_at_once(void)
{
	SIM->get_param_enum(BXPN_BOCHS_START)->set(BX_QUICK_START);
}

void sev_need_plugin(const char *name)
{
	if (!PLUG_device_present(name))
		SIM->opt_plugin_ctrl(name, 1);
}
