/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chip that has much to be saved, and what tests do with saved chips. */
#ifndef SEV_TESTS_PSP_SAVED_H
#define SEV_TESTS_PSP_SAVED_H

#include "iodev/psp/saved.h"
#include "tests/psp_rig.h"
#include "tests/unit/unit.h"

#define HEAD(field) offsetof(struct saved_head, field)

static inline struct sev_blob save(struct rig *rig)
{
	struct sev_blob blob = { 0 };

	assert_int_equal(psp_save(rig->psp, &blob, NULL), 0);
	return blob;
}

static inline void assert_same(const struct sev_blob *a, const struct sev_blob *b)
{
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->data, b->data, a->size);
}

/* Whether the chip is what it was when that was saved. */
static inline void assert_is(struct rig *rig, const struct sev_blob *blob)
{
	struct sev_blob now = save(rig);

	assert_same(&now, blob);
	sev_blob_free(&now);
}

/* Another machine with the same DRAM and a new chip of the same seed. */
static inline struct rig *copy_of(const struct rig *rig)
{
	struct rig *copy = rig_new();

	assert_int_equal(sevmem_peek(rig->memory, 0, SEVMEM_RAW, copy->bytes, RIG_SIZE), 0);
	return copy;
}

static inline void refused(struct rig *rig, const struct sev_blob *blob)
{
	struct sev_error err = { 0 };

	assert_int_equal(psp_restore(rig->psp, blob->data, blob->size, &err), -1);
	assert_int_not_equal(err.text[0], 0);
	assert_null(strchr(err.text, '\n'));
}

/* Signs what was changed. */
static inline void seal(struct sev_blob *blob)
{
	struct saved saved = psp_saved_layout(blob->data);

	assert_int_equal(saved.size, blob->size);
	psp_saved_checksum(&saved, saved.checksum);
}

static inline void activate_on_core_1(struct rig *rig, uint32_t handle, uint32_t asid)
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
static inline struct rig *busy(void)
{
	static const uint8_t tik[16] = { 1, 2, 3 }, tek[16] = { 4, 5, 6 };
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

#endif
