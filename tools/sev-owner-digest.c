/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sev-owner digest: the launch digest to expect. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "tools/sev-owner.h"

#define OPTION_EXPLAIN OWNER_OWN

static const char help[] =
	"Usage: sev-owner digest --firmware FILE [OPTION]...\n"
	"Print the launch digest of a SEV or SEV-ES guest, from what is to be launched.\n\n" //
	OWNER_PARTS_HELP								     //
	"  --explain            list every region that is measured, and every hash\n"
	"  --json               print JSON\n"
	"  --help               print this\n";

static const struct option options[] = {
	OWNER_PARTS_OPTIONS,
	OWNER_FLAG("explain", OPTION_EXPLAIN),
	OWNER_COMMON_OPTIONS,
	OWNER_END_OF_OPTIONS,
};

/* The state of a vCPU lies nowhere in the guest's memory. */
static void print_region(const struct report_region *region)
{
	char name[sizeof(region->what) + 16], gpa[24] = "-", hex[65];

	snprintf(name, sizeof(name), "%s", region->what);
	if (strcmp(region->what, "vmsa"))
		snprintf(gpa, sizeof(gpa), "0x%" PRIx64, region->gpa);
	else
		snprintf(name, sizeof(name), "vmsa of vCPU %u", region->vcpu);
	sev_hex(region->sha256, 32, hex);
	printf("%-17s %-12s %-10" PRIu64 " %s\n", name, gpa, region->length, hex);
}

static void print_explanation(const struct report *expected)
{
	char hex[65];

	printf("%-17s %-12s %-10s %s\n", "region", "gpa", "length", "sha256");
	for (size_t i = 0; i < expected->regions; i++) {
		print_region(&expected->region[i]);
		if (strcmp(expected->region[i].what, "kernel-hashes"))
			continue;
		for (int part = HASHES_PARTS - 1; part >= 0; part--) {
			sev_hex(expected->hashes.sha256[part], 32, hex);
			printf("  %-38s %s\n", hashes_name(part), hex);
		}
	}
	sev_hex(expected->launch_digest, 32, hex);
	printf("%-40s %s\n", "launch digest", hex);
}

static void print_json(const struct report *expected, const char *digest)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "type", json_object_new_string(expected->type));
	json_object_object_add(object, "launch-digest", json_object_new_string(digest));
	json_object_object_add(object, "regions", report_regions(expected));
	owner_print_json(object);
}

static enum owner_status run(int argc, char **argv)
{
	struct owner_parts parts = { 0 };
	struct report expected;
	struct sev_error err;
	bool json = false, explain = false;
	char digest[65];
	int option;

	while ((option = owner_getopt(argc, argv, options, help)) != -1) {
		if (owner_parts_set(&parts, option, optarg))
			continue;
		else if (option == OPTION_EXPLAIN)
			explain = true;
		else if (option == OWNER_JSON)
			json = true;
		else
			return owner_end(option);
	}
	if (optind < argc)
		return owner_fail(OWNER_WRONG_USE, "%s: digest takes options alone", argv[optind]);
	if (owner_parts_measure(&parts, &expected, NULL, &err))
		return owner_error(OWNER_WRONG_USE, &err);
	sev_hex(expected.launch_digest, 32, digest);
	if (json)
		print_json(&expected, digest);
	else if (explain)
		print_explanation(&expected);
	else
		puts(digest);
	return OWNER_OK;
}

const struct owner_verb owner_digest = { "digest", "the launch digest to expect", run };
