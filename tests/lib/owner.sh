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
	"$bin/bochs" --sev-capabilities --state "$chip" >"$dir/capabilities" 2>"$dir/out" ||
		fail 'bochs --sev-capabilities failed'
	jq -r '.pdh, ."cert-chain"' "$dir/capabilities" | while read -r each; do
		printf '%s' "$each" | base64 -d
	done >"$chip.cert"
}

make_session()
{
	"$bin/sev-owner" session --name owner --out "$boots" "$boots/$1.cert" "$2" >/dev/null ||
		fail 'sev-owner session failed'
}
