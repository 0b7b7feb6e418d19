"""The rules desk: written by one, in shadow, switched on by another; and the circuit breaker."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Role, User
from claims.models import Claim
from claims.states import ClaimState
from core.errors import DomainError
from core.models import AuditEvent
from fraud import services
from fraud.models import HoldDecision, RuleSuspension, RuleVersion, Signal
from fraud.rules.precision import Record, is_fair, loses_hold
from fraud.selectors.rules import (
    desk_on,
    fairness,
    impact_of,
    in_force,
    records,
    rules_in_force,
)
from tests import world
from tests.fraud.filing import care_claim, screened

pytestmark = pytest.mark.django_db

AFTER_TRIAL = world.NOW + timedelta(days=30)
DEATH = "CARE_AFTER_DEATH"


def officer() -> User:
    return world.user(Role.FRAUD_OFFICER)


def draft(by: User | None = None, **changes: Any) -> RuleVersion:
    fields = {
        "rule": DEATH,
        "thresholds": {},
        "weight_bp": 5_000,
        "action": "FLAG",
        "reason": "trop de dates fausses",
        **changes,
    }
    return services.draft_rule(**fields, by=by or officer(), at=world.NOW)


def dead_claim(**fields: Any) -> Claim:
    return care_claim(patient=world.person(death_date=date(2026, 11, 1)), **fields)


def refused(code: str, deed: Any) -> DomainError:
    """The refusal of a deed that leaves every table as it was."""
    before = world.rows_everywhere()
    with pytest.raises(DomainError) as refusal:
        deed()
    assert refusal.value.code == code
    assert world.rows_everywhere() == before
    return refusal.value


def test_the_code_comes_with_version_0() -> None:
    rule = in_force(DEATH, world.TODAY)
    assert rule is not None
    assert (rule.version, rule.weight_bp, rule.action, rule.holds) == (0, 10_000, "HOLD", True)


def test_a_version_older_than_a_figure_takes_it_as_the_code_brings_it() -> None:
    version = draft(rule="NO_TRACE", thresholds={"around": 45})
    changed = {name: value for name, value in version.thresholds.items() if name != "around"}
    RuleVersion.objects.filter(pk=version.pk).update(thresholds={**changed, "let_go": 7})

    trial = next(rule for rule in rules_in_force(world.TODAY) if rule.is_shadow)

    came = in_force("NO_TRACE", world.TODAY)
    assert version.thresholds["around"] == 45
    assert trial.figures == came.figures


def test_a_version_in_shadow_records_and_does_nothing() -> None:
    draft(action="OFF", weight_bp=10_000)
    draft(rule="MORE_THAN_A_DAY", weight_bp=100)
    claim = screened(dead_claim())
    assert claim.state == ClaimState.HELD
    draft(rule="SAME_CARE_AGAIN", action="REFUSE", weight_bp=9_000)
    doctor, patient = world.practice(), world.person()
    first = screened(care_claim(doctor, patient))
    second = screened(care_claim(doctor, patient), at=world.NOW + timedelta(hours=1))
    assert (first.state, second.state) == (ClaimState.APPROVED, ClaimState.HELD)
    seen = Signal.objects.filter(claim=second).values_list("version", "is_shadow")
    assert sorted(seen) == [(0, False), (1, True)]


def test_a_second_person_switches_a_version_on_with_its_impact() -> None:
    first, second = officer(), officer()
    version = draft(first)
    held = screened(dead_claim())
    assert held.state == ClaimState.HELD
    services.switch_on_rule(version=version, by=second, at=AFTER_TRIAL)
    version.refresh_from_db()
    assert (version.state, version.approved_by, version.valid_from) == ("ON", second, AFTER_TRIAL)
    assert version.impact["claims"] == 1
    assert version.impact["groups"]["speciality"] == [
        {"group": "DOCTOR", "providers": 1, "flagged": 1, "ratio_bp": 10_000}
    ]
    later = screened(dead_claim(), at=AFTER_TRIAL + timedelta(hours=1))
    assert later.state == ClaimState.APPROVED
    signal = Signal.objects.get(claim=later)
    assert (signal.version, signal.is_shadow) == (1, False)


def test_who_wrote_a_version_never_switches_it_on() -> None:
    author = officer()
    version = draft(author)
    screened(dead_claim())
    refused(
        "RULE_FOUR_EYES",
        lambda: services.switch_on_rule(version=version, by=author, at=AFTER_TRIAL),
    )


@pytest.mark.parametrize(("days", "is_screened"), [(29, True), (30, False)])
def test_a_trial_lasts_its_time_and_sees_something(days: int, is_screened: bool) -> None:
    version, second = draft(), officer()
    if is_screened:
        screened(dead_claim())
    at = world.NOW + timedelta(days=days)
    refusal = refused(
        "SHADOW_TOO_SHORT", lambda: services.switch_on_rule(version=version, by=second, at=at)
    )
    assert "20/12/2026" in refusal.text("fr")


def test_a_figure_out_of_its_bounds_is_refused_with_the_bound() -> None:
    by = officer()
    refusal = refused("THRESHOLD_REFUSED", lambda: draft(by, weight_bp=10_001))
    assert "10001 est hors des bornes, de 0 à 10000 (bp)" in refusal.text("fr")
    refused("THRESHOLD_REFUSED", lambda: draft(by, thresholds={"unknown": 1}))
    refusal = refused(
        "THRESHOLD_REFUSED",
        lambda: draft(by, rule="EARLY_REFILL", thresholds={"share": 2_999}, weight_bp=1),
    )
    assert refusal.pointer == "/thresholds/share"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("RULE_UNKNOWN", {"rule": "NO_SUCH_RULE"}),
        ("STATISTIC_NEVER_REFUSES", {"rule": "MORE_THAN_A_DAY", "action": "REFUSE"}),
        ("RULE_UNCHANGED", {"weight_bp": 10_000, "action": "HOLD"}),
        ("REASON_MISSING", {"reason": " "}),
    ],
)
def test_a_version_that_makes_no_sense_is_refused(code: str, changes: dict[str, Any]) -> None:
    by = officer()
    refused(code, lambda: draft(by, **changes))


def test_a_rule_turned_off_comes_back_as_it_came() -> None:
    off = draft(action="OFF", weight_bp=10_000)
    screened(dead_claim())
    services.switch_on_rule(version=off, by=officer(), at=AFTER_TRIAL)
    assert in_force(DEATH, AFTER_TRIAL.date()) is None
    back = draft(action="HOLD", weight_bp=10_000)
    assert (back.n, back.action) == (2, "HOLD")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.FRAUD_OFFICER}))
def test_only_fraud_officers_write_rules(role: Role) -> None:
    by = world.user(role)
    refused("FRAUD_DESK_NOT_YOURS", lambda: draft(by))


def test_one_version_in_shadow_at_a_time() -> None:
    draft()
    by = officer()
    refused("SHADOW_UNDER_WAY", lambda: draft(by, weight_bp=1))


def test_a_dropped_version_leaves_its_number() -> None:
    version = draft()
    services.drop_rule(version=version, reason="erreur", by=officer(), at=world.NOW)
    assert draft(weight_bp=1).n == 2


def test_a_fact_that_refuses_pays_nothing_and_says_why() -> None:
    version = draft(action="REFUSE", weight_bp=10_000)
    screened(dead_claim())
    services.switch_on_rule(version=version, by=officer(), at=AFTER_TRIAL)
    claim = screened(dead_claim(), at=AFTER_TRIAL + timedelta(hours=1))
    assert (claim.state, claim.outcome, claim.reimbursed_centimes) == ("DENIED", "denied", 0)
    assert claim.screening is not None
    event = AuditEvent.objects.get(action="claims.claim.refused")
    assert (event.actor, event.subject_id) == ("system:screening", str(claim.pk))
    assert "Refusé par un contrôle automatique" in event.after["reason"]


def release(claim: Claim, *, at: Any = world.NOW) -> None:
    services.release_hold(claim=claim, reason="vérifié", by=world.user(Role.AGENT), at=at)


def test_a_rule_overturned_too_often_loses_its_hold_by_itself() -> None:
    patient = world.person(death_date=date(2026, 11, 1))
    claims = [screened(care_claim(world.practice(), patient)) for _n in range(21)]
    services.refuse_hold(claim=claims[0], reason="x", by=world.user(Role.AGENT), at=world.NOW)
    for claim in claims[1:19]:
        release(claim)
    assert not RuleSuspension.objects.exists()  # 18 of 19: not enough holds yet
    release(claims[19])
    suspension = RuleSuspension.objects.get()
    assert (suspension.rule, suspension.version) == (DEATH, 0)
    assert (suspension.holds, suspension.overturned) == (20, 19)
    assert AuditEvent.objects.filter(action="fraud.rule.suspended").count() == 1
    assert records()[DEATH].precision_bp == 500

    flagged = screened(dead_claim())
    assert flagged.state == ClaimState.APPROVED
    assert Signal.objects.filter(claim=flagged, detector=DEATH).exists()
    release(claims[20])
    assert RuleSuspension.objects.count() == 1


def test_the_breaker_looks_at_its_days_only(monkeypatch: pytest.MonkeyPatch) -> None:
    release(screened(dead_claim()))
    figures = {**desk_on(world.TODAY), "breaker_holds": 1}
    monkeypatch.setattr("fraud.services._breaker.desk_on", lambda _day: figures)
    last = HoldDecision.objects.get().decided_at + timedelta(days=figures["breaker_days"])
    assert services.watch_rules([DEATH], at=last + timedelta(seconds=1)) == []
    assert [each.rule for each in services.watch_rules([DEATH], at=last)] == [DEATH]


def test_two_people_give_a_rule_its_hold_back() -> None:
    RuleSuspension.objects.create(rule=DEATH, version=0, holds=20, overturned=20, at=world.NOW)
    assert screened(dead_claim()).state == ClaimState.APPROVED
    version = draft(weight_bp=10_000, action="HOLD")  # the same figures: the hold is what changes
    services.switch_on_rule(version=version, by=officer(), at=AFTER_TRIAL)
    claim = screened(dead_claim(), at=AFTER_TRIAL + timedelta(hours=1))
    assert claim.state == ClaimState.HELD


FIGURES = {"breaker_holds": 20, "breaker_overturned": 9_500, "fair_low": 8_000, "fair_high": 12_500}


@pytest.mark.parametrize(
    ("holds", "overturned", "loses"),
    [(19, 19, False), (20, 18, False), (20, 19, True), (40, 38, True), (40, 37, False)],
)
def test_the_breaker_at_its_limits(holds: int, overturned: int, loses: bool) -> None:
    assert loses_hold(holds, overturned, FIGURES) is loses


@pytest.mark.parametrize(
    ("ratio", "fair"), [(7_999, False), (8_000, True), (12_500, True), (12_501, False)]
)
def test_fairness_at_its_limits(ratio: int, fair: bool) -> None:
    assert is_fair(ratio, FIGURES) is fair


def test_a_record_counts_what_people_found_right() -> None:
    assert Record().precision_bp is None
    record = Record(holds=10, overturned=9, confirmed=2, unfounded=1)
    assert (record.decided, record.precision_bp) == (13, 2_308)


def test_fairness_compares_each_group_with_the_whole() -> None:
    screened(care_claim(world.practice(speciality="Cardiologie"), world.person()))
    screened(dead_claim(doctor=world.practice(speciality="Pédiatrie")))
    assert fairness(DEATH)["speciality"] == [
        {"group": "Cardiologie", "providers": 1, "flagged": 0, "ratio_bp": 0},
        {"group": "Pédiatrie", "providers": 1, "flagged": 1, "ratio_bp": 20_000},
    ]


def test_impact_of_a_version_that_saw_nothing() -> None:
    version = draft()
    screened(care_claim())
    impact = impact_of(version)
    assert (impact["claims"], impact["screened"], impact["providers"]) == (0, 1, 0)
