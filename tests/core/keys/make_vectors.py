#!/usr/bin/env python3
"""Makes seal_vectors.txt from core/keys/seal.FORMAT alone.

AES and GCM are written out here (FIPS 197, SP 800-38D), HKDF is made of hmac
(RFC 5869): nothing is shared with the code that the vectors test. Run it as
    ./make_vectors.py > seal_vectors.txt
The inputs are fixed, so the output is the same each time.
"""

import hashlib
import hmac
import struct
import uuid

# --- AES-256 ------------------------------------------------------------------


def gf8(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = (a << 1) ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def make_sbox():
    box = []
    for x in range(256):
        inverse = next((y for y in range(256) if gf8(x, y) == 1), 0)
        s = 0x63
        for i in range(5):
            s ^= ((inverse << i) | (inverse >> (8 - i))) & 0xFF
        box.append(s)
    return box


SBOX = make_sbox()


def expand(key):
    words = [list(key[i:i + 4]) for i in range(0, 32, 4)]
    rcon = 1
    for i in range(8, 60):
        t = list(words[i - 1])
        if i % 8 == 0:
            t = [SBOX[b] for b in t[1:] + t[:1]]
            t[0] ^= rcon
            rcon = gf8(rcon, 2)
        elif i % 8 == 4:
            t = [SBOX[b] for b in t]
        words.append([a ^ b for a, b in zip(words[i - 8], t)])
    return [sum(words[i:i + 4], []) for i in range(0, 60, 4)]


def aes(round_keys, block):
    s = [a ^ b for a, b in zip(block, round_keys[0])]
    for r in range(1, 15):
        s = [SBOX[b] for b in s]
        s = [s[(i + 4 * (i % 4)) % 16] for i in range(16)]
        if r != 14:
            mixed = []
            for c in range(0, 16, 4):
                a = s[c:c + 4]
                for i in range(4):
                    mixed.append(gf8(a[i], 2) ^ gf8(a[(i + 1) % 4], 3)
                                 ^ a[(i + 2) % 4] ^ a[(i + 3) % 4])
            s = mixed
        s = [a ^ b for a, b in zip(s, round_keys[r])]
    return bytes(s)


# --- GCM ----------------------------------------------------------------------


def gf128(x, y):
    z = 0
    for i in range(127, -1, -1):
        if (y >> i) & 1:
            z ^= x
        x = (x >> 1) ^ ((0xE1 << 120) if x & 1 else 0)
    return z


def ghash(h, data):
    y = 0
    for i in range(0, len(data), 16):
        y = gf128(y ^ int.from_bytes(data[i:i + 16], "big"), h)
    return y


def padded(data):
    return data + bytes(-len(data) % 16)


def gcm(key, nonce, aad, plain):
    """Ciphertext and tag."""
    keys = expand(key)
    h = int.from_bytes(aes(keys, bytes(16)), "big")
    cipher = b""
    for i in range(0, len(plain), 16):
        stream = aes(keys, nonce + struct.pack(">I", i // 16 + 2))
        cipher += bytes(a ^ b for a, b in zip(plain[i:i + 16], stream))
    lengths = struct.pack(">QQ", 8 * len(aad), 8 * len(cipher))
    s = ghash(h, padded(aad) + padded(cipher) + lengths)
    mask = aes(keys, nonce + struct.pack(">I", 1))
    return cipher + bytes(a ^ b for a, b in zip(s.to_bytes(16, "big"), mask))


# --- seal.FORMAT --------------------------------------------------------------


def purpose_key(kek, info):
    prk = hmac.new(b"strongroom root key", kek, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\x01", hashlib.sha256).digest()


def row(c):
    name = c["name"].encode()
    return (uuid.UUID(c["secret_id"]).bytes + bytes([c["scope"]])
            + uuid.UUID(c["project_id"]).bytes
            + struct.pack(">IH", c["key_version"], len(name)) + name)


def wrap(kek, kek_version, info, aad, nonce, key):
    return (b"SRw1" + struct.pack(">I", kek_version) + nonce
            + gcm(purpose_key(kek, info), nonce, aad, key))


def made(label, length):
    """Bytes that look random and are the same each time."""
    out = b""
    while len(out) < length:
        out += hashlib.sha256(b"%s %d" % (label.encode(), len(out))).digest()
    return out[:length]


def show(pairs):
    for key, value in pairs:
        print(key, "=", value.hex() if isinstance(value, bytes) else value)
    print()


def value_case(title, **c):
    value = c["value"]
    dek = made(title + " dek", 32)
    kek = made(title + " kek", 32)
    value_nonce = made(title + " value nonce", 12)
    wrap_nonce = made(title + " wrap nonce", 12)
    version = struct.pack(">I", c["kek_version"])
    sealed = b"SRv1" + value_nonce + gcm(dek, value_nonce,
                                         b"SRv1\x01" + row(c), value)
    wrapped = wrap(kek, c["kek_version"], b"strongroom 1 wrap dek",
                   b"SRw1\x02" + version + row(c), wrap_nonce, dek)
    show([("value_case", title), ("kek_version", c["kek_version"]),
          ("kek", kek), ("secret_id", c["secret_id"]), ("scope", c["scope"]),
          ("project_id", c["project_id"]), ("name", c["name"]),
          ("key_version", c["key_version"]), ("value", value), ("dek", dek),
          ("value_nonce", value_nonce), ("wrap_nonce", wrap_nonce),
          ("ciphertext", sealed), ("wrapped", wrapped)])


def system_case(title, purpose, version, kek_version):
    key = made(title + " key", 32)
    kek = made(title + " kek", 32)
    nonce = made(title + " nonce", 12)
    aad = (b"SRw1\x03" + struct.pack(">IIH", kek_version, version,
                                     len(purpose)) + purpose.encode())
    show([("system_case", title), ("kek_version", kek_version), ("kek", kek),
          ("name", purpose), ("key_version", version), ("dek", key),
          ("wrap_nonce", nonce),
          ("wrapped", wrap(kek, kek_version, b"strongroom 1 wrap system key",
                           aad, nonce, key))])


def check_case(title, kek_version):
    kek = made(title + " kek", 32)
    key = purpose_key(kek, b"strongroom 1 check value")
    check = hmac.new(key, b"strongroom root key check"
                     + struct.pack(">I", kek_version), hashlib.sha256)
    show([("check_case", title), ("kek_version", kek_version), ("kek", kek),
          ("check", check.digest())])


def self_test():
    """FIPS 197 C.3 and test case 16 of the GCM specification."""
    key = bytes(range(32))
    assert aes(expand(key), bytes.fromhex(
        "00112233445566778899aabbccddeeff")).hex() == \
        "8ea2b7ca516745bfeafc49904b496089"
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = gcm(key, bytes.fromhex("cafebabefacedbaddecaf888"), aad, plain)
    assert sealed[-16:].hex() == "76fc6ece0f4e1768cddf8853bb2d551b"
    # RFC 5869, A.1, its first 32 bytes.
    prk = hmac.new(bytes(range(13)), b"\x0b" * 22, hashlib.sha256).digest()
    okm = hmac.new(prk, bytes(range(0xf0, 0xfa)) + b"\x01", hashlib.sha256)
    assert okm.hexdigest() == \
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"


NIL = "00000000-0000-0000-0000-000000000000"

self_test()
print("# Known answers for core/keys/seal.FORMAT, made by make_vectors.py.\n")
value_case("one byte", kek_version=1, key_version=1, scope=0, name="a",
           secret_id="017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
           project_id=NIL, value=b"x")
value_case("a token", kek_version=1, key_version=3, scope=2,
           name="providers/anthropic_api_key",
           secret_id="01890a5d-ac96-774b-bcce-b302099a8057",
           project_id=NIL, value=b"example-value-of-a-token-0123456789")
value_case("sixteen bytes", kek_version=2, key_version=1, scope=1,
           name="db/password",
           secret_id="01890a5d-ac96-774b-bcce-b302099a8058",
           project_id="01890a5d-ac96-774b-bcce-b302099a8059",
           value=b"0123456789abcdef")
value_case("longest name, highest numbers", kek_version=4294967295,
           key_version=4294967295, scope=1, name="n" * 160,
           secret_id="ffffffff-ffff-7fff-bfff-ffffffffffff",
           project_id="ffffffff-ffff-7fff-bfff-fffffffffffe",
           value="\u00fcml\u00e4ut \U0001f511".encode())
value_case("two thousand bytes", kek_version=7, key_version=256, scope=0,
           name="tls/key.pem",
           secret_id="01890a5d-ac96-774b-bcce-b302099a805a",
           project_id=NIL, value=made("long value", 2000))
system_case("audit key", "audit", 1, 1)
system_case("redaction key", "redaction", 2, 65536)
check_case("first", 1)
check_case("later", 16909060)
