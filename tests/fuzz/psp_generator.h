/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hypervisor that knows what it does, most of the time: commands that fit the states of two
 * chips, so that guests are launched, run, migrate and go; and now and then something bent.
 */
#ifndef SEV_TESTS_PSP_GENERATOR_H
#define SEV_TESTS_PSP_GENERATOR_H

#include "tests/fuzz/psp_source.h"
#include "tests/fuzz/psp_world.h"

#define PACKETS	   4
#define PACKET_MAX PSP_SECRET_MAX

/* On its way from one platform to the other. */
struct packet {
	struct psp_transport_keys keys; /* under which it was sealed */
	enum psp_packet_context context;
	struct psp_packet_header header;
	uint32_t size; /* 0: none */
	uint8_t data[PACKET_MAX], plain[PACKET_MAX];
};

/* What SEND_START gave out. */
struct offer {
	bool valid;
	uint32_t policy;
	struct psp_session session;
	struct psp_cert pdh;
};

struct generator {
	struct world *world;
	struct source *in;
	struct side *side; /* of this step */
	uint8_t buffer[PSP_BUFFER_MAX];
	bool bent;   /* the command given last was not what it was meant to be */
	bool harmed; /* nor will the next be */

	struct sev_rng *rng;
	struct offer offer[2]; /* made by each */
	struct packet packets[PACKETS];
	unsigned next_packet;
	unsigned heavy; /* how many more commands with public keys are given */
};

struct beginning generator_beginning(struct source *in);

/* Both must outlive it. */
struct generator *generator_new(struct world *world, struct source *in);
void generator_free(struct generator *g);

/* Gives a command, or does to memory or cores what a host does between commands. */
void generator_step(struct generator *g);

/* --- the pieces (psp_commands.c, psp_packets.c, psp_heavy.c) ------------------------------- */

#define CMD(name) PSP_CMD_##name

/* The command buffer as a structure; all fields that are not set are zero. */
#define BUFFER(type, g) ((type *)memset((g)->buffer, 0, sizeof((g)->buffer)))

/* The index of the side. */
unsigned generator_side(const struct generator *g);
struct side *generator_peer(struct generator *g);
void generator_random(struct generator *g, void *out, size_t size);

/* An address of the host: with the encryption bit or without, which makes no difference. */
uint64_t generator_address(struct generator *g, uint64_t spa);
/* A place among the guests' pages, room for size bytes. */
uint64_t generator_place(struct generator *g, uint32_t size, bool whole_page);

/* Bytes for guest memory: mostly a page, at most what a packet takes. */
uint32_t generator_length(struct generator *g);
bool generator_sometimes(struct generator *g);

/* Flips a bit of what the next command will read. */
void generator_harm(struct generator *g, uint64_t spa, uint32_t size);

/* Gives the command whose buffer is g->buffer, or something a little different. */
uint16_t generator_issue(struct generator *g, uint8_t id, size_t size);

/* Whether what came of the command can be foretold. */
bool generator_foreseen(const struct generator *g, uint16_t status);
void generator_must_be(struct generator *g, uint64_t spa, unsigned asid, const void *expected,
	size_t size, const char *what);

/* Commands that need public keys, or make them: some milliseconds each. */
void generator_heavy(struct generator *g);
void generator_receive_start(struct generator *g);
void generator_owner(struct generator *g);

/* What a host writes into LAUNCH_START and RECEIVE_START. */
uint32_t generator_policy(struct generator *g);

/* A command for a guest as it is before (NULL: for none). */
typedef void generator_command(struct generator *g, uint8_t id, const struct psp_guest *guest);

enum generator_asid { ANYHOW, ACTIVE, INACTIVE };

generator_command generator_launch_secret, generator_send_update, generator_receive_update;

struct action {
	uint8_t id;
	uint8_t weight;
	uint8_t platform, guest; /* states in which it is legal; guest 0: needs none */
	enum generator_asid asid;
	uint32_t need, forbid; /* bits of the policy */
	generator_command *run;
};
extern const struct action generator_actions[];
extern const size_t generator_action_count;

#endif
