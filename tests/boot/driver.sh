#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=600
#
# Debian's Linux 6.12 as a SEV host: its own driver loads and makes /dev/sev, of which a program uses
# all there is. The certificates it hands out verify outside, up to the emulator's root, under two
# verifiers that share no code.
. tests/lib/boot.sh
. tests/lib/driver.sh
need "${OVMF-}" "${KERNEL_6_12_GENERIC-}"

new_case 6.12
start_host "$KERNEL_6_12_GENERIC" '' "psp: device=1, state=$dir/chip"
expect_tested_host "$dir/chip"

# What the verifiers say is worth something only if they can say no: a bit of the PDH's signature.
flip_bit "$dir/owned.chain" 1057
! verify owned "$dir/chip" || fail 'certificates with one bit wrong are accepted'
grep -q '^PDH <- PEK .* BAD' "$dir/owned.verified" || fail 'sev-owner does not see the wrong bit'
[ ! -e "$dir/owned.openssl" ] || grep -q '^link PDH PEK bad' "$dir/owned.openssl" ||
	fail 'verify-chain does not see the wrong bit'
