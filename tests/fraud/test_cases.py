"""Cases: opened from alarms, one a subject, in one officer's hands, decided once, money asked back once."""

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Role, User
from claims.models import Claim
from claims.states import ClaimState
from config.recoveries import ask_recoveries
from core.errors import DomainError
from core.models import OutboxMessage
from fraud import services
from fraud.models import Alarm, Case, CaseItem, CaseRecovery, HoldDecision, NightRun, Signal
from fraud.selectors.cases import claims_of_case, day_of, evidence_of
from fraud.selectors.rules import records, rules_in_force
from payments.models import Reversal, UndueAmount
from payments.services import confirm_reversal, refuse_reversal
from tests import world
from tests.fraud.filing import care_claim, night, screened
from tests.fraud.test_two_agents import at_once

pytestmark = pytest.mark.django_db

LATER = world.NOW + timedelta(hours=2)
REPLAY = "SAME_CARE_AGAIN"


def officer(**fields: Any) -> User:
    return world.user(Role.FRAUD_OFFICER, **fields)


def alarm(rule: str = "EARLY_REFILL", **fields: Any) -> Alarm:
    """One alarm of the night on a new provider, unless said."""
    run = NightRun.objects.first() or night()
    kept = {
        "level": "PROVIDER",
        "version": 0,
        "is_shadow": False,
        "day": world.TODAY,
        "strength_bp": 10_000,
        "evidence": {},
        "key": str(Alarm.objects.count()),
        "seen_at": world.NOW,
        **fields,
    }
    return Alarm.objects.create(run=run, rule=rule, **kept)


def opened(at: Any = world.NOW) -> int:
    rules = {each.name: each for each in rules_in_force(world.TODAY)}
    return services.open_cases(rules=rules, at=at)


def replays(times: int = 3, doctor: world.Practice | None = None) -> list[Claim]:
    """A doctor who asked the same consultation again, `times` times; all paid by a person's release."""
    doctor, patient = doctor or world.practice(), world.person()
    screened(care_claim(doctor, patient))
    again = [screened(care_claim(doctor, patient), at=LATER) for _n in range(times)]
    for claim in again:
        services.release_hold(claim=claim, reason="vu", by=world.user(Role.AGENT), at=LATER)
    return again


def a_case() -> Case:
    replays()
    assert opened() == 1
    return Case.objects.get()


def refused(code: str, deed: Any) -> DomainError:
    before = world.rows_everywhere()
    with pytest.raises(DomainError) as refusal:
        deed()
    assert refusal.value.code == code
    assert world.rows_everywhere() == before
    return refusal.value


@pytest.mark.parametrize(("times", "cases"), [(2, 0), (3, 1)])
def test_a_fact_that_comes_back_opens_a_case(times: int, cases: int) -> None:
    claims = replays(times)
    assert opened() == cases
    assert Case.objects.count() == cases
    for case in Case.objects.all():
        assert (case.kind, case.state, case.score_bp) == ("PROVIDER", "OPEN", 9_000)
        assert case.amount_centimes == sum(
            Claim.objects.filter(provider=claims[0].provider).values_list(
                "reimbursed_centimes", flat=True
            )
        )
        assert [each.provider_id for each in case.parties.all()] == [claims[0].provider_id]
        assert set(claims_of_case(case)) == set(claims)


def test_told_again_it_opens_nothing() -> None:
    a_case()
    before = world.rows_everywhere()
    assert opened() == 0
    assert world.rows_everywhere() == before


def test_a_control_that_failed_opens_nothing() -> None:
    doctor = world.practice()
    for _n in range(3):
        claim = care_claim(doctor)
        Signal.objects.create(
            claim=claim,
            insured_id=claim.insured_id,
            decision_n=1,
            detector=REPLAY,
            strength_bp=0,
            evidence={"failed": "ZeroDivisionError"},
            seen_at=world.NOW,
        )
    assert opened() == 0


def test_one_statistic_opens_nothing_and_a_couple_does() -> None:
    doctor, shop = world.practice().provider, world.pharmacy().provider
    alarm("PATIENTS_PER_DAY", provider=doctor)
    assert opened() == 0
    alarm("COUPLE", level="COUPLE", provider=doctor, other=shop)
    alarm("DENSE_RING", level="RING", provider=doctor, other=shop, group=str(shop.pk))
    opened()
    kinds = {each.kind: each for each in Case.objects.all()}
    assert set(kinds) == {"COUPLE", "RING"}
    assert {each.provider_id for each in kinds["RING"].parties.all()} == {doctor.pk, shop.pk}


def test_a_ring_that_changes_its_name_joins_its_case() -> None:
    first, second, third = (world.practice().provider for _n in range(3))
    alarm("DENSE_RING", level="RING", provider=second, other=first, group=str(first.pk))
    assert opened() == 1
    alarm("DENSE_RING", level="RING", provider=second, other=third, group=str(third.pk))
    assert opened(LATER) == 0
    parties = Case.objects.get().parties.all()
    assert {each.provider_id for each in parties} == {first.pk, second.pk, third.pk}


def test_an_unfounded_ring_stays_quiet_under_another_name() -> None:
    first, second = (world.practice().provider for _n in range(2))
    alarm("DENSE_RING", level="RING", provider=second, other=first, group=str(first.pk))
    opened()
    case, by = Case.objects.get(), officer()
    services.take_case(case=case, by=by, at=world.NOW)
    services.decide_case(case=case, verdict="UNFOUNDED", reason="cabinet", by=by, at=world.NOW)
    alarm("DENSE_RING", level="RING", provider=first, other=second, group=str(second.pk))
    assert opened(LATER) == 0
    assert CaseItem.objects.filter(case=case).count() == 2


def test_what_is_in_shadow_opens_nothing() -> None:
    doctor = world.practice().provider
    shop = world.pharmacy().provider
    alarm("COUPLE", level="COUPLE", provider=doctor, other=shop, is_shadow=True)
    assert opened() == 0


def test_new_alarms_join_the_live_case() -> None:
    case = a_case()
    doctor = case.parties.get().provider
    alarm("MORE_THAN_A_DAY", provider=doctor)
    assert opened(LATER) == 0
    case.refresh_from_db()
    # 1 - (1 - 0.9)(1 - 0.6): two families now.
    assert (CaseItem.objects.filter(case=case).count(), case.score_bp) == (4, 9_600)
    assert case.seen_at == LATER


def test_an_unfounded_case_stays_quiet_for_its_own_rules_only() -> None:
    case = a_case()
    by = officer()
    doctor = case.parties.get().provider
    services.take_case(case=case, by=by, at=world.NOW)
    services.decide_case(case=case, verdict="UNFOUNDED", reason="garde", by=by, at=world.NOW)
    replay = Signal.objects.first()
    alarm(REPLAY, level="CLAIM", provider=doctor, claim=replay.claim)
    assert opened(LATER) == 0
    assert (Case.objects.count(), CaseItem.objects.filter(case=case).count()) == (1, 4)
    alarm("MORE_THAN_A_DAY", provider=doctor)
    for key in ("x", "y", "z"):
        alarm(REPLAY, level="CLAIM", provider=doctor, claim=care_claim(), key=key)
    assert opened(LATER) == 1
    assert Case.objects.filter(state="OPEN").count() == 1


@pytest.mark.parametrize(("days", "cases"), [(89, 0), (90, 1)])
def test_an_unfounded_case_is_quiet_for_its_days(days: int, cases: int) -> None:
    case, by, at = a_case(), officer(), world.NOW + timedelta(days=days)
    services.take_case(case=case, by=by, at=world.NOW)
    services.decide_case(case=case, verdict="UNFOUNDED", reason="garde", by=by, at=world.NOW)
    doctor = case.parties.get().provider
    for key in ("x", "y", "z"):
        alarm(REPLAY, level="CLAIM", provider=doctor, claim=care_claim(), key=key, day=at.date())
    assert opened(at) == cases


def test_a_case_is_in_one_officers_hands() -> None:
    case, mine, other = a_case(), officer(full_name="Rachid Sebti"), officer()
    services.take_case(case=case, by=mine, at=world.NOW)
    services.take_case(case=case, by=mine, at=world.NOW)
    refusal = refused("CASE_OF_ANOTHER", lambda: services.take_case(case=case, by=other, at=LATER))
    assert "Rachid Sebti" in refusal.text("fr")
    refused(
        "CASE_OF_ANOTHER",
        lambda: services.decide_case(
            case=case, verdict="UNFOUNDED", reason="x", by=other, at=LATER
        ),
    )
    services.give_case_back(case=case, by=mine, at=LATER)
    services.take_case(case=case, by=other, at=LATER)
    case.refresh_from_db()
    assert (case.state, case.officer) == ("ASSIGNED", other)


@pytest.mark.django_db(transaction=True)
def test_two_officers_take_one_case_once() -> None:
    case = a_case()
    one, other = officer(), officer()
    copies = [Case.objects.get(pk=case.pk) for _n in range(2)]
    refusals = at_once(
        lambda: services.take_case(case=copies[0], by=one, at=LATER),
        lambda: services.take_case(case=copies[1], by=other, at=LATER),
    )
    assert refusals == ["CASE_OF_ANOTHER"]
    case.refresh_from_db()
    assert case.officer in (one, other)


@pytest.mark.django_db(transaction=True)
def test_a_claim_of_two_cases_is_asked_back_once() -> None:
    claim = claims_of_case(a_case()).first()
    member = {"member": claim.patient, "insured_id": claim.insured_id}
    alarm("DOCTOR_SHOPPING", level="MEMBER", claim=claim, **member)
    assert opened() == 1
    deeds = []
    for case in Case.objects.all():
        by = officer()
        services.take_case(case=case, by=by, at=LATER)
        fields = {"case": case, "by": by, "verdict": "CONFIRMED", "reason": "x", "at": LATER}
        deeds.append(partial(services.decide_case, take_back=[claim.pk], **fields))
    assert at_once(*deeds) == ["CLAIM_NOT_RECOVERABLE"]
    assert CaseRecovery.objects.get().claim == claim
    assert Case.objects.filter(state="CONFIRMED").count() == 1


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.FRAUD_OFFICER}))
def test_only_fraud_officers_work_on_cases(role: Role) -> None:
    case, by = a_case(), world.user(role)
    deeds = [
        lambda: services.take_case(case=case, by=by, at=LATER),
        lambda: services.note_case(case=case, text="x", by=by, at=LATER),
        lambda: services.decide_case(case=case, verdict="UNFOUNDED", reason="x", by=by, at=LATER),
        lambda: services.reopen_case(case=case, reason="x", by=by, at=LATER),
    ]
    for deed in deeds:
        refused("FRAUD_DESK_NOT_YOURS", deed)


def test_a_decision_has_a_reason_and_comes_after_taking() -> None:
    case, by = a_case(), officer()
    decide = {"case": case, "verdict": "UNFOUNDED", "by": by, "at": LATER}
    refused("REASON_MISSING", lambda: services.decide_case(**decide, reason=" "))
    refused("CASE_MOVED_ON", lambda: services.decide_case(**decide, reason="x"))


def test_an_unfounded_case_is_opened_again() -> None:
    case, by = a_case(), officer()
    services.take_case(case=case, by=by, at=world.NOW)
    refused("CASE_OF_ANOTHER", lambda: services.reopen_case(case=case, reason="x", by=by, at=LATER))
    services.decide_case(case=case, verdict="UNFOUNDED", reason="garde", by=by, at=LATER)
    services.reopen_case(case=case, reason="autre pièce", by=by, at=LATER)
    case.refresh_from_db()
    assert (case.state, case.officer) == ("OPEN", None)


def confirmed(case: Case, claims: list[Claim], by: User | None = None) -> None:
    by = by or officer()
    services.take_case(case=case, by=by, at=LATER)
    services.decide_case(
        case=case,
        verdict="CONFIRMED",
        reason="actes jamais faits",
        take_back=[each.pk for each in claims],
        by=by,
        at=LATER,
    )


def test_a_confirmed_case_asks_its_claims_back_once() -> None:
    claims, by = replays(), officer()
    opened()
    case = Case.objects.get()
    evidence = evidence_of(case)
    confirmed(case, claims[:2], by)
    recoveries = CaseRecovery.objects.order_by("claim")
    # A consultation of 200 DH charged, 80 DH of tariff, 70 %: 56 DH for each.
    assert [each.amount_centimes for each in recoveries] == [5_600, 5_600]
    assert len(evidence) == 3
    keys = [each.pk for each in recoveries]
    for _time in range(2):
        ask_recoveries(subject_ids=keys, at=LATER)
    reversals = Reversal.objects.all()
    assert {(each.claim_id, each.reason, each.requested_by) for each in reversals} == {
        (claim.pk, "PROVEN_FRAUD", by) for claim in claims[:2]
    }
    assert {each.evidence_reference for each in reversals} == {case.number}
    assert sum(each.amount_centimes for each in reversals) == 11_200
    with pytest.raises(DomainError, match="REVERSAL_FOUR_EYES"):
        confirm_reversal(reversal_id=reversals[0].pk, by=by, at=LATER)
    confirm_reversal(reversal_id=reversals[0].pk, by=officer(), at=LATER)
    reversals[0].claim.refresh_from_db()
    assert Claim.objects.filter(state=ClaimState.REVERSED).count() == 1
    assert not UndueAmount.objects.exists()  # never paid: nothing is owed


def test_what_a_second_person_refused_is_not_asked_again() -> None:
    case, claims = a_case(), list(Claim.objects.filter(signals__isnull=False))
    confirmed(case, claims[:1])
    keys = [CaseRecovery.objects.get().pk]
    ask_recoveries(subject_ids=keys, at=LATER)
    asked = Reversal.objects.get()
    refuse_reversal(reversal_id=asked.pk, reason="acte vu", by=officer(), at=LATER)
    ask_recoveries(subject_ids=keys, at=LATER)
    assert Reversal.objects.get() == asked


def test_the_event_goes_through_the_outbox() -> None:
    case, claims = a_case(), list(Claim.objects.filter(signals__isnull=False))
    confirmed(case, claims[:1])
    message = OutboxMessage.objects.get(kind=services.RECOVERY_DECIDED)
    assert message.subscriber == "config.recoveries.ask_recoveries"
    assert message.subject_ids == [CaseRecovery.objects.get().pk]


def test_only_claims_of_the_case_are_taken_back() -> None:
    case, by, other = a_case(), officer(), screened(care_claim())
    services.take_case(case=case, by=by, at=LATER)
    decide = {"case": case, "verdict": "CONFIRMED", "reason": "x", "by": by, "at": LATER}
    refused("CLAIM_NOT_RECOVERABLE", lambda: services.decide_case(**decide, take_back=[other.pk]))
    refused("CLAIM_NOT_RECOVERABLE", lambda: services.decide_case(**decide, take_back=[uuid4()]))
    mine = claims_of_case(case).first()
    Claim.objects.filter(pk=mine.pk).update(state=ClaimState.SCHEDULED)
    refused("CLAIM_NOT_RECOVERABLE", lambda: services.decide_case(**decide, take_back=[mine.pk]))


def test_decisions_make_the_record_of_a_rule() -> None:
    case, by = a_case(), officer()
    assert HoldDecision.objects.filter(verdict="RELEASED").count() == 3
    confirmed(case, [], by)
    record = records()[REPLAY]
    assert (record.signals, record.holds, record.overturned) == (3, 3, 3)
    assert (record.confirmed, record.unfounded, record.precision_bp) == (1, 0, 2_500)


def test_a_case_may_be_confirmed_with_nothing_to_take_back() -> None:
    confirmed(a_case(), [])
    assert not OutboxMessage.objects.filter(kind=services.RECOVERY_DECIDED).exists()
    assert not CaseRecovery.objects.exists()


def test_an_alarm_fades_with_its_age() -> None:
    doctor, shop = world.practice().provider, world.pharmacy().provider
    old = world.TODAY - timedelta(days=18)
    alarm("DENSE_RING", provider=doctor, other=shop, level="RING", group=str(shop.pk), day=old)
    opened()
    # Weight 0.8, 72 of its 90 days left.
    assert Case.objects.get().score_bp == 6_400
    alarm("DENSE_RING", provider=doctor, level="RING", group="x", day=date(2026, 1, 1))
    assert opened() == 0


def test_a_signal_of_after_midnight_is_of_its_local_day() -> None:
    item = a_case().items.first()
    item.signal.seen_at = world.NOW.replace(hour=23, minute=30)
    assert day_of(item) == world.TODAY + timedelta(days=1)
