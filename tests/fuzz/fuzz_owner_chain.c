/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a platform hands to the guest owner's tool: certificates, binary or base64, and the launch
 * report. The input goes to all readers; certificates also cut in two, as if from two files.
 */
#include <stdlib.h>
#include <string.h>

/* The tool is no library: its one file that reads foreign bytes is compiled in here. */
#include "tools/sev-owner-platform.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void check_member(const struct psp_cert_set *set, enum psp_cert_kind kind)
{
	const struct psp_set_member *m = &set->member[kind];
	uint8_t sha256[SEV_SHA256];

	if (!m->file) {
		require(!psp_set_fingerprint(set, kind, sha256));
		return;
	}
	require(m->size <= sizeof(m->bytes));
	require(psp_set_fingerprint(set, kind, sha256) == !*m->problem.text);
	if (kind < PSP_KIND_ASK)
		require(m->size == sizeof(m->sev));
	else
		require(psp_set_amd_key(m).size == m->size);
}

/* The verdict agrees with the links that it is about. */
static void check_verdict(const struct psp_cert_set *set)
{
	struct psp_link links[PSP_LINKS];
	struct sev_error err = { "" };
	unsigned verified = 0, bad = 0;

	psp_cert_set_verify(set, links);
	for (size_t i = 0; i < PSP_LINKS; i++) {
		const struct psp_link *link = &links[i];
		bool both = set->member[link->cert].file && set->member[link->signer].file;

		require(both || (link->state != PSP_LINK_VERIFIED && link->state != PSP_LINK_BAD));
		require(!*link->why.text || link->state == PSP_LINK_BAD ||
			link->state == PSP_LINK_UNSIGNED);
		verified += link->state == PSP_LINK_VERIFIED;
		bad += link->state == PSP_LINK_BAD;
	}
	if (psp_cert_set_judge(set, links, &err) == 0)
		require(verified && !bad);
	else
		require(*err.text);
}

static void read_set(const uint8_t *data, size_t size, size_t cut)
{
	struct psp_cert_set set = { 0 };
	struct sev_error err;
	char text[OWNER_ROOT_TEXT];

	if (psp_cert_set_add(&set, "first", data, cut, &err)) {
		require(!strncmp(err.text, "first: offset 0x", 16));
		return;
	}
	if (cut < size && psp_cert_set_add(&set, "second", data + cut, size - cut, &err)) {
		require(!strncmp(err.text, "second: offset 0x", 17));
		return;
	}
	for (enum psp_cert_kind kind = 0; kind < PSP_KINDS; kind++)
		check_member(&set, kind);
	check_verdict(&set);
	owner_root_text(&set, text, sizeof(text));
	require(*text && strlen(text) + 1 < sizeof(text));
}

static void read_platform(const uint8_t *data, size_t size)
{
	struct owner_platform platform;
	struct sev_error err;

	switch (owner_platform_parse("input", data, size, &platform, &err)) {
	case OWNER_OK:
		require(sev_p384_on_curve(&platform.key));
		require(platform.has_chain || !platform.has_root);
		break;
	case OWNER_REFUSED:
	case OWNER_WRONG_USE:
		require(!strncmp(err.text, "input: ", 7));
		break;
	case OWNER_NO_DIALOGUE: /* a file is not talked to */
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct report report;
	struct sev_error err;

	if (!ready)
		sev_crypto_init();
	ready = true;
	read_platform(data, size);
	read_set(data, size, size);
	if (size > sizeof(struct psp_cert))
		read_set(data, size, sizeof(struct psp_cert));
	if (!report_parse("input", (const char *)data, size, &report, &err) &&
		report.regions > REPORT_REGIONS)
		abort();
	return 0;
}
