"""What a prescriber states when signing: « je dis bien » over a maximum, and the alerts overridden."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from core.errors import DomainError
from insured.models import Person
from prescriptions.intake import PrescribedLine, PrescriptionDraft
from prescriptions.models import LineKind, Medicine, SafetyAlert
from prescriptions.rules.safety import Case, Patient, Product
from prescriptions.rules.safety.doses import maxima
from prescriptions.rules.safety.facts import facts
from prescriptions.services._refusals import OverMaximumNotStated
from prescriptions.services._safety import (
    AlertAnswer,
    SafetyQuestion,
    TakenLine,
    answer_alerts,
    check_safety,
    treatments,
    unjustified,
)
from providers.models import Provider

_MEDICINES = (LineKind.MEDICINE, LineKind.INN)


def taken_lines(draft: PrescriptionDraft) -> tuple[TakenLine, ...]:
    """The lines of a document that are medicines, as a safety check reads them."""
    return tuple(_taken(line) for line in draft.lines if line.kind in _MEDICINES)


def _taken(line: PrescribedLine) -> TakenLine:
    doses = (line.morning, line.noon, line.evening, line.bedtime)
    per_day = sum(map(Fraction, doses), Fraction(0))
    return TakenLine(line.position, line.ean, line.inn, per_day or None, line.days)


def unstated(
    draft: PrescriptionDraft, *, patient: Person, medicines: Mapping[str, Medicine]
) -> list[DomainError]:
    """Return each line over a known maximum without « je dis bien », and each override without a reason.

    Only what the document itself prescribes is added up: what runs beside it is the page's to show.
    """
    errors: list[DomainError] = list(_over(draft, patient, medicines))
    return errors + unjustified(_answers(draft), "/document/alerts")


def _over(
    draft: PrescriptionDraft, patient: Person, medicines: Mapping[str, Medicine]
) -> Iterator[DomainError]:
    products = {ean: _product(each) for ean, each in medicines.items()}
    known = tuple(line for line in taken_lines(draft) if line.inn or line.ean in products)
    case = Case(
        day=draft.written_on,
        new=treatments(known, products, draft.written_on),
        patient=Patient(birth_date=patient.birth_date),
    )
    tables = facts()
    alerts, _gaps = maxima(case, tables)
    over = {position: alert.pair[0] for alert in alerts for position in alert.positions}
    for index, line in enumerate(draft.lines):
        if line.position in over and not line.over_maximum:
            substance = over[line.position]
            yield OverMaximumNotStated(
                pointer=f"/document/lines/{index}/over_maximum",
                position=line.position,
                substance=substance,
                most=tables.maxima.milligrams[substance],
            )


def _product(medicine: Medicine) -> Product:
    return Product(
        ean=medicine.ean,
        label=medicine.name,
        inn=medicine.inn,
        form=medicine.form,
        strength=medicine.strength,
        strength_unit=medicine.strength_unit,
    )


def keep_overrides(
    draft: PrescriptionDraft, *, patient: Person, provider: Provider, by: Any, at: datetime
) -> None:
    """Count the alerts that a signed document overrides, as if its page had answered them here.

    What is checked again shows each alert with its level; what only the device knew is kept as it says.
    """
    if not draft.alerts:
        return
    moment = SafetyAlert.Moment.PRESCRIBING
    lines = taken_lines(draft)
    if lines:
        question = SafetyQuestion(provider, patient.pk, moment, lines, draft.fse_number)
        check_safety(question=question, by=by, at=at)
    answer_alerts(
        provider=provider,
        patient=patient,
        moment=moment,
        answers=_answers(draft),
        fse_number=draft.fse_number,
        by=by,
        at=at,
    )


def _answers(draft: PrescriptionDraft) -> list[AlertAnswer]:
    overridden = SafetyAlert.Answer.OVERRIDDEN
    return [AlertAnswer(each.key, overridden, each.reason, each.note) for each in draft.alerts]
