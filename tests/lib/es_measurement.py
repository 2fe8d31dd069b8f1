#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a Secure Processor would return for a launch (AMD 55766, LAUNCH_MEASURE), without one.

    es_measurement.py TIK-FILE POLICY DIGEST-HEX [MAJOR MINOR BUILD]

Prints the base64 of measurement and nonce, as query-sev-launch-measure has it.
"""
import base64
import hashlib
import hmac
import pathlib
import struct
import sys

tik = pathlib.Path(sys.argv[1]).read_bytes()
policy = int(sys.argv[2], 0)
digest = bytes.fromhex(sys.argv[3])
version = [int(each) for each in sys.argv[4:7]] or [1, 55, 21]
nonce = bytes(range(16))
text = b"\x04" + bytes(version) + struct.pack("<I", policy) + digest + nonce
print(base64.b64encode(hmac.new(tik, text, hashlib.sha256).digest() + nonce).decode())
