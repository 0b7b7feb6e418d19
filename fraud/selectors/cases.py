"""Reads of cases: what they hold, the claims they concern, and the evidence as it was in sight."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum

from claims.models import Claim
from fraud.models import Alarm, Case, CaseItem, Signal
from fraud.selectors import DEAD_STATES


def claims_of_case(case: Case) -> QuerySet[Claim]:
    """The claims named by the alarms and the signals of a case."""
    named = Q(pk__in=Alarm.objects.filter(item__case=case).values("claim"))
    signalled = Q(pk__in=Signal.objects.filter(item__case=case).values("claim"))
    return Claim.objects.filter(named | signalled)


def items_of(case: Case) -> list[CaseItem]:
    """The alarms and signals of a case, oldest first, with the claims they name."""
    rows = CaseItem.objects.filter(case=case).select_related(
        "alarm__claim__sheet",
        "alarm__provider",
        "alarm__other",
        "alarm__member",
        "signal__claim__sheet",
        "signal__claim__provider",
    )
    return sorted(rows, key=lambda item: (day_of(item), str(item.pk)))


def day_of(item: CaseItem) -> date:
    """The day something could first be seen."""
    if item.alarm is not None:
        return item.alarm.day
    assert item.signal is not None  # noqa: S101 (item_is_an_alarm_or_a_signal)
    return item.signal.seen_at.date()


def evidence_of(case: Case) -> list[dict[str, Any]]:
    """What an officer has in sight: rule, version, day and rows of each item, in a steady order."""
    return [
        {
            "rule": seen.rule if isinstance(seen, Alarm) else seen.detector,
            "version": seen.version,
            "day": day_of(item).isoformat(),
            "claim": str(seen.claim_id or ""),
            "evidence": seen.evidence,
        }
        for item in items_of(case)
        for seen in (item.alarm or item.signal,)
        if seen is not None
    ]


def reimbursed_since(case: Case, since: date) -> int:
    """What the fund pays, in centimes, on claims received since a day: of a case's providers, or of
    its members when it has no provider."""
    parties = case.parties.all()
    providers = [each.provider_id for each in parties if each.provider_id]
    members = [each.member_id for each in parties if each.member_id]
    asked = Q(provider__in=providers) if case.kind != Case.Kind.MEMBER else Q(patient__in=members)
    rows = Claim.objects.filter(asked, received_date__gte=since).exclude(state__in=DEAD_STATES)
    return int(rows.aggregate(total=Sum("reimbursed_centimes", default=0))["total"])
