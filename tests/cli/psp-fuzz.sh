#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: limit=180
# A hostile hypervisor at two chips, for some seconds: tests/fuzz/psp-fuzz.c. The long run is
# tests/long/psp-fuzz.sh. Speaks TAP.
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. tests/lib/tap.sh
. tests/lib/psp-fuzz.sh

# found WHAT: that defect ends the run, with a line that repeats it.
found()
{
	"$B/check/psp-fuzz" --commands=10000 --sabotage="$1" >"$work/log" 2>&1
	[ $? -gt 2 ] && grep -q "^psp-fuzz: again: psp-fuzz --seed=1 --episode=0" "$work/log"
}

wrong_use()
{
	"$B/check/psp-fuzz" "$1" >"$work/log" 2>&1
	[ $? -eq 2 ] && [ "$(wc -l <"$work/log")" -eq 1 ] && grep -q -e "$1: legal are" "$work/log"
}

echo 1..14
check '100,000 commands' run asan/check/psp-fuzz --commands=100000
check 'every command came to success, and to failure' covered
check '1,000 commands, the chip saved and restored after each' \
	run check/psp-fuzz --commands=1000 --save-restore
for defect in memory count policy reference secrets key clean core; do
	check "a defect is found: $defect" found $defect
done
check 'a command line that is wrong' wrong_use --commands=many
check 'a defect that is not known' wrong_use --sabotage=all
check 'an option that is not known' wrong_use --fast
