/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What clients ask before they act: the machine, the tree of objects, and the monitor for humans.
 */
#include "tests/unit/qmp_client.h"

#include <unistd.h>

#define RUN(name) "{\"execute\": \"" name "\"}"

static void machine(void **state)
{
	struct client *c = *state;
	char answer[1024];
	size_t used = 0;

	dialogue(c, RUN("query-name"), "{\"return\": {}}");
	dialogue(c, RUN("query-uuid"),
		"{\"return\": {\"UUID\": \"00000000-0000-0000-0000-000000000000\"}}");
	dialogue(c, RUN("query-kvm"), "{\"return\": {\"enabled\": false, \"present\": false}}");
	dialogue(c, RUN("query-target"), "{\"return\": {\"arch\": \"x86_64\"}}");
	for (int n = 0; n < 4; n++)
		used += (size_t)snprintf(answer + used, sizeof(answer) - used,
			"%s{\"cpu-index\": %d, \"qom-path\": \"/machine/unattached/device[%d]\", "
			"\"thread-id\": %d, \"props\": {\"socket-id\": %d, \"core-id\": %d, "
			"\"thread-id\": 0}, \"target\": \"x86_64\"}",
			n ? ", " : "{\"return\": [", n, n, getpid(), n / 2, n % 2);
	strcat(answer, "]}");
	dialogue(c, RUN("query-cpus-fast"), answer);
}

/* --- objects --------------------------------------------------------------------------------- */

#define LIST(path) "{\"execute\": \"qom-list\", \"arguments\": {\"path\": \"" path "\"}}"
#define GET(path, property)                                            \
	"{\"execute\": \"qom-get\", \"arguments\": {\"path\": \"" path \
	"\", \"property\": \"" property "\"}}"
#define SET(path, property)                                            \
	"{\"execute\": \"qom-set\", \"arguments\": {\"path\": \"" path \
	"\", \"property\": \"" property "\", \"value\": 1}}"

static void missing(struct client *c, const char *request, const char *path)
{
	char text[160];

	snprintf(text, sizeof(text), "Device '%s' not found", path);
	say(c, request);
	expect_error(c, "DeviceNotFound", text);
	expect_nothing(c);
}

static void qom_list(void **state)
{
	static const char objects[] = "{\"return\": [{\"name\": \"type\", \"type\": \"string\"}, "
				      "{\"name\": \"sev0\", \"type\": \"child<sev-guest>\"}]}";
	struct client *c = *state;

	dialogue(c, LIST("/"),
		"{\"return\": [{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"objects\", "
		"\"type\": \"child<container>\"}, {\"name\": \"machine\", \"type\": "
		"\"child<bochs-pc-machine>\"}]}");
	dialogue(c, LIST("/objects"), objects);
	dialogue(c, LIST("/objects/"), objects);
	dialogue(c, LIST("objects"), objects);
	dialogue(c, LIST("/objects/sev0"),
		"{\"return\": [{\"name\": \"type\", \"type\": \"string\"}, {\"name\": "
		"\"dh-cert-file\", \"type\": \"string\"}, {\"name\": \"sev-device\", \"type\": "
		"\"string\"}, {\"name\": \"session-file\", \"type\": \"string\"}, {\"name\": "
		"\"kernel-hashes\", \"type\": \"bool\"}, {\"name\": \"handle\", \"type\": "
		"\"uint32\"}, {\"name\": \"policy\", \"type\": \"uint32\"}, {\"name\": "
		"\"reduced-phys-bits\", \"type\": \"uint32\"}, {\"name\": \"cbitpos\", \"type\": "
		"\"uint32\"}]}");
	missing(c, LIST("/nope"), "/nope");
	missing(c, LIST("nope"), "nope");
	missing(c, LIST("ev0"), "ev0");
	missing(c, LIST("/objects/sev"), "/objects/sev");
	missing(c, LIST("/machine/unattached/device[4]"), "/machine/unattached/device[4]");
	fails(c, LIST(""), "Path '' is ambiguous");
}

static void qom_get(void **state)
{
	struct client *c = *state;

	dialogue(c, GET("/", "type"), "{\"return\": \"container\"}");
	dialogue(c, GET("/machine", "confidential-guest-support"),
		"{\"return\": \"/objects/sev0\"}");
	dialogue(c, GET("/machine/unattached/device[3]", "type"),
		"{\"return\": \"fake-x86_64-cpu\"}");
	dialogue(c, GET("device[0]", "unavailable-features"), "{\"return\": []}");
	dialogue(c, GET("sev0", "type"), "{\"return\": \"sev-guest\"}");
	dialogue(c, GET("/objects/sev0", "policy"), "{\"return\": 5}");
	dialogue(c, GET("/objects/sev0", "cbitpos"), "{\"return\": 51}");
	dialogue(c, GET("/objects/sev0", "reduced-phys-bits"), "{\"return\": 1}");
	dialogue(c, GET("/objects/sev0", "handle"), "{\"return\": 0}");
	dialogue(c, GET("/objects/sev0", "kernel-hashes"), "{\"return\": true}");
	dialogue(c, GET("/objects/sev0", "dh-cert-file"), "{\"return\": \"godh.b64\"}");
	dialogue(c, GET("/objects/sev0", "session-file"), "{\"return\": \"\"}");
	fails(c, GET("/machine", "zz"), "Property 'bochs-pc-machine.zz' not found");
	fails(c, GET("/objects/sev0", ""), "Property 'sev-guest.' not found");
	missing(c, GET("/objects/x", "zz"), "/objects/x");
}

static void qom_set(void **state)
{
	struct client *c = *state;

	fails(c, SET("/objects/sev0", "policy"), "Property 'sev-guest.policy' is not writable");
	fails(c, SET("/machine", "type"), "Property 'bochs-pc-machine.type' is not writable");
	fails(c, SET("/machine", "zz"), "Property 'bochs-pc-machine.zz' not found");
	missing(c, SET("/x", "zz"), "/x");
	dialogue(c, GET("/objects/sev0", "policy"), "{\"return\": 5}");
}

/* Without a SEV guest there is no such object. */
static void without_sev(void **state)
{
	struct client *c = *state;
	struct monitor_about about = fake_about;

	about.sev = NULL;
	c->machine.about = &about;
	missing(c, LIST("/objects/sev0"), "/objects/sev0");
	dialogue(c, GET("/machine", "confidential-guest-support"), "{\"return\": \"\"}");
	fails(c, "{\"execute\": \"object-del\", \"arguments\": {\"id\": \"sev0\"}}",
		"object 'sev0' not found");
}

#define TYPES(args) "{\"execute\": \"qom-list-types\", \"arguments\": {" args "}}"

static void qom_list_types(void **state)
{
	struct client *c = *state;

	dialogue(c, TYPES("\"implements\": \"confidential-guest-support\""),
		"{\"return\": [{\"name\": \"sev-guest\", \"parent\": \"sev-common\"}]}");
	dialogue(c, TYPES("\"implements\": \"user-creatable\""),
		"{\"return\": [{\"name\": \"sev-guest\", \"parent\": \"sev-common\"}]}");
	dialogue(c, TYPES("\"implements\": \"sev-common\", \"abstract\": true"),
		"{\"return\": [{\"name\": \"sev-common\", \"abstract\": true, \"parent\": "
		"\"x86-confidential-guest\"}, {\"name\": \"sev-guest\", \"parent\": "
		"\"sev-common\"}]}");
	dialogue(c, TYPES("\"implements\": \"cpu\", \"abstract\": false"),
		"{\"return\": [{\"name\": \"fake-x86_64-cpu\", \"parent\": \"x86_64-cpu\"}]}");
	dialogue(c, TYPES("\"implements\": \"nope\""), "{\"return\": []}");
	dialogue(c, TYPES(""),
		"{\"return\": [{\"name\": \"container\", \"parent\": \"object\"}, {\"name\": "
		"\"bochs-pc-machine\", \"parent\": \"machine\"}, {\"name\": \"fake-x86_64-cpu\", "
		"\"parent\": \"x86_64-cpu\"}, {\"name\": \"sev-guest\", \"parent\": "
		"\"sev-common\"}]}");
	fails(c, TYPES("\"abstract\": 1"),
		"Invalid parameter type for 'abstract', expected: boolean");
}

#define ADD(args) "{\"execute\": \"object-add\", \"arguments\": {" args "}}"
#define GUEST	  "\"qom-type\": \"sev-guest\", \"reduced-phys-bits\": 1"

static void objects(void **state)
{
	struct client *c = *state;

	fails(c, ADD("\"id\": \"x\""), "Parameter 'qom-type' is missing");
	fails(c, ADD("\"qom-type\": \"foo\", \"id\": \"x\""),
		"Parameter 'qom-type' does not accept value 'foo'");
	fails(c, ADD("\"qom-type\": 1, \"id\": \"x\""),
		"Invalid parameter type for 'qom-type', expected: string");
	fails(c, ADD("\"qom-type\": \"sev-guest\", \"id\": \"x\""),
		"Parameter 'reduced-phys-bits' is missing");
	fails(c, ADD(GUEST ", \"id\": \"x\", \"cbitpos\": \"a\""),
		"Parameter 'cbitpos' expects uint64");
	fails(c, ADD(GUEST ", \"id\": \"x\", \"cbitpos\": 4294967296"),
		"Parameter 'cbitpos' expects uint32_t");
	fails(c, ADD(GUEST ", \"id\": \"x\", \"handle\": -1"),
		"Parameter 'handle' expects uint32_t");
	fails(c, ADD(GUEST ", \"id\": \"x\", \"legacy-vm-type\": \"maybe\""),
		"Parameter 'legacy-vm-type' does not accept value 'maybe'");
	fails(c, ADD(GUEST ", \"id\": \"x\", \"zz\": 1"), "Parameter 'zz' is unexpected");
	fails(c, ADD(GUEST ", \"id\": \"x y\""), "Parameter 'id' expects an identifier");
	fails(c, ADD(GUEST ", \"id\": \"1x\""), "Parameter 'id' expects an identifier");
	fails(c, ADD(GUEST ", \"id\": \"sev0\""),
		"attempt to add duplicate property 'sev0' to object (type 'container')");
	fails(c, ADD(GUEST ", \"id\": \"x\""),
		"object 'x' of type 'sev-guest' cannot be added to a machine that exists");
	fails(c, "{\"execute\": \"object-del\", \"arguments\": {\"id\": \"sev0\"}}",
		"object 'sev0' is in use, can not be deleted");
	fails(c, "{\"execute\": \"object-del\", \"arguments\": {\"id\": \"x\"}}",
		"object 'x' not found");
}

/* --- human-monitor-command ------------------------------------------------------------------- */

/* lines: as JSON writes them. */
static void human(struct client *c, const char *command, const char *lines)
{
	char request[256], answer[2048];

	snprintf(request, sizeof(request),
		"{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": "
		"\"%s\"}}",
		command);
	snprintf(answer, sizeof(answer), "{\"return\": \"%s\"}", lines);
	dialogue(c, request, answer);
}

static void human_info(void **state)
{
	struct client *c = *state;
	char cpus[256];

	human(c, "info status", "VM status: running\\r\\n");
	human(c, "  info\\t status ", "VM status: running\\r\\n");
	human(c, "info sev", "SEV is not enabled\\r\\n");
	c->info = (struct monitor_sev_info) { true, 1, 55, 21, 1, 3, "launch-secret" };
	human(c, "info sev",
		"SEV type: sev\\r\\nstate: launch-secret\\r\\nbuild: 21\\r\\napi version: "
		"1.55\\r\\nhandle: 3\\r\\ndebug: off\\r\\nkey-sharing: on\\r\\n");
	human(c, "info kvm", "kvm support: not compiled\\r\\n");
	human(c, "info name", "");
	human(c, "info uuid", "00000000-0000-0000-0000-000000000000\\r\\n");
	human(c, "info version",
		"10.0.0bochs-sev: Bochs with an emulated AMD SEV. EMULATED - NOT AMD\\r\\n");
	snprintf(cpus, sizeof(cpus),
		"* CPU #0: thread_id=%d\\r\\n  CPU #1: thread_id=%d\\r\\n  CPU #2: "
		"thread_id=%d\\r\\n  CPU #3: thread_id=%d\\r\\n",
		getpid(), getpid(), getpid(), getpid());
	human(c, "info cpus", cpus);
}

static void human_registers(void **state)
{
	struct client *c = *state;

	human(c, "info registers",
		"\\r\\nCPU#0\\r\\n"
		"EAX=00000000 EBX=00000003 ECX=00000001 EDX=00000002\\r\\n"
		"ESI=00000006 EDI=00000007 EBP=00000005 ESP=00000004\\r\\n"
		"EIP=0000fff0 EFL=00000046 [---Z-P-] CPL=0 SMM=0 HLT=0\\r\\n"
		"ES =0000 00000000 00000000 00000000\\r\\n"
		"CS =f000 ffff0000 0000ffff 00009b00\\r\\n"
		"SS =0000 00000000 00000000 00000000\\r\\n"
		"DS =0000 00000000 00000000 00000000\\r\\n"
		"FS =0000 00000000 00000000 00000000\\r\\n"
		"GS =0000 00000000 00000000 00000000\\r\\n"
		"LDT=0000 00000000 00000000 00000000\\r\\n"
		"TR =0000 00000000 00000000 00000000\\r\\n"
		"GDT=     00000000 00000000\\r\\nIDT=     00000000 00000000\\r\\n"
		"CR0=60000010 CR2=00000000 CR3=00000000 CR4=00000000\\r\\n"
		"EFER=0000000000000000\\r\\n");
	say(c, "{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"info "
	       "registers\", \"cpu-index\": 1}}");
	assert_non_null(strstr(next_line(c), "RAX=0000000000000010 RBX=0000000000000013 "
					     "RCX=0000000000000011 RDX=0000000000000012\\r\\n"));
	fails(c,
		"{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"info "
		"registers\", \"cpu-index\": 4}}",
		"Parameter 'cpu-index' expects a CPU number");
}

static void human_actions(void **state)
{
	struct client *c = *state;

	say(c, "{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": "
	       "\"stop\"}}");
	expect_event(c, "{\"event\": \"STOP\"}");
	expect(c, "{\"return\": \"\"}");
	human(c, "info status", "VM status: paused\\r\\n");
	c->refusal = "not now";
	human(c, "c", "Error: not now\\r\\n");
	c->refusal = NULL;
	say(c, "{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": "
	       "\"system_reset\"}}");
	expect(c, "{\"return\": \"\"}");
	expect_event(c, "{\"event\": \"RESET\", \"data\": {\"guest\": false, \"reason\": "
			"\"host-qmp-system-reset\"}}");
	human(c, "info status", "VM status: paused (prelaunch)\\r\\n");
	assert_string_equal(c->log, "cont;reset;");
	say(c, "{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": "
	       "\"q\"}}");
	expect(c, "{\"return\": \"\"}");
	expect_event(c, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": false, \"reason\": "
			"\"host-qmp-quit\"}}");
	assert_true(qmp_quit_requested(c->qmp));
}

/* What is wrong is text, never an error. */
static void human_wrong(void **state)
{
	struct client *c = *state;

	human(c, "foo", "unknown command: 'foo'\\r\\n");
	human(c, "info foo", "unknown command: 'info foo'\\r\\n");
	human(c, "", "");
	human(c, "  ", "");
	human(c, "info status x",
		"status: extraneous characters at the end of line\\r\\nTry \\\"help\\\" for more "
		"information\\r\\n");
	human(c, "stop x",
		"stop|s: extraneous characters at the end of line\\r\\nTry \\\"help\\\" for more "
		"information\\r\\n");
	human(c, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		"unknown command: "
		"'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'"
		"\\r\\n");
	assert_int_equal(qmp_run_state(c->qmp), QMP_RUNNING);
}

static void human_help(void **state)
{
	struct client *c = *state;

	say(c, "{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": "
	       "\"help\"}}");
	assert_non_null(strstr(next_line(c), "stop|s  -- stop emulation\\r\\n"));
	say(c, "{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": "
	       "\"info\"}}");
	assert_non_null(strstr(next_line(c), "info sev  -- show SEV information\\r\\n"));
}

#define WITH_CLIENT(test) cmocka_unit_test_setup_teardown(test, client_set_up, client_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLIENT(machine),
		WITH_CLIENT(qom_list),
		WITH_CLIENT(qom_get),
		WITH_CLIENT(qom_set),
		WITH_CLIENT(without_sev),
		WITH_CLIENT(qom_list_types),
		WITH_CLIENT(objects),
		WITH_CLIENT(human_info),
		WITH_CLIENT(human_registers),
		WITH_CLIENT(human_actions),
		WITH_CLIENT(human_wrong),
		WITH_CLIENT(human_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
