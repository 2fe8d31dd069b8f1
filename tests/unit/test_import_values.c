/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sizes, lists of properties, words of a shell, and what a bochsrc can hold. */
#include "tests/unit/import_test.h"

static const struct import_place at = { "vm", 1, 1 };

static void sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} legal[] = {
		{ "512", 512u << 20 },
		{ "0x200", 512u << 20 },
		{ "512M", 512u << 20 },
		{ "512m", 512u << 20 },
		{ "524288K", 512u << 20 },
		{ "536870912b", 512u << 20 },
		{ "1.5G", 1536u << 20 },
		{ "0.5g", 512u << 20 },
		{ "2T", 2ull << 40 },
		{ "1P", 1ull << 50 },
		{ "1E", 1ull << 60 },
		{ "1.", 1u << 20 },
	};
	static const char *const illegal[] = { "", "M", "-1", "+1", "1X", "1GB", "1.5.G", ".5G",
		"16E", "99999999999999999999", "1 G", " 1", "0x1.8M", "1.G5" };
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(legal) / sizeof(legal[0]); i++) {
		assert_int_equal(import_size(legal[i].text, 1u << 20, &bytes), 0);
		assert_int_equal(bytes, legal[i].bytes);
	}
	for (size_t i = 0; i < sizeof(illegal) / sizeof(illegal[0]); i++)
		assert_int_equal(import_size(illegal[i], 1u << 20, &bytes), -1);
}

static void numbers(void **state)
{
	static const char *const illegal[] = { "", "x", "-1", " 1", "1 ", "0x", "09",
		"18446744073709551616" };
	uint64_t value;

	(void)state;
	assert_int_equal(import_number("010", &value), 0);
	assert_int_equal(value, 8);
	assert_int_equal(import_number("0x10", &value), 0);
	assert_int_equal(value, 16);
	assert_int_equal(import_number("18446744073709551615", &value), 0);
	assert_true(value == UINT64_MAX);
	for (size_t i = 0; i < sizeof(illegal) / sizeof(illegal[0]); i++)
		assert_int_equal(import_number(illegal[i], &value), -1);
}

static void truth(void **state)
{
	static const char *const on[] = { "on", "yes", "true", "y", "1", "ON" };
	static const char *const off[] = { "off", "no", "false", "n", "0", "Off" };
	bool value;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(import_bool(&im, &at, "x", on[i], &value), 0);
		assert_true(value);
		assert_int_equal(import_bool(&im, &at, "x", off[i], &value), 0);
		assert_false(value);
	}
	assert_int_equal(import_bool(&im, &at, "x", "2", &value), -1);
	assert_string_equal(im.err.text, "vm:1:1: x=2: legal is on or off");
}

/* --- properties ------------------------------------------------------------------------------- */

/* As name=value|name=value|. */
static void properties_are(const char *text, const char *implied, const char *expected)
{
	struct import_properties p;
	char all[512] = "";

	assert_int_equal(import_properties_parse(&im, &at, "-o", text, implied, &p), 0);
	for (size_t i = 0; i < p.count; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s=%s|", p.property[i].name,
			p.property[i].value);
	assert_string_equal(all, expected);
	import_properties_free(&p);
}

static void properties_refused(const char *text, const char *why)
{
	struct import_properties p;

	assert_int_equal(import_properties_parse(&im, &at, "-o", text, "x", &p), -1);
	assert_non_null(strstr(im.err.text, why));
	assert_int_equal(p.count, 0);
}

static void properties(void **state)
{
	struct import_properties p;

	(void)state;
	properties_are("", "type", "");
	properties_are("sev-guest,id=sev0", "qom-type", "qom-type=sev-guest|id=sev0|");
	properties_are("qom-type=sev-guest,id=sev0", "qom-type", "qom-type=sev-guest|id=sev0|");
	properties_are("a=1,,2,b=,,,c", NULL, "a=1,2|b=,|c=on|");
	properties_are("a,,b,c=d", "x", "x=a,b|c=d|");
	properties_are("server,nowait", "path", "path=server|nowait=on|");
	properties_are("a=b=c", NULL, "a=b=c|");
	properties_are("a=1,", NULL, "a=1|");
	properties_refused("a=1,=2", "vm:1:1: -o: =2: legal is name=value");
	properties_refused("a=1,,,,,=2", "-o: =2");
	assert_int_equal(import_properties_parse(&im, &at, "-o", "a=1,a=2", NULL, &p), 0);
	assert_string_equal(import_get(&p, "a"), "2");
	assert_null(import_get(&p, "b"));
	import_properties_free(&p);
}

static void json(void **state)
{
	(void)state;
	properties_are(
		"{\"qom-type\":\"sev-guest\",\"id\":\"a,b\",\"cbitpos\":47,\"kernel-hashes\":"
		"true,\"n\":null}",
		"x", "qom-type=sev-guest|id=a,b|cbitpos=47|kernel-hashes=on|n=|");
	properties_are("{\"file\":{\"driver\":\"file\",\"filename\":\"a\"},\"ro\":false}", "x",
		"file.driver=file|file.filename=a|ro=off|");
	properties_refused("{\"a\":}", "-o: JSON, character");
	properties_refused("{\"a\":1", "-o: JSON, character");
	properties_refused("{\"a\":1} x", "-o: JSON, character");
	properties_are("{'a':'b'}", "x", "a=b|");
}

/* --- words ------------------------------------------------------------------------------------ */

static void words_are(const char *text, const char *expected)
{
	struct import_words words;
	char all[512] = "";

	if (import_shell(&im, &at, text, &words))
		fail_msg("%s: %s", text, im.err.text);
	for (size_t i = 0; i < words.count; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s|", words.word[i].text);
	assert_string_equal(all, expected);
	import_words_free(&words);
}

static void words_refused(const char *text, const char *why)
{
	struct import_words words;

	assert_int_equal(import_shell(&im, &at, text, &words), -1);
	if (!strstr(im.err.text, why))
		fail_msg("%s: \"%s\" instead of \"%s\"", text, im.err.text, why);
	assert_int_equal(words.count, 0);
}

static void words(void **state)
{
	(void)state;
	words_are("", "");
	words_are("-m 1 -S", "-m|1|-S|");
	words_are("-a 'b c' \"d e\" f\\ g", "-a|b c|d e|f g|");
	words_are("-a 'b'\"c\"d ''", "-a|bcd||");
	words_are("-a \"x\\\"y\\$z\\w\" '\\'", "-a|x\"y$z\\w|\\|");
	words_are("-a \\\n  -b \\\r\n -c", "-a|-b|-c|");
	words_are("-a # -b\n", "-a|");
	words_are("-a b#c", "-a|b#c|");
	words_refused("-a 'b", "vm:1:4: '");
	words_refused("-a \\\n \"b", "vm:2:2: \"");
	words_refused("-a $HOME/x", "vm:1:4: $");
	words_refused("-a \"${X}\"", "vm:1:5: $");
	words_refused("-a `id`", "vm:1:4: `");
	words_refused("-a \"`id`\"", "vm:1:5: `");
	words_refused("-a x\"$@\"", "vm:1:4: $@");
	words_refused("-a\n-b\n", "none of 2 commands runs QEMU");
}

static void commands(void **state)
{
	(void)state;
	words_are(
		"#!/bin/sh\nset -e\nexec qemu-system-x86_64 -S \"$@\"\n", "qemu-system-x86_64|-S|");
	words_are("sudo -E A=b /usr/bin/qemu-system-x86_64 -S >log 2>&1 &\nsleep 1", //
		"/usr/bin/qemu-system-x86_64|-S|");
	words_are("kvm -accel kvm -S | tee log", "kvm|-accel|kvm|-S|");
	words_are("-accel kvm -S", "-accel|kvm|-S|");
	words_are("/usr/libexec/qemu-kvm -S", "/usr/libexec/qemu-kvm|-S|");
	words_refused("qemu-system-x86_64 -S\nqemu-system-x86_64 -S\n",
		"vm:2:1: a second command that runs QEMU");
}

/* --- what a bochsrc can hold ------------------------------------------------------------------ */

static void names(void **state)
{
	char *path = NULL, longest[IMPORT_LINE];

	(void)state;
	assert_int_equal(import_path(&im, &at, "x", &path, "a b,c;#'x"), 0);
	assert_string_equal(path, "a b,c;#'x");
	assert_int_equal(import_path(&im, &at, "x", &path, ""), -1);
	assert_int_equal(import_path(&im, &at, "x", &path, "a\"b"), -1);
	assert_string_equal(im.err.text,
		"vm:1:1: x=a\"b: cannot be written in a bochsrc; legal are at most 445 characters "
		"without \", $, control characters and two commas one after the other");
	assert_int_equal(import_path(&im, &at, "x", &path, "a$b"), -1);
	assert_int_equal(import_path(&im, &at, "x", &path, "a,,b"), -1);
	assert_int_equal(import_path(&im, &at, "x", &path, "a\nsev: type=none"), -1);
	assert_null(strchr(im.err.text, '\n'));
	memset(longest, 'x', sizeof(longest));
	longest[IMPORT_LINE - 64] = 0;
	assert_int_equal(import_path(&im, &at, "x", &path, longest), 0);
	longest[IMPORT_LINE - 64] = 'x';
	longest[IMPORT_LINE - 63] = 0;
	assert_int_equal(import_path(&im, &at, "x", &path, longest), -1);
	free(path);
}

static void command_lines(void **state)
{
	char longest[2000];

	(void)state;
	assert_int_equal(import_cmdline(&im, &at, "console=ttyS0 a=b,c"), 0);
	assert_string_equal(im.fw_cfg.append, "console=ttyS0 a=b,c");
	assert_int_equal(im.file_count, 0);
	assert_int_equal(import_cmdline(&im, &at, "a=\"b\" $c d,,e"), 0);
	assert_null(im.fw_cfg.append);
	assert_string_equal(im.fw_cfg.append_file, "out.cmdline");
	assert_beside("out.cmdline", "a=\"b\" $c d,,e");
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = 0;
	assert_int_equal(import_cmdline(&im, &at, longest), 0);
	assert_int_equal(beside("out.cmdline")->size, sizeof(longest) - 1);
	assert_int_equal(im.file_count, 1);
	for (size_t length = IMPORT_LINE - 100; length <= IMPORT_LINE; length++) {
		longest[length] = 0;
		assert_int_equal(import_cmdline(&im, &at, longest), 0);
		assert_true(!im.fw_cfg.append == (length > IMPORT_LINE - 64));
		longest[length] = 'x';
	}
	assert_int_equal(import_cmdline(&im, &at, "a\nb"), -1);
	assert_int_equal(import_cmdline(&im, &at, ""), 0);
	assert_null(im.fw_cfg.append_file);
}

/* Whatever is in a note, it stays a comment, and every line is one that Bochs reads as a whole. */
static void comments(void **state)
{
	char longest[3000], *text, *line, *machine;

	(void)state;
	memset(longest, 'y', sizeof(longest));
	longest[sizeof(longest) - 1] = 0;
	import_note(&im, "a\nsev: type=none\r\nx%s", longest);
	import_missing(&im, "b\nc");
	text = import_text(&im, "d\ne");
	assert_non_null(text);
	assert_non_null(strstr(text, "\n# a\\x0asev:\n#   type=none\\x0d\\x0axyyy"));
	assert_non_null(strstr(text, "# NOT PROTECTED. Not there yet: b?c\n"));
	machine = strstr(text, "\nconfig_interface:");
	assert_non_null(machine);
	for (line = text; line <= machine; line += strcspn(line, "\n") + 1) {
		assert_true(strcspn(line, "\n") <= 100);
		assert_true(*line == '#' || *line == '\n');
	}
	free(text);
}

/* As many as somebody may read; each once. */
static void many_comments(void **state)
{
	(void)state;
	for (unsigned i = 0; i < IMPORT_NOTES; i++) {
		import_note(&im, "note %u", i);
		import_note(&im, "note %u", i / 2);
	}
	assert_int_equal(im.note_count, IMPORT_NOTES);
	assert_int_equal(im.notes_left_out, 1);
	import_note(&im, "one more");
	im.firmware = strdup("f");
	assert_true(prints("# note 999"));
	assert_true(prints("# and 2 more of them"));
	assert_false(prints("# one more"));
}

static void disks(void **state)
{
	(void)state;
	for (int i = 0; i < IMPORT_DISKS; i++)
		assert_int_equal(import_disk(&im, &at, "disk", 0, i == 2 ? "c d" : "x", i == 2), 0);
	assert_int_equal(im.note_count, 0);
	assert_true(prints("ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14"));
	assert_true(prints("ata0-slave: type=disk, path=x, mode=flat"));
	assert_true(prints("ata1-master: type=cdrom, path=\"c d\", status=inserted"));
	assert_int_equal(import_disk(&im, &at, "disk", 0, "x", false), 0);
	assert_true(noted("disk: x: no place is left"));
}

static void formats(void **state)
{
	(void)state;
	assert_string_equal(import_format("\n <domain>"), "libvirt");
	assert_string_equal(import_format("\xef\xbb\xbf<?xml?>"), "libvirt");
	assert_string_equal(import_format("#web server\nagent: 1\n"), "proxmox");
	assert_string_equal(import_format("[snap]\n"), "proxmox");
	assert_string_equal(import_format("#!/bin/sh\n\nqemu-system-x86_64 -S\n"), "qemu");
	assert_string_equal(import_format("-m 512"), "qemu");
	assert_string_equal(import_format(""), "qemu");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sizes),
		TEST(numbers),
		TEST(truth),
		TEST(properties),
		TEST(json),
		TEST(words),
		TEST(commands),
		TEST(names),
		TEST(command_lines),
		TEST(comments),
		TEST(many_comments),
		TEST(disks),
		TEST(formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
