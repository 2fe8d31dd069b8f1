/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bios/explain.h"

#include <stdio.h>
#include <stdlib.h>

#include "iodev/fw_cfg/fw_cfg.h"

/* Appends a whole item. */
static int fetch(struct fw_cfg *fw, uint16_t key, struct sev_blob *blob)
{
	size_t size = fw_cfg_size(fw, key);
	uint8_t *data = realloc(blob->data, blob->size + size + 1);

	if (!data)
		return -1;
	fw_cfg_io_write(fw, FW_CFG_PORT_SELECTOR, 2, key);
	fw_cfg_data_read(fw, data + blob->size, size);
	blob->data = data;
	blob->size += size;
	data[blob->size] = 0;
	return 0;
}

int explain_served(struct fw_cfg *fw, struct hashes *served)
{
	struct sev_blob kernel = { 0 }, initrd = { 0 }, cmdline = { 0 };
	int ret = -1;

	if (!fw || !fw_cfg_size(fw, FW_CFG_SETUP_DATA))
		return -1;
	if (!fetch(fw, FW_CFG_SETUP_DATA, &kernel) && !fetch(fw, FW_CFG_KERNEL_DATA, &kernel) &&
		!fetch(fw, FW_CFG_INITRD_DATA, &initrd) &&
		!fetch(fw, FW_CFG_CMDLINE_DATA, &cmdline)) {
		hashes_compute(&kernel, &initrd, (const char *)cmdline.data, served);
		ret = 0;
	}
	sev_blob_free(&kernel);
	sev_blob_free(&initrd);
	sev_blob_free(&cmdline);
	return ret;
}

void explain_boot(const struct explain_boot *boot, char *text, size_t size)
{
	struct sev_error difference;

	*text = 0;
	if (!boot->firmware_intact)
		snprintf(text, size, "the firmware in memory is no longer what was measured");
	else if (!boot->kernel_offered && boot->firmware_verifies)
		snprintf(text, size,
			"no kernel was given (fw_cfg: kernel=FILE) and this machine has "
			"nothing else that the firmware would start");
	else if (boot->report->has_hashes && boot->served &&
		 hashes_compare(
			 &boot->report->hashes, "measured", boot->served, "offered", &difference))
		snprintf(text, size, "the firmware refused the direct boot: %s", difference.text);
	else if (!boot->report->has_hashes && boot->firmware_verifies)
		snprintf(text, size,
			"the firmware verifies a direct boot and found no hashes of it: "
			"give sev: kernel_hashes=1");
	else if (boot->kernel_offered && !boot->kernel_read)
		snprintf(text, size, "the firmware did not read the kernel");
}
