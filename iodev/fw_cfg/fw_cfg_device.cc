/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fw_cfg as a Bochs device: its ports, its way to memory, the `fw_cfg:` directive. What it holds
 * and how it behaves is the model's business.
 */
#define BX_PLUGGABLE
#include "iodev.h"
#include "pci.h"

#include "cpu/cpu_model.h"
#include "iodev/fw_cfg/fw_cfg_device.h"
#include "iodev/fw_cfg/options.h"
#include "iodev/glue.h"

#define LOG_THIS device->

class sev_fw_cfg_c : public bx_devmodel_c
{
      public:
	sev_fw_cfg_c();
	virtual ~sev_fw_cfg_c();
	virtual void init(void);
	virtual void reset(unsigned type);

	struct fw_cfg_options options;
	struct fw_cfg_machine machine;
	struct fw_cfg *fw;

      private:
	struct fw_cfg_input input;

	void describe_machine();
	void register_ports();
};

static sev_fw_cfg_c *device;

static void refuse(const char *text)
{
	struct sev_error err;

	sev_fail(&err, "%s", text);
	sev_refuse(&err);
}

/* --- memory: raw bytes, as every device sees them -------------------------------------------- */

static bool is_memory(Bit64u gpa, size_t size)
{
	bool vga = gpa < 0xC0000 && gpa + size > 0xA0000;

	return gpa < BX_MEM(0)->get_memory_len() && size <= BX_MEM(0)->get_memory_len() - gpa &&
	       !vga;
}

static int dma_read(void *, uint64_t gpa, void *buf, size_t size)
{
	if (!is_memory(gpa, size))
		return -1;
	DEV_MEM_READ_PHYSICAL_DMA(gpa, (unsigned)size, (Bit8u *)buf);
	return 0;
}

static int dma_write(void *, uint64_t gpa, const void *buf, size_t size)
{
	if (!is_memory(gpa, size))
		return -1;
	DEV_MEM_WRITE_PHYSICAL_DMA(gpa, (unsigned)size, (Bit8u *)buf);
	return 0;
}

/* --- device ---------------------------------------------------------------------------------- */

sev_fw_cfg_c::sev_fw_cfg_c() : options(), machine(), fw(NULL), input()
{
	put("fw_cfg", "FWCFG");
}

sev_fw_cfg_c::~sev_fw_cfg_c()
{
	fw_cfg_free(fw);
	fw_cfg_input_free(&input);
	fw_cfg_options_free(&options);
}

/* The tables describe one chipset; on another they would send firmware and guest astray. */
void sev_fw_cfg_c::describe_machine()
{
	if (!SIM->get_param_bool(BXPN_PCI_ENABLED)->get() ||
		SIM->get_param_enum(BXPN_PCI_CHIPSET)->get() != BX_PCI_CHIPSET_I440FX)
		refuse("fw_cfg: legal only with pci: enabled=1, chipset=i440fx");
	if (!PLUG_device_present(BX_PLUGIN_ACPI))
		refuse("fw_cfg: legal only without pci: advopts=noacpi");
	machine.cpus = BX_SMP_PROCESSORS;
	machine.ram = BX_MEM(0)->get_memory_len();
	machine.hpet = PLUG_device_present(BX_PLUGIN_HPET);
	machine.confidential = sev_cpu.type != SEV_TYPE_NONE;
}

static Bit32u read_port(void *self, Bit32u port, unsigned size)
{
	return fw_cfg_io_read(((sev_fw_cfg_c *)self)->fw, (uint16_t)port, size);
}

static void write_port(void *self, Bit32u port, Bit32u value, unsigned size)
{
	fw_cfg_io_write(((sev_fw_cfg_c *)self)->fw, (uint16_t)port, size, value);
}

/* The last argument is the sum of the sizes that are accepted. */
void sev_fw_cfg_c::register_ports()
{
	DEV_register_iowrite_handler(this, write_port, FW_CFG_PORT_SELECTOR, "fw_cfg", 2);
	DEV_register_ioread_handler(this, read_port, FW_CFG_PORT_SELECTOR, "fw_cfg", 1 | 2);
	DEV_register_iowrite_handler(this, write_port, FW_CFG_PORT_DATA, "fw_cfg", 1);
	DEV_register_ioread_handler(this, read_port, FW_CFG_PORT_DATA, "fw_cfg", 1);
	DEV_register_iowrite_handler(this, write_port, FW_CFG_PORT_DMA_HIGH, "fw_cfg", 4);
	DEV_register_iowrite_handler(this, write_port, FW_CFG_PORT_DMA_LOW, "fw_cfg", 4);
	for (unsigned port = FW_CFG_PORT_DMA_HIGH; port <= FW_CFG_PORT_LAST; port++)
		DEV_register_ioread_handler(this, read_port, port, "fw_cfg", 1 | 2 | 4);
}

void sev_fw_cfg_c::init(void)
{
	static const struct fw_cfg_config config = { NULL, dma_read, dma_write };
	struct sev_error err;

	describe_machine();
	fw = fw_cfg_new(&config);
	if (!fw)
		refuse("fw_cfg: out of memory");
	if (fw_cfg_input_load(&options, &input, &machine, &err) ||
		fw_cfg_machine_fill(fw, &machine, &err))
		refuse(err.text);
	register_ports();
}

/*
 * PIIX4, function 3: a reset clears the enable bit of the power management ports (PMREGMISC) along
 * with their base. Bochs 3.0 clears the base only, and OVMF, which sets it if the bit is clear,
 * would then wait for a timer at port 8 for ever.
 */
static void reset_power_management()
{
	const Bit32u pmregmisc = 0x80000000 | BX_PCI_DEVICE(1, 3) << 8 | 0x80;
	Bit32u selected = bx_devices.inp(0xCF8, 4);

	bx_devices.outp(0xCF8, pmregmisc, 4);
	bx_devices.outp(0xCFC, 0, 1);
	bx_devices.outp(0xCF8, selected, 4);
}

void sev_fw_cfg_c::reset(unsigned)
{
	fw_cfg_reset(fw);
	reset_power_management();
}

/* --- directive ------------------------------------------------------------------------------- */

static Bit32s parse(const char *, int count, char *params[])
{
	struct sev_error err;

	for (int i = 1; i < count; i++)
		if (fw_cfg_options_set(&device->options, params[i], &err))
			sev_refuse(&err);
	sev_start_at_once();
	return 0;
}

static void save_text(FILE *file, const char *property, const char *value)
{
	if (value)
		fprintf(file, "fw_cfg: %s=\"%s\"\n", property, value);
}

static Bit32s save(FILE *file)
{
	const struct fw_cfg_options *o = &device->options;
	static const char *const parts[] = { "kernel", "initrd", "cmdline" };

	save_text(file, "kernel", o->kernel);
	save_text(file, "initrd", o->initrd);
	save_text(file, "append", o->append);
	save_text(file, "append_file", o->append_file);
	for (const char *line = o->bootorder; line && *line;) {
		int length = (int)strcspn(line, "\n");

		fprintf(file, "fw_cfg: bootorder=\"%.*s\"\n", length, line);
		line += length + (line[length] == '\n');
	}
	for (unsigned i = 0; i < o->file_count; i++)
		fprintf(file, "fw_cfg: file=\"name=%s,path=%s\"\n", o->files[i].name,
			o->files[i].path);
	for (unsigned i = 0; i < 3; i++)
		if (o->tamper & 1u << i)
			fprintf(file, "fw_cfg: tamper=%s\n", parts[i]);
	return 0;
}

extern "C" int libfw_cfg_plugin_entry(plugin_t *plugin, Bit16u type, Bit8u mode)
{
	return sev_plugin_entry(plugin, type, mode, "fw_cfg", &device, parse, save);
}

/* --- for the launch and for whoever explains where a guest stopped --------------------------- */

const struct fw_cfg_blobs *sev_fw_cfg_blobs()
{
	return device && device->fw ? &device->machine.blobs : NULL;
}

void sev_fw_cfg_progress(struct fw_cfg_progress *progress)
{
	*progress = (struct fw_cfg_progress) {};
	if (device && device->fw)
		fw_cfg_machine_progress(device->fw, progress);
}

struct fw_cfg *sev_fw_cfg()
{
	return device ? device->fw : NULL;
}
