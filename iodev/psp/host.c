/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/psp/host.h"

#include "iodev/psp/psp.h"
#include "memory/memory.h"

bool psp_host_usable(const struct psp_host *host)
{
	return host->window % SEVMEM_PAGE == 0 &&
	       sevmem_is_memory(host->memory, host->window, PSP_HOST_WINDOW);
}

uint64_t psp_host_address(const struct psp_host *host, enum psp_host_at at)
{
	return host->window + at;
}

int psp_host_put(const struct psp_host *host, enum psp_host_at at, const void *data, size_t size)
{
	return sevmem_write(host->memory, host->window + at, SEVMEM_RAW, data, size);
}

int psp_host_get(const struct psp_host *host, enum psp_host_at at, void *data, size_t size)
{
	return sevmem_read(host->memory, host->window + at, SEVMEM_RAW, data, size);
}

static uint16_t run(const struct psp_host *host, uint32_t id, void *buffer, size_t size)
{
	uint16_t status;

	if (!size)
		return psp_command(host->psp, id, 0);
	if (psp_host_put(host, PSP_HOST_COMMAND, buffer, size))
		return PSP_INVALID_ADDRESS;
	status = psp_command(host->psp, id, psp_host_address(host, PSP_HOST_COMMAND));
	psp_host_get(host, PSP_HOST_COMMAND, buffer, size);
	return status;
}

uint16_t psp_host_command(const struct psp_host *host, uint32_t id, void *buffer, size_t size)
{
	uint16_t status;

	psp_set_caller(host->psp, host->caller);
	status = run(host, id, buffer, size);
	psp_set_caller(host->psp, NULL);
	return status;
}
