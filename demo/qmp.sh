# SPDX-License-Identifier: LGPL-2.1-or-later
# For sh: talks to the control socket of a bochs (QEMU's protocol), by socat and jq.

# qmp COMMAND [ARGUMENTS as JSON]: prints what the command returns; or, exit status 1, why it failed.
# The socket is $dir/qmp.
qmp()
{
	replies=$(printf '{"execute":"qmp_capabilities"}\n{"execute":"%s","arguments":%s}\n' \
		"$1" "${2:-{\}}" | timeout 180 socat -t 170 - UNIX-CONNECT:"$dir/qmp" 2>&1) || {
		echo "the control socket does not answer: $replies"
		return 1
	}
	# Events may stand between; the first answer is that to qmp_capabilities.
	printf '%s\n' "$replies" | jq -r -s -e '
		[.[] | select(has("return") or has("error"))] | .[1] // {"error": {"desc": "no answer"}} |
		if has("error") then .error.desc, false else .return | tojson end' |
		{
			read -r reply && printf '%s\n' "$reply"
			! read -r failed
		}
}
