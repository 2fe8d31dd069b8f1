/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands about SEV (QEMU qapi/misc-i386.json): JSON and base64 here, the rest in the machine.
 */
#include "monitor/qmp_base64.h"
#include "monitor/qmp_commands.h"

/* base64 of an argument that was checked; garbage gives nothing, which is for the machine to judge.
 */
static int decode(struct qmp_call *call, const char *name, struct sev_blob *out)
{
	if (qmp_unbase64(qmp_string(call, name), out))
		return sev_fail(&call->err, "Parameter '%s': out of memory", name);
	return 0;
}

static struct json_object *data_result(const void *data, size_t size)
{
	struct json_object *result = json_object_new_object();

	qmp_add_base64(result, "data", data, size);
	return result;
}

/* SEV that is off is no error. The numbers of plain SEV stand at the top level. */
static struct json_object *query_sev(struct qmp_call *call)
{
	const struct monitor_machine *machine = call->qmp->config.machine;
	struct monitor_sev_info info = { .state = "uninit" };
	struct json_object *result;

	if (machine->sev_info(machine->ctx, &info, &call->err))
		return NULL;
	result = json_object_new_object();
	qmp_add_bool(result, "enabled", info.enabled);
	qmp_add_int(result, "api-minor", info.api_minor);
	qmp_add_int(result, "handle", info.handle);
	qmp_add_string(result, "state", info.state);
	qmp_add_int(result, "api-major", info.api_major);
	qmp_add_string(result, "sev-type", "sev");
	qmp_add_int(result, "build-id", info.build_id);
	qmp_add_int(result, "policy", info.policy);
	return result;
}

static struct json_object *query_sev_launch_measure(struct qmp_call *call)
{
	const struct monitor_machine *machine = call->qmp->config.machine;
	uint8_t data[MONITOR_MEASURE_SIZE];

	if (machine->sev_measure(machine->ctx, data, &call->err))
		return NULL;
	return data_result(data, sizeof(data));
}

static struct json_object *query_sev_capabilities(struct qmp_call *call)
{
	const struct monitor_machine *machine = call->qmp->config.machine;
	struct monitor_sev_capabilities cap = { 0 };
	struct json_object *result;

	if (machine->sev_capabilities(machine->ctx, &cap, &call->err))
		return NULL;
	result = json_object_new_object();
	qmp_add_base64(result, "pdh", cap.pdh.data, cap.pdh.size);
	qmp_add_base64(result, "cert-chain", cap.cert_chain.data, cap.cert_chain.size);
	qmp_add_base64(result, "cpu0-id", cap.cpu0_id.data, cap.cpu0_id.size);
	qmp_add_int(result, "cbitpos", cap.cbitpos);
	qmp_add_int(result, "reduced-phys-bits", cap.reduced_phys_bits);
	sev_blob_free(&cap.pdh);
	sev_blob_free(&cap.cert_chain);
	sev_blob_free(&cap.cpu0_id);
	return result;
}

static struct json_object *sev_inject_launch_secret(struct qmp_call *call)
{
	const struct monitor_machine *machine = call->qmp->config.machine;
	struct sev_blob header = { 0 }, secret = { 0 };
	uint64_t gpa;
	bool has_gpa = qmp_uint64(call, "gpa", &gpa);
	bool done = decode(call, "packet-header", &header) == 0 &&
		    decode(call, "secret", &secret) == 0 &&
		    machine->sev_inject(
			    machine->ctx, &header, &secret, has_gpa ? &gpa : NULL, &call->err) == 0;

	sev_blob_free(&header);
	sev_blob_free(&secret);
	return done ? qmp_nothing() : NULL;
}

static struct json_object *query_sev_attestation_report(struct qmp_call *call)
{
	const struct monitor_machine *machine = call->qmp->config.machine;
	struct sev_blob mnonce = { 0 }, report = { 0 };
	struct json_object *result = NULL;

	if (decode(call, "mnonce", &mnonce) == 0 &&
		machine->sev_attestation(machine->ctx, &mnonce, &report, &call->err) == 0)
		result = data_result(report.data, report.size);
	sev_blob_free(&mnonce);
	sev_blob_free(&report);
	return result;
}

const struct qmp_command qmp_sev_commands[] = {
	{ "query-sev", query_sev, {} },
	{ "query-sev-launch-measure", query_sev_launch_measure, {} },
	{ "query-sev-capabilities", query_sev_capabilities, {} },
	{ "sev-inject-launch-secret", sev_inject_launch_secret,
		{ { "packet-header", QMP_STRING, false }, { "secret", QMP_STRING, false },
			{ "gpa", QMP_UINT64, true } } },
	{ "query-sev-attestation-report", query_sev_attestation_report,
		{ { "mnonce", QMP_STRING, false } } },
	{},
};
