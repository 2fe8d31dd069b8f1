/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sev-owner session: transport keys, wrapped for one platform and one policy. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iodev/psp/cert.h"
#include "tools/sev-owner.h"

#define MAX_CHAIN 65536

enum { OPTION_NAME = OWNER_OWN, OPTION_OUT, OPTION_SEED };

static const char help[] =
	"Usage: sev-owner session [OPTION]... PDH-OR-CHAIN POLICY\n"
	"Make a launch session for the platform that holds this PDH.\n\n"
	"PDH-OR-CHAIN is a file: the PDH certificate, or PDH, PEK, OCA, CEK (and ASK, ARK), in\n"
	"binary or base64. Signatures are verified as far as certificates are given.\n"
	"POLICY is a number or a list of nodbg,noks,es,nosend,domain,sev.\n\n"
	"Writes PREFIX_godh.b64 and PREFIX_session.b64 for the hypervisor, PREFIX_tek.bin and\n"
	"PREFIX_tik.bin for the owner, who keeps them secret.\n\n"
	"  --name PREFIX  default: vm\n"
	"  --out DIR      where to write; default: the current directory\n"
	"  --seed HEX     for tests: the same seed makes the same, thus worthless, keys\n"
	"  --json         print JSON\n"
	"  --help         print this\n";

static const struct option options[] = {
	OWNER_TAKES("name", OPTION_NAME),
	OWNER_TAKES("out", OPTION_OUT),
	OWNER_TAKES("seed", OPTION_SEED),
	OWNER_COMMON_OPTIONS,
	OWNER_END_OF_OPTIONS,
};

struct session_options {
	const char *name, *out, *seed, *platform, *policy_text;
	uint32_t policy;
	bool json;
};

/* What is written, in this order. */
enum { GODH, SESSION, TEK, TIK, FILES };

static const struct {
	const char *suffix, *member;
	unsigned mode;
	bool base64;
} files[FILES] = {
	[GODH] = { "_godh.b64", "godh", 0644, true },
	[SESSION] = { "_session.b64", "session", 0644, true },
	[TEK] = { "_tek.bin", "tek", 0600, false },
	[TIK] = { "_tik.bin", "tik", 0600, false },
};

struct session {
	struct psp_cert godh;
	struct psp_session session;
	struct psp_transport_keys keys;
	char *path[FILES];
};

static void free_session(struct session *s)
{
	for (int i = 0; i < FILES; i++)
		free(s->path[i]);
	sev_wipe(s, sizeof(*s));
}

static int make_session(const struct session_options *o, const struct owner_platform *platform,
	struct session *s, struct sev_error *err)
{
	struct sev_rng *rng = owner_rng(o->seed, "sev-owner session", err);
	struct sev_p384_key key;
	uint8_t z[SEV_P384];
	int result;

	if (!rng)
		return -1;
	sev_p384_generate(rng, &key);
	sev_rng_bytes(rng, &s->keys, sizeof(s->keys));
	psp_cert_make(&s->godh, PSP_USAGE_PDH, platform->pdh.api_major, platform->pdh.api_minor,
		&key.pub);
	result = sev_p384_ecdh(&key, &platform->key, z);
	if (result)
		sev_fail(err, "%s: the PDH is not a point of its curve", o->platform);
	else
		psp_session_make(&s->session, z, rng, &s->keys, o->policy);
	sev_wipe(&key, sizeof(key));
	sev_wipe(z, sizeof(z));
	sev_rng_free(rng);
	return result;
}

static int write_file(
	const char *path, int file, const void *data, size_t size, struct sev_error *err)
{
	char *text = NULL;
	int result;

	if (files[file].base64) {
		text = sev_base64(data, size);
		if (!text)
			return sev_fail(err, "%s: out of memory", path);
		data = text;
		size = strlen(text);
	}
	result = sev_file_write(path, data, size, files[file].mode, err);
	free(text);
	return result;
}

static int write_session(const struct session_options *o, struct session *s, struct sev_error *err)
{
	const struct sev_part content[FILES] = {
		[GODH] = { &s->godh, sizeof(s->godh) },
		[SESSION] = { &s->session, sizeof(s->session) },
		[TEK] = { s->keys.tek, sizeof(s->keys.tek) },
		[TIK] = { s->keys.tik, sizeof(s->keys.tik) },
	};

	for (int i = 0; i < FILES; i++) {
		if (asprintf(&s->path[i], "%s/%s%s", o->out, o->name, files[i].suffix) < 0) {
			s->path[i] = NULL;
			return sev_fail(err, "--out=%s: out of memory", o->out);
		}
		if (write_file(s->path[i], i, content[i].data, content[i].size, err)) {
			while (i--)
				unlink(s->path[i]);
			return -1;
		}
	}
	return 0;
}

static const char *chain_text(const struct owner_platform *platform)
{
	if (platform->has_root)
		return "PDH, PEK, OCA, CEK, ASK, ARK verified";
	return platform->has_chain ? "PDH, PEK, OCA, CEK verified" : "PDH alone, nothing to verify";
}

static void print_result(const struct session_options *o, const struct session *s,
	const struct owner_platform *platform)
{
	char root[OWNER_ROOT_TEXT];

	printf("platform: API %u.%u; %s", platform->pdh.api_major, platform->pdh.api_minor,
		chain_text(platform));
	if (platform->has_root) {
		owner_root_text(&platform->certs, root, sizeof(root));
		printf("; root: %s", root);
	}
	printf("\npolicy: 0x%x\n", o->policy);
	for (int i = 0; i < FILES; i++)
		printf("%s: %s\n", files[i].member, s->path[i]);
}

static void print_json(const struct session_options *o, const struct session *s,
	const struct owner_platform *platform)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "api-major", json_object_new_int(platform->pdh.api_major));
	json_object_object_add(object, "api-minor", json_object_new_int(platform->pdh.api_minor));
	json_object_object_add(
		object, "chain-verified", json_object_new_boolean(platform->has_chain));
	if (platform->has_root)
		json_object_object_add(object, "root", json_object_new_string(platform->root));
	json_object_object_add(object, "policy", json_object_new_int64(o->policy));
	for (int i = 0; i < FILES; i++)
		json_object_object_add(object, files[i].member, json_object_new_string(s->path[i]));
	owner_print_json(object);
}

/* The API version that the policy asks for is one that LAUNCH_START would refuse. */
static bool api_too_new(uint32_t policy, const struct psp_cert *pdh)
{
	unsigned major = policy >> PSP_POLICY_API_MAJOR & 0xFF;
	unsigned minor = policy >> PSP_POLICY_API_MINOR & 0xFF;

	return major > pdh->api_major || (major == pdh->api_major && minor > pdh->api_minor);
}

static enum owner_status read_platform(
	const struct session_options *o, struct owner_platform *platform, struct sev_error *err)
{
	struct sev_blob file = { 0 };
	enum owner_status status;

	if (sev_file_read(o->platform, MAX_CHAIN, &file, err))
		return OWNER_WRONG_USE;
	status = owner_platform_parse(o->platform, file.data, file.size, platform, err);
	sev_blob_free(&file);
	if (status == OWNER_OK && api_too_new(o->policy, &platform->pdh)) {
		sev_fail(err,
			"POLICY=%s: asks for an API newer than the platform's, legal: up to %u.%u",
			o->policy_text, platform->pdh.api_major, platform->pdh.api_minor);
		status = OWNER_WRONG_USE;
	}
	return status;
}

static enum owner_status do_session(const struct session_options *o)
{
	struct owner_platform platform;
	struct session session = { 0 };
	struct sev_error err;
	enum owner_status status = read_platform(o, &platform, &err);

	if (status == OWNER_OK &&
		(make_session(o, &platform, &session, &err) || write_session(o, &session, &err)))
		status = OWNER_WRONG_USE;
	if (status != OWNER_OK)
		owner_error(status, &err);
	else if (o->json)
		print_json(o, &session, &platform);
	else
		print_result(o, &session, &platform);
	free_session(&session);
	return status;
}

static enum owner_status run(int argc, char **argv)
{
	struct session_options o = { .name = "vm", .out = "." };
	const struct owner_text texts[] = {
		{ OPTION_NAME, &o.name },
		{ OPTION_OUT, &o.out },
		{ OPTION_SEED, &o.seed },
		{ 0, NULL },
	};
	struct sev_error err;
	int option;

	while ((option = owner_getopt(argc, argv, options, help)) != -1) {
		if (option == OWNER_JSON)
			o.json = true;
		else if (!owner_text_set(texts, option, optarg))
			return owner_end(option);
	}
	if (argc - optind != 2)
		return owner_fail(OWNER_WRONG_USE,
			"session: %d arguments, legal: PDH-OR-CHAIN POLICY", argc - optind);
	if (!*o.name || strchr(o.name, '/'))
		return owner_fail(OWNER_WRONG_USE,
			"--name=%s: not legal, legal: the start of a file name, without /", o.name);
	o.platform = argv[optind];
	o.policy_text = argv[optind + 1];
	if (owner_policy("POLICY", o.policy_text, &o.policy, &err))
		return owner_error(OWNER_WRONG_USE, &err);
	return do_session(&o);
}

const struct owner_verb owner_session = { "session", "keys for a launch, wrapped for one platform",
	run };
