"""Reads of the controls: facts for the detectors, and what the back office shows of a claim."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from accounts.models import User
from claims.models import Claim, ClaimLine, Decision, ProviderDay
from claims.selectors import StoredStep, decision_of, steps_of
from claims.states import PAYABLE_STATES, ClaimState
from core.audit import actor_id
from core.models import AuditEvent, Transition
from core.periods import add_months
from fraud.models import HoldDecision, Signal
from fraud.permissions import can_decide_review, can_end_hold
from fraud.rules.facts import CareFacts, CareKind, ClaimFacts, DayFacts, OtherCareFacts
from prescriptions.models import DispensedItem, Prescription
from prescriptions.selectors import prescription_by_number

MANY = 50
LOOK_BACK_MONTHS = 24
SHOWN_CLAIMS = 8
FILE_READ = "claims.claim.read"
# Work lists of the back office, by the name their address carries.
QUEUES: dict[str, tuple[ClaimState, ...]] = {
    "review": (ClaimState.IN_REVIEW,),
    "held": (ClaimState.HELD,),
    "payable": (ClaimState.APPROVED, ClaimState.PAYMENT_FAILED),
    "paid": (ClaimState.PAID,),
}
# A refused, withdrawn or reversed claim takes no money: it is not the first of two.
DEAD_STATES = (ClaimState.DENIED, ClaimState.CANCELLED, ClaimState.REVERSED)


def gather(claims: Sequence[Claim]) -> dict[UUID, ClaimFacts]:
    """Facts for the detectors, by claim, in 3 queries whatever the length of the list.

    `claims` come with `sheet` and `patient` loaded.
    """
    lines = _lines_by_claim(claims)
    others = _lines_of_others(claims, lines)
    days = _provider_days(lines)
    return {claim.id: _facts(claim, lines[claim.id], others, days) for claim in claims}


def _lines_by_claim(claims: Sequence[Claim]) -> dict[UUID, list[ClaimLine]]:
    found: dict[UUID, list[ClaimLine]] = defaultdict(list)
    rows = ClaimLine.objects.filter(claim__in=claims).select_related("act", "medicine")
    for line in rows.order_by("claim_id", "position"):
        found[line.claim_id].append(line)
    return found


def _lines_of_others(
    claims: Sequence[Claim], lines: dict[UUID, list[ClaimLine]]
) -> dict[tuple[UUID, UUID], list[ClaimLine]]:
    """Lines of live claims of the same persons and providers on the same days, by that pair."""
    care_days = {line.care_date for each in lines.values() for line in each}
    rows = (
        ClaimLine.objects.filter(
            insured__in={claim.insured_id for claim in claims},
            patient__in={claim.patient_id for claim in claims},
            provider__in={claim.provider_id for claim in claims},
            care_date__in=care_days,
        )
        .exclude(claim__state__in=DEAD_STATES)
        .select_related("act", "medicine", "claim__sheet")
        .order_by("claim__received_at", "claim_id", "position")
    )
    found: dict[tuple[UUID, UUID], list[ClaimLine]] = defaultdict(list)
    for line in rows:
        found[line.patient_id, line.provider_id].append(line)
    return found


def _provider_days(lines: dict[UUID, list[ClaimLine]]) -> dict[tuple[UUID, object], int]:
    acts = [line for each in lines.values() for line in each if line.kind == ClaimLine.Kind.ACT]
    rows = ProviderDay.objects.filter(
        provider__in={line.provider_id for line in acts}, day__in={line.care_date for line in acts}
    )
    return {(row.provider_id, row.day): row.minutes for row in rows}


def _facts(
    claim: Claim,
    lines: list[ClaimLine],
    others: dict[tuple[UUID, UUID], list[ClaimLine]],
    days: dict[tuple[UUID, object], int],
) -> ClaimFacts:
    act_days = sorted({line.care_date for line in lines if line.kind == ClaimLine.Kind.ACT})
    return ClaimFacts(
        claim_id=str(claim.id),
        fse_number=claim.sheet.fse_number,
        received_at=claim.received_at,
        death_date=claim.patient.death_date,
        lines=tuple(_care(line) for line in lines),
        others=tuple(
            _other_care(line)
            for line in others[claim.patient_id, claim.provider_id]
            if line.claim_id != claim.id
        ),
        days=tuple(
            DayFacts(day, days[claim.provider_id, day])
            for day in act_days
            if (claim.provider_id, day) in days
        ),
    )


def _code(line: ClaimLine) -> str:
    if line.act is not None:
        return line.act.code
    return line.medicine.ean if line.medicine is not None else ""


def _care(line: ClaimLine) -> CareFacts:
    label = line.act.label if line.act is not None else str(line.medicine)
    return CareFacts(
        position=line.position,
        kind=CareKind(line.kind),
        code=_code(line),
        label=label,
        care_date=line.care_date,
        quantity=line.quantity,
    )


def _other_care(line: ClaimLine) -> OtherCareFacts:
    return OtherCareFacts(
        claim_id=str(line.claim_id),
        fse_number=line.claim.sheet.fse_number,
        received_at=line.claim.received_at,
        is_payable=line.claim.state in PAYABLE_STATES,
        position=line.position,
        kind=CareKind(line.kind),
        code=_code(line),
        care_date=line.care_date,
    )


@dataclass(frozen=True, slots=True)
class QueueSize:
    """How much waits in a work list; money in centimes."""

    count: int
    oldest_at: datetime | None
    amount_centimes: int


def queue_sizes() -> dict[str, QueueSize]:
    """Size, oldest arrival and amount of each work list, in one query."""
    sums = Claim.objects.aggregate(
        **{
            f"{name}_count": Count("id", filter=Q(state__in=states))
            for name, states in QUEUES.items()
        },
        **{
            f"{name}_oldest": Min("received_at", filter=Q(state__in=states))
            for name, states in QUEUES.items()
        },
        **{
            f"{name}_amount": Sum("reimbursed_centimes", filter=Q(state__in=states), default=0)
            for name, states in QUEUES.items()
        },
    )
    return {
        name: QueueSize(sums[f"{name}_count"], sums[f"{name}_oldest"], sums[f"{name}_amount"])
        for name in QUEUES
    }


def signals_of(claim: Claim) -> list[Signal]:
    """Every signal of a claim, the latest decision's first."""
    return list(Signal.objects.filter(claim=claim).order_by("-decision_n", "seen_at", "detector"))


def hold_decisions_of(claim: Claim) -> list[HoldDecision]:
    """How the claim's holds ended, the last one first."""
    return list(HoldDecision.objects.filter(claim=claim).order_by("-decided_at"))


def hold_ran_out(claim: Claim) -> bool:
    """Whether the clock ended the claim's last hold, and nobody has decided since."""
    last = HoldDecision.objects.filter(claim=claim).order_by("-decided_at", "-id").first()
    return last is not None and last.verdict == HoldDecision.Verdict.EXPIRED


def may_review(claim: Claim, user: User) -> bool:
    """Whether a person may decide a claim in review; after a hold, who may end holds."""
    return can_end_hold(user) if hold_ran_out(claim) else can_decide_review(user)


def released_evidence(claims: Sequence[Claim]) -> dict[tuple[UUID, str], list[dict[str, object]]]:
    """Evidence that a person had in sight when they released a claim, by claim and detector."""
    again = [claim for claim in claims if claim.decision_n > 1]
    if not again:
        return {}
    released = HoldDecision.objects.filter(
        claim=OuterRef("claim"),
        verdict=HoldDecision.Verdict.RELEASED,
        decided_at__gte=OuterRef("seen_at"),
    )
    found: dict[tuple[UUID, str], list[dict[str, object]]] = defaultdict(list)
    for signal in Signal.objects.filter(Exists(released), claim__in=again):
        found[signal.claim_id, signal.detector].append(signal.evidence)
    return found


def boxes_beyond(claim: Claim) -> list[dict[str, object]]:
    """Return what a dispensing's claim handed over beyond its prescription, a row a line."""
    handed = DispensedItem.objects.filter(dispensing=claim.dispensing_id, boxes_beyond__gt=0)
    rows = handed.order_by("item__position").values_list(
        "item__position",
        "medicine__ean",
        "boxes_beyond",
        "dispensing__dispensed_on",
        "dispensing__prescription__fse_number",
    )
    return [
        {
            "position": position,
            "code": ean,
            "beyond": beyond,
            "care_date": day.isoformat(),
            "number": number,
        }
        for position, ean, beyond, day, number in rows
    ]


def actor_names(actors: Iterable[str]) -> dict[str, str]:
    """Names of the people behind `user:<key>`; system jobs keep their own name."""
    keys = {actor: actor.removeprefix("user:") for actor in actors if actor.startswith("user:")}
    names = {str(user.pk): user.full_name for user in User.objects.filter(pk__in=keys.values())}
    return {actor: names.get(key, actor) for actor, key in keys.items()}


def audit_trail(asked: str) -> QuerySet[AuditEvent]:
    """Audit events, newest first: all, or those of a person, an action or a subject asked for."""
    events = AuditEvent.objects.order_by("-at", "-id")
    if not asked:
        return events
    if not asked.isprintable():  # no text column holds a NUL
        return events.none()
    people = User.objects.filter(Q(username=asked) | Q(full_name__icontains=asked))
    actors = [actor_id(person) for person in people[:MANY]]
    return events.filter(
        Q(actor__in=actors) | Q(actor=asked) | Q(subject_id=asked) | Q(action__startswith=asked)
    )


def readings_of(claim: Claim) -> list[AuditEvent]:
    """Who opened a claim's file, the last first."""
    return list(
        AuditEvent.objects.filter(subject_id=str(claim.pk), action=FILE_READ).order_by("-at")[:MANY]
    )


def transitions_of(claim: Claim) -> list[Transition]:
    """Every move of a claim, oldest first."""
    return list(Transition.objects.filter(subject_id=claim.pk).order_by("at", "id"))


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything the file page shows of one claim."""

    claim: Claim
    decision: Decision | None
    steps: list[StoredStep]
    prescription: Prescription | None
    previous: list[Claim]
    months: dict[date, int]
    signals: list[Signal]
    holds: list[HoldDecision]
    transitions: list[Transition]
    readings: list[AuditEvent]
    names: dict[str, str]


def case_file(claim_id: UUID) -> CaseFile:
    """The file of one claim; the caller records that it was read."""
    claim = Claim.objects.select_related(
        "sheet", "patient", "insured", "provider", "author", "dispensing"
    ).get(pk=claim_id)
    decision = decision_of(claim)
    moves, readings = transitions_of(claim), readings_of(claim)
    holds = hold_decisions_of(claim)
    actors = {each.actor for each in (*moves, *readings)} | {each.decided_by for each in holds}
    return CaseFile(
        claim=claim,
        decision=decision,
        steps=steps_of(decision) if decision else [],
        prescription=prescription_by_number(claim.sheet.fse_number),
        previous=_previous(claim),
        months=_reimbursed_by_month(claim),
        signals=signals_of(claim),
        holds=holds,
        transitions=moves,
        readings=readings,
        names=actor_names(actors),
    )


def _earlier(claim: Claim) -> QuerySet[Claim]:
    """Claims of the same patient filed in the two years before, not withdrawn."""
    return Claim.objects.filter(
        patient=claim.patient_id,
        received_date__gt=add_months(claim.received_date, -LOOK_BACK_MONTHS),
        received_at__lt=claim.received_at,
    ).exclude(state=ClaimState.CANCELLED)


def _previous(claim: Claim) -> list[Claim]:
    rows = _earlier(claim).select_related("sheet", "provider").order_by("-received_at")
    return list(rows[:SHOWN_CLAIMS])


def _reimbursed_by_month(claim: Claim) -> dict[date, int]:
    rows = (
        _earlier(claim)
        .exclude(state__in=DEAD_STATES)
        .annotate(month=TruncMonth("received_date"))
        .values("month")
        .annotate(centimes=Sum("reimbursed_centimes"))
    )
    return {row["month"]: row["centimes"] for row in rows}
