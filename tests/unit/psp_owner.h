/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest owner, who makes a session with a rig's platform. */
#ifndef TESTS_UNIT_PSP_OWNER_H
#define TESTS_UNIT_PSP_OWNER_H

#include "tests/unit/psp_export.h"

#include "iodev/psp/cert.h"
#include "iodev/psp/session.h"
#include "tests/unit/psp_keys.h"

struct owner {
	struct sev_p384_key key;
	struct psp_cert cert;
	struct psp_transport_keys keys;
	struct psp_session session;
};

/* Trusts the platform's certificate and makes a session for it. */
static inline struct owner make_owner(struct rig *rig, uint32_t policy)
{
	struct sev_rng *rng = sev_rng_new("owner", 5, "owner");
	struct psp_cert pdh = export_certs(rig).pdh;
	struct sev_p384_public platform;
	uint8_t z[SEV_P384];
	struct owner owner;

	sev_p384_generate(rng, &owner.key);
	psp_cert_make(&owner.cert, PSP_USAGE_PDH, 0, 0, &owner.key.pub);
	memcpy(owner.keys.tik, tik, 16);
	memcpy(owner.keys.tek, tek, 16);
	assert_int_equal(psp_cert_check(&pdh, PSP_USAGE_PDH, &platform, NULL), 0);
	assert_int_equal(sev_p384_ecdh(&owner.key, &platform, z), 0);
	psp_session_make(&owner.session, z, rng, &owner.keys, policy);
	sev_rng_free(rng);
	return owner;
}

#endif
