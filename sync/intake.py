"""The shape of an envelope: read strictly, not yet judged (docs/offline.md gives it byte by byte)."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from core.signatures import canonical

Json = dict[str, Any]
TYPE, VERSION = "waraqa/envelope", 1
LARGEST = 256 * 1024
_KID = re.compile(r"[A-Za-z0-9_-]{43}")
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{86}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){2,4}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
# A device has no counter beyond this, and a month is the most any anchor is worth.
_MOST_SEQUENCE, _MOST_ELAPSED = 10**9, 31 * 24 * 3_600_000


class EnvelopeUnreadable(ValueError):
    """It is no envelope; `where` is the JSON pointer of what is wrong."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


@dataclass(frozen=True, slots=True)
class ReadEnvelope:
    """An envelope whose shape is right. `raw` are its canonical bytes, `hash` names it in its chain."""

    id: UUID
    device: str
    sequence: int
    previous: str
    kind: str
    wall: datetime
    elapsed_ms: int | None
    anchor: str | None
    outage: str | None
    sealed: str
    document: Json
    signature: str
    raw: bytes
    hash: str


def read_envelope(value: Any) -> ReadEnvelope:
    """Return an envelope from the JSON value that came. Raises EnvelopeUnreadable."""
    _exactly(value, {"document", "signature"}, "")
    document = value["document"]
    _exactly(document, set(_SHAPE), "/document")
    for name, fits in _SHAPE.items():
        if not fits(document[name]):
            raise EnvelopeUnreadable(f"/document/{name}")
    if not _matches(_SIGNATURE)(value["signature"]):
        raise EnvelopeUnreadable("/signature")
    raw = canonical({"document": document, "signature": value["signature"]})
    if len(raw) > LARGEST:
        raise EnvelopeUnreadable("")
    return ReadEnvelope(
        id=UUID(document["id"]),
        device=document["device"],
        sequence=document["sequence"],
        previous=document["previous"],
        kind=document["kind"],
        wall=datetime.fromisoformat(document["wall"]),
        elapsed_ms=document["elapsed_ms"],
        anchor=document["anchor"],
        outage=document["outage"],
        sealed=document["sealed"],
        document=document,
        signature=value["signature"],
        raw=raw,
        hash=envelope_hash(document),
    )


def read_kept(raw: bytes) -> ReadEnvelope:
    """Return an envelope from the bytes that were kept."""
    return read_envelope(json.loads(bytes(raw)))


def envelope_hash(document: Json) -> str:
    """Return how the next envelope of the chain names this one: SHA-256, base64url without padding."""
    return urlsafe_b64encode(sha256(canonical(document)).digest()).rstrip(b"=").decode()


def _exactly(value: Any, keys: set[str], where: str) -> None:
    if not isinstance(value, Mapping) or set(value) != keys:
        raise EnvelopeUnreadable(where)


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


def _nothing_or(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


def _number(smallest: int, largest: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and smallest <= value <= largest


def _instant(value: Any) -> bool:
    if not _matches(_INSTANT)(value):
        return False
    try:
        year = datetime.fromisoformat(value).year
    except ValueError:
        return False
    # Elsewhere a change of time zone has no calendar to land on.
    return 1970 <= year <= 2999


KINDS = ("prescription", "care_claim", "dispensing", "cancellation", "reversal")
_SHAPE: dict[str, Callable[[Any], bool]] = {
    "type": lambda value: value == TYPE,
    "version": lambda value: type(value) is int and value == VERSION,
    "id": _matches(_UUID),
    "device": _matches(_KID),
    "sequence": _number(1, _MOST_SEQUENCE),
    "previous": _matches(_KID),
    "kind": lambda value: value in KINDS,
    "wall": _instant,
    "elapsed_ms": _nothing_or(_number(0, _MOST_ELAPSED)),
    "anchor": _nothing_or(_matches(_TOKEN)),
    "pack": _nothing_or(lambda value: isinstance(value, str) and len(value) <= 80),
    "offline_since": _nothing_or(_instant),
    "outage": _nothing_or(lambda value: isinstance(value, str) and len(value) <= 20),
    "sealed": _matches(_TOKEN),
}
