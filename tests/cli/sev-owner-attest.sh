#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sev-owner attest from outside, against hosts that answer well, badly or not at all: what it says,
# with which status it ends, and which commands it sent. Prints TAP.
set -u

B=${B:-${BUILD:-build}}
owner=$(readlink -f "$B/sev-owner")
host=$(readlink -f "$B/check/sev-host")
chip=$(readlink -f "$B/check/psp-chip")
measure="python3 $(readlink -f tests/lib/es_measurement.py)"
fake="python3 $(readlink -f tests/lib/fake_host.py)"
for each in "$owner" "$host" "$chip"; do
	[ -x "$each" ] || { echo "sev-owner, sev-host or psp-chip is not built"; exit 1; }
done
. tests/lib/tap.sh

work=$(mktemp -d)
server=
trap 'rm -rf "$work"; [ -z "$server" ] || kill $server 2>/dev/null' EXIT
trap 'exit 1' INT TERM HUP
cd "$work" || exit 1

printf KERNEL-TEST >kernel
printf INITRD-TEST >initrd
printf passphrase >secret
printf 0123456789abcdef >tik
printf fedcba9876543210 >tek
"$host" firmware firmware.fd
boot='--firmware firmware.fd --kernel kernel --initrd initrd --cmdline console=ttyS0'
digest=$("$owner" digest $boot)
error='{"error": {"class": "GenericError", "desc": "it does not please me"}}'

# info STATE [POLICY [MINOR]]: what query-sev returns.
info()
{
	printf '{"enabled": true, "api-major": 1, "api-minor": %s, "build-id": 21, "sev-type": "sev",
		"state": "%s", "policy": %s, "handle": 7}' "${3:-55}" "$1" "${2:-1}"
}

# A host that launched with POLICY, and says so.
measured()
{
	printf '{"data": "%s"}' "$($measure tik "${1:-1}" "${2:-$digest}")"
}

# with ANSWER...: a host that gives these answers.
with()
{
	[ -z "$server" ] || { kill $server; wait $server; } 2>/dev/null
	rm -f qmp asked
	: >asked
	$fake qmp asked "$@" &
	server=$!
	tries=0
	until [ -S qmp ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
}

good()
{
	with "query-sev=$(info launch-secret)" "query-sev-launch-measure=$(measured)" \
		'sev-inject-launch-secret={}' 'cont={}' 'quit={}' "$@"
}

# tells STATUS WORDS ARGUMENT...
tells()
{
	status=$1 words=$2
	shift 2
	"$owner" attest --qmp qmp --tik tik --tek tek --wait 10 --timeout 4 "$@" >out 2>err
	got=$?
	echo "exit status $got" | cat - out err asked >log
	[ $got -eq "$status" ] || return 1
	[ "$status" -eq 0 ] || [ "$(grep -c -v ': waiting for ' err)" -eq 1 ] || return 1
	cat out err | grep -qF -e "$words"
}

# asked COMMAND...: exactly these, in this order.
asked()
{
	commands=$(cut -d ' ' -f 1 asked | tr '\n' ' ')
	echo "asked: $commands" >log
	[ "$commands" = "qmp_capabilities $* " ]
}

# json EXPRESSION: of the one object on standard output.
json()
{
	python3 -c '
import json, sys
o = json.load(open("out"))
sys.exit(not eval("(" + sys.argv[1] + ")"))' "$1" 2>log
}

# ---- good hosts ------------------------------------------------------------------------------------

all='query-sev query-sev-launch-measure sev-inject-launch-secret cont'
good
check 'the whole dialogue' tells 0 'guest: runs' $boot luks=secret
check 'in this order' asked $all
check 'a packet as QMP has it' grep -q \
	'^sev-inject-launch-secret {"packet-header": "A\{5\}[^"]*", "secret": "[^"]*"}$' asked
good
check 'without a secret' tells 0 'measurement verifies: policy 0x1, API 1.55 build 21' $boot
check 'nothing is injected' asked query-sev query-sev-launch-measure cont
good
check 'a digest instead of files' tells 0 'guest: runs' --digest "$digest" --policy nodbg
good
check '--no-cont' tells 0 'guest: paused' $boot luks=secret --no-cont
check 'no cont' asked query-sev query-sev-launch-measure sev-inject-launch-secret
good
check '--gpa' tells 0 '' $boot luks=secret --gpa 0xffffffffffffffff
check 'an address of 64 bits' grep -q '^sev-inject.*"gpa": 18446744073709551615,' asked
good
check '--json' tells 0 '' $boot luks=secret --json
check 'names in JSON' json 'o["verified"] and o["running"] and o["secret-injected"] and
	(o["state"], o["handle"], o["policy"], o["api-minor"]) == ("launch-secret", 7, 1, 55) and
	len(o["data"]) == 64 and len(o["launch-digest"]) == 64 and "error" not in o'
with "query-sev=$(info uninit)" "query-sev=$(info launch-update)" "query-sev=$(info launch-secret)" \
	"query-sev-launch-measure=$(measured)" 'cont={}'
check 'a launch under way' tells 0 'guest: runs' $boot
check 'is waited for' asked query-sev query-sev query-sev query-sev-launch-measure cont
# QEMU before 9.1 says no type.
with "query-sev=$(info launch-secret | sed 's/"sev-type": "sev",//')" 'cont={}' \
	"query-sev-launch-measure=$(measured)"
check 'an old QEMU' tells 0 'guest: runs' $boot
for minor in 54.255 55 55.21; do
	good
	check "--min-api 1.$minor" tells 0 'guest: runs' $boot --min-api 1.$minor
done
es='--vcpus 2 --cpu-model EPYC-Milan'
with "query-sev=$(info launch-secret 5)" 'cont={}' \
	"query-sev-launch-measure=$(measured 5 "$("$owner" digest $boot $es)")"
check 'SEV-ES' tells 0 'policy 0x5' $boot $es
rm -f qmp
(sleep 3; good; wait $server) &
check 'a host that comes late' tells 0 'guest: runs' $boot
check 'is told of' grep -q '^sev-owner: waiting for the socket (2 s)$' err
wait

# Another client has the host's attention for a while.
with 'query-sev={}'
python3 -c '
import socket, time
client = socket.socket(socket.AF_UNIX)
client.connect("qmp")
open("connected", "w").close()
time.sleep(10)' &
other=$!
tries=0
until [ -e connected ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
check 'a host that is busy' tells 2 'no greeting: no answer within 3 s' $boot --timeout 3 2>/dev/null
check 'is told of, too' grep -q '^sev-owner: waiting for the greeting (2 s)$' err
kill $other

# ---- guests that are not the one expected -----------------------------------------------------------

# Not one command more than it takes to know.
refused()
{
	tells 1 "$@" && { [ "$commands_allowed" = any ] || asked $commands_allowed; }
}

commands_allowed='query-sev query-sev-launch-measure'
good
check 'another kernel' refused 'does not verify' $boot --kernel initrd luks=secret
good
{ head -c 100 firmware.fd; printf '\001'; tail -c +102 firmware.fd; } >flipped.fd
check 'another firmware' refused 'left as it is' $boot --firmware flipped.fd luks=secret
with "query-sev=$(info launch-secret 3)" "query-sev-launch-measure=$(measured 3)"
check 'another policy' refused 'policy differs: expected 0x1, launched 0x3' $boot --policy 1 luks=secret
with "query-sev=$(info launch-secret 1)" "query-sev-launch-measure=$(measured 0)"
check 'a host that lies of the policy' refused 'does not verify' $boot --policy 1 luks=secret
with "query-sev=$(info launch-secret 1)" "query-sev-launch-measure=$(measured 0)"
check 'even if any would do' refused 'does not verify' $boot
with "query-sev=$(info launch-secret 1 56)" "query-sev-launch-measure=$(measured)"
check 'a host that lies of its version' refused 'does not verify' $boot --min-api 1.56
for minor in 56 55.22; do
	good
	check "--min-api 1.$minor" refused "api differs: expected 1.$minor or newer, launched by 1.55.21" \
		$boot --min-api 1.$minor luks=secret
done
good
check '--min-api 2.0' refused 'api differs' $boot --min-api 2.0
good
check 'no initrd expected' refused 'does not verify' --firmware firmware.fd --kernel kernel luks=secret
with "query-sev=$(info launch-secret 1)" \
	"query-sev-launch-measure=$(measured 1 "$("$owner" digest $boot $es)")"
check 'vCPUs measured as data' refused 'policy differs: vCPUs are expected, thus SEV-ES' $boot $es
good
check 'another TIK' refused 'does not verify' --tik tek $boot luks=secret
good
check 'in JSON' tells 1 '' $boot --cmdline 'console=ttyS0 ' --json luks=secret
check 'with names' json 'not o["verified"] and not o["running"] and not o["secret-injected"] and
	o["differs"] == ["cmdline"] and "blank" in o["reason"] and
	o["error"]["class"] == "DoesNotVerify"'
commands_allowed='query-sev query-sev-launch-measure quit'
good
check '--quit-on-failure' refused 'the guest is ended' $boot --kernel initrd --quit-on-failure
with "query-sev=$(info launch-secret)" "query-sev-launch-measure=$(measured)" 'quit=!'
check 'quit without an answer' refused 'the guest is ended' $boot --kernel initrd --quit-on-failure
commands_allowed='query-sev'
with "query-sev=$(info running)"
check 'a guest that runs' refused 'it is not paused before its first instruction' $boot
with 'query-sev={"enabled": false, "state": "uninit"}'
check 'no SEV guest' refused 'it is no SEV guest' $boot
with 'query-sev={"enabled": true, "sev-type": "sev-snp", "snp-policy": 1, "state": "launch-update"}'
check 'SEV-SNP' refused 'it is a SEV-SNP guest' $boot

# ---- hosts that cannot be talked to ------------------------------------------------------------------

# Exit status 2; whatever was done, the guest was not let go.
broken()
{
	tells 2 "$@" && ! grep -q '^cont' asked
}

with "query-sev=$error"
check 'an error' broken '--qmp=qmp: query-sev: it does not please me' $boot
with 'query-sev={"error": {"class": "GenericError", "desc": "no\nsev-owner: guest: runs\u001b[2J"}}'
check 'an error that would like to be more than one line' broken \
	'query-sev: no?sev-owner: guest: runs?[2J; the guest is left as it is' $boot
for member in api-major api-minor build-id policy handle state enabled; do
	with "query-sev=$(info launch-secret | sed "s/\"$member\"/\"x\"/")"
	check "no $member" broken "the answer has no \"$member\"" $boot
done
with "query-sev=$(info launch-secret 4294967296)"
check 'a policy of 33 bits' broken 'no "policy"' $boot
with "query-sev=$(info launch-secret -1)"
check 'a negative policy' broken 'no "policy"' $boot
with 'query-sev=[]'
check 'no object' broken 'the answer has no' $boot
with "query-sev=$(info launch-secret)" "query-sev-launch-measure=$error"
check 'no measurement' broken 'query-sev-launch-measure: it does not please me' $boot
for data in '"AAAA"' '"!"' '1' 'null'; do
	with "query-sev=$(info launch-secret)" "query-sev-launch-measure={\"data\": $data}"
	check "the measurement $data" broken 'no "data" as QMP has it' $boot
done
good
with "query-sev=$(info launch-secret)" "query-sev-launch-measure=$(measured)" 'cont={}' \
	"sev-inject-launch-secret=$error"
check 'a secret that is refused' broken 'sev-inject-launch-secret: it does not please me' $boot \
	luks=secret
with "query-sev=$(info launch-secret)" "query-sev-launch-measure=$(measured)" "cont=$error"
check 'a guest that cannot run' tells 2 'cont: it does not please me' $boot
with "query-sev=$(info launch-secret)" "query-sev-launch-measure=!"
check 'a host that hangs up' broken 'the other end closed the connection' $boot
with "query-sev=$(info launch-update)"
check 'a launch that does not end' broken 'in state launch-update instead of launch-secret, after 1 s' \
	$boot --wait 1
check 'no socket' broken 'no such socket, after 0 s' $boot --qmp nowhere --wait 0
check 'no socket, in JSON' tells 2 '"class":"NoDialogue"' $boot --qmp nowhere --wait 0 --json
check 'a file' broken 'not a socket' $boot --qmp kernel

# ---- wrong use: not a word to the host ----------------------------------------------------------------

wrong()
{
	tells 2 "$@" && [ ! -s asked ]
}

good
check 'no files' wrong 'nothing to compare with'
check 'files and digest' wrong 'one of the two' $boot --digest "$digest"
check 'a short digest' wrong '--digest=00: not legal' --digest 00
check 'no such firmware' wrong 'nowhere' --firmware nowhere
check 'no such secret' wrong 'nowhere' $boot luks=nowhere
check 'no GUID' wrong 'x=secret: not legal' $boot x=secret
check 'a policy' wrong '--policy=0x40: not a policy' $boot --policy 0x40
check 'a policy of SEV-ES' wrong '--policy=0x4: SEV-ES' $boot --policy es
for each in 1 1. 1.x 1.256 1.55.256 1.2.3.4 x 1.55. -1.2 ' 1.55'; do
	check "--min-api '$each'" wrong "--min-api=$each: not legal" $boot --min-api "$each"
done
check '--gpa without a secret' wrong '--gpa=0: without a secret' $boot --gpa 0
check '--gpa' wrong '--gpa=x' $boot --gpa x luks=secret
check '--wait' wrong '--wait=3601: not a legal number, legal: 0 to 3600' $boot --wait 3601
check '--timeout' wrong '--timeout=0: not a legal number, legal: 1 to 3600' $boot --timeout 0
check '--chip-id' wrong '--chip-id=00: not legal, legal: 128 hexadecimal digits' $boot --chip-id 00
check '--chain' wrong 'kernel: offset 0x0' $boot --chain kernel
check 'an empty path' wrong '0 characters' $boot --qmp ''
check 'no such TEK' wrong 'nowhere' $boot --tek nowhere luks=secret

# bare WORDS ARGUMENT...: without the options that all the others have.
bare()
{
	words=$1
	shift
	"$owner" attest "$@" >log 2>&1
	[ $? -eq 2 ] && grep -qF -e "$words" log && [ ! -s asked ]
}

check 'no --qmp' bare '--qmp is missing' --tik tik $boot
check 'no TIK' bare '--tik is missing' --qmp qmp $boot
check 'no TEK' bare '--tek is missing' --qmp qmp --tik tik $boot luks=secret
good
cat >report <<END
{"type":"sev","api-major":1,"api-minor":55,"build-id":21,"policy":1,"regions":[],
"launch-digest":"$digest","measurement":"$digest","mnonce":"$(printf %032d 0)"}
END
check 'a report of another launch' tells 2 '--report=report: of another launch' $boot --report report

# ---- the platform ----------------------------------------------------------------------------------

size=2084
"$chip" state chain published >/dev/null 2>&1
"$chip" state export pdh exported >/dev/null 2>&1
"$chip" stranger chain strange >/dev/null 2>&1
tail -c 3200 published >ask_ark
tail -c +$((3 * size + 1)) published | head -c $size >cek
id=$(printf '%0128d' 1)
capabilities()
{
	printf '{"pdh": "%s", "cert-chain": "%s", "cpu0-id": "%s", "cbitpos": 51}' \
		"$(head -c $size "$1" | base64 -w 0)" "$(head -c $((4 * size)) "$1" | tail -c +$((size + 1)) | base64 -w 0)" \
		"$({ head -c 63 /dev/zero; printf '\001'; } | base64 -w 0)"
}

platform()
{
	good "query-sev-capabilities=$(capabilities "${1:-published}")"
}

platform
check 'the root' tells 0 "platform verifies: root: this emulator's" $boot --root emulated \
	--chain ask_ark
check 'is asked for first' asked query-sev query-sev-capabilities query-sev-launch-measure cont
platform
check 'the root by its key' tells 0 'platform verifies' $boot --root ask_ark --chain ask_ark --chain cek
platform
check 'the owner' tells 0 'platform verifies' $boot --owner published
platform
check 'the chip' tells 0 '' $boot --chip-id "$id" --json
check 'the platform in JSON' json 'o["platform"]["verified"] and o["platform"]["root"]'
platform
check 'the PDH of the session' tells 0 '' $boot --chain pdh
commands_allowed='query-sev query-sev-capabilities'
platform
check 'another chip' refused 'the chip is another one' $boot --chip-id "$(printf %0128d 0)" luks=secret
platform
check 'another owner' refused 'the key of the OCA is another one' $boot --owner strange
platform
check 'no ARK' refused '--root=emulated: no ARK is given' $boot --root emulated
platform strange
check 'another PDH than that of the session' refused 'the guest does not verify' $boot --chain pdh
platform published
good "query-sev-capabilities=$(capabilities published | sed 's/"cpu0-id"/"x"/')"
check 'no chip identifier' refused 'does not say which chip it is' $boot --chip-id "$id"
good "query-sev-capabilities=$(capabilities published | sed 's/"pdh": "..../"pdh": "AAAA/')"
check 'no PDH' refused "the platform's pdh" $boot --owner published
good "query-sev-capabilities={}"
check 'no certificates' broken 'the answer has no "pdh"' $boot --owner published

echo "1..$number"
