"""Approved claims for payment tests: judged and screened, without the road that led there."""

import itertools
from datetime import datetime
from typing import Any

from accounts.models import Role, User
from claims.adjudication import Reason, Rule, Step
from claims.adjudication.packing import pack_steps
from claims.models import (
    CareSheet,
    Claim,
    ClaimDocument,
    ClaimLine,
    Decision,
    LineDecision,
    Screening,
    WaitingClaim,
)
from core.numbers import mint_fse_number
from insured.models import Person
from prescriptions.models import Medicine
from tests import world

NOW = world.NOW
_serial = itertools.count(1)


def officer(**fields: Any) -> User:
    return world.user(Role.PAYMENT_OFFICER, **fields)


def claim(
    *,
    patient: Person | None = None,
    doctor: world.Practice | None = None,
    reimbursed: int = 14_000,
    charged: int = 20_000,
    third_party_payment: bool = False,
    state: str = "APPROVED",
    at: datetime = NOW,
    medicine: Medicine | None = None,
    reasons: tuple[str, ...] = ("PRICE_CAPPED",),
) -> Claim:
    """A claim of one consultation, or of one medicine; `reimbursed` and `charged` in centimes."""
    patient = patient or world.person()
    doctor = doctor or world.practice()
    number = next(_serial)
    sheet = CareSheet.objects.create(
        fse_number=mint_fse_number(doctor.device.prefix),
        insured=patient.insured,
        patient=patient,
        opened_at=at,
    )
    made = Claim.objects.create(
        sheet=sheet,
        insured=patient.insured,
        patient=patient,
        provider=doctor.provider,
        kind=Claim.Kind.CARE,
        state="SUBMITTED",
        author=doctor.user,
        device=doctor.device,
        third_party_payment=third_party_payment,
        received_at=at,
        received_date=at.date(),
        charged_centimes=charged,
    )
    ClaimDocument.objects.create(
        claim=made, document={}, document_hash=f"{number:064d}", signature="signature"
    )
    ClaimLine.objects.create(
        claim=made,
        insured=patient.insured,
        patient=patient,
        provider=doctor.provider,
        position=1,
        kind=ClaimLine.Kind.MEDICINE if medicine else ClaimLine.Kind.ACT,
        act=None if medicine else world.act(),
        medicine=medicine,
        quantity=1,
        charged_centimes=charged,
        care_date=world.TODAY,
    )
    decide(made, reimbursed=reimbursed, at=at, reasons=reasons)
    made.screening = screening_of(made, at=at)
    made.state = state
    made.save()
    WaitingClaim.follow([made.pk], state, at=at)
    return made


def screening_of(claim: Claim, *, at: datetime = NOW) -> Screening:
    """A screening of a claim's first decision that found nothing."""
    return Screening.objects.create(
        claim=claim,
        insured=claim.insured,
        decision_n=1,
        verdict=Screening.Verdict.CLEAN,
        screened_at=at,
    )


def decide(
    made: Claim,
    *,
    reimbursed: int,
    at: datetime = NOW,
    reasons: tuple[str, ...] = ("PRICE_CAPPED",),
) -> Decision:
    """Judge a claim once more; the one step that is kept says that the price is above the tariff."""
    line = made.lines.get()
    n = made.decision_n + 1
    step = Step(
        Rule.RATE,
        "price_capped",
        "principles.amount",
        made.charged_centimes,
        reimbursed,
        Reason.PRICE_CAPPED,
    )
    decision = Decision.objects.create(
        claim=made,
        insured=made.insured,
        n=n,
        outcome="approved",
        needs_review=False,
        charged_centimes=made.charged_centimes,
        reimbursed_centimes=reimbursed,
        insured_share_centimes=made.charged_centimes - reimbursed,
        law_id=0,
        facts="",
        decided_at=at,
        decided_by="system:adjudication",
    )
    LineDecision.objects.create(
        decision=decision,
        position=line.position,
        at=at,
        line=line,
        insured_id=made.insured_id,
        tariff_centimes=made.charged_centimes,
        base_centimes=made.charged_centimes,
        rate_bp=7000,
        reimbursed_centimes=reimbursed,
        insured_share_centimes=made.charged_centimes - reimbursed,
        reasons=list(reasons),
        is_denied=False,
        steps=pack_steps((step,)),
    )
    made.decision_n, made.outcome, made.reimbursed_centimes = n, "approved", reimbursed
    made.save()
    return decision
