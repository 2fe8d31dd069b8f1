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

# must_fail SED-SCRIPT SECTION...: every section named must notice.
must_fail()
{
	sed -E "$1" "$good" >"$work/bad.json"
	shift
	status=0
	"$runner" "$work/bad.json" >"$work/out" || status=$?
	for section; do
		if [ "$status" -ne 1 ] || ! grep -q "^$section[^_a-z].*FAILED" "$work/out"; then
			cat "$work/out" >&2
			echo "$section: a wrong vector was not noticed, exit status $status" >&2
			exit 1
		fi
	done
}

# A sed script that changes the first digit of each field named.
spoil()
{
	for field; do
		printf '%s\n' "s/(\"$field\": \")[0-7]/\18/; t" \
			"s/(\"$field\": \")[89a-f]/\10/; t"
	done
}

must_fail "$(spoil z out ld plaintext data_sha256 pek_csr)" \
	kdf kdf_generic session measure secret transport chain
must_fail "$(spoil kek_msg godh_cert unwrapped msg mac_msg_head data_head oca_priv_be)" \
	kdf session session_negative measure secret transport chain
must_fail "$(spoil kik buffer header pdh_export_certs_sha256)" \
	kdf session measure secret transport chain
must_fail "$(spoil pdh_pubkey_field report)" session chain
must_fail "$(spoil wrap_tk)" session
must_fail "$(spoil policy_mac)" session
must_fail 's/("expect_status": )11/\112/' session_negative secret_negative
must_fail 's/("offset": )8,$/\11536,/' chain # not signed: the chain verifies
must_fail 's/"kdf_generic": /"kdf_special": /' kdf_special

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
