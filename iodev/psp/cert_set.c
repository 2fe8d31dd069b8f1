/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates from files: told apart, checked, kept. */
#include "iodev/psp/cert_set.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where an AMD certificate has its usage; a SEV certificate has part of its key there. */
#define AMD_USAGE offsetof(struct psp_amd_cert, key_usage)

static const uint32_t usages[PSP_KINDS] = {
	[PSP_KIND_PDH] = PSP_USAGE_PDH,
	[PSP_KIND_PEK] = PSP_USAGE_PEK,
	[PSP_KIND_OCA] = PSP_USAGE_OCA,
	[PSP_KIND_CEK] = PSP_USAGE_CEK,
	[PSP_KIND_ASK] = PSP_USAGE_ASK,
	[PSP_KIND_ARK] = PSP_USAGE_ARK,
};

const char *psp_kind_name(enum psp_cert_kind kind)
{
	return psp_usage_name(usages[kind]);
}

/* What is being read, and how far. */
struct source {
	const char *name;
	const uint8_t *data;
	size_t size, offset;
	struct sev_error *err;
};

static int __attribute__((format(printf, 2, 3)))
fail_at(const struct source *source, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return sev_fail(source->err, "%.80s: offset 0x%zx: %s", source->name, source->offset, text);
}

/* PSP_KINDS: neither a SEV nor an AMD certificate begins here. */
static enum psp_cert_kind kind_at(const uint8_t *data, size_t size)
{
	const struct psp_cert *sev = (const void *)data;

	if (size < sizeof(struct psp_amd_cert) || sev->version != 1)
		return PSP_KINDS;
	for (enum psp_cert_kind kind = 0; kind < PSP_KIND_ASK; kind++) {
		if (sev->pubkey_usage == usages[kind])
			return kind;
	}
	for (enum psp_cert_kind kind = PSP_KIND_ASK; kind < PSP_KINDS; kind++) {
		if (sev_le32(data + AMD_USAGE) == usages[kind])
			return kind;
	}
	return PSP_KINDS;
}

static bool is_unsigned(const struct psp_cert *cert)
{
	return cert->sig[0].usage == PSP_USAGE_NONE && cert->sig[1].usage == PSP_USAGE_NONE;
}

/* A second certificate of a kind: 0 and old is what counts, or -1. */
static int settle(const struct source *source, enum psp_cert_kind kind, struct psp_set_member *old,
	const struct psp_set_member *new)
{
	bool same_body = kind < PSP_KIND_ASK && memcmp(&old->sev, &new->sev, PSP_CERT_SIGNED) == 0;

	if (old->size == new->size && memcmp(old->bytes, new->bytes, old->size) == 0)
		return 0;
	if (same_body && is_unsigned(&new->sev)) {
		old->unsigned_file = new->file;
		old->unsigned_offset = new->offset;
		return 0;
	}
	if (same_body && is_unsigned(&old->sev)) {
		const struct psp_set_member set_aside = *old;

		*old = *new;
		old->unsigned_file = set_aside.file;
		old->unsigned_offset = set_aside.offset;
		return 0;
	}
	return fail_at(source, "another %s than that of %.80s, offset 0x%zx, legal: one of a kind",
		psp_kind_name(kind), old->file, old->offset);
}

/* The size of the SEV certificate at this place, 0 if it is cut short. */
static size_t check_sev(
	const struct source *source, enum psp_cert_kind kind, struct psp_set_member *member)
{
	size_t left = source->size - source->offset;

	if (left < sizeof(member->sev)) {
		fail_at(source, "%s certificate: %zu bytes, %zu are needed", psp_kind_name(kind),
			left, sizeof(member->sev));
		return 0;
	}
	psp_cert_check((const void *)(source->data + source->offset), usages[kind], NULL,
		&member->problem);
	return sizeof(member->sev);
}

/* The same for an AMD certificate. */
static size_t check_amd(const struct source *source, enum psp_cert_kind kind)
{
	const uint8_t *data = source->data + source->offset;
	size_t left = source->size - source->offset;
	struct psp_amd_key key;
	struct sev_error why;

	/* An ARK without signature may stand before others. */
	if (kind == PSP_KIND_ARK && psp_amd_cert_parse(data, left, true, &key, NULL) == 0 &&
		key.signature_size &&
		kind_at(key.signature, left - (key.size - key.signature_size)) != PSP_KINDS)
		left = key.size - key.signature_size;
	if (psp_amd_cert_parse(data, left, kind == PSP_KIND_ARK, &key, &why) != 0) {
		fail_at(source, "%s", why.text);
		return 0;
	}
	return key.size;
}

static int add_next(struct psp_cert_set *set, struct source *source)
{
	const uint8_t *data = source->data + source->offset;
	enum psp_cert_kind kind = kind_at(data, source->size - source->offset);
	struct psp_set_member new = { .file = source->name, .offset = source->offset };

	if (kind == PSP_KINDS)
		return fail_at(source,
			"no certificate, but %zu bytes, legal: version 1 with usage 1001h to 1004h "
			"(OCA, PEK, PDH, CEK), 0013h (ASK) or 0000h (ARK)",
			source->size - source->offset);
	new.size = kind < PSP_KIND_ASK ? check_sev(source, kind, &new) : check_amd(source, kind);
	if (!new.size)
		return -1;
	memcpy(new.bytes, data, new.size);
	if (!set->member[kind].file)
		set->member[kind] = new;
	else if (settle(source, kind, &set->member[kind], &new) != 0)
		return -1;
	source->offset += new.size;
	return 0;
}

static int add_all(struct psp_cert_set *set, struct source *source)
{
	do {
		if (add_next(set, source) != 0)
			return -1;
	} while (source->offset < source->size);
	return 0;
}

static bool looks_like_base64(const uint8_t *data, size_t size)
{
	static const char legal[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
		" \t\r\n";

	for (size_t i = 0; i < size; i++) {
		if (!data[i] || !strchr(legal, data[i]))
			return false;
	}
	return size > 0;
}

int psp_cert_set_add(struct psp_cert_set *set, const char *name, const void *data, size_t size,
	struct sev_error *err)
{
	struct source source = { .name = name, .data = data, .size = size, .err = err };
	struct sev_blob binary = { 0 };
	int result;

	if (looks_like_base64(data, size)) {
		if (sev_unbase64(data, size, &binary) != 0)
			return fail_at(&source, "not legal base64");
		source.data = binary.data;
		source.size = binary.size;
	}
	result = add_all(set, &source);
	sev_blob_free(&binary);
	return result;
}

struct psp_amd_key psp_set_amd_key(const struct psp_set_member *member)
{
	struct psp_amd_key key = { 0 };

	/* Cannot fail: psp_cert_set_add has parsed the same bytes. */
	psp_amd_cert_parse(member->bytes, member->size, true, &key, NULL);
	return key;
}
