"""Reading claims, acts and decisions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Role
from claims.adjudication import adjudicate
from claims.adjudication import facts as known
from claims.adjudication.decision import Step, StepValue
from claims.adjudication.facts import ClaimFacts
from claims.adjudication.law import Law
from claims.adjudication.legislation.loader import LEGISLATION, load_law
from claims.adjudication.packing import unpack_facts, unpack_steps
from claims.adjudication.replay import Place
from claims.models import Act, CareSheet, Claim, Decision, LineDecision
from claims.selectors._terms import as_period
from core.periods import Period
from core.pipeline import Question
from core.search import searchable
from core.whole_rows import WholeRow
from prescriptions.models import MedicinePrice
from providers.models import Provider
from providers.selectors import provider_ids_of

SIMILAR_ENOUGH = 0.45
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
    claims = Claim.objects.select_related("sheet", "patient", "provider", "signed")
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


class Paper(NamedTuple):
    """What already bears a number, and the claim that a document of this digest made."""

    sheet: CareSheet | None
    prescription_patient_id: UUID | None
    claim_id: UUID | None


def paper_of(fse_number: str, digest: str) -> Question[Paper]:
    """Ask for the sheet and the prescription of a number, and for the claim of a document."""
    return Question(
        f"SELECT prescription.patient_id, signed.claim_id, {_SHEET.columns}"  # noqa: S608
        " FROM (SELECT %s AS number, %s AS digest) AS sought"
        " LEFT JOIN claims_caresheet sheet ON sheet.fse_number = sought.number"
        " LEFT JOIN prescriptions_prescription prescription"
        " ON prescription.fse_number = sought.number"
        " LEFT JOIN claims_claimdocument signed ON signed.document_hash = sought.digest",
        [fse_number, digest],
        lambda rows: Paper(_SHEET.read(rows[0], 2), rows[0][0], rows[0][1]),
    )


_SHEET = WholeRow(CareSheet, "sheet")


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


@dataclass(frozen=True, slots=True)
class StoredStep:
    """One step of "why this amount", as it was stored: rule, reference and integers."""

    line_position: int
    order: int
    rule: str
    reference: str
    reason: str
    values: dict[str, StepValue]


def decisions_taken(since: datetime, until: datetime | None) -> QuerySet[Decision]:
    """Return the decisions that count, taken in `[since, until)`, in the order of their keys."""
    before = {} if until is None else {"decided_at__lt": until}
    return (
        Decision.objects.filter(n=F("claim__decision_n"), decided_at__gte=since, **before)
        .prefetch_related("lines")
        .order_by("pk")
    )


def places_of_providers(inpes: Iterable[str]) -> dict[str, Place]:
    """Return these providers' region (its code) and speciality, or kind where none is known, by INPE."""
    region = Coalesce(
        "territory__parent__parent__code", "territory__parent__code", "territory__code"
    )
    rows = Provider.objects.filter(inpe__in=inpes).values_list("inpe", "speciality", "kind", region)
    return {inpe: Place(code or "", speciality or kind) for inpe, speciality, kind, code in rows}


def steps_of(decision: Decision) -> list[StoredStep]:
    """Return the steps of a decision, line by line, in the order they were taken."""
    lines = sorted(decision.lines.all(), key=lambda line: line.position)
    return [step for line in lines for step in steps_of_line(line)]


def steps_of_line(line: LineDecision) -> list[StoredStep]:
    """Return the steps stored with one line's decision."""
    return [
        _stored(line.position, order, step)
        for order, step in enumerate(unpack_steps(line.steps), start=1)
    ]


def _stored(position: int, order: int, step: Step) -> StoredStep:
    reason = step.reason.value if step.reason else ""
    return StoredStep(position, order, step.rule.value, step.reference, reason, step.values)


def facts_judged(decision: Decision) -> ClaimFacts:
    """Return the claim exactly as this decision judged it."""
    return unpack_facts(decision.facts)


def law_judged(decision: Decision) -> Law:
    """Return the law this decision applied, as it was then."""
    return Law.from_dict(decision.law.content)


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


def price_on(prices: Sequence[MedicinePrice], day: date) -> MedicinePrice | None:
    """Return the price in force on `day` among the dated prices of one medicine."""
    return next((price for price in prices if as_period(price.period).contains(day)), None)
