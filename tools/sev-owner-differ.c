/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a measurement is that of the launch expected, and why not.
 *
 * The HMAC under the owner's TIK is all that is trusted. A launch report is believed only as far as
 * it gives the same HMAC; then it serves to name the part that differs.
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sev-owner.h"

bool owner_gives(const struct owner_claim *claim, const struct report *launch)
{
	struct psp_version version = { launch->api_major, launch->api_minor, launch->build_id };
	uint8_t measure[32];

	psp_measure(
		claim->tik, version, launch->policy, launch->launch_digest, claim->mnonce, measure);
	return sev_equal(measure, claim->measure, sizeof(measure));
}

/*
 * The pages of vCPUs could as well have been measured as data of a guest whose registers are not
 * protected: the digest would be the same.
 */
static bool of_one_kind(const struct owner_claim *claim)
{
	bool es = claim->expected->policy & PSP_POLICY_ES;

	return !claim->image || es == (claim->image->vcpus.count > 0);
}

bool owner_verifies(const struct owner_claim *claim)
{
	return of_one_kind(claim) && owner_gives(claim, claim->expected);
}

int owner_check_es(const char *option, uint32_t policy, unsigned vcpus, struct sev_error *err)
{
	if (policy & PSP_POLICY_ES && !vcpus)
		return sev_fail(err,
			"%s=0x%x: SEV-ES, whose vCPUs are measured too; legal: with --vcpus=N, or "
			"with --digest=HEX instead of files",
			option, policy);
	if (!(policy & PSP_POLICY_ES) && vcpus)
		return sev_fail(err,
			"%s=0x%x: not SEV-ES, but --vcpus=%u is given; legal: with bit 2 (es)",
			option, policy, vcpus);
	return 0;
}

/* What differs, as a list of names and as a sentence. */
struct difference {
	struct json_object *names;
	FILE *text;
};

static void differs(struct difference *d, const char *name)
{
	if (json_object_array_length(d->names))
		fputs("; ", d->text);
	json_object_array_add(d->names, json_object_new_string(name));
	fprintf(d->text, "%s differs", name);
}

static void compare_hash(struct difference *d, const char *name, const uint8_t expected[32],
	const uint8_t launched[32])
{
	char a[65], b[65];

	if (!memcmp(expected, launched, 32))
		return;
	sev_hex(expected, 32, a);
	sev_hex(launched, 32, b);
	differs(d, name);
	fprintf(d->text, ": expected %s, launched %s", a, b);
}

static void compare_version(struct difference *d, const struct report *e, const struct report *r)
{
	if (e->policy != r->policy) {
		differs(d, "policy");
		fprintf(d->text, ": expected 0x%x, launched 0x%x", e->policy, r->policy);
	}
	if (e->api_major != r->api_major || e->api_minor != r->api_minor ||
		e->build_id != r->build_id) {
		differs(d, "api");
		fprintf(d->text, ": expected %u.%u build %u, launched %u.%u build %u", e->api_major,
			e->api_minor, e->build_id, r->api_major, r->api_minor, r->build_id);
	}
}

/* --- regions --------------------------------------------------------------------------------- */

static bool is_vmsa(const struct report_region *region)
{
	return !strcmp(region->what, "vmsa");
}

static size_t count_vmsas(const struct report *r)
{
	size_t count = 0;

	for (size_t i = 0; i < r->regions; i++)
		count += is_vmsa(&r->region[i]);
	return count;
}

/* There may be a thousand vCPUs. */
static void print_regions(struct difference *d, const char *who, const struct report *r)
{
	const char *between = "";

	fprintf(d->text, "%s", who);
	for (size_t i = 0; i < r->regions; i++) {
		if (is_vmsa(&r->region[i]))
			continue;
		fprintf(d->text, "%s %s of %" PRIu64 " bytes", between, r->region[i].what,
			r->region[i].length);
		between = ",";
	}
	if (count_vmsas(r))
		fprintf(d->text, "%s vmsa of %zu vCPUs", between, count_vmsas(r));
}

/* Beside the vCPUs, which come last. */
static bool same_list(const struct report *e, const struct report *r)
{
	size_t count = e->regions - count_vmsas(e);

	if (count != r->regions - count_vmsas(r))
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(e->region[i].what, r->region[i].what) ||
			e->region[i].length != r->region[i].length)
			return false;
	return true;
}

/* The report's three hashes are those of the table that was measured. */
static bool hashes_fit(const struct report *r, const struct report_region *region)
{
	uint8_t table[HASHES_TABLE_SIZE], sha256[32];
	struct sev_part part = { table, sizeof(table) };

	hashes_table(&r->hashes, table);
	sev_sha256(&part, 1, sha256);
	return r->has_hashes && !memcmp(sha256, region->sha256, 32);
}

/* One of them is enough: they differ for a reason that all have. */
static void compare_vmsas(struct difference *d, const struct report *e, const struct report *r)
{
	size_t expected = count_vmsas(e), launched = count_vmsas(r);
	const struct report_region *a = e->region + e->regions - expected;
	const struct report_region *b = r->region + r->regions - launched;

	if (expected != launched) {
		differs(d, "vcpus");
		fprintf(d->text, ": expected %zu, launched %zu", expected, launched);
		return;
	}
	for (size_t i = 0; i < expected; i++) {
		if (!is_vmsa(&b[i]) || !memcmp(a[i].sha256, b[i].sha256, 32))
			continue;
		compare_hash(d, "vmsa", a[i].sha256, b[i].sha256);
		fprintf(d->text, " (of vCPU %zu)", i);
		return;
	}
}

static void compare_regions(struct difference *d, const struct report *e, const struct report *r)
{
	if (!same_list(e, r)) {
		differs(d, "region list");
		print_regions(d, ": expected", e);
		print_regions(d, "; launched", r);
		return;
	}
	for (size_t i = 0; i < e->regions - count_vmsas(e); i++) {
		const struct report_region *a = &e->region[i], *b = &r->region[i];

		if (!e->has_hashes || strcmp(a->what, "kernel-hashes") || !hashes_fit(r, b)) {
			compare_hash(d, a->what, a->sha256, b->sha256);
			continue;
		}
		for (int part = HASHES_PARTS - 1; part >= 0; part--)
			compare_hash(d, hashes_name(part), e->hashes.sha256[part],
				r->hashes.sha256[part]);
	}
	compare_vmsas(d, e, r);
}

/* --- the reason ------------------------------------------------------------------------------ */

/* Without a report: what is left to suspect, after the usual slips. */
static void suspect(const struct owner_claim *claim, struct difference *d)
{
	const char *name;
	char text[256];

	if (claim->image && owner_guess(claim, &name, text)) {
		differs(d, name);
		fprintf(d->text, ": %s", text);
		return;
	}
	if (claim->policy && *claim->policy != claim->expected->policy)
		fprintf(d->text,
			"the host says policy 0x%x, expected is 0x%x, and the rest "
			"differs too; ",
			*claim->policy, claim->expected->policy);
	fputs("the digest, the policy, the version or the TIK is another one (--report=FILE of the "
	      "launch tells which)",
		d->text);
}

static void compare(const struct owner_claim *claim, struct difference *d)
{
	const struct report *e = claim->expected, *r = claim->report;

	compare_version(d, e, r);
	if (e->regions)
		compare_regions(d, e, r);
	else
		compare_hash(d, "digest", e->launch_digest, r->launch_digest);
	if (!json_object_array_length(d->names))
		compare_hash(d, "digest", e->launch_digest, r->launch_digest);
}

/* With a report that the HMAC confirms, part by part. */
void owner_explain(const struct owner_claim *claim, struct owner_difference *out)
{
	struct difference d = { .names = json_object_new_array() };
	size_t size;

	out->names = d.names;
	d.text = open_memstream(&out->sentence, &size);
	if (!of_one_kind(claim) && owner_gives(claim, claim->expected)) {
		differs(&d, "policy");
		fprintf(d.text, ": vCPUs are expected, thus SEV-ES; launched 0x%x",
			claim->expected->policy);
	} else if (!claim->report)
		suspect(claim, &d);
	else if (owner_gives(claim, claim->report))
		compare(claim, &d);
	else
		fputs("nor does the report's own digest give it: another TIK (is it this launch's "
		      "session?), or the report was altered",
			d.text);
	fclose(d.text);
}

void owner_difference_free(struct owner_difference *difference)
{
	json_object_put(difference->names);
	free(difference->sentence);
}
