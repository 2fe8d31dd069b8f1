/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The launch commands: policy, session, digest, measurement, secret, report. */
#include "tests/unit/unit.h"

#include "iodev/psp/cert.h"
#include "iodev/psp/model.h"
#include "tests/psp_rig.h"

#define ASID 5

static const uint8_t tik[16] = "integrity key..", tek[16] = "encryption key.";
static const struct psp_version version = { 1, 55, 21 };

/* --- the guest owner ----------------------------------------------------------------------- */

struct owner {
	struct sev_p384_key key;
	struct psp_cert cert;
	struct psp_transport_keys keys;
	struct psp_session session;
};

static struct psp_cert platform_pdh(struct rig *rig)
{
	struct psp_pdh_cert_export cmd = {
		.pdh_paddr = RIG_CERT,
		.pdh_length = sizeof(struct psp_cert),
		.certs_paddr = RIG_CERT + sizeof(struct psp_cert),
		.certs_length = sizeof(struct psp_cert_chain),
	};
	struct psp_cert pdh;

	assert_int_equal(rig_command(rig, PSP_CMD_PDH_CERT_EXPORT, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_get(rig, RIG_CERT, SEVMEM_RAW, &pdh, sizeof(pdh));
	return pdh;
}

/* Trusts the platform's certificate and makes a session for it. */
static struct owner make_owner(struct rig *rig, uint32_t policy)
{
	struct sev_rng *rng = sev_rng_new("owner", 5, "owner");
	struct psp_cert pdh = platform_pdh(rig);
	struct sev_p384_public platform;
	uint8_t z[SEV_P384];
	struct owner owner;

	sev_p384_generate(rng, &owner.key);
	psp_cert_make(&owner.cert, PSP_USAGE_PDH, 0, 0, &owner.key.pub);
	memcpy(owner.keys.tik, tik, 16);
	memcpy(owner.keys.tek, tek, 16);
	assert_int_equal(psp_cert_check(&pdh, PSP_USAGE_PDH, &platform, NULL), 0);
	assert_int_equal(sev_p384_ecdh(&owner.key, &platform, z), 0);
	psp_session_make(&owner.session, z, rng, &owner.keys, policy);
	sev_rng_free(rng);
	return owner;
}

/* --- LAUNCH_START: policy ------------------------------------------------------------------ */

static uint16_t start(struct rig *rig, uint32_t policy)
{
	struct psp_platform_status before = rig_status(rig), after;
	uint16_t status = rig_launch_start(rig, policy, NULL);

	after = rig_status(rig);
	if (status == PSP_SUCCESS)
		before.guest_count++, before.state = PSP_PLATFORM_WORKING;
	assert_memory_equal(&before, &after, sizeof(before));
	return status;
}

static void test_policy_api(void **state)
{
	struct rig *rig = rig_ready();

	(void)state;
	assert_int_equal(start(rig, 0x38010000), PSP_POLICY_FAILURE); /* 1.56 */
	assert_string_equal(psp_detail(rig->psp), ""); /* cleared by the command after it */
	assert_int_equal(rig_launch_start(rig, 0x00020000, NULL), PSP_POLICY_FAILURE); /* 2.0 */
	assert_string_equal(
		psp_detail(rig->psp), "the policy asks for firmware API 2.0, this is 1.55");
	assert_int_equal(start(rig, 0x37010000), PSP_SUCCESS); /* 1.55 */
	assert_int_equal(start(rig, 0x00010000), PSP_SUCCESS);
	assert_int_equal(start(rig, 0xff000000), PSP_SUCCESS); /* 0.255 */
	rig_free(rig);
}

static void test_policy_reserved(void **state)
{
	struct rig *rig = rig_ready();

	(void)state;
	for (unsigned bit = 6; bit < 16; bit++)
		assert_int_equal(start(rig, 1u << bit), PSP_INVALID_PARAM);
	assert_int_equal(start(rig, 0x3f), PSP_SUCCESS);
	rig_free(rig);
}

static void test_policy_es(void **state)
{
	struct rig *rig = rig_new();

	(void)state;
	rig_init(rig, false);
	assert_int_equal(start(rig, PSP_POLICY_ES), PSP_UNSUPPORTED);
	assert_int_equal(start(rig, 0), PSP_SUCCESS);
	rig_free(rig);
	rig = rig_ready();
	assert_int_equal(start(rig, PSP_POLICY_ES), PSP_SUCCESS);
	rig_free(rig);
}

static void test_guest_status(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t handle = rig_guest(rig, 0x11000003, ASID, tik, tek);
	struct psp_guest_status cmd = { .handle = handle };

	(void)state;
	assert_int_equal(rig_command(rig, PSP_CMD_GUEST_STATUS, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_int_equal(cmd.handle, handle);
	assert_int_equal(cmd.policy, 0x11000003);
	assert_int_equal(cmd.asid, ASID);
	assert_int_equal(cmd.state, PSP_GUEST_LUPDATE);
	rig_measure(rig, handle, NULL);
	rig_command(rig, PSP_CMD_GUEST_STATUS, &cmd, sizeof(cmd));
	assert_int_equal(cmd.state, PSP_GUEST_LSECRET);
	rig_handle(rig, PSP_CMD_LAUNCH_FINISH, handle);
	rig_handle(rig, PSP_CMD_DEACTIVATE, handle);
	rig_command(rig, PSP_CMD_GUEST_STATUS, &cmd, sizeof(cmd));
	assert_int_equal(cmd.state, PSP_GUEST_RUNNING);
	assert_int_equal(cmd.asid, 0);
	rig_free(rig);
}

static void test_resource_limit(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t first;

	(void)state;
	rig_launch_start(rig, 0, &first);
	for (unsigned i = 1; i < RIG_MAX_ASID; i++)
		assert_int_equal(start(rig, 0), PSP_SUCCESS);
	assert_int_equal(start(rig, 0), PSP_RESOURCE_LIMIT);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, first), PSP_SUCCESS);
	assert_int_equal(start(rig, 0), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, first), PSP_INVALID_GUEST);
	rig_free(rig);
}

/* A stale handle is not soon another guest's. */
static void test_handles(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t before = 0, handle;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(rig_launch_start(rig, 0, &handle), PSP_SUCCESS);
		assert_true(handle > before);
		assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, handle), PSP_SUCCESS);
		before = handle;
	}
	rig_free(rig);
}

/* --- LAUNCH_START: key sharing ------------------------------------------------------------- */

static uint16_t share(struct rig *rig, uint32_t policy, uint32_t with, uint32_t *handle)
{
	struct psp_launch_start cmd = { .handle = with, .policy = policy };
	uint16_t status = rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd));

	*handle = cmd.handle;
	return status;
}

static void test_key_sharing(void **state)
{
	static const uint8_t plain[16] = "plaintext bytes";
	struct rig *rig = rig_ready();
	uint32_t one = rig_guest(rig, 1, ASID, NULL, NULL), two, three;
	uint8_t seen[16];

	(void)state;
	assert_int_equal(share(rig, 1, one, &two), PSP_SUCCESS);
	assert_int_not_equal(one, two);
	rig_launch_start(rig, 1, &three);
	assert_int_equal(rig_activate(rig, two, ASID), PSP_SUCCESS); /* the same ASID */
	assert_int_equal(rig_activate(rig, three, ASID), PSP_ASID_OWNED);
	rig_put(rig, RIG_GUEST, plain, 16);
	assert_int_equal(rig_update(rig, two, RIG_GUEST, 16), PSP_SUCCESS);
	/* The key stays while one of them is bound, and lives while one of them exists. */
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, one), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_DECOMMISSION, one), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, ASID, seen, 16);
	assert_memory_equal(seen, plain, 16);
	assert_int_equal(rig_handle(rig, PSP_CMD_DEACTIVATE, two), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, ASID, seen, 16);
	assert_memory_not_equal(seen, plain, 16);
	/* Under another ASID: the same key. */
	assert_int_equal(rig_activate(rig, two, 6), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, 6, seen, 16);
	assert_memory_equal(seen, plain, 16);
	rig_free(rig);
}

static void test_key_sharing_refused(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t one = rig_guest(rig, 1, 0, NULL, NULL), noks = rig_guest(rig, 3, 0, NULL, NULL);
	uint32_t handle;

	(void)state;
	assert_int_equal(share(rig, 1, 77, &handle), PSP_INVALID_GUEST);
	assert_int_equal(handle, 77);
	assert_int_equal(share(rig, 0, one, &handle), PSP_POLICY_FAILURE);
	assert_int_equal(share(rig, 3, noks, &handle), PSP_POLICY_FAILURE);
	assert_int_equal(rig_status(rig).guest_count, 2);
	rig_free(rig);
}

/* --- LAUNCH_START: session ----------------------------------------------------------------- */

static void test_session(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	uint8_t empty[SEV_SHA256], measure[SEV_SHA256];
	struct psp_measurement out;
	uint32_t handle;

	(void)state;
	assert_int_equal(
		rig_launch_session(rig, 1, &owner.cert, &owner.session, &handle), PSP_SUCCESS);
	assert_int_equal(rig_measure(rig, handle, &out), PSP_SUCCESS);
	sev_sha256(NULL, 0, empty);
	psp_measure(tik, version, 1, empty, out.mnonce, measure);
	assert_memory_equal(measure, out.measure, sizeof(measure));
	rig_free(rig);
}

/* Every bit of the session counts. */
static void test_session_bits(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	uint32_t handle;

	(void)state;
	for (size_t i = 0; i < sizeof(owner.session); i++) {
		struct psp_session bad = owner.session;

		((uint8_t *)&bad)[i] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(rig_launch_session(rig, 1, &owner.cert, &bad, &handle),
			PSP_BAD_MEASUREMENT);
		assert_int_equal(handle, 0);
	}
	assert_int_equal(rig_launch_session(rig, 0, &owner.cert, &owner.session, &handle),
		PSP_BAD_MEASUREMENT);
	assert_int_equal(rig_launch_session(rig, 0x101, &owner.cert, &owner.session, &handle),
		PSP_INVALID_PARAM);
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_INIT);
	rig_free(rig);
}

/* A session made for a former PDH. */
static void test_session_old_pdh(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	uint32_t handle;

	(void)state;
	assert_int_equal(psp_command(rig->psp, PSP_CMD_PDH_GEN, 0), PSP_SUCCESS);
	assert_int_equal(rig_launch_session(rig, 1, &owner.cert, &owner.session, &handle),
		PSP_BAD_MEASUREMENT);
	rig_free(rig);
}

static void refuse_cert(
	struct rig *rig, const struct owner *owner, struct psp_cert cert, const char *detail)
{
	uint32_t handle;

	assert_int_equal(rig_launch_session(rig, 1, &cert, &owner->session, &handle),
		PSP_INVALID_CERTIFICATE);
	assert_string_equal(psp_detail(rig->psp), detail);
}

static void test_session_certificate(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	struct psp_cert cert;
	uint32_t handle;

	(void)state;
	cert = owner.cert;
	cert.version = 2;
	refuse_cert(rig, &owner, cert, "PDH certificate: version 2, legal is 1");
	cert = owner.cert;
	cert.pubkey_usage = PSP_USAGE_PEK;
	refuse_cert(rig, &owner, cert, "PDH certificate: usage 1002h, legal is 1003h");
	cert = owner.cert;
	cert.pubkey_algo = PSP_ALGO_ECDSA_SHA256;
	refuse_cert(rig, &owner, cert,
		"PDH certificate: algorithm 002h, legal are 003h and 103h (ECDH)");
	cert = owner.cert;
	cert.pubkey.curve = PSP_CURVE_P256;
	refuse_cert(rig, &owner, cert, "PDH certificate: curve 1, legal is 2 (P-384)");
	cert = owner.cert;
	cert.pubkey.qx[0] ^= 1;
	refuse_cert(rig, &owner, cert, "PDH certificate: the public key is not a point of P-384");
	cert = owner.cert;
	cert.pubkey.qy[71] = 1;
	refuse_cert(rig, &owner, cert, "PDH certificate: the public key is not a point of P-384");
	/* Signatures are not looked at; the other algorithm for ECDH keys is as good. */
	cert = owner.cert;
	cert.pubkey_algo = PSP_ALGO_ECDH_SHA384;
	memset(cert.sig, 0x5a, sizeof(cert.sig));
	assert_int_equal(rig_launch_session(rig, 1, &cert, &owner.session, &handle), PSP_SUCCESS);
	rig_free(rig);
}

static void test_session_lengths(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	const struct psp_launch_start good = {
		.policy = 1,
		.dh_cert_paddr = RIG_CERT,
		.dh_cert_length = sizeof(struct psp_cert),
		.session_paddr = RIG_BLOB,
		.session_length = sizeof(struct psp_session),
	};
	struct psp_launch_start cmd;

	(void)state;
	rig_put(rig, RIG_CERT, &owner.cert, sizeof(owner.cert));
	rig_put(rig, RIG_BLOB, &owner.session, sizeof(owner.session));
	for (int delta = -1; delta <= 1; delta += 2) {
		cmd = good;
		cmd.dh_cert_length += (uint32_t)delta;
		assert_int_equal(rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd)),
			PSP_INVALID_LENGTH);
		cmd = good;
		cmd.session_length += (uint32_t)delta;
		assert_int_equal(rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd)),
			PSP_INVALID_LENGTH);
	}
	cmd = good;
	cmd.dh_cert_paddr = RIG_SIZE - 0x823;
	assert_int_equal(
		rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd = good;
	cmd.session_paddr = RIG_TMR;
	assert_int_equal(
		rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd = good;
	cmd.dh_cert_paddr |= RIG_C_BIT;
	cmd.session_paddr |= RIG_C_BIT;
	assert_int_equal(rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_free(rig);
}

static void test_clear_keys(void **state)
{
	struct rig *rig = rig_ready();
	struct owner owner = make_owner(rig, 1);
	uint32_t handle, with_session;

	(void)state;
	handle = rig_guest(rig, 0, ASID, NULL, NULL);
	assert_int_equal(psp_launch_clear_keys(rig->psp, 99, tik, tek), PSP_INVALID_GUEST);
	assert_int_equal(psp_launch_clear_keys(rig->psp, 0, tik, tek), PSP_INVALID_GUEST);
	assert_int_equal(psp_launch_clear_keys(rig->psp, handle, tik, tek), PSP_SUCCESS);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 16), PSP_SUCCESS);
	assert_int_equal(
		psp_launch_clear_keys(rig->psp, handle, tik, tek), PSP_INVALID_GUEST_STATE);
	handle = rig_guest(rig, 0, 0, NULL, NULL);
	rig_measure(rig, handle, NULL);
	assert_int_equal(
		psp_launch_clear_keys(rig->psp, handle, tik, tek), PSP_INVALID_GUEST_STATE);
	rig_launch_session(rig, 1, &owner.cert, &owner.session, &with_session);
	assert_int_equal(
		psp_launch_clear_keys(rig->psp, with_session, tik, tek), PSP_INVALID_GUEST_STATE);
	rig_free(rig);
}

/* --- LAUNCH_UPDATE_DATA -------------------------------------------------------------------- */

static void test_update_rules(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t handle = rig_guest(rig, 0, ASID, NULL, NULL);

	(void)state;
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 0), PSP_INVALID_LENGTH);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 8), PSP_INVALID_LENGTH);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 4097), PSP_INVALID_LENGTH);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST + 8, 16), PSP_INVALID_ADDRESS);
	assert_int_equal(rig_update(rig, handle, RIG_SIZE - 16, 32), PSP_INVALID_ADDRESS);
	assert_int_equal(rig_update(rig, handle, UINT64_MAX - 15, 16), PSP_INVALID_ADDRESS);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 0xfffffff0), PSP_INVALID_ADDRESS);
	assert_int_equal(sevmem_view(rig->memory, RIG_GUEST), SEVMEM_RAW);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST | RIG_C_BIT, 16), PSP_SUCCESS);
	assert_int_equal(sevmem_view(rig->memory, RIG_GUEST), ASID);
	rig_free(rig);
}

/* Plaintext is hashed and encrypted in place, what lies beside it stays. */
static void test_update_data(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t handle = rig_guest(rig, 0, ASID, tik, tek);
	uint8_t plain[0x3000], seen[0x3000], digest[SEV_SHA256], measure[SEV_SHA256];
	const struct sev_part parts[] = { { plain + 0x10, 0x2010 }, { plain + 0x2ff0, 0x10 } };
	struct psp_measurement out;

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 13 + (i >> 8));
	rig_put(rig, RIG_GUEST, plain, sizeof(plain));
	assert_int_equal(rig_update(rig, handle, RIG_GUEST + 0x10, 0x2010), PSP_SUCCESS);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST + 0x2ff0, 0x10), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, ASID, seen, sizeof(seen));
	assert_memory_equal(seen + 0x10, plain + 0x10, 0x2010);
	assert_memory_equal(seen + 0x2ff0, plain + 0x2ff0, 0x10);
	assert_memory_not_equal(seen, plain, 0x10);
	assert_memory_not_equal(seen + 0x2020, plain + 0x2020, 0x10);
	rig_get(rig, RIG_GUEST, SEVMEM_RAW, seen, sizeof(seen));
	assert_memory_equal(seen, plain, 0x10);
	assert_memory_equal(seen + 0x2020, plain + 0x2020, 0xfd0);
	assert_memory_not_equal(seen + 0x10, plain + 0x10, 0x10);
	assert_memory_not_equal(seen + 0x2ff0, plain + 0x2ff0, 0x10);

	sev_sha256(parts, 2, digest);
	assert_int_equal(rig_measure(rig, handle, &out), PSP_SUCCESS);
	psp_measure(tik, version, 0, digest, out.mnonce, measure);
	assert_memory_equal(measure, out.measure, sizeof(measure));
	rig_free(rig);
}

static void measure_cut(struct rig *rig, uint32_t cut, uint8_t digest[SEV_SHA256])
{
	struct psp_attestation cmd = { .paddr = RIG_BLOB, .length = 0xd0 };
	struct psp_attestation_report report;
	uint32_t handle = rig_guest(rig, 0, 0, NULL, NULL);

	assert_int_equal(rig_flush(rig), PSP_SUCCESS);
	assert_int_equal(rig_activate(rig, handle, ASID), PSP_SUCCESS);
	for (size_t i = 0; i < 0x2000; i++)
		rig->bytes[RIG_GUEST + i] = (uint8_t)(i * 3);
	sevmem_forget(rig->memory, RIG_GUEST, 0x2000);
	for (uint32_t done = 0; done < 0x2000; done += cut)
		rig_update(rig, handle, RIG_GUEST + done, cut);
	cmd.handle = handle;
	assert_int_equal(rig_command(rig, PSP_CMD_ATTESTATION, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_get(rig, RIG_BLOB, SEVMEM_RAW, &report, sizeof(report));
	memcpy(digest, report.launch_digest, SEV_SHA256);
	rig_handle(rig, PSP_CMD_DEACTIVATE, handle);
	rig_handle(rig, PSP_CMD_DECOMMISSION, handle);
}

static void test_update_cut(void **state)
{
	struct rig *rig = rig_ready();
	uint8_t whole[SEV_SHA256], cut[SEV_SHA256];

	(void)state;
	measure_cut(rig, 0x2000, whole);
	measure_cut(rig, 0x10, cut);
	assert_memory_equal(whole, cut, sizeof(whole));
	measure_cut(rig, 0x400, cut);
	assert_memory_equal(whole, cut, sizeof(whole));
	rig_free(rig);
}

/* --- LAUNCH_MEASURE ------------------------------------------------------------------------ */

static void test_measure_rules(void **state)
{
	struct rig *rig = rig_ready();
	uint32_t handle = rig_guest(rig, 0, 0, NULL, NULL);
	struct psp_launch_measure cmd = { .handle = handle };

	(void)state;
	assert_int_equal(
		rig_command(rig, PSP_CMD_LAUNCH_MEASURE, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.length, 0x30);
	cmd.length = 0x2f;
	assert_int_equal(
		rig_command(rig, PSP_CMD_LAUNCH_MEASURE, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.length, 0x30);
	cmd.paddr = RIG_SIZE - 0x2f;
	assert_int_equal(
		rig_command(rig, PSP_CMD_LAUNCH_MEASURE, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd.paddr = RIG_BLOB;
	cmd.length = 0x1000;
	assert_int_equal(rig_command(rig, PSP_CMD_LAUNCH_MEASURE, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_int_equal(cmd.length, 0x30);
	cmd.length = 0x30;
	assert_int_equal(rig_command(rig, PSP_CMD_LAUNCH_MEASURE, &cmd, sizeof(cmd)),
		PSP_INVALID_GUEST_STATE);
	rig_free(rig);
}

/* --- LAUNCH_SECRET ------------------------------------------------------------------------- */

struct waiting {
	struct rig *rig;
	uint32_t handle;
	struct psp_measurement measurement;
	struct psp_packet_header header;
	uint8_t plain[64], data[64];
};

static void seal(struct waiting *w, const uint8_t measure[32], uint32_t flags)
{
	struct psp_transport_keys keys;

	memcpy(keys.tik, tik, 16);
	memcpy(keys.tek, tek, 16);
	memset(&w->header, 0x77, sizeof(w->header));
	w->header.flags = flags;
	psp_packet_seal(
		&w->header, &keys, PSP_PACKET_SECRET, measure, w->plain, w->data, sizeof(w->data));
}

static struct waiting wait_for_secret(void)
{
	struct waiting w = { .rig = rig_ready(), .plain = "a secret, and more than a block" };

	w.handle = rig_guest(w.rig, 0, ASID, tik, tek);
	assert_int_equal(rig_measure(w.rig, w.handle, &w.measurement), PSP_SUCCESS);
	seal(&w, w.measurement.measure, 0);
	return w;
}

/* Whether the guest got it; if not, its memory must be as before. */
static uint16_t inject(struct waiting *w)
{
	uint8_t before[64], after[64], seen[64];
	uint16_t status;

	rig_get(w->rig, RIG_GUEST, SEVMEM_RAW, before, 64);
	status = rig_secret(w->rig, w->handle, &w->header, w->data, 64, RIG_GUEST);
	rig_get(w->rig, RIG_GUEST, SEVMEM_RAW, after, 64);
	rig_get(w->rig, RIG_GUEST, ASID, seen, 64);
	if (status == PSP_SUCCESS)
		assert_memory_equal(seen, w->plain, 64);
	else
		assert_memory_equal(before, after, 64);
	return status;
}

static void test_secret(void **state)
{
	struct waiting w = wait_for_secret();
	uint8_t raw[64];

	(void)state;
	assert_int_equal(inject(&w), PSP_SUCCESS);
	rig_get(w.rig, RIG_GUEST, SEVMEM_RAW, raw, 64);
	assert_memory_not_equal(raw, w.plain, 16);
	assert_int_equal(inject(&w), PSP_SUCCESS); /* may be repeated */
	assert_int_equal(rig_handle(w.rig, PSP_CMD_LAUNCH_FINISH, w.handle), PSP_SUCCESS);
	assert_int_equal(inject(&w), PSP_INVALID_GUEST_STATE);
	rig_free(w.rig);
}

static void test_secret_bits(void **state)
{
	struct waiting w = wait_for_secret();
	uint8_t other[SEV_SHA256];

	(void)state;
	for (size_t i = 4; i < sizeof(w.header); i++) {
		((uint8_t *)&w.header)[i] ^= 0x40;
		assert_int_equal(inject(&w), PSP_BAD_MEASUREMENT);
		((uint8_t *)&w.header)[i] ^= 0x40;
	}
	for (size_t i = 0; i < sizeof(w.data); i++) {
		w.data[i] ^= 2;
		assert_int_equal(inject(&w), PSP_BAD_MEASUREMENT);
		w.data[i] ^= 2;
	}
	memcpy(other, w.measurement.measure, sizeof(other));
	other[31] ^= 1;
	seal(&w, other, 0);
	assert_int_equal(inject(&w), PSP_BAD_MEASUREMENT);
	seal(&w, w.measurement.measure, PSP_PACKET_COMPRESSED);
	assert_int_equal(inject(&w), PSP_UNSUPPORTED);
	seal(&w, w.measurement.measure, 2);
	assert_int_equal(inject(&w), PSP_INVALID_PARAM);
	seal(&w, w.measurement.measure, 0x80000001);
	assert_int_equal(inject(&w), PSP_INVALID_PARAM);
	seal(&w, w.measurement.measure, 0);
	assert_int_equal(inject(&w), PSP_SUCCESS);
	rig_free(w.rig);
}

static void test_secret_rules(void **state)
{
	struct waiting w = wait_for_secret();
	const struct psp_launch_secret good = {
		.handle = w.handle,
		.hdr_paddr = RIG_BLOB,
		.hdr_length = sizeof(w.header),
		.guest_paddr = RIG_GUEST,
		.guest_length = 64,
		.trans_paddr = RIG_TRANS,
		.trans_length = 64,
	};
	struct {
		struct psp_launch_secret cmd;
		uint16_t status;
	} cases[] = {
		[0 ... 14] = { good, PSP_INVALID_LENGTH },
	};

	(void)state;
	rig_put(w.rig, RIG_BLOB, &w.header, sizeof(w.header));
	rig_put(w.rig, RIG_TRANS, w.data, sizeof(w.data));
	cases[0].cmd.hdr_length = 0x33;
	cases[1].cmd.hdr_length = 0x35;
	cases[2].cmd.guest_length = cases[2].cmd.trans_length = 0;
	cases[3].cmd.guest_length = cases[3].cmd.trans_length = 63;
	cases[4].cmd.guest_length = 48;
	cases[5].cmd.trans_length = 48;
	cases[6].cmd.guest_length = cases[6].cmd.trans_length = 0x4010;
	for (size_t i = 7; i <= 13; i++)
		cases[i].status = PSP_INVALID_ADDRESS;
	cases[7].cmd.hdr_paddr = RIG_SIZE - 0x33;
	cases[8].cmd.guest_paddr = RIG_GUEST + 8;
	cases[9].cmd.guest_paddr = RIG_SIZE - 48;
	cases[10].cmd.trans_paddr = RIG_TRANS + 4;
	cases[11].cmd.trans_paddr = RIG_SIZE - 48;
	cases[12].cmd.guest_paddr = RIG_TMR;
	cases[13].cmd.trans_paddr = RIG_TMR + 0x1000;
	cases[14].status = PSP_SUCCESS;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint16_t status = rig_command(
			w.rig, PSP_CMD_LAUNCH_SECRET, &cases[i].cmd, sizeof(cases[i].cmd));

		if (status != cases[i].status)
			fail_msg("case %zu: %s", i, psp_status_name(status));
	}
	rig_free(w.rig);
}

/* The largest secret, and one whose packet lies where the secret goes. */
static void test_secret_sizes(void **state)
{
	struct waiting w = wait_for_secret();
	static uint8_t plain[PSP_SECRET_MAX], data[PSP_SECRET_MAX], seen[PSP_SECRET_MAX];
	struct psp_transport_keys keys;
	struct psp_launch_secret cmd = {
		.handle = w.handle,
		.hdr_paddr = RIG_GUEST,
		.hdr_length = sizeof(w.header),
		.guest_paddr = RIG_GUEST,
		.guest_length = 64,
		.trans_paddr = RIG_GUEST + 0x40,
		.trans_length = 64,
	};

	(void)state;
	memcpy(keys.tik, tik, 16);
	memcpy(keys.tek, tek, 16);
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 5 + (i >> 8));
	psp_packet_seal(&w.header, &keys, PSP_PACKET_SECRET, w.measurement.measure, plain, data,
		sizeof(data));
	assert_int_equal(
		rig_secret(w.rig, w.handle, &w.header, data, sizeof(data), RIG_GUEST), PSP_SUCCESS);
	rig_get(w.rig, RIG_GUEST, ASID, seen, sizeof(seen));
	assert_memory_equal(seen, plain, sizeof(plain));

	seal(&w, w.measurement.measure, 0);
	rig_put(w.rig, cmd.hdr_paddr, &w.header, sizeof(w.header));
	rig_put(w.rig, cmd.trans_paddr, w.data, sizeof(w.data));
	assert_int_equal(rig_command(w.rig, PSP_CMD_LAUNCH_SECRET, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_get(w.rig, RIG_GUEST, ASID, seen, 64);
	assert_memory_equal(seen, w.plain, 64);
	rig_free(w.rig);
}

/* --- LAUNCH_FINISH ------------------------------------------------------------------------- */

static void test_finish_wipes(void **state)
{
	static const struct psp_transport_keys zero;
	struct waiting w = wait_for_secret();
	struct psp_guest *guest = psp_find_guest(w.rig->psp, w.handle);

	(void)state;
	assert_memory_equal(guest->keys.tik, tik, 16);
	assert_int_equal(rig_handle(w.rig, PSP_CMD_LAUNCH_FINISH, w.handle), PSP_SUCCESS);
	assert_memory_equal(&guest->keys, &zero, sizeof(zero));
	rig_free(w.rig);
}

/* --- ATTESTATION --------------------------------------------------------------------------- */

static struct psp_cert platform_pek(struct rig *rig)
{
	struct psp_cert pek;

	platform_pdh(rig);
	rig_get(rig, RIG_CERT + sizeof(pek), SEVMEM_RAW, &pek, sizeof(pek));
	return pek;
}

static void test_attestation(void **state)
{
	struct rig *rig = rig_ready();
	struct psp_cert pek = platform_pek(rig);
	uint32_t handle = rig_guest(rig, 0x11000001, ASID, NULL, NULL);
	struct psp_attestation cmd = { .handle = handle, .mnonce = "caller's nonce." };
	struct psp_attestation_report report;
	struct sev_part page = { rig->bytes + RIG_GUEST, 4096 };
	uint8_t digest[SEV_SHA256];

	(void)state;
	sev_sha256(&page, 1, digest);
	assert_int_equal(rig_update(rig, handle, RIG_GUEST, 4096), PSP_SUCCESS);
	rig_measure(rig, handle, NULL);
	rig_handle(rig, PSP_CMD_LAUNCH_FINISH, handle);
	assert_int_equal(
		rig_command(rig, PSP_CMD_ATTESTATION, &cmd, sizeof(cmd)), PSP_INVALID_LENGTH);
	assert_int_equal(cmd.length, 0xd0);
	cmd.paddr = RIG_SIZE;
	assert_int_equal(
		rig_command(rig, PSP_CMD_ATTESTATION, &cmd, sizeof(cmd)), PSP_INVALID_ADDRESS);
	cmd.paddr = RIG_BLOB;
	cmd.length = 0x1000;
	assert_int_equal(rig_command(rig, PSP_CMD_ATTESTATION, &cmd, sizeof(cmd)), PSP_SUCCESS);
	assert_int_equal(cmd.length, 0xd0);
	rig_get(rig, RIG_BLOB, SEVMEM_RAW, &report, sizeof(report));
	assert_memory_equal(report.mnonce, "caller's nonce.", 16);
	assert_memory_equal(report.launch_digest, digest, sizeof(digest));
	assert_int_equal(report.policy, 0x11000001);
	assert_int_equal(psp_report_verify(&report, &pek, NULL), 0);
	report.policy ^= 2;
	assert_int_equal(psp_report_verify(&report, &pek, NULL), -1);
	rig_free(rig);
}

/* --- two guests at once -------------------------------------------------------------------- */

static void test_two_guests(void **state)
{
	static const uint8_t plain[16] = "the same content";
	struct rig *rig = rig_ready();
	uint32_t one = rig_guest(rig, 0, 5, tik, tek), two = rig_guest(rig, 0, 6, tek, tik);
	uint64_t at_one = RIG_GUEST, at_two = RIG_GUEST + 0x1000;
	struct psp_measurement of_one, of_two;
	uint8_t seen[16], digest[SEV_SHA256], measure[SEV_SHA256];
	const struct sev_part part = { plain, sizeof(plain) };

	(void)state;
	rig_put(rig, at_one, plain, 16);
	rig_put(rig, at_two, plain, 16);
	assert_int_equal(rig_update(rig, one, at_one, 16), PSP_SUCCESS);
	assert_int_equal(rig_update(rig, two, at_two, 16), PSP_SUCCESS);
	rig_get(rig, at_one, 5, seen, 16);
	assert_memory_equal(seen, plain, 16);
	rig_get(rig, at_one, 6, seen, 16); /* the other's key is of no use */
	assert_memory_not_equal(seen, plain, 16);
	assert_int_equal(rig_measure(rig, one, &of_one), PSP_SUCCESS);
	assert_int_equal(rig_measure(rig, two, &of_two), PSP_SUCCESS);
	sev_sha256(&part, 1, digest);
	psp_measure(tik, version, 0, digest, of_one.mnonce, measure);
	assert_memory_equal(measure, of_one.measure, sizeof(measure));
	psp_measure(tek, version, 0, digest, of_two.mnonce, measure); /* keys were exchanged */
	assert_memory_equal(measure, of_two.measure, sizeof(measure));
	/* The end of one is not felt by the other. */
	rig_handle(rig, PSP_CMD_DEACTIVATE, one);
	rig_handle(rig, PSP_CMD_DECOMMISSION, one);
	rig_get(rig, at_two, 6, seen, 16);
	assert_memory_equal(seen, plain, 16);
	assert_int_equal(rig_handle(rig, PSP_CMD_LAUNCH_FINISH, two), PSP_SUCCESS);
	rig_free(rig);
}

/* A guest deactivated and activated again under another ASID keeps its key. */
static void test_move_asid(void **state)
{
	static const uint8_t plain[16] = "plaintext bytes";
	struct rig *rig = rig_ready();
	uint32_t handle = rig_guest(rig, 0, 5, NULL, NULL);
	uint8_t seen[16];

	(void)state;
	rig_put(rig, RIG_GUEST, plain, 16);
	rig_update(rig, handle, RIG_GUEST, 16);
	rig_handle(rig, PSP_CMD_DEACTIVATE, handle);
	rig_get(rig, RIG_GUEST, 5, seen, 16);
	assert_memory_not_equal(seen, plain, 16);
	assert_int_equal(rig_activate(rig, handle, 7), PSP_SUCCESS);
	rig_get(rig, RIG_GUEST, 7, seen, 16);
	assert_memory_equal(seen, plain, 16);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_api),
		cmocka_unit_test(test_policy_reserved),
		cmocka_unit_test(test_policy_es),
		cmocka_unit_test(test_guest_status),
		cmocka_unit_test(test_resource_limit),
		cmocka_unit_test(test_handles),
		cmocka_unit_test(test_key_sharing),
		cmocka_unit_test(test_key_sharing_refused),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_session_bits),
		cmocka_unit_test(test_session_old_pdh),
		cmocka_unit_test(test_session_certificate),
		cmocka_unit_test(test_session_lengths),
		cmocka_unit_test(test_clear_keys),
		cmocka_unit_test(test_update_rules),
		cmocka_unit_test(test_update_data),
		cmocka_unit_test(test_update_cut),
		cmocka_unit_test(test_measure_rules),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_secret_bits),
		cmocka_unit_test(test_secret_rules),
		cmocka_unit_test(test_secret_sizes),
		cmocka_unit_test(test_finish_wipes),
		cmocka_unit_test(test_attestation),
		cmocka_unit_test(test_two_guests),
		cmocka_unit_test(test_move_asid),
	};

	return cmocka_run_group_tests_name("psp launch", tests, NULL, NULL);
}
