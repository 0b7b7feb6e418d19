"""The night: the changed history is copied, every rule runs over it, its alarms are kept, cases opened.

Each step is done once and written down: a worker killed anywhere loses one step of work, which is done
again from its beginning and adds nothing twice. A session lock of the database keeps one worker at it;
it goes with the worker.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.module_loading import import_string
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import audit, transitions
from core.audit import Actor, actor_id
from core.crashpoints import crashpoint
from core.discretion import without_values
from core.errors import DomainError
from fraud.gateways.history import copy_history
from fraud.gateways.warehouse import Alarm as Seen
from fraud.gateways.warehouse import Warehouse
from fraud.models import Alarm, NightRun, NightStep
from fraud.permissions import check_can_work_desk
from fraud.rules.catalogue import SQL, rules_of
from fraud.rules.rule import Level
from fraud.rules.thresholds import WEIGHT
from fraud.selectors.nights import (
    failed_steps,
    last_night,
    names_of,
    running_night,
    steps_of,
    unseen_since,
)
from fraud.selectors.rules import NAMED, InForce, rules_in_force
from fraud.services._aid import judge_aid
from fraud.services._opening import open_cases
from fraud.states import NightState

log = logging.getLogger(__name__)

NIGHT = "system:night"
NIGHT_LOCK = 1_400_000_002
COPY, SEE, CASES, AID = "copy", "see", "cases", "aid"
RULE = "rule:"
SHADOW = "shadow:"
N = NightState


class NightUnderWay(DomainError):
    """One run at a time."""

    code = "NIGHT_UNDER_WAY"
    message = _("Un passage est déjà en cours. Attendez sa fin, ou arrêtez-le ; rien n’a commencé.")


def start_night(*, scope: str, by: Actor, at: datetime) -> NightRun:
    """Begin a pass over the history up to today, today not included: the changed days, or all of it.
    All of it also when the warehouse was lost.

    The versions of the rules are those of this instant, whatever is edited meanwhile. A person must work
    at the fraud desk. Raises FraudDeskNotYours, NightUnderWay.
    """
    if isinstance(by, User):
        check_can_work_desk(by)
    until, before = localdate(at), last_night()
    since = None
    if before and scope == NightRun.Scope.INCREMENT and warehouse_path().exists():
        since = min(before.until, until - timedelta(days=1))
    rules = [each for each in rules_in_force(until) if each.name in SQL]
    with transaction.atomic():
        run = _create(
            scope=scope,
            state=N.RUNNING,
            since=since,
            until=until,
            rules={_step_of(each): each.stored() for each in rules},
            started_at=at,
            started_by=actor_id(by),
        )
        names = [COPY, SEE, *_tonight(run, before), CASES, AID]
        NightStep.objects.bulk_create(
            NightStep(run=run, position=place, name=name) for place, name in enumerate(names, 1)
        )
        transitions.born(run, by=by, at=at)
        audit.record(
            by=by, at=at, action="fraud.night.started", subject=run, after={"scope": scope}
        )
        transaction.on_commit(ring_night, robust=True)
    return run


def _tonight(run: NightRun, before: NightRun | None) -> list[str]:
    """The steps of the rules that look at the run's days, and of those that failed the night before.

    Every rule looks at the whole history.
    """
    if run.since is None or before is None:
        return list(run.rules)
    mine, failed = rules_of(run.since, run.until - timedelta(days=1)), failed_steps(before)
    return [step for step in run.rules if _rule_of(step) in mine or step in failed]


def _create(**fields: Any) -> NightRun:
    try:
        with transaction.atomic():
            return NightRun.objects.create(**fields)
    except IntegrityError:
        raise NightUnderWay from None


def stop_night(*, run: NightRun, by: User, at: datetime) -> None:
    """End a run before its time; what it found stays. Raises FraudDeskNotYours, TransitionRefused."""
    check_can_work_desk(by)
    with transaction.atomic():
        transitions.move(run, N.STOPPED, by=by, at=at, ended_at=at)
        audit.record(by=by, at=at, action="fraud.night.stopped", subject=run)


def advance_night(*, at: datetime) -> bool:
    """Do the next step of the run under way; tell whether there was one to do.

    A step that fails is written down with its error and passed over when it is a rule's or the ranking
    aid's: the others run.
    One that everything rests on is tried again at the next bell.
    """
    with _alone() as is_mine:
        run = running_night() if is_mine else None
        if run is None:
            return False
        step = next((each for each in steps_of(run) if each.ended_at is None), None)
        if step is None:
            with transaction.atomic():
                transitions.move(run, N.DONE, by=NIGHT, at=at, ended_at=at)
            return True
        return _do(run, step, at=at)


def _do(run: NightRun, step: NightStep, *, at: datetime) -> bool:
    NightStep.objects.filter(pk=step.pk, started_at__isnull=True).update(started_at=at)
    try:
        rows = _work(run, step, at=at)
    except Exception as error:  # one broken rule stops no other
        log.exception("step %s of the night failed", step.name)
        told = without_values(f"{type(error).__name__}: {error}")[:4000]
        is_passed_over = step.name == AID or step.name.startswith((RULE, SHADOW))
        ended = {"ended_at": at} if is_passed_over else {}
        NightStep.objects.filter(pk=step.pk).update(error=told, **ended)
        return is_passed_over
    NightStep.objects.filter(pk=step.pk).update(ended_at=at, rows=rows, error="")
    return True


def _work(run: NightRun, step: NightStep, *, at: datetime) -> int:
    """One step; returns how many rows it brought."""
    if step.name == CASES:
        return open_cases(rules=frozen_rules(run), at=at)
    if step.name == AID:
        return judge_aid(run=run, at=at)
    with Warehouse(warehouse_path()) as warehouse:
        if step.name == COPY:
            warehouse.connection.execute("BEGIN")  # a copy that is cut short changes nothing
            rows = copy_history(warehouse, since=run.since, until=run.until)
            warehouse.connection.execute("COMMIT")
            return rows
        if step.name == SEE:
            return _see(warehouse, run)
        return _run_rule(warehouse, run, step, at=at)


def _rule_of(step: str) -> str:
    return step.removeprefix(RULE).removeprefix(SHADOW)


def _step_of(rule: InForce) -> str:
    return f"{SHADOW if rule.is_shadow else RULE}{rule.name}"


def frozen_rules(run: NightRun) -> dict[str, InForce]:
    """The rules in force as the run began with them, by name; those in shadow weigh nothing."""
    return {
        rule.name: rule
        for step in run.rules
        if step.startswith(RULE) and (rule := _frozen(run, step)) is not None
    }


def _frozen(run: NightRun, step: str) -> InForce | None:
    kept = run.rules[step]
    rule = NAMED.get(_rule_of(step))
    if rule is None:
        return None
    return InForce(
        rule,
        kept["version"],
        kept["figures"],
        kept["weight"],
        kept["action"],
        kept["shadow"],
        kept.get("holds", True),
    )


def _see(warehouse: Warehouse, run: NightRun) -> int:
    """Let the warehouse derive what the rules read, up to the last whole day."""
    warehouse.rules = ()
    last = run.until - timedelta(days=1)
    warehouse.connection.execute("BEGIN")
    if run.since is None:
        warehouse.rebuild(last)
    else:
        warehouse.advance(last, {})
    warehouse.connection.execute("COMMIT")
    return 0


def _run_rule(warehouse: Warehouse, run: NightRun, step: NightStep, *, at: datetime) -> int:
    rule = _frozen(run, step.name)
    if rule is None:
        return 0
    seen = _seen_by(warehouse, rule, run)
    crashpoint("night.before_alarms")
    return _keep(seen, rule, run, at=at)


def _seen_by(warehouse: Warehouse, rule: InForce, run: NightRun) -> list[Seen]:
    """Run one version over the run's days, and those it failed on before; what another version saw on
    them is forgotten.

    One in shadow leaves the warehouse as it was.
    """
    since = unseen_since(run, _step_of(rule))
    first, last = since or date.min, run.until - timedelta(days=1)
    do = warehouse.connection.execute
    if rule.is_shadow:
        do("BEGIN")
    try:
        do(
            "DELETE FROM main.alarms WHERE rule = $rule AND day >= $first",
            {"rule": rule.name, "first": first},
        )
        figures = {**rule.figures, WEIGHT: rule.weight_bp}
        # only what the run itself copied is set apart as touched
        touched = since is not None and since == run.since
        warehouse.run(rule.rule, figures, first, last, touched=touched)
        return [each for each in warehouse.alarms(first, last) if each.rule == rule.name]
    finally:
        if rule.is_shadow:
            do("ROLLBACK")


def _keep(seen: Sequence[Seen], rule: InForce, run: NightRun, *, at: datetime) -> int:
    """Write alarms down; those of rows that exist no more are left out. Returns how many are new."""
    names = names_of(
        {name for each in seen for name in (each.provider, each.other) if name},
        {each.member for each in seen if each.member},
        {each.claim for each in seen if each.claim},
    )
    rows = []
    for each in seen:
        evidence = json.loads(each.evidence) if each.evidence else {}
        member, insured = names.members.get(each.member or "", (None, None))
        rows.append(
            Alarm(
                run=run,
                rule=rule.name,
                version=rule.version,
                is_shadow=rule.is_shadow,
                level=rule.rule.level.value,
                provider_id=names.providers.get(each.provider or ""),
                other_id=names.providers.get(each.other or ""),
                member_id=member,
                insured_id=insured,
                claim_id=names.claims.get(each.claim or ""),
                line=int(each.line) if each.line else None,
                group=_ring_of(rule, each),
                day=each.day,
                strength_bp=max(0, min(10_000, each.strength)),
                observed=_written(each.observed),
                threshold=_written(each.threshold),
                peers=each.peers,
                evidence=evidence,
                key=_key_of(rule, each),
                seen_at=at,
            )
        )
    before = Alarm.objects.filter(run=run).count()
    with transaction.atomic():
        Alarm.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    return Alarm.objects.filter(run=run).count() - before


def _ring_of(rule: InForce, seen: Seen) -> str:
    """The name of a ring: the first of its professionals, that each of its rows carries."""
    return seen.other or "" if rule.rule.level is Level.RING else ""


def _written(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.10g}"


def _key_of(rule: InForce, seen: Seen) -> str:
    """What makes two alarms of one version the same. A ring is seen again on another day; what a trial
    saw is not the alarm of the version in force."""
    day = "" if rule.rule.level is Level.RING else seen.day.isoformat()
    parts = [seen.provider, seen.other, seen.member, seen.claim, seen.line, day]
    if rule.is_shadow:
        parts.append(SHADOW)
    return hashlib.sha256("|".join(str(part or "") for part in parts).encode()).hexdigest()


def warehouse_path() -> Path:
    """Where the warehouse lies: a file of this installation, that can always be built again.

    It names nobody, but holds illnesses and care: no other account of the machine may open its folder.
    """
    folder = Path(settings.WAREHOUSE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder / "fraud.duckdb"


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this worker is the only one at the night's work; the lock goes with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [NIGHT_LOCK])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [NIGHT_LOCK])


def ring_night() -> None:
    """Wake a worker; a bell that cannot be rung is only logged, the clock's turn comes anyway."""
    task: Any = import_string("fraud.tasks.work_at_night")
    try:
        task.apply_async(retry=False)
    except task.OperationalError:
        log.warning("broker unreachable: the scheduler will take the night up")
