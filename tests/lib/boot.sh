# SPDX-License-Identifier: LGPL-2.1-or-later
# For sh: what tests that boot a guest have in common.
#
# A test sources this file and runs cases one after the other:
#
#   new_case NAME              an empty directory, $dir, for the case
#   start LINE...              starts bochs; the lines come after those that all machines here have
#   await TEXT SECONDS         until the guest's console has it
#   await_end SECONDS          until bochs has ended; its exit status is in $status
#   stop                       ends bochs
#   fail WHAT                  shows what there is to see, and ends the test
#   expect_status N, expect_console TEXT, expect_output TEXT, expect_no_console TEXT
#
# BOCHS is the emulator, if it is another one. Whatever happens, no bochs is left behind.
set -eu

B=${B:-build}
boots=$B/check/boot/$(basename "$0" .sh)
bochs='' dir='' case=''

for each in "$B/bochs" "$B/sev-owner"; do
	[ -x "$each" ] || { echo "$each: not built" >&2; exit 1; }
done
bin=$(cd "$B" && pwd)
. demo/qmp.sh

stop()
{
	[ -n "$bochs" ] || return 0
	kill "$bochs" 2>/dev/null || :
	for each in 1 2 3 4 5 6 7 8 9 10; do
		kill -0 "$bochs" 2>/dev/null || break
		sleep 0.2
	done
	kill -9 "$bochs" 2>/dev/null || :
	wait "$bochs" 2>/dev/null || :
	bochs=''
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail()
{
	{
		echo "$case: $*"
		for each in bochsrc out bochs.log serial.log; do
			[ -s "$dir/$each" ] || continue
			echo "---- $dir/$each:"
			tail -n 15 "$dir/$each" | tr -d '\000\033\r' | cut -c 1-200
		done
	} >&2
	exit 1
}

# need FILE...: an asset without which there is nothing to be tested.
need()
{
	for each; do
		[ -n "$each" ] && [ -r "$each" ] || {
			echo "a firmware or kernel that this boots has not been fetched"
			exit 77
		}
	done
}

new_case()
{
	stop
	case=$1
	echo "case: $case"
	mkdir -p "$boots"
	dir=$(cd "$boots" && pwd)/$case
	rm -rf "$dir"
	mkdir "$dir"
	head -c 512 /dev/zero >"$dir/vga.rom"
}

machine()
{
	cat <<-END
		config_interface: textconfig
		display_library: nogui
		cpu: count=1, ips=50000000
		memory: guest=512, host=512
		vgaromimage: file=$dir/vga.rom
		vga: extension=vbe
		pci: enabled=1, chipset=i440fx, slot1=pcivga
		com1: enabled=1, mode=file, dev=$dir/serial.log
		clock: sync=none, time0=utc
		log: $dir/bochs.log
		panic: action=fatal
		error: action=report
		info: action=report
		debug: action=ignore
	END
}

# -q for machines without a sev: directive, which else ask what to do first.
start()
{
	machine >"$dir/bochsrc"
	printf '%s\n' "$@" >>"$dir/bochsrc"
	"${BOCHS:-$bin/bochs}" -q -f "$dir/bochsrc" <&- >"$dir/out" 2>&1 &
	bochs=$!
}

# tick(SECONDS, WHAT): waits a moment; fails if called for longer than SECONDS.
tick()
{
	time_limit=$((time_limit + 1))
	[ $time_limit -lt $((5 * $1)) ] || fail "$2 within $1 s"
	sleep 0.2
}

await()
{
	time_limit=0
	until grep -q -a -e "$1" "$dir/serial.log" 2>/dev/null; do
		kill -0 "$bochs" 2>/dev/null || {
			await_end 1
			fail "bochs ended (status $status) before the console said \"$1\""
		}
		tick "$2" "the console has not said \"$1\""
	done
}

await_socket()
{
	time_limit=0
	until [ -S "$dir/qmp" ]; do
		kill -0 "$bochs" 2>/dev/null || {
			await_end 1
			fail "bochs ended (status $status) before it offered a control socket"
		}
		tick 60 'no control socket'
	done
}

await_end()
{
	time_limit=0
	while kill -0 "$bochs" 2>/dev/null; do
		tick "$1" 'bochs has not ended'
	done
	status=0
	wait "$bochs" || status=$?
	bochs=''
}

expect_status()
{
	[ "$status" -eq "$1" ] || fail "exit status $status, expected $1"
}

expect_console()
{
	grep -q -a -e "$1" "$dir/serial.log" || fail "the console does not say \"$1\""
}

expect_no_console()
{
	[ ! -e "$dir/serial.log" ] || ! grep -q -a -e "$1" "$dir/serial.log" ||
		fail "the console says \"$1\""
}

expect_output()
{
	grep -q -e "$1" "$dir/out" || fail "bochs does not say \"$1\""
}

# Of an emulator with AddressSanitizer: nothing wrong, and no leak of what is not Bochs' own.
expect_no_sanitizer_report()
{
	! grep -q -a -e 'ERROR: AddressSanitizer' -e 'runtime error:' "$dir/out" ||
		fail "$(grep -a -A 12 -e 'ERROR: AddressSanitizer' -e 'runtime error:' "$dir/out")"
	! grep -q -a '^ *#[0-9].* \(monitor\|base\|bios\|iodev/psp\|iodev/fw_cfg\|memory\)/' "$dir/out" ||
		fail "a leak: $(grep -a -m 1 -B 4 -A 4 \
			'^ *#[0-9].* \(monitor\|base\|bios\|iodev/psp\|iodev/fw_cfg\|memory\)/' "$dir/out")"
}

# first_touches: pages that became private, as bochs says when a guest ends; 0 if it says nothing.
first_touches()
{
	sed -n 's/^.*sev: pages converted: \([0-9]*\) first touch.*/\1/p' "$dir/out" | tail -n 1 |
		grep . || echo 0
}

# count_wide FILE TEXT: how often the text is there in UTF-16, as firmware keeps it.
count_wide()
{
	LC_ALL=C grep -a -o -P "$(printf %s "$2" | sed 's/./&\\x00/g')" "$1" | wc -l
}

# properties_in FILE: the names in the sources' table of a directive's properties.
properties_in()
{
	sed -n -e 's/.*{ *\.name = "\([a-z_]*\)".*/\1/p' -e 's/.*{ *"\([a-z_]*\)", SEV_OPTION.*/\1/p' \
		"$1" | grep . || fail "$1: no properties found"
}

# flip_bit FILE OFFSET: in place.
flip_bit()
{
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
