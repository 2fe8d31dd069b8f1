/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/fw_cfg/machine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "iodev/fw_cfg/acpi.h"
#include "iodev/fw_cfg/kernel.h"

#define RAM_MIN 0x1000000ull

#define E820_ENTRY 20
#define E820_RAM   1

/* Everything that is being done to one device; a step that fails leaves err set. */
struct fill {
	struct fw_cfg *fw;
	const struct fw_cfg_machine *machine;
	struct sev_error *err;
};

static int check(const struct fill *f)
{
	const struct fw_cfg_machine *m = f->machine;

	if (m->cpus < 1 || m->cpus > FW_CFG_MACHINE_CPUS)
		return sev_fail(f->err, "fw_cfg: %u processors: 1..%u are legal", m->cpus,
			FW_CFG_MACHINE_CPUS);
	if (m->ram < RAM_MIN || m->ram > FW_CFG_MACHINE_RAM)
		return sev_fail(f->err,
			"fw_cfg: %" PRIu64 " MiB of memory: %llu..%llu MiB are legal", m->ram >> 20,
			RAM_MIN >> 20, FW_CFG_MACHINE_RAM >> 20);
	if (m->blobs.kernel.data) {
		const struct fw_cfg_bytes *c = &m->blobs.cmdline;

		return c->size && c->data[c->size - 1] == 0
			       ? 0
			       : sev_fail(f->err, "fw_cfg: the command line does not end in NUL");
	}
	if (m->blobs.initrd.size)
		return sev_fail(f->err, "fw_cfg: initrd=%s: legal only together with kernel=",
			m->blobs.initrd.name);
	if (m->blobs.cmdline.size > 1)
		return sev_fail(f->err, "fw_cfg: append=%s: legal only together with kernel=",
			(const char *)m->blobs.cmdline.data);
	return 0;
}

/* --- numbered items -------------------------------------------------------------------------- */

static int add_identity(const struct fill *f)
{
	static const uint8_t uuid[16];
	const struct fw_cfg_machine *m = f->machine;

	return fw_cfg_add(f->fw, FW_CFG_UUID, uuid, sizeof(uuid), f->err) ||
	       fw_cfg_add_u64(f->fw, FW_CFG_RAM_SIZE, m->ram, f->err) ||
	       fw_cfg_add_u16(f->fw, FW_CFG_NOGRAPHIC, 0, f->err) ||
	       fw_cfg_add_u16(f->fw, FW_CFG_NB_CPUS, (uint16_t)m->cpus, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_MACHINE_ID, 0, f->err) ||
	       fw_cfg_add_u16(f->fw, FW_CFG_BOOT_DEVICE, 0, f->err) ||
	       fw_cfg_add_u64(f->fw, FW_CFG_NUMA, 0, f->err) ||
	       fw_cfg_add_u16(f->fw, FW_CFG_BOOT_MENU, 0, f->err) ||
	       fw_cfg_add_u16(f->fw, FW_CFG_MAX_CPUS, (uint16_t)m->cpus, f->err);
}

/* What old firmware reads: no tables, no map, but the timer and where IRQ 0 goes. */
static int add_arch(const struct fill *f)
{
	static const uint8_t hpet[] = {
		1,				    /* count */
		0x01, 0xA2, 0x86, 0x80,		    /* its id register */
		0x00, 0x00, 0xD0, 0xFE, 0, 0, 0, 0, /* its address */
		100, 0,				    /* minimum tick */
		0,				    /* no page protection */
	};

	return fw_cfg_add_u16(f->fw, FW_CFG_ACPI_TABLES, 0, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_IRQ0_OVERRIDE, 1, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_E820_TABLE, 0, f->err) ||
	       (f->machine->hpet && fw_cfg_add(f->fw, FW_CFG_HPET, hpet, sizeof(hpet), f->err));
}

/* --- direct boot ----------------------------------------------------------------------------- */

/* A confidential guest measures the file, so it gets the file. */
static int add_setup(const struct fill *f, size_t size, uint32_t initrd_addr)
{
	const struct fw_cfg_blobs *b = &f->machine->blobs;
	uint8_t *patched;
	int ret;

	if (f->machine->confidential)
		return fw_cfg_add(f->fw, FW_CFG_SETUP_DATA, b->kernel.data, size, f->err);
	patched = malloc(size);
	if (!patched)
		return sev_fail(f->err, "fw_cfg: no memory for %zu bytes of setup part", size);
	memcpy(patched, b->kernel.data, size);
	kernel_patch_setup(patched, size, (const char *)b->cmdline.data, initrd_addr,
		(uint32_t)b->initrd.size);
	ret = fw_cfg_add_copy(f->fw, FW_CFG_SETUP_DATA, patched, size, f->err);
	free(patched);
	return ret;
}

static int add_kernel(const struct fill *f, uint32_t initrd_addr)
{
	const struct fw_cfg_bytes *kernel = &f->machine->blobs.kernel;
	size_t setup, rest;

	if (kernel_setup_size(kernel, &setup, f->err))
		return -1;
	rest = kernel->size - setup;
	return add_setup(f, setup, initrd_addr) ||
	       fw_cfg_add(f->fw, FW_CFG_KERNEL_DATA, kernel->data + setup, rest, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_SETUP_ADDR, KERNEL_SETUP_ADDR, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_SETUP_SIZE, (uint32_t)setup, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_KERNEL_ADDR, KERNEL_ADDR, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_KERNEL_SIZE, (uint32_t)rest, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_KERNEL_ENTRY, 0, f->err);
}

static int add_initrd(const struct fill *f, uint32_t addr)
{
	const struct fw_cfg_bytes *initrd = &f->machine->blobs.initrd;

	return fw_cfg_add(f->fw, FW_CFG_INITRD_DATA, initrd->data, initrd->size, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_INITRD_ADDR, addr, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_INITRD_SIZE, (uint32_t)initrd->size, f->err);
}

static int add_cmdline(const struct fill *f)
{
	const struct fw_cfg_bytes *cmdline = &f->machine->blobs.cmdline;

	return fw_cfg_add(f->fw, FW_CFG_CMDLINE_DATA, cmdline->data, cmdline->size, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_CMDLINE_ADDR, KERNEL_CMDLINE_ADDR, f->err) ||
	       fw_cfg_add_u32(f->fw, FW_CFG_CMDLINE_SIZE, (uint32_t)cmdline->size, f->err);
}

static int add_direct_boot(const struct fill *f)
{
	uint32_t initrd_addr = 0;

	if (!f->machine->blobs.kernel.data)
		return 0;
	if (f->machine->blobs.initrd.size && kernel_initrd_addr(f->machine, &initrd_addr, f->err))
		return -1;
	return add_kernel(f, initrd_addr) || add_initrd(f, initrd_addr) || add_cmdline(f);
}

/* In the middle: of the kernel, beyond every header; of the command line, before its NUL. */
static int tamper(const struct fill *f, unsigned which, const char *name, uint16_t key, size_t tail)
{
	size_t size = fw_cfg_size(f->fw, key);

	if (!(f->machine->tamper & which))
		return 0;
	if (size <= tail)
		return sev_fail(
			f->err, "fw_cfg: tamper=%s: there is no %s to tamper with", name, name);
	return fw_cfg_flip(f->fw, key, (size - tail) / 2, f->err);
}

static int add_tampering(const struct fill *f)
{
	return tamper(f, FW_CFG_TAMPER_KERNEL, "kernel", FW_CFG_KERNEL_DATA, 0) ||
	       tamper(f, FW_CFG_TAMPER_INITRD, "initrd", FW_CFG_INITRD_DATA, 0) ||
	       tamper(f, FW_CFG_TAMPER_CMDLINE, "cmdline", FW_CFG_CMDLINE_DATA, 1);
}

/* --- files ----------------------------------------------------------------------------------- */

/* RAM only, in one piece from 0: OVMF adds holes, APICs and flash itself and trips over ours. */
static int add_e820(const struct fill *f)
{
	uint8_t entry[E820_ENTRY];

	sev_put64(entry, 0);
	sev_put64(entry + 8, f->machine->ram);
	sev_put32(entry + 16, E820_RAM);
	return fw_cfg_add_file_copy(f->fw, "etc/e820", entry, sizeof(entry), f->err);
}

static int add_acpi(const struct fill *f)
{
	struct acpi_machine machine = { f->machine->cpus, f->machine->ram, f->machine->hpet };
	struct acpi_set set;
	int ret;

	if (acpi_build(&machine, &set, f->err))
		return -1;
	ret = fw_cfg_add_file_copy(
		      f->fw, "etc/acpi/tables", set.tables.data, set.tables.size, f->err) ||
	      fw_cfg_add_file_copy(f->fw, "etc/acpi/rsdp", set.rsdp.data, set.rsdp.size, f->err) ||
	      fw_cfg_add_file_copy(
		      f->fw, "etc/table-loader", set.loader.data, set.loader.size, f->err);
	acpi_set_free(&set);
	return ret;
}

static int add_bootorder(const struct fill *f)
{
	const char *order = f->machine->bootorder;

	if (!order)
		return 0;
	return fw_cfg_add_file_copy(f->fw, "bootorder", order, strlen(order) + 1, f->err);
}

static int add_files(const struct fill *f)
{
	for (size_t i = 0; i < f->machine->file_count; i++) {
		const struct fw_cfg_bytes *file = &f->machine->files[i];

		if (fw_cfg_add_file(f->fw, file->name, file->data, file->size, f->err))
			return -1;
	}
	return 0;
}

int fw_cfg_machine_fill(
	struct fw_cfg *fw, const struct fw_cfg_machine *machine, struct sev_error *err)
{
	static int (*const steps[])(const struct fill *) = {
		check,
		add_identity,
		add_arch,
		add_direct_boot,
		add_tampering,
		add_e820,
		add_acpi,
		add_bootorder,
		add_files,
	};
	struct fill f = { fw, machine, err };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i](&f))
			return -1;
	return fw_cfg_seal(fw, err);
}

/* --- progress -------------------------------------------------------------------------------- */

static const char *part_of(uint16_t key)
{
	switch (key) {
	case FW_CFG_KERNEL_SIZE:
	case FW_CFG_KERNEL_DATA:
	case FW_CFG_SETUP_SIZE:
	case FW_CFG_SETUP_DATA:
		return "kernel";
	case FW_CFG_INITRD_SIZE:
	case FW_CFG_INITRD_DATA:
		return "initrd";
	case FW_CFG_CMDLINE_SIZE:
	case FW_CFG_CMDLINE_DATA:
		return "cmdline";
	}
	return NULL;
}

void fw_cfg_machine_progress(const struct fw_cfg *fw, struct fw_cfg_progress *progress)
{
	progress->kernel =
		fw_cfg_was_read(fw, FW_CFG_SETUP_DATA) && fw_cfg_was_read(fw, FW_CFG_KERNEL_DATA);
	progress->initrd = fw_cfg_was_read(fw, FW_CFG_INITRD_DATA);
	progress->cmdline = fw_cfg_was_read(fw, FW_CFG_CMDLINE_DATA);
	progress->last = part_of(fw_cfg_last_key(fw));
}
