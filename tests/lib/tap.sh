# SPDX-License-Identifier: LGPL-2.1-or-later
# For scripts that report one line of TAP per check. $work/log holds what a failed check said.

number=0

# check(TITLE, COMMAND...)
check()
{
	title=$1
	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $title"
	else
		echo "not ok $number - $title"
		sed 's/^/# /' "$work/log" 2>/dev/null
	fi
}
