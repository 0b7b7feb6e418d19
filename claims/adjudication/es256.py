"""Verifies ES256 signatures with the standard library alone: a pack is checked where nothing is installed.

Verification handles public values only, so that nothing here needs constant time; whoever signs uses
core/signatures.py. Source: FIPS 186-5, 6.4.2; SEC 1, 4.1.4; RFC 7518, 3.4.
"""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from hashlib import sha256

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_BYTES = 32

# A point of the curve in affine coordinates; None is the point at infinity.
_Point = tuple[int, int] | None


def is_signed(message: bytes, signature: str, jwk: Mapping[str, str]) -> bool:
    """Tell whether `signature` (r and s, base64url) is the P-256 key's ES256 signature of `message`."""
    try:
        key, raw = _key(jwk), _decoded(signature)
    except (KeyError, ValueError):
        return False
    r, s = int.from_bytes(raw[:_BYTES], "big"), int.from_bytes(raw[_BYTES:], "big")
    if len(raw) != 2 * _BYTES or not (0 < r < _N and 0 < s < _N):
        return False
    digest = int.from_bytes(sha256(message).digest(), "big")
    inverse = pow(s, -1, _N)
    point = _add(_times(digest * inverse % _N, _G), _times(r * inverse % _N, key))
    return point is not None and point[0] % _N == r


def _key(jwk: Mapping[str, str]) -> tuple[int, int]:
    """The point of a public JWK. Raises KeyError, ValueError for anything but a P-256 point."""
    if jwk["kty"] != "EC" or jwk["crv"] != "P-256":
        raise ValueError("not a P-256 key")
    x, y = (int.from_bytes(_decoded(jwk[name]), "big") for name in ("x", "y"))
    if not (x < _P and y < _P) or (y * y - (x * x * x - 3 * x + _B)) % _P:
        raise ValueError("not a point of the curve")
    return x, y


def _times(factor: int, point: _Point) -> _Point:
    total: _Point = None
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total


def _add(one: _Point, other: _Point) -> _Point:
    if one is None or other is None:
        return one or other
    if one[0] == other[0] and (one[1] + other[1]) % _P == 0:
        return None
    if one == other:
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, _P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, _P)
    x = (slope * slope - one[0] - other[0]) % _P
    return x, (slope * (one[0] - x) - one[1]) % _P


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
