/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor/sev_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bios/launch.h"
#include "iodev/psp/psp.h"
#include "iodev/psp/psp_abi.h"
#include "memory/memory.h"

const char *sev_host_firmware_error(uint16_t status)
{
	static const char *const texts[] = {
		[PSP_SUCCESS] = "",
		[PSP_INVALID_PLATFORM_STATE] = "Platform state is invalid",
		[PSP_INVALID_GUEST_STATE] = "Guest state is invalid",
		[PSP_INVALID_CONFIG] = "Platform configuration is invalid",
		[PSP_INVALID_LENGTH] = "Buffer too small",
		[PSP_ALREADY_OWNED] = "Platform is already owned",
		[PSP_INVALID_CERTIFICATE] = "Certificate is invalid",
		[PSP_POLICY_FAILURE] = "Policy is not allowed",
		[PSP_INACTIVE] = "Guest is not active",
		[PSP_INVALID_ADDRESS] = "Invalid address",
		[PSP_BAD_SIGNATURE] = "Bad signature",
		[PSP_BAD_MEASUREMENT] = "Bad measurement",
		[PSP_ASID_OWNED] = "ASID is already owned",
		[PSP_INVALID_ASID] = "Invalid ASID",
		[PSP_WBINVD_REQUIRED] = "WBINVD is required",
		[PSP_DFFLUSH_REQUIRED] = "DF_FLUSH is required",
		[PSP_INVALID_GUEST] = "Guest handle is invalid",
		[PSP_INVALID_COMMAND] = "Invalid command",
		[PSP_ACTIVE] = "Guest is active",
		[PSP_HWERROR_PLATFORM] = "Hardware error",
		[PSP_HWERROR_UNSAFE] = "Hardware unsafe",
		[PSP_UNSUPPORTED] = "Feature not supported",
		[PSP_INVALID_PARAM] = "Invalid parameter",
		[PSP_RESOURCE_LIMIT] = "Required firmware resource depleted",
		[PSP_SECURE_DATA_INVALID] = "Part-specific integrity check failure",
	};

	return status < sizeof(texts) / sizeof(texts[0]) && texts[status] ? texts[status]
									  : "unknown error";
}

/* What a command has left in the window. */
static int copy_out(
	const struct sev_host *host, enum psp_host_at at, size_t size, struct sev_blob *out)
{
	out->data = malloc(size);
	out->size = size;
	return out->data ? psp_host_get(&host->mailbox, at, out->data, size) : -1;
}

/* Asked in the monitor's name, not in that of the launch. */
static int guest_status(
	const struct sev_host *host, struct launch_status *status, struct sev_error *err)
{
	struct launch asked = *host->launch;

	asked.host.caller = host->mailbox.caller;
	return launch_status(&asked, status, err);
}

/* --- query-sev, query-sev-launch-measure ------------------------------------------------------ */

int sev_host_info(const struct sev_host *host, struct monitor_sev_info *info, struct sev_error *err)
{
	struct launch_status status;

	*info = (struct monitor_sev_info) { .state = "uninit" };
	if (!host->launch)
		return 0;
	if (guest_status(host, &status, err))
		return -1;
	*info = (struct monitor_sev_info) {
		.enabled = true,
		.api_major = status.api_major,
		.api_minor = status.api_minor,
		.build_id = status.build_id,
		.policy = host->policy,
		.handle = status.handle,
		.state = status.state_name,
	};
	return 0;
}

int sev_host_measure(
	const struct sev_host *host, uint8_t data[MONITOR_MEASURE_SIZE], struct sev_error *err)
{
	struct launch_status status;

	if (!host->launch || guest_status(host, &status, NULL) || status.state < PSP_GUEST_LSECRET)
		return sev_fail(err, "SEV launch measurement is not available");
	report_data(&host->launch->report, data);
	return 0;
}

/* --- query-sev-capabilities ------------------------------------------------------------------ */

/* As an ioctl on /dev/sev reports it. */
static int platform_failed(const char *what, uint16_t status, struct sev_error *err)
{
	return sev_fail(err, "SEV: Failed to %s ret=-1 fw_err=%u (%s)", what, status,
		sev_host_firmware_error(status));
}

static int export_pdh(
	const struct sev_host *host, struct monitor_sev_capabilities *cap, struct sev_error *err)
{
	struct psp_pdh_cert_export buffer = {
		.pdh_paddr = psp_host_address(&host->mailbox, PSP_HOST_OUTPUT),
		.pdh_length = sizeof(struct psp_cert),
		.certs_paddr = psp_host_address(&host->mailbox, PSP_HOST_CERT),
		.certs_length = sizeof(struct psp_cert_chain),
	};
	uint16_t status =
		psp_host_command(&host->mailbox, PSP_CMD_PDH_CERT_EXPORT, &buffer, sizeof(buffer));

	if (status == PSP_SUCCESS &&
		(copy_out(host, PSP_HOST_OUTPUT, sizeof(struct psp_cert), &cap->pdh) ||
			copy_out(host, PSP_HOST_CERT, sizeof(struct psp_cert_chain),
				&cap->cert_chain)))
		status = PSP_RESOURCE_LIMIT;
	return status ? platform_failed("export PDH cert", status, err) : 0;
}

static int get_id(
	const struct sev_host *host, struct monitor_sev_capabilities *cap, struct sev_error *err)
{
	struct psp_get_id buffer = {
		.id_paddr = psp_host_address(&host->mailbox, PSP_HOST_OUTPUT),
		.id_length = PSP_ID_SIZE,
	};
	uint16_t status = psp_host_command(&host->mailbox, PSP_CMD_GET_ID, &buffer, sizeof(buffer));

	if (status == PSP_SUCCESS && copy_out(host, PSP_HOST_OUTPUT, PSP_ID_SIZE, &cap->cpu0_id))
		status = PSP_RESOURCE_LIMIT;
	return status ? platform_failed("get ID", status, err) : 0;
}

/* Sets *initialised if that was necessary. */
static int initialise(const struct sev_host *host, bool *initialised, struct sev_error *err)
{
	struct psp_platform_status platform = { 0 };
	struct psp_init init = { 0 };
	uint16_t status = psp_host_command(
		&host->mailbox, PSP_CMD_PLATFORM_STATUS, &platform, sizeof(platform));

	*initialised = false;
	if (status == PSP_SUCCESS && platform.state == PSP_PLATFORM_UNINIT) {
		status = psp_host_command(&host->mailbox, PSP_CMD_INIT, &init, sizeof(init));
		*initialised = status == PSP_SUCCESS;
	}
	return status ? platform_failed("export PDH cert", status, err) : 0;
}

int sev_host_capabilities(
	const struct sev_host *host, struct monitor_sev_capabilities *cap, struct sev_error *err)
{
	bool initialised;
	int result;

	*cap = (struct monitor_sev_capabilities) {
		.cbitpos = host->cbitpos,
		.reduced_phys_bits = host->reduced_phys_bits,
	};
	if (initialise(host, &initialised, err))
		return -1;
	result = export_pdh(host, cap, err);
	if (!result)
		result = get_id(host, cap, err);
	if (initialised)
		psp_host_command(&host->mailbox, PSP_CMD_SHUTDOWN, NULL, 0);
	if (result) {
		sev_blob_free(&cap->pdh);
		sev_blob_free(&cap->cert_chain);
		sev_blob_free(&cap->cpu0_id);
	}
	return result;
}

/* --- sev-inject-launch-secret ---------------------------------------------------------------- */

#define NO_ADDRESS "SEV: Failed to calculate guest address: "

/* All of [gpa, gpa + size) has to be RAM. */
static int check_address(
	const struct sev_host *host, uint64_t gpa, size_t size, struct sev_error *err)
{
	unsigned long long address = gpa;

	if (!sevmem_is_memory(host->mailbox.memory, gpa, 1))
		return sev_fail(err, NO_ADDRESS "No memory is mapped at address 0x%llx", address);
	if (gpa >= host->launch->config->ram_size)
		return sev_fail(err, NO_ADDRESS "Memory at address 0x%llx is not RAM", address);
	if (size > host->launch->config->ram_size - gpa ||
		!sevmem_is_memory(host->mailbox.memory, gpa, size))
		return sev_fail(
			err, NO_ADDRESS "Size of memory region at 0x%llx exceeded.", address);
	return 0;
}

/* As KVM's ioctl reports it. */
static int not_injected(int ret, uint16_t status, struct sev_error *err)
{
	return sev_fail(err, "SEV: failed to inject secret ret=%d fw_error=%u '%s'", ret, status,
		sev_host_firmware_error(status));
}

static int inject(const struct sev_host *host, const struct sev_blob *header,
	const struct sev_blob *secret, uint64_t gpa, struct sev_error *err)
{
	struct psp_transport buffer = {
		.handle = host->launch->handle,
		.hdr_paddr = psp_host_address(&host->mailbox, PSP_HOST_HEADER),
		.hdr_length = (uint32_t)header->size,
		.guest_paddr = gpa,
		.guest_length = (uint32_t)secret->size,
		.trans_paddr = psp_host_address(&host->mailbox, PSP_HOST_PAYLOAD),
		.trans_length = (uint32_t)secret->size,
	};
	uint16_t status;

	if (header->size > PSP_SECRET_MAX || secret->size > PSP_SECRET_MAX ||
		psp_host_put(&host->mailbox, PSP_HOST_HEADER, header->data, header->size) ||
		psp_host_put(&host->mailbox, PSP_HOST_PAYLOAD, secret->data, secret->size))
		return not_injected(-EINVAL, PSP_SUCCESS, err);
	status = psp_host_command(&host->mailbox, PSP_CMD_LAUNCH_SECRET, &buffer, sizeof(buffer));
	return status ? not_injected(-EIO, status, err) : 0;
}

int sev_host_inject(const struct sev_host *host, const struct sev_blob *header,
	const struct sev_blob *secret, const uint64_t *gpa, struct sev_error *err)
{
	struct launch_status status;
	uint64_t address;

	if (!host->launch)
		return sev_fail(err, "SEV not enabled for guest");
	if (!gpa && !host->launch->secrets.size)
		return sev_fail(err, "SEV: no secret area found in OVMF, gpa must be specified.");
	if (guest_status(host, &status, err))
		return -1;
	if (status.state != PSP_GUEST_LSECRET)
		return sev_fail(err, "SEV: Not in correct state. (LSECRET) %x", status.state);
	if (!header->size)
		return sev_fail(err, "SEV: Failed to decode sequence header");
	if (!secret->size)
		return sev_fail(err, "SEV: Failed to decode data");
	address = gpa ? *gpa : host->launch->secrets.base;
	if (check_address(host, address, secret->size, err))
		return -1;
	return inject(host, header, secret, address, err);
}

/* --- query-sev-attestation-report ------------------------------------------------------------ */

int sev_host_attestation(const struct sev_host *host, const struct sev_blob *mnonce,
	struct sev_blob *report, struct sev_error *err)
{
	struct psp_attestation buffer = {
		.paddr = psp_host_address(&host->mailbox, PSP_HOST_OUTPUT),
		.length = sizeof(struct psp_attestation_report),
	};
	uint16_t status;

	if (!host->launch)
		return sev_fail(err, "SEV is not enabled");
	if (mnonce->size != sizeof(buffer.mnonce))
		return sev_fail(err, "SEV: mnonce must be 16 bytes (got %zu)", mnonce->size);
	buffer.handle = host->launch->handle;
	memcpy(buffer.mnonce, mnonce->data, sizeof(buffer.mnonce));
	status = psp_host_command(&host->mailbox, PSP_CMD_ATTESTATION, &buffer, sizeof(buffer));
	if (status == PSP_SUCCESS &&
		copy_out(host, PSP_HOST_OUTPUT, sizeof(struct psp_attestation_report), report))
		status = PSP_RESOURCE_LIMIT;
	if (status == PSP_SUCCESS)
		return 0;
	sev_blob_free(report);
	return sev_fail(err, "SEV: Failed to get attestation report ret=%d fw_err=%u (%s): %s",
		-EIO, status, sev_host_firmware_error(status), strerror(EIO));
}
