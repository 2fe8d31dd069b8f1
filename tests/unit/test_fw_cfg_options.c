/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The `fw_cfg:` directive: what is accepted, what adds up, what each mistake is told. */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "iodev/fw_cfg/options.h"

static struct fw_cfg_options options;
static struct sev_error err;
static char directory[] = "/tmp/test_fw_cfg_options.XXXXXX";

static int setup(void **state)
{
	(void)state;
	memset(&options, 0, sizeof(options));
	strcpy(err.text, "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fw_cfg_options_free(&options);
	return 0;
}

static void set(const char *parameter)
{
	assert_int_equal(fw_cfg_options_set(&options, parameter, &err), 0);
}

static void illegal(const char *parameter, const char *text)
{
	assert_int_equal(fw_cfg_options_set(&options, parameter, &err), -1);
	assert_string_equal(err.text, text);
}

/* The path of a file with these bytes. */
static const char *file(const char *name, const void *data, size_t size)
{
	static char path[2][128];
	static unsigned n;

	n = !n;
	snprintf(path[n], sizeof(path[n]), "%s/%s", directory, name);
	assert_int_equal(sev_file_write(path[n], data, size, 0600, NULL), 0);
	return path[n];
}

static void set_file(const char *property, const char *name, const char *text)
{
	char parameter[256];

	snprintf(parameter, sizeof(parameter), "%s%s", property, file(name, text, strlen(text)));
	set(parameter);
}

/* --- parsing --------------------------------------------------------------------------------- */

static void texts_replace_each_other(void **state)
{
	(void)state;
	set("kernel=a");
	set("kernel=b");
	set("initrd=c");
	set("append=console=ttyS0 x=1,2");
	set("append_file=d");
	assert_string_equal(options.kernel, "b");
	assert_string_equal(options.initrd, "c");
	assert_string_equal(options.append, "console=ttyS0 x=1,2");
	assert_string_equal(options.append_file, "d");
}

static void unknown_properties(void **state)
{
	(void)state;
	illegal("kernal=b",
		"fw_cfg: kernal=b: not a property; legal are kernel, initrd, append, append_file, "
		"file, bootorder, tamper (name=value)");
	illegal("kernel=", "fw_cfg: kernel=: legal is anything but nothing");
	assert_null(options.kernel);
}

static void tamper_adds_up(void **state)
{
	(void)state;
	set("tamper=kernel");
	assert_int_equal(options.tamper, FW_CFG_TAMPER_KERNEL);
	set("tamper=initrd");
	set("tamper=cmdline");
	assert_int_equal(options.tamper,
		FW_CFG_TAMPER_KERNEL | FW_CFG_TAMPER_INITRD | FW_CFG_TAMPER_CMDLINE);
	illegal("tamper=firmware", "fw_cfg: tamper=firmware: legal is kernel, initrd, cmdline");
}

static void bootorder_adds_lines(void **state)
{
	(void)state;
	set("bootorder=/pci@i0cf8/ide@1,1/drive@0/disk@0");
	set("bootorder=HALT");
	assert_string_equal(options.bootorder, "/pci@i0cf8/ide@1,1/drive@0/disk@0\nHALT");
	illegal("bootorder=disk", "fw_cfg: bootorder=disk: legal is an OpenFirmware path as "
				  "/pci@i0cf8/ide@1,1/drive@0/disk@0, or HALT");
	assert_string_equal(options.bootorder, "/pci@i0cf8/ide@1,1/drive@0/disk@0\nHALT");
}

static void files_add_up(void **state)
{
	(void)state;
	set("file=name=opt/x,path=/a,path=b");
	set("file=name=opt/y,path=c");
	assert_int_equal(options.file_count, 2);
	assert_string_equal(options.files[0].name, "opt/x");
	assert_string_equal(options.files[0].path, "/a,path=b");
	assert_string_equal(options.files[1].name, "opt/y");
	assert_string_equal(options.files[1].path, "c");
}

static void malformed_files(void **state)
{
	static const char *const bad[] = { "name=opt/x", "path=a", "name=,path=a",
		"name=x,path=", "opt/x,path=a", "path=a,name=x", "name=x,size=1,path=a" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char parameter[64], text[128];

		snprintf(parameter, sizeof(parameter), "file=%s", bad[i]);
		snprintf(text, sizeof(text), "fw_cfg: %s: legal is \"name=NAME,path=FILE\"",
			parameter);
		illegal(parameter, text);
	}
	assert_int_equal(options.file_count, 0);
}

static void number_of_files(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FW_CFG_FILE_SLOTS; i++)
		set("file=name=x,path=y");
	illegal("file=name=x,path=y", "fw_cfg: file=name=x,path=y: legal are 32 files");
}

/* --- reading --------------------------------------------------------------------------------- */

static void loading_everything(void **state)
{
	struct fw_cfg_input input;
	struct fw_cfg_machine m = { 0 };

	(void)state;
	set_file("kernel=", "vmlinuz", "kernel bytes");
	set_file("initrd=", "initrd", "initrd bytes");
	set_file("file=name=opt/x,path=", "x", "x bytes");
	set("append=quiet");
	set("tamper=initrd");
	set("bootorder=HALT");
	assert_int_equal(fw_cfg_input_load(&options, &input, &m, &err), 0);
	assert_int_equal(m.blobs.kernel.size, 12);
	assert_memory_equal(m.blobs.kernel.data, "kernel bytes", 12);
	assert_non_null(strstr(m.blobs.kernel.name, "/vmlinuz"));
	assert_int_equal(m.blobs.initrd.size, 12);
	assert_memory_equal(m.blobs.initrd.data, "initrd bytes", 12);
	assert_int_equal(m.blobs.cmdline.size, 6); /* with the NUL */
	assert_memory_equal(m.blobs.cmdline.data, "quiet", 6);
	assert_int_equal(m.file_count, 1);
	assert_string_equal(m.files[0].name, "opt/x");
	assert_int_equal(m.files[0].size, 7);
	assert_memory_equal(m.files[0].data, "x bytes", 7);
	assert_string_equal(m.bootorder, "HALT");
	assert_int_equal(m.tamper, FW_CFG_TAMPER_INITRD);
	fw_cfg_input_free(&input);
}

static void loading_nothing(void **state)
{
	struct fw_cfg_input input;
	struct fw_cfg_machine m = { 0 };

	(void)state;
	assert_int_equal(fw_cfg_input_load(&options, &input, &m, &err), 0);
	assert_null(m.blobs.kernel.data);
	assert_int_equal(m.blobs.initrd.size, 0);
	assert_int_equal(m.blobs.cmdline.size, 1); /* what is hashed without a command line */
	assert_memory_equal(m.blobs.cmdline.data, "", 1);
	assert_null(m.bootorder);
	fw_cfg_input_free(&input);
}

static void expect_cmdline(const char *content, const char *expected)
{
	struct fw_cfg_input input;
	struct fw_cfg_machine m = { 0 };

	set_file("append_file=", "cmdline.txt", content);
	assert_int_equal(fw_cfg_input_load(&options, &input, &m, &err), 0);
	assert_int_equal(m.blobs.cmdline.size, strlen(expected) + 1);
	assert_memory_equal(m.blobs.cmdline.data, expected, strlen(expected) + 1);
	fw_cfg_input_free(&input);
}

static void command_line_from_a_file(void **state)
{
	(void)state;
	expect_cmdline("console=ttyS0 quiet", "console=ttyS0 quiet");
	expect_cmdline("console=ttyS0\n", "console=ttyS0");
	expect_cmdline("console=ttyS0 \r\n\n", "console=ttyS0 ");
	expect_cmdline("\n", "");
	expect_cmdline("", "");
}

static void refused(const char *text)
{
	struct fw_cfg_input input;
	struct fw_cfg_machine m = { 0 };

	assert_int_equal(fw_cfg_input_load(&options, &input, &m, &err), -1);
	assert_non_null(strstr(err.text, text));
	assert_null(input.kernel.data);
	assert_null(input.cmdline.data);
}

static void command_line_of_several_lines(void **state)
{
	(void)state;
	set_file("append_file=", "cmdline.txt", "a\nb\n");
	refused("cmdline.txt: legal is one line of text");
}

static void command_line_with_nul(void **state)
{
	char parameter[256];

	(void)state;
	snprintf(parameter, sizeof(parameter), "append_file=%s", file("cmdline.txt", "a\0b", 3));
	set(parameter);
	refused("cmdline.txt: legal is one line of text");
}

static void two_command_lines(void **state)
{
	(void)state;
	set("append=a");
	set_file("append_file=", "cmdline.txt", "a");
	refused("cmdline.txt: legal only without append=");
}

static void missing_files(void **state)
{
	static const char *const parameters[] = { "kernel=/nonexistent/k", "initrd=/nonexistent/i",
		"append_file=/nonexistent/a", "file=name=x,path=/nonexistent/f" };
	static const char *const texts[] = { "fw_cfg: kernel=/nonexistent/k: cannot read",
		"fw_cfg: initrd=/nonexistent/i: cannot read",
		"fw_cfg: append_file=/nonexistent/a: cannot read",
		"fw_cfg: file=/nonexistent/f: cannot read" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		set_file("kernel=", "vmlinuz", "kernel bytes"); /* read first, then released */
		set(parameters[i]);
		refused(texts[i]);
		fw_cfg_options_free(&options);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(texts_replace_each_other),
		TEST(unknown_properties),
		TEST(tamper_adds_up),
		TEST(bootorder_adds_lines),
		TEST(files_add_up),
		TEST(malformed_files),
		TEST(number_of_files),
		TEST(loading_everything),
		TEST(loading_nothing),
		TEST(command_line_from_a_file),
		TEST(command_line_of_several_lines),
		TEST(command_line_with_nul),
		TEST(two_command_lines),
		TEST(missing_files),
	};
	static const char *const made[] = { "vmlinuz", "initrd", "x", "cmdline.txt" };
	char path[128];
	int failed;

	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, made[i]);
		unlink(path);
	}
	rmdir(directory);
	return failed;
}
