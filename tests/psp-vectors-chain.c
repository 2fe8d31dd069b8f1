/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Vectors of certificates and attestation reports. */
#include <stddef.h>
#include <string.h>

#include "iodev/psp/cert.h"
#include "tests/psp-vectors.h"
#include "tests/psp_peer.h"

/* Copies, so that one can be spoilt. */
struct chain {
	struct psp_cert pdh;
	struct psp_cert_chain platform;
	uint8_t ask[PSP_AMD_CERT_MAX], ark[PSP_AMD_CERT_MAX];
	size_t ask_size, ark_size;
};

static void load_cert(struct vector *v, const char *name, struct psp_cert *cert)
{
	memcpy(cert, vector_sized(v, v->entry, name, sizeof(*cert)), sizeof(*cert));
}

static void load_amd_cert(
	struct vector *v, const char *name, uint8_t cert[PSP_AMD_CERT_MAX], size_t *size)
{
	const uint8_t *bytes = vector_bytes(v, v->entry, name, size);

	vector_check(v, *size <= PSP_AMD_CERT_MAX, "%s: %zu bytes", name, *size);
	memcpy(cert, bytes, *size);
}

static void load_chain(struct vector *v, struct chain *chain)
{
	load_cert(v, "pdh", &chain->pdh);
	load_cert(v, "pek", &chain->platform.pek);
	load_cert(v, "oca", &chain->platform.oca);
	load_cert(v, "cek", &chain->platform.cek);
	load_amd_cert(v, "ask", chain->ask, &chain->ask_size);
	load_amd_cert(v, "ark", chain->ark, &chain->ark_size);
}

static bool verifies(const struct chain *chain, struct sev_error *err)
{
	struct psp_amd_key ask, ark;

	return psp_amd_cert_parse(chain->ask, chain->ask_size, false, &ask, err) == 0 &&
	       psp_amd_cert_parse(chain->ark, chain->ark_size, true, &ark, err) == 0 &&
	       psp_chain_verify(&chain->pdh, &chain->platform, &ask, &ark, err) == 0;
}

/* The certificate named, as bytes. */
static uint8_t *find_cert(struct chain *chain, const char *name, size_t *size)
{
	const struct {
		const char *name;
		void *cert;
		size_t size;
	} certs[] = {
		{ "pdh", &chain->pdh, sizeof(struct psp_cert) },
		{ "pek", &chain->platform.pek, sizeof(struct psp_cert) },
		{ "oca", &chain->platform.oca, sizeof(struct psp_cert) },
		{ "cek", &chain->platform.cek, sizeof(struct psp_cert) },
		{ "ask", chain->ask, chain->ask_size },
		{ "ark", chain->ark, chain->ark_size },
	};

	for (size_t i = 0; i < sizeof(certs) / sizeof(certs[0]); i++) {
		*size = certs[i].size;
		if (strcmp(certs[i].name, name) == 0)
			return certs[i].cert;
	}
	return NULL;
}

static void check_bad(struct vector *v, const struct chain *good)
{
	struct json_object *bad = vector_list(v, v->entry, "bad");

	for (size_t i = 0; i < json_object_array_length(bad); i++) {
		struct json_object *one = json_object_array_get_idx(bad, i);
		const char *name = vector_text(v, one, "cert");
		int64_t offset = vector_number(v, one, "offset");
		struct chain *chain = vector_alloc(v, sizeof(*chain));
		size_t size;
		uint8_t *bytes;

		*chain = *good;
		bytes = find_cert(chain, name, &size);
		vector_check(v, bytes && offset >= 0 && (size_t)offset < size,
			"bad[%zu]: no byte %lld in %s", i, (long long)offset, name);
		bytes[offset] ^= 1;
		vector_check(v, !verifies(chain, NULL), "bad[%zu]: %s byte %lld: still verifies", i,
			name, (long long)offset);
	}
}

static void check_private(struct vector *v, const char *name, const struct psp_cert *cert)
{
	struct sev_p384_public pub;
	struct sev_p384_key key;

	vector_check(v,
		sev_p384_from_scalar(vector_sized(v, v->entry, name, SEV_P384), &key) == 0 &&
			psp_cert_check(cert, cert->pubkey_usage, &pub, NULL) == 0 &&
			memcmp(&pub, &key.pub, sizeof(pub)) == 0,
		"%s is not the key of the certificate", name);
}

/* Made here from the same key, with both slots empty. */
static void check_csr(struct vector *v, const struct psp_cert *pek)
{
	struct sev_p384_public pub;
	struct psp_cert csr;

	psp_cert_check(pek, PSP_USAGE_PEK, &pub, NULL);
	psp_cert_make(&csr, PSP_USAGE_PEK, pek->api_major, pek->api_minor, &pub);
	vector_equal(v, &csr, sizeof(csr), "pek_csr");
}

static void check_export(struct vector *v, const struct psp_cert_chain *platform)
{
	const struct sev_part all = { platform, sizeof(*platform) };
	uint8_t hash[SEV_SHA256];

	sev_sha256(&all, 1, hash);
	vector_equal(v, hash, sizeof(hash), "pdh_export_certs_sha256");
}

static void check_report(struct vector *v, const struct psp_cert *pek)
{
	struct json_object *object;
	struct psp_attestation_report report;
	struct sev_error err;

	vector_check(v, json_object_object_get_ex(v->entry, "attestation_report", &object),
		"no attestation_report");
	memcpy(&report, vector_sized(v, object, "report", sizeof(report)), sizeof(report));
	vector_check(v,
		memcmp(report.mnonce, vector_sized(v, object, "mnonce", 16), 16) == 0 &&
			memcmp(report.launch_digest, vector_sized(v, object, "ld", 32), 32) == 0 &&
			report.policy == (uint32_t)vector_number(v, object, "policy"),
		"attestation_report: fields differ");
	vector_check(v, psp_report_verify(&report, pek, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < PSP_REPORT_SIGNED; i++) {
		((uint8_t *)&report)[i] ^= 1;
		vector_check(v, psp_report_verify(&report, pek, NULL) != 0,
			"attestation_report: byte %zu is not signed", i);
		((uint8_t *)&report)[i] ^= 1;
	}
}

/* --- a guest is sent to the platform of the chain -------------------------------------------- */

static uint32_t sendable(struct vector *v, struct rig *rig, uint32_t policy)
{
	uint32_t handle = rig_guest(rig, policy, 0, NULL, NULL);

	vector_check(v,
		rig_measure(rig, handle, NULL) == PSP_SUCCESS &&
			rig_handle(rig, PSP_CMD_LAUNCH_FINISH, handle) == PSP_SUCCESS,
		"LAUNCH_FINISH");
	return handle;
}

static uint16_t send_to(
	struct rig *rig, uint32_t handle, const struct chain *chain, struct psp_session *session)
{
	uint8_t amd[2 * PSP_AMD_CERT_MAX];

	memcpy(amd, chain->ask, chain->ask_size);
	memcpy(amd + chain->ask_size, chain->ark, chain->ark_size);
	return peer_send_start(rig, handle, &chain->pdh, &chain->platform, amd,
		(uint32_t)(chain->ask_size + chain->ark_size), session);
}

/* Policy SEV: the chain is good, but does not end in the emulator's root. */
static void check_other_root(struct vector *v, const struct chain *chain)
{
	struct rig *rig = rig_ready();
	struct psp_session session;
	uint16_t want = chain->ask_size + chain->ark_size == PSP_AMD_CERTS_SIZE
				? PSP_BAD_SIGNATURE
				: PSP_INVALID_LENGTH;
	uint16_t status = send_to(rig, sendable(v, rig, PSP_POLICY_SEV), chain, &session);

	vector_check(v, status == want, "SEND_START, policy SEV: %s", psp_status_name(status));
	rig_free(rig);
}

/* Policy DOMAIN, of a platform with the same owner: who has the PDH can read the session. */
static void check_same_owner(struct vector *v, struct chain chain)
{
	const uint32_t policy = PSP_POLICY_DOMAIN;
	struct rig *rig = rig_ready();
	struct psp_transport_keys keys;
	struct psp_session session;
	struct psp_peer target;
	uint16_t status;

	if (sev_p384_from_scalar(vector_sized(v, v->entry, "pdh_priv_be", SEV_P384), &target.key))
		vector_fail(v, "pdh_priv_be is out of range");
	rig->psp->identity.oca_cert = chain.platform.oca;
	chain.ask_size = chain.ark_size = PSP_AMD_CERT_MAX; /* whatever is in them */
	status = send_to(rig, sendable(v, rig, policy), &chain, &session);
	vector_check(v, status == PSP_SUCCESS, "SEND_START, policy DOMAIN: %s, %s",
		psp_status_name(status), psp_detail(rig->psp));
	vector_check(v, peer_unwrap(&target, rig, &session, policy, &keys),
		"the session is not for this PDH");
	rig_free(rig);
}

void vector_chain(struct vector *v)
{
	struct chain *chain = vector_alloc(v, sizeof(*chain));
	struct sev_error err;

	load_chain(v, chain);
	vector_check(v, verifies(chain, &err), "%s", err.text);
	vector_check(v,
		(int64_t)((const struct psp_amd_cert *)(const void *)chain->ask)->modulus_bits ==
			vector_number(v, v->entry, "rsa_bits"),
		"rsa_bits differs");
	check_private(v, "pdh_priv_be", &chain->pdh);
	check_private(v, "pek_priv_be", &chain->platform.pek);
	check_private(v, "oca_priv_be", &chain->platform.oca);
	check_private(v, "cek_priv_be", &chain->platform.cek);
	check_csr(v, &chain->platform.pek);
	check_export(v, &chain->platform);
	check_report(v, &chain->platform.pek);
	check_other_root(v, chain);
	check_same_owner(v, *chain);
	check_bad(v, chain);
}
