"""The circuit breaker: a rule whose holds are overturned too often loses its right to hold by itself."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from claims.models import Claim
from core import audit
from fraud.models import RuleSuspension, Signal
from fraud.rules.precision import loses_hold
from fraud.selectors.rules import desk_on, hold_ends, rules_in_force

log = logging.getLogger(__name__)

BREAKER = "system:breaker"


def watch_rules_of(claim: Claim, *, at: datetime) -> None:
    """Look again at the rules that held a claim a person just released."""
    seen = Signal.objects.filter(claim=claim, is_shadow=False)
    watch_rules(set(seen.values_list("detector", flat=True)), at=at)


def watch_rules(names: Iterable[str], *, at: datetime) -> list[RuleSuspension]:
    """Take the right to hold from the rules overturned too often; return what was taken.

    It goes on flagging; two people give it back with a new version. Told again, it changes nothing.
    """
    day = localdate(at)
    figures = desk_on(day)
    running = {
        each.name: each.version
        for each in rules_in_force(day)
        if each.name in set(names) and each.holds and not each.is_shadow
    }
    ended, overturned = hold_ends(at - timedelta(days=figures["breaker_days"]), running)
    taken = []
    for name, version in running.items():
        if loses_hold(ended[name], overturned[name], figures):
            taken.append(_take(name, version, ended[name], overturned[name], at=at))
    return taken


def _take(name: str, version: int, holds: int, overturned: int, *, at: datetime) -> RuleSuspension:
    suspension, is_new = RuleSuspension.objects.get_or_create(
        rule=name,
        version=version,
        defaults={"holds": holds, "overturned": overturned, "at": at},
    )
    if is_new:
        log.warning("rule %s lost its right to hold: %s of %s overturned", name, overturned, holds)
        audit.record(
            by=BREAKER,
            at=at,
            action="fraud.rule.suspended",
            subject=suspension,
            after={"rule": name, "version": version, "holds": holds, "overturned": overturned},
        )
    return suspension
