#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Certificates in AMD's layouts, whose keys and signatures are the openssl command's.

  amd_cert.py sev USAGE KEY OUT          an unsigned certificate (OCA, PEK, PDH or CEK), API 0.0
  amd_cert.py sign CERT SLOT USAGE KEY   KEY, whose own certificate has USAGE, signs in slot 1 or 2
  amd_cert.py amd USAGE ID KEY SIGNER-ID SIGNER OUT    ARK or ASK; identifiers are hexadecimal

KEY is a private key in PEM: P-384, or RSA of 2048 or 4096 bits. SIGNER may be - for a certificate
that ends without a signature.
"""
import struct
import subprocess
import sys

USAGES = {'ARK': 0, 'ASK': 0x13, 'OCA': 0x1001, 'PEK': 0x1002, 'PDH': 0x1003, 'CEK': 0x1004}
SIGNED = 0x414
SLOT = 0x208


def openssl(*arguments, data=None):
    return subprocess.run(('openssl',) + arguments, input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def is_rsa(key):
    return b'modulus' in openssl('pkey', '-in', key, '-noout', '-text')


def little(number, size):
    return number.to_bytes(size, 'little')


def numbers(der):
    """The two numbers of an ECDSA signature in DER, which is short enough for one-byte lengths."""
    at, found = 2, []
    for _ in range(2):
        length = der[at + 1]
        found.append(int.from_bytes(der[at + 2:at + 2 + length], 'big'))
        at += 2 + length
    return found


def rsa_signature(data, key, bits):
    return openssl('dgst', '-sha256' if bits == 2048 else '-sha384',
                   '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest',
                   '-sign', key, data=data)[::-1]


def modulus(key):
    text = openssl('rsa', '-in', key, '-noout', '-modulus').decode()
    return int(text.split('=')[1], 16)


def sev(usage, key):
    point = openssl('pkey', '-in', key, '-pubout', '-outform', 'DER')[-96:]
    cert = struct.pack('<IBBHII', 1, 0, 0, 0, USAGES[usage], 3 if usage == 'PDH' else 2)
    cert += struct.pack('<I', 2) + b''.join(
        little(int.from_bytes(half, 'big'), 72) for half in (point[:48], point[48:]))
    return cert.ljust(SIGNED, b'\0') + struct.pack('<II512x', 0x1000, 0) * 2


def sign(cert, slot, usage, key):
    body = cert[:SIGNED]
    if is_rsa(key):
        bits = modulus(key).bit_length()
        algo, signature = 1 if bits == 2048 else 0x101, rsa_signature(body, key, bits)
    else:
        r, s = numbers(openssl('dgst', '-sha256', '-sign', key, data=body))
        algo, signature = 2, little(r, 72) + little(s, 72)
    start = SIGNED + (slot - 1) * SLOT
    field = struct.pack('<II', USAGES[usage], algo) + signature.ljust(0x200, b'\0')
    return cert[:start] + field + cert[start + SLOT:]


def amd(usage, identifier, key, signer_id, signer):
    n = modulus(key)
    bits = n.bit_length()
    body = struct.pack('<I16s16sI16xII', 1, bytes.fromhex(identifier), bytes.fromhex(signer_id),
                       USAGES[usage], bits, bits)
    body += little(65537, bits // 8) + little(n, bits // 8)
    return body if signer == '-' else body + rsa_signature(body, signer, bits)


def main(verb, *arguments):
    if verb == 'sev':
        usage, key, out = arguments
        cert = sev(usage, key)
    elif verb == 'sign':
        out, slot, usage, key = arguments
        with open(out, 'rb') as file:
            cert = sign(file.read(), int(slot), usage, key)
    elif verb == 'amd':
        *what, out = arguments
        cert = amd(*what)
    else:
        sys.exit(__doc__)
    with open(out, 'wb') as file:
        file.write(cert)


if __name__ == '__main__':
    main(*sys.argv[1:])
