/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Initial VMSAs: pages known from other tools, and every byte that is not 0. */
#include "tests/unit/unit.h"

#include "bios/vmsa.h"
#include "crypto/crypto.h"

#define AP_RESET 0x0080b004

static void sha256(const struct vmsa_config *config, bool boot_cpu, char hex[65])
{
	uint8_t page[VMSA_SIZE], digest[32];
	struct sev_part part = { page, sizeof(page) };

	vmsa_initial(config, boot_cpu, page);
	sev_sha256(&part, 1, digest);
	sev_hex(digest, 32, hex);
}

/* EPYC-Milan; the INIT2 ones are those of sev-snp-measure, the legacy ones of libvirt. */
static void known_pages(void **state)
{
	static const struct {
		enum vmsa_type type;
		bool boot_cpu;
		const char *sha256;
	} cases[] = {
		{ VMSA_LEGACY, true,
			"f8b52f775502472e5797d2674d9de21f6abc05dc05e9bc49cbb7b6a13688d5e7" },
		{ VMSA_LEGACY, false,
			"bcee5cb289f72882da17abd8dca5e8a7e9f8e2033e7ad96b4db0ab1a383a6487" },
		{ VMSA_INIT2, true,
			"efcc96a66e22e3d25161643c1331c59ef2b11d0ac63369c49c0cf2133c0b58db" },
		{ VMSA_INIT2, false,
			"a14b28cfdc8d4d0e2884708ff279ca1204b7e45d45970c38c32fcd3374ba9f4f" },
	};
	char hex[65];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vmsa_config config = { cases[i].type, 0x00a00f11, AP_RESET };

		sha256(&config, cases[i].boot_cpu, hex);
		assert_string_equal(hex, cases[i].sha256);
	}
}

/* What differs between two pages, as "offset:old>new" in words of 8 bytes. */
static void assert_differs(const uint8_t a[VMSA_SIZE], const uint8_t b[VMSA_SIZE], const char *how)
{
	char text[512] = "", *at = text;

	for (unsigned i = 0; i < VMSA_SIZE; i += 8)
		if (sev_le64(a + i) != sev_le64(b + i))
			at += sprintf(at, "%x:%llx>%llx ", i, (unsigned long long)sev_le64(a + i),
				(unsigned long long)sev_le64(b + i));
	assert_string_equal(text, how);
}

/* Each part of the configuration changes its own fields, and no other. */
static void what_changes_what(void **state)
{
	struct vmsa_config config = { VMSA_LEGACY, 0x00a00f11, AP_RESET };
	uint8_t page[VMSA_SIZE], other[VMSA_SIZE];

	(void)state;
	vmsa_initial(&config, true, page);
	vmsa_initial(&config, false, other);
	assert_differs(page, other, "18:ffff0000>800000 178:fff0>b004 ");
	config.ap_reset = 0xfffe1234;
	vmsa_initial(&config, true, other);
	assert_differs(page, other, "");
	vmsa_initial(&config, false, other);
	assert_differs(page, other, "18:ffff0000>fffe0000 178:fff0>1234 ");
	config.signature = 0x00830f10;
	vmsa_initial(&config, true, other);
	assert_differs(page, other, "310:a00f11>830f10 ");
	config.signature = 0x00a00f11;
	config.type = VMSA_INIT2;
	vmsa_initial(&config, true, other);
	assert_differs(page, other, "408:0>1f80 410:0>37f ");
}

static void signatures(void **state)
{
	static const struct {
		const char *name;
		uint32_t signature;
	} cases[] = {
		{ "EPYC", 0x00800f12 },
		{ "EPYC-v4", 0x00800f12 },
		{ "EPYC-IBPB", 0x00800f12 },
		{ "EPYC-Rome", 0x00830f10 },
		{ "EPYC-Milan", 0x00a00f11 },
		{ "EPYC-Milan-v12", 0x00a00f11 },
		{ "EPYC-Genoa", 0x00a10f10 },
		{ "EPYC-Turin", 0x00b00f00 },
	};
	static const char *const unknown[] = { "", "epyc", "EPYC-", "EPYC-v", "EPYC-v1x",
		"EPYC-Milan-", "EPYC-Mila", "EPYC-Milan2", "qemu64" };
	uint32_t signature;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct vmsa_cpu *cpu = vmsa_cpu_find(cases[i].name);

		assert_non_null(cpu);
		assert_int_equal(
			vmsa_signature(cpu->family, cpu->model, cpu->stepping, &signature), 0);
		assert_int_equal(signature, cases[i].signature);
	}
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_null(vmsa_cpu_find(unknown[i]));
}

static void legal_signatures(void **state)
{
	uint32_t signature;

	(void)state;
	assert_int_equal(vmsa_signature(270, 255, 15, &signature), 0);
	assert_int_equal(signature, 0x0fff0fff);
	assert_int_equal(vmsa_signature(6, 15, 11, &signature), 0);
	assert_int_equal(signature, 0x6fb);
	assert_int_equal(vmsa_signature(15, 65, 2, &signature), 0);
	assert_int_equal(signature, 0x40f12);
	assert_int_equal(vmsa_signature(271, 0, 0, &signature), -1);
	assert_int_equal(vmsa_signature(25, 256, 0, &signature), -1);
	assert_int_equal(vmsa_signature(25, 1, 16, &signature), -1);
	assert_int_equal(vmsa_signature(6, 16, 0, &signature), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_pages),
		cmocka_unit_test(what_changes_what),
		cmocka_unit_test(signatures),
		cmocka_unit_test(legal_signatures),
	};

	sev_crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
