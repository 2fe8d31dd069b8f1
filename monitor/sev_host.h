/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a hypervisor asks the Secure Processor for on behalf of QMP's clients, with the checks,
 * their order and the texts of QEMU target/i386/sev.c and what QEMU's documentation says of them.
 *
 * The functions serve those of struct monitor_machine.
 */
#ifndef MONITOR_SEV_HOST_H
#define MONITOR_SEV_HOST_H

#include "iodev/psp/host.h"
#include "monitor/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

struct launch;

struct sev_host {
	struct psp_host mailbox;
	unsigned cbitpos, reduced_phys_bits;
	uint32_t policy;
	struct launch *launch; /* NULL: not a SEV guest, or not launched yet */
};

/* "Bad measurement"; "" for 0, "unknown error" for what QEMU has no text for. */
const char *sev_host_firmware_error(uint16_t status);

int sev_host_info(
	const struct sev_host *host, struct monitor_sev_info *info, struct sev_error *err);
/* A platform that is not initialised is, for the time of the commands. */
int sev_host_capabilities(const struct sev_host *host,
	struct monitor_sev_capabilities *capabilities, struct sev_error *err);
int sev_host_measure(
	const struct sev_host *host, uint8_t data[MONITOR_MEASURE_SIZE], struct sev_error *err);
int sev_host_inject(const struct sev_host *host, const struct sev_blob *header,
	const struct sev_blob *secret, const uint64_t *gpa, struct sev_error *err);
int sev_host_attestation(const struct sev_host *host, const struct sev_blob *mnonce,
	struct sev_blob *report, struct sev_error *err);

#ifdef __cplusplus
}
#endif
#endif
