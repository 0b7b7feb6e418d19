"""The parts of the offline drill that need no site: the bad network, and the judge."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from http import client
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from config.offline_drill import oracle
from config.offline_drill.drilling import WITHOUT, failures
from config.offline_drill.network import LOOPBACK, WORKER, Cable, Network
from config.offline_drill.oracle import Oracle, Promise, Verdict

PATH = "/api/v1/sync/envelopes"
BODY = b'{"answers": []}'


class _Site(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.arrived.append(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(BODY)

    def do_GET(self) -> None:
        self._answer(b"self.skipWaiting;")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "one=1")
        self.send_header("Set-Cookie", "two=2")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_what: object) -> None:
        pass


@pytest.fixture
def behind() -> Iterator[tuple[Network, list[bytes]]]:
    site = HTTPServer((LOOPBACK, 0), _Site)
    site.arrived = []
    threading.Thread(target=site.serve_forever, daemon=True).start()
    network = Network(site.server_address[1])
    network.start()
    yield network, site.arrived
    network.stop()
    site.shutdown()
    site.server_close()


def _post(network: Network | Cable) -> Any:
    url = f"http://{LOOPBACK}:{network.port}{PATH}"
    with urllib.request.urlopen(urllib.request.Request(url, data=b"{}"), timeout=10) as answer:
        return json.load(answer)


def test_the_network_hands_on_both_ways(behind: tuple[Network, list[bytes]]) -> None:
    network, arrived = behind

    asked = client.HTTPConnection(LOOPBACK, network.port, timeout=10)
    asked.request("POST", PATH, body=b"{}")
    answer = asked.getresponse()

    assert (answer.status, answer.read(), arrived) == (200, BODY, [b"{}"])
    assert answer.headers.get_all("Set-Cookie") == ["one=1", "two=2"]


@pytest.mark.parametrize("how", ["lost", "torn"])
def test_a_spoiled_answer_never_comes_back_whole_yet_the_request_arrived(
    behind: tuple[Network, list[bytes]], how: str
) -> None:
    network, arrived = behind
    network.spoil(how, PATH)

    with pytest.raises((OSError, client.HTTPException)):
        _post(network)

    assert arrived == [b"{}"]
    assert network.counts[how] == 1
    assert _post(network) == {"answers": []}


def test_nothing_gets_through_a_cut(behind: tuple[Network, list[bytes]]) -> None:
    network, arrived = behind
    network.cut = True

    with pytest.raises((OSError, client.HTTPException)):
        _post(network)

    assert arrived == []
    network.heal()
    assert _post(network) == {"answers": []}


def test_a_new_edition_changes_the_service_worker_only(
    behind: tuple[Network, list[bytes]],
) -> None:
    network, _arrived = behind
    network.edition = 3

    with urllib.request.urlopen(f"http://{LOOPBACK}:{network.port}{WORKER}") as worker:
        assert worker.read().endswith(b"\n// edition 3\n")
    assert _post(network) == {"answers": []}


# The judge

PROMISE = Promise("e1", "device", 1, "care_claim", "h1", shown_centimes=5600)
FIRST = ("e1", "device", 1, "a", "APPLIED")
SECOND = ("e2", "device", 2, "b", "RECEIPTED")
SOUND: dict[str, list[Any]] = {
    oracle.ENVELOPES: [FIRST, SECOND],
    oracle.CLAIMS: [("h1", "c1", 5600, [])],
    oracle.PRESCRIPTIONS: [("h2", "p1")],
    oracle.MONEY: [(0, 0)],
}
# What is wrong in the books, and what the judge then counts.
WRONG: dict[str, tuple[dict[str, list[Any]], str]] = {
    "never arrived": ({oracle.CLAIMS: [], oracle.ENVELOPES: []}, "lost"),
    "applied and not there": ({oracle.CLAIMS: []}, "lost"),
    "refused": (
        {oracle.CLAIMS: [], oracle.ENVELOPES: [("e1", "device", 1, "a", "REJECTED")]},
        "refused",
    ),
    "still in somebody's basket": (
        {oracle.CLAIMS: [], oracle.ENVELOPES: [("e1", "device", 1, "a", "QUARANTINED")]},
        "set_aside",
    ),
    "a document twice": (
        {oracle.CLAIMS: [("h1", "c1", 5600, []), ("h1", "c2", 5600, [])]},
        "double",
    ),
    "an envelope twice": ({oracle.ENVELOPES: [FIRST] * 2}, "double"),
    "the second first": (
        {oracle.ENVELOPES: [FIRST, (*SECOND[:3], "0", "APPLIED")]},
        "out_of_order",
    ),
    "another amount": ({oracle.CLAIMS: [("h1", "c1", 5500, [])]}, "amounts_changed"),
    "money from nowhere": ({oracle.MONEY: [(1, 0)]}, "ledger_sum"),
    "paid twice": ({oracle.MONEY: [(0, 1)]}, "double_paid"),
}


def _judged(changes: dict[str, list[Any]]) -> Verdict:
    judge = Oracle()
    judge.promised(PROMISE)
    return judge.judge({**SOUND, **changes}.__getitem__)


def test_books_that_keep_every_promise_are_found_so() -> None:
    judged = _judged({})

    assert (judged.documents, judged.amounts_shown) == (1, 1)
    assert {getattr(judged, name) for name in WITHOUT} == {0}


@pytest.mark.parametrize("name", WRONG)
def test_each_broken_promise_is_found(name: str) -> None:
    changes, counted = WRONG[name]

    assert getattr(_judged(changes), counted) == 1


def test_another_amount_with_a_reason_told_is_honest() -> None:
    judged = _judged({oracle.CLAIMS: [("h1", "c1", 0, ["DUPLICATE"])]})

    assert (judged.amounts_changed, judged.amounts_explained) == (0, 1)


REPORT = {
    "documents": 1,
    "lost": 0,
    "double": 0,
    "out_of_order": 0,
    "amounts_changed": 0,
    "refused": 0,
    "set_aside": 0,
    "ledger_sum": 0,
    "double_paid": 0,
    "broken_variant_caught": True,
    "invariants": {"I1": 0},
    "faults_found": [],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("documents", 0),
        ("lost", 1),
        ("double", 1),
        ("out_of_order", 1),
        ("amounts_changed", 1),
        ("refused", 1),
        ("set_aside", 1),
        ("ledger_sum", -1),
        ("double_paid", 1),
        ("broken_variant_caught", False),
        ("invariants", {"I1": 1}),
        ("faults_found", ["a receipt nobody sealed"]),
    ],
)
def test_a_drill_fails_for_each_thing_it_may_not_end_with(name: str, value: object) -> None:
    assert failures(REPORT) == []
    assert len(failures({**REPORT, name: value})) == 1


def test_a_pulled_cable_is_that_of_one_post(behind: tuple[Network, list[bytes]]) -> None:
    network, arrived = behind
    pulled, other = network.cable(), network.cable()
    pulled.pulled = True

    with pytest.raises((OSError, client.HTTPException)):
        _post(pulled)

    assert _post(other) == json.loads(BODY)
    assert arrived == [b"{}"]
