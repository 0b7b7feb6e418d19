"""Checking the safety of a treatment, and keeping what was shown and what was answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from accounts.services import ReasonMissing
from core import audit
from core.appending import append
from core.errors import DomainError, refuse_all
from insured.models import Person
from prescriptions.gateways import shipped_thesaurus
from prescriptions.intake import Substance
from prescriptions.models import SafetyAlert, SafetyDemotion
from prescriptions.permissions import REVIEWING_ROLES
from prescriptions.rules.safety import (
    Alert,
    Allergy,
    Case,
    NotChecked,
    Patient,
    Product,
    Severity,
    Treatment,
    check,
    settings_on,
)
from prescriptions.rules.safety.alerts import RANK, Level
from prescriptions.selectors import safety
from prescriptions.selectors.safety import Justified, Known
from prescriptions.services._refusals import MedicineUnknown, PatientUnknown
from providers.models import Provider

_LOWER = {Severity.CRITICAL: Severity.MODERATE, Severity.MODERATE: Severity.INFORMATION}
_COUNTED = (Severity.CRITICAL, Severity.MODERATE)
_HUNDRED = 100


class OverrideWithoutReason(DomainError):
    """An alert is overridden with a coded reason; « other » says it in words."""

    code = "OVERRIDE_WITHOUT_REASON"
    status = 422
    message = _(
        "Choisissez un motif pour passer outre cette alerte, et écrivez-le si c’est « autre ». "
        "Rien n’a été enregistré."
    )


class DemotionDecided(DomainError):
    """Somebody already reviewed this alert."""

    code = "DEMOTION_DECIDED"
    message = _("Cette alerte a déjà été revue. Rien n’a été modifié.")


class NotAReviewer(DomainError):
    """What a clinical alert is worth is judged by a doctor."""

    code = "NOT_A_REVIEWER"
    status = 403
    message = _("Seul un médecin-conseil revoit une alerte. Rien n’a été modifié.")


@dataclass(frozen=True, slots=True)
class TakenLine:
    """One line to check: a presentation, or a substance; `dose` is of a day, in units of the form."""

    position: int
    ean: str
    inn: Substance | None
    dose: Fraction | None
    days: int


@dataclass(frozen=True, slots=True)
class SafetyQuestion:
    """What a professional is about to prescribe or hand over to a patient."""

    provider: Provider
    patient_id: UUID
    moment: SafetyAlert.Moment
    lines: tuple[TakenLine, ...]
    fse_number: str = ""


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """An alert as it is shown here: one step lower when demoted, quiet when already justified."""

    alert: Alert
    severity: Severity
    justified: Justified | None
    demoted: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to a question of safety."""

    alerts: tuple[ToldAlert, ...]
    not_checked: tuple[NotChecked, ...]


def check_safety(*, question: SafetyQuestion, by: Any, at: datetime) -> Told:
    """Check a treatment against itself, what still runs and the patient; keep what was shown.

    Raises PatientUnknown, EntriesRefused (a medicine that the list does not know).
    """
    day = localdate(at)
    settings = settings_on(day)
    known = safety.known_of(
        patient_id=question.patient_id,
        provider_id=question.provider.pk,
        moment=question.moment,
        fse_number=question.fse_number,
        at=at,
        repeat_days=settings.repeat_days,
    )
    if known.care is None:
        raise PatientUnknown(pointer="/patient")
    products = safety.products(known.versions)
    case = Case(
        day=day,
        new=treatments(question.lines, products, day),
        patient=_patient(known),
        history=tuple(_running(row, products) for row in known.history),
        history_is_open=known.care.shares_history is True,
    )
    report = check(case, safety.thesaurus(known.versions) or shipped_thesaurus())
    told = Told(tuple(_told(alert, known) for alert in report.alerts), report.not_checked)
    new = (each for each in told.alerts if each.alert.key not in known.shown)
    _keep_shown(new, question, known.care.insured_id, by, at)
    return told


def treatments(
    lines: Iterable[TakenLine], products: Mapping[str, Product], day: date
) -> tuple[Treatment, ...]:
    """Return the lines as treatments from `day`. Raises EntriesRefused (MedicineUnknown)."""
    errors: list[DomainError] = []
    found = []
    for index, line in enumerate(lines):
        product = _of_inn(line.inn) if line.inn else products.get(line.ean)
        if product is None:
            errors.append(MedicineUnknown(pointer=f"/lines/{index}/ean", ean=line.ean))
            continue
        ends = day + timedelta(days=line.days)
        found.append(Treatment(product, day, ends, line.dose, line.position))
    refuse_all(errors)
    return tuple(found)


def _of_inn(inn: Substance) -> Product:
    return Product("", inn.name, inn.name, inn.form, inn.strength, inn.unit)


def _running(row: tuple[Any, ...], products: Mapping[str, Product]) -> Treatment:
    ean, inn, form, strength, unit, starts, days, *doses, prescriber = row
    product = products.get(ean) or Product("", inn, inn, form, strength, unit)
    per_day = sum((Fraction(dose) for dose in doses), Fraction(0))
    ends = starts + timedelta(days=days)
    return Treatment(product, starts, ends, per_day, prescriber=prescriber)


def _patient(known: Known) -> Patient:
    care = known.care
    assert care is not None  # noqa: S101 (refused above)
    allergies = None
    if care.allergies is not None:
        allergies = tuple(Allergy(inn, atc) for inn, atc in care.allergies)
    return Patient(
        birth_date=care.birth_date,
        sex=care.sex,
        pregnant=care.pregnant,
        breast_feeding=care.breast_feeding,
        allergies=allergies,
        illnesses=care.illnesses,
    )


def _told(alert: Alert, known: Known) -> ToldAlert:
    justified = known.justified.get(alert.key)
    if justified is not None and _rank(justified.level) < _rank(_worst(alert)):
        justified = None  # what was justified was less grave
    demoted = alert.key in known.demoted
    severity = _LOWER.get(alert.severity, alert.severity) if demoted else alert.severity
    if justified is not None:
        severity = Severity.INFORMATION
    return ToldAlert(alert, severity, justified, demoted)


def _worst(alert: Alert) -> Level:
    return alert.applies or alert.level


def _rank(level: str) -> int:
    """How grave a stored level is; 0 for a conditional one, or one that nobody stored."""
    return {str(each): rank for each, rank in RANK.items()}.get(level, 0)


def _keep_shown(
    alerts: Iterable[ToldAlert], question: SafetyQuestion, insured_id: UUID, by: Any, at: datetime
) -> None:
    """Keep each alert that took somebody's attention, once a day and a practice."""
    day = localdate(at)
    shown = (
        SafetyAlert(
            insured_id=insured_id,
            patient_id=question.patient_id,
            provider_id=question.provider.pk,
            author_id=by.pk,
            moment=question.moment.value,
            key=each.alert.key,
            kind=each.alert.kind.value,
            level=_worst(each.alert).value,
            severity=each.severity.value,
            shown_on=day,
            shown_at=at,
        )
        for each in alerts
        if each.severity in _COUNTED
    )
    append(*shown, unless_there=True)


@dataclass(frozen=True, slots=True)
class AlertAnswer:
    """What was answered to an alert; a reason when it was overridden."""

    key: str
    answer: SafetyAlert.Answer
    reason: str = ""
    note: str = ""


def answer_alerts(
    *,
    provider: Provider,
    patient: Person,
    moment: SafetyAlert.Moment,
    answers: Iterable[AlertAnswer],
    fse_number: str = "",
    by: Any,
    at: datetime,
) -> list[SafetyAlert]:
    """Keep the answers to alerts, shown here or on a device without network; the last answer counts.

    An alert overridden too often by too many is demoted on the way. Raises EntriesRefused
    (OverrideWithoutReason).
    """
    given = list(answers)
    refuse_all(unjustified(given, "/answers"))
    kept = []
    with transaction.atomic():
        for each in given:
            alert, _made = SafetyAlert.objects.get_or_create(
                patient=patient,
                provider=provider,
                moment=moment,
                key=each.key,
                shown_on=localdate(at),
                defaults={
                    "insured_id": patient.insured_id,
                    "author": by,
                    "kind": each.key.partition(":")[0][:20],
                    "shown_at": at,
                },
            )
            alert.author, alert.answer, alert.answered_at = by, each.answer, at
            alert.reason, alert.note, alert.fse_number = each.reason, each.note, fse_number
            alert.save()
            kept.append(alert)
        for key in {each.key for each in given if each.answer == SafetyAlert.Answer.OVERRIDDEN}:
            _demote_if_overridden_too_often(key, at)
    return kept


def unjustified(answers: Iterable[AlertAnswer], pointer: str) -> list[DomainError]:
    """Return a refusal for each override without a coded reason, or « other » without words."""
    return [
        OverrideWithoutReason(pointer=f"{pointer}/{index}/reason")
        for index, each in enumerate(answers)
        if not _is_justified(each)
    ]


def _is_justified(answer: AlertAnswer) -> bool:
    if answer.answer != SafetyAlert.Answer.OVERRIDDEN:
        return True
    if answer.reason not in SafetyAlert.Reason.values:
        return False
    return answer.reason != SafetyAlert.Reason.OTHER or bool(answer.note.strip())


def _demote_if_overridden_too_often(key: str, at: datetime) -> None:
    settings = settings_on(localdate(at))
    since = at - timedelta(days=settings.demotion_days)
    restored = (
        SafetyDemotion.objects.filter(key=key, decision=SafetyDemotion.Decision.RESTORED)
        .order_by("-decided_at")
        .first()
    )
    if restored is not None and restored.decided_at is not None:
        since = max(since, restored.decided_at)  # who restored it wants it seen again
    counted = safety.answers_of(key, since=since)
    if (
        counted.answered < settings.demotion_shown
        or counted.overridden * _HUNDRED < counted.answered * settings.demotion_percent
        or counted.people < settings.demotion_people
    ):
        return
    demotion = SafetyDemotion(key=key, kind=key.partition(":")[0], since=at, **counted._asdict())
    SafetyDemotion.objects.bulk_create([demotion], ignore_conflicts=True)


def decide_demotion(
    *, demotion: SafetyDemotion, keep: bool, reason: str, by: Any, at: datetime
) -> SafetyDemotion:
    """Keep an alert demoted, or show it again as before, by a doctor of the fund.

    Raises NotAReviewer, ReasonMissing, DemotionDecided.
    """
    if by.role not in REVIEWING_ROLES:
        raise NotAReviewer
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    decision = SafetyDemotion.Decision.KEPT if keep else SafetyDemotion.Decision.RESTORED
    with transaction.atomic():
        locked = SafetyDemotion.objects.select_for_update().get(pk=demotion.pk)
        if locked.decision != SafetyDemotion.Decision.WAITING:
            raise DemotionDecided
        locked.decision, locked.reason = decision, reason.strip()
        locked.decided_by, locked.decided_at = by, at
        locked.save()
        audit.record(
            by=by,
            at=at,
            action="prescriptions.demotion.decided",
            subject=locked,
            after={"key": locked.key, "decision": decision, "reason": locked.reason},
        )
    return locked
