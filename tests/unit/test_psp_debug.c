/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DBG_DECRYPT, DBG_ENCRYPT and COPY: what the host sees and does where the policy lets it. */
#include "tests/unit/psp_migration.h"

#define ASID MIGRATION_ASID
#define HOST (RIG_GUEST + 0x80000) /* memory that is not the guest's */
#define SPAN 0x6000u

static uint8_t plain[SPAN];

/* A running guest with `plain` at RIG_GUEST. */
static struct rig *guest_with(uint32_t policy, uint32_t *handle)
{
	struct rig *rig = rig_ready();

	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 7 + (i >> 8));
	rig_put(rig, RIG_GUEST, plain, sizeof(plain));
	*handle = running_guest(rig, policy, sizeof(plain));
	return rig;
}

static uint16_t debug(
	struct rig *rig, uint32_t id, uint32_t handle, uint64_t src, uint64_t dst, uint32_t length)
{
	struct psp_dbg cmd = {
		.handle = handle,
		.src_paddr = src,
		.dst_paddr = dst,
		.length = length,
	};

	return rig_command(rig, id, &cmd, sizeof(cmd));
}

static uint16_t copy(struct rig *rig, uint32_t handle, uint64_t src, uint64_t dst, uint32_t length)
{
	struct psp_copy cmd = {
		.handle = handle,
		.length = length,
		.src_paddr = src,
		.dst_paddr = dst,
	};

	return rig_command(rig, PSP_CMD_COPY, &cmd, sizeof(cmd));
}

static void expect(
	struct rig *rig, uint64_t spa, unsigned view, const uint8_t *want, uint32_t length)
{
	static uint8_t seen[SPAN];

	rig_get(rig, spa, view, seen, length);
	assert_memory_equal(seen, want, length);
}

static void expect_not(
	struct rig *rig, uint64_t spa, unsigned view, const uint8_t *want, uint32_t length)
{
	static uint8_t seen[SPAN];

	rig_get(rig, spa, view, seen, length);
	for (uint32_t i = 0; i < length; i += 16)
		assert_memory_not_equal(seen + i, want + i, 16);
}

/* --- what they do -------------------------------------------------------------------------- */

/* Pieces of all sorts: one block, within a page, across several, at different places in the page.
 */
static const struct piece {
	uint32_t from, to, length;
} pieces[] = {
	{ 0, 0, 16 },
	{ 0, 0, 4096 },
	{ 0x10, 0x20, 0x40 },
	{ 0xff0, 0x10, 0x20 },
	{ 0x10, 0xff0, 0x3000 },
	{ 0, 0x230, SPAN },
};
#define PIECES (sizeof(pieces) / sizeof(pieces[0]))

static void test_decrypt(void **state)
{
	static uint8_t around[16];

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		const struct piece *p = &pieces[i];
		uint64_t dst = HOST + 0x1000 + p->to;
		uint32_t handle;
		struct rig *rig = guest_with(0, &handle);

		assert_int_equal(debug(rig, PSP_CMD_DBG_DECRYPT, handle, RIG_GUEST + p->from, dst,
					 p->length),
			PSP_SUCCESS);
		expect(rig, dst, SEVMEM_RAW, plain + p->from, p->length);
		expect(rig, dst - 16, SEVMEM_RAW, around, 16);
		expect(rig, dst + p->length, SEVMEM_RAW, around, 16);
		expect(rig, RIG_GUEST, ASID, plain, SPAN); /* the guest's own is as it was */
		expect_not(rig, RIG_GUEST, SEVMEM_RAW, plain, SPAN);
		rig_free(rig);
	}
}

static void test_encrypt(void **state)
{
	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		const struct piece *p = &pieces[i];
		uint64_t dst = RIG_GUEST + 0x10000 + p->to;
		uint8_t before[16], after[16];
		uint32_t handle;
		struct rig *rig = guest_with(0, &handle);

		rig_put(rig, HOST, plain, SPAN);
		rig_get(rig, dst + p->length, ASID, before, 16);
		assert_int_equal(
			debug(rig, PSP_CMD_DBG_ENCRYPT, handle, HOST + p->from, dst, p->length),
			PSP_SUCCESS);
		expect(rig, dst, ASID, plain + p->from, p->length);
		expect_not(rig, dst, SEVMEM_RAW, plain + p->from, p->length);
		rig_get(rig, dst + p->length, ASID, after, 16);
		assert_memory_equal(before, after, 16);
		expect(rig, HOST, SEVMEM_RAW, plain, SPAN);
		rig_free(rig);
	}
}

/* Ciphertext that was moved by the host itself is noise; moved by COPY it is the same text. */
static void test_copy(void **state)
{
	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		const struct piece *p = &pieces[i];
		uint64_t dst = RIG_GUEST + 0x10000 + p->to;
		static uint8_t cipher[SPAN];
		uint32_t handle;
		struct rig *rig = guest_with(1, &handle);

		rig_get(rig, RIG_GUEST + p->from, SEVMEM_RAW, cipher, p->length);
		rig_put(rig, dst, cipher, p->length);
		expect_not(rig, dst, ASID, plain + p->from, p->length);
		assert_int_equal(
			copy(rig, handle, RIG_GUEST + p->from, dst, p->length), PSP_SUCCESS);
		expect(rig, dst, ASID, plain + p->from, p->length);
		expect_not(rig, dst, SEVMEM_RAW, cipher, p->length);
		expect(rig, RIG_GUEST, ASID, plain, SPAN);
		rig_free(rig);
	}
}

/* --- overlap: as with memmove ---------------------------------------------------------------- */

static const int distances[] = { 0, 16, -16, 0x800, -0x800, 0xff0, -0xff0, 0x1000, -0x1000, 0x1010,
	-0x1010, 0x2340, -0x2340 };
#define DISTANCES (sizeof(distances) / sizeof(distances[0]))

#define OVERLAP_AT   (RIG_GUEST + 0x10000)
#define OVERLAP_SIZE 0x3010u

static void test_overlap_copy(void **state)
{
	(void)state;
	for (size_t i = 0; i < DISTANCES; i++) {
		uint64_t dst = OVERLAP_AT + (uint64_t)(int64_t)distances[i];
		uint32_t handle;
		struct rig *rig = guest_with(0, &handle);

		sevmem_write(rig->memory, OVERLAP_AT, ASID, plain, OVERLAP_SIZE);
		assert_int_equal(copy(rig, handle, OVERLAP_AT, dst, OVERLAP_SIZE), PSP_SUCCESS);
		expect(rig, dst, ASID, plain, OVERLAP_SIZE);
		rig_free(rig);
	}
}

static void test_overlap_debug(void **state)
{
	(void)state;
	for (size_t i = 0; i < DISTANCES; i++) {
		uint64_t dst = OVERLAP_AT + (uint64_t)(int64_t)distances[i];
		uint32_t handle;
		struct rig *rig = guest_with(0, &handle);

		sevmem_write(rig->memory, OVERLAP_AT, ASID, plain, OVERLAP_SIZE);
		assert_int_equal(
			debug(rig, PSP_CMD_DBG_DECRYPT, handle, OVERLAP_AT, dst, OVERLAP_SIZE),
			PSP_SUCCESS);
		expect(rig, dst, SEVMEM_RAW, plain, OVERLAP_SIZE);
		assert_int_equal(
			debug(rig, PSP_CMD_DBG_ENCRYPT, handle, dst, OVERLAP_AT, OVERLAP_SIZE),
			PSP_SUCCESS);
		expect(rig, OVERLAP_AT, ASID, plain, OVERLAP_SIZE);
		rig_free(rig);
	}
}

/* The command was read before it does anything, so it may be what is overwritten. */
static void test_buffer_in_target(void **state)
{
	uint32_t handle;
	struct rig *rig = guest_with(0, &handle);
	uint64_t page = RIG_BUFFER - RIG_BUFFER % SEVMEM_PAGE;

	(void)state;
	assert_int_equal(
		debug(rig, PSP_CMD_DBG_DECRYPT, handle, RIG_GUEST, page, 4096), PSP_SUCCESS);
	expect(rig, page, SEVMEM_RAW, plain, 4096);
	rig_free(rig);
}

/* --- rules --------------------------------------------------------------------------------- */

static void test_nodbg(void **state)
{
	uint32_t handle;
	struct rig *rig = guest_with(PSP_POLICY_NODBG, &handle);
	static uint8_t before[SPAN], after[SPAN];

	(void)state;
	rig_get(rig, RIG_GUEST, SEVMEM_RAW, before, SPAN);
	assert_int_equal(
		debug(rig, PSP_CMD_DBG_DECRYPT, handle, RIG_GUEST, HOST, 16), PSP_POLICY_FAILURE);
	assert_int_equal(
		debug(rig, PSP_CMD_DBG_ENCRYPT, handle, HOST, RIG_GUEST, 16), PSP_POLICY_FAILURE);
	assert_string_equal(psp_detail(rig->psp), "the policy has NODBG set");
	rig_get(rig, RIG_GUEST, SEVMEM_RAW, after, SPAN);
	assert_memory_equal(before, after, SPAN);
	rig_get(rig, HOST, SEVMEM_RAW, after, 16);
	assert_memory_not_equal(after, plain, 16);
	/* The policy is looked at before the ASID, and does not concern COPY. */
	assert_int_equal(copy(rig, handle, RIG_GUEST, RIG_GUEST + 0x10000, 16), PSP_SUCCESS);
	rig_handle(rig, PSP_CMD_DEACTIVATE, handle);
	assert_int_equal(
		debug(rig, PSP_CMD_DBG_DECRYPT, handle, RIG_GUEST, HOST, 16), PSP_POLICY_FAILURE);
	rig_free(rig);
}

static void test_inactive(void **state)
{
	uint32_t handle;
	struct rig *rig = guest_with(0, &handle);

	(void)state;
	rig_handle(rig, PSP_CMD_DEACTIVATE, handle);
	assert_int_equal(
		debug(rig, PSP_CMD_DBG_DECRYPT, handle, RIG_GUEST, HOST, 16), PSP_INACTIVE);
	assert_int_equal(
		debug(rig, PSP_CMD_DBG_ENCRYPT, handle, HOST, RIG_GUEST, 16), PSP_INACTIVE);
	assert_int_equal(copy(rig, handle, RIG_GUEST, RIG_GUEST + 0x1000, 16), PSP_INACTIVE);
	rig_free(rig);
}

static void test_arguments(void **state)
{
	static const struct {
		uint64_t src, dst;
		uint32_t length;
		uint16_t status;
	} cases[] = {
		{ RIG_GUEST, HOST, 0, PSP_INVALID_LENGTH },
		{ RIG_GUEST, HOST, 15, PSP_INVALID_LENGTH },
		{ RIG_GUEST, HOST, 17, PSP_INVALID_LENGTH },
		{ RIG_GUEST, HOST, 0xffffffff, PSP_INVALID_LENGTH },
		{ RIG_GUEST + 8, HOST, 16, PSP_INVALID_ADDRESS },
		{ RIG_GUEST, HOST + 1, 16, PSP_INVALID_ADDRESS },
		{ RIG_SIZE, HOST, 16, PSP_INVALID_ADDRESS },
		{ RIG_GUEST, RIG_SIZE - 16, 32, PSP_INVALID_ADDRESS },
		{ RIG_GUEST, HOST, 0xfffffff0, PSP_INVALID_ADDRESS },
		{ UINT64_MAX - 15, HOST, 16, PSP_INVALID_ADDRESS },
		{ RIG_TMR, HOST, 16, PSP_INVALID_ADDRESS },
		{ RIG_GUEST, RIG_TMR + PSP_TMR_SIZE - 16, 16, PSP_INVALID_ADDRESS },
		{ RIG_GUEST, RIG_TMR - 16, 32, PSP_INVALID_ADDRESS },
		{ RIG_GUEST | RIG_C_BIT, HOST | RIG_C_BIT, 16, PSP_SUCCESS },
	};
	uint32_t handle;
	struct rig *rig = guest_with(0, &handle);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t src = cases[i].src, dst = cases[i].dst;
		uint32_t length = cases[i].length;

		assert_int_equal(
			debug(rig, PSP_CMD_DBG_DECRYPT, handle, src, dst, length), cases[i].status);
		assert_int_equal(
			debug(rig, PSP_CMD_DBG_ENCRYPT, handle, src, dst, length), cases[i].status);
		assert_int_equal(copy(rig, handle, src, dst, length), cases[i].status);
	}
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decrypt),
		cmocka_unit_test(test_encrypt),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_overlap_copy),
		cmocka_unit_test(test_overlap_debug),
		cmocka_unit_test(test_buffer_in_target),
		cmocka_unit_test(test_nodbg),
		cmocka_unit_test(test_inactive),
		cmocka_unit_test(test_arguments),
	};

	return cmocka_run_group_tests_name("psp debug", tests, NULL, NULL);
}
