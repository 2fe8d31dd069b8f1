/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What our devices' glue has in common (C++); comes after Bochs' own headers. */
#ifndef SEV_GLUE_H
#define SEV_GLUE_H

#include "base/base.h"

/* Wrong use: one line on standard error and exit status 2, before anything is done. */
void sev_refuse(const struct sev_error *err) __attribute__((noreturn));

/* A directive of ours asks for a machine: no start menu, standard input may be closed. */
void sev_start_at_once(void);

/* Loads one of our plugins, if no directive has done so yet. */
void sev_need_plugin(const char *name);

/*
 * What Bochs asks of a plugin that is one device with one directive, both of that name. device is
 * the plugin's own pointer to it, NULL while there is none.
 */
template <class device_c>
int sev_plugin_entry(plugin_t *plugin, Bit16u type, Bit8u mode, const char *name, device_c **device,
	addon_option_parser_t parse, addon_option_save_t save)
{
	if (mode == PLUGIN_INIT) {
		*device = new device_c();
		BX_REGISTER_DEVICE_DEVMODEL(plugin, type, *device, name);
		SIM->register_addon_option(name, parse, save);
	} else if (mode == PLUGIN_FINI) {
		SIM->unregister_addon_option(name);
		delete *device;
		*device = NULL;
	} else if (mode == PLUGIN_PROBE) {
		return (int)PLUGTYPE_OPTIONAL;
	}
	return 0;
}

#endif
