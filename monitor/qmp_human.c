/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * human-monitor-command: a few commands of QEMU's monitor for humans, for scripts that use it. The
 * answer is text whose lines end with CR LF; what is wrong is text as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monitor/qmp_commands.h"

struct human_command {
	const char *name;  /* NULL: behind the last one */
	const char *alias; /* NULL: none */
	const char *help;
	void (*run)(struct qmp_call *call, FILE *out);
};

static const struct human_command commands[];

/* --- info ------------------------------------------------------------------------------------ */

static void info_status(struct qmp_call *call, FILE *out)
{
	const char *name = qmp_state_name(call->qmp);

	if (call->qmp->state == QMP_RUNNING)
		fprintf(out, "VM status: running\r\n");
	else if (call->qmp->state == QMP_PAUSED)
		fprintf(out, "VM status: paused\r\n");
	else
		fprintf(out, "VM status: paused (%s)\r\n", name);
}

static void info_sev(struct qmp_call *call, FILE *out)
{
	const struct monitor_machine *machine = call->qmp->config.machine;
	struct monitor_sev_info info = {};
	struct sev_error err;

	if (machine->sev_info(machine->ctx, &info, &err) || !info.enabled) {
		fprintf(out, "SEV is not enabled\r\n");
		return;
	}
	fprintf(out, "SEV type: sev\r\nstate: %s\r\nbuild: %u\r\napi version: %u.%u\r\n",
		info.state, info.build_id, info.api_major, info.api_minor);
	fprintf(out, "handle: %u\r\ndebug: %s\r\nkey-sharing: %s\r\n", info.handle,
		info.policy & 1 ? "off" : "on", info.policy & 2 ? "off" : "on");
}

static void info_kvm(struct qmp_call *call, FILE *out)
{
	(void)call;
	fprintf(out, "kvm support: not compiled\r\n");
}

static void info_version(struct qmp_call *call, FILE *out)
{
	(void)call;
	fprintf(out, "%d.%d.%d%s\r\n", QMP_VERSION_MAJOR, QMP_VERSION_MINOR, QMP_VERSION_MICRO,
		QMP_PACKAGE);
}

static void info_name(struct qmp_call *call, FILE *out)
{
	(void)call;
	(void)out; /* it has none */
}

static void info_uuid(struct qmp_call *call, FILE *out)
{
	(void)call;
	fprintf(out, "%s\r\n", QMP_UUID);
}

static void info_cpus(struct qmp_call *call, FILE *out)
{
	unsigned chosen;

	if (qmp_cpu_index(call, &chosen))
		return;
	for (unsigned n = 0; n < call->qmp->config.machine->about->cpus; n++)
		fprintf(out, "%c CPU #%u: thread_id=%d\r\n", n == chosen ? '*' : ' ', n, gettid());
}

/* --- info registers -------------------------------------------------------------------------- */

static void general_registers(const struct monitor_registers *r, FILE *out)
{
	static const char *const names[] = { "AX", "BX", "CX", "DX", "SI", "DI", "BP", "SP" };
	static const int order[] = { 0, 3, 1, 2, 6, 7, 5, 4 };
	int digits = r->long_mode ? 16 : 8;

	for (int n = 0; n < 8; n++)
		fprintf(out, "%c%s=%0*llx%s", r->long_mode ? 'R' : 'E', names[n], digits,
			(unsigned long long)r->gpr[order[n]], n % 4 == 3 ? "\r\n" : " ");
	for (int n = 8; r->long_mode && n < 16; n++)
		fprintf(out, "R%-2d=%016llx%s", n, (unsigned long long)r->gpr[n],
			n % 4 == 3 ? "\r\n" : " ");
	fprintf(out, "%cIP=%0*llx %cFL=%08llx ", r->long_mode ? 'R' : 'E', digits,
		(unsigned long long)r->rip, r->long_mode ? 'R' : 'E',
		(unsigned long long)r->rflags);
}

static void flags(const struct monitor_registers *r, FILE *out)
{
	static const struct {
		char name;
		int bit;
	} shown[] = { { 'D', 10 }, { 'O', 11 }, { 'S', 7 }, { 'Z', 6 }, { 'A', 4 }, { 'P', 2 },
		{ 'C', 0 } };

	fputc('[', out);
	for (size_t n = 0; n < sizeof(shown) / sizeof(shown[0]); n++)
		fputc(r->rflags >> shown[n].bit & 1 ? shown[n].name : '-', out);
	fprintf(out, "] CPL=%u SMM=%d HLT=%d\r\n", r->cpl, r->smm, r->halted);
}

static void segment(const char *name, const struct monitor_segment *s, int digits, FILE *out)
{
	fprintf(out, "%-3s=%04x %0*llx %08x %08x\r\n", name, s->selector, digits,
		(unsigned long long)s->base, s->limit, s->flags);
}

static void table(const char *name, const struct monitor_segment *s, int digits, FILE *out)
{
	fprintf(out, "%s=     %0*llx %08x\r\n", name, digits, (unsigned long long)s->base,
		s->limit);
}

static void info_registers(struct qmp_call *call, FILE *out)
{
	static const char *const names[] = { "ES", "CS", "SS", "DS", "FS", "GS" };
	const struct monitor_machine *machine = call->qmp->config.machine;
	struct monitor_registers r = {};
	unsigned cpu;
	int digits;

	if (qmp_cpu_index(call, &cpu))
		return;
	machine->registers(machine->ctx, cpu, &r);
	digits = r.long_mode ? 16 : 8;
	fprintf(out, "\r\nCPU#%u\r\n", cpu);
	general_registers(&r, out);
	flags(&r, out);
	for (int n = 0; n < 6; n++)
		segment(names[n], &r.segment[n], digits, out);
	segment("LDT", &r.ldt, digits, out);
	segment("TR", &r.tr, digits, out);
	table("GDT", &r.gdt, digits, out);
	table("IDT", &r.idt, digits, out);
	fprintf(out, "CR0=%08llx CR2=%0*llx CR3=%0*llx CR4=%08llx\r\nEFER=%016llx\r\n",
		(unsigned long long)r.cr0, digits, (unsigned long long)r.cr2, digits,
		(unsigned long long)r.cr3, (unsigned long long)r.cr4, (unsigned long long)r.efer);
}

/* --- what QMP has as well -------------------------------------------------------------------- */

/* Runs it; an error becomes text. */
static void run(struct qmp_call *call, qmp_execute *execute, FILE *out)
{
	struct json_object *result = execute(call);

	if (!result)
		fprintf(out, "Error: %s\r\n", call->err.text);
	json_object_put(result);
}

static void human_stop(struct qmp_call *call, FILE *out)
{
	run(call, qmp_stop, out);
}

static void human_cont(struct qmp_call *call, FILE *out)
{
	run(call, qmp_cont, out);
}

static void human_reset(struct qmp_call *call, FILE *out)
{
	run(call, qmp_system_reset, out);
}

static void human_powerdown(struct qmp_call *call, FILE *out)
{
	run(call, qmp_system_powerdown, out);
}

static void human_quit(struct qmp_call *call, FILE *out)
{
	run(call, qmp_quit, out);
}

/* --- help ------------------------------------------------------------------------------------ */

static bool is_info(const struct human_command *command)
{
	return !strncmp(command->name, "info ", 5);
}

static void list(bool info, FILE *out)
{
	for (const struct human_command *each = commands; each->name; each++)
		if (is_info(each) == info)
			fprintf(out, "%s%s%s  -- %s\r\n", each->name, each->alias ? "|" : "",
				each->alias ? each->alias : "", each->help);
}

static void human_help(struct qmp_call *call, FILE *out)
{
	(void)call;
	list(false, out);
}

static void human_info(struct qmp_call *call, FILE *out)
{
	(void)call;
	list(true, out);
}

/* --- all of them ----------------------------------------------------------------------------- */

static const struct human_command commands[] = {
	{ "cont", "c", "resume emulation", human_cont },
	{ "help", "?", "show the help", human_help },
	{ "info", NULL, "show various information about the system state", human_info },
	{ "quit", "q", "quit the emulator", human_quit },
	{ "stop", "s", "stop emulation", human_stop },
	{ "system_powerdown", NULL, "send system power down event", human_powerdown },
	{ "system_reset", NULL, "reset the system", human_reset },
	{ "info cpus", NULL, "show infos for each CPU", info_cpus },
	{ "info kvm", NULL, "show KVM information", info_kvm },
	{ "info name", NULL, "show the current VM name", info_name },
	{ "info registers", NULL, "show the cpu registers", info_registers },
	{ "info sev", NULL, "show SEV information", info_sev },
	{ "info status", NULL, "show the current VM status", info_status },
	{ "info uuid", NULL, "show the current VM UUID", info_uuid },
	{ "info version", NULL, "show the version", info_version },
	{},
};

/* "  info   status x": "info status", and how much of the line is behind it. */
static void split(const char *line, char name[64], const char **rest)
{
	static const char blanks[] = " \t\r\n";
	size_t word, used = 0;

	for (;;) {
		line += strspn(line, blanks);
		word = strcspn(line, blanks);
		if (!word || used + word + 2 > 64)
			break;
		memcpy(name + used, line, word);
		used += word;
		line += word;
		if (strncmp(name, "info", used) || used != 4)
			break;
		name[used++] = ' ';
	}
	while (used && name[used - 1] == ' ')
		used--;
	name[used] = 0;
	*rest = line + strspn(line, blanks);
}

static void run_line(struct qmp_call *call, const char *line, FILE *out)
{
	const struct human_command *command = commands;
	const char *rest, *shown;
	char name[64];

	split(line, name, &rest);
	while (command->name && strcmp(command->name, name) &&
		(!command->alias || strcmp(command->alias, name)))
		command++;
	if (!command->name && (*name || *rest)) {
		fprintf(out, "unknown command: '%s'\r\n", *name ? name : rest);
	} else if (command->name && *rest) {
		shown = is_info(command) ? command->name + 5 : command->name;
		fprintf(out, "%s%s%s: extraneous characters at the end of line\r\n", shown,
			command->alias ? "|" : "", command->alias ? command->alias : "");
		fprintf(out, "Try \"help\" for more information\r\n");
	} else if (command->name) {
		command->run(call, out);
	}
}

struct json_object *qmp_human_monitor_command(struct qmp_call *call)
{
	struct json_object *result = NULL;
	char *text = NULL;
	size_t size;
	unsigned cpu;
	FILE *out;

	if (qmp_cpu_index(call, &cpu))
		return NULL;
	out = open_memstream(&text, &size);
	if (out) {
		run_line(call, qmp_string(call, "command-line"), out);
		if (fclose(out) == 0)
			result = json_object_new_string_len(text, (int)size);
	}
	free(text);
	if (!result)
		sev_fail(&call->err, "out of memory");
	return result;
}
