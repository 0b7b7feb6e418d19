"""Judge purely, write once: the decisions of one claim or of five thousand, by the same statements."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction

from claims import selectors
from claims.adjudication import ClaimFacts
from claims.adjudication import Decision as Judgement
from claims.adjudication.as_shown import Known
from claims.adjudication.decision import Outcome
from claims.adjudication.law import Law
from claims.adjudication.packing import pack_facts, pack_steps
from claims.adjudication.reasons import Reason
from claims.models import Claim, LawVersion, LineDecision
from claims.selectors import Case, Surroundings, Use
from claims.states import ClaimState
from core import pipeline
from core.appending import append_rows, appending, as_json
from core.audit import Actor, actor_id
from core.crashpoints import crashpoint
from core.record_keys import TextKey, new_text_key
from core.transitions import Move, move_each

# Hexadecimal digits of the law's digest that make the key of its version: 60 bits.
_LAW_KEY_DIGITS = 15
_known_laws: set[int] = set()
# Beyond so many claims their lines leave by COPY while they are judged.
_FEW = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with the facts it was judged on, what was decided, and what that takes."""

    case: Case
    facts: ClaimFacts
    judgement: Judgement
    uses: Sequence[tuple[int, Use]]


def adjudicate_claims(
    claims: Sequence[Claim], *, by: Actor, at: datetime, reviewed: bool = False
) -> None:
    """Judge claims and write their decisions, in the caller's transaction and under its locks.

    `reviewed`: a person has looked, so that a line without a tariff no longer asks for one. What was
    paid as shown stays so. Raises NoLawInForce, LookupError, ValueError on a claim that cannot be judged;
    nothing is then written.
    """
    law = selectors.law()
    cases = selectors.cases_of([claim.pk for claim in claims])
    around = selectors.gather(cases)
    promised = selectors.honoured_of([case.claim_id for case in cases]) if reviewed else {}
    judged = {
        case.claim_id: judge(
            case, around, law, reviewed=reviewed, promised=promised.get(case.claim_id)
        )
        for case in cases
    }
    save(judged.values(), around, cases, by=by, at=at, reviewed=reviewed)
    crashpoint("adjudicate.after_save")
    for claim in claims:
        each = judged[str(claim.pk)]
        told = {
            "state": next_state(each.judgement, reviewed),
            "decision_n": each.case.decision_n + 1,
            "outcome": each.judgement.outcome.value,
            "reimbursed_centimes": each.judgement.total_reimbursed,
        }
        for name, value in told.items():
            setattr(claim, name, value)


def judge(
    case: Case,
    around: Surroundings,
    law: Law,
    *,
    reviewed: bool = False,
    promised: Known | None = None,
) -> Judged:
    """Judge one case; what it takes counts for the next cases of the same person, unless it is denied:
    a claim that is refused uses nothing up, whatever its lines were granted.

    `promised`: the facts and the law it is judged on instead of today's, having been shown with them.
    """
    known = promised or Known(around.facts(case), law)
    facts, judgement = known.facts, known.judged()
    uses = selectors.uses_of(case, judgement, around.terms)
    is_denied = next_state(judgement, reviewed) in selectors.WITHOUT_EFFECT
    around.remember(case, [] if is_denied else [use for _position, use in uses])
    return Judged(case, facts, judgement, uses)


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the garbage collector out of a batch: it makes no cycles, and would be walked for nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def save(
    judged: Iterable[Judged],
    around: Surroundings,
    cases: Sequence[Case],
    *,
    by: Actor,
    at: datetime,
    reviewed: bool = False,
) -> None:
    """Write decisions and move each claim to its next state: at most seven statements, whatever the
    number of claims.

    `judged` is read once and nothing of it is kept but the rows it makes: a batch that judges as it is
    read holds one judgement at a time. Its lines, most of what there is to write, are taken in by the
    database while the next claims are judged. `cases` are all that may be judged.
    """
    rows = _Rows(around, cases, by=by, at=at, reviewed=reviewed)
    with rows.lines_leaving(many=len(cases) > _FEW):
        for each in judged:
            rows.add(each)
    crashpoint("adjudicate.before_save")
    rows.write()
    columns = {"decision_n": "int", "outcome": "text", "reimbursed_centimes": "bigint"}
    move_each(Claim, rows.moves, columns=columns, by=by, at=at)


def write_decision(judged: Judged, around: Surroundings, *, by: Actor, at: datetime) -> None:
    """Write the decision of one claim, its lines and what they use up; its state is the caller's."""
    rows = _Rows(around, [judged.case], by=by, at=at, reviewed=False)
    with rows.lines_leaving(many=False):
        rows.add(judged)
    rows.write()


class _Rows:
    """What decisions make of rows, gathered one judgement at a time, then written together."""

    def __init__(
        self,
        around: Surroundings,
        cases: Sequence[Case],
        *,
        by: Actor,
        at: datetime,
        reviewed: bool,
    ) -> None:
        self._terms, self._law = around.terms, selectors.law()
        self._actor, self._at = actor_id(by), at.isoformat()
        keep_law(self._law, at)
        self._reviewed = reviewed
        self._counted = _accepted_before(cases)
        self._decisions: list[tuple[Any, ...]] = []
        self._uses: list[tuple[Any, ...]] = []
        self._minutes: dict[tuple[Any, Any], int] = {}
        self.moves: list[Move] = []

    @contextmanager
    def lines_leaving(self, *, many: bool) -> Iterator[None]:
        """Within this block judgements are added."""
        with appending("claims_linedecision", _LINE_COLUMNS, many=many) as self._add_lines:
            yield

    def add(self, each: Judged) -> None:
        """Keep what one judgement makes of rows."""
        key = new_text_key()
        self._decisions.append(_decision_row(key, each, self._actor, self._at))
        self._add_lines(_line_rows(key, each, self._at))
        self._uses += _use_rows(each)
        self._count_minutes(each)
        self.moves.append(_move(each, self._reviewed))

    def _count_minutes(self, each: Judged) -> None:
        """Add the usual minutes of accepted acts; a line is counted by the first decision to accept it."""
        for line, decided in zip(each.case.lines, each.judgement.lines, strict=True):
            if line.act_id is None or decided.denied or line.id in self._counted:
                continue
            letter = self._terms.act(line.act_id).letter or ""
            spent = self._law.at(line.care_date).act_minutes(letter) * line.quantity
            if spent:
                key = (line.provider_id, line.care_date)
                self._minutes[key] = self._minutes.get(key, 0) + spent

    def write(self) -> None:
        """Append the rows; add minutes to their provider's days in key order (no deadlock)."""
        append_rows("claims_decision", _DECISION_COLUMNS, self._decisions)
        append_rows("claims_counteduse", _USE_COLUMNS, self._uses)
        if self._minutes:
            _add_minutes(sorted(self._minutes.items()))


def next_state(judgement: Judgement, reviewed: bool) -> ClaimState:
    """Return where a judgement sends its claim."""
    if judgement.needs_review and not reviewed:
        return ClaimState.IN_REVIEW
    if judgement.outcome == Outcome.DENIED:
        return ClaimState.DENIED
    return ClaimState.ADJUDICATED


_DECISION_COLUMNS = (
    "id",
    "claim_id",
    "insured_id",
    "n",
    "outcome",
    "needs_review",
    "charged_centimes",
    "reimbursed_centimes",
    "insured_share_centimes",
    "law_id",
    "facts",
    "decided_at",
    "decided_by",
)
_LINE_COLUMNS = (
    "decision_id",
    "position",
    "at",
    "line_id",
    "insured_id",
    "tariff_centimes",
    "base_centimes",
    "rate_bp",
    "reimbursed_centimes",
    "insured_share_centimes",
    "reasons",
    "is_denied",
    "steps",
)
_USE_COLUMNS = (
    "patient_id",
    "claim_id",
    "n",
    "position",
    "kind",
    "insured_id",
    "name",
    "approval_id",
    "care_date",
    "amount",
)


def _decision_row(key: TextKey, each: Judged, actor: str, at: str) -> tuple[Any, ...]:
    case, judgement = each.case, each.judgement
    return (
        key,
        case.claim_id,
        case.insured_id,
        case.decision_n + 1,
        judgement.outcome.value,
        judgement.needs_review,
        judgement.total_charged,
        judgement.total_reimbursed,
        judgement.total_insured_share,
        _law_key(judgement.law_digest),
        pack_facts(each.facts),
        at,
        actor,
    )


def _line_rows(key: TextKey, each: Judged, at: str) -> Iterable[tuple[Any, ...]]:
    insured_id = each.case.insured_id
    for line, decided in zip(each.case.lines, each.judgement.lines, strict=True):
        yield (
            key,
            line.position,
            at,
            line.id,
            insured_id,
            decided.tariff,
            decided.base,
            decided.rate,
            decided.reimbursed,
            decided.insured_share,
            _array(decided.reasons),
            decided.denied,
            pack_steps(decided.steps),
        )


@lru_cache(maxsize=1_000)
def _array(reasons: tuple[Reason, ...]) -> pipeline.Array:
    return pipeline.Array.of(reasons)


def _use_rows(each: Judged) -> Iterable[tuple[Any, ...]]:
    case = each.case
    for position, use in each.uses:
        yield (
            case.patient_id,
            case.claim_id,
            case.decision_n + 1,
            position,
            use.kind,
            case.insured_id,
            use.name,
            use.approval_id,
            use.care_date,
            use.amount,
        )


def _move(each: Judged, reviewed: bool) -> Move:
    case, judgement = each.case, each.judgement
    target = next_state(judgement, reviewed)
    values = (case.decision_n + 1, judgement.outcome.value, judgement.total_reimbursed)
    return Move(case.claim_id, case.state, target, values)


def keep_law(law: Law, at: datetime) -> None:
    """Keep the content of a law the first time it is applied."""
    key = _law_key(law.digest)
    if key not in _known_laws:
        LawVersion.objects.get_or_create(
            id=key,
            defaults={"digest": law.digest, "content": law.to_dict(), "first_used_at": at},
        )
        transaction.on_commit(lambda: _known_laws.add(key))


@lru_cache(maxsize=100)
def _law_key(digest: str) -> int:
    return int(digest[:_LAW_KEY_DIGITS], 16)


def _accepted_before(cases: Sequence[Case]) -> set[Any]:
    """Lines of claims judged again that an earlier decision accepted: their minutes are counted."""
    decided = {case.claim_id: case.decision_n for case in cases if case.decision_n > 0}
    if not decided:
        return set()
    earlier = LineDecision.objects.filter(line__claim_id__in=list(decided), is_denied=False)
    rows = earlier.values_list("line_id", "decision__claim_id", "decision__n")
    return {str(line) for line, claim, n in rows if n <= decided[str(claim)]}


def _add_minutes(ordered: Sequence[tuple[tuple[Any, Any], int]]) -> None:
    rows = [
        {"k": new_text_key(), "p": provider, "d": day, "m": spent}
        for (provider, day), spent in ordered
    ]
    pipeline.write(
        "INSERT INTO claims_providerday (id, provider_id, day, minutes)"
        " SELECT k, p, d, m"
        " FROM json_to_recordset(%s) AS spent (k uuid, p uuid, d date, m int)"
        " ON CONFLICT (provider_id, day)"
        " DO UPDATE SET minutes = claims_providerday.minutes + excluded.minutes",
        [as_json(rows)],
    )
