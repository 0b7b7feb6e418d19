"""The gate before payment: what it writes, what it refuses, and that it happens once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from claims.models import Claim, ProviderDay, Screening
from claims.states import ClaimState
from core.errors import DomainError
from core.models import Transition
from fraud import services
from fraud.models import HoldDecision, Signal
from fraud.rules import catalogue
from fraud.rules.facts import ClaimFacts, Detector
from tests import world
from tests.fraud.filing import care_claim, screened

pytestmark = pytest.mark.django_db

LATER = world.NOW + timedelta(hours=1)


def fresh(claim: Claim) -> Claim:
    return Claim.objects.get(pk=claim.pk)


def rows() -> tuple[int, int, int]:
    return Screening.objects.count(), Signal.objects.count(), Transition.objects.count()


def test_a_clean_claim_is_approved_with_its_own_screening() -> None:
    claim = screened(care_claim())
    assert claim.state == ClaimState.APPROVED
    assert claim.screening is not None
    assert claim.screening.claim_id == claim.pk
    assert claim.screening.verdict == Screening.Verdict.CLEAN
    assert claim.screening.decision_n == claim.decision_n == 1
    assert not Signal.objects.exists()


def test_the_second_of_two_equal_claims_is_held_with_the_row_it_repeats() -> None:
    doctor, patient = world.practice(), world.person()
    first = screened(care_claim(doctor, patient))
    second = screened(care_claim(doctor, patient), at=LATER)
    assert (first.state, second.state) == (ClaimState.APPROVED, ClaimState.HELD)
    assert second.held_until == LATER + timedelta(days=15)
    signal = Signal.objects.get()
    assert (signal.claim_id, signal.detector) == (second.pk, "SAME_CARE_AGAIN")
    assert signal.evidence["rows"][0]["other_fse_number"] == first.sheet.fse_number
    assert Screening.objects.get(claim=second).verdict == Screening.Verdict.SIGNALLED


def test_two_equal_claims_in_one_call_keep_the_first() -> None:
    doctor, patient = world.practice(), world.person()
    claims = [care_claim(doctor, patient), care_claim(doctor, patient)]
    services.screen_claims(subject_ids=[claim.pk for claim in reversed(claims)], at=LATER)
    assert [fresh(claim).state for claim in claims] == [ClaimState.APPROVED, ClaimState.HELD]


def test_care_after_death_is_held() -> None:
    patient = world.person(death_date=date(2026, 11, 1))
    claim = screened(care_claim(patient=patient))
    assert claim.state == ClaimState.HELD
    assert Signal.objects.get().evidence["rows"][0]["days_after"] == 19


@pytest.mark.parametrize(("minutes", "signals"), [(1440, 0), (1441, 1)])
def test_an_impossible_day_alone_is_signalled_and_paid(minutes: int, signals: int) -> None:
    claim = care_claim()
    ProviderDay.objects.filter(provider=claim.provider).update(minutes=minutes)
    assert screened(claim).state == ClaimState.APPROVED
    assert Signal.objects.filter(detector="MORE_THAN_A_DAY").count() == signals


def test_an_impossible_day_holds_beside_a_fact() -> None:
    claim = care_claim(patient=world.person(death_date=date(2026, 11, 1)))
    ProviderDay.objects.filter(provider=claim.provider).update(minutes=1441)
    claim = screened(claim)
    assert claim.state == ClaimState.HELD
    move = Transition.objects.get(subject_id=claim.pk, to_state="HELD")
    assert set(move.reason.split(", ")) == {"CARE_AFTER_DEATH", "MORE_THAN_A_DAY"}


def test_the_same_message_twice_writes_the_same_rows() -> None:
    claims = [care_claim(), care_claim(patient=world.person(death_date=date(2026, 11, 1)))]
    keys = [claim.pk for claim in claims]
    services.screen_claims(subject_ids=keys, at=world.NOW)
    once = rows()
    services.screen_claims(subject_ids=keys, at=LATER)
    assert rows() == once
    assert once[:2] == (2, 1)


def test_a_cancelled_claim_is_not_the_first_of_two() -> None:
    from claims.services import cancel_claim

    doctor, patient = world.practice(), world.person()
    withdrawn = care_claim(doctor, patient)
    cancel_claim(withdrawn, reason="saisie en double", by=doctor.user, at=world.NOW)
    assert screened(care_claim(doctor, patient), at=LATER).state == ClaimState.APPROVED


def test_a_detector_that_fails_sends_the_claim_to_a_person_and_the_others_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(facts: ClaimFacts) -> None:
        raise ZeroDivisionError

    detectors = ((Detector.MORE_THAN_A_DAY, broken), *catalogue.DETECTORS[:2])
    monkeypatch.setattr("fraud.services._screening.DETECTORS", detectors)
    claim = screened(care_claim(patient=world.person(death_date=date(2026, 11, 1))))
    assert claim.state == ClaimState.HELD
    seen = dict(Signal.objects.values_list("detector", "evidence"))
    assert seen["MORE_THAN_A_DAY"] == {"failed": "ZeroDivisionError"}
    assert set(seen) == {"MORE_THAN_A_DAY", "CARE_AFTER_DEATH"}


def test_facts_of_a_list_cost_the_same_queries_as_of_one() -> None:
    from fraud.selectors import gather

    keys = [care_claim().pk for _ in range(5)]
    every = list(Claim.objects.filter(pk__in=keys).select_related("sheet", "patient"))
    counts = []
    for claims in (every[:1], every):
        with CaptureQueriesContext(connection) as queries:
            gather(claims)
        counts.append(len(queries))
    assert counts == [3, 3]


def test_a_batch_of_thirty_costs_the_queries_of_a_batch_of_three_holds_included() -> None:
    """A third of each batch is held; it is more rows, not more statements."""
    doctor, counts = world.practice(), []
    for size in (3, 30):
        dead = [date(2026, 11, 1) if place % 3 == 0 else None for place in range(size)]
        keys = [care_claim(doctor, world.person(death_date=day)).pk for day in dead]
        with CaptureQueriesContext(connection) as queries:
            services.screen_claims(subject_ids=keys, at=LATER)
        counts.append(len(queries))
        held = Claim.objects.filter(pk__in=keys, state=ClaimState.HELD)
        assert held.count() == size // 3
        moves = Transition.objects.filter(subject_id__in=keys, to_state="HELD")
        assert set(moves.values_list("reason", flat=True)) == {"CARE_AFTER_DEATH"}
    assert counts[0] == counts[1]


def test_the_database_refuses_approval_without_a_screening() -> None:
    claim = care_claim()
    with pytest.raises(IntegrityError, match="no_money_leaves_unscreened"), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(state=ClaimState.APPROVED)
    assert fresh(claim).state == ClaimState.ADJUDICATED


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_the_screening_of_another_claim() -> None:
    claim, other = care_claim(), screened(care_claim())
    with pytest.raises(IntegrityError, match="screening_is_of_this_claim"):
        Claim.objects.filter(pk=claim.pk).update(
            state=ClaimState.APPROVED, screening=other.screening
        )
    assert fresh(claim).state == ClaimState.ADJUDICATED


def held() -> Claim:
    return screened(care_claim(patient=world.person(death_date=date(2026, 11, 1))))


@pytest.mark.parametrize(
    ("service", "state", "verdict"),
    [
        (services.release_hold, ClaimState.APPROVED, "RELEASED"),
        (services.refuse_hold, ClaimState.DENIED, "REFUSED"),
    ],
)
def test_a_person_ends_a_hold_with_a_reason(service: Any, state: ClaimState, verdict: str) -> None:
    claim, agent = held(), world.user(Role.AGENT)
    service(claim=claim, reason=" acte de décès corrigé ", by=agent, at=LATER)
    claim = fresh(claim)
    assert (claim.state, claim.held_until) == (state, None)
    ended = HoldDecision.objects.get()
    assert (ended.verdict, ended.reason) == (verdict, "acte de décès corrigé")
    assert ended.decided_by == f"user:{agent.pk}"


@pytest.mark.parametrize("service", [services.release_hold, services.refuse_hold])
@pytest.mark.parametrize("role", sorted(Role))
def test_only_agents_and_fraud_officers_end_holds(service: Any, role: Role) -> None:
    claim, person = held(), world.user(role)
    before = rows()
    if role in {Role.AGENT, Role.FRAUD_OFFICER}:
        service(claim=claim, reason="vérifié", by=person, at=LATER)
        assert fresh(claim).state != ClaimState.HELD
        return
    with pytest.raises(DomainError) as refusal:
        service(claim=claim, reason="vérifié", by=person, at=LATER)
    assert refusal.value.code == "HOLD_NOT_YOURS"
    assert (fresh(claim).state, rows()) == (ClaimState.HELD, before)


def test_a_hold_is_never_ended_without_a_reason() -> None:
    claim, before = held(), None
    before = rows()
    with pytest.raises(DomainError) as refusal:
        services.refuse_hold(claim=claim, reason="  ", by=world.user(Role.AGENT), at=LATER)
    assert refusal.value.code == "REASON_MISSING"
    assert (fresh(claim).state, rows()) == (ClaimState.HELD, before)
    assert not HoldDecision.objects.exists()


def test_the_second_agent_is_told_who_decided_and_when() -> None:
    claim = held()
    first = world.user(Role.AGENT, full_name="Rachid Sebti")
    services.refuse_hold(claim=claim, reason="acte fictif", by=first, at=LATER)
    before = rows()
    with pytest.raises(DomainError) as refusal:
        services.release_hold(
            claim=claim, reason="acte réel", by=world.user(Role.FRAUD_OFFICER), at=LATER
        )
    assert refusal.value.code == "HOLD_ALREADY_ENDED"
    assert refusal.value.text("fr") == (
        "Cette suspension a déjà été traitée par Rachid Sebti, le 20/11/2026 12:00 : refusée. "
        "Votre décision n’a pas été enregistrée ; rien n’a été modifié."
    )
    assert rows() == before
    assert HoldDecision.objects.get().verdict == "REFUSED"


def test_a_claim_that_is_not_held_has_no_hold_to_end() -> None:
    claim = screened(care_claim())
    with pytest.raises(DomainError) as refusal:
        services.refuse_hold(claim=claim, reason="non", by=world.user(Role.AGENT), at=LATER)
    assert refusal.value.code == "CLAIM_NOT_HELD"


def test_a_hold_ends_by_the_clock_in_review_and_not_before() -> None:
    claim = held()
    assert claim.held_until is not None
    assert services.end_holds(at=claim.held_until - timedelta(seconds=1)) == 0
    assert fresh(claim).state == ClaimState.HELD
    assert services.end_holds(at=claim.held_until) == 1
    assert (fresh(claim).state, fresh(claim).held_until) == (ClaimState.IN_REVIEW, None)
    ended = HoldDecision.objects.get()
    assert (ended.verdict, ended.decided_by) == ("EXPIRED", "system:clock")
    assert services.end_holds(at=claim.held_until) == 0
