/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor/capabilities.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bios/sev_options.h"
#include "cpu/cpu_model.h"
#include "iodev/psp/psp.h"
#include "memory/memory.h"
#include "monitor/qmp_commands.h"
#include "monitor/sev_host.h"

/* --- asking ---------------------------------------------------------------------------------- */

static int get_version(struct capabilities *cap, const struct psp_host *host, struct sev_error *err)
{
	struct psp_platform_status status = { 0 };
	uint16_t failed = psp_host_command(host, PSP_CMD_PLATFORM_STATUS, &status, sizeof(status));

	if (failed)
		return sev_fail(err, "PLATFORM_STATUS: %s", psp_status_name(failed));
	cap->api_major = status.api_major;
	cap->api_minor = status.api_minor;
	cap->build_id = status.build;
	return 0;
}

static int ask(struct capabilities *cap, const struct sev_host *host, struct sev_error *err)
{
	if (get_version(cap, &host->mailbox, err) < 0)
		return -1;
	return cap->has_chip ? sev_host_capabilities(host, &cap->sev, err) : 0;
}

/* A chip that has no other memory than the window for its commands. */
static int with_chip(struct capabilities *cap, const char *state, struct sevmem *memory,
	uint8_t *window, struct sev_error *err)
{
	const struct psp_config config = {
		.memory = memory,
		.max_asid = SEV_CPU_MAX_ASID,
		.min_sev_asid = SEV_CPU_MIN_ASID,
		.cores = 1,
		.state_dir = state,
	};
	struct sev_host host = {
		.cbitpos = cap->sev.cbitpos,
		.reduced_phys_bits = cap->sev.reduced_phys_bits,
		.mailbox = { .memory = memory },
	};
	int result;

	if (sevmem_add_flat(memory, 0, PSP_HOST_WINDOW, window) < 0)
		return sev_fail(err, "%s: no memory for commands", CAPABILITIES_OPTION);
	host.mailbox.psp = psp_new(&config, err);
	if (!host.mailbox.psp)
		return -1;
	result = ask(cap, &host, err);
	psp_free(host.mailbox.psp);
	return result;
}

int capabilities_get(struct capabilities *cap, const char *state, struct sev_error *err)
{
	struct sevmem *memory = sevmem_new();
	uint8_t *window = aligned_alloc(SEVMEM_PAGE, PSP_HOST_WINDOW);
	struct sev_options defaults;
	int result;

	sev_options_init(&defaults);
	*cap = (struct capabilities) {
		.has_chip = state != NULL,
		.sev = { .cbitpos = (unsigned)defaults.cbitpos,
			.reduced_phys_bits = (unsigned)defaults.reduced_phys_bits },
	};
	if (memory && window)
		result = with_chip(cap, state, memory, memset(window, 0, PSP_HOST_WINDOW), err);
	else
		result = sev_fail(err, "%s: out of memory", CAPABILITIES_OPTION);
	sevmem_free(memory);
	free(window);
	return result;
}

void capabilities_free(struct capabilities *cap)
{
	sev_blob_free(&cap->sev.pdh);
	sev_blob_free(&cap->sev.cert_chain);
	sev_blob_free(&cap->sev.cpu0_id);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static const char *const types[] = { "sev", "sev-es", "sev-snp" };

static struct json_object *types_json(void)
{
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		qmp_add_bool(object, types[i], sev_options_offer(types[i]));
	return object;
}

static struct json_object *range_json(int64_t min, int64_t max)
{
	struct json_object *object = json_object_new_object();

	qmp_add_int(object, "min", min);
	qmp_add_int(object, "max", max);
	return object;
}

static void add_policy_bit(struct json_object *array, const char *name, uint32_t mask)
{
	struct json_object *object = json_object_new_object();

	qmp_add_string(object, "name", name);
	qmp_add_int(object, "bit", __builtin_ctz(mask));
	qmp_add_bool(object, "supported", mask != PSP_POLICY_ES || sev_options_offer("sev-es"));
	json_object_array_add(array, object);
}

static struct json_object *policy_json(void)
{
	struct json_object *object = json_object_new_object();
	struct json_object *bits = json_object_new_array();
	struct sev_options defaults;

	sev_options_init(&defaults);
#define X(name) add_policy_bit(bits, #name, PSP_POLICY_##name);
	PSP_POLICIES(X)
#undef X
	qmp_add_int(object, "default", (int64_t)defaults.policy);
	qmp_add(object, "bits", bits);
	qmp_add_int(object, "api-major-shift", PSP_POLICY_API_MAJOR);
	qmp_add_int(object, "api-minor-shift", PSP_POLICY_API_MINOR);
	return object;
}

/* Total number, and the first of guests without SEV-ES, as in CPUID 8000_001F. */
static struct json_object *asids_json(void)
{
	struct json_object *object = json_object_new_object();

	qmp_add_int(object, "max", SEV_CPU_MAX_ASID);
	qmp_add_int(object, "min-sev", SEV_CPU_MIN_ASID);
	return object;
}

static void add_command(struct json_object *array, uint32_t id, const char *name)
{
	struct json_object *object = json_object_new_object();

	qmp_add_string(object, "name", name);
	qmp_add_int(object, "id", id);
	qmp_add_bool(object, "supported", psp_command_supported(id));
	json_object_array_add(array, object);
}

static struct json_object *commands_json(void)
{
	struct json_object *array = json_object_new_array();

#define X(id, name) add_command(array, id, #name);
	PSP_COMMANDS(X)
#undef X
	return array;
}

static void add_chip(struct json_object *object, const struct monitor_sev_capabilities *sev)
{
	qmp_add_base64(object, "pdh", sev->pdh.data, sev->pdh.size);
	qmp_add_base64(object, "cert-chain", sev->cert_chain.data, sev->cert_chain.size);
	qmp_add_base64(object, "cpu0-id", sev->cpu0_id.data, sev->cpu0_id.size);
}

/* Takes the object. */
static char *text_of(struct json_object *object)
{
	char *text;

	if (asprintf(&text, "%s\n",
		    json_object_to_json_string_ext(
			    object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE)) < 0)
		text = NULL;
	json_object_put(object);
	return text;
}

char *capabilities_json(const struct capabilities *cap)
{
	struct json_object *object = json_object_new_object();

	qmp_add_string(object, "emulated", "EMULATED - NOT AMD");
	qmp_add(object, "types", types_json());
	qmp_add_int(object, "cbitpos", cap->sev.cbitpos);
	qmp_add(object, "cbitpos-range", range_json(SEV_CBITPOS_MIN, SEV_CBITPOS_MAX));
	qmp_add_int(object, "reduced-phys-bits", cap->sev.reduced_phys_bits);
	qmp_add(object, "reduced-phys-bits-range",
		range_json(SEV_REDUCED_PHYS_BITS_MIN, SEV_REDUCED_PHYS_BITS_MAX));
	qmp_add_int(object, "api-major", cap->api_major);
	qmp_add_int(object, "api-minor", cap->api_minor);
	qmp_add_int(object, "build-id", cap->build_id);
	qmp_add(object, "policy", policy_json());
	qmp_add(object, "asids", asids_json());
	qmp_add(object, "commands", commands_json());
	if (cap->has_chip)
		add_chip(object, &cap->sev);
	else
		qmp_add_string(object, "note",
			"pdh, cert-chain and cpu0-id are a chip's: add --state DIR, the directory "
			"of psp: state=DIR");
	return text_of(object);
}

/* --- what libvirt and Proxmox read ----------------------------------------------------------- */

/* Numbers and base64: nothing in it has to be escaped. */
char *capabilities_libvirt(const struct capabilities *cap)
{
	char *id = NULL, *text = NULL;
	bool es = sev_options_offer("sev-es");

	if (cap->has_chip && !(id = sev_base64(cap->sev.cpu0_id.data, cap->sev.cpu0_id.size)))
		return NULL;
	if (asprintf(&text,
		    "<sev supported='yes'>\n"
		    "  <cbitpos>%u</cbitpos>\n"
		    "  <reducedPhysBits>%u</reducedPhysBits>\n"
		    "  <maxGuests>%d</maxGuests>\n"
		    "  <maxESGuests>%d</maxESGuests>\n"
		    "%s%s%s"
		    "</sev>\n",
		    cap->sev.cbitpos, cap->sev.reduced_phys_bits,
		    SEV_CPU_MAX_ASID - SEV_CPU_MIN_ASID + 1, es ? SEV_CPU_MIN_ASID - 1 : 0,
		    id ? "  <cpu0Id>" : "", id ? id : "", id ? "</cpu0Id>\n" : "") < 0)
		text = NULL;
	free(id);
	return text;
}

char *capabilities_proxmox(const struct capabilities *cap)
{
	struct json_object *object = json_object_new_object();
	struct json_object *sev = json_object_new_object();

	qmp_add_int(sev, "cbitpos", cap->sev.cbitpos);
	qmp_add_int(sev, "reduced-phys-bits", cap->sev.reduced_phys_bits);
	qmp_add_bool(sev, "sev-support", sev_options_offer("sev"));
	qmp_add_bool(sev, "sev-support-es", sev_options_offer("sev-es"));
	qmp_add_bool(sev, "sev-support-snp", sev_options_offer("sev-snp"));
	qmp_add(object, "amd-sev", sev);
	return text_of(object);
}
