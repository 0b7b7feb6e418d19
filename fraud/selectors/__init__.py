"""Reads of the controls: facts for the detectors, and what the back office shows of a claim."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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

# A patient and who cared for them.
Pair = tuple[UUID, UUID]

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
    days = _provider_days(claims, lines)
    return {
        claim.id: _facts(claim, lines[claim.id], others[claim.patient_id, claim.provider_id], days)
        for claim in claims
    }


# A line as the detectors see it: its code is the act's, or the medicine's EAN.
CARE = ("position", "kind", "act__code", "medicine__ean", "care_date")
KINDS = {kind.value: kind for kind in CareKind}


def _lines_by_claim(claims: Sequence[Claim]) -> dict[UUID, list[CareFacts]]:
    found: dict[UUID, list[CareFacts]] = defaultdict(list)
    rows = ClaimLine.objects.filter(claim__in=claims).order_by("claim_id", "position")
    for claim_id, quantity, position, kind, act, ean, day in rows.values_list(
        "claim_id", "quantity", *CARE
    ):
        found[claim_id].append(CareFacts(position, KINDS[kind], act or ean or "", day, quantity))
    return found


def _lines_of_others(
    claims: Sequence[Claim], lines: Mapping[UUID, Sequence[CareFacts]]
) -> dict[Pair, list[OtherCareFacts]]:
    """Lines of live claims of the same persons and providers on the same days, by that pair.

    Those of the list itself are known: only the others are read.
    """
    by_pair: dict[Pair, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_pair[claim.patient_id, claim.provider_id].append(claim)
    found = _stored_lines(claims, set(by_pair), lines)
    for pair, alike in by_pair.items():
        if len(alike) > 1:
            found[pair] += [_other(claim, line) for claim in alike for line in lines[claim.id]]
            found[pair].sort(key=lambda each: (each.received_at, each.claim_id, each.position))
    return found


def _other(claim: Claim, line: CareFacts) -> OtherCareFacts:
    return OtherCareFacts(
        claim_id=str(claim.id),
        fse_number=claim.sheet.fse_number,
        received_at=claim.received_at,
        is_payable=claim.state in PAYABLE_STATES,
        position=line.position,
        kind=line.kind,
        code=line.code,
        care_date=line.care_date,
    )


def _stored_lines(
    claims: Sequence[Claim], pairs: set[Pair], lines: Mapping[UUID, Sequence[CareFacts]]
) -> dict[Pair, list[OtherCareFacts]]:
    rows = (
        ClaimLine.objects.filter(
            insured__in={claim.insured_id for claim in claims},
            patient__in={patient for patient, _provider in pairs},
            provider__in={provider for _patient, provider in pairs},
            care_date__in={line.care_date for each in lines.values() for line in each},
        )
        .exclude(claim__in=[claim.id for claim in claims])
        .exclude(claim__state__in=DEAD_STATES)
        .order_by("claim__received_at", "claim_id", "position")
        .values_list(
            "patient_id",
            "provider_id",
            "claim_id",
            "claim__sheet__fse_number",
            "claim__received_at",
            "claim__state",
            *CARE,
        )
    )
    found: dict[Pair, list[OtherCareFacts]] = defaultdict(list)
    for patient, provider, claim_id, number, received, state, position, kind, act, ean, day in rows:
        if (patient, provider) not in pairs:
            continue
        found[patient, provider].append(
            OtherCareFacts(
                claim_id=str(claim_id),
                fse_number=number,
                received_at=received,
                is_payable=state in PAYABLE_STATES,
                position=position,
                kind=KINDS[kind],
                code=act or ean or "",
                care_date=day,
            )
        )
    return found


def _provider_days(
    claims: Sequence[Claim], lines: Mapping[UUID, Sequence[CareFacts]]
) -> dict[tuple[UUID, date], int]:
    acts = [(claim.provider_id, day) for claim in claims for day in _act_days(lines[claim.id])]
    rows = ProviderDay.objects.filter(
        provider__in={provider for provider, _day in acts}, day__in={day for _provider, day in acts}
    )
    return {
        (provider, day): minutes
        for provider, day, minutes in rows.values_list("provider_id", "day", "minutes")
    }


def _act_days(lines: Sequence[CareFacts]) -> list[date]:
    return sorted({line.care_date for line in lines if line.kind is CareKind.ACT})


def _facts(
    claim: Claim,
    lines: Sequence[CareFacts],
    others: Sequence[OtherCareFacts],
    days: Mapping[tuple[UUID, date], int],
) -> ClaimFacts:
    claim_id = str(claim.id)
    return ClaimFacts(
        claim_id=claim_id,
        fse_number=claim.sheet.fse_number,
        received_at=claim.received_at,
        death_date=claim.patient.death_date,
        lines=tuple(lines),
        others=tuple(each for each in others if each.claim_id != claim_id),
        days=tuple(
            DayFacts(day, days[claim.provider_id, day])
            for day in _act_days(lines)
            if (claim.provider_id, day) in days
        ),
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
