#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=600
#
# sev-owner attest against an emulator: the guest expected gets its secret and runs; any other is
# refused, with a word on what differs, and does not run.
. tests/lib/boot.sh
. tests/lib/linux.sh
. tests/lib/owner.sh
. demo/secret-guid
need "${OVMF_AMDSEV-}" "${KERNEL_6_1-}"
cmdline="console=ttyS0 quiet iomem=relaxed demo.secret=$demo_guid"

# launch LINE...: under a host that does what the lines say.
launch()
{
	start "romimage: file=$OVMF_AMDSEV" "sev: type=sev, policy=0x1, kernel_hashes=1" \
		"sev: dh_cert_file=$boots/owner_godh.b64, session_file=$boots/owner_session.b64" \
		"sev: report=$dir/launch.json" "psp: state=$boots/chip" \
		"fw_cfg: kernel=$KERNEL_6_1, initrd=$initrd" "fw_cfg: append=\"$cmdline\"" \
		"qmp: socket=$dir/qmp, paused=1" "$@"
}

# attest ARGUMENT...: what the owner says is in $dir/attest, the exit status in $status.
attest()
{
	status=0
	"$bin/sev-owner" attest --qmp "$dir/qmp" --tik "$boots/owner_tik.bin" \
		--tek "$boots/owner_tek.bin" --firmware "$OVMF_AMDSEV" --kernel "$KERNEL_6_1" \
		--initrd "$initrd" --cmdline "$cmdline" "$@" >"$dir/attest" 2>"$dir/attest.err" ||
		status=$?
}

# attested STATUS TEXT
attested()
{
	[ "$status" -eq "$1" ] || fail "exit status $status, expected $1: $(cat "$dir/attest.err")"
	cat "$dir/attest" "$dir/attest.err" | grep -q -F -e "$2" ||
		fail "the owner does not say \"$2\": $(cat "$dir/attest" "$dir/attest.err")"
}

still_paused()
{
	answer=$(qmp query-status) || fail "query-status: $answer"
	[ "$(printf '%s' "$answer" | jq -r '.status + " \(.running)"')" = 'prelaunch false' ] ||
		fail "the guest runs: $answer"
	answer=$(qmp query-sev) || fail "query-sev: $answer"
	[ "$(printf '%s' "$answer" | jq -r .state)" = launch-secret ] || fail "query-sev: $answer"
}

# refused NAME ARGUMENT...: and named as the one thing that differs.
refused()
{
	name=$1
	shift
	attest "$@" "$demo_guid=$dir/secret.txt"
	attested 1 "does not verify: $name differs"
	grep -o differs "$dir/attest.err" | wc -l | grep -qx ' *1' ||
		fail "more than the $name differs: $(cat "$dir/attest.err")"
	still_paused
}

# changed FILE AS: a copy with one bit flipped in the middle.
changed()
{
	cp "$1" "$dir/$2"
	flip_bit "$dir/$2" $(($(wc -c <"$1") / 2))
}

new_secret()
{
	new_case "$1"
	printf 'for the guest of %s' "$1" >"$dir/secret.txt"
}

make_chip chip
make_session chip 0x1
make_chip stranger

# ---- The guest expected --------------------------------------------------------------------------

# The owner is there first. The chip publishes its chain, up to its root.
new_secret expected
("$bin/sev-owner" attest --qmp "$dir/qmp" --tik "$boots/owner_tik.bin" \
	--tek "$boots/owner_tek.bin" --firmware "$OVMF_AMDSEV" --kernel "$KERNEL_6_1" \
	--initrd "$initrd" --cmdline "$cmdline" --policy nodbg --min-api 1.51 --json \
	--owner "$boots/chip.cert" --wait 60 "$demo_guid=$dir/secret.txt" \
	>"$dir/attest" 2>"$dir/attest.err" || echo $? >"$dir/attest.status") &
owner=$!
sleep 3
grep -q '^sev-owner: waiting for the socket (' "$dir/attest.err" || fail 'the owner waits in silence'
launch
wait $owner
[ ! -e "$dir/attest.status" ] || fail "the owner refuses: $(cat "$dir/attest.err")"
[ "$(jq -r '"\(.verified) \(."secret-injected") \(.running) \(.policy) \(.platform.verified)"' \
	"$dir/attest")" = 'true true true 1 true' ] || fail "attest --json: $(cat "$dir/attest")"
[ "$(jq -r '.data, ."launch-digest"' "$dir/attest")" = \
	"$(jq -r '.data, ."launch-digest"' "$dir/launch.json")" ] || fail 'not what the report has'
await 'demo: switching off' 240
await_end 30
expect_status 0
expect_console "show-secret: the launch secret is \"$(cat "$dir/secret.txt")\""

# ---- Others --------------------------------------------------------------------------------------

# One launch is enough where what changes is the owner's mind.
new_secret owner-expects-another
launch
await_socket
changed "$KERNEL_6_1" vmlinuz
changed "$initrd" initrd.img
changed "$OVMF_AMDSEV" firmware.fd
refused kernel --report "$dir/launch.json" --kernel "$dir/vmlinuz"
refused initrd --report "$dir/launch.json" --initrd "$dir/initrd.img"
refused firmware --report "$dir/launch.json" --firmware "$dir/firmware.fd"
refused cmdline --report "$dir/launch.json" --cmdline "$cmdline init=/bin/sh"
refused cmdline --cmdline "$cmdline "
refused policy --policy nodbg,noks
refused policy --policy nodbg,noks --report "$dir/launch.json"
refused api --min-api 1.56
attest --kernel "$dir/vmlinuz"
attested 1 'the digest, the policy, the version or the TIK is another one'
still_paused
attest --digest 00
attested 2 '--digest=00'
still_paused
attest --root emulated
attested 1 '--root=emulated: no ARK is given'
still_paused
attest --root emulated --chain "$boots/chip/ask_ark.cert" --chain "$boots/chip/cek.cert" --no-cont
attested 0 "root: this emulator's, EMULATED - NOT AMD"
still_paused
attest --owner "$boots/stranger.cert"
attested 1 'the key of the OCA is another one'
still_paused
attest --chip-id "$(printf %0128d 0)"
attested 1 'the chip is another one'
still_paused
attest --no-cont "$demo_guid=$dir/secret.txt"
attested 0 'guest: paused'
still_paused
attest --report "$dir/launch.json" --kernel "$dir/vmlinuz" --quit-on-failure
attested 1 'the guest is ended'
await_end 30
expect_status 0
