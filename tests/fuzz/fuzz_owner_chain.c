/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a platform hands to the guest owner's tool: certificates, binary or base64, and the launch
 * report. The input goes to both readers.
 */
#include <stdlib.h>
#include <string.h>

/* The tool is no library: its one file that reads foreign bytes is compiled in here. */
#include "tools/sev-owner-chain.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct owner_chain chain;
	struct report report;
	struct sev_error err;

	if (!ready)
		sev_crypto_init();
	ready = true;
	switch (owner_chain_parse("input", data, size, &chain, &err)) {
	case OWNER_OK:
		if (!sev_p384_on_curve(&chain.key) || (chain.has_root && !chain.has_chain))
			abort();
		break;
	case OWNER_REFUSED:
	case OWNER_WRONG_USE:
		if (strncmp(err.text, "input: ", 7))
			abort();
		break;
	}
	if (!report_parse("input", (const char *)data, size, &report, &err) &&
		report.regions > REPORT_REGIONS)
		abort();
	return 0;
}
