"""Reading claims, acts, and everything a judgement needs: facts for a list of claims."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Role
from claims.adjudication import adjudicate
from claims.adjudication import facts as known
from claims.adjudication.exchange import facts_from_case
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.law import Law
from claims.adjudication.legislation.loader import LEGISLATION, load_law
from claims.adjudication.replay import Place
from claims.models import (
    Act,
    ApprovalUse,
    CareSheet,
    Claim,
    ClaimLine,
    Decision,
    DecisionStep,
    LineDecision,
    PriorApproval,
)
from claims.states import ClaimState
from core.periods import Period
from core.search import searchable
from insured.models import Entitlement, LongTermIllness
from insured.selectors import entitlements_of, illnesses_of
from prescriptions.models import MedicinePrice
from prescriptions.selectors import prices_of
from providers.models import AgreementPeriod, Provider
from providers.selectors import provider_ids_of

SIMILAR_ENOUGH = 0.45
# A claim whose decision used something up keeps its use unless it was refused, withdrawn or reversed.
WITHOUT_EFFECT = (ClaimState.DENIED, ClaimState.CANCELLED, ClaimState.REVERSED)
READING_ROLES = (
    Role.AGENT,
    Role.MEDICAL_OFFICER,
    Role.PAYMENT_OFFICER,
    Role.FRAUD_OFFICER,
    Role.AUDITOR,
)


def law() -> Law:
    """Return the law in force, loaded once per process; LAW_DIR may name another folder."""
    return load_law(law_folder())


def law_folder() -> Path:
    """Return the folder the law in force is read from."""
    return Path(settings.LAW_DIR) if settings.LAW_DIR else LEGISLATION


def claims_visible_to(viewer: Any, *, on: date) -> QuerySet[Claim]:
    """Return the claims a person may read: their practice's, their family's, or all for CNSS roles."""
    claims = Claim.objects.select_related("sheet", "patient", "provider")
    if viewer.role in READING_ROLES:
        return claims
    if viewer.role == Role.INSURED:
        return claims.filter(insured__user=viewer)
    if viewer.gives_care:
        return claims.filter(provider__in=provider_ids_of(viewer, on))
    return claims.none()


def acts_on(day: date) -> QuerySet[Act]:
    """Return the versions of acts in force on `day`."""
    return Act.objects.filter(period__contains=day)


def search_acts(query: str, *, day: date, limit: int = 20) -> list[Act]:
    """Return billable acts by code or label, exact code first; accents and small errors are forgiven."""
    words = searchable(query)
    if not words:
        return []
    billable = Q(flat_tariff_centimes__isnull=False) | (
        ~Q(letter="") & Q(coefficient_hundredths__isnull=False)
    )
    acts = acts_on(day).filter(billable)
    exact = list(acts.filter(code__iexact=query.strip()))
    likely = (
        acts.annotate(likeness=TrigramWordSimilarity(words, "search_text"))
        .filter(Q(search_text__contains=words) | Q(likeness__gte=SIMILAR_ENOUGH))
        .exclude(pk__in=[act.pk for act in exact])
        .order_by("-likeness", "code")
    )
    return [*exact, *likely[: limit - len(exact)]]


def unmapped_acts() -> QuerySet[Act]:
    """Return imported acts that wait for a key letter or a coefficient: not billable."""
    return Act.objects.filter(
        Q(flat_tariff_centimes__isnull=True)
        & (Q(letter="") | Q(coefficient_hundredths__isnull=True)),
        period__endswith__isnull=True,
    ).order_by("code")


def patient_id_of_sheet(fse_number: str) -> Any:
    """Return the key of the patient whose sheet bears a number, or None."""
    sheets = CareSheet.objects.filter(fse_number=fse_number)
    return sheets.values_list("patient_id", flat=True).first()


def decision_of(claim: Claim) -> Decision | None:
    """Return the current decision of a claim, with its lines."""
    return (
        Decision.objects.filter(claim=claim, n=claim.decision_n)
        .prefetch_related("lines__line__act", "lines__line__medicine")
        .first()
    )


def decision_by_claim(wanted: dict[str, object], *, n: int | None = None) -> list[Decision]:
    """Return the decisions number `n` (the current ones by default) of the claims `wanted`."""
    number = Q(n=n) if n is not None else Q(n=F("claim__decision_n"))
    return list(
        Decision.objects.filter(number, **wanted)
        .prefetch_related("lines__line")
        .order_by("claim__received_at", "claim_id")
    )


def decisions_taken(since: datetime, until: datetime | None) -> QuerySet[Decision]:
    """Return the decisions that count, taken in `[since, until)`, in the order of their keys."""
    before = {} if until is None else {"decided_at__lt": until}
    return (
        Decision.objects.filter(n=F("claim__decision_n"), decided_at__gte=since, **before)
        .prefetch_related("lines__line")
        .order_by("pk")
    )


def facts_judged(decision: Decision) -> ClaimFacts:
    """Return the facts a decision rests on, exactly as they were judged."""
    return facts_from_case(decision.case, law())


def steps_of(decision: Decision) -> list[DecisionStep]:
    """Return the steps of a decision, line by line, in the order they were taken."""
    steps = DecisionStep.objects.filter(decision_id=decision.pk, at=decision.decided_at)
    return list(steps.order_by("line_position", "order"))


def places_of_providers(inpes: Iterable[str]) -> dict[str, Place]:
    """Return these providers' region (its code) and speciality, or kind where none is known, by INPE."""
    region = Coalesce(
        "territory__parent__parent__code", "territory__parent__code", "territory__code"
    )
    rows = Provider.objects.filter(inpe__in=inpes).values_list("inpe", "speciality", "kind", region)
    return {inpe: Place(code or "", speciality or kind) for inpe, speciality, kind, code in rows}


def tariff_on(act: Act, *, sector: str, day: date) -> int | None:
    """Return what one act is worth in a sector on a day, in centimes, or None without a tariff.

    The engine answers: a line that nothing but its tariff can refuse.
    """
    always = Period(date.min, None)
    facts = ClaimFacts(
        received_date=day,
        patient=known.PatientFacts(date.min, known.Relation.SELF),
        scheme=known.Scheme.SALARIED,
        rights=(always,),
        providers=(known.ProviderFacts("-", known.Sector(sector), (always,)),),
        lines=(
            known.LineFacts(
                id="1",
                kind=known.LineKind.ACT,
                quantity=1,
                charged=1,
                care_date=day,
                provider="-",
                act=act.code,
                letter=act.letter or None,
                coefficient=act.coefficient_hundredths,
                flat_tariff=act.flat_tariff_centimes,
            ),
        ),
    )
    (line,) = adjudicate(facts, law()).lines
    return None if line.denied else line.tariff


@dataclass(slots=True)
class Bundle:
    """A claim and its lines, saved or not: what facts are gathered for."""

    claim: Claim
    lines: list[ClaimLine]


def bundles_of(claims: Sequence[Claim]) -> list[Bundle]:
    """Return saved claims with their lines, patients, insured and providers: two queries."""
    keys = [claim.pk for claim in claims]
    full = Claim.objects.select_related("patient", "insured", "provider").in_bulk(keys)
    lines = (
        ClaimLine.objects.filter(claim_id__in=keys)
        .select_related("act", "medicine", "provider")
        .order_by("claim_id", "position")
    )
    by_claim: dict[Any, list[ClaimLine]] = {}
    for line in lines:
        by_claim.setdefault(line.claim_id, []).append(line)
    return [Bundle(full[key], by_claim.get(key, [])) for key in keys]


@dataclass(slots=True)
class _Surroundings:
    """Rows that bear on a list of claims, by the key they are looked up with."""

    rights: dict[Any, list[Entitlement]] = field(default_factory=dict)
    illnesses: dict[Any, list[LongTermIllness]] = field(default_factory=dict)
    agreements: dict[Any, list[AgreementPeriod]] = field(default_factory=dict)
    prices: dict[Any, list[MedicinePrice]] = field(default_factory=dict)
    approvals: dict[Any, list[PriorApproval]] = field(default_factory=dict)
    history: dict[Any, list[LineDecision]] = field(default_factory=dict)


def gather(bundles: Sequence[Bundle]) -> list[ClaimFacts]:
    """Return the facts of each claim, in order: at most seven queries whatever the number of claims."""
    around = _surroundings(bundles)
    return [_facts(bundle, around) for bundle in bundles]


def _surroundings(bundles: Sequence[Bundle]) -> _Surroundings:
    insured = {bundle.claim.insured_id for bundle in bundles}
    patients = {bundle.claim.patient_id for bundle in bundles}
    lines = [line for bundle in bundles for line in bundle.lines]
    providers = {line.provider_id for line in lines}
    around = _Surroundings(
        rights=_by(entitlements_of(list(insured)), "insured_id"),
        illnesses=_by(illnesses_of(list(patients)), "person_id"),
        agreements=_by(
            AgreementPeriod.objects.filter(provider_id__in=providers).order_by("period"),
            "provider_id",
        ),
        prices=prices_of(line.medicine_id for line in lines if line.medicine_id),
    )
    if any(line.act and line.act.needs_prior_approval for line in lines):
        around.approvals = _by(_approvals(patients), "patient_id")
    if any(line.act and (line.act.ceiling or line.act.frequency) for line in lines):
        around.history = _by(_history(insured), "patient_id")
    return around


def _approvals(patients: Iterable[Any]) -> QuerySet[PriorApproval]:
    """Return approvals, each with `counted`: the uses of the current decisions of living claims."""
    counted = (
        ApprovalUse.objects.filter(decision__n=F("decision__claim__decision_n"))
        .exclude(decision__claim__state__in=WITHOUT_EFFECT)
        .select_related("decision")
    )
    return (
        PriorApproval.objects.filter(patient_id__in=patients)
        .prefetch_related(Prefetch("uses", queryset=counted, to_attr="counted"))
        .order_by("granted_at", "id")
    )


def _history(insured: Iterable[Any]) -> QuerySet[LineDecision]:
    """Return current line decisions under a ceiling or a frequency, of every claim of these people."""
    return (
        LineDecision.objects.filter(~Q(ceiling="") | ~Q(frequency=""), insured_id__in=insured)
        .filter(is_denied=False, decision__n=F("line__claim__decision_n"))
        .exclude(line__claim__state__in=WITHOUT_EFFECT)
        .annotate(patient_id=F("line__patient_id"), claim_id=F("line__claim_id"))
        .order_by("care_date", "id")
    )


def _facts(bundle: Bundle, around: _Surroundings) -> ClaimFacts:
    claim, patient = bundle.claim, bundle.claim.patient
    rights = around.rights.get(claim.insured_id, [])
    first_day = min(line.care_date for line in bundle.lines)
    history = [row for row in around.history.get(claim.patient_id, []) if row.claim_id != claim.pk]
    providers = {line.provider.inpe: line.provider for line in bundle.lines}
    return ClaimFacts(
        received_date=claim.received_date,
        treatment_end_date=claim.treatment_end_date,
        excused=claim.excused,
        patient=known.PatientFacts(
            birth_date=patient.birth_date,
            relation=known.Relation(patient.relation.lower()),
            student=patient.student,
            married=patient.married,
            disabled=patient.disabled,
        ),
        scheme=_scheme(rights, first_day),
        rights=tuple(_period(row.period) for row in rights),
        illnesses=tuple(
            known.IllnessFacts(
                code=row.code, rate=row.rate_bp, valid=_period(row.period), category=row.category
            )
            for row in around.illnesses.get(claim.patient_id, [])
        ),
        providers=tuple(
            known.ProviderFacts(
                id=inpe,
                sector=known.Sector(provider.sector),
                agreements=tuple(
                    _period(row.period) for row in around.agreements.get(provider.pk, [])
                ),
            )
            for inpe, provider in providers.items()
        ),
        prior_approvals=tuple(_approval_facts(bundle, around)),
        paid_before=tuple(
            known.PaidBefore(row.ceiling, row.care_date, row.reimbursed_centimes)
            for row in history
            if row.ceiling and row.reimbursed_centimes
        ),
        used_before=tuple(
            known.UsedBefore(row.frequency, row.care_date) for row in history if row.frequency
        ),
        lines=tuple(_line_facts(line, around) for line in bundle.lines),
    )


def _scheme(rights: Sequence[Entitlement], day: date) -> known.Scheme:
    """Return the scheme open on the first care day; with closed rights it changes nothing."""
    for row in rights:
        if _period(row.period).contains(day):
            return known.Scheme(row.scheme)
    return known.Scheme(rights[-1].scheme) if rights else known.Scheme.SALARIED


def _approval_facts(bundle: Bundle, around: _Surroundings) -> Iterable[known.PriorApprovalFacts]:
    """What other claims left of each approval: a claim judged again still has what it took itself."""
    for row in around.approvals.get(bundle.claim.patient_id, []):
        taken = (
            use.quantity
            for use in row.counted  # type: ignore[attr-defined]
            if use.decision.claim_id != bundle.claim.pk
        )
        left = row.quantity - sum(taken)
        if left > 0:
            yield known.PriorApprovalFacts(row.act_code, left, _period(row.period), str(row.pk))


def _line_facts(line: ClaimLine, around: _Surroundings) -> known.LineFacts:
    shared: dict[str, Any] = {
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
    price = price_on(around.prices.get(line.medicine_id, []), line.care_date)
    assert price is not None  # noqa: S101 (intake refused it)
    assert line.medicine is not None  # noqa: S101 (a database constraint says so)
    return known.LineFacts(
        **shared,
        ean=line.medicine.ean,
        public_price=price.public_price_centimes,
        base_price=price.base_price_centimes,
        list_rate=price.list_rate_bp,
    )


def price_on(prices: Sequence[MedicinePrice], day: date) -> MedicinePrice | None:
    """Return the price in force on `day` among the dated prices of one medicine."""
    return next((price for price in prices if _period(price.period).contains(day)), None)


def _period(value: Any) -> Period:
    """Return a Postgres daterange as the engine's period."""
    return Period(value.lower or date.min, value.upper)


def _by(rows: Iterable[Any], name: str) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found
