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
start_host "$KERNEL_6_12_GENERIC" '' "psp: device=1, state=$dir/chip, chain=$dir/published.chain" \
	"qmp: socket=$dir/qmp"
await 'Linux version' 200
[ "$(qmp query-sev-capabilities)" = "SEV: the Secure Processor is the machine's own (psp: device=1)" ] ||
	fail 'the control socket uses the chip that the machine drives'
expect_tested_host "$dir/chip"

# What the emulator publishes is the chip as the driver has left it, and complete.
"$bin/sev-owner" chain --root emulated "$dir/published.chain" >"$dir/published" ||
	fail 'chain=: the file does not verify'
grep -q '7 of 7 links verified' "$dir/published" || fail 'chain=: the file is not complete'
"$bin/bochs" --sev-capabilities --state "$dir/chip" >"$dir/capabilities"
for each in pdh cert-chain; do
	jq -r ".\"$each\"" "$dir/capabilities" | base64 -d
done | cmp -n $((3 * 2084)) - "$dir/published.chain" ||
	fail 'chain=: not the certificates of the last change'

# The log says why a command of the driver failed.
grep -q 'PEK_CERT_IMPORT: ALREADY_OWNED: ' "$dir/bochs.log" || fail 'the log does not say why'

# What the verifiers say is worth something only if they can say no: a bit of the PDH's signature.
flip_bit "$dir/owned.chain" 1057
! verify owned "$dir/chip" || fail 'certificates with one bit wrong are accepted'
grep -q '^PDH <- PEK .* BAD' "$dir/owned.verified" || fail 'sev-owner does not see the wrong bit'
[ ! -e "$dir/owned.openssl" ] || grep -q '^link PDH PEK bad' "$dir/owned.openssl" ||
	fail 'verify-chain does not see the wrong bit'
