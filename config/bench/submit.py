"""`bench submit`: one POST of a signed four-line claim beside a bare insert-and-commit request."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from config.bench import databases, practices
from config.bench.crew import crew
from config.bench.databases import Address
from config.bench.measuring import middle, percentile
from config.bench.posting import Sent, send_all
from config.bench.serving import serving
from config.bench.stock import Size, Tell, stock_of
from config.bench.wire import counted, listening

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
        for number in range(rounds):
            tell(f"round {number + 1} of {rounds}")
            share = claims[number * requests : (number + 1) * requests]
            pairs.append(_round(client, web, share, bare[: len(share)], number))
    return _figures(pairs, statements, round_trips)


def _round(
    client: ProcessPoolExecutor,
    web: str,
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


def _send(client: ProcessPoolExecutor, web: str, requests: Sequence[bytes]) -> Sent:
    sent = client.submit(send_all, web, requests, CONNECTIONS).result()
    if sent.refused:
        raise RequestsRefused(f"{len(sent.refused)} of {len(requests)} refused: {sent.refused[0]}")
    return sent


def _count(copy: Address, claims: Sequence[bytes], root: Path) -> tuple[float, float]:
    """Statements and round trips of one POST, heard between one warm web worker and the database."""
    with (
        listening(copy.host, copy.port) as listener,
        serving(copy.through(str(listener.folder)), workers=1, root=root) as web,
    ):
        _refuse_none(send_all(web, claims[:WARM_UP], 1))
        counts = []
        for claim in claims[WARM_UP:]:
            listener.forget()
            _refuse_none(send_all(web, [claim], 1))
            counts.append(counted(listener.turns()))
    return (
        middle(each.statements for each in counts),
        middle(each.round_trips for each in counts),
    )


def _refuse_none(sent: Sent) -> None:
    if sent.refused:
        raise RequestsRefused(sent.refused[0])


def _rate(sent: Sent) -> float:
    return len(sent.seconds) / sent.whole


def _figures(pairs: Sequence[Pair], statements: float, round_trips: float) -> dict[str, Any]:
    return {
        "p95_ratio": middle(pair.ratio(0.95) for pair in pairs),
        "p99_ratio": middle(pair.ratio(0.99) for pair in pairs),
        "rate_ratio": middle(pair.rate_ratio for pair in pairs),
        "statements": statements,
        "round_trips": round_trips,
        "rounds": [
            {
                "claims_per_second": round(_rate(pair.claim), 1),
                "bare_per_second": round(_rate(pair.bare), 1),
                "claim_p95_ms": round(1000 * percentile(pair.claim.seconds, 0.95), 2),
                "bare_p95_ms": round(1000 * percentile(pair.bare.seconds, 0.95), 2),
            }
            for pair in pairs
        ],
    }
