#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: limit=1200
# The bare-metal guests notice it when a rule of the memory views is taken out of the emulator.
exec tests/guest/negative
