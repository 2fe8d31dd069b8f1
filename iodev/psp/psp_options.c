/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/psp/psp_options.h"

#include <string.h>

#include "base/options.h"
#include "crypto/crypto.h"

static int set_seed(struct psp_options *options, const char *text, struct sev_error *err)
{
	size_t digits = strlen(text);
	uint8_t seed[PSP_SEED_MAX];
	bool legal = digits >= 2 && digits <= 2 * PSP_SEED_MAX && digits % 2 == 0 &&
		     sev_unhex(text, seed, digits / 2) == 0;

	if (legal) {
		memcpy(options->seed, seed, digits / 2);
		options->seed_size = digits / 2;
	}
	sev_wipe(seed, sizeof(seed));
	return legal ? 0
		     : sev_fail(err, "psp: seed=%s: legal are 1 to %d bytes in hexadecimal", text,
			       PSP_SEED_MAX);
}

int psp_options_set(struct psp_options *options, const char *parameter, struct sev_error *err)
{
	const struct sev_option table[] = {
		{ .name = "state", .kind = SEV_OPTION_TEXT, .value = &options->state },
		{ .name = "chain", .kind = SEV_OPTION_TEXT, .value = &options->chain },
		{ .name = "seed", .kind = SEV_OPTION_TEXT }, /* known, but not kept as text */
		{ .name = "device", .kind = SEV_OPTION_FLAG, .value = &options->device },
		{ .name = "trace", .kind = SEV_OPTION_TEXT, .value = &options->trace },
		{ .name = "trace_secrets",
			.kind = SEV_OPTION_FLAG,
			.value = &options->trace_secrets },
		{ .name = NULL },
	};

	if (!strncmp(parameter, "seed=", 5))
		return set_seed(options, parameter + 5, err);
	return sev_option_set("psp", table, parameter, err);
}

int psp_options_check(const struct psp_options *options, struct sev_error *err)
{
	if (options->trace_secrets && !options->trace)
		return sev_fail(
			err, "psp: trace_secrets=1: given without trace; legal with trace=FILE");
	return 0;
}

void psp_options_forget(struct psp_options *options)
{
	sev_wipe(options->seed, sizeof(options->seed));
	options->seed_size = 0;
}
