/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which usual slip a launch shows that is not the one expected. The measurement alone says only yes
 * or no; but whoever holds the TIK can ask it of as many launches as he likes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sev-owner.h"

#define MAX_OTHER_VCPUS 64 /* fewer or more, so many are tried */

struct guess {
	const struct owner_claim *claim;
	struct owner_image image; /* changed in one thing, and changed back */
	const char *name;
	char *text; /* 256 bytes */
};

/* Whether the image as it is now, under that policy, gives the measurement. */
static bool fits_with(struct guess *g, uint32_t policy)
{
	struct report *launch = malloc(sizeof(*launch));
	bool fits;

	if (!launch)
		return false;
	*launch = *g->claim->expected;
	launch->policy = policy;
	owner_image_digest(&g->image, launch->launch_digest);
	fits = owner_gives(g->claim, launch);
	free(launch);
	return fits;
}

static bool fits(struct guess *g)
{
	return fits_with(g, g->claim->expected->policy);
}

static bool found(struct guess *g, const char *name, const char *text)
{
	g->name = name;
	snprintf(g->text, 256, "%s", text);
	return true;
}

/* --- direct boot ----------------------------------------------------------------------------- */

static bool no_hashes(struct guess *g)
{
	bool hit;

	g->image.has_hashes = false;
	hit = fits(g);
	g->image.has_hashes = true;
	return hit && found(g, "kernel-hashes", "launched without any");
}

static void hash_text(const char *text, size_t size, uint8_t sha256[32])
{
	struct sev_part part = { text, size };

	sev_sha256(&part, 1, sha256);
}

/* Text and NUL, as the table has it. */
static bool other_cmdline(struct guess *g, const char *text, const char *what)
{
	uint8_t *hash = g->image.hashes.sha256[HASHES_CMDLINE], kept[32];
	bool hit;

	memcpy(kept, hash, sizeof(kept));
	hash_text(text, strlen(text) + 1, hash);
	hit = fits(g);
	memcpy(hash, kept, sizeof(kept));
	return hit && found(g, "cmdline", what);
}

static bool longer_cmdline(struct guess *g, const char *end, const char *what)
{
	char *text;
	bool hit;

	if (asprintf(&text, "%s%s", g->image.cmdline, end) < 0)
		return false;
	hit = other_cmdline(g, text, what);
	free(text);
	return hit;
}

static bool shorter_cmdline(struct guess *g)
{
	char *text = strdup(g->image.cmdline);
	size_t length = text ? strlen(text) : 0;
	bool hit = false;

	while (!hit && length && text[length - 1] == ' ') {
		text[--length] = 0;
		hit = other_cmdline(g, text, "launched without blanks at its end");
	}
	free(text);
	return hit;
}

static bool no_initrd(struct guess *g)
{
	uint8_t *hash = g->image.hashes.sha256[HASHES_INITRD], kept[32];
	bool hit;

	memcpy(kept, hash, sizeof(kept));
	hash_text("", 0, hash);
	hit = fits(g);
	memcpy(hash, kept, sizeof(kept));
	return hit && found(g, "initrd", "launched without one");
}

static bool direct_boot(struct guess *g)
{
	return g->image.has_hashes &&
	       (no_hashes(g) || no_initrd(g) || other_cmdline(g, "", "launched without one") ||
		       longer_cmdline(g, "\n", "launched with a line end after it") ||
		       longer_cmdline(g, " ", "launched with a blank after it") ||
		       shorter_cmdline(g));
}

/* --- vCPUs ----------------------------------------------------------------------------------- */

static void build_pages(struct owner_vcpus *vcpus)
{
	for (int i = 0; i < 2; i++)
		if (vcpus->built[i])
			vmsa_initial(&vcpus->config, i == 0, vcpus->page[i]);
}

/* Other pages for the same vCPUs. */
static bool fits_vcpus(struct guess *g, const struct vmsa_config *config)
{
	struct owner_vcpus kept = g->image.vcpus;
	bool hit;

	g->image.vcpus.config = *config;
	build_pages(&g->image.vcpus);
	hit = fits(g);
	g->image.vcpus = kept;
	return hit;
}

/* The page of vCPUs other than the first is there only if there was more than one. */
static bool other_count(struct guess *g)
{
	unsigned kept = g->image.vcpus.count;
	unsigned most = kept > 1 ? MAX_OTHER_VCPUS : 1;
	char text[64];
	bool hit = false;

	for (unsigned count = 0; count <= most && !hit; count++) {
		g->image.vcpus.count = count;
		hit = count != kept && fits(g);
		snprintf(text, sizeof(text), "expected %u, launched %u", kept, count);
	}
	g->image.vcpus.count = kept;
	return hit && found(g, "vcpus", text);
}

static bool other_type(struct guess *g)
{
	struct vmsa_config config = g->image.vcpus.config;
	char text[64];

	config.type = config.type == VMSA_LEGACY ? VMSA_INIT2 : VMSA_LEGACY;
	snprintf(text, sizeof(text), "expected %s, launched %s",
		vmsa_type_name(g->image.vcpus.config.type), vmsa_type_name(config.type));
	return fits_vcpus(g, &config) && found(g, "vmsa-type", text);
}

static bool other_model(struct guess *g)
{
	struct vmsa_config config = g->image.vcpus.config;
	char text[64];

	for (const struct vmsa_cpu *cpu = vmsa_cpus; cpu->name; cpu++) {
		vmsa_signature(cpu->family, cpu->model, cpu->stepping, &config.signature);
		snprintf(text, sizeof(text), "launched as %s", cpu->name);
		if (fits_vcpus(g, &config))
			return found(g, "cpu-model", text);
	}
	return false;
}

static bool vcpus(struct guess *g)
{
	const struct owner_vcpus *v = &g->image.vcpus;

	if (!v->count)
		return false;
	return other_count(g) ||
	       ((v->built[0] || v->built[1]) && (other_type(g) || other_model(g)));
}

/* --- policy ---------------------------------------------------------------------------------- */

/* The one that the host claims. */
static bool policy(struct guess *g)
{
	uint32_t expected = g->claim->expected->policy;
	char text[64];

	if (!g->claim->policy || *g->claim->policy == expected || !fits_with(g, *g->claim->policy))
		return false;
	snprintf(text, sizeof(text), "expected 0x%x, launched 0x%x", expected, *g->claim->policy);
	return found(g, "policy", text);
}

bool owner_guess(const struct owner_claim *claim, const char **name, char text[256])
{
	struct guess g = { .claim = claim, .image = *claim->image, .text = text };
	bool hit = policy(&g) || direct_boot(&g) || vcpus(&g);

	*name = g.name;
	return hit;
}
