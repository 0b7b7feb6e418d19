"""What was promised on screens, against what stands in the books: the judge that nobody can talk to.

A promise is a document somebody was told is kept. The oracle reads tables and shares no code with what
filled them; `Verdict.told` names each thing that is not as promised.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

REFUSED = ("REJECTED",)
# Kept, and waiting for a person or for what should have come before.
ASIDE = ("RECEIVED", "HELD", "QUARANTINED", "CONFLICT")

Ask = Callable[..., list[Any]]

# Keys of transitions are UUIDv7: they tell what was written first, whatever instant a request was given.
ENVELOPES = """
SELECT envelope.id::text, device.kid, envelope.sequence, applied.key, envelope.state
  FROM sync_envelope envelope JOIN providers_device device ON device.id = envelope.device_id
  LEFT JOIN (SELECT subject_id, min(id::text) AS key FROM core_transition
              WHERE machine = 'envelope' AND to_state = 'APPLIED' GROUP BY subject_id) applied
         ON applied.subject_id = envelope.id
 WHERE NOT envelope.is_fork
"""
CLAIMS = """
SELECT paper.document_hash, claim.id::text, claim.reimbursed_centimes,
       ARRAY(SELECT DISTINCT unnest(line.reasons) FROM claims_decision decision
               JOIN claims_linedecision line ON line.decision_id = decision.id
              WHERE decision.claim_id = claim.id AND decision.n = claim.decision_n)
  FROM claims_claimdocument paper JOIN claims_claim claim ON claim.id = paper.claim_id
"""
PRESCRIPTIONS = """
SELECT document_hash, id::text FROM prescriptions_prescription WHERE instance = 1
"""
MONEY = """
SELECT (SELECT coalesce(sum(CASE side WHEN 'DEBIT' THEN amount_centimes ELSE -amount_centimes END), 0)
          FROM payments_ledgerentry),
       (SELECT count(*) FROM (
            SELECT FROM payments_orderclaim carried
              JOIN payments_paymentorder ordered ON ordered.id = carried.order_id
             WHERE ordered.state = 'PAID' GROUP BY carried.claim_id HAVING count(*) > 1) AS twice)
"""


@dataclass(frozen=True)
class Promise:
    """A document kept: its envelope, its place in the device's chain, the amount the screen showed, and
    why it was no more."""

    envelope: str
    device: str
    sequence: int
    kind: str
    digest: str
    shown_centimes: int | None = None
    shown_reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Counts of what may not be, and words for each."""

    documents: int
    lost: int
    double: int
    out_of_order: int
    amounts_shown: int
    amounts_changed: int
    amounts_explained: int
    refused: int
    set_aside: int
    ledger_sum: int
    double_paid: int
    told: list[str] = field(default_factory=list)


class Oracle:
    """Gathers promises during a day, and judges at its end."""

    def __init__(self) -> None:
        self.promises: dict[str, Promise] = {}

    def promised(self, promise: Promise) -> None:
        """Remember what a screen called kept."""
        self.promises[promise.envelope] = promise

    def judge(self, ask: Ask, *, decided: Iterable[str] = ()) -> Verdict:
        """Compare every promise with the books. `decided`: envelopes a person decided of after their turn."""
        told: list[str] = []
        envelopes = ask(ENVELOPES)
        claims = ask(CLAIMS)
        books = _by_digest([(digest, key) for digest, key, *_paid in claims] + ask(PRESCRIPTIONS))
        states = {envelope: state for envelope, *_rest, state in envelopes}
        refused = self._in(REFUSED, states, told)
        aside = self._in(ASIDE, states, told)
        lost = self._lost(books, states, told)
        double = _doubles(envelopes, books, told)
        later = set(decided)
        out_of_order = _out_of_order([each for each in envelopes if each[0] not in later], told)
        shown, changed, explained = self._amounts(claims, told)
        ((ledger, twice),) = ask(MONEY)
        return Verdict(
            documents=len(self.promises),
            lost=lost,
            double=double,
            out_of_order=out_of_order,
            amounts_shown=shown,
            amounts_changed=changed,
            amounts_explained=explained,
            refused=refused,
            set_aside=aside,
            ledger_sum=int(ledger),
            double_paid=twice,
            told=told,
        )

    def _lost(self, books: dict[str, list[str]], states: dict[str, str], told: list[str]) -> int:
        """Promises of which the books know nothing, though no envelope of theirs is looked at."""
        answered = (*ASIDE, *REFUSED)
        lost = [
            each
            for each in self.promises.values()
            if not books.get(each.digest) and states.get(each.envelope) not in answered
        ]
        told += [f"lost: {each}" for each in lost]
        return len(lost)

    def _in(self, wanted: tuple[str, ...], states: dict[str, str], told: list[str]) -> int:
        found = [each for each in self.promises if states.get(each) in wanted]
        told += [f"{states[each]}: {self.promises[each]}" for each in found]
        return len(found)

    def _amounts(self, claims: list[Any], told: list[str]) -> tuple[int, int, int]:
        """Count amounts shown, those decided otherwise without a word, and those with a reason told."""
        books = {digest: (paid, set(reasons)) for digest, _key, paid, reasons in claims}
        shown = [
            each
            for each in self.promises.values()
            if each.shown_centimes is not None and each.digest in books
        ]
        other = [each for each in shown if books[each.digest][0] != each.shown_centimes]
        changed = [each for each in other if books[each.digest][1] <= set(each.shown_reasons)]
        told += [f"{books[each.digest]} decided: {each}" for each in changed]
        return len(shown), len(changed), len(other) - len(changed)


def _by_digest(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found = defaultdict(list)
    for digest, key in rows:
        if digest:
            found[digest].append(key)
    return found


def _doubles(envelopes: list[Any], books: dict[str, list[str]], told: list[str]) -> int:
    """Documents that stand in the books twice, and envelopes received twice under one id."""
    twice = [digest for digest, keys in books.items() if len(keys) > 1]
    ids = Counter(envelope for envelope, *_rest in envelopes)
    again = [envelope for envelope, count in ids.items() if count > 1]
    told += [f"double: document {each}" for each in twice]
    told += [f"double: envelope {each}" for each in again]
    return len(twice) + len(again)


def _out_of_order(envelopes: list[Any], told: list[str]) -> int:
    """Envelopes applied before one of their own device that bears a smaller number."""
    applied = defaultdict(list)
    for envelope, device, sequence, key, _state in envelopes:
        if key is not None:
            applied[device].append((key, sequence, envelope))
    wrong = 0
    for device, rows in applied.items():
        last = 0
        for _key, sequence, envelope in sorted(rows):
            if sequence < last:
                wrong += 1
                told.append(f"out of order: {envelope}, {sequence} after {last} of {device}")
            last = max(last, sequence)
    return wrong
