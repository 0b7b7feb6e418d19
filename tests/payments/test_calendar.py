"""The calendar of payments: pure days, planned once, one batch a day."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from payments import services
from payments.models import OrderClaim, PaymentDay
from payments.reference.holidays import HolidaysUnknown, holidays_of
from payments.rules import PayeeKind
from payments.rules.calendar import (
    CalendarRules,
    PlannedDay,
    days_of_year,
    is_working,
    working_days_before,
)
from payments.selectors.payment_days import days_to_prepare, next_payment
from tests import world
from tests.payments import factories
from tests.payments.test_reversals import refused

NOW = factories.NOW
MONDAYS = CalendarRules(frozenset({0}), (10, 25), 1)


def test_days_move_to_the_next_worked_day_and_meet_there() -> None:
    holidays = {date(2026, 1, 12)}
    days = [each for each in days_of_year(2026, MONDAYS, holidays) if each.day < date(2026, 1, 27)]

    # The 10th is a Saturday: it moves over Sunday and a holiday; so does the Monday that is the holiday.
    assert days == [
        PlannedDay(date(2026, 1, 5), PayeeKind.INSURED, date(2026, 1, 2)),
        PlannedDay(date(2026, 1, 13), PayeeKind.INSURED, date(2026, 1, 9)),
        PlannedDay(date(2026, 1, 13), PayeeKind.PROVIDER, date(2026, 1, 9)),
        PlannedDay(date(2026, 1, 19), PayeeKind.INSURED, date(2026, 1, 16)),
        PlannedDay(date(2026, 1, 26), PayeeKind.INSURED, date(2026, 1, 23)),
        PlannedDay(date(2026, 1, 26), PayeeKind.PROVIDER, date(2026, 1, 23)),
    ]


@given(
    st.integers(2020, 2040),
    st.frozensets(st.integers(0, 4)),
    st.tuples(st.integers(1, 28), st.integers(1, 31)),
    st.integers(0, 5),
    st.frozensets(st.dates(date(2020, 1, 1), date(2040, 12, 31)), max_size=30),
)
def test_every_day_is_worked_and_comes_once(year, weekdays, days, before, holidays) -> None:
    planned = days_of_year(year, CalendarRules(weekdays, days, before), holidays)

    assert list(planned) == sorted(set(planned))
    assert len({(each.day, each.payees) for each in planned}) == len(planned)
    for each in planned:
        assert each.day.year == year
        assert is_working(each.day, holidays)
        assert each.cut_off_day == working_days_before(each.day, before, holidays)
        between = [
            each.cut_off_day + timedelta(days=n) for n in range((each.day - each.cut_off_day).days)
        ]
        assert sum(1 for day in between if is_working(day, holidays)) == before


def test_holidays_say_which_are_to_be_confirmed() -> None:
    days = {each.day: each for each in holidays_of(2027)}

    assert days[date(2027, 7, 30)].is_confirmed
    assert days[date(2027, 7, 30)].name_ar == "عيد العرش"
    assert not days[date(2027, 5, 17)].is_confirmed
    with pytest.raises(HolidaysUnknown, match="2031"):
        holidays_of(2031)


@pytest.mark.django_db
def test_a_year_is_planned_once_and_what_a_person_changed_stays() -> None:
    officer = factories.officer()
    created = services.plan_payment_days(year=2027, by="system:calendar", at=NOW)
    first = created[0]
    first.note = "Report annoncé"
    services.move_payment_day(day=first, by=officer, at=NOW)

    assert services.plan_payment_days(year=2027, by="system:calendar", at=NOW) == []

    first.refresh_from_db()
    assert (first.note, first.history.count()) == ("Report annoncé", 2)
    holidays = {each.day for each in holidays_of(2027)}
    days = PaymentDay.objects.all()
    assert all(is_working(each.day, holidays) for each in days)
    assert days.filter(payees="PROVIDER").count() == 24
    assert {each.day.weekday() for each in days.filter(payees="INSURED", note="")} >= {1, 4}
    assert {timezone.localtime(each.cut_off).strftime("%H:%M") for each in days} == {"16:00"}


@pytest.mark.django_db
def test_a_year_without_its_holidays_is_refused() -> None:
    refused(
        services.CalendarUnknown,
        lambda: services.plan_payment_days(year=2031, by="system:calendar", at=NOW),
    )


@pytest.mark.django_db
def test_the_command_plans_and_says_how_many(settings) -> None:
    told = StringIO()

    call_command("plan_payment_days", year=2027, stdout=told)

    assert told.getvalue().splitlines()[-1] == str(PaymentDay.objects.count())
    with pytest.raises(CommandError, match="2031"):
        call_command("plan_payment_days", year=2031, stdout=told)


def day(payees: str = "BOTH", *, on: date = world.TODAY, cut_off=NOW) -> PaymentDay:
    return PaymentDay.objects.create(day=on, payees=payees, cut_off=cut_off)


@pytest.mark.django_db
@pytest.mark.parametrize(("payees", "paid"), [("INSURED", 1), ("PROVIDER", 2), ("BOTH", 3)])
def test_a_day_pays_its_payees_on_its_date_in_one_batch(payees, paid, preparer, approver) -> None:
    factories.claim()
    factories.claim(third_party_payment=True)
    factories.claim(third_party_payment=True)
    one = day(payees, on=date(2026, 11, 23))

    batch = services.freeze_batch(by=preparer, at=NOW, payment_day=one)
    again = services.freeze_batch(by=approver, at=NOW, payment_day=one)

    assert batch == again
    assert (batch.payment_day, batch.execution_date) == (one, date(2026, 11, 23))
    assert OrderClaim.objects.count() == paid


@pytest.mark.django_db
def test_a_day_cancelled_is_frozen_again(preparer) -> None:
    factories.claim()
    one = day()
    first = services.freeze_batch(by=preparer, at=NOW, payment_day=one)
    services.cancel_batch(batch=first, by=preparer, at=NOW, reason="erreur")

    assert services.freeze_batch(by=preparer, at=NOW, payment_day=one) != first


@pytest.mark.django_db
def test_a_day_before_its_cut_off_closed_or_past_freezes_nothing(preparer) -> None:
    factories.claim()
    early = day(cut_off=NOW + timedelta(minutes=1))
    closed = day("INSURED")
    PaymentDay.objects.filter(pk=closed.pk).update(is_open=False)
    past = day("PROVIDER", on=date(2026, 11, 19), cut_off=datetime(2026, 11, 18, tzinfo=UTC))

    for error, one in (
        (services.CutOffNotReached, early),
        (services.PaymentDayClosed, closed),
        (services.ExecutionDateInPast, past),
    ):
        refused(error, lambda one=one: services.freeze_batch(by=preparer, at=NOW, payment_day=one))


@pytest.mark.django_db
def test_what_is_to_prepare_and_what_comes_next(preparer) -> None:
    factories.claim()
    ready = day("INSURED")
    day("PROVIDER", on=date(2026, 11, 25), cut_off=NOW + timedelta(days=4))

    assert list(days_to_prepare(NOW)) == [ready]
    coming = next_payment(PayeeKind.PROVIDER, at=NOW)
    assert (coming.day, coming.in_days) == (date(2026, 11, 25), 5)
    assert next_payment(PayeeKind.INSURED, at=NOW).in_days == 0
    services.freeze_batch(by=preparer, at=NOW, payment_day=ready)
    assert list(days_to_prepare(NOW)) == []
    assert next_payment(PayeeKind.INSURED, at=NOW + timedelta(days=1)) is None


@pytest.mark.django_db
def test_a_day_with_a_batch_is_not_moved(preparer) -> None:
    factories.claim()
    one = day()
    services.freeze_batch(by=preparer, at=NOW, payment_day=one)
    one.day = date(2026, 11, 30)

    refused(
        services.PaymentDayTaken,
        lambda: services.move_payment_day(day=one, by=preparer, at=NOW),
    )
    stranger = world.user("AGENT")
    refused(
        services.NotAPaymentOfficer,
        lambda: services.move_payment_day(day=one, by=stranger, at=NOW),
    )
