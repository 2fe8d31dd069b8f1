/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hypervisor's side of the mailbox: a window of memory that is not the guest's, through which
 * commands and their buffers reach the Secure Processor. One command at a time, so all who drive
 * the chip can share the window.
 */
#ifndef SEV_PSP_HOST_H
#define SEV_PSP_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "iodev/psp/psp_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

struct psp;
struct sevmem;

#define PSP_HOST_WINDOW 0x10000

/* What lies where in the window. */
enum psp_host_at {
	PSP_HOST_COMMAND = 0x0000,
	PSP_HOST_OUTPUT = 0x1000,
	PSP_HOST_CERT = 0x2000, /* a certificate, or a chain of three */
	PSP_HOST_SESSION = 0x5000,
	PSP_HOST_HEADER = 0x6000,
	PSP_HOST_PAYLOAD = 0xa000,
};

static_assert(PSP_HOST_CERT + sizeof(struct psp_cert_chain) <= PSP_HOST_SESSION, "chain");
static_assert(PSP_HOST_HEADER + PSP_SECRET_MAX <= PSP_HOST_PAYLOAD, "packet header");
static_assert(PSP_HOST_PAYLOAD + PSP_SECRET_MAX <= PSP_HOST_WINDOW, "packet");

struct psp_host {
	struct psp *psp;
	struct sevmem *memory;
	uint64_t window;    /* address of PSP_HOST_WINDOW bytes, at a page boundary */
	const char *caller; /* for psp_set_caller; NULL: "host" */
};

/* Whether all of the window is memory: without it no command can be given. */
bool psp_host_usable(const struct psp_host *host);

/* Where that part of the window lies, for an address in a command's buffer. */
uint64_t psp_host_address(const struct psp_host *host, enum psp_host_at at);

/* Copies into and out of the window. 0, or -1: there is no memory. */
int psp_host_put(const struct psp_host *host, enum psp_host_at at, const void *data, size_t size);
int psp_host_get(const struct psp_host *host, enum psp_host_at at, void *data, size_t size);

/*
 * Runs one command, whose buffer of size bytes (0: it has none) is copied to the window and back.
 * Returns the firmware's status; PSP_INVALID_ADDRESS also if the window is not memory.
 */
uint16_t psp_host_command(const struct psp_host *host, uint32_t id, void *buffer, size_t size);

#ifdef __cplusplus
}
#endif
#endif
