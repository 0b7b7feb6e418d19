"""Plausible time, limits, sharing out and outages: pure rules, with their edges."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescriptions.rules.sharing import HandedOver, share_out
from providers.rules.outages import Extended, OutageDays, extended
from sync.rules.limits import Limit, Limits, Load, passed
from sync.rules.plausible_time import Evidence, Fault, Flag, Plausible, Tolerance, plausible

ANCHOR = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOLERANCE = Tolerance(drift_an_hour=timedelta(seconds=2), margin=timedelta(seconds=60))


def said(**fields) -> Evidence:
    known = {
        "wall": ANCHOR + 3 * HOUR,
        "anchored_at": ANCHOR,
        "elapsed": 3 * HOUR,
        "reached_at": None,
        "arrived_at": ANCHOR + 5 * HOUR,
    }
    return Evidence(**{**known, **fields})


def test_a_wall_clock_inside_the_interval_is_taken() -> None:
    width = timedelta(seconds=66)
    assert plausible(said(), TOLERANCE) == Plausible(
        ANCHOR + 3 * HOUR - width, ANCHOR + 3 * HOUR + width, ANCHOR + 3 * HOUR
    )


@pytest.mark.parametrize("wrong", [timedelta(days=-1), timedelta(days=1), timedelta(seconds=67)])
def test_a_wrong_wall_clock_gives_way_to_the_count(wrong) -> None:
    found = plausible(said(wall=ANCHOR + 3 * HOUR + wrong), TOLERANCE)
    assert isinstance(found, Plausible)
    assert (found.counts, found.flags) == (ANCHOR + 3 * HOUR, (Flag.SKEWED,))


def test_a_count_beyond_the_arrival_is_not_believed() -> None:
    assert plausible(said(elapsed=6 * HOUR), TOLERANCE) == Fault.AHEAD


def test_time_does_not_go_back_along_a_chain() -> None:
    assert plausible(said(reached_at=ANCHOR + 4 * HOUR), TOLERANCE) == Fault.BACKWARDS
    assert isinstance(plausible(said(reached_at=ANCHOR + 3 * HOUR), TOLERANCE), Plausible)


def test_a_lost_count_leaves_all_the_time_there_was() -> None:
    found = plausible(said(elapsed=None, reached_at=ANCHOR + HOUR), TOLERANCE)
    assert found == Plausible(ANCHOR + HOUR, ANCHOR + 5 * HOUR, ANCHOR + 3 * HOUR, (Flag.REBOOTED,))


def test_a_wall_clock_before_the_anchor_proves_nothing_once_the_count_is_lost() -> None:
    late = said(elapsed=None, wall=ANCHOR - HOUR)
    assert plausible(late, TOLERANCE) == Fault.BEFORE_ANCHOR


def test_a_wall_clock_after_the_arrival_is_not_believed() -> None:
    assert plausible(said(elapsed=None, wall=ANCHOR + 6 * HOUR), TOLERANCE) == Fault.AHEAD


def test_without_an_anchor_the_interval_is_said_to_be_weak() -> None:
    found = plausible(said(anchored_at=None, elapsed=None), TOLERANCE)
    assert isinstance(found, Plausible)
    assert found.flags == (Flag.NO_ANCHOR,)
    assert found.latest == ANCHOR + 5 * HOUR


minutes = st.integers(min_value=-5000, max_value=5000).map(lambda n: timedelta(minutes=n))


@given(
    wall=minutes,
    elapsed=st.none()
    | st.integers(min_value=0, max_value=5000).map(lambda n: timedelta(minutes=n)),
    anchored=st.booleans(),
    reached=st.none() | st.integers(0, 2000).map(lambda n: timedelta(minutes=n)),
)
def test_what_counts_is_inside_its_interval_and_never_after_the_arrival(
    wall, elapsed, anchored, reached
) -> None:
    arrived = ANCHOR + timedelta(minutes=2500)
    found = plausible(
        Evidence(
            wall=ANCHOR + wall,
            anchored_at=ANCHOR if anchored else None,
            elapsed=elapsed,
            reached_at=ANCHOR + reached if reached is not None else None,
            arrived_at=arrived,
        ),
        TOLERANCE,
    )
    if isinstance(found, Plausible):
        assert found.earliest <= found.counts <= found.latest <= arrived


LIMITS = Limits(time=72 * HOUR, sheets=300, amount=5_000_000, insured_day=500_000, box=300_000)


def load(**fields) -> Load:
    known = {
        "anchored_at": ANCHOR,
        "signed_at": ANCHOR + HOUR,
        "sheets": 1,
        "amount": 1,
        "insured_day": 1,
        "box": 1,
        "has_narcotic": False,
    }
    return Load(**{**known, **fields})


@pytest.mark.parametrize(
    ("at_the_limit", "beyond", "limit"),
    [
        ({"signed_at": ANCHOR + 72 * HOUR}, {"signed_at": ANCHOR + 73 * HOUR}, Limit.TIME),
        ({"sheets": 300}, {"sheets": 301}, Limit.SHEETS),
        ({"amount": 5_000_000}, {"amount": 5_000_001}, Limit.AMOUNT),
        ({"insured_day": 500_000}, {"insured_day": 500_001}, Limit.INSURED_DAY),
        ({"box": 300_000}, {"box": 300_001}, Limit.PRODUCT),
        ({"has_narcotic": False}, {"has_narcotic": True}, Limit.PRODUCT),
        ({}, {"anchored_at": None}, Limit.TIME),
    ],
)
def test_a_limit_is_passed_just_beyond_it(at_the_limit, beyond, limit) -> None:
    assert passed(load(**at_the_limit), LIMITS) is None
    assert passed(load(**beyond), LIMITS) == limit


def test_the_earliest_hand_over_gets_the_boxes() -> None:
    later, earlier = HandedOver(ANCHOR + HOUR, 2), HandedOver(ANCHOR, 2)
    assert share_out(2, [later, earlier]) == [2, 0]
    assert share_out(3, [later, earlier]) == [1, 0]


@given(
    prescribed=st.integers(0, 20),
    handed=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6)), max_size=6),
)
def test_no_box_is_lost_and_none_given_twice(prescribed, handed) -> None:
    given_over = [HandedOver(ANCHOR + n * HOUR, boxes) for n, boxes in handed]
    beyond = share_out(prescribed, given_over)
    counted = [each.boxes - over for each, over in zip(given_over, beyond, strict=True)]
    assert all(0 <= over <= each.boxes for each, over in zip(given_over, beyond, strict=True))
    assert sum(counted) == min(prescribed, sum(each.boxes for each in given_over))


def test_an_outage_moves_a_limit_that_falls_in_it() -> None:
    outage = OutageDays("P1", date(2026, 11, 1), date(2026, 11, 10))
    assert extended(date(2026, 11, 5), [outage], grace_days=7) == Extended(date(2026, 11, 17), "P1")
    assert extended(date(2026, 11, 10), [outage], grace_days=7).outage == "P1"
    for outside in (date(2026, 10, 31), date(2026, 11, 11)):
        assert extended(outside, [outage], grace_days=7) == Extended(outside)


def test_outages_that_follow_move_it_again_and_one_going_on_suspends_it() -> None:
    first = OutageDays("P1", date(2026, 11, 1), date(2026, 11, 3))
    second = OutageDays("P2", date(2026, 11, 9), None)
    moved = extended(date(2026, 11, 2), [first, second], grace_days=7)
    assert moved == Extended(None, "P2")
    assert moved.holds(date(2030, 1, 1))
