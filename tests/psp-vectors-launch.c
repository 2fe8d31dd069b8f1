/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Vectors of key derivation, session, measurement and packets; the firmware is driven where it can
 * be. */
#include <stdio.h>
#include <string.h>

#include "iodev/psp/cert.h"
#include "iodev/psp/session.h"
#include "tests/psp-vectors.h"
#include "tests/psp_peer.h"

static void hmac(const void *key, size_t key_size, const void *data, size_t size, uint8_t out[32])
{
	const struct sev_part part = { data, size };

	sev_hmac_sha256(key, key_size, &part, 1, out);
}

/* --- key derivation ------------------------------------------------------------------------ */

/* The message given must give the key expected: a vector that contradicts itself is found here. */
static void check_message(
	struct vector *v, const void *key, size_t key_size, const char *message, const char *result)
{
	uint8_t mac[SEV_SHA256];
	size_t size;
	const uint8_t *bytes = vector_bytes(v, v->entry, message, &size);

	hmac(key, key_size, bytes, size, mac);
	vector_equal(v, mac, 16, result);
}

void vector_kdf(struct vector *v)
{
	const uint8_t *z = vector_sized(v, v->entry, "z", SEV_P384);
	struct psp_session_keys keys;

	psp_session_derive(z, vector_sized(v, v->entry, "nonce", 16), &keys);
	vector_equal(v, keys.ms, 16, "master_secret");
	vector_equal(v, keys.kek, 16, "kek");
	vector_equal(v, keys.kik, 16, "kik");
	check_message(v, z, SEV_P384, "master_msg", "master_secret");
	check_message(v, keys.ms, 16, "kek_msg", "kek");
	check_message(v, keys.ms, 16, "kik_msg", "kik");
}

void vector_kdf_generic(struct vector *v)
{
	int64_t bits = vector_number(v, v->entry, "bits");
	size_t key_size, context_size;
	const uint8_t *key = vector_bytes(v, v->entry, "key", &key_size);
	const uint8_t *context = vector_bytes(v, v->entry, "context", &context_size);
	uint8_t out[1024];

	vector_check(v, bits > 0 && bits % 8 == 0 && bits <= 8 * (int64_t)sizeof(out), "bits: %lld",
		(long long)bits);
	sev_kdf(key, key_size, vector_text(v, v->entry, "label"), context, context_size,
		(unsigned)bits, out);
	vector_equal(v, out, (size_t)bits / 8, "out");
}

/* --- session ------------------------------------------------------------------------------- */

static struct sev_p384_key private_key(
	struct vector *v, struct json_object *object, const char *name)
{
	struct sev_p384_key key;

	vector_check(v, sev_p384_from_scalar(vector_sized(v, object, name, SEV_P384), &key) == 0,
		"%s is out of range", name);
	return key;
}

/* A platform whose PDH is the one the session was made for. */
static struct rig *platform_of(struct vector *v, struct json_object *session)
{
	struct rig *rig = rig_ready();

	vector_check(v,
		psp_test_set_pdh(rig->psp, vector_sized(v, session, "pdh_priv_be", SEV_P384)) == 0,
		"pdh_priv_be is out of range");
	return rig;
}

static void check_agreement(struct vector *v, uint8_t z[SEV_P384])
{
	struct sev_p384_key owner = private_key(v, v->entry, "godh_priv_be");
	struct sev_p384_key pdh = private_key(v, v->entry, "pdh_priv_be");
	const struct psp_cert *godh =
		(const void *)vector_sized(v, v->entry, "godh_cert", sizeof(*godh));
	struct sev_p384_public pub;
	struct sev_error err;
	struct psp_cert cert;

	vector_check(
		v, psp_cert_check(godh, PSP_USAGE_PDH, &pub, &err) == 0, "godh_cert: %s", err.text);
	vector_check(v, memcmp(&pub, &owner.pub, sizeof(pub)) == 0,
		"godh_cert holds another key than godh_priv_be");
	psp_cert_make(&cert, PSP_USAGE_PDH, 0, 0, &pdh.pub);
	vector_equal(v, &cert.pubkey, sizeof(cert.pubkey), "pdh_pubkey_field");
	vector_check(v, sev_p384_ecdh(&owner, &pdh.pub, z) == 0, "ECDH by the owner");
	vector_equal(v, z, SEV_P384, "z");
	vector_check(v, sev_p384_ecdh(&pdh, &owner.pub, z) == 0, "ECDH by the platform");
	vector_equal(v, z, SEV_P384, "z");
}

static uint32_t asid_for(uint32_t policy)
{
	return policy & PSP_POLICY_ES ? 1 : RIG_MIN_SEV_ASID;
}

/* That the firmware has the same keys shows in what it does with them. */
static void check_firmware_keys(struct vector *v, struct rig *rig, uint32_t handle, uint32_t policy,
	const struct psp_transport_keys *keys)
{
	static const struct psp_version version = { 1, 55, 21 };
	static const uint8_t secret[16] = "sixteen secrets", iv[16] = { 9 };
	struct psp_packet_header header = { 0 };
	struct psp_measurement out;
	uint8_t empty[SEV_SHA256], measure[SEV_SHA256], data[16];
	uint32_t asid = asid_for(policy);

	sev_sha256(NULL, 0, empty);
	vector_check(v, rig_activate(rig, handle, asid) == PSP_SUCCESS, "ACTIVATE");
	vector_check(v, rig_measure(rig, handle, &out) == PSP_SUCCESS, "LAUNCH_MEASURE");
	psp_measure(keys->tik, version, policy, empty, out.mnonce, measure);
	vector_check(v, memcmp(measure, out.measure, 32) == 0, "LAUNCH_START took another TIK");
	memcpy(header.iv, iv, sizeof(iv));
	psp_packet_seal(&header, keys, PSP_PACKET_SECRET, measure, secret, data, sizeof(data));
	vector_check(v,
		rig_secret(rig, handle, &header, data, sizeof(data), RIG_GUEST) == PSP_SUCCESS,
		"LAUNCH_SECRET");
	rig_get(rig, RIG_GUEST, asid, data, sizeof(data));
	vector_check(v, memcmp(data, secret, 16) == 0, "LAUNCH_START took another TEK");
}

static void check_launch(
	struct vector *v, const struct psp_session *session, const struct psp_transport_keys *keys)
{
	uint32_t policy = (uint32_t)vector_number(v, v->entry, "policy"), handle;
	const void *cert = vector_sized(v, v->entry, "godh_cert", sizeof(struct psp_cert));
	struct rig *rig = platform_of(v, v->entry);
	uint16_t status = rig_launch_session(rig, policy, cert, session, &handle);

	vector_check(v, status == PSP_SUCCESS, "LAUNCH_START: %s", psp_status_name(status));
	check_firmware_keys(v, rig, handle, policy, keys);
	rig_free(rig);
}

void vector_session(struct vector *v)
{
	uint32_t policy = (uint32_t)vector_number(v, v->entry, "policy");
	struct psp_transport_keys keys, opened;
	struct psp_session_keys secrets;
	struct psp_session session;
	uint8_t z[SEV_P384];

	check_agreement(v, z);
	memcpy(keys.tek, vector_sized(v, v->entry, "tek", 16), 16);
	memcpy(keys.tik, vector_sized(v, v->entry, "tik", 16), 16);
	memcpy(session.nonce, vector_sized(v, v->entry, "nonce", 16), 16);
	memcpy(session.wrap_iv, vector_sized(v, v->entry, "wrap_iv", 16), 16);
	psp_session_derive(z, session.nonce, &secrets);
	vector_equal(v, secrets.ms, 16, "master_secret");
	vector_equal(v, secrets.kek, 16, "kek");
	vector_equal(v, secrets.kik, 16, "kik");
	psp_session_wrap(&session, &secrets, &keys, policy);
	vector_equal(v, session.wrap_tk, 32, "wrap_tk");
	vector_equal(v, session.wrap_mac, 32, "wrap_mac");
	vector_equal(v, session.policy_mac, 32, "policy_mac");
	vector_equal(v, &session, sizeof(session), "session");
	vector_check(
		v, psp_session_open(&session, z, policy, &opened), "the session does not open");
	vector_check(v, memcmp(&opened, &keys, sizeof(keys)) == 0, "other keys come out");
	check_launch(v, &session, &keys);
}

static void check_unwrapped(
	struct vector *v, struct json_object *of, const struct psp_session *session)
{
	uint8_t keys[32];

	if (!vector_has(v->entry, "unwrapped"))
		return;
	sev_aes128_ctr(
		vector_sized(v, of, "kek", 16), session->wrap_iv, session->wrap_tk, keys, 32);
	vector_equal(v, keys, sizeof(keys), "unwrapped");
}

void vector_session_negative(struct vector *v)
{
	struct json_object *of = vector_other(v, "session", "of_session");
	uint32_t policy = (uint32_t)vector_number(v, v->entry, "policy"), handle;
	const struct psp_session *session =
		(const void *)vector_sized(v, v->entry, "session", sizeof(*session));
	struct rig *rig = platform_of(v, of);
	uint16_t status = rig_launch_session(rig, policy,
		(const void *)vector_sized(v, of, "godh_cert", sizeof(struct psp_cert)), session,
		&handle);

	vector_check(v, status == vector_number(v, v->entry, "expect_status"),
		"%s: LAUNCH_START: %s", vector_text(v, v->entry, "what"), psp_status_name(status));
	vector_check(v, handle == 0 && rig_status(rig).guest_count == 0, "a guest came of it");
	check_unwrapped(v, of, session);
	rig_free(rig);
}

/* --- measurement --------------------------------------------------------------------------- */

/* Whether this firmware can run the launch: not with a policy newer than its API. */
static bool can_launch(uint32_t policy, struct psp_version version)
{
	unsigned major = policy >> PSP_POLICY_API_MAJOR & 0xff, minor = policy >> 24;

	return !(policy & PSP_POLICY_RESERVED) &&
	       major * 256 + minor <= version.api_major * 256u + version.api_minor;
}

static void digest_updates(struct vector *v, uint8_t digest[SEV_SHA256])
{
	struct json_object *updates = vector_list(v, v->entry, "updates");
	struct sev_sha256_ctx *ctx = sev_sha256_new();

	for (size_t i = 0; i < json_object_array_length(updates); i++) {
		size_t size;
		const uint8_t *data =
			vector_pattern(v, json_object_array_get_idx(updates, i), &size);

		sev_sha256_update(ctx, data, size);
	}
	sev_sha256_read(ctx, digest);
	sev_sha256_free(ctx);
}

/* Those too long for the rig in several pieces. */
static void launch_data(
	struct vector *v, struct rig *rig, uint32_t handle, const uint8_t *data, size_t size)
{
	const uint32_t room = 0x100000;

	for (size_t done = 0; done < size; done += room) {
		uint32_t n = size - done < room ? (uint32_t)(size - done) : room;

		rig_put(rig, RIG_GUEST, data + done, n);
		vector_check(v, rig_update(rig, handle, RIG_GUEST, n) == PSP_SUCCESS,
			"LAUNCH_UPDATE_DATA of %u bytes", (unsigned)n);
	}
}

static void launch_vmsa(
	struct vector *v, struct rig *rig, uint32_t handle, const uint8_t *data, size_t size)
{
	vector_check(v, size == PSP_VMSA_SIZE, "a VMSA of %zu bytes", size);
	rig_put(rig, RIG_GUEST, data, size);
	vector_check(
		v, rig_update_vmsa(rig, handle, RIG_GUEST) == PSP_SUCCESS, "LAUNCH_UPDATE_VMSA");
}

static void launch_updates(struct vector *v, struct rig *rig, uint32_t handle)
{
	struct json_object *updates = vector_list(v, v->entry, "updates");

	for (size_t i = 0; i < json_object_array_length(updates); i++) {
		struct json_object *update = json_object_array_get_idx(updates, i);
		size_t size;
		const uint8_t *data = vector_pattern(v, update, &size);

		if (strcmp(vector_text(v, update, "kind"), "vmsa") == 0)
			launch_vmsa(v, rig, handle, data, size);
		else
			launch_data(v, rig, handle, data, size);
	}
}

static void measure_by_firmware(struct vector *v, uint32_t policy, struct psp_version version)
{
	const uint8_t *tik = vector_sized(v, v->entry, "tik", 16);
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);
	struct psp_measurement out;
	uint32_t handle;

	config.api_major = version.api_major;
	config.api_minor = version.api_minor;
	config.build = version.build;
	rig->psp = psp_new(&config, NULL);
	rig_init(rig, policy & PSP_POLICY_ES);
	rig_flush(rig);
	handle = rig_guest(rig, policy, asid_for(policy), tik, tik);
	launch_updates(v, rig, handle);
	psp_test_set_mnonce(rig->psp, vector_sized(v, v->entry, "mnonce", 16));
	vector_check(v, rig_measure(rig, handle, &out) == PSP_SUCCESS, "LAUNCH_MEASURE");
	vector_equal(v, &out, sizeof(out), "buffer");
	rig_free(rig);
}

void vector_measure(struct vector *v)
{
	uint32_t policy = (uint32_t)vector_number(v, v->entry, "policy");
	const uint8_t *tik = vector_sized(v, v->entry, "tik", 16);
	struct psp_version version = {
		.api_major = (uint8_t)vector_number(v, v->entry, "api_major"),
		.api_minor = (uint8_t)vector_number(v, v->entry, "api_minor"),
		.build = (uint8_t)vector_number(v, v->entry, "build"),
	};
	uint8_t digest[SEV_SHA256], measure[SEV_SHA256];

	digest_updates(v, digest);
	vector_equal(v, digest, sizeof(digest), "ld");
	psp_measure(tik, version, policy, digest, vector_sized(v, v->entry, "mnonce", 16), measure);
	vector_equal(v, measure, sizeof(measure), "measure");
	hmac(tik, 16, vector_sized(v, v->entry, "msg", 56), 56, measure);
	vector_equal(v, measure, sizeof(measure), "measure");
	if (can_launch(policy, version))
		measure_by_firmware(v, policy, version);
}

/* --- packets ------------------------------------------------------------------------------- */

static struct psp_transport_keys transport_keys(struct vector *v, struct json_object *object)
{
	struct psp_transport_keys keys;

	memcpy(keys.tek, vector_sized(v, object, "tek", 16), 16);
	memcpy(keys.tik, vector_sized(v, object, "tik", 16), 16);
	return keys;
}

/* Seals as the vector says and opens again; returns the ciphertext, as long as the plaintext. */
static uint8_t *seal(struct vector *v, enum psp_packet_context context, const uint8_t *measure,
	const uint8_t *plain, size_t size)
{
	struct psp_transport_keys keys = transport_keys(v, v->entry);
	struct psp_packet_header header = { .flags =
						    (uint32_t)vector_number(v, v->entry, "flags") };
	uint8_t *data = vector_alloc(v, size), *back = vector_alloc(v, size);
	const struct psp_packet packet = { context, (uint32_t)size, (uint32_t)size, data, measure };

	vector_check(v, (size_t)vector_number(v, v->entry, "guest_len") == size, "guest_len");
	vector_check(v, (size_t)vector_number(v, v->entry, "trans_len") == size, "trans_len");
	memcpy(header.iv, vector_sized(v, v->entry, "iv", 16), 16);
	psp_packet_seal(&header, &keys, context, measure, plain, data, (uint32_t)size);
	vector_equal(v, header.mac, 32, "mac");
	vector_equal(v, &header, sizeof(header), "header");
	vector_check(v, psp_packet_open(&header, &keys, &packet, back), "the packet does not open");
	vector_check(v, memcmp(back, plain, size) == 0, "another plaintext comes out");
	return data;
}

static void check_mac_message(struct vector *v, const uint8_t *data, size_t size)
{
	size_t head_size;
	const uint8_t *head = vector_bytes(v, v->entry, "mac_msg_head", &head_size);
	const struct sev_part parts[] = {
		{ head, head_size },
		{ data, size },
		{ vector_sized(v, v->entry, "measure", 32), 32 },
	};
	uint8_t mac[SEV_SHA256];

	sev_hmac_sha256(vector_sized(v, v->entry, "tik", 16), 16, parts, 3, mac);
	vector_equal(v, mac, sizeof(mac), "mac");
}

/* A guest that waits for the secret of this entry: its keys, its measurement. */
static struct rig *waiting_guest(struct vector *v, struct json_object *secret, uint32_t *handle)
{
	struct psp_transport_keys keys = transport_keys(v, secret);
	struct rig *rig = rig_ready();

	*handle = rig_guest(rig, 0, RIG_MIN_SEV_ASID, keys.tik, keys.tek);
	vector_check(v, rig_measure(rig, *handle, NULL) == PSP_SUCCESS, "LAUNCH_MEASURE");
	psp_test_set_measure(rig->psp, *handle, vector_sized(v, secret, "measure", 32));
	return rig;
}

static void inject(struct vector *v, const uint8_t *data, const uint8_t *plain, uint32_t size)
{
	const struct psp_packet_header *header =
		(const void *)vector_sized(v, v->entry, "header", sizeof(*header));
	uint8_t *seen = vector_alloc(v, size);
	uint32_t handle;
	struct rig *rig = waiting_guest(v, v->entry, &handle);
	uint16_t status = rig_secret(rig, handle, header, data, size, RIG_GUEST);

	vector_check(v, status == PSP_SUCCESS, "LAUNCH_SECRET: %s", psp_status_name(status));
	rig_get(rig, RIG_GUEST, RIG_MIN_SEV_ASID, seen, size);
	vector_check(v, memcmp(seen, plain, size) == 0, "the guest sees another secret");
	rig_free(rig);
}

void vector_secret(struct vector *v)
{
	size_t size;
	const uint8_t *plain = vector_bytes(v, v->entry, "plaintext", &size);
	uint8_t *data =
		seal(v, PSP_PACKET_SECRET, vector_sized(v, v->entry, "measure", 32), plain, size);

	vector_equal(v, data, size, "data");
	check_mac_message(v, data, size);
	if (size <= PSP_SECRET_MAX)
		inject(v, data, plain, (uint32_t)size);
}

void vector_secret_negative(struct vector *v)
{
	struct json_object *of = vector_other(v, "secret", "of_secret");
	const struct psp_packet_header *header =
		(const void *)vector_sized(v, v->entry, "header", sizeof(*header));
	size_t size;
	const uint8_t *data = vector_bytes(v, of, "data", &size);
	uint8_t *before = vector_alloc(v, size), *after = vector_alloc(v, size);
	uint32_t handle;
	struct rig *rig = waiting_guest(v, of, &handle);
	uint16_t status;

	vector_check(v, size <= PSP_SECRET_MAX, "of_secret: too long for LAUNCH_SECRET");
	rig_get(rig, RIG_GUEST, SEVMEM_RAW, before, size);
	status = rig_secret(rig, handle, header, data, (uint32_t)size, RIG_GUEST);
	vector_check(v, status == vector_number(v, v->entry, "expect_status"),
		"%s: LAUNCH_SECRET: %s", vector_text(v, v->entry, "what"), psp_status_name(status));
	rig_get(rig, RIG_GUEST, SEVMEM_RAW, after, size);
	vector_check(v, memcmp(before, after, size) == 0, "guest memory was written");
	rig_free(rig);
}

/* The vector's packet arrives at a guest that a platform with these keys sent. */
static void receive(struct vector *v, enum psp_packet_context context, const uint8_t *data,
	const uint8_t *plain, uint32_t size)
{
	uint32_t id = context == PSP_PACKET_VMSA ? PSP_CMD_RECEIVE_UPDATE_VMSA
						 : PSP_CMD_RECEIVE_UPDATE_DATA;
	struct psp_transport_keys keys = transport_keys(v, v->entry);
	const struct psp_packet_header *header =
		(const void *)vector_sized(v, v->entry, "header", sizeof(*header));
	uint8_t *seen = vector_alloc(v, size);
	struct rig *rig = rig_ready();
	struct psp_peer peer = peer_make("sender");
	uint32_t handle = peer_send(&peer, rig, &keys, PSP_POLICY_ES);
	uint16_t status;

	vector_check(v, rig_activate(rig, handle, 1) == PSP_SUCCESS, "ACTIVATE");
	status = rig_packet_in(rig, id, handle, header, data, size, RIG_GUEST);
	vector_check(
		v, status == PSP_SUCCESS, "%s: %s", psp_command_name(id), psp_status_name(status));
	rig_get(rig, RIG_GUEST, 1, seen, size);
	vector_check(v, memcmp(seen, plain, size) == 0, "the guest receives something else");
	rig_free(rig);
}

void vector_transport(struct vector *v)
{
	int64_t context = vector_number(v, v->entry, "context");
	struct json_object *pattern;
	uint8_t hash[SEV_SHA256];
	size_t size, head_size;
	const uint8_t *plain;
	struct sev_part all;

	vector_check(v, context == PSP_PACKET_DATA || context == PSP_PACKET_VMSA, "context: %lld",
		(long long)context);
	vector_check(v, json_object_object_get_ex(v->entry, "pattern", &pattern), "no pattern");
	plain = vector_pattern(v, pattern, &size);
	all = (struct sev_part) { seal(v, (enum psp_packet_context)context, NULL, plain, size),
		size };
	sev_sha256(&all, 1, hash);
	vector_equal(v, hash, sizeof(hash), "data_sha256");
	vector_bytes(v, v->entry, "data_head", &head_size);
	vector_check(v, head_size <= size, "data_head is longer than the data");
	vector_equal(v, all.data, head_size, "data_head");
	if (size <= PSP_SECRET_MAX)
		receive(v, (enum psp_packet_context)context, all.data, plain, (uint32_t)size);
}
