/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The `sev:` directive and the confidential machine: launches the guest in the first hardware
 * reset, watches whether it can still go on, and decides how the run ends.
 */
#include "iodev.h"
#include "cpu/cpu.h"

#include "bios/explain.h"
#include "bios/launch.h"
#include "bios/sev_machine.h"
#include "bios/watch.h"
#include "iodev/fw_cfg/fw_cfg_device.h"
#include "iodev/glue.h"
#include "memory/gate.h"
#include "monitor/qmp_device.h"

#include <stdarg.h>

#define LOG_THIS device->

static const char sev_model[] = "epyc_milan";
static const unsigned long long max_ram_mib = 2048; /* Bochs' own limit for host= */
static const unsigned guest_asid = SEV_CPU_MIN_ASID;
static const unsigned watch_period_us = 7300; /* not a multiple of any usual timer period */

class sev_device_c : public bx_devmodel_c
{
      public:
	sev_device_c();
	virtual void init(void);
	virtual void reset(unsigned type);
};

static sev_device_c *device;
static struct sev_options options;

/* The defaults hold even if no `sev:` directive loads this plugin. */
static struct sev_options *settings()
{
	static bool ready;

	if (!ready)
		sev_options_init(&options);
	ready = true;
	return &options;
}

/* Everything the launch refers to until it is finished. */
static struct {
	bool measured, started;
	struct launch launch;
	struct launch_config config;
	struct sev_blob dh_cert, session, tik, tek;
	struct sev_blob kernel, initrd;
} machine;

static struct watch watch;

/* --- how a run ends -------------------------------------------------------------------------- */

static bool is_ours()
{
	return PLUG_device_present("sev") || PLUG_device_present("fw_cfg") ||
	       PLUG_device_present("qmp");
}

/* Registered with atexit(3): printed however the run ends. */
static void print_summary()
{
	struct sevmem_stats s;

	sevmem_stats(sev_machine_memory(), &s);
	struct sev_gate_stats causes = sev_gate_statistics();

	fprintf(stderr,
		"sev: pages converted: %llu first touch, %llu to private, %llu to shared (by fetch "
		"%llu, data %llu, device %llu)\n",
		(unsigned long long)s.first, (unsigned long long)(s.to_private - s.first),
		(unsigned long long)s.to_raw, (unsigned long long)causes.fetch,
		(unsigned long long)causes.data, (unsigned long long)causes.device);
}

void sev_machine_end(enum sev_end status, const char *format, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	fprintf(stderr, "bochs: %s\n", text);
	BX_INFO(("%s", text));
	qmp_event_shutdown(false);
	bx_exit(status);
	exit(status);
}

/* Called for every end that Bochs itself decides on, with the status it would have. */
int sev_exit_status(int proposed)
{
	if (!is_ours())
		return proposed;
	qmp_event_shutdown(bx_user_quit);
	if (bx_user_quit)
		return SEV_END_POWER_OFF;
	return bx_pc_system.time_ticks() ? SEV_END_CRASHED : proposed;
}

bool sev_refuse_save(void)
{
	if (options.type == SEV_TYPE_NONE)
		return false;
	fprintf(stderr,
		"bochs: sev: type=sev: a confidential machine cannot be saved or restored; legal "
		"only with type=none\n");
	return true;
}

/* --- launch ---------------------------------------------------------------------------------- */

const struct sev_options *sev_machine_options(void)
{
	return settings();
}

struct launch *sev_launch(void)
{
	return machine.measured ? &machine.launch : NULL;
}

static void read_or_refuse(const char *property, const char *path, size_t max, struct sev_blob *out)
{
	struct sev_error why, err;

	if (!path || sev_file_read(path, max, out, &why) == 0)
		return;
	sev_fail(&err, "sev: %s=%.200s: %s", property, path, why.text);
	sev_refuse(&err);
}

static void decode_base64(const char *property, const char *path, struct sev_blob *blob)
{
	struct sev_blob binary;
	struct sev_error err;

	if (!path)
		return;
	if (sev_unbase64((const char *)blob->data, blob->size, &binary) < 0) {
		sev_fail(&err,
			"sev: %s=%.200s: not base64; legal is what `sev-owner session` "
			"writes",
			property, path);
		sev_refuse(&err);
	}
	sev_blob_free(blob);
	*blob = binary;
}

static void read_key(const char *property, const char *path, struct sev_blob *key)
{
	struct sev_error err;

	read_or_refuse(property, path, 16, key);
	if (path && key->size != 16) {
		sev_fail(&err, "sev: %s=%.200s: %zu bytes; legal are exactly 16", property, path,
			key->size);
		sev_refuse(&err);
	}
}

static void read_files()
{
	const size_t max = 16384; /* what a hypervisor's interface takes */

	read_or_refuse("dh_cert_file", options.dh_cert_file, max, &machine.dh_cert);
	read_or_refuse("session_file", options.session_file, max, &machine.session);
	decode_base64("dh_cert_file", options.dh_cert_file, &machine.dh_cert);
	decode_base64("session_file", options.session_file, &machine.session);
	read_key("tik", options.tik, &machine.tik);
	read_key("tek", options.tek, &machine.tek);
}

static void describe_boot(struct launch_config *config)
{
	const struct fw_cfg_blobs *blobs = sev_fw_cfg_blobs();

	config->kernel_hashes = options.kernel_hashes;
	if (!blobs || !blobs->kernel.data)
		return;
	machine.kernel = (struct sev_blob) { (uint8_t *)blobs->kernel.data, blobs->kernel.size };
	machine.initrd = (struct sev_blob) { (uint8_t *)blobs->initrd.data, blobs->initrd.size };
	config->kernel = &machine.kernel;
	config->initrd = blobs->initrd.size ? &machine.initrd : NULL;
	config->cmdline = (const char *)blobs->cmdline.data;
}

static void describe_launch(struct launch_config *config)
{
	*config = (struct launch_config) {};
	config->psp = sev_chip();
	config->memory = sev_machine_memory();
	config->host_window_spa = SEV_HOST_WINDOW;
	config->host_window_size = LAUNCH_WINDOW_SIZE;
	config->cores = BX_SMP_PROCESSORS;
	config->policy = (uint32_t)options.policy;
	config->handle = (uint32_t)options.handle;
	config->asid = guest_asid;
	config->cbitpos = (unsigned)options.cbitpos;
	config->firmware_gpa = sev_bios_base();
	config->firmware_size = (size_t)(BX_CONST64(0x100000000) - sev_bios_base());
	config->ram_size = BX_MEM(0)->get_memory_len();
	config->dh_cert = options.dh_cert_file ? &machine.dh_cert : NULL;
	config->session = options.session_file ? &machine.session : NULL;
	config->tik = options.tik ? machine.tik.data : NULL;
	config->tek = options.tek ? machine.tek.data : NULL;
	describe_boot(config);
}

void sev_machine_launch(void)
{
	struct sev_error err;

	if (machine.measured || options.type == SEV_TYPE_NONE)
		return;
	read_files();
	if (options.tik)
		fprintf(stderr, "bochs: warning: sev: tik, tek: transport keys in the clear; only "
				"an emulated processor takes them\n");
	describe_launch(&machine.config);
	if (launch_run(&machine.launch, &machine.config, options.report, true, &err) < 0)
		sev_machine_end(SEV_END_REFUSED, "sev: launch refused: %s", err.text);
	machine.measured = true;
}

void sev_machine_start(void)
{
	struct sev_error err;

	if (machine.started || !machine.measured)
		return;
	if (launch_finish(&machine.launch, &err) < 0)
		sev_machine_end(SEV_END_REFUSED, "sev: launch refused: %s", err.text);
	machine.started = true;
	atexit(print_summary);
	sev_gate_enable(guest_asid, (unsigned)options.cbitpos);
}

/* POLICY.NODBG, AMD 55766, "Guest policy". */
static const unsigned policy_nodbg = 0x1;

int sev_machine_look(uint64_t gpa, void *buf, size_t size, struct sev_error *err)
{
	if (!machine.measured)
		return sev_fail(err, "sev: no guest is launched");
	if ((options.policy & policy_nodbg) && !options.debug_override)
		return sev_fail(err,
			"sev: policy=0x%llx: forbids debugging (NODBG); legal with "
			"debug_override=1",
			(unsigned long long)options.policy);
	if (options.policy & policy_nodbg)
		BX_INFO(("debug_override: private memory at 0x%llx shown, %zu bytes",
			(unsigned long long)gpa, size));
	if (sevmem_peek(sev_machine_memory(), gpa, guest_asid, buf, size) < 0)
		return sev_fail(err, "address 0x%llx, %zu bytes: not memory of the guest",
			(unsigned long long)gpa, size);
	return 0;
}

/* --- watch ----------------------------------------------------------------------------------- */

static struct watch_cpu sample(BX_CPU_C *cpu)
{
	struct watch_cpu s = {};

	switch (cpu->activity_state) {
	case BX_CPU_C::BX_ACTIVITY_STATE_ACTIVE:
		s.activity = WATCH_RUNNING;
		break;
	case BX_CPU_C::BX_ACTIVITY_STATE_SHUTDOWN:
	case BX_CPU_C::BX_ACTIVITY_STATE_WAIT_FOR_SIPI:
		s.activity = WATCH_ABSENT;
		break;
	default:
		s.activity = WATCH_HALTED;
	}
	/* MWAIT ends by a write as well as by an interrupt, so it can always go on. */
	s.interrupts =
		cpu->get_IF() || cpu->activity_state > BX_CPU_C::BX_ACTIVITY_STATE_WAIT_FOR_SIPI;
	s.rip = cpu->get_laddr(BX_SEG_REG_CS, cpu->prev_rip);
	s.rsp = cpu->gen_reg[BX_64BIT_REG_RSP].rrx;
	return s;
}

/* Code as the fetch unit sees it, page by page. */
static bool read_code(void *, uint64_t rip, void *buf, size_t size)
{
	for (Bit8u *to = (Bit8u *)buf; size;) {
		size_t room = 4096 - (size_t)(rip & 0xfff), part = size < room ? size : room;
		bx_phy_address address;

		if (!BX_CPU(0)->dbg_xlate_linear2phy(rip, &address) ||
			!sev_peek(address | sev_walkmask, (unsigned)part, to))
			return false;
		rip += part;
		to += part;
		size -= part;
	}
	return true;
}

/* What measured boot has to say about a guest that stopped. */
static void explain(char *text, size_t size)
{
	const struct fw_cfg_blobs *blobs = sev_fw_cfg_blobs();
	struct explain_boot boot = {};
	struct fw_cfg_progress progress;
	struct hashes served;

	sev_fw_cfg_progress(&progress);
	boot.report = &machine.launch.report;
	boot.firmware_verifies = machine.launch.hashes.size != 0;
	boot.kernel_offered = blobs && blobs->kernel.data;
	boot.kernel_read = progress.kernel;
	boot.served = explain_served(sev_fw_cfg(), &served) == 0 ? &served : NULL;
	explain_boot(&boot, text, size);
}

static void end_dead_guest(enum watch_verdict verdict)
{
	char where[160], why[400];
	unsigned long long rip = BX_CPU(0)->get_laddr(BX_SEG_REG_CS, BX_CPU(0)->prev_rip);

	snprintf(where, sizeof(where),
		verdict == WATCH_LOOPS ? "CPU 0 loops at 0x%llx and nothing can end it"
				       : "every CPU is halted with interrupts off, CPU 0 at 0x%llx",
		rip);
	explain(why, sizeof(why));
	sev_machine_end(
		SEV_END_CRASHED, "the guest can never go on: %s%s%s", where, *why ? "; " : "", why);
}

static void watch_guest(void *)
{
	static struct watch_cpu cpus[WATCH_CPUS];
	size_t count = BX_SMP_PROCESSORS;

	for (unsigned n = 0; n < count; n++)
		cpus[n] = sample(BX_CPU(n));
	enum watch_verdict verdict = watch_sample(&watch, cpus, count, read_code, NULL);

	if (verdict != WATCH_ALIVE)
		end_dead_guest(verdict);
}

/* --- device ---------------------------------------------------------------------------------- */

sev_device_c::sev_device_c()
{
	put("sev", "SEV");
}

static void check_machine(struct sev_error *err)
{
	const char *model = SIM->get_param_enum(BXPN_CPU_MODEL)->get_selected();
	unsigned long long guest = SIM->get_param_num(BXPN_MEM_SIZE)->get64();
	unsigned long long host = SIM->get_param_num(BXPN_HOST_MEM_SIZE)->get64();

	if (strcmp(model, sev_model)) {
		sev_fail(err, "cpu: model=%s: has no SEV; legal with sev: type=sev is %s", model,
			sev_model);
		sev_refuse(err);
	}
	if (guest > max_ram_mib) {
		sev_fail(err,
			"memory: guest=%llu: legal with sev: type=sev are 64 to %llu (MiB), what "
			"this Bochs can keep in memory",
			guest, max_ram_mib);
		sev_refuse(err);
	}
	if (host < guest) {
		sev_fail(err,
			"memory: guest=%llu, host=%llu: legal with sev: type=sev is host=%llu, "
			"because encrypted pages cannot be swapped to a file",
			guest, host, guest);
		sev_refuse(err);
	}
	if (SIM->get_param_bool(BXPN_RESTORE_FLAG)->get()) {
		sev_refuse_save();
		exit(2);
	}
}

void sev_device_c::init(void)
{
	struct sev_error err;

	if (sev_options_check(settings(), &err) < 0)
		sev_refuse(&err);
	if (options.type == SEV_TYPE_NONE)
		return;
	check_machine(&err);
	bx_pc_system.register_timer(this, watch_guest, watch_period_us, 1, 1, "sev.watch");
}

/*
 * Only the first hardware reset launches: a plain SEV guest that resets its machine goes on under
 * its key, with its memory and the encrypted firmware in place, as under QEMU.
 */
void sev_device_c::reset(unsigned type)
{
	if (type != BX_RESET_HARDWARE)
		return;
	sev_machine_launch();
	if (!qmp_will_wait())
		sev_machine_start();
}

/* The model with SEV becomes the default; what the user chose stays, and is checked later. */
static void prefer_model()
{
	bx_param_enum_c *model = SIM->get_param_enum(BXPN_CPU_MODEL);
	Bit64s chosen = model->get64();

	model->reset();
	if (model->get64() == chosen)
		model->set_by_name(sev_model);
	else
		model->set(chosen);
}

/* A guest's processor announces SEV, its crashes end the run, and it has a fw_cfg device. */
static void prepare_guest()
{
	prefer_model();
	SIM->get_param_bool(BXPN_RESET_ON_TRIPLE_FAULT)->set(0);
	sev_need_plugin("psp");
	sev_need_plugin("fw_cfg");
}

static Bit32s parse(const char *, int count, char *params[])
{
	struct sev_error err;

	for (int i = 1; i < count; i++)
		if (sev_options_set(settings(), params[i], &err) < 0)
			sev_refuse(&err);
	sev_cpu = sev_options_cpu(&options);
	sev_start_at_once();
	if (options.type != SEV_TYPE_NONE)
		prepare_guest();
	return 0;
}

extern "C" int libsev_plugin_entry(plugin_t *plugin, Bit16u type, Bit8u mode)
{
	if (mode == PLUGIN_INIT) {
		device = new sev_device_c();
		BX_REGISTER_DEVICE_DEVMODEL(plugin, type, device, "sev");
		SIM->register_addon_option("sev", parse, NULL);
	} else if (mode == PLUGIN_FINI) {
		SIM->unregister_addon_option("sev");
		delete device;
	} else if (mode == PLUGIN_PROBE) {
		return (int)PLUGTYPE_OPTIONAL;
	}
	return 0;
}
