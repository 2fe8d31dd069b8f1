/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sev-owner attest: what the verb reads from its options, and its dialogue. */
#ifndef TOOLS_SEV_OWNER_ATTEST_H
#define TOOLS_SEV_OWNER_ATTEST_H

#include "tools/sev-owner-qmp.h"
#include "tools/sev-owner.h"

struct owner_attest {
	/* As given. */
	const char *path, *digest, *policy_text, *min_api, *report, *gpa_text, *seed;
	const char *wait_text, *timeout_text;
	struct owner_keys key_files;
	struct owner_parts parts;
	struct owner_host host;
	char **entries;
	size_t count;
	bool no_cont, quit, json;

	/* Read before the dialogue. */
	uint64_t gpa, wait, timeout;
	uint32_t policy;
	unsigned min[3]; /* API major, minor, build */
	struct psp_transport_keys keys;
	struct report expected;
	struct owner_image image;
	struct sev_blob table;

	/* The dialogue. */
	struct owner_qmp *qmp;
	int64_t started, told;
	char state[32];
	uint64_t handle;
	struct owner_measurement launched;
	bool verified, injected, running, ended;
	struct owner_difference difference; /* if not verified; may be empty */
	struct sev_error err;
};

/*
 * From the socket to the guest's first instruction. Nothing that the other end says is believed but
 * what the measurement confirms; version and policy are part of it. Whatever fails, the guest does
 * not run. With OWNER_REFUSED a->difference says why, else a->err.
 */
enum owner_status owner_converse(struct owner_attest *a);

#endif
