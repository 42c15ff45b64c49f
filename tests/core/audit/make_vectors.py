#!/usr/bin/env python3
"""Makes tree_vectors.txt from core/audit/checkpoint.FORMAT, RFC 9162 (2.1.1)
and RFC 8032 (5.1) alone.

Ed25519 is written out here, the tree is the recursive definition of the RFC:
nothing is shared with the code that the vectors test. Run it as
    ./make_vectors.py > tree_vectors.txt
The inputs are fixed, so the output is the same each time.
"""

import base64
import hashlib
import struct
import uuid
from datetime import datetime, timezone

# --- Ed25519 (RFC 8032, section 6) ---------------------------------------------

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
GY = 4 * pow(5, P - 2, P) % P


def recover_x(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P)
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    return P - x if (x & 1) != sign else x


GX = recover_x(GY, 0)
G = (GX, GY, 1, GX * GY % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(s, p):
    q = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            q = add(q, p)
        p = add(p, p)
        s >>= 1
    return q


def compress(p):
    z = pow(p[2], P - 2, P)
    x, y = p[0] * z % P, p[1] * z % P
    return (y | ((x & 1) << 255)).to_bytes(32, "little")


def sha512_number(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little")


def expand(seed):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little")
    a &= (1 << 254) - 8
    a |= 1 << 254
    return a, h[32:]


def public_key(seed):
    return compress(multiply(expand(seed)[0], G))


def sign(seed, message):
    a, prefix = expand(seed)
    public = compress(multiply(a, G))
    r = sha512_number(prefix + message) % Q
    big_r = compress(multiply(r, G))
    h = sha512_number(big_r + public + message) % Q
    return big_r + ((r + h * a) % Q).to_bytes(32, "little")


# --- The tree (RFC 9162, 2.1.1) -------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def tree(leaves):
    n = len(leaves)
    if n == 0:
        return sha256(b"")
    if n == 1:
        return sha256(b"\x00" + leaves[0])
    k = 1
    while k * 2 < n:
        k *= 2
    return sha256(b"\x01" + tree(leaves[:k]) + tree(leaves[k:]))


# --- A row's leaf (chain.FORMAT, checkpoint.FORMAT) -----------------------------


def column(value):
    if value is None:
        return b"\x00"
    if isinstance(value, uuid.UUID):
        value = value.bytes
    elif isinstance(value, int):
        value = struct.pack(">q", value)
    elif isinstance(value, str):
        value = value.encode()
    return b"\x01" + struct.pack(">I", len(value)) + value


def micros(t):
    delta = t - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (delta.days * 86400 + delta.seconds) * 10**6 + delta.microseconds


def known_id(end):
    return uuid.UUID("018f0000-0000-7000-8000-0000000000" + end)


# The row of the known answer in chain.FORMAT.
MESSAGE = b"strongroom audit 1" + b"".join(column(c) for c in (
    known_id("01"), known_id("0a"), 2,
    micros(datetime(2026, 11, 24, 5, 30, 41, 123456, timezone.utc)),
    "account", known_id("0b"), "owner@example.org", "CREATE", "secret",
    known_id("0a"), "instance", "providers/x", 1, "succeeded", None,
    known_id("0c"), bytes([0xab]) * 32))
MAC = bytes.fromhex("3f457558d7faa15493ffa5136e6e9f2f"
                    "e1e14ddae8c366f214beec6ef4718fa3")

# --- Output ----------------------------------------------------------------------


def note(seed, size, root, time):
    public = public_key(seed)
    origin = "strongroom.audit/" + sha256(public)[:8].hex()
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\ntime {time}\n"
    key_hash = sha256(origin.encode() + b"\n\x01" + public)[:4]
    signature = sign(seed, text.encode())
    return (text + "\n\u2014 " + origin + " " +
            base64.b64encode(key_hash + signature).decode() + "\n"), public


def main():
    assert len(MESSAGE) == 299
    print("# Made by make_vectors.py.")
    print("# root SIZE HASH: of the leaves \"leaf 0\", \"leaf 1\" and so on")
    for n in list(range(0, 70)) + [127, 128, 129, 255, 256, 257, 511, 512,
                                   513, 1000]:
        print("root", n, tree([b"leaf %d" % i for i in range(n)]).hex())
    print("# ct SIZE HASH: of the leaves that certificate transparency's own "
          "tests have")
    ct = [bytes.fromhex(h) for h in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f")]
    for n in range(len(ct) + 1):
        print("ct", n, tree(ct[:n]).hex())
    sealed = MESSAGE + column(MAC)
    unsealed = MESSAGE + column(None)
    print("sealed 0", sha256(b"\x00" + sealed).hex())
    print("unsealed 0", sha256(b"\x00" + unsealed).hex())
    seed = bytes(range(32, 64))
    text, public = note(seed, 2, tree([sealed, unsealed]),
                        "2026-11-24T05:30:43.000001Z")
    print("public 0", public.hex())
    print("note 0", text.encode().hex())
    text, _ = note(seed, 2**64 - 1, tree([]), "0001-01-01T00:00:00.000000Z")
    print("largest 0", text.encode().hex())


if __name__ == "__main__":
    main()
