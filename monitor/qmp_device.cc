/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The `qmp:` directive: the machine's control socket. It is looked after from a timer while the
 * guest runs; before its first instruction and while it is stopped, the emulator waits here.
 */
#include "iodev.h"
#include "cpu/cpu.h"

#include "base/options.h"
#include "bios/sev_machine.h"
#include "iodev/glue.h"
#include "memory/gate.h"
#include "monitor/qmp.h"
#include "monitor/qmp_device.h"
#include "monitor/sev_host.h"
#include "monitor/socket.h"

#include <time.h>

#define LOG_THIS device->

static const unsigned poll_period_us = 5000; /* of guest time */
static const int goodbye_ms = 1000;	     /* for a client to take the last event */

static_assert(PSP_HOST_WINDOW <= SEV_HOST_WINDOW_SIZE, "host window");

class qmp_device_c : public bx_devmodel_c
{
      public:
	qmp_device_c()
	{
		put("qmp", "QMP");
	}
	virtual ~qmp_device_c();
	virtual void init(void);
	virtual void reset(unsigned type);
};

static qmp_device_c *device;
static struct {
	char *socket;
	bool paused;
} options;

static struct qmp *server;
static struct monitor_socket *listener;
static bool was_reset; /* the machine has been switched on */
static bool in_reset;  /* within its reset, or caused it: nothing to report or to do again */

/* --- what the commands do to the machine ----------------------------------------------------- */

static struct sev_host *host()
{
	static struct sev_host h;
	const struct sev_options *sev = sev_machine_options();

	h.mailbox.psp = sev_chip();
	h.mailbox.memory = sev_machine_memory();
	h.mailbox.window = SEV_HOST_WINDOW;
	h.mailbox.caller = "monitor";
	h.cbitpos = (unsigned)sev->cbitpos;
	h.reduced_phys_bits = (unsigned)sev->reduced_phys_bits;
	h.policy = (uint32_t)sev->policy;
	h.launch = sev_launch();
	return &h;
}

static int cont(void *, struct sev_error *)
{
	sev_machine_start();
	return 0;
}

static void reset(void *)
{
	if (in_reset)
		return;
	in_reset = true;
	bx_pc_system.Reset(BX_RESET_HARDWARE);
	in_reset = false;
}

static int sev_info(void *, struct monitor_sev_info *info, struct sev_error *err)
{
	return sev_host_info(host(), info, err);
}

static int sev_capabilities(
	void *, struct monitor_sev_capabilities *capabilities, struct sev_error *err)
{
	return sev_host_capabilities(host(), capabilities, err);
}

static int sev_measure(void *, uint8_t *data, struct sev_error *err)
{
	return sev_host_measure(host(), data, err);
}

static int sev_inject(void *, const struct sev_blob *header, const struct sev_blob *secret,
	const uint64_t *gpa, struct sev_error *err)
{
	return sev_host_inject(host(), header, secret, gpa, err);
}

static int sev_attestation(
	void *, const struct sev_blob *mnonce, struct sev_blob *report, struct sev_error *err)
{
	return sev_host_attestation(host(), mnonce, report, err);
}

static int read_raw(void *, uint64_t gpa, void *buf, size_t size)
{
	return sevmem_peek(sev_machine_memory(), gpa, SEVMEM_RAW, buf, size);
}

static int read_guest(void *, uint64_t gpa, void *buf, size_t size, struct sev_error *err)
{
	return sev_machine_look(gpa, buf, size, err);
}

static const struct monitor_machine *machine()
{
	static struct monitor_machine m;

	m.cont = cont;
	m.reset = reset;
	m.sev_info = sev_info;
	m.sev_capabilities = sev_capabilities;
	m.sev_measure = sev_measure;
	m.sev_inject = sev_inject;
	m.sev_attestation = sev_attestation;
	m.read_raw = read_raw;
	m.read_guest = read_guest;
	return &m;
}

/* --- the socket ------------------------------------------------------------------------------ */

static void output(void *, const char *bytes, size_t size)
{
	monitor_socket_send(listener, bytes, size);
}

static void connected(void *)
{
	qmp_connected(server);
}

static int input(void *, const void *bytes, size_t size)
{
	return qmp_input(server, bytes, size);
}

static void disconnected(void *)
{
	qmp_disconnected(server);
}

/* However the run ends: the socket's file must not outlive it. */
static void close_socket(void)
{
	monitor_socket_close(listener);
	listener = NULL;
	qmp_free(server);
	server = NULL;
}

static void open_socket()
{
	struct qmp_config config = {};
	struct monitor_socket_events events = { NULL, connected, input, disconnected };
	struct sev_error why, err;

	config.machine = machine();
	config.paused = options.paused;
	config.output = output;
	server = qmp_new(&config);
	listener = monitor_socket_open(options.socket, &events, &why);
	if (!server || !listener) {
		sev_fail(&err, "qmp: %s", listener ? "out of memory" : why.text);
		sev_refuse(&err);
	}
	atexit(close_socket);
}

static void end_if_asked()
{
	if (!qmp_quit_requested(server))
		return;
	monitor_socket_flush(listener, goodbye_ms);
	BX_INFO(("quit by QMP"));
	close_socket();
	bx_exit(0);
}

static void wait_for_cont()
{
	while (qmp_run_state(server) != QMP_RUNNING) {
		monitor_socket_serve(listener, -1);
		end_if_asked();
	}
}

/*
 * While the guest is halted, guest time runs much faster than the host's: so the host's clock,
 * which costs no system call, limits how often the socket is looked at.
 */
static bool is_time_to_poll()
{
	static struct timespec last;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (now.tv_sec == last.tv_sec && now.tv_nsec == last.tv_nsec)
		return false;
	last = now;
	return true;
}

static void serve(void *)
{
	if (!is_time_to_poll())
		return;
	monitor_socket_serve(listener, 0);
	end_if_asked();
	wait_for_cont();
}

/* --- for other glue -------------------------------------------------------------------------- */

bool qmp_will_wait(void)
{
	return options.paused;
}

void qmp_event_shutdown(bool guest)
{
	if (!server || !listener)
		return;
	qmp_shutdown_event(server, guest, guest ? "guest-shutdown" : "host-error");
	monitor_socket_flush(listener, goodbye_ms);
}

/* --- device ---------------------------------------------------------------------------------- */

void qmp_device_c::init(void)
{
	struct sev_error err;

	if (options.paused && !options.socket) {
		sev_fail(&err, "qmp: paused=1: nobody could let the guest run; legal with "
			       "socket=PATH");
		sev_refuse(&err);
	}
	if (!options.socket)
		return;
	open_socket();
	bx_pc_system.register_timer(this, serve, poll_period_us, 1, 1, "qmp.poll");
}

/* The order in which devices are reset is not known: whoever comes first launches. */
void qmp_device_c::reset(unsigned type)
{
	if (type != BX_RESET_HARDWARE || !server)
		return;
	if (was_reset) {
		if (!in_reset)
			qmp_reset_event(server, true, "guest-reset");
		return;
	}
	was_reset = true;
	if (!options.paused)
		return;
	sev_machine_launch();
	in_reset = true;
	wait_for_cont();
	in_reset = false;
}

qmp_device_c::~qmp_device_c()
{
	close_socket();
}

static Bit32s parse(const char *, int count, char *params[])
{
	const struct sev_option table[] = {
		{ "socket", SEV_OPTION_TEXT, &options.socket, 0, 0, NULL, NULL },
		{ "paused", SEV_OPTION_FLAG, &options.paused, 0, 0, NULL, NULL },
		{ NULL, SEV_OPTION_FLAG, NULL, 0, 0, NULL, NULL },
	};
	struct sev_error err;

	for (int i = 1; i < count; i++)
		if (sev_option_set("qmp", table, params[i], &err) < 0)
			sev_refuse(&err);
	sev_start_at_once();
	return 0;
}

extern "C" int libqmp_plugin_entry(plugin_t *plugin, Bit16u type, Bit8u mode)
{
	return sev_plugin_entry(plugin, type, mode, "qmp", &device, parse, NULL);
}
