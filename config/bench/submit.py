"""`bench submit`: one POST of a signed four-line claim beside a bare insert-and-commit request."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from config.bench import databases, practices
from config.bench.crew import crew
from config.bench.databases import Address
from config.bench.measuring import FOREIGN_SHARE, Watch, middle, parent_of, percentile
from config.bench.posting import Sent, send_all
from config.bench.serving import Web, serving
from config.bench.stock import Size, Tell, stock_of
from config.bench.wire import counted as count_turns
from config.bench.wire import listening

CONNECTIONS = 4
WEB_WORKERS = 2
# Before counting: connections are open, statements known, caches full.
WARM_UP = 60
COUNTED = 20


class RequestsRefused(RuntimeError):
    """Requests that should have been accepted were not: there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The two kinds of request of one round."""

    claim: Sent
    bare: Sent
    foreign: float = 0.0

    def ratio(self, share: float) -> float:
        """How many times longer a claim takes than a bare request, at this percentile."""
        return percentile(self.claim.seconds, share) / percentile(self.bare.seconds, share)

    @property
    def rate_ratio(self) -> float:
        return _rate(self.claim) / _rate(self.bare)


def run(
    *, address: Address, size: Size, requests: int, rounds: int, root: Path, tell: Tell
) -> dict[str, Any]:
    """Measure and return every figure, with each round's own under `rounds`."""
    stock = stock_of(size, address, root, tell)
    copy = address.called(f"{address.name}_bench_submit")
    databases.create(copy, like=stock)
    try:
        return _measure(copy, requests=requests, rounds=rounds, root=root, tell=tell)
    finally:
        databases.drop(copy)


def _measure(
    copy: Address, *, requests: int, rounds: int, root: Path, tell: Tell
) -> dict[str, Any]:
    with crew(copy) as (clerk,):
        tell("signing claims")
        claims, bare = clerk.do(practices.prepare, 2 * WARM_UP + COUNTED + rounds * requests)
    statements, round_trips = _count(copy, claims[: WARM_UP + COUNTED], root)
    claims = claims[WARM_UP + COUNTED :]
    pairs = []
    with (
        serving(copy, workers=WEB_WORKERS, root=root) as web,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as client,
    ):
        _send(client, web, claims[:WARM_UP])
        _send(client, web, bare[:WARM_UP])
        claims = claims[WARM_UP:]
        families = (os.getpid(), web.pid, _server_pid(copy))
        for number in range(rounds):
            tell(f"round {number + 1} of {rounds}")
            share = claims[number * requests : (number + 1) * requests]
            watch = Watch.start((), families)
            sent = _round(client, web, share, bare[: len(share)], number)
            pairs.append(replace(sent, foreign=watch.stop().foreign))
    return _figures(pairs, statements, round_trips)


def _round(
    client: ProcessPoolExecutor,
    web: Web,
    claims: Sequence[bytes],
    bare: Sequence[bytes],
    number: int,
) -> Pair:
    """Both kinds in one round, the first one in turn."""
    if number % 2:
        sent = _send(client, web, claims)
        return Pair(sent, _send(client, web, bare))
    first = _send(client, web, bare)
    return Pair(_send(client, web, claims), first)


def _send(client: ProcessPoolExecutor, web: Web, requests: Sequence[bytes]) -> Sent:
    sent = client.submit(send_all, web.socket, requests, CONNECTIONS).result()
    if sent.refused:
        raise RequestsRefused(f"{len(sent.refused)} of {len(requests)} refused: {sent.refused[0]}")
    return sent


def _count(copy: Address, claims: Sequence[bytes], root: Path) -> tuple[float, float]:
    """Statements and round trips of one POST, heard between one warm web worker and the database."""
    with (
        listening(copy.host, copy.port) as listener,
        serving(copy.through(str(listener.folder)), workers=1, root=root) as web,
    ):
        _refuse_none(send_all(web.socket, claims[:WARM_UP], 1))
        counts = []
        for claim in claims[WARM_UP:]:
            listener.forget()
            _refuse_none(send_all(web.socket, [claim], 1))
            counts.append(count_turns(listener.turns()))
    return (
        middle(each.statements for each in counts),
        middle(each.round_trips for each in counts),
    )


def _refuse_none(sent: Sent) -> None:
    if sent.refused:
        raise RequestsRefused(sent.refused[0])


def _server_pid(copy: Address) -> int:
    """The process that starts the server's own; 0 where the system does not say."""
    with copy.connect() as connection:
        return parent_of(connection.info.backend_pid)


def _rate(sent: Sent) -> float:
    return len(sent.seconds) / sent.whole


def _figures(pairs: Sequence[Pair], statements: float, round_trips: float) -> dict[str, Any]:
    quiet = [pair for pair in pairs if pair.foreign <= FOREIGN_SHARE]
    counted = quiet or pairs
    return {
        "p95_ratio": round(middle(pair.ratio(0.95) for pair in counted), 2),
        "p99_ratio": round(middle(pair.ratio(0.99) for pair in counted), 2),
        "rate_ratio": round(middle(pair.rate_ratio for pair in counted), 3),
        "statements": statements,
        "round_trips": round_trips,
        "quiet_rounds": len(quiet),
        "rounds": [
            {
                "claims_per_second": round(_rate(pair.claim), 1),
                "bare_per_second": round(_rate(pair.bare), 1),
                "claim_p95_ms": round(1000 * percentile(pair.claim.seconds, 0.95), 2),
                "bare_p95_ms": round(1000 * percentile(pair.bare.seconds, 0.95), 2),
                "foreign": round(pair.foreign, 2),
            }
            for pair in pairs
        ],
    }
