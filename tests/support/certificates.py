"""A certificate that nobody vouches for, made of the standard library alone, for servers that speak TLS in tests (X.509, RSA with SHA-256)."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

BITS, E = 2048, 65537
CHANCE = random.SystemRandom()
SHA256_WITH_RSA, RSA, COMMON_NAME = "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1", "2.5.4.3"
KEY_ID, KEY_USAGE, OTHER_NAMES, CONSTRAINTS = "2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19"
DIGEST_OF_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
NULL, TRUE = b"\x05\x00", b"\x01\x01\xff"


def make(folder: Path, address: str) -> tuple[Path, Path]:
    """The files of a new key and of its certificate for an IP address, good for a day."""
    n, numbers = _key()
    name = _seq(_der(0x31, _seq(_oid(COMMON_NAME), _der(0x0C, b"a server in a test"))))
    public = _seq(_number(n), _number(E))
    now = datetime.now(UTC)
    body = _seq(
        _der(0xA0, _number(2)), _number(CHANCE.getrandbits(64)), _seq(_oid(SHA256_WITH_RSA), NULL), name,
        _seq(*(_der(0x17, f"{now + timedelta(days=days):%y%m%d%H%M%SZ}".encode()) for days in (-1, 1))), name,
        _seq(_seq(_oid(RSA), NULL), _bits(public)), _der(0xA3, _seq(*_extensions(address, public))),
    )
    files = folder / f"{address}.key", folder / f"{address}.pem"
    files[0].write_text(_pem("RSA PRIVATE KEY", _seq(_number(0), *map(_number, numbers))))
    files[1].write_text(_pem("CERTIFICATE", _seq(body, _seq(_oid(SHA256_WITH_RSA), NULL), _bits(_signed(body, n, numbers[2])))))
    return files


def _extensions(address: str, public: bytes) -> tuple[bytes, ...]:
    names = _seq(_der(0x87, ipaddress.ip_address(address).packed))
    return (
        _seq(_oid(CONSTRAINTS), TRUE, _der(4, _seq(TRUE))), _seq(_oid(KEY_USAGE), TRUE, _der(4, b"\x03\x02\x02\x84")),
        _seq(_oid(KEY_ID), _der(4, _der(4, hashlib.sha256(public).digest()[:20]))), _seq(_oid(OTHER_NAMES), _der(4, names)),
    )


def _key() -> tuple[int, tuple[int, ...]]:
    """The modulus, and all numbers of a private key in the order of its file."""
    p, q = _prime(), _prime()
    d = pow(E, -1, (p - 1) * (q - 1))
    return p * q, (p * q, E, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))


def _prime() -> int:
    while True:
        found = CHANCE.getrandbits(BITS // 2) | 3 << (BITS // 2 - 2) | 1
        if found % E != 1 and all(found % small for small in range(3, 2000, 2)) and _is_prime(found):
            return found


def _is_prime(number: int, rounds: int = 12) -> bool:
    """Miller and Rabin's test."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _round in range(rounds):
        x = pow(CHANCE.randrange(2, number - 1), odd, number)
        if x not in (1, number - 1) and all((x := x * x % number) != number - 1 for _square in range(twos - 1)):
            return False
    return True


def _signed(body: bytes, n: int, d: int) -> bytes:
    told = DIGEST_OF_SHA256 + hashlib.sha256(body).digest()
    padded = b"\x00\x01" + b"\xff" * (BITS // 8 - len(told) - 3) + b"\x00" + told
    return pow(int.from_bytes(padded, "big"), d, n).to_bytes(BITS // 8, "big")


def _der(tag: int, *parts: bytes) -> bytes:
    inside = b"".join(parts)
    size = len(inside).to_bytes((len(inside).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (size if len(inside) < 128 else bytes([128 + len(size)]) + size) + inside


def _seq(*parts: bytes) -> bytes:
    return _der(0x30, *parts)


def _bits(inside: bytes) -> bytes:
    return _der(0x03, b"\x00", inside)


def _number(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _oid(text: str) -> bytes:
    first, second, *rest = map(int, text.split("."))
    return _der(0x06, bytes([first * 40 + second]), *map(_base128, rest))


def _base128(value: int) -> bytes:
    signs = [value & 127]
    while value := value >> 7:
        signs.insert(0, 128 | value & 127)
    return bytes(signs)


def _pem(what: str, data: bytes) -> str:
    return f"-----BEGIN {what}-----\n{base64.encodebytes(data).decode()}-----END {what}-----\n"
