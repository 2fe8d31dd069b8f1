/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The chip's persistent memory: one file of fixed size, replaced as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iodev/psp/identity.h"

#define STATE_MAGIC   "bochs-sev PSP\n\r\032"
#define STATE_VERSION 2 /* 1 knew no external owner, and is otherwise the same */

struct state_file {
	char magic[16];
	uint32_t version;
	struct psp_record record;
	uint8_t checksum[SEV_SHA256]; /* of everything before */
} PSP_PACKED;

static_assert(sizeof(STATE_MAGIC) <= 17, "magic");

static void checksum_of(const struct state_file *file, uint8_t out[SEV_SHA256])
{
	const struct sev_part part = { file, offsetof(struct state_file, checksum) };

	sev_sha256(&part, 1, out);
}

static char *path_in(const char *dir)
{
	char *path;

	return asprintf(&path, "%s/chip.state", dir) < 0 ? NULL : path;
}

/* "damaged" leads to a decision that only the user can take: the file is all that chip is. */
static int parse(const char *path, const struct sev_blob *blob, struct psp_identity *identity,
	struct sev_error *err)
{
	static const char help[] = "restore it, or remove it to get a new chip";
	const struct state_file *file = (const struct state_file *)blob->data;
	uint8_t checksum[SEV_SHA256];
	const char *wrong;

	if (blob->size < offsetof(struct state_file, record) ||
		memcmp(file->magic, STATE_MAGIC, sizeof(file->magic)) != 0)
		return sev_fail(err, "%s: not the state of an emulated PSP; %s", path, help);
	if (file->version == 0 || file->version > STATE_VERSION)
		return sev_fail(err, "%s: state of version %u, this program reads versions 1 to %u",
			path, (unsigned)file->version, STATE_VERSION);
	if (blob->size != sizeof(*file))
		return sev_fail(err, "%s: damaged: %zu bytes instead of %zu; %s", path, blob->size,
			sizeof(*file), help);
	checksum_of(file, checksum);
	if (memcmp(checksum, file->checksum, sizeof(checksum)) != 0)
		return sev_fail(err, "%s: damaged: the checksum does not match; %s", path, help);
	wrong = psp_record_unpack(&file->record, identity);
	if (wrong)
		return sev_fail(err, "%s: damaged: %s; %s", path, wrong, help);
	return 1;
}

static int load(const char *path, struct psp_identity *identity, struct sev_error *err)
{
	struct sev_blob blob = { 0 };
	struct stat st;
	int ret;

	if (lstat(path, &st) != 0)
		return errno == ENOENT
			       ? 0
			       : sev_fail(err, "%s: cannot read: %s", path, strerror(errno));
	/* If it leads nowhere today, that is no reason to make another chip in its place. */
	if (S_ISLNK(st.st_mode))
		return sev_fail(err,
			"%s: a symbolic link; legal is the file itself, or a link in place of the "
			"directory",
			path);
	if (sev_file_read(path, 1 << 20, &blob, err) != 0)
		return -1;
	ret = parse(path, &blob, identity, err);
	sev_wipe(blob.data, blob.size);
	sev_blob_free(&blob);
	return ret;
}

/* A directory just made must be found again after a crash, like what will be in it. */
static int make_directory(const char *dir, struct sev_error *err)
{
	char *parent;
	int fd;

	if (mkdir(dir, 0700) != 0)
		return errno == EEXIST ? 0
				       : sev_fail(err, "%s: cannot make the directory: %s", dir,
						 strerror(errno));
	if (asprintf(&parent, "%s/..", dir) < 0)
		return sev_fail(err, "%s: out of memory", dir);
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(parent);
	return 0;
}

int psp_state_lock(const char *dir, struct sev_error *err)
{
	int fd;

	if (make_directory(dir, err) != 0)
		return -1;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sev_fail(err, "%s: cannot open the directory: %s", dir, strerror(errno));
	/* Where directories cannot be locked, as over NFS, the user has to look after it. */
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) {
		sev_file_sweep(dir);
		return fd;
	}
	close(fd);
	return sev_fail(err,
		"%s: another running emulator has this chip; legal is a directory that none uses",
		dir);
}

int psp_state_load(const char *dir, struct psp_identity *identity, struct sev_error *err)
{
	char *path;
	int ret;

	path = path_in(dir);
	if (!path)
		return sev_fail(err, "%s: out of memory", dir);
	ret = load(path, identity, err);
	free(path);
	return ret;
}

static void pack(const struct psp_identity *identity, struct state_file *file)
{
	memset(file, 0, sizeof(*file));
	memcpy(file->magic, STATE_MAGIC, sizeof(file->magic));
	file->version = STATE_VERSION;
	psp_record_pack(identity, &file->record);
	checksum_of(file, file->checksum);
}

int psp_state_save(const char *dir, const struct psp_identity *identity, struct sev_error *err)
{
	struct state_file file;
	char *path = path_in(dir);
	int ret;

	if (!path)
		return sev_fail(err, "%s: out of memory", dir);
	pack(identity, &file);
	ret = sev_file_write(path, &file, sizeof(file), 0600, err);
	sev_wipe(&file, sizeof(file));
	free(path);
	return ret;
}
