#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A platform changes hands: an owner whose key pair, certificates and signatures are the openssl
# command's signs the PEK, and the platform takes only what that owner really signed. Prints TAP.
set -u

B=${B:-build}
owner=$(readlink -f "$B/sev-owner")
second=$(readlink -f "$B/check/verify-chain")
chip=$(readlink -f "$B/check/psp-chip")
amd_cert="python3 $(readlink -f tests/lib/amd_cert.py)"
. tests/lib/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
cd "$work" || exit 1

# The chip is a new process each time: what it knows is what it stored.
says()
{
	"$chip" state status >log 2>&1 && grep -q "^OWNER=$1 " log
}

# refused STATUS COMMAND...: with this status, and nothing has changed.
refused()
{
	expected=$1
	shift
	"$chip" state export pdh0 chain0 2>log || return 1
	"$chip" state "$@" 2>log
	[ $? -eq 3 ] && grep -qE "status 0x[0-9a-f]+ $expected(:|$)" log || return 1
	"$chip" state export pdh1 chain1 2>>log && cmp pdh0 pdh1 >>log 2>&1 &&
		cmp chain0 chain1 >>log 2>&1
}

accepted()
{
	"$chip" state "$@" 2>log
}

# verifies STATUS ARGUMENT...: what the platform hands out now, by both implementations.
verifies()
{
	expected=$1
	shift
	"$chip" state export pdh chain 2>log || return 1
	"$owner" chain pdh chain "$@" >out 2>err
	got=$?
	cat out err >log
	[ $got -eq "$expected" ] && "$second" pdh chain >>log 2>&1
}

# The fingerprint of a certificate's key, as the last `verifies` had it.
key()
{
	sed -nE "s/^$1 .* key ([0-9a-f]{16})  .*/\1/p" out
}

# oca NAME KEY SIGNER: an OCA's certificate.
oca()
{
	$amd_cert sev OCA "$2" "$1" && $amd_cert sign "$1" 1 OCA "$3"
}

# signed NAME CSR SLOT KEY: a PEK under an owner's key.
signed()
{
	cp "$2" "$1" && $amd_cert sign "$1" "$3" OCA "$4"
}

flip()
{
	python3 - "$@" <<'EOF'
import sys
data = bytearray(open(sys.argv[1], 'rb').read())
data[int(sys.argv[2], 0)] ^= 1
open(sys.argv[3], 'wb').write(data)
EOF
}

# ---- the owner and the request ---------------------------------------------------------------------

for each in owner stranger; do
	openssl ecparam -name secp384r1 -genkey -noout -out $each.pem 2>log
done
check 'an OCA by openssl' oca good-oca owner.pem owner.pem
check 'is one to the second implementation' sh -c "'$second' good-oca >log 2>&1"
check 'a platform is self-owned at first' says 0
check 'its chain verifies' verifies 0
check 'and its owner is probably itself' grep -q '^owner: probably the platform itself' out
key PEK >own-pek
key PDH >own-pdh
key CEK >own-cek
check 'PEK_CSR' accepted pek-csr csr
check 'the request is the PEK' sh -c 'head -c 1044 chain | cmp -n 1044 - csr >log'
check 'both of its slots are empty' python3 -c "
data = open('csr', 'rb').read()
empty = (0x1000).to_bytes(4, 'little').ljust(0x208, b'\0')
assert len(data) == 0x824 and data[0x414:] == empty * 2"

# ---- what is refused -------------------------------------------------------------------------------

signed good-pek csr 1 owner.pem
signed strangers-pek csr 1 stranger.pem
oca strangers-oca stranger.pem stranger.pem
oca unproven-oca owner.pem stranger.pem
$amd_cert sev OCA owner.pem unsigned-oca
flip good-oca 0x41c spoilt-oca
flip good-oca 0x14 no-point-oca
flip good-pek 0x424 spoilt-pek
flip csr 0x5 other-api && signed other-api-pek other-api 1 owner.pem
"$chip" other-chip pek-csr other-csr 2>log && signed other-chips-pek other-csr 1 owner.pem
head -c 2083 good-pek >short-pek

check 'a PEK signed by a stranger' refused BAD_SIGNATURE pek-cert-import strangers-pek good-oca
check 'a stranger'"'"'s OCA' refused BAD_SIGNATURE pek-cert-import good-pek strangers-oca
check 'a PEK without signature' refused BAD_SIGNATURE pek-cert-import csr good-oca
check 'one bit of the PEK'"'"'s signature' refused BAD_SIGNATURE pek-cert-import spoilt-pek good-oca
check 'an OCA that signed itself badly' refused BAD_SIGNATURE pek-cert-import good-pek spoilt-oca
check 'an OCA that a stranger signed' refused BAD_SIGNATURE pek-cert-import good-pek unproven-oca
check 'an OCA without signature' refused BAD_SIGNATURE pek-cert-import good-pek unsigned-oca
check 'an OCA whose key is no point' refused INVALID_CERTIFICATE pek-cert-import good-pek no-point-oca
check 'a PEK with another API, well signed' refused INVALID_CERTIFICATE \
	pek-cert-import other-api-pek good-oca
check 'the PEK of another chip, well signed' refused INVALID_CERTIFICATE \
	pek-cert-import other-chips-pek good-oca
check 'the two exchanged' refused INVALID_CERTIFICATE pek-cert-import good-oca good-pek
check 'a PEK cut short' refused INVALID_LENGTH pek-cert-import short-pek good-oca
check 'still self-owned' says 0

# ---- the owner takes over --------------------------------------------------------------------------

check 'PEK_CERT_IMPORT' accepted pek-cert-import good-pek good-oca
check 'OWNER is 1' says 1
check 'the chain verifies with the owner'"'"'s OCA' verifies 0 --owner good-oca
check 'every link of it' grep -q '4 of 4 links verified' out
[ "$(key PEK)" = "$(cat own-pek)" ] && [ "$(key CEK)" = "$(cat own-cek)" ] &&
	[ "$(key PDH)" != "$(cat own-pdh)" ] && [ -n "$(key PDH)" ]
check 'PEK and CEK are the old ones, the PDH is not' test $? -eq 0
check 'the OCA is the one imported' sh -c 'tail -c +2085 chain | head -c 2084 | cmp - good-oca >log'
fingerprint=$(openssl pkey -in owner.pem -pubout -outform DER | sha256sum | cut -c 1-16)
check 'openssl has the same fingerprint' test "$(key OCA)" = "$fingerprint"
check 'the owner is probably external' verifies 0
check 'and sev-owner says so' grep -q '^owner: probably external' out
check 'it is not a stranger' verifies 1 --owner strangers-oca
check 'an owned platform takes no other owner' refused ALREADY_OWNED \
	pek-cert-import good-pek good-oca
check 'PEK_CSR of an owned platform' accepted pek-csr csr-again
check 'is the same request' cmp csr csr-again
check 'PDH_GEN' accepted pdh-gen
check 'the chain verifies after it' verifies 0 --owner good-oca
"$chip" state chain published 2>log
check 'so does what the chip publishes' sh -c \
	"'$owner' chain --owner good-oca --root emulated published >log 2>&1 &&
	'$second' published >>log 2>&1"

# ---- and leaves ------------------------------------------------------------------------------------

check 'PEK_GEN' accepted pek-gen
check 'OWNER is 0' says 0
check 'the chain verifies' verifies 0
[ "$(key PEK)" != "$(cat own-pek)" ] && [ "$(key CEK)" = "$(cat own-cek)" ]
check 'the PEK is new, the CEK is not' test $? -eq 0
check 'the owner is another one' verifies 1 --owner good-oca
check 'the old PEK is no longer this platform'"'"'s' refused INVALID_CERTIFICATE \
	pek-cert-import good-pek good-oca
check 'a second PEK_CSR' accepted pek-csr csr
signed good-pek csr 2 owner.pem
check 'PEK_CERT_IMPORT, signed in slot 2' accepted pek-cert-import good-pek good-oca
check 'the chain verifies again' verifies 0 --owner good-oca
check 'PLATFORM_RESET' accepted platform-reset
check 'OWNER is 0 again' says 0
check 'and the chain verifies' verifies 0

echo "1..$number"
