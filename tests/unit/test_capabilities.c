/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What --sev-capabilities says against what the emulator does. */
#include "tests/unit/unit.h"

#include <json-c/json.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bios/sev_options.h"
#include "crypto/crypto.h"
#include "cpu/cpu_model.h"
#include "iodev/psp/psp.h"
#include "iodev/psp/psp_abi.h"
#include "memory/memory.h"
#include "monitor/capabilities.h"
#include "monitor/sev_host.h"

static struct sev_error err;
static char dir[] = "/tmp/test_capabilities.XXXXXX";

/* --- helpers --------------------------------------------------------------------------------- */

static struct json_object *parse(char *text)
{
	struct json_object *object = json_tokener_parse(text);

	assert_non_null(object);
	assert_int_equal(text[strlen(text) - 1], '\n');
	free(text);
	return object;
}

/* For a chip of a directory, or NULL. */
static struct json_object *json_of(const char *state)
{
	struct capabilities cap;
	struct json_object *object;

	if (capabilities_get(&cap, state, &err) < 0)
		fail_msg("%s", err.text);
	object = parse(capabilities_json(&cap));
	capabilities_free(&cap);
	return object;
}

static struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = json_object_object_get(object, name);

	if (!value)
		fail_msg("no member %s", name);
	return value;
}

static int64_t number(struct json_object *object, const char *name)
{
	assert_true(json_object_is_type(member(object, name), json_type_int));
	return json_object_get_int64(member(object, name));
}

static bool flag(struct json_object *object, const char *name)
{
	assert_true(json_object_is_type(member(object, name), json_type_boolean));
	return json_object_get_boolean(member(object, name));
}

static const char *string(struct json_object *object, const char *name)
{
	assert_true(json_object_is_type(member(object, name), json_type_string));
	return json_object_get_string(member(object, name));
}

static void assert_base64(const char *text, const struct sev_blob *blob)
{
	char *expected = sev_base64(blob->data, blob->size);

	assert_string_equal(text, expected);
	free(expected);
}

static void assert_same(char *text, const char *expected)
{
	struct json_object *a = parse(text), *b = json_tokener_parse(expected);

	assert_non_null(b);
	assert_true(json_object_equal(a, b));
	json_object_put(a);
	json_object_put(b);
}

/* A chip with no other memory than the window for its commands. */
struct machine {
	struct sevmem *memory;
	struct psp *psp;
	uint8_t window[PSP_HOST_WINDOW] __attribute__((aligned(SEVMEM_PAGE)));
};

static struct machine machine;

static void start(const char *state)
{
	struct psp_config config = {
		.max_asid = 2, .min_sev_asid = 1, .cores = 1, .state_dir = state
	};

	machine.memory = config.memory = sevmem_new();
	assert_int_equal(
		sevmem_add_flat(machine.memory, 0x10000, PSP_HOST_WINDOW, machine.window), 0);
	machine.psp = psp_new(&config, &err);
	assert_non_null(machine.psp);
}

static void stop(void)
{
	psp_free(machine.psp);
	sevmem_free(machine.memory);
}

/* --- JSON ------------------------------------------------------------------------------------ */

/* What is offered is what the directive takes. */
static void types(void **state)
{
	struct json_object *object = json_of(NULL), *list = member(object, "types");
	struct sev_options options;
	char parameter[40];

	(void)state;
	assert_int_equal(json_object_object_length(list), 3);
	assert_true(flag(list, "sev"));
	json_object_object_foreach(list, name, value)
	{
		sev_options_init(&options);
		snprintf(parameter, sizeof(parameter), "type=%s", name);
		assert_int_equal(json_object_get_boolean(value),
			sev_options_set(&options, parameter, &err) == 0);
	}
	assert_true(sev_options_offer("sev"));
	assert_false(sev_options_offer("se"));
	assert_false(sev_options_offer(""));
	json_object_put(object);
}

static bool takes(const char *name, int64_t value)
{
	struct sev_options options;
	char parameter[80];

	sev_options_init(&options);
	snprintf(parameter, sizeof(parameter), "%s=%lld", name, (long long)value);
	return sev_options_set(&options, parameter, &err) == 0;
}

static void assert_range(struct json_object *range, const char *name)
{
	assert_true(takes(name, number(range, "min")));
	assert_true(takes(name, number(range, "max")));
	assert_false(takes(name, number(range, "min") - 1));
	assert_false(takes(name, number(range, "max") + 1));
}

static void numbers(void **state)
{
	struct json_object *object = json_of(NULL), *policy = member(object, "policy");
	struct json_object *asids = member(object, "asids");

	(void)state;
	assert_int_equal(number(object, "cbitpos"), 51);
	assert_range(member(object, "cbitpos-range"), "cbitpos");
	assert_int_equal(number(object, "reduced-phys-bits"), 1);
	assert_range(member(object, "reduced-phys-bits-range"), "reduced_phys_bits");
	assert_int_equal(number(object, "api-major"), 1);
	assert_int_equal(number(object, "api-minor"), 55);
	assert_int_equal(number(object, "build-id"), 21);
	assert_int_equal(number(policy, "default"), 1);
	assert_int_equal(number(policy, "api-major-shift"), 16);
	assert_int_equal(number(policy, "api-minor-shift"), 24);
	assert_int_equal(number(asids, "max"), 509);
	assert_int_equal(number(asids, "min-sev"), SEV_CPU_MIN_ASID);
	assert_string_equal(string(object, "emulated"), "EMULATED - NOT AMD");
	json_object_put(object);
}

/* A bit is supported if a guest with this policy passes the check of the directive. */
static void policy_bits(void **state)
{
	static const char *const names[] = { "NODBG", "NOKS", "ES", "NOSEND", "DOMAIN", "SEV" };
	struct json_object *object = json_of(NULL);
	struct json_object *bits = member(member(object, "policy"), "bits"), *bit;
	struct sev_options options;

	(void)state;
	assert_int_equal(json_object_array_length(bits), 6);
	for (size_t i = 0; i < 6; i++) {
		bit = json_object_array_get_idx(bits, i);
		assert_string_equal(string(bit, "name"), names[i]);
		assert_int_equal(number(bit, "bit"), i);
		sev_options_init(&options);
		options.type = i == 2 ? SEV_TYPE_SEV_ES : SEV_TYPE_SEV;
		options.policy = 1u << i;
		assert_int_equal(sev_options_check(&options, &err), 0);
		assert_int_equal(flag(bit, "supported"), i != 2 || sev_options_offer("sev-es"));
	}
	json_object_put(object);
}

/* The chip itself knows no other commands than those listed, and refuses those not supported. */
static void commands(void **state)
{
	struct json_object *object = json_of(NULL), *list = member(object, "commands"), *each;
	unsigned listed = 0, supported = 0;
	bool known[256] = { false };

	(void)state;
	start(NULL);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		each = json_object_array_get_idx(list, i);
		uint32_t id = (uint32_t)number(each, "id");
		uint16_t status = psp_command(machine.psp, id, 0x10000);

		assert_true(id < 256);
		assert_false(known[id]);
		known[id] = true;
		listed++;
		assert_string_equal(string(each, "name"), psp_command_name(id));
		assert_int_not_equal(status, PSP_INVALID_COMMAND);
		if (flag(each, "supported")) {
			assert_int_not_equal(status, PSP_UNSUPPORTED);
			supported++;
		} else {
			assert_int_not_equal(status, PSP_SUCCESS);
		}
	}
	for (uint32_t id = 0; id < 256; id++) {
		if (!known[id])
			assert_int_equal(
				psp_command(machine.psp, id, 0x10000), PSP_INVALID_COMMAND);
	}
	stop();
	assert_true(supported > 30 && supported < listed);
	assert_true(psp_command_supported(PSP_CMD_LAUNCH_START));
	assert_false(psp_command_supported(PSP_CMD_RING_BUFFER));
	assert_false(psp_command_supported(PSP_CMD_SNP_INIT));
	assert_false(psp_command_supported(0x1ff));
	json_object_put(object);
}

/* --- the chip -------------------------------------------------------------------------------- */

static void without_chip(void **state)
{
	struct json_object *object = json_of(NULL);

	(void)state;
	assert_null(json_object_object_get(object, "pdh"));
	assert_null(json_object_object_get(object, "cert-chain"));
	assert_null(json_object_object_get(object, "cpu0-id"));
	assert_non_null(strstr(string(object, "note"), "--state DIR"));
	json_object_put(object);
}

/* What QMP's query-sev-capabilities says of the same chip. */
static void same_as_qmp(void **state)
{
	struct json_object *object = json_of(dir);
	struct monitor_sev_capabilities cap;
	struct sev_host host = { .cbitpos = 51, .reduced_phys_bits = 1 };

	(void)state;
	start(dir);
	host.mailbox = (struct psp_host) {
		.psp = machine.psp, .memory = machine.memory, .window = 0x10000
	};
	assert_int_equal(sev_host_capabilities(&host, &cap, &err), 0);
	stop();
	assert_int_equal(cap.pdh.size, sizeof(struct psp_cert));
	assert_base64(string(object, "pdh"), &cap.pdh);
	assert_base64(string(object, "cert-chain"), &cap.cert_chain);
	assert_base64(string(object, "cpu0-id"), &cap.cpu0_id);
	assert_int_equal(number(object, "cbitpos"), cap.cbitpos);
	assert_int_equal(number(object, "reduced-phys-bits"), cap.reduced_phys_bits);
	assert_null(json_object_object_get(object, "note"));
	sev_blob_free(&cap.pdh);
	sev_blob_free(&cap.cert_chain);
	sev_blob_free(&cap.cpu0_id);
	json_object_put(object);
}

/* Asking twice is asking the same chip; another directory is another chip. */
static void one_chip(void **state)
{
	struct json_object *first = json_of(dir), *second = json_of(dir), *third;
	char *other;

	(void)state;
	assert_true(json_object_equal(first, second));
	assert_true(asprintf(&other, "%s/other", dir) > 0);
	third = json_of(other);
	assert_string_not_equal(string(first, "cpu0-id"), string(third, "cpu0-id"));
	assert_string_not_equal(string(first, "pdh"), string(third, "pdh"));
	free(other);
	json_object_put(first);
	json_object_put(second);
	json_object_put(third);
}

static void chip_in_use(void **state)
{
	struct capabilities cap;

	(void)state;
	start(dir);
	assert_int_equal(capabilities_get(&cap, dir, &err), -1);
	assert_non_null(strstr(err.text, dir));
	assert_non_null(strstr(err.text, "another running emulator has this chip"));
	stop();
	assert_int_equal(capabilities_get(&cap, "/dev/null", &err), -1);
	assert_non_null(strstr(err.text, "/dev/null"));
}

/* --- the other forms ------------------------------------------------------------------------- */

static const char *yes(const char *type)
{
	return sev_options_offer(type) ? "true" : "false";
}

static void proxmox(void **state)
{
	struct capabilities cap;
	char *expected;

	(void)state;
	assert_int_equal(capabilities_get(&cap, NULL, &err), 0);
	assert_true(asprintf(&expected,
			    "{\"amd-sev\": {\"cbitpos\": 51, \"reduced-phys-bits\": 1, "
			    "\"sev-support\": true, \"sev-support-es\": %s, "
			    "\"sev-support-snp\": %s}}",
			    yes("sev-es"), yes("sev-snp")) > 0);
	assert_same(capabilities_proxmox(&cap), expected);
	free(expected);
	capabilities_free(&cap);
}

#define LIBVIRT                                    \
	"<sev supported='yes'>\n"                  \
	"  <cbitpos>51</cbitpos>\n"                \
	"  <reducedPhysBits>1</reducedPhysBits>\n" \
	"  <maxGuests>509</maxGuests>\n"           \
	"  <maxESGuests>0</maxESGuests>\n"

static void libvirt(void **state)
{
	struct capabilities cap;
	char *text, *id, *expected;

	(void)state;
	assert_int_equal(capabilities_get(&cap, NULL, &err), 0);
	text = capabilities_libvirt(&cap);
	assert_string_equal(text, LIBVIRT "</sev>\n");
	free(text);
	assert_int_equal(capabilities_get(&cap, dir, &err), 0);
	text = capabilities_libvirt(&cap);
	id = sev_base64(cap.sev.cpu0_id.data, PSP_ID_SIZE);
	assert_true(asprintf(&expected, LIBVIRT "  <cpu0Id>%s</cpu0Id>\n</sev>\n", id) > 0);
	assert_string_equal(text, expected);
	free(text);
	free(id);
	free(expected);
	capabilities_free(&cap);
}

static void wanted(void **state)
{
	char *words[] = { (char *)"bochs", (char *)"-q", (char *)"--sev-capabilities" };

	(void)state;
	assert_true(capabilities_wanted(3, words));
	assert_false(capabilities_wanted(2, words));
	assert_false(capabilities_wanted(1, words + 2)); /* the program's own name */
	assert_false(capabilities_wanted(0, words));
}

/* --- the program ----------------------------------------------------------------------------- */

/* Runs main's part with this stream in a file; returns its exit status, and what it wrote. */
static int run(int stream, char **argv, char *said, size_t size)
{
	int argc = 0, status, kept = dup(stream);
	FILE *file = tmpfile();

	while (argv[argc])
		argc++;
	fflush(NULL);
	dup2(fileno(file), stream);
	status = capabilities_main(argc, argv);
	fflush(NULL);
	dup2(kept, stream);
	close(kept);
	rewind(file);
	said[fread(said, 1, size - 1, file)] = 0;
	fclose(file);
	return status;
}

#define OPTION (char *)CAPABILITIES_OPTION
#define WORDS(...)                                 \
	(char *[])                                 \
	{                                          \
		(char *)"bochs", __VA_ARGS__, NULL \
	}

static void refuses(void **state)
{
	const struct {
		char **argv;
		const char *says;
	} cases[] = {
		{ WORDS(OPTION, (char *)"--format", (char *)"xml"), "--format xml: legal are" },
		{ WORDS(OPTION, (char *)"--format=JSON"), "--format JSON: legal are" },
		{ WORDS(OPTION, (char *)"--format"), "--format: needs a value" },
		{ WORDS(OPTION, (char *)"--state"), "--state: needs a value" },
		{ WORDS(OPTION, (char *)"--state="), "--state: legal is anything but nothing" },
		{ WORDS(OPTION, (char *)"--form"), "--form: needs a value" },
		{ WORDS(OPTION, (char *)"-f", (char *)"x"), "-f: not an option here" },
		{ WORDS(OPTION, (char *)"-xyz"), "-xyz: not an option here" },
		{ WORDS(OPTION, (char *)"--format=json", (char *)"-xyz"),
			"-xyz: not an option here" },
		{ WORDS(OPTION, (char *)"-"), "-: not an option here" },
		{ WORDS(OPTION, (char *)"--", (char *)"x"), "x: not an option here" },
		{ WORDS(OPTION, OPTION), CAPABILITIES_OPTION ": not an option here" },
		{ WORDS((char *)"-q", OPTION), "-q stands there" },
		{ WORDS(OPTION, (char *)"--format=proxmox", (char *)"--state=x"),
			"--state x: the format proxmox tells nothing of a chip" },
		{ WORDS(OPTION, (char *)"--state", (char *)"/dev/null"), "state=/dev/null" },
	};
	char said[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(run(STDERR_FILENO, cases[i].argv, said, sizeof(said)), 2);
		assert_memory_equal(said, "bochs: ", 7);
		if (!strstr(said, cases[i].says))
			fail_msg("\"%s\" does not say \"%s\"", said, cases[i].says);
		assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	}
}

static void prints(void **state)
{
	char **argv = WORDS(OPTION, (char *)"--format", (char *)"proxmox", (char *)"--format=json",
		(char *)"--state", dir);
	struct json_object *expected = json_of(dir), *object;
	char said[60000];

	(void)state;
	assert_int_equal(run(STDOUT_FILENO, argv, said, sizeof(said)), 0);
	object = json_tokener_parse(said);
	assert_true(json_object_equal(object, expected));
	json_object_put(object);
	json_object_put(expected);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const files[] = { "other/chip.state", "other/cek.cert",
		"other/ask_ark.cert", "other", "chip.state", "cek.cert", "ask_ark.cert", "" };
	char *path;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_true(asprintf(&path, "%s/%s", dir, files[i]) > 0);
		(void)remove(path);
		free(path);
	}
	assert_int_equal(access(dir, F_OK), -1);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types),
		cmocka_unit_test(numbers),
		cmocka_unit_test(policy_bits),
		cmocka_unit_test(commands),
		cmocka_unit_test(without_chip),
		cmocka_unit_test(same_as_qmp),
		cmocka_unit_test(one_chip),
		cmocka_unit_test(chip_in_use),
		cmocka_unit_test(proxmox),
		cmocka_unit_test(libvirt),
		cmocka_unit_test(wanted),
		cmocka_unit_test(refuses),
		cmocka_unit_test(prints),
	};

	sev_crypto_init();
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
