#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: limit=900
#
# Linux, measured and encrypted, with one, four and eight CPUs; and one that resets its machine: it goes on
# under its key, with the encrypted firmware in place.
. tests/lib/boot.sh
. tests/lib/linux.sh
need "${OVMF_AMDSEV-}" "${KERNEL_6_1-}"

# sev_start CPUS CMDLINE
sev_start()
{
	start "cpu: count=$1" "romimage: file=$OVMF_AMDSEV" 'sev: type=sev, kernel_hashes=1' \
		"fw_cfg: kernel=$KERNEL_6_1, initrd=$initrd" "fw_cfg: append=\"console=ttyS0 $2\""
}

for cpus in 1 4 8; do
	new_case "cpus-$cpus"
	sev_start $cpus ''
	await_end 300
	expect_status 0
	expect_linux $cpus
	expect_console 'Memory Encryption Features active: AMD SEV'
	[ "$(first_touches)" -gt 10000 ] || fail "only $(first_touches) pages became private"
done

new_case reset
sev_start 1 demo.reset
await 'demo: resetting' 200
until [ "$(grep -a -c 'demo: resetting' "$dir/serial.log")" -eq 2 ]; do
	kill -0 "$bochs" || { await_end 1; fail "bochs ended (status $status) after the reset"; }
	tick 200 'the guest has not come up again after its reset'
done
[ "$(grep -a -c 'Features active: AMD SEV' "$dir/serial.log")" -ge 2 ] ||
	fail 'after its reset the guest does not say that SEV is active'
stop
