"""Reads of cases: what they hold, the claims they concern, and the evidence as it was in sight."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils.timezone import localdate

from claims.models import Claim
from fraud.models import Alarm, Case, CaseItem, CaseParty, Signal
from fraud.selectors import DEAD_STATES
from fraud.states import LIVE_CASES


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
    return localdate(item.signal.seen_at)


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


def dead_among(claims: Iterable[str | None]) -> set[str]:
    """Which of these claims, by key, were refused, withdrawn or reversed."""
    asked = {claim for claim in claims if claim}
    rows = Claim.objects.filter(pk__in=asked, state__in=DEAD_STATES) if asked else []
    return {str(claim.pk) for claim in rows}


def reimbursed_since(case: Case, since: date) -> int:
    """What the fund pays, in centimes, on claims received since a day: of a case's providers, or of
    its members when it has no provider."""
    parties = case.parties.all()
    providers = [each.provider_id for each in parties if each.provider_id]
    members = [each.member_id for each in parties if each.member_id]
    asked = Q(provider__in=providers) if case.kind != Case.Kind.MEMBER else Q(patient__in=members)
    rows = Claim.objects.filter(asked, received_date__gte=since).exclude(state__in=DEAD_STATES)
    return int(rows.aggregate(total=Sum("reimbursed_centimes", default=0))["total"])


def links_among(providers: Collection[Any], *, least: int = 1) -> list[tuple[Any, Any, int]]:
    """Pairs of these professionals and the number of members both claimed for, at least `least`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH seen AS (SELECT DISTINCT provider_id, patient_id FROM claims_claim"
            " WHERE provider_id = ANY(%s::uuid[]))"
            " SELECT a.provider_id, b.provider_id, count(*) FROM seen a JOIN seen b"
            " ON b.patient_id = a.patient_id AND b.provider_id > a.provider_id"
            " GROUP BY 1, 2 HAVING count(*) >= %s ORDER BY 3 DESC, 1, 2",
            [[str(key) for key in providers], least],
        )
        return list(cursor.fetchall())


def around(providers: Collection[Any], *, most: int = 12) -> list[Any]:
    """The professionals who share the most members with these, the closest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.provider_id FROM claims_claim c WHERE c.patient_id IN"
            " (SELECT patient_id FROM claims_claim WHERE provider_id = ANY(%s::uuid[]))"
            " AND c.provider_id <> ALL(%s::uuid[])"
            " GROUP BY 1 ORDER BY count(DISTINCT c.patient_id) DESC, 1 LIMIT %s",
            [[str(key) for key in providers], [str(key) for key in providers], most],
        )
        return [row[0] for row in cursor.fetchall()]


def networked_providers() -> list[Any]:
    """The professionals of live couples and rings."""
    rows = CaseParty.objects.filter(
        case__kind__in=[Case.Kind.COUPLE, Case.Kind.RING],
        case__state__in=LIVE_CASES,
        provider__isnull=False,
    )
    return list(rows.values_list("provider", flat=True).distinct().order_by("provider"))


def suspects(since: date, facts: Collection[str]) -> dict[Any, list[Alarm | Signal]]:
    """What was seen of professionals since a day, by professional; of single claims only the facts.

    Shadows are left out.
    """
    found: dict[Any, list[Alarm | Signal]] = defaultdict(list)
    signals = Signal.objects.filter(is_shadow=False, detector__in=facts, seen_at__date__gt=since)
    for signal in signals.exclude(evidence__has_key="failed").select_related("claim"):
        found[signal.claim.provider_id].append(signal)
    wide = ~Q(level=Alarm.Level.CLAIM) | Q(rule__in=facts)
    for alarm in Alarm.objects.filter(wide, is_shadow=False, day__gt=since):
        for key in {alarm.provider_id, alarm.other_id} - {None}:
            found[key].append(alarm)
    return found


def amounts_since(providers: Collection[Any], since: date) -> dict[Any, int]:
    """What the fund pays each professional for claims received since a day, in centimes."""
    rows = Claim.objects.filter(provider__in=providers, received_date__gte=since)
    sums = rows.exclude(state__in=DEAD_STATES).values("provider")
    return {row["provider"]: row["sum"] for row in sums.annotate(sum=Sum("reimbursed_centimes"))}


def live_cases_of(providers: Collection[Any]) -> dict[Any, Case]:
    """The live case each professional is part of, the strongest."""
    rows = CaseParty.objects.filter(provider__in=providers, case__state__in=LIVE_CASES)
    ordered = rows.select_related("case").order_by("case__score_bp")
    return {each.provider_id: each.case for each in ordered}


def live_sizes() -> tuple[int, int, datetime | None]:
    """How many cases are live, what the fund paid their subjects, and since when the oldest waits."""
    live = Case.objects.filter(state__in=LIVE_CASES)
    sums = live.aggregate(
        n=Count("id"), sum=Sum("amount_centimes", default=0), old=Min("opened_at")
    )
    return sums["n"], sums["sum"], sums["old"]
