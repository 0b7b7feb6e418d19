"""Why a claim filed late is judged as if it were in time: an outage declared in its provider's zone."""

from collections.abc import Sequence
from datetime import date

from claims.adjudication.law import Law, NoLawInForce
from claims.adjudication.rules.filing import filing_limit
from claims.models import Claim, ClaimLine
from claims.selectors._reading import law
from providers.selectors import extended_limit


def excuse_of(claim: Claim, lines: Sequence[ClaimLine]) -> str:
    """Return the number of the outage that excuses a claim, or nothing: it is in time, or late indeed.

    The database is asked about late claims only.
    """
    first = min(line.care_date for line in lines)
    limit = _limit(law(), first, claim.treatment_end_date)
    if limit is None or claim.received_date <= limit:
        return ""
    grace = law().at(claim.received_date).delay("outage_grace_days")
    moved = extended_limit(limit, territory_ids=[claim.provider.territory_id], grace_days=grace)
    return moved.outage if moved.holds(claim.received_date) else ""


def _limit(in_force: Law, first: date, treatment_end: date | None) -> date | None:
    """The last day to file, or None on a day the law has no value for: the claim will wait."""
    try:
        return filing_limit(in_force.at(first), first, treatment_end)[0]
    except NoLawInForce:
        return None
