"""The signed document `waraqa/prescription`, versions 1 and 2 (docs/prescriptions.md)."""

from collections.abc import Iterable
from typing import Any

from core.api.entries import EntryError
from core.api.fields import (
    ConstantField,
    DayField,
    FlagField,
    IdentifierField,
    PatternField,
    TextField,
    WholeNumberField,
)
from core.api.serializers import Input, Json, read
from prescriptions.api.serializers import CountField, EanField, IllnessField
from prescriptions.intake import (
    AnsweredAlert,
    Order,
    PrescribedLine,
    PrescriptionDraft,
    Repeats,
    Substance,
)
from prescriptions.models import LineKind, OrderKind
from prescriptions.rules.code import LONGEST
from providers.api.documents import DocumentInput, SignatureField

DOSE = r"[0-9]{1,2}(\.[0-9]{1,2})?"
NO_DOSE = frozenset({"0", "00", "0.0", "0.00", "00.0", "00.00"})
# Crockford's alphabet: no I, L, O, U.
SIX_LETTERS = r"[0-9A-HJKMNP-TV-Z]{6}"
ACT_CODE = r"[A-Za-z0-9][A-Za-z0-9 ./+_\-]{0,19}"
ALERT_KEY = r"[A-Za-z0-9][A-Za-z0-9:|.,+_\-]{0,199}"
ALERT_REASON = r"[A-Z][A-Z0-9_]{0,39}"
FIRST_VERSION, VERSION = 1, 2
LEAST_REPEATS, MOST_REPEATS = 2, 12
LONGEST_INTERVAL = 365


class DoseField(PatternField):
    """Units taken at one moment of the day: "1", "0.5"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(DOSE, code="DOSE_FORMAT", **options)


class FirstDoseInput(Input):
    """What is taken each day, as version 1 says it."""

    morning = DoseField()
    noon = DoseField()
    evening = DoseField()

    def contradictions(self, values: Json) -> Iterable[EntryError]:
        if all(dose in NO_DOSE for dose in values.values()):
            yield EntryError("", "NO_DOSE")


class DoseInput(FirstDoseInput):
    """What is taken each day."""

    bedtime = DoseField()


class FirstPrescribedLineInput(Input):
    """One medicine to take, as version 1 says it."""

    position = CountField()
    ean = EanField()
    dose = FirstDoseInput()
    days = CountField()
    boxes = CountField()
    substitution = FlagField()
    illness = IllnessField()


class SubstanceInput(Input):
    """A substance with its strength and form, as the medicine list writes them."""

    name = TextField(max_length=400)
    strength = TextField(max_length=80, allow_blank=True)
    unit = TextField(max_length=40, allow_blank=True)
    form = TextField(max_length=120, allow_blank=True)


class OrderInput(Input):
    """An examination, care or device; `act` is a code of the nomenclature, or null."""

    kind = ConstantField(*OrderKind.values)
    act = PatternField(ACT_CODE, code="ACT_FORMAT", allow_null=True)


# What says what is prescribed, by kind of line; the others are null.
_NAMED_BY = {
    LineKind.MEDICINE: "ean",
    LineKind.INN: "inn",
    LineKind.COMPOUND: "wording",
    LineKind.ORDER: "order",
}


class PrescribedLineInput(Input):
    """One thing prescribed. Every key is there; those of another kind are null.

    A dose nobody could code is null and said in `wording`; an order has neither dose nor duration, and
    `boxes` counts how many times it is done.
    """

    position = CountField()
    kind = ConstantField(*LineKind.values)
    ean = EanField(allow_null=True)
    inn = SubstanceInput(allow_null=True)
    order = OrderInput(allow_null=True)
    wording = TextField(max_length=500, allow_null=True)
    dose = DoseInput(allow_null=True)
    days = CountField(allow_null=True)
    boxes = CountField()
    substitution = FlagField()
    illness = IllnessField()
    over_maximum = FlagField()

    def contradictions(self, values: Json) -> Iterable[EntryError]:
        kind = LineKind(values["kind"])
        needed, foreign = {_NAMED_BY[kind]}, {"ean", "inn", "order"} - {_NAMED_BY[kind]}
        if kind == LineKind.ORDER:
            foreign |= {"dose", "days"}
        else:
            needed.add("days")
            needed.add("dose" if values["wording"] is None else "wording")
        for key in sorted(values):
            if key in needed and values[key] is None:
                yield EntryError(f"/{key}", "REQUIRED")
            if key in foreign and values[key] is not None:
                yield EntryError(f"/{key}", "NOT_OF_THIS_KIND")


class RepeatsInput(Input):
    """One instance each time, `every_days` apart."""

    count = WholeNumberField(smallest=LEAST_REPEATS, largest=MOST_REPEATS)
    every_days = WholeNumberField(smallest=1, largest=LONGEST_INTERVAL)


class AnsweredAlertInput(Input):
    """A safety alert overridden, and why."""

    key = PatternField(ALERT_KEY, code="INVALID")
    reason = PatternField(ALERT_REASON, code="INVALID")
    note = TextField(max_length=300, allow_blank=True)


class FirstPrescriptionDocumentInput(DocumentInput):
    """The document `waraqa/prescription`, version 1: medicines only."""

    type = ConstantField("waraqa/prescription")
    written_on = DayField(past=True)
    lines = FirstPrescribedLineInput(many=True)


class PrescriptionDocumentInput(DocumentInput):
    """The document `waraqa/prescription`."""

    type = ConstantField("waraqa/prescription")
    version = ConstantField(VERSION)
    written_on = DayField(past=True)
    starts_on = DayField(allow_null=True)
    repeats = RepeatsInput(allow_null=True)
    secret = PatternField(SIX_LETTERS, code="SECRET_FORMAT")
    lines = PrescribedLineInput(many=True)
    alerts = AnsweredAlertInput(many=True, allow_empty=True)

    def contradictions(self, values: Json) -> Iterable[EntryError]:
        if values["starts_on"] is not None and values["starts_on"] < values["written_on"]:
            yield EntryError("/starts_on", "STARTS_TOO_EARLY")


class FirstSignedPrescriptionInput(Input):
    """A prescription of version 1, its signature, and its code if its device made one."""

    document = FirstPrescriptionDocumentInput()
    signature = SignatureField()
    code = TextField(max_length=LONGEST, required=False, allow_null=True)


class SignedPrescriptionInput(Input):
    """A prescription, its signature, and the code of its paper (docs/prescriptions.md).

    `preparation` is what a delegate prepared and this signs. Version 1 of the document is read too.
    """

    document = PrescriptionDocumentInput()
    signature = SignatureField()
    code = TextField(max_length=LONGEST, required=False, allow_null=True)
    preparation = IdentifierField(required=False)


def read_signed_prescription(body: Any) -> Json:
    """Return a checked request body, its document of either version. Raises EntryErrors."""
    document = body.get("document") if isinstance(body, dict) else None
    version = document.get("version") if isinstance(document, dict) else None
    is_first = version == FIRST_VERSION and type(version) is int
    return read(FirstSignedPrescriptionInput if is_first else SignedPrescriptionInput, body)


def prescription_draft(document: Json) -> PrescriptionDraft:
    """Return the draft that a checked document says."""
    repeats = document.get("repeats")
    return PrescriptionDraft(
        fse_number=document["fse_number"],
        device=document["device"],
        inpe=document["provider"],
        patient=document["patient"],
        written_on=document["written_on"],
        starts_on=document.get("starts_on"),
        repeats=Repeats(**repeats) if repeats else None,
        secret=document.get("secret", ""),
        alerts=tuple(AnsweredAlert(**alert) for alert in document.get("alerts", ())),
        lines=tuple(_line(line) for line in document["lines"]),
    )


def _line(line: Json) -> PrescribedLine:
    inn, order = line.get("inn"), line.get("order")
    dose = line["dose"] or dict.fromkeys(("morning", "noon", "evening"), "0")
    return PrescribedLine(
        position=line["position"],
        kind=line.get("kind", LineKind.MEDICINE.value),
        ean=line["ean"] or "",
        inn=Substance(**inn) if inn else None,
        order=Order(kind=order["kind"], act=order["act"] or "") if order else None,
        wording=line.get("wording") or "",
        days=line["days"] or 1,
        boxes=line["boxes"],
        substitution=line["substitution"],
        illness=line["illness"],
        over_maximum=line.get("over_maximum", False),
        **dose,
    )
