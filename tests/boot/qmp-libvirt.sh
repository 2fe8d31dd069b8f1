#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=400
#
# The control socket as libvirt uses it, by a client that shares no code with the server: clients one after
# the other, and some that die in the middle, while a guest is measured, gets its secret, boots and switches
# itself off. tests/boot/qmp-libvirt.py has the dialogue and its types as tables.
. tests/lib/boot.sh
. tests/lib/linux.sh
. demo/secret-guid
need "${OVMF_AMDSEV-}" "${KERNEL_6_1-}"

dialogue()
{
	python3 tests/boot/qmp-libvirt.py "$@" >"$dir/dialogue" 2>&1 || fail "$(tail -n 3 "$dir/dialogue")"
}

new_case guest
head -c 16 /dev/urandom >"$dir/tik"
head -c 16 /dev/urandom >"$dir/tek"
printf 'by way of QMP, %s' "$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')" >"$dir/secret"
start "romimage: file=$OVMF_AMDSEV" 'cpu: count=2' 'sev: type=sev, kernel_hashes=1' \
	"sev: tik=$dir/tik, tek=$dir/tek" "fw_cfg: kernel=$KERNEL_6_1, initrd=$initrd" \
	"fw_cfg: append=\"console=ttyS0 quiet iomem=relaxed demo.secret=$demo_guid\"" \
	"qmp: socket=$dir/qmp, paused=1"
await_socket
dialogue guest "$dir/qmp" "$bin/sev-owner" secret --tik "$dir/tik" --tek "$dir/tek" --json \
	"$demo_guid=$dir/secret" --measurement
await_end 60
expect_status 0
expect_console "show-secret: the launch secret is \"$(cat "$dir/secret")\""
[ ! -e "$dir/qmp" ] || fail 'the socket was left behind'

new_case quit
start "romimage: file=$OVMF_AMDSEV" 'sev: type=sev' "qmp: socket=$dir/qmp, paused=1"
await_socket
dialogue quit "$dir/qmp"
await_end 60
expect_status 0
[ ! -e "$dir/qmp" ] || fail 'the socket was left behind'
