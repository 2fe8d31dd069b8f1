/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a machine must be for SEV, as guest or as host. */
#include "iodev.h"

#include "bios/sev_machine.h"
#include "iodev/glue.h"

static const char sev_model[] = "epyc_milan";
static const unsigned long long max_ram_mib = 2048; /* Bochs' own limit for host= */

/* The model with SEV becomes the default; what the user chose stays, and is checked later. */
void sev_prefer_model(void)
{
	bx_param_enum_c *model = SIM->get_param_enum(BXPN_CPU_MODEL);
	Bit64s chosen = model->get64();

	model->reset();
	if (model->get64() == chosen)
		model->set_by_name(sev_model);
	else
		model->set(chosen);
}

static void check_model(const char *who)
{
	const char *model = SIM->get_param_enum(BXPN_CPU_MODEL)->get_selected();
	struct sev_error err;

	if (!strcmp(model, sev_model))
		return;
	sev_fail(&err, "cpu: model=%s: has no SEV; legal with %s is %s", model, who, sev_model);
	sev_refuse(&err);
}

static void check_memory(const char *who)
{
	unsigned long long guest = SIM->get_param_num(BXPN_MEM_SIZE)->get64();
	unsigned long long host = SIM->get_param_num(BXPN_HOST_MEM_SIZE)->get64();
	struct sev_error err;

	if (guest > max_ram_mib) {
		sev_fail(&err,
			"memory: guest=%llu: legal with %s is at most %llu (MiB), what this Bochs "
			"can keep in memory",
			guest, who, max_ram_mib);
		sev_refuse(&err);
	}
	if (host < guest) {
		sev_fail(&err,
			"memory: guest=%llu, host=%llu: legal with %s is host=%llu, because "
			"encrypted pages cannot be swapped to a file",
			guest, host, who, guest);
		sev_refuse(&err);
	}
}

void sev_check_machine(const char *who)
{
	check_model(who);
	check_memory(who);
	if (SIM->get_param_bool(BXPN_RESTORE_FLAG)->get()) {
		sev_refuse_save();
		exit(2);
	}
}
