"""What a screen showed without network: read from the sealed content, and verified by the same engine."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate
from rest_framework.fields import Field

from claims.adjudication import Law, NoLawInForce
from claims.adjudication.as_shown import Cause, Known
from claims.adjudication.estimating import case_of
from claims.adjudication.exchange import CaseError, facts_from_case
from claims.intake import CareClaimDraft, Shown
from claims.presenters import KNOWN_TYPE
from claims.presenters.shown import figures_of, is_honoured
from claims.services import Receipt
from core import seal, signatures
from core.api.entries import FieldError
from core.api.fields import PatternField, TextField
from core.api.serializers import Input, read
from core.errors import DomainError
from core.money import format_dirhams, parse_dirhams
from prescriptions.api.serializers import CountField
from prescriptions.intake import DispensingDraft
from providers.intake import Offline
from providers.models import Device
from sync import selectors
from sync.models import Pack
from sync.reference.packs import ENGINE
from sync.services._refusals import NotAsShown, NotOfTheEngine, PaidAsShown

Json = dict[str, Any]
Draft = CareClaimDraft | DispensingDraft
_UNFOUNDED = {Cause.PACK_UNKNOWN.value, Cause.NOT_OF_THE_ENGINE.value}


class AmountField(PatternField):
    """Dirhams with two decimals in a string, nothing included, read as centimes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(r"[0-9]{1,9}\.[0-9]{2}", code="AMOUNT_FORMAT", **options)

    def to_internal_value(self, data: Any) -> Any:
        return parse_dirhams(super().to_internal_value(data))


class ObjectField(Field):
    """A JSON object, kept as it is: its own signature or the engine judges it."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise FieldError("NOT_AN_OBJECT")
        return data


class ShownLineInput(Input):
    """What the screen said is reimbursed of one line, and the long illness it was counted under."""

    position = CountField()
    reimbursed = AmountField()
    illness = TextField(max_length=20, allow_null=True)


class ShownInput(Input):
    """Amounts as the engine of a pack gave them: digest of its files, what it knew of patient (sealed by
    the server, or null) and provider (sector and agreements, or null), and the lines."""

    engine = PatternField(r"[0-9a-f]{64}", code="INVALID")
    known = ObjectField(allow_null=True)
    provider = ObjectField(allow_null=True)
    lines = ShownLineInput(many=True)


@dataclass(frozen=True, slots=True)
class OnScreen:
    """The amounts of a content as read, not yet verified; `pack` as its envelope names it."""

    pack: str
    entry: Json


def read_shown(plain: Json, pack: str | None) -> OnScreen | None:
    """Return what a content says its screen showed; None where it says nothing. Raises EntryErrors."""
    if plain.get("shown") is None:
        return None
    return OnScreen(pack or "", read(ShownInput, plain["shown"]))


def verified(
    on_screen: OnScreen | None, draft: Draft, device: Device, offline: Offline
) -> Shown | None:
    """Return what was shown with the facts and the law that gave it, or why they cannot be had.

    The engine is asked again: with the pack's own rows and law, what the server itself had sealed of the
    patient, and the lines of the signed document.
    """
    if on_screen is None:
        return None
    day = localdate(offline.signed_at)
    lines = {line["position"]: line["reimbursed"] for line in on_screen.entry["lines"]}
    told: dict[str, Any] = {"pack": on_screen.pack, "lines": lines, "day": day}
    pack = _pack(on_screen.pack)
    if pack is None:
        return Shown(**told, fault=Cause.PACK_UNKNOWN)
    if not pack.made_at <= offline.signed_at < pack.valid_until:
        return Shown(**told, fault=Cause.PACK_EXPIRED)
    parts = {part["name"]: part["sha256"] for part in pack.manifest["parts"]}
    if parts[ENGINE] != on_screen.entry["engine"]:
        return Shown(**told, fault=Cause.NOT_OF_THE_ENGINE)
    try:
        return _judged_again(told, on_screen.entry, pack, draft, device)
    except selectors.PackNotFound:
        return Shown(**told, fault=Cause.PACK_GONE)


def as_told(receipt: Receipt) -> DomainError | None:
    """Return what the device is told of amounts that differ; None where none does."""
    rows = receipt.shown
    if not rows:
        return None
    figures = figures_of(receipt.claim, rows)
    if is_honoured(rows):
        return PaidAsShown(**figures)
    unfounded = _UNFOUNDED.intersection(code for row in rows for code in row.causes)
    return NotOfTheEngine(**figures) if unfounded else NotAsShown(**figures)


def _pack(name: str) -> Pack | None:
    try:
        return Pack.objects.filter(pk=UUID(name)).first()
    except ValueError:
        return None


def _judged_again(told: Json, entry: Json, pack: Pack, draft: Draft, device: Device) -> Shown:
    """The same question to the same engine; other amounts are not of it."""
    law = Law.from_dict({"parameters": _rows(pack, "law")})
    patient = _sealed_facts(entry["known"], draft.patient, told["day"])
    if entry["known"] is not None and patient is None:
        return Shown(**told, fault=Cause.NOT_OF_THE_ENGINE)
    question = {
        "received_date": told["day"].isoformat(),
        "treatment_end_date": _day(getattr(draft, "treatment_end_date", None)),
        "provider": {"inpe": device.provider.inpe, **_provider(entry["provider"])},
        "known": patient,
        **_lines(draft, entry, pack),
    }
    try:
        known = Known(facts_from_case(case_of(question), law), law)
        decision = known.judged()
    except (CaseError, NoLawInForce, KeyError, TypeError, ValueError):
        return Shown(**told, fault=Cause.NOT_OF_THE_ENGINE)
    given = {int(line.id): line.reimbursed for line in decision.lines}
    if given != told["lines"]:
        return Shown(**told, fault=Cause.NOT_OF_THE_ENGINE)
    seen_on = date.fromisoformat(patient["seen_on"]) if patient else None
    return Shown(**told, known=known, seen_on=seen_on)


def _sealed_facts(known: Json | None, patient: UUID, day: date) -> Json | None:
    """What the server once sealed of this very patient, not later than the signature; else None."""
    if known is None or known.get("type") != KNOWN_TYPE or known.get("person") != str(patient):
        return None
    signature = known.get("signature")
    value = signature.get("value") if isinstance(signature, dict) else None
    said = {name: each for name, each in known.items() if name != "signature"}
    own = signatures.jwk_of(seal.private_key().public_key())
    try:
        genuine = isinstance(value, str) and signatures.is_signed(said, value, own)
    except (ValueError, TypeError):  # numbers that canonical JSON does not know
        genuine = False
    return said if genuine and said["seen_on"] <= day.isoformat() else None


def _provider(entry: Json | None) -> Json:
    named = entry or {}
    return {"sector": named.get("sector"), "agreements": named.get("agreements")}


def _lines(draft: Draft, entry: Json, pack: Pack) -> Json:
    """The lines of the signed document, and the pack's rows that they name."""
    illnesses = {line["position"]: line["illness"] for line in entry["lines"]}
    if isinstance(draft, CareClaimDraft):
        lines = [
            {
                "position": line.position,
                "act": line.act,
                "quantity": line.quantity,
                "charged": format_dirhams(line.charged_centimes),
                "care_date": line.care_date.isoformat(),
                "illness": illnesses.get(line.position),
            }
            for line in draft.lines
        ]
        acts = _versions(_rows(pack, "acts").values(), {line.act for line in draft.lines})
        return {"lines": lines, "acts": acts, "medicines": {}}
    lines = [
        {
            "position": line.position,
            "ean": line.ean,
            "quantity": line.boxes,
            "charged": format_dirhams(line.charged_centimes),
            "care_date": draft.dispensed_on.isoformat(),
            "illness": illnesses.get(line.position),
        }
        for line in draft.given
    ]
    medicines = _rows(pack, "medicines")
    return {
        "lines": lines,
        "acts": {},
        "medicines": {line.ean: medicines.get(line.ean) for line in draft.given},
    }


def _versions(rows: Iterable[Json], codes: set[str]) -> Mapping[str, list[Json]]:
    found: dict[str, list[Json]] = {code: [] for code in codes}
    for row in rows:
        if row["act"] in found:
            found[row["act"]].append(row)
    return found


def _rows(pack: Pack, name: str) -> Json:
    digests = {part["name"]: part["sha256"] for part in pack.manifest["parts"]}
    return _rows_of(pack.pk, name, digests[name])


@lru_cache(maxsize=6)
def _rows_of(pack: UUID, name: str, _digest: str) -> Json:
    """The rows of a part, which never change; read-only."""
    rows: Json = json.loads(bytes(selectors.part_of_pack(pack, name).content))
    return rows


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
