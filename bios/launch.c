/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bios/launch.h"

#include <stdlib.h>
#include <string.h>

#include "bios/hashes.h"
#include "crypto/crypto.h"
#include "iodev/psp/psp.h"
#include "iodev/psp/psp_abi.h"
#include "memory/memory.h"

#define FOUR_GIB 0x100000000u

/* What lies where in the host window. */
#define WINDOW_COMMAND 0x0000
#define WINDOW_OUTPUT  0x1000
#define WINDOW_CERT    0x2000
#define WINDOW_SESSION 0x3000
#define WINDOW_HEADER  0x4000
#define WINDOW_PAYLOAD 0x5000

static_assert(WINDOW_PAYLOAD + PSP_SECRET_MAX <= LAUNCH_WINDOW_SIZE, "host window");

static uint64_t window(const struct launch *launch, unsigned offset)
{
	return launch->config->host_window_spa + offset;
}

static int put(const struct launch *launch, unsigned offset, const void *data, size_t size,
	struct sev_error *err)
{
	if (sevmem_write(launch->config->memory, window(launch, offset), SEVMEM_RAW, data, size))
		return sev_fail(err, "launch: host window at 0x%llx is not memory",
			(unsigned long long)window(launch, 0));
	return 0;
}

static int get(const struct launch *launch, unsigned offset, void *data, size_t size,
	struct sev_error *err)
{
	if (sevmem_read(launch->config->memory, window(launch, offset), SEVMEM_RAW, data, size))
		return sev_fail(err, "launch: host window at 0x%llx is not memory",
			(unsigned long long)window(launch, 0));
	return 0;
}

/* Runs one command; buffer, of size bytes (0: none), is copied to memory and back. */
static int command(
	const struct launch *launch, uint32_t id, void *buffer, size_t size, struct sev_error *err)
{
	struct psp *psp = launch->config->psp;
	uint16_t status;

	if (size && put(launch, WINDOW_COMMAND, buffer, size, err))
		return -1;

	status = psp_command(psp, id, size ? window(launch, WINDOW_COMMAND) : 0);
	if (status != PSP_SUCCESS)
		return sev_fail(err, "%s: status 0x%02x %s: %s", psp_command_name(id), status,
			psp_status_name(status),
			*psp_detail(psp) ? psp_detail(psp) : psp_status_advice(status));
	return size ? get(launch, WINDOW_COMMAND, buffer, size, err) : 0;
}

/* --- one function per command ---------------------------------------------------------------- */

static int platform_status(
	const struct launch *launch, struct psp_platform_status *status, struct sev_error *err)
{
	memset(status, 0, sizeof(*status));
	return command(launch, PSP_CMD_PLATFORM_STATUS, status, sizeof(*status), err);
}

static int platform_init(const struct launch *launch, struct sev_error *err)
{
	struct psp_init init = { 0 };

	return command(launch, PSP_CMD_INIT, &init, sizeof(init), err);
}

/* What the processor demands before an ASID can be bound: clean caches, then a flushed fabric. */
static int flush(const struct launch *launch, struct sev_error *err)
{
	for (unsigned core = 0; core < launch->config->cores; core++)
		psp_wbinvd(launch->config->psp, core);
	return command(launch, PSP_CMD_DF_FLUSH, NULL, 0, err);
}

static int start(struct launch *launch, struct sev_error *err)
{
	const struct launch_config *config = launch->config;
	struct psp_launch_start buffer = { .handle = config->handle, .policy = config->policy };

	if (config->session) {
		if (put(launch, WINDOW_CERT, config->dh_cert->data, config->dh_cert->size, err) ||
			put(launch, WINDOW_SESSION, config->session->data, config->session->size,
				err))
			return -1;
		buffer.dh_cert_paddr = window(launch, WINDOW_CERT);
		buffer.dh_cert_length = (uint32_t)config->dh_cert->size;
		buffer.session_paddr = window(launch, WINDOW_SESSION);
		buffer.session_length = (uint32_t)config->session->size;
	}
	if (command(launch, PSP_CMD_LAUNCH_START, &buffer, sizeof(buffer), err))
		return -1;
	launch->handle = buffer.handle;
	return 0;
}

/* Not a command: the emulated processor's shortcut. */
static int clear_keys(const struct launch *launch, struct sev_error *err)
{
	const struct launch_config *config = launch->config;
	uint16_t status =
		psp_launch_clear_keys(config->psp, launch->handle, config->tik, config->tek);

	if (status == PSP_SUCCESS)
		return 0;
	return sev_fail(err, "tik, tek: status 0x%02x %s: %s", status, psp_status_name(status),
		psp_status_advice(status));
}

static int activate(const struct launch *launch, struct sev_error *err)
{
	struct psp_activate buffer = { .handle = launch->handle, .asid = launch->config->asid };

	return command(launch, PSP_CMD_ACTIVATE, &buffer, sizeof(buffer), err);
}

static int update_data(
	const struct launch *launch, uint64_t gpa, size_t size, struct sev_error *err)
{
	struct psp_launch_update buffer = {
		.handle = launch->handle, .paddr = gpa, .length = (uint32_t)size
	};

	return command(launch, PSP_CMD_LAUNCH_UPDATE_DATA, &buffer, sizeof(buffer), err);
}

static int measure(
	const struct launch *launch, struct psp_measurement *measurement, struct sev_error *err)
{
	struct psp_launch_measure buffer = { .handle = launch->handle,
		.paddr = window(launch, WINDOW_OUTPUT),
		.length = sizeof(*measurement) };

	if (command(launch, PSP_CMD_LAUNCH_MEASURE, &buffer, sizeof(buffer), err))
		return -1;
	return get(launch, WINDOW_OUTPUT, measurement, sizeof(*measurement), err);
}

static int by_handle(const struct launch *launch, uint32_t id, struct sev_error *err)
{
	struct psp_handle buffer = { launch->handle };

	return command(launch, id, &buffer, sizeof(buffer), err);
}

/* --- what can be known before the first command ---------------------------------------------- */

static int check_size(const char *what, size_t size, size_t legal, struct sev_error *err)
{
	if (size == legal)
		return 0;
	return sev_fail(err, "%s: %zu bytes, legal: %zu", what, size, legal);
}

static int check_keys(const struct launch_config *config, struct sev_error *err)
{
	if (!config->dh_cert != !config->session)
		return sev_fail(err, "launch: %s without %s, legal: both or neither",
			config->session ? "session" : "dh cert",
			config->session ? "dh cert" : "session");
	if (!config->tik != !config->tek)
		return sev_fail(err, "launch: %s without %s, legal: both or neither",
			config->tik ? "tik" : "tek", config->tik ? "tek" : "tik");
	if (config->session && config->tik)
		return sev_fail(err, "launch: tik and tek beside a session, legal: one of the two");
	if (!config->session)
		return 0;
	if (check_size("dh cert", config->dh_cert->size, sizeof(struct psp_cert), err))
		return -1;
	return check_size("session", config->session->size, sizeof(struct psp_session), err);
}

static int check_memory(const struct launch_config *config, struct sev_error *err)
{
	if (config->host_window_spa % SEVMEM_PAGE ||
		config->host_window_size < LAUNCH_WINDOW_SIZE ||
		!sevmem_is_memory(config->memory, config->host_window_spa, LAUNCH_WINDOW_SIZE))
		return sev_fail(err,
			"launch: host window 0x%llx+0x%zx, legal: page-aligned memory of 0x%x "
			"bytes",
			(unsigned long long)config->host_window_spa, config->host_window_size,
			LAUNCH_WINDOW_SIZE);
	if (ovmf_check_size(config->firmware_size, OVMF_ROM_UNIT, err))
		return -1;
	if (config->firmware_gpa + config->firmware_size != FOUR_GIB)
		return sev_fail(err, "firmware: it lies at 0x%llx+0x%zx, legal: up to 4 GiB",
			(unsigned long long)config->firmware_gpa, config->firmware_size);
	if (!sevmem_is_memory(config->memory, config->firmware_gpa, config->firmware_size))
		return sev_fail(err, "firmware: there is no memory at 0x%llx+0x%zx",
			(unsigned long long)config->firmware_gpa, config->firmware_size);
	return 0;
}

/* What the firmware announces, and whether it is enough for this launch. */
static int read_areas(struct launch *launch, const struct ovmf *fw, struct sev_error *err)
{
	const struct launch_config *config = launch->config;
	struct sev_error no_hashes;

	if (ovmf_secret_area(fw, config->ram_size, &launch->secrets, &launch->no_secrets))
		launch->secrets.size = 0;
	if (ovmf_hash_area(fw, config->ram_size, &launch->hashes, &no_hashes))
		launch->hashes.size = 0;
	if (!config->kernel_hashes)
		return 0;
	if (!config->kernel)
		return sev_fail(
			err, "kernel_hashes=1: there is no kernel to hash (fw_cfg: kernel=FILE)");
	return launch->hashes.size ? 0 : sev_fail(err, "%s", no_hashes.text);
}

static int check_firmware(struct launch *launch, struct sev_error *err)
{
	const struct launch_config *config = launch->config;
	uint8_t *image = malloc(config->firmware_size);
	struct ovmf fw;
	int result;

	if (!image)
		return sev_fail(err, "firmware: out of memory");
	if (sevmem_read(
		    config->memory, config->firmware_gpa, SEVMEM_RAW, image, config->firmware_size))
		result = sev_fail(err, "firmware: cannot be read");
	else if (ovmf_parse(image, config->firmware_size, &fw, err) == OVMF_BROKEN)
		result = -1;
	else
		result = read_areas(launch, &fw, err);
	free(image);
	return result;
}

/* --- the sequence ---------------------------------------------------------------------------- */

static int platform(struct launch *launch, struct sev_error *err)
{
	struct psp_platform_status status;

	if (platform_status(launch, &status, err))
		return -1;
	if (status.state == PSP_PLATFORM_UNINIT && platform_init(launch, err))
		return -1;
	launch->report.api_major = status.api_major;
	launch->report.api_minor = status.api_minor;
	launch->report.build_id = status.build;
	return flush(launch, err);
}

int launch_start(struct launch *launch, const struct launch_config *config, struct sev_error *err)
{
	memset(launch, 0, sizeof(*launch));
	launch->config = config;
	strcpy(launch->report.type, "sev");
	launch->report.policy = config->policy;
	launch->report.cbitpos = config->cbitpos;
	if (check_keys(config, err) || check_memory(config, err) || check_firmware(launch, err))
		return -1;
	if (platform(launch, err) || start(launch, err))
		return -1;
	if ((config->tik && clear_keys(launch, err)) || activate(launch, err)) {
		launch_stop(launch);
		return -1;
	}
	launch->digest = sev_sha256_new();
	return 0;
}

/* Hashes what lies there in plaintext now, into the launch digest and by itself. */
static int hash_region(struct launch *launch, uint64_t gpa, size_t size, uint8_t sha256[32])
{
	struct sev_sha256_ctx *own = sev_sha256_new();
	uint8_t page[SEVMEM_PAGE];
	int result = 0;

	for (size_t done = 0, piece; done < size && !result; done += piece) {
		piece = size - done < sizeof(page) ? size - done : sizeof(page);
		result = sevmem_read(launch->config->memory, gpa + done, SEVMEM_RAW, page, piece);
		sev_sha256_update(own, page, piece);
		sev_sha256_update(launch->digest, page, piece);
	}
	sev_sha256_read(own, sha256);
	sev_sha256_free(own);
	return result;
}

static int measure_region(
	struct launch *launch, const char *what, uint64_t gpa, size_t size, struct sev_error *err)
{
	struct report_region *region = &launch->report.region[launch->report.regions];

	strcpy(region->what, what);
	region->gpa = gpa;
	region->length = size;
	if (hash_region(launch, gpa, size, region->sha256))
		return sev_fail(err, "%s: cannot be read at 0x%llx", what, (unsigned long long)gpa);
	if (update_data(launch, gpa, size, err))
		return -1;
	launch->report.regions++;
	return 0;
}

static int measure_hashes(struct launch *launch, struct sev_error *err)
{
	static const struct sev_blob none;
	const struct launch_config *config = launch->config;
	uint8_t table[HASHES_TABLE_SIZE];

	hashes_compute(config->kernel, config->initrd ? config->initrd : &none, config->cmdline,
		&launch->report.hashes);
	hashes_table(&launch->report.hashes, table);
	if (sevmem_write(config->memory, launch->hashes.base, SEVMEM_RAW, table, sizeof(table)))
		return sev_fail(err, "kernel hashes: no memory at 0x%x", launch->hashes.base);
	launch->report.has_hashes = true;
	return measure_region(launch, "kernel-hashes", launch->hashes.base, sizeof(table), err);
}

int launch_measure_all(struct launch *launch, struct sev_error *err)
{
	const struct launch_config *config = launch->config;

	if (measure_region(launch, "firmware", config->firmware_gpa, config->firmware_size, err))
		return -1;
	return config->kernel_hashes ? measure_hashes(launch, err) : 0;
}

int launch_measure(struct launch *launch, struct sev_error *err)
{
	struct psp_measurement measurement;

	if (measure(launch, &measurement, err))
		return -1;
	memcpy(launch->report.measurement, measurement.measure, 32);
	memcpy(launch->report.mnonce, measurement.mnonce, 16);
	sev_sha256_read(launch->digest, launch->report.launch_digest);
	return 0;
}

/* Where a packet of size bytes goes; gpa 0 is replaced by the announced area. */
static int secret_address(
	const struct launch *launch, size_t size, uint64_t *gpa, struct sev_error *err)
{
	if (!*gpa) {
		if (!launch->secrets.size)
			return sev_fail(err, "%s", launch->no_secrets.text);
		if (size > launch->secrets.size)
			return sev_fail(err,
				"secret: %zu bytes do not fit into the firmware's secret area of "
				"%u bytes",
				size, launch->secrets.size);
		*gpa = launch->secrets.base;
	}
	if (*gpa % 16 || *gpa + size > launch->config->ram_size || *gpa + size < *gpa)
		return sev_fail(err, "secret: gpa=0x%llx, legal: a multiple of 16 in guest memory",
			(unsigned long long)*gpa);
	return 0;
}

int launch_secret(struct launch *launch, const struct sev_blob *header,
	const struct sev_blob *payload, uint64_t gpa, struct sev_error *err)
{
	struct psp_launch_secret buffer = {
		.handle = launch->handle,
		.hdr_paddr = window(launch, WINDOW_HEADER),
		.hdr_length = sizeof(struct psp_packet_header),
		.guest_length = (uint32_t)payload->size,
		.trans_paddr = window(launch, WINDOW_PAYLOAD),
		.trans_length = (uint32_t)payload->size,
	};

	if (check_size("secret: packet header", header->size, buffer.hdr_length, err))
		return -1;
	if (!payload->size || payload->size % 16 || payload->size > PSP_SECRET_MAX)
		return sev_fail(err,
			"secret: payload of %zu bytes, legal: a multiple of 16 up to %u",
			payload->size, PSP_SECRET_MAX);
	if (secret_address(launch, payload->size, &gpa, err) ||
		put(launch, WINDOW_HEADER, header->data, header->size, err) ||
		put(launch, WINDOW_PAYLOAD, payload->data, payload->size, err))
		return -1;
	buffer.guest_paddr = gpa;
	return command(launch, PSP_CMD_LAUNCH_SECRET, &buffer, sizeof(buffer), err);
}

int launch_finish(struct launch *launch, struct sev_error *err)
{
	return by_handle(launch, PSP_CMD_LAUNCH_FINISH, err);
}

int launch_run(struct launch *launch, const struct launch_config *config, const char *report_path,
	bool paused, struct sev_error *err)
{
	if (launch_start(launch, config, err))
		return -1;
	if (launch_measure_all(launch, err) || launch_measure(launch, err) ||
		(report_path && report_write(report_path, &launch->report, err)) ||
		(!paused && launch_finish(launch, err))) {
		launch_stop(launch);
		return -1;
	}
	return 0;
}

void launch_stop(struct launch *launch)
{
	if (launch->handle) {
		by_handle(launch, PSP_CMD_DEACTIVATE, NULL);
		by_handle(launch, PSP_CMD_DECOMMISSION, NULL);
	}
	launch->handle = 0;
	sev_sha256_free(launch->digest);
	launch->digest = NULL;
}

static const char *state_name(uint8_t state)
{
	static const char *const names[] = {
		[PSP_GUEST_UNINIT] = "uninit",
		[PSP_GUEST_LUPDATE] = "launch-update",
		[PSP_GUEST_LSECRET] = "launch-secret",
		[PSP_GUEST_RUNNING] = "running",
		[PSP_GUEST_SUPDATE] = "send-update",
		[PSP_GUEST_RUPDATE] = "receive-update",
		[PSP_GUEST_SENT] = "sent",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

int launch_status(struct launch *launch, struct launch_status *status, struct sev_error *err)
{
	struct psp_guest_status guest = { .handle = launch->handle };
	struct psp_platform_status chip;

	if (platform_status(launch, &chip, err) ||
		command(launch, PSP_CMD_GUEST_STATUS, &guest, sizeof(guest), err))
		return -1;
	*status = (struct launch_status) {
		.api_major = chip.api_major,
		.api_minor = chip.api_minor,
		.build_id = chip.build,
		.handle = launch->handle,
		.policy = guest.policy,
		.asid = guest.asid,
		.state = guest.state,
		.state_name = state_name(guest.state),
	};
	return 0;
}
