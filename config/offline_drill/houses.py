"""The drill of software houses: devices that only know the API, and answers that never come back.

Each device works in its own thread with its own draw: it keeps documents, sends them in order or not,
sends them again when no answer came, offers the same id with other bytes, forks its chain. An honest
envelope must end applied, once, with the same answer however often it is sent.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random
from typing import Any

from config.drill import papers
from config.drill.country import Country
from config.drill.papers import Papers
from config.offline_drill.device import Device, Envelope, NoAnswer, ReceiptForged
from config.offline_drill.oracle import Oracle, Promise
from core.signatures import document_hash
from insured.models import Person
from prescriptions.rules.code import PrintedPatient

MOST_AT_ONCE = 50
LAST_SECONDS = 120.0
# Well below what the law lets a device do between two words of the server.
ANCHOR_EVERY = 40
AGAIN_SECONDS = 0.01
# How a settled envelope may have ended, for one that did nothing wrong.
SETTLED = {"APPLIED", "CONFLICT"}
HONEST = SETTLED | {"RECEIVED", "HELD"}


@dataclass
class Told:
    """What all the devices of a drill saw."""

    oracle: Oracle = field(default_factory=Oracle)
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def count(self, name: str, by: int = 1) -> None:
        """Count something."""
        with self.guard:
            self.counts[name] += by

    def fault(self, line: str) -> None:
        """Note what should not have been."""
        with self.guard:
            self.faults.append(line)


class House:
    """One device of a software house, from its first anchor to its last receipt."""

    def __init__(self, device: Device, papers: "Desk", told: Told, draw: Random) -> None:
        self.device = device
        self.waiting: dict[str, Envelope] = {}
        self.settled: dict[str, tuple[Envelope, Any]] = {}
        self._papers = papers
        self._told = told
        self._draw = draw

    def work(self, until: threading.Event) -> None:
        """Work until told to stop, then send what waits."""
        self._refresh_anchor()
        deeds = (
            self._keep,
            self._send,
            self._send_late_first,
            self._replay,
            self._forge,
            self._fork,
        )
        while not until.is_set():
            self._draw.choices(deeds, weights=(8, 60, 6, 20, 3, 3))[0]()
        end = time.monotonic() + LAST_SECONDS
        while self.waiting and time.monotonic() < end:
            self._send()
            self._ask_again()
        for each in self.waiting.values():
            self._told.fault(f"never settled: {each['document']['id']}")

    def _refresh_anchor(self) -> None:
        """Ask until the server's word comes: what may be done without it is limited."""
        while True:
            try:
                return self.device.refresh_anchor()
            except NoAnswer:
                self._told.count("unanswered")

    def _keep(self) -> None:
        if self.device.sequence % ANCHOR_EVERY == 0:
            self._refresh_anchor()
        kind, body, inside = self._papers.next(self.device.software, self._draw)
        envelope = self.device.keep(kind, body, **inside)
        document = envelope["document"]
        self.waiting[document["id"]] = envelope
        with self._told.guard:
            self._told.oracle.promised(
                Promise(
                    document["id"],
                    document["device"],
                    document["sequence"],
                    kind,
                    document_hash(body["document"]),
                )
            )

    def _send(self) -> None:
        """Send the oldest, as many as drawn; without any, write one."""
        if not self.waiting:
            self._keep()
        self._post(list(self.waiting.values())[: self._draw.randint(1, MOST_AT_ONCE)])

    def _send_late_first(self) -> None:
        """Send some of the latest before those they follow: they are held, not refused."""
        late = list(self.waiting.values())[1:]
        if late:
            self._post(self._draw.sample(late, min(len(late), 3)))

    def _replay(self) -> None:
        """Send what is settled again: the answer must be the first one."""
        if not self.settled:
            return
        envelope, first = self.settled[self._draw.choice(list(self.settled))]
        answers = self._post([envelope], settled=True)
        if answers is not None and answers[0] != first:
            self._told.fault(f"another answer: {first} then {answers[0]}")
        self._told.count("replays", answers is not None)

    def _forge(self) -> None:
        """Send other bytes under an id that was used: refused, and nothing changes."""
        if not self.settled:
            return
        envelope, _first = self.settled[self._draw.choice(list(self.settled))]
        other = {**envelope["document"], "wall": "2026-01-01T00:00:00.000Z"}
        self._expect_no(self.device.signed(other), "other bytes under one id")

    def _fork(self) -> None:
        """Send a second envelope under a number already used: set aside, never applied."""
        if not self.settled or not self.device.sequence:
            return
        envelope, _first = self.settled[self._draw.choice(list(self.settled))]
        kind, body, inside = self._papers.next(self.device.software, self._draw)
        document = self.device.enveloped(kind, body, **inside)["document"]
        taken = {name: envelope["document"][name] for name in ("sequence", "previous")}
        self._expect_no(self.device.signed({**document, **taken}), "a fork")

    def _expect_no(self, envelope: Envelope, what: str) -> None:
        try:
            answer = self.device.send([envelope])
        except NoAnswer:
            self._told.count("unanswered")
            return
        self._told.count(what)
        outcomes = {each["outcome"] for each in answer.body.get("answers", [])}
        if outcomes & HONEST:
            self._told.fault(f"{what} was taken: {answer.body}")

    def _ask_again(self) -> None:
        """What the server holds without having settled it."""
        try:
            answer = self.device.outcomes(list(self.waiting)[:MOST_AT_ONCE])
        except NoAnswer:
            self._told.count("unanswered")
            return
        if answer.status == HTTPStatus.OK:
            self._learn(answer.body["answers"])

    def _post(self, envelopes: list[Envelope], *, settled: bool = False) -> list[Any] | None:
        if not envelopes:
            return None
        self._told.count("requests")
        try:
            answer = self.device.send(envelopes)
        except NoAnswer:
            self._told.count("unanswered")
            time.sleep(self._draw.uniform(0, AGAIN_SECONDS))
            return None
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._told.count(f"try_again_{answer.status}")
            return None
        if answer.status != HTTPStatus.OK:
            self._told.fault(f"{answer.status} for honest envelopes: {answer.body}")
            return None
        answers: list[Any] = answer.body["answers"]
        if not settled:
            self._learn(answers)
        return answers

    def _learn(self, answers: list[Any]) -> None:
        for answer in answers:
            envelope = self.waiting.get(answer["id"])
            if envelope is None:
                continue
            if answer["outcome"] not in HONEST:
                self._told.fault(f"{answer['outcome']} {answer['code']} for {answer['id']}")
                del self.waiting[answer["id"]]
            elif answer["outcome"] in SETTLED:
                self._settle(envelope, answer)

    def _settle(self, envelope: Envelope, answer: Any) -> None:
        try:
            self.device.receipt(envelope, answer)
        except ReceiptForged as forged:
            self._told.fault(f"receipt: {forged}")
        self.settled[answer["id"]] = envelope, answer
        del self.waiting[answer["id"]]
        self._told.count(f"outcome_{answer['outcome']}")


class Desk:
    """Writes what the devices keep; a prescription's code goes from hand to hand like its paper."""

    def __init__(self, country: Country) -> None:
        self._country = country
        self._papers = Papers(country)
        self._guard = threading.Lock()
        self._prescribed: list[tuple[str, str, str]] = []
        self._pharmacies = {each.kid for each in country.pharmacies}
        self._printed = {
            str(each.pk): PrintedPatient(f"{each.first_name} {each.last_name}", each.birth_date)
            for each in Person.objects.all()
        }

    def next(self, software: Any, draw: Random) -> tuple[str, Any, Any]:
        """Return a kind, the body of its document, and what goes beside it in the envelope."""
        with self._guard:
            return self._next(software, draw)

    def _next(self, software: Any, draw: Random) -> tuple[str, Any, Any]:
        if software.kid in self._pharmacies:
            return self._dispensing(software, draw)
        if draw.random() < 0.5:
            return "care_claim", software.signed(self._papers.care(draw, software)), {}
        return self._prescription(software, draw)

    def _prescription(self, doctor: Any, draw: Random) -> tuple[str, Any, Any]:
        patient = draw.choice(self._country.patients)
        number = doctor.mint()
        document = papers.prescription(doctor, patient, number)
        body = doctor.signed(document, self._printed[patient])
        self._prescribed.append((number, patient, body["code"]))
        return "prescription", body, {}

    def _dispensing(self, shop: Any, draw: Random) -> tuple[str, Any, Any]:
        """Hand over what a paper asks, a fresh one as a rule; without a paper, one is written first."""
        while not self._prescribed:
            self._prescription(draw.choice(self._country.doctors), draw)
        again = draw.random() < 0.05
        place = draw.randrange(len(self._prescribed))
        taken = self._prescribed[place] if again else self._prescribed.pop(place)
        number, patient, code = taken
        return "dispensing", shop.signed(papers.dispensing(shop, patient, number)), {"code": code}
