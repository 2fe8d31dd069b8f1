/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the platform hands out to guest owners: read, checked, verified. */
#include <stdio.h>
#include <string.h>

#include "tools/sev-owner.h"

#define MAX_FILE (1u << 20) /* six certificates in base64 are 16 KiB */

int owner_certs_read(const char *path, struct psp_cert_set *set, struct sev_error *err)
{
	struct sev_blob file = { 0 };
	int result;

	if (sev_file_read(path, MAX_FILE, &file, err))
		return -1;
	result = psp_cert_set_add(set, path, file.data, file.size, err);
	sev_blob_free(&file);
	return result;
}

void owner_root_text(const struct psp_cert_set *set, char *out, size_t size)
{
	struct psp_amd_key key = { 0 };
	char id[33] = "";

	if (set->member[PSP_KIND_ARK].file) {
		key = psp_set_amd_key(&set->member[PSP_KIND_ARK]);
		sev_hex(key.cert->key_id, sizeof(key.cert->key_id), id);
	}
	switch (psp_cert_set_root(set)) {
	case PSP_ROOT_NONE:
		snprintf(out, size, "none given: who made the chip is not known");
		break;
	case PSP_ROOT_OURS:
		snprintf(out, size,
			"this emulator's, EMULATED - NOT AMD: everybody has its private key");
		break;
	case PSP_ROOT_EMULATED:
		snprintf(out, size, "an emulator's, EMULATED - NOT AMD (key id %s)", id);
		break;
	case PSP_ROOT_AMD_KEY_ID:
		snprintf(out, size,
			"key id %s, that of AMD's root for %s, which anybody can write: compare "
			"the "
			"key with the file that AMD publishes",
			id, psp_amd_product(key.cert->key_id));
		break;
	case PSP_ROOT_UNKNOWN:
		snprintf(out, size, "unknown, not AMD's (key id %s)", id);
		break;
	}
}

/* The sets that make sense for a session: PDH; PDH, PEK, OCA, CEK; or all six. */
static int check_session_set(
	const char *name, const struct psp_cert_set *set, unsigned *count, struct sev_error *err)
{
	*count = 0;
	while (*count < PSP_KINDS && set->member[*count].file)
		(*count)++;
	for (unsigned kind = *count; kind < PSP_KINDS; kind++) {
		if (set->member[kind].file)
			*count = 0;
	}
	if (*count == 1 || *count == PSP_KIND_ASK || *count == PSP_KINDS)
		return 0;
	return sev_fail(err,
		"%s: not the certificates that a platform hands out, legal: PDH; PDH, PEK, OCA, "
		"CEK; or those with ASK and ARK; binary or base64",
		name);
}

enum owner_status owner_platform_parse(const char *name, const uint8_t *data, size_t size,
	struct owner_platform *platform, struct sev_error *err)
{
	const struct psp_set_member *pdh = &platform->certs.member[PSP_KIND_PDH];
	struct psp_link links[PSP_LINKS];
	struct sev_error why;
	unsigned count;

	memset(platform, 0, sizeof(*platform));
	if (psp_cert_set_add(&platform->certs, name, data, size, err) ||
		check_session_set(name, &platform->certs, &count, err))
		return OWNER_WRONG_USE;
	if (psp_cert_check(&pdh->sev, PSP_USAGE_PDH, &platform->key, &why)) {
		sev_fail(err, "%s: %s", name, why.text);
		return OWNER_WRONG_USE;
	}
	platform->pdh = pdh->sev;
	if (count == 1)
		return OWNER_OK;
	psp_cert_set_verify(&platform->certs, links);
	if (psp_cert_set_judge(&platform->certs, links, &why)) {
		sev_fail(err, "%s: %s", name, why.text);
		return OWNER_REFUSED;
	}
	platform->has_chain = true;
	platform->has_root = count == PSP_KINDS;
	if (platform->has_root)
		sev_hex(psp_set_amd_key(&platform->certs.member[PSP_KIND_ARK]).cert->key_id, 16,
			platform->root);
	return OWNER_OK;
}
