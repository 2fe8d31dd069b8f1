#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: limit=3600
# A hostile hypervisor at two chips, for ten million commands under the sanitizers; and for fifty
# thousand with the chip saved, freed, made anew and restored after each. COMMANDS, SEED: other ones.
# Speaks TAP.
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. tests/lib/tap.sh
. tests/lib/psp-fuzz.sh

commands=${COMMANDS:-10000000}
seed=${SEED:-1}

echo 1..3
check "$commands commands" run asan/check/psp-fuzz --commands="$commands" --seed="$seed"
check 'every command came to success, and to failure' covered
sed 's/^/# /' "$work/log"
# The sanitizers need address space; without them, nothing may need much.
# shellcheck disable=SC3045 # dash and bash have it
ulimit -v 1048576
check '50,000 commands, the chip saved and restored after each' \
	run check/psp-fuzz --commands=50000 --seed="$seed" --save-restore
