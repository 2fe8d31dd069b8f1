#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sev-owner chain, beside a second implementation (build/check/verify-chain): chains of our chips
# and of tests/vectors/psp.json in every layout, whole and with one bit wrong. Prints TAP.
set -u

B=${B:-build}
owner=$(readlink -f "$B/sev-owner")
second=$(readlink -f "$B/check/verify-chain")
chip=$(readlink -f "$B/check/psp-chip")
vectors=$(readlink -f tests/vectors/psp.json)
amd_cert="python3 $(readlink -f tests/lib/amd_cert.py)"
. tests/lib/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
cd "$work" || exit 1

# tells STATUS WORDS ARGUMENT...: what sev-owner chain must end with and say; when it does not
# verify, the one line on standard error says it.
tells()
{
	status=$1 words=$2
	shift 2
	"$owner" chain "$@" >out 2>err
	got=$?
	echo "exit status $got; on standard output and error:" | cat - out err >log
	[ $got -eq "$status" ] || return 1
	if [ "$status" -eq 0 ]; then
		grep -qF -e "$words" out && [ ! -s err ]
	else
		[ "$(wc -l <err)" -eq 1 ] && grep -qF -e "$words" err
	fi
}

# The same, for the second implementation.
second_tells()
{
	status=$1
	shift
	"$second" "$@" >out2 2>err2
	[ $? -eq "$status" ] || { cat out2 err2 >log; return 1; }
}

# "CERTIFICATE SIGNER state" for each link that could be looked at, of either program.
links_of_owner()
{
	sed -nE 's/^(...) <- (...) .*  (verified|unsigned)$/\1 \2 \3/p
		s/^(...) <- (...) .*  BAD: .*/\1 \2 bad/p' out
}

links_of_second()
{
	sed -n 's/^link //p' out2
}

# broken "CERTIFICATE-SIGNER..." FILE...: these links and no others are, and both say so.
broken()
{
	expected=$1
	shift
	"$owner" chain "$@" >out 2>err
	got=$?
	second_tells 1 "$@" || return 1
	links_of_owner >links
	links_of_second >links2
	grep -v ' verified$' links | sed 's/\(...\) \(...\) .*/\1-\2/' | tr '\n' ' ' >found
	cat err out links2 found >log
	first=$(echo "${expected%% *}" | sed 's/-/ <- /')
	[ $got -eq 1 ] && cmp -s links links2 && [ "$(cat found)" = "$expected " ] &&
		grep -qF "the chain does not verify: $first: " err
}

# flip FILE OFFSET OUT: one bit.
flip()
{
	byte=$(od -An -tu1 -j $(($2)) -N 1 "$1" | tr -d ' ')
	[ -n "$byte" ] || return 1
	cp "$1" "$3"
	printf "\\$(printf %o $((byte ^ 1)))" | dd of="$3" bs=1 seek=$(($2)) conv=notrunc status=none
}

# Both see the same keys.
same_keys()
{
	sed -nE 's/^(P|O|C|A)(..) .* key ([0-9a-f]{16})  .*/\1\2 \3/p' out >keys
	sed -nE 's/^key (...) (.{16}).*/\1 \2/p' out2 >keys2
	cat keys keys2 >log
	[ "$(wc -l <keys)" -eq 6 ] && cmp -s keys keys2
}

# ---- chains ----------------------------------------------------------------------------------------

# each NAME in a directory of its own: pdh pek oca cek ask ark
python3 - "$vectors" <<'EOF'
import json, os, sys
for entry in json.load(open(sys.argv[1]))['chain']:
    os.mkdir(f'vector-{entry["rsa_bits"]}')
    for name in 'pdh', 'pek', 'oca', 'cek', 'ask', 'ark':
        with open(f'vector-{entry["rsa_bits"]}/{name}', 'wb') as out:
            out.write(bytes.fromhex(entry[name]))
EOF
mkdir chip
size=2084
"$chip" state chain published 2>log
check 'a chip publishes its chain' tells 0 '7 of 7 links verified' published
{ "$chip" state export chip/pdh exported && head -c $size published | cmp - chip/pdh; } >log 2>&1
check 'and exports the same PDH' test ! -s log
head -c $size exported >chip/pek
tail -c +$((size + 1)) exported | head -c $size >chip/oca
tail -c +$((3 * size + 1)) published | head -c $size >chip/cek
tail -c 3200 published >ask_ark
head -c 1600 ask_ark >chip/ask
tail -c 1600 ask_ark >chip/ark

# ---- every layout ----------------------------------------------------------------------------------

all='7 of 7 links verified'
for dir in vector-2048 vector-4096 chip; do
	(cd $dir && cat pdh pek oca cek >../four && cat pdh pek oca cek ask ark >../six &&
		cat ask ark >../root && cat pek oca cek >../three)
	base64 six >six.b64
	base64 -w 0 root >root.b64
	check "$dir: six in one file" tells 0 "$all" six
	check "$dir: the same, second implementation" second_tells 0 six
	check "$dir: both see the same keys" same_keys
	check "$dir: four, and the root" tells 0 "$all" four root
	check "$dir: the root first" tells 0 "$all" root four
	check "$dir: as the firmware exports it" tells 0 "$all" $dir/pdh three root
	check "$dir: one by one, upside down" tells 0 "$all" $dir/ark $dir/ask $dir/cek $dir/oca \
		$dir/pek $dir/pdh
	check "$dir: base64" tells 0 "$all" six.b64
	check "$dir: base64 and binary" tells 0 "$all" root.b64 four
	check "$dir: twice the same" tells 0 "$all" six four root.b64
	check "$dir: no root" tells 0 'root: none given' four
	check "$dir: no root: what can be verified" tells 0 '4 of 4 links verified' four
	check "$dir: the owner's side" tells 0 '3 of 3 links verified' $dir/pdh $dir/pek $dir/oca
	check "$dir: the maker's side" tells 0 '3 of 3 links verified' $dir/cek root
	check "$dir: the root alone" tells 0 '2 of 2 links verified' root
	check "$dir: an OCA alone" tells 0 '1 of 1 links verified' $dir/oca
	check "$dir: whose OCA that is" grep -q '^owner: not known' out
	check "$dir: the root is the file's" tells 0 'root: the one demanded' --root root six
	check "$dir: the owner is the file's" tells 0 'owner: the one demanded' --owner four six
	check "$dir: session takes it" sh -c "'$owner' session --json six 1 >out 2>log &&
		grep -q '\"chain-verified\":true' out"
done
check 'the root of a chip is this emulator'"'"'s' tells 0 'EMULATED - NOT AMD' --root emulated six
check 'an unsigned CEK is no use beside the root' tells 1 'carries no signature of the ASK' \
	chip/pdh exported ask_ark
check 'and the second implementation agrees' second_tells 1 chip/pdh exported ask_ark
for files in 'exported chip/cek' 'chip/cek exported'; do
	check "the signed CEK is used: $files" tells 0 "$all" chip/pdh $files ask_ark
	check 'and this is said' grep -q 'without signatures, exported at 0x1048, is set aside' out
done
python3 - <<'EOF'
pek = open('vector-2048/pek', 'rb').read()
open('swapped', 'wb').write(pek[:0x414] + pek[0x61c:] + pek[0x414:0x61c])
ark = open('vector-2048/ark', 'rb').read()
open('ark-unsigned', 'wb').write(ark[:-256])
EOF
set -- vector-2048/pdh vector-2048/oca vector-2048/cek
check 'slots the other way round' tells 0 "$all" "$@" swapped vector-2048/ask vector-2048/ark
check 'the same, second implementation' second_tells 0 "$@" swapped vector-2048/ask vector-2048/ark
check 'an ARK without signature' tells 0 '6 of 7 links verified' "$@" swapped vector-2048/ask \
	ark-unsigned
check 'the same, second implementation' second_tells 0 "$@" swapped vector-2048/ask ark-unsigned
cat ark-unsigned vector-2048/ask >naples
check 'an ARK without signature before the ASK' tells 0 '6 of 7' "$@" swapped naples
check 'alone it proves nothing' tells 1 'no signature could be verified' ark-unsigned

# ---- one bit wrong ---------------------------------------------------------------------------------

# The certificate, an offset in it, and the links that break. 14h: the key; 5: the API version; 414h,
# 61Ch: the slots, of which an OCA has its own signature in either.
spoil()
{
	e=$1 self=$2 # length of an RSA number; where the OCA's signature begins
	cat <<-EOF
	pdh 0x5 PDH-PEK
	pdh 0x14 PDH-PEK
	pdh 0xa4 PDH-PEK
	pdh 0x413 PDH-PEK
	pdh 0x418 PDH-PEK
	pdh 0x414 PDH-PEK
	pdh 0x41c PDH-PEK
	pdh 0x463 PDH-PEK
	pdh 0x464 PDH-PEK
	pek 0x5 PEK-OCA PEK-CEK
	pek 0xc PDH-PEK PEK-OCA PEK-CEK
	pek 0x10 PDH-PEK PEK-OCA PEK-CEK
	pek 0x14 PDH-PEK PEK-OCA PEK-CEK
	pek 0x413 PEK-OCA PEK-CEK
	pek 0x414 PEK-OCA
	pek 0x41c PEK-OCA
	pek 0x61c PEK-CEK
	pek 0x624 PEK-CEK
	oca 0x6 OCA-OCA
	oca 0x14 PEK-OCA OCA-OCA
	oca $((self + 8)) OCA-OCA
	cek 0x5 CEK-ASK
	cek 0x5c PEK-CEK CEK-ASK
	cek 0x418 CEK-ASK
	cek 0x41c CEK-ASK
	ask 0x4 ASK-ARK
	ask 0x14 ASK-ARK
	ask 0x28 ASK-ARK
	ask $((0x40 + e + e / 2)) CEK-ASK ASK-ARK
	ask $((0x40 + e + e)) ASK-ARK
	ark 0x4 ASK-ARK ARK-ARK
	ark 0x28 ARK-ARK
	ark 0x40 ASK-ARK ARK-ARK
	ark $((0x40 + e + e / 2)) ASK-ARK ARK-ARK
	ark $((0x40 + 3 * e - 1)) ARK-ARK
	EOF
}

for dir in vector-2048 vector-4096 chip; do
	self=0x414
	[ "$(od -An -tx4 -j $((self)) -N 4 $dir/oca | tr -d ' ')" = 00001001 ] || self=0x61c
	spoil $((($(stat -c %s $dir/ark) - 0x40) / 3)) $self >cases
	while read -r cert offset links; do
		cp -r $dir bad
		flip $dir/"$cert" "$offset" bad/"$cert" ||
			echo "not ok - $dir/$cert has no byte $offset"
		check "$dir: $cert, byte $offset: $links" broken "$links" \
			bad/pdh bad/pek bad/oca bad/cek bad/ask bad/ark
		rm -r bad
	done <cases
done
check 'a PEK of another chip' broken 'PDH-PEK PEK-OCA PEK-CEK' chip/pdh vector-4096/pek chip/oca \
	chip/cek ask_ark
check 'an OCA of another owner' broken 'PEK-OCA' chip/pdh chip/pek vector-2048/oca chip/cek ask_ark
check 'an ASK of another maker' broken 'CEK-ASK ASK-ARK' chip/pdh chip/pek chip/oca chip/cek \
	vector-4096/ask chip/ark
check 'an ARK of another maker' broken 'ASK-ARK' chip/pdh chip/pek chip/oca chip/cek chip/ask \
	vector-2048/ark
flip six 0x824 x && cp six good-six
flip good-six 0x82d unusable
check 'a usage that is none' tells 2 'unusable: offset 0x824: no certificate, but ' unusable
check 'a version that is none' tells 2 'x: offset 0x824: no certificate, but ' x

# ---- what is missing -------------------------------------------------------------------------------

check 'a PDH alone' tells 1 'no signature could be verified' chip/pdh
check 'no PEK' tells 1 'nothing connects PDH and CEK' chip/pdh chip/cek ask_ark
check 'no ASK' tells 1 'nothing connects PDH and ARK' chip/pdh chip/pek chip/cek chip/ark
check 'two sides with nothing between' tells 1 'nothing connects OCA and ASK' chip/oca ask_ark
check 'another root is demanded' tells 1 '--root=vector-4096/ark: the key of the ARK is another' \
	--root vector-4096/ark good-six
check 'a root is demanded, none given' tells 1 '--root=ask_ark: no ARK is given' --root ask_ark four
check 'the emulator is demanded, another given' tells 1 '--root=emulated: the ARK is another one' \
	--root emulated vector-4096/ask vector-4096/ark
check 'another owner is demanded' tells 1 '--owner=vector-4096/oca: the key of the OCA is another' \
	--owner vector-4096/oca good-six

# ---- files that are none ---------------------------------------------------------------------------

: >empty
head -c 100 /dev/zero >zero
echo 'no certificates here' >text
echo AAAA= >bad.b64
head -c 2083 four >short
head -c 4000 four >shorter
{ cat four; printf x; } >trailing
head -c 3199 ask_ark >short-root
check 'no file' tells 2 'chain: no file' --json
check 'a file that is not there' tells 2 nowhere nowhere
check 'an empty file' tells 2 'empty: offset 0x0: no certificate, but 0 bytes' empty
check 'zeros' tells 2 'zero: offset 0x0: no certificate, but 100 bytes' zero
check 'text' tells 2 'text: offset 0x0: not legal base64' text
check 'not base64' tells 2 'bad.b64: offset 0x0: not legal base64' bad.b64
check 'cut short' tells 2 'short: offset 0x0: PDH certificate: 2083 bytes, 2084 are needed' short
check 'cut short later' tells 2 'shorter: offset 0x824: PEK certificate: 1916 bytes' shorter
check 'trailing bytes' tells 2 'trailing: offset 0x2090: no certificate, but 1 bytes' trailing
check 'a root cut short' tells 2 'short-root: offset 0x640: ARK certificate: 1599 bytes' short-root
check 'two of a kind' tells 2 \
	'vector-4096/pek: offset 0x0: another PEK than that of four, offset 0x824' four vector-4096/pek
check 'a directory' tells 2 'chip' chip
check 'a root that is none' tells 2 '--root=four: holds no usable ARK' --root four good-six
check 'an unknown option' tells 2 '--bogus: not an option' --bogus four

# ---- a root with AMD's identifier, and somebody else's key ------------------------------------------

milan=94c38e4177d0479292a7ae671d083fb6 other=00112233445566778899aabbccddeeff
{
	openssl genrsa -out ark.pem 2048 && openssl genrsa -out ask.pem 2048 &&
		$amd_cert amd ARK $milan ark.pem $milan ark.pem forged-ark &&
		$amd_cert amd ASK $other ask.pem $milan ark.pem forged-ask &&
		cp chip/cek forged-cek && $amd_cert sign forged-cek 1 ASK ask.pem
} 2>log
set -- chip/pdh chip/pek chip/oca forged-cek forged-ask forged-ark
check 'a forged root verifies, and is not taken for AMD'"'"'s' tells 0 \
	"key id $milan, that of AMD's root for Milan, which anybody can write" "$@"
check 'the second implementation verifies it' second_tells 0 "$@"
check 'it is not the root demanded' tells 1 'the key of the ARK is another one' --root ask_ark "$@"
emulated=454d554c415445442d4e4f542d414d44
{
	$amd_cert amd ARK $emulated ark.pem $emulated ark.pem forged-ark &&
		$amd_cert amd ASK $other ask.pem $emulated ark.pem forged-ask
} 2>log
check 'nor is any for this emulator'"'"'s' tells 1 '--root=emulated: the ARK is another one' \
	--root emulated "$@"
check 'but for some emulator'"'"'s' grep -q "^root: an emulator's, EMULATED - NOT AMD" out

# ---- JSON ------------------------------------------------------------------------------------------

json()
{
	"$owner" chain --json "$@" >out 2>log
	python3 - <<'EOF' 2>>log
import json
chain = json.load(open('out'))
print(chain['verified'], chain['root'], *(c['usage'] for c in chain['certificates']),
      *(f"{l['certificate']}-{l['signer']}={l['state']}" for l in chain['links']),
      len(chain['certificates'][0]['key-sha256']), 'reason' in chain)
EOF
}

expect_json()
{
	expected=$1
	shift
	json "$@" >got
	cat got out >>log
	[ "$(cat got)" = "$expected" ]
}

check 'JSON' expect_json "True this-emulator PDH PEK OCA CEK ASK ARK PDH-PEK=verified PEK-OCA=verified \
OCA-OCA=verified PEK-CEK=verified CEK-ASK=verified ASK-ARK=verified ARK-ARK=verified 64 False" good-six
flip chip/pek 0x41c bad-pek
check 'JSON of what does not verify' expect_json "False none PDH PEK PDH-PEK=verified \
PEK-OCA=signer-not-given PEK-CEK=signer-not-given 64 True" chip/pdh bad-pek --root ask_ark
check 'JSON of a bad link' expect_json "False none PEK OCA PEK-OCA=bad OCA-OCA=verified \
PEK-CEK=signer-not-given 64 True" bad-pek chip/oca

echo "1..$number"
