/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ACPI tables before Intel's ASL compiler, and its interpreter. */
#include "tests/unit/acpi_machine.h"

#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/test_acpi.XXXXXX";

/* Output of a command, which must exit with status 0. */
static const char *output_of(const char *format, const char *argument)
{
	static char text[262144];
	char command[512];
	size_t size;
	FILE *pipe;

	snprintf(command, sizeof(command), format, directory, argument);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	size = fread(text, 1, sizeof(text) - 1, pipe);
	text[size] = 0;
	if (pclose(pipe) != 0)
		fail_msg("%s: %s", command, text);
	return text;
}

static void write_table(const char *name, const uint8_t *table)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(sev_file_write(path, table, sev_le32(table + 4), 0600, NULL), 0);
}

/* Disassembles; nothing in the result may hint at a defect. Data tables compile to the same again.
 */
static void disassembles(const char *name, const uint8_t *table)
{
	static const char *const complaints[] = { "error", "Error", "ERROR", "warn", "Warn",
		"nvalid", "Incorrect", "should be", "nknown", "Invalid" };
	const char *text;

	write_table(name, table);
	output_of("cd %s && iasl -d %s 2>&1", name);
	text = output_of("cd %s && cat %.4s.dsl", name);
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		if (strstr(text, complaints[i]))
			fail_msg("iasl says of %s: '%s' in\n%s", name, complaints[i], text);
}

static void recompiles(const char *name, const uint8_t *table)
{
	struct sev_blob again;
	char path[128];

	output_of("cd %s && mv %.4s.dsl again.dsl && iasl again.dsl 2>&1", name);
	snprintf(path, sizeof(path), "%s/again.aml", directory);
	assert_int_equal(sev_file_read(path, 65536, &again, NULL), 0);
	assert_int_equal(again.size, sev_le32(table + 4));
	/* The header names the compiler then, which changes the checksum too. */
	assert_memory_equal(again.data + 36, table + 36, again.size - 36);
	sev_blob_free(&again);
}

static void disassembles_all(unsigned cpus, uint64_t ram, bool with_hpet)
{
	build(cpus, ram, with_hpet);
	disassembles("FACP.aml", listed("FACP"));
	disassembles("APIC.aml", listed("APIC"));
	recompiles("APIC.aml", listed("APIC"));
	disassembles("DSDT.aml", dsdt());
	disassembles("XSDT.aml", xsdt());
	disassembles("FACS.aml", table_at(sev_le32(listed("FACP") + 36), "FACS"));
	if (with_hpet)
		disassembles("HPET.aml", listed("HPET"));
}

static void tables_disassemble(void **state)
{
	(void)state;
	disassembles_all(1, 128 * MIB, true);
	disassembles_all(2, 512 * MIB, false);
	disassembles_all(8, 2048 * MIB, true);
}

/* The dump of Linux' acpidump, from which acpixtract must get every table back. */
static void dump(FILE *out, const uint8_t *table)
{
	uint32_t size = sev_le32(table + 4);

	fprintf(out, "%.4s @ 0x0000000000000000\n", (const char *)table);
	for (uint32_t at = 0; at < size; at += 16) {
		fprintf(out, "    %04X:", at);
		for (uint32_t i = at; i < at + 16 && i < size; i++)
			fprintf(out, " %02X", table[i]);
		fprintf(out, "\n");
	}
	fprintf(out, "\n");
}

static void tables_survive_acpixtract(void **state)
{
	char path[128];
	FILE *out;

	(void)state;
	build(2, 512 * MIB, true);
	snprintf(path, sizeof(path), "%s/dump.txt", directory);
	out = fopen(path, "w");
	assert_non_null(out);
	dump(out, listed("FACP"));
	dump(out, listed("APIC"));
	dump(out, listed("HPET"));
	dump(out, dsdt());
	fclose(out);
	output_of("cd %s && acpixtract -a %s 2>&1", "dump.txt");
	output_of("cd %s && cat facp.dat apic.dat hpet.dat dsdt.dat >all.dat%s", "");
	snprintf(path, sizeof(path), "%s/all.dat", directory);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, sev_le32(listed("FACP") + 4) + sev_le32(listed("APIC") + 4) +
					     sev_le32(listed("HPET") + 4) + sev_le32(dsdt() + 4));
}

/* The n-th number that acpiexec prints after the words of a marker line; -1: no more of them. */
static long next_integer(const char **text)
{
	const char *at = strstr(*text, "[Integer] = ");

	if (!at)
		return -1;
	*text = at + 1;
	return strtol(at + strlen("[Integer] = "), NULL, 16);
}

static unsigned long routed(unsigned pirq, bool apic)
{
	static const unsigned isa[] = { 10, 10, 11, 11 };

	return apic ? 16 + pirq : isa[pirq];
}

/* Runs _PRT in ACPICA's interpreter, after the operating system has said what it uses. */
static void routing(bool apic)
{
	const char *text;

	build(1, 512 * MIB, true);
	write_table("DSDT.aml", dsdt());
	text = output_of(
		apic ? "cd %s && acpiexec -b 'execute \\_PIC 1; execute \\_SB.PCI0._PRT' %s 2>&1"
		     : "cd %s && acpiexec -b 'execute \\_SB.PCI0._PRT' %s 2>&1",
		"DSDT.aml");
	text = strstr(text, "Evaluation of \\_SB.PCI0._PRT");
	assert_non_null(text);
	for (unsigned device = 0; device < 32; device++)
		for (unsigned pin = 0; pin < 4; pin++) {
			unsigned pirq = (device + pin - 1) & 3;

			assert_int_equal(next_integer(&text), device << 16 | 0xFFFF);
			assert_int_equal(next_integer(&text), pin);
			assert_int_equal(next_integer(&text), 0);
			assert_int_equal(next_integer(&text), routed(pirq, apic));
		}
	assert_int_equal(next_integer(&text), -1);
}

static void routing_with_ioapic(void **state)
{
	(void)state;
	routing(true);
}

static void routing_with_8259(void **state)
{
	(void)state;
	routing(false);
}

static void sleep_states(void **state)
{
	const char *text;

	(void)state;
	build(1, 512 * MIB, true);
	write_table("DSDT.aml", dsdt());
	text = output_of("cd %s && acpiexec -b 'execute \\_S5' %s 2>&1", "DSDT.aml");
	text = strstr(text, "Evaluation of \\_S5");
	assert_non_null(text);
	assert_int_equal(next_integer(&text), 0); /* the type that powers off */
	text = output_of("cd %s && acpiexec -b 'namespace' %s 2>&1", "DSDT.aml");
	assert_non_null(strstr(text, "_S5_"));
	assert_null(strstr(text, "_S3_"));
	assert_null(strstr(text, "_S4_"));
	assert_non_null(strstr(text, "FWCF"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tables_disassemble),
		TEST(tables_survive_acpixtract),
		TEST(routing_with_ioapic),
		TEST(routing_with_8259),
		TEST(sleep_states),
	};
	char command[64];
	int failed;

	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command) ? 1 : failed;
}
