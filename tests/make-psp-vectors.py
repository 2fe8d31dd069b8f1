#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes tests/vectors/psp.json (schema psp-vectors-1) to standard output.

A second implementation of what guest owner and Secure Processor compute, from the same public
documents (AMD 55766; SP 800-38A, SP 800-108, FIPS 186-5, FIPS 197, RFC 8017) but sharing no code and
no library with the emulator: only hashlib and hmac, all other arithmetic is here. The same output
every time.
"""

import hashlib
import hmac
import json
import random

rnd = random.Random("bochs-sev psp vectors")


def le(n, size):
    return n.to_bytes(size, "little")


def be(n, size):
    return n.to_bytes(size, "big")


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


# ---- AES-128 (FIPS 197), encryption only, and counter mode ----


def xtime(a):
    return (a << 1) ^ (0x11B if a & 0x80 else 0)


def make_sbox():
    """The inverse in GF(2^8) by the powers of the generator 3, then the affine map."""
    exp, x = [], 1
    for _ in range(255):
        exp.append(x)
        x ^= xtime(x)
    log = {v: i for i, v in enumerate(exp)}
    box = []
    for a in range(256):
        b = exp[-log[a] % 255] if a else 0
        s = 0x63
        for r in range(5):
            s ^= (b << r | b >> (8 - r)) & 0xFF
        box.append(s)
    return box


SBOX = make_sbox()


def expand_key(key):
    words, rcon = [list(key[i : i + 4]) for i in range(0, 16, 4)], 1
    for i in range(4, 44):
        t = list(words[-1])
        if i % 4 == 0:
            t = [SBOX[b] for b in t[1:] + t[:1]]
            t[0] ^= rcon
            rcon = xtime(rcon)
        words.append([a ^ b for a, b in zip(words[-4], t)])
    return [sum(words[i : i + 4], []) for i in range(0, 44, 4)]


def mix_column(c):
    t = c[0] ^ c[1] ^ c[2] ^ c[3]
    return [c[i] ^ t ^ xtime(c[i] ^ c[(i + 1) % 4]) for i in range(4)]


def aes_block(rounds, block):
    s = [a ^ b for a, b in zip(block, rounds[0])]
    for n, key in enumerate(rounds[1:], 1):
        s = [SBOX[s[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if n < 10:
            s = sum((mix_column(s[i : i + 4]) for i in range(0, 16, 4)), [])
        s = [a ^ b for a, b in zip(s, key)]
    return bytes(s)


assert aes_block(expand_key(bytes(range(16))), bytes.fromhex("00112233445566778899aabbccddeeff")) \
    == bytes.fromhex("69c4e0d86a7b0430d8cdb78070b4c55a")


def ctr(key, iv, data):
    rounds, counter, out = expand_key(key), int.from_bytes(iv, "big"), b""
    for i in range(0, len(data), 16):
        stream = aes_block(rounds, be(counter % 2**128, 16))
        out += bytes(a ^ b for a, b in zip(data[i : i + 16], stream))
        counter += 1
    return out


# ---- P-384 (SP 800-186) in affine coordinates ----

P = 2**384 - 2**128 - 2**96 + 2**32 - 1
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973
G = (
    0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
    0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
)


def add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = 3 * (p[0] * p[0] - 1) * pow(2 * p[1], -1, P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def mul(k, p):
    out = None
    for bit in bin(k)[2:]:
        out = add(out, out)
        if bit == "1":
            out = add(out, p)
    return out


assert mul(N - 1, G) == (G[0], P - G[1])


def ecdsa(d, message, hash_=hashlib.sha256):
    e = int.from_bytes(hash_(message).digest(), "big")
    k = rnd.randrange(1, N)
    r = mul(k, G)[0] % N
    return r, pow(k, -1, N) * (e + r * d) % N


# ---- RSA-PSS (RFC 8017) ----


def probably_prime(n):
    if any(n % p == 0 for p in SMALL):
        return False
    s = (n - 1 & 1 - n).bit_length() - 1
    for _ in range(8):
        x = pow(rnd.randrange(2, n - 1), n - 1 >> s, n)
        if x not in (1, n - 1) and all((x := x * x % n) != n - 1 for _ in range(s - 1)):
            return False
    return True


SMALL = [p for p in range(3, 4000, 2) if all(p % q for q in range(3, int(p**0.5) + 1, 2))]


def prime(bits):
    while True:
        n = rnd.getrandbits(bits) | 3 << bits - 2 | 1
        if n % 65537 != 1 and probably_prime(n):
            return n


def rsa_key(bits):
    p, q = prime(bits // 2), prime(bits // 2)
    return {"n": p * q, "d": pow(65537, -1, (p - 1) * (q - 1)), "bits": bits,
            "hash": hashlib.sha256 if bits == 2048 else hashlib.sha384,
            "algo": 0x001 if bits == 2048 else 0x101}


def mgf1(hash_, seed, size):
    out = b"".join(hash_(seed + be(i, 4)).digest() for i in range(size // 32 + 1))
    return out[:size]


def rsa_pss(key, message):
    hash_, em_size = key["hash"], key["bits"] // 8
    size = hash_().digest_size
    salt = rnd.randbytes(size)
    h = hash_(bytes(8) + hash_(message).digest() + salt).digest()
    db = bytes(em_size - 2 * size - 2) + b"\1" + salt
    masked = bytes(a ^ b for a, b in zip(db, mgf1(hash_, h, len(db))))
    em = bytes([masked[0] & 0x7F]) + masked[1:] + h + b"\xbc"
    return le(pow(int.from_bytes(em, "big"), key["d"], key["n"]), em_size)


# ---- certificates (AMD 55766, appendices B and C) ----

ARK, ASK, NONE, OCA, PEK, PDH, CEK = 0, 0x13, 0x1000, 0x1001, 0x1002, 0x1003, 0x1004
EMPTY = le(NONE, 4) + bytes(0x204)


def key_field(point):
    return (le(2, 4) + le(point[0], 72) + le(point[1], 72)).ljust(0x404, b"\0")


def cert_body(usage, d, api=(1, 55)):
    algo = 3 if usage == PDH else 2
    return le(1, 4) + bytes(api) + bytes(2) + le(usage, 4) + le(algo, 4) + key_field(mul(d, G))


def slot(usage, algo, signature):
    return (le(usage, 4) + le(algo, 4) + signature).ljust(0x208, b"\0")


def ec_slot(usage, d, body):
    r, s = ecdsa(d, body)
    return slot(usage, 2, le(r, 72) + le(s, 72))


def amd_cert(usage, key, key_id, signer, signer_id):
    size = key["bits"] // 8
    body = le(1, 4) + key_id + signer_id + le(usage, 4) + bytes(16) + le(key["bits"], 4) * 2
    body += le(65537, size) + le(key["n"], size)
    return body + rsa_pss(signer, body)


# ---- sections ----


def scalar():
    return rnd.randrange(1, N)


def kdf_message(i, label, context, bits):
    return le(i, 4) + label.encode() + b"\0" + context + le(bits, 4)


def kdf(key, label, context, bits):
    blocks = (bits + 255) // 256
    out = b"".join(mac(key, kdf_message(i + 1, label, context, bits)) for i in range(blocks))
    return out[: bits // 8]


def derive(z, nonce):
    ms = kdf(z, "sev-master-secret", nonce, 128)
    return ms, kdf(ms, "sev-kek", b"", 128), kdf(ms, "sev-kik", b"", 128)


def make_kdf(z, nonce):
    ms, kek, kik = derive(z, nonce)
    return {
        "z": z, "nonce": nonce,
        "master_msg": kdf_message(1, "sev-master-secret", nonce, 128),
        "kek_msg": kdf_message(1, "sev-kek", b"", 128),
        "kik_msg": kdf_message(1, "sev-kik", b"", 128),
        "master_secret": ms, "kek": kek, "kik": kik,
    }


def make_kdf_generic(bits, key_size, context_size):
    key, context = rnd.randbytes(key_size), rnd.randbytes(context_size)
    label = "label of %d" % bits
    msgs = [kdf_message(i + 1, label, context, bits) for i in range((bits + 255) // 256)]
    return {"key": key, "label": label, "context": context, "bits": bits, "msgs": msgs,
            "out": kdf(key, label, context, bits)}


def agree(wanted):
    """Two scalars whose shared X coordinate is as wanted."""
    owner, pdh = scalar(), scalar()
    while True:
        z = be(mul(owner, mul(pdh, G))[0], 48)
        if wanted(z):
            return owner, pdh, z
        owner += 1


def make_session(policy, wanted=lambda z: True, wrap_iv=None):
    owner, pdh, z = agree(wanted)
    nonce, tek, tik = rnd.randbytes(16), rnd.randbytes(16), rnd.randbytes(16)
    wrap_iv = wrap_iv or rnd.randbytes(16)
    ms, kek, kik = derive(z, nonce)
    wrap_tk = ctr(kek, wrap_iv, tek + tik)
    wrap_mac, policy_mac = mac(kik, wrap_tk), mac(tik, le(policy, 4))
    return {
        "godh_priv_be": be(owner, 48), "pdh_priv_be": be(pdh, 48),
        "godh_cert": cert_body(PDH, owner, (0, 0)) + EMPTY + EMPTY,
        "pdh_pubkey_field": key_field(mul(pdh, G)), "z": z, "nonce": nonce,
        "master_secret": ms, "kek": kek, "kik": kik, "tek": tek, "tik": tik,
        "wrap_iv": wrap_iv, "wrap_tk": wrap_tk, "wrap_mac": wrap_mac, "policy": policy,
        "policy_mac": policy_mac, "session": nonce + wrap_tk + wrap_iv + wrap_mac + policy_mac,
    }


def flipped(data, offset, bit=0):
    return data[:offset] + bytes([data[offset] ^ 1 << bit]) + data[offset + 1 :]


def make_session_negative(sessions, index):
    s = sessions[index]
    for what, offset in (("nonce", 3), ("TEK", 0x10), ("TIK", 0x2F), ("WRAP_IV", 0x3F),
                         ("WRAP_MAC", 0x5F), ("POLICY_MAC", 0x60)):
        bad = flipped(s["session"], offset, rnd.randrange(8))
        entry = {"of_session": index, "what": what, "policy": s["policy"], "session": bad,
                 "expect_status": 0x0B}
        if what == "WRAP_IV":
            entry["unwrapped"] = ctr(s["kek"], bad[0x30:0x40], s["wrap_tk"])
        yield entry
    yield {"of_session": index, "what": "POLICY", "policy": s["policy"] ^ 1,
           "session": s["session"], "expect_status": 0x0B}


def pattern(length, kind="data"):
    return {"kind": kind, "len": length, "a": rnd.randrange(256), "b": rnd.randrange(256)}


def expand(p):
    return bytes((p["a"] * i + p["b"] + (i >> 8)) % 256 for i in range(p["len"]))


def make_measure(updates, policy, api, build):
    ld = hashlib.sha256(b"".join(map(expand, updates))).digest()
    mnonce, tik = rnd.randbytes(16), rnd.randbytes(16)
    msg = bytes([4, *api, build]) + le(policy, 4) + ld + mnonce
    measure = mac(tik, msg)
    return {"updates": updates, "ld": ld, "policy": policy, "api_major": api[0],
            "api_minor": api[1], "build": build, "mnonce": mnonce, "tik": tik, "msg": msg,
            "measure": measure, "buffer": measure + mnonce}


def packet(context, plain, iv, tail):
    tek, tik = rnd.randbytes(16), rnd.randbytes(16)
    head = bytes([context]) + bytes(4) + iv + le(len(plain), 4) * 2
    data = ctr(tek, iv, plain)
    tag = mac(tik, head, data, tail)
    common = {"tek": tek, "tik": tik, "iv": iv, "flags": 0, "guest_len": len(plain),
              "trans_len": len(plain), "mac": tag, "header": bytes(4) + iv + tag}
    return common, head, data


def make_secret(size, iv=None):
    plain, measure = rnd.randbytes(size), rnd.randbytes(32)
    common, head, data = packet(1, plain, iv or rnd.randbytes(16), measure)
    return {**common, "plaintext": plain, "data": data, "measure": measure, "mac_msg_head": head}


def make_secret_negative(secrets, index):
    for what, offset in (("IV", 4), ("MAC, first byte", 0x14), ("MAC, last byte", 0x33)):
        yield {"of_secret": index, "what": what,
               "header": flipped(secrets[index]["header"], offset), "expect_status": 0x0B}


def make_transport(context, kind, size):
    p = pattern(size, kind)
    common, _, data = packet(context, expand(p), rnd.randbytes(16), b"")
    return {"kind": kind, "context": context, **common, "pattern": p,
            "data_sha256": hashlib.sha256(data).digest(), "data_head": data[:64]}


def make_report(pek):
    mnonce, ld, policy = rnd.randbytes(16), rnd.randbytes(32), 0x37010005
    body = mnonce + ld + le(policy, 4)
    r, s = ecdsa(pek, body)
    report = body + le(PEK, 4) + le(2, 4) + bytes(4) + le(r, 72) + le(s, 72)
    return {"mnonce": mnonce, "ld": ld, "policy": policy, "report": report}


def make_chain(bits):
    ark_key, ask_key = rsa_key(bits), rsa_key(bits)
    ark_id, ask_id = rnd.randbytes(16), rnd.randbytes(16)
    cek, oca, pek, pdh = scalar(), scalar(), scalar(), scalar()
    cek_body, oca_body = cert_body(CEK, cek, (0, 14)), cert_body(OCA, oca)
    pek_body, pdh_body = cert_body(PEK, pek), cert_body(PDH, pdh)
    certs = {
        "ark": amd_cert(ARK, ark_key, ark_id, ark_key, ark_id),
        "ask": amd_cert(ASK, ask_key, ask_id, ark_key, ark_id),
        "cek": cek_body + slot(ASK, ask_key["algo"], rsa_pss(ask_key, cek_body)) + EMPTY,
        "oca": oca_body + EMPTY + ec_slot(OCA, oca, oca_body),  # slots in the other order
        "pek": pek_body + ec_slot(OCA, oca, pek_body) + ec_slot(CEK, cek, pek_body),
        "pdh": pdh_body + ec_slot(PEK, pek, pdh_body) + EMPTY,
    }
    export = certs["pek"] + certs["oca"] + certs["cek"]
    bad = [("ark", 4, "key identifier"), ("ark", 0x40 + bits // 8, "modulus"),
           ("ask", 0x14, "certifying identifier"), ("ask", len(certs["ask"]) - 1, "signature"),
           ("cek", 0x41C, "signature"), ("cek", 4, "API version"), ("oca", 0x14, "key"),
           ("oca", 0x624, "signature"), ("pek", 0x413, "last signed byte"),
           ("pek", 0x41C, "signature of the OCA"), ("pek", 0x66C, "signature of the CEK"),
           ("pek", 0x61C, "usage of a slot"), ("pdh", 0x41C, "signature"), ("pdh", 8, "usage")]
    return {
        "rsa_bits": bits, **certs, "pek_csr": pek_body + EMPTY + EMPTY,
        "cek_priv_be": be(cek, 48), "oca_priv_be": be(oca, 48), "pek_priv_be": be(pek, 48),
        "pdh_priv_be": be(pdh, 48), "pdh_export_certs_sha256": hashlib.sha256(export).digest(),
        "attestation_report": make_report(pek),
        "bad": [{"cert": c, "offset": o, "what": w} for c, o, w in bad],
    }


def make_all():
    wraps = bytes([0xFF] * 16)
    sessions = [
        make_session(0x00000001),
        make_session(0x37010005, lambda z: z[0] == 0),
        make_session(0x14000007, wrap_iv=wraps),
    ]
    secrets = [make_secret(16), make_secret(48, wraps), make_secret(1024)]
    return {
        "schema": "psp-vectors-1",
        "notes": "made by tests/make-psp-vectors.py",
        "kdf": [make_kdf(rnd.randbytes(48), rnd.randbytes(16)),
                make_kdf(bytes(2) + rnd.randbytes(46), bytes(16))],
        "kdf_generic": [make_kdf_generic(128, 16, 0), make_kdf_generic(384, 48, 16),
                        make_kdf_generic(1024, 100, 70)],
        "session": sessions,
        "session_negative": [*make_session_negative(sessions, 0),
                             *make_session_negative(sessions, 1)],
        "measure": [
            make_measure([], 0, (1, 55), 21),
            make_measure([pattern(16), pattern(32)], 0x11000001, (0, 17), 0),
            make_measure([pattern(1 << 20), pattern(176)], 0x37010001, (1, 55), 255),
            make_measure([pattern(4096), pattern(4096, "vmsa")], 5, (1, 51), 3),
        ],
        "secret": secrets,
        "secret_negative": [*make_secret_negative(secrets, 1)],
        "transport": [make_transport(2, "data", 16), make_transport(2, "data", 4096),
                      make_transport(3, "vmsa", 4096)],
        "chain": [make_chain(2048), make_chain(4096)],
    }


print(json.dumps(make_all(), indent=1, default=bytes.hex))
