"""What may be asked before anything is signed: an estimate, and the rights of a household."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from claims import selectors
from claims.adjudication import Decision, Reason, adjudicate
from claims.adjudication import facts as known
from claims.adjudication.facts import ClaimFacts
from claims.intake import CareClaimDraft
from claims.models import Claim, ClaimLine
from claims.services._lines import act_lines, known_for_care, known_for_dispensing, medicine_lines
from claims.states import ClaimState
from core import audit
from core.periods import Period
from core.pipeline import ask_one
from insured.models import Entitlement, LongTermIllness, Person
from insured.selectors import entitlement_on, find_persons, illnesses_on, person_by_id
from prescriptions.intake import DispensingDraft
from prescriptions.selectors import prescription_by_number
from prescriptions.services import PatientUnknown
from providers.models import Provider
from providers.selectors import provider_by_inpe


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the engine would decide of lines that nobody has signed yet: nothing is saved."""

    decision: Decision
    lines: list[ClaimLine]


def estimate(*, draft: CareClaimDraft | DispensingDraft, by: Any, at: datetime) -> Estimate:
    """Judge a draft as if it arrived now. Raises EntriesRefused, ProviderUnknown."""
    provider = provider_by_inpe(draft.inpe)
    claim = Claim(provider=provider, received_date=localdate(at), state=ClaimState.SUBMITTED)
    found, terms = person_by_id(draft.patient), ask_one(selectors.current_terms())
    if isinstance(draft, CareClaimDraft):
        claim.patient, acts = known_for_care(draft, found, terms, at)
        claim.insured = claim.patient.insured
        claim.treatment_end_date = draft.treatment_end_date
        lines = act_lines(claim, draft.lines, acts, terms)
    else:
        claim.patient, medicines = known_for_dispensing(draft, found)
        claim.insured = claim.patient.insured
        lines = medicine_lines(claim, draft, medicines, _prescribed_illnesses(draft))
    case = selectors.case_of(claim, lines)
    facts = selectors.gather([case], terms).facts(case)
    return Estimate(adjudicate(facts, selectors.law()), lines)


def known_facts(*, patient: UUID, provider: Provider, by: Any, at: datetime) -> ClaimFacts:
    """Return what a device may keep of a patient to estimate with no network; the reading is audited.

    Rights, long illnesses, what was used of ceilings, frequencies and approvals, and the provider's own
    agreements: enough to judge any draft with the pack. Its one line stands for none. Raises
    PatientUnknown.
    """
    person = person_by_id(patient)
    if person is None:
        raise PatientUnknown(pointer="/patient")
    audit.record(
        by=by,
        at=at,
        action="insured.rights.read",
        subject=person.insured,
        insured_id=person.insured_id,
        after={"provider": provider.inpe, "day": localdate(at).isoformat(), "kept": True},
    )
    return selectors.known_around(person, provider.pk, localdate(at))


@dataclass(frozen=True, slots=True)
class RightsAnswer:
    """The rights of one person on a day; `reason` says why they are not covered, when they are not."""

    person: Person
    entitlement: Entitlement | None
    illnesses: list[LongTermIllness]
    reason: Reason | None

    @property
    def covered(self) -> bool:
        return self.reason is None


def check_rights(
    *,
    cin: str | None = None,
    registration_number: str | None = None,
    fse_number: str | None = None,
    day: date,
    provider: Provider,
    by: Any,
    at: datetime,
) -> list[RightsAnswer]:
    """Return the household and each one's rights on `day`; every reading is audited.

    By the FSE number of a prescription: its patient alone, for the pharmacy that was handed it.
    """
    if fse_number:
        prescription = prescription_by_number(fse_number)
        persons = [prescription.patient] if prescription else []
    else:
        persons = find_persons(cin=cin, registration_number=registration_number)
    answers = [_rights_of(person, day) for person in persons]
    found = persons[0] if persons else None
    audit.record(
        by=by,
        at=at,
        # Who guesses at numbers leaves a trace too.
        action="insured.rights.read" if found else "insured.rights.sought_in_vain",
        subject=found.insured if found else provider,
        insured_id=found.insured_id if found else None,
        after={"provider": provider.inpe, "day": day.isoformat()},
    )
    return answers


def _rights_of(person: Person, day: date) -> RightsAnswer:
    """Ask the one engine, with a line that nothing but rights and age can refuse."""
    entitlement = entitlement_on(person.insured, day)
    always = Period(date.min, None)
    facts = known.ClaimFacts(
        received_date=day,
        patient=known.PatientFacts(
            birth_date=person.birth_date,
            relation=known.Relation(person.relation.lower()),
            student=person.student,
            married=person.married,
            disabled=person.disabled,
        ),
        scheme=known.Scheme(entitlement.scheme if entitlement else known.Scheme.SALARIED),
        rights=(always,) if entitlement else (),
        providers=(known.ProviderFacts("-", known.Sector.PRIVATE, (always,)),),
        lines=(
            known.LineFacts("1", known.LineKind.ACT, 1, 100, day, "-", act="-", flat_tariff=100),
        ),
    )
    (line,) = adjudicate(facts, selectors.law()).lines
    reason = line.reasons[0] if line.denied else None
    return RightsAnswer(person, entitlement, illnesses_on(person, day), reason)


def _prescribed_illnesses(draft: DispensingDraft) -> dict[int, str]:
    prescription = prescription_by_number(draft.fse_number)
    items = prescription.items.all() if prescription else []
    return {item.position: item.illness_code for item in items}
