#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Bochs' debugger and a SEV guest (tests/guest/debugger.c): which bytes it shows and writes, where
# it stops, what a policy with NODBG hides, and that looking changes nothing. Speaks TAP.
set -u

work=${DEBUGGER_OUT:-$B/check/debugger}
guest=debugger-51
session=
number=0

# run NAME SEV-PROPERTIES [COMMANDS]: runs the guest, with what prints the debugger's commands.
run()
{
	session=$1
	mkdir -p "$work/$1"
	[ -z "${3-}" ] || $3 >"$work/$1/commands"
	GUEST_OUT=$work/$1 GUEST_BOCHSRC="magic_break: enabled=1
sev: $2" GUEST_ARGUMENTS=${3:+-dbg -rc $work/$1/commands} tests/guest/run $guest \
		>"$work/$1/tap" 2>&1
}

# TITLE COMMAND...
check()
{
	title=$1
	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $session: $title"
	else
		echo "not ok $number - $session: $title"
		printf '# %s\n' "$*"
	fi
}

# TITLE VALUE VALUE
same()
{
	check "$1" [ "${2:-nothing}" = "$3" ]
}
differ()
{
	check "$1" [ "${2:-$3}" != "$3" ]
}

# What the guest told of a word, and what the debugger showed at an address after its n-th stop.
told()
{
	sed -n "s/^# $1 0x//p" "$work/$session/$guest/serial.log"
}
shown()
{
	awk -v stop="$1" -v address="$2" '
		/Magic breakpoint/ { stops++ }
		stops == stop && $1 == address {
			sub(/^0x0*/, "", $NF)
			print $NF == "" ? "0" : $NF
			exit
		}
	' "$work/$session/$guest/out.log"
}
count()
{
	grep -c "$1" "$work/$session/$guest/out.log"
}
conversions()
{
	sed -n 's/^.*pages converted: //p' "$work/$1/$guest/out.log"
}

guest_is_content()
{
	check 'the guest finds what it expects' grep -q '^1\.\.3' "$work/$session/tap"
	check 'and nothing else' [ "$(grep -c '^not ok' "$work/$session/tap")" = 0 ]
}

go_on()
{
	yes c | head -n "${1:-1}"
}

# ---- Looking ----------------------------------------------------------------------------------------

# The guest's pages as physical addresses, with the C-bit, in its window, one to one with C=0.
look()
{
	cat <<-'EOF'
		xp /1gx 0x2000000
		xp /1gx 0x2001000
		xp /1gx 0x2002000
		xp /8bx 0x2000008
		xp /1gx 0x8000002000000
		xp /1gx 0x8000002001000
		xp /1gx 0x8000002002000
		x /1gx 0x18000000000
		x /1gx 0x18000001000
		x /1gx 0x18000002000
		x /1gx 0x18000000ffc
		x /1gx 0x18000001ffc
		x /1gx 0x18000002ffc
		x /1gx 0x8002201000
		x /1gx 0x8002202000
		xp /1gx 0xfffff000
		xp /1gx 0x80000fffff010
		x /1gx 0x81001ff000
		x /1gx 0xfffff010
		xp /1wx 0xfec00010
		xp /1wx 0x80000fec00010
		xp /4wx 0x80000000a0000
		xp /2gx 0x8000004000000
		page 0x18000000000
		page 0x18000001000
		info tab
		info gdt
		print-stack 4
		u /5 0x100000
		crc 0x8000000000000 0x8000000000fff
	EOF
}

# looks: at each stop of the guest, 124 commands in all.
looks()
{
	for stop in 1 2 3 4; do
		go_on
		look
	done
	go_on
}

# What neither depends on who may debug.
shows_raw_bytes()
{
	same 'physical, private: raw' "$(shown 1 0x0000000002000000)" "$(told 'private raw')"
	same 'physical, shared: raw' "$(shown 1 0x0000000002001000)" "$(told 'open raw')"
	same 'physical, stored raw: raw' "$(shown 1 0x0000000002002000)" "$(told 'turned raw')"
	same 'linear, C=0, shared: raw' "$(shown 1 0x0000008002201000)" "$(told 'open raw')"
	same 'linear, C=0, private: raw' "$(shown 1 0x0000008002202000)" "$(told 'turned raw')"
	same 'ROM, C=0: raw' "$(shown 1 0x00000081001ff000)" "$(shown 1 0x00000000fffff000)"
	same 'a device, with C=1 as with C=0' "$(shown 1 0x00080000fec00010)" \
		"$(shown 1 0x00000000fec00010)"
	same 'beyond memory: all ones' "$(shown 1 0x0008000004000000)" ffffffffffffffff
	same 'a checksum beyond memory: refused' "$(count 'could not crc32 memory')" 4
	same 'the walk to a private page' "$(count 'maps to physical page 0x8000002000000')" 4
	same 'the walk to a shared page' "$(count 'maps to physical page 0x000002001000')" 4
	guest_is_content
}

shows_what_the_guest_sees()
{
	same 'physical with C, private: plaintext' "$(shown 1 0x0008000002000000)" \
		"$(told 'private plain')"
	same 'physical with C, stored raw: plaintext' "$(shown 1 0x0008000002002000)" \
		"$(told 'turned plain')"
	same 'physical with C, shared: decrypted' "$(shown 1 0x0008000002001000)" \
		"$(told 'open decrypted')"
	same 'linear, private: plaintext' "$(shown 1 0x0000018000000000)" "$(told 'private plain')"
	same 'linear, shared: raw' "$(shown 1 0x0000018000001000)" "$(told 'open raw')"
	same 'linear, private, stored raw: plaintext' "$(shown 1 0x0000018000002000)" \
		"$(told 'turned plain')"
	same 'from private to shared' "$(shown 1 0x0000018000000ffc)" "$(told 'private, open')"
	same 'from shared to private' "$(shown 1 0x0000018000001ffc)" "$(told 'open, turned')"
	same 'from private to shared, stored raw' "$(shown 1 0x0000018000002ffc)" \
		"$(told 'turned, open')"
	same 'ROM: plaintext' "$(shown 1 0x00080000fffff010)" "$(shown 1 0x00000000fffff010)"
	same 'the first instruction' "$(count '): jmp .*; e91af0$')" 1
}

hides_plaintext()
{
	same 'physical with C, private: raw' "$(shown 1 0x0008000002000000)" "$(told 'private raw')"
	same 'physical with C, stored raw: raw' "$(shown 1 0x0008000002002000)" \
		"$(told 'turned raw')"
	same 'linear, private: raw' "$(shown 1 0x0000018000000000)" "$(told 'private raw')"
	same 'linear, private, stored raw: raw' "$(shown 1 0x0000018000002000)" \
		"$(told 'turned raw')"
	same 'linear, shared: raw' "$(shown 1 0x0000018000001000)" "$(told 'open raw')"
	same 'from private to shared: raw' "$(shown 1 0x0000018000000ffc)" \
		"$(told 'private, open, raw')"
	differ 'ROM: raw' "$(shown 1 0x00000000fffff010)" "$rom"
	same 'the first instruction is noise' "$(count '): jmp .*; e91af0$')" 0
}

run alone policy=0
guest_is_content
run silent policy=0 "go_on 5"
same 'stops at each magic breakpoint' "$(count 'Magic breakpoint')" 4
guest_is_content

run allowed policy=0 looks
shows_raw_bytes
shows_what_the_guest_sees
rom=$(shown 1 0x00000000fffff010)
same 'bytes are those of words' "$(shown 1 0x0000000002000008)" "$(told 'private raw, byte 15')"

run override policy=1,debug_override=1 looks
shows_what_the_guest_sees

run nodbg policy=1 looks
shows_raw_bytes
hides_plaintext

same 'conversions without looking' "$(conversions silent)" "$(conversions alone)"
same 'conversions after 124 looks' "$(conversions allowed)" "$(conversions alone)"
same 'conversions after 124 looks under NODBG' "$(conversions nodbg)" "$(conversions alone)"
for other in silent allowed override nodbg; do
	check "what the guest tells: $other" \
		cmp "$work/alone/$guest/serial.log" "$work/$other/$guest/serial.log"
done

# ---- Writing ----------------------------------------------------------------------------------------

# Into a page stored private and its neighbour, stored raw: in their own form, in the other, across.
writes()
{
	go_on 2
	cat <<-'EOF'
		setpmem 0x8000002003010 8 0x1122334455667788
		setpmem 0x2003020 8 0x2233445566778899
		setpmem 0x8000002004020 8 0x445566778899aabb
		setpmem 0x2004010 8 0x33445566778899aa
		xp /1gx 0x8000002003010
		xp /1gx 0x2003010
		xp /1gx 0x2003020
		xp /1gx 0x2004010
		xp /1gx 0x8000002004020
		setpmem 0x8000002003ffc 8 0x5566778899aabbcc
		xp /1gx 0x8000002003ffc
		setpmem 0x2003ff4 8 0x66778899aabbccdd
		setpmem 0x2003ffc 8 0x778899aabbccddee
		xp /1gx 0x2003ffc
		setpmem 0x8000004000000 4 1
		setpmem 0x8000003fffffc 8 1
	EOF
	go_on 3
}

writes_are_raw()
{
	same 'without C, private page' "$(shown 2 0x0000000002003020)" 2233445566778899
	same 'without C, shared page' "$(shown 2 0x0000000002004010)" 33445566778899aa
	same 'the guest reads it' "$(told 'open 0x10')" 33445566778899aa
	same 'without C, across two pages' "$(shown 2 0x0000000002003ffc)" 778899aabbccddee
	same 'beyond memory' "$(count 'setpmem: could not set memory')" 2
	guest_is_content
}

run written policy=0 writes
writes_are_raw
same 'with C, private page' "$(shown 2 0x0008000002003010)" 1122334455667788
differ 'its raw bytes' "$(shown 2 0x0000000002003010)" 1122334455667788
same 'the guest reads it' "$(told 'private 0x10')" 1122334455667788
differ 'the guest reads noise without C' "$(told 'private 0x20')" 2233445566778899
same 'with C, shared page' "$(shown 2 0x0008000002004020)" 445566778899aabb
differ 'the guest reads its raw bytes' "$(told 'open 0x20')" 445566778899aabb
same 'with C, across two pages' "$(shown 2 0x0008000002003ffc)" 5566778899aabbcc

run written-nodbg policy=1 writes
writes_are_raw
same 'with C, private page: raw' "$(shown 2 0x0000000002003010)" 1122334455667788
differ 'the guest reads noise' "$(told 'private 0x10')" 1122334455667788

# ---- Stopping ---------------------------------------------------------------------------------------

watches()
{
	go_on 3
	cat <<-'EOF'
		watch w 0x2005010
		watch r 0x2005020
	EOF
	go_on 6
}

run watched policy=0 watches
same 'a physical write, with C=1 and C=0' "$(count 'write watch point at 0x000002005010')" 2
same 'a physical read, with C=1 and C=0' "$(count 'read watch point at 0x000002005020')" 2
same 'nothing else' "$(count 'Caught')" 4
guest_is_content

# Breakpoints in code: by linear address, and by physical address, which is private.
address=$(sed -n 's/^# watched 0x//p' "$work/alone/$guest/serial.log")
breaks()
{
	echo "$command"
	go_on 6
}

for command in "lb 0x$address" "pb 0x8000000$address"; do
	run breakpoint policy=1 breaks
	same "${command%% *}" "$(count "Breakpoint 1, 0x0000000000$address in")" 1
	guest_is_content
done

# ---- Pointers -----------------------------------------------------------------------------------

# A lower C-bit, with which an address would lie beyond the table of host blocks.
task_state()
{
	go_on
	echo info tss
	go_on 5
}

guest=debugger-43
run tss policy=1 task_state
same 'is shown' "$(count '^i/o map: ')" 1
guest_is_content

echo "1..$number"
