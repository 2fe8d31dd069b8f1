/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The chip from bytes. All of them are checked, against each other and against the chip that is to
 * take them, and all that can fail is done, before anything of the chip is changed.
 */
#include <stdlib.h>
#include <string.h>

#include "iodev/psp/cert.h"
#include "iodev/psp/saved.h"

/* What the saved bytes become, until the chip takes it. */
struct loaded {
	struct saved saved;
	struct psp_identity identity, flash;
	struct psp_vek **vek;	  /* vek_count */
	struct psp_guest *guests; /* max_asid contexts */
	struct psp_asid *asids;	  /* 0 .. max_asid */
};

static int damaged(struct sev_error *err, const char *what)
{
	return sev_fail(err, "saved PSP: damaged: %s", what);
}

/* --- head ---------------------------------------------------------------------------------- */

static int check_config(
	const struct psp *psp, const struct saved_config *saved, struct sev_error *err)
{
	struct saved_config own;

	psp_saved_config(psp, &own);
	if (saved->max_asid != own.max_asid || saved->min_sev_asid != own.min_sev_asid)
		return sev_fail(err,
			"saved PSP: %u ASIDs, the first without SEV-ES %u; this one has %u and %u",
			saved->max_asid, saved->min_sev_asid, own.max_asid, own.min_sev_asid);
	if (saved->cores != own.cores)
		return sev_fail(
			err, "saved PSP: %u cores; this one has %u", saved->cores, own.cores);
	if (memcmp(&saved->api_major, &own.api_major, 3) != 0)
		return sev_fail(err,
			"saved PSP: firmware %u.%u build %u; this one has %u.%u build %u",
			saved->api_major, saved->api_minor, saved->build, own.api_major,
			own.api_minor, own.build);
	if (saved->es_capable != own.es_capable)
		return sev_fail(err, "saved PSP: SEV-ES %u; this one has %u", saved->es_capable,
			own.es_capable);
	return 0;
}

static int check_seed(const struct psp *psp, const uint8_t saved[SEV_SHA256], struct sev_error *err)
{
	uint8_t own[SEV_SHA256];

	psp_saved_seed(psp, own);
	if (memcmp(saved, own, sizeof(own)) != 0)
		return sev_fail(err, "saved PSP: made with another seed than this one");
	return 0;
}

static int check_head(const struct psp *psp, const void *data, size_t size, struct sev_error *err)
{
	const struct saved_head *head = data;

	if (size < sizeof(*head) || memcmp(head->magic, SAVED_MAGIC, sizeof(head->magic)) != 0)
		return sev_fail(err, "saved PSP: these %zu bytes are not the save of a PSP", size);
	if (head->version != SAVED_VERSION)
		return sev_fail(err, "saved PSP: version %u, this program reads version %u",
			head->version, SAVED_VERSION);
	if (check_config(psp, &head->config, err) != 0 || check_seed(psp, head->seed, err) != 0)
		return -1;
	if (head->guest_count > head->config.max_asid || head->vek_count > head->guest_count)
		return damaged(err, "more guests than ASIDs, or more keys than guests");
	if (size != psp_saved_size(head))
		return sev_fail(err, "saved PSP: damaged: %zu bytes instead of %zu", size,
			psp_saved_size(head));
	return 0;
}

static int check_sum(const struct saved *saved, struct sev_error *err)
{
	uint8_t sum[SEV_SHA256];

	psp_saved_checksum(saved, sum);
	if (memcmp(sum, saved->checksum, sizeof(sum)) != 0)
		return damaged(err, "the checksum does not match");
	return 0;
}

/* --- identity ------------------------------------------------------------------------------ */

/* What the chip has already need not be computed again. */
static bool is_record_of(const struct psp_identity *identity, const struct psp_record *record)
{
	struct psp_record own;
	bool same;

	psp_record_pack(identity, &own);
	same = memcmp(&own, record, sizeof(own)) == 0;
	sev_wipe(&own, sizeof(own));
	return same;
}

/* key NULL: whichever it is. */
static bool certifies(
	const struct psp_cert *cert, uint32_t usage, const struct sev_p384_public *key)
{
	struct sev_p384_public pub;

	return psp_cert_check(cert, usage, &pub, NULL) == 0 &&
	       (!key || memcmp(&pub, key, sizeof(pub)) == 0);
}

static bool keys_certified(const struct psp_identity *identity)
{
	const struct sev_p384_public *oca = identity->owned ? NULL : &identity->oca.pub;

	return certifies(&identity->oca_cert, PSP_USAGE_OCA, oca) &&
	       certifies(&identity->pek_cert, PSP_USAGE_PEK, &identity->pek.pub) &&
	       certifies(&identity->pdh_cert, PSP_USAGE_PDH, &identity->pdh.pub);
}

/* Nothing may stand in what the flags leave unused: neither keys nor certificates. */
static bool unused_zero(const struct psp_record *record)
{
	static const struct psp_record none;
	size_t keys = offsetof(struct psp_record, oca);

	if (!(record->flags & PSP_RECORD_PROVISIONED))
		return record->flags == 0 &&
		       memcmp(record->oca, none.oca, sizeof(none) - keys) == 0;
	return !(record->flags & PSP_RECORD_OWNED) ||
	       memcmp(record->oca, none.oca, sizeof(none.oca)) == 0;
}

static void derive(
	const struct psp *psp, const struct psp_identity *known, struct psp_identity *identity)
{
	if (memcmp(identity->secret, known->secret, sizeof(known->secret)) != 0) {
		psp_identity_derive(identity, &psp->maker);
		return;
	}
	memcpy(identity->id, known->id, sizeof(known->id));
	identity->cek = known->cek;
	identity->cek_cert = known->cek_cert;
}

/* known: an identity that it may well be. */
static int load_identity(const struct psp *psp, const struct psp_record *record,
	const struct psp_identity *known, struct psp_identity *identity, struct sev_error *err)
{
	if (is_record_of(known, record)) {
		*identity = *known;
		return 0;
	}
	if (!unused_zero(record) || psp_record_unpack(record, identity) != NULL ||
		(identity->provisioned && !keys_certified(identity)))
		return damaged(err, "the identity: a flag, a private key or its certificate");
	derive(psp, known, identity);
	return 0;
}

/* The one in use and the one in the chip are the same chip's. */
static int load_identities(const struct psp *psp, struct loaded *loaded, struct sev_error *err)
{
	const struct saved_head *head = loaded->saved.head;
	const struct psp_identity *known = &psp->identity;

	if (memcmp(head->identity.secret, head->flash.secret, PSP_SECRET_SIZE) != 0)
		return damaged(err, "identities of two chips");
	if (load_identity(psp, &head->flash, &psp->flash, &loaded->flash, err) != 0)
		return -1;
	if (!is_record_of(known, &head->identity))
		known = &loaded->flash;
	return load_identity(psp, &head->identity, known, &loaded->identity, err);
}

/* --- platform ------------------------------------------------------------------------------ */

static bool tmr_legal(const struct psp *psp, const struct saved_head *head)
{
	if (!head->es)
		return head->tmr == 0 && head->tmr_size == 0;
	return psp->config.es_capable && head->tmr % PSP_TMR_SIZE == 0 &&
	       head->tmr_size >= PSP_TMR_SIZE &&
	       sevmem_is_memory(psp->config.memory, head->tmr, head->tmr_size);
}

/* The firmware writes there whenever the identity changes. */
static bool nv_legal(const struct psp *psp, const struct saved_head *head)
{
	if (!head->nv_used)
		return head->nv == 0;
	return head->nv_used == 1 && head->nv % PSP_NV_ALIGN == 0 &&
	       sevmem_is_memory(psp->config.memory, head->nv, PSP_NV_SIZE) &&
	       (head->nv >= head->tmr + head->tmr_size || head->nv + PSP_NV_SIZE <= head->tmr);
}

static bool all_flags(const uint8_t *flags, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (flags[i] > 1)
			return false;
	}
	return true;
}

static int check_platform(const struct psp *psp, const struct saved *saved, struct sev_error *err)
{
	const struct saved_head *head = saved->head;
	bool up = head->state != PSP_PLATFORM_UNINIT;

	if (head->state > PSP_PLATFORM_WORKING ||
		(head->state == PSP_PLATFORM_WORKING) != (head->guest_count > 0) ||
		(up && !(head->identity.flags & PSP_RECORD_PROVISIONED)))
		return damaged(err, "the platform's state");
	if (head->es > 1 || (head->es && !up) || !tmr_legal(psp, head))
		return damaged(err, "SEV-ES and the firmware's memory");
	if (!nv_legal(psp, head))
		return damaged(err, "the host's buffer");
	if (!psp->seed && head->rng_position != 0)
		return damaged(err, "the generator's position");
	if (!all_flags(saved->asid_dirty, head->config.max_asid) ||
		!all_flags(saved->core_dirty, head->config.cores))
		return damaged(err, "the marks of ASIDs and cores");
	return 0;
}

/* --- guests -------------------------------------------------------------------------------- */

static bool zero(const void *bytes, size_t size)
{
	const uint8_t *b = bytes;

	while (size > 0 && b[size - 1] == 0)
		size--;
	return size == 0;
}

static bool policy_legal(const struct saved_head *head, uint32_t policy)
{
	return !(policy & PSP_POLICY_RESERVED) && (head->es || !(policy & PSP_POLICY_ES)) &&
	       psp_api_meets(policy, head->config.api_major, head->config.api_minor);
}

/* On some of the chip's cores if the guest is active, else on none. */
static bool cores_legal(const struct saved *saved, const struct saved_guest *guest)
{
	unsigned count = saved->head->config.cores;

	for (unsigned i = count; i < PSP_CORES_MAX; i++) {
		if (guest->cores[i / 8] & 1u << i % 8)
			return false;
	}
	return zero(guest->cores, sizeof(guest->cores)) == (guest->asid == 0);
}

static bool asid_legal(const struct saved *saved, const struct saved_guest *guest)
{
	const struct saved_config *config = &saved->head->config;
	bool es = guest->policy & PSP_POLICY_ES;

	if (!guest->asid)
		return true;
	return guest->asid <= config->max_asid && (guest->asid < config->min_sev_asid) == es &&
	       !saved->asid_dirty[guest->asid - 1];
}

/* Transport keys and measurement are there in these states and no others. */
static bool secrets_legal(const struct saved_guest *guest)
{
	bool ended = guest->state == PSP_GUEST_RUNNING || guest->state == PSP_GUEST_SENT;
	bool measured = guest->state != PSP_GUEST_LUPDATE && guest->state != PSP_GUEST_RUPDATE;

	return (!ended || zero(&guest->keys, sizeof(guest->keys))) &&
	       (measured || zero(guest->measure, sizeof(guest->measure)));
}

/* RECEIVE_START is the only way to RUPDATE, and leads past LAUNCH_START and what follows it. */
static bool origin_legal(const struct saved_guest *guest)
{
	bool launching = guest->state == PSP_GUEST_LUPDATE || guest->state == PSP_GUEST_LSECRET;

	if (guest->flags & SAVED_RECEIVED)
		return !launching && guest->flags == (SAVED_RECEIVED | SAVED_SESSION);
	return guest->state != PSP_GUEST_RUPDATE;
}

static bool alone_legal(const struct saved *saved, const struct saved_guest *guest)
{
	return guest->slot < saved->head->config.max_asid && guest->handle != 0 &&
	       guest->state >= PSP_GUEST_LUPDATE && guest->state <= PSP_GUEST_SENT &&
	       guest->vek < saved->head->vek_count &&
	       !(guest->flags & ~(SAVED_UPDATED | SAVED_SESSION | SAVED_RECEIVED)) &&
	       origin_legal(guest) && policy_legal(saved->head, guest->policy) &&
	       asid_legal(saved, guest) && cores_legal(saved, guest) && secrets_legal(guest);
}

static bool pair_legal(const struct saved_guest *a, const struct saved_guest *b)
{
	if (a->slot >= b->slot || a->handle == b->handle)
		return false;
	if (a->vek == b->vek)
		return a->policy == b->policy && !(a->policy & PSP_POLICY_NOKS);
	return !a->asid || a->asid != b->asid;
}

static int check_guests(const struct saved *saved, struct sev_error *err)
{
	uint32_t veks = 0;

	for (uint32_t i = 0; i < saved->head->guest_count; i++) {
		const struct saved_guest *guest = &saved->guest[i];

		if (!alone_legal(saved, guest) || guest->vek > veks)
			return sev_fail(err, "saved PSP: damaged: guest %u of %u", i + 1,
				saved->head->guest_count);
		if (guest->vek == veks)
			veks++;
		for (uint32_t j = 0; j < i; j++) {
			if (!pair_legal(&saved->guest[j], guest))
				return sev_fail(
					err, "saved PSP: damaged: guests %u and %u", j + 1, i + 1);
		}
	}
	return veks == saved->head->vek_count ? 0 : damaged(err, "a key without a guest");
}

/* --- making -------------------------------------------------------------------------------- */

static void *array(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p)
		abort();
	return p;
}

static void make_veks(struct loaded *loaded)
{
	const struct saved *saved = &loaded->saved;

	loaded->vek = array(saved->head->vek_count, sizeof(*loaded->vek));
	for (uint32_t i = 0; i < saved->head->vek_count; i++) {
		loaded->vek[i] = array(1, sizeof(**loaded->vek));
		memcpy(loaded->vek[i]->key, saved->vek[i], SEVMEM_KEY_SIZE);
	}
}

static int make_guest(struct loaded *loaded, const struct saved_guest *saved, struct sev_error *err)
{
	struct psp_guest *guest = &loaded->guests[saved->slot];

	guest->handle = saved->handle;
	guest->policy = saved->policy;
	guest->state = saved->state;
	guest->asid = saved->asid;
	guest->vek = loaded->vek[saved->vek];
	guest->vek->references++;
	memcpy(guest->cores, saved->cores, sizeof(guest->cores));
	guest->updated = saved->flags & SAVED_UPDATED;
	guest->session = saved->flags & SAVED_SESSION;
	guest->received = saved->flags & SAVED_RECEIVED;
	guest->keys = saved->keys;
	memcpy(guest->measure, saved->measure, sizeof(guest->measure));
	guest->ld = sev_sha256_import(saved->ld);
	if (guest->asid)
		loaded->asids[guest->asid].bound++;
	return guest->ld ? 0 : damaged(err, "a launch digest");
}

static int make_guests(struct loaded *loaded, struct sev_error *err)
{
	const struct saved *saved = &loaded->saved;
	const struct saved_config *config = &saved->head->config;

	loaded->guests = array(config->max_asid, sizeof(*loaded->guests));
	loaded->asids = array(config->max_asid + 1, sizeof(*loaded->asids));
	make_veks(loaded);
	for (uint32_t i = 0; i < config->max_asid; i++)
		loaded->asids[i + 1].dirty = saved->asid_dirty[i];
	for (uint32_t i = 0; i < saved->head->guest_count; i++) {
		if (make_guest(loaded, &saved->guest[i], err) != 0)
			return -1;
	}
	return 0;
}

/* What the chip has not taken. */
static void drop(struct loaded *loaded)
{
	const struct saved_head *head = loaded->saved.head;

	for (uint32_t i = 0; loaded->guests && i < head->config.max_asid; i++)
		sev_sha256_free(loaded->guests[i].ld);
	for (uint32_t i = 0; loaded->vek && i < head->vek_count; i++) {
		sev_wipe(loaded->vek[i], sizeof(*loaded->vek[i]));
		free(loaded->vek[i]);
	}
	if (loaded->guests)
		sev_wipe(loaded->guests, head->config.max_asid * sizeof(*loaded->guests));
	free(loaded->vek);
	free(loaded->guests);
	free(loaded->asids);
	sev_wipe(loaded, sizeof(*loaded));
}

static int load(const struct psp *psp, const void *data, size_t size, struct loaded *loaded,
	struct sev_error *err)
{
	if (check_head(psp, data, size, err) != 0)
		return -1;
	loaded->saved = psp_saved_layout(data);
	if (check_sum(&loaded->saved, err) != 0 || check_platform(psp, &loaded->saved, err) != 0 ||
		check_guests(&loaded->saved, err) != 0 || make_guests(loaded, err) != 0)
		return -1;
	return load_identities(psp, loaded, err);
}

/* --- taking -------------------------------------------------------------------------------- */

/* The chip's persistent memory goes back with the rest, but never to another chip's. */
static int store_identity(
	const struct psp *psp, const struct psp_identity *identity, struct sev_error *err)
{
	if (!psp->state_dir)
		return 0;
	if (memcmp(identity->secret, psp->identity.secret, sizeof(identity->secret)) != 0)
		return sev_fail(
			err, "saved PSP: another chip than the one that %s holds", psp->state_dir);
	return psp_state_save(psp->state_dir, identity, err);
}

static void install_keys(struct psp *psp)
{
	for (unsigned i = 0; i < psp->config.max_asid; i++) {
		const struct psp_guest *guest = &psp->guests[i];

		if (!guest->asid)
			continue;
		sevmem_set_key(psp->config.memory, guest->asid, guest->vek->key);
		if (psp->config.asid_changed)
			psp->config.asid_changed(psp->config.ctx, guest->asid);
	}
}

static void take(struct psp *psp, struct loaded *loaded)
{
	const struct saved_head *head = loaded->saved.head;

	psp_free_all_guests(psp);
	free(psp->guests);
	free(psp->asids);
	psp->guests = loaded->guests;
	psp->asids = loaded->asids;
	free(loaded->vek);
	psp->identity = loaded->identity;
	psp->flash = loaded->flash;
	psp->nv_used = head->nv_used;
	psp->nv = head->nv;
	psp->state = head->state;
	psp->es = head->es;
	psp->tmr = head->tmr;
	psp->tmr_size = head->tmr_size;
	psp->last_handle = head->last_handle;
	psp->guest_count = head->guest_count;
	for (unsigned i = 0; i < psp->config.cores; i++)
		psp->core_dirty[i] = loaded->saved.core_dirty[i];
	sev_rng_seek(psp->rng, head->rng_position);
	install_keys(psp);
	psp_refresh_chain(psp);
	sev_wipe(loaded, sizeof(*loaded));
}

int psp_restore(struct psp *psp, const void *data, size_t size, struct sev_error *err)
{
	struct loaded loaded = { 0 };

	if (load(psp, data, size, &loaded, err) != 0 ||
		store_identity(psp, &loaded.flash, err) != 0) {
		drop(&loaded);
		return -1;
	}
	take(psp, &loaded);
	return 0;
}
