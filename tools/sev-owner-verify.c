/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sev-owner verify: whether a measurement is that of the guest that the owner expects.
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

enum { OPTION_DIGEST = OWNER_OWN, OPTION_MAJOR, OPTION_MINOR, OPTION_BUILD, OPTION_POLICY };

static const char help[] =
	"Usage: sev-owner verify [OPTION]...\n"
	"Check a launch measurement against what the owner expects.\n\n"
	"  --tik FILE           the key that `session` wrote; or\n"
	"  --tk FILE            TEK and TIK, 32 bytes\n"
	"  --measurement BASE64 as query-sev-launch-measure gives it; or\n"
	"  --report FILE        the launch report: version and policy are taken from it, and on a\n"
	"                       mismatch it serves to name the part that differs\n"
	"  --digest HEX         the launch digest to expect; or the files:\n" //
	OWNER_PARTS_HELP						      //
	"  --policy POLICY      the guest policy to expect\n"
	"  --api-major N        firmware version of the platform: API,\n"
	"  --api-minor N\n"
	"  --build-id N         and build\n"
	"  --json               print JSON\n"
	"  --help               print this\n";

static const struct option options[] = {
	OWNER_TIK_OPTIONS,
	OWNER_MEASUREMENT_OPTIONS,
	OWNER_PARTS_OPTIONS,
	OWNER_TAKES("digest", OPTION_DIGEST),
	OWNER_TAKES("api-major", OPTION_MAJOR),
	OWNER_TAKES("api-minor", OPTION_MINOR),
	OWNER_TAKES("build-id", OPTION_BUILD),
	OWNER_TAKES("policy", OPTION_POLICY),
	OWNER_COMMON_OPTIONS,
	OWNER_END_OF_OPTIONS,
};

struct verify {
	struct owner_keys key_files;
	struct owner_measurement launched;
	struct owner_parts parts;
	const char *digest, *api_major, *api_minor, *build_id, *policy;
	bool json;
	struct psp_transport_keys keys;
	struct report expected; /* regions only if parts are given */
};

/* What differs, as a list of names and as a sentence. */
struct difference {
	struct json_object *names;
	FILE *text;
	char *sentence;
	size_t size;
};

/* --- what is expected ------------------------------------------------------------------------ */

/* One number of the platform's version: as given, else the report's. */
static int version_number(const struct verify *v, const char *option, const char *given,
	uint8_t reported, uint8_t *out, struct sev_error *err)
{
	uint64_t value = reported;

	if (given && owner_number(option, given, UINT8_MAX, &value, err))
		return -1;
	if (!given && !v->launched.path)
		return sev_fail(err, "%s is missing, legal: a number, or --report=FILE", option);
	*out = (uint8_t)value;
	return 0;
}

static int expect_version(struct verify *v, struct sev_error *err)
{
	const struct report *r = &v->launched.report;
	struct report *e = &v->expected;

	if (version_number(v, "--api-major", v->api_major, r->api_major, &e->api_major, err) ||
		version_number(v, "--api-minor", v->api_minor, r->api_minor, &e->api_minor, err) ||
		version_number(v, "--build-id", v->build_id, r->build_id, &e->build_id, err))
		return -1;
	if (v->policy)
		return owner_policy("--policy", v->policy, &e->policy, err);
	if (!v->launched.path)
		return sev_fail(
			err, "--policy is missing, legal: --policy=POLICY, or --report=FILE");
	e->policy = r->policy;
	return 0;
}

static int expect_digest(struct verify *v, struct sev_error *err)
{
	if (!v->digest && !owner_parts_given(&v->parts))
		return sev_fail(err, "nothing to compare with, legal: --digest=HEX, or "
				     "--firmware=FILE and so on");
	if (!v->digest)
		return owner_parts_measure(&v->parts, &v->expected, err);
	if (owner_parts_given(&v->parts))
		return sev_fail(err, "--digest=%s: beside files, legal: one of the two", v->digest);
	if (strlen(v->digest) != 64 || sev_unhex(v->digest, v->expected.launch_digest, 32))
		return sev_fail(
			err, "--digest=%s: not legal, legal: 64 hexadecimal digits", v->digest);
	return 0;
}

/* Digests of files lack the VMSAs that a SEV-ES launch measures. */
static int check_es(const struct verify *v, struct sev_error *err)
{
	if (!(v->expected.policy & PSP_POLICY_ES) || v->digest)
		return 0;
	return sev_fail(err,
		"policy 0x%x: SEV-ES, whose digests this version does not compute from files; "
		"legal: "
		"--digest=HEX",
		v->expected.policy);
}

/* --- the one thing that counts --------------------------------------------------------------- */

static bool gives_measurement(const struct verify *v, const struct report *r)
{
	struct psp_version version = { r->api_major, r->api_minor, r->build_id };
	uint8_t measure[32];

	psp_measure(v->keys.tik, version, r->policy, r->launch_digest, v->launched.mnonce, measure);
	return sev_equal(measure, v->launched.measure, sizeof(measure));
}

/* --- why not --------------------------------------------------------------------------------- */

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

static void print_regions(struct difference *d, const char *who, const struct report *r)
{
	fprintf(d->text, "%s", who);
	for (size_t i = 0; i < r->regions; i++)
		fprintf(d->text, "%s %s of %" PRIu64 " bytes", i ? "," : "", r->region[i].what,
			r->region[i].length);
}

static bool same_list(const struct report *e, const struct report *r)
{
	if (e->regions != r->regions)
		return false;
	for (size_t i = 0; i < e->regions; i++)
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

static void compare_regions(struct difference *d, const struct report *e, const struct report *r)
{
	if (!same_list(e, r)) {
		differs(d, "region list");
		print_regions(d, ": expected", e);
		print_regions(d, "; launched", r);
		return;
	}
	for (size_t i = 0; i < e->regions; i++) {
		const struct report_region *a = &e->region[i], *b = &r->region[i];

		if (!e->has_hashes || strcmp(a->what, "kernel-hashes") || !hashes_fit(r, b)) {
			compare_hash(d, a->what, a->sha256, b->sha256);
			continue;
		}
		for (int part = HASHES_PARTS - 1; part >= 0; part--)
			compare_hash(d, hashes_name(part), e->hashes.sha256[part],
				r->hashes.sha256[part]);
	}
}

/* With a report that the HMAC confirms, part by part; else what is left to suspect. */
static void explain(const struct verify *v, struct difference *d)
{
	const struct report *r = &v->launched.report;

	if (!v->launched.path) {
		fputs("the digest, the policy, the version or the TIK is another one "
		      "(--report=FILE "
		      "of the launch tells which)",
			d->text);
	} else if (!gives_measurement(v, r)) {
		fputs("nor does the report's own digest give it: another TIK (is it this launch's "
		      "session?), or the report was altered",
			d->text);
	} else {
		compare_version(d, &v->expected, r);
		if (v->expected.regions)
			compare_regions(d, &v->expected, r);
		else
			compare_hash(d, "digest", v->expected.launch_digest, r->launch_digest);
		if (!json_object_array_length(d->names))
			compare_hash(d, "digest", v->expected.launch_digest, r->launch_digest);
	}
}

/* --- telling --------------------------------------------------------------------------------- */

static void print_json(const struct verify *v, bool verified, const struct difference *d)
{
	struct json_object *object = json_object_new_object();
	const struct report *e = &v->expected;
	char digest[65];

	sev_hex(e->launch_digest, 32, digest);
	json_object_object_add(object, "verified", json_object_new_boolean(verified));
	json_object_object_add(object, "api-major", json_object_new_int(e->api_major));
	json_object_object_add(object, "api-minor", json_object_new_int(e->api_minor));
	json_object_object_add(object, "build-id", json_object_new_int(e->build_id));
	json_object_object_add(object, "policy", json_object_new_int64(e->policy));
	json_object_object_add(object, "launch-digest", json_object_new_string(digest));
	if (!verified) {
		json_object_object_add(object, "differs", json_object_get(d->names));
		json_object_object_add(object, "reason", json_object_new_string(d->sentence));
	}
	owner_print_json(object);
}

static enum owner_status accept(const struct verify *v)
{
	const struct report *e = &v->expected;
	char digest[65];

	sev_hex(e->launch_digest, 32, digest);
	if (v->json)
		print_json(v, true, NULL);
	else
		printf("measurement verifies: policy 0x%x, API %u.%u build %u, launch digest %s\n",
			e->policy, e->api_major, e->api_minor, e->build_id, digest);
	return OWNER_OK;
}

static enum owner_status refuse(const struct verify *v)
{
	struct difference d = { .names = json_object_new_array() };

	d.text = open_memstream(&d.sentence, &d.size);
	explain(v, &d);
	fclose(d.text);
	if (v->json)
		print_json(v, false, &d);
	owner_fail(OWNER_REFUSED, "measurement does not verify: %s", d.sentence);
	json_object_put(d.names);
	free(d.sentence);
	return OWNER_REFUSED;
}

static enum owner_status do_verify(struct verify *v)
{
	struct sev_error err;
	enum owner_status status;

	/* expect_digest clears what it fills, so that it comes first. */
	if (owner_measurement_read(&v->launched, &err) || expect_digest(v, &err) ||
		expect_version(v, &err) || check_es(v, &err) ||
		owner_keys_read(&v->key_files, false, &v->keys, &err))
		return owner_error(OWNER_WRONG_USE, &err);
	status = gives_measurement(v, &v->expected) ? accept(v) : refuse(v);
	sev_wipe(&v->keys, sizeof(v->keys));
	return status;
}

static bool set_own(struct verify *v, int option, const char *value)
{
	switch (option) {
	case OPTION_DIGEST:
		v->digest = value;
		return true;
	case OPTION_MAJOR:
		v->api_major = value;
		return true;
	case OPTION_MINOR:
		v->api_minor = value;
		return true;
	case OPTION_BUILD:
		v->build_id = value;
		return true;
	case OPTION_POLICY:
		v->policy = value;
		return true;
	case OWNER_JSON:
		v->json = true;
		return true;
	default:
		return false;
	}
}

static enum owner_status run(int argc, char **argv)
{
	struct verify v = { 0 };
	int option;

	while ((option = owner_getopt(argc, argv, options, help)) != -1)
		if (!set_own(&v, option, optarg) && !owner_keys_set(&v.key_files, option, optarg) &&
			!owner_measurement_set(&v.launched, option, optarg) &&
			!owner_parts_set(&v.parts, option, optarg))
			return owner_end(option);
	if (optind < argc)
		return owner_fail(OWNER_WRONG_USE, "%s: verify takes options alone", argv[optind]);
	return do_verify(&v);
}

const struct owner_verb owner_verify = { "verify",
	"whether a measurement is that of the guest expected", run };
