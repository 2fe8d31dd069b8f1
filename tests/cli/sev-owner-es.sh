#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The guest owner's tool and SEV-ES guests: digests known from other tools, measurements that verify
# and that do not, with what differs; libvirt's validator agrees, where it is installed. Prints TAP.
set -u

B=${B:-${BUILD:-build}}
owner=$(readlink -f "$B/sev-owner")
host=$(readlink -f "$B/check/sev-host")
real=$(readlink -m "${OVMF_AMDSEV:-$B/assets/ovmf-amdsev/OVMF.amdsev.fd}")
measure="python3 $(readlink -f tests/lib/es_measurement.py)"
[ -x "$owner" ] && [ -x "$host" ] || { echo "$B/sev-owner, $B/check/sev-host: not built"; exit 1; }
. tests/lib/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
cd "$work" || exit 1

# tells STATUS WORDS COMMAND...: exit status and words, on either output.
tells()
{
	status=$1 words=$2
	shift 2
	"$@" >out 2>err
	got=$?
	echo "exit status $got" | cat - out err >log
	[ $got -eq "$status" ] || return 1
	[ "$status" -eq 0 ] || [ "$(wc -l <err)" -eq 1 ] || return 1
	cat out err | grep -qF -e "$words"
}

printf KERNEL-TEST >kernel
printf INITRD-TEST >initrd
printf 0123456789abcdef >tik
"$host" firmware synthetic.fd
firmware=synthetic.fd
cpu='--cpu-model EPYC-Milan'

# ---- known digests: of one version of one firmware --------------------------------------------------

known()
{
	title="$2 vCPUs, $3${4:+, kernel hashes}"
	digest=$1
	set -- --firmware "$real" --vcpus "$2" $cpu --vmsa-type "$3" ${4:+"$4" "$5" "$6" "$7" "$8" "$9"}
	check "digest of $title" tells 0 "$digest" "$owner" digest "$@"
}

if [ -r "$real" ] && sha256sum "$real" | grep -q ^3e4fd0b3fe3b2dbe481c3d9e99418a03; then
	boot='--kernel kernel --initrd initrd --cmdline console=ttyS0'
	known 7cef3c4e12f91944ffd7fd0527d6ba73ba6f6fc6829379de88af8a713293bcea 1 legacy
	known bc165a2b0b48c9fd13e7b61fbcd3ed9cee31ac4b197b5b4205abd36b390118b1 2 legacy
	known 0f8da7fc1a47e5bb1dba274851881ecbf367d69b411d956a357b371bdbb96d9b 4 legacy
	known 38034498f7f1d1f0a59918c0618b6dfd44f7bf288beb8f99701a1e894c4cba2e 1 init2
	known 3f7b1dce8aaf2cf6704d89f726f95784dc9f47469269cfcfb6bda4043f03849a 2 init2
	known aca61f83d5a1973ebbcabb6346dff90e5c4a8bd5563832479e7d6efbf28df430 4 init2
	known 1ca9720ec69aabf05820a5ff375a8da599ed5fd838a06f76e5ffa66f575000d5 1 legacy $boot
	known b5f67100a85d34a9769d3af3e230ed5c3540730cd5cfe0c94bb0bbd9fff8e5e0 2 legacy $boot
	known 0f3c7947be958d224fabd3ffe30f8aebce300736edaa6e6669d2317ec23c34e4 4 legacy $boot
	known cb25ae682096ed4c91cef60a99aa43ef1a79fb0172a6289f06df714e9ac2fb80 1 init2 $boot
	known b6f99471a47ad2094fe87df4155bbdb663243a4a317e5cf75f06ce00801bba92 2 init2 $boot
	known f027e9acb5250fd11a796e54db6fd146049997f4d3b50e73e86f29088a1126bd 4 init2 $boot
else
	echo "ok $((number += 1)) # SKIP digests of a firmware that is not here"
fi

# ---- forms of one thing ----------------------------------------------------------------------------

digest_of()
{
	"$owner" digest --firmware $firmware "$@"
}

d2=$(digest_of --vcpus 2 $cpu)
check '--num-cpus' tells 0 "$d2" digest_of --num-cpus 2 $cpu
check 'a version of the model' tells 0 "$d2" digest_of --vcpus 2 --cpu-model EPYC-Milan-v2
check 'family/model/stepping' tells 0 "$d2" digest_of --vcpus 2 --cpu-model 25/1/1
check 'three options' tells 0 "$d2" digest_of --vcpus 2 --cpu-family 25 --cpu-model 1 \
	--cpu-stepping 1
check 'legacy is the default' tells 0 "$d2" digest_of --vcpus 2 $cpu --vmsa-type legacy

# The VMSAs as another program would write them: by the table in AMD's manual.
python3 - <<'END'
import struct
for name, cs, ip in ("cpu0", 0xffff0000, 0xfff0), ("cpu1", 0x00800000, 0xb004):
    page = bytearray(4096)
    for at, attributes, base in ((0, 0x93, 0), (0x10, 0x9b, cs), (0x20, 0x93, 0), (0x30, 0x93, 0),
                                 (0x40, 0x93, 0), (0x50, 0x93, 0), (0x60, 0, 0), (0x70, 0x82, 0),
                                 (0x80, 0, 0), (0x90, 0x8b, 0)):
        selector = 0xf000 if at == 0x10 else 0
        struct.pack_into("<HHIQ", page, at, selector, attributes, 0xffff, base)
    for at, value in ((0xd0, 0x1000), (0x148, 0x40), (0x158, 0x10), (0x160, 0x400),
                      (0x168, 0xffff0ff0), (0x170, 2), (0x178, ip), (0x268, 0x0007040600070406),
                      (0x310, 0x00a00f11), (0x3e8, 1)):
        struct.pack_into("<Q", page, at, value)
    open(name, "wb").write(page)
END
check 'pages from files' tells 0 "$d2" digest_of --vcpus 2 --vmsa-cpu0 cpu0 --vmsa-cpu1 cpu1
check 'one page from a file' tells 0 "$d2" digest_of --vcpus 2 --vmsa-cpu0 cpu0 $cpu
check 'the other page from a file' tells 0 "$d2" digest_of --vcpus 2 --vmsa-cpu1 cpu1 $cpu
check 'explained' tells 0 "vmsa of vCPU 1    -            4096       $(sha256sum <cpu1 |
	cut -d ' ' -f 1)" digest_of --vcpus 2 $cpu --explain
check 'in JSON' tells 0 '"type":"sev-es"' digest_of --vcpus 2 $cpu --json
check 'plain SEV in JSON' tells 0 '"type":"sev"' digest_of --json

# ---- wrong use -------------------------------------------------------------------------------------

for each in 0 1025 x -1 99999999999999999999; do
	check "--vcpus $each" tells 2 "--vcpus=$each: not a legal number, legal: 1 to 1024" \
		digest_of --vcpus "$each" $cpu
done
check 'no model' tells 2 '--cpu-model is missing, legal: EPYC, ' digest_of --vcpus 1
check 'unknown model' tells 2 '--cpu-model=qemu64: unknown' digest_of --vcpus 1 --cpu-model qemu64
check 'half a triple' tells 2 '--cpu-model=25/1: unknown' digest_of --vcpus 1 --cpu-model 25/1
check 'no family' tells 2 '--cpu-family is missing' digest_of --vcpus 1 --cpu-model 1
check 'no number' tells 2 '--cpu-model is missing' digest_of --vcpus 1 --cpu-family 25
check 'family beside a name' tells 2 '--cpu-family=25: beside --cpu-model=EPYC' digest_of --vcpus 1 \
	--cpu-family 25 --cpu-model EPYC
check 'model out of range' tells 2 '--cpu-model=256: not a legal number, legal: 0 to 255' \
	digest_of --vcpus 1 --cpu-family 25 --cpu-model 256 --cpu-stepping 1
check 'no such signature' tells 2 'CPU family 6, model 20, stepping 1' digest_of --vcpus 1 \
	--cpu-model 6/20/1
check 'VMSA type' tells 2 '--vmsa-type=new: not legal, legal: legacy, init2' digest_of --vcpus 1 \
	$cpu --vmsa-type new
for each in '--cpu-model=EPYC' '--vmsa-type=init2' '--vmsa-cpu0=cpu0' '--vmsa-cpu1=cpu1' \
	'--cpu-family=25'; do
	check "$each alone" tells 2 "$each: without --vcpus" digest_of "$each"
done
check 'a short page' tells 2 '--vmsa-cpu0=kernel: 11 bytes, legal: 4096' digest_of --vcpus 1 \
	--vmsa-cpu0 kernel
check 'a page of no vCPU' tells 2 '--vmsa-cpu1=cpu1: with --vcpus=1' digest_of --vcpus 1 $cpu \
	--vmsa-cpu1 cpu1
check 'nothing to build' tells 2 '--cpu-model=EPYC: beside --vmsa-cpu0' digest_of --vcpus 1 \
	--vmsa-cpu0 cpu0 --cpu-model EPYC
head -c 65536 /dev/zero >plain.fd
check 'no reset vector, one vCPU' tells 0 '' "$owner" digest --firmware plain.fd --vcpus 1 $cpu
check 'no reset vector, two vCPUs' tells 2 'announces no SEV-ES reset vector' "$owner" digest \
	--firmware plain.fd --vcpus 2 $cpu

# ---- verify ----------------------------------------------------------------------------------------

boot='--kernel kernel --initrd initrd --cmdline console=ttyS0'

# launched POLICY ARGUMENT...: the measurement of such a launch, in $data.
launched()
{
	policy=$1
	shift
	data=$($measure tik "$policy" "$(digest_of "$@")")
}

verify()
{
	"$owner" verify --tik tik --measurement "$data" --api-major 1 --api-minor 55 --build-id 21 \
		--firmware $firmware "$@"
}

launched 5 --vcpus 4 $cpu $boot
check 'verifies' tells 0 'measurement verifies: policy 0x5' verify --vcpus 4 $cpu $boot --policy es,nodbg
expect_differs()
{
	name=$1
	shift
	tells 1 "does not verify: $name differs" "$@"
}
es='--policy 5'
check 'policy' tells 1 'does not verify: ' verify --vcpus 4 $cpu $boot --policy 7
check 'vcpus' expect_differs vcpus verify --vcpus 2 $cpu $boot $es
check 'vcpus, in numbers' tells 1 'expected 8, launched 4' verify --vcpus 8 $cpu $boot $es
check 'cpu-model' expect_differs cpu-model verify --vcpus 4 --cpu-model EPYC-Rome $boot $es
check 'cpu-model, by name' tells 1 'launched as EPYC-Milan' verify --vcpus 4 --cpu-model EPYC $boot $es
check 'vmsa-type' expect_differs vmsa-type verify --vcpus 4 $cpu --vmsa-type init2 $boot $es
check 'cmdline' expect_differs cmdline verify --vcpus 4 $cpu --kernel kernel --initrd initrd \
	--cmdline 'console=ttyS0  ' $es
check 'two things' tells 1 'is another one (--report=FILE' verify --vcpus 4 $cpu --kernel initrd $es
check 'in JSON' tells 1 '"vcpus"' verify --vcpus 2 $cpu $boot $es --json
check 'JSON has the error too' tells 1 '"class":"DoesNotVerify"' verify --vcpus 2 $cpu $boot $es --json
check 'a policy without vCPUs' tells 2 '--policy=0x5: SEV-ES' verify $boot $es
check 'vCPUs without the policy' tells 2 '--policy=0x1: not SEV-ES, but --vcpus=4' verify --vcpus 4 $cpu \
	$boot --policy 1
check 'a digest says it all' tells 0 'measurement verifies' "$owner" verify --tik tik \
	--measurement "$data" --api-major 1 --api-minor 55 --build-id 21 $es \
	--digest "$(digest_of --vcpus 4 $cpu $boot)"

launched 1 $boot
check 'no hashes expected, plain SEV' tells 1 'does not verify' verify --policy 1
launched 1 --kernel kernel --cmdline console=ttyS0
check 'launched without initrd' tells 1 'initrd differs: launched without one' verify $boot --policy 1
launched 1 --kernel kernel --initrd initrd
check 'launched without command line' tells 1 'cmdline differs: launched without one' verify $boot \
	--policy 1
launched 1
check 'launched without hashes' tells 1 'kernel-hashes differs: launched without any' verify $boot \
	--policy 1
launched 1 --kernel kernel --initrd initrd --cmdline 'console=ttyS0 '
check 'launched with a blank' tells 1 'cmdline differs: launched with a blank after it' verify $boot \
	--policy 1

# What is measured as data of a guest without protected registers has the same digest.
digest=$(digest_of --vcpus 2 $cpu)
data=$($measure tik 1 "$digest")
sha=$(sha256sum $firmware | cut -d ' ' -f 1)
printf '{"type":"sev","api-major":1,"api-minor":55,"build-id":21,"policy":1,"regions":[{"what":"firmware","gpa":4294901760,"length":65536,"sha256":"%s"}],"launch-digest":"%s","measurement":"%s","mnonce":"%s"}' \
	"$sha" "$digest" "$(echo "$data" | base64 -d | head -c 32 | od -An -v -tx1 | tr -d ' \n')" \
	"$(echo "$data" | base64 -d | tail -c 16 | od -An -v -tx1 | tr -d ' \n')" >r
check 'vCPUs that are data' tells 1 'policy differs: vCPUs are expected, thus SEV-ES; launched 0x1' \
	"$owner" verify --tik tik --report r --firmware $firmware --vcpus 2 $cpu

# ---- libvirt agrees --------------------------------------------------------------------------------

validator=$(command -v virt-qemu-sev-validate || :)
[ ! -x /usr/bin/python3 ] || [ -z "$validator" ] || validator="/usr/bin/python3 $validator"
printf fedcba9876543210 >tek

libvirt()
{
	status=$1
	shift
	$validator --measurement "$data" --api-major 1 --api-minor 55 --build-id 21 --policy 5 \
		--tik tik --tek tek --firmware "$ovmf" "$@" >log 2>&1
	[ $? -eq "$status" ]
}

if [ -z "$validator" ] || ! $validator --help >log 2>&1; then
	echo "ok $((number += 1)) # SKIP virt-qemu-sev-validate is not installed, or does not run"
else
	for ovmf in synthetic.fd "$real"; do
		[ -r "$ovmf" ] || continue
		firmware=$ovmf
		for cpus in 1 2 5; do
			launched 5 --vcpus $cpus $cpu $boot
			check "libvirt: $cpus vCPUs of Milan" libvirt 0 --num-cpus $cpus $boot \
				--cpu-family 25 --cpu-model 1 --cpu-stepping 1
			check "libvirt: not $((cpus + 1))" libvirt 1 --num-cpus $((cpus + 1)) $boot \
				--cpu-family 25 --cpu-model 1 --cpu-stepping 1
		done
		launched 5 --vcpus 2 --cpu-model EPYC-Rome
		check 'libvirt: Rome' libvirt 0 --num-cpus 2 --cpu-family 23 --cpu-model 49 \
			--cpu-stepping 0
		launched 5 --vcpus 2 $cpu
		check 'libvirt: the pages of these tests' libvirt 0 --num-cpus 2 --vmsa-cpu0 cpu0 \
			--vmsa-cpu1 cpu1
	done
fi

echo "1..$number"
