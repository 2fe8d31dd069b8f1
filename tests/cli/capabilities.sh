#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# bochs --sev-capabilities from outside: its three forms read by programs that are made for them, the
# same answer as that of the control socket for the same chip, certificates that a guest's owner can
# use, and wrong use. Prints TAP.
set -u

B=${B:-build}
[ -x "$B/bochs" ] && [ -x "$B/sev-owner" ] || { echo "$B/bochs, $B/sev-owner: not built" >&2; exit 1; }
work=$(mktemp -d)
dir=$work
bochs=
. tests/lib/tap.sh
. demo/qmp.sh

clean_up()
{
	[ -z "$bochs" ] || kill -9 "$bochs" 2>/dev/null
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

# ---- Wrong use: one line, exit status 2, nothing on standard output, nothing made ---------------------

# refused WHAT-IS-SAID ARGUMENT...
refused()
{
	said=$1
	shift
	status=0
	timeout 30 "$B/bochs" "$@" <&- >"$work/stdout" 2>"$work/log" || status=$?
	[ $status -eq 2 ] && [ ! -s "$work/stdout" ] && [ "$(wc -l <"$work/log")" -eq 1 ] &&
		grep -q -F -e "bochs: --sev-capabilities: $said" "$work/log"
}

legal='legal are --format json, libvirt or proxmox, and --state DIR'
check 'an unknown format' refused "--format xml: $legal" --sev-capabilities --format xml
check 'no format' refused '--format: needs a value' --sev-capabilities --format
check 'an empty format' refused '--format : legal are' --sev-capabilities --format=
check 'an unknown option' refused "--sate: not an option here; $legal" --sev-capabilities --sate x
check 'a directive' refused 'sev: type=sev: not an option here' --sev-capabilities 'sev: type=sev'
check 'an empty directory' refused '--state: legal is anything but nothing' --sev-capabilities --state=
check 'a chip for Proxmox' refused "--state $work/new: the format proxmox tells nothing of a chip" \
	--sev-capabilities --format proxmox --state "$work/new"
check 'another place' refused 'legal is the first place, but -q stands there' -q --sev-capabilities
check 'nothing was made' [ ! -e "$work/new" ]

# unusable DIR WHAT-IS-SAID: errors of the chip name it as the directive does.
unusable()
{
	status=0
	"$B/bochs" --sev-capabilities --state "$1" >"$work/stdout" 2>"$work/log" || status=$?
	[ $status -eq 2 ] && [ ! -s "$work/stdout" ] && [ "$(wc -l <"$work/log")" -eq 1 ] &&
		grep -q -F -e "bochs: psp: state=$1$2" "$work/log"
}
: >"$work/file"
mkdir "$work/damaged"
echo nonsense >"$work/damaged/chip.state"
check 'a file in place of a directory' unusable "$work/file" ': cannot open the directory'
check 'no such parent' unusable "$work/none/chip" ': cannot make the directory'
check 'a damaged chip' unusable "$work/damaged" '/chip.state: not the state of an emulated PSP'
check 'a damaged chip is left alone' [ "$(cat "$work/damaged/chip.state")" = nonsense ]

full()
{
	status=0
	"$B/bochs" --sev-capabilities >/dev/full 2>"$work/log" || status=$?
	[ $status -eq 2 ] && grep -q 'standard output: No space left on device' "$work/log"
}
check 'a full disk' full

# ---- Without a chip ----------------------------------------------------------------------------------

# Nothing but the answer: no banner of Bochs, no log file, no device, no display.
capabilities()
{
	(cd "$work" && "$program" --sev-capabilities "$@" <&- 2>log)
}
program=$(readlink -f "$B/bochs")

json()
{
	capabilities >"$work/caps.json" && [ ! -s "$work/log" ] && [ ! -e "$work/bochsout.txt" ] &&
		jq -e '.types == {"sev": true, "sev-es": .types["sev-es"], "sev-snp": .types["sev-snp"]}
			and .cbitpos == 51 and ."reduced-phys-bits" == 1 and ."api-major" == 1
			and (.commands | map(select(.name == "LAUNCH_START")) == [{"name":
				"LAUNCH_START", "id": 48, "supported": true}])
			and (has("pdh") or has("cert-chain") or has("cpu0-id") | not)
			and (.note | contains("--state DIR"))' "$work/caps.json" >/dev/null
}
check 'JSON' json

same_as_default()
{
	capabilities --format json | cmp - "$work/caps.json"
}
check 'JSON is the default' same_as_default

# As Proxmox VE reads it: an object amd-sev of two numbers and three booleans.
proxmox()
{
	capabilities --format proxmox | jq -e 'keys == ["amd-sev"] and (."amd-sev" | map_values(type) == {
		"cbitpos": "number", "reduced-phys-bits": "number", "sev-support": "boolean",
		"sev-support-es": "boolean", "sev-support-snp": "boolean"})' >/dev/null
}
check "Proxmox's hw-params.json" proxmox

# formatdomaincaps: order and content of the element's children.
libvirt()
{
	capabilities --format libvirt "$@" >"$work/sev.xml" &&
		python3 - "$work/sev.xml" $# <<'END' >"$work/log" 2>&1
import base64
import sys
import xml.etree.ElementTree

sev = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
assert (sev.tag, sev.attrib) == ("sev", {"supported": "yes"}), (sev.tag, sev.attrib)
names = ["cbitpos", "reducedPhysBits", "maxGuests", "maxESGuests"]
texts = [child.text for child in sev]
assert [int(text) for text in texts[:4]][:3] == [51, 1, 509], texts
if int(sys.argv[2]):
    names.append("cpu0Id")
    assert len(base64.b64decode(texts[4], validate=True)) == 64, texts[4]
assert [child.tag for child in sev] == names, [child.tag for child in sev]
END
}
check "libvirt's <sev>" libvirt

# ---- Of a chip ---------------------------------------------------------------------------------------

of_chip()
{
	capabilities --state "$work/chip" >"$work/chip.json" && [ ! -s "$work/log" ] &&
		[ "$(stat -c %a "$work/chip" "$work/chip/chip.state" | tr '\n' ' ')" = '700 600 ' ] &&
		capabilities --state="$work/chip" | cmp - "$work/chip.json"
}
check 'a chip is made, and then is the same' of_chip
check "libvirt's <sev> with the processor's identity" libvirt --state "$work/chip"

# An owner makes a session from these certificates alone.
owner()
{
	jq -r '.pdh, ."cert-chain"' "$work/chip.json" | while read -r each; do
		printf '%s' "$each" | base64 -d
	done >"$work/platform.cert"
	"$B/sev-owner" session --out "$work" --name vm "$work/platform.cert" 0x1 >"$work/log" 2>&1 &&
		[ -s "$work/vm_session.b64" ]
}
check 'an owner makes a session for the chip' owner

# The machine's control socket says the same of it; while the machine runs, nobody else has the chip.
start_machine()
{
	head -c 65536 /dev/zero | tr '\000' '\220' >"$work/rom"
	printf '\353\376' | dd of="$work/rom" bs=1 seek=65520 conv=notrunc 2>/dev/null
	head -c 512 /dev/zero >"$work/vga.rom"
	cat >"$work/bochsrc" <<-END
		config_interface: textconfig
		display_library: nogui
		memory: guest=32, host=32
		romimage: file=$work/rom
		vgaromimage: file=$work/vga.rom
		log: $work/bochs.log
		panic: action=fatal
		sev: type=none
		psp: state=$work/chip
		qmp: socket=$work/qmp, paused=1
	END
	"$B/bochs" -f "$work/bochsrc" <&- >"$work/log" 2>&1 &
	bochs=$!
	tries=0
	until [ -S "$work/qmp" ]; do
		kill -0 "$bochs" 2>/dev/null || return 1
		tries=$((tries + 1))
		[ $tries -lt 150 ] || return 1
		sleep 0.2
	done
}

same_as_qmp()
{
	start_machine && qmp query-sev-capabilities >"$work/qmp.json" &&
		jq -e -s '.[0] as $machine | .[1] as $said |
			($machine | keys == ["cbitpos", "cert-chain", "cpu0-id", "pdh",
				"reduced-phys-bits"])
			and ([$machine | keys[] | $machine[.] == $said[.]] | all)' \
			"$work/qmp.json" "$work/chip.json" >/dev/null
}
check 'the control socket says the same' same_as_qmp
check 'a chip that a machine has' unusable "$work/chip" ': another running emulator has this chip'

ends()
{
	qmp quit >"$work/log" && wait "$bochs"
}
check 'the machine quits' ends
bochs=
echo "1..$number"
