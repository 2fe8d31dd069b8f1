/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an owner can demand of a platform's certificates, beside that they verify. */
#include <string.h>

#include "tools/sev-owner.h"

/* Whether both sets have such a certificate, with the same key. */
static bool same_key(
	const struct psp_cert_set *a, const struct psp_cert_set *b, enum psp_cert_kind kind)
{
	uint8_t left[SEV_SHA256], right[SEV_SHA256];

	return psp_set_fingerprint(a, kind, left) && psp_set_fingerprint(b, kind, right) &&
	       memcmp(left, right, sizeof(left)) == 0;
}

static enum owner_status demand_key(const struct psp_cert_set *certs, const char *option,
	const char *path, enum psp_cert_kind kind, struct sev_error *err)
{
	struct psp_cert_set demanded = { 0 };
	const char *name = psp_kind_name(kind);

	if (owner_certs_read(path, &demanded, err))
		return OWNER_WRONG_USE;
	if (!demanded.member[kind].file || *demanded.member[kind].problem.text) {
		sev_fail(err, "%s=%s: holds no usable %s, legal: a file that does", option, path,
			name);
		return OWNER_WRONG_USE;
	}
	if (!certs->member[kind].file)
		sev_fail(err, "%s=%s: no %s is given", option, path, name);
	else if (!same_key(certs, &demanded, kind))
		sev_fail(err, "%s=%s: the key of the %s is another one", option, path, name);
	else
		return OWNER_OK;
	return OWNER_REFUSED;
}

static enum owner_status demand_root(
	const struct psp_cert_set *certs, const char *root, struct sev_error *err)
{
	if (strcmp(root, "emulated"))
		return demand_key(certs, "--root", root, PSP_KIND_ARK, err);
	if (psp_cert_set_root(certs) == PSP_ROOT_OURS)
		return OWNER_OK;
	sev_fail(err, "--root=emulated: %s",
		certs->member[PSP_KIND_ARK].file ? "the ARK is another one" : "no ARK is given");
	return OWNER_REFUSED;
}

enum owner_status owner_demand_judge(const struct owner_demand *demand,
	const struct psp_cert_set *certs, struct psp_link links[PSP_LINKS], struct sev_error *err)
{
	enum owner_status status;

	psp_cert_set_verify(certs, links);
	status = psp_cert_set_judge(certs, links, err) ? OWNER_REFUSED : OWNER_OK;
	if (status == OWNER_OK && demand->owner)
		status = demand_key(certs, "--owner", demand->owner, PSP_KIND_OCA, err);
	if (status == OWNER_OK && demand->root)
		status = demand_root(certs, demand->root, err);
	return status;
}
