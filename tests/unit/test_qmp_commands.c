/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each command does to the machine and answers: run state and its events, SEV, memory. */
#include "tests/unit/qmp_client.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN(name)    "{\"execute\": \"" name "\"}"
#define STATUS	     RUN("query-status")
#define DONE	     "{\"return\": {}}"
#define STATE(s, on) "{\"return\": {\"status\": \"" s "\", \"running\": " on "}}"

/* --- run state ------------------------------------------------------------------------------- */

static void prelaunch(void **state)
{
	struct client c;

	(void)state;
	client_start(&c, true);
	negotiate(&c);
	dialogue(&c, STATUS, STATE("prelaunch", "false"));
	dialogue(&c, RUN("stop"), DONE);
	dialogue(&c, STATUS, STATE("prelaunch", "false"));
	assert_string_equal(c.log, "");
	say(&c, RUN("cont"));
	expect_event(&c, "{\"event\": \"RESUME\"}");
	expect(&c, DONE);
	assert_string_equal(c.log, "cont;");
	dialogue(&c, STATUS, STATE("running", "true"));
	assert_int_equal(qmp_run_state(c.qmp), QMP_RUNNING);
	client_stop(&c);
}

static void stop_and_cont(void **state)
{
	struct client *c = *state;

	dialogue(c, RUN("cont"), DONE);
	assert_string_equal(c->log, "");
	say(c, RUN("stop"));
	expect_event(c, "{\"event\": \"STOP\"}");
	expect(c, DONE);
	assert_int_equal(qmp_run_state(c->qmp), QMP_PAUSED);
	dialogue(c, STATUS, STATE("paused", "false"));
	dialogue(c, RUN("stop"), DONE);
	say(c, RUN("cont"));
	expect_event(c, "{\"event\": \"RESUME\"}");
	expect(c, DONE);
	expect_nothing(c);
	assert_string_equal(c->log, "cont;");
}

static void cont_refused(void **state)
{
	struct client c;

	(void)state;
	client_start(&c, true);
	negotiate(&c);
	c.refusal = "not yet";
	say(&c, RUN("cont"));
	expect_error(&c, "GenericError", "not yet");
	dialogue(&c, STATUS, STATE("prelaunch", "false"));
	client_stop(&c);
}

#define HOST_RESET                                                         \
	"{\"event\": \"RESET\", \"data\": {\"guest\": false, \"reason\": " \
	"\"host-qmp-system-reset\"}}"

/* The answer comes first; a paused machine waits before its first instruction then. */
static void reset(void **state)
{
	struct client *c = *state;

	say(c, RUN("system_reset") STATUS);
	expect(c, DONE);
	expect_event(c, HOST_RESET);
	expect(c, STATE("running", "true"));
	assert_string_equal(c->log, "reset;");
	say(c, RUN("stop"));
	next_line(c);
	next_line(c);
	say(c, RUN("system_reset"));
	expect(c, DONE);
	expect_event(c, HOST_RESET);
	dialogue(c, STATUS, STATE("prelaunch", "false"));
	qmp_reset_event(c->qmp, true, "guest-reset");
	expect_event(c, "{\"event\": \"RESET\", \"data\": {\"guest\": true, \"reason\": "
			"\"guest-reset\"}}");
}

static void powerdown(void **state)
{
	struct client *c = *state;

	say(c, RUN("system_powerdown"));
	expect_event(c, "{\"event\": \"POWERDOWN\"}");
	expect(c, DONE);
	assert_string_equal(c->log, "powerdown;");
	c->refusal = "the button is stuck";
	say(c, RUN("system_powerdown"));
	expect_error(c, "GenericError", "the button is stuck");
	c->machine.powerdown = NULL;
	say(c, RUN("system_powerdown"));
	expect_error(c, "GenericError", "This machine has no power button");
	expect_nothing(c);
}

/* What comes after it is not even read. */
static void quit(void **state)
{
	struct client *c = *state;

	assert_false(qmp_quit_requested(c->qmp));
	say(c, "{\"execute\": \"quit\", \"id\": 1}" STATUS);
	expect(c, "{\"return\": {}, \"id\": 1}");
	expect_event(c, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": false, \"reason\": "
			"\"host-qmp-quit\"}}");
	expect_nothing(c);
	assert_true(qmp_quit_requested(c->qmp));
	say(c, STATUS);
	qmp_shutdown_event(c->qmp, true, "guest-shutdown");
	expect_nothing(c);
}

static void shutdown_by_guest(void **state)
{
	struct client *c = *state;

	qmp_shutdown_event(c->qmp, true, "guest-shutdown");
	expect_event(c, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": "
			"\"guest-shutdown\"}}");
	qmp_shutdown_event(c->qmp, false, "host-error");
	expect_nothing(c);
	dialogue(c, STATUS, STATE("shutdown", "false"));
	say(c, RUN("cont"));
	expect_error(c, "GenericError", "Resetting the Virtual Machine is required");
}

#define PANIC_EVENTS "{\"event\": \"GUEST_PANICKED\", \"data\": {\"action\": \"poweroff\"}}"

/* The guest can never go on: told once, and nobody lets it run again. */
static void panic(void **state)
{
	struct client *c = *state;

	qmp_panic_event(c->qmp);
	expect_event(c, PANIC_EVENTS);
	expect_event(c, "{\"event\": \"STOP\"}");
	expect_event(c, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": "
			"\"guest-panic\"}}");
	qmp_panic_event(c->qmp);
	qmp_internal_error_event(c->qmp);
	qmp_shutdown_event(c->qmp, true, "guest-shutdown");
	expect_nothing(c);
	dialogue(c, STATUS, STATE("guest-panicked", "false"));
	say(c, RUN("cont"));
	expect_error(c, "GenericError", "Resetting the Virtual Machine is required");
}

static void internal_error(void **state)
{
	struct client *c = *state;

	qmp_internal_error_event(c->qmp);
	expect_event(c, "{\"event\": \"STOP\"}");
	expect_event(c, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": false, \"reason\": "
			"\"host-error\"}}");
	qmp_panic_event(c->qmp);
	expect_nothing(c);
	dialogue(c, STATUS, STATE("internal-error", "false"));
	dialogue(c, RUN("stop"), DONE);
	dialogue(c, STATUS, STATE("internal-error", "false"));
}

/* A machine that has not run yet, or is stopped, does not stop once more. */
static void panic_while_stopped(void **state)
{
	struct client c;

	(void)state;
	client_start(&c, true);
	negotiate(&c);
	qmp_internal_error_event(c.qmp);
	expect_event(&c, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": false, \"reason\": "
			 "\"host-error\"}}");
	expect_nothing(&c);
	client_stop(&c);
}

/* --- SEV ------------------------------------------------------------------------------------- */

static void query_sev(void **state)
{
	struct client *c = *state;

	dialogue(c, RUN("query-sev"),
		"{\"return\": {\"enabled\": false, \"api-minor\": 0, \"handle\": 0, \"state\": "
		"\"uninit\", \"api-major\": 0, \"sev-type\": \"sev\", \"build-id\": 0, \"policy\": "
		"0}}");
	c->info = (struct monitor_sev_info) { true, 1, 55, 21, 0xffffffff, 3, "launch-secret" };
	dialogue(c, RUN("query-sev"),
		"{\"return\": {\"enabled\": true, \"api-minor\": 55, \"handle\": 3, \"state\": "
		"\"launch-secret\", \"api-major\": 1, \"sev-type\": \"sev\", \"build-id\": 21, "
		"\"policy\": 4294967295}}");
	c->refusal = "no";
	fails(c, RUN("query-sev"), "no");
}

static void measure(void **state)
{
	struct client *c = *state;

	dialogue(c, RUN("query-sev-launch-measure"),
		"{\"return\": {\"data\": "
		"\"////////////////////////////////////////////////////////////////\"}}");
	c->refusal = "SEV launch measurement is not available";
	fails(c, RUN("query-sev-launch-measure"), "SEV launch measurement is not available");
}

static void capabilities(void **state)
{
	struct client *c = *state;

	dialogue(c, RUN("query-sev-capabilities"),
		"{\"return\": {\"pdh\": \"UERI\", \"cert-chain\": \"UEVLfE9DQXxDRUs=\", "
		"\"cpu0-id\": \"SUQ=\", \"cbitpos\": 47, \"reduced-phys-bits\": 5}}");
	c->refusal = "SEV: Failed to export PDH cert";
	fails(c, RUN("query-sev-capabilities"), "SEV: Failed to export PDH cert");
}

#define INJECT(args) "{\"execute\": \"sev-inject-launch-secret\", \"arguments\": {" args "}}"
#define PACKET	     "\"packet-header\": \"SEVB\", \"secret\": \"REFUQQ==\""

static void inject(void **state)
{
	struct client *c = *state;

	dialogue(c, INJECT(PACKET), DONE);
	assert_string_equal(c->log, "inject HEA DATA anywhere0;");
	c->log[0] = 0;
	dialogue(c, INJECT(PACKET ", \"gpa\": 18446744073709551600"), DONE);
	assert_string_equal(c->log, "inject HEA DATA at fffffffffffffff0;");
	c->log[0] = 0;
	dialogue(c, INJECT(PACKET ", \"gpa\": -1"), DONE);
	assert_string_equal(c->log, "inject HEA DATA at ffffffffffffffff;");
	c->log[0] = 0;
	dialogue(c, INJECT(PACKET ", \"gpa\": 0"), DONE);
	assert_string_equal(c->log, "inject HEA DATA at 0;");
	c->refusal = "SEV not enabled for guest";
	say(c, INJECT(PACKET));
	expect_error(c, "GenericError", "SEV not enabled for guest");
}

/* As lenient as QEMU's decoder: line breaks and garbage are skipped, padding may be missing. */
static void lenient_base64(void **state)
{
	struct client *c = *state;

	dialogue(c, INJECT("\"packet-header\": \" S*E\\nV-B\", \"secret\": \"REFUQQ\""), DONE);
	dialogue(c, INJECT("\"packet-header\": \"!!\", \"secret\": \"R\""), DONE);
	assert_string_equal(c->log, "inject HEA DATA anywhere0;inject   anywhere0;");
}

static void wrong_packets(void **state)
{
	struct client *c = *state;

	fails(c, INJECT(""), "Parameter 'packet-header' is missing");
	fails(c, INJECT("\"packet-header\": \"AA==\""), "Parameter 'secret' is missing");
	fails(c, INJECT("\"packet-header\": 1, \"secret\": \"\""),
		"Invalid parameter type for 'packet-header', expected: string");
	fails(c, INJECT("\"packet-header\": \"\", \"secret\": null"),
		"Invalid parameter type for 'secret', expected: string");
	fails(c, INJECT(PACKET ", \"gpa\": \"0\""), "Parameter 'gpa' expects uint64");
	fails(c, INJECT(PACKET ", \"gpa\": null"), "Parameter 'gpa' expects uint64");
	fails(c, INJECT(PACKET ", \"gpa\": 1.5"), "Parameter 'gpa' expects uint64");
	fails(c, INJECT(PACKET ", \"gpa\": 1e3"), "Parameter 'gpa' expects uint64");
	fails(c, INJECT(PACKET ", \"gpa\": 18446744073709551616"),
		"Parameter 'gpa' expects uint64");
	fails(c, INJECT(PACKET ", \"zeal\": 1"), "Parameter 'zeal' is unexpected");
}

static void attestation(void **state)
{
	struct client *c = *state;
	static const char request[] = "{\"execute\": \"query-sev-attestation-report\", "
				      "\"arguments\": {\"mnonce\": \"AAAA\"}}";

	dialogue(c, request, "{\"return\": {\"data\": \"cmVwb3J0Mw==\"}}");
	fails(c, RUN("query-sev-attestation-report"), "Parameter 'mnonce' is missing");
	c->refusal = "SEV: mnonce must be 16 bytes (got 3)";
	fails(c, request, "SEV: mnonce must be 16 bytes (got 3)");
}

/* --- memory ---------------------------------------------------------------------------------- */

static char directory[] = "/tmp/test_qmp.XXXXXX";

static const char *in_directory(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void save(
	struct client *c, const char *command, const char *val, const char *size, const char *name)
{
	char request[512];

	snprintf(request, sizeof(request),
		"{\"execute\": \"%s\", \"arguments\": {\"val\": %s, \"size\": %s, \"filename\": "
		"\"%s\"}}",
		command, val, size, in_directory(name));
	say(c, request);
}

/* The file's size, which is that of data; nobody else may read it. */
static size_t load(const char *name, uint8_t *data, size_t room)
{
	struct sev_blob blob;
	struct stat st;
	size_t size;

	assert_int_equal(stat(in_directory(name), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(sev_file_read(in_directory(name), room, &blob, NULL), 0);
	size = blob.size;
	memcpy(data, blob.data, size);
	sev_blob_free(&blob);
	return size;
}

static void assert_filled(const uint8_t *data, size_t size, uint8_t value)
{
	for (size_t n = 0; n < size; n++)
		assert_int_equal(data[n], value);
}

/* From within a page into another one, with a page between that does not exist. */
static void raw_memory(void **state)
{
	static uint8_t data[32768];

	save(*state, "pmemsave", "4000", "8300", "raw");
	expect(*state, DONE);
	assert_int_equal(load("raw", data, sizeof(data)), 8300);
	assert_filled(data, 96, 1);
	assert_filled(data + 96, 4096, 2);
	assert_filled(data + 4192, 4096, 0);
	assert_filled(data + 8288, 12, 4);
	save(*state, "pmemsave", "8192", "4096", "raw"); /* nothing but a hole */
	expect(*state, DONE);
	assert_int_equal(load("raw", data, sizeof(data)), 4096);
	assert_filled(data, 4096, 0);
	save(*state, "pmemsave", "0", "0", "raw");
	expect(*state, DONE);
	assert_int_equal(load("raw", data, sizeof(data)), 0);
	unlink(in_directory("raw"));
}

static void guest_memory(void **state)
{
	struct client *c = *state;
	static uint8_t data[8192];

	save(c, "x-sev-memsave", "1", "5000", "view");
	expect(c, DONE);
	assert_int_equal(load("view", data, sizeof(data)), 5000);
	assert_filled(data, 5000, 'G');
	unlink(in_directory("view"));
}

/* Through the page tables of a CPU, page by page; what the host sees there. */
static void virtual_memory(void **state)
{
	struct client *c = *state;
	static uint8_t data[8192];
	char request[512];

	save(c, "memsave", "4000", "96", "linear");
	expect(c, DONE);
	assert_int_equal(load("linear", data, sizeof(data)), 96);
	assert_filled(data, 96, 1);
	snprintf(request, sizeof(request),
		"{\"execute\": \"memsave\", \"arguments\": {\"val\": 0, \"size\": 10, "
		"\"filename\": \"%s\", \"cpu-index\": 3}}",
		in_directory("linear"));
	dialogue(c, request, DONE);
	assert_int_equal(load("linear", data, sizeof(data)), 10);
	assert_filled(data, 10, 4);
	save(c, "memsave", "4000", "97", "linear"); /* the second page is not mapped */
	expect_error(c, "GenericError", "Invalid addr 0x0000000000001000/size 1 specified");
	assert_int_equal(load("linear", data, sizeof(data)), 10);
	save(c, "memsave", "-4096", "4096", "linear");
	expect_error(c, "GenericError", "Invalid addr 0xfffffffffffff000/size 4096 specified");
	save(c, "memsave", "0", "-1", "linear");
	expect_error(c, "GenericError", "Invalid addr 0x0000000000000000/size -1 specified");
	*strchr(strstr(request, "cpu-index"), '3') = '4';
	say(c, request);
	expect_error(c, "GenericError", "Parameter 'cpu-index' expects a CPU number");
	unlink(in_directory("linear"));
}

static unsigned count_files(void)
{
	DIR *d = opendir(directory);
	unsigned count = 0;

	for (struct dirent *entry; (entry = readdir(d));)
		count += entry->d_name[0] != '.';
	closedir(d);
	return count;
}

/* Nothing is left of a dump that fails half way, and what was there before stays. */
static void memory_refused(void **state)
{
	struct client *c = *state;
	static uint8_t data[8192];

	save(c, "x-sev-memsave", "0", "100", "kept");
	expect(c, DONE);
	save(c, "x-sev-memsave", "4096", "8192", "kept");
	expect_error(c, "GenericError", "there is no memory");
	c->refusal = "policy=0x1: forbids debugging";
	save(c, "x-sev-memsave", "0", "8192", "kept");
	expect_error(c, "GenericError", "policy=0x1: forbids debugging");
	assert_int_equal(load("kept", data, sizeof(data)), 100);
	assert_int_equal(count_files(), 1);
	unlink(in_directory("kept"));
}

static void wrong_ranges(void **state)
{
	struct client *c = *state;

	save(c, "pmemsave", "0", "-1", "x");
	expect_error(c, "GenericError", "Invalid addr 0x0000000000000000/size -1 specified");
	save(c, "pmemsave", "1099511627776", "1", "x");
	expect_error(c, "GenericError", "Invalid addr 0x0000010000000000/size 1 specified");
	save(c, "pmemsave", "0", "4294967297", "x"); /* would keep the guest waiting for holes */
	expect_error(
		c, "GenericError", "Invalid addr 0x0000000000000000/size 4294967297 specified");
	save(c, "x-sev-memsave", "-4096", "4096", "x");
	expect_error(c, "GenericError", "Invalid addr 0xfffffffffffff000/size 4096 specified");
	save(c, "pmemsave", "\"0\"", "4096", "x");
	expect_error(c, "GenericError", "Invalid parameter type for 'val', expected: integer");
	save(c, "pmemsave", "0", "1e3", "x");
	expect_error(c, "GenericError", "Invalid parameter type for 'size', expected: integer");
	assert_int_equal(access(in_directory("x"), F_OK), -1);
}

static void wrong_files(void **state)
{
	struct client *c = *state;
	char text[256];

	save(c, "pmemsave", "0", "1", "none/file");
	snprintf(text, sizeof(text), "Could not open '%s': No such file or directory",
		in_directory("none/file"));
	expect_error(c, "GenericError", text);
	save(c, "pmemsave", "0", "1", ".");
	snprintf(text, sizeof(text), "Could not open '%s': not a regular file", in_directory("."));
	expect_error(c, "GenericError", text);
	assert_int_equal(mkfifo(in_directory("pipe"), 0600), 0);
	save(c, "x-sev-memsave", "0", "1", "pipe");
	snprintf(text, sizeof(text), "Could not open '%s': not a regular file",
		in_directory("pipe"));
	expect_error(c, "GenericError", text);
	unlink(in_directory("pipe"));
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

#define WITH_CLIENT(test) cmocka_unit_test_setup_teardown(test, client_set_up, client_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prelaunch),
		WITH_CLIENT(stop_and_cont),
		cmocka_unit_test(cont_refused),
		WITH_CLIENT(reset),
		WITH_CLIENT(powerdown),
		WITH_CLIENT(quit),
		WITH_CLIENT(shutdown_by_guest),
		WITH_CLIENT(panic),
		WITH_CLIENT(internal_error),
		cmocka_unit_test(panic_while_stopped),
		WITH_CLIENT(query_sev),
		WITH_CLIENT(measure),
		WITH_CLIENT(capabilities),
		WITH_CLIENT(inject),
		WITH_CLIENT(lenient_base64),
		WITH_CLIENT(wrong_packets),
		WITH_CLIENT(attestation),
		WITH_CLIENT(raw_memory),
		WITH_CLIENT(guest_memory),
		WITH_CLIENT(virtual_memory),
		WITH_CLIENT(memory_refused),
		WITH_CLIENT(wrong_ranges),
		WITH_CLIENT(wrong_files),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
