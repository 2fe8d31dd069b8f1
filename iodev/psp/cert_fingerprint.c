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

/* The key's bytes are there: with its algorithm before them they become a SubjectPublicKeyInfo. */
static void finish(
	struct der *der, const uint8_t *algorithm, size_t size, uint8_t sha256[SEV_SHA256])
{
	struct sev_part part;

	put_byte(der, 0); /* unused bits */
	wrap(der, DER_BIT_STRING, sizeof(der->bytes));
	put(der, algorithm, size);
	wrap(der, DER_SEQUENCE, sizeof(der->bytes));
	part = (struct sev_part) { der->bytes + der->start, sizeof(der->bytes) - der->start };
	sev_sha256(&part, 1, sha256);
}

bool psp_cert_fingerprint(const struct psp_cert *cert, uint8_t sha256[SEV_SHA256])
{
	struct der der = { .start = sizeof(der.bytes) };
	struct sev_p384_public pub;

	if (psp_cert_check(cert, cert->pubkey_usage, &pub, NULL) != 0)
		return false;
	put_ec(&der, &pub);
	finish(&der, ec_p384, sizeof(ec_p384), sha256);
	return true;
}

void psp_amd_key_fingerprint(const struct psp_amd_key *key, uint8_t sha256[SEV_SHA256])
{
	struct der der = { .start = sizeof(der.bytes) };

	put_rsa(&der, key);
	finish(&der, rsa, sizeof(rsa), sha256);
}

bool psp_set_fingerprint(
	const struct psp_cert_set *set, enum psp_cert_kind kind, uint8_t sha256[SEV_SHA256])
{
	const struct psp_set_member *member = &set->member[kind];
	struct psp_amd_key key;

	if (!member->file || *member->problem.text)
		return false;
	if (kind < PSP_KIND_ASK)
		return psp_cert_fingerprint(&member->sev, sha256);
	key = psp_set_amd_key(member);
	psp_amd_key_fingerprint(&key, sha256);
	return true;
}
