#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=400
#
# OVMF to its shell: without SEV, and encrypted with the default C-bit. Words on the command line are
# other C-bits to try. A text of the shell lies in memory in the clear, or only behind the key.
. tests/lib/boot.sh
need "${OVMF-}"
text='UEFI Interactive Shell'

# dump COMMAND FILE: memory from 1 MiB on; below is the hole for video memory.
dump()
{
	reply=$(qmp "$1" "{\"val\": 1048576, \"size\": $((511 << 20)), \"filename\": \"$dir/$2\"}") ||
		fail "$1: $reply"
}

# shell_case NAME LINE...: leaves all of memory as the host sees it in $dir/raw.
shell_case()
{
	new_case "$1"
	shift
	start "romimage: file=$OVMF" "qmp: socket=$dir/qmp" "$@"
	await 'Shell>' 120
	dump pmemsave raw
}

end_case()
{
	rm "$dir/raw"
	reply=$(qmp quit) || fail "quit: $reply"
	await_end 30
	expect_status 0
}

# off NAME LINE...
off()
{
	shell_case "$@"
	[ "$(count_wide "$dir/raw" "$text")" -gt 0 ] || fail "\"$text\" is not in memory"
	end_case
}

# on CBITPOS
on()
{
	shell_case "cbitpos-$1" "sev: type=sev, cbitpos=$1, policy=0x0"
	dump x-sev-memsave guest-view
	[ "$(count_wide "$dir/guest-view" "$text")" -gt 0 ] ||
		fail "\"$text\" is not in memory, seen through the guest's key"
	[ "$(count_wide "$dir/raw" "$text")" -eq 0 ] || fail "\"$text\" lies in memory in the clear"
	rm "$dir/guest-view"
	end_case
}

if [ $# -eq 0 ]; then
	off stock
	off type-none 'sev: type=none' 'cpu: model=epyc_milan'
	set -- 51
fi
for cbitpos; do
	on "$cbitpos"
done
