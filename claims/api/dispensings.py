"""The signed document `waraqa/dispensing`, versions 1 and 2 (docs/prescriptions.md)."""

from collections.abc import Iterable
from typing import Any

from core.api.entries import EntryError
from core.api.fields import (
    ConstantField,
    DayField,
    DirhamsField,
    FlagField,
    PatternField,
    WholeNumberField,
)
from core.api.serializers import Input, Json, read
from prescriptions.api.serializers import CountField, EanField
from prescriptions.intake import DispensedLine, DispensingDraft, Pack
from prescriptions.models import NotDispensed, Outcome, SubstitutionReason
from providers.api.documents import DeviceField, DocumentInput, SignatureField

FIRST_VERSION, VERSION = 1, 2
MOST_INSTANCES = 12
# What GS1 allows in a batch (AI 10) and in a serial (AI 21).
MARK = r"[!-~]{1,20}"
DIGEST = r"[0-9a-f]{64}"


class FirstDispensedLineInput(Input):
    """Boxes handed over for the prescribed line of the same position; the charge covers them all."""

    position = CountField()
    ean = EanField()
    boxes = CountField()
    charged = DirhamsField()


class FirstDispensingDocumentInput(DocumentInput):
    """The document `waraqa/dispensing`, version 1: what was handed over, and nothing else."""

    type = ConstantField("waraqa/dispensing")
    dispensed_on = DayField(past=True)
    third_party_payment = FlagField()
    lines = FirstDispensedLineInput(many=True)


class PackInput(Input):
    """What one box bears: batch, expiry, serial; one at least."""

    batch = PatternField(MARK, code="INVALID", allow_null=True)
    expires_on = DayField(allow_null=True)
    serial = PatternField(MARK, code="INVALID", allow_null=True)

    def contradictions(self, values: Json) -> Iterable[EntryError]:
        if not any(values.values()):
            yield EntryError("", "REQUIRED")


class DispensedLineInput(Input):
    """What was done with one prescribed line. Every key is there; what was not handed over is null."""

    position = CountField()
    outcome = ConstantField(*Outcome.values)
    reason = ConstantField(*NotDispensed.values, allow_null=True)
    ean = EanField(allow_null=True)
    boxes = CountField(allow_null=True)
    charged = DirhamsField(allow_null=True)
    substitution = ConstantField(*SubstitutionReason.values, allow_null=True)
    packs = PackInput(many=True, allow_empty=True)

    def contradictions(self, values: Json) -> Iterable[EntryError]:
        handed = ("ean", "boxes", "charged")
        gives = any(values[key] is not None for key in handed)
        must_give = values["outcome"] in (Outcome.DISPENSED, Outcome.PARTIAL)
        for key in handed:
            if values[key] is None and (gives or must_give):
                yield EntryError(f"/{key}", "REQUIRED")
            if values[key] is not None and values["outcome"] == Outcome.NOT_DISPENSED:
                yield EntryError(f"/{key}", "NOT_OF_THIS_KIND")
        if must_give == (values["reason"] is not None):
            yield EntryError("/reason", "NOT_OF_THIS_KIND" if must_give else "REQUIRED")


class DispensingDocumentInput(DocumentInput):
    """The document `waraqa/dispensing`."""

    type = ConstantField("waraqa/dispensing")
    version = ConstantField(VERSION)
    instance = WholeNumberField(smallest=1, largest=MOST_INSTANCES)
    replaces = PatternField(DIGEST, code="INVALID", allow_null=True)
    dispensed_on = DayField(past=True)
    third_party_payment = FlagField()
    lines = DispensedLineInput(many=True)

    def contradictions(self, values: Json) -> Iterable[EntryError]:
        if not any(line["boxes"] for line in values["lines"]):
            yield EntryError("/lines", "NOTHING_HANDED_OVER")


class FirstSignedDispensingInput(Input):
    """A dispensing of version 1 and its signature."""

    document = FirstDispensingDocumentInput()
    signature = SignatureField()


class SignedDispensingInput(Input):
    """A dispensing and its signature. Version 1 of the document is read too."""

    document = DispensingDocumentInput()
    signature = SignatureField()


class FirstEstimatedDocumentInput(FirstDispensingDocumentInput):
    """A dispensing of version 1 before it is signed: the device may still be missing."""

    device = DeviceField(required=False)


class EstimatedDispensingDocumentInput(DispensingDocumentInput):
    """A dispensing before it is signed: the device may still be missing."""

    device = DeviceField(required=False)


class FirstDispensingEstimateInput(Input):
    """Medicines of version 1 to judge without saving."""

    document = FirstEstimatedDocumentInput()


class DispensingEstimateInput(Input):
    """Medicines to judge without saving."""

    document = EstimatedDispensingDocumentInput()


def read_dispensing(body: Any) -> DispensingDraft:
    """Return the draft of a signed dispensing, of either version. Raises EntryErrors."""
    shape = FirstSignedDispensingInput if _is_first(body) else SignedDispensingInput
    return dispensing_draft(read(shape, body)["document"])


def read_dispensing_estimate(body: Any) -> DispensingDraft:
    """Return the draft of a dispensing to estimate, of either version. Raises EntryErrors."""
    shape = FirstDispensingEstimateInput if _is_first(body) else DispensingEstimateInput
    return dispensing_draft(read(shape, body)["document"])


def _is_first(body: Any) -> bool:
    document = body.get("document") if isinstance(body, dict) else None
    version = document.get("version") if isinstance(document, dict) else None
    return type(version) is int and version == FIRST_VERSION


def dispensing_draft(document: Json) -> DispensingDraft:
    """Return the draft that a checked document says."""
    return DispensingDraft(
        fse_number=document["fse_number"],
        device=document.get("device", ""),
        inpe=document["provider"],
        patient=document["patient"],
        dispensed_on=document["dispensed_on"],
        third_party_payment=document["third_party_payment"],
        instance=document.get("instance"),
        replaces=document.get("replaces"),
        lines=tuple(_line(line) for line in document["lines"]),
    )


def _line(line: Json) -> DispensedLine:
    return DispensedLine(
        position=line["position"],
        ean=line["ean"],
        boxes=line["boxes"] or 0,
        charged_centimes=line["charged"] or 0,
        outcome=line.get("outcome"),
        reason=line.get("reason"),
        substitution=line.get("substitution"),
        packs=tuple(Pack(**pack) for pack in line.get("packs", ())),
    )
