/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a platform says it is (QMP's query-sev-capabilities), and what its guest's owner demands. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "tools/sev-owner.h"

bool owner_host_add(struct owner_host *host, const char *path)
{
	if (host->files < OWNER_HOST_FILES)
		host->file[host->files] = path;
	host->files++;
	return true;
}

bool owner_host_demanded(const struct owner_host *host)
{
	return host->demand.owner || host->demand.root || host->chip_id || host->files;
}

int owner_host_read(struct owner_host *host, struct sev_error *err)
{
	if (host->files > OWNER_HOST_FILES)
		return sev_fail(err, "--chain=%s: %zu files, legal: up to %d", host->file[0],
			host->files, OWNER_HOST_FILES);
	if (host->chip_id && (strlen(host->chip_id) != 2 * sizeof(host->pinned) ||
				     sev_unhex(host->chip_id, host->pinned, sizeof(host->pinned))))
		return sev_fail(err, "--chip-id=%s: not legal, legal: %zu hexadecimal digits",
			host->chip_id, 2 * sizeof(host->pinned));
	for (size_t i = 0; i < host->files; i++)
		if (owner_certs_read(host->file[i], &host->certs, err))
			return -1;
	return 0;
}

/* The chip's identifier: nobody signs it. */
static enum owner_status judge_chip(
	const struct owner_host *host, const char *cpu0_id, struct sev_error *err)
{
	struct sev_blob id = { 0 };
	bool same;

	if (!host->chip_id)
		return OWNER_OK;
	if (!cpu0_id) {
		sev_fail(err, "--chip-id=%s: the platform does not say which chip it is",
			host->chip_id);
		return OWNER_REFUSED;
	}
	same = !sev_unbase64(cpu0_id, strlen(cpu0_id), &id) && id.size == sizeof(host->pinned) &&
	       !memcmp(id.data, host->pinned, id.size);
	sev_blob_free(&id);
	if (same)
		return OWNER_OK;
	sev_fail(err, "--chip-id=%s: the chip is another one", host->chip_id);
	return OWNER_REFUSED;
}

enum owner_status owner_host_judge(struct owner_host *host, const char *pdh, const char *cert_chain,
	const char *cpu0_id, struct sev_error *err)
{
	enum owner_status status;

	if (psp_cert_set_add(&host->certs, "the platform's pdh", pdh, strlen(pdh), err) ||
		psp_cert_set_add(&host->certs, "the platform's cert-chain", cert_chain,
			strlen(cert_chain), err))
		return OWNER_REFUSED;
	status = owner_demand_judge(&host->demand, &host->certs, host->links, err);
	if (status == OWNER_OK)
		status = judge_chip(host, cpu0_id, err);
	host->verified = status == OWNER_OK;
	return status;
}

void owner_host_json(const struct owner_host *host, struct json_object *object)
{
	char root[OWNER_ROOT_TEXT];
	struct json_object *platform;

	if (!owner_host_demanded(host))
		return;
	owner_root_text(&host->certs, root, sizeof(root));
	platform = json_object_new_object();
	owner_add_flag(platform, "verified", host->verified);
	owner_add_text(platform, "root", root);
	json_object_object_add(object, "platform", platform);
}

void owner_host_print(const struct owner_host *host)
{
	char root[OWNER_ROOT_TEXT];

	if (!owner_host_demanded(host))
		return;
	owner_root_text(&host->certs, root, sizeof(root));
	printf("platform verifies: root: %s\n", root);
}
