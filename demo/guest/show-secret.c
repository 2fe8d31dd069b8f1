/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs inside the guest: finds the secret that the guest's owner sent at launch and prints it.
 *
 *	show-secret GUID
 *
 * Debian's kernels have no efi_secret driver, so this walks the way itself: sysfs says where the
 *EFI configuration tables are, one of them says where the firmware reserved the launch secret, and
 * /dev/mem gives the pages. Everything is read through mmap, which the kernel makes with the C-bit.
 * read() of reserved memory goes through a mapping without it and must give ciphertext: that is
 * tried as well, and reported.
 *
 * Sources: UEFI 2.10 section 4.6 (configuration table); OVMF AmdSev SecretDxe and Linux
 * drivers/virt/coco/efi_secret (secret table).
 *
 * Exit status 0 secret printed, 1 not found or not readable, 2 wrong use.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUID_SIZE  16
#define GUID_TEXT  36
#define MAX_TABLES 128 /* the number is in the EFI system table, which sysfs does not show */
#define MAX_AREA   0x10000

/* The host searches raw memory for this sentence; it must not be found there. */
static const char sentence[] = "show-secret: these words are private to the guest that runs them";

/* adf956ad-e98c-484c-ae11-b51c7d336447 {u64 base, u64 size}: where the launch secret lies */
static const uint8_t location_guid[GUID_SIZE] = { 0xad, 0x56, 0xf9, 0xad, 0x8c, 0xe9, 0x4c, 0x48,
	0xae, 0x11, 0xb5, 0x1c, 0x7d, 0x33, 0x64, 0x47 };

/* 1e74f542-71dd-4d66-963e-ef4287ff173b u32 length, entries: begins the secret table */
static const uint8_t table_guid[GUID_SIZE] = { 0x42, 0xf5, 0x74, 0x1e, 0xdd, 0x71, 0x66, 0x4d, 0x96,
	0x3e, 0xef, 0x42, 0x87, 0xff, 0x17, 0x3b };

struct config_table {
	uint8_t guid[GUID_SIZE];
	uint64_t address;
};

struct location {
	uint64_t base;
	uint64_t size;
};

/* Header of the secret table and of each entry; length counts the header. */
struct secret_header {
	uint8_t guid[GUID_SIZE];
	uint32_t length;
} __attribute__((packed));

static void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

static void fail(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("show-secret: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static int open_memory(void)
{
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail("/dev/mem: %s", strerror(errno));
	return fd;
}

/* Copies physical memory through a mapping, which has the C-bit. Returns 0 or -1 with errno. */
static int copy_mapped(int memory, uint64_t address, void *buffer, size_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t start = address & ~(page - 1);
	size_t length = (size_t)(address - start) + size;
	const uint8_t *map = mmap(NULL, length, PROT_READ, MAP_SHARED, memory, (off_t)start);

	if (map == MAP_FAILED)
		return -1;
	memcpy(buffer, map + (address - start), size);
	return munmap((void *)map, length);
}

/* Copies physical memory by read(). Returns 0 or -1 with errno. */
static int copy_read(int memory, uint64_t address, void *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(
			memory, (uint8_t *)buffer + done, size - done, (off_t)(address + done));

		if (n < 0)
			return -1;
		if (n == 0) {
			errno = ENODATA;
			return -1;
		}
		done += (size_t)n;
	}
	return 0;
}

/* Physical address of the array of configuration tables. */
static uint64_t config_tables(void)
{
	const char *name = "/sys/firmware/efi/config_table";
	unsigned long long address;
	FILE *file = fopen(name, "re");

	if (!file)
		fail("%s: %s; was the guest booted by EFI firmware?", name, strerror(errno));
	if (fscanf(file, "%llx", &address) != 1 || address == 0)
		fail("%s: does not hold an address", name);
	fclose(file);
	return address;
}

/* Where the firmware says that the launch secret lies. */
static struct location find_location(int memory)
{
	uint64_t tables = config_tables();
	struct config_table table;
	struct location location;

	for (unsigned i = 0; i < MAX_TABLES; i++) {
		uint64_t address = tables + i * sizeof(table);

		if (copy_mapped(memory, address, &table, sizeof(table)) < 0)
			fail("EFI configuration table %u at 0x%llx: %s", i,
				(unsigned long long)address, strerror(errno));
		if (memcmp(table.guid, location_guid, GUID_SIZE))
			continue;
		if (copy_mapped(memory, table.address, &location, sizeof(location)) < 0)
			fail("location of the launch secret at 0x%llx: %s",
				(unsigned long long)table.address, strerror(errno));
		return location;
	}
	fail("none of %d EFI configuration tables at 0x%llx tells of a launch secret", MAX_TABLES,
		(unsigned long long)tables);
}

static void check_location(struct location location)
{
	if (location.base == 0 || location.size < sizeof(struct secret_header) ||
		location.size > MAX_AREA || location.base + location.size < location.base)
		fail("the firmware's area for a launch secret is not usable: base 0x%llx, size "
		     "0x%llx",
			(unsigned long long)location.base, (unsigned long long)location.size);
}

/* Whether read() of the area shows the secret table too, as it must not. */
static bool readable_without_key(int memory, struct location location)
{
	struct secret_header header;

	if (copy_read(memory, location.base, &header, sizeof(header)) < 0) {
		printf("show-secret: read() of /dev/mem: %s\n", strerror(errno));
		return false;
	}
	if (memcmp(header.guid, table_guid, GUID_SIZE) == 0) {
		printf("show-secret: read() of /dev/mem: plaintext\n");
		return true;
	}
	printf("show-secret: read() of /dev/mem: ciphertext\n");
	return false;
}

/* aabbccdd-eeff-... into the bytes of an EFI GUID, whose first three groups are little-endian. */
static bool parse_guid(const char *text, uint8_t guid[GUID_SIZE])
{
	static const uint8_t order[GUID_SIZE] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14,
		15 };
	unsigned position = 0;

	if (strlen(text) != GUID_TEXT)
		return false;
	for (unsigned i = 0; i < GUID_SIZE; i++) {
		char digits[3] = { 0 };

		if (position == 8 || position == 13 || position == 18 || position == 23)
			if (text[position++] != '-')
				return false;
		memcpy(digits, text + position, 2);
		if (strspn(digits, "0123456789abcdefABCDEF") != 2)
			return false;
		guid[order[i]] = (uint8_t)strtoul(digits, NULL, 16);
		position += 2;
	}
	return true;
}

/* The entry's data, its control characters made harmless for a console. */
static void print_secret(const uint8_t *data, size_t size)
{
	while (size > 0 && (data[size - 1] == 0 || data[size - 1] == '\n'))
		size--;
	fputs("show-secret: the launch secret is \"", stdout);
	for (size_t i = 0; i < size; i++)
		if (data[i] >= 0x20 && data[i] < 0x7f)
			putchar(data[i]);
		else
			printf("\\x%02x", data[i]);
	fputs("\"\n", stdout);
}

/* Walks the entries of the table for the wanted one. */
static void show_entry(const uint8_t *area, size_t size, const uint8_t *guid, const char *name)
{
	struct secret_header header;
	size_t end, at = sizeof(header);

	memcpy(&header, area, sizeof(header));
	if (memcmp(header.guid, table_guid, GUID_SIZE))
		fail("no secret was sent: the area does not begin with a secret table");
	end = header.length;
	if (end < sizeof(header) || end > size)
		fail("the secret table is damaged: length %zu, legal is %zu..%zu", end,
			sizeof(header), size);
	while (end - at >= sizeof(header)) {
		memcpy(&header, area + at, sizeof(header));
		if (header.length < sizeof(header) || header.length > end - at)
			fail("the secret table is damaged: entry at %zu has length %u, legal is "
			     "%zu..%zu",
				at, header.length, sizeof(header), end - at);
		if (memcmp(header.guid, guid, GUID_SIZE) == 0) {
			print_secret(area + at + sizeof(header), header.length - sizeof(header));
			return;
		}
		at += header.length;
	}
	fail("the secret table has no entry %s", name);
}

int main(int argc, char **argv)
{
	static uint8_t area[MAX_AREA];
	uint8_t guid[GUID_SIZE];
	struct location location;
	bool exposed;
	int memory;

	if (argc != 2 || !parse_guid(argv[1], guid)) {
		fprintf(stderr,
			"show-secret: %s: wrong use; legal is show-secret GUID, as in "
			"show-secret 736869e5-84f0-4973-92ec-06879ce3da0b\n",
			argc > 1 ? argv[1] : "no GUID");
		return 2;
	}
	puts(sentence);
	memory = open_memory();
	location = find_location(memory);
	check_location(location);
	printf("show-secret: secret area at 0x%llx, %llu bytes\n",
		(unsigned long long)location.base, (unsigned long long)location.size);
	exposed = readable_without_key(memory, location);
	if (copy_mapped(memory, location.base, area, location.size) < 0)
		fail("secret area at 0x%llx: %s", (unsigned long long)location.base,
			strerror(errno));
	printf("show-secret: mmap() of /dev/mem: %s\n",
		memcmp(area, table_guid, GUID_SIZE) ? "no secret table" : "plaintext");
	show_entry(area, location.size, guid, argv[1]);
	close(memory);
	if (exposed)
		fail("the secret lies in memory that is not encrypted");
	return 0;
}
