"""Claims as the engine is to judge them, written or only drafted, with their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from claims.adjudication import facts as known
from claims.models import Claim, ClaimLine
from core.pipeline import Array, Question, ask_one
from core.record_keys import TextKey
from insured.models import Person


class CaseLine(NamedTuple):
    """One line of a case: an act's version or a medicine, by key. Centimes for the whole line."""

    claim_id: TextKey
    id: TextKey
    position: int
    act_id: TextKey | None
    medicine_id: TextKey | None
    provider_id: TextKey
    quantity: int
    charged: int
    care_date: date
    illness_code: str


@dataclass(slots=True)
class Case:
    """A claim to be judged, saved or only drafted, with its lines."""

    claim_id: TextKey
    insured_id: TextKey
    patient_id: TextKey
    patient: known.PatientFacts
    received_date: date
    treatment_end_date: date | None
    excused: bool
    decision_n: int
    state: str
    lines: Sequence[CaseLine]


# From the keys asked for to the claims: a list of thousands of keys is never searched row by row.
_CASES = (
    "SELECT claim.id, claim.insured_id, claim.patient_id, claim.received_date,"
    " claim.treatment_end_date, claim.excused, claim.decision_n, claim.state,"
    " person.birth_date, person.relation, person.student, person.married, person.disabled"
    " FROM unnest(%s::uuid[]) AS asked (id) {queue}"
    " JOIN claims_claim claim ON claim.id = asked.id"
    " JOIN insured_person person ON person.id = claim.patient_id"
    " ORDER BY claim.received_at, claim.id"
)
_QUEUED = (
    "JOIN claims_waitingclaim waiting ON waiting.claim_id = asked.id"
    " AND waiting.state = 'SUBMITTED' AND waiting.error = ''"
    " JOIN claims_run run ON run.id = waiting.run_id AND run.state = 'RUNNING'"
)
# The fields of CaseLine, in their order.
_LINES = (
    "SELECT claim_id, id, position, act_id, medicine_id, provider_id, quantity, charged_centimes,"
    " care_date, illness_code FROM claims_claimline WHERE claim_id = ANY(%s::uuid[])"
    " ORDER BY claim_id, position"
)


def cases_of(claim_ids: Sequence[UUID | TextKey], *, queued: bool = False) -> list[Case]:
    """Return claims with their lines, in the order they were received: two queries.

    `queued`: only those that wait to be judged by a run that goes on, and were not set aside.
    """
    asked = Array.of(claim_ids)
    wanted = _CASES.format(queue=_QUEUED if queued else "")
    rows = ask_one(Question(wanted, [asked], list, text_keys=True))
    lines: dict[TextKey, list[CaseLine]] = {row[0]: [] for row in rows}
    written = Question(_LINES, [Array.of(lines)], list, text_keys=True)
    for line in map(CaseLine._make, ask_one(written)):
        lines[line.claim_id].append(line)
    persons: dict[TextKey, known.PatientFacts] = {}
    return [_case(row, lines[row[0]], persons) for row in rows]


def _case(row: Any, lines: list[CaseLine], persons: dict[TextKey, known.PatientFacts]) -> Case:
    claim_id, insured_id, patient_id, received, treatment_end, excused, n, state, *person = row
    patient = persons.get(patient_id)
    if patient is None:
        patient = persons[patient_id] = _patient(*person)
    return Case(
        claim_id, insured_id, patient_id, patient, received, treatment_end, excused, n, state, lines
    )


def _patient(
    birth_date: date, relation: str, student: bool, married: bool, disabled: bool
) -> known.PatientFacts:
    relation_known = known.Relation(relation.lower())
    return known.PatientFacts(birth_date, relation_known, student, married, disabled)


def case_of(claim: Claim, lines: Sequence[ClaimLine]) -> Case:
    """Return a claim in memory, written or not, as a case; its patient is in memory too."""
    person: Person = claim.patient
    patient = _patient(
        person.birth_date, person.relation, person.student, person.married, person.disabled
    )
    return Case(
        claim_id=str(claim.pk),
        insured_id=str(claim.insured_id),
        patient_id=str(claim.patient_id),
        patient=patient,
        received_date=claim.received_date,
        treatment_end_date=claim.treatment_end_date,
        excused=claim.excused,
        decision_n=claim.decision_n,
        state=claim.state,
        lines=[
            CaseLine(
                str(claim.pk),
                str(line.id),
                line.position,
                _text(line.act_id),
                _text(line.medicine_id),
                str(line.provider_id),
                line.quantity,
                line.charged_centimes,
                line.care_date,
                line.illness_code,
            )
            for line in lines
        ],
    )


def _text(key: UUID | None) -> TextKey | None:
    return None if key is None else str(key)
