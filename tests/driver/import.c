/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PEK_CERT_IMPORT: a platform gets an owner; FACTORY_RESET: and loses it. */
#include "tests/driver/oca.h"
#include "tests/driver/sev-ioctl.h"

#include <stdio.h>
#include <string.h>

#define CERT ((uint32_t)sizeof(struct psp_cert))

/* The two files that an owner hands to a platform; longer than a certificate for wrong lengths. */
struct request {
	struct psp_cert pek;
	uint8_t behind_pek[16];
	struct psp_cert oca;
	uint8_t behind_oca[DRIVER_MAX_BLOB];
};

static struct sev_user_data_pek_cert_import import_of(const struct request *request)
{
	return (struct sev_user_data_pek_cert_import) { (uintptr_t)&request->pek, CERT,
		(uintptr_t)&request->oca, CERT };
}

static bool import(const struct device *dev, const struct request *request, int want,
	uint32_t firmware, const char *what)
{
	struct sev_user_data_pek_cert_import cmd = import_of(request);

	return expect(dev->rw, SEV_PEK_CERT_IMPORT, &cmd, want, firmware, what);
}

/* What an owner makes for this platform. */
static struct request make_request(const struct device *dev, const struct oca *oca)
{
	struct request request = { .pek = export_csr(dev), .oca = oca_certificate(oca) };

	oca_sign(oca, &request.pek);
	return request;
}

/* --- what is refused ------------------------------------------------------------------------- */

/* What the driver itself refuses: addresses and lengths of one of the two certificates. */
static void check_addresses(const struct device *dev, const struct request *request, bool oca)
{
	static const struct {
		bool bad_address, no_address;
		uint32_t length;
		int want;
		const char *what;
	} cases[] = {
		{ false, true, CERT, EINVAL, "no address: EINVAL" },
		{ false, false, 0, EINVAL, "no length: EINVAL" },
		{ false, false, DRIVER_MAX_BLOB + 1, EINVAL,
			"longer than the driver takes: EINVAL" },
		{ true, false, CERT, EFAULT, "bad pointer: EFAULT" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sev_user_data_pek_cert_import cmd = import_of(request);
		uint64_t address = (uintptr_t)(oca ? &request->oca : &request->pek);
		char what[80];

		if (cases[i].bad_address)
			address = (uintptr_t)BAD_POINTER;
		if (cases[i].no_address)
			address = 0;
		if (oca) {
			cmd.oca_cert_address = address;
			cmd.oca_cert_len = cases[i].length;
		} else {
			cmd.pek_cert_address = address;
			cmd.pek_cert_len = cases[i].length;
		}
		snprintf(what, sizeof(what), "PEK_CERT_IMPORT, %s: %s", oca ? "OCA" : "PEK",
			cases[i].what);
		expect(dev->rw, SEV_PEK_CERT_IMPORT, &cmd, cases[i].want, UNTOUCHED, what);
	}
}

static void check_lengths(const struct device *dev, const struct request *request)
{
	struct sev_user_data_pek_cert_import cmd = import_of(request);

	cmd.pek_cert_len = CERT - 1;
	expect(dev->rw, SEV_PEK_CERT_IMPORT, &cmd, EIO, PSP_INVALID_LENGTH,
		"PEK_CERT_IMPORT, PEK too short: INVALID_LENGTH");
	cmd.pek_cert_len = CERT + 1;
	expect(dev->rw, SEV_PEK_CERT_IMPORT, &cmd, EIO, PSP_INVALID_LENGTH,
		"PEK_CERT_IMPORT, PEK too long: INVALID_LENGTH");
	cmd = import_of(request);
	cmd.oca_cert_len = CERT - 1;
	expect(dev->rw, SEV_PEK_CERT_IMPORT, &cmd, EIO, PSP_INVALID_LENGTH,
		"PEK_CERT_IMPORT, OCA too short: INVALID_LENGTH");
	cmd.oca_cert_len = DRIVER_MAX_BLOB;
	expect(dev->rw, SEV_PEK_CERT_IMPORT, &cmd, EIO, PSP_INVALID_LENGTH,
		"PEK_CERT_IMPORT, OCA too long: INVALID_LENGTH");
}

static void check_certificates(
	const struct device *dev, const struct request *good, const struct oca *oca)
{
	struct oca *other = oca_new();
	struct request bad = { 0 };

	import(dev, &bad, EIO, PSP_INVALID_CERTIFICATE, "PEK_CERT_IMPORT of zeros");
	bad = *good;
	bad.pek = good->oca;
	bad.oca = good->pek;
	import(dev, &bad, EIO, PSP_INVALID_CERTIFICATE, "PEK_CERT_IMPORT, PEK and OCA exchanged");
	bad = *good;
	bad.pek.pubkey = good->oca.pubkey;
	oca_sign(oca, &bad.pek);
	import(dev, &bad, EIO, PSP_INVALID_CERTIFICATE, "PEK_CERT_IMPORT of another PEK");
	bad = *good;
	bad.oca.pubkey.qx[0] ^= 1;
	import(dev, &bad, EIO, PSP_INVALID_CERTIFICATE,
		"PEK_CERT_IMPORT, OCA's point not on the curve");
	bad = *good;
	oca_sign(other, &bad.pek);
	import(dev, &bad, EIO, PSP_BAD_SIGNATURE, "PEK_CERT_IMPORT, signed by another OCA");
	bad = *good;
	bad.pek.sig[0].ecdsa.r[0] ^= 1;
	import(dev, &bad, EIO, PSP_BAD_SIGNATURE, "PEK_CERT_IMPORT, PEK's signature damaged");
	bad = *good;
	bad.oca.sig[0].ecdsa.s[47] ^= 1;
	import(dev, &bad, EIO, PSP_BAD_SIGNATURE, "PEK_CERT_IMPORT, OCA's signature damaged");
	oca_free(other);
}

/* --- what is done ---------------------------------------------------------------------------- */

static void check_owned(const struct device *dev, const struct request *good,
	const struct certificates *before, const char *name)
{
	struct certificates after;

	import(dev, good, 0, PSP_SUCCESS, "PEK_CERT_IMPORT");
	after = export_certificates(dev);
	check(!memcmp(&after.chain.oca, &good->oca, CERT), "the OCA is the owner's");
	check(same_body(&after.chain.pek, &before->chain.pek), "the PEK has kept its key");
	check(!memcmp(&after.chain.pek.sig[0], &good->pek.sig[0], sizeof(good->pek.sig[0])) &&
			after.chain.pek.sig[1].usage == PSP_USAGE_CEK,
		"the PEK is signed by the owner and by the CEK");
	check(!same_body(&after.pdh, &before->pdh), "another PDH");
	check(same_body(&after.chain.cek, &before->chain.cek), "the same CEK");
	keep_certificates(name, &after);
	check_flags(dev, FLAG_ES | FLAG_OWNER, "the platform has an owner");

	import(dev, good, EIO, PSP_ALREADY_OWNED, "PEK_CERT_IMPORT again: ALREADY_OWNED");
	expect(dev->rw, SEV_PDH_GEN, NULL, 0, PSP_SUCCESS, "PDH_GEN of an owned platform");
	check_flags(dev, FLAG_ES | FLAG_OWNER, "... which keeps its owner");
	after = export_certificates(dev);
	check(!memcmp(&after.chain.oca, &good->oca, CERT), "... and its owner's certificate");
}

void check_import(const struct device *dev)
{
	struct certificates before = export_certificates(dev), after;
	struct oca *oca = oca_new();
	struct request good = make_request(dev, oca);
	struct sev_user_data_pek_cert_import cmd = import_of(&good);

	expect(dev->ro, SEV_PEK_CERT_IMPORT, &cmd, EPERM, UNTOUCHED,
		"PEK_CERT_IMPORT, opened for reading: EPERM");
	expect(dev->rw, SEV_PEK_CERT_IMPORT, BAD_POINTER, EFAULT, UNTOUCHED,
		"PEK_CERT_IMPORT with a bad pointer: EFAULT");
	check_addresses(dev, &good, false);
	check_addresses(dev, &good, true);
	check_lengths(dev, &good);
	check_certificates(dev, &good, oca);
	after = export_certificates(dev);
	check(!memcmp(&before, &after, sizeof(before)), "what was refused has changed nothing");
	check_flags(dev, FLAG_ES, "the platform has no owner");
	check_owned(dev, &good, &before, "owned");
	expect(dev->rw, SEV_PEK_GEN, NULL, 0, PSP_SUCCESS, "PEK_GEN of an owned platform");
	check_flags(dev, FLAG_ES, "... takes its owner away");
	after = export_certificates(dev);
	check(!same_body(&after.chain.oca, &good.oca), "... and makes an OCA of its own");
	import(dev, &good, EIO, PSP_INVALID_CERTIFICATE,
		"PEK_CERT_IMPORT of the PEK that was before: INVALID_CERTIFICATE");
	oca_free(oca);
}

/* --- FACTORY_RESET --------------------------------------------------------------------------- */

/* After a reset any driver initialises the platform for whatever needs it. */
void check_reset(const struct device *dev)
{
	struct oca *oca = oca_new();
	struct request good = make_request(dev, oca);
	struct certificates before, after;
	struct sev_user_data_status status;
	struct sev_user_data_pdh_cert_export query = { 0 };

	import(dev, &good, 0, PSP_SUCCESS, "PEK_CERT_IMPORT");
	before = export_certificates(dev);
	expect(dev->ro, SEV_FACTORY_RESET, NULL, EPERM, UNTOUCHED,
		"FACTORY_RESET, opened for reading: EPERM");
	check_flags(dev, FLAG_ES | FLAG_OWNER, "the platform has an owner");

	expect(dev->rw, SEV_FACTORY_RESET, NULL, 0, PSP_SUCCESS, "FACTORY_RESET");
	status = platform_status(dev);
	check(status.state == PSP_PLATFORM_UNINIT && !status.flags && !status.guest_count,
		"the platform is not initialised");
	expect(dev->ro, SEV_PDH_CERT_EXPORT, &query, EPERM, UNTOUCHED,
		"PDH_CERT_EXPORT, opened for reading, would initialise it: EPERM");
	expect(dev->rw, SEV_FACTORY_RESET, NULL, 0, PSP_SUCCESS, "FACTORY_RESET again");

	after = export_certificates(dev);
	check(!same_body(&before.pdh, &after.pdh), "another PDH");
	check(!same_body(&before.chain.pek, &after.chain.pek), "another PEK");
	check(!same_body(&before.chain.oca, &after.chain.oca), "another OCA");
	check(same_body(&before.chain.cek, &after.chain.cek), "the same CEK");
	keep_certificates("reset", &after);

	good = make_request(dev, oca);
	check(same_body(&good.pek, &after.chain.pek), "the new keys are kept");
	import(dev, &good, 0, PSP_SUCCESS, "PEK_CERT_IMPORT after FACTORY_RESET");
	import(dev, &good, EIO, PSP_ALREADY_OWNED, "PEK_CERT_IMPORT again: ALREADY_OWNED");
	expect(dev->rw, SEV_FACTORY_RESET, NULL, 0, PSP_SUCCESS, "FACTORY_RESET");
	expect(dev->rw, SEV_PDH_GEN, NULL, 0, PSP_SUCCESS, "PDH_GEN initialises the platform");
	expect(dev->rw, SEV_FACTORY_RESET, NULL, 0, PSP_SUCCESS, "FACTORY_RESET");
	expect(dev->rw, SEV_PEK_GEN, NULL, 0, PSP_SUCCESS, "PEK_GEN initialises the platform");
	oca_free(oca);
}
