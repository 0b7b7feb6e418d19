"""Shapes of medicines and prescriptions."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from core.api.entries import EntryError
from core.api.fields import (
    ConstantField,
    DayField,
    FlagField,
    PatternField,
    TextField,
    WholeNumberField,
)
from core.api.outputs import CodedOutput, MoneyOutput
from core.api.serializers import Input, Output
from core.numbers import NUMBER_LENGTH
from prescriptions.intake import PrescribedLine, PrescriptionDraft
from providers.api.documents import DocumentInput, SignatureField
from providers.api.fields import InpeField

# What the columns hold: far above any real treatment.
LARGEST_COUNT = 999
DOSE = r"[0-9]{1,2}(\.[0-9]{1,2})?"
NO_DOSE = frozenset({"0", "00", "0.0", "0.00", "00.0", "00.00"})
ILLNESS = r"[A-Za-z0-9][A-Za-z0-9.\-]{0,19}"
EAN = r"[0-9]{13}"


class EanField(PatternField):
    """An EAN-13 as text: thirteen digits, the check digit is not judged (official codes fail it)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(EAN, code="EAN_FORMAT", **options)


class IllnessField(PatternField):
    """The code of a long illness, or null."""

    def __init__(self, **options: Any) -> None:
        super().__init__(ILLNESS, code="ILLNESS_FORMAT", allow_null=True, **options)


class DoseField(PatternField):
    """Units taken at one moment of the day: "1", "0.5"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(DOSE, code="DOSE_FORMAT", **options)


class CountField(WholeNumberField):
    """A count of lines, days or boxes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(smallest=1, largest=LARGEST_COUNT, **options)


class DoseInput(Input):
    """What is taken each day."""

    morning = DoseField()
    noon = DoseField()
    evening = DoseField()

    def contradictions(self, values: dict[str, Any]) -> Iterable[EntryError]:
        if all(dose in NO_DOSE for dose in values.values()):
            yield EntryError("", "NO_DOSE")


class PrescribedLineInput(Input):
    """One medicine to take."""

    position = CountField()
    ean = EanField()
    dose = DoseInput()
    days = CountField()
    boxes = CountField()
    substitution = FlagField()
    illness = IllnessField()


class PrescriptionDocumentInput(DocumentInput):
    """The document `waraqa/prescription`."""

    type = ConstantField("waraqa/prescription")
    written_on = DayField(past=True)
    lines = PrescribedLineInput(many=True)


class SignedPrescriptionInput(Input):
    """A prescription and its signature."""

    document = PrescriptionDocumentInput()
    signature = SignatureField()


class CustodyInput(Input):
    """The pharmacy that opens the prescription; its only one when not said."""

    provider = InpeField(required=False)


class CancellationInput(Input):
    """Why."""

    reason = TextField(max_length=500)


class PriceOutput(Output):
    """What a medicine costs on a day: public price (null when none is published), base, list rate."""

    public = MoneyOutput(allow_null=True)
    base = MoneyOutput()
    rate = serializers.CharField()
    day = serializers.DateField()


class MedicineOutput(Output):
    """A presentation of the official list; `kind` is P (originator), G (generic) or empty."""

    ean = serializers.CharField()
    label = serializers.CharField()
    name = serializers.CharField()
    inn = serializers.CharField()
    strength = serializers.CharField()
    strength_unit = serializers.CharField()
    form = serializers.CharField()
    presentation = serializers.CharField()
    kind = serializers.CharField()
    price = PriceOutput(allow_null=True)


class MedicinesOutput(Output):
    """Medicines found, best first."""

    results = MedicineOutput(many=True)


class PartyOutput(Output):
    """A provider as it signs a paper."""

    inpe = serializers.CharField()
    name = serializers.CharField()
    name_ar = serializers.CharField()


class PrescriberOutput(PartyOutput):
    """Who prescribed."""

    speciality = serializers.CharField()


class HolderOutput(PartyOutput):
    """The pharmacy that has the prescription open, until an instant."""

    until = serializers.DateTimeField()


class PatientOutput(Output):
    """A patient."""

    id = serializers.UUIDField()
    full_name = serializers.CharField()
    name_ar = serializers.CharField()
    birth_date = serializers.DateField()
    sex = serializers.CharField()


class DoseOutput(Output):
    """What is taken each day."""

    morning = serializers.CharField()
    noon = serializers.CharField()
    evening = serializers.CharField()


class PrescribedItemOutput(Output):
    """One line of a prescription, and what is left to hand over."""

    position = serializers.IntegerField()
    medicine = MedicineOutput()
    dose = DoseOutput()
    days = serializers.IntegerField()
    boxes = serializers.IntegerField()
    boxes_dispensed = serializers.IntegerField()
    boxes_left = serializers.IntegerField()
    substitution = serializers.BooleanField()
    illness = serializers.CharField(allow_null=True)


class PrescriptionReceiptOutput(Output):
    """The proof that a signed prescription was received."""

    fse_number = serializers.CharField(min_length=NUMBER_LENGTH, max_length=NUMBER_LENGTH)
    state = CodedOutput()
    received_at = serializers.DateTimeField()
    document_hash = serializers.CharField()
    valid_until = serializers.DateField()


class PrescriptionOutput(PrescriptionReceiptOutput):
    """A prescription as a professional reads it; `document` and `signature` as received."""

    written_on = serializers.DateField()
    prescriber = PrescriberOutput()
    patient = PatientOutput()
    held_by = HolderOutput(allow_null=True)
    items = PrescribedItemOutput(many=True)
    document = serializers.DictField()
    signature = serializers.CharField()


class CustodyOutput(Output):
    """Who holds a prescription."""

    fse_number = serializers.CharField()
    held_by = HolderOutput(allow_null=True)


def prescription_draft(document: dict[str, Any]) -> PrescriptionDraft:
    """Return the draft that a checked document says."""
    return PrescriptionDraft(
        fse_number=document["fse_number"],
        device=document["device"],
        inpe=document["provider"],
        patient=document["patient"],
        written_on=document["written_on"],
        lines=tuple(
            PrescribedLine(
                position=line["position"],
                ean=line["ean"],
                days=line["days"],
                boxes=line["boxes"],
                substitution=line["substitution"],
                illness=line["illness"],
                **line["dose"],
            )
            for line in document["lines"]
        ),
    )
