/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bios/vmsa.h"

#include <string.h>

const char *vmsa_type_name(enum vmsa_type type)
{
	return type == VMSA_LEGACY ? "legacy" : "init2";
}

/* --- the page -------------------------------------------------------------------------------- */

/* Attributes in the VMCB's form: P, DPL, S, type in bits 7:0; G, D, L, AVL in 11:8. */
#define ATTR_CODE 0x9b /* present, readable, accessed */
#define ATTR_DATA 0x93 /* present, writable, accessed */
#define ATTR_LDT  0x82
#define ATTR_TSS  0x8b /* busy, 32-bit: what SVM wants to see in TR */

struct segment {
	unsigned offset;
	uint16_t selector, attributes;
	uint64_t base;
};

#define VMSA_CS 0x010

/* Every limit is 0xffff. */
static const struct segment segments[] = {
	{ 0x000, 0, ATTR_DATA, 0 },						/* ES */
	{ VMSA_CS, 0xf000, ATTR_CODE, 0xffff0000 }, { 0x020, 0, ATTR_DATA, 0 }, /* SS */
	{ 0x030, 0, ATTR_DATA, 0 },						/* DS */
	{ 0x040, 0, ATTR_DATA, 0 },						/* FS */
	{ 0x050, 0, ATTR_DATA, 0 },						/* GS */
	{ 0x060, 0, 0, 0 },							/* GDTR */
	{ 0x070, 0, ATTR_LDT, 0 },						/* LDTR */
	{ 0x080, 0, 0, 0 },							/* IDTR */
	{ 0x090, 0, ATTR_TSS, 0 },						/* TR */
};

#define VMSA_RIP   0x178
#define VMSA_RDX   0x310
#define VMSA_MXCSR 0x408 /* 4 bytes */
#define VMSA_FCW   0x410 /* 2 bytes */

static const struct {
	unsigned offset;
	uint64_t value;
} registers[] = {
	{ 0x0d0, 0x1000 },	       /* EFER: SVME, without which VMRUN refuses; KVM's */
	{ 0x148, 0x40 },	       /* CR4: MCE, KVM's */
	{ 0x158, 0x10 },	       /* CR0: ET */
	{ 0x160, 0x400 },	       /* DR7 */
	{ 0x168, 0xffff0ff0 },	       /* DR6 */
	{ 0x170, 0x2 },		       /* RFLAGS */
	{ VMSA_RIP, 0xfff0 },	       /* with CS: the reset vector */
	{ 0x268, 0x0007040600070406 }, /* G_PAT */
	{ 0x3e8, 0x1 },		       /* XCR0: x87 */
};

static void put_segment(uint8_t page[VMSA_SIZE], const struct segment *segment)
{
	uint8_t *at = page + segment->offset;

	sev_put16(at, segment->selector);
	sev_put16(at + 2, segment->attributes);
	sev_put32(at + 4, 0xffff);
	sev_put64(at + 8, segment->base);
}

/* The firmware says where they are to wait: the upper half is CS.base, the lower one IP. */
static void put_ap_reset(uint8_t page[VMSA_SIZE], uint32_t ap_reset)
{
	sev_put64(page + VMSA_CS + 8, ap_reset & 0xffff0000);
	sev_put64(page + VMSA_RIP, ap_reset & 0xffff);
}

void vmsa_initial(const struct vmsa_config *config, bool boot_cpu, uint8_t page[VMSA_SIZE])
{
	memset(page, 0, VMSA_SIZE);
	for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++)
		put_segment(page, &segments[i]);
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		sev_put64(page + registers[i].offset, registers[i].value);
	sev_put64(page + VMSA_RDX, config->signature);
	if (!boot_cpu)
		put_ap_reset(page, config->ap_reset);
	if (config->type == VMSA_INIT2) {
		sev_put32(page + VMSA_MXCSR, 0x1f80);
		sev_put16(page + VMSA_FCW, 0x037f);
	}
}

/* --- processors ------------------------------------------------------------------------------ */

int vmsa_signature(unsigned family, unsigned model, unsigned stepping, uint32_t *signature)
{
	if (family > 0xf + 0xff || model > 0xff || stepping > 0xf || (family < 0xf && model > 0xf))
		return -1;
	*signature = (model >> 4) << 16 | (model & 0xf) << 4 | stepping;
	*signature |= family > 0xf ? (family - 0xf) << 20 | 0xf00 : family << 8;
	return 0;
}

const struct vmsa_cpu vmsa_cpus[] = {
	{ "EPYC", 23, 1, 2 },
	{ "EPYC-IBPB", 23, 1, 2 },
	{ "EPYC-Rome", 23, 49, 0 },
	{ "EPYC-Milan", 25, 1, 1 },
	{ "EPYC-Genoa", 25, 17, 0 },
	{ "EPYC-Turin", 26, 0, 0 },
	{ NULL, 0, 0, 0 },
};

/* "-v" and digits, or nothing. */
static bool is_version(const char *text)
{
	if (!*text)
		return true;
	return !strncmp(text, "-v", 2) && text[2] && !text[2 + strspn(text + 2, "0123456789")];
}

const struct vmsa_cpu *vmsa_cpu_find(const char *name)
{
	for (const struct vmsa_cpu *cpu = vmsa_cpus; cpu->name; cpu++) {
		size_t length = strlen(cpu->name);

		if (!strncmp(name, cpu->name, length) && is_version(name + length))
			return cpu;
	}
	return NULL;
}
