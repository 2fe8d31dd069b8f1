/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Proxmox' amd-sev setting, with its older names, and its arithmetic of policies. */
#include <stdio.h>
#include <string.h>

#include "tools/import.h"

/* The setting as it was read. */
struct proxmox_sev {
	struct import *im;
	const struct import_place *at;
	const char *text;
	bool ovmf; /* the firmware is OVMF */
};

struct sev {
	const char *type;
	bool no_debug, no_key_sharing, allow_smt, kernel_hashes;
};

static int sev_property(
	const struct proxmox_sev *p, struct sev *sev, const struct import_property *property)
{
	const struct {
		const char *name;
		bool *value;
	} flags[] = {
		{ "nodbg", &sev->no_debug },
		{ "no-debug", &sev->no_debug },
		{ "noks", &sev->no_key_sharing },
		{ "no-key-sharing", &sev->no_key_sharing },
		{ "allow-smt", &sev->allow_smt },
		{ "kernel-hashes", &sev->kernel_hashes },
	};

	if (!strcmp(property->name, "type")) {
		sev->type = property->value;
		return 0;
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (!strcmp(property->name, flags[i].name))
			return import_bool(
				p->im, p->at, property->name, property->value, flags[i].value);
	return import_fail(p->im, p->at,
		"amd_sev: %.100s: not a property; legal are type, no-debug (nodbg), no-key-sharing "
		"(noks), allow-smt, kernel-hashes",
		property->name);
}

/* Policy bits of AMD 55766, chapter 2, and 56860, section 4.3. */
static uint32_t sev_policy(const struct sev *sev)
{
	return (uint32_t)sev->no_debug << 0 | (uint32_t)sev->no_key_sharing << 1 |
	       (uint32_t)!strcmp(sev->type, "es") << 2 | 1u << 3;
}

static uint32_t snp_policy(const struct sev *sev)
{
	return (uint32_t)sev->allow_smt << 16 | 1u << 17 | (uint32_t)!sev->no_debug << 19;
}

static int use_sev(const struct proxmox_sev *p, const struct sev *sev)
{
	const struct import_place *at = p->at;
	char policy[16];

	if (!sev->type ||
		(strcmp(sev->type, "std") && strcmp(sev->type, "es") && strcmp(sev->type, "snp")))
		return import_fail(p->im, at, "amd_sev: type=%.100s: legal is std, es or snp",
			sev->type ? sev->type : "");
	if (!p->ovmf)
		return import_fail(p->im, at,
			"amd_sev: %s: without bios: ovmf; legal only with it, because only OVMF "
			"starts a protected guest",
			p->text);
	if (!strcmp(sev->type, "snp")) {
		import_missing(p->im, "amd_sev: %s: sev-snp-guest,policy=0x%x,kernel-hashes=%s",
			p->text, snp_policy(sev), sev->kernel_hashes ? "on" : "off");
		return 0;
	}
	snprintf(policy, sizeof(policy), "0x%x", sev_policy(sev));
	import_note(
		p->im, "amd_sev: cbitpos and reduced-phys-bits are the host's: 51 and 1 are taken");
	if (import_sev(p->im, at, "policy", policy) ||
		import_sev(p->im, at, "kernel_hashes", sev->kernel_hashes ? "1" : "0"))
		return -1;
	return import_sev_finish(p->im, at);
}

int import_proxmox_sev(
	struct import *im, const struct import_place *at, const char *text, bool ovmf)
{
	const struct proxmox_sev this = { im, at, text, ovmf };
	const struct proxmox_sev *p = &this;
	struct sev sev = { .allow_smt = true };
	struct import_properties properties;
	int ret = 0;

	if (import_properties_parse(p->im, p->at, "amd_sev", p->text, "type", &properties))
		return -1;
	for (size_t i = 0; i < properties.count && !ret; i++)
		ret = sev_property(p, &sev, &properties.property[i]);
	if (!ret)
		ret = use_sev(p, &sev);
	import_properties_free(&properties);
	return ret;
}
