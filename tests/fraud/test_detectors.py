"""The detectors on exact cases: what each sees, and what it must not see."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from fraud.rules.care_after_death import care_after_death
from fraud.rules.catalogue import DETECTORS
from fraud.rules.facts import (
    CareFacts,
    CareKind,
    ClaimFacts,
    DayFacts,
    Detector,
    OtherCareFacts,
)
from fraud.rules.more_than_a_day import more_than_a_day
from fraud.rules.same_care_again import same_care_again

DAY = date(2026, 11, 12)
NOON = datetime(2026, 11, 13, 12, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 13, 9, 0, tzinfo=UTC)

ACT = CareFacts(1, CareKind.ACT, "C", DAY, 1)
MEDICINE = CareFacts(1, CareKind.MEDICINE, "6118000000017", DAY, 2)
CLAIM = ClaimFacts("b", "NUMBER-B", NOON, None, (ACT,), (), ())
OTHER = OtherCareFacts("a", "NUMBER-A", MORNING, False, 1, CareKind.ACT, "C", DAY)


def with_other(**changes: object) -> ClaimFacts:
    return replace(CLAIM, others=(replace(OTHER, **changes),))


def test_same_care_under_another_number_is_seen_with_its_row() -> None:
    finding = same_care_again(with_other())
    assert finding is not None
    assert finding.detector == Detector.SAME_CARE_AGAIN
    assert finding.rows == (
        {
            "position": 1,
            "code": "C",
            "care_date": "2026-11-12",
            "other_claim": "a",
            "other_fse_number": "NUMBER-A",
            "other_position": 1,
        },
    )


def test_same_act_under_the_same_number_in_another_claim_is_seen() -> None:
    assert same_care_again(with_other(fse_number="NUMBER-B")) is not None


@pytest.mark.parametrize(
    ("circumstance", "changes"),
    [
        ("another day", {"care_date": date(2026, 11, 11)}),
        ("another act", {"code": "CS"}),
        ("another kind of line", {"kind": CareKind.MEDICINE}),
        ("a later claim, not yet screened", {"received_at": NOON.replace(hour=15)}),
        ("the same instant, a later key", {"received_at": NOON, "claim_id": "c"}),
        ("a line of the claim itself", {"claim_id": "b"}),
    ],
)
def test_same_care_is_not_seen(circumstance: str, changes: dict[str, object]) -> None:
    assert same_care_again(with_other(**changes)) is None


def test_a_later_claim_that_is_already_payable_is_seen() -> None:
    assert same_care_again(with_other(received_at=NOON.replace(hour=15), is_payable=True))


def test_the_same_instant_keeps_the_first_key_only() -> None:
    assert same_care_again(with_other(received_at=NOON, claim_id="a")) is not None


def medicine_again(fse_number: str) -> ClaimFacts:
    other = replace(OTHER, kind=CareKind.MEDICINE, code=MEDICINE.code, fse_number=fse_number)
    return replace(CLAIM, lines=(MEDICINE,), others=(other,))


def test_a_medicine_under_another_number_is_seen() -> None:
    assert same_care_again(medicine_again("NUMBER-A")) is not None


def test_the_rest_of_a_prescription_the_same_day_is_not_seen() -> None:
    assert same_care_again(medicine_again("NUMBER-B")) is None


def test_two_lines_of_one_claim_are_not_a_repetition() -> None:
    assert same_care_again(replace(CLAIM, lines=(ACT, replace(ACT, position=2)))) is None


@pytest.mark.parametrize(
    ("death_date", "days_after"),
    [(None, None), (date(2026, 11, 13), None), (DAY, None), (date(2026, 11, 11), 1)],
)
def test_care_after_death_starts_the_day_after(
    death_date: date | None, days_after: int | None
) -> None:
    finding = care_after_death(replace(CLAIM, death_date=death_date))
    if days_after is None:
        assert finding is None
    else:
        assert finding is not None
        assert finding.threshold == "2026-11-11"
        assert [row["days_after"] for row in finding.rows] == [days_after]


def test_only_the_lines_after_death_are_evidence() -> None:
    later = replace(ACT, position=2, care_date=date(2026, 11, 20))
    finding = care_after_death(replace(CLAIM, death_date=DAY, lines=(ACT, later)))
    assert finding is not None
    assert [row["position"] for row in finding.rows] == [2]


@pytest.mark.parametrize(("minutes", "is_seen"), [(0, False), (1440, False), (1441, True)])
def test_a_day_lasts_1440_minutes(minutes: int, is_seen: bool) -> None:
    finding = more_than_a_day(replace(CLAIM, days=(DayFacts(DAY, minutes),)))
    assert (finding is not None) == is_seen


def test_each_impossible_day_is_its_own_row() -> None:
    days = (DayFacts(DAY, 1441), DayFacts(date(2026, 11, 13), 1440))
    finding = more_than_a_day(replace(CLAIM, days=days))
    assert finding is not None
    assert finding.rows == ({"day": "2026-11-12", "minutes": 1441, "limit": 1440},)


def test_a_plain_claim_is_clean() -> None:
    assert [rule(CLAIM) for _name, rule in DETECTORS] == [None, None, None]


def test_every_detector_is_in_force_once_and_says_what_it_never_does() -> None:
    # Two hand-overs of one prescription are told by the reception of offline work, not found in a claim.
    found_in_claims = set(Detector) - {Detector.HANDED_OVER_TWICE}
    assert sorted(name for name, _rule in DETECTORS) == sorted(found_in_claims)
    for name, rule in DETECTORS:
        assert "Ne refuse jamais" in (rule.__doc__ or ""), name
        assert "Source :" in (rule.__doc__ or ""), name
