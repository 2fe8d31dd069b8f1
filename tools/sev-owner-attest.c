/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sev-owner attest: the owner's whole dialogue with a guest that waits: what it is, its
 * measurement, the secrets, and only then its first instruction.
 *
 * Nothing that the other end says is believed but what the measurement confirms; version and policy
 * are part of it.
 */
#include <ctype.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sev-owner-attest.h"

#define MAX_WAIT	3600
#define WAIT_DEFAULT	60
#define TIMEOUT_DEFAULT 60

enum {
	OPTION_QMP = OWNER_OWN,
	OPTION_DIGEST,
	OPTION_POLICY,
	OPTION_MIN_API,
	OPTION_CHAIN,
	OPTION_OWNER,
	OPTION_ROOT,
	OPTION_CHIP_ID,
	OPTION_GPA,
	OPTION_SEED,
	OPTION_WAIT,
	OPTION_TIMEOUT,
	OPTION_NO_CONT,
	OPTION_QUIT,
};

static const char help[] =
	"Usage: sev-owner attest --qmp PATH [OPTION]... [GUID=FILE]...\n"
	"Verify a guest that waits for its owner, send it secrets, and let it run.\n\n"
	"On a mismatch, says what differs and leaves the guest as it is: paused.\n\n"
	"  --qmp PATH           the UNIX socket of QMP\n"
	"  --tik FILE           the keys that `session` wrote;\n"
	"  --tek FILE           this one for secrets alone; or\n"
	"  --tk FILE            TEK and TIK, 32 bytes\n"
	"  --digest HEX         the launch digest to expect; or the files:\n" //
	OWNER_PARTS_HELP						      //
	"  --policy POLICY      the guest policy to expect; default: that of the launch, as the\n"
	"                       measurement confirms it\n"
	"  --min-api M.N[.B]    the oldest firmware that will do: API, and build\n"
	"  --report FILE        the host's launch report, to name the part that differs\n"
	"  --root FILE          demand of the platform's certificates that the ARK has this key;\n"
	"                       or `emulated`\n"
	"  --owner FILE         the same of the OCA\n"
	"  --chain FILE         further certificates, such as CEK, ASK and ARK; may be repeated\n"
	"  --chip-id HEX        demand that the platform says it is this chip\n"
	"  --gpa N              where secrets go; default: where the firmware says\n"
	"  --no-cont            leave the guest paused, with its secrets\n"
	"  --quit-on-failure    end the guest if it does not verify\n"
	"  --wait SECONDS       for socket and launch; default: 60\n"
	"  --timeout SECONDS    for each answer; default: 60\n"
	"  --seed HEX           for tests: choose the IV, which must never be used twice\n"
	"  --json               print JSON\n"
	"  --help               print this\n";

static const struct option options[] = {
	OWNER_TAKES("qmp", OPTION_QMP),
	OWNER_TIK_OPTIONS,
	OWNER_TEK_OPTIONS,
	OWNER_TAKES("digest", OPTION_DIGEST),
	OWNER_PARTS_OPTIONS,
	OWNER_TAKES("policy", OPTION_POLICY),
	OWNER_TAKES("min-api", OPTION_MIN_API),
	OWNER_TAKES("report", OWNER_REPORT),
	OWNER_TAKES("root", OPTION_ROOT),
	OWNER_TAKES("owner", OPTION_OWNER),
	OWNER_TAKES("chain", OPTION_CHAIN),
	OWNER_TAKES("chip-id", OPTION_CHIP_ID),
	OWNER_TAKES("gpa", OPTION_GPA),
	OWNER_FLAG("no-cont", OPTION_NO_CONT),
	OWNER_FLAG("quit-on-failure", OPTION_QUIT),
	OWNER_TAKES("wait", OPTION_WAIT),
	OWNER_TAKES("timeout", OPTION_TIMEOUT),
	OWNER_TAKES("seed", OPTION_SEED),
	OWNER_COMMON_OPTIONS,
	OWNER_END_OF_OPTIONS,
};

/* --- telling --------------------------------------------------------------------------------- */

static void print_json(const struct owner_attest *a)
{
	struct json_object *object = json_object_new_object();
	const struct owner_difference *d = &a->difference;

	owner_add_flag(object, "verified", a->verified);
	if (*a->state) {
		owner_add_text(object, "state", a->state);
		owner_add_number(object, "handle", a->handle);
		owner_add_launch(object, &a->expected);
	}
	if (a->launched.text)
		owner_add_text(object, "data", a->launched.text);
	owner_host_json(&a->host, object);
	owner_add_flag(object, "secret-injected", a->injected);
	owner_add_flag(object, "running", a->running);
	if (d->names)
		json_object_object_add(object, "differs", json_object_get(d->names));
	if (d->sentence)
		owner_add_text(object, "reason", d->sentence);
	owner_print_json(object);
}

/* --- what is expected ------------------------------------------------------------------------ */

static int read_seconds(const char *option, const char *text, uint64_t least, uint64_t *seconds,
	struct sev_error *err)
{
	if (!text || (!owner_number(option, text, MAX_WAIT, seconds, NULL) && *seconds >= least))
		return 0;
	return sev_fail(err, "%s=%s: not a legal number, legal: %u to %d", option, text,
		(unsigned)least, MAX_WAIT);
}

/* "1.51" or "1.51.3": digits, and up to two dots between them. */
static bool parse_version(const char *text, unsigned version[3])
{
	char *end;
	int fields = 0;

	do {
		if (fields == 3 || !isdigit((unsigned char)*text))
			return false;
		version[fields] = (unsigned)strtoul(text, &end, 10);
		if (end - text > 3 || version[fields++] > UINT8_MAX)
			return false;
		text = end + 1;
	} while (*end == '.');
	return !*end && fields > 1;
}

static int read_min_api(struct owner_attest *a, struct sev_error *err)
{
	if (!a->min_api || parse_version(a->min_api, a->min))
		return 0;
	return sev_fail(err,
		"--min-api=%s: not legal, legal: MAJOR.MINOR or MAJOR.MINOR.BUILD, each up to 255",
		a->min_api);
}

static int read_digest(struct owner_attest *a, struct sev_error *err)
{
	if (!a->digest && !owner_parts_given(&a->parts))
		return sev_fail(err, "nothing to compare with, legal: --digest=HEX, or "
				     "--firmware=FILE and so on");
	if (!a->digest)
		return owner_parts_measure(&a->parts, &a->expected, &a->image, err);
	if (owner_parts_given(&a->parts))
		return sev_fail(err, "--digest=%s: beside files, legal: one of the two", a->digest);
	if (strlen(a->digest) != 64 || sev_unhex(a->digest, a->expected.launch_digest, 32))
		return sev_fail(
			err, "--digest=%s: not legal, legal: 64 hexadecimal digits", a->digest);
	return 0;
}

static int read_policy(struct owner_attest *a, struct sev_error *err)
{
	if (!a->policy_text)
		return 0;
	if (owner_policy("--policy", a->policy_text, &a->policy, err))
		return -1;
	return a->digest ? 0 : owner_check_es("--policy", a->policy, a->image.vcpus.count, err);
}

/* Everything that can be wrong is found before the platform hears a word. */
static int read_options(struct owner_attest *a, struct sev_error *err)
{
	if (!a->path)
		return sev_fail(err, "--qmp is missing, legal: --qmp=PATH of the socket");
	if (a->gpa_text && !a->count)
		return sev_fail(
			err, "--gpa=%s: without a secret, legal: with GUID=FILE", a->gpa_text);
	if (read_seconds("--wait", a->wait_text, 0, &a->wait, err) ||
		read_seconds("--timeout", a->timeout_text, 1, &a->timeout, err) ||
		read_min_api(a, err) ||
		(a->gpa_text && owner_number("--gpa", a->gpa_text, UINT64_MAX, &a->gpa, err)) ||
		owner_keys_read(&a->key_files, a->count > 0, &a->keys, err) ||
		read_digest(a, err) || read_policy(a, err) || owner_host_read(&a->host, err))
		return -1;
	return a->count ? owner_secret_table(a->entries, a->count, &a->table, err) : 0;
}

/* --------------------------------------------------------------------------------------------- */

static void print_text(const struct owner_attest *a)
{
	char text[OWNER_LAUNCH_TEXT];

	owner_launch_text(&a->expected, text);
	printf("measurement verifies: %s\n", text);
	owner_host_print(&a->host);
	if (a->count)
		printf("secrets: %zu, injected\n", a->count);
	puts(a->running ? "guest: runs" : "guest: paused");
}

static const char *what_became(const struct owner_attest *a)
{
	if (a->ended)
		return "; the guest is ended";
	return a->qmp ? "; the guest is left as it is" : "";
}

static enum owner_status do_attest(struct owner_attest *a)
{
	enum owner_status status = OWNER_WRONG_USE;

	if (!read_options(a, &a->err))
		status = owner_converse(a);
	if (a->json && (status == OWNER_OK || a->qmp))
		print_json(a);
	if (status == OWNER_REFUSED)
		owner_fail(status, "the guest does not verify: %s%s", a->difference.sentence,
			what_became(a));
	else if (status != OWNER_OK)
		owner_fail(status, "%s%s", a->err.text, what_became(a));
	else if (!a->json)
		print_text(a);
	owner_difference_free(&a->difference);
	owner_image_free(&a->image);
	owner_wipe_blob(&a->table);
	sev_wipe(&a->keys, sizeof(a->keys));
	free((char *)a->launched.text);
	free(a);
	return status;
}

static bool set_own(struct owner_attest *a, int option, const char *value)
{
	const struct owner_text texts[] = {
		{ OPTION_QMP, &a->path },
		{ OPTION_DIGEST, &a->digest },
		{ OPTION_POLICY, &a->policy_text },
		{ OPTION_MIN_API, &a->min_api },
		{ OWNER_REPORT, &a->report },
		{ OPTION_OWNER, &a->host.demand.owner },
		{ OPTION_ROOT, &a->host.demand.root },
		{ OPTION_CHIP_ID, &a->host.chip_id },
		{ OPTION_GPA, &a->gpa_text },
		{ OPTION_SEED, &a->seed },
		{ OPTION_WAIT, &a->wait_text },
		{ OPTION_TIMEOUT, &a->timeout_text },
		{ 0, NULL },
	};

	switch (option) {
	case OPTION_CHAIN:
		return owner_host_add(&a->host, value);
	case OPTION_NO_CONT:
		return a->no_cont = true;
	case OPTION_QUIT:
		return a->quit = true;
	case OWNER_JSON:
		return a->json = true;
	default:
		return owner_text_set(texts, option, value);
	}
}

static enum owner_status run(int argc, char **argv)
{
	struct owner_attest *a = calloc(1, sizeof(*a));
	int option;

	if (!a)
		return owner_fail(OWNER_WRONG_USE, "attest: out of memory");
	a->wait = WAIT_DEFAULT;
	a->timeout = TIMEOUT_DEFAULT;
	while ((option = owner_getopt(argc, argv, options, help)) != -1) {
		if (!set_own(a, option, optarg) && !owner_keys_set(&a->key_files, option, optarg) &&
			!owner_parts_set(&a->parts, option, optarg)) {
			free(a);
			return owner_end(option);
		}
	}
	a->entries = argv + optind;
	a->count = (size_t)(argc - optind);
	return do_attest(a);
}

const struct owner_verb owner_attest = { "attest",
	"verify a guest that waits, send it secrets, let it run", run };
