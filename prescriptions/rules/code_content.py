"""What a prescription's code says, as the integer-keyed claims of its CBOR (docs/prescriptions.md).

The twin of static/js/code_content.js. Reading is strict: whatever is not exactly of this shape raises
ValueError, TypeError, KeyError, IndexError or OverflowError.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from unicodedata import category
from uuid import UUID

Json = dict[str, Any]

KINDS = ("MEDICINE", "INN", "COMPOUND", "ORDER")
ORDERS = ("BIOLOGY", "IMAGING", "PHYSIOTHERAPY", "DEVICE", "OPTICS", "OTHER")
MOMENTS = ("morning", "noon", "evening", "bedtime")
SUBSTITUTION, OVER_MAXIMUM = 4, 8
# Beyond this, programs no longer agree on a number (RFC 7493).
MOST = 2**53 - 1
# Nearly every EAN of the Moroccan list begins so: what is left takes five bytes instead of nine.
EAN_ORIGIN = 6_118_000_000_000

_NUMBER, _INPE, _PATIENT, _WRITTEN_ON, _STARTS_ON, _REPEATS, _SECRET, _LINES = range(1, 9)
_REQUIRED = frozenset({_NUMBER, _INPE, _PATIENT, _WRITTEN_ON, _LINES})
_OPTIONAL = frozenset({_STARTS_ON, _REPEATS, _SECRET})
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class PrintedPatient:
    """Who the paper names: the name in Latin letters and the day of birth."""

    full_name: str
    birth_date: date


def claims_of(document: Json, patient: PrintedPatient) -> dict[int, Any]:
    """Return the claims of a signed document.

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
    return {key: value for key, value in claims.items() if value is not None}


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


def content_of(claims: Any) -> tuple[Json, PrintedPatient]:
    """Return what claims say, with the keys of the document, and who they name."""
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
