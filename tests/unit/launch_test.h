/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tests of the launch, and of what a monitor does to the launched guest, have in common. */
#ifndef TESTS_UNIT_LAUNCH_TEST_H
#define TESTS_UNIT_LAUNCH_TEST_H

#include "tests/unit/unit.h"

#include "monitor/sev_host.h"
#include "tests/unit/host.h"
#include "tests/unit/synthetic_ovmf.h"

#define FIRMWARE_SIZE 0x10000
#define HASHES_GPA    SYNTHETIC_HASH_BASE
#define SECRET_GPA    SYNTHETIC_SECRET_BASE

/* A host with a synthetic firmware, the guest's owner and the monitor. */
struct test {
	struct host host;
	struct synthetic_ovmf firmware;
	struct psp_transport_keys keys;
	struct psp_cert godh; /* a session, where a test makes one */
	struct psp_session session;
	struct sev_blob godh_blob, session_blob;
	struct launch launch;
	struct sev_host sev; /* knows of no launch yet */
	struct sev_error err;
};

static inline struct test *test_new(bool with_areas)
{
	struct test *t = calloc(1, sizeof(*t));

	if (with_areas) {
		synthetic_amdsev(&t->firmware, FIRMWARE_SIZE);
	} else {
		synthetic_new(&t->firmware, FIRMWARE_SIZE);
		synthetic_finish(&t->firmware);
	}
	assert_true(host_start(&t->host, t->firmware.bytes, FIRMWARE_SIZE, "test", 4));
	t->sev = (struct sev_host) { .mailbox = { t->host.psp, t->host.memory, HOST_WINDOW },
		.cbitpos = 47,
		.reduced_phys_bits = 5,
		.policy = t->host.config.policy };
	return t;
}

static inline int tear_down(void **state)
{
	struct test *t = *state;

	launch_stop(&t->launch);
	host_stop(&t->host);
	synthetic_free(&t->firmware);
	free(t);
	return 0;
}

static inline void assert_says(const struct test *t, const char *words)
{
	if (!strstr(t->err.text, words))
		fail_msg("error \"%s\" does not say \"%s\"", t->err.text, words);
	assert_null(strchr(t->err.text, '\n'));
}

static inline struct psp_platform_status platform(struct test *t)
{
	struct psp_platform_status status = { 0 };

	assert_int_equal(host_command(&t->host, PSP_CMD_PLATFORM_STATUS, &status, sizeof(status)),
		PSP_SUCCESS);
	return status;
}

static inline void read_view(struct test *t, uint64_t gpa, unsigned view, void *out, size_t size)
{
	assert_int_equal(sevmem_peek(t->host.memory, gpa, view, out, size), 0);
}

#endif
