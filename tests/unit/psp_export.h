/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The certificates that a platform gives out. */
#ifndef TESTS_UNIT_PSP_EXPORT_H
#define TESTS_UNIT_PSP_EXPORT_H

#include "tests/unit/unit.h"

#include "tests/psp_rig.h"

struct export
{
	struct psp_cert pdh;
	struct psp_cert_chain chain;
};

static inline struct psp_pdh_cert_export export_command(void)
{
	return (struct psp_pdh_cert_export) {
		.pdh_paddr = RIG_CERT,
		.pdh_length = sizeof(struct psp_cert),
		.certs_paddr = RIG_CERT + sizeof(struct psp_cert),
		.certs_length = sizeof(struct psp_cert_chain),
	};
}

static inline struct export export_certs(struct rig *rig)
{
	struct psp_pdh_cert_export cmd = export_command();
	struct export out;

	assert_int_equal(rig_command(rig, PSP_CMD_PDH_CERT_EXPORT, &cmd, sizeof(cmd)), PSP_SUCCESS);
	rig_get(rig, RIG_CERT, SEVMEM_RAW, &out, sizeof(out));
	return out;
}

#endif
