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

static const char sev_model[] = "epyc_milan";
static const unsigned long long max_ram_mib = 2048; /* Bochs' own limit for host= */

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

static void check_machine(struct sev_error *err)
{
	const char *model = SIM->get_param_enum(BXPN_CPU_MODEL)->get_selected();
	unsigned long long guest = SIM->get_param_num(BXPN_MEM_SIZE)->get64();
	unsigned long long host = SIM->get_param_num(BXPN_HOST_MEM_SIZE)->get64();

	if (strcmp(model, sev_model)) {
		sev_fail(err, "cpu: model=%s: has no SEV; legal with sev: type=sev is %s", model,
			sev_model);
		sev_refuse(err);
	}
	if (guest > max_ram_mib) {
		sev_fail(err,
			"memory: guest=%llu: legal with sev: type=sev is at most %llu (MiB), what "
			"this Bochs can keep in memory",
			guest, max_ram_mib);
		sev_refuse(err);
	}
	if (host < guest) {
		sev_fail(err,
			"memory: guest=%llu, host=%llu: legal with sev: type=sev is host=%llu, "
			"because encrypted pages cannot be swapped to a file",
			guest, host, guest);
		sev_refuse(err);
	}
	if (SIM->get_param_bool(BXPN_RESTORE_FLAG)->get()) {
		sev_refuse_save();
		exit(2);
	}
}

void sev_device_c::init(void)
{
	struct sev_error err;

	if (sev_options_check(settings(), &err) < 0)
		sev_refuse(&err);
	if (options.type == SEV_TYPE_NONE)
		return;
	check_machine(&err);
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

/* The model with SEV becomes the default; what the user chose stays, and is checked later. */
static void prefer_model()
{
	bx_param_enum_c *model = SIM->get_param_enum(BXPN_CPU_MODEL);
	Bit64s chosen = model->get64();

	model->reset();
	if (model->get64() == chosen)
		model->set_by_name(sev_model);
	else
		model->set(chosen);
}

/* A guest's processor announces SEV, its crashes end the run, and it has a fw_cfg device. */
static void prepare_guest()
{
	prefer_model();
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
	sev_cpu = sev_options_cpu(&options);
	sev_start_at_once();
	if (options.type != SEV_TYPE_NONE)
		prepare_guest();
	return 0;
}

extern "C" int libsev_plugin_entry(plugin_t *plugin, Bit16u type, Bit8u mode)
{
	return sev_plugin_entry(plugin, type, mode, "sev", &device, parse, NULL);
}
