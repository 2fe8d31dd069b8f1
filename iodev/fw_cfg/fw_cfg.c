/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a fw_cfg device holds: items by key, files by name, the directory of the files. */
#include "iodev/fw_cfg/fw_cfg.h"

#include <stdlib.h>
#include <string.h>

#include "iodev/fw_cfg/state.h"

#define ID_TRADITIONAL 1u
#define ID_DMA	       2u

#define DIR_ENTRY 64

struct fw_cfg *fw_cfg_new(const struct fw_cfg_config *config)
{
	struct fw_cfg *fw = calloc(1, sizeof(*fw));

	if (!fw)
		return NULL;
	fw->config = *config;
	fw->dma = config->dma_read && config->dma_write;
	if (fw_cfg_add(fw, FW_CFG_SIGNATURE, "QEMU", 4, NULL) ||
		fw_cfg_add_u32(fw, FW_CFG_ID, ID_TRADITIONAL | (fw->dma ? ID_DMA : 0), NULL)) {
		fw_cfg_free(fw);
		return NULL;
	}
	fw_cfg_reset(fw);
	return fw;
}

void fw_cfg_free(struct fw_cfg *fw)
{
	if (!fw)
		return;
	for (unsigned space = 0; space < 2; space++)
		for (unsigned index = 0; index < FW_CFG_INDICES; index++)
			free(fw->items[space][index].owned);
	for (unsigned i = 0; i < fw->file_count; i++)
		free(fw->files[i].item.owned);
	free(fw);
}

struct fw_cfg_item *fw_cfg_item(struct fw_cfg *fw, uint16_t key)
{
	unsigned index = key & FW_CFG_INDEX_MASK;
	struct fw_cfg_item *item;

	if (index >= FW_CFG_INDICES)
		return NULL;
	item = &fw->items[key & FW_CFG_ARCH_LOCAL ? 1 : 0][index];
	return item->present ? item : NULL;
}

static const struct fw_cfg_item *const_item(const struct fw_cfg *fw, uint16_t key)
{
	return fw_cfg_item((struct fw_cfg *)fw, key); /* looks only */
}

/* --- items ----------------------------------------------------------------------------------- */

/* Files and their directory are numbered by fw_cfg_seal; bit 14 is no part of a key. */
static bool legal_key(uint16_t key)
{
	unsigned index = key & ~FW_CFG_ARCH_LOCAL;

	return index < FW_CFG_FILE_FIRST && key != FW_CFG_FILE_DIR;
}

static int item_set(struct fw_cfg_item *item, const void *data, size_t size)
{
	item->present = true;
	item->data = data;
	item->size = size;
	return 0;
}

static int item_set_copy(
	struct fw_cfg_item *item, const void *data, size_t size, struct sev_error *err)
{
	void *copy = malloc(size ? size : 1);

	if (!copy)
		return sev_fail(err, "fw_cfg: no memory for an item of %zu bytes", size);
	if (size)
		memcpy(copy, data, size);
	item->owned = copy;
	return item_set(item, copy, size);
}

/* The place of a new item of that key; NULL with err set if there can be none. */
static struct fw_cfg_item *new_item(
	struct fw_cfg *fw, uint16_t key, size_t size, struct sev_error *err)
{
	if (fw->sealed)
		sev_fail(err, "fw_cfg: item 0x%04x added to a sealed device", key);
	else if (!legal_key(key))
		sev_fail(err,
			"fw_cfg: key 0x%04x is not legal: 0x0000..0x001f but not 0x0019, and "
			"0x8000..0x801f are",
			key);
	else if (fw_cfg_item(fw, key))
		sev_fail(err, "fw_cfg: there is an item 0x%04x already", key);
	else if (size > UINT32_MAX)
		sev_fail(err, "fw_cfg: item 0x%04x: %zu bytes, at most %u fit", key, size,
			UINT32_MAX);
	else
		return &fw->items[key & FW_CFG_ARCH_LOCAL ? 1 : 0][key & FW_CFG_INDEX_MASK];
	return NULL;
}

int fw_cfg_add(
	struct fw_cfg *fw, uint16_t key, const void *data, size_t size, struct sev_error *err)
{
	struct fw_cfg_item *item = new_item(fw, key, size, err);

	return item ? item_set(item, data, size) : -1;
}

int fw_cfg_add_copy(
	struct fw_cfg *fw, uint16_t key, const void *data, size_t size, struct sev_error *err)
{
	struct fw_cfg_item *item = new_item(fw, key, size, err);

	return item ? item_set_copy(item, data, size, err) : -1;
}

int fw_cfg_add_u16(struct fw_cfg *fw, uint16_t key, uint16_t value, struct sev_error *err)
{
	uint8_t bytes[2];

	sev_put16(bytes, value);
	return fw_cfg_add_copy(fw, key, bytes, sizeof(bytes), err);
}

int fw_cfg_add_u32(struct fw_cfg *fw, uint16_t key, uint32_t value, struct sev_error *err)
{
	uint8_t bytes[4];

	sev_put32(bytes, value);
	return fw_cfg_add_copy(fw, key, bytes, sizeof(bytes), err);
}

int fw_cfg_add_u64(struct fw_cfg *fw, uint16_t key, uint64_t value, struct sev_error *err)
{
	uint8_t bytes[8];

	sev_put64(bytes, value);
	return fw_cfg_add_copy(fw, key, bytes, sizeof(bytes), err);
}

int fw_cfg_flip(struct fw_cfg *fw, uint16_t key, size_t offset, struct sev_error *err)
{
	struct fw_cfg_item *item = fw_cfg_item(fw, key);

	if (!item || offset >= item->size)
		return sev_fail(err, "fw_cfg: item 0x%04x has no byte %zu", key, offset);
	item->flipped = true;
	item->flip_at = offset;
	return 0;
}

/* --- files ----------------------------------------------------------------------------------- */

static bool legal_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= FW_CFG_FILE_NAME)
		return false;
	for (const char *c = name; *c; c++)
		if (*c < 0x20 || *c > 0x7E)
			return false;
	return true;
}

/* The place of a new file of that name; NULL with err set if there can be none. */
static struct fw_cfg_file *new_file(
	struct fw_cfg *fw, const char *name, size_t size, struct sev_error *err)
{
	struct fw_cfg_file *file = &fw->files[fw->file_count];

	if (fw->sealed) {
		sev_fail(err, "fw_cfg: file '%.64s' added to a sealed device", name);
		return NULL;
	}
	if (!legal_name(name)) {
		sev_fail(err,
			"fw_cfg: '%.64s' is no file name: 1 to %d printable ASCII characters are",
			name, FW_CFG_FILE_NAME - 1);
		return NULL;
	}
	for (unsigned i = 0; i < fw->file_count; i++)
		if (!strcmp(fw->files[i].name, name)) {
			sev_fail(err, "fw_cfg: there is a file '%s' already", name);
			return NULL;
		}
	if (fw->file_count == FW_CFG_FILE_SLOTS) {
		sev_fail(err, "fw_cfg: no room for file '%s': %d files are legal", name,
			FW_CFG_FILE_SLOTS);
		return NULL;
	}
	if (size > UINT32_MAX) {
		sev_fail(err, "fw_cfg: file '%s': %zu bytes, at most %u fit", name, size,
			UINT32_MAX);
		return NULL;
	}
	strcpy(file->name, name);
	return file;
}

int fw_cfg_add_file(
	struct fw_cfg *fw, const char *name, const void *data, size_t size, struct sev_error *err)
{
	struct fw_cfg_file *file = new_file(fw, name, size, err);

	if (!file)
		return -1;
	fw->file_count++;
	return item_set(&file->item, data, size);
}

int fw_cfg_add_file_copy(
	struct fw_cfg *fw, const char *name, const void *data, size_t size, struct sev_error *err)
{
	struct fw_cfg_file *file = new_file(fw, name, size, err);

	if (!file || item_set_copy(&file->item, data, size, err))
		return -1;
	fw->file_count++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct fw_cfg_file *)a)->name, ((const struct fw_cfg_file *)b)->name);
}

static void put_be32(uint8_t *p, uint32_t value)
{
	sev_put32(p, __builtin_bswap32(value));
}

int fw_cfg_seal(struct fw_cfg *fw, struct sev_error *err)
{
	size_t size = 4 + (size_t)fw->file_count * DIR_ENTRY;
	uint8_t *directory, *entry;

	if (fw->sealed)
		return sev_fail(err, "fw_cfg: the device is sealed already");
	directory = calloc(1, size);
	if (!directory)
		return sev_fail(err, "fw_cfg: no memory for a directory of %zu bytes", size);
	qsort(fw->files, fw->file_count, sizeof(fw->files[0]), by_name);
	put_be32(directory, fw->file_count);
	entry = directory + 4;
	for (unsigned i = 0; i < fw->file_count; i++, entry += DIR_ENTRY) {
		struct fw_cfg_file *file = &fw->files[i];

		put_be32(entry, (uint32_t)file->item.size);
		entry[5] = (uint8_t)(FW_CFG_FILE_FIRST + i); /* big-endian, below 256 */
		memcpy(entry + 8, file->name, sizeof(file->name));
		fw->items[0][FW_CFG_FILE_FIRST + i] = file->item;
		file->item.owned = NULL;
	}
	fw->items[0][FW_CFG_FILE_DIR].owned = directory;
	fw->sealed = true;
	return item_set(&fw->items[0][FW_CFG_FILE_DIR], directory, size);
}

/* --- looking --------------------------------------------------------------------------------- */

uint16_t fw_cfg_last_key(const struct fw_cfg *fw)
{
	return fw->key;
}

bool fw_cfg_was_read(const struct fw_cfg *fw, uint16_t key)
{
	const struct fw_cfg_item *item = const_item(fw, key);

	return item && item->read_end == item->size;
}

size_t fw_cfg_size(const struct fw_cfg *fw, uint16_t key)
{
	const struct fw_cfg_item *item = const_item(fw, key);

	return item ? item->size : 0;
}

uint16_t fw_cfg_file_key(const struct fw_cfg *fw, const char *name)
{
	for (unsigned i = 0; fw->sealed && i < fw->file_count; i++)
		if (!strcmp(fw->files[i].name, name))
			return (uint16_t)(FW_CFG_FILE_FIRST + i);
	return 0;
}
