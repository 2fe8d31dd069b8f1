/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* LAUNCH_SECRET, and what LAUNCH_FINISH leaves of the keys. */
#include "tests/unit/unit.h"

#include "iodev/psp/model.h"
#include "tests/psp_rig.h"
#include "tests/unit/psp_keys.h"

struct waiting {
	struct rig *rig;
	uint32_t handle;
	struct psp_measurement measurement;
	struct psp_packet_header header;
	uint8_t plain[64], data[64];
};

static void seal(struct waiting *w, const uint8_t measure[32], uint32_t flags)
{
	struct psp_transport_keys keys;

	memcpy(keys.tik, tik, 16);
	memcpy(keys.tek, tek, 16);
	memset(&w->header, 0x77, sizeof(w->header));
	w->header.flags = flags;
	psp_packet_seal(
		&w->header, &keys, PSP_PACKET_SECRET, measure, w->plain, w->data, sizeof(w->data));
}

static struct waiting wait_for_secret(void)
{
	struct waiting w = { .rig = rig_ready(), .plain = "a secret, and more than a block" };

	w.handle = rig_guest(w.rig, 0, ASID, tik, tek);
	assert_int_equal(rig_measure(w.rig, w.handle, &w.measurement), PSP_SUCCESS);
	seal(&w, w.measurement.measure, 0);
	return w;
}

/* Whether the guest got it; if not, its memory must be as before. */
static uint16_t inject(struct waiting *w)
{
	uint8_t before[64], after[64], seen[64];
	uint16_t status;

	rig_get(w->rig, RIG_GUEST, SEVMEM_RAW, before, 64);
	status = rig_secret(w->rig, w->handle, &w->header, w->data, 64, RIG_GUEST);
	rig_get(w->rig, RIG_GUEST, SEVMEM_RAW, after, 64);
	rig_get(w->rig, RIG_GUEST, ASID, seen, 64);
	if (status == PSP_SUCCESS)
		assert_memory_equal(seen, w->plain, 64);
	else
		assert_memory_equal(before, after, 64);
	return status;
}

static void test_secret(void **state)
{
	struct waiting w = wait_for_secret();
	uint8_t raw[64];

	(void)state;
	assert_int_equal(inject(&w), PSP_SUCCESS);
	rig_get(w.rig, RIG_GUEST, SEVMEM_RAW, raw, 64);
	assert_memory_not_equal(raw, w.plain, 16);
	assert_int_equal(inject(&w), PSP_SUCCESS); /* may be repeated */
	assert_int_equal(rig_handle(w.rig, PSP_CMD_LAUNCH_FINISH, w.handle), PSP_SUCCESS);
	assert_int_equal(inject(&w), PSP_INVALID_GUEST_STATE);
	rig_free(w.rig);
}

static void test_secret_bits(void **state)
{
	struct waiting w = wait_for_secret();
	uint8_t other[SEV_SHA256];

	(void)state;
	for (size_t i = 4; i < sizeof(w.header); i++) {
		((uint8_t *)&w.header)[i] ^= 0x40;
		assert_int_equal(inject(&w), PSP_BAD_MEASUREMENT);
		((uint8_t *)&w.header)[i] ^= 0x40;
	}
	for (size_t i = 0; i < sizeof(w.data); i++) {
		w.data[i] ^= 2;
		assert_int_equal(inject(&w), PSP_BAD_MEASUREMENT);
		w.data[i] ^= 2;
	}
	memcpy(other, w.measurement.measure, sizeof(other));
	other[31] ^= 1;
	seal(&w, other, 0);
	assert_int_equal(inject(&w), PSP_BAD_MEASUREMENT);
	seal(&w, w.measurement.measure, PSP_PACKET_COMPRESSED);
	assert_int_equal(inject(&w), PSP_UNSUPPORTED);
	seal(&w, w.measurement.measure, 2);
	assert_int_equal(inject(&w), PSP_INVALID_PARAM);
	seal(&w, w.measurement.measure, 0x80000001);
	assert_int_equal(inject(&w), PSP_INVALID_PARAM);
	seal(&w, w.measurement.measure, 0);
	assert_int_equal(inject(&w), PSP_SUCCESS);
	rig_free(w.rig);
}

static void test_secret_rules(void **state)
{
	struct waiting w = wait_for_secret();
	const struct psp_transport good = {
		.handle = w.handle,
		.hdr_paddr = RIG_BLOB,
		.hdr_length = sizeof(w.header),
		.guest_paddr = RIG_GUEST,
		.guest_length = 64,
		.trans_paddr = RIG_TRANS,
		.trans_length = 64,
	};
	struct {
		struct psp_transport cmd;
		uint16_t status;
	} cases[] = {
		[0 ... 14] = { good, PSP_INVALID_LENGTH },
	};

	(void)state;
	rig_put(w.rig, RIG_BLOB, &w.header, sizeof(w.header));
	rig_put(w.rig, RIG_TRANS, w.data, sizeof(w.data));
	cases[0].cmd.hdr_length = 0x33;
	cases[1].cmd.hdr_length = 0x35;
	cases[2].cmd.guest_length = cases[2].cmd.trans_length = 0;
	cases[3].cmd.guest_length = cases[3].cmd.trans_length = 63;
	cases[4].cmd.guest_length = 48;
	cases[5].cmd.trans_length = 48;
	cases[6].cmd.guest_length = cases[6].cmd.trans_length = 0x4010;
	for (size_t i = 7; i <= 13; i++)
		cases[i].status = PSP_INVALID_ADDRESS;
	cases[7].cmd.hdr_paddr = RIG_SIZE - 0x33;
	cases[8].cmd.guest_paddr = RIG_GUEST + 8;
	cases[9].cmd.guest_paddr = RIG_SIZE - 48;
	cases[10].cmd.trans_paddr = RIG_TRANS + 4;
	cases[11].cmd.trans_paddr = RIG_SIZE - 48;
	cases[12].cmd.guest_paddr = RIG_TMR;
	cases[13].cmd.trans_paddr = RIG_TMR + 0x1000;
	cases[14].status = PSP_SUCCESS;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint16_t status = rig_command(
			w.rig, PSP_CMD_LAUNCH_SECRET, &cases[i].cmd, sizeof(cases[i].cmd));

		if (status != cases[i].status)
			fail_msg("case %zu: %s", i, psp_status_name(status));
	}
	rig_free(w.rig);
}

/* The largest secret, and one whose packet lies where the secret goes. */
static void test_secret_sizes(void **state)
{
	struct waiting w = wait_for_secret();
	static uint8_t plain[PSP_SECRET_MAX], data[PSP_SECRET_MAX], seen[PSP_SECRET_MAX];
	struct psp_transport_keys keys;
	struct psp_transport cmd = {
		.handle = w.handle,
		.hdr_paddr = RIG_GUEST,
		.hdr_length = sizeof(w.header),
		.guest_paddr = RIG_GUEST,
		.guest_length = 64,
		.trans_paddr = RIG_GUEST + 0x40,
		.trans_length = 64,
	};

	(void)state;
	memcpy(keys.tik, tik, 16);
	memcpy(keys.tek, tek, 16);
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 5 + (i >> 8));
	psp_packet_seal(&w.header, &keys, PSP_PACKET_SECRET, w.measurement.measure, plain, data,
		sizeof(data));
	assert_int_equal(
		rig_secret(w.rig, w.handle, &w.header, data, sizeof(data), RIG_GUEST), PSP_SUCCESS);
	rig_get(w.rig, RIG_GUEST, ASID, seen, sizeof(seen));
	assert_memory_equal(seen, plain, sizeof(plain));

	seal(&w, w.measurement.measure, 0);
	rig_put(w.rig, cmd.hdr_paddr, &w.header, sizeof(w.header));
	rig_put(w.rig, cmd.trans_paddr, w.data, sizeof(w.data));
	assert_int_equal(rig_command(w.rig, PSP_CMD_LAUNCH_SECRET, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_get(w.rig, RIG_GUEST, ASID, seen, 64);
	assert_memory_equal(seen, w.plain, 64);
	rig_free(w.rig);
}

/* --- LAUNCH_FINISH ------------------------------------------------------------------------- */

static void test_finish_wipes(void **state)
{
	static const struct psp_transport_keys zero;
	struct waiting w = wait_for_secret();
	struct psp_guest *guest = psp_find_guest(w.rig->psp, w.handle);

	(void)state;
	assert_memory_equal(guest->keys.tik, tik, 16);
	assert_int_equal(rig_handle(w.rig, PSP_CMD_LAUNCH_FINISH, w.handle), PSP_SUCCESS);
	assert_memory_equal(&guest->keys, &zero, sizeof(zero));
	rig_free(w.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_secret_bits),
		cmocka_unit_test(test_secret_rules),
		cmocka_unit_test(test_secret_sizes),
		cmocka_unit_test(test_finish_wipes),
	};

	return cmocka_run_group_tests_name("psp secret", tests, NULL, NULL);
}
