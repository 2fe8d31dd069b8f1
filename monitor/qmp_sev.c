/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands about SEV (QEMU qapi/misc-i386.json): JSON and base64 here, the rest in the machine.
 */
#include <stdlib.h>
#include <string.h>

#include "monitor/qmp_commands.h"

/*
 * base64 of an argument that was checked, decoded as leniently as QEMU's decoder (GLib's) does it:
 * characters that are not base64 are skipped, padding may be missing. So garbage is no error but
 * nothing, which is for the machine to judge.
 */
static int decode(struct qmp_call *call, const char *name, struct sev_blob *out)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *text = qmp_string(call, name), *digit;
	uint32_t bits = 0;
	unsigned count = 0; /* of the bits that wait for a byte to be complete */

	out->size = 0;
	out->data = malloc(strlen(text) * 3 / 4 + 1);
	if (!out->data)
		return sev_fail(&call->err, "Parameter '%s': out of memory", name);
	for (; *text; text++) {
		if (*text == '=') /* ends a group: what is left of it is padding */
			count = 0;
		digit = strchr(alphabet, *text);
		if (!digit)
			continue;
		bits = bits << 6 | (uint32_t)(digit - alphabet);
		count += 6;
		if (count >= 8) {
			count -= 8;
			out->data[out->size++] = (uint8_t)(bits >> count);
		}
	}
	return 0;
}

static struct json_object *data_result(const void *data, size_t size)
{
	struct json_object *result = json_object_new_object();

	qmp_add_base64(result, "data", data, size);
	return result;
}

/* SEV that is off is no error. The numbers of plain SEV stand at the top level. */
struct json_object *qmp_query_sev(struct qmp_call *call)
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

struct json_object *qmp_query_sev_launch_measure(struct qmp_call *call)
{
	const struct monitor_machine *machine = call->qmp->config.machine;
	uint8_t data[MONITOR_MEASURE_SIZE];

	if (machine->sev_measure(machine->ctx, data, &call->err))
		return NULL;
	return data_result(data, sizeof(data));
}

struct json_object *qmp_query_sev_capabilities(struct qmp_call *call)
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

struct json_object *qmp_sev_inject_launch_secret(struct qmp_call *call)
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

struct json_object *qmp_query_sev_attestation_report(struct qmp_call *call)
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
