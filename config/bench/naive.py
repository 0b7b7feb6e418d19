"""The naive way: a task and a transaction a claim, an object and a save a row, a look-up when it is needed.

The same engine and the same tables; besides them a row of history a line, as django-simple-history keeps
one of every save. Celery's own cost per task is not counted.
"""

from datetime import date
from typing import Any

from django.db import connection, transaction

from claims.adjudication import adjudicate
from claims.adjudication import facts as known
from claims.adjudication.decision import LineDecision as LineJudgement
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.packing import pack_facts, pack_steps
from claims.models import Claim, ClaimLine, CountedUse, Decision, LineDecision, PriorApproval
from claims.selectors import law
from config.bench import product
from config.bench.product import Done
from config.bench.rows import QUEUE_KEYS, keys_of
from core.models import Transition
from core.periods import Period
from core.record_keys import new_key
from insured.models import Entitlement, LongTermIllness
from prescriptions.models import MedicinePrice
from providers.models import AgreementPeriod

HISTORY = (
    "CREATE TABLE IF NOT EXISTS bench_history (id uuid PRIMARY KEY, line_id uuid NOT NULL,"
    " reimbursed_centimes bigint NOT NULL, changed_at timestamptz NOT NULL, changed_by text NOT NULL)"
)


def settle(town: int, first: int, count: int) -> Done:
    """Settle so many claims of a town one by one, beginning with number `first`."""
    with connection.cursor() as cursor:
        cursor.execute(HISTORY)
    low, high = keys_of(QUEUE_KEYS, town)
    queued = Claim.objects.filter(pk__range=(low, high)).order_by("id").values_list("id", flat=True)
    claim_ids = list(queued[first : first + count])
    started = product.watch()
    for claim_id in claim_ids:
        with transaction.atomic():
            _settle_one(Claim.objects.select_for_update().get(pk=claim_id))
    effort = started.stop()
    return Done(effort, started.at, started.at + effort.seconds, len(claim_ids))


def _settle_one(claim: Claim) -> None:
    lines = list(claim.lines.all())
    facts = _facts(claim, lines)
    judged = adjudicate(facts, law())
    decision = Decision(
        claim=claim,
        insured_id=claim.insured_id,
        n=1,
        outcome=judged.outcome.value,
        needs_review=judged.needs_review,
        charged_centimes=judged.total_charged,
        reimbursed_centimes=judged.total_reimbursed,
        insured_share_centimes=judged.total_insured_share,
        law_id=product.law_key(),
        facts=pack_facts(facts),
        decided_at=product.NOW,
        decided_by=product.ACTOR,
    )
    decision.save(force_insert=True)
    for line, decided in zip(lines, judged.lines, strict=True):
        LineDecision(
            decision=decision,
            position=line.position,
            at=product.NOW,
            line=line,
            insured_id=claim.insured_id,
            tariff_centimes=decided.tariff,
            base_centimes=decided.base,
            rate_bp=decided.rate,
            reimbursed_centimes=decided.reimbursed,
            insured_share_centimes=decided.insured_share,
            reasons=[reason.value for reason in decided.reasons],
            is_denied=decided.denied,
            steps=pack_steps(decided.steps),
        ).save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bench_history VALUES (%s, %s, %s, %s, %s)",
                [new_key(), line.pk, decided.reimbursed, product.NOW, product.ACTOR],
            )
        _use(claim, line, decided)
    _move(claim, judged.outcome.value, judged.total_reimbursed)


def _use(claim: Claim, line: ClaimLine, decided: LineJudgement) -> None:
    used = {
        CountedUse.Kind.CEILING: decided.ceiling and decided.ceiling.reimbursed,
        CountedUse.Kind.FREQUENCY: decided.frequency and 1,
    }
    for kind, amount in used.items():
        if amount and line.act and not decided.denied:
            CountedUse(
                patient=claim.patient,
                claim=claim,
                n=1,
                position=line.position,
                kind=kind,
                insured_id=claim.insured_id,
                name=line.act.ceiling if kind == CountedUse.Kind.CEILING else line.act.frequency,
                care_date=line.care_date,
                amount=amount,
            ).save(force_insert=True)


def _move(claim: Claim, outcome: str, reimbursed: int) -> None:
    claim.decision_n, claim.outcome, claim.reimbursed_centimes = 1, outcome, reimbursed
    claim.state = "DENIED" if outcome == "denied" else "ADJUDICATED"
    claim.save()
    Transition(
        at=product.NOW,
        machine="claim",
        subject_id=claim.pk,
        from_state="SUBMITTED",
        to_state=claim.state,
        actor=product.ACTOR,
    ).save(force_insert=True)


def _facts(claim: Claim, lines: list[ClaimLine]) -> ClaimFacts:
    patient = claim.patient
    rights = list(Entitlement.objects.filter(insured=claim.insured_id).order_by("period"))
    uses = CountedUse.objects.filter(patient=patient).select_related("claim")
    living = [use for use in uses if use.claim.state not in ("DENIED", "CANCELLED")]
    return ClaimFacts(
        received_date=claim.received_date,
        treatment_end_date=claim.treatment_end_date,
        excused=claim.excused,
        patient=known.PatientFacts(
            patient.birth_date,
            known.Relation(patient.relation.lower()),
            patient.student,
            patient.married,
            patient.disabled,
        ),
        scheme=known.Scheme(rights[-1].scheme) if rights else known.Scheme.SALARIED,
        rights=tuple(_period(each.period) for each in rights),
        illnesses=tuple(
            known.IllnessFacts(each.code, each.rate_bp, _period(each.period), each.category)
            for each in LongTermIllness.objects.filter(person=patient)
        ),
        providers=(_provider(claim),),
        prior_approvals=tuple(
            known.PriorApprovalFacts(each.act_code, each.quantity, _period(each.period))
            for each in PriorApproval.objects.filter(patient=patient)
        ),
        paid_before=tuple(
            known.PaidBefore(use.name, use.care_date, use.amount)
            for use in living
            if use.kind == CountedUse.Kind.CEILING
        ),
        used_before=tuple(
            known.UsedBefore(use.name, use.care_date)
            for use in living
            if use.kind == CountedUse.Kind.FREQUENCY
        ),
        lines=tuple(_line(line) for line in lines),
    )


def _period(value: Any) -> Period:
    return Period(value.lower or date.min, value.upper)


def _provider(claim: Claim) -> known.ProviderFacts:
    provider = claim.provider
    agreements = AgreementPeriod.objects.filter(provider=provider)
    periods = tuple(_period(each.period) for each in agreements)
    return known.ProviderFacts(provider.inpe, known.Sector(provider.sector), periods)


def _line(line: ClaimLine) -> known.LineFacts:
    shared = {
        "id": str(line.position),
        "kind": known.LineKind(line.kind),
        "quantity": line.quantity,
        "charged": line.charged_centimes,
        "care_date": line.care_date,
        "provider": line.provider.inpe,
        "illness": line.illness_code or None,
    }
    if line.act is not None:
        act = line.act
        return known.LineFacts(
            **shared,
            act=act.code,
            letter=act.letter or None,
            coefficient=act.coefficient_hundredths,
            flat_tariff=act.flat_tariff_centimes,
            covered=act.covered,
            needs_prior_approval=act.needs_prior_approval,
            ceiling=act.ceiling or None,
            frequency=act.frequency or None,
        )
    price = MedicinePrice.objects.get(medicine=line.medicine_id, period__contains=line.care_date)
    return known.LineFacts(
        **shared,
        ean=line.medicine.ean,
        public_price=price.public_price_centimes,
        base_price=price.base_price_centimes,
        list_rate=price.list_rate_bp,
    )
