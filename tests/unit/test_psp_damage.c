/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that are no saved chip: damaged, cut, or made up by somebody who can compute a checksum. */
#include "tests/unit/psp_saved.h"

static void test_every_byte(void **state)
{
	struct rig *rig = busy();
	struct sev_blob blob = save(rig), before = save(rig);

	(void)state;
	for (size_t at = 0; at < blob.size; at++) {
		for (unsigned bit = 1; bit < 0x100; bit <<= 7) {
			blob.data[at] ^= (uint8_t)bit;
			refused(rig, &blob);
			blob.data[at] ^= (uint8_t)bit;
		}
	}
	assert_is(rig, &before);
	assert_int_equal(psp_restore(rig->psp, blob.data, blob.size, NULL), 0);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	rig_free(rig);
}

static void test_every_length(void **state)
{
	struct rig *rig = busy();
	struct sev_blob blob = save(rig), part, before = save(rig);

	(void)state;
	for (size_t size = 0; size < blob.size; size++) {
		part = (struct sev_blob) { malloc(size + 1), size };
		memcpy(part.data, blob.data, size);
		refused(rig, &part);
		sev_blob_free(&part);
	}
	part = (struct sev_blob) { calloc(1, blob.size + 1), blob.size + 1 };
	memcpy(part.data, blob.data, blob.size);
	refused(rig, &part);
	sev_blob_free(&part);
	assert_is(rig, &before);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	rig_free(rig);
}

/* Keys are computed for every change of an identity: there, some bytes stand for all. */
static size_t step_from(size_t at)
{
	return at >= HEAD(identity) && at < HEAD(nv_used) ? 97 : 1;
}

/* Whoever can compute the checksum: every byte is refused, or is what the chip then has. */
static void test_sealed_bytes(void **state)
{
	struct rig *rig = busy();
	struct sev_blob blob = save(rig), before = save(rig);
	unsigned taken = 0;

	(void)state;
	for (size_t at = 0; at < blob.size - SEV_SHA256; at += step_from(at)) {
		blob.data[at] ^= 0x81;
		if (psp_saved_size((struct saved_head *)blob.data) == blob.size)
			seal(&blob);
		if (psp_restore(rig->psp, blob.data, blob.size, NULL) == 0) {
			taken++;
			assert_is(rig, &blob);
			assert_int_equal(psp_restore(rig->psp, before.data, before.size, NULL), 0);
		} else {
			assert_is(rig, &before);
		}
		blob.data[at] = before.data[at];
	}
	assert_true(taken > 100 && taken < blob.size);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	rig_free(rig);
}

struct illegal {
	const char *what;
	size_t at;
	uint32_t value;
};

#define GUEST(n, field)                                                                       \
	(sizeof(struct saved_head) + 3 * SEVMEM_KEY_SIZE + (n) * sizeof(struct saved_guest) + \
		offsetof(struct saved_guest, field))
#define MARKS (GUEST(4, slot))

/* busy()'s guests: policies 0, 0, NODBG, ES; ASIDs 5, 5, 0, 2; keys 0, 0, 1, 2; all LUPDATE. */
static const struct illegal illegal_values[] = {
	{ "platform state unknown", HEAD(state), 3 },
	{ "UNINIT with guests", HEAD(state), PSP_PLATFORM_UNINIT },
	{ "INIT with guests", HEAD(state), PSP_PLATFORM_INIT },
	{ "SEV-ES neither 0 nor 1", HEAD(es), 2 },
	{ "a TMR without SEV-ES", HEAD(es), 0 },
	{ "TMR not aligned", HEAD(tmr), RIG_TMR + 4096 },
	{ "TMR not memory", HEAD(tmr), RIG_SIZE },
	{ "TMR too small", HEAD(tmr_size), PSP_TMR_SIZE - 1 },
	{ "TMR too large", HEAD(tmr_size), RIG_SIZE },
	{ "no identity", HEAD(identity.flags), 0 },
	{ "unknown flag", HEAD(identity.flags), 5 },
	{ "an owner's OCA with its private key", HEAD(identity.flags), 3 },
	{ "another chip's flash", HEAD(flash.secret), 1 },
	{ "unknown flag in the flash", HEAD(flash.flags), 5 },
	{ "NV buffer neither used nor not", HEAD(nv_used), 2 },
	{ "NV buffer at an address, but not used", HEAD(nv), 4096 },
	{ "slot too large", GUEST(3, slot), RIG_MAX_ASID },
	{ "slot twice", GUEST(1, slot), 0 },
	{ "slots not ascending", GUEST(0, slot), 3 },
	{ "handle 0", GUEST(0, handle), 0 },
	{ "handle twice", GUEST(0, handle), 3 },
	{ "reserved policy bit", GUEST(2, policy), 0x40 },
	{ "policy asks for newer firmware", GUEST(2, policy), 56u << 24 | 1u << 16 },
	{ "policy asks for newer firmware", GUEST(2, policy), 2u << 16 },
	{ "policies differ under one key", GUEST(1, policy), 1 },
	{ "guest state 0", GUEST(2, state), PSP_GUEST_UNINIT },
	{ "guest state 7", GUEST(2, state), 7 },
	{ "transport keys in RUNNING", GUEST(0, state), PSP_GUEST_RUNNING },
	{ "transport keys in SENT", GUEST(0, state), PSP_GUEST_SENT },
	{ "measured before LAUNCH_MEASURE", GUEST(0, measure), 1 },
	{ "ASID too large", GUEST(0, asid), RIG_MAX_ASID + 1 },
	{ "ASID of SEV-ES", GUEST(2, asid), 1 },
	{ "ASID not of SEV-ES", GUEST(3, asid), 6 },
	{ "key unknown", GUEST(3, vek), 3 },
	{ "key without guest", GUEST(3, vek), 1 },
	{ "keys out of order", GUEST(2, vek), 2 },
	{ "flags unknown", GUEST(0, flags), 8 },
	{ "arriving, but not received", GUEST(2, flags), SAVED_SESSION },
	{ "received without a session", GUEST(2, flags), SAVED_RECEIVED },
	{ "received, but updated by a launch", GUEST(2, flags),
		SAVED_RECEIVED | SAVED_SESSION | SAVED_UPDATED },
	{ "received, but being launched", GUEST(2, state), PSP_GUEST_LUPDATE },
	{ "received, but launched and measured", GUEST(2, state), PSP_GUEST_LSECRET },
	{ "active on no core", GUEST(0, cores), 0 },
	{ "active on a core that is not there", GUEST(0, cores), 1u << RIG_CORES },
	{ "inactive on a core", GUEST(2, cores), 1 },
	{ "digest of more bytes than words", GUEST(1, ld), 1 },
	{ "bound ASID is dirty", MARKS + 4 - 3, 1u << 24 },
	{ "dirty mark 2", MARKS, 2 },
	{ "core mark 2", MARKS + RIG_MAX_ASID - 3, 2u << 24 },
};

static void test_illegal_values(void **state)
{
	struct rig *rig = busy();
	struct sev_blob blob = save(rig), before = save(rig);

	(void)state;
	for (size_t i = 0; i < sizeof(illegal_values) / sizeof(illegal_values[0]); i++) {
		const struct illegal *bad = &illegal_values[i];

		sev_put32(blob.data + bad->at, bad->value);
		seal(&blob);
		if (psp_restore(rig->psp, blob.data, blob.size, NULL) == 0)
			fail_msg("taken: %s", bad->what);
		memcpy(blob.data, before.data, blob.size);
	}
	assert_is(rig, &before);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	rig_free(rig);
}

/* Values each of which would be legal without the other. */
static const struct {
	const char *what;
	struct {
		size_t at;
		uint32_t value;
	} set[2];
} illegal_pairs[] = {
	{ "one ASID, two keys", { { GUEST(2, asid), 5 }, { GUEST(2, cores), 1 } } },
	{ "a key shared against the policy",
		{ { GUEST(0, policy), PSP_POLICY_NOKS }, { GUEST(1, policy), PSP_POLICY_NOKS } } },
};

static void test_illegal_pairs(void **state)
{
	struct rig *rig = busy();
	struct sev_blob blob = save(rig), before = save(rig);

	(void)state;
	for (size_t i = 0; i < sizeof(illegal_pairs) / sizeof(illegal_pairs[0]); i++) {
		for (unsigned n = 0; n < 2; n++)
			sev_put32(blob.data + illegal_pairs[i].set[n].at,
				illegal_pairs[i].set[n].value);
		seal(&blob);
		if (psp_restore(rig->psp, blob.data, blob.size, NULL) == 0)
			fail_msg("taken: %s", illegal_pairs[i].what);
		memcpy(blob.data, before.data, blob.size);
	}
	assert_is(rig, &before);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	rig_free(rig);
}

/* A platform that is up has its certificates. */
static void test_up_without_identity(void **state)
{
	struct rig *rig = rig_ready();
	struct sev_blob blob = save(rig), before = save(rig);
	struct saved_head *head = (struct saved_head *)blob.data;
	size_t keys = offsetof(struct psp_record, oca);

	(void)state;
	head->identity.flags = 0;
	memset(head->identity.oca, 0, sizeof(head->identity) - keys);
	seal(&blob);
	refused(rig, &blob);
	assert_is(rig, &before);
	head->state = PSP_PLATFORM_UNINIT;
	head->es = 0;
	head->tmr = 0;
	head->tmr_size = 0;
	seal(&blob);
	assert_int_equal(psp_restore(rig->psp, blob.data, blob.size, NULL), 0);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	rig_free(rig);
}

/* Keys where there should be none, and the key of another certificate. */
static void test_illegal_identity(void **state)
{
	struct rig *rig = rig_new(), *up = rig_ready();
	struct sev_blob blob = save(rig);
	struct saved_head *head = (struct saved_head *)blob.data;

	(void)state;
	head->identity.pek[7] = 1;
	seal(&blob);
	refused(rig, &blob);
	sev_blob_free(&blob);

	blob = save(up);
	head = (struct saved_head *)blob.data;
	memcpy(head->identity.pek, head->identity.pdh, sizeof(head->identity.pek));
	seal(&blob);
	refused(rig, &blob);
	memset(head->identity.pek, 0, sizeof(head->identity.pek));
	seal(&blob);
	refused(rig, &blob);
	sev_blob_free(&blob);
	rig_free(rig);
	rig_free(up);
}

/* The buffer of INIT_EX must be one that INIT_EX would have taken. */
static void test_illegal_nv(void **state)
{
	static const uint64_t illegal[] = { RIG_NV + 16, RIG_SIZE, RIG_SIZE - 4096, RIG_TMR,
		RIG_TMR - 4096, UINT64_MAX - 4095 };
	struct rig *rig = busy();
	struct sev_blob blob = save(rig), before = save(rig);
	struct saved_head *head = (struct saved_head *)blob.data;

	(void)state;
	head->nv_used = 1;
	for (size_t i = 0; i < sizeof(illegal) / sizeof(illegal[0]); i++) {
		head->nv = illegal[i];
		seal(&blob);
		refused(rig, &blob);
	}
	assert_is(rig, &before);
	head->nv = RIG_NV;
	seal(&blob);
	assert_int_equal(psp_restore(rig->psp, blob.data, blob.size, NULL), 0);
	assert_is(rig, &blob);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_sealed_bytes),
		cmocka_unit_test(test_illegal_values),
		cmocka_unit_test(test_illegal_pairs),
		cmocka_unit_test(test_up_without_identity),
		cmocka_unit_test(test_illegal_identity),
		cmocka_unit_test(test_illegal_nv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
