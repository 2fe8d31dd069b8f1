#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# bochs-sev-import from outside: the samples, wrong use, what is written and what is not, and that
# Bochs takes what it prints. Prints TAP.
set -u

B=${B:-build}
import=$(readlink -f "$B/bochs-sev-import")
bochs=$(readlink -f "$B/bochs")
owner=$(readlink -f "$B/sev-owner")
host=$(readlink -f "$B/check/sev-host")
for each in "$import" "$bochs" "$owner" "$host"; do
	[ -x "$each" ] || { echo "$each: not built"; exit 1; }
done
samples=$(readlink -f tests/cli/import)

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
. tests/lib/tap.sh
. demo/qmp.sh
dir=$work
cp "$samples"/* "$work"
cd "$work" || exit 1

# ends STATUS WORDS COMMAND...: exit status, and WORDS in what is said. A mistake is one line on standard
# error, and nothing on standard output.
ends()
{
	status=$1 words=$2
	shift 2
	"$@" >out 2>err
	got=$?
	cat out err >log
	[ $got -eq "$status" ] || { echo "exit status $got" >>log; return 1; }
	if [ "$status" -ne 0 ]; then
		[ "$(wc -l <err)" -eq 1 ] && [ ! -s out ] && grep -q '^bochs-sev-import: ' err || return 1
	fi
	[ -z "$words" ] || grep -qF -e "$words" log
}

# import_ends STATUS WORDS ARGUMENT...
import_ends()
{
	title="$(shift 2; echo "$*" | cut -c 1-90 | tr '#\n' '? ') -> $1${2:+: $2}"
	status=$1 words=$2
	shift 2
	check "$title" ends "$status" "$words" "$import" "$@"
}

# has FILE LINE: a line as a whole.
has()
{
	cp "$1" log
	grep -qxF -e "$2" "$1"
}

# nothing NAME...: none of these is there.
nothing()
{
	for each; do
		[ ! -e "$each" ] || { echo "$each is there" >log; return 1; }
	done
}

# ---- The samples ---------------------------------------------------------------------------------

same_as_expected()
{
	rm -f bochsrc bochsrc.cmdline
	"$import" --output bochsrc --firmware /srv/sev/OVMF.amdsev.fd "$1" >log 2>&1 &&
		diff "$samples/$1.bochsrc" bochsrc >log &&
		printf 'console=ttyS0 demo.words="a b"' | cmp - bochsrc.cmdline >log 2>&1
}

twice_the_same()
{
	"$import" --output bochsrc "$1" && cp bochsrc first && "$import" --output bochsrc "$1" &&
		cmp first bochsrc
}

for each in qemu.sh libvirt.xml proxmox.conf; do
	check "$each becomes what is expected" same_as_expected $each
	check "$each twice becomes the same" twice_the_same $each
done
check 'a format that is named is what is read' ends 2 'qemu.sh:' "$import" --from libvirt qemu.sh
check 'formats are recognized' ends 0 '' "$import" --from proxmox proxmox.conf

# ---- The owner's session, from XML to files ------------------------------------------------------

"$host" export chip chain >log 2>&1 && "$owner" session --name vm chain 1 >log 2>&1
sed -e "s|@SESSION@|$(cat vm_session.b64)|" -e "s|@CERT@|$(cat vm_godh.b64)|" libvirt-older.xml >owned.xml
import_ends 0 '' --output owned owned.xml
check 'the session is in a file' cmp owned.session.b64 vm_session.b64
check 'the certificate is in a file' cmp owned.godh.b64 vm_godh.b64
check 'and named' has owned \
	'sev: dh_cert_file=owned.godh.b64, session_file=owned.session.b64'
check 'with the older names and blanks' has owned \
	'sev: type=sev, cbitpos=47, reduced_phys_bits=1, policy=0x1, kernel_hashes=0'
rm -f bochsrc-sev*
import_ends 0 'bochsrc-sev.godh.b64: written with --output FILE alone' owned.xml
check 'without --output no file is written' nothing bochsrc-sev bochsrc-sev.godh.b64
sed 's|@SESSION@|AAACCCDD=FFFCCCDSDS|' libvirt-older.xml >bad.xml
import_ends 2 'bad.xml:14:5: session: not base64' --output bad bad.xml
check 'and nothing is written' nothing bad bad.session.b64 bad.godh.b64

# ---- Keys of zeros -------------------------------------------------------------------------------

import_ends 0 '' --output zero -- qemu-system-x86_64 -machine pc,memory-encryption=s \
	-object sev-emulated,id=s,cbitpos=47,reduced-phys-bits=1 -bios OVMF.fd
zeros()
{
	head -c 16 /dev/zero | cmp - "$1" >log 2>&1 && [ "$(stat -c %a "$1")" = 600 ]
}
check 'the TIK is 16 zero bytes' zeros zero.tik
check 'the TEK is 16 zero bytes' zeros zero.tek

# ---- What is not there yet -----------------------------------------------------------------------

snp='-object sev-snp-guest,id=s,policy=0x30000 -machine q35,confidential-guest-support=s -m 512'
# shellcheck disable=SC2086
import_ends 1 '-object sev-snp-guest,id=s,policy=0x30000: not there yet' --output snp -- $snp
check 'nothing is written without --partial' nothing snp
# shellcheck disable=SC2086
import_ends 0 '' --output snp --partial -- $snp
check '--partial says so' has snp \
	'# NOT PROTECTED. Not there yet: -object sev-snp-guest,id=s,policy=0x30000'
check '--partial protects nothing' has snp 'sev: type=none'
import_ends 1 'igvm-cfg,id=i,file=g.igvm: not there yet' -- -m 512 -machine q35,igvm-cfg=i \
	-object igvm-cfg,id=i,file=g.igvm
echo 'name: x' >empty.conf
import_ends 1 'empty.conf: nothing in it has a counterpart' empty.conf

# ---- Wrong use -----------------------------------------------------------------------------------

import_ends 0 'Usage: bochs-sev-import' --help
import_ends 2 '0 files, legal: one'
import_ends 2 '2 files, legal: one' qemu.sh libvirt.xml
import_ends 2 '--bogus: not an option, legal: --from' --bogus qemu.sh
import_ends 2 '--output: needs a value' qemu.sh --output
import_ends 2 '--from=vmware: legal: qemu, libvirt, proxmox' --from vmware qemu.sh
import_ends 2 '--from=libvirt: with a command line, legal: qemu' --from libvirt -- -m 1
import_ends 2 '--disk=5: one too many' --disk 1 --disk 2 --disk 3 --disk 4 --disk 5 qemu.sh
import_ends 2 'nowhere: cannot read' nowhere
import_ends 2 'argument 2: -m 1Q: not a size' -- -m 1Q
import_ends 2 'argument 3: -bogus: not an option of QEMU' -- -m 16 -bogus
import_ends 2 'argument 4: an initramfs or a command line; legal only' -- -m 512 -append x
import_ends 2 'argument 2: fw_cfg: 1 MiB of memory: 16..' -- -m 1
import_ends 2 '--firmware=a"b: cannot be written' --firmware 'a"b' qemu.sh
head -c 1048577 /dev/zero | tr '\0' '#' >large
import_ends 2 'large: 1048577 bytes, at most 1048576 are accepted' large

# ---- Nothing half written ------------------------------------------------------------------------

echo before >kept
sed 's/policy=0x1/policy=0x40/' qemu.sh >reserved.sh
import_ends 2 'reserved.sh:14:10: sev: policy=0x40: bits 15:6 are reserved' --output kept reserved.sh
check 'an old file stays' has kept before
import_ends 2 'nowhere/x' --output nowhere/x qemu.sh
mkdir place place/taken
import_ends 2 'place/taken' --output place/taken qemu.sh
check 'what goes beside is taken back' nothing place/taken.cmdline
ln -s elsewhere link.cmdline
import_ends 2 'link.cmdline: not a regular file' --output link qemu.sh
check 'and what it belongs to is not written' nothing link elsewhere
check 'no temporary file is left' sh -c '! ls -A . place | grep bochs-sev-new'
import_unwritable()
{
	"$import" qemu.sh >/dev/full 2>log
	[ $? -eq 2 ] && grep -q 'standard output: cannot be written' log
}
check 'standard output that takes nothing' import_unwritable

# ---- Bochs takes it ------------------------------------------------------------------------------

# A machine that waits after its launch, and is told to quit.
head -c 65536 /dev/zero >rom
head -c 1048576 /dev/zero >'a disk.img'
head -c 2048000 /dev/zero >cd.iso
echo x >" a, b#c's;d:e=f%s"
import_ends 0 '' --output run --disk 'a disk.img' -- qemu-system-x86_64 -m 32 -smp 2 -bios rom \
	-cdrom cd.iso -machine pc,memory-encryption=s -fw_cfg 'opt/x,string=a "b" $c,,d' \
	-fw_cfg "opt/y,file= a,, b#c's;d:e=f%s" \
	-object sev-emulated,id=s,cbitpos=47,reduced-phys-bits=1,policy=9 \
	-serial 'file:a log' -qmp unix:qmp,server=on,wait=off -S

# runs WORDS: until it waits at its socket; WORDS in the answer to query-sev; ends with status 0.
runs()
{
	"$bochs" -f run <&- >log 2>&1 &
	pid=$!
	tries=0
	until [ -S qmp ] || [ $tries -ge 150 ] || ! kill -0 $pid 2>/dev/null; do
		sleep 0.2
		tries=$((tries + 1))
	done
	qmp query-sev >answer 2>&1
	qmp quit >>log 2>&1 || kill -9 $pid
	wait $pid || return 1
	cat answer >>log
	[ "$(jq -c '[.enabled, .state, .policy]' answer)" = "$1" ]
}
check 'Bochs runs what was imported' runs '[true,"launch-secret",9]'
check 'with its disks' grep -q "HD on ata0-0: .a disk.img" bochs.log
check 'and its drives' grep -q "CD on ata1-0: .cd.iso" bochs.log
import_ends 0 '' --output run -- -m 32 -bios rom -qmp unix:qmp,server=on,wait=off -S
check 'Bochs runs what is not protected' runs '[false,"uninit",0]'

echo "1..$number"
