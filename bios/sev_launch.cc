/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The launch of the machine's guest, and what is known of it afterwards. */
#include "iodev.h"

#include "bios/launch.h"
#include "crypto/crypto.h"
#include "bios/sev_machine.h"
#include "iodev/fw_cfg/fw_cfg_device.h"
#include "iodev/glue.h"
#include "memory/gate.h"

#define LOG_THIS genlog->

static const unsigned guest_asid = SEV_CPU_MIN_ASID;
static const unsigned policy_nodbg = 0x1; /* AMD 55766, "Guest policy" */

/* Everything the launch refers to until it is finished. */
static struct {
	bool measured, started;
	struct launch launch;
	struct launch_config config;
	struct sev_blob dh_cert, session, tik, tek;
	struct sev_blob kernel, initrd;
} machine;

/* Registered with atexit(3): printed however the run ends. */
static void print_summary()
{
	struct sevmem_stats s;

	sevmem_stats(sev_machine_memory(), &s);
	struct sev_gate_stats causes = sev_gate_statistics();

	fprintf(stderr,
		"sev: pages converted: %llu first touch, %llu to private, %llu to shared (by fetch "
		"%llu, data %llu, device %llu)\n",
		(unsigned long long)s.first, (unsigned long long)(s.to_private - s.first),
		(unsigned long long)s.to_raw, (unsigned long long)causes.fetch,
		(unsigned long long)causes.data, (unsigned long long)causes.device);
}

struct launch *sev_launch(void)
{
	return machine.measured ? &machine.launch : NULL;
}

static void read_or_refuse(const char *property, const char *path, size_t max, struct sev_blob *out)
{
	struct sev_error why, err;

	if (!path || sev_file_read(path, max, out, &why) == 0)
		return;
	sev_fail(&err, "sev: %s=%.200s: %s", property, path, why.text);
	sev_refuse(&err);
}

static void decode_base64(const char *property, const char *path, struct sev_blob *blob)
{
	struct sev_blob binary;
	struct sev_error err;

	if (!path)
		return;
	if (sev_unbase64((const char *)blob->data, blob->size, &binary) < 0) {
		sev_fail(&err,
			"sev: %s=%.200s: not base64; legal is what `sev-owner session` "
			"writes",
			property, path);
		sev_refuse(&err);
	}
	sev_blob_free(blob);
	*blob = binary;
}

static void read_key(const char *property, const char *path, struct sev_blob *key)
{
	struct sev_error err;

	read_or_refuse(property, path, 16, key);
	if (path && key->size != 16) {
		sev_fail(&err, "sev: %s=%.200s: %zu bytes; legal are exactly 16", property, path,
			key->size);
		sev_refuse(&err);
	}
}

static void read_files()
{
	const struct sev_options *options = sev_machine_options();
	const size_t max = 16384; /* what a hypervisor's interface takes */

	read_or_refuse("dh_cert_file", options->dh_cert_file, max, &machine.dh_cert);
	read_or_refuse("session_file", options->session_file, max, &machine.session);
	decode_base64("dh_cert_file", options->dh_cert_file, &machine.dh_cert);
	decode_base64("session_file", options->session_file, &machine.session);
	read_key("tik", options->tik, &machine.tik);
	read_key("tek", options->tek, &machine.tek);
}

static void describe_boot(struct launch_config *config)
{
	const struct sev_options *options = sev_machine_options();
	const struct fw_cfg_blobs *blobs = sev_fw_cfg_blobs();

	config->kernel_hashes = options->kernel_hashes;
	if (!blobs || !blobs->kernel.data)
		return;
	machine.kernel = (struct sev_blob) { (uint8_t *)blobs->kernel.data, blobs->kernel.size };
	machine.initrd = (struct sev_blob) { (uint8_t *)blobs->initrd.data, blobs->initrd.size };
	config->kernel = &machine.kernel;
	config->initrd = blobs->initrd.size ? &machine.initrd : NULL;
	config->cmdline = (const char *)blobs->cmdline.data;
}

static void describe_launch(struct launch_config *config)
{
	const struct sev_options *options = sev_machine_options();

	*config = (struct launch_config) {};
	config->psp = sev_chip();
	config->memory = sev_machine_memory();
	config->host_window_spa = SEV_HOST_WINDOW;
	config->host_window_size = LAUNCH_WINDOW_SIZE;
	config->cores = BX_SMP_PROCESSORS;
	config->policy = (uint32_t)options->policy;
	config->handle = (uint32_t)options->handle;
	config->asid = guest_asid;
	config->cbitpos = (unsigned)options->cbitpos;
	config->firmware_name = SIM->get_param_string(BXPN_ROM_PATH)->getptr();
	config->firmware_gpa = sev_bios_base();
	config->firmware_size = (size_t)(BX_CONST64(0x100000000) - sev_bios_base());
	config->ram_size = BX_MEM(0)->get_memory_len();
	config->dh_cert = options->dh_cert_file ? &machine.dh_cert : NULL;
	config->session = options->session_file ? &machine.session : NULL;
	config->dh_cert_name = options->dh_cert_file;
	config->session_name = options->session_file;
	config->tik = options->tik ? machine.tik.data : NULL;
	config->tek = options->tek ? machine.tek.data : NULL;
	describe_boot(config);
}

/* The Secure Processor has them now, wrapped; here they would only wait to be found. */
static void forget_keys()
{
	struct sev_blob *const secrets[] = { &machine.tik, &machine.tek, &machine.session };

	for (struct sev_blob *secret : secrets) {
		if (secret->data)
			sev_wipe(secret->data, secret->size);
		sev_blob_free(secret);
	}
	machine.config.tik = machine.config.tek = NULL;
	machine.config.session = NULL;
}

static void announce()
{
	char digest[65];

	sev_hex(machine.launch.report.launch_digest, 32, digest);
	fprintf(stderr, "sev: guest launched, digest %s; Secure Processor: EMULATED - NOT AMD\n",
		digest);
	BX_INFO(("guest launched, digest %s; Secure Processor: EMULATED - NOT AMD", digest));
}

void sev_machine_launch(void)
{
	const struct sev_options *options = sev_machine_options();
	struct sev_error err;
	int result;

	if (machine.measured || options->type == SEV_TYPE_NONE)
		return;
	read_files();
	if (options->tik)
		fprintf(stderr, "bochs: warning: sev: tik, tek: transport keys in the clear; only "
				"an emulated processor takes them\n");
	describe_launch(&machine.config);
	result = launch_run(&machine.launch, &machine.config, options->report, true, &err);
	if (result == LAUNCH_WRONG)
		sev_refuse(&err);
	if (result == LAUNCH_REFUSED)
		sev_machine_end(SEV_END_REFUSED, "sev: launch refused: %s", err.text);
	forget_keys();
	announce();
	machine.measured = true;
}

/* What a host could do to measured firmware: one bit of its ciphertext, in the middle of the image.
 */
static void tamper_with_firmware()
{
	uint64_t gpa = machine.config.firmware_gpa + machine.config.firmware_size / 4;
	uint8_t byte;

	sevmem_read(machine.config.memory, gpa, SEVMEM_RAW, &byte, 1);
	byte ^= 1;
	sevmem_write(machine.config.memory, gpa, SEVMEM_RAW, &byte, 1);
}

bool sev_firmware_intact(void)
{
	struct sev_sha256_ctx *ctx = sev_sha256_new();
	uint8_t page[4096], sha256[32];

	for (size_t at = 0; at < machine.config.firmware_size; at += sizeof(page)) {
		sevmem_peek(machine.config.memory, machine.config.firmware_gpa + at, guest_asid,
			page, sizeof(page));
		sev_sha256_update(ctx, page, sizeof(page));
	}
	sev_sha256_read(ctx, sha256);
	sev_sha256_free(ctx);
	return sev_equal(sha256, machine.launch.report.region[0].sha256, sizeof(sha256));
}

void sev_machine_start(void)
{
	const struct sev_options *options = sev_machine_options();
	struct sev_error err;

	if (machine.started || !machine.measured)
		return;
	if (launch_finish(&machine.launch, &err) < 0)
		sev_machine_end(SEV_END_REFUSED, "sev: launch refused: %s", err.text);
	machine.started = true;
	atexit(print_summary);
	sev_gate_enable(guest_asid, (unsigned)options->cbitpos);
	sev_gate_allow_debugging(!(options->policy & policy_nodbg) || options->debug_override);
	if (options->tamper)
		tamper_with_firmware();
}

int sev_machine_look(uint64_t gpa, void *buf, size_t size, struct sev_error *err)
{
	const struct sev_options *options = sev_machine_options();

	if (!machine.measured)
		return sev_fail(err, "sev: no guest is launched");
	if ((options->policy & policy_nodbg) && !options->debug_override)
		return sev_fail(err,
			"sev: policy=0x%llx: forbids debugging (NODBG); legal with "
			"debug_override=1",
			(unsigned long long)options->policy);
	if (options->policy & policy_nodbg)
		BX_INFO(("debug_override: private memory at 0x%llx shown, %zu bytes",
			(unsigned long long)gpa, size));
	if (sevmem_peek(sev_machine_memory(), gpa, guest_asid, buf, size) < 0)
		return sev_fail(err, "address 0x%llx, %zu bytes: not memory of the guest",
			(unsigned long long)gpa, size);
	return 0;
}
