#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The guest owner's tool from outside: session, launch (by build/check/sev-host), digest, verify and
# secret, each also refused; libvirt's validator agrees, where it is installed. Prints TAP.
set -u

B=${B:-${BUILD:-build}}
owner=$(readlink -f "$B/sev-owner")
host=$(readlink -f "$B/check/sev-host")
real=$(readlink -m "${OVMF_AMDSEV:-$B/assets/ovmf-amdsev/OVMF.amdsev.fd}")
[ -x "$owner" ] && [ -x "$host" ] || { echo "$B/sev-owner, $B/check/sev-host: not built"; exit 1; }

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP
cd "$dir" || exit 1

count=0 failed=0

ok()
{
    count=$((count + 1))
    echo "ok $count - $1"
}

not_ok()
{
    count=$((count + 1)) failed=$((failed + 1))
    echo "not ok $count - $1"
    sed 's/^/# /' out err
}

skip()
{
    count=$((count + 1))
    echo "ok $count # SKIP $1"
}

# expect STATUS WORDS COMMAND...: exit status, and WORDS in the output; an error is one line that
# begins with the program's name.
expect()
{
    status=$1 words=$2
    shift 2
    "$@" >out 2>err
    got=$?
    name="$(echo "$*" | sed "s|$owner|sev-owner|; s|$host|sev-host|; s|$dir/||g") -> $status"
    name=$(echo "$name" | cut -c 1-150)
    if [ $got -ne "$status" ]; then
        echo "exit status $got" >>err
        not_ok "$name"
    elif [ "$status" -ne 0 ] && { [ "$(wc -l <err)" -ne 1 ] || ! grep -q '^sev-[a-z]*: ' err; }; then
        not_ok "$name: one line on standard error"
    elif [ -n "$words" ] && ! cat out err | grep -qF -e "$words"; then
        not_ok "$name: says $words"
    else
        ok "$name"
    fi
}

# same WHAT FILE FILE
same()
{
    cmp "$2" "$3" >out 2>err && ok "$1" || not_ok "$1"
}

# One firmware without a table is enough where nothing but its digest counts.
head -c 65536 /dev/zero | tr '\0' 'F' >plain.fd
firmware=plain.fd
printf KERNEL-TEST >kernel
printf INITRD-TEST >initrd
printf 'console=ttyS0 root=/dev/vda' >cmdline
printf 'console=ttyS0 root=/dev/vda\n' >cmdline.txt
printf 'hunter2\0' >passphrase
seed=chip-1

# ---- help and wrong use --------------------------------------------------------------------------

expect 0 'session' "$owner" --help
for verb in session digest verify secret chain attest; do
    expect 0 "Usage: sev-owner $verb" "$owner" $verb --help
    expect 2 '--bogus: not an option' "$owner" $verb --bogus
done
expect 2 'no verb' "$owner"
expect 2 'bogus: unknown verb, legal: session, digest, verify, secret, chain, attest' "$owner" bogus

# With --json there is exactly one object on standard output, whatever happens.
json()
{
    status=$1
    expression=$2
    shift 2
    "$@" --json >out 2>err
    got=$?
    name="$(echo "$*" | sed "s|$owner|sev-owner|; s|$dir/||g") --json: $expression"
    if [ $got -eq "$status" ] && python3 -c 'import json, sys
o = json.load(open("out"))
sys.exit(not eval(sys.argv[1]))' "$expression" 2>>err; then
        ok "$name"
    else
        not_ok "$name"
    fi
}
for verb in session digest verify secret chain attest; do
    json 2 'list(o) == ["error"] and o["error"]["class"] == "WrongUse"' "$owner" $verb
    json 2 'o["error"]["desc"].startswith("--bogus: not an option")' "$owner" $verb --bogus
done
json 2 'o["error"]["desc"].startswith("bogus: unknown verb")' "$owner" bogus

# ---- session -------------------------------------------------------------------------------------

expect 0 '' "$host" export $seed chain
head -c 2084 chain >pdh
base64 chain >chain.b64
base64 -w 0 pdh >pdh.b64
expect 0 'PDH, PEK, OCA, CEK verified' "$owner" session --name a chain 1
expect 0 'nothing to verify' "$owner" session --name b pdh nodbg
expect 0 'PDH, PEK, OCA, CEK verified' "$owner" session --name c --out . chain.b64 0x1
expect 0 '"chain-verified":false' "$owner" session --json pdh.b64 nodbg,noks
expect 0 '"policy":3' "$owner" session --json pdh.b64 nodbg,noks
for file in vm_godh.b64 vm_session.b64 vm_tek.bin vm_tik.bin; do
    [ -s $file ] && ok "$file is there" || not_ok "$file is there"
done
[ "$(stat -c %a:%s a_tik.bin a_tek.bin | tr '\n' ' ')" = '600:16 600:16 ' ] &&
    ok 'keys are 16 bytes, mode 0600' || not_ok 'keys are 16 bytes, mode 0600'
base64 -d a_godh.b64 | wc -c >size
base64 -d a_session.b64 | wc -c >>size
[ "$(tr '\n' ' ' <size)" = '2084 128 ' ] && ok 'godh and session sizes' ||
    not_ok 'godh and session sizes'
cmp -s a_tik.bin b_tik.bin && not_ok 'every session has its own keys' ||
    ok 'every session has its own keys'
expect 0 '' "$owner" session --seed 00ff --name s1 pdh 1
expect 0 '' "$owner" session --seed 00ff --name s2 pdh 1
same 'the same seed, the same session' s1_session.b64 s2_session.b64

expect 2 '1 arguments' "$owner" session pdh
expect 2 'POLICY=0x100' "$owner" session pdh 0x100
expect 2 'POLICY=nodbg,' "$owner" session pdh nodbg,
expect 2 'POLICY=everything' "$owner" session pdh everything
expect 2 'POLICY=010x' "$owner" session pdh 010x
expect 2 'POLICY=0x38010001: asks for an API newer' "$owner" session pdh 0x38010001
expect 2 '--name=a/b' "$owner" session --name a/b pdh 1
expect 2 '--seed=xyz' "$owner" session --seed xyz pdh 1
expect 2 '/nonexistent' "$owner" session --out /nonexistent pdh 1
expect 2 'nowhere' "$owner" session nowhere 1
expect 2 'kernel: offset 0x0: no certificate, but 11 bytes' "$owner" session kernel 1
head -c 2083 pdh >short
expect 2 'short: offset 0x0: PDH certificate: 2083 bytes, 2084 are needed' "$owner" session short 1
tail -c +2085 chain | head -c 2084 >pek
expect 2 'pek: not the certificates that a platform hands out' "$owner" session pek 1
# One byte of the PDH's public key, then one of its signature.
{ head -c 20 pdh; printf '\377'; tail -c +22 pdh; } >off-curve
expect 2 'off-curve: PDH certificate' "$owner" session off-curve 1
{ head -c 1052 chain; printf '\377\377'; tail -c +1055 chain; } >bad-signature
expect 1 'bad-signature: ' "$owner" session bad-signature 1
{ cat chain; printf x; } >trailing
expect 2 'trailing: offset 0x2090: no certificate, but 1 bytes' "$owner" session trailing 1

json 1 'o["error"]["class"] == "DoesNotVerify"' "$owner" session bad-signature 1
json 1 'not o["verified"] and o["error"]["class"] == "DoesNotVerify" and o["links"]' "$owner" chain \
    bad-signature
json 0 'o["verified"] and "error" not in o' "$owner" chain chain
json 0 'o["tik"] == "./vm_tik.bin" and o["policy"] == 1 and o["chain-verified"]' "$owner" session chain 1

# ---- digest --------------------------------------------------------------------------------------

digest=$(sha256sum $firmware | cut -d ' ' -f 1)
expect 0 "$digest" "$owner" digest --firmware $firmware
expect 0 "\"launch-digest\":\"$digest\"" "$owner" digest --firmware $firmware --json
expect 0 '0xffff0000' "$owner" digest --firmware $firmware --explain
expect 2 '--firmware is missing' "$owner" digest
expect 2 'needs: digest takes options alone' "$owner" digest --kernel=kernel needs
expect 2 '--firmware: needs a value' "$owner" digest --firmware
expect 2 '--json=1: takes no value' "$owner" digest --json=1
expect 2 '--cpu-model is missing, legal: EPYC, ' "$owner" digest --firmware $firmware --num-cpus 4
expect 2 '--vmsa-cpu0=x: ' "$owner" digest --firmware $firmware --vmsa-cpu0 x
expect 2 '--initrd without --kernel' "$owner" digest --firmware $firmware --initrd initrd
expect 2 '--firmware=kernel: firmware: 11 bytes' "$owner" digest --firmware kernel
expect 2 'no footer table' "$owner" digest --firmware $firmware --kernel kernel

# ---- verify: a launch of the firmware alone --------------------------------------------------------

expect 0 '' "$host" launch $seed firmware=$firmware godh=a_godh.b64 session=a_session.b64 report=r1
data=$(sed -n 's/.*"data": *"\(.*\)".*/\1/p' r1)
version="--api-major 1 --api-minor 55 --build-id 21 --policy 1"
expect 0 'measurement verifies' "$owner" verify --tik a_tik.bin --report r1 --firmware $firmware
expect 0 'measurement verifies' "$owner" verify --tik a_tik.bin --report r1 --digest "$digest"
expect 0 'measurement verifies' "$owner" verify --tik a_tik.bin --measurement "$data" $version \
    --firmware $firmware
expect 0 '"verified":true' "$owner" verify --tik a_tik.bin --report r1 --digest "$digest" --json
cat a_tek.bin a_tik.bin >a_tk.bin
expect 0 'measurement verifies' "$owner" verify --tk a_tk.bin --report r1 --firmware $firmware

head -c 65536 /dev/zero | tr '\0' 'G' >other.fd
expect 1 'firmware differs: expected' "$owner" verify --tik a_tik.bin --report r1 \
    --firmware other.fd
expect 1 '"firmware"' "$owner" verify --tik a_tik.bin --report r1 --firmware other.fd --json
head -c 131072 /dev/zero | tr '\0' 'F' >longer.fd
expect 1 'region list differs: expected firmware of 131072 bytes' "$owner" verify \
    --tik a_tik.bin --report r1 --firmware longer.fd
expect 1 'digest differs' "$owner" verify --tik a_tik.bin --report r1 \
    --digest "$(echo "$digest" | tr 0-9a-f 1-9a-f0)"
expect 1 'policy differs: expected 0x3, launched 0x1' "$owner" verify --tik a_tik.bin --report r1 \
    --firmware $firmware --policy nodbg,noks
expect 1 'api differs: expected 1.54 build 21, launched 1.55 build 21' "$owner" verify \
    --tik a_tik.bin --report r1 --firmware $firmware --api-minor 54
expect 1 'another TIK' "$owner" verify --tik b_tik.bin --report r1 --firmware $firmware
sed 's/"policy":1/"policy":0/' r1 >forged
expect 1 'or the report was altered' "$owner" verify --tik a_tik.bin --report forged \
    --firmware $firmware
expect 1 'does not verify' "$owner" verify --tik a_tik.bin --measurement "$data" $version \
    --firmware other.fd
expect 2 'no measurement' "$owner" verify --tik a_tik.bin --firmware $firmware
expect 2 '--tik is missing' "$owner" verify --report r1 --firmware $firmware
expect 2 'nothing to compare with' "$owner" verify --tik a_tik.bin --report r1
expect 2 '--policy is missing' "$owner" verify --tik a_tik.bin --measurement "$data" \
    --api-major 1 --api-minor 55 --build-id 21 --firmware $firmware
expect 2 '--api-major=256' "$owner" verify --tik a_tik.bin --report r1 --firmware $firmware \
    --api-major 256
expect 2 '--build-id=-1' "$owner" verify --tik a_tik.bin --report r1 --firmware $firmware \
    --build-id -1
expect 2 '--policy=0x100: not a policy' "$owner" verify --tik a_tik.bin --report r1 \
    --firmware $firmware --policy 0x100
expect 2 '--tik=kernel: 11 bytes' "$owner" verify --tik kernel --report r1 --firmware $firmware
expect 2 '--tk=a_tik.bin: 16 bytes' "$owner" verify --tk a_tik.bin --report r1 --firmware $firmware
expect 2 '--measurement=AAAA' "$owner" verify --tik a_tik.bin --measurement AAAA $version \
    --firmware $firmware
expect 2 '--digest=abc' "$owner" verify --tik a_tik.bin --report r1 --digest abc
expect 2 'one of the two' "$owner" verify --tik a_tik.bin --report r1 --digest "$digest" \
    --firmware $firmware
expect 2 'kernel: not a JSON object' "$owner" verify --tik a_tik.bin --report kernel \
    --firmware $firmware
expect 2 '--policy=0x4: SEV-ES' "$owner" verify --tik a_tik.bin --report r1 --firmware $firmware \
    --policy es

json 0 'o["verified"] and o["policy"] == 1 and o["build-id"] == 21 and "error" not in o' "$owner" \
    verify --tik a_tik.bin --report r1 --firmware $firmware
json 1 'o["differs"] == ["firmware"] and o["reason"] in o["error"]["desc"]' "$owner" verify \
    --tik a_tik.bin --report r1 --firmware other.fd

# A session for one platform or policy is refused by another.
expect 3 'LAUNCH_START: status 0x0b BAD_MEASUREMENT' "$host" launch chip-2 firmware=$firmware \
    godh=a_godh.b64 session=a_session.b64
expect 3 'LAUNCH_START: status 0x0b BAD_MEASUREMENT' "$host" launch $seed firmware=$firmware \
    godh=a_godh.b64 session=a_session.b64 policy=3

# ---- secret: form --------------------------------------------------------------------------------

keys='--tik a_tik.bin --tek a_tek.bin'
expect 0 'packet-header: ' "$owner" secret $keys --report r1 luks=passphrase
expect 0 '"secret":"' "$owner" secret $keys --measurement "$data" --json luks=passphrase
json 0 'set(o) == {"packet-header", "secret"}' "$owner" secret $keys --report r1 luks=passphrase
expect 0 '' "$owner" secret $keys --report r1 --seed 01 --out-header h1 --out-payload p1 \
    luks=passphrase
expect 0 '' "$owner" secret $keys --report r1 --seed 01 --out-header h2 --out-payload p2 --binary \
    luks-key:passphrase
base64 -d h1 | cmp - h2 >out 2>err && ok '--binary: the header' || not_ok '--binary: the header'
base64 -d p1 | cmp - p2 >out 2>err && ok '--binary: the payload' || not_ok '--binary: the payload'
[ "$(wc -c <h2)" -eq 52 ] && ok 'a header of 52 bytes' || not_ok 'a header of 52 bytes'
expect 2 '--binary: nothing is written' "$owner" secret $keys --report r1 --binary luks=passphrase
expect 2 '0 secrets' "$owner" secret $keys --report r1
expect 2 'passphrase: not legal' "$owner" secret $keys --report r1 passphrase
expect 2 'guid=passphrase: not legal' "$owner" secret $keys --report r1 guid=passphrase
expect 2 'given twice' "$owner" secret $keys --report r1 luks=passphrase \
    736869e5-84f0-4973-92ec-06879ce3da0b=passphrase
expect 2 'nowhere' "$owner" secret $keys --report r1 luks=nowhere
expect 2 '--tek is missing' "$owner" secret --tik a_tik.bin --report r1 luks=passphrase
expect 2 '--flags=x' "$owner" secret $keys --report r1 --flags x luks=passphrase
expect 2 '--out-header=h: without --out-payload' "$owner" secret $keys --report r1 \
    --out-header h luks=passphrase
head -c 20000 /dev/zero >large
expect 2 'large' "$owner" secret $keys --report r1 luks=large
: >empty
expect 2 'is empty' "$owner" secret $keys --report r1 luks=empty

# ---- measured direct boot, and a secret that arrives ----------------------------------------------------

validator=$(command -v virt-qemu-sev-validate || :)
# Its interpreter is the distribution's, with the distribution's modules.
[ ! -x /usr/bin/python3 ] || [ -z "$validator" ] || validator="/usr/bin/python3 $validator"

validate()
{
    if [ -z "$validator" ]; then
        skip 'virt-qemu-sev-validate is not installed (libvirt-clients-qemu)'
    elif ! $validator --help >out 2>err; then
        skip "virt-qemu-sev-validate does not run: $(tail -n 1 err)"
    else
        status=$1
        shift
        name="virt-qemu-sev-validate $*"
        name="$(echo "$name" | cut -c 1-150) -> $status"
        $validator "$@" >out 2>err
        [ $? -eq "$status" ] && ok "$name" || not_ok "$name"
    fi
}

# measured FIRMWARE: nobody executes it, only its footer table counts.
measured()
{
    amdsev=$1
    boot="--firmware $amdsev --kernel kernel --initrd initrd"
    line=$(cat cmdline)
    "$owner" digest $boot --cmdline "$line" --json >expected.json
    table=$(sed -n 's/.*"kernel": *"\(.*\)".*/\1/p' expected.json)
    [ "$table" = "$(sha256sum kernel | cut -d ' ' -f 1)" ] && ok 'hash of the kernel' ||
        not_ok 'hash of the kernel'
    "$owner" digest $boot --cmdline "$line" >d1
    "$owner" digest $boot --cmdline-file cmdline.txt >d2
    same '--cmdline-file is --cmdline' d1 d2
    expect 2 'cmdline-file=cmdline.txt: beside --cmdline' "$owner" digest $boot --cmdline x \
        --cmdline-file cmdline.txt
    printf 'a\nb\n' >two-lines
    expect 2 'two-lines: byte 1 is a line end' "$owner" digest $boot --cmdline-file two-lines

    launch="firmware=$amdsev kernel=kernel initrd=initrd godh=a_godh.b64 session=a_session.b64"
    expect 0 '' "$host" launch $seed $launch cmdline="$line" report=r2
    data=$(sed -n 's/.*"data": *"\(.*\)".*/\1/p' r2)
    verify="$owner verify --tik a_tik.bin --report r2 --firmware $amdsev"
    expect 0 'measurement verifies' $verify --kernel kernel --initrd initrd --cmdline "$line"
    expect 0 'measurement verifies' $verify --kernel kernel --initrd initrd \
        --cmdline-file cmdline.txt
    expect 1 'kernel differs: expected' $verify --kernel initrd --initrd initrd --cmdline "$line"
    expect 1 'initrd differs: expected' $verify --kernel kernel --cmdline "$line"
    expect 1 'cmdline differs: expected' $verify --kernel kernel --initrd initrd --cmdline "$line "
    expect 1 'cmdline differs: expected' $verify --kernel initrd --initrd kernel
    expect 1 '"initrd"' $verify --kernel initrd --initrd kernel --cmdline "$line" --json
    { head -c 100 "$amdsev"; printf '\001'; tail -c +102 "$amdsev"; } >flipped.fd
    expect 1 'firmware differs: expected' "$owner" verify --tik a_tik.bin --report r2 \
        --firmware flipped.fd --kernel kernel --initrd initrd --cmdline "$line"
    expect 1 'region list differs' "$owner" verify --tik a_tik.bin --report r2 --firmware "$amdsev"

    common="--measurement $data $version --tik a_tik.bin --tek a_tek.bin --firmware $amdsev"
    validate 0 $common --kernel kernel --initrd initrd --cmdline "$line"
    validate 1 $common --kernel initrd --initrd initrd --cmdline "$line"

    # The owner's packet opens in the guest, and there alone.
    expect 0 '' "$owner" secret $keys --report r2 --out-header h --out-payload p luks=passphrase
    expect 0 '' "$host" launch $seed $launch cmdline="$line" report=r3 header=h payload=p \
        secret=seen
    same 'the same launch again' r2 r3
    tail -c +41 seen | head -c 8 >seen-passphrase
    same 'the guest sees the secret' passphrase seen-passphrase
    base64 -d p | grep -q hunter2 && not_ok 'the packet hides the secret' ||
        ok 'the packet hides the secret'
    expect 0 '' "$owner" secret --tik b_tik.bin --tek b_tek.bin --report r2 --out-header h \
        --out-payload p luks=passphrase
    expect 3 "fw_error=11 'Bad measurement'" "$host" launch $seed $launch \
        cmdline="$line" header=h payload=p

    # libvirt's packet opens too, and is as long as ours.
    validate 0 $common --kernel kernel --initrd initrd --cmdline "$line" \
        --inject-secret luks-key:passphrase --secret-header vh --secret-payload vp
    if [ -s vh ]; then
        expect 0 '' "$host" launch $seed $launch cmdline="$line" header=vh payload=vp secret=vseen
        same 'libvirt and sev-owner build the same table' seen vseen
    fi
}

expect 0 '' "$host" firmware synthetic.fd
measured synthetic.fd
if [ -r "$real" ]; then
    measured "$real"
else
    skip "no OVMF AmdSev image at $real"
fi

echo "1..$count"
[ $failed -eq 0 ]
