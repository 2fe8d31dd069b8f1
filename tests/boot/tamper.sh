#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=900
#
# A guest other than the owner expects: the owner refuses it, and is told which part. A guest changed
# after it was measured: its firmware refuses it, and the run says which part. Launches that the
# Secure Processor refuses: wrong policy, a session for another chip.
. tests/lib/boot.sh
. tests/lib/linux.sh
. tests/lib/owner.sh
need "${OVMF_AMDSEV-}" "${OVMF-}" "${KERNEL_6_1-}"
cmdline='console=ttyS0 quiet'

# launch POLICY LINE...: with the owner's session, under a host that does what the lines say.
launch()
{
	policy=$1
	shift
	start "romimage: file=$OVMF_AMDSEV" "sev: type=sev, policy=$policy, kernel_hashes=1" \
		"sev: dh_cert_file=$boots/owner_godh.b64, session_file=$boots/owner_session.b64" \
		"sev: report=$dir/launch.json" "psp: state=$boots/chip" \
		"fw_cfg: kernel=$KERNEL_6_1, initrd=$initrd" "fw_cfg: append=\"$cmdline\"" "$@"
}

# verify POLICY: what the owner says of the launch; exit status in $status.
verify()
{
	measurement=$(qmp query-sev-launch-measure) || fail "query-sev-launch-measure: $measurement"
	measurement=$(printf '%s' "$measurement" | jq -r .data)
	[ "$(jq -r .data "$dir/launch.json")" = "$measurement" ] || fail 'the report is of another launch'
	status=0
	"$bin/sev-owner" verify --tik "$boots/owner_tik.bin" --report "$dir/launch.json" \
		--policy "$1" --firmware "$OVMF_AMDSEV" --kernel "$KERNEL_6_1" --initrd "$initrd" \
		--cmdline "$cmdline" >"$dir/verify" 2>&1 || status=$?
}

# refused PART LINE...: the host launches something else instead of the part.
refused()
{
	part=$1
	shift
	launch 0x1 "qmp: socket=$dir/qmp, paused=1" "$@"
	await_socket
	verify 0x1
	[ $status -eq 1 ] || fail "the owner's verdict is $status: $(cat "$dir/verify")"
	grep -q "does not verify: $part differs" "$dir/verify" ||
		fail "the owner does not say that the $part differs: $(cat "$dir/verify")"
	grep -o differs "$dir/verify" | wc -l | grep -qx ' *1' ||
		fail "more than the $part differs: $(cat "$dir/verify")"
	stop
}

# changed FILE AS: a copy with one bit flipped in the middle.
changed()
{
	cp "$1" "$dir/$2"
	flip_bit "$dir/$2" $(($(wc -c <"$1") / 2))
}

# ---- Before it was measured ----------------------------------------------------------------------

make_chip chip
make_session chip 0x1

new_case untouched
launch 0x1 "qmp: socket=$dir/qmp, paused=1"
await_socket
verify 0x1
[ $status -eq 0 ] || fail "the owner refuses what was expected: $(cat "$dir/verify")"
stop

new_case owner-refuses-kernel
changed "$KERNEL_6_1" vmlinuz
refused kernel "fw_cfg: kernel=$dir/vmlinuz"

new_case owner-refuses-initrd
changed "$initrd" initrd.img
refused initrd "fw_cfg: initrd=$dir/initrd.img"

new_case owner-refuses-cmdline
refused cmdline "fw_cfg: append=\"$cmdline init=/bin/sh\""

# Its first half is variables; a bit in there counts as any other.
new_case owner-refuses-firmware
changed "$OVMF_AMDSEV" firmware.fd
refused firmware "romimage: file=$dir/firmware.fd"

# The owner demanded NODBG in the session, and the host launched so; but the owner wants more.
new_case owner-refuses-policy
launch 0x1 "qmp: socket=$dir/qmp, paused=1"
await_socket
verify 0x3
[ $status -eq 1 ] || fail "the owner's verdict is $status: $(cat "$dir/verify")"
grep -q 'does not verify: policy differs' "$dir/verify" ||
	fail "the owner does not say that the policy differs: $(cat "$dir/verify")"
stop

# ---- After it was measured -----------------------------------------------------------------------

for part in kernel initrd cmdline; do
	new_case "firmware-refuses-$part"
	launch 0x1 "fw_cfg: tamper=$part"
	await_end 200
	expect_status 4
	expect_output "^bochs: .*can never go on: .*$part differs"
	expect_no_console 'Linux version'
done

new_case firmware-changed
launch 0x1 'sev: tamper=firmware'
await_end 200
expect_status 4
expect_output '^bochs: .*the firmware in memory is no longer what was measured'
expect_no_console 'Linux version'

# ---- What is refused before the first instruction: by the Secure Processor 3, wrong use 2 ---------

# refused_launch STATUS TEXT POLICY LINE...
refused_launch()
{
	expected=$1 text=$2
	shift 2
	launch "$@"
	await_end 30
	expect_status "$expected"
	expect_output "^bochs: .*$text"
	[ "$(grep -c '^bochs: ' "$dir/out")" -eq 1 ] || fail 'more than one line says why'
	[ ! -e "$dir/launch.json" ] || fail 'there is a report of a launch that was refused'
}

# The session's MAC covers the policy.
new_case psp-refuses-policy
refused_launch 3 'launch refused: LAUNCH_START: .*BAD_MEASUREMENT' 0x0

make_chip stranger
new_case psp-refuses-session-of-another-chip
refused_launch 3 'launch refused: LAUNCH_START: .*BAD_MEASUREMENT' 0x1 "psp: state=$boots/stranger"

new_case psp-refuses-damaged-session
base64 -d "$boots/owner_session.b64" >"$dir/session"
flip_bit "$dir/session" 100
base64 -w 0 "$dir/session" >"$dir/session.b64"
refused_launch 3 'launch refused: LAUNCH_START: .*BAD_MEASUREMENT' 0x1 \
	"sev: session_file=$dir/session.b64"

# Its public key is no longer a point of the curve.
new_case psp-refuses-certificate
base64 -d "$boots/owner_godh.b64" >"$dir/godh"
flip_bit "$dir/godh" 64
base64 -w 0 "$dir/godh" >"$dir/godh.b64"
refused_launch 3 'launch refused: LAUNCH_START: .*INVALID' 0x1 "sev: dh_cert_file=$dir/godh.b64"

new_case certificate-cut-short
base64 -d "$boots/owner_godh.b64" | head -c 1000 | base64 -w 0 >"$dir/godh.b64"
refused_launch 2 'dh_cert_file=.*: 1000 bytes; legal are exactly 2084' 0x1 "sev: dh_cert_file=$dir/godh.b64"

# The other OVMF has no place for the hashes.
new_case firmware-without-hash-table
refused_launch 2 'romimage: file=.*: firmware: hashes table area' 0x1 "romimage: file=$OVMF"
