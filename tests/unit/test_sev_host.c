/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QMP's SEV commands against the real Secure Processor model: answers, QEMU's checks and texts. */
#include "tests/unit/launch_test.h"

#define SECRET	    "the secret is 42, and 32 bytes.\n"
#define SECRET_SIZE 32

/* The owner prefers keys in the clear. */
static struct test *with_clear_keys(struct test *t)
{
	memset(&t->keys, 0x42, sizeof(t->keys));
	t->host.config.tik = t->keys.tik;
	t->host.config.tek = t->keys.tek;
	return t;
}

static int set_up(void **state)
{
	*state = with_clear_keys(test_new(true));
	return 0;
}

static int set_up_without_areas(void **state)
{
	*state = with_clear_keys(test_new(false));
	return 0;
}

static void launch(struct test *t)
{
	assert_int_equal(launch_run(&t->launch, &t->host.config, NULL, true, &t->err), 0);
	t->sev.launch = &t->launch;
}

static void finish(struct test *t)
{
	assert_int_equal(launch_finish(&t->launch, &t->err), 0);
}

/* --- query-sev, query-sev-launch-measure ------------------------------------------------------ */

static void disabled(void **state)
{
	struct test *t = *state;
	struct monitor_sev_info info;
	uint8_t data[MONITOR_MEASURE_SIZE];
	struct sev_blob blob = { 0 };

	assert_int_equal(sev_host_info(&t->sev, &info, &t->err), 0);
	assert_false(info.enabled);
	assert_string_equal(info.state, "uninit");
	assert_int_equal(info.api_major | info.api_minor | info.build_id, 0);
	assert_int_equal(info.policy | info.handle, 0);
	assert_int_equal(sev_host_measure(&t->sev, data, &t->err), -1);
	assert_string_equal(t->err.text, "SEV launch measurement is not available");
	assert_int_equal(sev_host_inject(&t->sev, &blob, &blob, NULL, &t->err), -1);
	assert_string_equal(t->err.text, "SEV not enabled for guest");
	assert_int_equal(sev_host_attestation(&t->sev, &blob, &blob, &t->err), -1);
	assert_string_equal(t->err.text, "SEV is not enabled");
}

static void assert_state(struct test *t, const char *name)
{
	struct monitor_sev_info info;

	assert_int_equal(sev_host_info(&t->sev, &info, &t->err), 0);
	assert_true(info.enabled);
	assert_string_equal(info.state, name);
	assert_int_equal(info.policy, t->host.config.policy);
	assert_int_equal(info.handle, t->launch.handle);
	assert_int_equal(info.api_major, 1);
	assert_int_equal(info.api_minor, 55);
	assert_int_equal(info.build_id, 21);
}

static void assert_measured(struct test *t)
{
	uint8_t data[MONITOR_MEASURE_SIZE], expected[32];
	const struct report *r = &t->launch.report;

	assert_int_equal(sev_host_measure(&t->sev, data, &t->err), 0);
	psp_measure(t->keys.tik, (struct psp_version) { 1, 55, 21 }, t->host.config.policy,
		r->launch_digest, data + 32, expected);
	assert_memory_equal(data, expected, 32);
}

static void life_of_a_guest(void **state)
{
	struct test *t = *state;
	uint8_t data[MONITOR_MEASURE_SIZE];

	assert_int_equal(launch_start(&t->launch, &t->host.config, &t->err), 0);
	t->sev.launch = &t->launch;
	assert_state(t, "launch-update");
	assert_int_equal(sev_host_measure(&t->sev, data, &t->err), -1);
	assert_string_equal(t->err.text, "SEV launch measurement is not available");
	assert_int_equal(launch_measure_all(&t->launch, &t->err), 0);
	assert_int_equal(launch_measure(&t->launch, &t->err), 0);
	assert_state(t, "launch-secret");
	assert_measured(t);
	finish(t);
	assert_state(t, "running");
	assert_measured(t);
}

/* --- query-sev-capabilities ------------------------------------------------------------------- */

static void free_capabilities(struct monitor_sev_capabilities *cap)
{
	sev_blob_free(&cap->pdh);
	sev_blob_free(&cap->cert_chain);
	sev_blob_free(&cap->cpu0_id);
}

static void assert_capabilities(struct test *t)
{
	struct monitor_sev_capabilities cap;
	struct sev_p384_public pub;
	uint8_t zero[PSP_ID_SIZE] = { 0 };

	assert_int_equal(sev_host_capabilities(&t->sev, &cap, &t->err), 0);
	assert_int_equal(cap.pdh.size, sizeof(struct psp_cert));
	assert_int_equal(cap.cert_chain.size, sizeof(struct psp_cert_chain));
	assert_int_equal(cap.cpu0_id.size, PSP_ID_SIZE);
	assert_int_equal(cap.cbitpos, 47);
	assert_int_equal(cap.reduced_phys_bits, 5);
	assert_int_equal(
		psp_cert_check((struct psp_cert *)cap.pdh.data, PSP_USAGE_PDH, &pub, NULL), 0);
	assert_int_equal(
		psp_cert_check((struct psp_cert *)cap.cert_chain.data, PSP_USAGE_PEK, &pub, NULL),
		0);
	assert_memory_not_equal(cap.cpu0_id.data, zero, PSP_ID_SIZE);
	free_capabilities(&cap);
}

/* Asking leaves no trace: the platform is as it was. */
static void capabilities_of_a_sleeping_platform(void **state)
{
	struct test *t = *state;

	assert_capabilities(t);
	assert_int_equal(platform(t).state, PSP_PLATFORM_UNINIT);
	assert_capabilities(t);
}

static void capabilities_of_a_working_platform(void **state)
{
	struct test *t = *state;
	struct monitor_sev_capabilities cap;
	struct psp_cert_chain chain;
	struct psp_cert pdh;

	launch(t);
	assert_capabilities(t);
	assert_int_equal(platform(t).state, PSP_PLATFORM_WORKING);
	assert_int_equal(host_export(&t->host, &pdh, &chain), PSP_SUCCESS);
	assert_int_equal(sev_host_capabilities(&t->sev, &cap, &t->err), 0);
	assert_memory_equal(cap.pdh.data, &pdh, sizeof(pdh));
	assert_memory_equal(cap.cert_chain.data, &chain, sizeof(chain));
	free_capabilities(&cap);
	assert_state(t, "launch-secret");
}

static void capabilities_fail(void **state)
{
	struct test *t = *state;
	struct monitor_sev_capabilities cap;

	t->sev.mailbox.window = 0xC0000000; /* nothing there */
	assert_int_equal(sev_host_capabilities(&t->sev, &cap, &t->err), -1);
	assert_string_equal(
		t->err.text, "SEV: Failed to export PDH cert ret=-1 fw_err=9 (Invalid address)");
	assert_null(cap.pdh.data);
}

/* --- sev-inject-launch-secret ----------------------------------------------------------------- */

struct packet {
	struct psp_packet_header header;
	uint8_t data[SECRET_SIZE];
	struct sev_blob header_blob, data_blob;
};

static void seal(struct test *t, struct packet *p)
{
	memset(p, 0, sizeof(*p));
	memset(p->header.iv, 7, sizeof(p->header.iv));
	psp_packet_seal(&p->header, &t->keys, PSP_PACKET_SECRET, t->launch.report.measurement,
		SECRET, p->data, sizeof(p->data));
	p->header_blob = (struct sev_blob) { (uint8_t *)&p->header, sizeof(p->header) };
	p->data_blob = (struct sev_blob) { p->data, sizeof(p->data) };
}

static int inject(struct test *t, const struct packet *p, const uint64_t *gpa)
{
	return sev_host_inject(&t->sev, &p->header_blob, &p->data_blob, gpa, &t->err);
}

static void assert_secret_at(struct test *t, uint64_t gpa)
{
	uint8_t seen[SECRET_SIZE];

	read_view(t, gpa, HOST_ASID, seen, sizeof(seen));
	assert_memory_equal(seen, SECRET, SECRET_SIZE);
	read_view(t, gpa, SEVMEM_RAW, seen, sizeof(seen));
	assert_memory_not_equal(seen, SECRET, 16);
	assert_memory_not_equal(seen + 16, &SECRET[16], 16);
}

static void refuses(struct test *t, const struct packet *p, const uint64_t *gpa, const char *text)
{
	assert_int_equal(inject(t, p, gpa), -1);
	assert_string_equal(t->err.text, text);
}

static void secret_arrives(void **state)
{
	struct test *t = *state;
	struct packet p;
	uint64_t gpa = 0x123450;

	launch(t);
	seal(t, &p);
	assert_int_equal(inject(t, &p, NULL), 0);
	assert_secret_at(t, SECRET_GPA);
	assert_int_equal(inject(t, &p, &gpa), 0);
	assert_secret_at(t, gpa);
	gpa = 0;
	assert_int_equal(inject(t, &p, &gpa), 0);
	assert_secret_at(t, 0);
	assert_state(t, "launch-secret");
	finish(t);
	assert_secret_at(t, SECRET_GPA);
	refuses(t, &p, NULL, "SEV: Not in correct state. (LSECRET) 3");
}

/* The announced area is looked for before the state is. */
static void no_area(void **state)
{
	struct test *t = *state;
	struct packet p;
	uint64_t gpa = 0x1000;

	launch(t);
	seal(t, &p);
	refuses(t, &p, NULL, "SEV: no secret area found in OVMF, gpa must be specified.");
	assert_int_equal(inject(t, &p, &gpa), 0);
	finish(t);
	refuses(t, &p, NULL, "SEV: no secret area found in OVMF, gpa must be specified.");
	refuses(t, &p, &gpa, "SEV: Not in correct state. (LSECRET) 3");
}

static void wrong_state(void **state)
{
	struct test *t = *state;
	struct packet p = { 0 };

	assert_int_equal(launch_start(&t->launch, &t->host.config, &t->err), 0);
	t->sev.launch = &t->launch;
	refuses(t, &p, NULL, "SEV: Not in correct state. (LSECRET) 1");
}

static void empty_packets(void **state)
{
	struct test *t = *state;
	struct packet p;

	launch(t);
	seal(t, &p);
	p.data_blob.size = 0;
	refuses(t, &p, NULL, "SEV: Failed to decode data");
	p.header_blob.size = 0;
	refuses(t, &p, NULL, "SEV: Failed to decode sequence header");
}

#define NO_ADDRESS "SEV: Failed to calculate guest address: "

static void wrong_addresses(void **state)
{
	struct test *t = *state;
	struct packet p;
	uint64_t nowhere = HOST_RAM, rom = 0xffff0000, edge = HOST_RAM - 16, end = UINT64_MAX;

	launch(t);
	seal(t, &p);
	refuses(t, &p, &nowhere, NO_ADDRESS "No memory is mapped at address 0x1000000");
	refuses(t, &p, &end, NO_ADDRESS "No memory is mapped at address 0xffffffffffffffff");
	refuses(t, &p, &rom, NO_ADDRESS "Memory at address 0xffff0000 is not RAM");
	refuses(t, &p, &edge, NO_ADDRESS "Size of memory region at 0xfffff0 exceeded.");
	edge -= 16;
	assert_int_equal(inject(t, &p, &edge), 0);
	assert_secret_at(t, edge);
}

/* A changed bit anywhere, and nothing is written. */
static void spoilt_packets(void **state)
{
	struct test *t = *state;
	struct packet p;
	uint8_t before[SECRET_SIZE];

	launch(t);
	memcpy(before, t->host.ram + SECRET_GPA, SECRET_SIZE);
	for (int spoilt = 0; spoilt < 3; spoilt++) {
		seal(t, &p);
		(spoilt == 0 ? p.header.iv : spoilt == 1 ? p.header.mac : p.data)[0] ^= 1;
		refuses(t, &p, NULL,
			"SEV: failed to inject secret ret=-5 fw_error=11 'Bad measurement'");
	}
	assert_memory_equal(t->host.ram + SECRET_GPA, before, SECRET_SIZE);
}

static void illegal_packets(void **state)
{
	static const struct {
		size_t header, size;
		uint64_t gpa;
		const char *why;
	} cases[] = {
		{ 51, 32, SECRET_GPA, "fw_error=4 'Buffer too small'" },
		{ 53, 32, SECRET_GPA, "fw_error=4 'Buffer too small'" },
		{ 52, 31, SECRET_GPA, "fw_error=4 'Buffer too small'" },
		{ 52, 32, SECRET_GPA + 8, "fw_error=9 'Invalid address'" },
	};
	struct test *t = *state;
	struct packet p;

	launch(t);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		seal(t, &p);
		p.header_blob.size = cases[i].header;
		p.data_blob.size = cases[i].size;
		assert_int_equal(inject(t, &p, &cases[i].gpa), -1);
		assert_says(t, "SEV: failed to inject secret ret=-5 ");
		assert_says(t, cases[i].why);
	}
}

/* More than the kernel's interface takes does not even reach the firmware. */
static void huge_packets(void **state)
{
	struct test *t = *state;
	struct packet p;

	launch(t);
	seal(t, &p);
	p.data_blob = (struct sev_blob) { calloc(1, PSP_SECRET_MAX + 16), PSP_SECRET_MAX + 16 };
	refuses(t, &p, NULL, "SEV: failed to inject secret ret=-22 fw_error=0 ''");
	p.header_blob = p.data_blob;
	p.data_blob.size = 32;
	refuses(t, &p, NULL, "SEV: failed to inject secret ret=-22 fw_error=0 ''");
	free(p.data_blob.data);
}

/* --- query-sev-attestation-report ------------------------------------------------------------- */

static void attestation(void **state)
{
	struct test *t = *state;
	uint8_t nonce[16] = "sixteen bytes.";
	struct sev_blob mnonce = { nonce, 16 }, blob;
	const struct psp_attestation_report *report;

	launch(t);
	for (int when = 0; when < 2; when++) {
		assert_int_equal(sev_host_attestation(&t->sev, &mnonce, &blob, &t->err), 0);
		assert_int_equal(blob.size, 208);
		report = (const struct psp_attestation_report *)blob.data;
		assert_memory_equal(report->mnonce, nonce, 16);
		assert_memory_equal(report->launch_digest, t->launch.report.launch_digest, 32);
		assert_int_equal(report->policy, t->host.config.policy);
		sev_blob_free(&blob);
		if (!when)
			finish(t);
	}
}

static void attestation_refused(void **state)
{
	struct test *t = *state;
	uint8_t nonce[17] = { 0 };
	struct sev_blob mnonce = { nonce, 15 }, blob = { 0 };

	launch(t);
	assert_int_equal(sev_host_attestation(&t->sev, &mnonce, &blob, &t->err), -1);
	assert_string_equal(t->err.text, "SEV: mnonce must be 16 bytes (got 15)");
	mnonce.size = 17;
	assert_int_equal(sev_host_attestation(&t->sev, &mnonce, &blob, &t->err), -1);
	assert_string_equal(t->err.text, "SEV: mnonce must be 16 bytes (got 17)");
	mnonce.size = 16;
	t->launch.handle++; /* a guest that the firmware does not know */
	assert_int_equal(sev_host_attestation(&t->sev, &mnonce, &blob, &t->err), -1);
	assert_string_equal(t->err.text,
		"SEV: Failed to get attestation report ret=-5 fw_err=16 (Guest handle is "
		"invalid): Input/output error");
	assert_null(blob.data);
	t->launch.handle--;
}

static void firmware_errors(void **state)
{
	(void)state;
	assert_string_equal(sev_host_firmware_error(0), "");
	assert_string_equal(sev_host_firmware_error(1), "Platform state is invalid");
	assert_string_equal(sev_host_firmware_error(11), "Bad measurement");
	assert_string_equal(sev_host_firmware_error(0x18), "Part-specific integrity check failure");
	for (unsigned status = 1; status <= 0x18; status++)
		assert_true(strlen(sev_host_firmware_error((uint16_t)status)) > 0);
	for (unsigned status = 0x19; status <= 0xffff; status++)
		assert_string_equal(sev_host_firmware_error((uint16_t)status), "unknown error");
}

#define WITH_HOST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_HOST(disabled),
		WITH_HOST(life_of_a_guest),
		WITH_HOST(capabilities_of_a_sleeping_platform),
		WITH_HOST(capabilities_of_a_working_platform),
		WITH_HOST(capabilities_fail),
		WITH_HOST(secret_arrives),
		cmocka_unit_test_setup_teardown(no_area, set_up_without_areas, tear_down),
		WITH_HOST(wrong_state),
		WITH_HOST(empty_packets),
		WITH_HOST(wrong_addresses),
		WITH_HOST(spoilt_packets),
		WITH_HOST(illegal_packets),
		WITH_HOST(huge_packets),
		WITH_HOST(attestation),
		WITH_HOST(attestation_refused),
		cmocka_unit_test(firmware_errors),
	};

	sev_crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
