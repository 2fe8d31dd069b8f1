/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/fw_cfg/acpi_loader.h"

#include <assert.h>
#include <string.h>

enum command { ALLOCATE = 1, ADD_POINTER = 2, ADD_CHECKSUM = 3 };

/* A new record; returns where its arguments start. */
static uint8_t *record(struct acpi_loader *loader, enum command command)
{
	uint8_t *at = loader->data + (size_t)loader->count * ACPI_LOADER_RECORD;

	assert(loader->count < loader->max);
	loader->count++;
	sev_put32(at, command);
	return at + 4;
}

static uint8_t *put_name(uint8_t *at, const char *file)
{
	assert(strlen(file) < ACPI_LOADER_NAME);
	memcpy(at, file, strlen(file));
	return at + ACPI_LOADER_NAME;
}

void acpi_loader_allocate(
	struct acpi_loader *loader, const char *file, uint32_t align, enum acpi_loader_zone zone)
{
	uint8_t *at = put_name(record(loader, ALLOCATE), file);

	sev_put32(at, align);
	at[4] = (uint8_t)zone;
}

void acpi_loader_pointer(struct acpi_loader *loader, const char *file, uint32_t offset,
	uint8_t size, const char *source)
{
	uint8_t *at = put_name(put_name(record(loader, ADD_POINTER), file), source);

	sev_put32(at, offset);
	at[4] = size;
}

void acpi_loader_checksum(
	struct acpi_loader *loader, const char *file, uint32_t at, uint32_t start, uint32_t length)
{
	uint8_t *args = put_name(record(loader, ADD_CHECKSUM), file);

	sev_put32(args, at);
	sev_put32(args + 4, start);
	sev_put32(args + 8, length);
}
