/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Session, measurement and packets, against the answers virtee/sev publishes. */
#include "tests/unit/unit.h"

#include "iodev/psp/session.h"

static int setup(void **state)
{
	(void)state;
	sev_crypto_init();
	return 0;
}

/* TEK = TIK = 0, IV = 0, policy 0, and Z = 16 zero bytes, which only the derivation below takes. */
static void test_published_session(void **state)
{
	struct psp_transport_keys keys = { 0 };
	struct psp_session session = { 0 };
	struct psp_session_keys secrets;
	uint8_t z[16] = { 0 }, nonce[16] = { 0 };

	(void)state;
	sev_kdf(z, 16, "sev-master-secret", nonce, 16, 128, secrets.ms);
	sev_kdf(secrets.ms, 16, "sev-kek", NULL, 0, 128, secrets.kek);
	sev_kdf(secrets.ms, 16, "sev-kik", NULL, 0, 128, secrets.kik);
	assert_bytes(secrets.ms, 16, "ab4d269fcc62bedb4511d56c386ce706");
	psp_session_wrap(&session, &secrets, &keys, 0);
	assert_bytes(session.wrap_tk, 32,
		"2137bc7f9bb8bd7c3e55a576a15d3454b3856b8ba27afadf46dcfee9f02c02c4");
	assert_bytes(session.wrap_mac, 32,
		"3176c0752738bd9d5e86689534020f528c088f16238826b000b327dee6aeed7d");
	assert_bytes(session.policy_mac, 32,
		"aa7855e13839dd767cd5da7c1ff5036540c9264b7a803029315e55375287b4af");
}

static void test_published_measurement(void **state)
{
	const struct psp_version version = { 0, 18, 15 };
	uint8_t tik[16], digest[32], mnonce[16], measure[32];

	(void)state;
	bytes_of("66320db73158a35a255d051758e95ed4", tik);
	bytes_of("4fbe0bedbad6c86ae8f68971d103e554", mnonce);
	sev_sha256(NULL, 0, digest);
	psp_measure(tik, version, 0, digest, mnonce, measure);
	assert_bytes(
		measure, 32, "6faab2daae389bcd3405a05d6cafe33c0414f7bedd0bae19ba5f38b7fd1664ea");
}

static struct psp_transport_keys some_keys(void)
{
	struct psp_transport_keys keys;

	memcpy(keys.tek, "encryption key.", 16);
	memcpy(keys.tik, "integrity key..", 16);
	return keys;
}

static void test_round_trip(void **state)
{
	struct sev_rng *rng = sev_rng_new("x", 1, "session");
	struct psp_transport_keys keys = some_keys(), out;
	struct psp_session session, other;
	uint8_t z[SEV_P384] = { 0, 1, 2 };

	(void)state;
	psp_session_make(&session, z, rng, &keys, 5);
	assert_true(psp_session_open(&session, z, 5, &out));
	assert_memory_equal(&out, &keys, sizeof(out));
	psp_session_make(&other, z, rng, &keys, 5);
	assert_memory_not_equal(session.nonce, other.nonce, 16);
	assert_memory_not_equal(session.wrap_iv, other.wrap_iv, 16);
	assert_memory_not_equal(session.wrap_tk, other.wrap_tk, 32);
	sev_rng_free(rng);
}

static void test_refused(void **state)
{
	struct sev_rng *rng = sev_rng_new("x", 1, "session");
	struct psp_transport_keys keys = some_keys(), out = { 0 };
	const struct psp_transport_keys zero = { 0 };
	uint8_t z[SEV_P384] = { 0, 1, 2 };
	struct psp_session session;

	(void)state;
	psp_session_make(&session, z, rng, &keys, 5);
	for (size_t i = 0; i < sizeof(session); i++) {
		((uint8_t *)&session)[i] ^= 0x80;
		assert_false(psp_session_open(&session, z, 5, &out));
		((uint8_t *)&session)[i] ^= 0x80;
	}
	assert_false(psp_session_open(&session, z, 4, &out));
	z[47] ^= 1;
	assert_false(psp_session_open(&session, z, 5, &out));
	assert_memory_equal(&out, &zero, sizeof(out)); /* nothing leaked out */
	sev_rng_free(rng);
}

/* Each kind of packet opens as what it is, and as nothing else. */
static void test_packets(void **state)
{
	struct psp_transport_keys keys = some_keys(), wrong = some_keys();
	struct psp_packet_header header = { .iv = { 3 } };
	uint8_t measure[32] = { 7 }, other[32] = { 8 }, data[48], out[48] = { 0 };
	static const uint8_t plain[48] = "what the owner has to say to the guest", zero[48];
	struct psp_packet packet = { PSP_PACKET_SECRET, 48, 48, data, measure };

	(void)state;
	psp_packet_seal(&header, &keys, PSP_PACKET_SECRET, measure, plain, data, 48);
	assert_memory_not_equal(data, plain, 48);
	packet.context = PSP_PACKET_DATA;
	assert_false(psp_packet_open(&header, &keys, &packet, out));
	packet.context = PSP_PACKET_SECRET;
	packet.measure = other;
	assert_false(psp_packet_open(&header, &keys, &packet, out));
	packet.measure = NULL;
	assert_false(psp_packet_open(&header, &keys, &packet, out));
	packet.measure = measure;
	packet.guest_length = 64;
	assert_false(psp_packet_open(&header, &keys, &packet, out));
	packet.guest_length = 48;
	packet.trans_length = 32;
	assert_false(psp_packet_open(&header, &keys, &packet, out));
	packet.trans_length = 48;
	wrong.tik[0] ^= 1;
	assert_false(psp_packet_open(&header, &wrong, &packet, out));
	header.flags ^= PSP_PACKET_COMPRESSED;
	assert_false(psp_packet_open(&header, &keys, &packet, out));
	header.flags ^= PSP_PACKET_COMPRESSED;
	assert_memory_equal(out, zero, 48);
	assert_true(psp_packet_open(&header, &keys, &packet, out));
	assert_memory_equal(out, plain, 48);
	/* In place. */
	memcpy(data, plain, 48);
	psp_packet_seal(&header, &keys, PSP_PACKET_VMSA, NULL, data, data, 48);
	packet.context = PSP_PACKET_VMSA;
	packet.measure = NULL;
	assert_true(psp_packet_open(&header, &keys, &packet, data));
	assert_memory_equal(data, plain, 48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_session),
		cmocka_unit_test(test_published_measurement),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_packets),
	};

	return cmocka_run_group_tests_name("session", tests, setup, NULL);
}
