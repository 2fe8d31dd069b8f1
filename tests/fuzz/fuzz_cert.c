/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates of strangers: every parser and every verification on any bytes. */
#include <stdlib.h>
#include <string.h>

#include "iodev/psp/cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a parser accepted must lie within the data. */
static void check_bounds(const struct psp_amd_key *key, const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;

	if (key->size > size || key->exponent + key->exponent_size > end ||
		key->modulus + key->modulus_size > end ||
		key->signature + key->signature_size > end)
		abort();
}

static void amd_certs(const uint8_t *data, size_t size)
{
	struct psp_amd_key first, second;
	struct sev_error err;

	if (psp_amd_cert_parse(data, size, true, &first, &err) != 0)
		return;
	check_bounds(&first, data, size);
	psp_amd_cert_verify(&first, &first, &err);
	data += first.size;
	size -= first.size;
	if (psp_amd_cert_parse(data, size, false, &second, &err) != 0)
		return;
	check_bounds(&second, data, size);
	psp_amd_cert_verify(&first, &second, &err);
	data += second.size;
	size -= second.size;
	if (size >= sizeof(struct psp_cert))
		psp_cert_verify_rsa((const struct psp_cert *)data, &first, &err);
}

static void sev_certs(const uint8_t *data, size_t size)
{
	static const uint32_t usages[] = { PSP_USAGE_OCA, PSP_USAGE_PEK, PSP_USAGE_PDH,
		PSP_USAGE_CEK };
	const struct psp_cert *cert = (const struct psp_cert *)data;
	struct sev_p384_public pub;
	struct sev_error err;

	if (size < sizeof(*cert))
		return;
	for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
		if (psp_cert_check(cert, usages[i], &pub, &err) == 0 && !sev_p384_on_curve(&pub))
			abort();
	}
	psp_cert_verify(cert, cert, &err);
	if (size >= sizeof(*cert) + sizeof(struct psp_cert_chain))
		psp_chain_verify(cert, (const struct psp_cert_chain *)(cert + 1), NULL, NULL, &err);
	if (size >= sizeof(*cert) + sizeof(struct psp_attestation_report))
		psp_report_verify((const struct psp_attestation_report *)(cert + 1), cert, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	sev_crypto_init();
	amd_certs(data, size);
	sev_certs(data, size);
	return 0;
}
