"""What the rules of the night see in small hand-written histories, and what they must not see."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fraud.gateways.warehouse import Warehouse
from fraud.rules import thresholds
from fraud.rules.catalogue import SQL
from fraud.rules.dense_ring import rings

FIGURES = thresholds.load().at(date(2026, 11, 1))
DAY = date(2026, 6, 15)
DRUG, SAME_INN, OTHER_INN = "6118000000017", "6118000000024", "6118000000031"


@pytest.fixture
def house() -> Any:
    with Warehouse() as warehouse:
        warehouse.keep(
            "medicines", [(DRUG, "A", None, None, False), (SAME_INN, "A", None, None, False)]
        )
        warehouse.keep("medicines", [(OTHER_INN, "B", None, None, False)])
        warehouse.keep("prescriptions", [("R1", "P9", "M1", noon(DAY), DAY + timedelta(days=90))])
        warehouse.keep("prescription_lines", [("R1", "1", DRUG, 2, 30, 0)])
        yield warehouse


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def hand_over(house: Warehouse, *given: dict[str, Any], late: date | None = None) -> list[str]:
    """Boxes handed over one claim after another, the last filed `late`; what was wrong with each seen."""
    claims, lines = [], []
    for n, told in enumerate(given):
        row = {"rx": "R1", "member": "M1", "day": DAY, "code": DRUG, "boxes": 1, "line": "1"} | told
        filed = late if late and n == len(given) - 1 else row["day"]
        at = noon(filed) + timedelta(minutes=n)
        claims.append((f"C{n}", f"F{n}", "P1", row["member"], at, row["rx"], "D"))
        lines.append(
            (f"C{n}", "1", "MEDICINE", row["code"], None, None, row["boxes"], 5000, row["day"], None, 15,
             row["line"])
        )  # fmt: skip
    house.keep("claims", claims)
    house.keep("claim_lines", lines)
    house.advance(date(2026, 12, 31), FIGURES)
    found = house.connection.execute(
        "SELECT json_extract_string(evidence, '$.why') FROM alarms"
        " WHERE rule = 'DISPENSED_WITHOUT_PRESCRIPTION' ORDER BY claim"
    ).fetchall()
    return [why for (why,) in found]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, []),
        ({"boxes": 2}, []),
        ({"code": SAME_INN}, []),
        ({"code": "6118000009999"}, []),
        ({"day": DAY + timedelta(days=90)}, []),
        ({"line": None}, []),
        ({"rx": None}, ["NONE"]),
        ({"rx": "R2"}, ["UNKNOWN"]),
        ({"member": "M2"}, ["OTHER_PERSON"]),
        ({"day": DAY - timedelta(days=1)}, ["BEFORE_SIGNATURE"]),
        ({"day": DAY + timedelta(days=91)}, ["EXPIRED"]),
        ({"code": OTHER_INN}, ["NOT_PRESCRIBED"]),
        ({"line": "2"}, ["NOT_PRESCRIBED"]),
        ({"boxes": 3}, ["ABOVE"]),
    ],
)
def test_a_hand_over_and_its_prescription(
    house: Warehouse, told: dict[str, Any], why: list[str]
) -> None:
    assert hand_over(house, told) == why


def test_boxes_in_parts_are_lawful_until_none_is_left(house: Warehouse) -> None:
    later = [{"day": DAY + timedelta(days=n)} for n in range(3)]
    assert hand_over(house, *later) == ["ABOVE"]


def test_who_files_late_is_not_taken_for_who_takes_too_much(house: Warehouse) -> None:
    days = [DAY + timedelta(days=n) for n in (0, 20, 10)]
    told = [{"day": day} for day in days]
    assert hand_over(house, *told[:2]) == []
    assert hand_over(house, *told, late=DAY + timedelta(days=40)) == ["ABOVE"]
    found = house.connection.execute(
        "SELECT claim, day FROM alarms WHERE rule = 'DISPENSED_WITHOUT_PRESCRIPTION'"
    ).fetchall()
    assert found == [("C1", DAY + timedelta(days=40))]


def test_a_refused_excess_does_not_use_up_what_is_left(house: Warehouse) -> None:
    parts = [{"boxes": 3}, {"day": DAY + timedelta(days=1), "boxes": 2}]
    assert hand_over(house, *parts) == ["ABOVE"]


def test_care_after_death_begins_the_day_after(house: Warehouse) -> None:
    house.keep(
        "members",
        [("M1", None, "F", date(1950, 1, 1), DAY, None, None, None, None, None, None, None, None)],
    )
    hand_over(house, {}, {"day": DAY + timedelta(days=1)})
    found = house.connection.execute(
        "SELECT claim FROM alarms WHERE rule = 'CARE_AFTER_DEATH'"
    ).fetchall()
    assert found == [("C1",)]


def practices(house: Warehouse, count: int, dear_share: float) -> list[str]:
    """Doctors who bill a dear code once in ten, and one who bills it more; who is seen."""
    providers, claims, lines = [], [], []
    for p in range(count):
        name = f"P{p:03d}"
        providers.append(
            (
                name,
                "SPECIALIST",
                "Urologie",
                None,
                "R",
                None,
                None,
                date(2020, 1, 1),
                None,
                None,
                None,
            )
        )
        for n in range(20):
            dear = n < (20 * dear_share if p == 0 else 2 + p % 2)
            key = f"{name}-{n}"
            day = DAY + timedelta(days=n)
            claims.append((key, key, name, f"M{p}-{n}", noon(day), None, "D" + name))
            code, price = ("V", 20_000) if dear else ("C", 8_000)
            lines.append((key, "1", "ACT", code, code, None, 1, price, day, None, None, None))
    house.keep("providers", providers)
    house.keep("claims", claims)
    house.keep("claim_lines", lines)
    house.advance(DAY + timedelta(days=30), FIGURES)
    rows = house.connection.execute(
        "SELECT provider FROM alarms WHERE rule = 'UPCODING'"
    ).fetchall()
    return [provider for (provider,) in rows]


@pytest.mark.parametrize(
    ("count", "dear_share", "seen"),
    [(30, 0.9, ["P000"]), (30, 0.1, []), (29, 0.9, [])],
    ids=["far above 29 peers", "like its peers", "too few peers"],
)
def test_dear_codes_against_peers(
    house: Warehouse, count: int, dear_share: float, seen: list[str]
) -> None:
    assert practices(house, count, dear_share) == seen


RING = {"links": 2, "providers": 3}


@pytest.mark.parametrize(("size", "is_ring"), [(3, True), (2, False)])
def test_a_ring_is_the_dense_core_and_no_more(size: int, is_ring: bool) -> None:
    inside = [f"P{p}" for p in range(size)]
    core = [(one, two, f"M{one}{two}") for one in inside for two in inside if one < two]
    found = rings([*core, ("P0", "P8", "M8"), ("P1", "P9", "M9")], RING)
    assert found == ([(inside, ["MP0P1", "MP0P2", "MP1P2"])] if is_ring else [])


def test_day_by_day_and_all_at_once_raise_the_same_alarms_on_claims(house: Warehouse) -> None:
    given = [{"day": DAY + timedelta(days=3 * n), "code": DRUG} for n in range(6)]
    hand_over(house, *given)
    at_once = alarms_on_claims(house)
    house.freshen()
    for n in range(30):
        house.advance(DAY + timedelta(days=n), FIGURES)
    assert at_once
    assert alarms_on_claims(house) == at_once
    house.rebuild(date(2026, 12, 31))
    house.run_all(FIGURES, date(2026, 1, 1), date(2026, 12, 31))
    assert alarms_on_claims(house) == at_once


def alarms_on_claims(house: Warehouse) -> list[tuple[Any, ...]]:
    return house.connection.execute(
        "SELECT rule, claim, line, day, strength FROM alarms WHERE claim IS NOT NULL ORDER BY ALL"
    ).fetchall()


def test_rules_left_out_do_not_run(house: Warehouse) -> None:
    house.keep("claims", [("C", "F", "P1", "M1", noon(DAY), None, "D")])
    house.keep(
        "claim_lines",
        [("C", "1", "MEDICINE", DRUG, None, None, 1, 1, DAY, None, 1, None)],
    )
    assert house.advance(DAY, FIGURES, names={"UPCODING"}) == 0


def test_every_rule_runs_on_an_empty_history(house: Warehouse) -> None:
    assert house.advance(DAY, FIGURES) == 0
    assert set(SQL) == {rule.name for rule in house.rules}
