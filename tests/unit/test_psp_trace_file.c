/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The trace's file: what is never in it, that it repeats, and one that takes no more. */
#include "tests/unit/psp_traced.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iodev/psp/model.h"
#include "tests/unit/psp_scene.h"

/* --- secrets ------------------------------------------------------------------------------- */

/* Whether 16 bytes are in the text, in hexadecimal or in base64 at any offset. */
static bool shows(const char *text, const uint8_t *bytes)
{
	uint8_t shifted[2 + 16] = { 0 };
	char hex[33];
	bool found;

	sev_hex(bytes, 16, hex);
	found = strcasestr(text, hex) != NULL;
	for (unsigned offset = 0; offset < 3 && !found; offset++) {
		char *base64;

		memcpy(shifted + offset, bytes, 16);
		base64 = sev_base64(shifted, offset + 16);
		/* Only the characters that do not depend on what stands before and after. */
		base64[(offset + 16) / 3 * 4] = 0;
		found = strstr(text, base64 + (offset ? 4 : 0)) != NULL;
		free(base64);
	}
	return found;
}

/* Any 16 bytes of a key. */
static bool shows_any(const char *text, const void *key, size_t size)
{
	for (size_t at = 0; at + 16 <= size; at++)
		if (shows(text, (const uint8_t *)key + at))
			return true;
	return false;
}

struct all_keys {
	uint8_t vek[SEVMEM_KEY_SIZE], z[SEV_P384];
	struct psp_session_keys session;
};

/* Runs a launch; keeps what the chip forgets in its course. */
static void launch_watched(struct rig *rig, struct owner *owner, struct all_keys *keys)
{
	uint32_t handle;

	assert_int_equal(
		rig_launch_session(rig, 1, &owner->cert, &owner->session, &handle), PSP_SUCCESS);
	memcpy(keys->vek, psp_find_guest(rig->psp, handle)->vek->key, sizeof(keys->vek));
	assert_int_equal(sev_p384_ecdh(&rig->psp->identity.pdh, &owner->key.pub, keys->z), 0);
	psp_session_derive(keys->z, owner->session.nonce, &keys->session);
	rig_handle(rig, PSP_CMD_DECOMMISSION, handle);
	traced_launch(rig, owner);
}

static void run_for_secrets(
	struct traced *t, bool secrets, struct owner *owner, struct all_keys *keys)
{
	struct rig *rig = rig_new();

	start_trace(t, rig, secrets);
	rig_init(rig, true);
	rig_flush(rig);
	*owner = make_owner(rig, 1);
	launch_watched(rig, owner, keys);
}

static void test_no_secrets(void **state)
{
	struct all_keys keys;
	struct owner owner;
	struct sev_blob text;
	struct traced t;
	const char *all;

	(void)state;
	run_for_secrets(&t, false, &owner, &keys);
	text = read_trace(&t);
	all = (const char *)text.data;
	assert_true(shows_any(all, owner.session.nonce, 16)); /* the search finds what is there */
	assert_false(shows_any(all, &owner.keys, sizeof(owner.keys)));
	assert_false(shows_any(all, &owner.key.d, sizeof(owner.key.d)));
	assert_false(shows_any(all, &keys, sizeof(keys)));
	assert_false(shows_any(all, traced_secret, 32));
	assert_false(shows_any(all, owner.session.wrap_tk, sizeof(owner.session.wrap_tk)));
	assert_false(shows_any(all, t.rig->psp->identity.pdh.d, SEV_P384));
	assert_false(shows_any(all, t.rig->psp->identity.pek.d, SEV_P384));
	assert_false(shows_any(all, t.rig->psp->identity.oca.d, SEV_P384));
	assert_false(shows_any(all, t.rig->psp->identity.cek.d, SEV_P384));
	assert_false(shows_any(all, t.rig->psp->identity.secret, PSP_SECRET_SIZE));
	assert_null(strstr(all, "secrets"));
	sev_blob_free(&text);
	stop_trace(&t);
}

static void test_secrets(void **state)
{
	struct all_keys keys;
	struct owner owner;
	struct stat info;
	struct traced t;

	(void)state;
	run_for_secrets(&t, true, &owner, &keys);
	assert_said_hex(&t, 1, "secrets.pdh", t.rig->psp->identity.pdh.d, SEV_P384);
	assert_said_hex(&t, 1, "secrets.pek", t.rig->psp->identity.pek.d, SEV_P384);
	assert_said_hex(&t, 1, "secrets.oca", t.rig->psp->identity.oca.d, SEV_P384);
	assert_said(&t, 4, "command", "LAUNCH_START");
	assert_said_hex(&t, 4, "secrets.tik", tik, 16);
	assert_said_hex(&t, 4, "secrets.tek", tek, 16);
	assert_said_hex(&t, 4, "secrets.vek", keys.vek, sizeof(keys.vek));
	assert_int_equal(stat(t.path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	stop_trace(&t);
}

/* A file that everybody could read is the owner's alone before the first key is in it. */
static void test_secrets_in_old_file(void **state)
{
	struct rig *rig = rig_new();
	struct stat info;
	struct traced t = { 0 };

	(void)state;
	new_path(&t);
	assert_int_equal(chmod(t.path, 0644), 0);
	trace_to(&t, rig, t.path, true);
	assert_int_equal(stat(t.path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	stop_trace(&t);
}

/* --- every command ------------------------------------------------------------------------- */

/* The keys of every guest there is. */
struct guest_keys {
	unsigned count;
	struct {
		uint8_t vek[SEVMEM_KEY_SIZE];
		struct psp_transport_keys transport;
	} guest[RIG_MAX_ASID];
};

static void collect_keys(const struct rig *rig, struct guest_keys *keys)
{
	keys->count = 0;
	for (unsigned i = 0; i < RIG_MAX_ASID; i++) {
		const struct psp_guest *guest = &rig->psp->guests[i];

		if (!guest->handle)
			continue;
		memcpy(keys->guest[keys->count].vek, guest->vek->key, SEVMEM_KEY_SIZE);
		keys->guest[keys->count++].transport = guest->keys;
	}
}

static void assert_no_keys(const struct traced *t, const struct guest_keys *keys)
{
	static const uint8_t wiped[16];
	struct sev_blob text = read_trace(t);
	const char *all = (const char *)text.data;

	for (unsigned i = 0; i < keys->count; i++) {
		assert_false(shows_any(all, keys->guest[i].vek, SEVMEM_KEY_SIZE));
		if (memcmp(keys->guest[i].transport.tek, wiped, sizeof(wiped)) == 0)
			continue;
		assert_false(shows_any(all, keys->guest[i].transport.tek, 16));
		assert_false(shows_any(all, keys->guest[i].transport.tik, 16));
	}
	sev_blob_free(&text);
}

static void trace_one(const struct situation *situation, uint32_t id)
{
	struct scene scene = scene_enter(situation);
	uint8_t buffer[SCENE_BUFFER] = { 0 };
	struct guest_keys before, after;
	struct traced t;
	uint16_t status;

	scene_fill(&scene, id, buffer);
	collect_keys(scene.rig, &before);
	start_trace(&t, scene.rig, false);
	status = rig_command(scene.rig, id, buffer, sizeof(buffer));
	collect_keys(scene.rig, &after);
	assert_said(&t, -1, "n", "1");
	assert_said(&t, -1, "command", psp_command_name(id));
	assert_said(&t, -1, "status", psp_status_name(status));
	assert_int_equal(*said(&t, -1, "cause") == 0, status == PSP_SUCCESS);
	assert_no_keys(&t, &before);
	assert_no_keys(&t, &after);
	stop_trace(&t);
}

static void test_every_command(void **state)
{
	static const struct situation situations[] = {
		{ 'U', '?', false },
		{ 'I', '?', false },
		{ 'W', 'L', true },
		{ 'W', 'S', true },
		{ 'W', 'R', true },
		{ 'W', 's', true },
		{ 'W', 'r', true },
		{ 'W', 'X', false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(situations) / sizeof(situations[0]); i++)
		for (uint32_t id = 0; id <= PSP_CMD_SNP_INIT; id++)
			if (psp_buffer_size(id) >= 0 || id >= PSP_CMD_SWAP_IN)
				trace_one(&situations[i], id);
}

/* --- the same run, the same trace ---------------------------------------------------------- */

static struct sev_blob whole_run(void)
{
	struct all_keys keys;
	struct sev_blob text;
	struct owner owner;
	struct traced t;

	run_for_secrets(&t, true, &owner, &keys);
	text = read_trace(&t);
	stop_trace(&t);
	return text;
}

static void test_repeatable(void **state)
{
	struct sev_blob one = whole_run(), two = whole_run();

	(void)state;
	assert_string_equal((const char *)one.data, (const char *)two.data);
	sev_blob_free(&one);
	sev_blob_free(&two);
}

/* --- files that take nothing --------------------------------------------------------------- */

static void refuses(struct rig *rig, const char *path, const char *why)
{
	const struct psp_trace_config config = { .path = path };
	char message[256];
	struct sev_error err;

	assert_null(psp_trace_new(rig->psp, &config, &err));
	snprintf(message, sizeof(message),
		"psp: trace=%s: %s; legal is a file that can be written, or a FIFO that somebody "
		"reads",
		path, why);
	assert_string_equal(err.text, message);
	assert_null(rig->psp->observer);
}

static void test_wrong_files(void **state)
{
	struct rig *rig = rig_new();
	char fifo[] = "/tmp/test_psp_trace.XXXXXX";

	(void)state;
	refuses(rig, "/nonexistent/trace", "No such file or directory");
	refuses(rig, "/", "Is a directory");
	close(mkstemp(fifo));
	unlink(fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	refuses(rig, fifo, "nobody reads this FIFO");
	unlink(fifo);
	rig_free(rig);
}

/* The chip goes on; so does this program, which the signal of a broken pipe would end. */
static void test_closed_fifo(void **state)
{
	struct traced t = { 0 };
	struct rig *rig = rig_new();
	int reader;
	char text[4096];

	(void)state;
	new_path(&t);
	unlink(t.path);
	assert_int_equal(mkfifo(t.path, 0600), 0);
	reader = open(t.path, O_RDONLY | O_NONBLOCK);
	trace_to(&t, rig, t.path, false);
	assert_int_equal(rig_init(rig, false), PSP_SUCCESS);
	assert_true(read(reader, text, sizeof(text)) > 0);
	close(reader);
	assert_int_equal(rig_flush(rig), PSP_SUCCESS);
	assert_int_equal(rig_flush(rig), PSP_SUCCESS);
	assert_int_equal(t.warnings, 1);
	assert_non_null(strstr(t.warning, "Broken pipe; the trace ends after 1 commands"));
	stop_trace(&t);
}

/* What is there are whole lines. */
static void test_full_disk(void **state)
{
	struct rlimit before, small = { 0 };
	struct rig *rig = rig_new();
	struct sev_blob text;
	struct traced t;

	(void)state;
	start_trace(&t, rig, false);
	rig_init(rig, false);
	text = read_trace(&t);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = text.size + 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_INIT);
	assert_int_equal(rig_status(rig).state, PSP_PLATFORM_INIT);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(t.warnings, 1);
	assert_non_null(strstr(t.warning, "File too large; the trace ends after 1 commands"));
	assert_said(&t, -1, "command", "INIT");
	sev_blob_free(&text);
	text = read_trace(&t);
	assert_int_equal(text.data[text.size - 1], '\n');
	sev_blob_free(&text);
	stop_trace(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_secrets),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_secrets_in_old_file),
		cmocka_unit_test(test_every_command),
		cmocka_unit_test(test_repeatable),
		cmocka_unit_test(test_wrong_files),
		cmocka_unit_test(test_closed_fifo),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests_name("psp trace file", tests, NULL, NULL);
}
