/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chip becomes bytes, and bytes a chip. */
#include <unistd.h>

#include "iodev/psp/saved.h"
#include "tests/psp_rig.h"
#include "tests/unit/unit.h"

static const uint8_t tik[16] = { 1, 2, 3 }, tek[16] = { 4, 5, 6 };

#define HEAD(field) offsetof(struct saved_head, field)

/* --- the tools ----------------------------------------------------------------------------- */

static struct sev_blob save(struct rig *rig)
{
	struct sev_blob blob = { 0 };

	assert_int_equal(psp_save(rig->psp, &blob, NULL), 0);
	return blob;
}

static void assert_same(const struct sev_blob *a, const struct sev_blob *b)
{
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->data, b->data, a->size);
}

/* Whether the chip is what it was when that was saved. */
static void assert_is(struct rig *rig, const struct sev_blob *blob)
{
	struct sev_blob now = save(rig);

	assert_same(&now, blob);
	sev_blob_free(&now);
}

/* Another machine with the same DRAM and a new chip of the same seed. */
static struct rig *copy_of(const struct rig *rig)
{
	struct rig *copy = rig_new();

	assert_int_equal(sevmem_peek(rig->memory, 0, SEVMEM_RAW, copy->bytes, RIG_SIZE), 0);
	return copy;
}

static void refused(struct rig *rig, const struct sev_blob *blob)
{
	struct sev_error err = { 0 };

	assert_int_equal(psp_restore(rig->psp, blob->data, blob->size, &err), -1);
	assert_int_not_equal(err.text[0], 0);
	assert_null(strchr(err.text, '\n'));
}

/* Signs what was changed. */
static void seal(struct sev_blob *blob)
{
	struct saved saved = psp_saved_layout(blob->data);

	assert_int_equal(saved.size, blob->size);
	psp_saved_checksum(&saved, saved.checksum);
}

static void activate_on_core_1(struct rig *rig, uint32_t handle, uint32_t asid)
{
	const uint32_t core = 1;
	struct psp_activate_ex cmd = {
		.ex_length = sizeof(cmd),
		.handle = handle,
		.asid = asid,
		.num_ids = 1,
		.ids_paddr = RIG_BLOB,
	};

	rig_put(rig, RIG_BLOB, &core, sizeof(core));
	assert_int_equal(rig_command(rig, PSP_CMD_ACTIVATE_EX, &cmd, sizeof(cmd)), PSP_SUCCESS);
}

/*
 * Guests of every kind: 1 with an ASID, keys in the clear and a page; 2 that shares its key and its
 * ASID; 3 inactive, arriving from elsewhere; 4 with SEV-ES.
 */
static struct rig *busy(void)
{
	struct rig *rig = rig_ready();
	uint8_t page[4096];
	struct psp_launch_start share = { .handle = 1 };

	memset(page, 0x5a, sizeof(page));
	rig_put(rig, RIG_GUEST, page, sizeof(page));
	assert_int_equal(rig_guest(rig, 0, 5, tik, tek), 1);
	assert_int_equal(rig_update(rig, 1, RIG_GUEST, sizeof(page)), PSP_SUCCESS);
	assert_int_equal(
		rig_command(rig, PSP_CMD_LAUNCH_START, &share, sizeof(share)), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, share.handle, 5), PSP_SUCCESS);
	assert_int_equal(rig_guest(rig, PSP_POLICY_NODBG, 0, NULL, NULL), 3);
	assert_int_equal(rig_guest(rig, PSP_POLICY_ES, 0, NULL, NULL), 4);
	activate_on_core_1(rig, 4, 2);
	rig->psp->guests[2].state = PSP_GUEST_RUPDATE;
	rig->psp->guests[2].session = true;
	rig->psp->guests[2].received = true;
	psp_wbinvd(rig->psp, 0);
	return rig;
}

/* --- there and back ------------------------------------------------------------------------ */

/* Into a new chip, and into one that is doing something else. */
static void there_and_back(struct rig *rig)
{
	struct rig *fresh = copy_of(rig), *other = busy();
	struct sev_blob blob = save(rig);

	assert_int_equal(psp_restore(fresh->psp, blob.data, blob.size, NULL), 0);
	assert_is(fresh, &blob);
	assert_int_equal(psp_restore(other->psp, blob.data, blob.size, NULL), 0);
	assert_is(other, &blob);
	assert_is(rig, &blob);
	sev_blob_free(&blob);
	rig_free(fresh);
	rig_free(other);
}

static void test_platform_states(void **state)
{
	struct rig *rig = rig_new();

	(void)state;
	there_and_back(rig); /* never initialised: no keys */
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	there_and_back(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	there_and_back(rig);
	assert_int_equal(rig_init(rig, true), PSP_SUCCESS);
	there_and_back(rig);
	psp_wbinvd(rig->psp, 1);
	there_and_back(rig);
	assert_int_equal(rig_flush(rig), PSP_SUCCESS);
	there_and_back(rig);
	rig_free(rig);
	rig = busy();
	there_and_back(rig);
	rig_free(rig);
}

/* The identity in use is not the chip's own, and the platform has an owner. */
static void test_identities(void **state)
{
	struct rig *rig = rig_new();
	uint8_t empty[PSP_NV_SIZE];
	struct psp_identity *identity = &rig->psp->identity;

	(void)state;
	memset(empty, 0xff, sizeof(empty));
	rig_put(rig, RIG_NV, empty, sizeof(empty));
	assert_int_equal(rig_init_ex(rig, true), PSP_SUCCESS);
	assert_false(rig->psp->flash.provisioned);
	there_and_back(rig);
	psp_identity_import(
		identity, &rig->psp->maker, &identity->oca_cert, &identity->pek_cert.sig[0]);
	there_and_back(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0), PSP_SUCCESS);
	assert_int_equal(rig_init(rig, true), PSP_SUCCESS);
	there_and_back(rig);
	psp_identity_import(
		identity, &rig->psp->maker, &identity->oca_cert, &identity->pek_cert.sig[0]);
	rig->psp->flash = *identity;
	there_and_back(rig);
	rig_free(rig);
}

/* What belongs to a state is set by hand: this is not about how it is reached. */
static void test_guest_states(void **state)
{
	(void)state;
	for (unsigned s = PSP_GUEST_LUPDATE; s <= PSP_GUEST_SENT; s++) {
		struct rig *rig = busy();

		for (unsigned i = 0; i < 4; i++) {
			struct psp_guest *guest = &rig->psp->guests[i];

			guest->state = s;
			guest->received =
				s == PSP_GUEST_RUPDATE || (s > PSP_GUEST_LSECRET && i == 2);
			guest->session = guest->received;
			guest->updated = !guest->received;
			if (s == PSP_GUEST_RUNNING || s == PSP_GUEST_SENT)
				psp_wipe_transport(guest);
			if (s != PSP_GUEST_LUPDATE && s != PSP_GUEST_RUPDATE)
				memset(guest->measure, 7, sizeof(guest->measure));
		}
		there_and_back(rig);
		rig_free(rig);
	}
}

/* A hole in the table of guests stays one, and the next guest gets it and the next handle. */
static void test_slots(void **state)
{
	struct rig *rig = busy(), *copy;
	struct sev_blob blob;
	uint32_t a, b;

	(void)state;
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, 2), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, 2), PSP_SUCCESS);
	there_and_back(rig);
	copy = copy_of(rig);
	blob = save(rig);
	assert_int_equal(psp_restore(copy->psp, blob.data, blob.size, NULL), 0);
	sev_blob_free(&blob);
	assert_int_equal(rig_launch_start(rig, 0, &a), PSP_SUCCESS);
	assert_int_equal(rig_launch_start(copy, 0, &b), PSP_SUCCESS);
	assert_int_equal(a, b);
	assert_int_equal(copy->psp->guests[1].handle, b);
	blob = save(rig);
	assert_is(copy, &blob);
	sev_blob_free(&blob);
	rig_free(rig);
	rig_free(copy);
}

/* --- memory -------------------------------------------------------------------------------- */

static void test_keys_in_memory(void **state)
{
	struct rig *rig = busy(), *copy = copy_of(rig);
	struct sev_blob blob = save(rig);
	uint8_t *before = malloc(RIG_SIZE), *after = malloc(RIG_SIZE), expected[4096], page[4096];

	(void)state;
	memset(expected, 0x5a, sizeof(expected));
	rig_get(copy, RIG_GUEST, 5, page, sizeof(page));
	assert_memory_not_equal(page, expected, sizeof(page));
	rig_get(copy, 0, SEVMEM_RAW, before, RIG_SIZE);
	assert_int_equal(psp_restore(copy->psp, blob.data, blob.size, NULL), 0);
	assert_true(copy->changed >= 2);
	rig_get(copy, RIG_GUEST, 5, page, sizeof(page));
	assert_memory_equal(page, expected, sizeof(page));
	rig_get(copy, 0, SEVMEM_RAW, after, RIG_SIZE);
	assert_memory_equal(before, after, RIG_SIZE);

	/* The keys of a chip that is set back leave memory. */
	rig_free(copy);
	copy = rig_new();
	sev_blob_free(&blob);
	blob = save(copy);
	rig->changed = 0;
	rig_get(rig, 0, SEVMEM_RAW, before, RIG_SIZE);
	assert_int_equal(psp_restore(rig->psp, blob.data, blob.size, NULL), 0);
	assert_int_equal(rig->changed, 2);
	rig_get(rig, RIG_GUEST, 5, page, sizeof(page));
	assert_memory_equal(page, before + RIG_GUEST, sizeof(page));
	rig_get(rig, 0, SEVMEM_RAW, after, RIG_SIZE);
	assert_memory_equal(before, after, RIG_SIZE);
	sev_blob_free(&blob);
	free(before);
	free(after);
	rig_free(rig);
	rig_free(copy);
}

/* --- continues alike ----------------------------------------------------------------------- */

static void lead_a_life(struct rig *rig)
{
	struct psp_measurement out;
	uint8_t page[4096] = { 1, 2, 3 };
	uint32_t handle;

	rig_put(rig, RIG_GUEST + 4096, page, sizeof(page));
	assert_int_equal(rig_update(rig, 1, RIG_GUEST + 4096, sizeof(page)), PSP_SUCCESS);
	assert_int_equal(rig_measure(rig, 1, &out), PSP_SUCCESS);
	assert_int_equal(rig_launch_start(rig, 0, &handle), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, handle, 6), PSP_SUCCESS);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST + 8192, 64), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, 4), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, 4, 2), PSP_WBINVD_REQUIRED);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_LAUNCH_FINISH, 1), PSP_SUCCESS);
}

static void test_continues_alike(void **state)
{
	struct rig *rig = busy(), *copy = copy_of(rig);
	uint8_t *a = malloc(RIG_SIZE), *b = malloc(RIG_SIZE);
	struct sev_blob blob = save(rig);

	(void)state;
	assert_int_equal(psp_restore(copy->psp, blob.data, blob.size, NULL), 0);
	sev_blob_free(&blob);
	lead_a_life(rig);
	lead_a_life(copy);
	blob = save(rig);
	assert_is(copy, &blob);
	rig_get(rig, 0, SEVMEM_RAW, a, RIG_SIZE);
	rig_get(copy, 0, SEVMEM_RAW, b, RIG_SIZE);
	assert_memory_equal(a, b, RIG_SIZE);
	sev_blob_free(&blob);
	free(a);
	free(b);
	rig_free(rig);
	rig_free(copy);
}

/* --- damage -------------------------------------------------------------------------------- */

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

/* --- another chip -------------------------------------------------------------------------- */

static void refused_by(struct rig *rig, const struct psp_config *config, const char *why)
{
	struct sev_blob blob = save(rig), before = { 0 }, after = { 0 };
	struct psp *psp = psp_new(config, NULL);
	struct sev_error err = { 0 };

	assert_non_null(psp);
	assert_int_equal(psp_save(psp, &before, NULL), 0);
	assert_int_equal(psp_restore(psp, blob.data, blob.size, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
	assert_int_equal(psp_save(psp, &after, NULL), 0);
	assert_same(&before, &after);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	sev_blob_free(&after);
	psp_free(psp);
}

static void test_other_configuration(void **state)
{
	struct rig *rig = busy();
	struct psp_config config = rig_config(rig);
	struct sevmem *memory = sevmem_new();

	(void)state;
	config.memory = memory; /* the chip that refuses must not touch the other's keys */
	config.max_asid++;
	refused_by(rig, &config, "ASIDs");
	config = rig_config(rig);
	config.memory = memory;
	config.min_sev_asid--;
	refused_by(rig, &config, "ASIDs");
	config.min_sev_asid++;
	config.cores++;
	refused_by(rig, &config, "cores");
	config.cores--;
	config.es_capable = false;
	refused_by(rig, &config, "SEV-ES");
	config.es_capable = true;
	config.api_major = 1;
	config.api_minor = 54;
	config.build = 21;
	refused_by(rig, &config, "firmware 1.55 build 21");
	config.api_minor = 55;
	config.seed = "rag";
	refused_by(rig, &config, "seed");
	config.seed = NULL;
	refused_by(rig, &config, "seed");
	config.seed = "rig"; /* all the same: only the TMR is not memory there */
	refused_by(rig, &config, "memory");
	sevmem_free(memory);
	rig_free(rig);
}

/* Not seeded: nothing of it can be computed again, so the bytes must hold all of it. */
static void test_unseeded(void **state)
{
	struct rig *rig = rig_memory(), *other = rig_memory();
	struct psp_config config = rig_config(rig);
	struct sev_blob blob;

	(void)state;
	config.seed = NULL;
	rig->psp = psp_new(&config, NULL);
	config.memory = other->memory;
	config.ctx = other;
	other->psp = psp_new(&config, NULL);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	blob = save(rig);
	assert_int_equal(psp_restore(other->psp, blob.data, blob.size, NULL), 0);
	assert_is(other, &blob);
	assert_memory_equal(
		&rig->psp->identity, &other->psp->identity, sizeof(struct psp_identity));
	((struct saved_head *)blob.data)->rng_position = 1;
	seal(&blob);
	refused(other, &blob);
	sev_blob_free(&blob);
	rig_free(rig);
	rig_free(other);
}

/* --- a state directory --------------------------------------------------------------------- */

static struct psp *chip_in(struct rig *rig, const char *dir)
{
	struct psp_config config = rig_config(rig);

	config.seed = NULL;
	config.state_dir = dir;
	return psp_new(&config, NULL);
}

static void remove_dir(const char *dir)
{
	static const char *const names[] = { "chip.state", "cek.cert", "ask_ark.cert" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(dir), 0);
}

static void test_state_directory(void **state)
{
	char dir[] = "/tmp/psp-save.XXXXXX";
	struct rig *rig = rig_memory();
	struct psp_identity first;
	struct sev_blob blob;

	(void)state;
	assert_non_null(mkdtemp(dir));
	rig->psp = chip_in(rig, dir);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	first = rig->psp->identity;
	blob = save(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	assert_memory_not_equal(&rig->psp->identity, &first, sizeof(first));
	assert_int_equal(psp_restore(rig->psp, blob.data, blob.size, NULL), 0);
	assert_memory_equal(&rig->psp->identity, &first, sizeof(first));
	psp_free(rig->psp);
	rig->psp = chip_in(rig, dir); /* what is on disk went back too */
	assert_memory_equal(&rig->psp->identity, &first, sizeof(first));

	sev_blob_free(&blob);
	rig_free(rig);
	remove_dir(dir);
}

static void test_state_directory_is_gone(void **state)
{
	char dir[] = "/tmp/psp-save.XXXXXX";
	struct rig *rig = rig_memory();
	struct sev_blob blob, before;

	(void)state;
	assert_non_null(mkdtemp(dir));
	rig->psp = chip_in(rig, dir);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	blob = save(rig);
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	before = save(rig);
	remove_dir(dir);
	refused(rig, &blob);
	assert_is(rig, &before);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	rig_free(rig);
}

static void test_state_directory_of_another(void **state)
{
	char dir[] = "/tmp/psp-save.XXXXXX";
	struct rig *rig = rig_memory(), *other = rig_memory();
	struct sev_blob blob, before;
	struct sev_error err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	rig->psp = chip_in(rig, dir);
	other->psp = chip_in(other, NULL);
	blob = save(other);
	before = save(rig);
	assert_int_equal(psp_restore(rig->psp, blob.data, blob.size, &err), -1);
	assert_non_null(strstr(err.text, dir));
	assert_is(rig, &before);
	sev_blob_free(&blob);
	sev_blob_free(&before);
	rig_free(rig);
	rig_free(other);
	remove_dir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_platform_states),
		cmocka_unit_test(test_identities),
		cmocka_unit_test(test_guest_states),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_keys_in_memory),
		cmocka_unit_test(test_continues_alike),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_sealed_bytes),
		cmocka_unit_test(test_illegal_values),
		cmocka_unit_test(test_illegal_pairs),
		cmocka_unit_test(test_up_without_identity),
		cmocka_unit_test(test_illegal_identity),
		cmocka_unit_test(test_illegal_nv),
		cmocka_unit_test(test_other_configuration),
		cmocka_unit_test(test_unseeded),
		cmocka_unit_test(test_state_directory),
		cmocka_unit_test(test_state_directory_is_gone),
		cmocka_unit_test(test_state_directory_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
