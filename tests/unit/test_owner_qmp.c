/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The guest owner's client of QMP, and servers of every kind: good, talkative, wrong, silent. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/sev-owner-qmp.h"

#define GREETING                                                                           \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, " \
	"\"package\": \"\"}, \"capabilities\": [\"oob\"]}}\r\n"
#define NEGOTIATED    "{\"return\": {}, \"id\": \"sev-owner-1\"}\r\n"
#define RETURN(value) "{\"return\": " value ", \"id\": \"sev-owner-2\"}\r\n"
#define STOP_EVENT    "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"STOP\"}\r\n"

/*
 * What a server does, step by step: "<" reads a line, "~" waits 50 ms, "*" sends events until the
 * client goes, "+" sends an endless string, "." is silent until the client goes; anything else is
 * sent. At the end it hangs up.
 */
typedef const char *const script[];

static char directory[] = "/tmp/test-owner-qmp.XXXXXX";
static char path[64];

static int make_listener(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static bool say(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

static void read_line(int fd)
{
	char c;

	while (read(fd, &c, 1) == 1 && c != '\n')
		;
}

static void play(int fd, const char *const *step)
{
	char c;

	for (; *step; step++) {
		if (!strcmp(*step, "<"))
			read_line(fd);
		else if (!strcmp(*step, "~"))
			poll(NULL, 0, 50);
		else if (!strcmp(*step, "."))
			while (read(fd, &c, 1) == 1)
				;
		else if (!strcmp(*step, "*"))
			while (say(fd, STOP_EVENT))
				poll(NULL, 0, 1);
		else if (!strcmp(*step, "+"))
			while (say(fd, "0123456789abcdef0123456789abcdef0123456789abcdef"))
				;
		else
			say(fd, *step);
	}
}

/* A server in a process of its own, which nothing of the client can disturb. */
static pid_t serve(const char *const *steps, unsigned late_ms)
{
	int listener = late_ms ? -1 : make_listener(), fd;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		alarm(20);
		poll(NULL, 0, (int)late_ms);
		if (late_ms)
			listener = make_listener();
		fd = accept(listener, NULL, NULL);
		play(fd, steps);
		_exit(0);
	}
	if (listener >= 0)
		close(listener);
	return child;
}

static void end(pid_t server)
{
	int status;

	assert_int_equal(waitpid(server, &status, 0), server);
	assert_int_equal(status, 0);
	unlink(path);
}

static unsigned waited;
static char waited_for[64]; /* last */

static void count_waiting(void *ctx, const char *what)
{
	(void)ctx;
	waited++;
	snprintf(waited_for, sizeof(waited_for), "%s", what);
}

static struct owner_qmp *open_within(unsigned wait_ms, unsigned answer_ms, struct sev_error *err)
{
	struct owner_qmp_config config = { path, wait_ms, answer_ms, count_waiting, NULL };

	waited = 0;
	return owner_qmp_open(&config, err);
}

static void assert_says(const struct sev_error *err, const char *words)
{
	if (!strstr(err->text, words))
		fail_msg("error \"%s\" does not say \"%s\"", err->text, words);
	assert_null(strchr(err->text, '\n'));
}

/* Opens, asks query-sev, and has to get that far. */
static void dialogue(const char *const *steps, enum owner_qmp_result expected, const char *words)
{
	pid_t server = serve(steps, 0);
	struct sev_error err = { "" };
	struct json_object *value = NULL;
	struct owner_qmp *qmp = open_within(0, 400, &err);

	if (!qmp)
		fail_msg("%s", err.text);
	assert_int_equal(owner_qmp_call(qmp, "query-sev", NULL, &value, &err), expected);
	if (expected == OWNER_QMP_DONE)
		assert_string_equal(
			json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN), words);
	else
		assert_null(value);
	if (expected != OWNER_QMP_DONE) {
		assert_says(&err, path);
		assert_says(&err, ": query-sev: ");
		assert_says(&err, words);
	}
	json_object_put(value);
	owner_qmp_close(qmp);
	end(server);
}

static void good(void **state)
{
	(void)state;
	dialogue((script) { GREETING, "<", NEGOTIATED, "<", RETURN("{\"a\": [1, null]}"), NULL },
		OWNER_QMP_DONE, "{\"a\":[1,null]}");
	dialogue((script) { GREETING, "<", NEGOTIATED, "<", RETURN("null"), NULL }, OWNER_QMP_DONE,
		"null");
}

static void events_between(void **state)
{
	(void)state;
	dialogue(
		(script) { GREETING, "<", STOP_EVENT STOP_EVENT NEGOTIATED STOP_EVENT, "~",
			STOP_EVENT, "<", STOP_EVENT, "~", STOP_EVENT RETURN("7") STOP_EVENT, NULL },
		OWNER_QMP_DONE, "7");
}

/* In pieces, over several lines, or all before it was asked for. */
static void pieces(void **state)
{
	(void)state;
	dialogue((script) { "{\"QMP\"", "~", ": {\"version\": {}, \"capabilit", "~", "ies\": []}}",
			 "~", "\r\n", "<", "{\n  \"return\": {\n  },\n  \"id\": \"sev-own", "~",
			 "er-1\"\n}\n", "<", "{\"id\": \"sev-owner-2\", \"return\": \"x", "~",
			 "y\"}", NULL },
		OWNER_QMP_DONE, "\"xy\"");
	dialogue((script) { GREETING NEGOTIATED RETURN("1"), ".", NULL }, OWNER_QMP_DONE, "1");
}

/* An error is an answer: the next command goes on. */
static void refusal(void **state)
{
	static script steps = { GREETING, "<", NEGOTIATED, "<",
		"{\"id\": \"sev-owner-2\", \"error\": {\"class\": \"GenericError\", "
		"\"desc\": \"SEV launch measurement is not available\"}}\r\n",
		"<", "{\"return\": {}, \"id\": \"sev-owner-3\"}\r\n", NULL };
	pid_t server = serve(steps, 0);
	struct sev_error err;
	struct owner_qmp *qmp = open_within(0, 1000, &err);

	(void)state;
	assert_non_null(qmp);
	assert_int_equal(owner_qmp_call(qmp, "query-sev-launch-measure", NULL, NULL, &err),
		OWNER_QMP_REFUSED);
	assert_says(&err, "query-sev-launch-measure: SEV launch measurement is not available");
	assert_int_equal(owner_qmp_call(qmp, "cont", NULL, NULL, &err), OWNER_QMP_DONE);
	owner_qmp_close(qmp);
	end(server);
}

static void wrong_answers(void **state)
{
	static const struct {
		const char *answer, *words;
	} cases[] = {
		{ "HTTP/1.1 400 Bad Request\r\n", "no JSON: \"HTTP/1.1 400 Bad Request..\"" },
		{ "\xff\xff\x01\r\n", "no JSON: \"....." },
		{ "[1, 2]\r\n", "no JSON object" },
		{ "\"x\"\r\n", "no JSON object" },
		{ "{\"return\": {}}\r\n", "no answer to the command: {\"return\":{}}" },
		{ "{\"return\": {}, \"id\": \"sev-owner-1\"}\r\n", "no answer to the command" },
		{ "{\"return\": {}, \"id\": 2}\r\n", "no answer to the command" },
		{ "{\"error\": {\"class\": \"GenericError\", \"desc\": \"x\"}}\r\n",
			"no answer to the command" },
		{ "{\"id\": \"sev-owner-2\"}\r\n", "neither a return nor an error" },
		{ "{\"id\": \"sev-owner-2\", \"error\": \"x\"}\r\n",
			"neither a return nor an error" },
		{ "{\"id\": \"sev-owner-2\", \"error\": {\"desc\": 1}}\r\n",
			"neither a return nor an error" },
		{ "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "no JSON" },
		{ "{\"return\": {}, \"id\": \"sev-ow", "closed the connection" },
		{ "", "closed the connection" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		dialogue((script) { GREETING, "<", NEGOTIATED, "<", cases[i].answer, NULL },
			OWNER_QMP_BROKEN, cases[i].words);
}

/* Nobody can make the client wait, or remember, for ever. */
static void endless_answers(void **state)
{
	int64_t start = owner_now_ms();

	(void)state;
	dialogue((script) { GREETING, "<", NEGOTIATED, "<", ".", NULL }, OWNER_QMP_BROKEN,
		"no answer within");
	assert_string_equal(waited_for, "the answer to query-sev");
	dialogue((script) { GREETING, "<", NEGOTIATED, "<", "{\"return\"", ".", NULL },
		OWNER_QMP_BROKEN, "no answer within");
	dialogue((script) { GREETING, "<", NEGOTIATED, "<", "*", NULL }, OWNER_QMP_BROKEN,
		"no answer within");
	assert_in_range(owner_now_ms() - start, 1200, 10000);
	dialogue((script) { GREETING, "<", NEGOTIATED, "<", "{\"return\": \"", "+", NULL },
		OWNER_QMP_BROKEN, "an answer of more than 1048576 bytes");
}

static void not_opened(const char *const *steps, const char *words)
{
	pid_t server = serve(steps, 0);
	struct sev_error err;

	assert_null(open_within(0, 300, &err));
	assert_says(&err, path);
	assert_says(&err, words);
	end(server);
}

static void wrong_greetings(void **state)
{
	(void)state;
	not_opened((script) { "SSH-2.0-OpenSSH\r\n", NULL }, "no JSON: \"SSH-2.0-OpenSSH..\"");
	not_opened((script) { "{\"return\": {}}\r\n", NULL }, "not QMP's greeting");
	not_opened((script) { "{\"QMP\": 1}\r\n", NULL }, "not QMP's greeting");
	not_opened((script) { NULL }, "no greeting: the other end closed");
	not_opened((script) { ".", NULL }, "one client at a time");
	assert_string_equal(waited_for, "the greeting");
	not_opened((script) { GREETING, "<",
			   "{\"error\": {\"class\": \"X\", \"desc\": \"no\"}, "
			   "\"id\": \"sev-owner-1\"}",
			   NULL },
		"qmp_capabilities: no");
	not_opened((script) { GREETING, "<", ".", NULL }, "qmp_capabilities: no answer within");
}

static void no_server(void **state)
{
	struct sev_error err;
	int listener, fd;

	(void)state;
	assert_null(open_within(0, 300, &err));
	assert_says(&err, "there is no such socket");
	assert_int_equal(waited, 0);
	listener = make_listener();
	close(listener);
	assert_null(open_within(300, 300, &err));
	assert_says(&err, "nobody listens there");
	assert_true(waited > 0);
	assert_string_equal(waited_for, "the socket");
	unlink(path);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_null(open_within(5000, 300, &err));
	assert_says(&err, "not a socket");
	assert_int_equal(waited, 0);
	unlink(path);
}

static void illegal_paths(void **state)
{
	struct owner_qmp_config config = { "", 1000, 300, NULL, NULL };
	struct sev_error err;
	char text[109];

	(void)state;
	assert_null(owner_qmp_open(&config, &err));
	assert_says(&err, "0 characters, legal: 1 to 107");
	memset(text, 'x', 108);
	text[108] = 0;
	config.path = text;
	assert_null(owner_qmp_open(&config, &err));
	assert_says(&err, "108 characters, legal: 1 to 107");
}

static void server_comes_late(void **state)
{
	static script steps = { GREETING, "<", NEGOTIATED, NULL };
	pid_t server = serve(steps, 350);
	struct sev_error err;
	struct owner_qmp *qmp = open_within(10000, 1000, &err);

	(void)state;
	assert_non_null(qmp);
	assert_true(waited >= 2);
	owner_qmp_close(qmp);
	end(server);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/qmp", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(events_between),
		cmocka_unit_test(pieces),
		cmocka_unit_test(refusal),
		cmocka_unit_test(wrong_answers),
		cmocka_unit_test(endless_answers),
		cmocka_unit_test(wrong_greetings),
		cmocka_unit_test(no_server),
		cmocka_unit_test(illegal_paths),
		cmocka_unit_test(server_comes_late),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
