"""A hold is not dodged, and a person who decided with the signals in sight is not asked again."""

from datetime import date, timedelta

import pytest

from accounts.models import Role
from claims.models import Claim, ProviderDay, Screening
from core.errors import DomainError
from fraud import services
from fraud.models import HoldDecision, Signal
from fraud.rules import catalogue
from insured.models import Person
from tests import world
from tests.fraud.filing import care_claim, screened

pytestmark = pytest.mark.django_db

LATER = world.NOW + timedelta(days=100)


def fresh(claim: Claim) -> Claim:
    return Claim.objects.select_related("provider").get(pk=claim.pk)


@pytest.fixture
def ran_out() -> Claim:
    """A claim of care after death, whose hold ended by the clock."""
    claim = screened(care_claim(patient=world.person(death_date=date(2026, 11, 1))))
    assert claim.state == "HELD"
    assert services.end_holds(at=LATER) == 1
    return fresh(claim)


def confirm(claim: Claim, role: Role, at=LATER) -> None:
    services.confirm_review(claim=claim, reason="vérifié", by=world.user(role), at=at)


def test_a_person_who_confirmed_with_the_signals_in_sight_is_not_asked_again(ran_out) -> None:
    confirm(ran_out, Role.AGENT)
    services.screen_claims(subject_ids=[ran_out.pk], at=LATER + timedelta(minutes=1))

    claim = fresh(ran_out)
    assert (claim.state, claim.decision_n) == ("APPROVED", 2)
    assert Screening.objects.get(pk=claim.screening_id).decision_n == 2
    assert Signal.objects.filter(claim=claim).count() == 2
    verdicts = HoldDecision.objects.order_by("decided_at", "id").values_list("verdict", flat=True)
    assert list(verdicts) == ["EXPIRED", "RELEASED"]


def test_new_evidence_holds_again(ran_out) -> None:
    confirm(ran_out, Role.FRAUD_OFFICER)
    Person.objects.filter(pk=ran_out.patient_id).update(death_date=date(2026, 10, 1))
    services.screen_claims(subject_ids=[ran_out.pk], at=LATER + timedelta(minutes=1))

    assert fresh(ran_out).state == "HELD"


def test_one_new_row_beside_a_known_one_holds_again() -> None:
    doctor, patient = world.practice(), world.person()
    screened(care_claim(doctor, patient))
    second = screened(care_claim(doctor, patient), at=world.NOW)
    services.end_holds(at=LATER)
    confirm(fresh(second), Role.AGENT)
    third = screened(care_claim(doctor, patient), at=LATER)
    services.release_hold(claim=third, reason="vu", by=world.user(Role.AGENT), at=LATER)
    services.screen_claims(subject_ids=[second.pk], at=LATER + timedelta(minutes=1))

    assert fresh(second).state == "HELD"
    rows = Signal.objects.get(claim=second, decision_n=2).evidence["rows"]
    assert len(rows) == 2


def test_a_new_statistic_alone_does_not_hold_again(ran_out) -> None:
    confirm(ran_out, Role.FRAUD_OFFICER)
    ProviderDay.objects.filter(provider=ran_out.provider).update(minutes=2000)
    services.screen_claims(subject_ids=[ran_out.pk], at=LATER + timedelta(minutes=1))

    assert fresh(ran_out).state == "APPROVED"


@pytest.mark.parametrize("deed", [services.confirm_review, services.deny_review])
def test_a_hold_that_ran_out_is_not_dodged_through_the_medical_officer(ran_out, deed) -> None:
    before = world.rows_everywhere()
    with pytest.raises(DomainError) as refusal:
        deed(claim=ran_out, reason="vu", by=world.user(Role.MEDICAL_OFFICER), at=LATER)

    assert refusal.value.code == "HOLD_NOT_YOURS"
    after = world.rows_everywhere()
    assert {**after, "accounts.User": 0} == {**before, "accounts.User": 0}


def test_a_hold_that_ran_out_and_was_denied_pays_nothing(ran_out) -> None:
    services.deny_review(claim=ran_out, reason="non", by=world.user(Role.AGENT), at=LATER)

    claim = fresh(ran_out)
    assert (claim.state, claim.outcome, claim.reimbursed_centimes) == ("DENIED", "denied", 0)


def test_a_detector_that_failed_showed_nothing_to_the_person(monkeypatch) -> None:
    def broken(_facts):
        raise LookupError

    claim = screened(care_claim(patient=world.person(death_date=date(2026, 11, 1))))
    services.end_holds(at=LATER)
    confirm(fresh(claim), Role.AGENT)
    (name, _rule), *others = catalogue.DETECTORS
    monkeypatch.setattr("fraud.services._screening.DETECTORS", ((name, broken), *others))
    services.screen_claims(subject_ids=[claim.pk], at=LATER)

    assert fresh(claim).state == "HELD"


def test_a_released_claim_does_not_release_the_next_one_of_the_same_kind() -> None:
    doctor, patient = world.practice(), world.person()
    first = screened(care_claim(doctor, patient))
    second = screened(care_claim(doctor, patient, at=world.NOW + timedelta(hours=1)))
    services.release_hold(claim=second, reason="acte répété", by=world.user(Role.AGENT), at=LATER)
    third = screened(care_claim(doctor, patient, at=world.NOW + timedelta(hours=2)))

    assert (first.state, third.state) == ("APPROVED", "HELD")
