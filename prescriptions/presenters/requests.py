"""Requests to prescribers, and proofs of presence, as the API says them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.languages import in_both_languages
from core.money import format_rate
from insured.models import PresenceProof, ProofLevel
from prescriptions.models import PrescriptionRequest, RequestAnswer, RequestKind
from prescriptions.presenters import patient_output
from prescriptions.states import RequestState
from providers.presenters import provider_output

Json = dict[str, Any]
NO_PROOF = "NONE"


def request_output(request: PrescriptionRequest) -> Json:
    """A request to a prescriber with its thread."""
    item = request.item
    return {
        "id": str(request.pk),
        "fse_number": request.prescription.fse_number,
        "patient": patient_output(request.prescription.patient),
        "kind": _coded(RequestKind(request.kind)),
        "state": _coded(RequestState(request.state)),
        "answer": _coded(RequestAnswer(request.answer)) if request.answer else None,
        "position": item.position if item else None,
        "medicine": (item.medicine.label if item.medicine else item.wording) if item else "",
        "pharmacy": provider_output(request.pharmacy) if request.pharmacy else None,
        "prescriber": provider_output(request.prescriber),
        "asked_at": request.asked_at.isoformat(),
        "answered_at": request.answered_at and request.answered_at.isoformat(),
        "messages": [
            {
                "author": message.author.get_full_name(),
                "body": message.body,
                "written_at": message.written_at.isoformat(),
            }
            for message in request.messages.all()
        ],
    }


def presence_output(proof: PresenceProof | None, shares: dict[str, tuple[int, str]]) -> Json:
    """The proof of presence that serves, if any, and what the fund guarantees at each level.

    `shares`: basis points and source by level, NONE included.
    """
    return {
        "proof": proof
        and {"level": _coded(ProofLevel(proof.level)), "until": proof.until.isoformat()},
        "share": format_rate(shares[proof.level if proof else NO_PROOF][0]),
        "guarantees": [
            {
                "level": _coded(ProofLevel(level)) if level != NO_PROOF else _without_proof(),
                "share": format_rate(share),
                "reference": reference,
            }
            for level, (share, reference) in shares.items()
        ],
    }


def _coded(choice: Any) -> Json:
    return {"code": str(choice.value), "label": in_both_languages(choice.label)}


def _without_proof() -> Json:
    return {"code": NO_PROOF, "label": in_both_languages(_("aucune preuve"))}
