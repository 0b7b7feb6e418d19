"""Shapes of medicines and prescriptions; signed documents are in documents.py."""

from typing import Any

from rest_framework import serializers

from core.api.fields import (
    PatternField,
    WholeNumberField,
)
from core.api.outputs import CodedOutput, MoneyOutput
from core.api.serializers import Output
from core.numbers import NUMBER_LENGTH

# What the columns hold: far above any real treatment.
LARGEST_COUNT = 999
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


class CountField(WholeNumberField):
    """A count of lines, days or boxes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(smallest=1, largest=LARGEST_COUNT, **options)


class PriceOutput(Output):
    """What a medicine costs on a day: public price (null when none is published), base, list rate."""

    public = MoneyOutput(allow_null=True)
    base = MoneyOutput()
    rate = serializers.CharField()
    day = serializers.DateField()


class MedicineOutput(Output):
    """A presentation of the official list; `kind` is P (originator), G (generic) or empty.

    `table` is its poison table (A, B, C), or null where our typed list says nothing: not checked.
    """

    ean = serializers.CharField()
    label = serializers.CharField()
    name = serializers.CharField()
    inn = serializers.CharField()
    strength = serializers.CharField()
    strength_unit = serializers.CharField()
    form = serializers.CharField()
    presentation = serializers.CharField()
    kind = serializers.CharField()
    table = serializers.CharField(allow_null=True)
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
    bedtime = serializers.CharField()


class SubstanceOutput(Output):
    """A medicine named by its substance."""

    name = serializers.CharField()
    strength = serializers.CharField()
    unit = serializers.CharField()
    form = serializers.CharField()


class OrderOutput(Output):
    """What is ordered where it is not a medicine."""

    kind = CodedOutput()
    act = serializers.CharField(allow_null=True)


class PrescribedItemOutput(Output):
    """One line of a prescription, its state, and what is left to hand over.

    `kind` says which of `medicine`, `inn`, `order` and `wording` (a formula) is prescribed; a medicine
    whose dose is not coded has it in words.
    """

    position = serializers.IntegerField()
    kind = serializers.CharField()
    state = CodedOutput()
    medicine = MedicineOutput(allow_null=True)
    inn = SubstanceOutput(allow_null=True)
    order = OrderOutput(allow_null=True)
    wording = serializers.CharField()
    dose = DoseOutput(allow_null=True)
    days = serializers.IntegerField()
    boxes = serializers.IntegerField()
    boxes_dispensed = serializers.IntegerField()
    boxes_left = serializers.IntegerField()
    substitution = serializers.BooleanField()
    illness = serializers.CharField(allow_null=True)
    over_maximum = serializers.BooleanField()


class PrescriptionReceiptOutput(Output):
    """The proof that a signed prescription was received."""

    fse_number = serializers.CharField(min_length=NUMBER_LENGTH, max_length=NUMBER_LENGTH)
    state = CodedOutput()
    received_at = serializers.DateTimeField()
    document_hash = serializers.CharField()
    valid_until = serializers.DateField()


class PrescriptionOutput(PrescriptionReceiptOutput):
    """A prescription as a professional reads it; `document`, `signature`, `code` as received."""

    written_on = serializers.DateField()
    starts_on = serializers.DateField(allow_null=True)
    prescriber = PrescriberOutput()
    patient = PatientOutput()
    held_by = HolderOutput(allow_null=True)
    items = PrescribedItemOutput(many=True)
    document = serializers.DictField()
    signature = serializers.CharField()
    code = serializers.CharField(allow_null=True)


class CustodyOutput(Output):
    """Who holds a prescription."""

    fse_number = serializers.CharField()
    held_by = HolderOutput(allow_null=True)
