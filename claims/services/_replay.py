"""Judging stored decisions again, page by page, under the law in force or under another one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from django.utils import timezone

from claims import selectors
from claims.adjudication import ClaimFacts, Law, NoLawInForce, adjudicate
from claims.adjudication.decision import Step
from claims.adjudication.replay import Change, Tally, changed_positions, changes
from claims.models import Decision

PAGE = 2_000

Progress = Callable[[int], None]


@dataclass(slots=True)
class Replay:
    """A replay on its way: what is asked, what was counted, the last decision judged.

    Days are those on which decisions were taken, `until` included. Only the decision that counts of
    each claim is judged again, on its stored facts: what another claim would then have left of a
    ceiling is not judged again.
    """

    law: Law
    since: date
    until: date | None = None
    tally: Tally = field(default_factory=Tally)
    last: UUID | None = None

    def total(self) -> int:
        """Decisions that the whole replay judges."""
        return selectors.decisions_taken(*self._between()).count()

    def step(self, size: int = PAGE) -> int:
        """Judge the next page of decisions; 0 when there is none left."""
        rows = selectors.decisions_taken(*self._between())
        if self.last is not None:
            rows = rows.filter(pk__gt=self.last)
        page = list(rows[:size])
        judged = [each for decision in page if (each := _judge_again(decision, self))]
        changed = {change.provider for each in judged for change in each.changes}
        places = selectors.places_of_providers(changed) if changed else {}
        for each in judged:
            self.tally.add(each.changes, places, before=each.before, after=each.after)
        if page:
            self.last = page[-1].pk
        return len(page)

    def _between(self) -> tuple[datetime, datetime | None]:
        return _midnight(self.since), _midnight(_day_after(self.until)) if self.until else None


def replay_decisions(replay: Replay, *, limit: int | None = None, progress: Progress) -> Tally:
    """Run a replay to its end, or to `limit` decisions; `progress` hears how many each page had."""
    left = limit
    while left is None or left > 0:
        done = replay.step(PAGE if left is None else min(PAGE, left))
        if not done:
            break
        progress(done)
        left = None if left is None else left - done
    return replay.tally


@dataclass(frozen=True, slots=True)
class _Again:
    """One decision judged again: what it reimbursed and reimburses, in centimes, and what changed."""

    before: int
    after: int
    changes: list[Change]


def _judge_again(decision: Decision, replay: Replay) -> _Again | None:
    """The new judgement, or None where the law has no value: the tally has counted it."""
    facts, stored = selectors.facts_judged(decision), decision.expected
    try:
        now = adjudicate(facts, replay.law)
    except NoLawInForce as missing:
        replay.tally.refuse(missing.key)
        return None
    positions = changed_positions(stored, now)
    steps = _steps(decision, facts) if positions else []
    return _Again(
        before=decision.reimbursed_centimes,
        after=now.total_reimbursed,
        changes=list(changes(facts, stored, steps, now, positions)),
    )


def _steps(decision: Decision, facts: ClaimFacts) -> list[list[Step]]:
    """Stored steps, line by line in the order of the facts."""
    by_position: dict[int, list[Step]] = {}
    for row in selectors.steps_of(decision):
        step = Step.from_values(
            rule=row.rule, reason=row.reason, reference=row.reference, values=row.values
        )
        by_position.setdefault(row.line_position, []).append(step)
    return [by_position.get(int(line.id), []) for line in facts.lines]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
