#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: quick limit=400
#
# Literally `bochs -f bochsrc-sev` in a directory where bochsrc-sev.sample was copied to, with standard
# input closed; and the sample names every directive and property there is.
. tests/lib/boot.sh
. tests/lib/linux.sh
need "${OVMF_AMDSEV-}" "${KERNEL_6_1-}"

new_case sample
mkdir "$dir/build"
demo/files "$dir/build/demo"
cp bochsrc-sev.sample "$dir/bochsrc-sev"
PATH=$bin:$PATH
cd "$dir"
bochs -f bochsrc-sev <&- >out 2>&1 &
bochs=$!
cd "$OLDPWD"
await 'Linux version' 200
await_end 200
expect_status 0
expect_console 'Memory Encryption Features active: AMD SEV'
expect_console 'demo: switching off'
[ -s "$dir/launch.json" ] || fail 'no report was written'

# Properties as the sources' tables have them.
new_case documented
for each in sev:bios/sev_options.c psp:iodev/psp/psp_options.c fw_cfg:iodev/fw_cfg/options.c \
	qmp:monitor/qmp_device.cc; do
	for property in $(properties_in "${each#*:}"); do
		grep -q "^#.*[ #]$property=" bochsrc-sev.sample ||
			fail "bochsrc-sev.sample does not explain ${each%%:*}: $property="
	done
done
