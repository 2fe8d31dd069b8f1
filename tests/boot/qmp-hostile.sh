#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=600
#
# Hostile clients at the control socket while an encrypted guest boots: the guest gets as far as ever,
# the emulator's memory stays bounded, its end is orderly, and what it says about leaks (of a build with
# AddressSanitizer) has nothing of ours in it.
#
# REQUESTS how many at least (default 1000), BOCHS another emulator.
. tests/lib/boot.sh
need "${OVMF-}"
hostile=$bin/check/qmp-hostile
[ -x "$hostile" ] || fail "$hostile: not built"
requests=${REQUESTS:-1000}
limit_kib=65536 # of what the clients may make the emulator keep: a value, its tokens, a queue of answers

resident()
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$bochs/status"
}

new_case "requests-$requests"
start "romimage: file=$OVMF" "qmp: socket=$dir/qmp" 'sev: type=sev'
await_socket
"$hostile" "$dir/qmp" $((requests / 2)) 1 >"$dir/first" 2>&1 || fail "$(cat "$dir/first")"
await 'Shell>' 400
before=$(resident)
"$hostile" "$dir/qmp" $((requests / 2)) 2 >"$dir/second" 2>&1 || fail "$(cat "$dir/second")"
after=$(resident)
echo "$(cat "$dir/first" "$dir/second" | tr '\n' ' '): resident $before KiB, then $after KiB"
[ $((after - before)) -lt $limit_kib ] || fail "resident memory: $before KiB, then $after KiB"

reply=$(qmp query-status) || fail "query-status: $reply"
[ "$reply" = '{"status":"running","running":true}' ] || fail "query-status: $reply"
reply=$(qmp quit) || fail "quit: $reply"
await_end 60
expect_no_sanitizer_report
[ -n "${BOCHS-}" ] || expect_status 0
