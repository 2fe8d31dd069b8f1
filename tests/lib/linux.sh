# SPDX-License-Identifier: LGPL-2.1-or-later
# For sh, after boot.sh: guests that run Linux with the demo's initramfs.

initrd=$B/demo-initrd.img

# Made by whoever needs it first; tests run side by side.
prepared=$(mktemp -d "$bin/boot.XXXXXX")
demo/files "$prepared" >"$prepared/out" 2>&1 || { cat "$prepared/out"; exit 77; }
rm -rf "$prepared"

# expect_linux CPUS: Linux came up with all its devices and switched itself off.
expect_linux()
{
	expect_console 'Linux version'
	expect_console 'ACPI: RSDP'
	expect_console 'ACPI: Core revision'
	expect_console 'IOAPIC\[0\]: apic_id'
	expect_console "smp: Brought up 1 node, $1 CPU"
	expect_console "demo: guest runs Linux .* on $1 CPU(s)"
	expect_console 'demo: switching off'
	expect_no_console 'Kernel panic'
	expect_no_console 'Oops'
}
