/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The launch report: what was measured, so that whoever expected another digest can see why.
 *
 * JSON with the names of QMP's query-sev, query-sev-launch-measure where those have one. It proves
 * nothing by itself: only the measurement does, to whoever holds the TIK.
 */
#ifndef BIOS_REPORT_H
#define BIOS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "bios/hashes.h"

#ifdef __cplusplus
extern "C" {
#endif

struct json_object;

/* Member "processor": nobody shall take this for the word of AMD's hardware. */
#define REPORT_PROCESSOR "EMULATED - NOT AMD"

#define REPORT_VCPUS   1024 /* as many as KVM gives a guest */
#define REPORT_REGIONS (2 + REPORT_VCPUS)
#define REPORT_DATA    48 /* what LAUNCH_MEASURE gives: HMAC, MNONCE */

struct report_region {
	char what[32]; /* "firmware", "kernel-hashes", "vmsa" */
	uint64_t gpa;  /* 0 for a "vmsa", which does not lie in the guest's memory */
	unsigned vcpu; /* whose "vmsa" */
	uint64_t length;
	uint8_t sha256[32];
};

struct report {
	char type[16]; /* "sev", "sev-es" */
	uint8_t api_major, api_minor, build_id;
	uint32_t policy;
	unsigned cbitpos;
	struct report_region region[REPORT_REGIONS]; /* in the order in which they were measured */
	size_t regions;
	bool has_hashes; /* a region is the kernel-hashes table, and this is in it */
	struct hashes hashes;
	uint8_t launch_digest[32];
	uint8_t measurement[32];
	uint8_t mnonce[16];
};

/* "data" of query-sev-launch-measure: measurement, mnonce. */
void report_data(const struct report *report, uint8_t data[REPORT_DATA]);

/* "regions" as report_write writes it, for whoever prints other JSON; json_object_put frees it. */
struct json_object *report_regions(const struct report *report);

/* Writes path, or leaves it as it was. 0, or -1 with err set. */
int report_write(const char *path, const struct report *report, struct sev_error *err);

/*
 * Reads what report_write wrote; unknown members are ignored, cbitpos may be missing. 0, or -1 with
 * err set, naming the member and what is legal.
 */
int report_read(const char *path, struct report *report, struct sev_error *err);

/* The same from text of length bytes; name is what errors call it. */
int report_parse(const char *name, const char *text, size_t length, struct report *report,
	struct sev_error *err);

#ifdef __cplusplus
}
#endif
#endif
