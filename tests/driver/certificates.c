/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PDH_CERT_EXPORT, PEK_CSR, and new keys: PDH_GEN and PEK_GEN. */
#include "tests/driver/sev-ioctl.h"

#include <stdio.h>
#include <string.h>

#define CERT  ((uint32_t)sizeof(struct psp_cert))
#define CHAIN ((uint32_t)sizeof(struct psp_cert_chain))

bool same_body(const struct psp_cert *a, const struct psp_cert *b)
{
	return !memcmp(a, b, PSP_CERT_SIGNED);
}

void keep_certificates(const char *name, const struct certificates *certs)
{
	char path[64];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "/run/%s.chain", name);
	file = fopen(path, "wb");
	good = file && fwrite(certs, sizeof(*certs), 1, file) == 1;
	if (file)
		good = !fclose(file) && good;
	check(good, "kept as %s", path);
}

/* --- PDH_CERT_EXPORT ------------------------------------------------------------------------- */

static uint8_t pdh_buffer[DRIVER_MAX_BLOB], chain_buffer[DRIVER_MAX_BLOB];

static struct sev_user_data_pdh_cert_export export_of(uint32_t pdh_length, uint32_t chain_length)
{
	memset(pdh_buffer, 0, sizeof(pdh_buffer));
	memset(chain_buffer, 0, sizeof(chain_buffer));
	return (struct sev_user_data_pdh_cert_export) {
		(uintptr_t)pdh_buffer,
		pdh_length,
		(uintptr_t)chain_buffer,
		chain_length,
	};
}

struct certificates export_certificates(const struct device *dev)
{
	struct sev_user_data_pdh_cert_export cmd = export_of(CERT, CHAIN);
	struct certificates certs;

	expect(dev->rw, SEV_PDH_CERT_EXPORT, &cmd, 0, PSP_SUCCESS, "PDH_CERT_EXPORT");
	memcpy(&certs.pdh, pdh_buffer, sizeof(certs.pdh));
	memcpy(&certs.chain, chain_buffer, sizeof(certs.chain));
	return certs;
}

static void export_fails(const struct device *dev, struct sev_user_data_pdh_cert_export cmd,
	int want, uint32_t firmware, const char *what)
{
	expect(dev->rw, SEV_PDH_CERT_EXPORT, &cmd, want, firmware, what);
	if (want == EIO)
		check(cmd.pdh_cert_len == CERT && cmd.cert_chain_len == CHAIN,
			"... and both lengths that are needed");
}

/* Buffers longer than needed do no harm. */
static void check_export_lengths(const struct device *dev, const struct certificates *certs)
{
	static const uint32_t lengths[][2] = {
		{ CERT + 1, CHAIN + 1 },
		{ DRIVER_MAX_BLOB, DRIVER_MAX_BLOB },
	};

	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct sev_user_data_pdh_cert_export cmd = export_of(lengths[i][0], lengths[i][1]);

		expect(dev->rw, SEV_PDH_CERT_EXPORT, &cmd, 0, PSP_SUCCESS,
			"PDH_CERT_EXPORT to longer buffers");
		check(cmd.pdh_cert_len == CERT && cmd.cert_chain_len == CHAIN,
			"... and the lengths that were written");
		check(!memcmp(pdh_buffer, &certs->pdh, CERT) &&
				!memcmp(chain_buffer, &certs->chain, CHAIN),
			"... and the same certificates");
	}
}

/* Who may only read cannot have the platform initialised. */
static void check_export_reading(const struct device *dev, const struct certificates *certs)
{
	struct sev_user_data_pdh_cert_export cmd = export_of(CERT, CHAIN);

	if (dev->on_demand) {
		expect(dev->ro, SEV_PDH_CERT_EXPORT, &cmd, EPERM, UNTOUCHED,
			"PDH_CERT_EXPORT, opened for reading, not initialised: EPERM");
		return;
	}
	expect(dev->ro, SEV_PDH_CERT_EXPORT, &cmd, 0, PSP_SUCCESS,
		"PDH_CERT_EXPORT, opened for reading");
	check(!memcmp(pdh_buffer, &certs->pdh, CERT) && !memcmp(chain_buffer, &certs->chain, CHAIN),
		"... and the same certificates");
}

static void check_export_buffers(const struct device *dev)
{
	struct sev_user_data_pdh_cert_export cmd = { 0 };

	export_fails(dev, cmd, EIO, PSP_INVALID_LENGTH, "PDH_CERT_EXPORT asks for lengths");
	/*
	 * One byte short: kernels that copy what firmware has not written, because it told a
	 * length, then copy no more than they have allocated.
	 */
	export_fails(dev, export_of(CERT - 1, CHAIN), EIO, PSP_INVALID_LENGTH,
		"PDH_CERT_EXPORT, PDH too short: INVALID_LENGTH");
	export_fails(dev, export_of(CERT, CHAIN - 1), EIO, PSP_INVALID_LENGTH,
		"PDH_CERT_EXPORT, chain too short: INVALID_LENGTH");
	export_fails(dev, export_of(DRIVER_MAX_BLOB + 1, CHAIN), EFAULT, UNTOUCHED,
		"PDH_CERT_EXPORT, PDH longer than the driver takes: EFAULT");
	export_fails(dev, export_of(CERT, DRIVER_MAX_BLOB + 1), EFAULT, UNTOUCHED,
		"PDH_CERT_EXPORT, chain longer than the driver takes: EFAULT");
	cmd = export_of(CERT, CHAIN);
	cmd.pdh_cert_address = (uintptr_t)BAD_POINTER;
	export_fails(
		dev, cmd, EFAULT, PSP_SUCCESS, "PDH_CERT_EXPORT, PDH to a bad pointer: EFAULT");
	cmd = export_of(CERT, CHAIN);
	cmd.cert_chain_address = (uintptr_t)BAD_POINTER;
	export_fails(
		dev, cmd, EFAULT, PSP_SUCCESS, "PDH_CERT_EXPORT, chain to a bad pointer: EFAULT");
	expect(dev->rw, SEV_PDH_CERT_EXPORT, BAD_POINTER, EFAULT, UNTOUCHED,
		"PDH_CERT_EXPORT with a bad pointer: EFAULT");
}

static bool is_cert(const struct psp_cert *cert, uint32_t usage, uint32_t algo)
{
	return cert->version == 1 && cert->pubkey_usage == usage && cert->pubkey_algo == algo;
}

/* Which keys have signed; the first slot's and the second's, in this order. */
static bool signed_by(const struct psp_cert *cert, uint32_t first, uint32_t second)
{
	return cert->sig[0].usage == first && cert->sig[1].usage == second;
}

static void check_contents(const struct certificates *certs)
{
	const struct psp_cert *pdh = &certs->pdh, *pek = &certs->chain.pek,
			      *oca = &certs->chain.oca, *cek = &certs->chain.cek;

	check(is_cert(pdh, PSP_USAGE_PDH, PSP_ALGO_ECDH_SHA256) &&
			signed_by(pdh, PSP_USAGE_PEK, PSP_USAGE_NONE),
		"a PDH, signed by the PEK");
	check(is_cert(pek, PSP_USAGE_PEK, PSP_ALGO_ECDSA_SHA256) &&
			signed_by(pek, PSP_USAGE_OCA, PSP_USAGE_CEK),
		"a PEK, signed by OCA and CEK");
	check(is_cert(oca, PSP_USAGE_OCA, PSP_ALGO_ECDSA_SHA256) &&
			signed_by(oca, PSP_USAGE_OCA, PSP_USAGE_NONE),
		"an OCA, signed by itself");
	check(is_cert(cek, PSP_USAGE_CEK, PSP_ALGO_ECDSA_SHA256), "a CEK");
}

void check_export(const struct device *dev)
{
	struct certificates certs = export_certificates(dev);

	check_contents(&certs);
	keep_certificates("self", &certs);
	check_export_buffers(dev);
	check_export_lengths(dev, &certs);
	check_export_reading(dev, &certs);
}

/* --- PEK_CSR --------------------------------------------------------------------------------- */

static uint8_t csr_buffer[DRIVER_MAX_BLOB];

static void csr(const struct device *dev, void *buffer, uint32_t length, int want,
	uint32_t firmware, const char *what)
{
	struct sev_user_data_pek_csr cmd = { (uintptr_t)buffer, length };

	memset(csr_buffer, 0, sizeof(csr_buffer));
	expect(dev->rw, SEV_PEK_CSR, &cmd, want, firmware, what);
	if (firmware != UNTOUCHED)
		check(cmd.length == CERT, "... and the length of a certificate");
}

struct psp_cert export_csr(const struct device *dev)
{
	struct psp_cert request;

	csr(dev, csr_buffer, CERT, 0, PSP_SUCCESS, "PEK_CSR");
	memcpy(&request, csr_buffer, sizeof(request));
	return request;
}

static bool empty_slot(const struct psp_cert_signature *slot)
{
	static const struct psp_cert_signature empty = { .usage = PSP_USAGE_NONE };

	return !memcmp(slot, &empty, sizeof(empty));
}

void check_csr(const struct device *dev)
{
	struct certificates certs = export_certificates(dev);
	struct psp_cert request = export_csr(dev);
	struct sev_user_data_pek_csr cmd = { (uintptr_t)csr_buffer, CERT };

	check(same_body(&request, &certs.chain.pek), "the request is for the PEK");
	check(empty_slot(&request.sig[0]) && empty_slot(&request.sig[1]), "nobody has signed it");
	expect(dev->ro, SEV_PEK_CSR, &cmd, EPERM, UNTOUCHED, "PEK_CSR, opened for reading: EPERM");
	expect(dev->rw, SEV_PEK_CSR, BAD_POINTER, EFAULT, UNTOUCHED,
		"PEK_CSR with a bad pointer: EFAULT");
	csr(dev, NULL, 0, EIO, PSP_INVALID_LENGTH, "PEK_CSR asks for the length");
	csr(dev, csr_buffer, CERT - 1, EIO, PSP_INVALID_LENGTH,
		"PEK_CSR with a short buffer: INVALID_LENGTH");
	csr(dev, csr_buffer, CERT + 1, 0, PSP_SUCCESS, "PEK_CSR with a longer buffer");
	check(!memcmp(csr_buffer, &request, CERT), "... and the same request");
	csr(dev, csr_buffer, DRIVER_MAX_BLOB, 0, PSP_SUCCESS, "PEK_CSR with the longest buffer");
	csr(dev, csr_buffer, DRIVER_MAX_BLOB + 1, EFAULT, UNTOUCHED,
		"PEK_CSR with a buffer longer than the driver takes: EFAULT");
	csr(dev, BAD_POINTER, CERT, EFAULT, PSP_SUCCESS, "PEK_CSR into a bad buffer: EFAULT");
}

/* --- PDH_GEN, PEK_GEN ------------------------------------------------------------------------ */

void check_generate(const struct device *dev)
{
	struct certificates before = export_certificates(dev), after;

	expect(dev->ro, SEV_PDH_GEN, NULL, EPERM, UNTOUCHED, "PDH_GEN, opened for reading: EPERM");
	expect(dev->ro, SEV_PEK_GEN, NULL, EPERM, UNTOUCHED, "PEK_GEN, opened for reading: EPERM");
	after = export_certificates(dev);
	check(!memcmp(&before, &after, sizeof(before)), "nothing has changed");

	expect(dev->rw, SEV_PDH_GEN, NULL, 0, PSP_SUCCESS, "PDH_GEN");
	after = export_certificates(dev);
	check(!same_body(&before.pdh, &after.pdh), "another PDH");
	check(!memcmp(&before.chain, &after.chain, CHAIN), "the same PEK, OCA and CEK");

	before = after;
	expect(dev->rw, SEV_PEK_GEN, NULL, 0, PSP_SUCCESS, "PEK_GEN");
	after = export_certificates(dev);
	check(!same_body(&before.pdh, &after.pdh), "another PDH");
	check(!same_body(&before.chain.pek, &after.chain.pek), "another PEK");
	check(!same_body(&before.chain.oca, &after.chain.oca), "another OCA");
	check(same_body(&before.chain.cek, &after.chain.cek), "the same CEK");
	check_contents(&after);
	keep_certificates("new", &after);
	check_flags(dev, FLAG_ES, "the platform is initialised, with SEV-ES");
}
