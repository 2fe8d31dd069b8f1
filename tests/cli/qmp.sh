#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The `qmp:` directive from outside: wrong use, a machine that waits, runs, stops, is reset and quits,
# what its memory looks like, and what is left of the socket however the run ends.
set -eu

B=${B:-build}
[ -x "$B/bochs" ] || { echo "$B/bochs: not built" >&2; exit 1; }
dir=$(mktemp -d)
bochs=
. demo/qmp.sh

clean_up()
{
	[ -z "$bochs" ] || kill -9 "$bochs" 2>/dev/null || :
	rm -rf "$dir"
}
trap clean_up EXIT

fail()
{
	{
		echo "$*" | cut -c 1-400
		tail -n 5 "$dir/out" "$dir/bochs.log" || :
	} >&2
	exit 1
}

# A ROM of 64 KiB that is one instruction, at the place where processors begin: jump to itself.
rom_with()
{
	head -c 65536 /dev/zero | tr '\000' '\220' >"$dir/rom"
	printf "$1" | dd of="$dir/rom" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
rom_with '\353\376' 65520
head -c 512 /dev/zero >"$dir/vga.rom"

# bochsrc LINE...: a machine without SEV, and these lines.
bochsrc()
{
	cat >"$dir/bochsrc" <<-END
		config_interface: textconfig
		display_library: nogui
		cpu: count=1, ips=50000000
		memory: guest=32, host=32
		romimage: file=$dir/rom
		vgaromimage: file=$dir/vga.rom
		pci: enabled=1, chipset=i440fx
		clock: sync=none, time0=1700000000
		log: $dir/bochs.log
		panic: action=fatal
		error: action=report
		info: action=report
		debug: action=ignore
		sev: type=none
	END
	printf '%s\n' "$@" >>"$dir/bochsrc"
}

# ---- Wrong use: one line, exit status 2, and no socket -----------------------------------------------

# refused WHAT-IS-SAID LINE...
refused()
{
	said=$1
	shift
	bochsrc "$@"
	status=0
	timeout 30 "$B/bochs" -f "$dir/bochsrc" <&- >"$dir/stdout" 2>"$dir/out" || status=$?
	[ $status -eq 2 ] || fail "$*: exit status $status instead of 2"
	grep -q -F -e "$said" "$dir/out" || fail "$*: does not say \"$said\""
}

refused 'qmp: sockt=x: not a property; legal are socket, paused' 'qmp: sockt=x'
refused 'qmp: paused=2: legal is 0 or 1' "qmp: socket=$dir/qmp, paused=2"
refused 'qmp: socket=: legal is anything but nothing' 'qmp: socket='
refused 'qmp: paused=1: nobody could let the guest run; legal with socket=PATH' 'qmp: paused=1'
refused 'cannot be made: No such file or directory' "qmp: socket=$dir/none/qmp"
refused 'there is something that is no socket' "qmp: socket=$dir/rom"
[ -s "$dir/rom" ] || fail 'a file that is no socket was removed'
[ ! -e "$dir/qmp" ] || fail 'wrong use left a socket behind'

# ---- A machine that waits ----------------------------------------------------------------------------

start()
{
	bochsrc "$@"
	"$B/bochs" -f "$dir/bochsrc" <&- >"$dir/out" 2>&1 &
	bochs=$!
	tries=0
	until [ -S "$dir/qmp" ]; do
		kill -0 $bochs 2>/dev/null || fail 'bochs ended before it offered a socket'
		tries=$((tries + 1))
		[ $tries -lt 150 ] || fail 'no socket within 30 s'
		sleep 0.2
	done
}

# ended STATUS
ended()
{
	tries=0
	while kill -0 $bochs 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 150 ] || fail 'bochs does not end within 30 s'
		sleep 0.2
	done
	status=0
	wait $bochs || status=$?
	bochs=
	[ $status -eq "$1" ] || fail "exit status $status instead of $1"
	[ ! -e "$dir/qmp" ] || fail 'the socket was left behind'
}

# answers COMMAND JQ-CONDITION [ARGUMENTS]
answers()
{
	answer=$(qmp "$1" ${3+"$3"}) || fail "$1: refused: $answer"
	printf '%s' "$answer" | jq -e "$2" >/dev/null || fail "$1: $answer, expected $2"
}

# refuses COMMAND TEXT [ARGUMENTS]
refuses()
{
	! answer=$(qmp "$1" ${3+"$3"}) || fail "$1: $answer instead of an error"
	[ "$answer" = "$2" ] || fail "$1: \"$answer\" instead of \"$2\""
}

# The instruction counter is the machine's clock: at zero nothing has run.
ticks()
{
	tail -n 1 "$dir/bochs.log" | cut -c 1-11 | sed 's/^0*//'
}

start "qmp: socket=$dir/qmp" 'qmp: paused=1'
[ "$(stat -c %a "$dir/qmp")" = 600 ] || fail "mode $(stat -c %a "$dir/qmp") instead of 600"
answers query-status '. == {"status": "prelaunch", "running": false}'
answers stop '. == {}'
answers query-status '.status == "prelaunch"'
answers query-sev '.enabled == false and .state == "uninit"'
refuses query-sev-launch-measure 'SEV launch measurement is not available'
refuses sev-inject-launch-secret 'SEV not enabled for guest' \
	'{"packet-header": "AA==", "secret": "AA=="}'
refuses query-sev-attestation-report 'SEV is not enabled' '{"mnonce": "AA=="}'
answers query-sev-capabilities '(.pdh | length) == 2780 and (."cert-chain" | length) == 8336
	and (."cpu0-id" | length) == 88 and .cbitpos == 51 and ."reduced-phys-bits" == 1'
refuses frobnicate 'The command frobnicate has not been found'
answers system_reset '. == {}'
answers query-status '.status == "prelaunch"'

# Quitting before anything has run.
answers quit '. == {}'
ended 0
[ -z "$(ticks)" ] || fail "the guest has run: $(ticks) ticks"

# ---- A machine that runs; the socket of one that was killed is in the way -----------------------------

start "qmp: socket=$dir/qmp, paused=1"
kill -9 $bochs
wait $bochs || :
[ -S "$dir/qmp" ] || fail 'there is no stale socket to test with'
bochsrc "qmp: socket=$dir/qmp, paused=1"
"$B/bochs" -f "$dir/bochsrc" <&- >"$dir/out" 2>&1 &
bochs=$!
tries=0
until answer=$(qmp query-status) || [ $tries -gt 100 ]; do
	tries=$((tries + 1))
	sleep 0.2
done
answers cont '. == {}'
answers query-status '. == {"status": "running", "running": true}'
refused 'another program listens there' "qmp: socket=$dir/qmp"
answers stop '. == {}'
answers query-status '. == {"status": "paused", "running": false}'
answers cont '. == {}'

# What clients ask before they act.
answers query-version '.qemu.major == 10 and (.package | contains("EMULATED - NOT AMD"))'
answers query-kvm '. == {"enabled": false, "present": false}'
answers query-cpus-fast 'map(."cpu-index") == [0] and (.[0]."thread-id" | type) == "number"'
answers query-qmp-schema '([.[] | select(."meta-type" == "command") | .name] | index("query-sev"))'
answers qom-list 'map(.name) == ["type"]' '{"path": "/objects"}'
answers qom-get 'endswith("-x86_64-cpu")' \
	'{"path": "/machine/unattached/device[0]", "property": "type"}'
refuses qom-get "Device '/objects/sev0' not found" '{"path": "/objects/sev0", "property": "policy"}'
answers human-monitor-command '. == "VM status: running\r\n"' '{"command-line": "info status"}'
answers human-monitor-command '. == "SEV is not enabled\r\n"' '{"command-line": "info sev"}'
answers human-monitor-command 'contains("EIP=0000fff0") and contains("CS =f000 ffff0000 0000ffff")' \
	'{"command-line": "info registers"}'

# A button that nobody listens to: the guest has no ACPI.
answers system_powerdown '. == {}'
answers query-status '.status == "running"'

# Memory: the last bytes below 4 GiB are the end of the ROM, and below 1 MiB is its alias; there is
# nothing at 3 GiB. RAM begins with what nobody has written: zeros.
answers pmemsave '. == {}' "{\"val\": 4294901760, \"size\": 65536, \"filename\": \"$dir/dump\"}"
cmp "$dir/dump" "$dir/rom" || fail 'pmemsave: not the ROM'
[ "$(stat -c %a "$dir/dump")" = 600 ] || fail "mode $(stat -c %a "$dir/dump") of a dump"
answers pmemsave '. == {}' "{\"val\": 3221225471, \"size\": 10, \"filename\": \"$dir/dump\"}"
[ "$(od -An -tx1 "$dir/dump" | tr -d ' \n')" = 00000000000000000000 ] || fail 'pmemsave: no zeros'
# The processor is where it began: the jump in the last paragraph, at the linear address FFFFFFF0.
answers memsave '. == {}' "{\"val\": 4294967280, \"size\": 16, \"filename\": \"$dir/dump\"}"
tail -c 16 "$dir/rom" | cmp - "$dir/dump" || fail 'memsave: not the end of the ROM'
refuses memsave "Parameter 'cpu-index' expects a CPU number" \
	"{\"val\": 0, \"size\": 1, \"filename\": \"$dir/dump\", \"cpu-index\": 1}"
refuses x-sev-memsave 'sev: no guest is launched' \
	"{\"val\": 0, \"size\": 4096, \"filename\": \"$dir/view\"}"
[ ! -e "$dir/view" ] || fail 'a refused dump left a file'

# A reset is an event, after the answer.
replies=$(printf '{"execute": "qmp_capabilities"}{"execute": "system_reset"}{"execute": "query-status"}' |
	timeout 60 socat -t 30 - UNIX-CONNECT:"$dir/qmp")
[ "$(printf '%s\n' "$replies" | jq -r -s '.[1:] | map(keys - ["timestamp", "data"]) | flatten |
	join(" ")')" = 'return return event return' ] || fail "system_reset: $replies"
printf '%s\n' "$replies" | jq -e -s '.[3].data == {"guest": false, "reason": "host-qmp-system-reset"}
	and .[4].return.status == "running"' >/dev/null || fail "system_reset: $replies"

answers quit '. == {}'
ended 0
[ "$(ticks)" -gt 0 ] || fail 'the guest has not run'

# ---- A guest that resets the machine once, then switches it off ---------------------------------------

# cmp byte [0x7000], 0x55; je off; mov byte [0x7000], 0x55; mov dx, 0xcf9; mov al, 6; out dx, al; hlt
reset='\200\076\000\160\125\164\014\306\006\000\160\125\272\371\014\260\006\356\364'
# off: mov dx, 0x8900; and of each letter of "Shutdown": mov al, letter; out dx, al
off='\272\000\211\260S\356\260h\356\260u\356\260t\356\260d\356\260o\356\260w\356\260n\356\364'
rom_with "$reset$off" 65280
printf '\351\015\377' | dd of="$dir/rom" bs=1 seek=65520 conv=notrunc 2>/dev/null # jmp 0xff00

start "qmp: socket=$dir/qmp, paused=1"
replies=$( (printf '{"execute": "qmp_capabilities"}{"execute": "cont"}' && sleep 2) |
	timeout 60 socat -t 30 - UNIX-CONNECT:"$dir/qmp")
events=$(printf '%s\n' "$replies" | jq -c -s '[.[] | select(.event) | [.event, .data.guest, .data.reason]]')
[ "$events" = '[["RESUME",null,null],["RESET",true,"guest-reset"],["SHUTDOWN",true,"guest-shutdown"]]' ] ||
	fail "a guest that resets and switches off: $events"
ended 0

# ---- Other ends: what the client hears, and the exit status -------------------------------------------

# listen COMMANDS: a client in the background; what it hears is in $dir/heard.
listen()
{
	printf '{"execute": "qmp_capabilities"}%s' "$1" >"$dir/said"
	timeout 60 socat -t 0.2 STDIO,ignoreeof UNIX-CONNECT:"$dir/qmp" \
		<"$dir/said" >"$dir/heard" 2>&1 &
	client=$!
}

# heard EVENTS: in this order, of all the client hears until the socket is closed.
heard()
{
	wait $client || :
	events=$(jq -c -s '[.[] | select(.event) | [.event, .data.guest // .data.action, .data.reason]]' \
		"$dir/heard")
	[ "$events" = "$1" ] || fail "events: $events instead of $1"
}

# A signal, while the machine waits and while it runs.
rom_with '\353\376' 65520
for command in '' '{"execute": "cont"}'; do
	start "qmp: socket=$dir/qmp, paused=1"
	listen "$command"
	sleep 1
	kill $bochs
	ended 0
	heard "[${command:+[\"RESUME\",null,null],}[\"SHUTDOWN\",null,\"host-signal\"]]"
	grep -q '"guest": false' "$dir/heard" || fail 'SHUTDOWN does not say guest: false'
done

# The one that a terminal sends. A shell has its background jobs ignore it.
bochsrc "qmp: socket=$dir/qmp"
status=0
timeout --preserve-status -s INT 3 "$B/bochs" -q -f "$dir/bochsrc" <&- >"$dir/out" 2>&1 || status=$?
[ $status -eq 0 ] || fail "SIGINT: exit status $status"
[ ! -e "$dir/qmp" ] || fail 'SIGINT: the socket was left behind'

# A triple fault: no table of interrupts, then a breakpoint. lidt [cs:0xff80]; int3
rom_with '\056\017\001\036\200\377\314' 65280
printf '\351\015\377' | dd of="$dir/rom" bs=1 seek=65520 conv=notrunc 2>/dev/null
printf '\000\000\000\000\000\000' | dd of="$dir/rom" bs=1 seek=65408 conv=notrunc 2>/dev/null
start "qmp: socket=$dir/qmp, paused=1" 'cpu: reset_on_triple_fault=0'
listen '{"execute": "cont"}'
ended 4
heard '[["RESUME",null,null],["GUEST_PANICKED","poweroff",null],["STOP",null,null],["SHUTDOWN",true,"guest-panic"]]'

# A device that the emulator cannot go on with: the interrupt controller in a mode that it does not have.
# mov al, 0x19; out 0x20, al
rom_with '\260\031\346\040' 65280
printf '\351\015\377' | dd of="$dir/rom" bs=1 seek=65520 conv=notrunc 2>/dev/null
start "qmp: socket=$dir/qmp, paused=1"
listen '{"execute": "cont"}'
ended 4
heard '[["RESUME",null,null],["STOP",null,null],["SHUTDOWN",null,"host-error"]]'

# ---- The socket's file --------------------------------------------------------------------------------

rom_with '\353\376' 65520
(
	umask 0
	start "qmp: socket=$dir/qmp"
	[ "$(stat -c %a "$dir/qmp")" = 600 ] || fail "mode $(stat -c %a "$dir/qmp") under umask 0"
	kill $bochs
	ended 0
)
ln -s "$dir/elsewhere" "$dir/qmp"
refused 'there is something that is no socket' "qmp: socket=$dir/qmp"
[ ! -e "$dir/elsewhere" ] || fail 'a symbolic link was followed'
rm "$dir/qmp"
