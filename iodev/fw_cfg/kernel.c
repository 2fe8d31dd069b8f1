/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/fw_cfg/kernel.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Offsets in the setup header. */
#define SETUP_SECTS	0x1F1
#define VID_MODE	0x1FA
#define HEADER		0x202 /* "HdrS" */
#define VERSION		0x206
#define TYPE_OF_LOADER	0x210
#define LOADFLAGS	0x211
#define RAMDISK_IMAGE	0x218
#define RAMDISK_SIZE	0x21C
#define HEAP_END_PTR	0x224
#define CMD_LINE_PTR	0x228
#define INITRD_ADDR_MAX 0x22C
#define XLOADFLAGS	0x236
#define HEADER_END	0x238

#define SECTOR		       512
#define LOADED_HIGH	       0x01 /* loadflags */
#define CAN_USE_HEAP	       0x80
#define CAN_BE_LOADED_ABOVE_4G 0x02 /* xloadflags */
#define LOADER_QEMU	       0xB0

#define OLD_INITRD_MAX 0x37FFFFFFu /* protocol before 2.03 */
#define TOP_RESERVED   0x20000u	   /* left free at the top of RAM */

int kernel_setup_size(const struct fw_cfg_bytes *kernel, size_t *size, struct sev_error *err)
{
	unsigned sectors;

	if (kernel->size <= SETUP_SECTS)
		return sev_fail(err, "fw_cfg: kernel=%s: %zu bytes are no bzImage", kernel->name,
			kernel->size);
	sectors = kernel->data[SETUP_SECTS];
	*size = ((sectors ? sectors : 4) + 1) * (size_t)SECTOR;
	if (kernel->size < *size)
		return sev_fail(err,
			"fw_cfg: kernel=%s: %zu bytes, but its setup part alone should have %zu: "
			"not a bzImage, or cut off",
			kernel->name, kernel->size, *size);
	return 0;
}

/* 0 if the file has no setup header. */
static unsigned protocol(const uint8_t *setup, size_t size)
{
	if (size < HEADER_END || memcmp(setup + HEADER, "HdrS", 4) != 0)
		return 0;
	return sev_le16(setup + VERSION);
}

static uint32_t initrd_max(const struct fw_cfg_bytes *kernel)
{
	unsigned version = protocol(kernel->data, kernel->size);

	if (version < 0x0203)
		return OLD_INITRD_MAX;
	if (version >= 0x020C && (kernel->data[XLOADFLAGS] & CAN_BE_LOADED_ABOVE_4G))
		return UINT32_MAX;
	return sev_le32(kernel->data + INITRD_ADDR_MAX);
}

int kernel_initrd_addr(const struct fw_cfg_machine *machine, uint32_t *addr, struct sev_error *err)
{
	const struct fw_cfg_bytes *initrd = &machine->blobs.initrd;
	uint64_t end = (uint64_t)initrd_max(&machine->blobs.kernel) + 1;

	if (end > machine->ram - TOP_RESERVED)
		end = machine->ram - TOP_RESERVED;
	if (initrd->size + KERNEL_ADDR + machine->blobs.kernel.size > end)
		return sev_fail(err,
			"fw_cfg: initrd=%s: %zu bytes do not fit beside the kernel into %" PRIu64
			" MiB of memory",
			initrd->name, initrd->size, machine->ram >> 20);
	*addr = (uint32_t)(end - initrd->size) & ~0xFFFu;
	return 0;
}

/* The video mode that vga= asks for; -1 if it does not. */
static long vga_mode(const char *cmdline)
{
	const char *vga = strstr(cmdline, "vga=");
	char *end;
	unsigned long mode;

	if (!vga || (vga != cmdline && vga[-1] != ' '))
		return -1;
	vga += 4;
	if (!strncmp(vga, "normal", 6))
		return 0xFFFF;
	if (!strncmp(vga, "ext", 3))
		return 0xFFFE;
	if (!strncmp(vga, "ask", 3))
		return 0xFFFD;
	mode = strtoul(vga, &end, 0);
	return end != vga && mode <= 0xFFFF ? (long)mode : -1;
}

void kernel_patch_setup(uint8_t *setup, size_t size, const char *cmdline, uint32_t initrd_addr,
	uint32_t initrd_size)
{
	long mode = vga_mode(cmdline);

	if (protocol(setup, size) < 0x0202 || !(setup[LOADFLAGS] & LOADED_HIGH))
		return;
	if (mode >= 0)
		sev_put16(setup + VID_MODE, (uint16_t)mode);
	setup[TYPE_OF_LOADER] = LOADER_QEMU;
	setup[LOADFLAGS] |= CAN_USE_HEAP;
	sev_put16(setup + HEAP_END_PTR, KERNEL_CMDLINE_ADDR - KERNEL_SETUP_ADDR - 0x200);
	sev_put32(setup + CMD_LINE_PTR, KERNEL_CMDLINE_ADDR);
	if (initrd_size) {
		sev_put32(setup + RAMDISK_IMAGE, initrd_addr);
		sev_put32(setup + RAMDISK_SIZE, initrd_size);
	}
}
