/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The device's state, shared by fw_cfg.c (what it holds) and fw_cfg_io.c (what the guest sees). */
#ifndef SEV_FW_CFG_STATE_H
#define SEV_FW_CFG_STATE_H

#include "iodev/fw_cfg/fw_cfg.h"

#define FW_CFG_INDEX_MASK 0x3FFF
#define FW_CFG_INDICES	  (FW_CFG_FILE_FIRST + FW_CFG_FILE_SLOTS)

struct fw_cfg_item {
	bool present;
	const uint8_t *data;
	size_t size;
	void *owned; /* to be freed, if the bytes are the device's own */
	bool flipped;
	size_t flip_at;
	size_t read_end; /* how far the guest has read */
};

struct fw_cfg_file {
	char name[FW_CFG_FILE_NAME];
	struct fw_cfg_item item; /* moves to its key when the device is sealed */
};

struct fw_cfg {
	struct fw_cfg_config config;
	bool dma;
	bool sealed;
	struct fw_cfg_item items[2][FW_CFG_INDICES]; /* generic, architecture-local */
	struct fw_cfg_file files[FW_CFG_FILE_SLOTS];
	unsigned file_count;

	uint16_t key;		     /* last one selected */
	struct fw_cfg_item *current; /* NULL: reads as nothing */
	size_t offset;
	uint64_t dma_address;
};

/* NULL if the key is out of range or has no item. */
struct fw_cfg_item *fw_cfg_item(struct fw_cfg *fw, uint16_t key);

void fw_cfg_select(struct fw_cfg *fw, uint16_t key);

#endif
