#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: limit=400
#
# OVMF to its shell, encrypted, with the other C-bits that are tested.
exec sh tests/boot/ovmf-shell.sh 43 47
