#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: limit=1800
#
# More of Linux as a SEV host: both kernels, two CPUs, a chip that keeps its identity, the driver with
# other parameters, and machines that are no such host.
. tests/lib/boot.sh
. tests/lib/driver.sh
need "${OVMF-}" "${KERNEL_6_1_GENERIC-}" "${KERNEL_6_12_GENERIC-}"

new_case 6.1
start_host "$KERNEL_6_1_GENERIC" '' "psp: device=1, state=$dir/chip, trace=$dir/trace"
expect_tested_host "$dir/chip"
chip=$dir/chip

# Every line is JSON, and the commands that the driver gives are all there.
jq -s -e 'all(.command and .status and .who)' "$dir/trace" >/dev/null ||
	fail 'the trace is not a line of JSON for each command'
for each in PLATFORM_STATUS INIT DF_FLUSH GET_ID PDH_CERT_EXPORT PEK_CSR PEK_CERT_IMPORT PDH_GEN \
	PEK_GEN SHUTDOWN PLATFORM_RESET; do
	jq -s -e "any(.command == \"$each\" and .status == \"SUCCESS\")" "$dir/trace" >/dev/null ||
		fail "the trace has no $each that was done"
done

# The same chip in other runs, under either kernel.
new_case state-6.1
start_host "$KERNEL_6_1_GENERIC" 'host.run=keep' "psp: device=1, state=$chip"
expect_driver
chain self "$chip"
first=$dir/self.chain
new_case state-6.12
start_host "$KERNEL_6_12_GENERIC" 'host.run=keep' "psp: device=1, state=$chip"
expect_driver
chain self "$chip"
cmp "$first" "$dir/self.chain" || fail 'the chip has not kept its certificates'

new_case 6.12-cpus-2
start_host "$KERNEL_6_12_GENERIC" '' 'cpu: count=2' 'psp: device=1'
expect_tested_host
expect_console 'smp: Brought up 1 node, 2 CPUs'

# Every ioctl again, with a chip that keeps everything in a file of the host's.
new_case 6.1-init-ex
start_host "$KERNEL_6_1_GENERIC" 'ccp.init_ex_path=/run/nv' 'psp: device=1'
expect_tested_host
driver_says 'SEV: /run/nv does not exist and will be created later'

for version in 6.1 6.12; do
	case $version in
	6.1) kernel=$KERNEL_6_1_GENERIC ;;
	6.12) kernel=$KERNEL_6_12_GENERIC ;;
	esac
	new_case reload-$version
	start_host "$kernel" 'host.run=reload' 'psp: device=1'
	expect_driver 'retrying INIT command because of SECURE_DATA_INVALID'
	expect_checks
	chain self
done

# A machine that is reset under the driver comes up again, with the same chip.
new_case reset
start_host "$KERNEL_6_1_GENERIC" 'host.run=reset' 'psp: device=1'
await 'host: resetting' 200
until [ "$(grep -a -c 'host: resetting' "$dir/serial.log")" -eq 2 ]; do
	kill -0 "$bochs" || { await_end 1; fail "bochs ended (status $status) after the reset"; }
	tick 200 'the host has not come up again after its reset'
done
stop
expect_console '^API 1.55 build 21 state 1 '
expect_no_console 'exit status [1-9]'
[ "$(grep -a -c '^host: self ends' "$dir/serial.log")" -eq 2 ] || fail 'no certificates'
[ "$(certificates self | sort -u | wc -l)" -eq "$(($(certificates self | wc -l) / 2))" ] ||
	fail 'after the reset the chip has other certificates'

# No such function on the PCI bus, nothing to drive.
new_case no-device
start_host "$KERNEL_6_1_GENERIC" '' 'psp: device=0'
expect_driver
expect_console 'sev-ioctl: /dev/sev: No such file or directory'
expect_console 'host: sev-ioctl exit status 2'
expect_no_console 'sev enabled'

# And a processor that could not be its host is refused.
new_case other-cpu
start_host "$KERNEL_6_1_GENERIC" '' 'cpu: model=corei7_skylake_x' 'psp: device=1'
await_end 30
expect_status 2
expect_output 'cpu: model=corei7_skylake_x: has no SEV'
