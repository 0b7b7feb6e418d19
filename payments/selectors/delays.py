"""How long claims take from their filing to their payment: read from the claims, stored nowhere else."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Min, QuerySet
from django.db.models.functions import Coalesce, TruncDate, TruncMonth

from claims.models import Claim
from claims.states import ClaimState
from providers.models import Territory


class Percentile(Aggregate):
    """The value that a share of the rows do not exceed: one of the values, never between two."""

    function = "PERCENTILE_DISC"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


class Grouping(StrEnum):
    """What delays are compared by."""

    MONTH = "month"
    REGION = "region"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Delay:
    """Calendar days from filing to payment of the claims of one group, and how many they are.

    Half of them took `median_days` at most, nine in ten `ninetieth_days` at most. `group` is the first
    day of the month of payment, the key of a region or None, or a kind of claim.
    """

    group: Any
    count: int
    median_days: int
    ninetieth_days: int


GROUPS: dict[Grouping, Any] = {
    Grouping.MONTH: TruncMonth("settled_at"),
    Grouping.REGION: Coalesce(
        "provider__territory__parent__parent", "provider__territory__parent", "provider__territory"
    ),
    Grouping.KIND: F("kind"),
}
_DAYS = ExpressionWrapper(
    TruncDate("settled_at") - F("received_date"), output_field=DurationField()
)


def paid_between(first: date, last: date) -> QuerySet[Claim]:
    """Claims paid from one day to another, both included, each with its `delay`."""
    return Claim.objects.filter(
        state=ClaimState.PAID, settled_at__date__gte=first, settled_at__date__lte=last
    ).annotate(delay=_DAYS)


def delays(grouping: Grouping, *, first: date, last: date) -> list[Delay]:
    """Delays of the claims paid in a period, by group in the order of groups: one query."""
    rows = (
        paid_between(first, last)
        .values(group=GROUPS[grouping])
        .annotate(
            count=Count("id"),
            median=Percentile("delay", share="0.5"),
            ninth=Percentile("delay", share="0.9"),
        )
        .order_by("group")
    )
    return [_delay(row) for row in rows]


def delay_of_all(*, first: date, last: date) -> Delay | None:
    """Delay of all the claims paid in a period, or None when none was."""
    row = paid_between(first, last).aggregate(
        count=Count("id"),
        median=Percentile("delay", share="0.5"),
        ninth=Percentile("delay", share="0.9"),
        group=Min("settled_at"),
    )
    return _delay(row) if row["count"] else None


def regions() -> dict[Any, Territory]:
    """Every region, by key."""
    return Territory.objects.filter(kind=Territory.Kind.REGION).in_bulk()


def _delay(row: dict[str, Any]) -> Delay:
    return Delay(row["group"], row["count"], row["median"].days, row["ninth"].days)
