"""Boxes at two counters, and days at midnight in Casablanca."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from claims.models import ProviderDay
from claims.services import check_rights
from core.errors import DomainError
from core.models import AuditEvent
from fraud.selectors import audit_trail
from payments import selectors as payments
from prescriptions import services
from tests import world

pytestmark = pytest.mark.django_db
# 23:30 of the 20th in UTC is 00:30 of the 21st in Casablanca (UTC+1).
AFTER_MIDNIGHT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
BEFORE_MIDNIGHT = datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC)


@pytest.fixture
def doctor() -> world.Practice:
    world.act("C")
    return world.practice()


def paper_and_box(doctor, boxes: int = 2):
    box = world.medicine()
    return world.prescribe(doctor, world.prescription_document(doctor, world.person(), [box])), box


def code_of(refusal) -> str:
    return refusal.value.code


def test_a_counter_whose_time_ran_out_does_not_hand_over_under_the_next_one(doctor) -> None:
    paper, box = paper_and_box(doctor)
    first, second = world.pharmacy(), world.pharmacy()
    take = services.take_custody
    held = take(fse_number=paper.fse_number, pharmacy=first.provider, by=first.user, at=world.NOW)
    with pytest.raises(DomainError) as refusal:
        take(fse_number=paper.fse_number, pharmacy=second.provider, by=second.user, at=world.NOW)
    assert code_of(refusal) == "PRESCRIPTION_HELD"
    late = held.custody_until
    take(fse_number=paper.fse_number, pharmacy=second.provider, by=second.user, at=late)

    with pytest.raises(DomainError) as refusal:
        world.dispense(
            first, world.dispensing_document(first, paper, [(1, box, 1, "75.00")]), at=late
        )
    assert code_of(refusal) == "PRESCRIPTION_HELD"
    # Nor can it give back what the other one holds.
    services.release_custody(
        fse_number=paper.fse_number, pharmacy=first.provider, by=first.user, at=late
    )
    claim = world.dispense(
        second, world.dispensing_document(second, paper, [(1, box, 2, "150.00")]), at=late
    )
    assert claim.charged_centimes == 15_000


def test_a_counter_left_open_does_not_lock_a_prescription_for_ever(doctor) -> None:
    paper, box = paper_and_box(doctor)
    first, second = world.pharmacy(), world.pharmacy()
    held = services.take_custody(
        fse_number=paper.fse_number, pharmacy=first.provider, by=first.user, at=world.NOW
    )
    claim = world.dispense(
        second,
        world.dispensing_document(second, paper, [(1, box, 2, "150.00")]),
        at=held.custody_until,
    )
    assert claim.provider == second.provider


@pytest.mark.parametrize(
    ("at", "day"), [(BEFORE_MIDNIGHT, date(2026, 11, 20)), (AFTER_MIDNIGHT, date(2026, 11, 21))]
)
def test_a_claim_is_received_on_the_day_of_the_fund_s_clock(doctor, at, day) -> None:
    claim = world.submit(doctor, world.care_document(doctor, world.person()), at=at)

    assert claim.received_date == day
    assert payments.local_day(at) == day


def test_tomorrow_begins_at_midnight_in_casablanca(doctor) -> None:
    def document() -> dict:
        made = world.care_document(doctor, world.person())
        made["lines"][0]["care_date"] = "2026-11-21"
        return made

    with pytest.raises(DomainError):
        world.submit(doctor, document(), at=BEFORE_MIDNIGHT)
    assert world.submit(doctor, document(), at=AFTER_MIDNIGHT).state == "ADJUDICATED"


def test_rights_that_end_today_are_closed_today(doctor) -> None:
    closing = world.person(rights=DateRange(date(2020, 1, 1), world.TODAY))
    last_day = world.person(rights=DateRange(date(2020, 1, 1), world.TODAY + timedelta(days=1)))

    assert world.submit(doctor, world.care_document(doctor, closing)).state == "DENIED"
    assert world.submit(doctor, world.care_document(doctor, last_day)).state == "ADJUDICATED"


def test_minutes_of_a_claim_are_those_of_its_care_day(doctor) -> None:
    world.submit(doctor, world.care_document(doctor, world.person()), at=AFTER_MIDNIGHT)

    assert ProviderDay.objects.get().day == world.TODAY


@pytest.mark.parametrize("asked", ["\x00", "a\x00b", "%", "'", "\\", "_" * 500])
def test_the_audit_page_finds_nothing_rather_than_fails(asked: str) -> None:
    assert list(audit_trail(asked)) == []


def test_who_guesses_at_persons_leaves_a_trace(doctor) -> None:
    answers = check_rights(
        cin="ZZ999999", day=world.TODAY, provider=doctor.provider, by=doctor.user, at=world.NOW
    )

    assert answers == []
    event = AuditEvent.objects.get(action="insured.rights.sought_in_vain")
    assert (event.actor, event.insured_id) == (f"user:{doctor.user.pk}", None)
    assert "ZZ999999" not in str(event.after)
