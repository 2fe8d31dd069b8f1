/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QEMU's firmware-configuration device, x86 flavour: a read-only store of numbered and named items
 * behind twelve I/O ports, read byte by byte or by a DMA of the device's own.
 *
 * Source: QEMU docs/specs/fw_cfg.rst; the behaviour in the corners (short reads, errors, invalid
 * keys) is that of QEMU's device.
 *
 * Byte orders, as there are five: the selector is little-endian, integer items are little-endian,
 * the file directory, the DMA address register and the DMA descriptor are big-endian.
 */
#ifndef SEV_FW_CFG_H
#define SEV_FW_CFG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* I/O ports. */
#define FW_CFG_PORT_SELECTOR 0x510 /* write 16 bits */
#define FW_CFG_PORT_DATA     0x511 /* read 8 bits */
#define FW_CFG_PORT_DMA_HIGH 0x514 /* write 32 bits, byte-swapped; reads show "QEMU CFG" */
#define FW_CFG_PORT_DMA_LOW  0x518 /* likewise; the write starts the transfer */
#define FW_CFG_PORT_LAST     0x51B

/* Keys. Bit 15 opens a second space of keys; bit 14 of a selector is ignored. */
#define FW_CFG_SIGNATURE     0x00
#define FW_CFG_ID	     0x01
#define FW_CFG_UUID	     0x02
#define FW_CFG_RAM_SIZE	     0x03
#define FW_CFG_NOGRAPHIC     0x04
#define FW_CFG_NB_CPUS	     0x05
#define FW_CFG_MACHINE_ID    0x06
#define FW_CFG_KERNEL_ADDR   0x07
#define FW_CFG_KERNEL_SIZE   0x08
#define FW_CFG_INITRD_ADDR   0x0A
#define FW_CFG_INITRD_SIZE   0x0B
#define FW_CFG_BOOT_DEVICE   0x0C
#define FW_CFG_NUMA	     0x0D
#define FW_CFG_BOOT_MENU     0x0E
#define FW_CFG_MAX_CPUS	     0x0F
#define FW_CFG_KERNEL_ENTRY  0x10
#define FW_CFG_KERNEL_DATA   0x11
#define FW_CFG_INITRD_DATA   0x12
#define FW_CFG_CMDLINE_ADDR  0x13
#define FW_CFG_CMDLINE_SIZE  0x14
#define FW_CFG_CMDLINE_DATA  0x15
#define FW_CFG_SETUP_ADDR    0x16
#define FW_CFG_SETUP_SIZE    0x17
#define FW_CFG_SETUP_DATA    0x18
#define FW_CFG_FILE_DIR	     0x19
#define FW_CFG_FILE_FIRST    0x20
#define FW_CFG_FILE_SLOTS    0x20
#define FW_CFG_FILE_NAME     56 /* bytes of the name in a directory entry, with the NUL */
#define FW_CFG_ARCH_LOCAL    0x8000
#define FW_CFG_ACPI_TABLES   0x8000
#define FW_CFG_IRQ0_OVERRIDE 0x8002
#define FW_CFG_E820_TABLE    0x8003
#define FW_CFG_HPET	     0x8004

struct fw_cfg;

/*
 * Guest physical memory as a device sees it: raw bytes, no key of a guest. Both return 0, or -1 if
 * a byte of the range is not memory. A range never crosses a 4 KiB boundary. Both functions NULL: a
 * device without DMA (bit 1 of the ID is clear, ports 0x514..0x51B do not answer).
 */
struct fw_cfg_config {
	void *ctx;
	int (*dma_read)(void *ctx, uint64_t gpa, void *buf, size_t size);
	int (*dma_write)(void *ctx, uint64_t gpa, const void *buf, size_t size);
};

/* Has the signature and ID items and nothing else; NULL: out of memory. */
struct fw_cfg *fw_cfg_new(const struct fw_cfg_config *config);
void fw_cfg_free(struct fw_cfg *fw);

/*
 * Items. `data` is referenced, not copied: it must live and stay unchanged as long as the device.
 * The _copy variants keep bytes of their own. All return 0, or -1 with err set (NULL allowed) if
 * the device is sealed, the key or name is taken, the key is not legal (files and the directory get
 * theirs from fw_cfg_seal), the name is not 1..55 printable ASCII characters, all
 * FW_CFG_FILE_SLOTS are in use, the size does not fit into 32 bits, or memory is short.
 */
int fw_cfg_add(
	struct fw_cfg *fw, uint16_t key, const void *data, size_t size, struct sev_error *err);
int fw_cfg_add_copy(
	struct fw_cfg *fw, uint16_t key, const void *data, size_t size, struct sev_error *err);
int fw_cfg_add_u16(struct fw_cfg *fw, uint16_t key, uint16_t value, struct sev_error *err);
int fw_cfg_add_u32(struct fw_cfg *fw, uint16_t key, uint32_t value, struct sev_error *err);
int fw_cfg_add_u64(struct fw_cfg *fw, uint16_t key, uint64_t value, struct sev_error *err);
int fw_cfg_add_file(
	struct fw_cfg *fw, const char *name, const void *data, size_t size, struct sev_error *err);
int fw_cfg_add_file_copy(
	struct fw_cfg *fw, const char *name, const void *data, size_t size, struct sev_error *err);

/*
 * For tests of measured boot: from now on the byte at `offset` of the item is served with its
 * lowest bit inverted. The referenced bytes stay as they are. One byte per item. Returns 0, or -1
 * if there is no such item or byte.
 */
int fw_cfg_flip(struct fw_cfg *fw, uint16_t key, size_t offset, struct sev_error *err);

/*
 * Sorts the files by name (strcmp), numbers them from FW_CFG_FILE_FIRST, writes the directory. No
 * item can be added after that. Returns 0, or -1 with err set: sealed already, out of memory.
 */
int fw_cfg_seal(struct fw_cfg *fw, struct sev_error *err);

/*
 * What a CPU does: size 1, 2 or 4. Accesses that no register takes read 0 and write nothing; the
 * DMA register of a device without DMA reads all ones.
 */
uint32_t fw_cfg_io_read(struct fw_cfg *fw, uint16_t port, unsigned size);
void fw_cfg_io_write(struct fw_cfg *fw, uint16_t port, unsigned size, uint32_t value);

/* The same as `size` one-byte reads of the data port (REP INSB). */
void fw_cfg_data_read(struct fw_cfg *fw, void *buf, size_t size);

/* Machine reset: item 0 selected, no DMA address, access record cleared. Items stay. */
void fw_cfg_reset(struct fw_cfg *fw);

/* --- what the guest did since reset (to explain a firmware that stopped) --------------------- */

/* The key selected last, as written without bit 14; FW_CFG_SIGNATURE after a reset. */
uint16_t fw_cfg_last_key(const struct fw_cfg *fw);

/* Whether the item exists and has been read up to its last byte (an empty one: always). */
bool fw_cfg_was_read(const struct fw_cfg *fw, uint16_t key);

/* Bytes that the item has; 0 if there is none. The key of a file; 0 if there is none (or no seal).
 */
size_t fw_cfg_size(const struct fw_cfg *fw, uint16_t key);
uint16_t fw_cfg_file_key(const struct fw_cfg *fw, const char *name);

#ifdef __cplusplus
}
#endif
#endif
