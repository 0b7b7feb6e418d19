"""Claims filed through the product's own service, for the tests of the controls."""

from datetime import date, datetime
from typing import Any

from claims.intake import ActLine, CareClaimDraft
from claims.models import Claim
from claims.services import submit_claim
from fraud.models import NightRun
from fraud.services import screen_claims
from tests import world


def care_claim(
    doctor: world.Practice | None = None,
    patient: Any = None,
    *,
    at: datetime = world.NOW,
    **fields: Any,
) -> Claim:
    """A consultation of one doctor for one person, submitted and judged."""
    world.act("C")
    doctor, patient = doctor or world.practice(), patient or world.person()
    document = world.care_document(doctor, patient, **fields)
    lines = tuple(
        ActLine(
            position=line["position"],
            act=line["act"],
            quantity=line["quantity"],
            charged_centimes=int(line["charged"].replace(".", "")),
            care_date=date.fromisoformat(line["care_date"]),
            illness=line["illness"],
        )
        for line in document["lines"]
    )
    draft = CareClaimDraft(
        fse_number=document["fse_number"],
        device=document["device"],
        inpe=document["provider"],
        patient=patient.pk,
        third_party_payment=document["third_party_payment"],
        treatment_end_date=None,
        lines=lines,
    )
    return submit_claim(draft=draft, signed=doctor.sign(document), by=doctor.user, at=at).claim


def screened(claim: Claim, *, at: datetime = world.NOW) -> Claim:
    """The claim after the detectors."""
    screen_claims(subject_ids=[claim.pk], at=at)
    return Claim.objects.select_related("sheet", "screening", "provider").get(pk=claim.pk)


def night() -> NightRun:
    """A night that is over, on which alarms can be hung."""
    return NightRun.objects.create(
        scope="FULL",
        state="DONE",
        until=world.TODAY,
        rules={},
        started_at=world.NOW,
        ended_at=world.NOW,
        started_by="system:clock",
    )
