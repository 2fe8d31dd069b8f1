#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=300
#
# OVMF to its shell: without SEV, and encrypted with the default C-bit. Words on the command line are
# other C-bits to try.
. tests/lib/boot.sh
need "${OVMF-}"

# shell_case NAME LINE...
shell_case()
{
	new_case "$1"
	shift
	machine | start "romimage: file=$OVMF" "qmp: socket=$dir/qmp" "$@"
	await 'Shell>' 120
	reply=$(qmp quit) || fail "quit: $reply"
	await_end 30
	expect_status 0
}

if [ $# -eq 0 ]; then
	shell_case off 'sev: type=none'
	[ "$(first_touches)" -eq 0 ] || fail "pages became private without SEV"
	set -- 51
fi
for cbitpos; do
	shell_case "cbitpos-$cbitpos" "sev: type=sev, cbitpos=$cbitpos"
	[ "$(first_touches)" -gt 5000 ] ||
		fail "only $(first_touches) pages became private: the firmware did not use SEV"
done
