/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bios/launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bios/hashes.h"
#include "crypto/crypto.h"
#include "iodev/psp/psp.h"
#include "iodev/psp/psp_abi.h"
#include "memory/memory.h"

#define FOUR_GIB 0x100000000u

/* Runs one command; buffer as psp_host_command has it. */
static int command(
	const struct launch *launch, uint32_t id, void *buffer, size_t size, struct sev_error *err)
{
	uint16_t status = psp_host_command(&launch->host, id, buffer, size);
	const char *detail;

	if (status == PSP_SUCCESS)
		return 0;
	detail = psp_detail(launch->host.psp);
	return sev_fail(err, "%s: status 0x%02x %s: %s", psp_command_name(id), status,
		psp_status_name(status), *detail ? detail : psp_status_advice(status));
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
		psp_host_put(
			&launch->host, PSP_HOST_CERT, config->dh_cert->data, config->dh_cert->size);
		psp_host_put(&launch->host, PSP_HOST_SESSION, config->session->data,
			config->session->size);
		buffer.dh_cert_paddr = psp_host_address(&launch->host, PSP_HOST_CERT);
		buffer.dh_cert_length = (uint32_t)config->dh_cert->size;
		buffer.session_paddr = psp_host_address(&launch->host, PSP_HOST_SESSION);
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
		.paddr = psp_host_address(&launch->host, PSP_HOST_OUTPUT),
		.length = sizeof(*measurement) };

	if (command(launch, PSP_CMD_LAUNCH_MEASURE, &buffer, sizeof(buffer), err))
		return -1;
	return psp_host_get(&launch->host, PSP_HOST_OUTPUT, measurement, sizeof(*measurement));
}

static int by_handle(const struct launch *launch, uint32_t id, struct sev_error *err)
{
	struct psp_handle buffer = { launch->handle };

	return command(launch, id, &buffer, sizeof(buffer), err);
}

/* --- what can be known before the first command ---------------------------------------------- */

/* A file of the configuration, by the property that names it. */
static int wrong_file(
	const char *property, const char *name, const char *why, struct sev_error *err)
{
	return sev_fail(err, "%s=%.200s: %s", property, name ? name : "", why);
}

static int check_size(const char *property, const char *name, const struct sev_blob *file,
	size_t legal, struct sev_error *err)
{
	char why[80];

	if (file->size == legal)
		return 0;
	snprintf(why, sizeof(why), "%zu bytes; legal are exactly %zu", file->size, legal);
	return wrong_file(property, name, why, err);
}

static int check_pair(
	const void *a, const char *one, const void *b, const char *other, struct sev_error *err)
{
	if (!a == !b)
		return 0;
	return sev_fail(err, "sev: %s: given without %s; legal is both or neither", a ? one : other,
		a ? other : one);
}

static int check_keys(const struct launch_config *config, struct sev_error *err)
{
	if (check_pair(config->dh_cert, "dh_cert_file", config->session, "session_file", err) ||
		check_pair(config->tik, "tik", config->tek, "tek", err))
		return -1;
	if (config->session && config->tik)
		return sev_fail(
			err, "sev: tik: given beside session_file; legal is one of the two");
	if (!config->session)
		return 0;
	if (check_size("sev: dh_cert_file", config->dh_cert_name, config->dh_cert,
		    sizeof(struct psp_cert), err))
		return -1;
	return check_size("sev: session_file", config->session_name, config->session,
		sizeof(struct psp_session), err);
}

static int wrong_firmware(
	const struct launch_config *config, const char *why, struct sev_error *err)
{
	return wrong_file("romimage: file", config->firmware_name, why, err);
}

static int check_memory(const struct launch *launch, struct sev_error *err)
{
	const struct launch_config *config = launch->config;
	struct sev_error why;

	if (config->host_window_size < LAUNCH_WINDOW_SIZE || !psp_host_usable(&launch->host))
		return sev_fail(err,
			"launch: host window 0x%llx+0x%zx; legal is page-aligned memory of 0x%x "
			"bytes",
			(unsigned long long)config->host_window_spa, config->host_window_size,
			LAUNCH_WINDOW_SIZE);
	if (ovmf_check_size(config->firmware_size, OVMF_ROM_UNIT, &why))
		return wrong_firmware(config, why.text, err);
	if (config->firmware_gpa + config->firmware_size != FOUR_GIB)
		return wrong_firmware(config,
			"firmware does not end at 4 GiB; legal is an address so that it does", err);
	if (!sevmem_is_memory(config->memory, config->firmware_gpa, config->firmware_size))
		return wrong_firmware(config, "firmware: there is no memory where it belongs", err);
	return 0;
}

/* What the firmware announces, and whether it is enough for this launch. */
static int read_areas(struct launch *launch, const struct ovmf *fw, struct sev_error *err)
{
	const struct launch_config *config = launch->config;
	struct sev_error why;

	if (ovmf_secret_area(fw, config->ram_size, &launch->secrets, NULL))
		launch->secrets.size = 0;
	if (ovmf_hash_area(fw, config->ram_size, &launch->hashes, &why))
		launch->hashes.size = 0;
	if (!config->kernel_hashes)
		return 0;
	if (!config->kernel)
		return sev_fail(err,
			"sev: kernel_hashes=1: there is no kernel to hash; legal with fw_cfg: "
			"kernel=FILE");
	return launch->hashes.size ? 0 : wrong_firmware(config, why.text, err);
}

static int check_firmware(struct launch *launch, struct sev_error *err)
{
	const struct launch_config *config = launch->config;
	size_t size = config->firmware_size;
	/* The table ends 32 bytes below the end, and its length has 16 bits. */
	const size_t most = 0x10000 + OVMF_FLASH_UNIT;
	size_t tail = size < most ? size : most;
	struct sev_error why;
	struct ovmf fw;
	uint8_t *image;
	int result;

	if (ovmf_check_size(size, OVMF_FLASH_UNIT, &why))
		return wrong_firmware(config, why.text, err);
	image = malloc(tail);
	if (!image)
		return wrong_firmware(config, "out of memory", err);
	if (sevmem_read(
		    config->memory, config->firmware_gpa + size - tail, SEVMEM_RAW, image, tail))
		result = wrong_firmware(config, "cannot be read", err);
	else if (ovmf_parse(image, tail, &fw, &why) == OVMF_BROKEN)
		result = wrong_firmware(config, why.text, err);
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
	launch->host = (struct psp_host) {
		.psp = config->psp,
		.memory = config->memory,
		.window = config->host_window_spa,
		.caller = "launch",
	};
	strcpy(launch->report.type, "sev");
	launch->report.policy = config->policy;
	launch->report.cbitpos = config->cbitpos;
	if (check_keys(config, err) || check_memory(launch, err) || check_firmware(launch, err))
		return LAUNCH_WRONG;
	if (platform(launch, err) || start(launch, err))
		return LAUNCH_REFUSED;
	if ((config->tik && clear_keys(launch, err)) || activate(launch, err)) {
		launch_stop(launch);
		return LAUNCH_REFUSED;
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

int launch_finish(struct launch *launch, struct sev_error *err)
{
	return by_handle(launch, PSP_CMD_LAUNCH_FINISH, err);
}

static int write_report(const struct launch *launch, const char *path, struct sev_error *err)
{
	struct sev_error why;

	if (!path || !report_write(path, &launch->report, &why))
		return 0;
	return sev_fail(err, "sev: report=%s", why.text);
}

int launch_run(struct launch *launch, const struct launch_config *config, const char *report_path,
	bool paused, struct sev_error *err)
{
	int result = launch_start(launch, config, err);

	if (result)
		return result;
	if (launch_measure_all(launch, err) || launch_measure(launch, err))
		result = LAUNCH_REFUSED;
	else if (write_report(launch, report_path, err))
		result = LAUNCH_WRONG;
	else if (!paused && launch_finish(launch, err))
		result = LAUNCH_REFUSED;
	if (result)
		launch_stop(launch);
	return result;
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
