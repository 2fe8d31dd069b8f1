/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guest owner's tool: what its verbs share. Exit status 0: done; 1: a measurement or a
 * certificate does not verify; 2: wrong use (options, values, files), or no dialogue with the
 * platform. Every error is one line on standard error that names the option or file, the value and
 * what is legal.
 */
#ifndef TOOLS_SEV_OWNER_H
#define TOOLS_SEV_OWNER_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "bios/ovmf.h"
#include "bios/report.h"
#include "bios/vmsa.h"
#include "crypto/crypto.h"
#include "iodev/psp/cert_set.h"
#include "iodev/psp/psp_abi.h"
#include "iodev/psp/session.h"

enum owner_status {
	OWNER_OK = 0,
	OWNER_REFUSED = 1,
	OWNER_WRONG_USE = 2,
	OWNER_NO_DIALOGUE = 0x102, /* the platform does not answer, or answers with an error */
};

#define OWNER_EXIT_STATUS 0xff /* these bits of it */

/* A verb gets argv with argv[0] being the verb's own name. */
struct owner_verb {
	const char *name;
	const char *summary; /* one line for `sev-owner --help` */
	enum owner_status (*run)(int argc, char **argv);
};

extern const struct owner_verb owner_session;
extern const struct owner_verb owner_digest;
extern const struct owner_verb owner_verify;
extern const struct owner_verb owner_secret;
extern const struct owner_verb owner_chain;
extern const struct owner_verb owner_attest;

/* Prints "sev-owner: " and the line; returns status. */
enum owner_status owner_fail(enum owner_status status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same for an error that a function of the library left. */
enum owner_status owner_error(enum owner_status status, const struct sev_error *err);

struct json_object;

/* What --json is to print; released when it is. */
void owner_print_json(struct json_object *object);

/*
 * Prints it; or, if there is none, an object for the error. A failure has the member "error", with
 * "class" and "desc" as in QMP. json: --json was given.
 */
void owner_end_json(enum owner_status status, bool json);

void owner_add_text(struct json_object *object, const char *name, const char *text);
void owner_add_number(struct json_object *object, const char *name, uint64_t number);
void owner_add_flag(struct json_object *object, const char *name, bool flag);

/* Version, policy and digest of a launch: as members with QMP's names, and as text. */
#define OWNER_LAUNCH_TEXT 160
void owner_add_launch(struct json_object *object, const struct report *launch);
void owner_launch_text(const struct report *launch, char text[OWNER_LAUNCH_TEXT]);

/* --- options: sev-owner-options.c ------------------------------------------------------------- */

enum owner_option {
	OWNER_HELP = 'h',
	OWNER_JSON = 'j',
	OWNER_BAD = 256, /* owner_getopt has printed why */
	OWNER_FIRMWARE,
	OWNER_KERNEL,
	OWNER_INITRD,
	OWNER_CMDLINE,
	OWNER_CMDLINE_FILE,
	OWNER_VCPUS, /* from here to the next blank line: of SEV-ES guests alone */
	OWNER_CPU_FAMILY,
	OWNER_CPU_MODEL,
	OWNER_CPU_STEPPING,
	OWNER_VMSA_TYPE,
	OWNER_VMSA_CPU0,
	OWNER_VMSA_CPU1,

	OWNER_TIK,
	OWNER_TEK,
	OWNER_TK,
	OWNER_MEASUREMENT,
	OWNER_REPORT,
	OWNER_OWN /* first of those that one verb has for itself */
};

/* clang-format off */
#define OWNER_FLAG(name, code)	{ name, no_argument, NULL, code }
#define OWNER_TAKES(name, code) { name, required_argument, NULL, code }
#define OWNER_END_OF_OPTIONS	{ NULL, 0, NULL, 0 }
/* clang-format on */

/* What every verb has. */
#define OWNER_COMMON_OPTIONS OWNER_FLAG("json", OWNER_JSON), OWNER_FLAG("help", OWNER_HELP)

/*
 * getopt_long for long options alone: an option's code, -1 at the end, OWNER_BAD after an error was
 * printed (unknown option, missing or unexpected value). --help prints help and gives OWNER_HELP.
 */
int owner_getopt(int argc, char **argv, const struct option *options, const char *help);

/* An option whose value is kept as it was given. */
struct owner_text {
	int option;
	const char **value;
};

/* Whether option was one of these; texts end with a NULL value. */
bool owner_text_set(const struct owner_text *texts, int option, const char *value);

/* Status with which a verb ends that got OWNER_HELP or OWNER_BAD. */
enum owner_status owner_end(int option);

/* A decimal or 0x number from 0 to max; 0, or -1 with err naming the option. */
int owner_number(
	const char *option, const char *text, uint64_t max, uint64_t *out, struct sev_error *err);

/* A guest policy: a number, or names separated by commas; what is the option. 0, or -1 with err. */
int owner_policy(const char *what, const char *text, uint32_t *policy, struct sev_error *err);

/* A generator seeded by hexadecimal text, or by the operating system if text is NULL. */
struct sev_rng *owner_rng(const char *text, const char *label, struct sev_error *err);

/* --- transport keys --------------------------------------------------------------------------- */

struct owner_keys {
	const char *tik, *tek, *tk; /* files; tk holds TEK | TIK */
};

#define OWNER_TIK_OPTIONS OWNER_TAKES("tik", OWNER_TIK), OWNER_TAKES("tk", OWNER_TK)
#define OWNER_TEK_OPTIONS OWNER_TAKES("tek", OWNER_TEK)

/* Whether option was one of these. */
bool owner_keys_set(struct owner_keys *keys, int option, const char *value);

/* Reads what verb needs; the TEK only if need_tek. The caller wipes out. 0, or -1 with err. */
int owner_keys_read(const struct owner_keys *keys, bool need_tek, struct psp_transport_keys *out,
	struct sev_error *err);

/* --- the measurement: HMAC, nonce and, from a report, what was measured ----------------------- */

struct owner_measurement {
	const char *text; /* base64 of 48 bytes, as QMP's query-sev-launch-measure has it */
	const char *path; /* of a report */
	uint8_t measure[32], mnonce[16];
	struct report report; /* if path */
};

#define OWNER_MEASUREMENT_OPTIONS \
	OWNER_TAKES("measurement", OWNER_MEASUREMENT), OWNER_TAKES("report", OWNER_REPORT)

bool owner_measurement_set(struct owner_measurement *measurement, int option, const char *value);
/* One of the two is needed; with both, they must say the same. 0, or -1 with err. */
int owner_measurement_read(struct owner_measurement *measurement, struct sev_error *err);

/* --- the vCPUs of a SEV-ES guest: sev-owner-vcpus.c --------------------------------------------
 */

struct owner_vcpu_options {
	const char *count, *family, *model, *stepping, *type;
	const char *page[2]; /* files: VMSA of the boot processor, of all others */
};

struct owner_vcpus {
	unsigned count;		   /* 0: not SEV-ES */
	bool built[2];		   /* the page is made from config */
	struct vmsa_config config; /* if one is */
	uint8_t page[2][VMSA_SIZE];
};

#define OWNER_VCPUS_OPTIONS                                                      \
	OWNER_TAKES("vcpus", OWNER_VCPUS), OWNER_TAKES("num-cpus", OWNER_VCPUS), \
		OWNER_TAKES("cpu-model", OWNER_CPU_MODEL),                       \
		OWNER_TAKES("cpu-family", OWNER_CPU_FAMILY),                     \
		OWNER_TAKES("cpu-stepping", OWNER_CPU_STEPPING),                 \
		OWNER_TAKES("vmsa-type", OWNER_VMSA_TYPE),                       \
		OWNER_TAKES("vmsa-cpu0", OWNER_VMSA_CPU0),                       \
		OWNER_TAKES("vmsa-cpu1", OWNER_VMSA_CPU1)

bool owner_vcpus_set(struct owner_vcpu_options *options, int option, const char *value);

/* fw: the firmware, which says where vCPUs begin. 0, or -1 with err. */
int owner_vcpus_read(const struct owner_vcpu_options *options, const struct ovmf *fw,
	struct owner_vcpus *vcpus, struct sev_error *err);

/* --- what is to be measured: sev-owner-parts.c ------------------------------------------------ */

struct owner_parts {
	const char *firmware, *kernel, *initrd, *cmdline, *cmdline_file;
	struct owner_vcpu_options vcpus;
};

#define OWNER_PARTS_OPTIONS                                                                 \
	OWNER_TAKES("firmware", OWNER_FIRMWARE), OWNER_TAKES("kernel", OWNER_KERNEL),       \
		OWNER_TAKES("initrd", OWNER_INITRD), OWNER_TAKES("cmdline", OWNER_CMDLINE), \
		OWNER_TAKES("cmdline-file", OWNER_CMDLINE_FILE), OWNER_VCPUS_OPTIONS

#define OWNER_PARTS_HELP                                                                      \
	"  --firmware FILE      the firmware image\n"                                         \
	"  --kernel FILE        kernel of a measured direct boot (kernel hashes)\n"           \
	"  --initrd FILE        its initial RAM disk\n"                                       \
	"  --cmdline TEXT       its command line\n"                                           \
	"  --cmdline-file FILE  the same from a file of one line\n"                           \
	"  --vcpus N            of a SEV-ES guest: how many (also --num-cpus)\n"              \
	"  --cpu-model MODEL    what they are: EPYC, EPYC-Rome, EPYC-Milan, EPYC-Genoa,\n"    \
	"                       EPYC-Turin, or FAMILY/MODEL/STEPPING; or\n"                   \
	"  --cpu-family N --cpu-model N --cpu-stepping N\n"                                   \
	"  --vmsa-type TYPE     legacy (default: KVM_SEV_ES_INIT) or init2 (KVM_SEV_INIT2)\n" \
	"  --vmsa-cpu0 FILE     initial state of the boot vCPU, instead of a built one\n"     \
	"  --vmsa-cpu1 FILE     the same of all others\n"

bool owner_parts_set(struct owner_parts *parts, int option, const char *value);
bool owner_parts_given(const struct owner_parts *parts);

/* What the files and options say that is to be launched. */
struct owner_image {
	uint8_t firmware[SEV_SHA256_STATE]; /* the hash after it */
	struct hashes hashes;		    /* if there is a kernel */
	bool has_hashes;
	char *cmdline;
	struct owner_vcpus vcpus;
};

/*
 * Reads the files and fills type, regions, hashes and launch digest of expected, nothing else; and,
 * if it is not NULL, image, which owner_image_free empties. 0, or -1 with err.
 */
int owner_parts_measure(const struct owner_parts *parts, struct report *expected,
	struct owner_image *image, struct sev_error *err);

/* The launch digest of an image. */
void owner_image_digest(const struct owner_image *image, uint8_t digest[SEV_SHA256]);
void owner_image_free(struct owner_image *image);

/* --- whether, and why not: sev-owner-differ.c --------------------------------------------------
 */

/* What an owner knows when the measurement is to be judged. */
struct owner_claim {
	const uint8_t *tik;
	const uint8_t *measure, *mnonce;
	const struct report *expected;	 /* regions only if they are known */
	const struct owner_image *image; /* NULL: nothing but a digest is known */
	const struct report *report;	 /* of the host; NULL: none */
	const uint32_t *policy;		 /* that the host claims without a report; NULL */
};

/* Whether the measurement is that of such a launch: version, policy and digest. */
bool owner_gives(const struct owner_claim *claim, const struct report *launch);

/* Whether it is that of the one expected, which is of SEV-ES if there are vCPUs to measure. */
bool owner_verifies(const struct owner_claim *claim);

/* A policy that an option gives must suit the vCPUs; 0, or -1 with err. */
int owner_check_es(const char *option, uint32_t policy, unsigned vcpus, struct sev_error *err);

/* Why it is not that of what is expected. */
struct owner_difference {
	struct json_object *names; /* an array: "kernel", "policy", ... */
	char *sentence;
};

void owner_explain(const struct owner_claim *claim, struct owner_difference *out);
void owner_difference_free(struct owner_difference *difference);

/*
 * Tries the usual slips: a launch that differs from image in one thing. true: one of them gives the
 * measurement; it is told in name and text.
 */
bool owner_guess(const struct owner_claim *claim, const char **name, char text[256]);

/* --- the platform's certificates: sev-owner-platform.c ---------------------------------------- */

/* Adds the certificates of a file; the set keeps path. 0, or -1 with err. */
int owner_certs_read(const char *path, struct psp_cert_set *set, struct sev_error *err);

/* Whose root the set ends in, as far as that can be told, in one line. */
#define OWNER_ROOT_TEXT 256
void owner_root_text(const struct psp_cert_set *set, char *out, size_t size);

/* What is demanded of the certificates: files with the keys, or "emulated"; NULL: any will do. */
struct owner_demand {
	const char *owner, *root;
};

/* Verifies every link, then the demands: sev-owner-demand.c. err says why, if it is not OWNER_OK.
 */
enum owner_status owner_demand_judge(const struct owner_demand *demand,
	const struct psp_cert_set *certs, struct psp_link links[PSP_LINKS], struct sev_error *err);

struct owner_platform {
	struct psp_cert_set certs;
	struct psp_cert pdh;
	struct sev_p384_public key; /* of the PDH */
	bool has_chain;		    /* PEK, OCA, CEK were given and verify */
	bool has_root;		    /* and ASK, ARK */
	char root[33];		    /* then: the ARK's key identifier in hexadecimal */
};

/*
 * What a session is made for: a PDH; PDH, PEK, OCA, CEK; or the same with ASK and ARK; binary or
 * base64, in any order. OWNER_WRONG_USE: it is not that; OWNER_REFUSED: a link of the chain is
 * broken; err says which (name is what it calls the file).
 */
enum owner_status owner_platform_parse(const char *name, const uint8_t *data, size_t size,
	struct owner_platform *platform, struct sev_error *err);

/* --- the platform at the other end: sev-owner-capabilities.c ------------------------------------
 */

#define OWNER_HOST_FILES 8

struct owner_host {
	struct owner_demand demand;
	const char *chip_id;
	const char *file[OWNER_HOST_FILES]; /* with further certificates */
	size_t files;

	uint8_t pinned[PSP_ID_SIZE];
	struct psp_cert_set certs;
	struct psp_link links[PSP_LINKS];
	bool verified;
};

/* Takes a file with certificates; always true. */
bool owner_host_add(struct owner_host *host, const char *path);

/* Whether anything is demanded. */
bool owner_host_demanded(const struct owner_host *host);

/* Checks the options and reads the files. 0, or -1 with err. */
int owner_host_read(struct owner_host *host, struct sev_error *err);

/* Judges what the platform hands out, all of it base64; cpu0_id may be NULL. err says why not. */
enum owner_status owner_host_judge(struct owner_host *host, const char *pdh, const char *cert_chain,
	const char *cpu0_id, struct sev_error *err);

/* Nothing, if nothing is demanded. */
void owner_host_json(const struct owner_host *host, struct json_object *object);
void owner_host_print(const struct owner_host *host);

/* --- secrets: sev-owner-secret.c ----------------------------------------------------------------
 */

/* Reads GUID=FILE entries into the table as the guest is to see it. 0, or -1 with err. */
int owner_secret_table(char **entries, size_t count, struct sev_blob *table, struct sev_error *err);

/* A packet as LAUNCH_SECRET takes it, both in base64. */
struct owner_packet {
	char *header, *payload;
};

/* Encrypts the table in place, for this measurement alone. 0, or -1 with err. */
int owner_secret_seal(struct sev_blob *table, const struct psp_transport_keys *keys,
	const uint8_t measure[32], uint32_t flags, const char *seed, struct owner_packet *packet,
	struct sev_error *err);
void owner_packet_free(struct owner_packet *packet);

/* Wipes and frees. */
void owner_wipe_blob(struct sev_blob *blob);

#endif
