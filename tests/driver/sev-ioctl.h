/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sev-ioctl: drives /dev/sev of an unmodified Linux, in a guest that has nothing else. Its parts.
 *
 * Sources: Linux include/uapi/linux/psp-sev.h (the ioctl), AMD publication 55766 (what firmware
 * answers).
 */
#ifndef TESTS_DRIVER_SEV_IOCTL_H
#define TESTS_DRIVER_SEV_IOCTL_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/psp-sev.h>

#include "iodev/psp/psp_abi.h"

/* Commands of headers newer than Debian 12's; without SNP the driver answers them itself. */
#define IOCTL_SNP_PLATFORM_STATUS 9
#define IOCTL_SNP_COMMIT	  10
#define IOCTL_SNP_SET_CONFIG	  11
#define IOCTL_SNP_VLEK_LOAD	  12
#define IOCTL_UNKNOWN		  13

/* The most that the driver copies for one certificate or chain; it refuses more. */
#define DRIVER_MAX_BLOB 0x4000

/* Nothing is mapped there. */
#define BAD_POINTER ((void *)0x10)

/* In the error field before a command: still there if the driver has not asked the firmware. */
#define UNTOUCHED 0x5eedface

struct device {
	int rw; /* /dev/sev, opened for reading and writing */
	int ro; /* the same, for reading */
	/*
	 * Kernels since 6.16, and Debian's 6.12: the platform is initialised for a call that needs
	 * it and shut down afterwards. The others do it when the driver is loaded, and leave it so.
	 */
	bool on_demand;
};

struct certificates {
	struct psp_cert pdh;
	struct psp_cert_chain chain;
};

/* --- check.c: one line of TAP per check ---------------------------------------------------- */

/* Counts a check, prints its line and returns good. */
bool check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Issues a command; checks that the ioctl fails with errno `want`, or succeeds for 0, and that the
 * error field then holds `firmware`.
 */
bool expect(int fd, uint32_t command, void *data, int want, uint32_t firmware, const char *what);

/* Prints the plan and "N passed, N failed". Returns the exit status. */
int finish(void);

/* --- the groups of checks ------------------------------------------------------------------ */

/* Also finds out what kind of driver this is. */
void check_platform_status(struct device *dev);
void check_calls(const struct device *dev);
void check_ids(const struct device *dev);
void check_export(const struct device *dev);
void check_csr(const struct device *dev);
void check_generate(const struct device *dev);
void check_import(const struct device *dev);
void check_reset(const struct device *dev);

/* --- used by several of them --------------------------------------------------------------- */

/* All of it zero, where the command fails; a check says so. */
struct sev_user_data_status platform_status(const struct device *dev);

#define FLAG_OWNER 1
#define FLAG_ES	   SEV_STATUS_FLAGS_CONFIG_ES

/*
 * Checks that the platform is initialised, and has these flags; or, where this is done on demand,
 * that it is not, and then has none.
 */
void check_flags(const struct device *dev, uint32_t flags, const char *what);

struct certificates export_certificates(const struct device *dev);
struct psp_cert export_csr(const struct device *dev);

/* The signed part of two certificates is the same. */
bool same_body(const struct psp_cert *a, const struct psp_cert *b);

/* Keeps certificates as /run/NAME.chain, for who verifies them outside. */
void keep_certificates(const char *name, const struct certificates *certs);

#endif
