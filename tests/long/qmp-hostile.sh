#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: limit=1800
#
# As tests/boot/qmp-hostile.sh: ten thousand requests, to an emulator whose memory is watched. Then Linux
# boots, is bothered all the time, and switches itself off.
B=${B:-build}
[ -x "$B/asan/bochs" ] || { echo "$B/asan/bochs: not built; make $B/asan/bochs"; exit 1; }
BOCHS=$(cd "$B" && pwd)/asan/bochs
# Bochs' own leaks are not what this is about: what is ours is looked for by name. What was freed is kept
# for a while, which would look like a leak of 256 MiB.
ASAN_OPTIONS=exitcode=0:detect_leaks=1:quarantine_size_mb=8
export B BOCHS ASAN_OPTIONS
REQUESTS=10000 tests/boot/qmp-hostile.sh || exit

. tests/lib/boot.sh
. tests/lib/linux.sh
need "${OVMF_AMDSEV-}" "${KERNEL_6_1-}"

new_case linux
start "romimage: file=$OVMF_AMDSEV" 'sev: type=sev, kernel_hashes=1' "qmp: socket=$dir/qmp" \
	"fw_cfg: kernel=$KERNEL_6_1, initrd=$initrd" 'fw_cfg: append="console=ttyS0"'
await_socket
seed=1
while kill -0 "$bochs" 2>/dev/null; do
	"$bin/check/qmp-hostile" "$dir/qmp" 100 $seed >>"$dir/hostile" 2>&1 || :
	seed=$((seed + 1))
	[ $seed -lt 5000 ] || fail 'the guest does not end'
done
await_end 10
expect_linux 1
[ "$(grep -c requests$ "$dir/hostile")" -gt 10 ] || fail "$(tail -n 5 "$dir/hostile")"
expect_no_sanitizer_report
