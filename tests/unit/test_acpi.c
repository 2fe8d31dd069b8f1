/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ACPI set as firmware makes it: an interpreter of the loader script places the blobs in a
 * memory, as OVMF and SeaBIOS do, then the tables are walked from the RSDP, and Intel's ASL
 * compiler disassembles each of them. For several machines.
 */
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "iodev/fw_cfg/acpi.h"

#define MIB 0x100000ull

/* --- firmware: the loader script ------------------------------------------------------------- */

#define TABLES_AT 0x1FB70040u /* aligned to 64, nothing rounder */
#define RSDP_AT	  0x000F5A50u

struct blob {
	const char *name;
	uint64_t address;
	uint8_t *data;
	size_t size;
	unsigned allocations;
	uint32_t align;
	uint8_t zone;
};

static struct acpi_set set;
static struct blob blobs[2];

static struct blob *blob_named(const uint8_t name[56])
{
	assert_non_null(memchr(name, 0, 56));
	for (size_t i = 0; i < 2; i++)
		if (!strcmp(blobs[i].name, (const char *)name))
			return &blobs[i];
	fail_msg("the script names a file '%s'", (const char *)name);
	return NULL;
}

static void allocate(const uint8_t *record)
{
	struct blob *b = blob_named(record + 4);

	b->align = sev_le32(record + 60);
	b->zone = record[64];
	assert_int_equal(b->allocations++, 0);
	assert_int_equal(__builtin_popcount(b->align), 1);
	assert_in_range(b->align, 1, 4096);
	assert_int_equal(b->address % b->align, 0);
}

/* Adds the address of the source; remembers nothing: whether it leads anywhere is checked later. */
static void add_pointer(const uint8_t *record)
{
	struct blob *b = blob_named(record + 4), *source = blob_named(record + 60);
	uint32_t at = sev_le32(record + 116);
	unsigned size = record[120];
	uint64_t value = 0;

	assert_true(b->allocations && source->allocations);
	assert_true(size == 4 || size == 8);
	assert_true((uint64_t)at + size <= b->size);
	memcpy(&value, b->data + at, size);
	assert_true(value < source->size); /* still an offset: nothing is added twice */
	value += source->address;
	memcpy(b->data + at, &value, size);
}

static void add_checksum(const uint8_t *record)
{
	struct blob *b = blob_named(record + 4);
	uint32_t at = sev_le32(record + 60), start = sev_le32(record + 64),
		 length = sev_le32(record + 68);
	uint8_t sum = 0;

	assert_true(b->allocations);
	assert_true((uint64_t)start + length <= b->size);
	assert_true(at >= start && at < start + length);
	assert_int_equal(b->data[at], 0);
	for (uint32_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + b->data[start + i]);
	b->data[at] = (uint8_t)(b->data[at] - sum);
}

static void run_script(void)
{
	assert_int_equal(set.loader.size % 128, 0);
	for (size_t at = 0; at < set.loader.size; at += 128) {
		const uint8_t *record = set.loader.data + at;

		switch (sev_le32(record)) {
		case 1:
			allocate(record);
			break;
		case 2:
			add_pointer(record);
			break;
		case 3:
			add_checksum(record);
			break;
		default:
			fail_msg("command %u", sev_le32(record));
		}
	}
}

/* --- a machine's set, placed ----------------------------------------------------------------- */

static void build(unsigned cpus, uint64_t ram, bool hpet)
{
	struct acpi_machine machine = { cpus, ram, hpet };
	struct sev_error err;

	acpi_set_free(&set);
	assert_int_equal(acpi_build(&machine, &set, &err), 0);
	blobs[0] = (struct blob) { .name = "etc/acpi/tables",
		.address = TABLES_AT,
		.data = set.tables.data,
		.size = set.tables.size };
	blobs[1] = (struct blob) { .name = "etc/acpi/rsdp",
		.address = RSDP_AT,
		.data = set.rsdp.data,
		.size = set.rsdp.size };
	run_script();
}

static int teardown(void **state)
{
	(void)state;
	acpi_set_free(&set);
	return 0;
}

static bool sums_to_zero(const uint8_t *data, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + data[i]);
	return sum == 0;
}

/* The table at a physical address: inside the blob, of that signature, with a right checksum. */
static const uint8_t *table_at(uint64_t address, const char *signature)
{
	const uint8_t *table;

	assert_in_range(address, TABLES_AT, TABLES_AT + set.tables.size - 36);
	assert_int_equal(address % 8, 0);
	table = set.tables.data + (address - TABLES_AT);
	assert_memory_equal(table, signature, 4);
	assert_true(address - TABLES_AT + sev_le32(table + 4) <= set.tables.size);
	if (strcmp(signature, "FACS") != 0)
		assert_true(sums_to_zero(table, sev_le32(table + 4)));
	return table;
}

static const uint8_t *xsdt(void)
{
	return table_at(sev_le64(set.rsdp.data + 24), "XSDT");
}

/* An entry of the XSDT; NULL if no table has that signature. */
static const uint8_t *listed(const char *signature)
{
	const uint8_t *x = xsdt();

	for (uint32_t at = 36; at < sev_le32(x + 4); at += 8) {
		uint64_t address = sev_le64(x + at);

		if (!memcmp(set.tables.data + (address - TABLES_AT), signature, 4))
			return table_at(address, signature);
	}
	return NULL;
}

static const uint8_t *dsdt(void)
{
	return table_at(sev_le64(listed("FACP") + 140), "DSDT");
}

/* --- tests ----------------------------------------------------------------------------------- */

static void rsdp(void **state)
{
	(void)state;
	build(1, 512 * MIB, true);
	assert_int_equal(set.rsdp.size, 36);
	assert_memory_equal(set.rsdp.data, "RSD PTR ", 8);
	assert_int_equal(set.rsdp.data[15], 2);
	assert_int_equal(sev_le32(set.rsdp.data + 16), 0); /* no RSDT */
	assert_int_equal(sev_le32(set.rsdp.data + 20), 36);
	assert_true(sums_to_zero(set.rsdp.data, 20));
	assert_true(sums_to_zero(set.rsdp.data, 36));
	assert_int_equal(blobs[1].zone, 2); /* where it is looked for without EFI */
	assert_int_equal(blobs[1].align, 16);
	assert_int_equal(blobs[0].zone, 1);
	assert_int_equal(blobs[0].align, 64); /* the FACS' */
}

static void xsdt_lists_what_there_is(void **state)
{
	(void)state;
	build(1, 512 * MIB, true);
	assert_int_equal(sev_le32(xsdt() + 4), 36 + 3 * 8);
	assert_non_null(listed("FACP"));
	assert_non_null(listed("APIC"));
	assert_non_null(listed("HPET"));
	assert_null(listed("DSDT"));
	build(1, 512 * MIB, false);
	assert_int_equal(sev_le32(xsdt() + 4), 36 + 2 * 8);
	assert_null(listed("HPET"));
	assert_non_null(listed("APIC"));
}

static void fadt(void **state)
{
	const uint8_t *f;

	(void)state;
	build(1, 512 * MIB, true);
	f = listed("FACP");
	assert_int_equal(sev_le32(f + 4), 244);
	assert_int_equal(f[8], 3);
	assert_int_equal(sev_le32(table_at(sev_le32(f + 36), "FACS") + 4), 64);
	assert_int_equal(sev_le32(f + 36) % 64, 0);
	assert_int_equal(sev_le32(f + 40), sev_le64(f + 140)); /* DSDT, X_DSDT */
	assert_int_equal(sev_le64(f + 132), 0);		       /* X_FIRMWARE_CTRL: not both */
	assert_int_equal(sev_le16(f + 46), 10);		       /* SCI */
	assert_int_equal(sev_le32(f + 48), 0xB2);
	assert_int_equal(f[52], 0xF1);
	assert_int_equal(f[53], 0xF0);
	assert_int_equal(f[108], 0x32);
	assert_int_equal(sev_le16(f + 109), 0x0003); /* or Linux finds no keyboard */
	/* WBINVD, C1, no sleep button, RTC, reset register; a power button; a 24-bit timer. */
	assert_int_equal(sev_le32(f + 112), 0x4A5);
	assert_bytes(f + 116, 13, "01080001f90c00000000000006"); /* 6 to port 0xCF9 */
}

/* A block of registers: 32-bit address, length in bytes, and the same in the 64-bit fields. */
static void register_block(
	unsigned address, unsigned length, unsigned extended, uint32_t port, unsigned bytes)
{
	const uint8_t *f = listed("FACP");

	assert_int_equal(sev_le32(f + address), port);
	assert_int_equal(f[length], bytes);
	assert_int_equal(f[extended], bytes ? 1 : 0); /* I/O space */
	assert_int_equal(f[extended + 1], 8 * bytes);
	assert_int_equal(sev_le64(f + extended + 4), port);
}

static void fadt_registers(void **state)
{
	(void)state;
	build(1, 512 * MIB, true);
	register_block(56, 88, 148, 0xB000, 4); /* PM1a event */
	register_block(64, 89, 172, 0xB004, 2); /* PM1a control */
	register_block(76, 91, 208, 0xB008, 4); /* timer */
	register_block(80, 92, 220, 0, 0);	/* GPE0: none */
	register_block(84, 93, 232, 0, 0);	/* GPE1: none */
	register_block(72, 90, 196, 0, 0);	/* PM2 control: none */
}

/* The entries after the header, and how many of each type there are. */
static void madt_of(unsigned cpus)
{
	const uint8_t *madt;
	unsigned lapics = 0, ioapics = 0, overrides = 0, nmis = 0;

	build(cpus, 512 * MIB, true);
	madt = listed("APIC");
	assert_int_equal(sev_le32(madt + 36), 0xFEE00000);
	assert_int_equal(sev_le32(madt + 40), 1);
	for (uint32_t at = 44; at < sev_le32(madt + 4); at += madt[at + 1]) {
		const uint8_t *e = madt + at;

		assert_true(e[1] > 1 && at + e[1] <= sev_le32(madt + 4));
		switch (e[0]) {
		case 0:
			assert_int_equal(e[1], 8);
			assert_int_equal(e[2], lapics);
			assert_int_equal(e[3], lapics++); /* local APIC ids 0, 1, ... */
			assert_int_equal(sev_le32(e + 4), 1);
			break;
		case 1:
			ioapics++;
			assert_int_equal(e[2], cpus); /* as Bochs numbers it */
			assert_int_equal(sev_le32(e + 4), 0xFEC00000);
			assert_int_equal(sev_le32(e + 8), 0);
			break;
		case 2:
			/* Timer: pin 2. SCI: pin 16, level, active low. */
			if (overrides++ == 0)
				assert_bytes(e, 10, "020a0000020000000000");
			else
				assert_bytes(e, 10, "020a000a100000000f00");
			break;
		case 4:
			nmis++;
			assert_bytes(e, 6, "0406ff000001");
			break;
		default:
			fail_msg("entry of type %u", e[0]);
		}
	}
	assert_int_equal(lapics, cpus);
	assert_int_equal(ioapics, 1);
	assert_int_equal(overrides, 2);
	assert_int_equal(nmis, 1);
}

static void madt(void **state)
{
	(void)state;
	madt_of(1);
	madt_of(2);
	madt_of(8);
	madt_of(254);
}

static void sci_is_the_overridden_interrupt(void **state)
{
	(void)state;
	build(1, 512 * MIB, true);
	assert_int_equal(sev_le16(listed("FACP") + 46), ACPI_SCI_IRQ);
	assert_int_equal(ACPI_SCI_PIN, 16 + ((1 + 0 - 1) & 3)); /* pin A of 0:1.3 by the rule */
}

static void hpet(void **state)
{
	(void)state;
	build(1, 512 * MIB, true);
	assert_int_equal(sev_le32(listed("HPET") + 4), 56);
	assert_bytes(listed("HPET") + 36, 20, "01a28680000000000000d0fe0000000000800000");
}

/* The descriptor of the PCI memory window, found by its type and its upper end. */
static const uint8_t *window(void)
{
	const uint8_t *d = dsdt(), *found = NULL;

	for (uint32_t at = 36; at + 26 <= sev_le32(d + 4); at++) {
		if (memcmp(d + at, "\x87\x17\0\0", 4) != 0 || sev_le32(d + at + 14) != 0xFEBFFFFF)
			continue;
		assert_null(found);
		found = d + at;
	}
	assert_non_null(found);
	return found;
}

static void window_starts_above_ram(void **state)
{
	static const struct {
		uint64_t ram;
		uint32_t min;
	} cases[] = {
		{ 128 * MIB, 0x80000000 },
		{ 512 * MIB, 0x80000000 },
		{ 2047 * MIB, 0x80000000 },
		{ 2048 * MIB, 0x80000000 },
		{ 2049 * MIB, 0x80100000 },
		{ 3072 * MIB, 0xC0000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		build(1, cases[i].ram, true);
		assert_int_equal(sev_le32(window() + 6), 0);		 /* granularity */
		assert_int_equal(sev_le32(window() + 10), cases[i].min); /* minimum */
		assert_int_equal(sev_le32(window() + 18), 0);		 /* translation */
		assert_int_equal(sev_le32(window() + 22), 0xFEC00000 - cases[i].min); /* length */
	}
}

static void ram_up_to_the_apics_is_refused(void **state)
{
	struct acpi_machine machine = { 1, 4096 * MIB, true };
	struct sev_error err;

	(void)state;
	assert_int_equal(acpi_build(&machine, &set, &err), -1);
	assert_non_null(strstr(err.text, "4294967296 bytes of RAM leave no PCI window"));
	assert_null(set.tables.data);
}

/* --- Intel's compiler and interpreter -------------------------------------------------------- */

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

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rsdp),
		TEST(xsdt_lists_what_there_is),
		TEST(fadt),
		TEST(fadt_registers),
		TEST(madt),
		TEST(sci_is_the_overridden_interrupt),
		TEST(hpet),
		TEST(window_starts_above_ram),
		TEST(ram_up_to_the_apics_is_refused),
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
