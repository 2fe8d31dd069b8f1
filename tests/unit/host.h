/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine for launches without an emulator: RAM, firmware below 4 GiB, a window of host memory
 * and a chip whose keys follow from a seed. The guest owner's side stands beside it.
 */
#ifndef TESTS_UNIT_HOST_H
#define TESTS_UNIT_HOST_H

#include <stdlib.h>
#include <string.h>

#include "bios/launch.h"
#include "crypto/crypto.h"
#include "iodev/psp/cert.h"
#include "iodev/psp/psp.h"
#include "iodev/psp/psp_abi.h"
#include "iodev/psp/session.h"
#include "memory/memory.h"

#define HOST_RAM	 0x1000000u /* 16 MiB: reaches over OVMF's areas */
#define HOST_WINDOW	 0xE0000000u
#define HOST_WINDOW_SIZE (LAUNCH_WINDOW_SIZE + SEVMEM_PAGE)
#define HOST_SCRATCH	 (HOST_WINDOW + LAUNCH_WINDOW_SIZE) /* a page for commands of tests */
#define HOST_ASID	 5

struct host {
	struct sevmem *memory;
	struct psp *psp;
	uint8_t *ram, *rom, *window;
	struct launch_config config; /* a launch of the firmware alone, keys that nobody knows */
};

/* Copies the firmware. seed as in psp_config. False: out of memory or an illegal size. */
static inline bool host_start(
	struct host *host, const uint8_t *firmware, size_t size, const void *seed, size_t seed_size)
{
	struct psp_config chip = {
		.max_asid = 15, .min_sev_asid = 5, .cores = 2, .seed = seed, .seed_size = seed_size
	};
	uint64_t rom_base = 0x100000000u - size;

	memset(host, 0, sizeof(*host));
	host->memory = sevmem_new();
	host->ram = aligned_alloc(SEVMEM_PAGE, HOST_RAM);
	host->rom = aligned_alloc(SEVMEM_PAGE, size);
	host->window = aligned_alloc(SEVMEM_PAGE, HOST_WINDOW_SIZE);
	if (!host->memory || !host->ram || !host->rom || !host->window)
		return false;
	memset(host->ram, 0, HOST_RAM);
	memset(host->window, 0, HOST_WINDOW_SIZE);
	memcpy(host->rom, firmware, size);
	if (sevmem_add_flat(host->memory, 0, HOST_RAM, host->ram) ||
		sevmem_add_flat(host->memory, rom_base, size, host->rom) ||
		sevmem_add_flat(host->memory, HOST_WINDOW, HOST_WINDOW_SIZE, host->window))
		return false;
	chip.memory = host->memory;
	host->psp = psp_new(&chip, NULL);
	host->config = (struct launch_config) { .psp = host->psp,
		.memory = host->memory,
		.host_window_spa = HOST_WINDOW,
		.host_window_size = LAUNCH_WINDOW_SIZE,
		.cores = chip.cores,
		.policy = PSP_POLICY_NODBG,
		.asid = HOST_ASID,
		.cbitpos = 51,
		.firmware_name = "firmware.fd",
		.firmware_gpa = rom_base,
		.firmware_size = size,
		.ram_size = HOST_RAM };
	return host->psp != NULL;
}

static inline void host_stop(struct host *host)
{
	psp_free(host->psp);
	sevmem_free(host->memory);
	free(host->ram);
	free(host->rom);
	free(host->window);
}

/* One command with its buffer in the scratch page. */
static inline uint16_t host_command(struct host *host, uint32_t id, void *buffer, size_t size)
{
	uint16_t status;

	sevmem_write(host->memory, HOST_SCRATCH, SEVMEM_RAW, buffer, size);
	status = psp_command(host->psp, id, HOST_SCRATCH);
	sevmem_read(host->memory, HOST_SCRATCH, SEVMEM_RAW, buffer, size);
	return status;
}

/* PDH, PEK, OCA, CEK, as sevctl exports them; brings the platform up if it is not. */
static inline uint16_t host_export(
	struct host *host, struct psp_cert *pdh, struct psp_cert_chain *chain)
{
	struct psp_init init = { 0 };
	struct psp_pdh_cert_export export = {
		.pdh_paddr = HOST_WINDOW,
		.pdh_length = sizeof(*pdh),
		.certs_paddr = HOST_WINDOW + SEVMEM_PAGE,
		.certs_length = sizeof(*chain),
	};
	uint16_t status;

	host_command(host, PSP_CMD_INIT, &init, sizeof(init));
	status = host_command(host, PSP_CMD_PDH_CERT_EXPORT, &export, sizeof(export));
	sevmem_read(host->memory, HOST_WINDOW, SEVMEM_RAW, pdh, sizeof(*pdh));
	sevmem_read(host->memory, HOST_WINDOW + SEVMEM_PAGE, SEVMEM_RAW, chain, sizeof(*chain));
	return status;
}

#endif
