/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hostile client of a control socket, for scripts:
 *
 *	qmp-hostile SOCKET COUNT SEED
 *
 * Sends COUNT malformed requests, in connections of many kinds: requests with bytes changed, lost,
 * doubled; bytes of any value; connections that end within a value or with answers unread; clients
 * that ask and never read; values without end. Between them a decent client must be served, and the
 * machine must run. Exit status 0, or 1 with a line that says what went wrong. The same seed does
 * the same.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 30000

static const char *path;
static uint64_t random_state;
static long sent; /* malformed requests */

static void fail(const char *what)
{
	fprintf(stderr, "qmp-hostile: %s, after %ld requests\n", what, sent);
	exit(1);
}

/* xorshift64: Marsaglia, "Xorshift RNGs" */
static uint64_t any(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % below;
}

/* --- connections ----------------------------------------------------------------------------- */

static int open_client(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("cannot connect");
	return fd;
}

/* False: the server has hung up. */
static bool ready(int fd, short what)
{
	struct pollfd p = { .fd = fd, .events = what };

	if (poll(&p, 1, PATIENCE_MS) <= 0)
		fail("the server does nothing");
	return p.revents & what;
}

/* Reads what is there, so that the server can go on. */
static void drain(int fd)
{
	char bytes[65536];

	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

/* False: the server has hung up. A client that does not listen gives up instead of waiting. */
static bool say(int fd, const void *data, size_t size, bool listens)
{
	const char *bytes = data;
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	while (size) {
		ssize_t n = send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
			continue;
		}
		if (listens)
			drain(fd);
		if (poll(&p, 1, listens ? PATIENCE_MS : 100) <= 0) {
			if (listens)
				fail("the server takes no more");
			return false;
		}
		if (p.revents & (POLLERR | POLLHUP))
			return false;
	}
	return true;
}

/* Waits for a line that has this text. */
static bool hears(int fd, const char *text)
{
	static char heard[1 << 20];
	size_t size = 0;

	while (size < sizeof(heard) - 1 && ready(fd, POLLIN)) {
		ssize_t n = recv(fd, heard + size, sizeof(heard) - 1 - size, 0);

		if (n <= 0)
			return false;
		size += (size_t)n;
		heard[size] = 0;
		if (strstr(heard, text) && heard[size - 1] == '\n')
			return true;
	}
	return false;
}

#define NEGOTIATE "{\"execute\": \"qmp_capabilities\"}"

static int open_negotiated(void)
{
	int fd = open_client();

	if (!say(fd, NEGOTIATE, strlen(NEGOTIATE), true) || !hears(fd, "\"return\""))
		fail("negotiation fails");
	return fd;
}

static void check_decent_client(void)
{
	static const char request[] = "{\"execute\": \"query-status\", \"id\": \"decent\"}";
	int fd = open_negotiated();

	if (!say(fd, request, strlen(request), true) || !hears(fd, "\"decent\""))
		fail("a decent client is not served");
	close(fd);
}

/* --- requests -------------------------------------------------------------------------------- */

static const char *const templates[] = {
	"{\"execute\": \"query-status\", \"id\": [1, {\"a\": null}]}",
	"{\"execute\": \"query-sev\"}",
	"{\"execute\": \"query-qmp-schema\"}",
	"{\"execute\": \"query-cpus-fast\", \"arguments\": {}}",
	"{\"execute\": \"qom-get\", \"arguments\": {\"path\": \"/objects/sev0\", \"property\": "
	"\"policy\"}}",
	"{\"execute\": \"qom-list\", \"arguments\": {\"path\": \"/machine\"}}",
	"{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"info "
	"registers\"}}",
	"{\"execute\": \"sev-inject-launch-secret\", \"arguments\": {\"packet-header\": "
	"\"AAAA\\u00e9\", \"secret\": \"AAAA\", \"gpa\": 18446744073709551615}}",
	"{\"execute\": \"query-sev-attestation-report\", \"arguments\": {\"mnonce\": "
	"\"AAAAAAAAAAAAAAAAAAAAAA==\"}}",
	"{'execute': 'query-sev-launch-measure'}",
	"{\"execute\": \"query-sev-capabilities\"}",
	"{\"execute\": \"object-add\", \"arguments\": {\"qom-type\": \"sev-guest\", \"id\": \"x\", "
	"\"reduced-phys-bits\": -1.5e300}}",
	"{\"execute\": \"x-sev-memsave\", \"arguments\": {\"val\": 0, \"size\": "
	"9223372036854775807, \"filename\": \"/\"}}",
};

/* One byte of the text becomes another one, goes away, or comes twice. */
static size_t damage(char *text, size_t size)
{
	static const char favourites[] = "{}[]:,\"'\\u0e-.#\n\xff";
	size_t at = any(size);

	switch (any(4)) {
	case 0:
		text[at] = (char)any(256);
		return size;
	case 1:
		text[at] = favourites[any(sizeof(favourites) - 1)];
		return size;
	case 2:
		memmove(text + at, text + at + 1, size - at - 1);
		return size - 1;
	default:
		memmove(text + at + 1, text + at, size - at);
		return size + 1;
	}
}

static size_t damaged_request(char *text)
{
	const char *template = templates[any(sizeof(templates) / sizeof(templates[0]))];
	size_t size = strlen(template);

	memcpy(text, template, size);
	for (uint64_t n = 1 + any(6); n; n--)
		size = damage(text, size);
	return size;
}

/* --- kinds of clients ------------------------------------------------------------------------ */

/* Says many wrong things, each followed by what ends whatever it has begun, and listens. */
static void babbler(long count)
{
	int fd = open_negotiated();
	char text[512];

	for (; count; count--, sent++) {
		size_t size = damaged_request(text);

		text[size++] = '\xff';
		text[size++] = '\n';
		if (!say(fd, text, size, true)) {
			close(fd);
			fd = open_negotiated();
		}
	}
	close(fd);
}

static void noise(long count)
{
	int fd = any(2) ? open_negotiated() : open_client();
	char bytes[256];

	for (; count; count--, sent++) {
		for (size_t n = 0; n < sizeof(bytes); n++)
			bytes[n] = (char)any(256);
		if (!say(fd, bytes, sizeof(bytes), true))
			break;
	}
	close(fd);
}

/* Half a request, then nothing. */
static void quitter(long count)
{
	char text[512];

	for (; count; count--, sent++) {
		int fd = open_client();
		size_t size = damaged_request(text);

		if (any(2))
			say(fd, NEGOTIATE, strlen(NEGOTIATE), false);
		say(fd, text, any(size + 1), false);
		if (any(4) == 0)
			shutdown(fd, SHUT_WR);
		close(fd);
	}
}

/* Asks for much and never reads a byte. */
static void deaf(long count)
{
	static const char request[] = "{\"execute\": \"query-qmp-schema\", \"id\": ]}";
	static const char question[] = "{\"execute\": \"query-qmp-schema\"}";
	int fd = open_negotiated();

	for (; count; count--, sent++)
		if (!say(fd, request, strlen(request), false) ||
			!say(fd, question, strlen(question), false))
			break;
	close(fd);
}

/* A value that does not end: the server must not wait for that. */
static void endless(size_t total)
{
	static const char *const begins[] = { "", "\"", "{\"execute\": \"", "[\"", "[" };
	static const char fills[] = "xx70[";
	char block[65536];
	size_t kind = any(5);
	int fd = open_negotiated();

	memset(block, fills[kind], sizeof(block));
	say(fd, begins[kind], strlen(begins[kind]), true);
	while (total >= sizeof(block) && say(fd, block, sizeof(block), true))
		total -= sizeof(block);
	if (total < sizeof(block))
		fail("a value of any size is taken");
	close(fd);
	sent++;
}

int main(int argc, char **argv)
{
	long count = argc == 4 ? atol(argv[2]) : 0;

	if (count <= 0) {
		fprintf(stderr, "usage: qmp-hostile SOCKET COUNT SEED\n");
		return 2;
	}
	path = argv[1];
	random_state = strtoull(argv[3], NULL, 0) | 1;
	while (sent < count) {
		switch (any(8)) {
		case 0:
			noise(1 + (long)any(20));
			break;
		case 1:
			quitter(1 + (long)any(20));
			break;
		case 2:
			deaf(1 + (long)any(200));
			break;
		case 3:
			endless(100u << 20);
			break;
		default:
			babbler(1 + (long)any(100));
		}
		check_decent_client();
	}
	printf("%ld requests\n", sent);
	return 0;
}
