/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sev-owner secret: a packet that only the measured guest can read. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bios/secret.h"
#include "tools/sev-owner.h"

enum { OPTION_FLAGS = OWNER_OWN, OPTION_HEADER, OPTION_PAYLOAD, OPTION_BINARY, OPTION_SEED };

static const char help[] =
	"Usage: sev-owner secret [OPTION]... GUID=FILE...\n"
	"Make the packet that LAUNCH_SECRET takes. Verify the measurement first.\n\n"
	"Each GUID=FILE is an entry of the guest's secret table; the GUID may be the word luks\n"
	"(a passphrase; GRUB wants it to end in a NUL, which has to be in the file). GUID:FILE, "
	"as\n"
	"other tools have it, will do too.\n\n"
	"  --tik FILE, --tek FILE  the keys that `session` wrote; or\n"
	"  --tk FILE               both, TEK first\n"
	"  --measurement BASE64    as query-sev-launch-measure gives it; or\n"
	"  --report FILE           the launch report\n"
	"  --out-header FILE       write the header, in base64, instead of printing both\n"
	"  --out-payload FILE      write the payload, in base64\n"
	"  --binary                write both as they are, as sevctl does\n"
	"  --flags N               of the header; default: 0\n"
	"  --seed HEX              for tests: choose the IV, which must never be used twice\n"
	"  --json                  print JSON: the arguments of sev-inject-launch-secret\n"
	"  --help                  print this\n";

static const struct option options[] = {
	OWNER_TIK_OPTIONS,
	OWNER_TEK_OPTIONS,
	OWNER_MEASUREMENT_OPTIONS,
	OWNER_TAKES("flags", OPTION_FLAGS),
	OWNER_TAKES("out-header", OPTION_HEADER),
	OWNER_TAKES("out-payload", OPTION_PAYLOAD),
	OWNER_FLAG("binary", OPTION_BINARY),
	OWNER_TAKES("seed", OPTION_SEED),
	OWNER_COMMON_OPTIONS,
	OWNER_END_OF_OPTIONS,
};

struct secret_options {
	struct owner_keys keys;
	struct owner_measurement measurement;
	const char *flags_text, *out_header, *out_payload, *seed;
	uint64_t flags;
	bool json, binary;
	char **entries; /* GUID=FILE */
	size_t count;
};

/* The secrets in the clear, until they are sealed. */
struct secrets {
	struct secret_entry entry[SECRET_MAX_ENTRIES];
	struct sev_blob file[SECRET_MAX_ENTRIES];
	size_t count;
};

void owner_wipe_blob(struct sev_blob *blob)
{
	if (blob->data)
		sev_wipe(blob->data, blob->size);
	sev_blob_free(blob);
}

static void wipe_secrets(struct secrets *secrets)
{
	for (size_t i = 0; i < secrets->count; i++)
		owner_wipe_blob(&secrets->file[i]);
}

/* libvirt's tools call the passphrase luks-key. */
static int parse_guid(const char *argument, size_t length, uint8_t guid[16])
{
	char text[SEV_GUID_TEXT] = "";

	if (length >= sizeof(text))
		return -1;
	memcpy(text, argument, length);
	if (strcmp(text, "luks") && strcmp(text, "luks-key"))
		return sev_guid_parse(text, guid);
	memcpy(guid, secret_guid_luks, 16);
	return 0;
}

static int read_entry(const char *argument, struct secrets *secrets, struct sev_error *err)
{
	size_t length = strcspn(argument, "=:");
	const char *path = argument + length;
	size_t i = secrets->count;

	if (!*path || parse_guid(argument, length, secrets->entry[i].guid))
		return sev_fail(err, "%s: not legal, legal: GUID=FILE or luks=FILE", argument);
	if (sev_file_read(path + 1, SECRET_MAX_TABLE, &secrets->file[i], err))
		return -1;
	secrets->entry[i].data = secrets->file[i].data;
	secrets->entry[i].size = secrets->file[i].size;
	secrets->count++;
	return 0;
}

int owner_secret_table(char **entries, size_t count, struct sev_blob *table, struct sev_error *err)
{
	struct secrets secrets = { .count = 0 };
	int result = 0;

	if (!count || count > SECRET_MAX_ENTRIES)
		return sev_fail(
			err, "%zu secrets, legal: 1 to %d of GUID=FILE", count, SECRET_MAX_ENTRIES);
	for (size_t i = 0; i < count && !result; i++)
		result = read_entry(entries[i], &secrets, err);
	if (!result)
		result = secret_build(secrets.entry, secrets.count, table, err);
	wipe_secrets(&secrets);
	return result;
}

void owner_packet_free(struct owner_packet *packet)
{
	free(packet->header);
	free(packet->payload);
	packet->header = packet->payload = NULL;
}

int owner_secret_seal(struct sev_blob *table, const struct psp_transport_keys *keys,
	const uint8_t measure[32], uint32_t flags, const char *seed, struct owner_packet *packet,
	struct sev_error *err)
{
	struct psp_packet_header header = { .flags = flags };
	struct sev_rng *rng = owner_rng(seed, "sev-owner secret", err);

	if (!rng)
		return -1;
	sev_rng_bytes(rng, header.iv, sizeof(header.iv));
	sev_rng_free(rng);
	psp_packet_seal(&header, keys, PSP_PACKET_SECRET, measure, table->data, table->data,
		(uint32_t)table->size);
	packet->header = sev_base64(&header, sizeof(header));
	packet->payload = sev_base64(table->data, table->size);
	if (packet->header && packet->payload)
		return 0;
	owner_packet_free(packet);
	return sev_fail(err, "secret: out of memory");
}

static void print_json(const char *header, const char *payload)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "packet-header", json_object_new_string(header));
	json_object_object_add(object, "secret", json_object_new_string(payload));
	owner_print_json(object);
}

static int write_one(const char *path, const char *text, bool binary, struct sev_error *err)
{
	struct sev_blob blob = { 0 };
	int result;

	if (!binary)
		return sev_file_write(path, text, strlen(text), 0644, err);
	if (sev_unbase64(text, strlen(text), &blob))
		return sev_fail(err, "%s: out of memory", path);
	result = sev_file_write(path, blob.data, blob.size, 0644, err);
	sev_blob_free(&blob);
	return result;
}

static int write_packet(const struct secret_options *o, const char *header, const char *payload,
	struct sev_error *err)
{
	if (write_one(o->out_header, header, o->binary, err))
		return -1;
	if (!write_one(o->out_payload, payload, o->binary, err))
		return 0;
	unlink(o->out_header);
	return -1;
}

static int give(
	const struct secret_options *o, const struct owner_packet *packet, struct sev_error *err)
{
	if (o->out_header && write_packet(o, packet->header, packet->payload, err))
		return -1;
	if (o->json)
		print_json(packet->header, packet->payload);
	else if (!o->out_header)
		printf("packet-header: %s\nsecret: %s\n", packet->header, packet->payload);
	return 0;
}

static int check(struct secret_options *o, struct sev_error *err)
{
	if (!o->out_header != !o->out_payload)
		return sev_fail(err, "--out-%s=%s: without --out-%s, legal: both or neither",
			o->out_header ? "header" : "payload",
			o->out_header ? o->out_header : o->out_payload,
			o->out_header ? "payload" : "header");
	if (o->binary && !o->out_header)
		return sev_fail(err, "--binary: nothing is written, legal: with --out-header=FILE "
				     "and --out-payload=FILE");
	if (o->flags_text && owner_number("--flags", o->flags_text, UINT32_MAX, &o->flags, err))
		return -1;
	return owner_measurement_read(&o->measurement, err);
}

static enum owner_status do_secret(struct secret_options *o)
{
	struct psp_transport_keys keys = { 0 };
	struct owner_packet packet = { NULL, NULL };
	struct sev_blob table = { 0 };
	struct sev_error err;
	enum owner_status status = OWNER_OK;

	if (check(o, &err) || owner_secret_table(o->entries, o->count, &table, &err) ||
		owner_keys_read(&o->keys, true, &keys, &err) ||
		owner_secret_seal(&table, &keys, o->measurement.measure, (uint32_t)o->flags,
			o->seed, &packet, &err) ||
		give(o, &packet, &err))
		status = owner_error(OWNER_WRONG_USE, &err);
	sev_wipe(&keys, sizeof(keys));
	owner_packet_free(&packet);
	owner_wipe_blob(&table);
	return status;
}

static enum owner_status run(int argc, char **argv)
{
	struct secret_options o = { 0 };
	const struct owner_text texts[] = {
		{ OPTION_FLAGS, &o.flags_text },
		{ OPTION_HEADER, &o.out_header },
		{ OPTION_PAYLOAD, &o.out_payload },
		{ OPTION_SEED, &o.seed },
		{ 0, NULL },
	};
	int option;

	while ((option = owner_getopt(argc, argv, options, help)) != -1) {
		if (option == OWNER_JSON)
			o.json = true;
		else if (option == OPTION_BINARY)
			o.binary = true;
		else if (!owner_text_set(texts, option, optarg) &&
			 !owner_keys_set(&o.keys, option, optarg) &&
			 !owner_measurement_set(&o.measurement, option, optarg))
			return owner_end(option);
	}
	o.entries = argv + optind;
	o.count = (size_t)(argc - optind);
	return do_secret(&o);
}

const struct owner_verb owner_secret = { "secret", "a secret that only the measured guest can read",
	run };
