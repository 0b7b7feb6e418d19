"""Looks at the database from outside: how soon work resumes, when all is settled, what is left."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from config.drill import poison, stage
from config.embedded.addresses import Place

LOOK_SECONDS = 0.25
POISONED = [poison.RAISES, poison.KILLS]

LEASED = """
SELECT id, lease_token FROM core_outboxmessage
 WHERE done_at IS NULL AND quarantined_at IS NULL AND lease_token IS NOT NULL
"""
STILL_LEASED = """
SELECT count(*) FROM unnest(%s::uuid[], %s::uuid[]) AS was (id, token)
  JOIN core_outboxmessage message ON message.id = was.id AND message.lease_token = was.token
 WHERE message.done_at IS NULL AND message.quarantined_at IS NULL
"""
UNSETTLED = """
SELECT (SELECT count(*) FROM core_outboxmessage WHERE done_at IS NULL AND quarantined_at IS NULL),
       (SELECT count(*) FROM claims_claim
         WHERE state IN ('SUBMITTED', 'ADJUDICATED', 'APPROVED', 'SCHEDULED')
           AND id NOT IN (SELECT claim_id FROM claims_waitingclaim WHERE error <> '')
           AND charged_centimes <> ALL(%(poisoned)s)
           AND (reimbursed_centimes > 0 OR state IN ('SUBMITTED', 'ADJUDICATED'))),
       (SELECT count(*) FROM claims_run WHERE state IN ('RUNNING', 'PAUSED')),
       (SELECT count(*) FROM payments_paymentbatch WHERE state IN ('FROZEN', 'APPROVED', 'EXPORTED'))
"""
# What a person does in the back office with work that was cut short three times and is not poison.
GIVE_BACK = """
UPDATE core_outboxmessage SET attempts = 0, quarantined_at = NULL
 WHERE quarantined_at IS NOT NULL AND NOT EXISTS (
       SELECT FROM claims_claim
        WHERE id = ANY(subject_ids) AND charged_centimes = ANY(%(poisoned)s))
"""
TALLY = """
SELECT (SELECT coalesce(sum(CASE side WHEN 'DEBIT' THEN amount_centimes ELSE -amount_centimes END), 0)
          FROM payments_ledgerentry),
       (SELECT count(*) FROM (
            SELECT FROM payments_orderclaim carried
              JOIN payments_paymentorder ordered ON ordered.id = carried.order_id
             WHERE ordered.state = 'PAID' GROUP BY carried.claim_id HAVING count(*) > 1) AS twice),
       (SELECT count(*) FROM core_outboxmessage WHERE quarantined_at IS NOT NULL),
       (SELECT count(*) FROM claims_waitingclaim WHERE error <> '')
"""


@dataclass
class _Cut:
    """A fault, and the leases that were live when it struck."""

    at: float
    told: str
    leases: list[tuple[Any, Any]]


@dataclass
class Watch:
    """Polls until stopped; `resumed` holds, per fault, seconds until its leases were taken up, and its name."""

    place: Place
    resumed: list[tuple[float, str]] = field(default_factory=list)
    _cuts: list[_Cut] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _stopped: bool = False

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._look, daemon=True).start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopped = True

    def cut(self, told: str) -> None:
        """Remember what was under way when a fault struck; the database answers at this moment."""
        at = time.monotonic()
        leases = self.ask(LEASED)
        with self._guard:
            self._cuts.append(_Cut(at, told, leases))

    def pending(self) -> int:
        """How many faults have work that nobody took up yet."""
        with self._guard:
            return len(self._cuts)

    def ask(self, query: str, parameters: object = None) -> list[Any]:
        """Run one query on a connection of its own, patient with a server that is starting."""
        end = time.monotonic() + 30
        while True:
            try:
                with stage.connect(self.place) as connection:
                    found = connection.execute(query, parameters)
                    return found.fetchall() if found.description else [(found.rowcount,)]
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(LOOK_SECONDS)

    def settled(self) -> bool:
        """Whether nothing waits any more but what is held by people, or poisoned."""
        (waiting,) = self.ask(UNSETTLED, {"poisoned": POISONED})
        return not any(waiting)

    def give_back(self) -> int:
        """Hand innocent work that was quarantined back to the queue; return how many messages."""
        return int(self.ask(GIVE_BACK, {"poisoned": POISONED})[0][0])

    def _look(self) -> None:
        while not self._stopped:
            time.sleep(LOOK_SECONDS)
            with self._guard:
                cuts = list(self._cuts)
            for cut in cuts:
                keys, tokens = [id for id, _token in cut.leases], [t for _id, t in cut.leases]
                if self.ask(STILL_LEASED, [keys, tokens])[0][0] == 0:
                    with self._guard:
                        self._cuts.remove(cut)
                    if cut.leases:
                        self.resumed.append((round(time.monotonic() - cut.at, 1), cut.told))


@dataclass(frozen=True)
class Outcome:
    """What the database says at the end, against what was acknowledged."""

    lost: int
    double_paid: int
    ledger_sum: int
    quarantined: int
    set_aside: int


def outcome(watch: Watch, acknowledged: dict[str, str]) -> Outcome:
    """Compare every receipt with the claims, and add the money up."""
    claims = watch.ask("SELECT document_hash, claim_id::text FROM claims_claimdocument")
    found: dict[str, list[str]] = {}
    for digest, key in claims:
        found.setdefault(digest, []).append(key)
    lost = sum(found.get(digest) != [key] for digest, key in acknowledged.items())
    ((ledger, twice, quarantined, aside),) = watch.ask(TALLY)
    return Outcome(lost, twice, int(ledger), quarantined, aside)
