/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The `qmp:` directive: the machine's control socket. It is looked after from a timer while the
 * guest runs; before its first instruction and while it is stopped, the emulator waits here.
 */
#include "iodev.h"
#include "cpu/cpu.h"

#include "base/options.h"
#include "bios/sev_machine.h"
#include "iodev/acpi_button.h"
#include "cpu/cpu_model.h"
#include "iodev/glue.h"
#include "memory/gate.h"
#include "monitor/qmp.h"
#include "monitor/qmp_device.h"
#include "monitor/sev_host.h"
#include "monitor/socket.h"

#include <signal.h>
#include <time.h>

#define LOG_THIS device->

static const unsigned poll_period_us = 5000; /* of guest time */
static const int goodbye_ms = 1000;	     /* for a client to take the last event */
static const int patience_ms = 500;	     /* until a stopped machine looks for signals */

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

static int powerdown(void *, struct sev_error *)
{
	acpi_press_power_button();
	return 0;
}

static int sev_info(void *, struct monitor_sev_info *info, struct sev_error *err)
{
	return sev_host_info(host(), info, err);
}

static int sev_capabilities(
	void *, struct monitor_sev_capabilities *capabilities, struct sev_error *err)
{
	if (sev_cpu.host)
		return sev_fail(
			err, "SEV: the Secure Processor is the machine's own (psp: device=1)");
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

/* The processor's own walk; what it yields has the C-bit, and the key's index above it. */
static int translate(void *, unsigned cpu, uint64_t linear, uint64_t *gpa)
{
	bx_phy_address address;

	if (!BX_CPU(cpu)->dbg_xlate_linear2phy(linear, &address))
		return -1;
	*gpa = sev_strip(address);
	return 0;
}

static struct monitor_segment segment(BX_CPU_C *cpu, const bx_segment_reg_t *from)
{
	struct monitor_segment s = {};

	s.selector = from->selector.value;
	s.base = from->cache.u.segment.base;
	s.limit = from->cache.u.segment.limit_scaled;
	s.flags = cpu->get_descriptor_h(&from->cache) & 0x00f0ff00;
	return s;
}

static void registers(void *, unsigned cpu, struct monitor_registers *r)
{
	static const int segments[] = { BX_SEG_REG_ES, BX_SEG_REG_CS, BX_SEG_REG_SS, BX_SEG_REG_DS,
		BX_SEG_REG_FS, BX_SEG_REG_GS };
	BX_CPU_C *c = BX_CPU(cpu);

	r->long_mode = c->long_mode();
	for (unsigned n = 0; n < 16; n++)
		r->gpr[n] = c->gen_reg[n].rrx;
	r->rip = c->get_rip();
	r->rflags = c->read_eflags();
	for (unsigned n = 0; n < 6; n++)
		r->segment[n] = segment(c, &c->sregs[segments[n]]);
	r->ldt = segment(c, &c->ldtr);
	r->tr = segment(c, &c->tr);
	r->gdt.base = c->gdtr.base;
	r->gdt.limit = c->gdtr.limit;
	r->idt.base = c->idtr.base;
	r->idt.limit = c->idtr.limit;
	r->cr0 = c->cr0.get32();
	r->cr2 = c->cr2;
	r->cr3 = c->cr3;
	r->cr4 = c->cr4.get32();
	r->efer = c->efer.get32();
	r->cpl = c->get_cpl();
	r->smm = c->smm_mode();
	r->halted = c->activity_state != BX_CPU_C::BX_ACTIVITY_STATE_ACTIVE;
}

static const struct monitor_sev_object *sev_object()
{
	static struct monitor_sev_object o;
	const struct sev_options *sev = sev_machine_options();

	o.cbitpos = (uint32_t)sev->cbitpos;
	o.reduced_phys_bits = (uint32_t)sev->reduced_phys_bits;
	o.policy = (uint32_t)sev->policy;
	o.handle = (uint32_t)sev->handle;
	o.dh_cert_file = sev->dh_cert_file;
	o.session_file = sev->session_file;
	o.kernel_hashes = sev->kernel_hashes;
	return sev->type == SEV_TYPE_NONE ? NULL : &o;
}

static const struct monitor_about *about()
{
	static struct monitor_about a;

	a.cpus = BX_SMP_PROCESSORS;
	a.cores = SIM->get_param_num(BXPN_CPU_NCORES)->get();
	a.threads = SIM->get_param_num(BXPN_CPU_NTHREADS)->get();
	a.cpu_model = SIM->get_param_enum(BXPN_CPU_MODEL)->get_selected();
	a.ram_size = SIM->get_param_num(BXPN_MEM_SIZE)->get64() << 20;
	a.sev = sev_object();
	return &a;
}

static const struct monitor_machine *machine()
{
	static struct monitor_machine m;

	m.cont = cont;
	m.reset = reset;
	m.powerdown = acpi_has_power_button() ? powerdown : NULL;
	m.sev_info = sev_info;
	m.sev_capabilities = sev_capabilities;
	m.sev_measure = sev_measure;
	m.sev_inject = sev_inject;
	m.sev_attestation = sev_attestation;
	m.read_raw = read_raw;
	m.read_guest = read_guest;
	m.about = about();
	m.translate = translate;
	m.registers = registers;
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

/* As QEMU: a signal that asks a program to end is obeyed, and the client hears of it. */
static volatile sig_atomic_t signalled;

static void take_signal(int number)
{
	signalled = number;
}

static void watch_signals()
{
	struct sigaction action = {};

	action.sa_handler = take_signal;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	if (!bx_dbg.debugger_active) /* whose prompt it brings */
		sigaction(SIGINT, &action, NULL);
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
	watch_signals();
}

static void end_if_asked()
{
	if (signalled)
		qmp_shutdown_event(server, false, "host-signal");
	else if (!qmp_quit_requested(server))
		return;
	monitor_socket_flush(listener, goodbye_ms);
	BX_INFO(("ended by %s", signalled ? "a signal" : "QMP"));
	close_socket();
	bx_exit(0);
}

/* A signal that comes just before the socket is waited for is seen when that has been long enough.
 */
static void wait_for_cont()
{
	while (qmp_run_state(server) != QMP_RUNNING) {
		end_if_asked();
		monitor_socket_serve(listener, patience_ms);
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
	static bool watching;

	if (!is_time_to_poll())
		return;
	if (!watching) /* once more: Bochs itself takes SIGINT when its devices are ready */
		watch_signals();
	watching = true;
	monitor_socket_serve(listener, 0);
	wait_for_cont();
	end_if_asked();
}

/* --- for other glue -------------------------------------------------------------------------- */

bool qmp_will_wait(void)
{
	return options.paused;
}

void qmp_event_end(enum qmp_end end)
{
	if (!server || !listener)
		return;
	if (end == QMP_END_POWER_OFF)
		qmp_shutdown_event(server, true, "guest-shutdown");
	else if (end == QMP_END_PANIC)
		qmp_panic_event(server);
	else if (end == QMP_END_EMULATOR)
		qmp_internal_error_event(server);
	else
		qmp_shutdown_event(server, false, "host-error");
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
