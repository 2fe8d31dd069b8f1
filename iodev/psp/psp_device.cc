/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine's Secure Processor: made when first needed, from the `psp:` directive. It also owns
 * the randomness of RDRAND and RDSEED, which come from the same chip.
 */
#include "iodev.h"

#include "bios/sev_machine.h"
#include "cpu/cpu_model.h"
#include "cpu/random.h"
#include "iodev/glue.h"
#include "iodev/psp/psp_options.h"
#include "memory/gate.h"

#define LOG_THIS device->

class psp_device_c : public bx_devmodel_c
{
      public:
	psp_device_c()
	{
		put("psp", "PSP");
		sev_crypto_init();
	}
	virtual ~psp_device_c();
	virtual void init(void);
};

static psp_device_c *device;
static struct psp_options options;
static struct psp *chip;
static struct sev_rng *random_numbers;

static void asid_changed(void *, unsigned)
{
	sev_gate_flush();
}

static struct psp *make_chip(struct sev_error *err)
{
	struct psp_config config = {};

	config.memory = sev_machine_memory();
	config.c_mask = BX_CONST64(1) << sev_cpu.cbitpos;
	config.max_asid = SEV_CPU_MAX_ASID;
	config.min_sev_asid = SEV_CPU_MIN_ASID;
	config.cores = BX_SMP_PROCESSORS;
	config.seed = options.seed_size ? options.seed : NULL;
	config.seed_size = options.seed_size;
	config.state_dir = options.state;
	config.asid_changed = asid_changed;
	return psp_new(&config, err);
}

struct psp *sev_chip(void)
{
	struct sev_error err;

	if (!chip) {
		chip = make_chip(&err);
		if (!chip)
			sev_refuse(&err);
	}
	return chip;
}

/* Without a seed, one draw from the operating system: RDRAND takes single bytes, often. */
static struct sev_rng *make_random_numbers()
{
	if (options.seed_size)
		return sev_rng_new(options.seed, options.seed_size, "rdrand");

	uint8_t seed[32];
	struct sev_rng *os = sev_rng_new(NULL, 0, "rdrand");

	sev_rng_bytes(os, seed, sizeof(seed));
	sev_rng_free(os);
	struct sev_rng *rng = sev_rng_new(seed, sizeof(seed), "rdrand");

	sev_wipe(seed, sizeof(seed));
	return rng;
}

void psp_device_c::init(void)
{
	if (sev_cpu.type == SEV_TYPE_NONE && !options.seed_size)
		return;
	random_numbers = make_random_numbers();
	sev_random_use(random_numbers);
}

/* The chip stays to the end of the process: memory and processors go before it. */
psp_device_c::~psp_device_c()
{
	sev_random_use(NULL);
	sev_rng_free(random_numbers);
	random_numbers = NULL;
	psp_options_forget(&options);
}

static Bit32s parse(const char *, int count, char *params[])
{
	struct sev_error err;

	for (int i = 1; i < count; i++)
		if (psp_options_set(&options, params[i], &err) < 0)
			sev_refuse(&err);
	return 0;
}

extern "C" int libpsp_plugin_entry(plugin_t *plugin, Bit16u type, Bit8u mode)
{
	return sev_plugin_entry(plugin, type, mode, "psp", &device, parse, NULL);
}
