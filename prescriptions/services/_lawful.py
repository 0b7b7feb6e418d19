"""What the law asks of a prescription when it is written; the register of narcotics."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from insured.models import Person
from prescriptions.intake import PrescribedLine, PrescriptionDraft
from prescriptions.models import Medicine, NarcoticEntry, PrescribedItem, Prescription
from prescriptions.rules.controlled import (
    NarcoticFault,
    PoisonTable,
    is_injectable,
    narcotic_faults,
)
from prescriptions.rules.mentions import Bearing, Mention, missing_mentions
from prescriptions.selectors import writing
from prescriptions.services._refusals import MentionMissing, NarcoticRepeated, NarcoticTooLong
from providers.models import Provider, ProviderKind

PRESCRIBING_KINDS = (ProviderKind.DOCTOR, ProviderKind.DENTIST, ProviderKind.ESTABLISHMENT)

MENTIONS: dict[Mention, str | Promise] = {
    Mention.AUTHOR_NAME: _("le nom de l’auteur"),
    Mention.AUTHOR_CAPACITY: _("la qualité de l’auteur"),
    Mention.AUTHOR_ADDRESS: _("l’adresse de l’auteur"),
    Mention.PATIENT_NAME: _("le nom du patient"),
    Mention.PATIENT_AGE: _("l’âge de l’enfant"),
}


def unlawful(
    draft: PrescriptionDraft,
    *,
    prescriber: Provider,
    patient: Person,
    medicines: Mapping[str, Medicine],
) -> list[DomainError]:
    """Return every reason of the law, on the day of the document, to refuse a prescription."""
    errors = list(_mentions(draft, prescriber, patient))
    for index, line in enumerate(draft.lines):
        errors += _narcotic(draft, index, line, medicines.get(line.ean))
    return errors


def _mentions(
    draft: PrescriptionDraft, prescriber: Provider, patient: Person
) -> Iterator[DomainError]:
    if not writing.principle("prescription_mentions", draft.written_on):
        return
    bearing = Bearing(
        author_name=prescriber.name,
        author_capacity=str(prescriber.get_kind_display()),
        author_address=prescriber.address,
        patient_name=patient.full_name,
        patient_birth=patient.birth_date,
    )
    day = draft.written_on
    for mention in missing_mentions(bearing, on=day, age_below=writing.age_mention(day)):
        at_patient = mention in (Mention.PATIENT_NAME, Mention.PATIENT_AGE)
        pointer = "/document/patient" if at_patient else "/document/provider"
        yield MentionMissing(pointer=pointer, mention=MENTIONS[mention])


def _narcotic(
    draft: PrescriptionDraft, index: int, line: PrescribedLine, medicine: Medicine | None
) -> Iterator[DomainError]:
    inn = medicine.inn if medicine else line.inn.name if line.inn else ""
    form = medicine.form if medicine else line.inn.form if line.inn else ""
    day = draft.written_on
    if writing.control(inn, day).table != PoisonTable.NARCOTIC:
        return
    limit = writing.longest_narcotic_days(day, injectable=is_injectable(form))
    label = medicine.label if medicine else inn
    faults = narcotic_faults(
        days=line.days,
        longest_days=limit,
        is_repeated=draft.repeats is not None,
        may_repeat=not writing.principle("narcotic_not_renewed", day),
    )
    if NarcoticFault.TOO_LONG in faults:
        pointer = f"/document/lines/{index}/days"
        yield NarcoticTooLong(pointer=pointer, label=label, limit=limit, days=line.days)
    if NarcoticFault.REPEATED in faults:
        yield NarcoticRepeated(pointer="/document/repeats", label=label)


def enter_narcotics(
    prescription: Prescription, items: list[PrescribedItem], *, at: datetime
) -> None:
    """Give each narcotic line its number in the prescriber's register, in the caller's transaction.

    The prescriber's row is locked: numbers follow each other without a gap.
    """
    day = prescription.written_on
    narcotics = [
        item
        for item in items
        if writing.control(item.medicine.inn if item.medicine else item.inn, day).table
        == PoisonTable.NARCOTIC
    ]
    if not narcotics:
        return
    # Rows that name this provider do not wait: its key does not change.
    holder = Provider.objects.select_for_update(no_key=True).get(pk=prescription.prescriber_id)
    register = NarcoticEntry.objects.filter(prescriber=holder)
    last = register.aggregate(last=Max("number"))["last"] or 0
    NarcoticEntry.objects.bulk_create(
        NarcoticEntry(
            prescriber=holder,
            insured_id=prescription.insured_id,
            number=number,
            item=item,
            entered_at=at,
        )
        for number, item in enumerate(narcotics, start=last + 1)
    )
