/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the platform hands out to guest owners: read, checked, verified. */
#include <string.h>

#include "iodev/psp/cert.h"
#include "tools/sev-owner.h"

#define CERTS (sizeof(struct psp_cert) + sizeof(struct psp_cert_chain)) /* PDH, PEK, OCA, CEK */

static bool looks_like_base64(const uint8_t *data, size_t size)
{
	static const char legal[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
		" \t\r\n";

	for (size_t i = 0; i < size; i++)
		if (!data[i] || !strchr(legal, data[i]))
			return false;
	return size > 0;
}

/* ASK, then ARK, fill the rest of the file. */
static int parse_root(const uint8_t *data, size_t size, struct psp_amd_key *ask,
	struct psp_amd_key *ark, struct sev_error *err)
{
	if (psp_amd_cert_parse(data, size, false, ask, err) ||
		psp_amd_cert_parse(data + ask->size, size - ask->size, true, ark, err))
		return -1;
	if (ask->size + ark->size != size)
		return sev_fail(err, "%zu bytes after the ARK", size - ask->size - ark->size);
	return 0;
}

static enum owner_status verify_chain(
	const uint8_t *data, size_t size, struct owner_chain *chain, struct sev_error *err)
{
	bool root = size > CERTS;
	struct psp_cert_chain certs;
	struct psp_amd_key ask, ark;

	memcpy(&certs, data + sizeof(chain->pdh), sizeof(certs));
	if (root && parse_root(data + CERTS, size - CERTS, &ask, &ark, err))
		return OWNER_WRONG_USE;
	if (psp_chain_verify(&chain->pdh, &certs, root ? &ask : NULL, root ? &ark : NULL, err))
		return OWNER_REFUSED;
	chain->has_chain = true;
	chain->has_root = root;
	if (root) {
		sev_hex(ark.cert->key_id, sizeof(ark.cert->key_id), chain->root);
		chain->product = psp_amd_product(ark.cert->key_id);
	}
	return OWNER_OK;
}

static enum owner_status parse_binary(
	const uint8_t *data, size_t size, struct owner_chain *chain, struct sev_error *err)
{
	if (size != sizeof(chain->pdh) && size < CERTS) {
		sev_fail(err,
			"%zu bytes, legal: a PDH (%zu), PDH, PEK, OCA, CEK (%zu), or those with "
			"ASK and "
			"ARK (more); binary or base64",
			size, sizeof(chain->pdh), CERTS);
		return OWNER_WRONG_USE;
	}
	memcpy(&chain->pdh, data, sizeof(chain->pdh));
	if (psp_cert_check(&chain->pdh, PSP_USAGE_PDH, &chain->key, err))
		return OWNER_WRONG_USE;
	return size == sizeof(chain->pdh) ? OWNER_OK : verify_chain(data, size, chain, err);
}

enum owner_status owner_chain_parse(const char *name, const uint8_t *data, size_t size,
	struct owner_chain *chain, struct sev_error *err)
{
	enum owner_status status = OWNER_WRONG_USE;
	struct sev_blob binary = { 0 };
	struct sev_error why;

	memset(chain, 0, sizeof(*chain));
	if (!looks_like_base64(data, size))
		status = parse_binary(data, size, chain, &why);
	else if (sev_unbase64((const char *)data, size, &binary))
		sev_fail(&why, "not legal base64");
	else
		status = parse_binary(binary.data, binary.size, chain, &why);
	sev_blob_free(&binary);
	if (status != OWNER_OK)
		sev_fail(err, "%s: %s", name, why.text);
	return status;
}
