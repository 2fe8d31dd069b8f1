/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches whether the guest can still go on, and says why not. */
#include "iodev.h"
#include "cpu/cpu.h"

#include "bios/explain.h"
#include "bios/launch.h"
#include "bios/sev_machine.h"
#include "bios/sev_watch.h"
#include "bios/watch.h"
#include "iodev/fw_cfg/fw_cfg_device.h"
#include "memory/gate.h"

static const unsigned watch_period_us = 7300; /* not a multiple of any usual timer period */

static struct watch watch;

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
			!sev_peek_code(address, (unsigned)part, to))
			return false;
		rip += part;
		to += part;
		size -= part;
	}
	return true;
}

/* What measured boot has to say about a guest that stopped. */
void sev_explain(char *text, size_t size)
{
	const struct fw_cfg_blobs *blobs = sev_fw_cfg_blobs();
	struct explain_boot boot = {};
	struct fw_cfg_progress progress;
	struct hashes served;

	sev_fw_cfg_progress(&progress);
	boot.firmware_intact = sev_firmware_intact();
	boot.report = &sev_launch()->report;
	boot.firmware_verifies = sev_launch()->hashes.size != 0;
	boot.kernel_offered = blobs && blobs->kernel.data;
	boot.kernel_read = progress.kernel;
	boot.served = explain_served(sev_fw_cfg(), &served) == 0 ? &served : NULL;
	explain_boot(&boot, text, size);
}

/*
 * With interrupts on a loop may be how a small kernel idles: then it is the end only if measured
 * boot says why.
 */
static void judge(enum watch_verdict verdict, const struct watch_cpu *boot)
{
	char where[160], why[400];

	sev_explain(why, sizeof(why));
	if (verdict == WATCH_LOOPS && boot->interrupts && !*why) {
		watch = (struct watch) {};
		return;
	}
	snprintf(where, sizeof(where),
		verdict == WATCH_LOOPS ? "CPU 0 is caught in a loop at 0x%llx with interrupts %s"
				       : "every CPU is halted, CPU 0 at 0x%llx, with interrupts %s",
		(unsigned long long)boot->rip, boot->interrupts ? "on" : "off");
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
		judge(verdict, &cpus[0]);
}

void sev_watch_start(void)
{
	bx_pc_system.register_timer(&watch, watch_guest, watch_period_us, 1, 1, "sev.watch");
}
