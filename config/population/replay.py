"""A history lived again: claims as they arrive, statistics week by week, nothing seen before its day.

What is judged is what the product would do: `fraud.rules.score.verdict` on each claim that raises an alarm,
files opened by `opens_file`. People can read only so many claims: facts and holds first, then the claims of
the sample and the last ones of professionals suspected but without a file (SCORE.read_each a night), by score
then amount, up to SCORE.review_share of what was submitted so far.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from core.money import BASIS_POINTS
from fraud.gateways.warehouse import Alarm, Warehouse, subjects
from fraud.rules.catalogue import RULES
from fraud.rules.rule import COLUMNS, Kind, Level
from fraud.rules.score import Mark, Verdict, opens_file, score, verdict

STEP_DAYS: Final = 7
_WEIGHS: Final = 90  # days during which an alarm counts
_STOPPED: Final = (Verdict.REFUSE, Verdict.HOLD)
_KINDS = {rule.name: rule.kind for rule in RULES}
Figures = dict[str, dict[str, int]]
Subject = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """A claim that went to a person, or was refused: on which day, and why."""

    day: date
    verdict: Verdict
    score: int


@dataclass(slots=True)
class Trace:
    """What the product would have done over a history."""

    claims: int = 0
    alarms: list[tuple[date, Alarm]] = field(default_factory=list)
    sent: dict[str, Sent] = field(default_factory=dict)
    files: dict[Subject, date] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)

    def facts(self) -> set[str]:
        """The claims on which a fact was seen."""
        return {a.claim for _, a in self.alarms if a.claim and _KINDS[a.rule] == Kind.FACT}


@dataclass(slots=True)
class _Desk:
    """The state of a replay between two steps."""

    house: Warehouse
    figures: Figures
    trace: Trace
    live: dict[Subject, list[Alarm]] = field(default_factory=dict)
    waiting: dict[str, tuple[int, int]] = field(default_factory=dict)
    last_row: int = -1


def replay(
    house: Warehouse,
    figures: Figures,
    *,
    until: date | None = None,
    step_days: int = STEP_DAYS,
    tell: Callable[[str], None] = lambda _line: None,
) -> Trace:
    """Live the history of a warehouse whose canonical tables are filled, a night every `step_days`."""
    house.freshen()
    first, last = house.connection.execute(
        "SELECT min(CAST(submitted_at AS DATE)), max(CAST(submitted_at AS DATE)) FROM claims"
    ).fetchall()[0]
    desk = _Desk(house, figures, Trace())
    if first is None:
        return desk.trace
    last = min(last, until or last)
    day = min(first + timedelta(days=step_days - 1), last)
    while True:
        house.advance(day, figures)
        _step(desk, day)
        tell(f"{day}: {desk.trace.claims} claims, {len(desk.trace.sent)} to a person")
        if day >= last:
            return desk.trace
        day = min(day + timedelta(days=step_days), last)


def _step(desk: _Desk, day: date) -> None:
    """Take the alarms of one step: verdicts on their claims, files on their subjects."""
    counted = desk.house.connection.execute("SELECT count(DISTINCT claim) FROM care").fetchall()
    desk.trace.claims = counted[0][0]
    new = _new_alarms(desk)
    desk.trace.alarms += [(_seen(alarm, day), alarm) for alarm in new]
    touched = _remember(desk, new)
    _judge_subjects(desk, touched, day)
    _judge_claims(desk, [alarm for alarm in new if alarm.claim], day)
    _sample(desk, touched, day)
    _read(desk, day)


def _new_alarms(desk: _Desk) -> list[Alarm]:
    rows = desk.house.connection.execute(
        f"SELECT rowid, rule, {', '.join(COLUMNS)} FROM alarms WHERE rowid > $last ORDER BY rowid",
        {"last": desk.last_row},
    ).fetchall()
    if rows:
        desk.last_row = rows[-1][0]
    return [Alarm(*row[1:]) for row in rows]


def _seen(alarm: Alarm, day: date) -> date:
    """A fact is seen as its claim arrives; a statistic in the night of the step."""
    return min(alarm.day, day) if _KINDS[alarm.rule] == Kind.FACT else day


def _remember(desk: _Desk, new: list[Alarm]) -> set[Subject]:
    """Put each alarm in the file of whom it is about; facts of a claim enter its provider's."""
    touched = set()
    for alarm in new:
        for subject in _about(desk, alarm):
            desk.live.setdefault(subject, []).append(alarm)
            touched.add(subject)
    return touched


def _about(desk: _Desk, alarm: Alarm) -> list[Subject]:
    mark = desk.house.mark(alarm, alarm.day, desk.figures)
    if mark.level == Level.CLAIM and mark.kind == Kind.FACT and alarm.provider:
        return [("provider", alarm.provider)]
    return subjects(mark, alarm)


def _marks(desk: _Desk, subject: Subject, day: date) -> list[Mark]:
    kept = [a for a in desk.live.get(subject, []) if (day - a.day).days < _WEIGHS]
    if subject in desk.live:
        desk.live[subject] = kept
    return [desk.house.mark(alarm, day, desk.figures) for alarm in kept]


def _judge_subjects(desk: _Desk, touched: set[Subject], day: date) -> None:
    for subject in sorted(touched):
        marks = _marks(desk, subject, day)
        kind, name = subject
        if kind == "provider":
            desk.trace.highest[name] = max(desk.trace.highest.get(name, 0), score(marks))
        if opens_file(marks, desk.figures["SCORE"]):
            desk.trace.files.setdefault(subject, day)


def _judge_claims(desk: _Desk, alarms: list[Alarm], day: date) -> None:
    """Stop claims by their own alarms; the others wait for a reader, the strongest suspicion first.

    What is known of the professional and the person makes a claim worth reading, never worth stopping.
    """
    by_claim: dict[str, list[Alarm]] = {}
    for alarm in alarms:
        by_claim.setdefault(str(alarm.claim), []).append(alarm)
    amounts = _amounts(desk, list(by_claim))
    limits = desk.figures["SCORE"]
    for claim, mine in by_claim.items():
        marks = [desk.house.mark(alarm, alarm.day, desk.figures) for alarm in mine]
        decided = verdict(marks, limits)
        if decided in _STOPPED:
            seen = min(_seen(alarm, day) for alarm in mine)
            desk.trace.sent.setdefault(claim, Sent(seen, decided, score(marks)))
            continue
        for subject in {("provider", mine[0].provider), ("member", mine[0].member)}:
            if subject[1]:
                marks += _marks(desk, (subject[0], str(subject[1])), day)
        if verdict(marks, limits) is not Verdict.PAY:
            worth = score(marks)
            desk.waiting[claim] = (worth, amounts[claim])


def _sample(desk: _Desk, touched: set[Subject], day: date) -> None:
    """Let the last claims of a professional who is suspected, but has no file, wait for a reader too."""
    limits = desk.figures["SCORE"]
    for kind, who in sorted(touched):
        if kind != "provider" or (kind, who) in desk.trace.files:
            continue
        worth = score(_marks(desk, (kind, who), day))
        if worth >= limits["sample"]:
            for claim, amount in _last_claims(desk, who, limits["read_each"]):
                desk.waiting.setdefault(claim, (worth, amount))


def _read(desk: _Desk, day: date) -> None:
    """Give people what waits, as far as they can read; what is left is paid."""
    share = desk.figures["SCORE"]["review_share"]
    room = desk.trace.claims * share // BASIS_POINTS - len(desk.trace.sent)
    order = sorted((-worth, -amount, claim) for claim, (worth, amount) in desk.waiting.items())
    for worth, _amount, claim in order[: max(0, room)]:
        desk.trace.sent.setdefault(claim, Sent(day, Verdict.REVIEW, -worth))
    desk.waiting.clear()


def _last_claims(desk: _Desk, provider: str, count: int) -> list[tuple[str, int]]:
    return desk.house.connection.execute(
        "SELECT claim, CAST(sum(charged) AS BIGINT) FROM care WHERE provider = $provider"
        " GROUP BY claim, submitted_at ORDER BY submitted_at DESC, claim LIMIT $count",
        {"provider": provider, "count": count},
    ).fetchall()


def _amounts(desk: _Desk, claims: list[str]) -> dict[str, int]:
    rows = desk.house.connection.execute(
        "SELECT claim, sum(charged) FROM claim_lines WHERE claim IN (SELECT unnest($claims)) GROUP BY 1",
        {"claims": claims},
    ).fetchall()
    return {claim: int(amount) for claim, amount in rows}
