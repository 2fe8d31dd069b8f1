#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The client by which the control socket is judged finds what a server does wrong. Prints TAP.
exec python3 tests/cli/qmp-client.py
