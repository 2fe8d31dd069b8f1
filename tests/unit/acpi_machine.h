/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ACPI set of a machine, placed in its memory by an interpreter of the loader script. */
#ifndef TESTS_UNIT_ACPI_MACHINE_H
#define TESTS_UNIT_ACPI_MACHINE_H

#include "tests/unit/unit.h"

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

static inline struct blob *blob_named(const uint8_t name[56])
{
	assert_non_null(memchr(name, 0, 56));
	for (size_t i = 0; i < 2; i++)
		if (!strcmp(blobs[i].name, (const char *)name))
			return &blobs[i];
	fail_msg("the script names a file '%s'", (const char *)name);
	return NULL;
}

static inline void allocate(const uint8_t *record)
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
static inline void add_pointer(const uint8_t *record)
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

static inline void add_checksum(const uint8_t *record)
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

static inline void run_script(void)
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

static inline void build(unsigned cpus, uint64_t ram, bool hpet)
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

static inline int teardown(void **state)
{
	(void)state;
	acpi_set_free(&set);
	return 0;
}

static inline bool sums_to_zero(const uint8_t *data, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + data[i]);
	return sum == 0;
}

/* The table at a physical address: inside the blob, of that signature, with a right checksum. */
static inline const uint8_t *table_at(uint64_t address, const char *signature)
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

static inline const uint8_t *xsdt(void)
{
	return table_at(sev_le64(set.rsdp.data + 24), "XSDT");
}

/* An entry of the XSDT; NULL if no table has that signature. */
static inline const uint8_t *listed(const char *signature)
{
	const uint8_t *x = xsdt();

	for (uint32_t at = 36; at < sev_le32(x + 4); at += 8) {
		uint64_t address = sev_le64(x + at);

		if (!memcmp(set.tables.data + (address - TABLES_AT), signature, 4))
			return table_at(address, signature);
	}
	return NULL;
}

static inline const uint8_t *dsdt(void)
{
	return table_at(sev_le64(listed("FACP") + 140), "DSDT");
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

#endif
