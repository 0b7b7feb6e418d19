"""Scores in whole basis points, what they lead to, and the bounds of the figures."""

from datetime import date

import pytest

from fraud.rules import thresholds
from fraud.rules.rule import Action, Family, Kind, Level, Rule
from fraud.rules.score import Mark, Verdict, opens_file, score, verdict
from fraud.rules.thresholds import ThresholdOutOfRange

LIMITS = {"sample": 3000, "hold": 6000, "file": 6000, "file_facts": 3}


def mark(
    weight: int,
    strength: int = 10_000,
    family: Family = Family.PEER,
    kind: Kind = Kind.STATISTIC,
    action: Action = Action.FLAG,
    level: Level = Level.PROVIDER,
    claim: str | None = None,
) -> Mark:
    return Mark("ANY", family, kind, action, level, weight, strength, claim)


def fact(claim: str) -> Mark:
    return mark(100, kind=Kind.FACT, level=Level.CLAIM, claim=claim)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], 0),
        ([mark(4000)], 4000),
        ([mark(4000, 5000)], 2000),
        ([mark(4000), mark(3000)], 4000),
        ([mark(4000), mark(5000, family=Family.DRUG)], 7000),
        ([mark(10_000), mark(5000, family=Family.DRUG)], 10_000),
    ],
)
def test_only_the_strongest_of_a_family_counts(marks: list[Mark], expected: int) -> None:
    assert score(marks) == expected


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], Verdict.PAY),
        ([mark(2999)], Verdict.PAY),
        ([mark(3000)], Verdict.SAMPLE),
        ([mark(9900, action=Action.HOLD)], Verdict.SAMPLE),
        ([mark(4000, action=Action.HOLD), mark(5000, family=Family.DRUG)], Verdict.HOLD),
        ([mark(5000, action=Action.HOLD), mark(2000, family=Family.DRUG)], Verdict.HOLD),
        ([mark(5000, action=Action.HOLD), mark(1999, family=Family.DRUG)], Verdict.SAMPLE),
        ([mark(4000), mark(5000, family=Family.DRUG)], Verdict.REVIEW),
        ([mark(10_000, action=Action.HOLD), mark(0, family=Family.DRUG)], Verdict.SAMPLE),
        ([mark(10_000, action=Action.HOLD), mark(9000, 0, Family.DRUG)], Verdict.SAMPLE),
        (
            [mark(4000), mark(5000, family=Family.DRUG), mark(0, action=Action.HOLD)],
            Verdict.REVIEW,
        ),
        ([mark(100, kind=Kind.FACT, action=Action.HOLD)], Verdict.HOLD),
        ([mark(100, kind=Kind.FACT, action=Action.REFUSE)], Verdict.REFUSE),
    ],
)
def test_a_statistic_alone_never_holds_and_none_refuses(
    marks: list[Mark], expected: Verdict
) -> None:
    assert verdict(marks, LIMITS) == expected


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([mark(6000)], True),
        ([mark(5999)], False),
        ([mark(5999), mark(5999)], False),
        ([mark(5999), mark(0, family=Family.NETWORK, level=Level.COUPLE)], False),
        ([mark(4000), mark(4000, family=Family.DRUG)], True),
        ([mark(3000), mark(4000, family=Family.DRUG)], False),
        ([mark(6000, family=Family.NETWORK, level=Level.COUPLE)], True),
        ([mark(5999, family=Family.NETWORK, level=Level.COUPLE)], False),
        ([mark(6000, family=Family.DRUG, level=Level.MEMBER)], True),
        ([mark(9000, level=Level.CLAIM), mark(9000, family=Family.DRUG, level=Level.CLAIM)], False),
        ([fact("A"), fact("B")], False),
        ([fact("A"), fact("B"), fact("B")], False),
        ([fact("A"), fact("B"), fact("C")], True),
        ([fact("A"), fact("B"), mark(5999), mark(100, family=Family.TIME)], True),
        ([fact("A"), fact("B"), mark(5999)], False),
    ],
)
def test_what_opens_a_file(marks: list[Mark], expected: bool) -> None:
    assert opens_file(marks, LIMITS) == expected


def test_a_statistic_that_refuses_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="never refuses"):
        Rule("ANY", Family.PEER, Kind.STATISTIC, Action.REFUSE, Level.CLAIM, ())


def test_a_figure_moves_inside_its_bounds_from_its_day_on() -> None:
    changed = thresholds.load().changed("EARLY_REFILL", {"share": 8000}, since=date(2026, 12, 1))
    assert changed.at(date(2026, 11, 30))["EARLY_REFILL"]["share"] == 7500
    assert changed.at(date(2026, 12, 1))["EARLY_REFILL"]["share"] == 8000


@pytest.mark.parametrize("values", [{"share": 2999}, {"share": 10_001}, {"share": True}, {"no": 1}])
def test_a_figure_out_of_bounds_is_refused(values: dict[str, int]) -> None:
    with pytest.raises(ThresholdOutOfRange):
        thresholds.load().changed("EARLY_REFILL", values, since=date(2026, 12, 1))
