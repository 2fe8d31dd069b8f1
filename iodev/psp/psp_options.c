/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/psp/psp_options.h"

#include <string.h>

#include "base/options.h"

static bool seed_legal(const char *text)
{
	uint8_t bytes[PSP_SEED_MAX];
	size_t digits = strlen(text);

	return digits >= 2 && digits <= 2 * PSP_SEED_MAX && digits % 2 == 0 &&
	       sev_unhex(text, bytes, digits / 2) == 0;
}

int psp_options_set(struct psp_options *options, const char *parameter, struct sev_error *err)
{
	const struct sev_option table[] = {
		{ .name = "state", .kind = SEV_OPTION_TEXT, .value = &options->state },
		{ .name = "seed", .kind = SEV_OPTION_TEXT, .value = &options->seed },
		{ .name = NULL },
	};

	if (!strncmp(parameter, "seed=", 5) && !seed_legal(parameter + 5))
		return sev_fail(err, "psp: %s: legal are 1 to %d bytes in hexadecimal", parameter,
			PSP_SEED_MAX);
	return sev_option_set("psp", table, parameter, err);
}

size_t psp_options_seed(const struct psp_options *options, uint8_t seed[PSP_SEED_MAX])
{
	if (!options->seed)
		return 0;
	size_t size = strlen(options->seed) / 2;

	sev_unhex(options->seed, seed, size);
	return size;
}
