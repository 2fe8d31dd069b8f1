#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: limit=1200
#
# The demo with another kernel, another C-bit, more processors.
: "${KERNEL_6_12:?}"
sh tests/boot/demo.sh kernel-6.12 DEMO_KERNEL="$KERNEL_6_12" &&
	sh tests/boot/demo.sh cbitpos-47 DEMO_CBITPOS=47 &&
	sh tests/boot/demo.sh cpus-4 DEMO_CPUS=4
