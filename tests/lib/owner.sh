# SPDX-License-Identifier: LGPL-2.1-or-later
# For sh, after boot.sh: a chip, and a guest's owner with a session for it.
#
#   make_chip NAME             its identity in $boots/NAME, its certificates in $boots/NAME.cert
#   make_session CHIP POLICY   $boots/owner_{godh.b64,session.b64,tik.bin,tek.bin}

make_chip()
{
	new_case "chip-$1"
	chip=$boots/$1
	rm -rf "$chip"
	start "romimage: file=$OVMF_AMDSEV" 'memory: guest=64, host=64' 'sev: type=none' \
		"psp: state=$chip" "qmp: socket=$dir/qmp, paused=1"
	await_socket
	reply=$(qmp query-sev-capabilities) || fail "query-sev-capabilities: $reply"
	printf '%s' "$reply" | jq -r '.pdh, ."cert-chain"' | while read -r each; do
		printf '%s' "$each" | base64 -d
	done >"$chip.cert"
	reply=$(qmp quit) || fail "quit: $reply"
	await_end 30
	expect_status 0
}

make_session()
{
	"$bin/sev-owner" session --name owner --out "$boots" "$boots/$1.cert" "$2" >/dev/null ||
		fail 'sev-owner session failed'
}
