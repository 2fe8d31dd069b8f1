/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The `sev:` directive: what the machine must be for it, and when its guest is launched.
 */
#include "iodev.h"

#include "bios/sev_machine.h"
#include "bios/sev_watch.h"
#include "iodev/glue.h"
#include "monitor/qmp_device.h"

#define LOG_THIS device->

class sev_device_c : public bx_devmodel_c
{
      public:
	sev_device_c();
	virtual void init(void);
	virtual void reset(unsigned type);
};

static sev_device_c *device;
static struct sev_options options;

/* The defaults hold even if no `sev:` directive loads this plugin. */
static struct sev_options *settings()
{
	static bool ready;

	if (!ready)
		sev_options_init(&options);
	ready = true;
	return &options;
}

const struct sev_options *sev_machine_options(void)
{
	return settings();
}

sev_device_c::sev_device_c()
{
	put("sev", "SEV");
}

void sev_device_c::init(void)
{
	struct sev_error err;

	if (sev_options_check(settings(), &err) < 0)
		sev_refuse(&err);
	if (options.type == SEV_TYPE_NONE)
		return;
	sev_check_machine("sev: type=sev");
	sev_watch_start();
}

/*
 * Only the first hardware reset launches: a plain SEV guest that resets its machine goes on under
 * its key, with its memory and the encrypted firmware in place, as under QEMU.
 */
void sev_device_c::reset(unsigned type)
{
	if (type != BX_RESET_HARDWARE)
		return;
	sev_machine_launch();
	if (!qmp_will_wait())
		sev_machine_start();
}

/* A guest's processor announces SEV, its crashes end the run, and it has a fw_cfg device. */
static void prepare_guest()
{
	sev_prefer_model();
	SIM->get_param_bool(BXPN_RESET_ON_TRIPLE_FAULT)->set(0);
	sev_need_plugin("psp");
	sev_need_plugin("fw_cfg");
}

static Bit32s parse(const char *, int count, char *params[])
{
	struct sev_error err;

	for (int i = 1; i < count; i++)
		if (sev_options_set(settings(), params[i], &err) < 0)
			sev_refuse(&err);
	bool host = sev_cpu.host; /* the psp: directive's */

	sev_cpu = sev_options_cpu(&options);
	sev_cpu.host = host;
	sev_start_at_once();
	if (options.type != SEV_TYPE_NONE)
		prepare_guest();
	return 0;
}

extern "C" int libsev_plugin_entry(plugin_t *plugin, Bit16u type, Bit8u mode)
{
	return sev_plugin_entry(plugin, type, mode, "sev", &device, parse, NULL);
}
