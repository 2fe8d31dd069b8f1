# SPDX-License-Identifier: LGPL-2.1-or-later
# For sh, after boot.sh: libvirt's guest owner, virt-qemu-sev-validate (Debian: libvirt-clients-qemu),
# which shares no code with this project, judges the guest that waits in $dir.
#
#   ask_launch                         asks the control socket what a remote owner has to know
#   validate KEYS OPTION...            its exit status in $status, what it says in $dir/validate;
#                                      KEYS are its options for the keys
#   matches KEYS OPTION...             it must agree
#   differs WHAT KEYS OPTION...        it must say that the measurement does not match

# Its modules are those of the distribution's own interpreter.
validator=$(command -v virt-qemu-sev-validate || :)
[ ! -x /usr/bin/python3 ] || [ -z "$validator" ] || validator="/usr/bin/python3 $validator"
if [ -z "$validator" ] || ! $validator --help >/dev/null 2>&1; then
	echo 'virt-qemu-sev-validate does not run (libvirt-clients-qemu, python3-lxml, -cryptography)'
	exit 77
fi

ask_launch()
{
	reply=$(qmp query-sev-launch-measure) || fail "query-sev-launch-measure: $reply"
	measurement=$(printf '%s' "$reply" | jq -r .data)
	reply=$(qmp query-sev) || fail "query-sev: $reply"
	version=$(printf '%s' "$reply" | jq -r '"--api-major \(."api-major") --api-minor \(."api-minor")
		--build-id \(."build-id") --policy \(.policy)"' | tr '\n' ' ')
}

# The keys and the version are several words.
# shellcheck disable=SC2086
validate()
{
	keys=$1
	shift
	status=0
	$validator --measurement "$measurement" $version $keys "$@" >"$dir/validate" 2>&1 || status=$?
}

matches()
{
	validate "$@"
	[ $status -eq 0 ] || fail "virt-qemu-sev-validate: $status: $(cat "$dir/validate")"
}

# Status 1 alone is "measurement does not match"; another one would be a mistake of this test.
differs()
{
	what=$1
	shift
	validate "$@"
	[ $status -eq 1 ] ||
		fail "another $what: virt-qemu-sev-validate: $status: $(cat "$dir/validate")"
}
