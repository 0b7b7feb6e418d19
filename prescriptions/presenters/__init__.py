"""Medicines and prescriptions as the API says them."""

from datetime import date, datetime
from typing import Any

from core.languages import in_both_languages
from core.money import format_dirhams, format_rate
from insured.models import Person
from prescriptions import selectors
from prescriptions.models import (
    LineKind,
    Medicine,
    MedicinePrice,
    OrderKind,
    PrescribedItem,
    Prescription,
)
from prescriptions.selectors.writing import control, may_replace
from prescriptions.services import Cancellation
from prescriptions.states import LineState, PrescriptionState
from providers.presenters import provider_output

Json = dict[str, Any]


def medicine_output(medicine: Medicine, *, day: date) -> Json:
    """A medicine that carries `price`, with what it costs on `day`."""
    price: MedicinePrice | None = medicine.price  # type: ignore[attr-defined]
    return {
        "ean": medicine.ean,
        "label": medicine.label,
        "name": medicine.name,
        "inn": medicine.inn,
        "strength": medicine.strength,
        "strength_unit": medicine.strength_unit,
        "form": medicine.form,
        "presentation": medicine.presentation,
        "kind": medicine.kind,
        "table": control(medicine.inn, day).table,
        "price": None if price is None else _price(price, day),
    }


def _price(price: MedicinePrice, day: date) -> Json:
    public = price.public_price_centimes
    return {
        "public": None if public is None else format_dirhams(public),
        "base": format_dirhams(price.base_price_centimes),
        "rate": format_rate(price.list_rate_bp),
        "day": day.isoformat(),
    }


def patient_output(person: Person) -> Json:
    """A patient as a paper names one."""
    return {
        "id": str(person.pk),
        "full_name": person.full_name,
        "name_ar": person.name_ar,
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex,
    }


def receipt_output(prescription: Prescription) -> Json:
    """The proof that a signed prescription was received."""
    return {
        "fse_number": prescription.fse_number,
        "state": state_output(prescription),
        "received_at": prescription.received_at.isoformat(),
        "document_hash": prescription.document_hash,
        "valid_until": prescription.valid_until.isoformat(),
    }


def prescription_output(
    prescription: Prescription, *, priced: dict[str, Medicine], day: date, at: datetime
) -> Json:
    """A prescription with its lines, what is left of them, and who holds it at the instant `at`."""
    return {
        **receipt_output(prescription),
        "written_on": prescription.written_on.isoformat(),
        "starts_on": prescription.starts_on.isoformat() if prescription.starts_on else None,
        "prescriber": {
            **provider_output(prescription.prescriber),
            "speciality": prescription.prescriber.speciality,
        },
        "patient": patient_output(prescription.patient),
        "held_by": _holder(prescription, at),
        "items": [
            _item(item, priced.get(item.medicine.ean) if item.medicine else None, day)
            for item in prescription.items.all()
        ],
        "document": prescription.document,
        "signature": prescription.signature,
        "code": selectors.code_of(prescription.fse_number),
    }


def state_output(prescription: Prescription) -> Json:
    """A state with its label in both languages."""
    label = PrescriptionState(prescription.state).label
    return {"code": prescription.state, "label": in_both_languages(label)}


def custody_output(prescription: Prescription, *, at: datetime) -> Json:
    """Who holds the prescription, and until when."""
    return {"fse_number": prescription.fse_number, "held_by": _holder(prescription, at)}


def cancellation_output(cancellation: Cancellation, *, at: datetime) -> Json:
    """What a request to cancel came to: the prescription, who holds it, what was given already."""
    return {
        **receipt_output(cancellation.prescription),
        "outcome": cancellation.outcome,
        "held_by": _holder(cancellation.prescription, at),
        "given": [
            {"position": item.position, "boxes": item.boxes_dispensed}
            for item in cancellation.given
        ],
    }


def _holder(prescription: Prescription, at: datetime) -> Json | None:
    holder, until = prescription.custodian, prescription.custody_until
    if holder is None or until is None or until <= at:
        return None
    return {**provider_output(holder), "until": until.isoformat()}


def _item(item: PrescribedItem, priced: Medicine | None, day: date) -> Json:
    label = LineState(item.state).label
    return {
        "position": item.position,
        "kind": item.kind,
        "state": {"code": item.state, "label": in_both_languages(label)},
        "medicine": medicine_output(priced, day=day) if priced else None,
        "inn": _substance(item) if item.kind == LineKind.INN else None,
        "order": _order(item) if item.kind == LineKind.ORDER else None,
        "wording": item.wording,
        "dose": _dose(item),
        "days": item.duration_days,
        "boxes": item.boxes,
        "boxes_dispensed": item.boxes_dispensed,
        "boxes_left": item.boxes_left,
        "substitution": may_replace(item, day),
        "illness": item.illness_code or None,
        "over_maximum": item.over_maximum,
    }


def _substance(item: PrescribedItem) -> Json:
    return {
        "name": item.inn,
        "strength": item.strength,
        "unit": item.strength_unit,
        "form": item.form,
    }


def _order(item: PrescribedItem) -> Json:
    """What is ordered; the act's code stands in the signed document alone."""
    lines = item.prescription.document["lines"]
    signed = next(line for line in lines if line["position"] == item.position)
    label = OrderKind(item.order_kind).label
    return {
        "kind": {"code": item.order_kind, "label": in_both_languages(label)},
        "act": signed["order"]["act"],
    }


def _dose(item: PrescribedItem) -> Json | None:
    doses = {
        "morning": item.dose_morning,
        "noon": item.dose_noon,
        "evening": item.dose_evening,
        "bedtime": item.dose_bedtime,
    }
    return doses if any(dose.strip("0.") for dose in doses.values()) else None
