"""The signed code of a prescription: what its paper says, in CBOR, signed ES256, as letters a QR holds.

Written and read here and in static/js/code.js; docs/prescriptions.md gives the bytes one by one, and
tests/prescriptions/code_vectors.json what both must give. Standard library, cbor2, cwt, base45.
"""

import re
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from unicodedata import category
from uuid import UUID

import cbor2
from base45 import b45decode, b45encode
from cwt import COSE, COSEKey
from cwt.exceptions import CWTError

Json = dict[str, Any]

PREFIX = "WRQ1:"
# What a QR code of version 40, correction M, holds in letters: what is longer was never printed.
LONGEST = 3391
# What a packed code may become: no honest one reaches it, and a bomb stops here.
LARGEST = 8192
KID_BYTES = 8
SIGNATURE_BYTES = 64
KINDS = ("MEDICINE", "INN", "COMPOUND", "ORDER")
ORDERS = ("BIOLOGY", "IMAGING", "PHYSIOTHERAPY", "DEVICE", "OPTICS", "OTHER")
MOMENTS = ("morning", "noon", "evening", "bedtime")
SUBSTITUTION, OVER_MAXIMUM = 4, 8
# Beyond this, programs no longer agree on a number (RFC 7493).
MOST = 2**53 - 1
# Nearly every EAN of the Moroccan list begins so: what is left takes five bytes instead of nine.
EAN_ORIGIN = 6_118_000_000_000

_SIGN1_TAG = 18
_ES256 = -7
_ALGORITHM, _KID = 1, 4
_NUMBER, _INPE, _PATIENT, _WRITTEN_ON, _STARTS_ON, _REPEATS, _SECRET, _LINES = range(1, 9)
_REQUIRED = frozenset({_NUMBER, _INPE, _PATIENT, _WRITTEN_ON, _LINES})
_OPTIONAL = frozenset({_STARTS_ON, _REPEATS, _SECRET})
# Names of a COSE key (RFC 9052, 7; RFC 9053, 7.1).
_KEY_TYPE, _KEY_ID, _KEY_ALGORITHM, _KEY_USES, _CURVE, _X, _Y = 1, 2, 3, 4, -1, -2, -3
_EC2, _P256, _VERIFY = 2, 1, 2
_LETTERS = re.compile(r"[0-9A-Z $%*+\-./:]+")
_ZLIB = 0x78
_EPOCH = date(1970, 1, 1)


class CodeUnreadable(ValueError):
    """The text is no code of ours; `reason` says where reading stopped.

    TOO_LONG, PREFIX, LETTERS (no Base45), PACKED (zlib), SHAPE (CBOR, COSE, claims) or ALGORITHM.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PrintedPatient:
    """Who the paper names: the name in Latin letters and the day of birth."""

    full_name: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class SignedCode:
    """A code that reads well; whether its signature is good is `is_signed_by`'s answer.

    `content` has the keys of the document `waraqa/prescription` version 2, without those a paper does not
    show (`type`, `version`, `device`, `alerts`).
    """

    kid: bytes
    payload: bytes
    content: Json
    patient: PrintedPatient
    cose: bytes


def kid_of(device: str) -> bytes:
    """Return what a code says of its key: the first eight bytes of the thumbprint, here in base64url."""
    return _bytes(device)[:KID_BYTES]


def payload(document: Json, patient: PrintedPatient) -> bytes:
    """Return the deterministic CBOR (RFC 8949, 4.2) that a code of this signed document holds.

    Version 1 of the document is read as version 2 with nothing in the keys it lacks.
    """
    claims: dict[int, Any] = {
        _NUMBER: document["fse_number"],
        _INPE: document["provider"],
        _PATIENT: [
            UUID(str(document["patient"])).bytes,
            patient.full_name,
            _days(patient.birth_date),
        ],
        _WRITTEN_ON: _days(document["written_on"]),
        _STARTS_ON: _days(document.get("starts_on")),
        _REPEATS: _repeats(document.get("repeats")),
        _SECRET: document.get("secret"),
        _LINES: [_line(line) for line in document["lines"]],
    }
    return _cbor({key: value for key, value in claims.items() if value is not None})


def sign(content: bytes, *, device: str, private_jwk: dict[str, str]) -> str:
    """Return the code of a payload: what the prescriber's device does, for software houses and tests."""
    key = COSEKey.from_jwk({**private_jwk, "alg": "ES256"})
    headers = {_ALGORITHM: _ES256, _KID: kid_of(device)}
    return _written(COSE.new().encode_and_sign(content, key, protected=headers))


def _written(cose: Any) -> str:
    """Return the letters of a COSE_Sign1 message, packed only when that is shorter."""
    packed = zlib.compress(cose, 9)
    letters: bytes = b45encode(min(cose, packed, key=len))
    return PREFIX + letters.decode()


def read(text: str) -> SignedCode:
    """Return what a scanned or pasted code says. Raises CodeUnreadable; nothing is trusted yet."""
    cose = _message(text.strip())
    parts = _decoded(cose)
    if not (isinstance(parts, cbor2.CBORTag) and parts.tag == _SIGN1_TAG):
        raise CodeUnreadable("SHAPE")
    if not (isinstance(parts.value, list) and len(parts.value) == 4):
        raise CodeUnreadable("SHAPE")
    protected, unprotected, content, signature = parts.value
    if unprotected != {} or not all(
        isinstance(each, bytes) for each in (protected, content, signature)
    ):
        raise CodeUnreadable("SHAPE")
    kid = _kid(_decoded(protected))
    if len(signature) != SIGNATURE_BYTES:
        raise CodeUnreadable("SHAPE")
    said, patient = _said(content)
    return SignedCode(kid, content, said, patient, cose)


def is_signed_by(code: SignedCode, jwk: dict[str, str]) -> bool:
    """Tell whether this public key signed the code. ES256 only, whatever the code or the key ask."""
    try:
        key = COSEKey.new(
            {
                _KEY_TYPE: _EC2,
                _KEY_ID: code.kid,
                _KEY_ALGORITHM: _ES256,
                _KEY_USES: [_VERIFY],
                _CURVE: _P256,
                _X: _bytes(jwk["x"]),
                _Y: _bytes(jwk["y"]),
            }
        )
        return bool(COSE.new().decode(code.cose, key) == code.payload)
    except (CWTError, ValueError):
        return False


# Writing


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _cbor(value: Any) -> bytes:
    return bytes(cbor2.dumps(value, canonical=True))


def _days(day: date | str | None) -> int | None:
    """Days since 1970-01-01."""
    if day is None:
        return None
    return ((date.fromisoformat(day) if isinstance(day, str) else day) - _EPOCH).days


def _repeats(repeats: Json | None) -> list[int] | None:
    return [repeats["count"], repeats["every_days"]] if repeats else None


def _line(line: Json) -> list[Any]:
    kind = line.get("kind", "MEDICINE")
    flags = KINDS.index(kind)
    flags += SUBSTITUTION if line["substitution"] else 0
    flags += OVER_MAXIMUM if line.get("over_maximum") else 0
    parts = [
        line["position"],
        flags,
        _what(kind, line),
        _dose(line["dose"]),
        line["days"],
        line["boxes"],
        line["illness"],
        line.get("wording"),
    ]
    return _without_last(parts, None)


def _what(kind: str, line: Json) -> Any:
    if kind == "MEDICINE":
        return int(line["ean"]) - EAN_ORIGIN
    if kind == "INN":
        return [line["inn"][name] for name in ("name", "strength", "unit", "form")]
    if kind == "ORDER":
        return [ORDERS.index(line["order"]["kind"]), line["order"]["act"]]
    return None


def _dose(dose: Json | None) -> list[int] | None:
    """Whole units as they are; others as hundredths, negative. What nobody takes last is left out."""
    if dose is None:
        return None
    return _without_last([_units(dose.get(moment, "0")) for moment in MOMENTS], 0)


def _units(text: str) -> int:
    whole, _point, part = text.partition(".")
    hundredths = int(part.ljust(2, "0")) if part else 0
    return -(int(whole) * 100 + hundredths) if hundredths else int(whole)


def _without_last(parts: list[Any], nothing: Any) -> list[Any]:
    while parts and parts[-1] is not True and parts[-1] == nothing:
        parts.pop()
    return parts


# Reading


def _message(text: str) -> bytes:
    """The COSE message that the letters hold."""
    if len(text) > LONGEST:
        raise CodeUnreadable("TOO_LONG")
    if not text.startswith(PREFIX):
        raise CodeUnreadable("PREFIX")
    letters = text[len(PREFIX) :]
    if not _LETTERS.fullmatch(letters):
        raise CodeUnreadable("LETTERS")
    try:
        raw = bytes(b45decode(letters))
    except ValueError:
        raise CodeUnreadable("LETTERS") from None
    return _unpacked(raw) if raw[:1] == bytes([_ZLIB]) else raw


def _unpacked(raw: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        cose = stream.decompress(raw, LARGEST)
    except zlib.error:
        raise CodeUnreadable("PACKED") from None
    if not stream.eof or stream.unused_data:
        raise CodeUnreadable("PACKED")
    return cose


def _decoded(raw: bytes) -> Any:
    """The value of deterministic CBOR: one value has one writing, so that nobody reads another."""
    try:
        value = cbor2.loads(raw)
        again = _cbor(value)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError):
        raise CodeUnreadable("SHAPE") from None
    if again != raw:
        raise CodeUnreadable("SHAPE")
    return value


def _kid(protected: Any) -> bytes:
    if not isinstance(protected, dict):
        raise CodeUnreadable("SHAPE")
    if protected.get(_ALGORITHM) != _ES256:
        raise CodeUnreadable("ALGORITHM")
    kid = protected.get(_KID)
    if set(protected) != {_ALGORITHM, _KID} or not isinstance(kid, bytes) or len(kid) != KID_BYTES:
        raise CodeUnreadable("SHAPE")
    return kid


def _said(content: bytes) -> tuple[Json, PrintedPatient]:
    """What a payload says. Written again it must give the same bytes: nothing is read loosely."""
    claims = _decoded(content)
    try:
        said, patient = _content(claims)
        same = payload(said, patient) == content
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        raise CodeUnreadable("SHAPE") from None
    if not same:
        raise CodeUnreadable("SHAPE")
    return said, patient


def _content(claims: Any) -> tuple[Json, PrintedPatient]:
    if not (isinstance(claims, dict) and _REQUIRED <= set(claims) <= _REQUIRED | _OPTIONAL):
        raise ValueError("keys")
    key, name, born = claims[_PATIENT]
    repeats = claims.get(_REPEATS)
    said = {
        "fse_number": _text(claims[_NUMBER]),
        "provider": _text(claims[_INPE]),
        "patient": str(UUID(bytes=key)),
        "written_on": _day(claims[_WRITTEN_ON]),
        "starts_on": _day(claims[_STARTS_ON]) if _STARTS_ON in claims else None,
        "repeats": _read_repeats(*_list(repeats)) if _REPEATS in claims else None,
        "secret": _text(claims[_SECRET]) if _SECRET in claims else None,
        "lines": [_read_line(line) for line in _list(claims[_LINES])],
    }
    return said, PrintedPatient(_text(name), date.fromisoformat(_day(born)))


def _read_repeats(count: Any, every_days: Any) -> Json:
    return {"count": _whole(count), "every_days": _whole(every_days)}


def _read_line(parts: Any) -> Json:
    if len(_list(parts)) > 8:
        raise ValueError("line")
    filled = [*parts, *[None] * (8 - len(parts))]
    position, flags, what, dose, days, boxes, illness, wording = filled
    kind = KINDS[_whole(flags) % SUBSTITUTION]
    if flags >= 2 * OVER_MAXIMUM:
        raise ValueError("flags")
    return {
        "position": _whole(position),
        "kind": kind,
        "ean": f"{_whole(what, -EAN_ORIGIN) + EAN_ORIGIN:013d}" if kind == "MEDICINE" else None,
        "inn": _read_inn(*_list(what)) if kind == "INN" else None,
        "order": _read_order(*_list(what)) if kind == "ORDER" else None,
        "wording": None if wording is None else _text(wording),
        "dose": None if dose is None else _read_dose(_list(dose)),
        "days": None if days is None else _whole(days),
        "boxes": None if boxes is None else _whole(boxes),
        "substitution": bool(flags & SUBSTITUTION),
        "illness": None if illness is None else _text(illness),
        "over_maximum": bool(flags & OVER_MAXIMUM),
    }


def _read_inn(name: Any, strength: Any, unit: Any, form: Any) -> Json:
    return {
        "name": _text(name),
        "strength": _text(strength),
        "unit": _text(unit),
        "form": _text(form),
    }


def _read_order(kind: Any, act: Any) -> Json:
    return {"kind": ORDERS[_whole(kind)], "act": None if act is None else _text(act)}


def _read_dose(units: Sequence[Any]) -> Json:
    filled = [*units, *[0] * (len(MOMENTS) - len(units))]
    return {
        moment: _read_units(_whole(each, -(100**2)))
        for moment, each in zip(MOMENTS, filled, strict=True)
    }


def _read_units(units: int) -> str:
    if units >= 0:
        return str(units)
    return f"{-units // 100}.{-units % 100:02d}".rstrip("0")


def _day(days: Any) -> str:
    return (_EPOCH + timedelta(days=_whole(days, -(10**5)))).isoformat()


def _whole(value: Any, smallest: int = 0) -> int:
    if type(value) is not int or not smallest <= value <= MOST:
        raise ValueError("number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or any(
        category(letter) in {"Cc", "Cs"} and letter != "\n" for letter in value
    ):
        raise ValueError("text")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("list")
    return value
