/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The socket with real clients: who may connect, who waits, who is dropped, what is left behind. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "monitor/socket.h"

static char directory[] = "/tmp/test_socket.XXXXXX";
static char path[64];

/* Greets, echoes, and hangs up at a byte '!'. */
struct test {
	struct monitor_socket *socket;
	unsigned connects, disconnects;
	size_t received;
	size_t flood; /* bytes to answer with, instead of an echo */
	struct sev_error err;
};

static void connected(void *ctx)
{
	struct test *t = ctx;

	t->connects++;
	monitor_socket_send(t->socket, "hello", 5);
}

static int input(void *ctx, const void *bytes, size_t size)
{
	struct test *t = ctx;

	t->received += size;
	if (t->flood) {
		uint8_t *flood = calloc(1, t->flood);

		monitor_socket_send(t->socket, flood, t->flood);
		free(flood);
	} else {
		monitor_socket_send(t->socket, bytes, size);
	}
	return memchr(bytes, '!', size) ? -1 : 0;
}

static void disconnected(void *ctx)
{
	((struct test *)ctx)->disconnects++;
}

static struct monitor_socket *open_socket(struct test *t, const char *where)
{
	struct monitor_socket_events events = { t, connected, input, disconnected };

	return monitor_socket_open(where, &events, &t->err);
}

static int set_up(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	t->socket = open_socket(t, path);
	assert_non_null(t->socket);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct test *t = *state;

	monitor_socket_close(t->socket);
	free(t);
	assert_int_equal(access(path, F_OK), -1);
	return 0;
}

static int try_client(const char *where)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, where);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int new_client(void)
{
	int fd = try_client(path);

	assert_true(fd >= 0);
	return fd;
}

static void serve(struct test *t)
{
	for (int n = 0; n < 20; n++)
		monitor_socket_serve(t->socket, 0);
}

/* What the client can read now: text, NULL at the end of the connection, "" if there is nothing. */
static const char *heard(int fd)
{
	static char text[100];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (n == 0)
		return NULL;
	text[n > 0 ? n : 0] = 0;
	return text;
}

/* --- one client ------------------------------------------------------------------------------ */

static void private_mode(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void talk(void **state)
{
	struct test *t = *state;
	int fd = new_client();

	assert_string_equal(heard(fd), "");
	serve(t);
	assert_string_equal(heard(fd), "hello");
	assert_int_equal(write(fd, "abc", 3), 3);
	serve(t);
	assert_string_equal(heard(fd), "abc");
	close(fd);
	serve(t);
	assert_int_equal(t->connects, 1);
	assert_int_equal(t->disconnects, 1);
}

/* With nobody there, and with a silent client, serving returns at once or when it is told to. */
static void timeouts(void **state)
{
	struct test *t = *state;
	int fd;

	monitor_socket_serve(t->socket, 0);
	monitor_socket_serve(t->socket, 20);
	assert_int_equal(t->connects, 0);
	monitor_socket_send(t->socket, "to nobody", 9);
	fd = new_client();
	monitor_socket_serve(t->socket, -1);
	assert_int_equal(t->connects, 1);
	monitor_socket_serve(t->socket, 20);
	assert_string_equal(heard(fd), "hello");
	close(fd);
}

/* A client that only stops to speak, as socat does, still gets its answers. */
static void half_close(void **state)
{
	struct test *t = *state;
	int fd = new_client();

	assert_int_equal(write(fd, "abc", 3), 3);
	shutdown(fd, SHUT_WR);
	serve(t);
	assert_string_equal(heard(fd), "helloabc");
	assert_null(heard(fd));
	assert_int_equal(t->disconnects, 1);
	close(fd);
}

static void hang_up(void **state)
{
	struct test *t = *state;
	int fd = new_client();

	assert_int_equal(write(fd, "bye!", 4), 4);
	serve(t);
	assert_string_equal(heard(fd), "hellobye!");
	assert_null(heard(fd));
	assert_int_equal(t->disconnects, 1);
	close(fd);
}

static void second_waits(void **state)
{
	struct test *t = *state;
	int first = new_client(), second = new_client(), third = new_client();

	assert_int_equal(write(second, "early", 5), 5);
	serve(t);
	assert_string_equal(heard(first), "hello");
	assert_string_equal(heard(second), "");
	close(first);
	serve(t);
	assert_string_equal(heard(second), "helloearly");
	assert_string_equal(heard(third), "");
	close(second);
	serve(t);
	assert_string_equal(heard(third), "hello");
	assert_int_equal(t->connects, 3);
	assert_int_equal(t->disconnects, 2);
	close(third);
}

/* --- clients that do not read ----------------------------------------------------------------- */

/* Its input is left alone while answers wait for it; nothing is lost once it reads. */
static void slow_reader(void **state)
{
	struct test *t = *state;
	int fd = new_client();
	size_t total = 5, read_in;
	char block[65536];
	ssize_t n;

	t->flood = 1 << 20;
	assert_int_equal(write(fd, "a", 1), 1);
	serve(t);
	assert_int_equal(t->received, 1);
	for (int i = 0; i < 10; i++)
		assert_int_equal(write(fd, "b", 1), 1);
	serve(t);
	assert_int_equal(t->received, 1);
	assert_int_equal(t->disconnects, 0);
	for (read_in = 0; read_in < total + t->flood; read_in += (size_t)n) {
		n = recv(fd, block, sizeof(block), MSG_DONTWAIT);
		if (n < 0)
			n = 0;
		monitor_socket_serve(t->socket, 0);
	}
	serve(t);
	assert_true(t->received > 1);
	close(fd);
}

static void never_reads(void **state)
{
	struct test *t = *state;
	static char block[65536];
	int fd = new_client(), next;

	serve(t);
	for (int n = 0; n < 100; n++) /* 6.4 MB of events */
		monitor_socket_send(t->socket, block, sizeof(block));
	serve(t);
	assert_int_equal(t->disconnects, 1);
	next = new_client();
	serve(t);
	assert_string_equal(heard(next), "hello");
	close(fd);
	close(next);
}

/* The last words reach a client that reads; one that does not is waited for no longer than told. */
static void flush(void **state)
{
	struct test *t = *state;
	static char block[1 << 20];
	int fd = new_client();

	serve(t);
	monitor_socket_send(t->socket, "last words", 10);
	monitor_socket_flush(t->socket, 1000);
	assert_string_equal(heard(fd), "hellolast words");
	monitor_socket_send(t->socket, block, sizeof(block));
	monitor_socket_flush(t->socket, 50);
	close(fd);
	monitor_socket_flush(t->socket, 50);
	serve(t);
	assert_int_equal(t->disconnects, 1);
	monitor_socket_flush(t->socket, 50);
}

/* --- what lies at the path -------------------------------------------------------------------- */

static void leave_stale(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void stale_is_replaced(void **state)
{
	struct test t = { 0 };
	struct stat st;

	(void)state;
	leave_stale();
	t.socket = open_socket(&t, path);
	assert_non_null(t.socket);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	close(new_client());
	monitor_socket_close(t.socket);
}

static void living_is_not_replaced(void **state)
{
	struct test *t = *state, other = { 0 };
	char expected[200];
	int fd;

	assert_null(open_socket(&other, path));
	snprintf(expected, sizeof(expected), "socket=%s: another program listens there", path);
	assert_string_equal(other.err.text, expected);
	fd = new_client();
	serve(t);
	/* The attempt looked like a client that came and went; the first is still served. */
	assert_string_equal(heard(fd), "hello");
	close(fd);
}

static void full_backlog_is_living(void **state)
{
	struct test other = { 0 };
	int fds[64];
	size_t count = 0;

	(void)state;
	for (; count < 64; count++) {
		struct sockaddr_un address = { .sun_family = AF_UNIX };

		fds[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		strcpy(address.sun_path, path);
		if (connect(fds[count], (struct sockaddr *)&address, sizeof(address)))
			break;
	}
	assert_true(count > 0 && count < 64);
	assert_null(open_socket(&other, path));
	assert_non_null(strstr(other.err.text, "another program listens there"));
	for (size_t n = 0; n <= count; n++)
		close(fds[n]);
}

static void other_files_stay(void **state)
{
	struct test t = { 0 };
	int fd = open(path, O_CREAT | O_WRONLY, 0644);

	(void)state;
	close(fd);
	assert_null(open_socket(&t, path));
	assert_non_null(strstr(t.err.text, "there is something that is no socket"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_null(open_socket(&t, path));
	assert_non_null(strstr(t.err.text, "there is something that is no socket"));
	assert_int_equal(unlink(path), 0);
}

static void illegal_paths(void **state)
{
	char longest[200];
	struct test t = { 0 };

	(void)state;
	assert_null(open_socket(&t, ""));
	assert_non_null(strstr(t.err.text, "legal: 1 to 107"));
	memset(longest, 'a', sizeof(longest));
	longest[108] = 0;
	assert_null(open_socket(&t, longest));
	assert_non_null(strstr(t.err.text, "108 characters, legal: 1 to 107"));
	assert_null(open_socket(&t, "/tmp/there is no such directory/qmp"));
	assert_non_null(strstr(t.err.text, "cannot be made: No such file or directory"));
}

/* Somebody replaced the file: it is no longer ours to remove. */
static void only_ours_is_removed(void **state)
{
	struct test *t = *state, other = { 0 };

	assert_int_equal(unlink(path), 0);
	other.socket = open_socket(&other, path);
	assert_non_null(other.socket);
	monitor_socket_close(t->socket);
	t->socket = NULL;
	assert_int_equal(access(path, F_OK), 0);
	monitor_socket_close(other.socket);
	assert_int_equal(access(path, F_OK), -1);
}

static int make_directory(void **state)
{
	(void)state;
	umask(0);
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/qmp", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

#define WITH_SOCKET(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SOCKET(private_mode),
		WITH_SOCKET(talk),
		WITH_SOCKET(timeouts),
		WITH_SOCKET(half_close),
		WITH_SOCKET(hang_up),
		WITH_SOCKET(second_waits),
		WITH_SOCKET(slow_reader),
		WITH_SOCKET(never_reads),
		WITH_SOCKET(flush),
		cmocka_unit_test(stale_is_replaced),
		WITH_SOCKET(living_is_not_replaced),
		WITH_SOCKET(full_backlog_is_living),
		cmocka_unit_test(other_files_stay),
		cmocka_unit_test(illegal_paths),
		WITH_SOCKET(only_ours_is_removed),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
