#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=400
#
# The control socket of a SEV guest, from launch-secret to the firmware's shell: what may be asked when,
# in which order what is wrong is found, and resets, through which the guest goes on under its key.
. tests/lib/boot.sh
need "${OVMF-}" "${OVMF_AMDSEV-}"

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

# packet HEADER SECRET [GPA]: arguments of sev-inject-launch-secret
packet()
{
	printf '{"packet-header": "%s", "secret": "%s"%s}' "$1" "$2" "${3+, \"gpa\": $3}"
}

header=$(head -c 52 /dev/zero | base64 -w 0)
secret=$(head -c 64 /dev/zero | base64 -w 0)

# ---- Before the first instruction --------------------------------------------------------------------

new_case launch-secret
start "romimage: file=$OVMF_AMDSEV" 'sev: type=sev, policy=0x3' "qmp: socket=$dir/qmp, paused=1"
await_socket
answers query-sev '. == {"enabled": true, "api-major": 1, "api-minor": 55, "build-id": 21,
	"state": "launch-secret", "sev-type": "sev", "policy": 3, "handle": 1}'
answers query-sev-launch-measure '(.data | length) == 64'
measurement=$answer
answers query-sev-launch-measure ". == $measurement"
answers query-sev-attestation-report '(.data | length) == 280' \
	'{"mnonce": "MDEyMzQ1Njc4OWFiY2RlZg=="}'
refuses query-sev-attestation-report 'SEV: mnonce must be 16 bytes (got 15)' \
	'{"mnonce": "MDEyMzQ1Njc4OWFiY2Rl"}'
answers qom-get '. == 3' '{"path": "/objects/sev0", "property": "policy"}'
answers qom-get '. == "/objects/sev0"' \
	'{"path": "/machine", "property": "confidential-guest-support"}'
answers qom-list-types '. == [{"name": "sev-guest", "parent": "sev-common"}]' \
	'{"implements": "confidential-guest-support"}'
refuses object-del "object 'sev0' is in use, can not be deleted" '{"id": "sev0"}'
answers human-monitor-command \
	'. == "SEV type: sev\r\nstate: launch-secret\r\nbuild: 21\r\napi version: 1.55\r\nhandle: 1\r\ndebug: off\r\nkey-sharing: off\r\n"' \
	'{"command-line": "info sev"}'

# One mistake at a time, from the last check to the first; then two.
refuses sev-inject-launch-secret "SEV: failed to inject secret ret=-5 fw_error=11 'Bad measurement'" \
	"$(packet "$header" "$secret")"
refuses sev-inject-launch-secret \
	'SEV: Failed to calculate guest address: Size of memory region at 0x1ffffff0 exceeded.' \
	"$(packet "$header" "$secret" 536870896)"
refuses sev-inject-launch-secret \
	'SEV: Failed to calculate guest address: Memory at address 0xffffff00 is not RAM' \
	"$(packet "$header" "$secret" 4294967040)"
refuses sev-inject-launch-secret \
	'SEV: Failed to calculate guest address: No memory is mapped at address 0xffffffffffffffff' \
	"$(packet "$header" "$secret" -1)"
refuses sev-inject-launch-secret 'SEV: Failed to decode data' "$(packet "$header" '!!' -1)"
refuses sev-inject-launch-secret 'SEV: Failed to decode sequence header' "$(packet '!!' '!!' -1)"

# What the host sees of the firmware is not what was loaded; the policy forbids to see more.
answers pmemsave '. == {}' "{\"val\": 4294963200, \"size\": 4096, \"filename\": \"$dir/raw\"}"
! tail -c 4096 "$OVMF_AMDSEV" | cmp -s - "$dir/raw" || fail 'pmemsave shows plaintext'
answers memsave '. == {}' "{\"val\": 4294963200, \"size\": 4096, \"filename\": \"$dir/linear\"}"
cmp "$dir/linear" "$dir/raw" || fail 'memsave: not what the host sees'
refuses x-sev-memsave \
	'sev: policy=0x3: forbids debugging (NODBG); legal with debug_override=1' \
	"{\"val\": 4294963200, \"size\": 4096, \"filename\": \"$dir/view\"}"

# Running, everything about the launch stays what it was; secrets come too late.
answers cont '. == {}'
answers query-sev '.state == "running" and .handle == 1'
answers query-sev-launch-measure ". == $measurement"
refuses sev-inject-launch-secret 'SEV: Not in correct state. (LSECRET) 3' "$(packet '!!' '!!' -1)"
answers query-sev-attestation-report '(.data | length) == 280' \
	'{"mnonce": "MDEyMzQ1Njc4OWFiY2RlZg=="}'
answers quit '. == {}'
await_end 30
expect_status 0

# ---- Resets ------------------------------------------------------------------------------------------

# shells N: the firmware has come to its shell for the Nth time.
shells()
{
	time_limit=0
	until [ "$(grep -a -c 'UEFI Interactive Shell' "$dir/serial.log")" -ge "$1" ]; do
		kill -0 "$bochs" 2>/dev/null || fail "bochs ended before shell $1"
		tick 120 "no shell $1"
	done
}

new_case reset
start "romimage: file=$OVMF" 'sev: type=sev' "qmp: socket=$dir/qmp, paused=1"
await_socket
answers system_reset '. == {}'
answers query-status '. == {"status": "prelaunch", "running": false}'
answers query-sev '.state == "launch-secret"'
answers cont '. == {}'
shells 1
answers system_reset '. == {}'
shells 2
answers stop '. == {}'
answers system_reset '. == {}'
answers query-status '. == {"status": "prelaunch", "running": false}'
answers query-sev '.state == "running"'
answers cont '. == {}'
shells 3
answers human-monitor-command 'contains("CR0=8") and contains("RIP=")' \
	'{"command-line": "info registers"}'
answers quit '. == {}'
await_end 30
expect_status 0
