#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The fast path costs nothing: but for the objects that hooks reach, every object of the processor
# and of memory has the code that stock Bochs, compiled alike, has. Speaks TAP.
set -eu

B=${B:-build}

# Objects of files that hooks touch, and of files that use what a touched header defines: reserved
# bits (crregs, msr, svm), MONITOR's address (mwait), the list of models (init), ROM and PAM state.
may_differ='cpu/apic cpu/crregs cpu/init cpu/msr cpu/mwait cpu/paging cpu/svm cpu/cpudb/amd/ryzen
	memory/memory memory/memory_stub memory/misc_mem'

# Line numbers and file names are no code.
code()
{
	objdump -d -r --no-show-raw-insn "$1" | sed 1,3d
}

same_code()
{
	[ "$(code "$B/stock/$1" | sha256sum)" = "$(code "$B/upstream/$1" | sha256sum)" ]
}

[ -e "$B/stock/bochs" ] || { echo "$B/stock/bochs is not built (make stock)"; exit 77; }
# shellcheck disable=SC2086
allowed=" $(echo $may_differ) "
same=0
different=
for object in $(cd "$B/stock" && find cpu memory -name '*.o' | sort); do
	if same_code "$object"; then
		same=$((same + 1))
	elif [ "${allowed#* "${object%.o}" }" = "$allowed" ]; then
		different="$different $object"
	fi
done

echo 1..2
if [ -z "$different" ] && [ "$same" -gt 300 ]; then
	echo "ok 1 - $same objects have the code of stock Bochs"
else
	echo "not ok 1 - only $same objects have the code of stock Bochs, not:$different"
fi
# The comparison can see a difference: the gate is in this one.
if same_code memory/memory.o; then
	echo 'not ok 2 - a hooked object has other code'
else
	echo 'ok 2 - a hooked object has other code'
fi
