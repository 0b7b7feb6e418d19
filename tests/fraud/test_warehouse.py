"""The warehouse: what it is told, what its horizon hides, what two rules see in it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fraud.gateways.warehouse import Warehouse
from fraud.rules import thresholds

FIGURES = thresholds.load().at(date(2026, 11, 1))
DAY = date(2026, 11, 2)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def claim(number: str, day: date = DAY, **changes: Any) -> tuple[Any, ...]:
    row = {"fse": "FSE-" + number, "provider": "P1", "member": "M1", "at": at(day)} | changes
    return (number, row["fse"], row["provider"], row["member"], row["at"], row.get("rx"), "D1")


def line(number: str, **changes: Any) -> tuple[Any, ...]:
    row = {"kind": "ACT", "code": "C1", "letter": "C", "quantity": 1, "day": DAY} | changes
    return (
        number,
        row.get("line", "1"),
        row["kind"],
        row["code"],
        row["letter"],
        None,
        row["quantity"],
        8000,
        row["day"],
        row.get("started"),
        row.get("days"),
        row.get("rx_line"),
    )


@pytest.fixture
def house() -> Any:
    with Warehouse() as warehouse:
        yield warehouse


def seen(house: Warehouse, rule: str) -> list[tuple[str | None, str | None]]:
    return [
        (each.claim, each.line)
        for each in house.alarms(date(2000, 1, 1), date(2099, 1, 1))
        if each.rule == rule
    ]


def test_the_same_act_under_another_number_is_seen_on_the_later_claim(house: Warehouse) -> None:
    house.keep("claims", [claim("1"), claim("2", DAY + timedelta(days=3))])
    house.keep("claim_lines", [line("1"), line("2")])
    assert house.advance(DAY, FIGURES) == 0
    assert house.advance(DAY + timedelta(days=3), FIGURES) == 1
    assert seen(house, "SAME_CARE_AGAIN") == [("2", "1")]


def test_what_comes_after_the_horizon_is_not_seen(house: Warehouse) -> None:
    house.keep("claims", [claim("1"), claim("2", DAY + timedelta(days=3))])
    house.keep("claim_lines", [line("1"), line("2")])
    house.advance(DAY + timedelta(days=2), FIGURES)
    assert house.horizon() == DAY
    assert seen(house, "SAME_CARE_AGAIN") == []


def test_two_acts_hours_apart_are_not_a_repetition(house: Warehouse) -> None:
    house.keep("claims", [claim("1"), claim("2")])
    house.keep("claim_lines", [line("1", started=at(DAY, 8)), line("2", started=at(DAY, 18))])
    house.advance(DAY, FIGURES)
    assert seen(house, "SAME_CARE_AGAIN") == []


@pytest.mark.parametrize(("elapsed", "is_early"), [(22, True), (23, False)])
def test_a_refill_is_early_before_three_quarters_of_the_days(
    house: Warehouse, elapsed: int, is_early: bool
) -> None:
    later = DAY + timedelta(days=elapsed)
    medicine = {"kind": "MEDICINE", "code": "6118000000017", "letter": "", "days": 30}
    house.keep("claims", [claim("1"), claim("2", later)])
    house.keep("claim_lines", [line("1", **medicine), line("2", day=later, **medicine)])
    house.advance(later, FIGURES)
    assert seen(house, "EARLY_REFILL") == ([("2", "1")] if is_early else [])


def test_a_claim_told_again_takes_the_place_of_the_first(house: Warehouse) -> None:
    house.keep("claims", [claim("1")])
    house.keep("claim_lines", [line("1", code="OLD"), line("1", line="2")])
    house.advance(DAY, FIGURES)
    house.keep("claim_lines", [line("1", code="NEW")])
    house.advance(DAY, FIGURES)
    assert house.connection.execute("SELECT code FROM care").fetchall() == [("NEW",)]
