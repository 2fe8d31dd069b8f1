/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A platform owner's certificate authority (OCA): a key, its certificate, and a signature for a
 * platform's PEK. On libgcrypt alone; the model's own cryptography has no part in it.
 *
 * Source: AMD publication 55766, appendix C (SEV certificates).
 */
#ifndef TESTS_DRIVER_OCA_H
#define TESTS_DRIVER_OCA_H

#include "iodev/psp/psp_abi.h"

struct oca;

/* A fresh P-384 key. */
struct oca *oca_new(void);
void oca_free(struct oca *oca);

/* The owner's certificate, signed by itself. Its API version is 0.0, as tools make it. */
struct psp_cert oca_certificate(const struct oca *oca);

/* Signs the certificate in its first slot. */
void oca_sign(const struct oca *oca, struct psp_cert *cert);

#endif
