/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates as files: what AMD's key server gives out, and the whole chain of a platform. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iodev/psp/model.h"
#include "iodev/psp/root.h"

static struct psp_cert signed_cek(const struct psp_identity *identity)
{
	struct psp_cert cek = identity->cek_cert;

	psp_root_sign_cek(&cek);
	return cek;
}

/* Whether the file has this size and begins so. */
static bool begins_with(const char *path, size_t size, const void *start, size_t start_size)
{
	struct sev_blob blob = { 0 };
	bool same;

	if (sev_file_read(path, size, &blob, NULL) != 0)
		return false;
	same = blob.size == size && memcmp(blob.data, start, start_size) == 0;
	sev_blob_free(&blob);
	return same;
}

static int publish_cek(const char *path, const struct psp_identity *identity, struct sev_error *err)
{
	struct psp_cert cek;

	if (begins_with(path, sizeof(cek), &identity->cek_cert, PSP_CERT_SIGNED))
		return 0;
	cek = signed_cek(identity);
	return sev_file_write(path, &cek, sizeof(cek), 0644, err);
}

/* The same for every chip and always, so that a look at the head of the first one suffices. */
static int publish_root(const char *path, struct sev_error *err)
{
	const struct psp_amd_cert head = { .version = 1, .key_id = PSP_ROOT_ASK_ID };

	if (begins_with(path, sizeof(struct psp_root_certs), &head,
		    offsetof(struct psp_amd_cert, certifying_id)))
		return 0;
	return sev_file_write(path, psp_root(), sizeof(struct psp_root_certs), 0644, err);
}

int psp_publish(const char *dir, const struct psp_identity *identity, struct sev_error *err)
{
	char *cek = NULL, *root = NULL;
	int ret;

	if (asprintf(&cek, "%s/cek.cert", dir) < 0 || asprintf(&root, "%s/ask_ark.cert", dir) < 0)
		abort();
	ret = publish_cek(cek, identity, err) || publish_root(root, err) ? -1 : 0;
	free(cek);
	free(root);
	return ret;
}

int psp_publish_chain(const struct psp_identity *identity, const char *path, struct sev_error *err)
{
	struct {
		struct psp_cert pdh;
		struct psp_cert_chain platform;
		struct psp_root_certs root;
	} PSP_PACKED chain;

	if (!identity->provisioned)
		return sev_fail(
			err, "%s: cannot write: the platform has no certificates yet", path);
	chain.pdh = identity->pdh_cert;
	chain.platform.pek = identity->pek_cert;
	chain.platform.oca = identity->oca_cert;
	chain.platform.cek = signed_cek(identity);
	chain.root = *psp_root();
	return sev_file_write(path, &chain, sizeof(chain), 0644, err);
}

int psp_publish_check(const char *path, struct sev_error *err)
{
	char *copy = strdup(path), *dir;
	struct stat st;
	int ret = 0;

	if (!copy || asprintf(&dir, "%s/.", dirname(copy)) < 0)
		abort();
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		ret = sev_fail(err, "%s: not a regular file; legal is the name of a file", path);
	else if (access(dir, W_OK | X_OK) != 0)
		ret = sev_fail(err, "%s: cannot be written: %s; legal is a file that can be made",
			path, strerror(errno));
	free(dir);
	free(copy);
	return ret;
}

int psp_write_chain(const struct psp *psp, const char *path, struct sev_error *err)
{
	return psp_publish_chain(&psp->identity, path, err);
}
