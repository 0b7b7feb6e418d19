"""A prescription as its insured person follows it: what is left, who holds it, what was asked."""

from datetime import datetime
from typing import Any

from core.languages import in_readers_letters
from payments.presenters.following import name_of
from prescriptions.models import Dispensing, PrescribedItem, Prescription, RequestAnswer
from prescriptions.states import DispensingState, LineState, PrescriptionState, RequestState

LOOKS = {
    "DISPENSED": "paid",
    "COMPLETED": "paid",
    "PARTIAL": "equal",
    "PARTLY_DISPENSED": "equal",
    "CANCELLED": "fix",
    "EXPIRED": "fix",
    "NOT_DISPENSED": "fix",
    "ENTERED_IN_ERROR": "fix",
}
USUAL = "held"


def shown_prescription(prescription: Prescription, *, at: datetime) -> dict[str, Any]:
    """What the page shows of one prescription at `at`; `holder` only while a counter holds it."""
    requests = list(prescription.requests.all())
    held = prescription.custody_until is not None and prescription.custody_until > at
    return {
        "prescription": prescription,
        "patient": name_of(prescription.patient),
        "prescriber": in_readers_letters(prescription.prescriber, prescription.prescriber.name),
        "badge": _badge(PrescriptionState(prescription.state)),
        "holder": _holder(prescription) if held else "",
        "lines": [_line(item) for item in prescription.items.all()],
        "dispensings": [_handed_over(each) for each in prescription.dispensings.all()],
        "requests": [_request(request) for request in requests],
        "may_renew": not any(request.state == RequestState.OPEN for request in requests),
    }


def _badge(state: Any) -> dict[str, str]:
    return {"state": LOOKS.get(str(state.value), USUAL), "label": str(state.label)}


def _holder(prescription: Prescription) -> str:
    holder = prescription.custodian
    return in_readers_letters(holder, holder.name) if holder else ""


def _line(item: PrescribedItem) -> dict[str, Any]:
    named = item.medicine.label if item.medicine else item.inn or item.wording
    return {
        "label": named or item.get_order_kind_display(),
        "badge": _badge(LineState(item.state)),
        "boxes": item.boxes,
        "left": item.boxes_left,
    }


def _handed_over(dispensing: Dispensing) -> dict[str, Any]:
    pharmacy = dispensing.pharmacy
    return {
        "key": dispensing.pk,
        "pharmacy": in_readers_letters(pharmacy, pharmacy.name),
        "day": dispensing.dispensed_on,
        "state": DispensingState(dispensing.state).label,
        "may_dispute": dispensing.state == DispensingState.HANDED_OVER,
        "boxes": [(item.boxes, item.medicine.label) for item in dispensing.items.all()],
    }


def _request(request: Any) -> dict[str, Any]:
    answer = RequestAnswer(request.answer).label if request.answer else ""
    said = list(request.messages.all())
    return {
        "kind": request.get_kind_display(),
        "state": RequestState(request.state).label,
        "answer": answer,
        "last": said[-1].body if answer and said else "",
        "asked_at": request.asked_at,
    }
