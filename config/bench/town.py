"""One invented town: households with rights, and claims of every kind, drawn from a seed.

Lean but honest: 4.3 lines a claim, several claims a household, dental patients who use their ceiling up,
frames asked for too soon, long illnesses, agreements missing, late sheets, closed rights.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from psycopg.types.range import Range

from config.bench.lists import Lists
from config.bench.rows import Keys

RECEIVED = date(2026, 11, 20)
SEED = 20261122
# Share of people who are in the middle of a dental treatment.
DENTAL = 0.25

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Patient:
    """Somebody claims are about."""

    id: UUID
    insured_id: UUID
    illness: str
    is_dental: bool


@dataclass(slots=True)
class Town:
    """Rows by table, ready for COPY."""

    insured: Rows = field(default_factory=list)
    persons: Rows = field(default_factory=list)
    rights: Rows = field(default_factory=list)
    illnesses: Rows = field(default_factory=list)
    approvals: Rows = field(default_factory=list)
    patients: list[Patient] = field(default_factory=list)


def settle_people(households: int, keys: Keys, draw: Random) -> Town:
    """Draw so many households: who they are, their rights, illnesses and prior approvals."""
    town = Town()
    for number in range(households):
        insured_id = keys()
        town.insured.append({"id": insured_id, "registration_number": f"{number:09d}"})
        town.rights += _rights(insured_id, keys, draw)
        for relation in ("SELF", "SPOUSE", "CHILD", "CHILD")[: draw.choice((1, 1, 2, 2, 3, 4))]:
            _settle_person(town, insured_id, relation, keys, draw)
    return town


def _rights(insured_id: UUID, keys: Keys, draw: Random) -> Rows:
    scheme = draw.choice(("SALARIED",) * 6 + ("TADAMON",) * 2 + ("SELF_EMPLOYED", "PENSIONER"))
    chance = draw.random()
    periods = [Range(date(2020, 1, 1), None, "[)")]
    if chance < 0.02:  # closed this summer
        periods = [Range(date(2020, 1, 1), date(2026, 8, 1), "[)")]
    elif chance < 0.12:  # renewed last year
        renewed = date(2025, 10, 1)
        periods = [Range(date(2020, 1, 1), renewed, "[)"), Range(renewed, None, "[)")]
    return [
        {"id": keys(), "insured_id": insured_id, "scheme": scheme, "period": period}
        for period in periods
    ]


def _settle_person(town: Town, insured_id: UUID, relation: str, keys: Keys, draw: Random) -> None:
    person_id, is_child = keys(), relation == "CHILD"
    youngest, oldest = (1998, 2024) if is_child else (1950, 2000)
    town.persons.append(
        {
            "id": person_id,
            "insured_id": insured_id,
            "relation": relation,
            "first_name": "A",
            "last_name": "B",
            "birth_date": date(draw.randint(youngest, oldest), draw.randint(1, 12), 15),
            "sex": draw.choice("FM"),
            "student": is_child and draw.random() < 0.5,
            "disabled": is_child and draw.random() < 0.03,
        }
    )
    chance, illness = draw.random(), ""
    if chance < 0.16:
        illness, category, rate = draw.choice(
            (("E11", "ALD", 9000), ("I10", "ALD", 7750), ("C50", "ALC", 10000))
        )
        start = date(2024, draw.randint(1, 12), 1)
        end = date(2026, 10, 25) if chance < 0.02 else None
        town.illnesses.append(
            {
                "id": keys(),
                "person_id": person_id,
                "insured_id": insured_id,
                "code": illness,
                "label": illness,
                "category": category,
                "rate_bp": rate,
                "period": Range(start, end, "[)"),
            }
        )
    if draw.random() < 0.3:
        town.approvals.append(
            {
                "id": keys(),
                "insured_id": insured_id,
                "patient_id": person_id,
                "act_code": "K80",
                "quantity": draw.randint(1, 3),
                "period": Range(date(2026, 1, 1), date(2027, 1, 1), "[)"),
                "granted_at": datetime(2026, 1, 5, 9, tzinfo=UTC),
                "granted_by": "bench",
            }
        )
    town.patients.append(Patient(person_id, insured_id, illness, draw.random() < DENTAL))


@dataclass(slots=True)
class Sheets:
    """Claims with their sheets, dispensings and lines, ready for COPY."""

    sheets: Rows = field(default_factory=list)
    dispensings: Rows = field(default_factory=list)
    claims: Rows = field(default_factory=list)
    lines: Rows = field(default_factory=list)


# A line as drawn: kind, act or medicine, quantity, charge in centimes.
Drawn = tuple[str, Any, int, int]


def file_claims(
    patients: list[Patient], count: int, lists: Lists, keys: Keys, draw: Random, *, past: bool
) -> Sheets:
    """Draw so many claims of these people: of the last two years (`past`), or of the last weeks."""
    sheets = Sheets()
    by_household: dict[UUID, list[Patient]] = {}
    for patient in patients:
        by_household.setdefault(patient.insured_id, []).append(patient)
    households = list(by_household.values())
    for number in range(count):
        patient = draw.choice(households[number % len(households)])
        _file_one(sheets, patient, number, lists, keys, draw, past=past)
    return sheets


def _file_one(
    sheets: Sheets,
    patient: Patient,
    number: int,
    lists: Lists,
    keys: Keys,
    draw: Random,
    *,
    past: bool,
) -> None:
    practice = draw.choice(lists.practices)
    day, received = _days(draw, past=past)
    claim_id = keys()
    drawn = list(_draw_lines(patient, lists, draw))
    lines = [
        {
            "id": keys(),
            "claim_id": claim_id,
            "insured_id": patient.insured_id,
            "patient_id": patient.id,
            "provider_id": practice.id,
            "position": position,
            "kind": kind,
            "act_id": key if kind == "ACT" else None,
            "medicine_id": key if kind == "MEDICINE" else None,
            "quantity": quantity,
            "charged_centimes": charged,
            "care_date": day - timedelta(days=1) if draw.random() < 0.08 else day,
            "illness_code": patient.illness if draw.random() < 0.7 else "",
        }
        for position, (kind, key, quantity, charged) in enumerate(drawn, start=1)
    ]
    sheets.lines += lines
    noon = datetime.combine(received, time(8), UTC) + timedelta(milliseconds=number)
    of_patient = {"insured_id": patient.insured_id, "patient_id": patient.id}
    sheet_id, is_care = keys(), lines[0]["kind"] == "ACT"
    dispensing_id = None if is_care else keys()
    sheets.sheets.append(
        {"id": sheet_id, "fse_number": f"{number:012d}", "opened_at": noon, **of_patient}
    )
    if dispensing_id:
        sheets.dispensings.append(
            {
                "id": dispensing_id,
                "prescription_id": lists.prescription,
                "insured_id": patient.insured_id,
                "pharmacy_id": practice.id,
                "author_id": practice.user_id,
                "device_id": practice.device_id,
                "dispensed_on": day,
                "document": "{}",
                "document_hash": dispensing_id.hex,
                "received_at": noon,
            }
        )
    sheets.claims.append(
        {
            "id": claim_id,
            "sheet_id": sheet_id,
            **of_patient,
            "provider_id": practice.id,
            "kind": "CARE" if is_care else "DISPENSING",
            "state": "SUBMITTED",
            "dispensing_id": dispensing_id,
            "author_id": practice.user_id,
            "device_id": practice.device_id,
            "third_party_payment": False,
            "received_at": noon,
            "received_date": received,
            "charged_centimes": sum(line["charged_centimes"] for line in lines),
        }
    )


def _days(draw: Random, *, past: bool) -> tuple[date, date]:
    """Care day and day of receipt; one claim in fifty is late."""
    if past:
        day = date(2024, 12, 1) + timedelta(days=draw.randrange(670))
        return day, day + timedelta(days=draw.randrange(1, 40))
    if draw.random() < 0.02:
        return RECEIVED - timedelta(days=draw.randrange(70, 120)), RECEIVED
    return RECEIVED - timedelta(days=draw.randrange(2, 40)), RECEIVED


def _draw_lines(patient: Patient, lists: Lists, draw: Random) -> Iterator[Drawn]:
    if patient.is_dental and draw.random() < 0.75:
        yield from _dental(lists, draw)
        return
    chance = draw.random()
    if chance < 0.26:
        yield from _consultation(lists, draw)
    elif chance < 0.66:
        yield from _medicines(lists, draw)
    elif chance < 0.85:
        yield from _laboratory(lists, draw)
    elif chance < 0.95:
        yield from _surgery(lists, draw)
    else:
        yield _act(lists, "FRAME", draw)
        yield _act(lists, "LENSES", draw)


# What a provider charges for one unit, in centimes, and how often more than that.
CHARGES = {
    "C": 15_000, "Cs": 25_000, "CsC": 30_000, "V": 20_000, "K10": 25_000, "K15": 35_000,
    "K30": 80_000, "K80": 200_000, "Z8": 9_000, "Z15": 15_000, "B20": 2_500, "B35": 4_200,
    "B55": 6_000, "B90": 11_000, "B7": 900, "D8": 15_000, "D15": 26_250, "DP30": 40_000,
    "DP120": 210_000, "EST1": 90_000, "FRAME": 60_000, "LENSES": 45_000,
}  # fmt: skip


def _act(lists: Lists, code: str, draw: Random, quantity: int = 1) -> Drawn:
    charged = CHARGES[code] * quantity * draw.randrange(60, 130) // 100
    return "ACT", lists.acts[code], quantity, charged


def _consultation(lists: Lists, draw: Random) -> Iterator[Drawn]:
    yield _act(lists, draw.choice(("C", "C", "C", "Cs", "Cs", "V", "CsC")), draw)
    for _more in range(draw.choice((0, 1, 2, 2))):
        yield _act(lists, draw.choice(("K10", "K15", "Z8", "Z15", "B20")), draw)


def _medicines(lists: Lists, draw: Random) -> Iterator[Drawn]:
    for medicine, price in draw.sample(lists.medicines, draw.choice((3, 4, 4, 5, 6, 7))):
        quantity = draw.choice((1, 1, 2, 3))
        yield "MEDICINE", medicine, quantity, price * quantity


def _laboratory(lists: Lists, draw: Random) -> Iterator[Drawn]:
    for _each in range(draw.randint(4, 10)):
        yield _act(lists, draw.choice(("B20", "B35", "B55", "B90", "B7")), draw)


def _surgery(lists: Lists, draw: Random) -> Iterator[Drawn]:
    yield _act(lists, draw.choice(("K80", "K30", "K30")), draw)
    for code in draw.sample(("K10", "K15", "K30", "K15", "EST1"), draw.randint(1, 4)):
        yield _act(lists, code, draw, quantity=2 if draw.random() < 0.1 else 1)


def _dental(lists: Lists, draw: Random) -> Iterator[Drawn]:
    for _each in range(draw.choice((2, 3, 3))):
        yield _act(lists, "DP120" if draw.random() < 0.8 else "DP30", draw)
    for _each in range(draw.choice((1, 1, 2))):
        yield _act(lists, draw.choice(("D8", "D15")), draw)
