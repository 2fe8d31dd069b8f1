/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to crypto/. */
#ifndef SEV_CRYPTO_GCRY_H
#define SEV_CRYPTO_GCRY_H

#include <gcrypt.h>

/* libgcrypt failed where only a defect or exhausted memory can make it fail: says so and aborts. */
void sev_gcry_check(gcry_error_t error, const char *what);

#endif
