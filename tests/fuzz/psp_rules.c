/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What must hold of a chip, whatever it was told; and what each command may change, written down a
 * second time, from the specification.
 */
#include <string.h>

#include "tests/fuzz/psp_world.h"

/* --- what commands do ---------------------------------------------------------------------- */

enum {
	P_UNINIT = 1 << PSP_PLATFORM_UNINIT,
	P_INIT = 1 << PSP_PLATFORM_INIT,
	P_WORKING = 1 << PSP_PLATFORM_WORKING,
	P_UP = P_INIT | P_WORKING,
	P_ANY = P_UNINIT | P_UP,
};

enum {
	NONE = 0, /* no guest is named */
	LUPDATE = 1 << PSP_GUEST_LUPDATE,
	LSECRET = 1 << PSP_GUEST_LSECRET,
	RUNNING = 1 << PSP_GUEST_RUNNING,
	SUPDATE = 1 << PSP_GUEST_SUPDATE,
	RUPDATE = 1 << PSP_GUEST_RUPDATE,
	SENT = 1 << PSP_GUEST_SENT,
	LIVE = LUPDATE | LSECRET | RUNNING | SUPDATE | RUPDATE,
	EXISTS = LIVE | SENT,
};

enum { ES = PSP_POLICY_ES, NODBG = PSP_POLICY_NODBG, NOSEND = PSP_POLICY_NOSEND };

enum {
	SAME = 0,   /* the guest's state */
	NEW = 0x10, /* a guest comes into being, in the state that follows */
	GONE = 0x20,
};

/* Offsets in the command buffer. Memory: address, and length either there or fixed. */
struct effect {
	uint8_t id, size, platform, guest, to;
	struct {
		uint8_t at, size;
	} out;		    /* written on success */
	uint8_t lengths[2]; /* written on success and with INVALID_LENGTH */
	struct {
		uint8_t address, length;
		uint16_t fixed, align;
	} memory[2];
	bool nv;	       /* and where INIT_EX said */
	bool active;	       /* the guest must be */
	uint32_t need, forbid; /* bits of its policy */
};

#define CMD(name) PSP_CMD_##name

/* What is not set is zero. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
/* clang-format off */
static const struct effect effects[] = {
	{ CMD(INIT),                0x14, P_UNINIT,  NONE },
	{ CMD(INIT_EX),             0x24, P_UNINIT,  NONE, .memory = {{ 0x18, 0, 0x8000, 4096 }}, .nv = true },
	{ CMD(SHUTDOWN),            0x00, P_ANY,     NONE, GONE },
	{ CMD(PLATFORM_RESET),      0x00, P_UNINIT,  NONE, .nv = true },
	{ CMD(PLATFORM_STATUS),     0x0c, P_ANY,     NONE, .out = { 0, 12 } },
	{ CMD(PEK_GEN),             0x00, P_INIT,    NONE, .nv = true },
	{ CMD(PEK_CSR),             0x0c, P_UP,      NONE, .lengths = { 8 }, .memory = {{ 0, 0, 0x824 }} },
	{ CMD(PEK_CERT_IMPORT),     0x1c, P_INIT,    NONE, .nv = true },
	{ CMD(PDH_CERT_EXPORT),     0x1c, P_UP,      NONE, .lengths = { 8, 0x18 },
	                                             .memory = {{ 0, 0, 0x824 }, { 0x10, 0, 0x186c }} },
	{ CMD(PDH_GEN),             0x00, P_UP,      NONE, .nv = true },
	{ CMD(DF_FLUSH),            0x00, P_UP,      NONE },
	{ CMD(DOWNLOAD_FIRMWARE),   0x0c, P_UNINIT,  NONE },
	{ CMD(GET_ID),              0x0c, P_ANY,     NONE, .lengths = { 8 }, .memory = {{ 0, 0, 0x40, 8 }} },
	{ CMD(NOP),                 0x00, P_ANY,     NONE },
	{ CMD(DECOMMISSION),        0x04, P_WORKING, EXISTS, GONE },
	{ CMD(ACTIVATE),            0x08, P_WORKING, LIVE },
	{ CMD(ACTIVATE_EX),         0x18, P_WORKING, LIVE },
	{ CMD(DEACTIVATE),          0x04, P_WORKING, EXISTS },
	{ CMD(GUEST_STATUS),        0x0d, P_WORKING, EXISTS, .out = { 4, 9 } },
	{ CMD(COPY),                0x18, P_WORKING, RUNNING, .memory = {{ 0x10, 4, 0, 16 }}, .active = true },
	{ CMD(LAUNCH_START),        0x24, P_UP,      NONE, NEW | PSP_GUEST_LUPDATE, .out = { 0, 4 } },
	{ CMD(LAUNCH_UPDATE_DATA),  0x14, P_WORKING, LUPDATE, .memory = {{ 8, 0x10, 0, 16 }}, .active = true },
	{ CMD(LAUNCH_UPDATE_VMSA),  0x14, P_WORKING, LUPDATE, .memory = {{ 8, 0, 0x1000, 4096 }}, .active = true, .need = ES },
	{ CMD(LAUNCH_MEASURE),      0x14, P_WORKING, LUPDATE, PSP_GUEST_LSECRET, .lengths = { 0x10 },
	                                             .memory = {{ 8, 0, 0x30 }} },
	{ CMD(LAUNCH_SECRET),       0x34, P_WORKING, LSECRET, .memory = {{ 0x18, 0x20, 0, 16 }}, .active = true },
	{ CMD(LAUNCH_FINISH),       0x04, P_WORKING, LSECRET, PSP_GUEST_RUNNING },
	{ CMD(ATTESTATION),         0x24, P_WORKING, LUPDATE | LSECRET | RUNNING,
	                                             .lengths = { 0x20 }, .memory = {{ 8, 0, 0xd0 }} },
	{ CMD(SEND_START),          0x44, P_WORKING, RUNNING, PSP_GUEST_SUPDATE, .out = { 4, 4 },
	                                             .lengths = { 0x40 }, .memory = {{ 0x38, 0, 0x80 }}, .forbid = NOSEND },
	{ CMD(SEND_UPDATE_DATA),    0x34, P_WORKING, SUPDATE, .lengths = { 0x10, 0x30 },
	                                             .memory = {{ 8, 0, 0x34 }, { 0x28, 0x20, 0, 16 }}, .active = true },
	{ CMD(SEND_UPDATE_VMSA),    0x34, P_WORKING, SUPDATE, .lengths = { 0x10, 0x30 },
	                                             .memory = {{ 8, 0, 0x34 }, { 0x28, 0, 0x1000, 16 }}, .active = true, .need = ES },
	{ CMD(SEND_FINISH),         0x04, P_WORKING, SUPDATE, PSP_GUEST_SENT },
	{ CMD(SEND_CANCEL),         0x04, P_WORKING, SUPDATE, PSP_GUEST_RUNNING },
	{ CMD(RECEIVE_START),       0x24, P_UP,      NONE, NEW | PSP_GUEST_RUPDATE, .out = { 0, 4 } },
	{ CMD(RECEIVE_UPDATE_DATA), 0x34, P_WORKING, RUPDATE, .memory = {{ 0x18, 0x20, 0, 16 }}, .active = true },
	{ CMD(RECEIVE_UPDATE_VMSA), 0x34, P_WORKING, RUPDATE, .memory = {{ 0x18, 0, 0x1000, 4096 }}, .active = true, .need = ES },
	{ CMD(RECEIVE_FINISH),      0x04, P_WORKING, RUPDATE, PSP_GUEST_RUNNING },
	{ CMD(DBG_DECRYPT),         0x1c, P_WORKING, LIVE, .memory = {{ 0x10, 0x18, 0, 16 }}, .active = true, .forbid = NODBG },
	{ CMD(DBG_ENCRYPT),         0x1c, P_WORKING, LIVE, .memory = {{ 0x10, 0x18, 0, 16 }}, .active = true, .forbid = NODBG },
};
/* clang-format on */
#pragma GCC diagnostic pop

static const struct effect *effect_of(uint8_t id)
{
	for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
		if (effects[i].id == id)
			return &effects[i];
	}
	return NULL;
}

/* --- the platform -------------------------------------------------------------------------- */

#define MUST(condition)                                         \
	do {                                                    \
		if (!(condition))                               \
			world_fail("not true: %s", #condition); \
	} while (0)

static bool all_zero(const void *data, size_t size)
{
	const uint8_t *bytes = data;

	return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static void rules_identity(const struct psp_identity *identity)
{
	MUST(identity->provisioned || !identity->owned);
	MUST(identity->provisioned != all_zero(&identity->pek, sizeof(identity->pek)));
	MUST(identity->provisioned != all_zero(&identity->pdh, sizeof(identity->pdh)));
	MUST((identity->provisioned && !identity->owned) !=
		all_zero(&identity->oca.d, sizeof(identity->oca.d)));
}

void rules_platform(const struct side *side)
{
	const struct psp *psp = side->psp;
	unsigned guests = 0;

	for (unsigned i = 0; i < MAX_ASID; i++)
		guests += psp->guests[i].handle != 0;
	MUST(psp->state <= PSP_PLATFORM_WORKING);
	MUST(guests == psp->guest_count);
	MUST((guests > 0) == (psp->state == PSP_PLATFORM_WORKING));
	MUST(psp->identity.provisioned || psp->state == PSP_PLATFORM_UNINIT);
	MUST(!psp->es || psp->state != PSP_PLATFORM_UNINIT);
	MUST(psp->es == (psp->tmr_size >= PSP_TMR_SIZE));
	MUST(psp->es || (psp->tmr == 0 && psp->tmr_size == 0));
	MUST(psp->tmr % PSP_TMR_SIZE == 0 && psp->tmr + psp->tmr_size <= WORLD_SIZE);
	MUST(psp->nv_used || psp->nv == 0);
	MUST(psp->nv % PSP_NV_ALIGN == 0 && psp->nv + PSP_NV_SIZE <= WORLD_SIZE);
	MUST(memcmp(psp->identity.secret, psp->flash.secret, PSP_SECRET_SIZE) == 0);
	rules_identity(&psp->identity);
	rules_identity(&psp->flash);
}

/* --- guests -------------------------------------------------------------------------------- */

static void rules_policy(const struct psp *psp, uint32_t policy)
{
	unsigned major = policy >> 16 & 0xff, minor = policy >> 24;

	MUST((policy & 0xffc0) == 0);
	MUST(psp->es || !(policy & PSP_POLICY_ES));
	MUST(major < 1 || (major == 1 && minor <= 55));
}

static void rules_secrets(const struct psp_guest *guest)
{
	bool ended = guest->state == PSP_GUEST_RUNNING || guest->state == PSP_GUEST_SENT;

	MUST(ended == all_zero(&guest->keys, sizeof(guest->keys)));
	MUST(!guest->received || all_zero(guest->measure, sizeof(guest->measure)));
	MUST(guest->received || guest->state == PSP_GUEST_LUPDATE ||
		!all_zero(guest->measure, sizeof(guest->measure)));
	MUST(guest->state != PSP_GUEST_LUPDATE || all_zero(guest->measure, sizeof(guest->measure)));
}

/* How many guests have this key; they must be alike. */
static unsigned sharers(const struct psp *psp, const struct psp_guest *guest)
{
	unsigned count = 0;

	for (unsigned i = 0; i < MAX_ASID; i++) {
		const struct psp_guest *other = &psp->guests[i];

		if (!other->handle || other->vek != guest->vek)
			continue;
		count++;
		if (other == guest)
			continue;
		MUST(other->policy == guest->policy);
		MUST(!(guest->policy & PSP_POLICY_NOKS));
	}
	return count;
}

void rules_guests(const struct side *side)
{
	const struct psp *psp = side->psp;

	for (unsigned i = 0; i < MAX_ASID; i++) {
		const struct psp_guest *guest = &psp->guests[i];

		if (!guest->handle) {
			MUST(all_zero(guest, sizeof(*guest)));
			continue;
		}
		MUST(psp_find_guest(psp, guest->handle) == guest);
		MUST(guest->state >= PSP_GUEST_LUPDATE && guest->state <= PSP_GUEST_SENT);
		MUST(guest->vek && guest->ld);
		MUST(guest->vek->references == sharers(psp, guest));
		rules_policy(psp, guest->policy);
		rules_secrets(guest);
	}
}

/* --- ASIDs and cores ----------------------------------------------------------------------- */

static bool asid_of_policy(unsigned asid, uint32_t policy)
{
	return asid >= 1 && asid <= MAX_ASID &&
	       (asid < MIN_SEV_ASID) == ((policy & PSP_POLICY_ES) != 0);
}

void rules_asids(const struct side *side)
{
	const struct psp *psp = side->psp;
	const struct psp_vek *key[MAX_ASID + 1] = { 0 };
	unsigned bound[MAX_ASID + 1] = { 0 };

	for (unsigned i = 0; i < MAX_ASID; i++) {
		const struct psp_guest *guest = &psp->guests[i];

		if (!guest->asid)
			continue;
		MUST(asid_of_policy(guest->asid, guest->policy));
		MUST(!key[guest->asid] || key[guest->asid] == guest->vek);
		key[guest->asid] = guest->vek;
		bound[guest->asid]++;
	}
	MUST(psp->asids[0].bound == 0 && !psp->asids[0].dirty);
	for (unsigned asid = 1; asid <= MAX_ASID; asid++) {
		MUST(psp->asids[asid].bound == bound[asid]);
		MUST(!psp->asids[asid].dirty || bound[asid] == 0);
	}
}

/* A guest runs on some cores if it is active, on none if it is not. */
void rules_cores(const struct side *side)
{
	const struct psp *psp = side->psp;

	for (unsigned i = 0; i < MAX_ASID; i++) {
		const struct psp_guest *guest = &psp->guests[i];
		unsigned count = 0;

		for (unsigned core = 0; core < CORES; core++)
			count += psp_may_run(psp, guest->handle, core);
		MUST((count > 0) == (guest->asid != 0));
		MUST(all_zero(guest->cores + 1, sizeof(guest->cores) - 1));
		MUST(guest->cores[0] >> CORES == 0);
	}
}

/* --- from before to after ------------------------------------------------------------------ */

void rules_remember(const struct side *side, uint8_t id, uint64_t spa, struct before *before)
{
	const struct psp *psp = side->psp;

	memset(before, 0, sizeof(*before));
	before->id = id;
	before->spa = spa & ~WORLD_C_BIT;
	if (before->spa < WORLD_SIZE) {
		uint64_t room = WORLD_SIZE - before->spa;

		memcpy(before->buffer, side->arena->dram + before->spa,
			room < PSP_BUFFER_MAX ? room : PSP_BUFFER_MAX);
	}
	before->state = psp->state;
	for (unsigned i = 0; i < MAX_ASID; i++) {
		const struct psp_guest *guest = &psp->guests[i];

		before->guest[i].handle = guest->handle;
		before->guest[i].policy = guest->policy;
		before->guest[i].state = guest->state;
		before->guest[i].asid = guest->asid;
		before->guest[i].vek = guest->vek;
	}
	for (unsigned i = 0; i <= MAX_ASID; i++) {
		before->dirty[i] = psp->asids[i].dirty;
		before->bound[i] = psp->asids[i].bound > 0;
	}
	for (unsigned i = 0; i < CORES; i++)
		before->core_dirty[i] = psp->core_dirty[i];
}

static uint32_t field(const struct before *before, unsigned at)
{
	return sev_le32(before->buffer + at);
}

static uint32_t named_handle(const struct before *before, const struct effect *effect)
{
	return effect->guest == NONE ? 0 : field(before, effect->id == CMD(ACTIVATE_EX) ? 4 : 0);
}

static bool binds(uint8_t id)
{
	return id == CMD(ACTIVATE) || id == CMD(ACTIVATE_EX);
}

/* A guest that was there and still is. */
static void rules_stayed(const struct before *before, const struct effect *effect, unsigned slot,
	const struct psp_guest *guest)
{
	bool named = guest->handle == named_handle(before, effect);
	unsigned to = named && effect->to ? effect->to : before->guest[slot].state;

	MUST(guest->policy == before->guest[slot].policy);
	MUST(guest->vek == before->guest[slot].vek);
	MUST(guest->state == to);
	if (named && binds(effect->id))
		MUST(before->guest[slot].asid == 0 &&
			guest->asid == field(before, effect->id == CMD(ACTIVATE) ? 4 : 8));
	else if (named && effect->id == CMD(DEACTIVATE))
		MUST(guest->asid == 0);
	else
		MUST(guest->asid == before->guest[slot].asid);
	if (!named)
		return;
	MUST(effect->guest & 1 << before->guest[slot].state);
	MUST(!effect->active || before->guest[slot].asid != 0);
	MUST((guest->policy & effect->need) == effect->need && !(guest->policy & effect->forbid));
}

static void rules_slots(
	const struct side *side, const struct before *before, const struct effect *effect)
{
	uint32_t named = named_handle(before, effect);
	unsigned came = 0, found = 0;

	for (unsigned i = 0; i < MAX_ASID; i++) {
		const struct psp_guest *guest = &side->psp->guests[i];
		uint32_t was = before->guest[i].handle;

		found += was && was == named;
		if (was && guest->handle == was) {
			MUST(effect->to != GONE || (effect->guest != NONE && was != named));
			rules_stayed(before, effect, i, guest);
		} else if (was) {
			MUST(effect->to == GONE && !guest->handle);
			MUST(effect->guest == NONE || (was == named && !before->guest[i].asid));
		} else if (guest->handle) {
			MUST(effect->to == (NEW | guest->state) && guest->asid == 0);
			MUST(guest->policy == field(before, 4));
			came++;
		}
	}
	MUST(came == ((effect->to & NEW) != 0));
	MUST(found == (effect->guest != NONE));
}

/* Marks are taken away by DF_FLUSH alone, and by no command from cores. */
static void rules_marks(
	const struct side *side, const struct before *before, const struct effect *effect)
{
	const struct psp *psp = side->psp;
	bool freed = false;

	for (unsigned i = 1; i <= MAX_ASID; i++) {
		bool bound = psp->asids[i].bound > 0;

		if (effect->id == CMD(DF_FLUSH))
			MUST(!psp->asids[i].dirty);
		else
			MUST(!before->dirty[i] || psp->asids[i].dirty);
		if (before->bound[i] && !bound) {
			MUST(psp->asids[i].dirty);
			freed = true;
		}
		MUST(!bound || before->bound[i] || !before->dirty[i]);
		MUST(side->changed[i] == (bound != before->bound[i]));
	}
	for (unsigned i = 0; i < CORES; i++) {
		MUST(!before->core_dirty[i] || psp->core_dirty[i]);
		MUST(!freed || psp->core_dirty[i]);
		MUST(effect->id != CMD(DF_FLUSH) || !before->core_dirty[i]);
	}
}

static unsigned memory_written(
	const struct before *before, const struct effect *effect, struct range *ranges)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 2; i++) {
		uint8_t length = effect->memory[i].length;
		uint64_t size = length ? field(before, length) : effect->memory[i].fixed;

		if (size > 0)
			ranges[n++] = (struct range) {
				sev_le64(before->buffer + effect->memory[i].address) & ~WORLD_C_BIT,
				size,
			};
	}
	return n;
}

static bool apart(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a + a_size <= b || b + b_size <= a;
}

/* What was written is as aligned and as long as it has to be, and not the firmware's own. */
static void rules_addresses(
	const struct side *side, const struct before *before, const struct effect *effect)
{
	const struct psp *psp = side->psp;
	struct range at[2];
	unsigned n = memory_written(before, effect, at);

	MUST(effect->size == 0 || effect->platform == P_UNINIT ||
		apart(before->spa, effect->size, psp->tmr, psp->tmr_size));
	for (unsigned i = 0; i < n; i++) {
		unsigned align = effect->memory[i].align ? effect->memory[i].align : 1;

		MUST(at[i].spa % align == 0);
		MUST(at[i].size % (align < 16 ? 1 : 16) == 0);
		MUST(apart(at[i].spa, at[i].size, psp->tmr, psp->tmr_size));
	}
	for (unsigned i = 0; i < 2; i++)
		MUST(effect->memory[i].length == 0 || field(before, effect->memory[i].length) > 0);
}

/* After INIT, INIT_EX and PEK_GEN nothing is clean. */
static void rules_after_init(const struct side *side, uint8_t id)
{
	if (id != CMD(INIT) && id != CMD(INIT_EX) && id != CMD(PEK_GEN))
		return;
	MUST(side->psp->state == PSP_PLATFORM_INIT);
	for (unsigned i = 1; i <= MAX_ASID; i++)
		MUST(side->psp->asids[i].dirty);
	for (unsigned i = 0; i < CORES; i++)
		MUST(side->psp->core_dirty[i]);
}

void rules_transition(const struct side *side, const struct before *before, uint16_t status)
{
	const struct effect *effect = effect_of(before->id);

	if (status != PSP_SUCCESS)
		return; /* nothing has changed: that is checked byte for byte */
	MUST(effect != NULL);
	MUST(effect->platform & 1 << before->state);
	MUST(effect->size == 0 ||
		(before->spa < WORLD_SIZE && effect->size <= WORLD_SIZE - before->spa));
	rules_slots(side, before, effect);
	rules_marks(side, before, effect);
	rules_addresses(side, before, effect);
	rules_after_init(side, before->id);
	MUST(before->id != CMD(SHUTDOWN) || side->psp->state == PSP_PLATFORM_UNINIT);
}

/* --- what may have been written ------------------------------------------------------------ */

unsigned rules_written(const struct side *side, const struct before *before, uint16_t status,
	struct range ranges[RANGES_MAX])
{
	const struct effect *effect = effect_of(before->id);
	unsigned n = 0;

	if (!effect || (status != PSP_SUCCESS && status != PSP_INVALID_LENGTH &&
			       status != PSP_SECURE_DATA_INVALID))
		return 0;
	for (unsigned i = 0; i < 2; i++) {
		if (effect->lengths[i] && status != PSP_SECURE_DATA_INVALID)
			ranges[n++] = (struct range) { before->spa + effect->lengths[i], 4 };
	}
	if (status == PSP_INVALID_LENGTH)
		return n;
	if (effect->nv && side->nv_known)
		ranges[n++] = (struct range) { side->nv, PSP_NV_SIZE };
	if (effect->out.size && status == PSP_SUCCESS)
		ranges[n++] = (struct range) { before->spa + effect->out.at, effect->out.size };
	return n + memory_written(before, effect, ranges + n);
}
