/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sev-owner chain: every link of a platform's certificates, verified and told. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "tools/sev-owner.h"

enum { OPTION_OWNER = OWNER_OWN, OPTION_ROOT };

static const char help[] =
	"Usage: sev-owner chain [OPTION]... FILE...\n"
	"Verify and explain every link between the certificates of a platform.\n\n"
	"The files hold PDH, PEK, OCA, CEK, ASK and ARK, or some of them, one after another in "
	"any\n"
	"order, in binary or base64; each is known by its usage.\n"
	"  PDH <- PEK <- OCA <- OCA   who owns the platform\n"
	"         PEK <- CEK <- ASK <- ARK <- ARK   who made the chip\n\n"
	"  --owner FILE   demand that the OCA has the key of the OCA in FILE\n"
	"  --root FILE    demand that the ARK has the key of the ARK in FILE, as AMD publishes "
	"it;\n"
	"                 or `emulated`: that of this emulator\n"
	"  --json         print JSON\n"
	"  --help         print this\n\n"
	"Exit status: 0 every link of which both ends are given verifies, and none is missing "
	"from\n"
	"the lowest certificate to any other; 1 not so; 2 wrong use.\n";

static const struct option options[] = {
	OWNER_TAKES("owner", OPTION_OWNER),
	OWNER_TAKES("root", OPTION_ROOT),
	OWNER_COMMON_OPTIONS,
	OWNER_END_OF_OPTIONS,
};

struct chain {
	struct owner_demand demand;
	bool json;
	struct psp_cert_set certs;
	struct psp_link links[PSP_LINKS];
	bool verified;
	struct sev_error why; /* not */
};

/* --- in words -------------------------------------------------------------------------------- */

static const char *algo_text(uint32_t algo)
{
	switch (algo) {
	case PSP_ALGO_NONE:
		return "none";
	case PSP_ALGO_RSA_SHA256:
		return "RSA-PSS SHA-256";
	case PSP_ALGO_ECDSA_SHA256:
		return "ECDSA SHA-256";
	case PSP_ALGO_ECDH_SHA256:
		return "ECDH SHA-256";
	case PSP_ALGO_RSA_SHA384:
		return "RSA-PSS SHA-384";
	case PSP_ALGO_ECDSA_SHA384:
		return "ECDSA SHA-384";
	case PSP_ALGO_ECDH_SHA384:
		return "ECDH SHA-384";
	}
	return "unknown";
}

static const char *curve_text(uint32_t curve)
{
	return curve == PSP_CURVE_P384	 ? "P-384"
	       : curve == PSP_CURVE_P256 ? "P-256"
					 : "unknown curve";
}

static const char *state_text(enum psp_link_state state)
{
	static const char *const texts[] = {
		[PSP_LINK_ABSENT] = "absent",
		[PSP_LINK_VERIFIED] = "verified",
		[PSP_LINK_BAD] = "BAD",
		[PSP_LINK_UNSIGNED] = "unsigned",
		[PSP_LINK_NO_SIGNER] = "signer not given",
	};

	return texts[state];
}

/*
 * Every OCA signs itself, whoever has its key. What differs is the version in it: the firmware
 * writes its own, tools that make an OCA write 0.0.
 */
static const char *owner_text(const struct chain *c)
{
	const struct psp_set_member *oca = &c->certs.member[PSP_KIND_OCA];
	const struct psp_set_member *pek = &c->certs.member[PSP_KIND_PEK];

	if (!oca->file)
		return "not known: no OCA given";
	if (c->demand.owner && c->verified)
		return "the one demanded";
	if (oca->sev.api_major == 0 && oca->sev.api_minor == 0)
		return "probably external: the OCA has API 0.0, as owners' tools write it; "
		       "PLATFORM_STATUS knows for certain";
	if (!pek->file || oca->sev.api_major != pek->sev.api_major ||
		oca->sev.api_minor != pek->sev.api_minor)
		return "not known: there is no PEK with the OCA's API; PLATFORM_STATUS knows";
	return "probably the platform itself: the OCA has the firmware's API, as the firmware "
	       "writes it; PLATFORM_STATUS knows for certain";
}

static void root_text(const struct chain *c, char out[OWNER_ROOT_TEXT])
{
	if (c->demand.root && c->verified && strcmp(c->demand.root, "emulated"))
		snprintf(out, OWNER_ROOT_TEXT, "the one demanded");
	else
		owner_root_text(&c->certs, out, OWNER_ROOT_TEXT);
}

/* The key's fingerprint in hexadecimal; "" if there is no usable key. */
static void fingerprint_text(
	const struct chain *c, enum psp_cert_kind kind, char hex[2 * SEV_SHA256 + 1])
{
	uint8_t sha256[SEV_SHA256];

	*hex = 0;
	if (psp_set_fingerprint(&c->certs, kind, sha256))
		sev_hex(sha256, sizeof(sha256), hex);
}

/* --- text ------------------------------------------------------------------------------------ */

static void key_text(const struct psp_set_member *member, enum psp_cert_kind kind, char out[64])
{
	if (kind < PSP_KIND_ASK)
		snprintf(out, 64, "API %u.%u, %s %s", member->sev.api_major, member->sev.api_minor,
			curve_text(member->sev.pubkey.curve), algo_text(member->sev.pubkey_algo));
	else
		snprintf(out, 64, "RSA %u bits", psp_set_amd_key(member).cert->modulus_bits);
}

static void print_certificates(const struct chain *c)
{
	for (enum psp_cert_kind kind = 0; kind < PSP_KINDS; kind++) {
		const struct psp_set_member *m = &c->certs.member[kind];
		char key[64], hex[2 * SEV_SHA256 + 1];

		if (!m->file)
			continue;
		key_text(m, kind, key);
		fingerprint_text(c, kind, hex);
		printf("%-10s  %-29s  key %-16.16s  %s at 0x%zx\n", psp_kind_name(kind), key,
			*hex ? hex : "not usable", m->file, m->offset);
		if (m->unsigned_file)
			printf("%12sthe copy without signatures, %s at 0x%zx, is set aside\n", "",
				m->unsigned_file, m->unsigned_offset);
	}
}

static void print_links(const struct chain *c)
{
	for (size_t i = 0; i < PSP_LINKS; i++) {
		const struct psp_link *link = &c->links[i];

		if (link->state == PSP_LINK_ABSENT)
			continue;
		printf("%s <- %s  %-29s  %s", psp_kind_name(link->cert),
			psp_kind_name(link->signer), algo_text(link->algo),
			state_text(link->state));
		printf(link->state == PSP_LINK_BAD ? ": %s\n" : "\n", link->why.text);
	}
}

static void print_end(
	const struct chain *c, const char *what, const char *text, enum psp_cert_kind kind)
{
	char hex[2 * SEV_SHA256 + 1];

	fingerprint_text(c, kind, hex);
	printf("%s: %s\n", what, text);
	if (*hex)
		printf("%s key: SHA-256 %s\n", what, hex);
}

static void print_text(const struct chain *c)
{
	char root[OWNER_ROOT_TEXT];

	print_certificates(c);
	print_links(c);
	print_end(c, "owner", owner_text(c), PSP_KIND_OCA);
	root_text(c, root);
	print_end(c, "root", root, PSP_KIND_ARK);
}

/* "PDH, PEK, OCA, CEK: 4 of 4 links verified" */
static void print_summary(const struct chain *c)
{
	unsigned verified = 0, possible = 0;
	const char *between = "";

	for (enum psp_cert_kind kind = 0; kind < PSP_KINDS; kind++) {
		if (!c->certs.member[kind].file)
			continue;
		printf("%s%s", between, psp_kind_name(kind));
		between = ", ";
	}
	for (size_t i = 0; i < PSP_LINKS; i++) {
		verified += c->links[i].state == PSP_LINK_VERIFIED;
		possible += c->certs.member[c->links[i].cert].file &&
			    c->certs.member[c->links[i].signer].file;
	}
	printf(": %u of %u links verified\n", verified, possible);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static struct json_object *certificate_json(const struct chain *c, enum psp_cert_kind kind)
{
	struct json_object *object = json_object_new_object();
	const struct psp_set_member *m = &c->certs.member[kind];
	char hex[2 * SEV_SHA256 + 1];

	owner_add_text(object, "usage", psp_kind_name(kind));
	owner_add_text(object, "file", m->file);
	owner_add_number(object, "offset", m->offset);
	if (kind < PSP_KIND_ASK) {
		owner_add_number(object, "api-major", m->sev.api_major);
		owner_add_number(object, "api-minor", m->sev.api_minor);
		owner_add_text(object, "algorithm", algo_text(m->sev.pubkey_algo));
		owner_add_text(object, "curve", curve_text(m->sev.pubkey.curve));
	} else {
		owner_add_text(object, "algorithm", "RSA");
		owner_add_number(object, "bits", psp_set_amd_key(m).cert->modulus_bits);
		sev_hex(psp_set_amd_key(m).cert->key_id, 16, hex);
		owner_add_text(object, "key-id", hex);
	}
	fingerprint_text(c, kind, hex);
	if (*hex)
		owner_add_text(object, "key-sha256", hex);
	if (*m->problem.text)
		owner_add_text(object, "problem", m->problem.text);
	if (m->unsigned_file)
		owner_add_text(object, "unsigned-copy", m->unsigned_file);
	return object;
}

static struct json_object *link_json(const struct psp_link *link)
{
	static const char *const states[] = {
		[PSP_LINK_VERIFIED] = "verified",
		[PSP_LINK_BAD] = "bad",
		[PSP_LINK_UNSIGNED] = "unsigned",
		[PSP_LINK_NO_SIGNER] = "signer-not-given",
	};
	struct json_object *object = json_object_new_object();

	owner_add_text(object, "certificate", psp_kind_name(link->cert));
	owner_add_text(object, "signer", psp_kind_name(link->signer));
	owner_add_text(object, "algorithm", algo_text(link->algo));
	owner_add_text(object, "state", states[link->state]);
	if (link->state == PSP_LINK_BAD)
		owner_add_text(object, "reason", link->why.text);
	return object;
}

static void print_json(const struct chain *c)
{
	static const char *const roots[] = {
		[PSP_ROOT_NONE] = "none",
		[PSP_ROOT_OURS] = "this-emulator",
		[PSP_ROOT_EMULATED] = "emulated",
		[PSP_ROOT_AMD_KEY_ID] = "amd-key-id",
		[PSP_ROOT_UNKNOWN] = "unknown",
	};
	struct json_object *object = json_object_new_object();
	struct json_object *certs = json_object_new_array(), *links = json_object_new_array();

	for (enum psp_cert_kind kind = 0; kind < PSP_KINDS; kind++)
		if (c->certs.member[kind].file)
			json_object_array_add(certs, certificate_json(c, kind));
	for (size_t i = 0; i < PSP_LINKS; i++)
		if (c->links[i].state != PSP_LINK_ABSENT)
			json_object_array_add(links, link_json(&c->links[i]));
	json_object_object_add(object, "verified", json_object_new_boolean(c->verified));
	json_object_object_add(object, "certificates", certs);
	json_object_object_add(object, "links", links);
	owner_add_text(object, "owner", owner_text(c));
	owner_add_text(object, "root", roots[psp_cert_set_root(&c->certs)]);
	if (!c->verified)
		owner_add_text(object, "reason", c->why.text);
	owner_print_json(object);
}

/* --------------------------------------------------------------------------------------------- */

static enum owner_status do_chain(struct chain *c, char **paths)
{
	enum owner_status status;

	for (; *paths; paths++)
		if (owner_certs_read(*paths, &c->certs, &c->why))
			return owner_error(OWNER_WRONG_USE, &c->why);
	status = owner_demand_judge(&c->demand, &c->certs, c->links, &c->why);
	c->verified = status == OWNER_OK;
	if (status == OWNER_WRONG_USE)
		return owner_error(status, &c->why);
	if (c->json) {
		print_json(c);
	} else {
		print_text(c);
		print_summary(c);
	}
	return status == OWNER_OK
		       ? OWNER_OK
		       : owner_fail(status, "the chain does not verify: %s", c->why.text);
}

static enum owner_status run(int argc, char **argv)
{
	struct chain c = { 0 };
	const struct owner_text texts[] = {
		{ OPTION_OWNER, &c.demand.owner },
		{ OPTION_ROOT, &c.demand.root },
		{ 0, NULL },
	};
	int option;

	while ((option = owner_getopt(argc, argv, options, help)) != -1) {
		if (option == OWNER_JSON)
			c.json = true;
		else if (!owner_text_set(texts, option, optarg))
			return owner_end(option);
	}
	if (optind == argc)
		return owner_fail(OWNER_WRONG_USE, "chain: no file, legal: FILE...");
	return do_chain(&c, argv + optind);
}

const struct owner_verb owner_chain = { "chain", "whether a platform's certificates verify", run };
