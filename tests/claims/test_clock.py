"""The fairness clock: who has the ball, what is left, what does not count; and what it costs to read."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.models import Claim
from claims.presenters.clock import (
    clock_left,
    clock_mark,
    clock_output,
    clock_sentence,
    shown_clock,
)
from claims.rules.clock import PAUSING, Side, Turn, read_clock
from claims.selectors import clocks_of
from core.transitions import move
from payments import services as payments
from payments.gateways.demo_bank import demo_bank_answer
from payments.models import PaymentOrder
from tests import world
from tests.payments import factories

RABAT = ZoneInfo("Africa/Casablanca")
FILED = datetime(2026, 1, 5, 9, 30, tzinfo=RABAT)


def on(day: int, hour: int = 12) -> datetime:
    """An instant `day` days after the filing."""
    return FILED.replace(hour=hour, minute=0) + timedelta(days=day)


def turn(day: int, side: Side | None, why: str = "X", hour: int = 12) -> Turn:
    return Turn(on(day, hour), side, why)


def test_the_ball_the_days_of_each_side_and_what_is_left() -> None:
    clock = read_clock(
        [
            Turn(FILED, Side.SYSTEM, "SUBMITTED"),
            turn(0, Side.INSURER, "APPROVED", hour=10),
            turn(10, Side.BANK, "SENT"),
            turn(12, Side.INSURED, "PAYMENT_FAILED"),
            turn(32, Side.INSURER, "SCHEDULED"),
        ],
        at=on(40),
        legal_days=30,
    )

    assert clock.used == {Side.SYSTEM: 0, Side.INSURER: 18, Side.BANK: 2, Side.INSURED: 20}
    assert (clock.side, clock.since, clock.why) == (Side.INSURER, on(32), "SCHEDULED")
    assert (clock.counted_days, clock.left_days) == (20, 10)
    assert clock.deadline == date(2026, 1, 5) + timedelta(days=50)
    assert [(each.turn.why, each.days) for each in clock.pauses] == [("PAYMENT_FAILED", 20)]
    assert (clock.is_closed, clock.is_paused, clock.is_overdue) == (False, False, False)


def test_moves_of_one_side_in_a_row_are_one_turn_with_the_ball() -> None:
    clock = read_clock(
        [turn(0, Side.SYSTEM), turn(3, Side.INSURER, "HELD"), turn(5, Side.INSURER, "APPROVED")],
        at=on(9),
        legal_days=90,
    )

    assert (clock.since, clock.why) == (on(3), "APPROVED")


@pytest.mark.parametrize(
    ("day", "left", "overdue"), [(29, 1, False), (30, 0, False), (31, -1, True)]
)
def test_the_last_day_of_the_delay_is_still_in_time(day: int, left: int, overdue: bool) -> None:
    clock = read_clock([turn(0, Side.INSURER)], at=on(day, hour=23), legal_days=30)

    assert (clock.left_days, clock.is_overdue) == (left, overdue)


def test_a_closed_file_stands_still_and_says_whether_it_was_late() -> None:
    turns = [turn(0, Side.INSURER), turn(31, None, "PAID")]

    for day in (31, 500):
        clock = read_clock(turns, at=on(day), legal_days=30)
        assert (clock.left_days, clock.is_overdue, clock.is_closed) == (-1, True, True)
        assert clock.used == {Side.INSURER: 31}


def test_days_after_a_closing_do_not_count_when_the_file_is_opened_again() -> None:
    turns = [turn(0, Side.INSURER), turn(5, None, "PAID"), turn(25, Side.INSURED, "PAYMENT_FAILED")]

    clock = read_clock(turns, at=on(28), legal_days=30)

    assert clock.used == {Side.INSURER: 5, Side.INSURED: 3}
    assert clock.left_days == 25
    assert clock.deadline == on(53).date()


def test_what_comes_after_the_reading_is_not_known_yet() -> None:
    turns = [turn(0, Side.INSURER), turn(9, None, "PAID")]

    assert read_clock(turns, at=on(8), legal_days=30).side is Side.INSURER


def test_days_are_those_of_the_fund_not_of_the_server() -> None:
    """00:30 in Casablanca is still the day before in UTC: the day counted is Casablanca's."""
    filed = datetime(2026, 11, 19, 23, 30, tzinfo=UTC).astimezone(RABAT)

    clock = read_clock([Turn(filed, Side.INSURER, "X")], at=filed, legal_days=30)

    assert clock.filed_on == date(2026, 11, 20)


@pytest.mark.parametrize("turns", [[], [turn(9, Side.BANK)], [turn(3, None), turn(1, Side.BANK)]])
def test_a_clock_without_a_filing_or_out_of_order_is_refused(turns: list[Turn]) -> None:
    with pytest.raises(ValueError, match=r"filing|order"):
        read_clock(turns, at=on(5), legal_days=30)


sides = st.one_of(st.none(), st.sampled_from(Side))


@given(
    moves=st.lists(st.tuples(st.integers(0, 60 * 24), sides), max_size=12),
    read_at=st.integers(0, 90 * 24),
    legal_days=st.integers(1, 120),
)
def test_against_a_count_day_by_day(
    moves: list[tuple[int, Side | None]], read_at: int, legal_days: int
) -> None:
    """The oracle walks the calendar midnight by midnight and asks who had the ball just before it."""
    turns = [Turn(FILED, Side.SYSTEM, "0")] + [
        Turn(FILED + timedelta(hours=hours), side, str(hours))
        for hours, side in sorted(moves, key=lambda each: each[0])
    ]
    at = FILED + timedelta(hours=read_at)

    clock = read_clock(turns, at=at, legal_days=legal_days)

    known = [each for each in turns if each.at <= at]
    end = known[-1].at if known[-1].side is None else at
    counted, of_sides = 0, dict.fromkeys(Side, 0)
    day = FILED.date()
    while day < end.date():
        holder = [each for each in known if each.at.date() <= day][-1].side
        if holder is not None:
            of_sides[holder] += 1
            counted += holder not in PAUSING
        day += timedelta(days=1)
    assert {side: days for side, days in of_sides.items() if days} == {
        side: days for side, days in clock.used.items() if days
    }
    assert clock.left_days == legal_days - counted
    assert clock.is_overdue == (counted > legal_days)


@pytest.fixture
def batch_of(db: None):
    """Freeze, approve and send a batch at an instant; return its file."""
    preparer, approver = factories.officer(), factories.officer()

    def send(at: datetime) -> tuple[bytes, object]:
        batch = payments.freeze_batch(by=preparer, at=at)
        payments.approve_batch(batch=batch, by=approver, at=at)
        return payments.export_batch(batch=batch, by=approver, at=at + timedelta(hours=1)), preparer

    return send


def read(claim: Claim, at: datetime):
    claim.refresh_from_db()
    return clocks_of([claim], at=at)[claim.pk]


def test_the_clock_of_a_claim_through_a_returned_transfer(batch_of) -> None:
    claim = factories.claim(at=world.NOW)
    day = timedelta(days=1)
    file, officer = batch_of(world.NOW + 4 * day)

    sent = read(claim, world.NOW + 5 * day)
    reference = PaymentOrder.objects.get().reference
    payments.read_bank_answer(
        content=demo_bank_answer(file, at=world.NOW + 6 * day, returned=[reference]),
        by=officer,
        at=world.NOW + 6 * day,
    )
    back = read(claim, world.NOW + 16 * day)

    assert (sent.side, sent.since) == (Side.BANK, world.NOW + 4 * day + timedelta(hours=1))
    assert sent.legal_days == 90
    assert (back.side, back.is_paused, back.left_days) == (Side.INSURED, True, 84)
    assert [each.days for each in back.pauses] == [10]
    # The account is closed: the repair of the transfer waits for the payee from the same instant.
    assert back.why == "WAITING_PAYEE"
    third_party = factories.claim(at=world.NOW, third_party_payment=True)
    move(third_party, "SCHEDULED", by="system:clock", at=world.NOW)
    move(third_party, "PAYMENT_FAILED", by="system:clock", at=world.NOW)
    assert read(third_party, world.NOW).side is Side.PROVIDER


def test_a_paid_claim_is_closed_on_its_day(batch_of) -> None:
    claim = factories.claim(at=world.NOW)
    paid_at = world.NOW + timedelta(days=6)
    file, officer = batch_of(world.NOW + timedelta(days=4))
    payments.read_bank_answer(content=demo_bank_answer(file, at=paid_at), by=officer, at=paid_at)

    clock = read(claim, paid_at + timedelta(days=200))

    assert (clock.is_closed, clock.counted_days, clock.left_days) == (True, 6, 84)
    assert (clock_mark(clock), clock_left(clock)) == ("paid", "clos en 6 jours")


@pytest.mark.django_db
def test_many_clocks_take_as_many_queries_as_one(django_assert_num_queries) -> None:
    claims = [factories.claim() for _ in range(3)]

    assert clocks_of([], at=world.NOW) == {}
    for number in (1, 3):
        with django_assert_num_queries(2):
            clocks_of(claims[:number], at=world.NOW)


@pytest.mark.django_db
def test_the_words_of_the_clock_in_both_languages() -> None:
    claim = factories.claim(at=world.NOW)

    late = clock_output(read(claim, world.NOW + timedelta(days=93)))
    fresh = read(claim, world.NOW + timedelta(days=1))

    assert late["sentence"] == {
        "fr": "Le calcul automatique a ce dossier depuis le 20/11/2026. "
        "Le délai légal est dépassé de 3 jours.",
        "ar": "الملف في الحساب الآلي منذ 20/11/2026. تم تجاوز الأجل القانوني بـ 3 أيام.",
    }
    assert (late["state"], late["left_days"], late["deadline"]) == ("fix", -3, "2027-02-18")
    assert clock_output(fresh)["sentence"]["ar"].endswith("بقي 89 يوما من الأجل القانوني.")
    shown = shown_clock(fresh)
    assert shown["is_unsure"]
    assert (shown["used_days"], shown["legal_days"], shown["deadline"]) == (
        1,
        90,
        date(2027, 2, 18),
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "sentence", "left"),
    [
        (0, "Il reste 90 jours du délai légal.", "reste 90 jours"),
        (89, "Il reste 1 jour du délai légal.", "reste 1 jour"),
        (90, "C’est le dernier jour du délai légal.", "dernier jour"),
        (91, "Le délai légal est dépassé de 1 jour.", "1 jour de retard"),
    ],
)
def test_the_last_days_are_said_one_by_one(day: int, sentence: str, left: str) -> None:
    clock = read(factories.claim(at=world.NOW), world.NOW + timedelta(days=day))

    assert clock_output(clock)["sentence"]["fr"].endswith(sentence)
    assert clock_left(clock) == left


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "Dossier clos le jour même."),
        (1, "Dossier clos en 1 jour."),
        (95, "Dossier clos en 95 jours. Le délai légal est dépassé de 5 jours."),
    ],
)
def test_a_closed_file_says_in_how_many_days(days: int, said: str) -> None:
    turns = [turn(0, Side.INSURER), turn(days, None, "PAID")]

    assert clock_sentence(read_clock(turns, at=on(200), legal_days=90)) == said


@pytest.mark.django_db
def test_only_the_office_reads_what_the_bank_wrote() -> None:
    claim = factories.claim(at=world.NOW)
    move(claim, "SCHEDULED", by="system:clock", at=world.NOW)
    move(claim, "PAYMENT_FAILED", by="system:clock", at=world.NOW, reason="AC04 Compte clos")
    clock = read(claim, world.NOW + timedelta(days=2))

    assert "AC04" in shown_clock(clock, notes=True)["pauses"][0]
    assert shown_clock(clock)["pauses"] == ["20/11/2026 · 2 jours d’attente · assuré"]
