/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor/socket.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG 8

struct monitor_socket {
	struct monitor_socket_events events;
	char *path;
	dev_t device; /* of the socket file that is ours */
	ino_t inode;
	int listener;
	int client;   /* -1: none */
	bool hang_up; /* once the queue is empty */
	bool broken;  /* the client is to be dropped, queue or not */
	uint8_t *queue;
	size_t queued, room;
};

/* --- opening --------------------------------------------------------------------------------- */

static int cannot(const char *path, const char *what, struct sev_error *err)
{
	return sev_fail(err, "socket=%s: %s: %s", path, what, strerror(errno));
}

static int make_address(const char *path, struct sockaddr_un *address, struct sev_error *err)
{
	size_t size = strlen(path);

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (!size || size >= sizeof(address->sun_path))
		return sev_fail(err, "socket=%s: %zu characters, legal: 1 to %zu", path, size,
			sizeof(address->sun_path) - 1);
	memcpy(address->sun_path, path, size);
	return 0;
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Whether somebody listens there: 1, 0, or -1 with errno set if that cannot be found out. */
static int is_alive(const struct sockaddr_un *address)
{
	int fd = new_socket(), result;

	if (fd < 0)
		return -1;
	result = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	if (result == 0 || errno == EAGAIN) /* EAGAIN: its backlog is full */
		result = 1;
	else if (errno == ECONNREFUSED || errno == ENOENT)
		result = 0;
	close(fd);
	return result;
}

/* Makes room for our socket file where that is no harm. */
static int remove_stale(const struct sockaddr_un *address, struct sev_error *err)
{
	const char *path = address->sun_path;
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : cannot(path, "cannot be made", err);
	if (!S_ISSOCK(st.st_mode))
		return sev_fail(err, "socket=%s: there is something that is no socket", path);
	switch (is_alive(address)) {
	case 0:
		break;
	case 1:
		return sev_fail(err, "socket=%s: another program listens there", path);
	default:
		return cannot(path, "cannot be replaced", err);
	}
	if (unlink(path) && errno != ENOENT)
		return cannot(path, "cannot be replaced", err);
	return 0;
}

/* The mode is right from the first moment: nobody else can connect in between. */
static int bind_private(int fd, const struct sockaddr_un *address)
{
	mode_t mask = umask(0177);
	int result = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	int saved = errno;

	umask(mask);
	errno = saved;
	return result;
}

static int start_listening(struct monitor_socket *s, struct sev_error *err)
{
	struct sockaddr_un address;
	struct stat st;

	if (make_address(s->path, &address, err) || remove_stale(&address, err))
		return -1;
	s->listener = new_socket();
	if (s->listener < 0 || bind_private(s->listener, &address))
		return cannot(s->path, "cannot be made", err);
	if (stat(s->path, &st))
		return cannot(s->path, "cannot be made", err);
	s->device = st.st_dev;
	s->inode = st.st_ino;
	if (listen(s->listener, BACKLOG))
		return cannot(s->path, "cannot listen", err);
	return 0;
}

struct monitor_socket *monitor_socket_open(
	const char *path, const struct monitor_socket_events *events, struct sev_error *err)
{
	struct monitor_socket *s = calloc(1, sizeof(*s));

	if (!s || !(s->path = strdup(path))) {
		sev_fail(err, "socket=%s: out of memory", path);
		free(s);
		return NULL;
	}
	s->events = *events;
	s->listener = s->client = -1;
	if (start_listening(s, err) == 0)
		return s;
	monitor_socket_close(s);
	return NULL;
}

/* --- the client ------------------------------------------------------------------------------ */

static void drop_client(struct monitor_socket *s)
{
	close(s->client);
	s->client = -1;
	s->queued = 0;
	s->hang_up = false;
	s->broken = false;
	s->events.disconnected(s->events.ctx);
}

static void accept_client(struct monitor_socket *s)
{
	s->client = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (s->client >= 0)
		s->events.connected(s->events.ctx);
}

static void write_queue(struct monitor_socket *s)
{
	ssize_t n;

	while (s->queued && !s->broken) {
		n = send(s->client, s->queue, s->queued, MSG_NOSIGNAL);
		if (n > 0) {
			s->queued -= (size_t)n;
			memmove(s->queue, s->queue + n, s->queued);
		} else if (n < 0 && errno == EAGAIN) {
			break;
		} else if (n < 0 && errno != EINTR) {
			s->broken = true;
		}
	}
}

static void read_input(struct monitor_socket *s)
{
	uint8_t bytes[4096];
	ssize_t n = recv(s->client, bytes, sizeof(bytes), 0);

	if (n > 0) {
		if (s->events.input(s->events.ctx, bytes, (size_t)n))
			s->hang_up = true;
	} else if (n == 0) {
		s->hang_up = true; /* it may still want to read its answers */
	} else if (errno != EAGAIN && errno != EINTR) {
		s->broken = true;
	}
}

static bool takes_input(const struct monitor_socket *s)
{
	return !s->hang_up && s->queued <= MONITOR_SOCKET_QUEUE;
}

static void serve_client(struct monitor_socket *s, short ready)
{
	if (ready & POLLIN && takes_input(s))
		read_input(s);
	else if (ready & (POLLHUP | POLLERR))
		s->broken = true;
	write_queue(s);
	if (s->broken || (s->hang_up && !s->queued))
		drop_client(s);
}

void monitor_socket_serve(struct monitor_socket *s, int timeout)
{
	struct pollfd fd = { .fd = s->listener, .events = POLLIN };

	if (s->broken)
		drop_client(s);
	if (s->client >= 0) {
		fd.fd = s->client;
		fd.events = (short)((takes_input(s) ? POLLIN : 0) | (s->queued ? POLLOUT : 0));
	}
	if (poll(&fd, 1, timeout) <= 0)
		return;
	if (s->client >= 0)
		serve_client(s, fd.revents);
	else
		accept_client(s);
	if (s->client >= 0)
		write_queue(s);
}

static bool make_room(struct monitor_socket *s, size_t size)
{
	size_t room = s->room ? s->room : 4096;
	uint8_t *queue;

	if (size > MONITOR_SOCKET_MAX_QUEUE - s->queued)
		return false;
	while (room < s->queued + size)
		room *= 2;
	if (room == s->room)
		return true;
	queue = realloc(s->queue, room);
	if (!queue)
		return false;
	s->queue = queue;
	s->room = room;
	return true;
}

void monitor_socket_send(struct monitor_socket *s, const void *bytes, size_t size)
{
	if (s->client < 0 || s->broken)
		return;
	if (!make_room(s, size)) {
		s->broken = true; /* and dropped when it is served next */
		return;
	}
	memcpy(s->queue + s->queued, bytes, size);
	s->queued += size;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void monitor_socket_flush(struct monitor_socket *s, int timeout)
{
	int64_t end = now_ms() + timeout, left = timeout;
	struct pollfd fd = { .fd = s->client, .events = POLLOUT };

	while (s->client >= 0 && s->queued && !s->broken && left >= 0) {
		if (poll(&fd, 1, (int)left) > 0)
			write_queue(s);
		left = end - now_ms();
	}
}

void monitor_socket_close(struct monitor_socket *s)
{
	struct stat st;

	if (!s)
		return;
	if (s->inode && lstat(s->path, &st) == 0 && st.st_dev == s->device && st.st_ino == s->inode)
		unlink(s->path);
	if (s->client >= 0)
		close(s->client);
	if (s->listener >= 0)
		close(s->listener);
	free(s->queue);
	free(s->path);
	free(s);
}
