/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine's Secure Processor: made when first needed, from the `psp:` directive; where that
 * asks for it, a PCI function through which host software drives it. It also owns the randomness of
 * RDRAND and RDSEED, which come from the same chip.
 */
#include "bochs.h"
#include "cpu/cpu.h"
#include "iodev.h"

#include "bios/sev_machine.h"
#include "cpu/apic.h"
#include "cpu/cpu_model.h"
#include "cpu/random.h"
#include "iodev/glue.h"
#include "iodev/psp/mailbox.h"
#include "iodev/psp/psp_abi.h"
#include "iodev/psp/psp_options.h"
#include "iodev/psp/trace.h"
#include "memory/gate.h"

#define LOG_THIS device->

class psp_device_c : public bx_pci_device_c
{
      public:
	psp_device_c();
	virtual ~psp_device_c();
	virtual void init(void);
	virtual void reset(unsigned type);
	virtual void pci_write_handler(Bit8u address, Bit32u value, unsigned io_len);

      private:
	struct psp_mailbox mailbox;
	Bit8u devfunc;

	void init_pci();
	void log_command();
	void interrupt();
	Bit32u config32(unsigned at) const
	{
		return ReadHostDWordFromLittleEndian((Bit32u *)(pci_conf + at));
	}
	static void send_interrupt(void *ctx);
	static bool read_registers(bx_phy_address addr, unsigned len, void *data, void *param);
	static bool write_registers(bx_phy_address addr, unsigned len, void *data, void *param);
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
	config.min_sev_asid = sev_cpu.host ? SEV_CPU_HOST_MIN_ASID : SEV_CPU_MIN_ASID;
	config.es_capable = sev_cpu.host;
	config.cores = BX_SMP_PROCESSORS;
	config.seed = options.seed_size ? options.seed : NULL;
	config.seed_size = options.seed_size;
	config.state_dir = options.state;
	config.chain_file = options.chain;
	config.asid_changed = asid_changed;
	return psp_new(&config, err);
}

static uint64_t trace_time(void *)
{
	return bx_pc_system.time_usec();
}

static void trace_warning(void *, const char *line)
{
	fprintf(stderr, "bochs: warning: %s\n", line);
}

/* Lasts as long as the chip: to the end of the process. */
static bool start_trace(struct sev_error *err)
{
	struct psp_trace_config config = {};

	if (!options.trace)
		return true;
	config.path = options.trace;
	config.secrets = options.trace_secrets;
	config.time_usec = trace_time;
	config.warn = trace_warning;
	return psp_trace_new(chip, &config, err) != NULL;
}

struct psp *sev_chip(void)
{
	struct sev_error err;

	if (!chip) {
		chip = make_chip(&err);
		if (!chip || !start_trace(&err))
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

/* Bochs tells it to its instrumentation, whose place is taken (cpu/hooks.h). */
void sev_cache_control(unsigned cpu, unsigned what)
{
	if (chip && what == BX_INSTR_WBINVD)
		psp_wbinvd(chip, cpu);
}

/* --- the PCI function ---------------------------------------------------------------------- */

/* Message signalled interrupt capability: 64-bit address, one vector (PCI 3.0, 6.8.1). */
static const unsigned msi = 0x50;
enum { MSI_CONTROL = msi + 2, MSI_ADDRESS = msi + 4, MSI_DATA = msi + 12, MSI_END = msi + 14 };
static const Bit8u msi_64_bit = 0x80, msi_enable = 0x01;
static const unsigned pci_command = 0x04, pci_status = 0x06, pci_capabilities = 0x34;
static const Bit8u pci_memory = 0x02, pci_bus_master = 0x04;

bool psp_device_c::read_registers(bx_phy_address addr, unsigned len, void *data, void *param)
{
	psp_device_c *self = (psp_device_c *)param;
	Bit32u offset = (Bit32u)(addr - self->pci_bar[PSP_PCI_BAR].addr);

	memset(data, 0xff, len);
	if (len > 8 || !(self->pci_conf[pci_command] & pci_memory))
		return true;
	Bit64u value = psp_mailbox_read(&self->mailbox, offset, len);

	memcpy(data, &value, len);
	return true;
}

/* The log says why a command failed, or what went wrong beside it. */
void psp_device_c::log_command()
{
	Bit32u id = (mailbox.cmdresp & PSP_CMDRESP_ID) >> PSP_CMDRESP_ID_SHIFT;
	Bit16u status = mailbox.cmdresp & PSP_CMDRESP_STATUS;
	const char *detail = psp_detail(mailbox.psp);

	if (status != PSP_SUCCESS && !*detail)
		detail = psp_status_advice(status);
	if (*detail)
		BX_INFO(("%s: %s: %s", psp_command_name(id), psp_status_name(status), detail));
}

bool psp_device_c::write_registers(bx_phy_address addr, unsigned len, void *data, void *param)
{
	psp_device_c *self = (psp_device_c *)param;
	Bit32u offset = (Bit32u)(addr - self->pci_bar[PSP_PCI_BAR].addr);
	Bit64u value = 0;

	if (!(self->pci_conf[pci_command] & pci_memory))
		return true;
	if (len <= 8)
		memcpy(&value, data, len);
	if (!psp_mailbox_write(&self->mailbox, offset, len, value))
		BX_ERROR(("write of %u bytes to register %05xh ignored: registers are 4 bytes wide",
			len, offset));
	else if (offset == PSP_REG_CMDRESP)
		self->log_command();
	return true;
}

static bool reaches_apic(Bit32u address, Bit32u address_high, unsigned mode)
{
	return address_high == 0 && (address & 0xfff00000) == 0xfee00000 &&
	       (mode == APIC_DM_FIXED || mode == APIC_DM_LOWPRI || mode == APIC_DM_NMI);
}

/* The message's format: APM volume 2, 16.8; Intel SDM volume 3, "Message Signalled Interrupts". */
void psp_device_c::interrupt()
{
	Bit32u address = config32(MSI_ADDRESS), data = config32(MSI_DATA) & 0xffff;
	unsigned mode = data >> 8 & 7;

	if (!(pci_conf[pci_command] & pci_bus_master) || !(pci_conf[MSI_CONTROL] & msi_enable))
		return;
	if (!reaches_apic(address, config32(MSI_ADDRESS + 4), mode)) {
		BX_ERROR(
			("interrupt message to %08xh with data %04xh goes nowhere", address, data));
		return;
	}
	apic_bus_deliver_interrupt(data & 0xff, address >> 12 & 0xff, mode, address >> 2 & 1,
		data >> 14 & 1, data >> 15 & 1);
}

void psp_device_c::send_interrupt(void *ctx)
{
	((psp_device_c *)ctx)->interrupt();
}

/* The bits of configuration space that software can change, but for base addresses. */
static Bit8u writable(unsigned at)
{
	switch (at) {
	case pci_command:
		return pci_memory | pci_bus_master;
	case pci_command + 1:
		return 0x04; /* INTx disable */
	case 0x0c:
		return 0xff; /* cache line size */
	case MSI_CONTROL:
		return msi_enable;
	case MSI_ADDRESS:
		return 0xfc;
	}
	return at > MSI_ADDRESS && at < MSI_END ? 0xff : 0;
}

void psp_device_c::pci_write_handler(Bit8u address, Bit32u value, unsigned io_len)
{
	for (unsigned i = 0; i < io_len && address + i < 256; i++) {
		Bit8u mask = writable(address + i), byte = (Bit8u)(value >> 8 * i);

		pci_conf[address + i] = (pci_conf[address + i] & ~mask) | (byte & mask);
	}
}

void psp_device_c::init_pci()
{
	struct sev_error err;

	devfunc = 0;
	if (!DEV_register_pci_handlers(this, &devfunc, "psp", "EMULATED Secure Processor")) {
		sev_fail(&err, "psp: device=1: no PCI slot is free; legal is one of five");
		sev_refuse(&err);
	}
	init_pci_conf(PSP_PCI_VENDOR, PSP_PCI_DEVICE, 0, PSP_PCI_CLASS, 0, 0);
	init_bar_mem(PSP_PCI_BAR, PSP_MAILBOX_SIZE, read_registers, write_registers);
	pci_conf[pci_status] = 0x10; /* has capabilities */
	pci_conf[pci_capabilities] = msi;
	pci_conf[msi] = 0x05;
	pci_conf[MSI_CONTROL] = msi_64_bit;
}

/* --- the device ---------------------------------------------------------------------------- */

psp_device_c::psp_device_c()
{
	put("psp", "PSP");
	sev_crypto_init();
	memset(&mailbox, 0, sizeof(mailbox));
}

/* A guest with SEV has no Secure Processor: its hypervisor has. */
static void check_host()
{
	struct sev_error err;

	if (sev_cpu.type != SEV_TYPE_NONE) {
		sev_fail(&err, "psp: device=1: legal only with sev: type=none; a SEV guest has no "
			       "Secure Processor");
		sev_refuse(&err);
	}
	sev_check_machine("psp: device=1");
}

void psp_device_c::init(void)
{
	struct sev_error err;

	if (psp_options_check(&options, &err) < 0)
		sev_refuse(&err);
	if (sev_cpu.type != SEV_TYPE_NONE || options.seed_size) {
		random_numbers = make_random_numbers();
		sev_random_use(random_numbers);
	}
	if (!options.device)
		return;
	check_host();
	init_pci();
	mailbox.psp = sev_chip();
	mailbox.interrupt = send_interrupt;
	mailbox.ctx = this;
	sev_gate_enable(0, sev_cpu.cbitpos);
}

/* Power-on: the firmware starts afresh, with every guest gone. */
void psp_device_c::reset(unsigned type)
{
	if (!options.device || type != BX_RESET_HARDWARE)
		return;
	psp_command(mailbox.psp, PSP_CMD_SHUTDOWN, 0);
	psp_mailbox_reset(&mailbox);
	pci_conf[pci_command] = 0;
	pci_conf[pci_command + 1] = 0;
	pci_conf[MSI_CONTROL] = msi_64_bit;
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
	sev_cpu.host = options.device;
	if (options.device) {
		sev_prefer_model();
		sev_start_at_once();
	}
	return 0;
}

extern "C" int libpsp_plugin_entry(plugin_t *plugin, Bit16u type, Bit8u mode)
{
	return sev_plugin_entry(plugin, type, mode, "psp", &device, parse, NULL);
}
