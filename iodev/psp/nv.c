/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Persistent memory in the host's keeping, for INIT_EX: the host sees neither keys nor can it make
 * up an identity, but it can put back an older one, as with real parts.
 */
#include <string.h>

#include "iodev/psp/identity.h"

#define NV_MAGIC   "bochs-sev NV\n\r\032"
#define NV_VERSION 1

struct nv_buffer {
	char magic[16];
	uint32_t version;
	uint32_t size;		  /* of what is encrypted */
	uint8_t iv[16];		  /* follows from the record */
	struct psp_record record; /* AES-128-CTR; the secret is left out */
	uint8_t mac[SEV_SHA256];  /* HMAC-SHA-256 of everything before */
				  /* Up to PSP_NV_SIZE: not looked at. */
} PSP_PACKED;

static_assert(sizeof(NV_MAGIC) <= 17, "magic");
static_assert(sizeof(struct nv_buffer) <= PSP_NV_SIZE, "the ABI's size");

struct nv_keys {
	uint8_t cipher[SEV_AES128];
	uint8_t mac[SEV_SHA256];
};

static struct nv_keys derive_keys(const struct psp_identity *chip)
{
	struct nv_keys keys;

	sev_kdf(chip->secret, sizeof(chip->secret), "bochs-sev-nv", NULL, 0, 8 * sizeof(keys),
		&keys);
	return keys;
}

static void mac_of(const struct nv_buffer *nv, const struct nv_keys *keys, uint8_t mac[SEV_SHA256])
{
	const struct sev_part part = { nv, offsetof(struct nv_buffer, mac) };

	sev_hmac_sha256(keys->mac, sizeof(keys->mac), &part, 1, mac);
}

/*
 * Other content, other key stream: whatever the generator does. One with a seed draws the same
 * after every start, and one that was restored draws it again.
 */
static void iv_of(const struct psp_record *record, const struct nv_keys *keys, uint8_t iv[16])
{
	static const char label[] = "iv";
	const struct sev_part parts[] = {
		{ label, sizeof(label) },
		{ record, sizeof(*record) },
	};
	uint8_t mac[SEV_SHA256];

	sev_hmac_sha256(keys->mac, sizeof(keys->mac), parts, 2, mac);
	memcpy(iv, mac, 16);
}

static bool filled_with(const uint8_t *data, uint8_t value)
{
	return data[0] == value && memcmp(data, data + 1, PSP_NV_SIZE - 1) == 0;
}

/* The parts of an identity that no buffer can change. */
static void take_fuses(const struct psp_identity *chip, struct psp_identity *identity)
{
	memcpy(identity->secret, chip->secret, sizeof(identity->secret));
	memcpy(identity->id, chip->id, sizeof(identity->id));
	identity->cek = chip->cek;
	identity->cek_cert = chip->cek_cert;
}

static int open_sealed(const struct nv_buffer *nv, const struct psp_identity *chip,
	const struct nv_keys *keys, struct psp_identity *identity, struct sev_error *err)
{
	struct psp_record record;
	struct psp_identity found;
	uint8_t mac[SEV_SHA256];
	const char *wrong;

	if (memcmp(nv->magic, NV_MAGIC, sizeof(nv->magic)) != 0)
		return sev_fail(err, "not the persistent data of an emulated PSP");
	if (nv->version != NV_VERSION || nv->size != sizeof(record))
		return sev_fail(err,
			"persistent data of version %u with %u bytes, this firmware "
			"reads version %u with %zu",
			(unsigned)nv->version, (unsigned)nv->size, NV_VERSION, sizeof(record));
	mac_of(nv, keys, mac);
	if (!sev_equal(mac, nv->mac, sizeof(mac)))
		return sev_fail(err, "persistent data that is damaged or another chip's");
	sev_aes128_ctr(keys->cipher, nv->iv, &nv->record, &record, sizeof(record));
	wrong = psp_record_unpack(&record, &found);
	if (!wrong) {
		take_fuses(chip, &found);
		*identity = found;
	}
	sev_wipe(&found, sizeof(found));
	sev_wipe(&record, sizeof(record));
	return wrong ? sev_fail(err, "persistent data that is not usable: %s", wrong) : 0;
}

enum psp_nv psp_nv_open(const uint8_t data[PSP_NV_SIZE], const struct psp_identity *chip,
	struct psp_identity *identity, struct sev_error *err)
{
	struct nv_keys keys;
	struct nv_buffer nv;
	int ret;

	if (filled_with(data, 0xff) || filled_with(data, 0))
		return PSP_NV_EMPTY;
	memcpy(&nv, data, sizeof(nv));
	keys = derive_keys(chip);
	ret = open_sealed(&nv, chip, &keys, identity, err);
	sev_wipe(&keys, sizeof(keys));
	return ret == 0 ? PSP_NV_VALID : PSP_NV_INVALID;
}

void psp_nv_seal(const struct psp_identity *identity, uint8_t data[PSP_NV_SIZE])
{
	struct nv_keys keys = derive_keys(identity);
	struct nv_buffer nv = { .version = NV_VERSION, .size = sizeof(nv.record) };

	memcpy(nv.magic, NV_MAGIC, sizeof(nv.magic));
	psp_record_pack(identity, &nv.record);
	sev_wipe(nv.record.secret, sizeof(nv.record.secret));
	iv_of(&nv.record, &keys, nv.iv);
	sev_aes128_ctr(keys.cipher, nv.iv, &nv.record, &nv.record, sizeof(nv.record));
	mac_of(&nv, &keys, nv.mac);
	psp_nv_erase(data);
	memcpy(data, &nv, sizeof(nv));
	sev_wipe(&keys, sizeof(keys));
}

void psp_nv_erase(uint8_t data[PSP_NV_SIZE])
{
	memset(data, 0xff, PSP_NV_SIZE);
}
