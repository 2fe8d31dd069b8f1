/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An identity as it is stored, on disk or in the host's keeping. */
#include <string.h>

#include "iodev/psp/identity.h"

void psp_record_pack(const struct psp_identity *identity, struct psp_record *record)
{
	memset(record, 0, sizeof(*record));
	record->flags = (identity->provisioned ? PSP_RECORD_PROVISIONED : 0) |
			(identity->owned ? PSP_RECORD_OWNED : 0);
	record->generation = identity->generation;
	memcpy(record->secret, identity->secret, sizeof(record->secret));
	memcpy(record->oca, identity->oca.d, SEV_P384);
	memcpy(record->pek, identity->pek.d, SEV_P384);
	memcpy(record->pdh, identity->pdh.d, SEV_P384);
	record->oca_cert = identity->oca_cert;
	record->pek_cert = identity->pek_cert;
	record->pdh_cert = identity->pdh_cert;
}

static bool take_keys(const struct psp_record *record, struct psp_identity *identity)
{
	return (identity->owned || sev_p384_from_scalar(record->oca, &identity->oca) == 0) &&
	       sev_p384_from_scalar(record->pek, &identity->pek) == 0 &&
	       sev_p384_from_scalar(record->pdh, &identity->pdh) == 0;
}

const char *psp_record_unpack(const struct psp_record *record, struct psp_identity *identity)
{
	if (record->flags & ~(PSP_RECORD_PROVISIONED | PSP_RECORD_OWNED))
		return "it has flags that this program does not know";
	memset(identity, 0, sizeof(*identity));
	memcpy(identity->secret, record->secret, sizeof(identity->secret));
	identity->generation = record->generation;
	identity->provisioned = record->flags & PSP_RECORD_PROVISIONED;
	if (!identity->provisioned)
		return NULL;
	identity->owned = record->flags & PSP_RECORD_OWNED;
	identity->oca_cert = record->oca_cert;
	identity->pek_cert = record->pek_cert;
	identity->pdh_cert = record->pdh_cert;
	return take_keys(record, identity) ? NULL : "a private key is out of range";
}
