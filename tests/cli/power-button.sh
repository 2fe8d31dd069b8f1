#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# system_powerdown presses the machine's power button: PM1_STS says so, and the SCI comes if the guest
# has asked for it (tests/guest/button.c). Speaks TAP.
set -eu

B=${B:-build}
. demo/qmp.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# press TEST: once the guest has reported this one.
press()
{
	tries=0
	until grep -q "^ok $1" "$dir/button-none/serial.log" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] && kill -0 $guest 2>/dev/null || return 0 # the guest's own report says why
		sleep 0.1
	done
	answer=$(qmp system_powerdown) || echo "# system_powerdown: $answer"
}

GUEST_OUT=$dir GUEST_BOCHSRC="qmp: socket=$dir/qmp" tests/guest/run button-none &
guest=$!
press controller_is_there
press press_without_interrupt
wait $guest
