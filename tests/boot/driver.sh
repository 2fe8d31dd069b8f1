#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=600
#
# Debian's Linux 6.12 as a SEV host: its own driver loads and makes /dev/sev, of which a program uses all
# there is. The certificates it hands out verify outside, under two verifiers that share no code.
. tests/lib/boot.sh
. tests/lib/driver.sh
need "${OVMF-}" "${KERNEL_6_12_GENERIC-}"

new_case 6.12
start_host "$KERNEL_6_12_GENERIC" '' 'psp: device=1'
expect_driver
driver_says 'sev enabled'
driver_says 'SEV API:1.55 build:21'
expect_checks
for each in self new owned reset; do
	chain $each
done
