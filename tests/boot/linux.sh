#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=900
#
# Linux from fw_cfg, with ACPI, I/O APIC and several CPUs, until it switches itself off. No SEV.
. tests/lib/boot.sh
. tests/lib/linux.sh
need "${OVMF-}" "${KERNEL_6_1-}"

for cpus in 1 4; do
	new_case "cpus-$cpus"
	start "cpu: model=epyc_milan, count=$cpus" "romimage: file=$OVMF" 'sev: type=none' \
		"fw_cfg: kernel=$KERNEL_6_1, initrd=$initrd" 'fw_cfg: append="console=ttyS0"'
	await_end 400
	expect_status 0
	expect_linux $cpus
	expect_no_console 'Memory Encryption Features active'
done
