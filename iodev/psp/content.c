/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/psp/content.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "iodev/psp/cert.h"

/* --- values -------------------------------------------------------------------------------- */

void psp_json_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, json_object_new_string(text));
}

void psp_json_number(struct json_object *object, const char *name, uint64_t value)
{
	json_object_object_add(object, name, json_object_new_int64((int64_t)value));
}

void psp_json_hex_number(struct json_object *object, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	psp_json_text(object, name, text);
}

void psp_json_bytes(struct json_object *object, const char *name, const void *data, size_t size)
{
	char text[2 * PSP_JSON_BYTES + 1];

	if (size > PSP_JSON_BYTES)
		size = PSP_JSON_BYTES;
	sev_hex(data, size, text);
	psp_json_text(object, name, text);
}

static struct json_object *hex(const void *data, size_t size)
{
	char text[2 * PSP_JSON_BYTES + 1];

	sev_hex(data, size, text);
	return json_object_new_string(text);
}

/* --- memory -------------------------------------------------------------------------------- */

static bool look(const struct psp *psp, uint64_t spa, void *out, size_t size)
{
	return psp_is_memory(psp, spa, size) &&
	       sevmem_peek(psp->config.memory, spa & ~psp->config.c_mask, SEVMEM_RAW, out, size) ==
		       0;
}

/* Page by page, so that any length costs no memory. */
static struct json_object *sha256_of(
	const struct psp *psp, uint64_t spa, uint32_t length, unsigned asid)
{
	struct json_object *object;
	struct sev_sha256_ctx *ctx;
	uint8_t page[SEVMEM_PAGE], digest[SEV_SHA256];

	if (!psp_is_memory(psp, spa, length))
		return NULL;
	spa &= ~psp->config.c_mask;
	ctx = sev_sha256_new();
	for (uint32_t done = 0, n; done < length; done += n) {
		n = length - done < sizeof(page) ? length - done : (uint32_t)sizeof(page);
		sevmem_peek(psp->config.memory, spa + done, asid, page, n);
		sev_sha256_update(ctx, page, n);
	}
	sev_sha256_read(ctx, digest);
	sev_sha256_free(ctx);
	sev_wipe(page, sizeof(page));
	object = json_object_new_object();
	psp_json_bytes(object, "sha256", digest, sizeof(digest));
	return object;
}

/* --- certificates -------------------------------------------------------------------------- */

static struct json_object *signers(const struct psp_cert *cert)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < sizeof(cert->sig) / sizeof(cert->sig[0]); i++) {
		if (cert->sig[i].usage != PSP_USAGE_NONE)
			json_object_array_add(
				array, json_object_new_string(psp_usage_name(cert->sig[i].usage)));
	}
	return array;
}

static struct json_object *cert_json(const struct psp_cert *cert)
{
	struct json_object *object = json_object_new_object();
	uint8_t key[SEV_SHA256];

	psp_json_text(object, "usage", psp_usage_name(cert->pubkey_usage));
	psp_json_number(object, "version", cert->version);
	if (psp_cert_fingerprint(cert, key))
		psp_json_bytes(object, "key_sha256", key, sizeof(key));
	json_object_object_add(object, "signers", signers(cert));
	return object;
}

static struct json_object *one_cert(const struct psp *psp, uint64_t spa)
{
	struct psp_cert cert;

	return look(psp, spa, &cert, sizeof(cert)) ? cert_json(&cert) : NULL;
}

static struct json_object *chain(const struct psp *psp, uint64_t spa)
{
	struct json_object *array;
	struct psp_cert_chain certs;

	if (!look(psp, spa, &certs, sizeof(certs)))
		return NULL;
	array = json_object_new_array();
	json_object_array_add(array, cert_json(&certs.pek));
	json_object_array_add(array, cert_json(&certs.oca));
	json_object_array_add(array, cert_json(&certs.cek));
	return array;
}

static struct json_object *amd_cert_json(const struct psp_amd_key *key)
{
	struct json_object *object = json_object_new_object();
	uint8_t sha256[SEV_SHA256];

	psp_amd_key_fingerprint(key, sha256);
	psp_json_text(object, "usage", psp_usage_name(key->cert->key_usage));
	psp_json_bytes(object, "key_sha256", sha256, sizeof(sha256));
	psp_json_bytes(object, "key_id", key->cert->key_id, sizeof(key->cert->key_id));
	psp_json_bytes(object, "certifying_id", key->cert->certifying_id,
		sizeof(key->cert->certifying_id));
	psp_json_number(object, "bits", key->cert->modulus_bits);
	return object;
}

static struct json_object *amd_certs(const struct psp *psp, uint64_t spa, uint32_t length)
{
	struct json_object *array = json_object_new_array();
	uint8_t bytes[2 * PSP_AMD_CERT_MAX], *at = bytes;
	size_t left = length < sizeof(bytes) ? length : sizeof(bytes);
	struct psp_amd_key key;

	if (!look(psp, spa, bytes, left))
		left = 0;
	while (left && psp_amd_cert_parse(at, left, true, &key, NULL) == 0) {
		json_object_array_add(array, amd_cert_json(&key));
		at += key.size;
		left -= key.size;
	}
	return array;
}

/* --- sessions, packets, results ------------------------------------------------------------ */

/* All but the wrapped keys. */
static struct json_object *session_json(const struct psp *psp, uint64_t spa)
{
	struct json_object *object;
	struct psp_session session;

	if (!look(psp, spa, &session, sizeof(session)))
		return NULL;
	object = json_object_new_object();
	psp_json_bytes(object, "nonce", session.nonce, sizeof(session.nonce));
	psp_json_bytes(object, "wrap_iv", session.wrap_iv, sizeof(session.wrap_iv));
	psp_json_bytes(object, "wrap_mac", session.wrap_mac, sizeof(session.wrap_mac));
	psp_json_bytes(object, "policy_mac", session.policy_mac, sizeof(session.policy_mac));
	return object;
}

static struct json_object *header_json(const struct psp *psp, uint64_t spa)
{
	struct psp_packet_header header;
	struct json_object *object;

	if (!look(psp, spa, &header, sizeof(header)))
		return NULL;
	object = json_object_new_object();
	psp_json_hex_number(object, "flags", header.flags);
	psp_json_bytes(object, "iv", header.iv, sizeof(header.iv));
	psp_json_bytes(object, "mac", header.mac, sizeof(header.mac));
	return object;
}

static struct json_object *measurement_json(const struct psp *psp, uint64_t spa)
{
	struct psp_measurement out;
	struct json_object *object;

	if (!look(psp, spa, &out, sizeof(out)))
		return NULL;
	object = json_object_new_object();
	psp_json_bytes(object, "measure", out.measure, sizeof(out.measure));
	psp_json_bytes(object, "mnonce", out.mnonce, sizeof(out.mnonce));
	return object;
}

static struct json_object *report_json(const struct psp *psp, uint64_t spa)
{
	struct psp_attestation_report report;
	struct json_object *object;

	if (!look(psp, spa, &report, sizeof(report)))
		return NULL;
	object = json_object_new_object();
	psp_json_bytes(object, "mnonce", report.mnonce, sizeof(report.mnonce));
	psp_json_bytes(object, "launch_digest", report.launch_digest, sizeof(report.launch_digest));
	psp_json_hex_number(object, "policy", report.policy);
	psp_json_text(object, "signer", psp_usage_name(report.sig_usage));
	return object;
}

/* No more than fit in a line. */
static struct json_object *cores(const struct psp *psp, uint64_t spa, uint32_t count)
{
	struct json_object *array;
	uint8_t ids[64][4];

	if (count > sizeof(ids) / sizeof(ids[0]))
		count = sizeof(ids) / sizeof(ids[0]);
	if (!count || !look(psp, spa, ids, count * sizeof(ids[0])))
		return NULL;
	array = json_object_new_array();
	for (uint32_t i = 0; i < count; i++)
		json_object_array_add(array, json_object_new_int64(sev_le32(ids[i])));
	return array;
}

static struct json_object *chip_id(const struct psp *psp, uint64_t spa)
{
	uint8_t id[PSP_ID_SIZE];

	return look(psp, spa, id, sizeof(id)) ? hex(id, sizeof(id)) : NULL;
}

/* --- all of it ----------------------------------------------------------------------------- */

/* What is shorter than this is not what it should be. */
static uint32_t least_length(enum psp_content content)
{
	switch (content) {
	case PSP_CONTENT_CERT:
		return sizeof(struct psp_cert);
	case PSP_CONTENT_CHAIN:
		return sizeof(struct psp_cert_chain);
	case PSP_CONTENT_SESSION:
		return sizeof(struct psp_session);
	case PSP_CONTENT_HEADER:
		return sizeof(struct psp_packet_header);
	case PSP_CONTENT_MEASUREMENT:
		return sizeof(struct psp_measurement);
	case PSP_CONTENT_REPORT:
		return sizeof(struct psp_attestation_report);
	case PSP_CONTENT_ID:
		return PSP_ID_SIZE;
	default:
		return 1;
	}
}

struct json_object *psp_content_json(const struct psp *psp, const struct psp_guest *guest,
	enum psp_content content, uint64_t spa, uint32_t length)
{
	if (length < least_length(content))
		return NULL;
	switch (content) {
	case PSP_CONTENT_NONE:
		return NULL;
	case PSP_CONTENT_CERT:
		return one_cert(psp, spa);
	case PSP_CONTENT_CHAIN:
		return chain(psp, spa);
	case PSP_CONTENT_AMD_CERTS:
		return amd_certs(psp, spa, length);
	case PSP_CONTENT_SESSION:
		return session_json(psp, spa);
	case PSP_CONTENT_HEADER:
		return header_json(psp, spa);
	case PSP_CONTENT_MEASURED:
		return guest ? sha256_of(psp, spa, length, guest->asid) : NULL;
	case PSP_CONTENT_FIRMWARE:
		return sha256_of(psp, spa, length, SEVMEM_RAW);
	case PSP_CONTENT_MEASUREMENT:
		return measurement_json(psp, spa);
	case PSP_CONTENT_REPORT:
		return report_json(psp, spa);
	case PSP_CONTENT_CORES:
		return cores(psp, spa, length);
	case PSP_CONTENT_ID:
		return chip_id(psp, spa);
	}
	return NULL;
}

const char *psp_content_name(enum psp_content content)
{
	switch (content) {
	case PSP_CONTENT_MEASURED:
		return "measured";
	case PSP_CONTENT_MEASUREMENT:
		return "measurement";
	case PSP_CONTENT_REPORT:
		return "report";
	default:
		return "content";
	}
}
