#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The words that bash completes for bochs-sev-import are those that the program knows; manual and --help
# name each. Prints TAP.
set -u

B=${B:-build}
import=$(readlink -f "$B/bochs-sev-import")
manual=$(readlink -f docs/bochs-sev-import.1)
[ -x "$import" ] || { echo "$B/bochs-sev-import: not built"; exit 1; }
. tests/lib/tap.sh
. tools/bochs-sev-import.bash-completion

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
cd "$work" || exit 1
touch web.xml 'a b.conf'

# completes EXPECTED WORD...: the last word is the one under the cursor; EXPECTED is words in any order, ~
# a blank in one.
completes()
{
	expected=$(printf '%s\n' $1 | tr '~' ' ' | sort)
	shift
	COMP_WORDS=(bochs-sev-import "$@")
	COMP_CWORD=$#
	_bochs_sev_import
	got=$(printf '%s\n' "${COMPREPLY[@]}" | sort)
	printf '%s\n' 'expected:' "$expected" 'got:' "$got" >log
	[ "$got" = "$expected" ]
}

# What the program itself says is legal.
legal()
{
	"$import" "$@" 2>&1 >/dev/null | sed -n 's/.*legal: //p' | tr -d ,
}

named()
{
	echo "$1 is missing" >log
	"$import" --help | grep -q -e "  $1\b" && grep -q -e "^\.It Fl -${1#--}\b" "$manual"
}

options=$(legal --bogus)
check 'the options' completes "$options" -
check 'the formats' completes "$(legal --from x y)" --from ''
check 'the formats after =' completes 'libvirt' --from = li
check 'one option' completes --partial --pa
check 'files' completes 'web.xml a~b.conf log' ''
check 'the output' completes web.xml --output we
check 'files of a command line' completes web.xml -- qemu-system-x86_64 -kernel we
for option in $options; do
	check "$option is in manual and --help" named "$option"
done

echo "1..$number"
