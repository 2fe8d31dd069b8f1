#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A bare-metal guest notices it when pointers to a page that was turned over are kept. The other
# controls, one for each rule, are in make check-long (tests/boot/negative-controls.sh).
NEGATIVE_OUT=$B/check/negative exec tests/guest/negative relinked dtlb fetch-window
