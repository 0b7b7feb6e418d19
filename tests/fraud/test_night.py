"""The night: steps done once, resumed after a death, with the versions it began with."""

import stat
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from claims.services import cancel_claim
from core.errors import DomainError
from fraud import services
from fraud.models import Alarm, Case, NightRun, NightStep, RuleSuspension
from fraud.rules.catalogue import SQL, WEEK, rules_of
from fraud.selectors.rules import records
from fraud.services import _night
from tests import world
from tests.fraud.filing import care_claim, screened

pytestmark = pytest.mark.django_db

TONIGHT = world.NOW + timedelta(days=1)
LATER = TONIGHT + timedelta(hours=1)
REPLAY = "SAME_CARE_AGAIN"


@pytest.fixture(autouse=True)
def _empty_warehouse() -> None:
    _night.warehouse_path().unlink(missing_ok=True)


def officer() -> User:
    return world.user(Role.FRAUD_OFFICER)


def replays(times: int = 3) -> Any:
    """One consultation asked again `times` times on the same day by the same doctor."""
    doctor, patient = world.practice(), world.person()
    for n in range(times + 1):
        screened(care_claim(doctor, patient, at=world.NOW + timedelta(minutes=n)))
    return doctor.provider


def worked(at: Any = TONIGHT) -> int:
    steps = 0
    while services.advance_night(at=at):
        steps += 1
    return steps


def names(run: NightRun) -> list[str]:
    return [step.name for step in run.steps.order_by("position")]


def test_a_night_copies_runs_every_rule_and_opens_cases() -> None:
    doctor = replays()
    run = services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    assert names(run) == ["copy", "see", *(f"rule:{name}" for name in SQL), "cases", "aid"]
    assert worked() == len(SQL) + 5
    run.refresh_from_db()
    assert (run.state, run.ended_at) == ("DONE", TONIGHT)
    assert not NightStep.objects.exclude(error="").exists()
    alarms = Alarm.objects.filter(rule=REPLAY)
    assert [(each.provider, each.day, each.version) for each in alarms] == [
        (doctor, world.TODAY, 0)
    ] * 3
    assert {each.evidence["code"] for each in alarms} == {"C"}
    case = Case.objects.get(kind="PROVIDER", subject=str(doctor.pk))
    assert case.items.filter(alarm__rule=REPLAY).count() == 3


def test_the_next_night_looks_at_the_days_since_and_rings_nothing_twice() -> None:
    replays()
    services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    worked()
    alarms = Alarm.objects.count()
    again = TONIGHT + timedelta(days=1)
    run = services.start_night(scope="INCREMENT", by="system:clock", at=again)
    assert (run.since, run.until) == (TONIGHT.date(), again.date())
    worked(again)
    assert Alarm.objects.count() == alarms
    full = services.start_night(scope="FULL", by=officer(), at=again)
    assert full.since is None
    worked(again)
    assert (Alarm.objects.count(), Case.objects.count()) == (alarms, 1)


@pytest.mark.parametrize("step", ["copy", "see", f"rule:{REPLAY}", "cases", "aid"])
def test_a_worker_killed_in_the_middle_of_a_step_is_taken_up(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    replays()
    run = services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    work = _night._work

    def dies(run: NightRun, doing: NightStep, *, at: Any) -> int:
        rows = work(run, doing, at=at)
        if doing.name == step:
            raise SystemExit  # what was done of the step is there, its end is not written
        return rows

    monkeypatch.setattr(_night, "_work", dies)
    with pytest.raises(SystemExit):
        worked()
    assert run.steps.get(name=step).ended_at is None
    monkeypatch.setattr(_night, "_work", work)
    worked(LATER)
    run.refresh_from_db()
    assert (run.state, run.ended_at) == ("DONE", LATER)
    assert run.steps.filter(ended_at=TONIGHT).count() == names(run).index(step)
    assert Alarm.objects.filter(rule=REPLAY).count() == 3
    assert Case.objects.count() == 1


def test_a_rule_that_fails_is_written_down_and_the_others_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replays()
    broken = next(name for name in SQL if name != REPLAY)
    monkeypatch.setitem(SQL, broken, "SELECT nothing FROM nowhere")
    run = services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    worked()
    run.refresh_from_db()
    assert run.state == "DONE"
    assert run.steps.get(name=f"rule:{broken}").error.startswith(duckdb.CatalogException.__name__)
    assert records()[broken].is_failing
    assert Alarm.objects.filter(rule=REPLAY).count() == 3


def test_a_rule_that_failed_looks_at_the_days_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    replays()
    working = SQL[REPLAY]
    monkeypatch.setitem(SQL, REPLAY, "SELECT nothing FROM nowhere")
    services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    worked()
    again = TONIGHT + timedelta(days=1)
    services.start_night(scope="INCREMENT", by="system:clock", at=again)
    worked(again)
    assert not Alarm.objects.filter(rule=REPLAY).exists()
    monkeypatch.setitem(SQL, REPLAY, working)
    mended = again + timedelta(days=1)
    run = services.start_night(scope="INCREMENT", by="system:clock", at=mended)
    worked(mended)
    assert run.since == again.date()
    assert not any(each.is_failing for each in records().values())
    assert Alarm.objects.filter(rule=REPLAY).count() == 3


def test_rules_that_compare_months_take_turns_and_one_that_failed_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replays()
    services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    worked()
    again = TONIGHT + timedelta(days=1)
    mine = WEEK[TONIGHT.date().weekday()][0]
    monkeypatch.setitem(SQL, mine, "SELECT nothing FROM nowhere")
    run = services.start_night(scope="INCREMENT", by="system:clock", at=again)
    due = rules_of(TONIGHT.date(), TONIGHT.date())
    assert names(run) == [
        "copy",
        "see",
        *(f"rule:{name}" for name in SQL if name in due),
        "cases",
        "aid",
    ]
    worked(again)
    third = services.start_night(scope="INCREMENT", by="system:clock", at=again + timedelta(days=1))
    assert f"rule:{mine}" in names(third)


def test_a_night_keeps_the_versions_it_began_with() -> None:
    replays()
    run = services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    version = services.draft_rule(
        rule=REPLAY,
        thresholds={},
        weight_bp=100,
        action="FLAG",
        reason="essai",
        by=officer(),
        at=world.NOW,
    )
    services.switch_on_rule(version=version, by=officer(), at=world.NOW + timedelta(days=30))
    worked()
    assert run.rules[f"rule:{REPLAY}"]["version"] == 0
    assert set(Alarm.objects.values_list("version", flat=True)) == {0}
    assert Case.objects.get().score_bp == 8_899  # 0.9 x 89 days of 90


def test_a_shadow_records_its_alarms_and_opens_nothing() -> None:
    replays()
    services.draft_rule(
        rule=REPLAY,
        thresholds={},
        weight_bp=9_000,
        action="REFUSE",
        reason="essai",
        by=officer(),
        at=world.NOW,
    )
    run = services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    assert f"shadow:{REPLAY}" in names(run)
    worked()
    assert Alarm.objects.filter(is_shadow=True, version=1).count() == 3
    assert Alarm.objects.filter(is_shadow=False, version=0).count() == 3
    assert not Case.objects.filter(items__alarm__is_shadow=True).exists()


def test_what_a_trial_saw_rings_again_once_it_is_on() -> None:
    replays()
    version = services.draft_rule(
        rule=REPLAY,
        thresholds={},
        weight_bp=8_000,
        action="HOLD",
        reason="essai",
        by=officer(),
        at=world.NOW,
    )
    services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    worked()
    switched = world.NOW + timedelta(days=30)
    services.switch_on_rule(version=version, by=officer(), at=switched)
    services.start_night(scope="FULL", by=officer(), at=switched)
    worked(switched)
    assert Alarm.objects.filter(is_shadow=False, version=1).count() == 3
    assert Alarm.objects.filter(is_shadow=True, version=1).count() == 3


def test_only_its_owner_reads_the_warehouse() -> None:
    folder = _night.warehouse_path().parent
    folder.chmod(0o755)
    assert _night.warehouse_path().parent == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_one_night_at_a_time() -> None:
    services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    before = world.rows_everywhere()
    with pytest.raises(DomainError) as refusal:
        services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    assert refusal.value.code == "NIGHT_UNDER_WAY"
    assert world.rows_everywhere() == before


def test_a_stopped_night_ends_there() -> None:
    run = services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    services.advance_night(at=TONIGHT)
    services.stop_night(run=run, by=officer(), at=LATER)
    assert worked() == 0
    assert run.steps.exclude(ended_at=None).count() == 1


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.FRAUD_OFFICER}))
def test_only_fraud_officers_start_and_stop_nights(role: Role) -> None:
    by = world.user(role)
    run = services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    for deed in (
        lambda: services.start_night(scope="FULL", by=by, at=TONIGHT),
        lambda: services.stop_night(run=run, by=by, at=TONIGHT),
    ):
        with pytest.raises(DomainError) as refusal:
            deed()
        assert refusal.value.code == "FRAUD_DESK_NOT_YOURS"


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_leaves_the_night_to_the_first() -> None:
    services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_night.NIGHT_LOCK])
    assert services.advance_night(at=TONIGHT) is False
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_night.NIGHT_LOCK])
    other.close()
    assert services.advance_night(at=TONIGHT) is True


def test_screening_costs_two_queries_more_for_the_rules_whatever_the_batch() -> None:
    counts = []
    for size in (1, 5):
        keys = [care_claim().pk for _n in range(size)]
        with CaptureQueriesContext(connection) as queries:
            services.screen_claims(subject_ids=keys, at=world.NOW)
        asked = [each["sql"] for each in queries if "fraud_rule" in (each["sql"] or "")]
        counts.append((len(queries), len(asked)))
    assert counts[0] == counts[1]
    assert counts[0][1] == 2


def test_a_day_not_over_is_not_looked_at() -> None:
    replays()
    run = services.start_night(scope="FULL", by="system:clock", at=world.NOW)
    worked(world.NOW)
    assert run.until == date(2026, 11, 20)
    assert not Alarm.objects.exists()


@pytest.mark.parametrize("scope", ["INCREMENT", "FULL"])
def test_care_withdrawn_and_asked_again_is_no_replay(scope: str) -> None:
    """Its first claim was copied before it was withdrawn."""
    doctor, patient = world.practice(), world.person()
    first = care_claim(doctor, patient)
    services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    worked()
    cancel_claim(first, reason="erreur", by=doctor.user, at=TONIGHT)
    screened(care_claim(doctor, patient, at=TONIGHT), at=TONIGHT)
    again = TONIGHT + timedelta(days=1)
    services.start_night(scope=scope, by="system:clock", at=again)
    worked(again)
    assert not Alarm.objects.filter(rule=REPLAY).exists()


def test_a_second_night_of_one_day_is_no_full_one() -> None:
    services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    worked()
    run = services.start_night(scope="INCREMENT", by=officer(), at=LATER)
    assert run.since == LATER.date() - timedelta(days=1)


def test_a_rule_that_lost_its_hold_is_no_fact_at_night_either() -> None:
    RuleSuspension.objects.create(rule=REPLAY, version=0, holds=20, overturned=19, at=world.NOW)
    replays()
    services.start_night(scope="FULL", by="system:clock", at=TONIGHT)
    worked()
    assert Alarm.objects.filter(rule=REPLAY).count() == 3
    assert not Case.objects.exists()
