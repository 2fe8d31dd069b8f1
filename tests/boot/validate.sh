#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=600
#
# An owner who has libvirt's virt-qemu-sev-validate: it verifies guests with and without measured boot,
# of both firmwares, and with either form of the keys; one input that differs is refused. The secret that
# it packs arrives in the guest, and so does that of sev-owner on the same way.
. tests/lib/boot.sh
. tests/lib/linux.sh
. tests/lib/owner.sh
. tests/lib/validate.sh
. demo/secret-guid
need "${OVMF_AMDSEV-}" "${OVMF-}" "${KERNEL_6_1-}"
cmdline="console=ttyS0 quiet iomem=relaxed demo.secret=$demo_guid"

launch()
{
	start "qmp: socket=$dir/qmp, paused=1" "$@"
	await_socket
	ask_launch
}

# changed FILE AS: a copy with one bit flipped in the middle, in $dir.
changed()
{
	cp "$1" "$dir/$2"
	flip_bit "$dir/$2" $(($(wc -c <"$1") / 2))
}

# ---- Measured boot, a session, and a secret ------------------------------------------------------

measured_launch()
{
	launch "romimage: file=$OVMF_AMDSEV" 'sev: type=sev, policy=0x1, kernel_hashes=1' \
		"sev: dh_cert_file=$boots/owner_godh.b64, session_file=$boots/owner_session.b64" \
		"psp: state=$boots/chip" "fw_cfg: kernel=$KERNEL_6_1, initrd=$initrd" \
		"fw_cfg: append=\"$cmdline\""
}

# judge EXPECTATION FIRMWARE KERNEL INITRD CMDLINE [OPTION...]
judge()
{
	expectation=$1
	firmware=$2 kernel=$3 initramfs=$4 line=$5
	shift 5
	# What differs is a second word of the expectation.
	# shellcheck disable=SC2086
	$expectation "$session_keys" --firmware "$firmware" --kernel "$kernel" --initrd "$initramfs" \
		--cmdline "$line" "$@"
}

refuse_what_differs()
{
	changed "$OVMF_AMDSEV" firmware
	changed "$KERNEL_6_1" kernel
	changed "$initrd" initrd
	changed "$boots/owner_tik.bin" tik
	judge 'differs firmware' "$dir/firmware" "$KERNEL_6_1" "$initrd" "$cmdline"
	judge 'differs kernel' "$OVMF_AMDSEV" "$dir/kernel" "$initrd" "$cmdline"
	judge 'differs initrd' "$OVMF_AMDSEV" "$KERNEL_6_1" "$dir/initrd" "$cmdline"
	judge 'differs cmdline' "$OVMF_AMDSEV" "$KERNEL_6_1" "$initrd" "$cmdline "
	differs hashes "$session_keys" --firmware "$OVMF_AMDSEV"
	# The last of an option counts.
	judge 'differs policy' "$OVMF_AMDSEV" "$KERNEL_6_1" "$initrd" "$cmdline" --policy 0
	judge 'differs build' "$OVMF_AMDSEV" "$KERNEL_6_1" "$initrd" "$cmdline" --build-id 20
	judge 'differs TIK' "$OVMF_AMDSEV" "$KERNEL_6_1" "$initrd" "$cmdline" --tik "$dir/tik"
	printf '%s' "$measurement" | base64 -d >"$dir/measurement"
	flip_bit "$dir/measurement" 40
	judge 'differs nonce' "$OVMF_AMDSEV" "$KERNEL_6_1" "$initrd" "$cmdline" \
		--measurement "$(base64 -w 0 "$dir/measurement")"
}

# arrives: the guest runs, prints the secret of $dir/secret and switches itself off.
arrives()
{
	reply=$(qmp cont) || fail "cont: $reply"
	await_end 300
	expect_status 0
	expect_console "show-secret: the launch secret is \"$(cat "$dir/secret")\""
	expect_console 'show-secret: read() of /dev/mem: ciphertext'
}

inject()
{
	reply=$(qmp sev-inject-launch-secret \
		"{\"packet-header\": \"$(cat "$dir/header")\", \"secret\": \"$(cat "$dir/payload")\"}") ||
		fail "sev-inject-launch-secret: $reply"
}

make_chip chip
make_session chip 0x1
session_keys="--tik $boots/owner_tik.bin --tek $boots/owner_tek.bin"
head -c 16 /dev/urandom >"$boots/tik"
head -c 16 /dev/urandom >"$boots/tek"
cat "$boots/tek" "$boots/tik" >"$boots/tk"

new_case libvirt-secret
measured_launch
judge matches "$OVMF_AMDSEV" "$KERNEL_6_1" "$initrd" "$cmdline"
refuse_what_differs
printf 'packed by libvirt, %s' "$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')" >"$dir/secret"
judge 'differs kernel' "$OVMF_AMDSEV" "$dir/kernel" "$initrd" "$cmdline" \
	--inject-secret "$demo_guid:$dir/secret" --secret-header "$dir/header" \
	--secret-payload "$dir/payload"
[ ! -e "$dir/header" ] || fail 'a secret for a guest that does not match'
judge matches "$OVMF_AMDSEV" "$KERNEL_6_1" "$initrd" "$cmdline" \
	--inject-secret "$demo_guid:$dir/secret" --secret-header "$dir/header" \
	--secret-payload "$dir/payload"
inject
arrives

new_case sev-owner-secret
measured_launch
judge matches "$OVMF_AMDSEV" "$KERNEL_6_1" "$initrd" "$cmdline"
printf 'packed by sev-owner, %s' "$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')" >"$dir/secret"
# The session's keys are several words.
# shellcheck disable=SC2086
"$bin/sev-owner" secret $session_keys --measurement "$measurement" --out-header "$dir/header" \
	--out-payload "$dir/payload" "$demo_guid=$dir/secret" >"$dir/out" 2>&1 ||
	fail 'sev-owner secret failed'
inject
arrives

# ---- The firmware alone, as Proxmox launches it: NOSEND is always set -----------------------------

new_case amdsev-alone
launch "romimage: file=$OVMF_AMDSEV" 'sev: type=sev, policy=0x9' \
	"sev: tik=$boots/tik, tek=$boots/tek"
changed "$OVMF_AMDSEV" firmware
matches "--tk $boots/tk" --firmware "$OVMF_AMDSEV"
differs firmware "--tk $boots/tk" --firmware "$dir/firmware"
differs keys "--tik $boots/tek --tek $boots/tik" --firmware "$OVMF_AMDSEV"
differs policy "--tk $boots/tk" --firmware "$OVMF_AMDSEV" --policy 1
differs hashes "--tk $boots/tk" --firmware "$OVMF_AMDSEV" --kernel "$KERNEL_6_1" --cmdline "$cmdline"
stop

# ---- A firmware that measures nothing but itself; the secret's place is named ---------------------

new_case plain-ovmf
launch "romimage: file=$OVMF" 'sev: type=sev, policy=0x0' "sev: tik=$boots/tik, tek=$boots/tek"
changed "$OVMF" firmware
differs firmware "--tk $boots/tk" --firmware "$dir/firmware"
printf 'a phrase for a disk' >"$dir/secret"
matches "--tk $boots/tk" --firmware "$OVMF" --inject-secret "luks-key:$dir/secret" \
	--secret-header "$dir/header" --secret-payload "$dir/payload"
reply=$(qmp sev-inject-launch-secret "{\"gpa\": 1048576, \"packet-header\": \"$(cat "$dir/header")\",
	\"secret\": \"$(cat "$dir/payload")\"}") || fail "sev-inject-launch-secret: $reply"
reply=$(qmp x-sev-memsave "{\"val\": 1048576, \"size\": 4096, \"filename\": \"$dir/seen\"}") ||
	fail "x-sev-memsave: $reply"
reply=$(qmp pmemsave "{\"val\": 1048576, \"size\": 4096, \"filename\": \"$dir/raw\"}") ||
	fail "pmemsave: $reply"
# Behind the headers of the table and of its entry, 20 bytes each.
[ "$(tail -c +41 "$dir/seen" | head -c 19)" = 'a phrase for a disk' ] ||
	fail 'the secret is not where it should be'
! grep -q -a 'a phrase' "$dir/raw" || fail 'the secret lies in memory in the clear'
stop
