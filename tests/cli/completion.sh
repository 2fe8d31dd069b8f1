#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The words that bash completes for sev-owner are those that the program knows, all of them and no
# others; manual and --help name each. Prints TAP.
set -u

B=${B:-${BUILD:-build}}
owner=$(readlink -f "$B/sev-owner")
manual=$(readlink -f docs/sev-owner.1)
[ -x "$owner" ] || { echo "$B/sev-owner: not built"; exit 1; }
. tests/lib/tap.sh
. tools/sev-owner.bash-completion

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
cd "$work" || exit 1

# completes EXPECTED WORD...: the last word is the one under the cursor; EXPECTED is words in any
# order, ~ a blank in one.
completes()
{
	expected=$(printf '%s\n' $1 | tr '~' ' ' | sort)
	shift
	COMP_WORDS=(sev-owner "$@")
	COMP_CWORD=$#
	_sev_owner
	got=$(printf '%s\n' "${COMPREPLY[@]}" | sort)
	printf '%s\n' 'expected:' "$expected" 'got:' "$got" >log
	[ "$got" = "$expected" ]
}

# What the program itself says is legal.
legal()
{
	sed -n "s/.*$1, legal: //p" err | tr -d ,
}

"$owner" bogus 2>err
verbs=$(legal 'unknown verb')
check 'the verbs' completes "$verbs --help" ''
check 'a verb' completes 'secret session' se

in_help()
{
	"$owner" "$verb" --help >log && grep -q -e "$option\b" log
}

in_manual()
{
	echo "$option is not in the manual's section on $verb" >log
	sed -n "/^\.Ss $verb/,/^\.S[sh] /p" "$manual" | grep -q -e "Fl -${option#--}\b" ||
		sed -n '/^\.Ss Options of all verbs/,/^\.S[sh] /p;/^\.Ss What is measured/,/^\.S[sh] /p' \
			"$manual" | grep -q -e "Fl -${option#--}\b"
}

# A value is completed, or known to be free, for options that take one and for no other.
as_the_program()
{
	"$owner" "$verb" "$option" >/dev/null 2>err
	needs=no takes=no
	! grep -q ': needs a value' err || needs=yes
	! _sev_owner_value "$option" /nowhere/ || takes=yes
	echo "needs a value: $needs, completed as such: $takes" >log
	[ $needs = $takes ]
}

for verb in $verbs; do
	"$owner" "$verb" --bogus 2>err
	options=$(legal 'not an option of this verb')
	check "$verb: its options" completes "$options" "$verb" --
	for option in $options; do
		check "$verb: $option is completed" completes "$(printf '%s\n' $options |
			grep -e "^$option")" "$verb" "$option"
		check "$verb: $option as the program takes it" as_the_program
		check "$verb: $option in the manual" in_manual
		# The other name of --vcpus stands behind it.
		check "$verb: $option in --help" in_help
	done
done

# ---- values ----------------------------------------------------------------------------------------

mkdir dir
touch file1 file2 'file 3'
check 'files' completes 'file1 file2 file~3' verify --tik file
check 'a file' completes file1 verify --tik file1
check 'a file after =' completes file2 verify --tik = file2
check 'all files after =' completes 'dir err file1 file2 file~3 log' verify --tik =
check 'a directory' completes dir session --out ''
check 'free text' completes '' digest --cmdline fi
check 'CPU models' completes 'EPYC-Milan' digest --cpu-model EPYC-M
check 'CPU models after =' completes 'EPYC-Rome' digest --cpu-model = EPYC-R
check 'VMSA types' completes 'legacy init2' attest --vmsa-type ''
check 'a policy' completes 'nodbg noks nosend' verify --policy no
check 'a list of policies' completes 'nodbg,noks,es' verify --policy nodbg,noks,e
check 'the root' completes 'emulated' chain --root emu
check 'a file first' completes 'file1' session file1
check 'then a policy' completes 'domain' session file1 d
check 'after an option, too' completes 'domain' session --name vm file1 d
check 'after an option with =, too' completes 'domain' session --name = vm file1 d
check 'an option on the way' completes '--json' session file1 --j
check 'files of a chain' completes 'file2' chain file1 file2
check 'the name of a secret' completes 'luks=' attest --qmp file1 lu
check 'a secret' completes 'file1' secret luks = file1
check 'a secret right after =' completes 'dir err file1 file2 file~3 log' secret luks =
check 'no verb, no words' completes '' bogus x

echo "1..$number"
