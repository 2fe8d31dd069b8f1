#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=900
#
# The demo, twice in the same place, and what it keeps, judged by programs that share no code with it.
. tests/lib/boot.sh
need "${OVMF_AMDSEV-}" "${KERNEL_6_1-}"

# hex FILE
hex()
{
	od -An -v -tx1 "$1" | tr -d ' \n'
}

# What the chip was asked to do, by whom, in one line of JSON each; and no key in it.
expect_trace()
{
	commands=$(jq -r 'select(.command | endswith("_STATUS") | not) |
		"\(.who) \(.command) \(.status)"' "$dir/psp-trace.json") ||
		fail 'the trace is not a line of JSON for each command'
	[ "$commands" = 'launch INIT SUCCESS
launch DF_FLUSH SUCCESS
launch LAUNCH_START SUCCESS
launch ACTIVATE SUCCESS
launch LAUNCH_UPDATE_DATA SUCCESS
launch LAUNCH_UPDATE_DATA SUCCESS
launch LAUNCH_MEASURE SUCCESS
monitor LAUNCH_SECRET SUCCESS
launch LAUNCH_FINISH SUCCESS' ] || fail "the trace has other commands: $commands"
	[ "$(jq -r 'select(.digest) | .digest' "$dir/psp-trace.json" | tail -n 1)" = \
		"$(jq -r '."launch-digest"' "$dir/launch.json")" ] ||
		fail 'the trace has another launch digest'
	for key in tik tek; do
		[ -s "$dir/$key.bin" ] || fail "no $key.bin"
		! grep -q -i -e "$(hex "$dir/$key.bin")" "$dir/psp-trace.json" ||
			fail "the trace shows the $key"
	done
}

# run_demo NAME [VARIABLE=VALUE]...
run_demo()
{
	new_case "$1"
	shift
	rm -rf "$dir"
	env DEMO_DIR="$dir" "$@" demo/run || fail "demo/run: exit status $?"
	for each in firmware.fd vmlinuz initrd.img cmdline.txt bochsrc tik.bin tek.bin secret.txt \
		launch.json serial.log psp-trace.json memory.raw summary.json; do
		[ -s "$dir/$each" ] || fail "$each is not kept"
	done
	expect_console 'Memory Encryption Features active: AMD SEV'
	expect_console "$(cat "$dir/secret.txt")"
	# That it is the mapping with the C-bit that shows the secret.
	expect_console 'show-secret: mmap() of /dev/mem: plaintext'
	expect_console 'show-secret: read() of /dev/mem: ciphertext'
	expect_trace
	"$dir/check-independent" --require-libvirt || fail 'check-independent disagrees'
	rm "$dir/memory.raw"
}

if [ $# -gt 0 ]; then
	run_demo "$@"
	exit
fi
run_demo demo
first=$(cat "$dir/secret.txt")
run_demo demo
[ "$first" != "$(cat "$dir/secret.txt")" ] || fail 'two runs have the same secret'

# An owner can know the initramfs' hash only if everybody who builds it gets the same bytes.
demo/initrd "$dir/again.img"
cmp "$dir/initrd.img" "$dir/again.img" || fail 'two builds of the initramfs differ'

# What is wrong must be noticed.
cp "$dir/launch.json" "$dir/kept.json"
sed -i 's/"launch-digest": *"\(.\)/&\1/' "$dir/launch.json"
! "$dir/check-independent" >/dev/null 2>&1 || fail 'check-independent accepts another digest'
mv "$dir/kept.json" "$dir/launch.json"
printf ' ' >>"$dir/cmdline.txt"
! "$dir/check-independent" >/dev/null 2>&1 || fail 'check-independent accepts another command line'

# A guest that says nothing of a secret is a failure, in one line, and leaves no emulator behind.
new_case no-secret
rm -rf "$dir"
status=0
DEMO_DIR=$dir DEMO_CMDLINE='console=ttyS0 demo.hold' demo/run >"$boots/no-secret.out" 2>&1 || status=$?
[ $status -eq 1 ] || fail "demo/run: exit status $status, expected 1"
grep -q '^demo: the guest received "" instead of' "$boots/no-secret.out" ||
	fail "demo/run does not say what is missing: $(tail -n 3 "$boots/no-secret.out")"
rm -f "$dir/memory.raw"
