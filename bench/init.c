/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All of user space of the guest that make bench boots from a disk: says that it runs, and ends the
 * emulator through the port that every Bochs has for this, as without fw_cfg there is no ACPI that
 * could switch the machine off.
 */
#include <sys/io.h>
#include <unistd.h>

#define SHUTDOWN_PORT 0x8900

int main(void)
{
	static const char hello[] = "bench: user space runs\n";

	if (write(STDOUT_FILENO, hello, sizeof(hello) - 1) < 0 || iopl(3))
		return 1; /* the kernel panics, and the run is not counted */
	sleep(1);	  /* what was written has to leave the serial port */
	for (const char *byte = "Shutdown"; *byte; byte++)
		outb((unsigned char)*byte, SHUTDOWN_PORT);
	pause();
	return 1;
}
