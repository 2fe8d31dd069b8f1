#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: limit=600
# Bare-metal guests: memory views and C-bit rules, each with C-bit 43, 47 and 51.
exec tests/guest/run
