#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=900
#
# With `psp: seed=` and a fixed clock a run can be repeated: the same number of instructions, the same
# console, the same measurement, the same trace of commands. Another seed gives other random numbers,
# and another run.
. tests/lib/boot.sh
. tests/lib/linux.sh
need "${OVMF_AMDSEV-}" "${KERNEL_6_1-}"

# run NAME SEED
run()
{
	new_case "$1"
	start 'clock: sync=none, time0=946684800' "romimage: file=$OVMF_AMDSEV" \
		"sev: type=sev, kernel_hashes=1, report=$dir/launch.json" \
		"psp: seed=$2, trace=$dir/psp-trace.json, trace_secrets=1" \
		"fw_cfg: kernel=$KERNEL_6_1, initrd=$initrd" \
		'fw_cfg: append="console=ttyS0 demo.random"'
	await_end 250
	expect_status 0
	expect_console 'demo: random [0-9a-f]\{64\}'
	# Each line of the log begins with the number of instructions executed until then.
	tail -n 1 "$dir/bochs.log" | cut -c 1-11 >"$dir/instructions"
	grep -q '^[0-9]\{11\}$' "$dir/instructions" || fail 'the log does not count instructions'
	[ "$(cat "$dir/instructions")" -gt 1000000000 ] || fail 'too few instructions for a boot'
	grep 'pages converted' "$dir/out" >"$dir/pages" || fail 'no pages were converted'
	grep -a 'demo: random' "$dir/serial.log" >"$dir/random"
}

# same FILE: of the first two runs.
same()
{
	cmp "$boots/first/$1" "$boots/second/$1" || fail "two runs with the same seed differ in $1"
}

run first 0123456789abcdef
run second 0123456789abcdef
same instructions
same serial.log
same launch.json
same pages
same psp-trace.json
grep -q '"command":"LAUNCH_START".*"secrets":{"vek":"[0-9a-f]\{64\}"' "$dir/psp-trace.json" ||
	fail 'the trace does not show the keys that it was asked for'

run other fedcba9876543210
! cmp -s "$boots/first/random" "$dir/random" || fail 'another seed, but the same random numbers'
! cmp -s "$boots/first/psp-trace.json" "$dir/psp-trace.json" ||
	fail 'another seed, but the same trace'
! cmp -s "$boots/first/launch.json" "$dir/launch.json" || fail 'another seed, but the same measurement'
