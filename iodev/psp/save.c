/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The chip as bytes. */
#include <stdlib.h>
#include <string.h>

#include "iodev/psp/saved.h"

static_assert(sizeof(SAVED_MAGIC) == 17, "magic");

size_t psp_saved_size(const struct saved_head *head)
{
	return sizeof(*head) + (size_t)head->vek_count * SEVMEM_KEY_SIZE +
	       (size_t)head->guest_count * sizeof(struct saved_guest) + head->config.max_asid +
	       head->config.cores + SEV_SHA256;
}

struct saved psp_saved_layout(const void *blob)
{
	struct saved_head *head = (struct saved_head *)blob;
	struct saved saved = { .head = head, .size = psp_saved_size(head) };

	saved.vek = (uint8_t(*)[SEVMEM_KEY_SIZE])(head + 1);
	saved.guest = (struct saved_guest *)(saved.vek + head->vek_count);
	saved.asid_dirty = (uint8_t *)(saved.guest + head->guest_count);
	saved.core_dirty = saved.asid_dirty + head->config.max_asid;
	saved.checksum = saved.core_dirty + head->config.cores;
	return saved;
}

void psp_saved_config(const struct psp *psp, struct saved_config *config)
{
	memset(config, 0, sizeof(*config));
	config->max_asid = psp->config.max_asid;
	config->min_sev_asid = psp->config.min_sev_asid;
	config->cores = psp->config.cores;
	config->api_major = psp->version.api_major;
	config->api_minor = psp->version.api_minor;
	config->build = psp->version.build;
	config->es_capable = psp->config.es_capable;
}

void psp_saved_seed(const struct psp *psp, uint8_t out[SEV_SHA256])
{
	static const char label[] = "saved seed";
	const struct sev_part parts[] = {
		{ label, sizeof(label) },
		{ psp->seed, psp->maker.seed_size },
	};

	memset(out, 0, SEV_SHA256);
	if (psp->seed)
		sev_sha256(parts, 2, out);
}

void psp_saved_checksum(const struct saved *saved, uint8_t out[SEV_SHA256])
{
	const struct sev_part part = { saved->head, saved->size - SEV_SHA256 };

	sev_sha256(&part, 1, out);
}

static void save_head(const struct psp *psp, struct saved_head *head)
{
	memcpy(head->magic, SAVED_MAGIC, sizeof(head->magic));
	head->version = SAVED_VERSION;
	psp_saved_config(psp, &head->config);
	psp_record_pack(&psp->identity, &head->identity);
	psp_record_pack(&psp->flash, &head->flash);
	head->nv_used = psp->nv_used;
	head->nv = psp->nv;
	head->rng_position = sev_rng_position(psp->rng);
	head->state = psp->state;
	head->es = psp->es;
	head->tmr = psp->tmr;
	head->tmr_size = psp->tmr_size;
	head->last_handle = psp->last_handle;
	head->guest_count = psp->guest_count;
}

/* The keys are numbered in the order of the first guest that has each: number[slot]. How many. */
static uint32_t number_veks(const struct psp *psp, uint16_t number[SEVMEM_KEYS])
{
	const struct psp_vek *seen[SEVMEM_KEYS];
	uint16_t count = 0, n;

	for (unsigned i = 0; i < psp->config.max_asid; i++) {
		const struct psp_guest *guest = &psp->guests[i];

		if (!guest->handle)
			continue;
		for (n = 0; n < count && seen[n] != guest->vek;)
			n++;
		if (n == count)
			seen[count++] = guest->vek;
		number[i] = n;
	}
	return count;
}

static void save_guest(const struct psp_guest *guest, struct saved_guest *out)
{
	out->handle = guest->handle;
	out->policy = guest->policy;
	out->state = guest->state;
	out->asid = guest->asid;
	memcpy(out->cores, guest->cores, sizeof(out->cores));
	out->flags = (guest->updated ? SAVED_UPDATED : 0) | (guest->session ? SAVED_SESSION : 0) |
		     (guest->received ? SAVED_RECEIVED : 0);
	out->keys = guest->keys;
	memcpy(out->measure, guest->measure, sizeof(out->measure));
	sev_sha256_export(guest->ld, out->ld);
}

static void save_guests(
	const struct psp *psp, const uint16_t number[SEVMEM_KEYS], struct saved *saved)
{
	struct saved_guest *out = saved->guest;

	for (unsigned i = 0; i < psp->config.max_asid; i++) {
		const struct psp_guest *guest = &psp->guests[i];

		if (!guest->handle)
			continue;
		save_guest(guest, out);
		out->slot = i;
		out->vek = number[i];
		memcpy(saved->vek[out->vek], guest->vek->key, SEVMEM_KEY_SIZE);
		out++;
	}
}

static void save_marks(const struct psp *psp, struct saved *saved)
{
	for (unsigned i = 1; i <= psp->config.max_asid; i++)
		saved->asid_dirty[i - 1] = psp->asids[i].dirty;
	for (unsigned i = 0; i < psp->config.cores; i++)
		saved->core_dirty[i] = psp->core_dirty[i];
}

int psp_saved_image(const struct psp *psp, struct sev_blob *out, struct sev_error *err)
{
	uint16_t number[SEVMEM_KEYS];
	struct saved_head head = { 0 };
	struct saved saved;
	uint8_t *blob;

	save_head(psp, &head);
	head.vek_count = number_veks(psp, number);
	blob = calloc(1, psp_saved_size(&head));
	if (!blob)
		return sev_fail(err, "save of the PSP: out of memory");
	memcpy(blob, &head, sizeof(head));
	sev_wipe(&head, sizeof(head));
	saved = psp_saved_layout(blob);
	save_guests(psp, number, &saved);
	save_marks(psp, &saved);
	*out = (struct sev_blob) { blob, saved.size };
	return 0;
}

int psp_save(const struct psp *psp, struct sev_blob *out, struct sev_error *err)
{
	struct saved saved;

	if (psp_saved_image(psp, out, err) != 0)
		return -1;
	saved = psp_saved_layout(out->data);
	psp_saved_seed(psp, saved.head->seed);
	psp_saved_checksum(&saved, saved.checksum);
	return 0;
}
