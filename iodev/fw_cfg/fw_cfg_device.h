/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fw_cfg device of this machine. C++: for glue only. Nothing here is valid before the device's
 * init(), which Bochs calls before it resets the machine.
 */
#ifndef SEV_FW_CFG_DEVICE_H
#define SEV_FW_CFG_DEVICE_H

#include "iodev/fw_cfg/machine.h"

/*
 * Kernel, initrd and command line as they are hashed: the files, before any tampering. kernel.data
 * is NULL if there is no direct boot. NULL: the machine has no fw_cfg device.
 */
const struct fw_cfg_blobs *sev_fw_cfg_blobs();

/* What the guest has read of them since reset. All false without a device. */
void sev_fw_cfg_progress(struct fw_cfg_progress *progress);

/* The device's model, to read items back; NULL without a device. */
struct fw_cfg *sev_fw_cfg();

#endif
