/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * psp FILE
 *
 * The speed of the Secure Processor's commands, given as host software gives them: through the
 * registers of the mailbox, or with their buffers in a window of memory. Prints a table, and writes
 * it to FILE as JSON.
 *
 * Every measurement is made once in each round, so that whatever else the machine does meets all
 * alike; the table has medians. Times are CPU time. What libgcrypt and nettle need for SHA-256 over
 * the same pages is measured beside LAUNCH_UPDATE_DATA, which can be no faster. A missed target is
 * reported, not an error.
 *
 * Environment: BENCH_PSP_ROUNDS (11).
 */
#include <gcrypt.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/results.h"
#include "crypto/crypto.h"
#include "iodev/psp/cert.h"
#include "iodev/psp/host.h"
#include "iodev/psp/mailbox.h"
#include "iodev/psp/psp.h"
#include "iodev/psp/session.h"
#include "memory/memory.h"

#define MEMORY 0x2000000u /* 32 MiB */
#define WINDOW 0x10000u
#define GUEST  0x1000000u
#define REGION 0x1000000u /* measured with one command: 16 MiB */
#define PAGES  1024u
#define ASID   5
#define POLICY 0

struct bench {
	uint8_t *bytes;
	struct sevmem *memory;
	struct psp *psp;
	struct psp_host host;
	struct psp_mailbox mailbox;

	/* A guest's owner, with a session for this chip. */
	struct sev_p384_key owner;
	struct psp_cert owner_cert;
	struct psp_session session;
};

/* --- time ---------------------------------------------------------------------------------- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- commands ------------------------------------------------------------------------------ */

static void must(uint32_t id, uint16_t status)
{
	if (status == PSP_SUCCESS)
		return;
	fprintf(stderr, "bench: %s: %s\n", psp_command_name(id), psp_status_name(status));
	exit(1);
}

static void command(const struct bench *b, uint32_t id, void *buffer, size_t size)
{
	must(id, psp_host_command(&b->host, id, buffer, size));
}

static void by_handle(const struct bench *b, uint32_t id, uint32_t handle)
{
	struct psp_handle buffer = { handle };

	command(b, id, &buffer, sizeof(buffer));
}

static void init(const struct bench *b)
{
	struct psp_init buffer = { 0 };

	command(b, PSP_CMD_INIT, &buffer, sizeof(buffer));
}

static uint32_t start(const struct bench *b, uint32_t id, const struct psp_cert *cert,
	const struct psp_session *session)
{
	struct psp_launch_start buffer = { .policy = POLICY };

	if (cert) {
		psp_host_put(&b->host, PSP_HOST_CERT, cert, sizeof(*cert));
		psp_host_put(&b->host, PSP_HOST_SESSION, session, sizeof(*session));
		buffer.dh_cert_paddr = psp_host_address(&b->host, PSP_HOST_CERT);
		buffer.dh_cert_length = sizeof(*cert);
		buffer.session_paddr = psp_host_address(&b->host, PSP_HOST_SESSION);
		buffer.session_length = sizeof(*session);
	}
	command(b, id, &buffer, sizeof(buffer));
	return buffer.handle;
}

static void activate(const struct bench *b, uint32_t handle)
{
	struct psp_activate buffer = { .handle = handle, .asid = ASID };

	psp_wbinvd(b->psp, 0);
	command(b, PSP_CMD_DF_FLUSH, NULL, 0);
	command(b, PSP_CMD_ACTIVATE, &buffer, sizeof(buffer));
}

static void update(const struct bench *b, uint32_t handle, uint64_t at, uint32_t length)
{
	struct psp_launch_update buffer = { .handle = handle, .paddr = at, .length = length };

	command(b, PSP_CMD_LAUNCH_UPDATE_DATA, &buffer, sizeof(buffer));
}

static void measure(const struct bench *b, uint32_t handle)
{
	struct psp_launch_measure buffer = {
		.handle = handle,
		.paddr = psp_host_address(&b->host, PSP_HOST_OUTPUT),
		.length = sizeof(struct psp_measurement),
	};

	command(b, PSP_CMD_LAUNCH_MEASURE, &buffer, sizeof(buffer));
}

static uint32_t launched(const struct bench *b)
{
	uint32_t handle = start(b, PSP_CMD_LAUNCH_START, NULL, NULL);

	activate(b, handle);
	return handle;
}

static uint32_t running(const struct bench *b)
{
	uint32_t handle = launched(b);

	measure(b, handle);
	by_handle(b, PSP_CMD_LAUNCH_FINISH, handle);
	return handle;
}

/* All pages are raw again, as they are: nothing has to be encrypted for the next guest. */
static void end(const struct bench *b, uint32_t handle)
{
	sevmem_forget(b->memory, GUEST, REGION);
	by_handle(b, PSP_CMD_DEACTIVATE, handle);
	by_handle(b, PSP_CMD_DECOMMISSION, handle);
}

/* --- the chip and its owner ---------------------------------------------------------------- */

static struct psp *new_chip(struct bench *b, const char *seed)
{
	const struct psp_config config = {
		.memory = b->memory,
		.max_asid = 8,
		.min_sev_asid = 1,
		.cores = 1,
		.seed = seed,
		.seed_size = strlen(seed),
	};
	struct sev_error err;
	struct psp *psp = psp_new(&config, &err);

	if (!psp) {
		fprintf(stderr, "bench: %s\n", err.text);
		exit(1);
	}
	return psp;
}

static void use_chip(struct bench *b, struct psp *psp)
{
	b->psp = psp;
	b->host = (struct psp_host) { .psp = psp, .memory = b->memory, .window = WINDOW };
	b->mailbox.psp = psp;
	psp_mailbox_reset(&b->mailbox);
}

static struct psp_cert platform_cert(const struct bench *b)
{
	struct psp_pdh_cert_export buffer = {
		.pdh_paddr = psp_host_address(&b->host, PSP_HOST_OUTPUT),
		.pdh_length = sizeof(struct psp_cert),
		.certs_paddr = psp_host_address(&b->host, PSP_HOST_CERT),
		.certs_length = sizeof(struct psp_cert_chain),
	};
	struct psp_cert pdh;

	command(b, PSP_CMD_PDH_CERT_EXPORT, &buffer, sizeof(buffer));
	psp_host_get(&b->host, PSP_HOST_OUTPUT, &pdh, sizeof(pdh));
	return pdh;
}

static void make_owner(struct bench *b)
{
	const struct psp_transport_keys keys = { "owner's tek 1234", "owner's tik 1234" };
	struct sev_rng *rng = sev_rng_new("owner", 5, "bench");
	struct psp_cert pdh = platform_cert(b);
	struct sev_p384_public platform;
	uint8_t z[SEV_P384];

	sev_p384_generate(rng, &b->owner);
	psp_cert_make(&b->owner_cert, PSP_USAGE_PDH, 1, 55, &b->owner.pub);
	if (psp_cert_check(&pdh, PSP_USAGE_PDH, &platform, NULL) != 0 ||
		sev_p384_ecdh(&b->owner, &platform, z) != 0)
		abort();
	psp_session_make(&b->session, z, rng, &keys, POLICY);
	sev_rng_free(rng);
}

static void set_up(struct bench *b)
{
	b->bytes = malloc(MEMORY);
	b->memory = sevmem_new();
	if (!b->bytes || sevmem_add_flat(b->memory, 0, MEMORY, b->bytes) != 0)
		abort();
	for (size_t i = 0; i < MEMORY; i++)
		b->bytes[i] = (uint8_t)(i * 167 + (i >> 12));
	use_chip(b, new_chip(b, "bench"));
	init(b);
	make_owner(b);
}

/* --- what is measured: one round each ------------------------------------------------------ */

static double status_by_mailbox(struct bench *b)
{
	const unsigned count = 200000;
	const uint32_t write = (uint32_t)PSP_CMD_PLATFORM_STATUS << PSP_CMDRESP_ID_SHIFT;
	double from = now();

	for (unsigned i = 0; i < count; i++) {
		psp_mailbox_write(&b->mailbox, PSP_REG_CMDBUFF_LO, 4, WINDOW);
		psp_mailbox_write(&b->mailbox, PSP_REG_CMDBUFF_HI, 4, 0);
		psp_mailbox_write(&b->mailbox, PSP_REG_CMDRESP, 4, write);
		must(PSP_CMD_PLATFORM_STATUS,
			psp_mailbox_read(&b->mailbox, PSP_REG_CMDRESP, 4) & PSP_CMDRESP_STATUS);
	}
	return count / (now() - from);
}

static double status_by_window(struct bench *b)
{
	const unsigned count = 200000;
	struct psp_platform_status buffer = { 0 };
	double from = now();

	for (unsigned i = 0; i < count; i++)
		command(b, PSP_CMD_PLATFORM_STATUS, &buffer, sizeof(buffer));
	return count / (now() - from);
}

static double libgcrypt_sha256(struct bench *b)
{
	uint8_t digest[SEV_SHA256];
	double from = now();

	gcry_md_hash_buffer(GCRY_MD_SHA256, digest, b->bytes + GUEST, REGION);
	return REGION / (now() - from) / 1e9;
}

static double nettle_sha256(struct bench *b)
{
	uint8_t digest[SEV_SHA256];
	struct sha256_ctx ctx;
	double from = now();

	sha256_init(&ctx);
	sha256_update(&ctx, REGION, b->bytes + GUEST);
	sha256_digest(&ctx, sizeof(digest), digest);
	return REGION / (now() - from) / 1e9;
}

static double update_region(struct bench *b)
{
	uint32_t handle = launched(b);
	double from = now(), time;

	update(b, handle, GUEST, REGION);
	time = now() - from;
	end(b, handle);
	return REGION / time / 1e9;
}

static double update_pages(struct bench *b)
{
	uint32_t handle = launched(b);
	double from = now(), time;

	for (unsigned i = 0; i < PAGES; i++)
		update(b, handle, GUEST + i * SEVMEM_PAGE, SEVMEM_PAGE);
	time = now() - from;
	end(b, handle);
	return (double)PAGES * SEVMEM_PAGE / time / 1e9;
}

/* Milliseconds. */
static double start_with(
	struct bench *b, const struct psp_cert *cert, const struct psp_session *session)
{
	const unsigned count = 20;
	double time = 0;

	for (unsigned i = 0; i < count; i++) {
		double from = now();
		uint32_t handle = start(b, PSP_CMD_LAUNCH_START, cert, session);

		time += now() - from;
		by_handle(b, PSP_CMD_DECOMMISSION, handle);
	}
	return time / count * 1e3;
}

static double start_with_session(struct bench *b)
{
	return start_with(b, &b->owner_cert, &b->session);
}

static double start_without_session(struct bench *b)
{
	return start_with(b, NULL, NULL) * 1e3;
}

static double attestation(struct bench *b)
{
	const unsigned count = 20;
	struct psp_attestation buffer = {
		.handle = running(b),
		.paddr = psp_host_address(&b->host, PSP_HOST_OUTPUT),
		.length = sizeof(struct psp_attestation_report),
	};
	double from = now(), time;

	for (unsigned i = 0; i < count; i++)
		command(b, PSP_CMD_ATTESTATION, &buffer, sizeof(buffer));
	time = now() - from;
	end(b, buffer.handle);
	return time / count * 1e3;
}

/* --- migration: from the chip to itself ---------------------------------------------------- */

/* Returns the CPU time it took. */
static double send_start(
	const struct bench *b, uint32_t handle, const struct psp_cert *pdh, struct psp_session *out)
{
	struct psp_send_start buffer = {
		.handle = handle,
		.pdh_cert_paddr = psp_host_address(&b->host, PSP_HOST_CERT),
		.pdh_cert_length = sizeof(*pdh),
		.session_paddr = psp_host_address(&b->host, PSP_HOST_SESSION),
		.session_length = sizeof(*out),
	};
	double from, time;

	psp_host_put(&b->host, PSP_HOST_CERT, pdh, sizeof(*pdh));
	from = now();
	command(b, PSP_CMD_SEND_START, &buffer, sizeof(buffer));
	time = now() - from;
	psp_host_get(&b->host, PSP_HOST_SESSION, out, sizeof(*out));
	return time;
}

static double sending_starts(struct bench *b)
{
	const unsigned count = 10;
	struct psp_cert pdh = platform_cert(b);
	uint32_t handle = running(b);
	struct psp_session session;
	double time = 0;

	for (unsigned i = 0; i < count; i++) {
		time += send_start(b, handle, &pdh, &session);
		by_handle(b, PSP_CMD_SEND_CANCEL, handle);
	}
	end(b, handle);
	return time / count * 1e3;
}

/* Pages of the guest, one command each; microseconds for each. */
static double transport(const struct bench *b, uint32_t id, uint32_t handle)
{
	struct psp_transport buffer = {
		.handle = handle,
		.hdr_paddr = psp_host_address(&b->host, PSP_HOST_HEADER),
		.hdr_length = sizeof(struct psp_packet_header),
		.guest_length = SEVMEM_PAGE,
		.trans_paddr = psp_host_address(&b->host, PSP_HOST_PAYLOAD),
		.trans_length = SEVMEM_PAGE,
	};
	double from = now();

	for (unsigned i = 0; i < PAGES; i++) {
		buffer.guest_paddr = GUEST + i * SEVMEM_PAGE;
		command(b, id, &buffer, sizeof(buffer));
	}
	return (now() - from) / PAGES * 1e6;
}

static double sending(struct bench *b)
{
	struct psp_cert pdh = platform_cert(b);
	uint32_t handle = running(b);
	struct psp_session session;
	double time;

	send_start(b, handle, &pdh, &session);
	time = transport(b, PSP_CMD_SEND_UPDATE_DATA, handle);
	end(b, handle);
	return time;
}

/* The last page that was sent, again and again. */
static double receiving(struct bench *b)
{
	struct psp_cert pdh = platform_cert(b);
	uint32_t sender = running(b), receiver;
	struct psp_session session;
	double time;

	send_start(b, sender, &pdh, &session);
	transport(b, PSP_CMD_SEND_UPDATE_DATA, sender);
	end(b, sender);
	receiver = start(b, PSP_CMD_RECEIVE_START, &pdh, &session);
	activate(b, receiver);
	time = transport(b, PSP_CMD_RECEIVE_UPDATE_DATA, receiver);
	end(b, receiver);
	return time;
}

/* --- the platform: a chip of its own, whose keys may change -------------------------------- */

/* Milliseconds. */
static double on_other_chip(struct bench *b, void (*prepare)(struct bench *), uint32_t id)
{
	struct psp *chip = b->psp, *other = new_chip(b, "other");
	struct psp_init buffer = { 0 };
	double from, time;

	use_chip(b, other);
	if (prepare)
		prepare(b);
	from = now();
	command(b, id, &buffer, id == PSP_CMD_INIT ? sizeof(buffer) : 0);
	time = now() - from;
	use_chip(b, chip);
	psp_free(other);
	return time * 1e3;
}

static void prepare_init(struct bench *b)
{
	init(b);
}

static void prepare_again(struct bench *b)
{
	init(b);
	command(b, PSP_CMD_SHUTDOWN, NULL, 0);
}

static double first_init(struct bench *b)
{
	return on_other_chip(b, NULL, PSP_CMD_INIT);
}

static double later_init(struct bench *b)
{
	return on_other_chip(b, prepare_again, PSP_CMD_INIT) * 1e3;
}

static double pek_gen(struct bench *b)
{
	return on_other_chip(b, prepare_init, PSP_CMD_PEK_GEN);
}

static double pdh_gen(struct bench *b)
{
	return on_other_chip(b, prepare_init, PSP_CMD_PDH_GEN);
}

/* --- the table ------------------------------------------------------------------------------ */

/* Those that the ratio is made of, and itself. */
enum { HASH = 2, UPDATE = 4, RATIO = 6 };

/* clang-format off */
static struct measurement all[] = {
	{ .what = "PLATFORM_STATUS, mailbox registers", .unit = "1/s", .run = status_by_mailbox },
	{ .what = "PLATFORM_STATUS, buffer in a window", .unit = "1/s", .run = status_by_window },
	[HASH] = { .what = "SHA-256 of libgcrypt, 16 MiB", .unit = "GB/s", .run = libgcrypt_sha256 },
	{ .what = "SHA-256 of nettle, 16 MiB", .unit = "GB/s", .run = nettle_sha256 },
	[UPDATE] = { .what = "LAUNCH_UPDATE_DATA, 16 MiB", .unit = "GB/s", .run = update_region },
	{ .what = "LAUNCH_UPDATE_DATA, 4 KiB at a time", .unit = "GB/s", .run = update_pages },
	[RATIO] = { .what = "LAUNCH_UPDATE_DATA / SHA-256 of libgcrypt", .unit = "", .least = 0.8 },
	{ .what = "LAUNCH_START with session", .unit = "ms", .run = start_with_session, .most = 5 },
	{ .what = "LAUNCH_START without", .unit = "us", .run = start_without_session },
	{ .what = "ATTESTATION", .unit = "ms", .run = attestation },
	{ .what = "SEND_START", .unit = "ms", .run = sending_starts },
	{ .what = "SEND_UPDATE_DATA, a page", .unit = "us", .run = sending },
	{ .what = "RECEIVE_UPDATE_DATA, a page", .unit = "us", .run = receiving },
	{ .what = "INIT of a new chip", .unit = "ms", .run = first_init },
	{ .what = "INIT later", .unit = "us", .run = later_init },
	{ .what = "PEK_GEN", .unit = "ms", .run = pek_gen },
	{ .what = "PDH_GEN", .unit = "ms", .run = pdh_gen },
};
/* clang-format on */

#define COUNT (sizeof(all) / sizeof(all[0]))

static void one_round(struct bench *b, unsigned round)
{
	for (unsigned i = 0; i < COUNT; i++)
		if (all[i].run)
			all[i].values[round] = all[i].run(b);
	all[RATIO].values[round] = all[UPDATE].values[round] / all[HASH].values[round];
}

static unsigned wanted_rounds(void)
{
	const char *text = getenv("BENCH_PSP_ROUNDS");
	unsigned long rounds = text ? strtoul(text, NULL, 10) : 11;

	if (rounds < LEAST_ROUNDS || rounds > MOST_ROUNDS) {
		fprintf(stderr, "bench: BENCH_PSP_ROUNDS=%s: legal is %d to %d\n", text,
			LEAST_ROUNDS, MOST_ROUNDS);
		exit(2);
	}
	return (unsigned)rounds;
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	unsigned rounds = wanted_rounds();

	if (argc != 2) {
		fprintf(stderr, "usage: psp FILE\n");
		return 2;
	}
	set_up(&b);
	for (unsigned round = 0; round < rounds; round++)
		one_round(&b, round);
	psp_free(b.psp);
	sevmem_free(b.memory);
	free(b.bytes);
	printf("\nThe Secure Processor's commands: CPU time, median of %u rounds (min..max)\n\n",
		rounds);
	results_print(all, COUNT, rounds);
	printf("\n");
	return results_write(argv[1], all, COUNT, rounds) ? 1 : 0;
}
