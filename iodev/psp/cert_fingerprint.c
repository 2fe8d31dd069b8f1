/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public keys in the form in which everybody else names them: SubjectPublicKeyInfo, DER. */
#include <stdlib.h>
#include <string.h>

#include "iodev/psp/cert_set.h"

enum { DER_INTEGER = 0x02, DER_BIT_STRING = 0x03, DER_SEQUENCE = 0x30 };

/* Algorithm identifiers, RFC 5480 and RFC 3279: id-ecPublicKey with secp384r1; rsaEncryption. */
static const uint8_t ec_p384[] = { 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
	0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 };
static const uint8_t rsa[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
	0x01, 0x01, 0x05, 0x00 };

/* Written from the end to the beginning, so that lengths are known when they are due. */
struct der {
	uint8_t bytes[1200]; /* two numbers of 512 bytes, and what goes around them */
	size_t start;
};

static void put(struct der *der, const void *data, size_t size)
{
	if (size > der->start)
		abort();
	der->start -= size;
	memcpy(der->bytes + der->start, data, size);
}

static void put_byte(struct der *der, uint8_t byte)
{
	put(der, &byte, 1);
}

/* Tag and length of everything that was put since the start was at end. */
static void wrap(struct der *der, uint8_t tag, size_t end)
{
	size_t length = end - der->start;

	put_byte(der, (uint8_t)length);
	if (length > 0xff)
		put_byte(der, (uint8_t)(length >> 8));
	if (length > 0x7f)
		put_byte(der, length > 0xff ? 0x82 : 0x81);
	put_byte(der, tag);
}

/* A little-endian number without its leading zeros, but with one where it would look negative. */
static void put_number(struct der *der, const uint8_t *number, size_t size)
{
	size_t end = der->start;

	while (size > 1 && number[size - 1] == 0)
		size--;
	for (size_t i = 0; i < size; i++)
		put_byte(der, number[i]);
	if (der->bytes[der->start] & 0x80)
		put_byte(der, 0);
	wrap(der, DER_INTEGER, end);
}

static void put_ec(struct der *der, const struct sev_p384_public *pub)
{
	put(der, pub->y, sizeof(pub->y));
	put(der, pub->x, sizeof(pub->x));
	put_byte(der, 0x04); /* uncompressed */
}

static void put_rsa(struct der *der, const struct psp_amd_key *key)
{
	size_t end = der->start;

	put_number(der, key->exponent, key->exponent_size);
	put_number(der, key->modulus, key->modulus_size);
	wrap(der, DER_SEQUENCE, end);
}

bool psp_set_fingerprint(
	const struct psp_cert_set *set, enum psp_cert_kind kind, uint8_t sha256[SEV_SHA256])
{
	const struct psp_set_member *member = &set->member[kind];
	struct der der = { .start = sizeof(der.bytes) };
	struct sev_part part;
	struct sev_p384_public pub;
	struct psp_amd_key key;
	bool is_rsa = kind >= PSP_KIND_ASK;

	if (!member->file || *member->problem.text)
		return false;
	if (is_rsa) {
		key = psp_set_amd_key(member);
		put_rsa(&der, &key);
	} else {
		psp_cert_check(&member->sev, member->sev.pubkey_usage, &pub, NULL);
		put_ec(&der, &pub);
	}
	put_byte(&der, 0); /* unused bits */
	wrap(&der, DER_BIT_STRING, sizeof(der.bytes));
	if (is_rsa)
		put(&der, rsa, sizeof(rsa));
	else
		put(&der, ec_p384, sizeof(ec_p384));
	wrap(&der, DER_SEQUENCE, sizeof(der.bytes));
	part = (struct sev_part) { der.bytes + der.start, sizeof(der.bytes) - der.start };
	sev_sha256(&part, 1, sha256);
	return true;
}
