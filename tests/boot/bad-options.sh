#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=400
#
# Wrong use of every property of every directive: exit status 2, and one line that names directive,
# property and value, and says what is legal. No instruction runs, no file is written.
. tests/lib/boot.sh
. tests/lib/linux.sh
need "${OVMF_AMDSEV-}" "${KERNEL_6_1-}"
seen='' count=0

# good NAME LINE...: the machine in which one line is wrong.
good()
{
	name=$1
	shift
	new_case "$name"
	start "romimage: file=$OVMF_AMDSEV" "fw_cfg: kernel=$KERNEL_6_1, initrd=$initrd" \
		"sev: type=sev, kernel_hashes=1" "$@"
	await_end 20
}

# bad TEXT LINE...: lines of which the last is wrong, and what is said to be legal (a basic regular
# expression). The message must repeat the value as it was given.
bad()
{
	text=$1
	shift
	for line; do :; done
	directive=${line%%:*}
	parameter=${line##*, }
	parameter=$(printf '%s' "${parameter#*: }" | tr -d '"')
	count=$((count + 1))
	echo "$line"
	good "$count-$directive-${parameter%%=*}" "$@"
	seen="$seen $directive:${parameter%%=*}"
	expect_status 2
	[ "$(grep -c '^bochs: ' "$dir/out")" -eq 1 ] || fail "not exactly one line says why"
	grep '^bochs: ' "$dir/out" >"$dir/why"
	grep -q -F -e "$directive: " "$dir/why" || fail "the message does not name $directive"
	grep -q -F -e "$parameter" "$dir/why" || fail "the message does not name $parameter"
	grep -q 'legal' "$dir/why" || fail 'the message does not say what is legal'
	grep -q -e "$text" "$dir/why" || fail "the message does not say \"$text\""
	[ ! -e "$dir/launch.json" ] && [ ! -s "$dir/serial.log" ] || fail 'the guest was launched'
}

# Files with wrong content.
f=$(mkdir -p "$boots" && cd "$boots" && pwd)/files
rm -rf "$f"
mkdir "$f"
printf 'not base64!' >"$f/text"
head -c 15 /dev/zero >"$f/short"
head -c 16 /dev/zero >"$f/key"
printf 'one\ntwo\n' >"$f/lines"

# ---- sev -----------------------------------------------------------------------------------------
bad 'none, sev' 'sev: type=snp'
bad 'none, sev' 'sev: type='
bad '40\.\.51' 'sev: cbitpos=39'
bad '40\.\.51' 'sev: cbitpos=52'
bad '40\.\.51' 'sev: cbitpos=47x'
bad '40\.\.51' 'sev: cbitpos=-5'
bad 'address bits' 'sev: cbitpos=32'
bad '1\.\.63' 'sev: reduced_phys_bits=0'
bad '1\.\.63' 'sev: reduced_phys_bits=64'
bad '0\.\.4294967295' 'sev: policy=4294967296'
bad '0x0\.\.0xffffffff' 'sev: policy=0x100000000'
bad 'reserved' 'sev: policy=0x40'
bad 'without bit 2' 'sev: policy=0x5'
bad '0\.\.4294967295' 'sev: handle=-1'
bad '0 or 1' 'sev: kernel_hashes=on'
bad '0 or 1' 'sev: coherent=2'
bad '0 or 1' 'sev: debug_override=yes'
bad 'none, firmware' 'sev: tamper=kernel'
bad 'both or neither' "sev: dh_cert_file=$f/text"
bad 'both or neither' "sev: session_file=$f/text"
bad 'both or neither' "sev: tik=$f/key"
bad 'both or neither' "sev: tek=$f/key"
bad 'exactly 16' "sev: tek=$f/key" "sev: tik=$f/short"
bad 'exactly 16' "sev: tik=$f/key" "sev: tek=$f/short"
bad 'one of the two' "sev: dh_cert_file=$f/text, session_file=$f/text" "sev: tek=$f/key" \
	"sev: tik=$f/key"
bad 'sev-owner session' "sev: session_file=$f/text" "sev: dh_cert_file=$f/text"
bad 'anything but nothing' 'sev: report='
bad 'cbitpos, reduced_phys_bits' 'sev: c_bit=51'
bad 'name=value' 'sev: kernel_hashes'

# ---- psp -----------------------------------------------------------------------------------------
bad 'anything but nothing' 'psp: state='
bad '1 to 64 bytes in hexadecimal' 'psp: seed=123'
bad '1 to 64 bytes in hexadecimal' 'psp: seed=xy'
bad '1 to 64 bytes in hexadecimal' 'psp: seed='
bad 'anything but nothing' 'psp: chain='
bad '0 or 1' 'psp: device=2'
bad 'only with sev: type=none' 'psp: device=1'
bad 'anything but nothing' 'psp: trace='
bad 'No such file or directory' 'psp: trace=/nonexistent/trace.json'
bad '0 or 1' 'psp: trace_secrets=2'
bad 'with trace=FILE' 'psp: trace_secrets=1'
bad 'No such file or directory' 'psp: chain=/nonexistent/chain.cert'
bad 'state, chain, seed, device, trace, trace_secrets' 'psp: identity=x'

# ---- fw_cfg --------------------------------------------------------------------------------------
bad 'anything but nothing' 'fw_cfg: kernel='
bad 'anything but nothing' 'fw_cfg: initrd='
bad 'without append' "fw_cfg: append=\"console=ttyS0\"" "fw_cfg: append_file=$f/text"
bad 'one line' "fw_cfg: append_file=$f/lines"
bad 'name=NAME,path=FILE' 'fw_cfg: file="path=x"'
bad 'OpenFirmware path' 'fw_cfg: bootorder=disk'
bad 'kernel, initrd, cmdline' 'fw_cfg: tamper=firmware'
bad 'kernel, initrd' 'fw_cfg: ramdisk=x'
bad 'anything but nothing' 'fw_cfg: append='

# ---- qmp -----------------------------------------------------------------------------------------
bad 'anything but nothing' 'qmp: socket='
bad '0 or 1' 'qmp: paused=true'
bad 'socket=PATH' 'qmp: paused=1'
bad 'socket, paused' 'qmp: server=1'
bad '1 to 107' "qmp: socket=$f/$(printf %0120d 0)"

# ---- The machine ---------------------------------------------------------------------------------
bad 'epyc_milan' 'cpu: model=ryzen'
bad 'at most 2048' 'memory: host=2048, guest=3072'
bad 'is host=128' 'memory: guest=128, host=64'
host='sev: type=none, kernel_hashes=0'
bad 'with psp: device=1 is epyc_milan' "$host" 'psp: device=1' 'cpu: model=ryzen'
bad 'at most 2048' "$host" 'psp: device=1' 'memory: host=2048, guest=3072'

# Files that are not there.
for property in 'sev: dh_cert_file' 'fw_cfg: kernel' 'fw_cfg: initrd' 'fw_cfg: append_file'; do
	good "missing-$(printf '%s' "${property#*: }")" "sev: session_file=$f/text" \
		"sev: dh_cert_file=$f/text" "$property=$f/missing"
	expect_status 2
	expect_output "^bochs: ${property%%=*}=.*$f/missing: .*"
done

# Every property was in one of the lines.
new_case complete
for each in sev:bios/sev_options.c psp:iodev/psp/psp_options.c fw_cfg:iodev/fw_cfg/options.c \
	qmp:monitor/qmp_device.cc; do
	for property in $(properties_in "${each#*:}"); do
		case "$seen " in
		*" ${each%%:*}:$property "*) ;;
		*) fail "no wrong use of ${each%%:*}: $property= was tried" ;;
		esac
	done
done
