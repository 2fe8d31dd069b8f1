/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sev-owner verify: whether a measurement is that of the guest that the owner expects. */
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
	struct owner_image image;
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
		return owner_parts_measure(&v->parts, &v->expected, &v->image, err);
	if (owner_parts_given(&v->parts))
		return sev_fail(err, "--digest=%s: beside files, legal: one of the two", v->digest);
	if (strlen(v->digest) != 64 || sev_unhex(v->digest, v->expected.launch_digest, 32))
		return sev_fail(
			err, "--digest=%s: not legal, legal: 64 hexadecimal digits", v->digest);
	return 0;
}

/* Files alone leave open how many vCPUs a SEV-ES guest has. */
static int check_es(const struct verify *v, struct sev_error *err)
{
	if (v->digest || !v->policy)
		return 0;
	return owner_check_es("--policy", v->expected.policy, v->image.vcpus.count, err);
}

/* --- telling --------------------------------------------------------------------------------- */

static void print_json(const struct verify *v, const struct owner_difference *d)
{
	struct json_object *object = json_object_new_object();
	const struct report *e = &v->expected;

	json_object_object_add(object, "verified", json_object_new_boolean(!d));
	owner_add_launch(object, e);
	if (d) {
		json_object_object_add(object, "differs", json_object_get(d->names));
		json_object_object_add(object, "reason", json_object_new_string(d->sentence));
	}
	owner_print_json(object);
}

static enum owner_status accept(const struct verify *v)
{
	char text[OWNER_LAUNCH_TEXT];

	owner_launch_text(&v->expected, text);
	if (v->json)
		print_json(v, NULL);
	else
		printf("measurement verifies: %s\n", text);
	return OWNER_OK;
}

static enum owner_status refuse(const struct verify *v, const struct owner_claim *claim)
{
	struct owner_difference d;

	owner_explain(claim, &d);
	if (v->json)
		print_json(v, &d);
	owner_fail(OWNER_REFUSED, "measurement does not verify: %s", d.sentence);
	owner_difference_free(&d);
	return OWNER_REFUSED;
}

static enum owner_status judge(const struct verify *v)
{
	struct owner_claim claim = {
		.tik = v->keys.tik,
		.measure = v->launched.measure,
		.mnonce = v->launched.mnonce,
		.expected = &v->expected,
		.image = v->digest ? NULL : &v->image,
		.report = v->launched.path ? &v->launched.report : NULL,
	};

	return owner_verifies(&claim) ? accept(v) : refuse(v, &claim);
}

static enum owner_status do_verify(struct verify *v)
{
	struct sev_error err;
	enum owner_status status;

	/* expect_digest clears what it fills, so that it comes first. */
	if (owner_measurement_read(&v->launched, &err) || expect_digest(v, &err) ||
		expect_version(v, &err) || check_es(v, &err) ||
		owner_keys_read(&v->key_files, false, &v->keys, &err))
		status = owner_error(OWNER_WRONG_USE, &err);
	else
		status = judge(v);
	owner_image_free(&v->image);
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
