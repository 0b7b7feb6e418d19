"""The weeks before the demonstration, and what the fraud desk has to see in them.

Papers of invented practices, filed, screened and decided by the product's own services at the instants
they tell: three months where the story of the day has only today. Nothing is written but by a service.
Six practices of six towns share eight people, which is drawn and proves nothing; one of them bills a
person who died; another one sends
the same consultation again and again. The rest of what the night finds, it finds by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from claims.api.serializers import SignedCareClaimInput, care_claim_draft
from claims.models import Claim
from claims.services import submit_claim
from config.demo import papers
from config.demo.journal import Journal
from config.demo.logins import PAST, software_of
from config.demo.papers import Filed
from core.api.serializers import read
from fraud import services
from fraud.models import RuleVersion
from fraud.rules.thresholds import WEIGHT
from fraud.selectors.rules import bounds_of
from providers.api.documents import signed_document

*RING, REPEATER = (each.login for each in PAST)
SHARED = (
    "P301229",
    "BJ290841",
    "CB240119",
    "U145320",
    "CC310077",
    "I402266",
    "V118804",
    "K330451",
)
# Seen by nobody else: what is shown of this practice is its claims alone.
ALONE = "JC180026"
# The first practices are of general medicine.
GENERAL = 2
AFTER_DEATH = (80, 51, 22)
AGAIN = (8, 7, 6, 5)
TRIAL_DAYS = 40
TRIED = "SAME_CARE_AGAIN"
LESS = 1_000


@dataclass(frozen=True, slots=True)
class Told:
    """A paper, how many days ago it was filed, and what an agent decided of its hold, if any."""

    filed: Filed
    days_ago: int
    verdict: str = ""
    reason: str = ""


def told() -> Iterator[Told]:
    """Everything of the weeks before, the oldest first."""
    for n, days_ago in enumerate(AFTER_DEATH):
        filed = Filed(f"après le décès {n}", RING[0], papers.DECEASED, (("C", 1, "150.00"),))
        yield Told(filed, days_ago, "refuse", "Le registre donne le décès avant le jour du soin.")
    for place, patient in enumerate(SHARED):
        for turn, login in enumerate(RING):
            if turn != place % len(RING):
                act = ("C", 1, "150.00") if turn < GENERAL else ("Cs", 1, "250.00")
                filed = Filed(f"réseau {place}.{turn}", login, patient, (act,))
                yield Told(filed, 3 * turn + 2 + place % 2)
    for n, days_ago in enumerate(AGAIN):
        # The same day of care each time: the care of the first paper, asked again later.
        filed = Filed(
            f"encore {n}", REPEATER, ALONE, (("Cs", 1, "250.00"),), days_ago=1 + AGAIN[0] - days_ago
        )
        released = ("release", "Deux séances le même jour, le cabinet l’a montré.")
        yield Told(filed, days_ago, *(released if n == 1 else ()))


def tell(journal: Journal, *, agent: User, officer: User, now: datetime) -> None:
    """File what was not filed yet, decide what was decided, and put a version of a rule on trial."""
    if not RuleVersion.objects.filter(rule=TRIED).exists():
        services.draft_rule(
            rule=TRIED,
            thresholds={},
            weight_bp=bounds_of(TRIED)[WEIGHT].at(now.date()) - LESS,
            action="HOLD",
            reason="Peser un peu moins, le temps de voir combien de répétitions sont honnêtes.",
            by=officer,
            at=now - timedelta(days=TRIAL_DAYS),
        )
    for each in told():
        _tell(each, journal, agent=agent, now=now)


def _tell(each: Told, journal: Journal, *, agent: User, now: datetime) -> None:
    at = now - timedelta(days=each.days_ago)
    software = software_of(
        each.filed.login, base_url="", at=now - timedelta(days=AFTER_DEATH[0] + 1)
    )
    body = journal.keep(
        f"avant, {each.filed.name}",
        lambda: {
            "body": software.signed(
                papers.care(software, each.filed, today=timezone.localdate(at))
            ),
            "at": at.isoformat(),
        },
    )
    at = datetime.fromisoformat(body["at"])
    user = User.objects.get(username=each.filed.login)
    entry = read(SignedCareClaimInput, body["body"])
    with transaction.atomic():  # screened at its own instant, before a worker could at ours
        claim = submit_claim(
            draft=care_claim_draft(entry["document"]),
            signed=signed_document(body["body"]),
            by=user,
            at=at,
        ).claim
        services.screen_claims(subject_ids=[claim.pk], at=at)
    _decide(each, claim, agent=agent, at=at + timedelta(days=1))


def _decide(each: Told, claim: Claim, *, agent: User, at: datetime) -> None:
    claim.refresh_from_db()
    if each.verdict and claim.state == "HELD":
        decide = services.release_hold if each.verdict == "release" else services.refuse_hold
        decide(claim=claim, reason=each.reason, by=agent, at=at)
