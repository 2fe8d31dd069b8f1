/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sev-owner attest: the owner's whole dialogue with a guest that waits: what it is, its
 * measurement, the secrets, and only then its first instruction.
 *
 * Nothing that the other end says is believed but what the measurement confirms; version and policy
 * are part of it.
 */
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sev-owner-qmp.h"
#include "tools/sev-owner.h"

#define MAX_WAIT	3600
#define POLL_MS		200
#define QUIET_MS	2000  /* waiting shorter than this is not worth a line */
#define PROGRESS_MS	10000 /* between one line and the next */
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

struct attest {
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

/* --- telling --------------------------------------------------------------------------------- */

static void tell_waiting(void *ctx, const char *what)
{
	struct attest *a = ctx;
	int64_t now = owner_now_ms();

	if (now - a->started < QUIET_MS || (a->told && now - a->told < PROGRESS_MS))
		return;
	a->told = now;
	fprintf(stderr, "sev-owner: waiting for %s (%lld s)\n", what,
		(long long)(now - a->started) / 1000);
}

static void print_json(const struct attest *a)
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

/* What does not verify: one name, and why. */
static enum owner_status differs(struct attest *a, const char *name, const char *sentence)
{
	a->difference.names = json_object_new_array();
	json_object_array_add(a->difference.names, json_object_new_string(name));
	a->difference.sentence = strdup(sentence);
	sev_fail(&a->err, "the guest does not verify: %s", sentence);
	return OWNER_REFUSED;
}

/* --- what is expected ------------------------------------------------------------------------ */

static int read_seconds(const char *option, const char *text, uint64_t fallback, uint64_t *out,
	struct sev_error *err)
{
	*out = fallback;
	return text && owner_number(option, text, MAX_WAIT, out, err) ? -1 : 0;
}

/* "1.51" or "1.51.3". */
static int read_min_api(struct attest *a, struct sev_error *err)
{
	char end;
	int fields;

	if (!a->min_api)
		return 0;
	fields = sscanf(a->min_api, "%3u.%3u.%3u%c", &a->min[0], &a->min[1], &a->min[2], &end);
	if ((fields != 3 && (fields != 2 || a->min_api[strspn(a->min_api, "0123456789.")] ||
				    strchr(strchr(a->min_api, '.') + 1, '.'))) ||
		a->min[0] > UINT8_MAX || a->min[1] > UINT8_MAX || a->min[2] > UINT8_MAX)
		return sev_fail(err,
			"--min-api=%s: not legal, legal: MAJOR.MINOR or MAJOR.MINOR.BUILD, each up "
			"to 255",
			a->min_api);
	return 0;
}

static int read_digest(struct attest *a, struct sev_error *err)
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

static int read_policy(struct attest *a, struct sev_error *err)
{
	if (!a->policy_text)
		return 0;
	if (owner_policy("--policy", a->policy_text, &a->policy, err))
		return -1;
	return a->digest ? 0 : owner_check_es("--policy", a->policy, a->image.vcpus.count, err);
}

/* Everything that can be wrong is found before the platform hears a word. */
static int read_options(struct attest *a, struct sev_error *err)
{
	if (!a->path)
		return sev_fail(err, "--qmp is missing, legal: --qmp=PATH of the socket");
	if (a->gpa_text && !a->count)
		return sev_fail(
			err, "--gpa=%s: without a secret, legal: with GUID=FILE", a->gpa_text);
	if (read_seconds("--wait", a->wait_text, WAIT_DEFAULT, &a->wait, err) ||
		read_seconds("--timeout", a->timeout_text, TIMEOUT_DEFAULT, &a->timeout, err) ||
		read_min_api(a, err) ||
		(a->gpa_text && owner_number("--gpa", a->gpa_text, UINT64_MAX, &a->gpa, err)) ||
		owner_keys_read(&a->key_files, a->count > 0, &a->keys, err) ||
		read_digest(a, err) || read_policy(a, err) || owner_host_read(&a->host, err))
		return -1;
	return a->count ? owner_secret_table(a->entries, a->count, &a->table, err) : 0;
}

/* --- the dialogue ---------------------------------------------------------------------------- */

static enum owner_status ask(struct attest *a, const char *command, struct json_object *arguments,
	struct json_object **value)
{
	return owner_qmp_call(a->qmp, command, arguments, value, &a->err) ? OWNER_NO_DIALOGUE
									  : OWNER_OK;
}

static enum owner_status incomprehensible(struct attest *a, const char *command, const char *name)
{
	sev_fail(&a->err, "--qmp=%s: %s: the answer has no \"%s\" as QMP has it", a->path, command,
		name);
	return OWNER_NO_DIALOGUE;
}

static bool number_member(
	struct json_object *object, const char *name, uint64_t max, uint64_t *number)
{
	struct json_object *value;
	int64_t given;

	if (!json_object_object_get_ex(object, name, &value) ||
		!json_object_is_type(value, json_type_int))
		return false;
	given = json_object_get_int64(value);
	*number = (uint64_t)given;
	return given >= 0 && *number <= max;
}

static const char *text_member(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value) ||
		!json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

/* Version and policy, as the host has it. */
static enum owner_status take_info(struct attest *a, struct json_object *info)
{
	static const char command[] = "query-sev";
	uint64_t major, minor, build, policy;

	if (!number_member(info, "api-major", UINT8_MAX, &major))
		return incomprehensible(a, command, "api-major");
	if (!number_member(info, "api-minor", UINT8_MAX, &minor))
		return incomprehensible(a, command, "api-minor");
	if (!number_member(info, "build-id", UINT8_MAX, &build))
		return incomprehensible(a, command, "build-id");
	if (!number_member(info, "policy", UINT32_MAX, &policy))
		return incomprehensible(a, command, "policy");
	if (!number_member(info, "handle", UINT32_MAX, &a->handle))
		return incomprehensible(a, command, "handle");
	a->expected.api_major = (uint8_t)major;
	a->expected.api_minor = (uint8_t)minor;
	a->expected.build_id = (uint8_t)build;
	a->expected.policy = (uint32_t)policy;
	return OWNER_OK;
}

/* One look; OWNER_OK with a->state set, whatever it is. */
static enum owner_status query_sev(struct attest *a)
{
	struct json_object *info = NULL, *enabled;
	enum owner_status status = ask(a, "query-sev", NULL, &info);
	const char *type, *state;

	if (status != OWNER_OK)
		return status;
	type = text_member(info, "sev-type"); /* QEMU before 9.1 has no such member */
	state = text_member(info, "state");
	if (!json_object_object_get_ex(info, "enabled", &enabled))
		status = incomprehensible(a, "query-sev", "enabled");
	else if (!json_object_get_boolean(enabled))
		status = differs(a, "type", "it is no SEV guest");
	else if (type && strcmp(type, "sev"))
		status = differs(a, "type", "it is a SEV-SNP guest, whose owner asks itself");
	else if (!state)
		status = incomprehensible(a, "query-sev", "state");
	else
		status = take_info(a, info);
	if (status == OWNER_OK)
		snprintf(a->state, sizeof(a->state), "%s", state);
	json_object_put(info);
	return status;
}

/* Until the guest is measured and waits. */
static enum owner_status await_launch(struct attest *a)
{
	int64_t deadline = a->started + (int64_t)a->wait * 1000;
	enum owner_status status;

	while ((status = query_sev(a)) == OWNER_OK) {
		if (!strcmp(a->state, "launch-secret"))
			return OWNER_OK;
		if (strcmp(a->state, "uninit") && strcmp(a->state, "launch-update"))
			return differs(a, "state",
				"it is not paused before its first instruction: it runs, or did "
				"(`sev-owner verify` can still judge its measurement)");
		if (owner_now_ms() >= deadline) {
			sev_fail(&a->err,
				"--qmp=%s: the guest is in state %s instead of launch-secret, "
				"after %llu s",
				a->path, a->state, (unsigned long long)a->wait);
			return OWNER_NO_DIALOGUE;
		}
		tell_waiting(a, "the guest to be launched");
		poll(NULL, 0, POLL_MS);
	}
	return status;
}

static enum owner_status check_platform(struct attest *a)
{
	struct json_object *capabilities = NULL;
	enum owner_status status;

	if (!owner_host_demanded(&a->host))
		return OWNER_OK;
	status = ask(a, "query-sev-capabilities", NULL, &capabilities);
	if (status == OWNER_OK) {
		const char *pdh = text_member(capabilities, "pdh");
		const char *chain = text_member(capabilities, "cert-chain");

		if (!pdh || !chain)
			status = incomprehensible(
				a, "query-sev-capabilities", pdh ? "cert-chain" : "pdh");
		else
			status = owner_host_judge(&a->host, pdh, chain,
				text_member(capabilities, "cpu0-id"), &a->err);
		if (status == OWNER_REFUSED) {
			struct sev_error why = a->err;

			status = differs(a, "platform", why.text);
		}
	}
	json_object_put(capabilities);
	return status;
}

/* Firmware older than demanded: the measurement confirms what the host says of it. */
static bool too_old(const struct attest *a)
{
	const unsigned given[3] = { a->expected.api_major, a->expected.api_minor,
		a->expected.build_id };

	for (int i = 0; i < 3; i++)
		if (given[i] != a->min[i])
			return given[i] < a->min[i];
	return false;
}

/* A report is for whoever wants to know more: it must be of this launch. */
static enum owner_status read_report(struct attest *a)
{
	struct owner_measurement *m = &a->launched;

	if (!a->report)
		return OWNER_OK;
	if (report_read(a->report, &m->report, &a->err))
		return OWNER_WRONG_USE;
	if (!memcmp(m->measure, m->report.measurement, 32) &&
		!memcmp(m->mnonce, m->report.mnonce, 16))
		return OWNER_OK;
	sev_fail(&a->err, "--report=%s: of another launch, legal: the report of this one",
		a->report);
	return OWNER_WRONG_USE;
}

static enum owner_status get_measurement(struct attest *a)
{
	static const char command[] = "query-sev-launch-measure";
	struct json_object *answer = NULL;
	enum owner_status status = ask(a, command, NULL, &answer);
	const char *data;
	struct sev_error why;

	if (status != OWNER_OK)
		return status;
	data = text_member(answer, "data");
	a->launched.text = data ? strdup(data) : NULL;
	json_object_put(answer);
	if (!a->launched.text || owner_measurement_read(&a->launched, &why))
		return incomprehensible(a, command, "data");
	return read_report(a);
}

static enum owner_status explain(struct attest *a, const struct owner_claim *claim)
{
	owner_explain(claim, &a->difference);
	sev_fail(&a->err, "the guest does not verify: %.450s", a->difference.sentence);
	return OWNER_REFUSED;
}

static enum owner_status verify(struct attest *a)
{
	uint32_t claimed = a->expected.policy;
	struct owner_claim claim = {
		.tik = a->keys.tik,
		.measure = a->launched.measure,
		.mnonce = a->launched.mnonce,
		.expected = &a->expected,
		.image = a->digest ? NULL : &a->image,
		.report = a->report ? &a->launched.report : NULL,
		.policy = &claimed,
	};
	char text[160];

	if (a->policy_text)
		a->expected.policy = a->policy;
	if (!owner_verifies(&claim))
		return explain(a, &claim);
	if (too_old(a)) {
		snprintf(text, sizeof(text),
			"api differs: expected %s or newer, launched by %u.%u.%u", a->min_api,
			a->expected.api_major, a->expected.api_minor, a->expected.build_id);
		return differs(a, "api", text);
	}
	a->verified = true;
	return OWNER_OK;
}

static enum owner_status inject(struct attest *a)
{
	struct owner_packet packet = { NULL, NULL };
	struct json_object *arguments;
	enum owner_status status;

	if (!a->count)
		return OWNER_OK;
	if (owner_secret_seal(
		    &a->table, &a->keys, a->launched.measure, 0, a->seed, &packet, &a->err))
		return OWNER_WRONG_USE;
	arguments = json_object_new_object();
	owner_add_text(arguments, "packet-header", packet.header);
	owner_add_text(arguments, "secret", packet.payload);
	if (a->gpa_text)
		json_object_object_add(arguments, "gpa", json_object_new_uint64(a->gpa));
	owner_packet_free(&packet);
	status = ask(a, "sev-inject-launch-secret", arguments, NULL);
	a->injected = status == OWNER_OK;
	return status;
}

static enum owner_status let_run(struct attest *a)
{
	enum owner_status status = a->no_cont ? OWNER_OK : ask(a, "cont", NULL, NULL);

	a->running = !a->no_cont && status == OWNER_OK;
	return status;
}

/* The answer may be lost, as the other end goes away. */
static void end_guest(struct attest *a)
{
	struct sev_error why;

	a->ended = owner_qmp_call(a->qmp, "quit", NULL, NULL, &why) != OWNER_QMP_REFUSED;
}

static enum owner_status converse(struct attest *a)
{
	const struct owner_qmp_config config = { a->path, (unsigned)a->wait * 1000,
		(unsigned)a->timeout * 1000, tell_waiting, a };
	enum owner_status status;

	a->started = owner_now_ms();
	a->qmp = owner_qmp_open(&config, &a->err);
	if (!a->qmp)
		return OWNER_NO_DIALOGUE;
	(void)((status = await_launch(a)) || (status = check_platform(a)) ||
		(status = get_measurement(a)) || (status = verify(a)) || (status = inject(a)) ||
		(status = let_run(a)));
	if (status == OWNER_REFUSED && a->quit)
		end_guest(a);
	owner_qmp_close(a->qmp);
	return status;
}

/* --------------------------------------------------------------------------------------------- */

static void print_text(const struct attest *a)
{
	char text[OWNER_LAUNCH_TEXT];

	owner_launch_text(&a->expected, text);
	printf("measurement verifies: %s\n", text);
	owner_host_print(&a->host);
	if (a->count)
		printf("secrets: %zu, injected\n", a->count);
	puts(a->running ? "guest: runs" : "guest: paused");
}

static const char *what_became(const struct attest *a)
{
	if (a->ended)
		return "; the guest is ended";
	return a->qmp ? "; the guest is left as it is" : "";
}

static enum owner_status do_attest(struct attest *a)
{
	enum owner_status status = OWNER_WRONG_USE;

	if (!read_options(a, &a->err))
		status = converse(a);
	if (a->json && (status == OWNER_OK || a->qmp))
		print_json(a);
	if (status != OWNER_OK)
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

static bool set_own(struct attest *a, int option, const char *value)
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
	struct attest *a = calloc(1, sizeof(*a));
	int option;

	if (!a)
		return owner_fail(OWNER_WRONG_USE, "attest: out of memory");
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
