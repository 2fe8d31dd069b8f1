/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Known digests, measurements and packets, made by other tools. Those of a whole firmware need
 * Debian's ovmf-amdsev 2026.08+ds-2; OVMF_AMDSEV names the file, any other is skipped.
 */
#include "tests/unit/unit.h"

#include "bios/secret.h"
#include "tests/psp_test.h"
#include "tests/unit/host.h"

#define FIRMWARE	"/usr/share/ovmf/OVMF.amdsev.fd"
#define FIRMWARE_SHA256 "3e4fd0b3fe3b2dbe481c3d9e99418a034174f26cbe1f55aa212b0f18c12d2d6f"
#define LD_HASHES	"6c327be4693d7af6886100f56e86570d12451db2ac344fa2fca517e928526d24"
#define LD_ES		"1ca9720ec69aabf05820a5ff375a8da599ed5fd838a06f76e5ffa66f575000d5"
#define TIK		"000102030405060708090a0b0c0d0e0f"
#define TEK		"101112131415161718191a1b1c1d1e1f"
#define MNONCE		"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
#define MEASURE		"757e9fa98c231a98616c327f76ee87948ca885cd0047d892500bc948f7083bd3"

static const struct sev_blob kernel = { (uint8_t *)"KERNEL-TEST", 11 };
static const struct sev_blob initrd = { (uint8_t *)"INITRD-TEST", 11 };

/* Version 1.55 build 21 throughout. */
static void measurements(void **state)
{
	static const struct {
		const char *digest, *measure;
		uint32_t policy;
	} cases[] = {
		{ LD_HASHES, MEASURE, 1 },
		{ FIRMWARE_SHA256,
			"7394f9a931b2135337c9a2b8ce73ce529b1ab0734f0e9babcf048e7ccfc07dda", 1 },
		{ LD_ES, "b1bcb3b7152e4cbb2d28063b7294aefd28595c8ec100ea29b42924f46edc5a03", 5 },
	};
	uint8_t tik[16], mnonce[16], digest[32], measure[32];

	(void)state;
	bytes_of(TIK, tik);
	bytes_of(MNONCE, mnonce);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bytes_of(cases[i].digest, digest);
		psp_measure(tik, (struct psp_version) { 1, 55, 21 }, cases[i].policy, digest,
			mnonce, measure);
		assert_bytes(measure, 32, cases[i].measure);
	}
}

static void secret_packet(void **state)
{
	struct secret_entry entry = { .data = (const uint8_t *)"hunter2", .size = 8 };
	struct psp_packet_header header = { .flags = 0 };
	struct psp_transport_keys keys;
	struct sev_blob table = { 0 };
	uint8_t measure[32];
	char *text;

	(void)state;
	bytes_of(TIK, keys.tik);
	bytes_of(TEK, keys.tek);
	bytes_of("303132333435363738393a3b3c3d3e3f", header.iv);
	bytes_of(MEASURE, measure);
	memcpy(entry.guid, secret_guid_luks, 16);
	assert_int_equal(secret_build(&entry, 1, &table, NULL), 0);
	assert_int_equal(table.size, 64);
	psp_packet_seal(&header, &keys, PSP_PACKET_SECRET, measure, table.data, table.data, 64);
	assert_bytes(table.data, 64,
		"aad032d198497e56a934cb7b86f8ea3bd2ecef2e736d0447b4c6323562948dee"
		"7158d208c1c58d2d6ac9466065b1b976e82dc2fc43966a63a47c0492ead628e0");
	text = sev_base64(&header, sizeof(header));
	assert_string_equal(
		text, "AAAAADAxMjM0NTY3ODk6Ozw9Pj8TMTd0TYqyCiIcQl/cWI85IlfXYk+pxbopulRdFrCByA==");
	free(text);
	sev_blob_free(&table);
}

/* The whole way: a launch of the real firmware gives the known digest and measurement. */
static void launch_of_amdsev(void **state)
{
	const char *path = getenv("OVMF_AMDSEV");
	struct sev_blob file = { 0 };
	uint8_t tik[16], tek[16], mnonce[16], data[REPORT_DATA];
	struct launch launch;
	struct host host;
	char text[65], *base64;

	(void)state;
	if (sev_file_read(path ? path : FIRMWARE, OVMF_MAX_SIZE, &file, NULL))
		skip();
	assert_true(host_start(&host, file.data, file.size, "test", 4));
	sev_blob_free(&file);
	bytes_of(TIK, tik);
	bytes_of(TEK, tek);
	bytes_of(MNONCE, mnonce);
	psp_test_set_mnonce(host.psp, mnonce);
	host.config.tik = tik;
	host.config.tek = tek;
	host.config.kernel_hashes = true;
	host.config.kernel = &kernel;
	host.config.initrd = &initrd;
	host.config.cmdline = "console=ttyS0";
	assert_int_equal(launch_run(&launch, &host.config, NULL, true, NULL), 0);
	sev_hex(launch.report.region[0].sha256, 32, text);
	if (!strcmp(text, FIRMWARE_SHA256)) {
		assert_bytes(launch.report.launch_digest, 32, LD_HASHES);
		report_data(&launch.report, data);
		base64 = sev_base64(data, sizeof(data));
		assert_string_equal(
			base64, "dX6fqYwjGphhbDJ/du6HlIyohc0AR9iSUAvJSPcIO9OgoaKjpKWmp6ipqqusra6v");
		free(base64);
	}
	launch_stop(&launch);
	host_stop(&host);
	if (strcmp(text, FIRMWARE_SHA256))
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(measurements),
		cmocka_unit_test(secret_packet),
		cmocka_unit_test(launch_of_amdsev),
	};

	sev_crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
