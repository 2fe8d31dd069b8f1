/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ACPI set as firmware makes it: an interpreter of the loader script places the blobs in a
 * memory, as OVMF and SeaBIOS do, then the tables are walked from the RSDP. For several machines.
 */
#include "tests/unit/acpi_machine.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
