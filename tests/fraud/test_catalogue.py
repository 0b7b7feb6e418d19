"""Every rule of the catalogue on hand-written histories: seen, not seen at the threshold, too few peers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import log, sqrt
from typing import Any

import pytest

from fraud.rules.catalogue import RULES, SQL
from fraud.rules.rule import Kind
from tests.fraud import written
from tests.fraud.histories import DAY, DRUG, History, after

TODAY = DAY.isoformat()


@dataclass(frozen=True)
class Row:
    """A history, the measure that is seen in it and the one that is not, and what is seen."""

    rule: str
    write: Callable[..., None]
    seen: int
    unseen: int
    found: list[tuple[str, float, float, dict[str, Any]]]
    figures: Mapping[str, int] = field(default_factory=dict)
    # Where the measure cannot stand exactly at the threshold, the threshold stands at the measure.
    unseen_figures: Mapping[str, int] = field(default_factory=dict)
    peers: bool = False
    before: tuple[str, ...] = ()


def one(rule: str, seen: int, unseen: int, *found: Any, write: Any = None, **more: Any) -> Row:
    writes = write or getattr(written, rule.lower())
    return Row(rule, writes, seen, unseen, list(found), **more)


HALF = {"floor": 2500, "rz": 20, "least": 4}


def share(rule: str, evidence: dict[str, Any], **more: Any) -> Row:
    """Three of four where the peers have none: seen past a half, not at a half."""
    figures = HALF | more.pop("figures", {})
    return one(rule, 3, 2, ("P00", 0.75, 0.5, evidence), peers=True, figures=figures, **more)


def doubled(rule: str, observed: float, evidence: dict[str, Any], least: int) -> Row:
    """Twice as much as the peers: ln 2 = 0.69315 is past 0.6930 and not past 0.6932."""
    return one(
        rule, 2, 2, ("P00", observed, observed - log(2) + 0.693, evidence), peers=True,
        figures={"floor": 3465, "rz": 20, "least": least}, unseen_figures={"floor": 3466},
    )  # fmt: skip


def dear(rule: str) -> Row:
    """Three dear acts of four, none at the peers': scale and chance, (3/120 + 1/4) / 4, make the threshold."""
    threshold = 2 * sqrt(0.268**2 + 0.06875)
    return one(
        rule, 3, 3, ("P00", 0.75, threshold, {"code": "V", "times": 3, "acts": 4}), peers=True,
        figures={"floor": 2680, "rz": 20, "least": 4, "times": 2}, unseen_figures={"floor": 2682},
    )  # fmt: skip


SPIKE = 2 * (sqrt(11.4) - sqrt(0.4))
TABLE = [
    one("SAME_CARE_AGAIN", 29, 30,
        ("C0001", 2, 1, {"code": "C", "care_date": TODAY, "other_claim": "C0000"})),
    one("CARE_AFTER_DEATH", 1, 0,
        ("C0000", 1, 0, {"code": "C", "care_date": "2026-06-16", "death_date": TODAY})),
    one("NO_RIGHTS", 1, 0, ("C0000", 1, 0, {"code": "C", "care_date": "2026-06-16", "rights": 0})),
    one("DISPENSED_WITHOUT_PRESCRIPTION", 3, 2,
        ("C0000", 3, 2,
         {"why": "ABOVE", "code": DRUG, "care_date": TODAY, "quantity": 3, "allowed": 2})),
    one("IN_HOSPITAL", 1, 2,
        ("C0000", 1, 0, {"code": "C", "care_date": "2026-06-16", "admitted": TODAY,
                         "discharged": "2026-06-17"})),
    one("MORE_THAN_A_DAY", 1441, 1440, ("C0001", 1441, 1440, {"care_date": TODAY, "minutes": 1441}),
        write=written.minutes_of_a_day),
    one("TWO_PLACES", 5, 5, ("C0001", 556, 555, {"care_date": TODAY, "km": 556}),
        figures={"km": 555}, unseen_figures={"km": 556}),
    one("NEAR_DUPLICATE", 2, 3,
        ("C0001", 2, 1, {"code": "C", "care_date": "2026-06-17", "other_claim": "C0000"})),
    one("EARLY_REFILL", 22, 23,
        ("C0001", 22, 23, {"inn": "INN", "care_date": after(22).isoformat(), "before": TODAY,
                           "days_before": 30, "elapsed": 22})),
    one("OVERLAP_OF_THERAPY", 22, 23,
        ("C0001", 8, 7, {"class": "N05BA", "care_date": after(22).isoformat()})),
    one("STOCK_AT_HOME", 29, 30,
        ("M", 31, 30, {"inn": DRUG, "days": 150, "times": 3, "since": after(-60).isoformat(),
                       "pharmacies": 1})),
    one("DOCTOR_SHOPPING", 4, 3, ("M", 4, 4, {"inn": DRUG, "prescribers": 4, "pharmacies": 4})),
    one("LENT_IDENTITY", 3, 2, ("M", 3, 3, {"places": 3})),
    one("LENT_IDENTITY", 4, 3, ("M", 4, 4, {"places": 4}), write=written.lent_to_neighbours),
    one("LENT_IDENTITY", 3, 2, ("M", 3, 3, {"visits": 3}), write=written.lent_to_a_child),
    one("LENT_IDENTITY", 3, 3, ("M", 3, 3, {"visits": 3}), write=written.lent_to_a_child,
        unseen_figures={"expected": 21}),
    one("LONG_DAYS", 721, 720,
        ("P", 721, 720, {"long_days": 0, "impossible_days": 0, "longest": 721}),
        write=written.minutes_of_a_day),
    one("LONG_DAYS", 1441, 720,
        ("P", 1441, 1440, {"long_days": 1, "impossible_days": 1, "longest": 1441}),
        write=written.minutes_of_a_day),
    one("LONG_DAYS", 961, 960,
        ("P", 961, 960, {"long_days": 3, "impossible_days": 0, "longest": 961}),
        write=written.three_long_days, figures={"alone_minutes": 1440}),
    one("TYPING_BURST", 31, 30, ("P", 31, 30, {"claims": 31})),
    doubled("PATIENTS_PER_DAY", log(2), {"visits": 8, "days": 4}, least=4),
    share("ODD_HOURS", {"odd": 3, "acts": 4}),
    one("VOLUME_SPIKE", 12, 12,
        ("P00", SPIKE, 2 * (sqrt(3.4) - sqrt(0.4)) + 3.06466, {"visits": 11, "before": 0}),
        peers=True, figures={"floor": 9886, "rz": 31, "least": 3}, unseen_figures={"floor": 9887}),
    doubled("COST_PER_PATIENT", log(200), {"members": 4, "amount": 800}, least=4),
    dear("UPCODING"),
    dear("CODE_JUMP"),
    one("UNBUNDLING", 5, 4, ("P00", 5, 0, {"one": "A", "two": "B", "members": 5, "of": 5}), peers=True),
    doubled("VISITS_PER_PATIENT", log(2), {"visits": 8, "members": 4}, least=4),
    one("REPEATED_AMOUNTS", 8, 7, ("P00", 10 / 12, 0.75, {"lines": 12}), peers=True, figures=HALF),
    one("NEW_DEALER", 33, 32,
        ("P00", 0.5, 3 * 8 / 49, {"dear": 8, "lines": 16, "members": 8, "strangers": 8}), peers=True),
    one("REFILL_MILL", 2, 2, ("P00", 0.25, 0.2498, {"early": 1, "lines": 4}), peers=True,
        before=("EARLY_REFILL",), figures={"floor": 1249, "rz": 20, "least": 4, "smooth": 0},
        unseen_figures={"floor": 1250}),
    one("REFILL_MILL", 2, 2, ("P00", 0.2, 0.1998, {"early": 1, "lines": 4}), peers=True,
        before=("EARLY_REFILL",), figures={"floor": 999, "rz": 20, "least": 4, "smooth": 1},
        unseen_figures={"floor": 1000}),
    share("CONTROLLED_SHARE", {"controlled": 3, "lines": 4}),
    share("FAR_MEMBERS", {"members": 4}),
    share("NO_TRACE", {"visits": 4, "alone": 3}),
    one("STOLEN_KEY", 8, 7, ("P", 8, 8, {"how": "DEVICE", "n": 8})),
    one("LINKED_ACCOUNTS", 2, 1,
        *[(name, 2, 1, {"linked": "PROVIDER"}) for name in ("P0", "P1")]),
    one("COUPLE", 5, 4, ("D", 8, 6, {"members": 8, "of": 8, "expected": 0, "amount": 800})),
    one("COUPLE", 5, 5, ("D", 8, 6, {"members": 8, "of": 8, "expected": 0, "amount": 800}),
        unseen_figures={"z": 80}),
    one("DENSE_RING", 36, 36,
        *[(f"P{n}", 3, 3, {"providers": 3, "members": 12}) for n in range(3)],
        figures={"z": 44}, unseen_figures={"z": 45}),
]  # fmt: skip
PEERED = [row for row in TABLE if row.peers]


def looked(row: Row, measure: int, *count: int, figures: Mapping[str, int]) -> Any:
    history = History()
    row.write(history, measure, *(count or ((30,) if row.peers else ())))
    return history.alarms(row.rule, figures, before=row.before)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.rule)
def test_what_is_past_the_threshold_is_seen_with_its_figures(row: Row) -> None:
    found = looked(row, row.seen, figures=row.figures)
    assert [(who, evidence) for who, _observed, _threshold, evidence in found] == [
        (who, evidence) for who, _observed, _threshold, evidence in row.found
    ]
    assert [each[1:3] for each in found] == [pytest.approx(each[1:3]) for each in row.found]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.rule)
def test_what_is_at_the_threshold_is_not_seen(row: Row) -> None:
    figures = {**row.figures, **row.unseen_figures}
    assert looked(row, row.unseen, figures=figures) == []


@pytest.mark.parametrize("row", PEERED, ids=lambda row: row.rule)
def test_fewer_than_thirty_peers_give_no_statistic(row: Row) -> None:
    assert looked(row, row.seen, 29, figures=row.figures) == []


def test_every_rule_has_its_row() -> None:
    assert {row.rule for row in TABLE} == {rule.name for rule in RULES}
    assert all(
        rule.kind == Kind.STATISTIC for rule in RULES if rule.name in {r.rule for r in PEERED}
    )
    assert {row.rule for row in PEERED} == {name for name in SQL if "least_peers" in SQL[name]}
