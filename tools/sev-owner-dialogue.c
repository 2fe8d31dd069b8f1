/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/sev-owner-attest.h"

#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLL_MS	    200
#define QUIET_MS    2000  /* waiting shorter than this is not worth a line */
#define PROGRESS_MS 10000 /* between one line and the next */

static void tell_waiting(void *ctx, const char *what)
{
	struct owner_attest *a = ctx;
	int64_t now = owner_now_ms();

	if (now - a->started < QUIET_MS || (a->told && now - a->told < PROGRESS_MS))
		return;
	a->told = now;
	fprintf(stderr, "sev-owner: waiting for %s (%lld s)\n", what,
		(long long)(now - a->started) / 1000);
}

/* What does not verify: one name, and why. */
static enum owner_status differs(struct owner_attest *a, const char *name, const char *sentence)
{
	a->difference.names = json_object_new_array();
	json_object_array_add(a->difference.names, json_object_new_string(name));
	a->difference.sentence = strdup(sentence);
	return OWNER_REFUSED;
}

static enum owner_status ask(struct owner_attest *a, const char *command,
	struct json_object *arguments, struct json_object **value)
{
	return owner_qmp_call(a->qmp, command, arguments, value, &a->err) ? OWNER_NO_DIALOGUE
									  : OWNER_OK;
}

static enum owner_status incomprehensible(
	struct owner_attest *a, const char *command, const char *name)
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
static enum owner_status take_info(struct owner_attest *a, struct json_object *info)
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
static enum owner_status query_sev(struct owner_attest *a)
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
static enum owner_status await_launch(struct owner_attest *a)
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

static enum owner_status check_platform(struct owner_attest *a)
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
static bool too_old(const struct owner_attest *a)
{
	const unsigned given[3] = { a->expected.api_major, a->expected.api_minor,
		a->expected.build_id };

	for (int i = 0; i < 3; i++)
		if (given[i] != a->min[i])
			return given[i] < a->min[i];
	return false;
}

/* A report is for whoever wants to know more: it must be of this launch. */
static enum owner_status read_report(struct owner_attest *a)
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

static enum owner_status get_measurement(struct owner_attest *a)
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

static enum owner_status explain(struct owner_attest *a, const struct owner_claim *claim)
{
	owner_explain(claim, &a->difference);
	return OWNER_REFUSED;
}

static enum owner_status verify(struct owner_attest *a)
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

static enum owner_status inject(struct owner_attest *a)
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

static enum owner_status let_run(struct owner_attest *a)
{
	enum owner_status status = a->no_cont ? OWNER_OK : ask(a, "cont", NULL, NULL);

	a->running = !a->no_cont && status == OWNER_OK;
	return status;
}

/* The answer may be lost, as the other end goes away. */
static void end_guest(struct owner_attest *a)
{
	struct sev_error why;

	a->ended = owner_qmp_call(a->qmp, "quit", NULL, NULL, &why) != OWNER_QMP_REFUSED;
}

enum owner_status owner_converse(struct owner_attest *a)
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
