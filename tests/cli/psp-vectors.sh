#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The Secure Processor against vectors made by a second implementation (tests/make-psp-vectors.py),
# and the runner against vectors in which one digit is wrong.
set -eu

B=${B:-build}
runner=$B/check/psp-vectors
good=tests/vectors/psp.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$runner" "$good"

# must_fail WHAT SED-SCRIPT
must_fail()
{
	sed -E "$2" "$good" >"$work/bad.json"
	if cmp -s "$good" "$work/bad.json"; then
		echo "no field $1 to spoil" >&2
		exit 1
	fi
	status=0
	"$runner" "$work/bad.json" >"$work/out" || status=$?
	if [ "$status" -ne 1 ] || ! grep -q FAILED "$work/out"; then
		cat "$work/out" >&2
		echo "a wrong $1 was not noticed: exit status $status" >&2
		exit 1
	fi
}

for field in z kek_msg kik out godh_cert pdh_pubkey_field wrap_tk policy_mac unwrapped ld msg \
	buffer plaintext mac_msg_head header data_sha256 data_head pek_csr oca_priv_be \
	pdh_export_certs_sha256 report; do
	must_fail "$field" "s/(\"$field\": \")[0-7]/\18/; t; s/(\"$field\": \")[89a-f]/\10/"
done
must_fail expect_status 's/("expect_status": )11/\112/'
must_fail offset 's/("offset": )8$/\11536/; s/("offset": )8,$/\11536,/'
must_fail section 's/"kdf_generic": /"kdf_special": /'

# Nothing run is not success.
echo '{ "schema": "psp-vectors-1", "snp_report": [ {} ] }' >"$work/empty.json"
if "$runner" "$work/empty.json" >"$work/out"; then
	echo "a file of which nothing was run counts as passed" >&2
	exit 1
fi
grep -q '0 passed, 0 failed, 1 skipped' "$work/out"

for text in '' '{' '[]' '{ "schema": "other" }'; do
	echo "$text" >"$work/broken.json"
	status=0
	"$runner" "$work/broken.json" >"$work/out" 2>&1 || status=$?
	if [ "$status" -ne 2 ]; then
		echo "accepted as a vector file: '$text'" >&2
		exit 1
	fi
done
