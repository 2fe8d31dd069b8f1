/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void sev_blob_free(struct sev_blob *blob)
{
	free(blob->data);
	blob->data = NULL;
	blob->size = 0;
}

/* Fills the blob from fd; a file that shrinks meanwhile is an error, not a short blob. */
static int read_all(int fd, size_t size, struct sev_blob *out)
{
	uint8_t *data = malloc(size + 1);
	size_t done = 0;

	if (!data)
		return -1;
	while (done < size) {
		ssize_t n = read(fd, data + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = EIO;
			free(data);
			return -1;
		}
		done += (size_t)n;
	}
	data[size] = 0;
	out->data = data;
	out->size = size;
	return 0;
}

static int read_checked(
	const char *path, int fd, size_t max, struct sev_blob *out, struct sev_error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return sev_fail(err, "%s: cannot read: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return sev_fail(err, "%s: not a regular file", path);
	if ((uintmax_t)st.st_size > max)
		return sev_fail(err, "%s: %ju bytes, at most %zu are accepted", path,
			(uintmax_t)st.st_size, max);
	if (read_all(fd, (size_t)st.st_size, out) != 0)
		return sev_fail(err, "%s: cannot read: %s", path, strerror(errno));
	return 0;
}

int sev_file_read(const char *path, size_t max, struct sev_blob *out, struct sev_error *err)
{
	/* O_NONBLOCK: a FIFO given by mistake is refused instead of waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int ret;

	if (fd < 0)
		return sev_fail(err, "%s: cannot read: %s", path, strerror(errno));
	ret = read_checked(path, fd, max, out, err);
	close(fd);
	return ret;
}

static int write_all(int fd, const uint8_t *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

/* The rename must reach the disk too. Some file systems cannot sync a directory: no error. */
static void sync_parent(const char *path)
{
	char *copy = strdup(path);
	int fd;

	if (!copy)
		return;
	fd = open(dirname(copy), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(copy);
}

static int fill_temporary(int fd, const void *data, size_t size, unsigned mode)
{
	int ret = 0;

	if (fchmod(fd, mode) != 0 || write_all(fd, data, size) != 0 || fsync(fd) != 0)
		ret = -1;
	if (ret != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return close(fd);
}

/* NAME.??????.bochs-sev-new: nobody else's file is called that. */
#define TEMPORARY_END ".bochs-sev-new"

static int replace(const char *path, char *temporary, const void *data, size_t size, unsigned mode)
{
	int fd = mkostemps(temporary, (int)strlen(TEMPORARY_END), O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fill_temporary(fd, data, size, mode) != 0 || rename(temporary, path) != 0) {
		int saved = errno;

		unlink(temporary);
		errno = saved;
		return -1;
	}
	sync_parent(path);
	return 0;
}

/* Of a directory rename() says more. */
static bool in_the_way(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

int sev_file_write(
	const char *path, const void *data, size_t size, unsigned mode, struct sev_error *err)
{
	char *temporary;
	int ret;

	if (in_the_way(path))
		return sev_fail(err, "%s: not a regular file", path);
	if (asprintf(&temporary, "%s.XXXXXX" TEMPORARY_END, path) < 0)
		return sev_fail(err, "%s: cannot write: out of memory", path);
	ret = replace(path, temporary, data, size, mode);
	if (ret != 0)
		sev_fail(err, "%s: cannot write: %s", path, strerror(errno));
	free(temporary);
	return ret;
}

static bool is_temporary(const char *name)
{
	size_t length = strlen(name), end = strlen(TEMPORARY_END);

	return length > end && strcmp(name + length - end, TEMPORARY_END) == 0;
}

void sev_file_sweep(const char *dir)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;

	if (!stream)
		return;
	while ((entry = readdir(stream)))
		if (is_temporary(entry->d_name))
			unlinkat(dirfd(stream), entry->d_name, 0);
	closedir(stream);
}
