/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directives: every property, what is legal and what is not, and what a mistake is told. */
#include "tests/unit/unit.h"

#include "base/options.h"
#include "bios/sev_options.h"
#include "iodev/psp/psp_options.h"

/* --- the table-driven parser --------------------------------------------------------------------
 */

struct values {
	uint64_t number;
	bool flag;
	unsigned choice;
	char *text;
};

static const char *const colours[] = { "red", "green", NULL };

static int set(struct values *v, const char *parameter, struct sev_error *err)
{
	const struct sev_option table[] = {
		{ .name = "number",
			.kind = SEV_OPTION_NUMBER,
			.value = &v->number,
			.min = 3,
			.max = 300 },
		{ .name = "flag", .kind = SEV_OPTION_FLAG, .value = &v->flag },
		{ .name = "colour",
			.kind = SEV_OPTION_CHOICE,
			.value = &v->choice,
			.choices = colours },
		{ .name = "text", .kind = SEV_OPTION_TEXT, .value = &v->text },
		{ .name = NULL },
	};

	return sev_option_set("dir", table, parameter, err);
}

static void refuses(const char *parameter, const char *message)
{
	struct values v = { 7, true, 1, NULL }, before = v;
	struct sev_error err;

	assert_int_equal(set(&v, parameter, &err), -1);
	assert_string_equal(err.text, message);
	assert_memory_equal(&v, &before, sizeof(v));
}

static void test_values(void **state)
{
	struct values v = { 0 };
	struct sev_error err;

	(void)state;
	assert_int_equal(set(&v, "number=3", &err), 0);
	assert_int_equal(v.number, 3);
	assert_int_equal(set(&v, "number=0x12c", &err), 0);
	assert_int_equal(v.number, 300);
	assert_int_equal(set(&v, "flag=1", &err), 0);
	assert_true(v.flag);
	assert_int_equal(set(&v, "flag=0", &err), 0);
	assert_false(v.flag);
	assert_int_equal(set(&v, "colour=green", &err), 0);
	assert_int_equal(v.choice, 1);
	assert_int_equal(set(&v, "text=a=b", &err), 0);
	assert_int_equal(set(&v, "text=later", &err), 0);
	assert_string_equal(v.text, "later");
	free(v.text);
}

static void test_errors(void **state)
{
	(void)state;
	refuses("number=2", "dir: number=2: legal is 3..300");
	refuses("number=301", "dir: number=301: legal is 3..300");
	refuses("number=0x12d", "dir: number=0x12d: legal is 0x3..0x12c");
	refuses("number=", "dir: number=: legal is 3..300");
	refuses("number=-5", "dir: number=-5: legal is 3..300");
	refuses("number= 5", "dir: number= 5: legal is 3..300");
	refuses("number=5x", "dir: number=5x: legal is 3..300");
	refuses("number=99999999999999999999", "dir: number=99999999999999999999: legal is 3..300");
	refuses("flag=yes", "dir: flag=yes: legal is 0 or 1");
	refuses("colour=blue", "dir: colour=blue: legal is red, green");
	refuses("text=", "dir: text=: legal is anything but nothing");
	refuses("numbe=5",
		"dir: numbe=5: not a property; legal are number, flag, colour, text (name=value)");
	refuses("number",
		"dir: number: not a property; legal are number, flag, colour, text (name=value)");
	refuses("", "dir: : not a property; legal are number, flag, colour, text (name=value)");
}

/* --- sev ----------------------------------------------------------------------------------------
 */

static struct sev_options sev_with(const char *const *parameters)
{
	struct sev_options options;
	struct sev_error err;

	sev_options_init(&options);
	for (; *parameters; parameters++)
		if (sev_options_set(&options, *parameters, &err) < 0)
			fail_msg("%s", err.text);
	return options;
}

static void free_options(struct sev_options *o)
{
	free(o->dh_cert_file);
	free(o->session_file);
	free(o->tik);
	free(o->tek);
	free(o->report);
}

#define SEV(...) sev_with((const char *const[]) { __VA_ARGS__, NULL })

static void check(struct sev_options options, const char *complaint)
{
	struct sev_error err = { "" };

	if (complaint) {
		assert_int_equal(sev_options_check(&options, &err), -1);
		assert_non_null(strstr(err.text, complaint));
	} else if (sev_options_check(&options, &err) < 0) {
		fail_msg("%s", err.text);
	}
	free_options(&options);
}

static void test_sev_defaults(void **state)
{
	struct sev_options options;
	struct sev_cpu cpu;

	(void)state;
	sev_options_init(&options);
	cpu = sev_options_cpu(&options);
	assert_int_equal(cpu.type, SEV_TYPE_NONE);
	assert_int_equal(cpu.cbitpos, 51);
	assert_int_equal(cpu.reduced_phys_bits, 1);
	assert_true(cpu.coherent);
	assert_int_equal(options.policy, 1);
	assert_false(options.kernel_hashes);
	assert_false(options.debug_override);
}

static void test_sev_properties(void **state)
{
	struct sev_options o = SEV("type=sev", "cbitpos=47", "reduced_phys_bits=5", "policy=0x21",
		"handle=3", "kernel_hashes=1", "coherent=0", "debug_override=1", "report=r.json",
		"dh_cert_file=d", "session_file=s");

	(void)state;
	assert_int_equal(o.type, SEV_TYPE_SEV);
	assert_int_equal(o.cbitpos, 47);
	assert_int_equal(o.reduced_phys_bits, 5);
	assert_int_equal(o.policy, 0x21);
	assert_int_equal(o.handle, 3);
	assert_true(o.kernel_hashes && !o.coherent && o.debug_override);
	assert_string_equal(o.report, "r.json");
	check(o, NULL);
}

static void sev_refuses(const char *parameter, const char *complaint)
{
	struct sev_options options;
	struct sev_error err;

	sev_options_init(&options);
	assert_int_equal(sev_options_set(&options, parameter, &err), -1);
	if (!strstr(err.text, complaint))
		fail_msg("%s", err.text);
}

static void test_sev_limits(void **state)
{
	(void)state;
	sev_refuses("cbitpos=39", "cbitpos=39: legal is 40..51: page-table entries");
	sev_refuses("cbitpos=52", "cbitpos=52: legal is 40..51");
	sev_refuses("reduced_phys_bits=0", "legal is 1..63");
	sev_refuses("reduced_phys_bits=64", "legal is 1..63");
	sev_refuses("policy=0x100000000", "legal is 0x0..0xffffffff");
	sev_refuses("type=sgx", "legal is none, sev");
	sev_refuses("kernel-hashes=1", "not a property; legal are type, cbitpos");
	check(SEV("cbitpos=40"), NULL);
	check(SEV("cbitpos=51", "reduced_phys_bits=63"), NULL);
}

static void test_sev_rules(void **state)
{
	(void)state;
	check(SEV("type=sev"), NULL);
	check(SEV("type=sev", "policy=0x5"), "bit 2 demands SEV-ES");
	check(SEV("type=sev", "policy=0x41"), "bits 15:6 are reserved");
	check(SEV("type=sev", "policy=0x37010021"), NULL);
	check(SEV("type=sev", "dh_cert_file=a"), "dh_cert_file=a: given without session_file");
	check(SEV("type=sev", "session_file=a"), "session_file=a: given without dh_cert_file");
	check(SEV("type=sev", "tik=a"), "tik=a: given without tek");
	check(SEV("type=sev", "tek=a"), "tek=a: given without tik");
	check(SEV("type=sev", "tik=a", "tek=b"), NULL);
	check(SEV("type=sev", "tik=a", "tek=b", "dh_cert_file=c", "session_file=d"),
		"carries a TIK already");
	check(SEV("type=none", "tik=a"), NULL);
}

/* --- psp ----------------------------------------------------------------------------------------
 */

static void test_psp(void **state)
{
	struct psp_options options = { 0 };
	const struct psp_options nothing = { 0 };
	struct sev_error err;
	char longest[5 + 2 * PSP_SEED_MAX + 3] = "seed=";

	(void)state;
	assert_int_equal(psp_options_set(&options, "seed=00ff10", &err), 0);
	assert_int_equal(options.seed_size, 3);
	assert_bytes(options.seed, 3, "00ff10");
	assert_int_equal(psp_options_set(&options, "state=chip", &err), 0);
	assert_string_equal(options.state, "chip");
	assert_int_equal(psp_options_set(&options, "seed=", &err), -1);
	assert_int_equal(psp_options_set(&options, "seed=abc", &err), -1);
	assert_int_equal(psp_options_set(&options, "seed=zz", &err), -1);
	assert_string_equal(err.text, "psp: seed=zz: legal are 1 to 64 bytes in hexadecimal");
	assert_int_equal(psp_options_set(&options, "root=1", &err), -1);
	assert_string_equal(err.text, "psp: root=1: not a property; legal are state, chain, seed, "
				      "device, trace, trace_secrets (name=value)");
	assert_int_equal(psp_options_set(&options, "seed", &err), -1);
	assert_int_equal(options.seed_size, 3);
	assert_bytes(options.seed, 3, "00ff10");
	memset(longest + 5, '7', 2 * PSP_SEED_MAX);
	assert_int_equal(psp_options_set(&options, longest, &err), 0);
	assert_int_equal(options.seed_size, PSP_SEED_MAX);
	strcat(longest, "77");
	assert_int_equal(psp_options_set(&options, longest, &err), -1);
	free(options.state);
	options.state = NULL;
	psp_options_forget(&options);
	assert_memory_equal(&options, &nothing, sizeof(options));
}

static void test_psp_trace(void **state)
{
	struct psp_options options = { 0 };
	struct sev_error err;

	(void)state;
	assert_int_equal(psp_options_check(&options, &err), 0);
	assert_int_equal(psp_options_set(&options, "trace_secrets=1", &err), 0);
	assert_int_equal(psp_options_check(&options, &err), -1);
	assert_string_equal(
		err.text, "psp: trace_secrets=1: given without trace; legal with trace=FILE");
	assert_int_equal(psp_options_set(&options, "trace=", &err), -1);
	assert_int_equal(psp_options_set(&options, "trace=psp.json", &err), 0);
	assert_int_equal(psp_options_check(&options, &err), 0);
	assert_string_equal(options.trace, "psp.json");
	assert_true(options.trace_secrets);
	assert_int_equal(psp_options_set(&options, "trace_secrets=yes", &err), -1);
	assert_string_equal(err.text, "psp: trace_secrets=yes: legal is 0 or 1");
	free(options.trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_sev_defaults),
		cmocka_unit_test(test_sev_properties),
		cmocka_unit_test(test_sev_limits),
		cmocka_unit_test(test_sev_rules),
		cmocka_unit_test(test_psp),
		cmocka_unit_test(test_psp_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
