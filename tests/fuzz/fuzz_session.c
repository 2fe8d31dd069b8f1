/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sessions and packets with bits flipped: the input is the pattern of flips. They open exactly when
 * nothing was flipped.
 */
#include <stdlib.h>
#include <string.h>

#include "iodev/psp/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct psp_transport_keys keys = { "encryption key.", "integrity key.." };

/* Everything that the two ends exchange. */
struct exchange {
	struct psp_session session;
	uint8_t policy[4];
	struct psp_packet_header header;
	uint8_t measure[32];
	uint8_t data[64];
};

static struct exchange made;

static void make(void)
{
	struct sev_rng *rng = sev_rng_new("fuzz", 4, "session");
	uint8_t z[SEV_P384] = { 1 };

	psp_session_make(&made.session, z, rng, &keys, 0);
	sev_rng_bytes(rng, made.header.iv, sizeof(made.header.iv));
	sev_rng_bytes(rng, made.measure, sizeof(made.measure));
	psp_packet_seal(&made.header, &keys, PSP_PACKET_SECRET, made.measure, made.data, made.data,
		sizeof(made.data));
	sev_rng_free(rng);
}

static bool same(const void *a, const void *b, size_t size)
{
	return memcmp(a, b, size) == 0;
}

static void check_session(const struct exchange *got)
{
	bool intact = same(got, &made, offsetof(struct exchange, header));
	struct psp_transport_keys opened;
	uint8_t z[SEV_P384] = { 1 };
	uint32_t policy;

	memcpy(&policy, got->policy, sizeof(policy));
	if (psp_session_open(&got->session, z, policy, &opened) != intact)
		abort();
	if (intact && !same(&opened, &keys, sizeof(keys)))
		abort();
}

static void check_packet(const struct exchange *got)
{
	size_t from = offsetof(struct exchange, header);
	bool intact =
		same((const char *)got + from, (const char *)&made + from, sizeof(made) - from);
	const struct psp_packet packet = { PSP_PACKET_SECRET, 64, 64, got->data, got->measure };
	static const uint8_t zero[64];
	uint8_t plain[64];

	if (psp_packet_open(&got->header, &keys, &packet, plain) != intact)
		abort();
	if (intact && !same(plain, zero, sizeof(zero)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct exchange got;
	static bool ready;

	if (!ready) {
		sev_crypto_init();
		make();
		ready = true;
	}
	got = made;
	for (size_t i = 0; i < size && i < sizeof(got); i++)
		((uint8_t *)&got)[i] ^= data[i];
	check_session(&got);
	check_packet(&got);
	return 0;
}
