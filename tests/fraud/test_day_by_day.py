"""A day seen alone and the whole history built again: the same rules raise the same alarms."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from config.population.making import make_population
from config.population.reading import read_population
from config.population.writing import write_population
from fraud.gateways.warehouse import Warehouse
from fraud.rules import thresholds
from fraud.rules.catalogue import RULES, SQL, WEEK, rules_of

FIGURES = thresholds.load().at(date(2026, 11, 1))
# So low that a small country rings often.
LOW = {
    "rz": 1,
    "least": 1,
    "least_peers": 2,
    "practices": 2,
    "floor": 0,
    "times": 1,
    "ahead": 1,
    "km": 5,
}
# It reads the alarms of another rule, which a history built again has forgotten.
READS_ALARMS = "REFILL_MILL"


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country")
    write_population(make_population(members=400, providers=80, claims=3_000, seed=9_101), folder)
    return folder


def told(country: Path) -> Warehouse:
    house = Warehouse(rules=[rule for rule in RULES if rule.name != READS_ALARMS])
    read_population(country, house.connection)
    # long acts, so that days of more than 24 hours are there
    letters = house.connection.execute("SELECT DISTINCT letter FROM claim_lines").fetchall()
    house.keep("letters", [(letter, 700, False) for (letter,) in letters if letter])
    house.freshen()
    return house


@pytest.mark.parametrize("day", [date(2025, 4, 16), date(2025, 9, 17)])
def test_a_day_seen_alone_raises_what_the_whole_history_raises_for_it(
    country: Path, day: date
) -> None:
    figures = {
        name: {key: min(value, LOW.get(key, value)) for key, value in theirs.items()}
        for name, theirs in FIGURES.items()
    }
    with told(country) as alone:
        alone.rebuild(day - timedelta(days=1))
        alone.advance(day, figures)
        seen_alone = alone.alarms(day, day)
    with told(country) as whole:
        whole.rebuild(day)
        whole.run_all(figures, day, day)
        seen_whole = whole.alarms(day, day)
    assert len({alarm.rule for alarm in seen_whole}) > 12
    assert seen_alone == seen_whole


def test_a_day_over_full_is_seen_from_whoever_filled_it() -> None:
    day = date(2026, 6, 15)
    with Warehouse() as house:
        house.keep("providers", [("P", "SPECIALIST", *(None,) * 9)])
        house.keep("letters", [("K", 800, False)])
        for n, member in enumerate(("M", "N")):
            submitted = day + timedelta(days=n)
            house.keep("claims", [(member, member, "P", member, submitted, None, None)])
            house.keep(
                "claim_lines", [(member, "1", "ACT", "C", "K", None, 1, 1, day, *(None,) * 3)]
            )
            house.advance(submitted, FIGURES)
        found = house.alarms(day, day + timedelta(days=1))
    assert [(each.claim, each.observed) for each in found if each.rule == "MORE_THAN_A_DAY"] == [
        ("N", 1600)
    ]


def test_each_rule_looks_at_each_day_or_has_its_night_of_the_week() -> None:
    turns = [name for night in WEEK for name in night]
    assert sorted(turns) == sorted(name for name, text in SQL.items() if "$since" not in text)
    monday = date(2026, 11, 23)
    whole = [rules_of(monday + timedelta(days=n), monday + timedelta(days=n)) for n in range(7)]
    assert set().union(*whole) == set(SQL)
    assert rules_of(monday, monday + timedelta(days=6)) == set(SQL)
    assert rules_of(monday, monday) == set(SQL) - set(turns) | set(WEEK[0])
