#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A machine with a confidential guest, or with a Secure Processor of its own, is not restored: status 2,
# one line, nothing done. Without SEV Bochs goes on as ever, to the files that this directory does not
# have. Speaks TAP.
#
# Saving is refused by the same function, but what calls it is a button in the header bar of graphical
# displays, and this build has none.
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. tests/lib/tap.sh

# restore TYPE [DEVICE]: leaves status and log.
restore()
{
	rm -rf "$work/saved" "$work/chip"
	mkdir "$work/saved"
	cat >"$work/saved/config" <<-EOF
		plugin_ctrl: unmapped=1, biosdev=1, serial=1, sev=1, psp=1
		config_interface: textconfig
		display_library: nogui
		romimage: file=$work/rom, address=0x0
		vgaromimage: file=$work/vga.rom
		memory: guest=64, host=64
		pci: enabled=1, chipset=i440fx
		log: $work/bochs.log
		panic: action=fatal
		sev: type=$1, report=$work/report
		psp: state=$work/chip, device=${2:-0}
	EOF
	timeout 20 "$B/bochs" -q -r "$work/saved" >"$work/log" 2>&1 </dev/null
	status=$?
}

says()
{
	[ "$(grep -c "$1" "$work/log")" = "$2" ]
}

truncate -s 65536 "$work/rom"
truncate -s 512 "$work/vga.rom"

restore sev
check 'status 2' [ $status = 2 ]
check 'one line' says '^bochs: ' 1
check 'that says what is legal' \
	says '^bochs: sev: type=sev: .*cannot be saved or restored; legal only with type=none$' 1
check 'no chip was made' [ ! -e "$work/chip" ]
check 'no report was written' [ ! -e "$work/report" ]
check 'the saved files are as they were' [ "$(ls "$work/saved")" = config ]

restore none 1
check 'a SEV host: status 2' [ $status = 2 ]
check 'a SEV host: says what is legal' \
	says '^bochs: psp: device=1: .*cannot be saved or restored; legal only with device=0$' 1
check 'a SEV host: no chip was made' [ ! -e "$work/chip" ]

restore none
check 'without SEV: tried' says 'cannot restore hardware state' 1
check 'without SEV: not refused' says 'type=sev' 0

echo "1..$number"
