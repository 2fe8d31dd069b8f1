/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Guest memory into files: pmemsave and memsave give what the host sees,
 * x-sev-memsave what the guest sees.
 * The file appears whole, under a temporary name until then, readable by its owner alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/qmp_commands.h"

#define MAX_END	 (UINT64_C(1) << 40) /* physical addresses of Bochs end there */
#define MAX_SIZE (UINT64_C(4) << 30) /* all memory lies below; more would hold up the guest */

struct dump {
	uint64_t gpa, size;
	const char *filename;
	/* Memory is read in pieces that end at multiples of this; 0, or -1 with the error set */
	size_t piece;
	int (*read)(struct qmp_call *call, uint64_t gpa, void *buf, size_t size);
	uint64_t max_end; /* above every address */
};

/* Renaming would put a file in the place of a device or pipe. */
static int check_target(struct qmp_call *call, const char *filename)
{
	struct stat st;

	if (stat(filename, &st) == 0 && !S_ISREG(st.st_mode))
		return sev_fail(&call->err, "Could not open '%s': not a regular file", filename);
	return 0;
}

/* Pages of nothing but zeros become holes: most of a guest's memory is unused. */
static int write_piece(int fd, const uint8_t *buf, size_t size)
{
	if (!buf[0] && !memcmp(buf, buf + 1, size - 1))
		return lseek(fd, (off_t)size, SEEK_CUR) < 0 ? -1 : 0;
	while (size) {
		ssize_t n = write(fd, buf, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		buf += n;
		size -= (size_t)n;
	}
	return 0;
}

static int io_error(struct qmp_call *call)
{
	return sev_fail(&call->err, "An IO error has occurred: %s", strerror(errno));
}

static int write_pieces(struct qmp_call *call, const struct dump *dump, int fd, uint8_t *buf)
{
	for (uint64_t done = 0, piece; done < dump->size; done += piece) {
		piece = dump->piece - (dump->gpa + done) % dump->piece;
		if (piece > dump->size - done)
			piece = dump->size - done;
		if (dump->read(call, dump->gpa + done, buf, piece))
			return -1;
		if (write_piece(fd, buf, piece))
			return io_error(call);
	}
	return ftruncate(fd, (off_t)dump->size) ? io_error(call) : 0;
}

static int could_not_open(struct qmp_call *call, const char *filename)
{
	return sev_fail(&call->err, "Could not open '%s': %s", filename, strerror(errno));
}

static int write_file(struct qmp_call *call, const struct dump *dump, char *temporary)
{
	int fd = mkostemp(temporary, O_CLOEXEC), result;
	uint8_t *buf;

	if (fd < 0)
		return could_not_open(call, dump->filename);
	buf = malloc(dump->piece);
	if (buf)
		result = write_pieces(call, dump, fd, buf);
	else
		result = io_error(call);
	free(buf);
	if (close(fd) && !result)
		result = io_error(call);
	if (!result && rename(temporary, dump->filename))
		result = could_not_open(call, dump->filename);
	if (result)
		unlink(temporary);
	return result;
}

static int invalid_range(struct qmp_call *call, uint64_t address, uint64_t size)
{
	return sev_fail(&call->err, "Invalid addr 0x%016llx/size %lld specified",
		(unsigned long long)address, (long long)size);
}

static int check_range(struct qmp_call *call, const struct dump *dump)
{
	uint64_t last = dump->gpa + (dump->size ? dump->size - 1 : 0);

	if (dump->size <= MAX_SIZE && last >= dump->gpa && last < dump->max_end)
		return 0;
	return invalid_range(call, dump->gpa, dump->size);
}

/* dump: piece and read; the rest stands in the arguments. */
static struct json_object *save(struct qmp_call *call, struct dump dump)
{
	char *temporary;
	int result;

	qmp_uint64(call, "val", &dump.gpa);
	qmp_uint64(call, "size", &dump.size);
	dump.filename = qmp_string(call, "filename");
	if (check_range(call, &dump) || check_target(call, dump.filename))
		return NULL;
	if (asprintf(&temporary, "%s.XXXXXX", dump.filename) < 0) {
		could_not_open(call, dump.filename);
		return NULL;
	}
	result = write_file(call, &dump, temporary);
	free(temporary);
	return result ? NULL : qmp_nothing();
}

/* Where there is no memory QEMU's dump has zeros: holes are part of a dump of all RAM. */
static int read_raw(struct qmp_call *call, uint64_t gpa, void *buf, size_t size)
{
	const struct monitor_machine *machine = call->qmp->config.machine;

	if (machine->read_raw(machine->ctx, gpa, buf, size))
		memset(buf, 0, size);
	return 0;
}

static int read_guest(struct qmp_call *call, uint64_t gpa, void *buf, size_t size)
{
	const struct monitor_machine *machine = call->qmp->config.machine;

	return machine->read_guest(machine->ctx, gpa, buf, size, &call->err);
}

/*
 * The processor translates, which of a SEV guest the host could not do: its page tables are
 * ciphertext. What is read then is what the host sees.
 */
static int read_virtual(struct qmp_call *call, uint64_t linear, void *buf, size_t size)
{
	const struct monitor_machine *machine = call->qmp->config.machine;
	uint64_t gpa;
	unsigned cpu;

	if (qmp_cpu_index(call, &cpu))
		return -1;
	if (machine->translate(machine->ctx, cpu, linear, &gpa))
		return invalid_range(call, linear, size);
	return read_raw(call, gpa, buf, size);
}

struct json_object *qmp_memsave(struct qmp_call *call)
{
	unsigned cpu;

	if (qmp_cpu_index(call, &cpu))
		return NULL;
	return save(
		call, (struct dump) { .piece = 4096, .read = read_virtual, .max_end = UINT64_MAX });
}

struct json_object *qmp_pmemsave(struct qmp_call *call)
{
	/* a page is memory or it is not */
	return save(call, (struct dump) { .piece = 4096, .read = read_raw, .max_end = MAX_END });
}

struct json_object *qmp_x_sev_memsave(struct qmp_call *call)
{
	/* Looks that the policy forbids are logged one by one: not every page of a dump. */
	return save(
		call, (struct dump) { .piece = 1 << 20, .read = read_guest, .max_end = MAX_END });
}
