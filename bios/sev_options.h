/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The `sev:` directive: what the guest is and how it is launched. Names are those of QEMU's
 * sev-guest object where it has the property.
 */
#ifndef SEV_SEV_OPTIONS_H
#define SEV_SEV_OPTIONS_H

#include "base/base.h"
#include "cpu/cpu_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where the C-bit may be: page-table entries hold address bits up to 51, and Bochs itself uses the
 * 40 below. CPUID has 6 bits for the reduction.
 */
enum { SEV_CBITPOS_MIN = 40, SEV_CBITPOS_MAX = 51 };
enum { SEV_REDUCED_PHYS_BITS_MIN = 1, SEV_REDUCED_PHYS_BITS_MAX = 63 };

struct sev_options {
	unsigned type; /* enum sev_type */
	uint64_t cbitpos;
	uint64_t reduced_phys_bits;
	uint64_t policy;
	uint64_t handle;
	bool kernel_hashes;
	bool coherent;
	bool debug_override;
	unsigned tamper; /* for tests: 1 changes the firmware after it was measured */
	char *dh_cert_file, *session_file; /* base64 files, or both NULL */
	char *tik, *tek;		   /* 16-byte files, or both NULL */
	char *report;			   /* JSON file, or NULL */
};

/* The defaults of docs/sev.txt. */
void sev_options_init(struct sev_options *options);

/* Whether `sev: type=` takes this word. */
bool sev_options_offer(const char *type);

/* One property of a `sev:` line. Returns 0, or -1 with err. */
int sev_options_set(struct sev_options *options, const char *parameter, struct sev_error *err);

/* Rules between properties, once all lines are read. Returns 0, or -1 with err. */
int sev_options_check(const struct sev_options *options, struct sev_error *err);

/* The part of it that the processor shows. */
struct sev_cpu sev_options_cpu(const struct sev_options *options);

#ifdef __cplusplus
}
#endif
#endif
