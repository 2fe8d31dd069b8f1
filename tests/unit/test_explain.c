/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of a direct boot that came to nothing. */
#include "tests/unit/unit.h"

#include "bios/explain.h"
#include "iodev/fw_cfg/fw_cfg.h"

static char text[400];

static void test_reasons(void **state)
{
	struct report report = { 0 };
	struct hashes served;
	struct explain_boot boot = { .report = &report };

	explain_boot(&boot, text, sizeof(text));
	assert_non_null(strstr(text, "no longer what was measured"));
	boot.firmware_intact = true;
	explain_boot(&boot, text, sizeof(text));
	assert_string_equal(text, ""); /* a disk, perhaps */
	boot.firmware_verifies = true;

	(void)state;
	explain_boot(&boot, text, sizeof(text));
	assert_non_null(strstr(text, "no kernel was given"));

	boot.kernel_offered = true;
	boot.firmware_verifies = true;
	explain_boot(&boot, text, sizeof(text));
	assert_non_null(strstr(text, "give sev: kernel_hashes=1"));

	boot.firmware_verifies = false;
	explain_boot(&boot, text, sizeof(text));
	assert_non_null(strstr(text, "did not read the kernel"));

	report.has_hashes = true;
	memset(&report.hashes, 1, sizeof(report.hashes));
	served = report.hashes;
	boot.served = &served;
	boot.kernel_read = true;
	explain_boot(&boot, text, sizeof(text));
	assert_string_equal(text, "");

	served.sha256[HASHES_INITRD][31] ^= 1;
	explain_boot(&boot, text, sizeof(text));
	assert_non_null(strstr(text, "refused the direct boot"));
	assert_non_null(strstr(text, "initrd"));
	assert_null(strstr(text, "cmdline"));
}

static int no_dma_read(void *ctx, uint64_t gpa, void *buf, size_t size)
{
	(void)ctx, (void)gpa, (void)buf, (void)size;
	return -1;
}

static int no_dma_write(void *ctx, uint64_t gpa, const void *buf, size_t size)
{
	(void)ctx, (void)gpa, (void)buf, (void)size;
	return -1;
}

/* What is hashed is what a guest would get, item after item, with a flipped bit if there is one. */
static void test_served(void **state)
{
	const struct fw_cfg_config config = { NULL, no_dma_read, no_dma_write };
	struct fw_cfg *fw = fw_cfg_new(&config);
	struct hashes served, expected;
	const struct sev_blob kernel = { (uint8_t *)"setup+kernel", 12 };
	const struct sev_blob flipped = { (uint8_t *)"setup+kernem", 12 };
	const struct sev_blob initrd = { (uint8_t *)"initrd", 6 };
	struct sev_error err;

	(void)state;
	assert_int_equal(explain_served(NULL, &served), -1);
	assert_int_equal(explain_served(fw, &served), -1);
	assert_int_equal(fw_cfg_add(fw, FW_CFG_SETUP_DATA, "setup+", 6, &err), 0);
	assert_int_equal(fw_cfg_add_copy(fw, FW_CFG_KERNEL_DATA, "kernel", 6, &err), 0);
	assert_int_equal(fw_cfg_add(fw, FW_CFG_INITRD_DATA, "initrd", 6, &err), 0);
	assert_int_equal(fw_cfg_add(fw, FW_CFG_CMDLINE_DATA, "line", 5, &err), 0);
	assert_int_equal(fw_cfg_seal(fw, &err), 0);

	assert_int_equal(explain_served(fw, &served), 0);
	hashes_compute(&kernel, &initrd, "line", &expected);
	assert_memory_equal(&served, &expected, sizeof(served));
	hashes_compute(&flipped, &initrd, "line", &expected);
	assert_memory_not_equal(&served, &expected, sizeof(served));
	fw_cfg_free(fw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
