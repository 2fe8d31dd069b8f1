#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=400
#
# One guest as a command line of QEMU, a domain of libvirt and a file of Proxmox: all three are imported
# and launched to the digest that the owner expects; one of them runs to its end.
. tests/lib/boot.sh
. tests/lib/linux.sh
need "${OVMF_AMDSEV-}" "${KERNEL_6_1-}"
[ -x "$bin/bochs-sev-import" ] || { echo "$B/bochs-sev-import: not built" >&2; exit 1; }

words='console=ttyS0 demo.words="a b"'

# imported SAMPLE OPTION...: $dir/bochsrc-sev from one of tests/cli/import, with files that are there.
imported()
{
	new_case "$1"
	sample=$1
	shift
	cp "$OVMF_AMDSEV" "$dir/OVMF.amdsev.fd"
	cp "$KERNEL_6_1" "$dir/vmlinuz"
	cp "$initrd" "$dir/initrd.img"
	sed "s|/srv/sev|$dir|g" "tests/cli/import/$sample" >"$dir/$sample"
	(cd "$dir" && "$bin/bochs-sev-import" --output bochsrc-sev "$@" "$sample") >"$dir/out" 2>&1 ||
		fail "bochs-sev-import: $(cat "$dir/out")"
}

# launched DIRECTIVE...: bochs, where relative names hold; the report is one more directive.
launched()
{
	cp "$dir/bochsrc-sev" "$dir/bochsrc"
	cd "$dir"
	"$bin/bochs" -f bochsrc-sev 'sev: report=launch.json' "$@" <&- >out 2>&1 &
	bochs=$!
	cd "$OLDPWD"
}

expect_digest()
{
	measured=$(jq -r '."launch-digest"' "$dir/launch.json") || fail 'no report was written'
	[ "$measured" = "$digest" ] || fail "launch digest $measured, expected $digest"
}

# The owner knows the files, and nothing of any configuration.
digest=$("$bin/sev-owner" digest --firmware "$OVMF_AMDSEV" --kernel "$KERNEL_6_1" --initrd "$initrd" \
	--cmdline "$words") || exit 1

# As far as the launch, which is all that the digest depends on.
waits()
{
	launched "qmp: socket=$dir/qmp, paused=1"
	await_socket
	reply=$(qmp query-sev) || fail "query-sev: $reply"
	[ "$(printf '%s' "$reply" | jq -r .state)" = launch-secret ] || fail "query-sev: $reply"
	[ "$(printf '%s' "$reply" | jq -r .policy)" = "$policy" ] || fail "query-sev: $reply"
	reply=$(qmp quit) || fail "quit: $reply"
	await_end 30
	expect_status 0
}

imported libvirt.xml
policy=3
waits
expect_digest

imported proxmox.conf --firmware OVMF.amdsev.fd
policy=11
waits
expect_digest

# The comparison is one that can fail: a word of the command line changed.
printf %s "$words more" >"$dir/bochsrc-sev.cmdline"
rm "$dir/launch.json"
waits
changed=$(jq -r '."launch-digest"' "$dir/launch.json") || fail 'no report was written'
[ "$changed" != "$digest" ] || fail 'another command line has the same launch digest'

imported qemu.sh
launched
await 'Linux version' 200
await_end 200
expect_status 0
expect_digest
expect_console "Command line: .*$words"
expect_console 'Memory Encryption Features active: AMD SEV'
expect_console 'demo: switching off'
