"""The screening gate before any payment: facts refuse or hold, statistics hold by two families at least.

What the adjudication engine already refuses is not looked for again: a professional with no agreement
(step PROVIDER), acts not billed together (ACCUMULATION), more than a period allows (FREQUENCY); what is
dispensed without a valid prescription never becomes a claim (prescriptions/services).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from claims import services as claims
from claims.models import Claim, Screening
from claims.selectors import law
from claims.states import ClaimState
from core import locks
from core.appending import append
from core.crashpoints import crashpoint
from fraud import selectors
from fraud.models import Signal
from fraud.rules.catalogue import DETECTORS
from fraud.rules.facts import ClaimFacts, Detect, Detector
from fraud.rules.score import ONE, Verdict, verdict
from fraud.selectors.rules import InForce, limits_on, rules_in_force

log = logging.getLogger(__name__)

SCREENING = "system:screening"
REFUSED = _(
    "Refusé par un contrôle automatique : un fait établi par les pièces. Vous pouvez le contester auprès "
    "de votre agence CNSS."
)

Evidence = dict[str, object]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one rule saw on one claim; nothing but its failure when its detector failed."""

    by: InForce
    evidence: Evidence

    @property
    def failed(self) -> bool:
        return "failed" in self.evidence


@transaction.atomic
def screen_claims(*, subject_ids: Sequence[UUID], at: datetime) -> None:
    """Screen judged claims: approve the clean ones, hold or refuse the others with their evidence.

    Subscriber of `claims.claim.adjudicated`. A claim that is no longer judged, or whose decision was
    already screened, is passed over: a message delivered twice changes nothing. Evidence that a person
    has already released is written again, and does not hold again. The rules are read once for all.
    """
    waiting = _lock_waiting(subject_ids)
    if not waiting:
        return
    day = timezone.localdate(at)
    seen = _examine(waiting, _running(rules_in_force(day)))
    screenings = _save_screenings(waiting, seen, at=at)
    crashpoint("approve.before_move")
    standing = _not_yet_released(waiting, seen)
    limits = limits_on(day)
    verdicts = {key: _verdict(found, limits) for key, found in standing.items()}
    clean = [claim for claim in waiting if verdicts[claim.id] not in STOPPING]
    claims.approve_claims(clean, screenings=screenings, by=SCREENING, at=at)
    crashpoint("approve.after_move")
    held = [claim for claim in waiting if verdicts[claim.id] is Verdict.HOLD]
    _hold(held, screenings, standing, at=at)
    for claim in waiting:
        if verdicts[claim.id] is Verdict.REFUSE:
            _refuse(claim, screenings[claim.id], at=at)


STOPPING = frozenset({Verdict.HOLD, Verdict.REFUSE})


@transaction.atomic
def note_double_handovers(*, subject_ids: Sequence[UUID], at: datetime) -> None:
    """Open a case on claims whose boxes were handed over twice with no network; nothing is held.

    Subscriber of `sync.handover.doubled`. Told again, it adds nothing.
    """
    claims_told = Claim.objects.filter(id__in=subject_ids).order_by("id")
    Signal.objects.bulk_create(
        (
            Signal(
                claim=claim,
                insured_id=claim.insured_id,
                decision_n=claim.decision_n,
                detector=Detector.HANDED_OVER_TWICE,
                evidence={"threshold": "0", "rows": selectors.boxes_beyond(claim)},
                seen_at=at,
            )
            for claim in claims_told
        ),
        ignore_conflicts=True,
    )


# What screening reads of a claim: the rest of the row, of its sheet and of its patient stays where it is.
READ = (
    "id",
    "state",
    "decision_n",
    "received_at",
    "insured_id",
    "patient_id",
    "provider_id",
    "sheet__fse_number",
    "patient__death_date",
)


def _lock_waiting(subject_ids: Sequence[UUID]) -> list[Claim]:
    """Claims waiting for their screening, locked; their insured first, as every submission does.

    Two claims of one insured person are so never screened side by side: the second sees the first.
    """
    insured_ids = Claim.objects.filter(id__in=subject_ids).values_list("insured_id", flat=True)
    locks.hold_all(insured_ids)
    screened = Screening.objects.filter(claim=OuterRef("pk"), decision_n=OuterRef("decision_n"))
    return list(
        Claim.objects.select_for_update(of=("self",))
        .filter(~Exists(screened), id__in=subject_ids, state=ClaimState.ADJUDICATED)
        .select_related("sheet", "patient")
        .only(*READ)
        .order_by("id")
    )


def _running(rules: Sequence[InForce]) -> list[tuple[InForce, Detect]]:
    """The rules that look at a claim on its way, each with its detector; those in shadow too."""
    detectors = dict(DETECTORS)
    return [(each, detectors[Detector(each.name)]) for each in rules if each.name in detectors]


def _examine(
    waiting: Sequence[Claim], running: Sequence[tuple[InForce, Detect]]
) -> dict[UUID, list[Seen]]:
    facts = selectors.gather(waiting)
    return {
        claim_id: [
            Seen(rule, evidence)
            for rule, detect in running
            if (evidence := _evidence(rule, detect, each)) is not None
        ]
        for claim_id, each in facts.items()
    }


def _evidence(rule: InForce, detect: Detect, facts: ClaimFacts) -> Evidence | None:
    """What the detector saw. One that fails is itself a signal: a person looks, the others run."""
    try:
        finding = detect(facts)
    except Exception as error:
        log.exception("detector %s failed on claim %s", rule.name, facts.claim_id)
        return {"failed": type(error).__name__}
    if finding is None:
        return None
    return {"threshold": finding.threshold, "rows": list(finding.rows)}


def _verdict(standing: Sequence[Seen], limits: dict[str, int]) -> Verdict:
    """What the evidence leads to; a control that could not run sends the claim to a person."""
    told = verdict([each.by.mark(ONE) for each in standing if not each.failed], limits)
    if told is not Verdict.REFUSE and any(each.failed for each in standing):
        return Verdict.HOLD
    return told


def _not_yet_released(
    waiting: Sequence[Claim], seen: dict[UUID, list[Seen]]
) -> dict[UUID, list[Seen]]:
    """What is left to act on: one new row of evidence is enough, an old one or a shadow's is not."""
    released = selectors.released_evidence(waiting)
    return {
        claim_id: [
            each
            for each in found
            if not each.by.is_shadow
            and not _is_known(each.evidence, released.get((claim_id, each.by.name), []))
        ]
        for claim_id, found in seen.items()
    }


def _is_known(evidence: Evidence, released: Sequence[Evidence]) -> bool:
    """Whether a person had all of this evidence in sight. A failed detector showed nothing."""
    rows = evidence.get("rows")
    known = [row for each in released for row in cast(list[object], each.get("rows", []))]
    return isinstance(rows, list) and all(row in known for row in rows)


def _save_screenings(
    waiting: Sequence[Claim], seen: dict[UUID, list[Seen]], *, at: datetime
) -> dict[UUID, Screening]:
    verdicts = Screening.Verdict
    rows = [
        Screening(
            claim=claim,
            insured_id=claim.insured_id,
            decision_n=claim.decision_n,
            verdict=verdicts.SIGNALLED if _is_seen(seen[claim.id]) else verdicts.CLEAN,
            screened_at=at,
        )
        for claim in waiting
    ]
    append(*rows)
    Signal.objects.bulk_create(
        Signal(
            claim=claim,
            insured_id=claim.insured_id,
            decision_n=claim.decision_n,
            detector=each.by.name,
            version=each.by.version,
            is_shadow=each.by.is_shadow,
            strength_bp=0 if each.failed else ONE,
            evidence=each.evidence,
            seen_at=at,
        )
        for claim in waiting
        for each in seen[claim.id]
    )
    return {row.claim_id: row for row in rows}


def _is_seen(found: Sequence[Seen]) -> bool:
    return any(not each.by.is_shadow for each in found)


def _hold(
    held: Sequence[Claim],
    screenings: Mapping[UUID, Screening],
    standing: Mapping[UUID, Sequence[Seen]],
    *,
    at: datetime,
) -> None:
    """Hold claims for a limited time; the reason names the rules that saw something."""
    if not held:
        return
    claims.hold_claims(
        held,
        screenings=screenings,
        reasons={
            claim.id: ", ".join(each.by.name for each in standing[claim.id]) for claim in held
        },
        until=at + timedelta(days=law().at(timezone.localdate(at)).delay("hold_max_days")),
        by=SCREENING,
        at=at,
    )


def _refuse(claim: Claim, screening: Screening, *, at: datetime) -> None:
    """Refuse a claim where a fact of a refusing rule is proved: rare, so one by one, each audited."""
    with translation.override("fr"):
        said = str(REFUSED)
    claims.refuse_screened(claim, screening=screening, reason=said, by=SCREENING, at=at)
