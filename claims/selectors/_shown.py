"""Reading amounts that were shown without network."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import F

from claims.adjudication.as_shown import Known
from claims.adjudication.facts import PaidBefore, UsedBefore
from claims.models import Claim, CountedUse, Decision, ShownAmount
from claims.selectors._facts import WITHOUT_EFFECT
from claims.selectors._reading import facts_judged, law_judged
from core.record_keys import TextKey


def honoured_of(claim_ids: Sequence[TextKey]) -> dict[TextKey, Known]:
    """Return the facts and the law of claims paid as shown, by claim: those of their first decision."""
    honoured = ShownAmount.objects.filter(claim_id__in=claim_ids, is_honoured=True)
    first = Decision.objects.filter(claim_id__in=honoured.values("claim_id"), n=1)
    return {
        str(decision.claim_id): Known(facts_judged(decision), law_judged(decision))
        for decision in first.select_related("law")
    }


def shown_of(claim: Claim) -> list[ShownAmount]:
    """Return the lines of a claim that were shown otherwise than today's facts gave, in their order."""
    return list(ShownAmount.objects.filter(claim=claim).order_by("position"))


def uses_by(*, patient_id: UUID, provider_id: UUID) -> list[PaidBefore | UsedBefore]:
    """Return what a provider's own claims count of a patient's ceilings and frequencies."""
    rows = (
        CountedUse.objects.filter(
            patient_id=patient_id, claim__provider_id=provider_id, n=F("claim__decision_n")
        )
        .exclude(kind=CountedUse.Kind.APPROVAL)
        .exclude(claim__state__in=WITHOUT_EFFECT)
    )
    return [
        PaidBefore(row.name, row.care_date, row.amount)
        if row.kind == CountedUse.Kind.CEILING
        else UsedBefore(row.name, row.care_date)
        for row in rows
    ]
