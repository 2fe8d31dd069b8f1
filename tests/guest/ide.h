/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The disk of the machine (PIIX3 IDE, primary master), by bus-master DMA and by port. */
#ifndef IDE_H
#define IDE_H

#include "guest.h"

#define SECTOR 512u

/* Switches the controller on. */
void ide_init(void);

/*
 * Moves sectors between disk and the physical memory at page, which the device addresses without
 * C-bit. false: the controller or the drive reports an error.
 */
bool ide_read_dma(uint32_t sector, unsigned count, const void *page);
bool ide_write_dma(uint32_t sector, unsigned count, const void *page);

/* The processor's own way: string input from the data port, to a linear address. */
bool ide_read_pio(uint32_t sector, unsigned count, void *linear);

#endif
