"""What the lines of a draft name: acts and medicines of the lists, or every refusal at once."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.timezone import localdate

from claims import selectors
from claims.intake import ActLine, CareClaimDraft
from claims.models import Claim, ClaimLine
from claims.selectors import Terms
from claims.services._refusals import ActUnknown, ActUnmapped, MedicineWithoutPrice
from core.errors import DomainError, refuse_all
from core.record_keys import TextKey
from insured.models import Person
from prescriptions.intake import DispensingDraft
from prescriptions.models import Medicine
from prescriptions.selectors import prices_of
from prescriptions.services import FutureDay, PatientUnknown, medicines_by_ean


def known_for_care(
    draft: CareClaimDraft, patient: Person | None, terms: Terms, at: datetime
) -> tuple[Person, dict[int, TextKey]]:
    """Return the patient and the act of each line, by position, or refuse every unknown at once."""
    errors: list[DomainError] = []
    if patient is None:
        errors.append(PatientUnknown(pointer="/document/patient"))
    acts: dict[int, TextKey] = {}
    for index, line in enumerate(draft.lines):
        pointer, day = f"/document/lines/{index}", line.care_date.isoformat()
        key = terms.act_on(line.act, line.care_date)
        if line.care_date > localdate(at):
            errors.append(FutureDay(pointer=f"{pointer}/care_date", day=day))
        elif key is None:
            errors.append(ActUnknown(pointer=f"{pointer}/act", act=line.act, day=day))
        elif not terms.act(key).is_billable:
            errors.append(ActUnmapped(pointer=f"{pointer}/act", act=line.act))
        else:
            acts[line.position] = key
    refuse_all(errors)
    assert patient is not None  # noqa: S101 (refuse_all raised otherwise)
    return patient, acts


def known_for_dispensing(
    draft: DispensingDraft, patient: Person | None
) -> tuple[Person, dict[str, Medicine]]:
    """Return the patient and the medicines by EAN, or refuse every unknown at once."""
    errors: list[DomainError] = []
    if patient is None:
        errors.append(PatientUnknown(pointer="/document/patient"))
    medicines = medicines_by_ean(draft, errors)
    prices = prices_of(medicine.pk for medicine in medicines.values())
    for index, line in enumerate(draft.lines):
        medicine = medicines.get(line.ean or "")
        if medicine and not selectors.price_on(prices.get(medicine.pk, []), draft.dispensed_on):
            errors.append(
                MedicineWithoutPrice(
                    pointer=f"/document/lines/{index}/ean",
                    label=medicine.label,
                    day=draft.dispensed_on.isoformat(),
                )
            )
    refuse_all(errors)
    assert patient is not None  # noqa: S101 (refuse_all raised otherwise)
    return patient, medicines


def act_lines(
    claim: Claim, lines: Sequence[ActLine], acts: dict[int, TextKey], terms: Terms
) -> list[ClaimLine]:
    """Return the lines of a care claim, not yet written."""
    return [
        ClaimLine(
            claim=claim,
            insured_id=claim.insured_id,
            patient_id=claim.patient_id,
            provider=claim.provider,
            position=line.position,
            kind=ClaimLine.Kind.ACT,
            act=terms.listed_act(acts[line.position]),
            quantity=line.quantity,
            charged_centimes=line.charged_centimes,
            care_date=line.care_date,
            illness_code=line.illness or "",
        )
        for line in lines
    ]


def medicine_lines(
    claim: Claim,
    draft: DispensingDraft,
    medicines: dict[str, Medicine],
    illnesses: dict[int, str],
) -> list[ClaimLine]:
    """Return the lines of a dispensing's claim, not yet written."""
    return [
        ClaimLine(
            claim=claim,
            insured_id=claim.insured_id,
            patient_id=claim.patient_id,
            provider=claim.provider,
            position=line.position,
            kind=ClaimLine.Kind.MEDICINE,
            medicine=medicines[line.ean or ""],
            quantity=line.boxes,
            charged_centimes=line.charged_centimes,
            care_date=draft.dispensed_on,
            illness_code=illnesses.get(line.position, ""),
        )
        for line in draft.given
    ]
