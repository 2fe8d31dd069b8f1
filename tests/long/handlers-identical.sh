#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The fast path costs nothing: every object of the processor and of memory is, debug information
# aside, byte for byte that of stock Bochs compiled alike, but for those listed here with the reason.
# So no instruction handler but WBINVD's, no access or stack path, neither fetch loop nor decoder nor
# instruction cache has been touched. Speaks TAP.
set -eu

B=${B:-build}

differing()
{
	cat <<-END
		cpu/apic          the APIC's page is recognised by the address without the C-bit
		cpu/cpudb/amd/ryzen  leaf 8000_001F no longer promises SME and SEV
		cpu/crregs        CR3: reserved are the bits above the address but not the C-bit
		cpu/init          the list of CPU models has one more
		cpu/msr           MTRRs take the address bits that CPUID reports; reserved bits as in crregs
		cpu/mwait         MONITOR's address is compared without the C-bit
		cpu/paging        page walks: views of tables and leaves, MTRRs, reserved bits
		cpu/proc_ctrl     WBINVD and INVD tell the Secure Processor
		cpu/svm           reserved address bits, in VMRUN's checks
		memory/memory     the gate: physical reads and writes
		memory/memory_stub  the gate: an address without view bits finds its block
		memory/misc_mem   the gate: host pointers, and the debugger's accesses
	END
}

# may_differ(OBJECT)
may_differ()
{
	differing | grep -q "^${1%.o} "
}

# same(OBJECT)
same()
{
	objcopy -g "$B/stock/$1" "$work/stock.o"
	objcopy -g "$B/upstream/$1" "$work/ours.o"
	cmp -s "$work/stock.o" "$work/ours.o"
}

objects()
{
	(cd "$B/$1" && find cpu memory -name '*.o' | sort)
}

[ -e "$B/stock/bochs" ] || { echo "$B/stock/bochs is not built (make stock)"; exit 77; }
mkdir -p "$B/check"
work=$(mktemp -d "$B/check/objects.XXXXXX")
trap 'rm -rf "$work"' EXIT
equal=0 different='' stale=''
for object in $(objects stock); do
	if same "$object"; then
		equal=$((equal + 1))
		! may_differ "$object" || stale="$stale $object"
	else
		may_differ "$object" || different="$different $object"
	fi
done

# verdict(NUMBER, WHAT, COUNTEREXAMPLES)
verdict()
{
	if [ -z "$3" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2, but not:$3"
	fi
}

echo 1..3
verdict 1 "$equal objects, all that no hook needs to reach, are those of stock Bochs" "$different"
# The comparison sees differences, and the list does not allow more than is needed.
verdict 2 'the objects that hooks reach differ' "$stale"
if [ "$equal" -gt 300 ] && [ "$(objects stock)" = "$(objects upstream)" ]; then
	echo 'ok 3 - both builds have the same objects'
else
	echo 'not ok 3 - both builds have the same objects'
fi
