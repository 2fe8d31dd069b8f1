/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/crypto.h"
#include "crypto/gcry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEED "1.9.0" /* Debian 12 has 1.10.1 */

void sev_gcry_check(gcry_error_t error, const char *what)
{
	if (!error)
		return;
	fprintf(stderr, "libgcrypt: %s: %s\n", what, gcry_strerror(error));
	abort();
}

void sev_crypto_init(void)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return;
	if (!gcry_check_version(NEED)) {
		fprintf(stderr, "libgcrypt %s found, " NEED " or newer is needed\n",
			gcry_check_version(NULL));
		abort();
	}
	/* An emulator's secrets are as swappable as the guest memory they protect. */
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

bool sev_equal(const void *a, const void *b, size_t size)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < size; i++)
		differ |= x[i] ^ y[i];
	return differ == 0;
}

void sev_wipe(void *data, size_t size)
{
	explicit_bzero(data, size);
}
