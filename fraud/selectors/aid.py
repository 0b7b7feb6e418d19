"""Reads of the ranking aid: what was decided of whom, what each billed before, and what a night made of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from fraud.models import Case, CaseDecision, CaseParty, RankingAid
from fraud.states import CaseState

# By professional, over the days before an instant of theirs. Whatever was decided since of these claims
# changes nothing of what was asked: a refusal or a reversal is the answer, not a sign of it.
BILLED = """
    WITH told AS (
        SELECT k.provider, c.patient_id, c.received_date AS day, c.charged_centimes AS charged,
               c.third_party_payment AS third, c.device_id
        FROM unnest(%s::uuid[], %s::timestamptz[]) AS k (provider, until)
        JOIN claims_claim c ON c.provider_id = k.provider AND c.received_at < k.until
         AND c.received_at >= k.until - make_interval(days => %s) AND c.state <> 'CANCELLED'
    ), days AS (
        SELECT provider, count(*) AS n, sum(charged) AS charged FROM told GROUP BY provider, day
    ), busiest AS (
        SELECT provider, count(*) AS days, max(n) AS n, max(charged) AS charged
        FROM days GROUP BY provider
    )
    SELECT t.provider, sum(t.charged) AS charged, count(*) AS claims,
           count(DISTINCT t.patient_id) AS patients, max(t.charged) AS dearest,
           sum(t.charged) / count(*) AS charged_a_claim,
           sum(t.charged) / count(DISTINCT t.patient_id) AS charged_a_patient,
           1.0 * count(*) / count(DISTINCT t.patient_id) AS claims_a_patient,
           b.days, b.n AS most_claims_a_day, b.charged AS most_charged_a_day,
           1.0 * count(*) FILTER (WHERE t.third) / count(*) AS share_third_party,
           1.0 * count(*) FILTER (WHERE t.device_id IS NULL) / count(*) AS share_paper
    FROM told t JOIN busiest b ON b.provider = t.provider
    GROUP BY t.provider, b.days, b.n, b.charged"""
CHARGED = "charged"


def decided_providers() -> dict[UUID, tuple[datetime, bool]]:
    """Professionals whose case was decided: when their last one was opened, and whether it was fraud.

    A member's case says nothing of those who cared for them.
    """
    parties = CaseParty.objects.filter(
        provider__isnull=False, case__state__in=[CaseState.CONFIRMED, CaseState.UNFOUNDED]
    ).exclude(case__kind=Case.Kind.MEMBER)
    rows = parties.order_by("case__opened_at", "case")
    verdict = str(CaseDecision.Verdict.CONFIRMED)
    return {
        provider: (opened, state == verdict)
        for provider, opened, state in rows.values_list(
            "provider", "case__opened_at", "case__state"
        )
    }


def billed_before(instants: Mapping[UUID, datetime], days: int) -> dict[UUID, dict[str, float]]:
    """What each professional billed in the days before their instant, in one query; money in centimes.

    Those who billed nothing are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(BILLED, [list(instants), list(instants.values()), days])
        names = [column.name for column in cursor.description or ()][1:]
        return {
            key: {name: float(each) for name, each in zip(names, figures, strict=True)}
            for key, *figures in cursor.fetchall()
        }


def last_aid() -> RankingAid | None:
    """What the last night made of the ranking aid, or None before the first."""
    return RankingAid.objects.order_by("-judged_at").first()


def order_of(aid: RankingAid) -> dict[Any, int]:
    """The place each professional has in the aid's order, from 1; empty when it is not kept."""
    return {UUID(key): place for place, key in enumerate(aid.ranking, 1)}
