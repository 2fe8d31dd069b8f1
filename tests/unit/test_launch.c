/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The launch against the real Secure Processor model: what is measured, what is encrypted, refused.
 */
#include "tests/unit/launch_test.h"

#include <unistd.h>

#include "bios/hashes.h"

static const struct sev_blob kernel = { (uint8_t *)"KERNEL-TEST", 11 };
static const struct sev_blob initrd = { (uint8_t *)"INITRD-TEST", 11 };

static void make_session(struct test *t, uint32_t policy)
{
	struct sev_rng *rng = sev_rng_new("owner", 5, "test_launch");
	struct psp_cert_chain chain;
	struct psp_cert pdh;
	struct sev_p384_key key;
	struct sev_p384_public pub;
	uint8_t z[SEV_P384];

	assert_int_equal(host_export(&t->host, &pdh, &chain), PSP_SUCCESS);
	assert_int_equal(psp_cert_check(&pdh, PSP_USAGE_PDH, &pub, NULL), 0);
	sev_p384_generate(rng, &key);
	sev_rng_bytes(rng, &t->keys, sizeof(t->keys));
	psp_cert_make(&t->godh, PSP_USAGE_PDH, 1, 55, &key.pub);
	assert_int_equal(sev_p384_ecdh(&key, &pub, z), 0);
	psp_session_make(&t->session, z, rng, &t->keys, policy);
	sev_rng_free(rng);
	t->godh_blob = (struct sev_blob) { (uint8_t *)&t->godh, sizeof(t->godh) };
	t->session_blob = (struct sev_blob) { (uint8_t *)&t->session, sizeof(t->session) };
	t->host.config.dh_cert = &t->godh_blob;
	t->host.config.session = &t->session_blob;
	t->host.config.dh_cert_name = "godh.b64";
	t->host.config.session_name = "session.b64";
}

static void hash_kernel(struct test *t)
{
	t->host.config.kernel_hashes = true;
	t->host.config.kernel = &kernel;
	t->host.config.initrd = &initrd;
	t->host.config.cmdline = "console=ttyS0";
}

/* Shuts the platform down again, so that the launch itself has to bring it up. */
static int set_up(void **state)
{
	struct test *t = test_new(true);

	*state = t;
	make_session(t, t->host.config.policy);
	assert_int_equal(psp_command(t->host.psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	return 0;
}

/* --- measured -------------------------------------------------------------------------------- */

static void expected_digest(struct test *t, bool hashes, uint8_t digest[32])
{
	struct sev_part parts[2] = { { t->firmware.bytes, FIRMWARE_SIZE } };
	uint8_t table[HASHES_TABLE_SIZE];
	struct hashes h;

	hashes_compute(&kernel, &initrd, "console=ttyS0", &h);
	hashes_table(&h, table);
	parts[1] = (struct sev_part) { table, sizeof(table) };
	sev_sha256(parts, hashes ? 2 : 1, digest);
}

/* Digest as computed apart, HMAC as the owner computes it, digest as the processor signs it. */
static void assert_measured(struct test *t, bool hashes)
{
	const struct report *r = &t->launch.report;
	struct psp_attestation attestation = { .handle = t->launch.handle,
		.paddr = HOST_WINDOW,
		.length = sizeof(struct psp_attestation_report) };
	struct psp_attestation_report report;
	uint8_t digest[32], measure[32];

	expected_digest(t, hashes, digest);
	assert_memory_equal(r->launch_digest, digest, 32);
	psp_measure(t->keys.tik, (struct psp_version) { r->api_major, r->api_minor, r->build_id },
		t->host.config.policy, digest, r->mnonce, measure);
	assert_memory_equal(r->measurement, measure, 32);
	assert_int_equal(
		host_command(&t->host, PSP_CMD_ATTESTATION, &attestation, sizeof(attestation)),
		PSP_SUCCESS);
	read_view(t, HOST_WINDOW, SEVMEM_RAW, &report, sizeof(report));
	assert_memory_equal(report.launch_digest, digest, 32);
}

static void firmware_alone(void **state)
{
	struct test *t = *state;
	const struct report *r = &t->launch.report;
	uint8_t bytes[HASHES_TABLE_SIZE], zero[HASHES_TABLE_SIZE] = { 0 };

	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, false, &t->err), 0);
	assert_measured(t, false);
	assert_string_equal(r->type, "sev");
	assert_int_equal(r->api_major, 1);
	assert_int_equal(r->api_minor, 55);
	assert_int_equal(r->build_id, 21);
	assert_int_equal(r->policy, 1);
	assert_int_equal(r->cbitpos, 51);
	assert_int_equal(r->regions, 1);
	assert_false(r->has_hashes);
	assert_int_equal(t->launch.hashes.base, HASHES_GPA);
	assert_int_equal(t->launch.secrets.base, SECRET_GPA);
	assert_string_equal(r->region[0].what, "firmware");
	assert_int_equal(r->region[0].gpa, 0xFFFF0000);
	assert_int_equal(r->region[0].length, FIRMWARE_SIZE);
	assert_memory_equal(r->region[0].sha256, r->launch_digest, 32);
	read_view(t, HASHES_GPA, SEVMEM_RAW, bytes, sizeof(bytes));
	assert_memory_equal(bytes, zero, sizeof(bytes));
}

static void firmware_and_hashes(void **state)
{
	struct test *t = *state;
	const struct report *r = &t->launch.report;
	uint8_t table[HASHES_TABLE_SIZE], seen[HASHES_TABLE_SIZE];
	struct hashes h;

	hash_kernel(t);
	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, false, &t->err), 0);
	assert_measured(t, true);
	assert_int_equal(r->regions, 2);
	assert_string_equal(r->region[1].what, "kernel-hashes");
	assert_int_equal(r->region[1].gpa, HASHES_GPA);
	assert_int_equal(r->region[1].length, 176);
	assert_true(r->has_hashes);
	hashes_compute(&kernel, &initrd, "console=ttyS0", &h);
	hashes_table(&h, table);
	assert_memory_equal(&r->hashes, &h, sizeof(h));
	read_view(t, HASHES_GPA, HOST_ASID, seen, sizeof(seen));
	assert_memory_equal(seen, table, sizeof(seen));
	read_view(t, HASHES_GPA, SEVMEM_RAW, seen, sizeof(seen));
	assert_memory_not_equal(seen, table, sizeof(seen));
}

/* Neither more nor less than the 176 bytes changes: the next block of the page stays raw. */
static void hashes_are_176_bytes(void **state)
{
	struct test *t = *state;
	uint8_t before[16], after[16], seen[16];

	memset(before, 0x5a, 16);
	memset(after, 0xa5, 16);
	memcpy(t->host.ram + HASHES_GPA - 16, before, 16);
	memcpy(t->host.ram + HASHES_GPA + HASHES_TABLE_SIZE, after, 16);
	hash_kernel(t);
	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, false, &t->err), 0);
	read_view(t, HASHES_GPA - 16, SEVMEM_RAW, seen, 16);
	assert_memory_equal(seen, before, 16);
	read_view(t, HASHES_GPA + HASHES_TABLE_SIZE, SEVMEM_RAW, seen, 16);
	assert_memory_equal(seen, after, 16);
}

static void firmware_is_encrypted_in_place(void **state)
{
	struct test *t = *state;
	uint8_t *seen = malloc(FIRMWARE_SIZE);
	uint64_t gpa = t->host.config.firmware_gpa;

	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, false, &t->err), 0);
	read_view(t, gpa, HOST_ASID, seen, FIRMWARE_SIZE);
	assert_memory_equal(seen, t->firmware.bytes, FIRMWARE_SIZE);
	read_view(t, gpa, SEVMEM_RAW, seen, FIRMWARE_SIZE);
	for (size_t i = 0; i < FIRMWARE_SIZE; i += 16)
		assert_memory_not_equal(seen + i, t->firmware.bytes + i, 16);
	free(seen);
}

static void clear_keys(void **state)
{
	struct test *t = *state;

	t->host.config.dh_cert = t->host.config.session = NULL;
	t->host.config.tik = t->keys.tik;
	t->host.config.tek = t->keys.tek;
	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, false, &t->err), 0);
	assert_measured(t, false);
}

/* Without a session nobody knows the TIK: not the owner of another session either. */
static void unattested(void **state)
{
	struct test *t = *state;
	struct report *r = &t->launch.report;
	uint8_t measure[32];

	t->host.config.dh_cert = t->host.config.session = NULL;
	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, false, &t->err), 0);
	psp_measure(t->keys.tik, (struct psp_version) { 1, 55, 21 }, r->policy, r->launch_digest,
		r->mnonce, measure);
	assert_memory_not_equal(r->measurement, measure, 32);
}

static void report_is_written(void **state)
{
	struct test *t = *state;
	char path[] = "/tmp/test_launch.XXXXXX";
	struct report report;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	hash_kernel(t);
	assert_int_equal(launch_run(&t->launch, &t->host.config, path, true, &t->err), 0);
	assert_int_equal(report_read(path, &report, &t->err), 0);
	assert_memory_equal(&report, &t->launch.report, sizeof(report));
	unlink(path);
}

static void report_that_cannot_be_written(void **state)
{
	struct test *t = *state;

	assert_int_equal(launch_run(&t->launch, &t->host.config, "/nonexistent/x", false, &t->err),
		LAUNCH_WRONG);
	assert_says(t, "sev: report=/nonexistent/x: ");
	assert_int_equal(platform(t).guest_count, 0);
}

/* --- states ---------------------------------------------------------------------------------- */

static const char *state_of(struct test *t)
{
	struct launch_status status;

	assert_int_equal(launch_status(&t->launch, &status, &t->err), 0);
	assert_int_equal(status.policy, 1);
	assert_int_equal(status.handle, t->launch.handle);
	assert_int_equal(status.asid, HOST_ASID);
	assert_int_equal(status.api_minor, 55);
	return status.state_name;
}

static void step_by_step(void **state)
{
	struct test *t = *state;

	assert_int_equal(launch_start(&t->launch, &t->host.config, &t->err), 0);
	assert_string_equal(state_of(t), "launch-update");
	assert_int_equal(launch_finish(&t->launch, &t->err), -1);
	assert_says(t, "LAUNCH_FINISH: status 0x02 INVALID_GUEST_STATE");
	assert_int_equal(launch_measure_all(&t->launch, &t->err), 0);
	assert_int_equal(launch_measure(&t->launch, &t->err), 0);
	assert_string_equal(state_of(t), "launch-secret");
	assert_int_equal(launch_measure(&t->launch, &t->err), -1);
	assert_says(t, "LAUNCH_MEASURE: status 0x02 INVALID_GUEST_STATE");
	assert_int_equal(launch_measure_all(&t->launch, &t->err), -1);
	assert_int_equal(launch_finish(&t->launch, &t->err), 0);
	assert_string_equal(state_of(t), "running");
	launch_stop(&t->launch);
	assert_int_equal(platform(t).guest_count, 0);
	assert_int_equal(launch_status(&t->launch, &(struct launch_status) { 0 }, &t->err), -1);
	launch_stop(&t->launch);
}

static void paused(void **state)
{
	struct test *t = *state;

	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, true, &t->err), 0);
	assert_string_equal(state_of(t), "launch-secret");
	assert_measured(t, false);
	assert_int_equal(launch_finish(&t->launch, &t->err), 0);
	assert_string_equal(state_of(t), "running");
}

static void again_after_stop(void **state)
{
	struct test *t = *state;
	uint64_t gpa = t->host.config.firmware_gpa;

	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, false, &t->err), 0);
	launch_stop(&t->launch);
	sevmem_forget(t->host.memory, gpa, FIRMWARE_SIZE);
	memcpy(t->host.rom, t->firmware.bytes, FIRMWARE_SIZE);
	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, false, &t->err), 0);
	assert_measured(t, false);
}

/* --- refused --------------------------------------------------------------------------------- */

/* The launch fails, says so, and leaves neither a guest nor an encrypted byte. */
static void assert_fails(struct test *t, int how, const char *words)
{
	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, false, &t->err), how);
	assert_says(t, words);
	assert_int_equal(platform(t).guest_count, 0);
	assert_memory_equal(t->host.rom, t->firmware.bytes, FIRMWARE_SIZE);
}

static void assert_refused(struct test *t, const char *words)
{
	assert_fails(t, LAUNCH_REFUSED, words);
}

/* The user's mistake is found before the chip is even brought up. */
static void assert_wrong(struct test *t, const char *words)
{
	assert_fails(t, LAUNCH_WRONG, words);
	assert_int_equal(platform(t).state, PSP_PLATFORM_UNINIT);
}

static void bad_session(void **state)
{
	struct test *t = *state;

	t->session.wrap_tk[0] ^= 1;
	assert_refused(t, "LAUNCH_START: status 0x0b BAD_MEASUREMENT");
	t->session.wrap_tk[0] ^= 1;
	t->host.config.policy = PSP_POLICY_NODBG | PSP_POLICY_NOKS;
	assert_refused(t, "LAUNCH_START: status 0x0b BAD_MEASUREMENT");
	t->host.config.policy = PSP_POLICY_NODBG;
	t->godh.pubkey.qx[0] ^= 1;
	assert_refused(t, "LAUNCH_START: status 0x06 INVALID_CERTIFICATE");
}

static void bad_policy(void **state)
{
	struct test *t = *state;

	t->host.config.dh_cert = t->host.config.session = NULL;
	t->host.config.policy = PSP_POLICY_ES;
	assert_refused(t, "LAUNCH_START: status 0x15 UNSUPPORTED");
	t->host.config.policy = 56u << PSP_POLICY_API_MINOR | 1u << PSP_POLICY_API_MAJOR;
	assert_refused(t, "LAUNCH_START: status 0x07 POLICY_FAILURE");
	t->host.config.policy = 0x100;
	assert_refused(t, "LAUNCH_START: status 0x");
}

static void bad_asid(void **state)
{
	struct test *t = *state;

	t->host.config.asid = 0;
	assert_refused(t, "ACTIVATE: status 0x0d INVALID_ASID");
	t->host.config.asid = 16;
	assert_refused(t, "ACTIVATE: status 0x0d INVALID_ASID");
	t->host.config.asid = HOST_ASID;
	t->host.config.handle = 77;
	assert_refused(t, "LAUNCH_START: status 0x10 INVALID_GUEST");
}

static void bad_keys(void **state)
{
	struct test *t = *state;
	struct launch_config *c = &t->host.config;

	c->session = NULL;
	assert_wrong(t, "sev: dh_cert_file: given without session_file; legal is both or neither");
	c->session = c->dh_cert;
	c->dh_cert = NULL;
	assert_wrong(t, "sev: session_file: given without dh_cert_file; legal is both or neither");
	c->session = &t->session_blob;
	c->dh_cert = &t->godh_blob;
	c->tik = t->keys.tik;
	assert_wrong(t, "sev: tik: given without tek; legal is both or neither");
	c->tek = t->keys.tek;
	assert_wrong(t, "sev: tik: given beside session_file; legal is one of the two");
	c->tik = NULL;
	assert_wrong(t, "sev: tek: given without tik; legal is both or neither");
	c->tek = NULL;
	t->godh_blob.size--;
	assert_wrong(t, "sev: dh_cert_file=godh.b64: 2083 bytes; legal are exactly 2084");
	t->godh_blob.size++;
	t->session_blob.size++;
	assert_wrong(t, "sev: session_file=session.b64: 129 bytes; legal are exactly 128");
}

static void bad_memory(void **state)
{
	struct test *t = *state;
	struct launch_config *c = &t->host.config;

	c->host_window_size--;
	assert_wrong(t, "host window");
	c->host_window_size++;
	c->host_window_spa += 16;
	assert_wrong(t, "host window");
	c->host_window_spa = 0xD0000000;
	assert_wrong(t, "host window");
	c->host_window_spa = HOST_WINDOW;
	c->firmware_size -= 4096;
	assert_wrong(t, "romimage: file=firmware.fd: firmware: 61440 bytes is too small");
	c->firmware_size = 3 * FIRMWARE_SIZE / 2;
	assert_wrong(
		t, "romimage: file=firmware.fd: firmware: 98304 bytes is not a multiple of 64 KiB");
	c->firmware_size = 2 * FIRMWARE_SIZE;
	assert_wrong(t, "romimage: file=firmware.fd: firmware does not end at 4 GiB");
	c->firmware_gpa -= FIRMWARE_SIZE;
	assert_wrong(t, "romimage: file=firmware.fd: firmware: there is no memory");
}

static void bad_hash_area(void **state)
{
	struct test *t = *state;

	t->host.config.kernel_hashes = true;
	assert_wrong(t,
		"sev: kernel_hashes=1: there is no kernel to hash; legal with fw_cfg: kernel=FILE");
	hash_kernel(t);
	t->host.config.ram_size = HASHES_GPA;
	assert_wrong(t, "it does not lie in RAM");
}

/* A firmware with a broken table is refused; one without a table only if something is wanted of it.
 */
static void bad_table(void **state)
{
	struct test *t = *state;

	sev_put16(t->firmware.bytes + FIRMWARE_SIZE - 0x32, 17);
	memcpy(t->host.rom, t->firmware.bytes, FIRMWARE_SIZE);
	assert_wrong(t, "romimage: file=firmware.fd: firmware: footer table: total length 17");
	t->firmware.bytes[FIRMWARE_SIZE - 0x30] ^= 1;
	memcpy(t->host.rom, t->firmware.bytes, FIRMWARE_SIZE);
	hash_kernel(t);
	assert_wrong(t, "no footer table");
	t->host.config.kernel_hashes = false;
	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, true, &t->err), 0);
	assert_measured(t, false);
	assert_int_equal(t->launch.hashes.size, 0);
	assert_int_equal(t->launch.secrets.size, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(firmware_alone),
		TEST(firmware_and_hashes),
		TEST(hashes_are_176_bytes),
		TEST(firmware_is_encrypted_in_place),
		TEST(clear_keys),
		TEST(unattested),
		TEST(report_is_written),
		TEST(report_that_cannot_be_written),
		TEST(step_by_step),
		TEST(paused),
		TEST(again_after_stop),
		TEST(bad_session),
		TEST(bad_policy),
		TEST(bad_asid),
		TEST(bad_keys),
		TEST(bad_memory),
		TEST(bad_hash_area),
		TEST(bad_table),
	};

	sev_crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
